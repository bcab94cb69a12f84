"""What a document says, once it is read: claims, sections and definitions with their places."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from derive.context import Context, Definition
from derive.homework.again import Written
from derive.homework.place import Place
from derive.latex.errors import Problem
from derive.messages import message
from derive.props import Prop

_INTRODUCING = (":=", "\\coloneqq", "\\triangleq", "\\mathbb")


@dataclass
class Claim:
    """One step: a pair of sides with the context it is made in, or what cannot be read."""

    file: str
    line: int
    column: int
    end_line: int
    end_column: int
    derivation: str
    step: int
    claim: str
    context: Context
    prop: Prop | None = None
    error: Problem | None = None
    error_place: Place | None = None
    left: Place | None = None
    right: Place | None = None
    reason: str = ""
    expect: str = ""
    written: Written | None = None
    #: in a chain: this line against the one before the previous one
    above: Prop | None = None
    #: what cannot be read would be a declaration or an assumption
    introduces: bool = False


@dataclass
class Section:
    """A heading with the context at its end."""

    title: str
    level: int
    context: Context


@dataclass
class Document:
    file: str
    text: str
    claims: list[Claim] = field(default_factory=list)
    sections: list[Section] = field(default_factory=list)
    #: (definition, the heading above it, where its left side stands)
    definitions: list[tuple[Definition, str, Place]] = field(default_factory=list)

    def unread(self, seen_from: Context | None = None) -> Iterator[tuple[str, Place | None, str]]:
        """The definitions, declarations and assumptions that cannot be read: their beginning, where, and why.

        `seen_from` the section with this context: those under it and under the headings above it.
        """
        seen = None if seen_from is None else self._seen(seen_from)
        for claim in self.claims:
            introduces = claim.introduces or any(word in claim.claim for word in _INTRODUCING)
            if claim.error is not None and introduces and (seen is None or id(claim.context) in seen):
                text = " ".join(claim.claim.split())
                short = text if len(text) <= 60 else f"{text[:60]}…"
                yield short, claim.error_place, message(claim.error.code, claim.error.params)

    def _seen(self, context: Context) -> set[int]:
        found: set[int] = set()
        level = None
        for section in reversed(self.sections):
            if section.context is context if level is None else section.level < level:
                found.add(id(section.context))
                level = section.level
        return found


__all__ = ["Claim", "Document", "Section"]
