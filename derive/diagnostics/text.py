"""A step that is not proved, as a message that a student can use."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from derive.diagnostics.excerpt import Mark, excerpt
from derive.diagnostics.rows import Row, safe, wrapped
from derive.diagnostics.values import written
from derive.homework.markdown import items, normalised
from derive.messages import note, word
from derive.report import Report, StepReport
from derive.verdict import Counterexample

#: verdict → the word in front of the code, and its style
_SEVERITY = {
    "proved": ("proved", "good"),
    "refuted": ("error", "error"),
    "error": ("error", "error"),
    "unknown": ("warning", "warning"),
}
_MOST_USES = 12
_PARAGRAPH = re.compile(r"(?:^(?! {0,3}#{1,6}\s)[^\n]*\S[^\n]*\n?)+", re.MULTILINE)
_ASSUMING = re.compile(r"(?:[.。]\s+|\n\s*)(Assume|Suppose|Given|仮定)[^.$]{0,60}\$")


@dataclass(frozen=True)
class Style:
    """How much is shown, and in which language; `width` is that of the terminal, in cells."""

    lang: str = "en"
    hints: str = "cause"
    width: int = 120


def diagnostic(
    step: StepReport, lines: list[str], style: Style, same: Sequence[StepReport] = ()
) -> list[Row]:
    """`lines` are those of the step's document; `same` are later steps with the very same error."""
    lang = style.lang
    name, colour = _SEVERITY[step.verdict]
    code = f"[{step.code}]" if step.code else ""
    marks = _marks(step, lang)
    gutter = len(str(max((m.place.end_line for m in marks), default=step.line)))
    where = f'{word("derivation", lang)} "{safe(step.derivation)}", ' if step.derivation else ""
    rows: list[Row] = [
        [(f"{word(name, lang)}{code}", colour), (f": {safe(step.message(lang))}", "strong")],
        [
            (f"{'':{gutter}}--> ", "frame"),
            (f"{safe(step.file)}:{step.line}:{step.column}   {where}{word('step', lang)} {step.step}", ""),
        ],
        *excerpt(lines, marks, gutter, style.width),
    ]
    head = f"{'':{gutter}} = "
    if same:
        steps = ", ".join(f"{word('step', lang)} {other.step}" for other in same)
        rows.append([(head, "frame"), (word("same_error", lang, steps=steps), "")])
    return [*rows, *remarks(step, style, head)]


def grouped(steps: Iterable[StepReport]) -> Iterator[tuple[StepReport, list[StepReport]]]:
    """Each step with the later ones that repeat its error: one unreadable side spoils two steps."""
    waiting: list[StepReport] = []
    for step in steps:
        if waiting and step.verdict == "error" and step.place is not None:
            first = waiting[0]
            if (step.code, step.place, step.derivation) == (first.code, first.place, first.derivation):
                waiting.append(step)
                continue
        if waiting:
            yield waiting[0], waiting[1:]
        waiting = [step]
    if waiting:
        yield waiting[0], waiting[1:]


def unheard(report: Report, lang: str) -> list[Row]:
    """A remark on each sentence that looks like an assumption, or like mathematics, but is prose by the format."""
    if all(step.verdict == "proved" for step in report.steps):
        return []
    file = safe(report.steps[0].file)
    texts = []
    text = normalised(report.text)
    for item in items(text):
        if item.kind == "stray":
            key = "not_delimiter" if item.text == "\\(" else "not_closed"
            line = text.count("\n", 0, item.source.offset(0)) + 1
            texts.append(word(key, lang, file=file, line=line, open=item.text))
    for paragraph in _PARAGRAPH.finditer(text):
        for found in _ASSUMING.finditer(paragraph[0], 1):
            line = text.count("\n", 0, paragraph.start() + found.start(1)) + 1
            texts.append(word("not_assumed", lang, file=file, line=line, word=found[1]))
    return [[(f"{word('note', lang)}: ", "label"), (said, "")] for said in texts[:_MOST_USES]]


