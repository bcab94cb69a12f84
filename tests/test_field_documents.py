"""Documents in the notations of the field (Bishop, CS229, d2l, the Matrix Cookbook, …): each step's verdict."""

import json
from pathlib import Path

import pytest

from derive import check_document

FOLDER = Path(__file__).parent / "documents"
EXPECTED = json.loads((FOLDER / "expected.json").read_text(encoding="utf-8"))


def verdicts(name: str) -> dict[str, str]:
    found: dict[str, str] = {}
    text = (FOLDER / name).read_text(encoding="utf-8")
    for step in check_document(text, file=name, time_limit=30).steps:  # more than enough, on a busy machine too
        found[step.derivation] = found.get(step.derivation, "") + step.verdict[0]
    return found


@pytest.mark.parametrize("name", EXPECTED)
def test_every_step_has_its_verdict(name: str) -> None:
    assert verdicts(name) == EXPECTED[name]


def test_every_listed_document_exists() -> None:
    assert set(EXPECTED) <= {p.name for p in FOLDER.glob("*.md")}
