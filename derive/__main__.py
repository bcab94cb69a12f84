"""`derive list | check FILE… [--json] [--strict] | explain CODE`."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from derive.messages import codes, explain, word


def main(argv: list[str] | None = None) -> int:
    """Exit: 0 nothing refuted or in error, 1 otherwise, 2 usage or unreadable file, 5 no step."""
    parser = argparse.ArgumentParser(prog="derive")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("list")
    check = commands.add_parser("check")
    check.add_argument("files", nargs="+")
    check.add_argument("--json", action="store_true")
    check.add_argument("--strict", action="store_true")
    check.add_argument("--lang", choices=["en", "ja"], default="en")
    about = commands.add_parser("explain")
    about.add_argument("code")
    about.add_argument("--lang", choices=["en", "ja"], default="en")
    args = parser.parse_args(argv)
    if args.command == "list":
        from derive.lecture import DERIVATIONS

        print("\n".join(DERIVATIONS))
        return 0
    if args.command == "explain":
        if args.code not in codes():
            print(
                word("unknown_code", args.lang, code=args.code, codes=" ".join(codes())), file=sys.stderr
            )
            return 2
        print(explain(args.code, args.lang))
        return 0
    return _check(args)


def _check(args: argparse.Namespace) -> int:
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


if __name__ == "__main__":
    sys.exit(main())
