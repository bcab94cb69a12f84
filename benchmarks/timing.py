"""Timing of commands and calls. A measurement is the least of several: what disturbs it only ever adds."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Sequence


def command(words: Sequence[str], repeat: int = 3, codes: Sequence[int] = (0, 1)) -> float:
    """Seconds of `python words…`, from a cold start. Raises `RuntimeError` where it ends with another exit code."""
    best = float("inf")
    for _ in range(repeat):
        began = time.perf_counter()
        done = subprocess.run([sys.executable, *words], capture_output=True, text=True)
        best = min(best, time.perf_counter() - began)
        if done.returncode not in codes:
            raise RuntimeError(f"{' '.join(words)} ended with {done.returncode}: {done.stderr.strip()}")
    return best


def call(function: Callable[[], object], repeat: int = 5) -> float:
    """Seconds of one call."""
    best = float("inf")
    for _ in range(repeat):
        began = time.perf_counter()
        function()
        best = min(best, time.perf_counter() - began)
    return best


def yardstick() -> float:
    """Seconds that this machine needs to start Python and import SymPy: what every command here pays first."""
    return command(["-c", "import sympy"])


def row(what: str, seconds: float, against: float, unit: str) -> None:
    """One line: what, its time, and its ratio to another time of the same run."""
    print(f"{what:<52} {seconds:8.3f} s  {seconds / against:8.2f} × {unit}", flush=True)
