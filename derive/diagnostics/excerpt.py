"""Lines of the document with their numbers and with marks under the parts that matter."""

from __future__ import annotations

from dataclasses import dataclass

from derive.diagnostics.rows import Piece, Row, visible
from derive.homework.place import Place

_MOST_LINES = 6  # of one mark; the lines in its middle are left out
_BEFORE = 12  # cells kept in front of a mark on a line that is too long


@dataclass(frozen=True)
class Mark:
    """A part of the document to underline with `sign`; `style` is that of `rows.STYLES`."""

    place: Place
    sign: str
    label: str
    style: str


@dataclass(frozen=True)
class _Stroke:
    """A mark's part on one line: character positions [first, last), the label on the last line only."""

    first: int
    last: int
    mark: Mark
    label: str


def excerpt(lines: list[str], marks: list[Mark], gutter: int, width: int) -> list[Row]:
    """The marked lines; `gutter` is the width of the line numbers, `width` that of the whole."""
    strokes: dict[int, list[_Stroke]] = {}
    for mark in marks:
        _spread(lines, mark, strokes)
    rows: list[Row] = []
    previous = 0
    for number in sorted(strokes):
        if previous and number == previous + 2 and lines[previous].strip():
            rows.append(_source(gutter, number - 1, _Line(lines[previous], [], width - gutter - 3)))
        elif previous and number > previous + 1:
            rows.append([("...", "frame")])
        previous = number
        line = _Line(lines[number - 1], strokes[number], width - gutter - 3)
        rows.append(_source(gutter, number, line))
        rows += [[(f"{'':{gutter}} | ", "frame"), *row] for row in line.under()]
    return rows


def _source(gutter: int, number: int, line: _Line) -> Row:
    return [(f"{number:>{gutter}} | ", "frame"), (line.text, "")]


def _spread(lines: list[str], mark: Mark, strokes: dict[int, list[_Stroke]]) -> None:
    place = mark.place
    numbers = [n for n in range(place.line, place.end_line + 1) if 0 < n <= len(lines)]
    pieces = []
    for n in numbers:
        text = lines[n - 1]
        first = place.column - 1 if n == place.line else 0
        last = place.end_column - 1 if n == place.end_line else len(text)
        part = text[first:last]
        first += len(part) - len(part.lstrip(" \t&"))
        last = max(first + 1, first + len(text[first:last].rstrip()))
        if part.strip() or len(numbers) == 1:
            pieces.append((n, first, last))
    if len(pieces) > _MOST_LINES:
        pieces = pieces[: _MOST_LINES // 2] + pieces[-(_MOST_LINES // 2) :]
    for k, (n, first, last) in enumerate(pieces):
        label = mark.label if k == len(pieces) - 1 else ""
        strokes.setdefault(n, []).append(_Stroke(first, last, mark, label))


class _Line:
    """One source line as it is shown, cut to `room` cells around its strokes."""

    def __init__(self, text: str, strokes: list[_Stroke], room: int) -> None:
        cells = list(visible(text))
        starts = [0]
        for _, size in cells:
            starts.append(starts[-1] + size)
        self.starts = starts
        self.strokes = sorted(strokes, key=lambda s: s.first)
        self.offset, self.end, self.before = 0, starts[-1], ""
        kept = cells
        if starts[-1] > room:
            first = min((s.first for s in strokes), default=0)
            low = 0
            while low < first and starts[first] - starts[low] > _BEFORE and starts[-1] - starts[low] > room:
                low += 1
            high = low
            while high < len(cells) and starts[high + 1] - starts[low] <= room - 2:
                high += 1
            self.before = "…" if low else ""
            self.offset, self.end = starts[low] - len(self.before), starts[high]
            kept = cells[low:high]
        after = "…" if self.end < starts[-1] else ""
        self.text = self.before + "".join(shown for shown, _ in kept) + after

    def column(self, position: int) -> int:
        """The cell, from the left of the shown text, of a character of the line."""
        beyond = position - (len(self.starts) - 1)
        cell = self.starts[min(position, len(self.starts) - 1)] + max(0, beyond)
        return max(len(self.before), min(cell, self.end + max(0, beyond)) - self.offset)

    def under(self) -> list[list[Piece]]:
        """The strokes, then the labels: the rightmost beside its stroke, the others below."""
        row: list[Piece] = []
        at = 0
        open_labels: list[tuple[int, str, str]] = []
        last = len(self.strokes) - 1
        for k, stroke in enumerate(self.strokes):
            a = max(at, self.column(stroke.first))
            b = max(a + 1, self.column(stroke.last))
            row += [(" " * (a - at), ""), (stroke.mark.sign * (b - a), stroke.mark.style)]
            at = b
            if stroke.label and k == last:
                row.append((f" {stroke.label}", stroke.mark.style))
            elif stroke.label:
                open_labels.append((a, stroke.label, stroke.mark.style))
        rows = [row]
        while open_labels:
            *others, (column, label, style) = open_labels
            for text in ("|", label):
                made: list[Piece] = []
                at = 0
                for c, _, other in others:
                    made += [(" " * (c - at), ""), ("|", other)]
                    at = c + 1
                rows.append([*made, (" " * (column - at), ""), (text, style)])
            open_labels = others
        return rows
