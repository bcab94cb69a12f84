"""Ways down a loss: gradient descent, mini-batch gradient descent, and SciPy's L-BFGS.

All of them move named arrays. They know a loss by its value and gradients alone; which loss that is, is the
generated code's business.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from training.errors import TrainingError

Array = NDArray[Any]
Arrays = dict[str, Array]
Evaluate = Callable[[Mapping[str, Array]], tuple[float, Arrays]]  # the arrays → the loss and its gradients
Tell = Callable[[int, float, Arrays], None]  # after step n: the loss and the arrays, which are then the caller's
Bounds = tuple[float, float]
Batch = Callable[[Mapping[str, Array], NDArray[np.intp]], Arrays]  # the arrays, sample numbers → a gradient

_FLAT = 1e-9  # a gradient this small, against the largest entry at the start, is 0


def gradient_descent(
    evaluate: Evaluate, start: Arrays, *, steps: int, rate: float | None, tell: Tell, done: int = 0,
    memory: dict[str, float] | None = None,
) -> None:  # fmt: skip
    """θ ← θ − η ∇L, with η = `rate`; `done` steps were taken before, `memory` is what they left.

    Without `rate`, η is halved until the loss falls by η‖∇L‖²/2 [Armijo 1966], and doubled after the step.
    Stops early where the gradient vanishes or no step falls any more.
    """
    now = dict(start)
    memory = {} if memory is None else memory
    loss, gradient = _finite(evaluate(now), 0)
    first = memory.setdefault("first", _largest(gradient))
    trial = rate or memory.get("trial", 1.0)
    for step in range(done + 1, steps + 1):
        if _largest(gradient) <= _FLAT * first:
            return
        square = sum(float(np.vdot(g, g)) for g in gradient.values())
        while True:
            after = {name: _moved(value, gradient[name], trial) for name, value in now.items()}
            there, slope = evaluate(after)
            if rate is not None or there <= loss - trial * square / 2:
                break
            trial /= 2
            if trial * square <= 1e-15 * abs(loss):
                return
        loss, gradient = _finite((there, slope), step)
        now = after
        if rate is None:
            trial *= 2
        memory["trial"] = trial
        tell(step, loss, now)


def minibatch(
    evaluate: Evaluate,
    gradient_on: Batch,
    start: Arrays,
    *,
    samples: int,
    batch: int,
    epochs: int,
    rate: float,
    rng: np.random.Generator,
    tell: Tell,
    done: int = 0,
) -> None:
    """θ ← θ − η g over all batches of a new random order per epoch; `tell` gets the loss on all data.

    `done` epochs were taken before."""
    now = dict(start)
    for epoch in range(done + 1, epochs + 1):
        order = rng.permutation(samples)
        for first in range(0, samples, batch):
            gradient = gradient_on(now, order[first : first + batch])
            now = {name: _moved(value, gradient[name], rate) for name, value in now.items()}
        loss, _ = _finite(evaluate(now), epoch)
        tell(epoch, loss, now)


def lbfgs(
    evaluate: Evaluate, start: Arrays, *, steps: int, bounds: Mapping[str, Bounds], tell: Tell, done: int = 0
) -> None:
    """SciPy's L-BFGS-B; every entry of an array stays within the array's bounds.

    After `done` steps taken before, it learns the curvature anew."""
    left = steps - done
    if left <= 0:
        return
    shapes = {name: value.shape for name, value in start.items()}
    types = {name: value.dtype for name, value in start.items()}
    ends = np.cumsum([value.size for value in start.values()])

    def apart(flat: NDArray[np.float64]) -> Arrays:
        pieces = np.split(flat, ends[:-1])
        return {n: p.reshape(shapes[n]).astype(types[n]) for n, p in zip(shapes, pieces, strict=True)}

    def together(arrays: Arrays) -> NDArray[np.float64]:
        return np.concatenate([np.asarray(arrays[name], np.float64).ravel() for name in shapes])

    def value_and_gradient(flat: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        loss, gradient = evaluate(apart(flat))
        return loss, together(gradient)

    before, _ = _finite(evaluate(start), 0)
    count = done

    def after(intermediate_result: Any) -> None:
        nonlocal count
        count += 1
        if not np.isfinite(intermediate_result.fun):
            raise TrainingError(
                f"the loss is {intermediate_result.fun} after {count} steps: it seems to have no minimum; "
                "a penalty on what is learned, or other data, may give it one"
            )
        tell(count, float(intermediate_result.fun), apart(intermediate_result.x))

    double = all(np.dtype(t) == np.float64 for t in types.values())
    found = minimize(
        value_and_gradient,
        together(start),
        jac=True,
        method="L-BFGS-B",
        bounds=[bounds[name] for name, value in start.items() for _ in range(value.size)],
        callback=after,
        options={"maxiter": left, "maxfun": 20 * left, "ftol": 1e-14 if double else 1e-7, "gtol": 1e-9},
    )
    if count == done == 0 and not found.success:
        raise TrainingError(
            f"no step can be taken from the start, where the loss is {before:.8g}: it seems to have no minimum "
            "(a likelihood is to be maximised), or the data have other scales than the start"
        )


def _moved(value: Array, gradient: Array, rate: float) -> Array:
    return np.asarray(value - value.dtype.type(rate) * gradient)


def _largest(gradient: Arrays) -> float:
    return max(float(np.abs(g).max(initial=0)) for g in gradient.values())


def _finite(found: tuple[float, Arrays], step: int) -> tuple[float, Arrays]:
    loss, gradient = found
    if np.isfinite(loss) and all(np.isfinite(g).all() for g in gradient.values()):
        return found
    what = f"the loss is {loss}" if not np.isfinite(loss) else "a gradient is not finite"
    if step == 0:
        raise TrainingError(f"{what} at the start; give other start values in the data file, or check the data")
    raise TrainingError(f"{what} after {step} steps: training diverged; try a smaller --learning-rate")
