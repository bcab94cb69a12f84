"""`derive check FILE…`: homework documents, step by step."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from derive.commands.limits import add_limits, limits_of
from derive.files import Unreadable, read_text, why_unread
from derive.messages import LANGUAGES, word

if TYPE_CHECKING:
    from derive.checking.workers import Source
    from derive.report import Report


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("files", nargs="+", metavar="FILE", help="Markdown with LaTeX; - is standard input")
    parser.add_argument("--format", choices=["text", "json", "github"], default="text",
                        help="how the report is written (github: workflow annotations)")  # fmt: skip
    parser.add_argument("--json", action="store_const", dest="format", const="json",
                        help="the same as --format json")  # fmt: skip
    parser.add_argument("--strict", action="store_true", help="exit with 1 also where a step is undecided")
    parser.add_argument("--all", action="store_true", help="show the proved steps too")
    add_limits(parser, 10.0, "for each step", "for each worker process")
    parser.add_argument("--jobs", type=_count, default=None, metavar="N",
                        help="worker processes (default: all cores)")  # fmt: skip
    parser.add_argument("--hints", choices=["none", "cause", "fix"], default="cause",
                        help="likely causes: hidden, named, or with the corrected formula")  # fmt: skip
    parser.add_argument("--lang", choices=list(LANGUAGES), default="en", help="language of the messages")
    parser.add_argument("--color", choices=["auto", "always", "never"], default="auto",
                        help="colour (default: in a terminal, unless NO_COLOR is set)")  # fmt: skip


def _count(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"{text} is not a positive integer")
    return value


def run(args: argparse.Namespace) -> int:
    """0 nothing refuted or in error (`--strict`: nor undecided), 1 otherwise, 2 unreadable file, 5 no step."""
    from derive.checking.schedule import check_all
    from derive.report import merged

    begun = time.perf_counter()
    sources, unreadable = _sources(args.files, args.lang)
    limits = limits_of(args)
    output = _Output(args, len(sources))
    reports: list[Report] = []
    output.progress(0, sources)
    for report in check_all(sources, limits, args.jobs):
        reports.append(report)
        output.report(report)
        output.progress(len(reports), sources)
    whole = merged(reports, time.perf_counter() - begun)
    if sources or args.format == "json":
        output.end(whole)
    return 2 if unreadable else whole.exit_code(args.strict)


def _sources(files: Sequence[str], lang: str) -> tuple[list[Source], bool]:
    from derive.checking.workers import Source

    sources, unreadable = [], False
    for file in files:
        try:
            sources.append(Source(file, read_text(file, lang)))
        except (OSError, Unreadable) as error:
            print(word("cannot_read_file", lang, file=file, why=why_unread(error, lang)), file=sys.stderr)
            unreadable = True
    return sources, unreadable


class _Output:
    """Writes each report when it is there, and the sum at the end."""

    def __init__(self, args: argparse.Namespace, files: int) -> None:
        from derive.diagnostics.terminal import Printer

        self.args = args
        self.printer = Printer(args.color)
        self.shown = 0
        self.watched = files > 1 and args.format == "text" and sys.stderr.isatty()

    def report(self, report: Report) -> None:
        self._clear()
        if self.args.format == "text":
            self._text(report)
        elif self.args.format == "github":
            from derive.diagnostics.github import workflow_commands

            for line in workflow_commands(report, self.args.lang, self.args.hints, self.args.strict):
                print(line)

    def _text(self, report: Report) -> None:
        from derive.diagnostics.text import Style, diagnostic, grouped, proved, unheard

        style = Style(self.args.lang, self.args.hints, self.printer.width)
        lines = report.text.split("\n")
        for step, same in grouped(report.steps):
            if step.verdict != "proved":
                if self.shown:
                    self.printer.row([])
                for row in diagnostic(step, lines, style, same):
                    self.printer.row(row)
                self.shown += 1
            elif self.args.all:
                self.printer.row(proved(step, style))
        for row in unheard(report, style.lang):
            self.printer.row([])
            self.printer.row(row)
            self.shown += 1

    def end(self, whole: Report) -> None:
        self._clear()
        lang = self.args.lang
        if self.args.format == "json":
            print(json.dumps(whole.to_json(lang, self.args.hints), ensure_ascii=False))
            return
        if not whole.steps:
            print(word("no_step", lang), file=sys.stderr)
            return
        if self.shown:
            self.printer.row([])
        from derive.diagnostics.text import summary

        self.printer.row(summary(whole, lang))

    def progress(self, done: int, sources: Sequence[Source]) -> None:
        if self.watched and done < len(sources):
            text = f"{word('checking', self.args.lang)} {done + 1}/{len(sources)}  {sources[done].file}"
            sys.stderr.write("\r" + text[:100].ljust(100))
            sys.stderr.flush()

    def _clear(self) -> None:
        if self.watched:
            sys.stderr.write("\r" + " " * 100 + "\r")
            sys.stderr.flush()
