"""The matrix on the other side of a push-through: cI + BA for cI + AB.

A(cI + BA) = (cI + AB)A, so an equation with (cI + AB)⁻¹ in it may be settled by multiplication by cI + BA.
Nothing here is trusted.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from functools import reduce

from derive.context import Context
from derive.terms import ONE, Add, Eye, MatMul, Mul, Term, TermError, Var, add, matmul_factors, mul


def partners(context: Context, matrix: Term) -> Iterator[Term]:
    """cI + BA for each way to read the matrix as cI + AB."""
    parts = list(_summands(context, matrix, ONE))
    products = [(scale, t) for scale, t in parts if isinstance(t, MatMul)]
    units = [scale for scale, t in parts if isinstance(t, Eye)]
    if len(products) != 1 or not units or len(units) + 1 != len(parts):
        return
    ((scale, product),) = products
    factors = matmul_factors(product)
    for k in range(1, len(factors)):
        with suppress(TermError):
            turned = reduce(MatMul, [*factors[k:], *factors[:k]])
            if turned != product and len(turned.shape) == 2 and turned.shape[0] == turned.shape[1]:
                unit = Eye(turned.shape[0])
                yield reduce(add, (mul(c, unit) for c in units), mul(scale, turned))


def _summands(context: Context, t: Term, scale: Term) -> Iterator[tuple[Term, Term]]:
    """(c, M) with t = Σ c M, in the words of the definitions of matrices."""
    if isinstance(t, Add):
        for part in t.args:
            yield from _summands(context, part, scale)
    elif isinstance(t, Mul) and [x.shape for x in t.args if x.shape] == [t.shape]:
        (matrix,) = (x for x in t.args if x.shape)
        yield from _summands(context, matrix, reduce(mul, (x for x in t.args if not x.shape), scale))
    elif isinstance(t, Var) and (found := context.definitions.get(t.name)) is not None and not found.params:
        yield from _summands(context, found.body, scale)
    else:
        yield scale, t



__all__ = ["partners"]
