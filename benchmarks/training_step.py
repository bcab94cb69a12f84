"""A step of `generated.neural_network.train` beside its own matrix products and batch gathering.

One run records what the steps of an epoch ask of `_gemm` and of `np.take`, then times the epochs of
one call of `train` and, on arrays of the same sizes, those calls alone, in turns; the ratio of the
fastest (and of the median) of both is printed.  All else that an epoch does is in the numerator alone.
What a call does once, before its first epoch (the checks of its arguments, the buffers), is no part of
the loop; the ratio of a call of a single epoch, with all that, is shown beside.  The aim is a ratio of
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

INPUTS, CLASSES, SAMPLES = 784, 10, 6000
AIM = 1.3


def data(hidden: int) -> tuple[list[tuple[Any, Any]], Any, Any]:
    rng = np.random.default_rng(0)
    X = rng.random((SAMPLES, INPUTS), dtype=np.float32).T
    D = np.eye(CLASSES, dtype=np.float32)[:, rng.integers(0, CLASSES, SAMPLES)]
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
    """Prints one line; the ratios of the minima and of the medians."""
    params, X, D = data(hidden)

    def train(epochs: int, callback: Callable[..., object] | None = None) -> object:
        return neural_network.train(
            params, X, D, learning_rate=0.1, batch=batch, epochs=epochs, callback=callback
        )

    calls = recorded(lambda: train(1))
    steps = -(-SAMPLES // batch)
    whole, alone, once = [], [], []
    for _ in range(10):
        began = time.perf_counter()
        train(0)
        once.append(time.perf_counter() - began)

    def after_an_epoch(*_: object) -> None:
        nonlocal began
        whole.append(time.perf_counter() - began)
        began = time.perf_counter()
        for call in calls:
            call()
        alone.append(time.perf_counter() - began)
        began = time.perf_counter()

    began = time.perf_counter()
    train(rounds + 1, after_an_epoch)
    del whole[0], alone[0]  # the first epoch has the call's checks
    ratios = float(np.min(whole) / np.min(alone)), float(np.median(whole) / np.median(alone))
    print(
        f"hidden {hidden:4d}, batch {batch}: a step {np.min(whole) / steps * 1e6:6.0f} µs, its products and "
        f"gathering {np.min(alone) / steps * 1e6:6.0f} µs; ratio {ratios[0]:.2f} (medians {ratios[1]:.2f}), "
        f"aim {AIM}; a call of one epoch {(np.min(whole) + np.min(once)) / np.min(alone):.2f}"
    )
    return ratios


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
