"""The slopes of |u| and max(0, u) in programs: sgn(u) := u/|u| and step(u) := max(0, u)/u without a division.

A program takes 0 for them at u = 0, where they have no value: that is a subgradient of |u| and of max(0, u).
"""

from __future__ import annotations

from functools import cached_property

from derive.context import Definition
from derive.gradient import kinks
from derive.terms import MINUS_ONE, ZERO, Fn, Mul, Pow, Shape, Term, node

#: what the docstring of a function says that computes one
NOTE = "At a kink 0 is taken for sgn and step, as in a subgradient of |u| and max(0, u)."


@node
class Kink(Term):
    """sgn(body) for the `kind` "sign", step(body) for "step"."""

    kind: str
    body: Term

    @cached_property
    def shape(self) -> Shape:
        return ()


def kink(definition: Definition, u: Term) -> Kink | None:
    """The value at u of a function whose definition says u/|u| or max(0, u)/u."""
    kind = kinks.kind(definition)
    return Kink(kind, u) if kind else None


def spelled_out(kind: str, u: Term) -> Term:
    """As it is defined, for the proofs and the equations beside the lines."""
    if kind == "sign":
        return Mul((u, Pow(Fn("abs", (u,)), MINUS_ONE)))
    return Mul((Fn("max", (ZERO, u)), Pow(u, MINUS_ONE)))


__all__ = ["NOTE", "Kink", "kink", "spelled_out"]
