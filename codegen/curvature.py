"""Which second derivatives of a scalar become functions: Hessians by vectors and scalars, products by all."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from codegen.spelling import spelled
from derive.context import Context
from derive.gradient.hessian import hessian, product
from derive.kernel import Theorem
from derive.names import python_names
from derive.terms import Var


def functions(
    context: Context, scalar: Var, wrt: Sequence[Var], name: str
) -> Iterator[tuple[str, dict[str, Theorem], str]]:
    """(function, its theorem, first line of its docstring) for every variable."""
    identifiers = spelled(context)
    for w in wrt:
        short = identifiers[w.name]
        made = product(context, scalar, w)
        if len(w.shape) < 2:
            label = f"hess_{name}_{short}"
            yield label, {label: hessian(context, scalar, w, known=made).theorem}, ""
        if made.theorem is not None:
            label = f"hvp_{name}_{short}"
            v = python_names([made.direction.name])[made.direction.name]
            doc = f"The Hessian of {name} by {short} times {v} (the last argument, of {short}'s shape)"
            yield label, {label: made.theorem}, doc


__all__ = ["functions"]
