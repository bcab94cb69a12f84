"""`derive list`: the names of the lecture's derivations."""

from __future__ import annotations

import argparse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    pass


def run(args: argparse.Namespace) -> int:
    from derive.lecture import DERIVATIONS

    print("\n".join(DERIVATIONS))
    return 0
