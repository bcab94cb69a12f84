"""A step of `generated.neural_network.train` beside its own matrix products and batch gathering.

One run records what the steps of an epoch ask of `_gemm` and of `np.take`.  It then times, in turns,
the steps of an epoch (each from its start to the start of the next, and the shuffle before the first,
shared by all) and, on arrays of the same sizes, those calls alone, step by step.  All else that the
loop does is in the numerator alone.  The ratio of the fastest hundredth (and of the median) of both is
printed: a step is short enough that some are not interrupted on a busy machine either.

What a call does once, before its first epoch (the checks of its arguments, the buffers), is no part of
the loop; the ratio for calls of a single epoch, with all that, is shown beside.  The aim is a ratio of
at most 1.3 at batch 100 with 100 and 512 hidden units, as on MNIST.

    python -m benchmarks.training_step [--hidden 100 512] [--batch 100] [--rounds 40]
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from generated import neural_network

INPUTS, CLASSES, STEPS = 784, 10, 60
AIM = 1.3


def data(hidden: int, samples: int) -> tuple[list[tuple[Any, Any]], Any, Any]:
    rng = np.random.default_rng(0)
    X = rng.random((samples, INPUTS), dtype=np.float32).T
    D = np.eye(CLASSES, dtype=np.float32)[:, rng.integers(0, CLASSES, samples)]
    params = [
        (
            rng.standard_normal((rows, columns), dtype=np.float32) / np.float32(columns**0.5),
            np.zeros(rows, np.float32),
        )
        for rows, columns in ((hidden, INPUTS), (CLASSES, hidden))
    ]
    return params, X, D


def recorded(train: Callable[[], object]) -> list[Callable[[], object]]:
    """The products and the gathering of one epoch, as calls on the arrays that `train` used."""
    calls: list[Callable[[], object]] = []
    weights: dict[int, Any] = {}
    gemm, take = neural_network._gemm, np.take

    def note_gemm(*args: Any) -> None:
        alpha, a, b, beta, c = args
        target = weights.setdefault(id(c), c.copy()) if beta else c
        calls.append(lambda: gemm(alpha, a, b, beta, target))
        gemm(*args)

    def note_take(source: Any, chosen: Any, **more: Any) -> Any:
        calls.append(lambda: take(source, chosen, **more))
        return take(source, chosen, **more)

    neural_network._gemm, np.take = note_gemm, note_take
    try:
        train()
    finally:
        neural_network._gemm, np.take = gemm, take
    return calls


def measure(hidden: int, batch: int, rounds: int) -> tuple[float, float]:
    """Prints one line; the ratios of the fastest hundredths and of the medians."""
    params, X, D = data(hidden, STEPS * batch)

    def train(epochs: int, callback: Callable[..., object] | None = None) -> object:
        return neural_network.train(
            params, X, D, learning_rate=0.1, batch=batch, epochs=epochs, callback=callback
        )

    calls = recorded(lambda: train(1))
    each = len(calls) // STEPS
    now, step = time.perf_counter, neural_network._step
    times: dict[str, list[float]] = {kind: [] for kind in ("call", "shuffle", "step", "alone")}
    for _ in range(rounds):
        began = now()
        train(0)
        times["call"].append(now() - began)
    began, kind = now(), "call"

    def timed(*given: Any) -> Any:
        nonlocal began, kind
        times[kind].append(now() - began)
        began, kind = now(), "step"
        return step(*given)

    def after_an_epoch(*_: object) -> None:
        nonlocal began, kind
        for first in range(0, len(calls), each):
            began = now()
            for call in calls[first : first + each]:
                call()
            times["alone"].append(now() - began)
        began, kind = now(), "shuffle"

    neural_network._step = timed
    try:
        train(rounds + 1, after_an_epoch)
    finally:
        neural_network._step = step
    found = []
    for quantile in (1, 50):
        call, shuffle, one, alone = (float(np.percentile(t, quantile)) * 1e6 for t in times.values())
        loop = one + shuffle / STEPS
        found.append((loop / alone, (loop + call / STEPS) / alone, loop, alone))
    (ratio, checked, loop, alone), (median, *_) = found
    print(
        f"hidden {hidden:4d}, batch {batch}: a step {loop:6.0f} µs, its products and gathering {alone:6.0f} µs; "
        f"ratio {ratio:.2f} (medians {median:.2f}), aim {AIM}; in calls of one epoch {checked:.2f}"
    )
    return ratio, median


def main(arguments: Sequence[str] = ()) -> None:
    parser = argparse.ArgumentParser(prog="benchmarks.training_step", description=__doc__.splitlines()[0])
    parser.add_argument("--hidden", type=int, nargs="+", default=[100, 256, 512])
    parser.add_argument("--batch", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=40)
    options = parser.parse_args(arguments)
    for hidden in options.hidden:
        measure(hidden, options.batch, options.rounds)


if __name__ == "__main__":
    main(sys.argv[1:])
