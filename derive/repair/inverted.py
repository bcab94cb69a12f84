"""Edits of inverses and of factors in a product of matrices."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial, reduce

from derive.repair.around import Around, Made
from derive.terms import MINUS_ONE, Call, Entry, Inverse, MatMul, Mul, Pow, Sum, Term, Var, matmul_factors

#: longer products are left as they are
_LONGEST = 6


def inverted(t: Term, a: Around) -> Iterator[Made]:
    """x y → x/y and back, x/y → y/x; A → A⁻¹ and back."""
    if isinstance(t, Inverse):
        yield (lambda: t.arg), t
    elif isinstance(t, (Var, Call)) and len(t.shape) == 2 and t.shape[0] == t.shape[1]:
        yield partial(Inverse, t), t
    elif isinstance(t, Pow) and t.exponent == MINUS_ONE and a.top:
        yield (lambda: t.base), t
    elif isinstance(t, Mul):
        above = [k for k, x in enumerate(t.args) if isinstance(x, (Var, Entry, Call, Sum, MatMul)) and not x.shape]
        below = [k for k, x in enumerate(t.args) if isinstance(x, Pow) and x.exponent == MINUS_ONE]
        for k in (*above, *below):
            yield partial(_turned, t, (k,)), t.args[k]
        for i in above:
            for j in below:
                yield partial(_turned, t, (i, j)), None
    elif isinstance(t, (Var, Entry, Call, Sum)) and not t.shape and a.top:
        yield partial(Pow, t, MINUS_ONE), t


def _turned(t: Mul, places: tuple[int, ...]) -> Term:
    """The product with these factors inverted."""
    args = list(t.args)
    for k in places:
        x = args[k]
        args[k] = x.base if isinstance(x, Pow) else Pow(x, MINUS_ONE)
    return Mul(tuple(args))


def matrix_factors(t: MatMul, a: Around) -> Iterator[Made]:
    """A B C → A C, and A C → A B C with a square matrix B of the claim or its inverse."""
    chain = matmul_factors(t)
    if len(chain) > _LONGEST:
        return
    for k in range(len(chain)):
        rest = chain[:k] + chain[k + 1 :]
        yield partial(reduce, MatMul, rest), chain[k]
    for b in a.matrices:
        for k in range(len(chain) + 1):
            yield partial(reduce, MatMul, [*chain[:k], b, *chain[k:]]), b



__all__ = ["inverted", "matrix_factors"]
