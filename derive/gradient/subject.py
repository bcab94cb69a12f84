"""Which scalar of a document is meant, and by what it is differentiated; names as written, in LaTeX or in Python."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from derive.context import Context, Definition, written
from derive.diagnostics.rows import safe
from derive.files import read_text
from derive.homework.document import Document, Place, read_document
from derive.names import GREEK, latex_of, python_of
from derive.terms import Var

_MOST_NAMES = 20
_COMMAND = re.compile(r"\\([A-Za-z]+)")

class NotFound(Exception):
    """A name that the document does not give; the message says what it gives."""


@dataclass(frozen=True)
class Subject:
    """A scalar definition of a document, in the context at the end of its section."""

    context: Context
    definition: Definition
    place: Place | None

    @property
    def scalar(self) -> Var:
        return self.definition.var


def read(path: Path) -> Document:
    """Raises `OSError` or `Unreadable`."""
    return read_document(read_text(str(path)), str(path))


def subject(document: Document, name: str, section: str | None = None) -> Subject:
    """The scalar definition that is called `name` (as written, in LaTeX, or in Python)."""
    places = {id(d): p for d, _, p in document.definitions}
    found: dict[int, Subject] = {}
    scalars: dict[str, None] = {}
    for part in document.sections:
        if section is not None and part.title.strip() != section.strip():
            continue
        for d in part.context.definitions.values():
            if d.body.shape or d.local:
                continue
            scalars[written(d.name)] = None
            if _called(d.name, name):
                found.setdefault(id(d), Subject(part.context, d, places.get(id(d))))
    if not found:
        listed = f"no scalar is defined as {name}; the scalars are {_listed(scalars)}"
        raise NotFound("".join([listed, *_unread(document)]))
    if len(found) > 1:
        raise NotFound(f"{name} is defined {len(found)} times; choose one with --section HEADING")
    only = next(iter(found.values()))
    unread = _unread(document, only.context)  # a name may have a meaning of its own: I, e, π
    if unread:
        raise NotFound("".join([f"the document of {name} cannot be read whole", *unread]))
    return only


def _unread(document: Document, seen_from: Context | None = None) -> list[str]:
    return [
        f"\n  --> {place.line}:{place.column}\n   = `{safe(text)}` cannot be read: {why}"
        for text, place, why in document.unread(seen_from) if place is not None
    ]  # fmt: skip


def variable(context: Context, scalar: Var, name: str) -> Var:
    """The declared or defined name by which `scalar` is differentiated."""
    reached = context.reachable(scalar)
    known = [d.var for d in context.declarations.values() if d.name in reached]
    known += [d.var for d in context.definitions.values() if d.name in reached and not d.local and d.var != scalar]
    for letter in (name, {"ε": "ϵ", "φ": "ϕ"}.get(name, name)):  # a keyboard has one of each pair
        for v in known:
            if _called(v.name, letter):
                return v
    bare = [v for v in known if _called(written(v.name).split("^{(")[0], name)]
    if len(bare) == 1:  # the family by its letter
        return bare[0]
    listed = _listed([written(v.name) for v in known], "nothing")
    raise NotFound(f"{written(scalar.name)} does not depend on {name}; it depends on {listed}")


def _listed(names: Iterable[str], none: str = "none") -> str:
    found = list(names)
    return ", ".join(found[:_MOST_NAMES] + ["…"] * (len(found) > _MOST_NAMES)) or none


def _called(name: str, wish: str) -> bool:
    plain, letters = written(name), _COMMAND.sub(lambda m: GREEK.get(m[1], m[0]), wish)
    return wish in (python_of(name), latex_of(name), latex_of(name).lstrip("\\")) or plain in (wish, letters)


# -- what stands in a formula ------------------------------------------------------------------------------


__all__ = ["NotFound", "Subject", "read", "subject", "variable"]
