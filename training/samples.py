"""Which axis of the data counts the samples, and what a mini-batch of them tells about the whole loss.

The rule. The sample axis is the one named size that the data arrays have and that no array to be learned
has: with X ∈ ℝ^{N×D}, y ∈ ℝ^N and w ∈ ℝ^D to be learned it is N. Each data array must have it on one axis at
most; those that have it are cut along it together.

Then the loss must be one that batches can stand for. It may be the mean over the samples (and terms without
them), so that a batch's loss estimates it; or a sum over the samples plus terms that do not depend on them.
Which of the two it is, the loss itself tells, evaluated on parts of the data; where it is neither (a sum over
pairs of samples), mini-batches are refused.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from derive.terms import Shape
from training.descent import Arrays
from training.errors import TrainingError

_INSTEAD = "use --method gd or --method lbfgs, which need no samples"


def sample_size(data: Mapping[str, Shape], learned: Mapping[str, Shape], wanted: str | None = None) -> str:
    """The name of the size that counts samples (`wanted`, if it can be). Raises `TrainingError`."""
    among = {name for shape in data.values() for size in shape for name in size.names}
    used = {name for shape in learned.values() for size in shape for name in size.names}
    found = sorted(among - used)
    if wanted is not None:
        if wanted not in among:
            raise TrainingError(f"--samples {wanted}: no data array has that size; they have {_list(sorted(among))}")
        if wanted in used:
            raise TrainingError(f"--samples {wanted}: an array to be learned has that size, so it grows with the data")
        found = [wanted]
    if not found:
        raise TrainingError(
            f"mini-batches need a size that counts samples: every size of the data ({_list(sorted(among))}) is "
            f"also one of what is learned; {_INSTEAD}"
        )
    if len(found) > 1:
        raise TrainingError(
            f"{_list(found)}: each could count the samples; choose one with --samples, or {_INSTEAD}"
        )
    for name, shape in data.items():
        axes = [size for size in shape if found[0] in size.names]
        if len(axes) > 1 or any(size.names != (found[0],) or size.parts[0][1] != 1 or size.const for size in axes):
            raise TrainingError(f"{name} has the size {found[0]} in a way that cannot be cut into samples; {_INSTEAD}")
    return found[0]


def sample_axes(data: Mapping[str, Shape], size: str) -> dict[str, int]:
    """Data array → the axis that counts samples, for those that have it."""
    return {
        name: axis for name, shape in data.items() for axis, length in enumerate(shape) if length.names == (size,)
    }


def cut(data: Mapping[str, NDArray[Any]], axes: Mapping[str, int], which: NDArray[np.intp]) -> Arrays:
    """The data of the samples `which`; arrays without the sample axis are what they were."""
    return {name: value.take(which, axes[name]) if name in axes else value for name, value in data.items()}


@dataclass(frozen=True)
class Kind:
    """How a batch's loss stands for the whole: the `mean` of its samples, or a sum beside `fixed` terms."""

    mean: bool
    fixed: bool = False


def kind(loss_on: Callable[[NDArray[np.intp]], float], samples: int, tolerance: float) -> Kind:
    """Tell the two kinds apart by the loss on halves of the data; `loss_on` evaluates it on some samples.

    Raises `TrainingError` where it is neither.
    """
    if samples < 4:
        raise TrainingError(f"{samples} samples are too few for mini-batches; {_INSTEAD}")
    whole = np.arange(samples - samples % 2)
    loss = loss_on(whole)
    rng = np.random.default_rng(0)

    def split(count: int) -> tuple[float, float]:
        order = rng.permutation(whole)
        return loss_on(order[:count]), loss_on(order[count:])

    halves = [split(whole.size // 2) for _ in range(3)]
    scale = max(abs(value) for value in (loss, *(part for pair in halves for part in pair))) or 1.0

    def small(values: Sequence[float]) -> bool:
        return all(abs(value) <= tolerance * scale for value in values)

    if small([loss - (a + b) / 2 for a, b in halves]):
        return Kind(mean=True)
    # a term without samples is in both parts; of a sum over pairs, unequal parts would leave different remainders
    unequal = [split(count) for count in rng.integers(1, whole.size, 8)]
    fixed = [a + b - loss for a, b in halves + unequal]
    if small([value - fixed[0] for value in fixed]):
        return Kind(mean=False, fixed=not small(fixed))
    raise TrainingError(
        "the loss is neither a mean over the samples nor a sum over them with terms that have none, so a "
        f"mini-batch does not tell its gradient; {_INSTEAD}"
    )


def _list(names: Sequence[str]) -> str:
    return ", ".join(names) or "none"
