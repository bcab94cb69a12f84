"""The report on a document: a verdict for every step, as text and as JSON (schema 1)."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from derive.messages import message
from derive.verdict import VERDICTS


@dataclass(frozen=True)
class StepReport:
    """One step; `line` and `column` are 1-based, `seconds` is wall time."""

    file: str
    line: int
    column: int
    derivation: str
    step: int
    claim: str
    verdict: str
    code: str = ""
    message: str = ""
    uses: tuple[str, ...] = ()
    seconds: float = 0.0

    def to_json(self) -> dict[str, Any]:
        fields = {**vars(self), "uses": list(self.uses)}
        return {**fields, "counterexample": None, "likely_cause": None}


@dataclass(frozen=True)
class Report:
    steps: tuple[StepReport, ...]
    seconds: float

    @property
    def summary(self) -> dict[str, int]:
        return {v: sum(s.verdict == v for s in self.steps) for v in VERDICTS}

    def to_json(self) -> dict[str, Any]:
        steps = [s.to_json() for s in self.steps]
        return {"schema": 1, "steps": steps, "summary": self.summary, "seconds": self.seconds}


def check_document(
    text: str, *, file: str = "<text>", lang: str = "en", time_limit: float = 10.0
) -> Report:
    """Reads and checks a homework document; a step without a proof is `unknown`."""
    from derive.homework.document import read_document
    from derive.prover import OutOfTime, ProofError, prove

    begun = time.perf_counter()
    made = []
    for claim in read_document(text, file).claims:
        start = time.perf_counter()
        verdict, code, params = "proved", "", dict[str, str]()
        uses: tuple[str, ...] = ()
        if claim.error is not None:
            verdict, code, params = "error", claim.error.code, claim.error.params
        elif claim.prop is not None:
            try:
                uses = prove(claim.context, claim.prop, deadline=time.monotonic() + time_limit).uses
            except ProofError:
                verdict, code = "unknown", "D401"
            except OutOfTime:
                verdict, code, params = "unknown", "D402", {"limit": f"{time_limit:g}"}
            except (RecursionError, MemoryError):
                verdict, code = "unknown", "D405"
        else:
            verdict, code = "unknown", "D401"
        made.append(
            StepReport(
                claim.file, claim.line, claim.column, claim.derivation, claim.step, claim.claim,
                verdict, code, message(code, params, lang), uses, time.perf_counter() - start,
            )
        )  # fmt: skip
    return Report(tuple(made), time.perf_counter() - begun)
