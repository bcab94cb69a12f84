"""Sizes that are not known yet: found by unification while a formula is read.

The range of a free index, of `\\sum_k`, of `I` and the label axis of a family start as unknowns, written
`?1`, `?2`, …; shapes that must agree bind them.  `settle` puts what was found into a term.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields, is_dataclass, replace
from typing import Any

from derive.terms import Index, Shape, Size, Term


def unknown(size: Size) -> bool:
    """Is the size one that is not known yet?"""
    return any(name.startswith("?") for name in size.names)


@dataclass
class Sizes:
    """`bound` leads from unknowns to sizes; unknowns outlive a formula where a declaration has one.

    `letters`: the index that told of an unknown, where it was one.
    """

    bound: dict[str, Size] = field(default_factory=dict)
    count: int = 0
    letters: dict[str, str] = field(default_factory=dict)

    def fresh(self, letter: str = "") -> Size:
        self.count += 1
        made = Size.named(f"?{self.count}")
        self.letters[made.names[0]] = letter
        return made

    def name(self, size: Size, taken: set[str]) -> None:
        """A size that nothing tells is any size: an unknown gets a name that is not taken."""
        size = self.resolve(size)
        if unknown(size):
            letter = self.letters.get(size.names[0], "").upper()
            first = letter if len(letter) == 1 else "N"
            name = next(n for n in (first + "′" * k for k in range(len(taken) + 1)) if n not in taken)
            taken.add(name)
            self.bound[size.names[0]] = Size.named(name)

    def resolve(self, size: Size) -> Size:
        while unknown(size) and size.names[0] in self.bound:
            size = self.bound[size.names[0]]
        return size

    def shape(self, shape: Shape) -> Shape:
        return tuple(map(self.resolve, shape))

    def unify(self, left: Size, right: Size) -> bool:
        """Makes two sizes equal if they can be."""
        left, right = self.resolve(left), self.resolve(right)
        if left == right:
            return True
        for a, b in ((left, right), (right, left)):
            if unknown(a):
                self.bound[a.names[0]] = b
                return True
        return False

    def agree(self, left: Shape, right: Shape) -> bool:
        return len(left) == len(right) and all(self.unify(a, b) for a, b in zip(left, right))

    def settle_all(self, value: Any) -> Any:
        """A proposition, definition or other record with the sizes found so far in all its terms."""
        if isinstance(value, Term):
            return self.settle(value)
        if isinstance(value, tuple):
            parts = tuple(self.settle_all(v) for v in value)
            return value if all(a is b for a, b in zip(parts, value)) else parts
        if is_dataclass(value) and not isinstance(value, type):
            made = {f.name: self.settle_all(getattr(value, f.name)) for f in fields(value)}
            return replace(value, **made) if any(made[f] is not getattr(value, f) for f in made) else value
        return value

    def settle(self, term: Term) -> Term:
        """`term` with the sizes found so far."""
        if not any(map(_open, term.walk())):
            return term
        return self._settled(term, {})

    def _settled(self, term: Term, done: dict[int, Term]) -> Term:
        if id(term) in done:
            return done[id(term)]
        made: Term = type(term)(*(self._value(getattr(term, f.name), done) for f in fields(term)))
        done[id(term)] = made
        return made

    def _value(self, value: Any, done: dict[int, Term]) -> Any:
        if isinstance(value, Term):
            return self._settled(value, done)
        if isinstance(value, Size):
            return self.resolve(value)
        if isinstance(value, Index):
            return Index(value.name, self.resolve(value.size))
        if isinstance(value, tuple):
            return tuple(self._value(v, done) for v in value)
        return value


def _open(term: Term) -> bool:
    """Has the node itself an unknown size?"""
    for f in fields(term):
        value = getattr(term, f.name)
        for part in value if isinstance(value, tuple) else (value,):
            size = part.size if isinstance(part, Index) else part
            if isinstance(size, Size) and unknown(size):
                return True
    return False
