"""The lecture as a homework: every displayed formula is read, and holds unless `derive errata` says otherwise."""

from pathlib import Path

from derive.checking.documents import judged
from derive.homework.document import read_document
from derive.lecture.errata import ERRATA, Erratum
from derive.report import StepReport

TEXT = (Path(__file__).parent / "documents" / "lecture.md").read_text(encoding="utf-8")
#: sections of what does not hold as printed → the erratum that says so (the slices of a batch are prose)
PRINTED = {
    "定数の差": "log-posterior",
    "雑音": "logit-noise",
    "積の添字": "product-index",
    "ソフトマックス": "softmax-argument",
    "和である目的関数": "mean-of-a-sum",
    "標本の和": "summed-delta",
    "1 のベクトル": "batch-ones",
    "バイアスの更新": "bias-update",
    "行列の割り算": "softmax-matrix",
    "スカラーでない目的関数": "matrix-loss",
}


def erratum_of(step: StepReport) -> Erratum | None:
    name = PRINTED.get(step.derivation.removeprefix("印刷のまま: "))
    return next((e for e in ERRATA if e.name == name), None)


def test_every_formula_of_the_slides_holds_or_is_an_erratum() -> None:
    document = read_document(TEXT, "lecture.md")
    steps = [judged(claim, 10.0) for claim in document.claims]
    assert TEXT.count("$$") // 2 >= 60
    wrong = [s for s in steps if (s.verdict != "proved") != (erratum_of(s) is not None)]
    assert [(s.derivation, s.step, s.verdict, s.code) for s in wrong] == []
    shapes = {erratum.name for s in steps if s.verdict == "error" and (erratum := erratum_of(s))}
    assert shapes == {"batch-ones", "softmax-matrix", "matrix-loss"}
    assert all(s.code.startswith("D3") for s in steps if s.verdict == "error")


def test_every_erratum_stands_in_the_document() -> None:
    assert set(PRINTED.values()) | {"batch-slices"} == {e.name for e in ERRATA}
    assert all(f"印刷のまま: {section}" in TEXT for section in PRINTED)