def remarks(step: StepReport, style: Style, head: str) -> list[Row]:
    """Counterexample, likely cause, hypotheses, reason; each begins with `head`."""
    rows: list[Row] = []
    for label, texts in _notes(step, style):
        for k, text in enumerate(texts):
            if k == 0:
                rows.append([(head, "frame"), (f"{label}: " if label else "", "label"), (text, "")])
            else:
                rows.append([(" " * (len(head) + 2), "frame"), (text, "")])
    return rows


def proved(step: StepReport, style: Style) -> Row:
    """A proved step in one line."""
    uses = f"   {word('uses', style.lang)}: {', '.join(map(safe, step.given))}" if step.given else ""
    title = f"{safe(step.derivation)}, " if step.derivation else ""
    where = f"{safe(step.file)}:{step.line}"
    return [
        ("✓ ", "good"),
        (f"{where}   {title}{word('step', style.lang)} {step.step}", ""),
        (uses, "label"),
    ]


def summary(report: Report, lang: str) -> Row:
    """How many steps have which verdict."""
    counts = report.summary
    style = "error" if counts["refuted"] or counts["error"] else "warning" if counts["unknown"] else "good"
    return [(summary_text(report, lang), style)]


def summary_text(report: Report, lang: str) -> str:
    total = len(report.steps)
    steps = word("one_step" if total == 1 else "many_steps", lang, total=total)
    return word("summary", lang, steps=steps, **report.summary, seconds=f"{report.seconds:.1f}")


def _marks(step: StepReport, lang: str) -> list[Mark]:
    if step.verdict == "error" or step.left is None or step.right is None:
        return [Mark(step.place, "^", "", "this")] if step.place else []
    here = "right" if step.one_line else "this_line"
    there = "left" if step.one_line else "previous_line"
    return [
        Mark(step.left, "-", _label(there, step.shapes[0], lang), "previous"),
        Mark(step.right, "^", _label(here, step.shapes[1], lang), "this"),
    ]


def _label(key: str, shape: str | None, lang: str) -> str:
    return word(key, lang) + (f", {word('shape', lang, shape=shape)}" if shape is not None else "")


def _notes(step: StepReport, style: Style) -> list[tuple[str, list[str]]]:
    lang = style.lang
    notes: list[tuple[str, list[str]]] = []
    if step.counterexample is not None:
        notes.append((word("counterexample", lang), _instance(step, step.counterexample, style)))
    cause = step.cause(lang, style.hints)
    if cause:
        notes.append((word("likely_cause", lang), [safe(cause)]))
    if step.only_this:
        notes.append(("", [word("only_this", lang)]))
    if step.code in ("D501", "D502") and style.hints != "none" and step.params.get("latex"):
        key = "write" if step.code == "D501" else "write_instead"
        notes.append((word(key, lang), [word("assume", lang, latex=safe(step.params["latex"]))]))
    if step.given:
        shown = [safe(u) for u in step.given[:_MOST_USES]] + ["…"] * (len(step.given) > _MOST_USES)
        notes.append((word("uses", lang), wrapped(shown, style.width - 16)))
    if step.reason:
        notes.append((word("reason", lang), [safe(step.reason)]))
    return notes


def _instance(step: StepReport, found: Counterexample, style: Style) -> list[str]:
    """The instance, and below it both sides there."""
    lang = style.lang
    parts = [f"{name}={size}" for name, size in found.sizes.items()]
    parts += [f"{safe(name)}={written(value, lang)}" for name, value in found.values.items()]
    parts += [f"{safe(name)}: {safe(text)}" for name, text in found.functions.items()]
    lines = wrapped(parts, style.width - 22)
    at = [f"{name}={value}" for name, value in found.at.items()]
    if found.where:
        at.append(word("entry", lang, place=", ".join(map(str, found.where))))
    left = word("left" if step.one_line else "previous_line", lang)
    right = word("right" if step.one_line else "this_line", lang)
    place = word("at", lang, place=", ".join(at)) + ": " if at else ""
    lines.append(f"{place}{left} = {written(found.lhs, lang)}      {right} = {written(found.rhs, lang)}")
    if found.note:
        lines.append(note(found.note, found.note_params, lang))
    return lines
