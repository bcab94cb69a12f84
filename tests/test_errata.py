"""Each erratum is one for the checker too: the printed formula fails, what is put in its place is proved."""

import json

import pytest

from derive.__main__ import main
from derive.checking.documents import check_document
from derive.lecture.errata import ERRATA, Erratum, examined
from derive.messages import LANGUAGES


@pytest.mark.parametrize("erratum", ERRATA, ids=lambda e: e.name)
def test_the_printed_formula_fails_and_the_correction_is_proved(erratum: Erratum) -> None:
    found = examined(erratum, check_document(erratum.document))
    assert found.printed.verdict in ("refuted", "error")
    assert (found.printed.counterexample is not None) == (found.printed.verdict == "refuted")
    assert [step.verdict for step in found.corrected] == ["proved"] * len(found.corrected)
    assert found.confirmed


@pytest.mark.parametrize("name", ["batch-ones", "softmax-matrix", "matrix-loss"])
def test_what_is_no_matter_of_values_is_a_shape_error(name: str) -> None:
    erratum = next(e for e in ERRATA if e.name == name)
    assert check_document(erratum.document).steps[0].code.startswith("D3")


def test_every_erratum_is_told_in_every_language() -> None:
    assert all(set(erratum.why) == set(LANGUAGES) for erratum in ERRATA)


def test_errata_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["errata", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["summary"] == {"errata": len(ERRATA), "confirmed": len(ERRATA)}
    assert {e["printed"]["verdict"] for e in found["errata"]} == {"refuted", "error"}
