"""Worker processes that read and check documents within limits of time and memory.

A worker that hangs is killed, one that crashes is replaced; its task is answered by a `Failure`.  On Linux
a worker is forked from this process, which has imported the checker: a new one costs milliseconds.
"""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
import sys
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from typing import Any

from derive.report import StepReport

#: the checker is asked to stop at this share of the limit; what does not stop is killed at the limit
SOFT = 0.9
#: seconds more for the first task of a process that has to import the checker
START = 60.0
#: seconds after which an idle worker looks whether its parent is still there
_LOOK_UP = 5.0


@dataclass(frozen=True)
class Limits:
    """`seconds` for each step, and for reading a document; `memory` in bytes for each worker."""

    seconds: float = 10.0
    memory: int = 2 << 30

    @property
    def memory_text(self) -> str:
        return f"{self.memory / (1 << 30):g} GB"


@dataclass(frozen=True)
class Failure:
    """Why a task has no answer: `reason` is "time", "memory" or "crash"."""

    reason: str
    detail: str = ""


@dataclass(frozen=True, eq=False)
class Source:
    """A document's text under the name of its file; a worker reads it once."""

    file: str
    text: str


#: a document with the number of a step to check, from 0, or None to read it
Task = tuple[Source, int | None]
Answer = list[StepReport] | StepReport | Failure


class Worker:
    """One process with one task at a time: `give` it, `wait_for` the workers, `take` the answer."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._method = start_method()
        self._task: Task | None = None
        self._start()

    def _start(self) -> None:
        context: Any = multiprocessing.get_context(self._method)
        self.connection, theirs = context.Pipe()
        self.process = context.Process(target=_serve, args=(theirs, self._limits), daemon=True)
        self.process.start()
        theirs.close()
        self.holds: Source | None = None  # the document that it has read
        self._done = 0  # tasks answered by this process
        self.deadline = 0.0

    @property
    def busy(self) -> bool:
        return self._task is not None

    def give(self, task: Task) -> None:
        self._task = task
        source, step = task
        spare = START if self._method == "spawn" and not self._done else 0.0
        self.deadline = time.monotonic() + self._limits.seconds + spare
        text = None if self.holds is source else source
        self.holds = source
        with suppress(OSError):  # a process that is gone is noticed when its answer is taken
            self.connection.send((text, step))

    def take(self) -> Answer | None:
        """The answer if it is there; None while the worker is at work."""
        try:
            if not self.connection.poll():
                return self._ended(Failure("time")) if time.monotonic() >= self.deadline else None
            answer: Answer = self.connection.recv()
        except Exception:  # whatever a process that died in the middle of its answer has left
            return self._ended(Failure("crash"))
        if isinstance(answer, Failure) and answer.reason == "memory":
            return self._ended(answer)
        self._task = None
        self._done += 1
        return answer

    def _ended(self, failure: Failure) -> Failure | None:
        """Replaces the process.  One that had kept much from earlier tasks gets a second chance."""
        task, again = self._task, self._done and failure.reason != "time"
        self.stop()
        self._start()
        self._task = None
        if again and task is not None:
            self.give(task)
            return None
        return failure

    def run(self, task: Task) -> Answer:
        """Gives the task and waits for its answer."""
        self.give(task)
        while True:
            wait_for([self])
            answer = self.take()
            if answer is not None:
                return answer

    def stop(self) -> None:
        self.process.kill()
        self.process.join()
        self.connection.close()


def wait_for(workers: Iterable[Worker]) -> None:
    """Waits until one of the workers has an answer or has reached its limit."""
    busy = list(workers)
    left = min(w.deadline for w in busy) - time.monotonic()
    wait([w.connection for w in busy], timeout=max(0.0, left))


def method() -> str:
    """`fork` where it is safe: macOS's own libraries do not survive it, Windows has none."""
    safe = "fork" in multiprocessing.get_all_start_methods() and sys.platform != "darwin"
    return "fork" if safe else "spawn"


def start_method() -> str:
    """The same, for a process that checks: forked from this one, which has imported the checker."""
    if method() == "fork":
        import derive.checking.documents  # noqa: F401  (once, here, and not in every worker)
    return method()


# -- in the worker -----------------------------------------------------------------------------------


def _serve(connection: Connection, limits: Limits) -> None:
    """Answers tasks until the other end is closed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = os.getppid()
    bound_memory(limits.memory)
    from derive.checking.documents import described, judged, listed
    from derive.clock import within
    from derive.homework.document import Document, read_document

    gc.freeze()
    document: Document | None = None

    def answer(source: Source | None, step: int | None) -> Answer:
        nonlocal document
        if source is not None:
            document = read_document(source.text, source.file)
        if document is None:
            return Failure("crash", "no document")
        if step is None:
            return listed(document)
        soft = limits.seconds * SOFT
        with within(soft):
            return judged(document.claims[step], soft)

    while True:
        set_alarm(0)
        try:
            while not connection.poll(_LOOK_UP):
                if os.getppid() != parent:  # sister processes may hold the pipe open
                    return
            source, step = connection.recv()
        except (EOFError, OSError):
            return
        set_alarm(2 * limits.seconds + 5)
        reply: Answer
        try:
            reply = answer(source, step)
        except MemoryError:
            reply = Failure("memory")
        except Exception as error:
            reply = Failure("crash", described(error))
        with suppress(OSError):
            connection.send(reply)


def set_alarm(seconds: float) -> None:
    """Ends this process after so many seconds, also where nobody is left to do it; 0: not any more."""
    if hasattr(signal, "setitimer"):
        signal.setitimer(signal.ITIMER_REAL, seconds)


def bound_memory(limit: int) -> None:
    """`limit` bytes beyond what the process has already; without effect where that cannot be set."""
    try:
        import resource
    except ImportError:
        return
    now = 0
    with suppress(OSError, ValueError, IndexError), open("/proc/self/statm", encoding="ascii") as file:
        now = int(file.read().split()[0]) * resource.getpagesize()
    with suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_AS, (now + limit, now + limit))
