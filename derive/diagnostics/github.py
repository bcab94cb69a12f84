"""Workflow annotations of GitHub: a mark beside the line in the changes of a pull request."""

from __future__ import annotations

from collections.abc import Iterator

from derive.diagnostics.rows import plain
from derive.diagnostics.text import Style, remarks
from derive.messages import word
from derive.report import Report, StepReport


def workflow_commands(
    report: Report, lang: str = "en", hints: str = "cause", strict: bool = False
) -> Iterator[str]:
    """`::error file=…,line=…::message` for each step that is not proved; undecided ones are warnings."""
    for step in report.steps:
        if step.verdict != "proved":
            kind = "warning" if step.verdict == "unknown" and not strict else "error"
            title = f"{step.code} {step.derivation}, {word('step', lang)} {step.step}".strip()
            places = {"file": step.file, "line": step.line, "col": step.column, **_end(step), "title": title}
            properties = ",".join(f"{name}={_property(str(value))}" for name, value in places.items())
            text = [step.message(lang), *(plain(row) for row in remarks(step, Style(lang, hints), ""))]
            yield f"::{kind} {properties}::{_data(chr(10).join(text))}"


def _end(step: StepReport) -> dict[str, int]:
    place = step.place or step.right
    if place is None:
        return {}
    if place.end_line == place.line:
        return {"endLine": place.end_line, "endColumn": place.end_column}
    return {"endLine": place.end_line}


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
