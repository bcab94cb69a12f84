"""The pictures of a run, as PNG files; no window is ever opened."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from training.files import write_atomically


def save(figure: Figure, path: Path) -> None:
    """Write `figure` to `path` as PNG, atomically."""
    FigureCanvasAgg(figure)
    write_atomically(path, lambda file: figure.savefig(file, format="png", dpi=120))


def learning_curve(epochs: Sequence[dict[str, float]], title: str, path: Path) -> None:
    """Loss on the training data and accuracy on the test data, over the epochs."""
    figure = Figure(figsize=(7, 4), layout="constrained")
    left = figure.subplots()
    right = left.twinx()
    at = [e["epoch"] for e in epochs]
    lines = left.plot(at, [e["loss"] for e in epochs], "C0.-", label="training loss")
    lines += right.plot(at, [100 * e["test_accuracy"] for e in epochs], "C1.-", label="test accuracy")
    left.set(xlabel="epoch", ylabel="mean cross entropy", title=title, yscale="log")
    left.xaxis.set_major_locator(MaxNLocator(integer=True))
    right.set(ylabel="test accuracy in %")
    left.legend(handles=lines, loc="center right")
    save(figure, path)


def loss_curve(history: Sequence[dict[str, float]], name: str, path: Path) -> None:
    """The loss called `name` over the steps or epochs."""
    figure = Figure(figsize=(7, 4), layout="constrained")
    axes = figure.subplots()
    losses = [e["loss"] for e in history]
    axes.plot([e["epoch"] for e in history], losses, ".-" if len(losses) <= 100 else "-")
    axes.set(xlabel="step", ylabel=name, yscale="log" if min(losses) > 0 else "linear")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    save(figure, path)


def misclassified(
    X: NDArray[np.float32], labels: NDArray[np.int64], guesses: NDArray[np.int64], side: int, path: Path
) -> None:
    """Up to 25 images (columns of `X`) whose guess is not their label."""
    wrong = np.flatnonzero(labels != guesses)
    figure = _grid(
        [X[:, n].reshape(side, side) for n in wrong[:25]],
        [f"{labels[n]}, taken for {guesses[n]}" for n in wrong[:25]],
        cmap="gray_r",
        vmin=X.min(),
        vmax=X.max(),
    )
    figure.suptitle(f"{wrong.size:,} of {labels.size:,} test images are misclassified")
    save(figure, path)


def first_layer(W: NDArray[np.float32], side: int, path: Path) -> None:
    """The 25 rows of `W` (units, pixels) of largest norm, as images: what these hidden units look for."""
    order = np.argsort(-np.linalg.norm(W, axis=1))[:25]
    largest = float(np.abs(W).max())
    images = [W[j].reshape(side, side) for j in order]
    figure = _grid(images, [f"unit {j + 1}" for j in order], cmap="RdBu", vmin=-largest, vmax=largest)
    figure.suptitle("weights into the hidden units of largest norm (blue positive, red negative)")
    save(figure, path)


def _grid(images: Sequence[NDArray[np.float32]], titles: Sequence[str], **style: Any) -> Figure:
    """Up to 25 images, each below its title, as one picture: one image is drawn far faster than 25."""
    side = images[0].shape[0] if images else 1
    gap = max(2, side // 5)  # room for a title
    cell = side + gap
    sheet = np.full((5 * cell, 5 * cell - gap), np.nan, np.float32)
    figure = Figure(figsize=(8, 8.6), layout="constrained")
    axis = figure.subplots()
    axis.axis("off")
    for n, (image, title) in enumerate(zip(images, titles, strict=True)):
        top, left = n // 5 * cell + gap, n % 5 * cell
        sheet[top : top + side, left : left + side] = image
        axis.text(left + side / 2, top - 1, title, ha="center", va="bottom", fontsize=8)
    axis.imshow(sheet, **style)
    return figure
