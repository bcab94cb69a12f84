"""Lines that no output depends on are dropped."""

from __future__ import annotations

from collections.abc import Mapping

from codegen.lines import Line, Names, reads
from derive.context import Context


def live(lines: list[Line], outputs: Mapping[str, str], context: Context, names: Names) -> list[Line]:
    """The lines that the outputs depend on."""
    needed = set(outputs.values())
    kept: list[Line] = []
    for line in reversed(lines):
        if line.name in needed:
            needed.update(reads(line))
            kept.append(line)
    return kept[::-1]
