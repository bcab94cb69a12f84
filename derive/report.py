"""The report on a document: a verdict for every step, as data and as JSON (schema 1)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from derive.diagnostics.values import as_json
from derive.homework.place import Place
from derive.messages import cause, message, word
from derive.verdict import VERDICTS, Cause, Counterexample

SCHEMA = 1
HINTS = ("none", "cause", "fix")


@dataclass(frozen=True)
class StepReport:
    """One step; `line` and `column` are 1-based, `seconds` is wall time.

    `uses` are the hypotheses as the author wrote them, `given` the same in Unicode.  `left` and `right`
    are where the two sides stand, `place` is what cannot be read; `shapes` are those of the sides (None
    where there is none to show).
    """

    file: str
    line: int
    column: int
    derivation: str
    step: int
    claim: str
    verdict: str = ""
    code: str = ""
    params: dict[str, str] = field(default_factory=dict)
    uses: tuple[str, ...] = ()
    given: tuple[str, ...] = ()
    counterexample: Counterexample | None = None
    likely_cause: Cause | None = None
    reason: str = ""
    expect: str = ""
    left: Place | None = None
    right: Place | None = None
    place: Place | None = None
    shapes: tuple[str | None, str | None] = (None, None)
    only_this: bool = False
    seconds: float = 0.0

    @property
    def one_line(self) -> bool:
        """Both sides stand on one line of the document."""
        return self.left is not None and self.right is not None and self.left.line == self.right.line

    def message(self, lang: str = "en") -> str:
        return message(self.code, self.params, lang, one_line=self.one_line)

    def cause(self, lang: str = "en", hints: str = "cause") -> str:
        """The likely cause in words, with the repaired formula for `hints` = "fix"; "" for none."""
        if self.likely_cause is None or hints == "none":
            return ""
        text = cause(self.likely_cause.kind, self.likely_cause.params, lang)
        if hints != "fix" or not self.likely_cause.fix:
            return text
        if self.likely_cause.side == "left":
            text += f": {word('left' if self.one_line else 'previous_line', lang)}"
        return f"{text}: {self.likely_cause.fix}"

    def to_json(self, lang: str = "en", hints: str = "cause") -> dict[str, Any]:
        return {
            "file": self.file,
            "line": self.line,
            "column": self.column,
            "derivation": self.derivation,
            "step": self.step,
            "claim": self.claim,
            "verdict": self.verdict,
            "code": self.code,
            "message": self.message(lang),
            "uses": list(self.uses),
            "counterexample": _instance(self.counterexample) if self.counterexample else None,
            "likely_cause": self.cause(lang, hints) or None,
            "seconds": round(self.seconds, 4),
        }


def _instance(found: Counterexample) -> dict[str, Any]:
    made: dict[str, Any] = {
        "sizes": dict(found.sizes),
        "values": {name: as_json(value) for name, value in found.values.items()},
        "lhs": as_json(found.lhs),
        "rhs": as_json(found.rhs),
    }
    more = {"functions": dict(found.functions), "at": dict(found.at), "where": list(found.where)}
    return {**made, **{key: value for key, value in more.items() if value}}


@dataclass(frozen=True)
class Report:
    """The steps of one document, in order; `text` is the document's."""

    steps: tuple[StepReport, ...]
    seconds: float
    text: str = ""

    @property
    def summary(self) -> dict[str, int]:
        return {v: sum(s.verdict == v for s in self.steps) for v in VERDICTS}

    def to_json(self, lang: str = "en", hints: str = "cause") -> dict[str, Any]:
        return {
            "schema": SCHEMA,
            "steps": [s.to_json(lang, hints) for s in self.steps],
            "summary": self.summary,
            "seconds": round(self.seconds, 4),
        }

    def exit_code(self, strict: bool = False) -> int:
        """0 nothing refuted or in error (`strict`: nor undecided), 1 otherwise, 5 no step."""
        if not self.steps:
            return 5
        bad = ("refuted", "error", "unknown") if strict else ("refuted", "error")
        return int(any(s.verdict in bad for s in self.steps))

    def _repr_markdown_(self) -> str:
        from derive.diagnostics.notebook import markdown

        return markdown(self)


def merged(reports: Iterable[Report], seconds: float) -> Report:
    """The steps of several documents as one report."""
    return Report(tuple(step for report in reports for step in report.steps), seconds)


def with_hindsight(steps: Iterable[StepReport]) -> tuple[StepReport, ...]:
    """Marks each refuted step whose chain goes on from it and is proved to the end."""
    made = list(steps)
    for k, step in enumerate(made):
        if step.verdict != "refuted":
            continue
        after = []
        for before, later in zip(made[k:], made[k + 1 :]):
            if later.left is None or later.left != before.right:
                break
            after.append(later)
        if after and all(later.verdict == "proved" for later in after):
            made[k] = replace(step, only_this=True)
    return tuple(made)


__all__ = ["HINTS", "SCHEMA", "Report", "StepReport", "merged", "with_hindsight"]
