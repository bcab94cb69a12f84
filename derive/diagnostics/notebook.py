"""Reports and derivations as Markdown with formatted mathematics, for Jupyter.

Everything that comes from a document is escaped: a notebook renders Markdown as HTML.
"""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING

from derive.diagnostics.text import summary_text
from derive.diagnostics.values import written
from derive.messages import word
from derive.report import Report, StepReport

if TYPE_CHECKING:
    from derive.blackboard import Derivation

MARKS = {"proved": "✅", "refuted": "❌", "error": "❌", "unknown": "❔"}


def markdown(report: Report, lang: str = "en") -> str:
    """A list of the steps under their derivations, each with its mark and, if not proved, why."""
    lines: list[str] = []
    title = None
    for step in report.steps:
        if step.derivation != title:
            title = step.derivation
            lines += ["", f"**{text(title)}**" if title else "", ""]
        lines.append(f"- {MARKS[step.verdict]} {_claim(step)}")
        lines += [f"  - {part}" for part in _why(step, lang)]
    return "\n".join([*lines, "", text(summary_text(report, lang))]).strip() + "\n"


def derivation_markdown(derivation: Derivation) -> str:
    """Each step of a derivation with its mark, the statement as formatted mathematics, and the reason."""
    from derive.kernel import Theorem
    from derive.notation import latex
    from derive.prover import prove_all

    results = prove_all(derivation)
    lines = [f"**{text(derivation.name)}**", ""]
    for step in derivation.steps:
        found = results[step.label]
        mark = MARKS["proved" if isinstance(found, Theorem) else "unknown"]
        lines.append(f"- {mark} {math(latex(step.prop, step.context))}")
        notes = [text(step.because)] if step.because else []
        if isinstance(found, Theorem) and found.uses:
            notes.append(f"{word('uses')}: {', '.join(map(text, found.uses))}")
        lines += [f"  - {note}" for note in notes]
    return "\n".join(lines) + "\n"


def _claim(step: StepReport) -> str:
    return math(step.claim) if step.claim else text(f"{step.file}:{step.line}")


def _why(step: StepReport, lang: str) -> list[str]:
    if step.verdict == "proved":
        return []
    parts = [f"{text(step.code)}: {text(step.message(lang))}"]
    found = step.counterexample
    if found is not None:
        values = {**found.sizes, **found.values, **found.at}
        shown = ", ".join(f"{name}={written(value, lang)}" for name, value in values.items())
        sides = f"{written(found.lhs, lang)} ≠ {written(found.rhs, lang)}" if step.code == "D201" else ""
        sides = sides or f"{word('left', lang)} = {written(found.lhs, lang)}, " + (
            f"{word('right', lang)} = {written(found.rhs, lang)}"
        )
        parts.append(text(f"{word('counterexample', lang)}: {shown}: {sides}"))
    cause = step.cause(lang)
    if cause:
        parts.append(text(f"{word('likely_cause', lang)}: {cause}"))
    return parts


#: what does more in MathJax than to print
_ACTIVE = re.compile(r"\\(?:tag|label|ref|eqref|href|url|cssId|class|style|require|data|unicode|include)\w*")


def math(source: str) -> str:
    """`$…$` for MathJax; a code span where the formula holds what does more than print."""
    line = " ".join(source.replace("&", " ").split())
    if "$" in line or _ACTIVE.search(line) or line.count("{") != line.count("}"):
        return f"<code>{text(line)}</code>"
    # a notebook reads `<` as the beginning of a tag before MathJax sees it
    return "$" + line.replace("<", " \\lt ").replace(">", " \\gt ") + "$"


def text(source: str) -> str:
    """Plain text in Markdown: no markup of its own, no HTML."""
    line = " ".join(source.split())
    return html.escape(re.sub(r"([\\`*_{}\[\]()#+\-.!|$~])", r"\\\1", line), quote=False)
