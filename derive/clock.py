"""The clock of the limits inside a check: seconds that this thread has computed.

On a busy machine a search then takes longer, but it goes as far, and its answer is the same.  Only after `REAL`
times as many real seconds has every deadline passed.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

#: real seconds for each second of computing that is allowed
REAL = 3.0


class _Real(threading.local):
    end = math.inf


_real = _Real()


def now() -> float:
    """Seconds of computing of this thread; a `deadline` is such a time."""
    return time.thread_time()


def passed(deadline: float | None) -> bool:
    """Is it past the deadline (None: there is none), or past the real limit that stands around it?"""
    return time.monotonic() > _real.end or (deadline is not None and now() > deadline)


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Everything inside ends after so many real seconds, or earlier where it stands inside another limit."""
    outer, _real.end = _real.end, min(_real.end, time.monotonic() + seconds)
    try:
        yield
    finally:
        _real.end = outer


__all__ = ["REAL", "now", "passed", "within"]
