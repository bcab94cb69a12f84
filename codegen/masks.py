"""Masked exponentials: Σ_{j≠i} exp(u_ij − m_i), where the exponent at j = i is not to be computed.

The shift is the greatest of the exponents that count, so exp(u_ii − m_i) may overflow, and 0 · ∞ is
not 0 in floating point.  (1 − δ_ij) eˣ is one node, 0 where the mask is 0 whatever x is.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property

from codegen.kinks import Kink, spelled_out
from codegen.others import Others
from codegen.others import spelled_out as others_spelled_out
from codegen.simplify import product, rebuilt, total
from codegen.wide import Narrow, Wide
from derive.terms import Add, Delta, Fn, Mul, Shape, Term, node


@node
class Masked(Term):
    """`mask` · `body`, for a mask that is 0 or 1; `body` counts where it is 1 only."""

    mask: Term
    body: Term

    @cached_property
    def shape(self) -> Shape:
        return ()


def symmetric(t: Term) -> Term:
    """`t` with δ_ij and δ_ji written in one way."""
    if isinstance(t, Delta):
        return Delta(*sorted((t.left, t.right), key=str))
    return t.rebuild(tuple(symmetric(c) for c in t.children)) if t.children else t


def masked(t: Term, guards: Callable[[Sequence[Term], Sequence[Term]], list[Term]]) -> Term:
    """The term with its masked exponentials made nodes; `guards(factors, exponentials)` tells their masks."""
    children = tuple(masked(c, guards) for c in t.children)
    if isinstance(t, Mul):
        exponentials = [c for c in children if isinstance(c, Fn) and c.name == "exp"]
        masks = guards([c for c in children if c not in exponentials], exponentials) if exponentials else []
        if masks:
            rest = [c for c in children if c not in (*masks, *exponentials)]
            return product(*rest, Masked(product(*masks), product(*exponentials)))
    if all(a is b for a, b in zip(children, t.children)):
        return t
    return t.rebuild(children) if isinstance(t, Masked) else rebuilt(t, children)


def unmasked(t: Term) -> Term:
    """The term with plain products again, of numbers without a precision."""
    if isinstance(t, (Wide, Narrow)):
        return unmasked(t.body)
    children = tuple(unmasked(c) for c in t.children)
    if isinstance(t, Others):
        return others_spelled_out(*children)
    if isinstance(t, Add) and any(isinstance(c, Others) for c in t.children):
        return total(*children)
    if isinstance(t, Kink):
        return spelled_out(t.kind, *children)
    if isinstance(t, Masked):
        return product(*children)
    return t if not children else t.rebuild(children)
