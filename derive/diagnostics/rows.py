"""Rows of styled text: what every text output is made of, with or without colour."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Sequence

#: a piece of text and the name of its style, a key of `STYLES`
Piece = tuple[str, str]
Row = Sequence[Piece]

#: style → how rich draws it
STYLES = {
    "": "",
    "error": "bold red",
    "warning": "bold yellow",
    "good": "green",
    "strong": "bold",
    "frame": "blue",
    "this": "bold red",
    "previous": "cyan",
    "label": "cyan",
}


def plain(row: Row) -> str:
    return "".join(text for text, _ in row).rstrip()


def visible(text: str) -> Iterator[tuple[str, int]]:
    """What each character is shown as, with its width in cells.

    A character that a terminal would obey or hide (control, direction mark) is shown as its number.
    """
    if text.isascii() and text.isprintable():
        yield from ((character, 1) for character in text)
        return
    from rich.cells import cell_len

    for character in text:
        if character == "\t":
            yield "    ", 4
        elif unicodedata.category(character) in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp"):
            shown = f"<U+{ord(character):04X}>"
            yield shown, len(shown)
        else:
            yield character, cell_len(character)


def safe(text: str) -> str:
    """The text on one line, without anything that a terminal would obey."""
    return "".join(shown for shown, _ in visible(text.replace("\n", " ")))


def wrapped(parts: Iterable[str], width: int, joint: str = ", ") -> list[str]:
    """The parts joined into lines of at most `width` cells where the parts allow it."""
    from rich.cells import cell_len

    lines: list[str] = []
    for part in parts:
        if lines and cell_len(lines[-1] + joint + part) <= width:
            lines[-1] += joint + part
        else:
            if lines:
                lines[-1] += joint.rstrip()
            lines.append(part)
    return lines
