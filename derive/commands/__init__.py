"""The subcommands of `derive`: one module each, imported only when it is called.

A module `derive.commands.NAME` has `add_arguments(parser)` and `run(args) -> exit code`.
"""

from __future__ import annotations

import argparse
from importlib import import_module
from importlib.util import find_spec
from typing import Protocol, cast

#: name → one line of help; a command whose module is not installed is not offered
COMMANDS = {
    "prove": "prove the lecture's derivations",
    "list": "name the lecture's derivations",
    "show": "show one of the lecture's derivations",
    "errata": "what the lecture's slides state that does not hold as printed",
    "check": "check homework documents step by step",
    "explain": "explain a message by its code, such as D201",
    "gradient": "derive and prove the gradient of a definition in a document",
    "hessian": "derive and prove the Hessian of a definition in a document",
}


class Command(Protocol):
    def add_arguments(self, parser: argparse.ArgumentParser) -> None: ...

    def run(self, args: argparse.Namespace) -> int: ...


def available() -> dict[str, str]:
    """The subcommands that are there, with a line on each."""
    return {name: text for name, text in COMMANDS.items() if find_spec(f"{__name__}.{name}")}


def load(name: str) -> Command:
    """The module of a subcommand."""
    return cast(Command, import_module(f"{__name__}.{name}"))
