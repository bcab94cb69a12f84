"""A derivation of the lecture in Unicode, LaTeX, or as a homework document."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from derive.blackboard import Derivation, Step
from derive.context import Context
from derive.notation import depth_rows, latex, unicode
from derive.notation.declarations import added_texts, context_latex, context_texts
from derive.props import EveryDepth


def as_text(derivation: Derivation) -> str:
    """Declarations (what is still on the board is not repeated), assumptions and claims, in Unicode."""
    lines = [derivation.name]
    if derivation.note:
        lines.append(derivation.note)
    shown = Context()
    for steps, context in _groups(derivation):
        new = [f"  {text}" for text in added_texts(context, shown)]
        new += [f"  assume {a.text or unicode(a.prop, context)}" for a in context.assumptions]
        lines += ["", *_slide(derivation, steps[0]), *new, *([""] if new else [])]
        shown = context
        for number, step in steps_numbered(derivation, steps):
            reason = f"    ({step.because})" if step.because else ""
            if isinstance(step.prop, EveryDepth):
                claimed, given = depth_rows(step.prop, context)
                lines.append(f"  {number:>2}  for every depth, with {' and '.join(given)}:{reason}")
                lines += [f"        {row}" for row in claimed]
                continue
            lines.append(f"  {number:>2}  {unicode(step.prop, context)}{reason}")
    return "\n".join(lines) + "\n"


def as_markdown(derivation: Derivation) -> str:
    """A homework document, so that `derive check` can check it again.

    What that format has no formula for (a statement for every depth, names such as w_{t+1}) is left for
    the human reader, as code.
    """
    lines = [f"# {derivation.name}"]
    if derivation.note:
        lines += ["", derivation.note]
    for count, (steps, context) in enumerate(_groups(derivation), 1):
        lines += ["", f"## {count}. {steps[0].slide or derivation.name}", ""]
        page = _Page()
        declared = [page.given(f) for f in zip(context_latex(context), context_texts(context), strict=True)]
        lines += ["Let " + ", ".join(declared) + "."] if declared else []
        for a in context.assumptions:
            lines += ["", page.assumed(latex(a.prop, context), unicode(a.prop, context))]
        for _, step in steps_numbered(derivation, steps):
            if isinstance(step.prop, EveryDepth):
                claimed, given = depth_rows(step.prop, context)
                lines += ["", f"For every depth, with {' and '.join(given)}:", ""]
                lines += [f"- {row}" for row in claimed]
            else:
                lines += ["", page.claimed(latex(step.prop, context), unicode(step.prop, context), step.because)]
    return "\n".join(lines) + "\n"


class _Page:
    """A section of a homework document: formulas that its reader reads, the others as code."""

    def __init__(self) -> None:
        self._read: list[str] = []

    def given(self, formula: tuple[str, str]) -> str:
        """A declaration or definition, in LaTeX and in Unicode."""
        tex, text = formula
        if self._claims(f"Let ${tex}$.") != []:
            return f"`{text}`"
        self._read.append(f"Let ${tex}$.")
        return f"${tex}$"

    def assumed(self, tex: str, text: str) -> str:
        if self._claims(f"Assume ${tex}$.") != []:
            return f"Assume `{text}`."
        self._read.append(f"Assume ${tex}$.")
        return f"Assume ${tex}$."

    def claimed(self, tex: str, text: str, because: str) -> str:
        if self._claims(f"$$ {tex} $$") != [True]:
            return f"`{text}`" + (f" ({because})" if because else "")
        reason = f" \\quad \\text{{{_word(because)}}}" if because else ""
        return f"$$ {tex}{reason} $$"

    def _claims(self, last: str) -> list[bool]:
        """Of each claim that the last piece makes, whether it can be read."""
        from derive.homework.document import read_document

        return [c.prop is not None for c in read_document("\n\n".join((*self._read, last)), "").claims]


def as_latex(derivation: Derivation) -> str:
    """A piece of LaTeX for `amsmath`: the declarations in a sentence, the claims in a `gather*`."""
    lines = [f"\\section*{{{_word(derivation.name)}}}"]
    for steps, context in _groups(derivation):
        lines.append("Let " + ", ".join(f"${formula}$" for formula in context_latex(context)) + ".")
        if context.assumptions:
            assumed = ", ".join(f"${latex(a.prop, context)}$" for a in context.assumptions)
            lines.append(f"Assume {assumed}.")
        rows = []
        for _, step in steps_numbered(derivation, steps):
            reason = f" && \\text{{({_word(step.because)})}}" if step.because else ""
            if isinstance(step.prop, EveryDepth):
                claimed, given = depth_rows(step.prop, context, tex=True)
                rows.append(f"  & \\text{{for every depth, with }} {', '.join(given)}{reason}")
                rows += [f"  & \\qquad {row}" for row in claimed]
                continue
            rows.append(f"  & {latex(step.prop, context)}{reason}")
        lines += ["\\begin{align*}", " \\\\\n".join(rows), "\\end{align*}", ""]
    return "\n".join(lines)


FORMATS = {"text": as_text, "latex": as_latex, "markdown": as_markdown}


def steps_numbered(derivation: Derivation, steps: list[Step]) -> Iterator[tuple[int, Step]]:
    """The steps with their numbers in the derivation, from 1."""
    numbers = {step.label: k for k, step in enumerate(derivation.steps, 1)}
    return ((numbers[step.label], step) for step in steps)


def _groups(derivation: Derivation) -> Iterator[tuple[list[Step], Context]]:
    """Neighbouring steps that are made in the same context."""
    for _, group in groupby(derivation.steps, key=lambda s: (s.slide, *_contents(s.context))):
        steps = list(group)
        yield steps, steps[0].context


def _contents(context: Context) -> tuple[object, ...]:
    return (
        tuple(context.declarations.items()),
        tuple(context.functions.items()),
        tuple(context.definitions.items()),
        tuple(context.assumptions),
    )


def _slide(derivation: Derivation, step: Step) -> list[str]:
    title = step.slide or derivation.slide
    return [f"  “{title}”"] if title else []


def _word(text: str) -> str:
    """Text inside `\\text{…}`."""
    return "".join("\\" + c if c in "#$%&_{}" else {"\\": "/", "^": "\\^{}", "~": "\\~{}"}.get(c, c) for c in text)
