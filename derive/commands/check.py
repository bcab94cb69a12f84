"""`derive check FILE…`: homework documents, step by step."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from derive.messages import word


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("files", nargs="+", metavar="FILE")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--strict", action="store_true")
    parser.add_argument("--lang", choices=["en", "ja"], default="en")


def run(args: argparse.Namespace) -> int:
    """0 nothing refuted or in error (`--strict`: nor undecided), 1 otherwise, 2 unreadable file, 5 no step."""
    from derive.report import Report, StepReport, check_document

    steps: list[StepReport] = []
    seconds, unreadable = 0.0, False
    for file in args.files:
        try:
            text = Path(file).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            print(word("cannot_read_file", args.lang, file=file, why=error), file=sys.stderr)
            unreadable = True
            continue
        report = check_document(text, file=file, lang=args.lang)
        steps += report.steps
        seconds += report.seconds
    whole = Report(tuple(steps), seconds)
    if args.json:
        print(json.dumps(whole.to_json(), ensure_ascii=False))
    else:
        for s in (s for s in steps if s.verdict != "proved"):
            print(f"{s.verdict}[{s.code}]: {s.message}\n  --> {s.file}:{s.line}:{s.column}   {s.claim}")
        print(word("summary", args.lang, total=len(steps), **whole.summary, seconds=f"{seconds:.1f}"))
    if unreadable:
        return 2
    if not steps:
        return 5
    bad = ("refuted", "error", "unknown") if args.strict else ("refuted", "error")
    return int(any(s.verdict in bad for s in steps))
