"""Which second derivatives of a scalar become functions: Hessians by vectors and scalars, products by all."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass

from codegen.spelling import spelled
from derive.clock import now
from derive.context import Context, written
from derive.gradient.derivation import GradientError, Gradients
from derive.gradient.hessian import hessian, jointly, product
from derive.kernel import Theorem
from derive.names import python_names
from derive.terms import Var

#: seconds for a closed form; beyond, the Hessian is made of products
CLOSED_FORM = 8.0


@dataclass(frozen=True)
class Second:
    """A function for the second derivative by `variable`, or for its product with `direction`.

    With no theorem of its own, a Hessian is made of the products of the function `columns`."""

    label: str
    theorem: Theorem | None
    variable: str
    direction: str = ""
    doc: str = ""
    columns: str = ""
    #: holds also where what is assumed of the variable does not, unlike the function of the gradient
    across: bool = False


def functions(context: Context, first: Gradients, wrt: Sequence[Var], name: str) -> Iterator[Second]:
    """What is compiled for each of the variables of those gradients; all names are identifiers.

    Where the gradient by w does not contain w there is no product, and no Hessian if it is not proved to be 0."""
    scalar, identifiers = first.scalar, spelled(context)
    for w in wrt:
        short = identifiers[w.name]
        made = product(context, scalar, w, first=first)
        label = f"hvp_{name}_{short}"
        if made.theorem is not None:
            v = python_names([made.direction.name])[made.direction.name]
            form = f"{written(made.form.name)} = ⟨{v}, ∂{written(scalar.name)}/∂{written(w.name)}⟩"
            doc = f"The Hessian of {name} by {short} times {v} (the last argument, of {short}'s shape): {form}"
            yield Second(label, made.theorem, short, v, doc, across=made.across)
        if len(w.shape) < 2:
            theorem: Theorem | None = None
            with suppress(GradientError):
                until = now() + CLOSED_FORM if made.theorem is not None else None
                theorem = hessian(context, scalar, w, deadline=until, known=made, convexity=False).theorem
            if theorem is not None or made.theorem is not None:
                yield Second(f"hess_{name}_{short}", theorem, short, columns=label, across=made.across)


@dataclass(frozen=True)
class Together:
    """The function for the product of the Hessian by all variables with a direction for each: a result for each."""

    label: str
    theorems: dict[str, Theorem]
    directions: tuple[str, ...]
    doc: str


def together(context: Context, first: Gradients, wrt: Sequence[Var], name: str) -> Together:
    """What a Newton step by conjugate gradients needs, in one function; `directions` are terms' names."""
    scalar, identifiers = first.scalar, spelled(context)
    made = jointly(context, scalar, wrt, first=first)
    label = f"hvp_{name}"
    theorems = {f"{label}_{identifiers[w]}": t for w, t in made.theorems.items()}
    pairs = " + ".join(f"⟨{written(v.name)}, ∂{written(scalar.name)}/∂{written(w.name)}⟩"
                       for w, v in zip(made.variables, made.directions))  # fmt: skip
    by = ", ".join(identifiers[w.name] for w in wrt)
    doc = f"The Hessian of {name} by {by} together times a direction for each (the last arguments)"
    doc = f"{doc}: {written(made.form.name)} = {pairs}"
    return Together(label, theorems, tuple(v.name for v in made.directions), doc)


__all__ = ["Second", "Together", "functions", "together"]
