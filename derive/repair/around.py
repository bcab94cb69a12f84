"""What one edit is, and what it may draw on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from derive.context import Context
from derive.terms import Index, Term, Var


@dataclass(frozen=True)
class Edit:
    """`term` is the whole after the edit; there `place` became `made`.  `what` names the part."""

    kind: str
    term: Term
    place: Term
    made: Term
    what: Term | None = None


@dataclass(frozen=True)
class Around:
    """What an edit may draw on: names of the context, indices in scope, parts of other lines.

    `top`: the place is the whole term or one of its summands, where signs and factors belong; `argument`:
    it is what a function is applied to; `summand`: the sum around it has its own edits; `scaled`: at the top
    up to a number in front.  `loose` are the
    indices that are free in this line alone, `names` those that the claim depends on, `matrices` square ones and
    inverses among them.
    """

    context: Context
    indices: tuple[Index, ...]
    factors: tuple[Term, ...] = ()
    summands: tuple[Term, ...] = ()
    sizes: tuple[Term, ...] = ()
    loose: tuple[Index, ...] = ()
    names: tuple[Var, ...] = ()
    matrices: tuple[Term, ...] = ()
    top: bool = True
    argument: bool = False
    summand: bool = False
    scaled: bool = True


#: how the edited place is built (which may not fit), and the part that the edit is about
Made = tuple[Callable[[], Term], Term | None]
Rule = Callable[[Term, Around], Iterator[Made]]


__all__ = ["Around", "Edit", "Made", "Rule"]
