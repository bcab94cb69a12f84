"""What a run shows while it works: a bar in a terminal, one line per epoch elsewhere."""

from __future__ import annotations

from types import TracebackType
from typing import Self, TextIO

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn


class Reporter:
    """Shows epochs (or steps, by `unit`) on `file`; use it as a context manager.

    Outside a terminal every epoch is a line, but of many more than a screen only some.
    """

    def __init__(self, file: TextIO, epochs: int, done: int = 0, unit: str = "epoch") -> None:
        self._unit = unit
        self._every = max(1, epochs // 100)
        self._console = Console(file=file, highlight=False, markup=False, soft_wrap=True)
        self._epochs = epochs
        self._bar: Progress | None = None
        if self._console.is_terminal:
            self._bar = Progress(
                TextColumn(unit),
                MofNCompleteColumn(),
                BarColumn(),
                TextColumn("{task.fields[numbers]}"),
                TimeRemainingColumn(),
                console=self._console,
            )
            self._task = self._bar.add_task(unit, total=epochs, completed=done, numbers="")

    def __enter__(self) -> Self:
        if self._bar is not None:
            self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.stop()

    def epoch(self, number: int, loss: float, accuracy: float | None, seconds: float) -> None:
        """Show that epoch `number` is done; `accuracy` lies in [0, 1]."""
        numbers = f"loss {loss:.4f}" if accuracy is not None else f"loss {loss:.8g}"
        if accuracy is not None:
            numbers += f"  test accuracy {accuracy:.2%}"
        if self._bar is not None:
            self._bar.update(self._task, completed=number, numbers=numbers)
        elif number == 1 or number % self._every == 0:
            self._console.print(f"{self._unit} {number:3}/{self._epochs}  {numbers}  {seconds:.2f} s")
