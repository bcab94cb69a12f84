"""`derive explain CODE`: what a message means, with an example."""

from __future__ import annotations

import argparse
import sys

from derive.messages import LANGUAGES, codes, explain, word


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("code", metavar="CODE", help="the code in brackets, such as D201")
    parser.add_argument("--lang", choices=list(LANGUAGES), default="en", help="language (default: en)")


def run(args: argparse.Namespace) -> int:
    code = args.code.strip("[]").upper()
    if code not in codes():
        print(word("unknown_code", args.lang, code=args.code, codes=" ".join(codes())), file=sys.stderr)
        return 2
    print(explain(code, args.lang))
    return 0
