"""Written pieces, with what their neighbours need to know to put brackets where they must stand."""

from __future__ import annotations

from dataclasses import dataclass

#: how tightly a piece of text holds together
ADD, HADAMARD, MUL, ATOM = 1, 2, 3, 4


@dataclass(frozen=True)
class Piece:
    """Text with what a neighbour needs to know of it.

    `greedy`: swallows the factors written after it (`Σₖ aₖ`, `log x`).  `slash`: a quotient written
    on one line.  `scripted`: its superscript is taken.  `word`: begins with a word.  `caret`: ends in an
    exponent on the line.
    """

    text: str
    level: int = ATOM
    greedy: bool = False
    slash: bool = False
    scripted: bool = False
    word: bool = False
    caret: bool = False


__all__ = ["ADD", "ATOM", "HADAMARD", "MUL", "Piece"]
