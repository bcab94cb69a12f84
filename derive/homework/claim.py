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

    def unread(self) -> Iterator[tuple[str, Place | None, str]]:
        """The definitions and declarations that cannot be read: their beginning, where, and why."""
        for claim in self.claims:
            if claim.error is not None and any(word in claim.claim for word in _INTRODUCING):
                text = " ".join(claim.claim.split())
                short = text if len(text) <= 60 else f"{text[:60]}…"
                yield short, claim.error_place, message(claim.error.code, claim.error.params)


__all__ = ["Claim", "Document", "Section"]
