"""`derive gradient FILE.md L w`: the gradient of a definition in closed form, with the steps to it."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from derive.commands.limits import add_limits, limited
from derive.files import Unreadable, why_unread
from derive.messages import LANGUAGES, word
from derive.messages.reasons import reason

if TYPE_CHECKING:
    from collections.abc import Sequence

    from derive.checking.limited import Tell
    from derive.context import Definition
    from derive.gradient.derivation import Gradients
    from derive.gradient.subject import Subject
    from derive.kernel import Theorem
    from derive.props import Rel
    from derive.terms import Var


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, metavar="FILE.md", help="a document in the homework format")
    parser.add_argument("scalar", metavar="L", help="a scalar that it defines: as written, in LaTeX or as in Python")
    parser.add_argument("variable", metavar="w", help="the name by which it is differentiated")
    parser.add_argument("--section", metavar="HEADING", help="where the scalar is defined, if that is not clear")
    parser.add_argument("--format", choices=["text", "latex", "markdown"], default="text",
                        help="Unicode and LaTeX, LaTeX alone, or a document (default: text)")  # fmt: skip
    parser.add_argument("--steps", choices=["markdown"], help="the same as --format markdown")
    parser.add_argument("--json", action="store_true", help="one JSON object")
    parser.add_argument("--lang", choices=list(LANGUAGES), default="en", help="language of the messages")
    add_limits(parser, 60.0, "for the derivation and its proof")


def run(args: argparse.Namespace) -> int:
    """0 derived and proved, 1 not, 2 an unreadable file or an unknown name."""
    return limited(args, answer)


def answer(tell: Tell, args: argparse.Namespace) -> int:
    from derive.gradient.derivation import GradientError, gradients
    from derive.gradient.present import document

    tell(None)
    found = asked(args)
    if isinstance(found, int):
        return found
    subject, w = found
    what = f"∂{args.scalar}/∂{args.variable}"
    tell((what, place_of(args, subject)))
    try:
        result = gradients(subject.context, subject.scalar, [w])
        if args.steps or args.format == "markdown":
            title = word("gradient_title", args.lang, scalar=args.scalar, variable=args.variable)
            print(document(result, w.name, title), end="")
            return 0
    except GradientError as failure:
        return refused(args, subject, what, str(failure))
    if args.json:
        print(json.dumps(as_json(args, result, w), ensure_ascii=False))
    else:
        print("\n".join(lines(result, w, args.format, args.lang)))
    return 0


def asked(args: argparse.Namespace) -> tuple[Subject, Var] | int:
    """The scalar and the variable, or the exit code where there are none."""
    from derive.gradient.subject import NotFound, read, subject, variable

    try:
        scalar = subject(read(args.file), args.scalar, args.section)
        return scalar, variable(scalar.context, scalar.scalar, args.variable)
    except (OSError, Unreadable) as error:
        why = word("cannot_read", args.lang, why=why_unread(error, args.lang))
        print(f"derive: {args.file}: {why}", file=sys.stderr)
    except NotFound as failure:
        print(f"derive: {args.file}: {reason(str(failure), args.lang)}", file=sys.stderr)
    return 2


def place_of(args: argparse.Namespace, subject: Subject) -> str:
    place = subject.place
    return f"{args.file}:{place.line}:{place.column}" if place is not None else str(args.file)


def refused(args: argparse.Namespace, subject: Subject, what: str, why: str) -> int:
    said = f"{word('error', args.lang)}: {reason(f'{what} was not derived', args.lang)}"
    print(f"{said}\n  --> {place_of(args, subject)}\n   = {reason(why, args.lang)}", file=sys.stderr)
    return 1


def proved_line(used: list[str], lang: str) -> str:
    """What was proved, and the hypotheses that the proof used."""
    return word("proved_always", lang) + (f"; {word('uses', lang)}: {', '.join(used)}" if used else "")


def lines(result: Gradients, w: Var, style: str, lang: str = "en") -> list[str]:
    from derive.gradient.present import equation, excluded, uses, where
    from derive.notation.symbols import unicode_name

    theorem = result.gradients[w.name]
    named = where(result.context, equation(theorem).right, result.new)
    said = [*stated(theorem, named, steps(result, w), style, lang), ""]
    kinks = ", ".join(excluded(result, w.name))
    if kinks:
        said.append(word("kinks", lang, conditions=kinks, scalar=unicode_name(result.scalar.name)))
    return [*said, proved_line(uses([theorem]), lang)]


def steps(result: Gradients, w: Var) -> list[Rel]:
    """The statements that lead to ∂L/∂w, the last of which it is."""
    from derive.props import Rel
    from derive.terms import Diff

    found = (Rel("=", Diff(result.scalar, s.of), s.term) for s in result.steps(w.name))
    return [*result.rewritten(), *found]


def stated(
    theorem: Theorem, named: Sequence[Definition], claims: Sequence[Rel], style: str, lang: str
) -> list[str]:
    """What the theorem says, the definitions of names in it, and the steps to it if there are several."""
    from derive.gradient.labels import by_label, definition_by_label
    from derive.gradient.present import definition_formula, equation, formula

    context = theorem.context
    named = [definition_by_label(context, d) for d in named]
    notations = ("latex",) if style == "latex" else ("unicode", "latex")
    said = by_label(context, equation(theorem))
    made = [formula(said, context, n) for n in notations]
    made += [f"  {word('where', lang)} " + definition_formula(d, context, notations[0]) for d in named]
    if len(claims) > 1:
        made += ["", word("steps", lang)]
        told = [by_label(context, claim) for claim in claims]
        made += [f"  {number}. {formula(claim, context, notations[0])}" for number, claim in enumerate(told, 1)]
    return made


def as_json(args: argparse.Namespace, result: Gradients, w: Var) -> dict[str, Any]:
    from derive.gradient.present import equation, excluded, where

    theorem = result.gradients[w.name]
    named = where(result.context, equation(theorem).right, result.new)
    return stated_json(args, theorem, named, steps(result, w)) | {"kinks": excluded(result, w.name)}


def stated_json(
    args: argparse.Namespace, theorem: Theorem, named: Sequence[Definition], claims: Sequence[Rel]
) -> dict[str, Any]:
    """What `stated` prints, and the hypotheses that the proof used."""
    from derive.gradient.labels import by_label, definition_by_label
    from derive.gradient.present import definition_formula, equation, formula, uses

    context = theorem.context
    named = [definition_by_label(context, d) for d in named]

    def both(claim: Rel) -> dict[str, str]:
        said = by_label(context, claim)
        return {n: formula(said, context, n) for n in ("unicode", "latex")}

    return {
        "schema": 1,
        "file": str(args.file),
        "scalar": args.scalar,
        "variable": args.variable,
        **both(equation(theorem)),
        "where": [{n: definition_formula(d, context, n) for n in ("unicode", "latex")} for d in named],
        "steps": [both(claim) for claim in claims],
        "uses": uses([theorem]),
    }
