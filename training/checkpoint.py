"""Weights and checkpoints: `.npz` files that hold arrays and JSON, never pickles."""

from __future__ import annotations

import dataclasses
import json
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from training.errors import TrainingError
from training.files import write_atomically

Params = list[tuple[NDArray[np.float32], NDArray[np.float32]]]  # [(W, b), …] from the input up


@dataclass(frozen=True)
class Settings:
    """What decides a run's numbers, apart from the data."""

    dataset: str
    hidden: int  # units of the hidden layer
    batch: int  # samples
    learning_rate: float
    epochs: int
    seed: int


@dataclass
class State:
    """A run after some epochs: with the settings and the data, all that the next epoch depends on."""

    settings: Settings
    params: Params
    random: dict[str, Any]  # state of the bit generator
    epochs: list[dict[str, float]]  # the history


def save_weights(path: Path, params: Params, mean: float, std: float) -> None:
    """Write `W_1, b_1, W_2, …` to `path`, and what an image needs first: (pixel − `mean`)/`std`."""
    arrays = {**_named(params), "mean": np.float32(mean), "std": np.float32(std)}
    write_atomically(path, lambda file: np.savez(file, **arrays))


def save(path: Path, state: State) -> None:
    """Write `state` to `path`."""
    facts = json.dumps(
        {"settings": dataclasses.asdict(state.settings), "random": state.random, "epochs": state.epochs}
    )
    # savez's declared keywords include a flag of its own; the array names never collide with it
    arrays: dict[str, Any] = {**_named(state.params), "facts": np.array(facts)}
    write_atomically(path, lambda file: np.savez(file, **arrays))


def load(path: Path) -> State:
    """The state that `save` wrote. Raises `TrainingError` where there is none or it is damaged."""
    if not path.is_file():
        raise TrainingError(f"{path}: no checkpoint to resume from; start without --resume")
    try:
        with np.load(path, allow_pickle=False) as stored:
            facts = json.loads(str(stored["facts"]))
            depth = (len(stored.files) - 1) // 2
            params = [(stored[f"W_{i}"], stored[f"b_{i}"]) for i in range(1, depth + 1)]
        return State(Settings(**facts["settings"]), params, facts["random"], facts["epochs"])
    except (OSError, EOFError, ValueError, KeyError, TypeError, zipfile.BadZipFile) as error:
        raise TrainingError(f"{path}: a damaged checkpoint ({error}); start without --resume") from error


def copy(params: Params) -> Params:
    """The same numbers in memory of their own."""
    return [(W.copy(), b.copy()) for W, b in params]


def _named(params: Params) -> dict[str, Any]:
    return {
        f"{kind}_{i}": a for i, pair in enumerate(params, 1) for kind, a in zip("Wb", pair, strict=True)
    }
