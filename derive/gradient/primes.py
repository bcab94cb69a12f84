"""f′(u) = …, f″(u) = … of a function that a document defines, for every u: what a program computes for them."""

from __future__ import annotations

from contextlib import suppress

from derive.binders import substitute
from derive.clock import now
from derive.context import Context, Declaration
from derive.direct import ProofError, prove_directly
from derive.gradient import kinks
from derive.gradient.constructors import named
from derive.gradient.folding import Folding
from derive.kernel import Theorem
from derive.props import Rel
from derive.terms import Call, Term, Var

#: seconds for the proof of one slope
_SECONDS = 4.0


def slopes(context: Context, t: Term) -> list[Theorem]:
    """Theorems on the slopes that the term needs, those that are proved: log′(u) = 1/u is not for every u."""
    made = []
    for name, order in primed_in(context, t):
        with suppress(ProofError):
            made.append(slope(context, name, order))
    return made


def primed_in(context: Context, t: Term) -> list[tuple[str, int]]:
    """The defined functions of which the term, or a definition that it reaches, holds a slope, with their primes."""
    names = context.reachable(t) & context.definitions.keys()
    calls = [n for body in (t, *(context.definitions[n].body for n in sorted(names)))
             for n in body.walk() if isinstance(n, Call) and n.order and n.name in context.definitions]  # fmt: skip
    return list(dict.fromkeys((n.name, n.order) for n in calls))


def slope(context: Context, name: str, order: int) -> Theorem:
    """Γ ⊢ f^{(order)}(u) = … for any real u, without the assumptions of the context; raises `ProofError`."""
    inner = kinks.prepared(context, Call(name, (Var("u##"),), (), order)).child()
    inner.assumptions = []
    u = inner.declare(Declaration("u##"))
    z, body = Folding(inner).derivative(name, order)
    claim = Rel("=", Call(name, (u,), (), order), named(substitute(body, {}, {z: u})))
    return prove_directly(inner, claim, deadline=now() + _SECONDS)


__all__ = ["primed_in", "slope", "slopes"]
