"""`--time-limit` and `--memory-limit`, and commands that keep to them: what is read may be hostile."""

from __future__ import annotations

import argparse
import io
import sys
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from typing import TYPE_CHECKING

from derive.messages import word
from derive.messages.reasons import reason

if TYPE_CHECKING:
    from derive.checking.limited import Tell
    from derive.checking.workers import Limits


def add_limits(parser: argparse.ArgumentParser, seconds: float, each: str, worker: str = "for the work") -> None:
    """The two options; `each` is what the time is for."""
    parser.add_argument("--time-limit", type=positive, default=seconds, metavar="SECONDS",
                        help=f"{each} (default: {seconds:g})")  # fmt: skip
    parser.add_argument("--memory-limit", type=positive, default=2.0, metavar="GB",
                        help=f"{worker} (default: 2)")  # fmt: skip


def positive(text: str) -> float:
    value = float(text)
    if not 0 < value < float("inf"):
        raise argparse.ArgumentTypeError(f"{text} is not a positive number")
    return value


def limits_of(args: argparse.Namespace) -> Limits:
    from derive.checking.workers import Limits

    return Limits(args.time_limit, int(args.memory_limit * (1 << 30)))


def limited(args: argparse.Namespace, answer: Callable[[Tell, argparse.Namespace], int]) -> int:
    """Runs a command on one document in a process of its own; 1 where it exceeds its limits, 2 in reading.

    `answer` prints and returns the exit code; it tells (what is derived, where that is defined).
    """
    from derive.checking.limited import Exceeded, within

    limits = limits_of(args)
    try:
        code, out, err = within(limits, _captured, args, answer)
    except Exceeded as failure:
        why = reason(failure.text(limits), args.lang)
        if failure.where is None:
            print(f"derive: {args.file}: {word('cannot_read', args.lang, why=why)}", file=sys.stderr)
            return 2
        what, at = failure.where
        said = reason(f"{what} was not derived", args.lang)
        print(f"{word('error', args.lang)}: {said}\n  --> {at}\n   = {why}", file=sys.stderr)
        return 1
    sys.stdout.write(out)
    sys.stderr.write(err)
    return code


def _captured(
    tell: Tell, args: argparse.Namespace, answer: Callable[[Tell, argparse.Namespace], int]
) -> tuple[int, str, str]:
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        code = answer(tell, args)
    return code, out.getvalue(), err.getvalue()


__all__ = ["add_limits", "limited", "limits_of", "positive"]
