"""Lines: the equations of a program while they are still terms.

name[axes] = body, or with `over` the maximum of body over those indices (of the entries where
`where` is not 0): the shift of a log-sum-exp, which may be any number, is chosen so.  Of a `coarse`
line an error of an ulp of 1 is no loss: what reads it takes sums and products of it alone.  In a `fine`
line a logarithm that is nearly 0 keeps its digits, for one more pass over the terms of its sum.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from codegen.program import Reason
from derive.binders import substitute
from derive.context import Context
from derive.names import compose
from derive.terms import Entry, Index, Term, Var


@dataclass(frozen=True)
class Line:
    name: str
    axes: tuple[Index, ...]
    body: Term
    equation: str
    reason: Reason
    over: tuple[Index, ...] = ()
    where: Term | None = None
    coarse: bool = False
    fine: bool = False

    @property
    def var(self) -> Var:
        return Var(self.name, tuple(i.size for i in self.axes))

    def read(self, at: tuple[Index, ...] | None = None) -> Term:
        """The term that reads this line at the given indices (its own axes if none are given)."""
        at = self.axes if at is None else at
        return Entry(self.var, at) if self.axes else self.var


def moved(t: Term, source: tuple[Index, ...], target: tuple[Index, ...]) -> Term:
    """`t` at other indices."""
    return substitute(t, dict(zip(source, target)))


def reads(line: Line) -> list[str]:
    """The names that a line reads, in order of appearance."""
    terms = [line.body] + ([line.where] if line.where is not None else [])
    return list(dict.fromkeys(n.name for t in terms for n in t.walk() if isinstance(n, Var)))


#: a name that can be given a number as its subscript
_PLAIN = re.compile(r"[^\W\d_]+")


class Names:
    """Names for new lines, none of which is in use: q, q₂, q₃."""

    def __init__(self, context: Context, taken: set[str] | None = None) -> None:
        self.taken = set(taken or ()) | context.declarations.keys() | context.definitions.keys()
        self.taken |= set(context.functions)

    def new(self, wish: str) -> str:
        made, count = wish, 1
        while made in self.taken:
            count += 1
            made = compose(wish, subscript=str(count)) if _PLAIN.fullmatch(wish) else f"{wish}@{count}"
        self.taken.add(made)
        return made
