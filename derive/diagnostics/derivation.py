"""A derivation of the lecture in Unicode, LaTeX, or as a homework document."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from derive.blackboard import Derivation, Step
from derive.context import Context
from derive.notation import latex, unicode
from derive.notation.declarations import context_latex, context_texts
from derive.props import EveryDepth


def as_text(derivation: Derivation) -> str:
    """Declarations, assumptions and claims, in Unicode."""
    lines = [derivation.name]
    if derivation.note:
        lines.append(derivation.note)
    for steps, context in _groups(derivation):
        lines += ["", *_slide(derivation, steps[0]), *(f"  {text}" for text in context_texts(context))]
        lines += [f"  assume {a.text or unicode(a.prop, context)}" for a in context.assumptions]
        lines.append("")
        for number, step in steps_numbered(derivation, steps):
            reason = f"    ({step.because})" if step.because else ""
            lines.append(f"  {number:>2}  {unicode(step.prop, context)}{reason}")
    return "\n".join(lines) + "\n"


def as_markdown(derivation: Derivation) -> str:
    """A homework document, so that `derive check` can check it again.

    What that format has no formula for (a statement for every depth, names such as w_{t+1}) is left for
    the human reader.
    """
    lines = [f"# {derivation.name}"]
    if derivation.note:
        lines += ["", derivation.note]
    for count, (steps, context) in enumerate(_groups(derivation), 1):
        lines += ["", f"## {count}. {steps[0].slide or derivation.name}", ""]
        lines.append("Let " + ", ".join(f"${formula}$" for formula in context_latex(context)) + ".")
        for assumption in context.assumptions:
            lines += ["", f"Assume ${latex(assumption.prop, context)}$."]
        for _, step in steps_numbered(derivation, steps):
            reason = f" \\quad \\text{{{_word(step.because)}}}" if step.because else ""
            if isinstance(step.prop, EveryDepth):
                lines += ["", f"For every depth: {unicode(step.prop, context)}"]
            else:
                lines += ["", f"$$ {latex(step.prop, context)}{reason} $$"]
    return "\n".join(lines) + "\n"


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
