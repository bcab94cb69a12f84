"""Many documents on several workers: which step is checked where, and the reports in order."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from derive.checking.documents import unreadable
from derive.checking.workers import Answer, Failure, Limits, Source, Task, Worker, wait_for
from derive.report import Report, StepReport, with_hindsight


@dataclass
class _Work:
    """A document's way through the workers."""

    source: Source
    steps: list[StepReport] | None = None
    waiting: deque[int] = field(default_factory=deque)
    left: int = 0  # steps that have no verdict yet
    spent: float = 0.0


def jobs_for(jobs: int | None) -> int:
    """The number of workers: as asked, or one for each core that this process may use."""
    if jobs:
        return jobs
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def check_all(sources: Sequence[Source], limits: Limits, jobs: int | None = None) -> Iterator[Report]:
    """The report on each document, in the order given; at most `jobs` are checked at a time."""
    works = [_Work(source) for source in sources]
    unread = deque(works)
    workers: list[Worker] = []
    tasks: dict[Worker, tuple[_Work, int | None]] = {}
    most = jobs_for(jobs)
    try:
        for work in works:
            while work.steps is None or work.left:
                _hand_out(works, unread, workers, tasks, most, limits)
                wait_for(tasks)
                for worker in list(tasks):
                    answer = worker.take()
                    if answer is not None:
                        _settle(*tasks.pop(worker), answer, limits)
            yield Report(with_hindsight(work.steps), work.spent, work.source.text)
            work.steps = []
    finally:
        for worker in workers:
            worker.stop()


def _hand_out(
    works: list[_Work],
    unread: deque[_Work],
    workers: list[Worker],
    tasks: dict[Worker, tuple[_Work, int | None]],
    most: int,
    limits: Limits,
) -> None:
    """A task for every worker that has none, while there are tasks."""
    while True:
        free = next((w for w in workers if w not in tasks), None)
        if free is None and len(workers) >= most:
            return
        chosen = _next(works, unread, free)
        if chosen is None:
            return
        if free is None:
            free = Worker(limits)
            workers.append(free)
        work, step = chosen
        task: Task = work.source, step
        free.give(task)
        tasks[free] = chosen


def _next(works: list[_Work], unread: deque[_Work], worker: Worker | None) -> tuple[_Work, int | None] | None:
    """A step of the document that the worker has read, else a new document, else another's step."""
    mine = next((w for w in works if worker is not None and w.source is worker.holds), None)
    if mine is not None and mine.waiting:
        return mine, mine.waiting.popleft()
    if unread:
        return unread.popleft(), None
    other = next((w for w in works if w.waiting), None)
    return (other, other.waiting.popleft()) if other is not None else None


def _settle(work: _Work, step: int | None, answer: Answer, limits: Limits) -> None:
    if step is None:
        if isinstance(answer, list):
            work.steps = answer
            work.waiting = deque(k for k, s in enumerate(answer) if not s.verdict)
            work.left = len(work.waiting)
        else:
            work.steps = [unread_document(work.source, limits, answer)]
        return
    assert work.steps is not None
    if isinstance(answer, StepReport):
        work.steps[step] = answer
        work.spent += answer.seconds
    else:
        work.steps[step] = undecided(work.steps[step], limits, answer)
    work.left -= 1


def undecided(step: StepReport, limits: Limits, failure: Answer) -> StepReport:
    """The report on a step whose check was ended from outside."""
    reason = failure.reason if isinstance(failure, Failure) else "crash"
    detail = failure.detail if isinstance(failure, Failure) else ""
    code, limit = {
        "time": ("D402", f"{limits.seconds:g}"),
        "memory": ("D403", limits.memory_text),
        "crash": ("D404", ""),
    }[reason]
    params = {"limit": limit} if limit else {"detail": detail or "—"}
    return replace(step, verdict="unknown", code=code, params=params)


def unread_document(source: Source, limits: Limits, failure: Answer) -> StepReport:
    """The one step of a document that could not be read within the limits."""
    detail = failure.detail if isinstance(failure, Failure) else ""
    return unreadable(source.file, f"{limits.seconds:g}", limits.memory_text, detail)
