"""Every document with one slip, in its terms and in its text: what is false by the evaluator is not proved.

A share of the mutants runs here; `DERIVE_MUTANTS=all` runs every one.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path

import pytest
from mutants import ALL, Mutant, judged, structural

from derive.homework.document import Claim, read_document

HERE = Path(__file__).parent / "documents"
FOLDERS = [HERE, *(f for f in [Path(__file__).parents[2] / "shared" / "homework"] if f.is_dir())]
#: of each proved step, at most so many mutants of its text; and one of its terms, of every eighth one more
TEXT = None if ALL else 1

#: the claims are shared out over so many tests
PARTS = 4

#: slips of the pen: what is written, and what it becomes
SLIPS: list[tuple[str, str, str]] = [
    ("sign", r"(?<![{^_(=])\s-\s", " + "),
    ("sign", r"\s\+\s", " - "),
    ("transpose", r"\^(\\top|T\b|\{\\top\}|\{T\})", ""),
    ("1/N", r"\\frac\{?1\}?\{?N\}?", ""),
    ("half", r"\\frac\{?1\}?\{?2\}?", ""),
    ("factor", r"(?<![\^_\d{.])2(?![\d}])", "3"),
    ("power", r"\^\{?2\}?", "^3"),
    ("relation", r"\\(le|leq)\b", r"\\ge"),
    ("relation", r"\\(ge|geq)\b", r"\\le"),
    ("function", r"\\log\b", r"\\exp"),
    ("function", r"\\exp\b", r"\\cosh"),
    ("prime", r"f'\(", "f("),
    ("complement", r"\(1 - ", "(2 - "),
    ("index", r"_\{?k\}?(?![a-z])", "_1"),
    ("inverse", r"\^\{-1\}", "^2"),
]


def documents() -> Iterator[tuple[str, str, dict[str, str]]]:
    for folder in FOLDERS:
        for name, verdicts in json.loads((folder / "expected.json").read_text(encoding="utf-8")).items():
            yield name, (folder / name).read_text(encoding="utf-8"), verdicts


def textual(text: str, claim: Claim, turn: int) -> Iterator[Mutant]:
    """The document with one slip in the right side of this claim, read again."""
    if claim.right is None:
        return
    lines = text.splitlines(keepends=True)
    place = claim.right
    start = sum(map(len, lines[: place.line - 1])) + place.column - 1
    end = sum(map(len, lines[: place.end_line - 1])) + place.end_column - 1
    side = text[start:end]
    slips = SLIPS[turn % len(SLIPS) :] + SLIPS[: turn % len(SLIPS)]
    for kind, pattern, becomes in slips:
        for found in re.finditer(pattern, side):
            made = side[: found.start()] + found.expand(becomes) + side[found.end() :]
            for again in read_document(text[:start] + made + text[end:], claim.file).claims:
                same = (again.derivation, again.step) == (claim.derivation, claim.step)
                if same and again.prop is not None and again.prop != claim.prop:
                    yield Mutant(f"{claim.file}: {claim.derivation}, step {claim.step}: {made}", kind,
                                 again.context, again.prop)  # fmt: skip


def proved() -> Iterator[tuple[str, Claim]]:
    """The claims that should be proved, each with the text of its document."""
    for name, text, verdicts in documents():
        for claim in read_document(text, name).claims:
            if claim.prop is not None and verdicts.get(claim.derivation, "")[claim.step - 1 : claim.step] == "p":
                yield text, claim


def mutants(part: int) -> Iterator[Mutant]:
    """Of every so many-th claim."""
    for turn, (text, claim) in islice(enumerate(proved()), part, None, PARTS):
        assert claim.prop is not None
        label = f"{claim.file}: {claim.derivation}, step {claim.step}"
        terms = None if ALL else 1 + (turn // PARTS % 8 == 0)
        yield from islice(structural(claim.context, claim.prop, label, turn), terms)
        yield from islice(textual(text, claim, turn), TEXT)


@pytest.mark.parametrize("part", range(PARTS))
def test_no_mutant_that_is_false_is_proved(part: int, record_property: Callable[[str, object], None]) -> None:
    tally = judged(mutants(part))
    record_property("mutants", ("the documents", dict(tally.false), dict(tally.found)))
    assert tally.wrong == []
    assert tally.false.total() >= 1000 / PARTS
    assert tally.found.total() >= 0.98 * tally.false.total(), tally.open
