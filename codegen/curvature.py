"""Which second derivatives of a scalar become functions: Hessians by vectors and scalars, products by all."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from codegen.spelling import spelled
from derive.context import Context
from derive.gradient.hessian import hessian, product
from derive.kernel import Theorem
from derive.names import python_names
from derive.terms import Var


@dataclass(frozen=True)
class Second:
    """A function for the second derivative by `variable`, or for its product with `direction`."""

    label: str
    theorem: Theorem
    variable: str
    direction: str = ""
    doc: str = ""


def functions(context: Context, scalar: Var, wrt: Sequence[Var], name: str) -> Iterator[Second]:
    """What is compiled for every variable; all names are identifiers."""
    identifiers = spelled(context)
    for w in wrt:
        short = identifiers[w.name]
        made = product(context, scalar, w)
        if len(w.shape) < 2:
            label = f"hess_{name}_{short}"
            yield Second(label, hessian(context, scalar, w, known=made, convexity=False).theorem, short)
        if made.theorem is not None:
            label = f"hvp_{name}_{short}"
            v = python_names([made.direction.name])[made.direction.name]
            doc = f"The Hessian of {name} by {short} times {v} (the last argument, of {short}'s shape)"
            yield Second(label, made.theorem, short, v, doc)


__all__ = ["Second", "functions"]
