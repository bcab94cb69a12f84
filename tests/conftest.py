"""What tests count is added up at the end of the run, wherever they ran; Ctrl-C reaches what they start."""

from __future__ import annotations

import signal
from collections import Counter

import pytest
from mutants import summary

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # so a script starts its jobs in the background
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    counts: dict[str, tuple[Counter[str], Counter[str]]] = {}
    for report in terminalreporter.getreports("passed") + terminalreporter.getreports("failed"):
        for name, value in report.user_properties:
            if name == "mutants":
                title, false, found = value
                for kept, more in zip(counts.setdefault(title, (Counter(), Counter())), (false, found), strict=True):
                    kept.update(more)
    for title, (false, found) in counts.items():
        terminalreporter.write_line(f"{title}: {summary(false, found)}")
