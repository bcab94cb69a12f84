"""Values and gradients in single precision at large and small arguments: no warning, no NaN, the digits kept.

The reference is PyTorch in double precision on the same numbers.  What rounding of the arguments alone would
change is allowed, and a little more.
"""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest
from model_references import LOSSES
from test_gradient_models import NAMES, SIZES, module, scalar

torch = pytest.importorskip("torch")

LARGEST = float(np.finfo(np.float32).max)
#: parts of the largest entry, times what rounding of the arguments changes, and an absolute floor
RELATIVE, CONDITION, FLOOR = 2e-6, 30, 4e-7
#: (scale of the entries, which variables: all by ± scale, all, or each in turn)
PLACES = ((1e4, "signs"), (1e4, "all"), (1e-4, "all"), (1e4, "each"))
#: derivatives that are small differences of large terms as they are defined: that they are finite is all
DIFFERENCES = {("soft-clusters", "beta"), *(("batch-norm", v) for v in ("X", "gamma", "beta", "epsilon"))}

Values = dict[str, Any]


def arguments(name: str, scale: float, which: str, seed: int) -> Values:
    """Single-precision arguments that satisfy the declarations and assumptions of the model."""
    made, _ = module(name)
    function = next(f for f in made.functions if f.name == f"value_and_grad_{scalar(name)}")
    rng = np.random.default_rng(seed)
    values: Values = {}
    for spelled, i in zip(function.source.arguments, function.program.inputs):
        shape = tuple(s.value(SIZES) for s in i.shape)
        d = i.domain
        if d.values is not None:
            value = rng.choice([float(v) for v in d.values], size=shape)
        elif d.low is not None or d.high is not None:
            value = (float(d.low) if d.low is not None else 0.0) + rng.uniform(0.2, 0.8, size=shape)
        elif which == "signs":
            value = scale * rng.choice([-1.0, 1.0], size=shape)
        else:
            value = rng.normal(size=shape) * (scale if which in ("all", spelled) else 1.0)
        values[spelled] = np.asarray(value, np.float32)[()]
    if name in ("mahalanobis", "gaussian", "quadratic-form"):
        a = rng.normal(size=values["A"].shape)
        values["A"] = (a @ a.T + np.eye(len(a))).astype(np.float32)
    if name == "cox":
        values["R"] = np.maximum(values["R"], np.eye(len(values["R"]), dtype=np.float32))
    for target, axis in {"network-sigmoid": "T", "categorical-product": "T", "softmax-regression": "d"}.items():
        if name == target:
            K = len(values[axis])
            values[axis] = np.eye(K, dtype=np.float32)[:, rng.integers(0, K, values[axis].shape[1:])]
    return values


def reference(name: str, values: Values, jitter: np.random.Generator | None = None) -> dict[str, Any]:
    tensors = {}
    for key, value in values.items():
        x = np.asarray(value, np.float64)
        if jitter is not None:
            x = x * (1 + np.finfo(np.float32).eps / 2 * jitter.choice([-1, 1], size=x.shape))
        tensors[key] = torch.tensor(x, requires_grad=True)
    loss = LOSSES[name](*tensors.values())
    loss.backward()
    gradients = {k: t.grad.numpy() if t.grad is not None else np.zeros(t.shape) for k, t in tensors.items()}
    return {"": np.asarray(loss.item()), **gradients}


def places(name: str) -> list[tuple[float, str]]:
    made, _ = module(name)
    function = next(f for f in made.functions if f.name == f"value_and_grad_{scalar(name)}")
    free = [
        s for s, i in zip(function.source.arguments, function.program.inputs)
        if i.domain.values is None and i.domain.low is None and i.domain.high is None
    ]  # fmt: skip
    return [(scale, w) for scale, which in PLACES for w in (free if which == "each" else [which])]


@pytest.mark.parametrize("name", NAMES)
def test_large_and_small_arguments_keep_the_digits(name: str) -> None:
    made, loaded = module(name)
    wrt = [v for f, v in made.derivatives.values() if f == scalar(name)]
    for number, (scale, which) in enumerate(places(name)):
        values = arguments(name, scale, which, number)
        want = reference(name, values)
        near = [reference(name, values, np.random.default_rng(k)) for k in range(3)]
        keys = ["", *wrt]
        finite = all(np.all(np.abs(want[k]) < LARGEST) for k in keys)
        with warnings.catch_warnings():
            warnings.simplefilter("error" if finite else "ignore")
            found = dict(zip(keys, getattr(loaded, f"value_and_grad_{scalar(name)}")(*values.values())))
        for key in keys:
            where = f"{name}: ∂/∂{key or 'nothing'} at {scale:g} ({which})"
            known = np.isfinite(want[key]) & (np.abs(want[key]) < LARGEST)
            assert not np.isnan(np.asarray(found[key])[known]).any(), where
            if not known.all() or (name, key) in DIFFERENCES:
                continue
            changed = max(float(np.max(np.abs(want[key] - n[key]))) for n in near)
            allowed = RELATIVE * float(np.max(np.abs(want[key]))) + CONDITION * changed + FLOOR
            if np.isfinite(allowed):
                assert np.max(np.abs(np.asarray(found[key], float) - want[key])) <= allowed, where
