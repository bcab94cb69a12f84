"""One piece of work in a process of its own, within limits of time and memory.

    within(limits, work, argument, …) -> what work(tell, argument, …) returns

The process is ended at its limit, whatever it is doing.  The limit is in seconds of computing, so that a busy
machine refuses nothing that a quiet one accepts; what only waits is ended, too, after `REAL` times as long.
`tell(where)` says where the work is and starts the clock again, so that the limit is one for each part; the first
part has time to import what it needs.
"""

from __future__ import annotations

import gc
import multiprocessing
import signal
from collections.abc import Callable
from contextlib import suppress
from multiprocessing.connection import Connection
from typing import Any, Concatenate, ParamSpec, TypeVar

from derive.checking.workers import START, Limits, bound_memory, method, set_alarm
from derive.clock import REAL

P = ParamSpec("P")
T = TypeVar("T")
Tell = Callable[[Any], None]

#: how seldom garbage is looked for: terms hold no cycles, and there are many
_GARBAGE = (200_000, 20, 20)
#: the signal by which a process ends that has computed for as long as it may
_SPENT = getattr(signal, "SIGPROF", signal.SIGTERM)


class Exceeded(Exception):
    """The work was ended from outside; `where` is what it told last, None if nothing.

    `reason` is "time", "memory" or "crash".
    """

    def __init__(self, reason: str, where: Any, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason, self.where, self.detail = reason, where, detail

    def text(self, limits: Limits) -> str:
        """One line for a person: what was exceeded, and what to do."""
        if self.reason == "time":
            return f"this takes more than {limits.seconds:g} s; allow more with --time-limit, or split the definition"
        if self.reason == "memory":
            return f"this needs more than {limits.memory_text}; allow more with --memory-limit, or split the definition"
        return f"internal error, please report it: {self.detail or 'the process ended'}"


def within(limits: Limits, work: Callable[Concatenate[Tell, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
    """What `work` returns.  Raises `Exceeded`; `work` and what goes in and out of it must be picklable."""
    context: Any = multiprocessing.get_context(method())
    ours, theirs = context.Pipe()
    process = context.Process(target=_served, args=(theirs, limits, work, args, kwargs), daemon=True)
    process.start()
    theirs.close()
    spare = START
    where: Any = None
    try:
        while True:
            if not ours.poll(REAL * limits.seconds + spare):
                raise Exceeded("time", where)
            kind, value = ours.recv()
            if kind == "done":
                found: T = value
                return found
            if kind != "at":
                raise Exceeded(kind, where, value)
            where, spare = value, 0.0
    except (EOFError, OSError):
        process.join()
        raise Exceeded("time" if process.exitcode == -_SPENT else "crash", where) from None
    finally:
        process.kill()
        process.join()
        ours.close()


def _served(
    connection: Connection, limits: Limits, work: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    bound_memory(limits.memory)
    gc.freeze()
    gc.set_threshold(*_GARBAGE)

    def tell(where: Any) -> None:
        allow(0.0)
        connection.send(("at", where))

    def allow(spare: float) -> None:
        set_alarm(REAL * limits.seconds + spare + 5)  # where nobody is left to end this process
        _end_after(limits.seconds + spare)

    allow(START)
    try:
        reply = "done", work(tell, *args, **kwargs)
    except MemoryError:
        reply = "memory", ""
    except Exception as error:
        reply = "crash", f"{type(error).__name__}: {error}"[:200]
    with suppress(OSError):
        connection.send(reply)


def _end_after(seconds: float) -> None:
    """Ends this process once it has computed for so long; without effect where that cannot be set."""
    if hasattr(signal, "setitimer"):
        signal.setitimer(signal.ITIMER_PROF, seconds)


__all__ = ["Exceeded", "Tell", "within"]
