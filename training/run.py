"""A training run: the generated network on a data set, resumable and reproducible."""

from __future__ import annotations

import dataclasses
import time
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from generated import neural_network
from training import checkpoint
from training.checkpoint import Params, Settings, State
from training.data import Dataset
from training.errors import TrainingError
from training.files import write_json
from training.layers import initial_layers
from training.progress import Reporter

# Found by trial with the lecture's plain mini-batch gradient descent; the small digits need more passes.
DEFAULTS = {
    "mnist": Settings("mnist", hidden=256, batch=50, learning_rate=0.5, epochs=20, seed=0),
    "digits": Settings("digits", hidden=256, batch=25, learning_rate=0.1, epochs=40, seed=0),
}


_WORTH_THREADS = 200_000_000  # operations of one matrix product
_DIVERGED = 1e6  # loss of an epoch; that of a guess is below 3


def classify(params: Params, X: NDArray[np.float32]) -> NDArray[np.int64]:
    """The likeliest class of each column of `X`, shape (N,)."""
    probabilities: NDArray[np.float32] = neural_network.forward(params, X)
    classes: NDArray[np.int64] = np.argmax(probabilities, axis=0)
    return classes


def accuracy(params: Params, data: Dataset) -> float:
    """Share of the test images that `params` puts in their class."""
    return float(np.mean(classify(params, data.X_test) == data.labels_test))


def start(data: Dataset, settings: Settings) -> State:
    """The state before the first epoch; a function of the data's shape and the seed."""
    if settings.batch > data.X.shape[1]:
        raise TrainingError(
            f"--batch {settings.batch}: there are only {data.X.shape[1]} training images"
        )
    rng = np.random.default_rng(settings.seed)
    params = initial_layers(data.X, [settings.hidden, data.D.shape[0]], rng)
    return State(settings, params, dict(rng.bit_generator.state), [])


def resume(path: Path, settings: Settings) -> State:
    """The state stored at `path`. More epochs may be asked for; every other setting must be the run's own."""
    state = checkpoint.load(path)
    for field in dataclasses.fields(Settings):
        old, new = getattr(state.settings, field.name), getattr(settings, field.name)
        if field.name != "epochs" and old != new:
            name = field.name.replace("_", "-")
            raise TrainingError(
                f"{path}: that run has --{name} {old}, not {new}; resume it with the same"
            )
    return State(settings, state.params, state.random, state.epochs)


def train(data: Dataset, state: State, out: Path, report: Reporter) -> bool:
    """Go on from `state`, in place, to its last epoch; each epoch is stored in `out`. False: interrupted.

    The epoch that an interrupt cuts short is dropped, so `state` and the checkpoint are always those of whole epochs.
    """
    settings = state.settings
    rng = np.random.default_rng()
    with threadpool_limits(_threads(data, settings), user_api="blas"):
        return _epochs(data, state, out, report, rng)


def _threads(data: Dataset, settings: Settings) -> int | None:
    """BLAS threads; None: as many as it likes. A small product is over before a second thread has begun.

    On a busy machine the two would even wait for each other: fifty times the time was seen.
    """
    operations = 2 * data.X.shape[0] * settings.hidden * settings.batch
    return 1 if operations < _WORTH_THREADS else None


def _epochs(data: Dataset, state: State, out: Path, report: Reporter, rng: np.random.Generator) -> bool:
    """One call for all epochs: what it checks and sets up, it does once.

    An epoch depends on the weights and the random state alone, which is why a resumed run comes to the same numbers.
    """
    settings = state.settings
    done = len(state.epochs)
    began = time.perf_counter()

    def keep(count: int, params: Params, loss: float) -> None:
        nonlocal began
        seconds = time.perf_counter() - began
        number = done + count
        if not loss < _DIVERGED:  # nor is it where it is not a number
            raise TrainingError(
                f"the loss is {loss:.3g} in epoch {number}: training diverged; try a smaller --learning-rate"
            )
        entry = {
            "epoch": number,
            "loss": loss,
            "test_accuracy": accuracy(params, data),
            "seconds": round(seconds, 4),
        }
        random = dict(rng.bit_generator.state)
        after = State(settings, checkpoint.copy(params), random, [*state.epochs, entry])
        checkpoint.save(out / "checkpoint.npz", after)
        state.params, state.random, state.epochs = after.params, after.random, after.epochs
        report.epoch(number, loss, entry["test_accuracy"], seconds)
        began = time.perf_counter()

    try:
        checkpoint.save(out / "checkpoint.npz", state)  # a disk that refuses says so before the work
        rng.bit_generator.state = state.random
        began = time.perf_counter()
        neural_network.train(
            state.params,
            data.X,
            data.D,
            learning_rate=settings.learning_rate,
            batch=settings.batch,
            epochs=settings.epochs - done,
            rng=rng,
            callback=keep,
        )
    except KeyboardInterrupt:
        return False
    return True


def summary(state: State) -> dict[str, Any]:
    """The run as the command's `--json` prints it; seconds are those spent in training."""
    settings = state.settings
    return {
        "dataset": settings.dataset,
        "hidden": settings.hidden,
        "batch": settings.batch,
        "seed": settings.seed,
        "epochs": state.epochs,
        "test_accuracy": state.epochs[-1]["test_accuracy"] if state.epochs else None,
        "seconds": round(sum(e["seconds"] for e in state.epochs), 3),
    }


def write_results(data: Dataset, state: State, out: Path, finished: bool) -> None:
    """History, weights and pictures of `state`, into the folder `out`."""
    from training import plots

    facts = {
        **summary(state),
        "learning_rate": state.settings.learning_rate,
        "data": data.describe(),
        "finished": finished,
    }
    write_json(out / "history.json", facts)
    checkpoint.save_weights(out / "weights.npz", state.params, data.mean, data.std)
    if state.epochs:
        plots.learning_curve(state.epochs, data.describe().split(":")[0], out / "learning-curve.png")
    guesses = classify(state.params, data.X_test)
    plots.misclassified(data.X_test, data.labels_test, guesses, data.side, out / "misclassified.png")
    plots.first_layer(state.params[0][0], data.side, out / "first-layer.png")
