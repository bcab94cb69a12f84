"""Checkpoints of fits: what has been learned, and all that the next step depends on."""

from __future__ import annotations

import hashlib
import json
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from training.descent import Arrays
from training.errors import TrainingError
from training.files import write_atomically

if TYPE_CHECKING:
    from training.models import Fit, Model, Options

NAME = "checkpoint.npz"


@dataclass(frozen=True)
class Kept:
    """A fit after some steps: the arrays, the history, the state of the random numbers and of the descent."""

    learned: Arrays
    history: list[dict[str, float]]
    random: dict[str, Any]
    memory: dict[str, float]


def save(path: Path, fit: Fit) -> None:
    """Write what is needed to go on from the fit's last step to `path`."""
    facts = {
        "settings": _settings(fit.model, fit.options),
        "history": fit.history,
        "random": fit.random,
        "memory": fit.memory,
    }
    arrays: dict[str, Any] = {f"learned_{name}": value for name, value in fit.learned.items()}
    write_atomically(path, lambda file: np.savez(file, facts=np.array(json.dumps(facts)), **arrays))


def load(path: Path, model: Model, options: Options) -> Kept:
    """What `save` wrote of a fit of this model with these options; more steps may be asked for.

    Raises `TrainingError` where there is none, it is damaged, or it is of another fit.
    """
    if not path.is_file():
        raise TrainingError(f"{path}: no checkpoint to resume from; start without --resume")
    try:
        with np.load(path, allow_pickle=False) as stored:
            facts = json.loads(str(stored["facts"]))
            learned = {name: stored[f"learned_{name}"] for name in facts["settings"]["over"]}
        old = facts["settings"]
        kept = Kept(learned, facts["history"], facts["random"], facts["memory"])
    except (OSError, EOFError, ValueError, KeyError, TypeError, zipfile.BadZipFile) as error:
        raise TrainingError(f"{path}: a damaged checkpoint ({error}); start without --resume") from error
    for name, new in _settings(model, options).items():
        if old.get(name) != new:
            if name == "model":
                raise TrainingError(f"{path}: that run was of another model; start without --resume")
            shown = [", ".join(map(str, v)) if isinstance(v, list) else v for v in (old.get(name), new)]
            raise TrainingError(f"{path}: that run has --{name} {shown[0]}, not {shown[1]}; resume it with the same")
    return kept


def _settings(model: Model, options: Options) -> dict[str, Any]:
    """What decides the numbers of a fit, apart from the data and the number of steps."""
    return {
        "model": hashlib.sha256(model.source.encode()).hexdigest(),
        "maximise" if model.sign < 0 else "minimise": model.loss,
        "over": list(options.over),
        "method": options.method,
        "batch": options.batch,
        "learning-rate": options.rate,
        "seed": options.seed,
        "samples": options.samples,
        "set": [f"{name}={value}" for name, value in sorted(options.given.items())],
    }
