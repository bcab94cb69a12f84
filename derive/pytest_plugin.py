"""pytest plugin: `pytest --derive homework/` makes every step of every `.md` a test.

Installed with the package (entry point `pytest11`); without the flag it does nothing.  A step passes if it
is proved, or has the verdict that a comment in front of its display expects:

    <!-- derive: expect unknown -->
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from derive.checking.workers import Source, Worker
    from derive.report import StepReport

_WORKER = pytest.StashKey["Worker"]()


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("derive", "derivations in Markdown")
    group.addoption("--derive", action="store_true", help="collect the steps of derivations in .md files")
    group.addoption("--derive-time-limit", type=float, default=10.0, metavar="SECONDS",
                    help="for each step (default: 10)")  # fmt: skip
    group.addoption("--derive-lang", choices=["en", "ja"], default="en", help="language of the messages")


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    if parent.config.getoption("derive") and file_path.suffix == ".md":
        return Document.from_parent(parent, path=file_path)
    return None


def pytest_unconfigure(config: pytest.Config) -> None:
    worker = config.stash.get(_WORKER, None)
    if worker is not None:
        worker.stop()


def _worker(config: pytest.Config) -> Worker:
    """The process that checks the steps of this session."""
    from derive.checking.workers import Limits, Worker

    if _WORKER not in config.stash:
        config.stash[_WORKER] = Worker(Limits(seconds=config.getoption("derive_time_limit")))
    return config.stash[_WORKER]


def _shown(path: Path, root: Path) -> str:
    """The path as pytest shows it: from the root folder where it is inside."""
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else str(path)


class Document(pytest.File):
    """A Markdown file."""

    def collect(self) -> Iterator[pytest.Collector | pytest.Item]:
        from derive.checking.workers import Failure, Source
        from derive.files import Unreadable, read_text

        lang = self.config.getoption("derive_lang")
        try:
            source = Source(_shown(self.path, self.config.rootpath), read_text(str(self.path), lang))
        except (OSError, Unreadable) as error:
            raise self.CollectError(str(error)) from None
        steps = _worker(self.config).run((source, None))
        if not isinstance(steps, list):
            reason = steps.reason if isinstance(steps, Failure) else ""
            raise self.CollectError(f"the document could not be read within its limits ({reason})")
        sections: dict[tuple[str, int], list[int]] = {}
        for k, step in enumerate(steps):
            again = sum(s.derivation == step.derivation and s.step == step.step for s in steps[:k])
            sections.setdefault((step.derivation, again), []).append(k)
        for (title, again), numbers in sections.items():
            name = " ".join(title.replace("::", ":").split()) + (f" ({again + 1})" if again else "")
            yield Section.from_parent(self, name=name or "(no heading)", source=source, steps=steps, numbers=numbers)


class Section(pytest.Collector):
    """The steps under one heading."""

    def __init__(self, *, source: Source, steps: list[StepReport], numbers: list[int], **more: Any) -> None:
        super().__init__(**more)
        self.source, self.steps, self.numbers = source, steps, numbers

    def collect(self) -> Iterator[pytest.Item]:
        for k in self.numbers:
            name = f"step {self.steps[k].step}"
            yield StepItem.from_parent(self, name=name, source=self.source, steps=self.steps, number=k)


class StepFailed(Exception):
    """A step without the verdict that is expected of it."""

    def __init__(self, step: StepReport) -> None:
        super().__init__(step)
        self.step = step


class StepItem(pytest.Item):
    """One step: an adjacent pair of a chain."""

    def __init__(self, *, source: Source, steps: list[StepReport], number: int, **more: Any) -> None:
        super().__init__(**more)
        self.source, self.steps, self.number = source, steps, number

    def runtest(self) -> None:
        from derive.checking.schedule import undecided
        from derive.checking.workers import Limits
        from derive.report import StepReport

        listed = self.steps[self.number]
        step: Any = listed
        if not listed.verdict:
            step = _worker(self.config).run((self.source, self.number))
        if not isinstance(step, StepReport):
            step = undecided(listed, Limits(seconds=self.config.getoption("derive_time_limit")), step)
        expected = step.expect or "proved"
        if step.verdict != expected and not (step.verdict == "proved" and self._chained()):
            raise StepFailed(step)

    def _chained(self) -> bool:
        """Whether the display holds other steps, one of which may be the one that is marked."""
        here = self.steps[self.number]
        around = [*self.steps[max(0, self.number - 1) : self.number], *self.steps[self.number + 1 :][:1]]
        return any(s.left is not None and (s.left == here.right or s.right == here.left) for s in around)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        if not isinstance(excinfo.value, StepFailed):
            return super().repr_failure(excinfo, style)
        from derive.diagnostics.rows import plain
        from derive.diagnostics.text import Style, diagnostic
        from derive.messages import word

        step, lang = excinfo.value.step, self.config.getoption("derive_lang")
        rows = [plain(row) for row in diagnostic(step, self.source.text.split("\n"), Style(lang=lang))]
        if step.expect:
            wanted, verdict = word(step.expect, lang), word(step.verdict, lang)
            rows.append(word("expected", lang, wanted=wanted, verdict=verdict))
        return "\n".join(rows)

    def reportinfo(self) -> tuple[Path, int, str]:
        section = self.parent.name if self.parent is not None else ""
        return self.path, self.steps[self.number].line - 1, f"{section}::{self.name}"
