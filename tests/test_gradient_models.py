"""Models of the field: compiled with all their gradients, compared with references that share nothing."""

from __future__ import annotations

import inspect
import warnings
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from codegen.document import Module, compile_document

MODELS = Path(__file__).parent / "models"
NAMES = sorted(p.stem for p in MODELS.glob("*.md"))
#: the scalar whose gradients are compared, where it is not L
SCALARS = {
    "gaussian": "ell", "gaussian-scalar": "ell", "entropy": "H", "quadratic-form": "f",
    "entropy-bernoulli": "H", "pair-potential": "E",
}  # fmt: skip
SIZES = {"N": 5, "D": 3, "K": 4, "H": 6, "M": 2}


@cache
def module(name: str) -> tuple[Module, ModuleType]:
    made = compile_document(MODELS / f"{name}.md", every_gradient=True)
    loaded = ModuleType(name.replace("-", "_"))
    exec(compile(made.source, f"{name}.py", "exec"), loaded.__dict__)
    return made, loaded


def scalar(name: str) -> str:
    return SCALARS.get(name, "L")


def arguments(name: str, dtype: Any = np.float64, seed: int = 0) -> dict[str, Any]:
    """Values for value_and_grad_L that satisfy the document's declarations and assumptions."""
    made, _ = module(name)
    function = next(f for f in made.functions if f.name == f"value_and_grad_{scalar(name)}")
    rng = np.random.default_rng(seed)
    values: dict[str, Any] = {}
    for spelled, i in zip(function.source.arguments, function.program.inputs):
        shape = tuple(s.value(SIZES) for s in i.shape)
        d = i.domain
        if d.values is not None:
            value = rng.choice([float(v) for v in d.values], size=shape)
        elif d.low is not None or d.high is not None:
            low = float(d.low) if d.low is not None else 0.0
            value = low + rng.uniform(0.2, 0.8, size=shape)
        else:
            value = rng.normal(size=shape)
        values[spelled] = np.asarray(value, dtype) if shape else float(value)
    if name in ("mahalanobis", "gaussian", "quadratic-form"):
        a = values["A"]
        values["A"] = np.asarray(a @ a.T / len(a) + np.eye(len(a)), dtype)
    if name == "sammon":  # distances
        values["d"] = np.abs(values["d"]) * (1 - np.eye(len(values["d"]), dtype=dtype))
    if name == "cox":  # everyone is at risk at their own time
        values["R"] = np.maximum(values["R"], np.eye(len(values["R"]), dtype=dtype))
    if name in ("network-sigmoid", "categorical-product"):
        values["T"] = values["T"] + (1 - values["T"].sum(0)) / len(values["T"])
    if name in ("softmax-regression",):
        values["d"] = values["d"] + (1 - values["d"].sum()) / len(values["d"])
    return values


def results(name: str, values: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
    """The value and its gradients by argument."""
    made, loaded = module(name)
    value, *found = getattr(loaded, f"value_and_grad_{scalar(name)}")(*values.values())
    wrt = [v for g, (f, v) in made.derivatives.items() if f == scalar(name)]
    return value, dict(zip(wrt, found, strict=True))


@pytest.mark.parametrize("name", NAMES)
def test_gradients_agree_with_pytorch(name: str) -> None:
    torch = pytest.importorskip("torch")
    from model_references import LOSSES

    values = arguments(name)
    value, found = results(name, values)
    tensors = {k: torch.tensor(v, dtype=torch.float64, requires_grad=True) for k, v in values.items()}
    loss = LOSSES[name](*tensors.values())
    np.testing.assert_allclose(value, loss.item(), rtol=1e-9)
    loss.backward()
    assert found
    for key, gradient in found.items():
        want = tensors[key].grad.numpy()
        assert np.shape(gradient) == want.shape
        np.testing.assert_allclose(gradient, want, rtol=1e-9, atol=1e-9 * np.max(np.abs(want)), err_msg=key)


@pytest.mark.parametrize("name", NAMES)
def test_gradients_agree_with_central_differences(name: str) -> None:
    values = arguments(name, seed=3)
    _, loaded = module(name)
    loss = getattr(loaded, scalar(name))
    names = list(inspect.signature(loss).parameters)
    assert names == list(values)
    _, found = results(name, values)
    for key, gradient in found.items():
        want = np.empty_like(gradient)
        for at in np.ndindex(np.shape(gradient)):
            h = np.finfo(float).eps ** (1 / 3) * max(1.0, float(abs(np.asarray(values[key])[at])))
            sides = []
            for step in (h, -h):
                moved = np.array(values[key], dtype=float)
                moved[at] += step
                sides.append(loss(*{**values, key: moved[()]}.values()))
            want[at] = (sides[0] - sides[1]) / (2 * h)
        scale = max(1.0, float(np.max(np.abs(want))))
        assert np.max(np.abs(gradient - want)) <= 1e-6 * scale, key


@pytest.mark.parametrize("name", ["soft-clusters", "gaussian-process", "kernel-sum", "kernel-family"])
def test_no_array_has_an_axis_for_each_of_two_samples_and_their_entries(name: str) -> None:
    source = module(name)[0].source
    assert "[:, :, None]" not in source and "[:, None, :]" not in source and "einsum" not in source


def test_entrywise_products_come_first_and_no_gram_matrix_is_formed() -> None:
    source = module("factorisation-machine")[0].source
    assert "einsum" not in source and "VX @ V.T" in source and "@ X @ V" not in source


@pytest.mark.parametrize("name", NAMES)
def test_float32_stays_float32(name: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        value, found = results(name, arguments(name, np.float32))
    assert np.asarray(value).dtype == np.float32
    assert {np.asarray(g).dtype for g in found.values()} == {np.dtype(np.float32)}


@pytest.mark.parametrize("name", NAMES)
def test_a_wrong_shape_names_the_argument(name: str) -> None:
    values = arguments(name)
    for key in values:
        wrong = {**values, key: np.ones((2, *np.shape(values[key])))}
        with pytest.raises(ValueError, match=f"^{key} must have shape"):
            results(name, wrong)
