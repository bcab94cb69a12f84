"""Gradients of saturated units keep relative digits, however small they are: no 1 − tanh²u of a rounded tanh u.

The reference is the evaluator with 400 digits on the theorem; what rounding of the arguments alone would change
is allowed, and a little more.  The comparison is with the largest entry of each gradient.
"""

from __future__ import annotations

from fractions import Fraction
from types import ModuleType
from typing import Any

import numpy as np
import pytest
import test_stability
from test_gradient_models import module, scalar
from test_stability import arguments

from codegen.document import Module
from codegen.known import equation
from codegen.passes import stable
from derive.evaluate import Array, Evaluator, Instance

NAMES = ("attention", "attention-classifier", "gated", "network-tanh", "residual")
SIZES = {"N": 3, "D": 2, "K": 3, "H": 3, "M": 2}
ALLOWED = 30  # times the rounding of the result and of the arguments


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(test_stability, "SIZES", SIZES)


def exact(made: Module, name: str, values: dict[str, Any]) -> dict[str, np.ndarray]:
    """The value and the gradients, rounded to double precision once."""
    function = next(f for f in made.functions if f.name == f"value_and_grad_{scalar(name)}")
    given = {}
    for spelled, i in zip(function.source.arguments, function.program.inputs):
        value = np.asarray(values[spelled], np.float64)
        entries = [Fraction(float(x)) for x in value.ravel()]
        given[i.name] = Array(value.shape, list(entries)) if value.ndim else entries[0]
    found = {}
    for label, theorem in function.program.theorems.items():
        point = Evaluator(theorem.context).at(Instance(dict(SIZES), given), digits=400, budget=3_000_000)
        found[label] = np.array([float(x) for x in point.entries(equation(theorem).right)])
    return found


def nearby(values: dict[str, Any], eps: float, seed: int) -> dict[str, Any]:
    rng = np.random.default_rng(seed)
    return {k: np.asarray(v, np.float64) * (1 + eps / 2 * rng.choice([-1, 1], np.shape(v))) for k, v in values.items()}


def lost(made: Module, loaded: ModuleType, name: str, kind: Any) -> list[str]:
    """The results with fewer digits than they should have, at arguments that saturate some units and all."""
    limits = np.finfo(kind)
    found = []
    for scale in (5.0, 100.0):
        values = {k: np.asarray(v, kind)[()] for k, v in arguments(name, scale, "all", 1).items()}
        want = exact(made, name, values)
        near = [exact(made, name, nearby(values, float(limits.eps), seed)) for seed in (1, 2)]
        results = getattr(loaded, f"value_and_grad_{scalar(name)}")(*values.values())
        for (label, w), got in zip(want.items(), results):
            changed = max(float(np.max(np.abs(w - n[label]))) for n in near)
            largest = float(np.max(np.abs(w)))
            allowed = ALLOWED * (float(limits.eps) * largest + changed) + 1e4 * float(limits.tiny)
            worst = np.max(np.abs(np.asarray(got, np.float64).ravel() - w))
            if not worst <= allowed:
                found.append(f"{label} at {scale:g}: {worst:g} of {largest:g}")
    return found


@pytest.mark.parametrize("kind", [np.float32, np.float64])
@pytest.mark.parametrize("name", NAMES)
def test_saturated_gradients_keep_relative_digits(name: str, kind: Any) -> None:
    made, loaded = module(name)
    assert lost(made, loaded, name, kind) == []


@pytest.mark.parametrize("name", ["attention", "gated"])
def test_without_the_forms_digits_are_lost(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    rules = stable.program_rules()
    kept = tuple(r for r in rules if not any(w in r.label for w in ("rest", "one-minus", "minus-one")))
    assert len(kept) < len(rules)
    monkeypatch.setattr(stable, "program_rules", lambda: kept)
    monkeypatch.setattr(stable, "centred", lambda run, t: None)
    made, loaded = module.__wrapped__(name)
    assert lost(made, loaded, name, np.float64)
