"""`derive COMMAND …`: finds the command's module; `derive.commands` lists them."""

from __future__ import annotations

import argparse
import sys

from derive.commands import available, load
from derive.output import while_read

INTERRUPTED = 130  # 128 + SIGINT, as a shell reports it


def main(argv: list[str] | None = None) -> int:
    """Runs one command.  Exit: 0, 1 or 5 as the command says, 2 for wrong usage, 130 for Ctrl-C."""
    argv = sys.argv[1:] if argv is None else argv
    parser = argparse.ArgumentParser(
        prog="derive", description="Checks derivations step by step, for every size."
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    chosen = next((word for word in argv if not word.startswith("-")), "")
    for name, summary in available().items():
        own = commands.add_parser(name, help=summary, description=summary[:1].upper() + summary[1:] + ".")
        if name == chosen:
            load(name).add_arguments(own)
    args = parser.parse_args(argv)
    try:
        return while_read(lambda: load(args.command).run(args))
    except KeyboardInterrupt:
        return INTERRUPTED


if __name__ == "__main__":
    sys.exit(main())
