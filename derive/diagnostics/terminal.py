"""Rows on standard output: coloured by rich in a terminal, plain text elsewhere."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from derive.diagnostics.rows import STYLES, Row, plain

if TYPE_CHECKING:
    from rich.console import Console

#: cells in a line where the output is not a terminal
WIDTH = 120


class Printer:
    """`color` is "auto" (a terminal, unless NO_COLOR is set), "always" or "never"."""

    def __init__(self, color: str = "auto") -> None:
        terminal = sys.stdout.isatty() and os.environ.get("TERM") != "dumb"
        coloured = color == "always" or (color == "auto" and terminal and not os.environ.get("NO_COLOR"))
        self.width = WIDTH
        if terminal:
            self.width = max(40, os.get_terminal_size(sys.stdout.fileno()).columns)
        self._console = _console(self.width) if coloured else None

    def row(self, row: Row) -> None:
        if self._console is None:
            print(plain(row))
            return
        from rich.text import Text

        made = Text.assemble(*((text, STYLES[style]) for text, style in row), no_wrap=True, end="")
        made.rstrip()
        self._console.print(made, soft_wrap=True)


def _console(width: int) -> Console:
    from rich.console import Console

    return Console(force_terminal=True, width=width, highlight=False, no_color=False, color_system="standard")
