"""`derive errata`: what the lecture's slides state that does not hold as printed, shown by the checker."""

from __future__ import annotations

import argparse
import json
import time
from typing import TYPE_CHECKING

from derive.messages import LANGUAGES, word

if TYPE_CHECKING:
    from derive.diagnostics.terminal import Printer
    from derive.lecture.errata import Examined


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="one JSON object in place of text")
    parser.add_argument("--jobs", type=int, default=None, metavar="N", help="processes (default: all cores)")
    parser.add_argument("--lang", choices=list(LANGUAGES), default="en", help="language of the messages")
    parser.add_argument("--color", choices=["auto", "always", "never"], default="auto",
                        help="colour (default: in a terminal, unless NO_COLOR is set)")  # fmt: skip


def run(args: argparse.Namespace) -> int:
    """0 the checker confirms every erratum and proves every correction, 1 otherwise."""
    from derive.checking.schedule import check_all
    from derive.checking.workers import Limits, Source
    from derive.diagnostics.terminal import Printer
    from derive.lecture.errata import ERRATA, examined

    begun = time.perf_counter()
    sources = [Source(e.name, e.document) for e in ERRATA]
    printer = Printer(args.color)
    found: list[Examined] = []
    for erratum, report in zip(ERRATA, check_all(sources, Limits(), args.jobs), strict=True):
        found.append(examined(erratum, report))
        if not args.json:
            _show(found[-1], len(found), printer, args.lang)
    confirmed = sum(e.confirmed for e in found)
    if args.json:
        summary = {"errata": len(found), "confirmed": confirmed}
        made = {"schema": 1, "errata": [as_json(e, args.lang) for e in found], "summary": summary}
        print(json.dumps({**made, "seconds": round(time.perf_counter() - begun, 3)}, ensure_ascii=False))
    else:
        style = "good" if confirmed == len(found) else "error"
        text = word("errata_summary", args.lang, total=len(found), confirmed=confirmed)
        printer.row([(text, style)])
    return 0 if confirmed == len(found) else 1


def _show(e: Examined, number: int, printer: Printer, lang: str) -> None:
    from derive.diagnostics.rows import safe
    from derive.diagnostics.text import Style, remarks

    printer.row([(f"{number}. {e.erratum.name}", "strong")])
    printer.row([(f"   {word('slide', lang)} “{e.erratum.slide}”", "frame")])
    mark = ("   ✗ ", "error") if e.printed.verdict in ("refuted", "error") else ("   ? ", "warning")
    printer.row([mark, (e.erratum.formula, "")])
    printer.row([("     ", ""), (f"{word(e.printed.verdict, lang)}: ", "label"), (e.printed.message(lang), "")])
    for row in remarks(e.printed, Style(lang=lang), "     "):
        printer.row(row)
    printer.row([("     ", ""), (e.erratum.why[lang], "")])
    for step, text in zip(e.corrected, corrections(e), strict=True):
        done = step.verdict == "proved"
        printer.row([("   ✓ ", "good") if done else ("   ? ", "warning"), (safe(text), "")])
    printer.row([])


def corrections(e: Examined) -> list[str]:
    """What holds in place of the formula, as on the blackboard; as written where it cannot be read."""
    from derive.homework.document import read_document
    from derive.notation import unicode

    _, *claims = read_document(e.erratum.document, e.erratum.name).claims
    return [c.claim if c.prop is None else unicode(c.prop, c.context) for c in claims]


def as_json(e: Examined, lang: str = "en") -> dict[str, object]:
    return {
        "name": e.erratum.name,
        "slide": e.erratum.slide,
        "formula": e.erratum.formula,
        "why": e.erratum.why[lang],
        "confirmed": e.confirmed,
        "printed": e.printed.to_json(lang),
        "corrected": [step.to_json(lang) for step in e.corrected],
    }
