"""The open homework examples, when they are there: what is proved is what should be."""

import json
import os
from pathlib import Path

import pytest

from derive.homework.document import read_document
from derive.prover import ProofError, prove

FOLDER = Path(os.environ.get("HOMEWORK_DIR", Path(__file__).parents[2] / "shared" / "homework"))
EXPECTED = FOLDER / "expected.json"
CASES = json.loads(EXPECTED.read_text(encoding="utf-8")) if EXPECTED.exists() else {}


@pytest.mark.parametrize("name", CASES)
def test_only_steps_that_should_be_are_proved(name: str) -> None:
    document = read_document((FOLDER / name).read_text(encoding="utf-8"), name)
    wrongly = []
    for title, letters in CASES[name].items():
        claims = [c for c in document.claims if c.derivation == title]
        for claim, letter in zip(claims, letters, strict=True):
            if claim.prop is None or letter == "p":
                continue
            try:
                prove(claim.context, claim.prop)
            except ProofError:
                continue
            wrongly.append((title, claim.step))
    assert wrongly == []
