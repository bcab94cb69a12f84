"""The fuzz targets: they run on what their mutator makes, and see what they are there to see."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import pytest
from fuzz import targets
from fuzz.mutator import Mutator, seeds

from derive.checking import documents
from derive.homework.document import read_document

TEXTS = [p.read_text(encoding="utf-8") for p in sorted((Path(__file__).parent / "documents").glob("[cd]*.md"))]
MODEL = "Let $w \\in \\mathbb{R}^D$, $a \\in \\mathbb{R}$ and $L := a \\|w\\|^2$.\n\n$$ a = a $$\n\n$$ a = a + 1 $$\n"


def mutants(count: int) -> list[str]:
    rng, made = Random(3), Mutator(TEXTS)
    short = [text for text in seeds(TEXTS) if len(text) < 700]
    return [made(rng.choice(short), rng) for _ in range(count)]


@pytest.mark.parametrize("target", targets.TARGETS)
def test_a_target_finds_nothing_in_a_few_mutants(target: str) -> None:
    for text in [MODEL, *mutants(4 if target in ("check", "gradient", "codegen") else 40)]:
        targets.TARGETS[target][0](text.encode("utf-8", "replace"))


def test_many_claims_of_mutants_can_be_read() -> None:
    claims = [c for text in mutants(200) for c in read_document(text, "mutant.md").claims]
    assert sum(c.error is None for c in claims) > len(claims) / 3


def test_bytes_that_are_no_document_are_no_finding() -> None:
    for data in (b"\xff\xfe", b"a\0b", b"", b"$$", b"\xef\xbb\xbf$$ a = a $$"):
        for run, _ in targets.TARGETS.values():
            run(data)


def honest(claim: Any, limit: float) -> Any:
    return documents.judged(claim, limit)


def saying(**changed: str) -> Callable[[Any, float], Any]:
    """A checker that says this of every claim that it can read."""
    return lambda claim, limit: replace(honest(claim, limit), **changed) if claim.prop else honest(claim, limit)


@pytest.mark.parametrize(
    ("judged", "kind"),
    [
        (saying(verdict="proved", code=""), "proved and refuted"),
        (saying(verdict="refuted", code="D201"), "refuted and proved"),
        (saying(verdict="error", code="D901"), "D901"),
        (saying(verdict="proved", code="D201"), "verdict"),
    ],
)
def test_a_wrong_verdict_is_a_finding(
    judged: Callable[[Any, float], Any], kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(targets, "judged", judged)
    with pytest.raises(targets.Finding) as found:
        targets.checking(MODEL.encode())
    assert found.value.kind == kind


def test_a_verdict_that_changes_is_a_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: set[int] = set()

    def judged(claim: Any, limit: float) -> Any:
        again = id(claim) in seen
        seen.add(id(claim))
        step = honest(claim, limit)
        return replace(step, uses=("a ∈ ℝ",), seconds=0.0) if again else replace(step, seconds=0.0)

    monkeypatch.setattr(targets, "judged", judged)
    with pytest.raises(targets.Finding) as found:
        targets.checking(MODEL.encode())
    assert found.value.kind == "changes"


def test_a_wrong_gradient_is_a_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    honest_near = targets.near
    monkeypatch.setattr(targets, "near", lambda one, other, most: honest_near(one, 2 * other, most))
    for target in ("gradient", "codegen"):
        with pytest.raises(targets.Finding):
            targets.TARGETS[target][0](MODEL.encode())


@pytest.mark.parametrize("source", ["import os", "from subprocess import run", "x = ().__class__", "eval('1')"])
def test_code_that_does_what_no_generated_module_does_is_a_finding(source: str) -> None:
    with pytest.raises(targets.Finding):
        targets.harmless(source)
