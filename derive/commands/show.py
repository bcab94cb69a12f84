"""`derive show NAME`: one of the lecture's derivations."""

from __future__ import annotations

import argparse
import sys

from derive.messages import word


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME", help="as `derive list` names it")
    parser.add_argument("--format", choices=["text", "latex", "markdown"], default="text",
                        help="markdown: a homework document, for `derive check`")  # fmt: skip


def run(args: argparse.Namespace) -> int:
    from derive.diagnostics.derivation import FORMATS
    from derive.lecture import DERIVATIONS

    if args.name not in DERIVATIONS:
        print(word("no_derivation", name=args.name), file=sys.stderr)
        return 2
    print(FORMATS[args.format](DERIVATIONS[args.name]()), end="")
    return 0
