"""Documents in the notations of the field (Bishop, CS229, d2l, the Matrix Cookbook, …): each step's verdict."""

import json
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import pytest

from derive import check_document

FOLDER = Path(__file__).parent / "documents"
EXPECTED = json.loads((FOLDER / "expected.json").read_text(encoding="utf-8"))


def verdicts(name: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for step in check_document((FOLDER / name).read_text(encoding="utf-8"), file=name).steps:
        found[step.derivation] = found.get(step.derivation, "") + step.verdict[0]
    return found


@pytest.fixture(scope="module")
def judged() -> Iterator[dict[str, dict[str, str]]]:
    with ProcessPoolExecutor() as pool:
        yield dict(zip(EXPECTED, pool.map(verdicts, EXPECTED), strict=True))


@pytest.mark.parametrize("name", EXPECTED)
def test_every_step_has_its_verdict(name: str, judged: dict[str, dict[str, str]]) -> None:
    assert judged[name] == EXPECTED[name]


def test_every_listed_document_exists() -> None:
    assert set(EXPECTED) <= {p.name for p in FOLDER.glob("*.md")}
