"""Documents in the notations of the field (Bishop, CS229, d2l, the Matrix Cookbook, …): each step's verdict."""

import json
from pathlib import Path

import pytest

from derive import check_document

FOLDER = Path(__file__).parent / "documents"
EXPECTED = json.loads((FOLDER / "expected.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", EXPECTED)
def test_every_step_has_its_verdict(name: str) -> None:
    report = check_document((FOLDER / name).read_text(encoding="utf-8"), file=name)
    found: dict[str, str] = {}
    for step in report.steps:
        found[step.derivation] = found.get(step.derivation, "") + step.verdict[0]
    expected = EXPECTED[name]
    assert {title: found.get(title, "") for title in expected} == expected
    assert sum(map(len, expected.values())) == len(report.steps)


def test_every_document_is_listed() -> None:
    assert sorted(EXPECTED) == sorted(p.name for p in FOLDER.glob("*.md"))
