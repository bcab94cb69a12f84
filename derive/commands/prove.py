"""`derive prove [NAME…]`: the lecture's derivations, proved step by step for every size."""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path

from derive.messages import LANGUAGES, word


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("names", nargs="*", metavar="NAME", help="as `derive list` names them (default: all)")
    parser.add_argument("--json", action="store_true", help="one JSON object in place of text")
    parser.add_argument("--report", type=Path, metavar="FILE", help="write the JSON object to this file as well")
    parser.add_argument("--jobs", type=int, default=None, metavar="N", help="processes (default: all cores)")
    parser.add_argument("--lang", choices=list(LANGUAGES), default="en", help="language of the messages")
    parser.add_argument("--color", choices=["auto", "always", "never"], default="auto",
                        help="colour (default: in a terminal, unless NO_COLOR is set)")  # fmt: skip


def run(args: argparse.Namespace) -> int:
    """0 every step is proved, 1 otherwise, 2 a name that is not known or a file that can't be written."""
    from derive.checking.derivations import prove_derivations
    from derive.checking.schedule import jobs_for
    from derive.diagnostics.rows import safe
    from derive.diagnostics.terminal import Printer
    from derive.diagnostics.text import summary
    from derive.files import write_text
    from derive.lecture import DERIVATIONS
    from derive.report import merged

    unknown = [name for name in args.names if name not in DERIVATIONS]
    for name in unknown:
        print(word("no_derivation", args.lang, name=name), file=sys.stderr)
    if unknown:
        return 2
    begun = time.perf_counter()
    printer = Printer(args.color)
    names = list(dict.fromkeys(args.names)) or list(DERIVATIONS)
    reports = []
    for derivation, report in prove_derivations(names, jobs_for(args.jobs)):
        reports.append(report)
        if args.json:
            continue
        printer.row([(derivation.name, "strong")])
        slide = None
        for step, made in zip(derivation.steps, report.steps):
            if step.slide and step.slide != slide:
                slide = step.slide
                printer.row([(f"  {word('slide', args.lang)} “{slide}”", "frame")])
            done = made.verdict == "proved"
            mark = ("  ✓ ", "good") if done else ("  ? ", "warning")
            printer.row([mark, (f"{made.step:>2}  {safe(made.claim)}", "")])
            if made.uses:
                printer.row([("         ", ""), (f"{word('uses', args.lang)}: ", "label"), (", ".join(made.uses), "")])
            if not done:
                printer.row([("         ", ""), (made.message(args.lang), "warning")])
        printer.row([])
    whole = merged(reports, time.perf_counter() - begun)
    text = json.dumps(whole.to_json(args.lang), ensure_ascii=False)
    if args.report is not None:
        try:
            args.report.parent.mkdir(parents=True, exist_ok=True)
            write_text(args.report, text + "\n")
        except OSError as error:
            print(word("cannot_write_file", args.lang, file=args.report, why=error.strerror), file=sys.stderr)
            return 2
    if args.json:
        print(text)
    else:
        printer.row(summary(whole, args.lang))
    return whole.exit_code(strict=True)
