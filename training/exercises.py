"""The lecture's exercises つくってみよう1 and 2, done with the generated code (slides 「つくってみよう」).

`training exercise [1|2]` prints what they ask for, draws it, and fails where descent does not arrive. The
third one, 実践演習, is the command `training` itself.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from operator import itemgetter
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from training.files import write_json

Floats = NDArray[np.float64]

SAMPLES, DIMENSIONS = 100, 20  # the slide's N and D
VARIANCE = 4.0  # of the noise: the slide's 𝒩(0, 4.0) has a variance as second parameter
TOLERANCE = 1e-8


def least_squares(seed: int, out: Path) -> dict[str, Any]:
    """つくってみよう1: the weights of a linear model in closed form and by gradient descent.

    X_ij, w_i ~ 𝒩(0, 1), ε_i ~ 𝒩(0, 4), y = Xw + ε. Solved where no weight differs by more than 1e-8.
    """
    from generated import linear_regression as model

    rng = np.random.default_rng(seed)
    X = rng.standard_normal((SAMPLES, DIMENSIONS))
    w = rng.standard_normal(DIMENSIONS)
    y = X @ w + np.sqrt(VARIANCE) * rng.standard_normal(SAMPLES)

    # The error about the solution is multiplied by I − ηXᵀX per step (theorem gradient-descent):
    # with η = 1/‖X‖² each of its components shrinks, none changes its sign.
    rate, steps = float(1 / np.linalg.norm(X, 2) ** 2), 1000
    closed = model.solve(X, y)
    descended = model.fit(X, y, rate, steps)
    difference = float(np.abs(closed - descended).max())
    facts = {
        "exercise": 1,
        "seed": seed,
        "loss_closed_form": float(model.loss(X, closed, y)),
        "loss_gradient_descent": float(model.loss(X, descended, y)),
        "learning_rate": rate,
        "steps": steps,
        "largest_difference": difference,
        "solved": difference <= TOLERANCE,
    }
    print(f"つくってみよう1: least squares, N = {SAMPLES}, D = {DIMENSIONS}, ε ~ 𝒩(0, {VARIANCE:g}), seed {seed}")
    print(f"  closed form       loss {facts['loss_closed_form']:.6f}")
    print(f"  gradient descent  loss {facts['loss_gradient_descent']:.6f}  ({steps} steps of η = {rate:.4g})")
    print(f"  largest difference between the two weights {difference:.1e}, at most {TOLERANCE:.0e}")

    some = np.arange(1, 121)
    gaps = [float(np.linalg.norm(model.fit(X, y, rate, int(t)) - closed)) for t in some]
    _draw_least_squares(some, gaps, w, closed, descended, out / "exercise-1.png")
    return facts


def logistic(seed: int, out: Path) -> dict[str, Any]:
    """つくってみよう2: sigmoid, cross entropy, and logistic regression of one variable by gradient descent.

    x ~ 𝒩(0, 2²), d ~ Bernoulli(σ(1.5x − 1)); the model has a weight and, by a column of ones, a bias.
    Solved where the gradient at the end is 0 to 1e-8.
    """
    from generated import logistic_regression as model

    rng = np.random.default_rng(seed)
    x = 2 * rng.standard_normal(SAMPLES)
    X = np.column_stack([x, np.ones(SAMPLES)])
    true = np.array([1.5, -1.0])
    d = (rng.random(SAMPLES) < model.predict_proba(X, true)).astype(float)

    # The Hessian is Xᵀ diag(y(1 − y)) X (theorem logistic-gradient) with y(1 − y) ≤ ¼, at most ‖X‖²/4
    rate, steps = float(4 / np.linalg.norm(X, 2) ** 2), 5000
    some = np.unique(np.geomspace(1, steps, 60).astype(int))
    fits = [model.fit(X, d, rate, int(t)) for t in some]
    losses = [float(model.loss(X, w, d)) for w in fits]
    w = fits[-1]
    slope = float(np.abs(model.gradient(X, w, d)).max())

    def sigmoid(z: float) -> float:
        return float(model.predict_proba(np.array([[z]]), np.ones(1))[0])

    def cross_entropy(label: float, z: float) -> float:
        return float(model.loss(np.array([[z]]), np.ones(1), np.array([label])))

    facts = {
        "exercise": 2,
        "seed": seed,
        "loss": losses[-1],
        "learning_rate": rate,
        "steps": steps,
        "weights": w.tolist(),
        "largest_gradient": slope,
        "solved": slope <= TOLERANCE,
    }
    print(f"つくってみよう2: logistic regression of one variable, N = {SAMPLES}, seed {seed}")
    print(f"  σ(0) = {sigmoid(0):g}   σ(2) = {sigmoid(2):.6f}   σ(-1000) = {sigmoid(-1000):g}")
    print(f"  H(1, σ(2)) = {cross_entropy(1, 2):.6f}   H(0, σ(2)) = {cross_entropy(0, 2):.6f}")
    print(f"  gradient descent  loss {losses[0]:.4f} → {losses[-1]:.4f}  ({steps} steps of η = {rate:.4g})")
    print(f"  weight {w[0]:.3f}, bias {w[1]:.3f}; the data were drawn with {true[0]:g} and {true[1]:g}")
    print(f"  largest entry of the gradient at the end {slope:.1e}, at most {TOLERANCE:.0e}")

    line = np.linspace(x.min() - 1, x.max() + 1, 400)
    ones = np.ones_like(line)
    curves = [model.predict_proba(np.column_stack([line, ones]), weights) for weights in (w, true)]
    _draw_logistic(x, d, line, curves, some, losses, out / "exercise-2.png")
    return facts


def _draw_least_squares(
    steps: NDArray[np.int64], gaps: Sequence[float], true: Floats, closed: Floats, descended: Floats, path: Path
) -> None:
    from matplotlib.figure import Figure

    from training.plots import save

    figure = Figure(figsize=(10, 4), layout="constrained")
    left, right = figure.subplots(1, 2)
    left.semilogy(steps, gaps)
    left.axhline(TOLERANCE, color="grey", linestyle=":", label="1e-8")
    left.set(xlabel="step of gradient descent", ylabel="distance from the closed form", title="the two ways meet")
    left.legend()
    at = np.arange(1, true.size + 1)
    right.plot(at, true, "kx", label="drawn weights")
    right.plot(at, closed, "o", markersize=9, fillstyle="none", label="closed form")
    right.plot(at, descended, ".", label="gradient descent")
    right.set(xlabel="i", ylabel="$w_i$", title="weights", xticks=at[1::2])
    right.margins(y=0.2)
    right.legend(loc="upper center", ncols=3, fontsize="small")
    save(figure, path)


def _draw_logistic(
    x: Floats,
    d: Floats,
    line: Floats,
    curves: Sequence[Floats],
    steps: NDArray[np.int64],
    losses: Sequence[float],
    path: Path,
) -> None:
    from matplotlib.figure import Figure

    from training.plots import save

    figure = Figure(figsize=(10, 4), layout="constrained")
    left, right = figure.subplots(1, 2)
    left.plot(x, d, "k|", markersize=12, label="data d")
    left.plot(line, curves[0], label="fit y = σ(wx + b)")
    left.plot(line, curves[1], "--", color="grey", label="drawn from")
    left.set(xlabel="x", ylabel="probability of d = 1", title="data and fit")
    left.legend(loc="upper left", bbox_to_anchor=(0, 0.9))
    right.semilogx(steps, losses, ".-")
    right.set(xlabel="step of gradient descent", ylabel="cross entropy", title="loss")
    save(figure, path)


EXERCISES: dict[str, Callable[[int, Path], dict[str, Any]]] = {"1": least_squares, "2": logistic}


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit code 0; 1 where descent did not arrive; 2 usage. Raises `TrainingError` where a file cannot be written."""
    parser = argparse.ArgumentParser(prog="training exercise", description="The lecture's exercises 1 and 2.")
    parser.add_argument("which", nargs="*", metavar="1|2", help="which of them (both)")
    parser.add_argument("--seed", type=int, default=0, help="of the data (0)")
    parser.add_argument("--out", type=Path, default=Path("out/exercises"), help="folder for pictures and numbers")
    options = parser.parse_args(arguments)
    which = options.which or list(EXERCISES)
    for name in which:
        if name not in EXERCISES:
            known = " and ".join(EXERCISES)
            parser.error(f"there is no exercise {name}; there are {known}, and the third one is `training` itself")
    if options.seed < 0:
        parser.error(f"--seed {options.seed} is less than 0")
    facts = [EXERCISES[name](options.seed, options.out) for name in which]
    path = options.out / "exercises.json"
    write_json(path, sorted([*_others(path, facts), *facts], key=itemgetter("exercise")))
    print(f"pictures and numbers in {options.out}")
    missed = [str(f["exercise"]) for f in facts if not f["solved"]]
    if missed:
        print(f"training: gradient descent did not arrive in exercise {' and '.join(missed)}", file=sys.stderr)
    return int(bool(missed))


def _others(path: Path, facts: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """What the file says of the exercises that were not done now."""
    done = {f["exercise"] for f in facts}
    try:
        known = json.loads(path.read_text(encoding="utf-8"))
        return [f for f in known if f["exercise"] not in done and str(f["exercise"]) in EXERCISES]
    except (OSError, ValueError, TypeError, KeyError):
        return []
