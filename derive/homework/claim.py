"""What a document says, once it is read: claims, sections and definitions with their places."""

from __future__ import annotations

from dataclasses import dataclass, field

from derive.context import Context, Definition
from derive.homework.again import Written
from derive.homework.place import Place
from derive.latex.errors import Problem
from derive.props import Prop


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


__all__ = ["Claim", "Document", "Section"]
