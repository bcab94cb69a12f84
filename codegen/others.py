"""A sum of shifted exponentials less its greatest term, which is 1: log Σₖ eₖ = log(1 + Σ of the others).

Where one term is nearly the whole sum, its logarithm is nearly 0, and what the others add has no digit in 1 + it.
"""

from __future__ import annotations

from functools import cached_property

from codegen.simplify import total
from derive.terms import MINUS_ONE, ONE, Fn, Shape, Sum, Term, node


@node
class Others(Term):
    """`whole` − 1, for a sum of exponentials whose greatest term is e⁰: the sum of all the others."""

    whole: Term

    @cached_property
    def shape(self) -> Shape:
        return ()


def spelled_out(whole: Term) -> Term:
    """As it is defined, for the proofs and the equations beside the lines."""
    return total(whole, MINUS_ONE)


def apart(t: Term) -> Term:
    """`t` with the greatest term apart in the logarithms of its sums of shifted exponentials."""
    if isinstance(t, Fn) and t.name == "log" and isinstance(t.args[0], Sum):
        s = t.args[0]
        if s.start == 1 and isinstance(s.body, Fn) and s.body.name == "exp":
            return Fn("log", (total(ONE, Others(s)),))
    if not t.children:
        return t
    children = tuple(apart(c) for c in t.children)
    return t if all(a is b for a, b in zip(children, t.children)) else t.rebuild(children)


__all__ = ["Others", "apart", "spelled_out"]
