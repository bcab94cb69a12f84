"""The generated regression models: against the evaluator of their theorems and against differences."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from numeric import Array, complex_steps, distance, is_gradient

from codegen.modules import MODULES, RightSides, ValueOf
from derive.evaluate import Evaluator, Instance
from derive.lecture import DERIVATIONS
from derive.props import Iff, Rel
from derive.terms import Term, Var
from generated import linear_regression, logistic_regression, ridge_regression, softmax_regression

LAM = 0.7


@dataclass
class Case:
    """A model on one data set: its loss as a function of the parameters, and its gradients."""

    loss: Callable[[Sequence[Array]], Any]
    gradients: Callable[[Sequence[Array]], list[Array]]
    at: list[Array]
    samples: int


def linear(rng: np.random.Generator) -> Case:
    X, y = rng.normal(size=(7, 3)), rng.normal(size=7)
    m = linear_regression
    return Case(lambda p: m.loss(X, p[0], y), lambda p: [m.gradient(X, p[0], y)], [rng.normal(size=3)], 7)


def ridge(rng: np.random.Generator) -> Case:
    X, y = rng.normal(size=(7, 3)), rng.normal(size=7)
    m = ridge_regression
    at = [rng.normal(size=3)]
    return Case(lambda p: m.loss(X, p[0], y, LAM), lambda p: [m.gradient(X, p[0], y, LAM)], at, 7)


def logistic(rng: np.random.Generator) -> Case:
    X, d = rng.normal(size=(9, 4)), rng.integers(0, 2, 9)
    m = logistic_regression
    return Case(lambda p: m.loss(X, p[0], d), lambda p: [m.gradient(X, p[0], d)], [rng.normal(size=4)], 9)


def softmax(rng: np.random.Generator) -> Case:
    X, D = rng.normal(size=(4, 8)), np.eye(3)[:, rng.integers(0, 3, 8)]
    m = softmax_regression
    at = [rng.normal(size=(3, 4)), rng.normal(size=3)]
    return Case(lambda p: m.loss(*p, X, D), lambda p: list(m.gradients(*p, X, D)), at, 8)


CASES = {"linear": linear, "ridge": ridge, "logistic": logistic, "softmax": softmax}


@pytest.mark.parametrize("name", CASES)
def test_gradients_agree_with_central_differences(name: str) -> None:
    for seed in range(3):
        case = CASES[name](np.random.default_rng(seed))
        assert is_gradient(case.loss, case.at, case.gradients(case.at))


@pytest.mark.parametrize("name", ["linear", "ridge", "softmax"])  # |z| in the logistic loss is not holomorphic
def test_gradients_agree_with_complex_steps(name: str) -> None:
    case = CASES[name](np.random.default_rng(0))
    assert distance(case.gradients(case.at), complex_steps(case.loss, case.at)) < 1e-14


WRONG: dict[str, Callable[[Array, int], Array]] = {
    "negative": lambda g, n: -g,
    "twice": lambda g, n: 2 * g,
    "sum for mean": lambda g, n: n * g,
    "one entry off by 1 %": lambda g, n: np.where(np.abs(g) == np.abs(g).max(), 1.01 * g, g),
}


@pytest.mark.parametrize("wrong", WRONG)
@pytest.mark.parametrize("name", CASES)
def test_the_gradient_check_rejects_a_wrong_gradient(name: str, wrong: str) -> None:
    case = CASES[name](np.random.default_rng(0))
    first, *rest = case.gradients(case.at)
    assert not is_gradient(case.loss, case.at, [WRONG[wrong](first, case.samples), *rest])


# -- against the theorem's evaluator ---------------------------------------------------------------------


def stated(function: ValueOf | RightSides) -> tuple[Any, list[Term]]:
    """The context, and what the function should compute as the theorem's left sides state it."""
    steps = [function.step] if isinstance(function, ValueOf) else list(function.steps)
    made = [DERIVATIONS[at.derivation]()[at.label] for at in steps]
    context = made[0].context
    if isinstance(function, ValueOf):
        return context, [context.definitions[context.names[function.defined]].var]
    props = [step.prop.right if isinstance(step.prop, Iff) else step.prop for step in made]
    assert all(isinstance(prop, Rel) for prop in props)
    return context, [prop.right if isinstance(prop.left, Var) else prop.left for prop in props]


FUNCTIONS = [
    pytest.param(module.name, function, id=f"{module.name}.{function.name}")
    for module in MODULES
    for function in module.functions
    if isinstance(function, (ValueOf, RightSides))
]


@pytest.mark.parametrize(("module", "function"), FUNCTIONS)
def test_a_function_agrees_with_the_evaluator_of_its_theorem(
    module: str, function: ValueOf | RightSides
) -> None:
    context, wanted = stated(function)
    rng = np.random.default_rng(len(function.name))
    compiled = getattr(__import__(f"generated.{module}", fromlist=["_"]), function.name)
    for _ in range(4):
        sizes = dict(zip(["N", "D", "K", "M"], (int(n) for n in rng.integers(1, 5, 4))))
        sizes["N"] += sizes["D"] if function.name == "solve" else 0  # enough rows for XᵀX to be regular
        values: dict[str, Array] = {}
        for name in function.arguments:
            shape = tuple(s.value(sizes) for s in context.declarations[name].shape)
            values[name] = rng.uniform(0.2, 2, size=shape) * (rng.choice([-1, 1], size=shape) if shape else 1)
        if "d" in values:
            values["d"] = rng.integers(0, 2, values["d"].shape).astype(float)
        if "D" in values:
            values["D"] = np.eye(sizes["K"])[:, rng.integers(0, sizes["K"], sizes["N"])]
        given = Instance.of(sizes, **{name: value.tolist() for name, value in values.items()})
        point = Evaluator(context).at(given)
        found = compiled(*(values[name] for name in function.arguments))
        found = found if isinstance(found, tuple) else (found,)
        for array, term in zip(found, wanted, strict=True):
            exact = np.array([float(x) for x in point.entries(term)])
            np.testing.assert_allclose(np.ravel(array), exact, rtol=1e-9, atol=1e-12)


# -- numbers, types, limits ---------------------------------------------------------------------------------


def exercise() -> tuple[Array, Array]:
    """つくってみよう1: N = 100, D = 20, noise of variance 4."""
    rng = np.random.default_rng(1)
    X, w = rng.normal(size=(100, 20)), rng.normal(size=20)
    return X, X @ w + rng.normal(0, 2, 100)


def test_closed_form_and_gradient_descent_agree() -> None:
    X, y = exercise()
    closed = linear_regression.solve(X, y)
    descended = linear_regression.fit(X, y, 0.005, 3000)
    np.testing.assert_allclose(descended, closed, rtol=0, atol=1e-8)
    np.testing.assert_allclose(closed, np.linalg.lstsq(X, y, rcond=None)[0], atol=1e-10)


def test_ridge_closed_form_and_gradient_descent_agree() -> None:
    X, y = exercise()
    closed = ridge_regression.solve(X, y, 3.0)
    np.testing.assert_allclose(ridge_regression.fit(X, y, 3.0, 0.005, 3000), closed, rtol=0, atol=1e-8)
    assert np.abs(ridge_regression.gradient(X, closed, y, 3.0)).max() < 1e-10


def test_logistic_regression_finds_a_stationary_point() -> None:
    rng = np.random.default_rng(0)
    X = rng.normal(size=(200, 3))
    d = (rng.random(200) < 1 / (1 + np.exp(-X @ [1.0, -2.0, 0.5]))).astype(int)
    w = logistic_regression.fit(X, d, 0.05, 2000)
    assert np.abs(logistic_regression.gradient(X, w, d)).max() < 1e-8


def test_softmax_regression_learns_and_its_probabilities_sum_to_one() -> None:
    rng = np.random.default_rng(0)
    X = rng.normal(size=(4, 300))
    labels = np.argmax(rng.normal(size=(3, 4)) @ X, axis=0)
    D = np.eye(3)[:, labels]
    W, b = softmax_regression.fit(X, D, 1.0, 500)
    probabilities = softmax_regression.predict_proba(W, b, X)
    np.testing.assert_allclose(probabilities.sum(axis=0), 1, atol=1e-12)
    assert np.mean(np.argmax(probabilities, axis=0) == labels) > 0.95


def sample(kind: Any, scale: float = 1.0) -> dict[str, Any]:
    rng = np.random.default_rng(5)
    number: Callable[..., Array] = lambda *s: (scale * rng.choice([-1, 1], size=s)).astype(kind)  # noqa: E731
    X, w, y, d = number(6, 3), number(3), number(6), rng.integers(0, 2, 6)
    U, W, b, D = number(3, 6), number(2, 3), number(2), np.eye(2, dtype=kind)[:, rng.integers(0, 2, 6)]
    return {
        "linear loss": linear_regression.loss(X, w, y),
        "linear gradient": linear_regression.gradient(X, w, y),
        "ridge loss": ridge_regression.loss(X, w, y, LAM),
        "ridge gradient": ridge_regression.gradient(X, w, y, LAM),
        "logistic probability": logistic_regression.predict_proba(X, w),
        "logistic loss": logistic_regression.loss(X, w, d),
        "logistic gradient": logistic_regression.gradient(X, w, d),
        "softmax probability": softmax_regression.predict_proba(W, b, U),
        "softmax loss": softmax_regression.loss(W, b, U, D),
        "softmax dW": softmax_regression.gradients(W, b, U, D)[0],
        "softmax db": softmax_regression.gradients(W, b, U, D)[1],
    }


@pytest.mark.parametrize("kind", [np.float32, np.float64])
def test_the_type_is_kept(kind: Any) -> None:
    found = {name: np.asarray(value).dtype for name, value in sample(kind).items()}
    assert found == dict.fromkeys(found, np.dtype(kind))


def test_integers_become_float64() -> None:
    assert linear_regression.gradient([[1, 2], [3, 4]], [1, 1], [0, 1]).dtype == np.float64


@pytest.mark.parametrize("kind", [np.float32, np.float64])
def test_large_inputs_give_no_warning_and_no_nan(kind: Any) -> None:
    with np.errstate(all="raise"):
        for name, value in sample(kind, 1e4).items():
            assert np.all(np.isfinite(value)), name


def test_a_fit_in_float32_stays_in_float32() -> None:
    X, y = (a.astype(np.float32) for a in exercise())
    assert linear_regression.fit(X, y, 0.001, 3).dtype == np.float32
    assert linear_regression.solve(X, y).dtype == np.float32
    assert ridge_regression.solve(X, y, 1.0).dtype == np.float32


def test_a_fit_is_the_same_twice() -> None:
    X, y = exercise()
    assert np.array_equal(linear_regression.fit(X, y, 0.005, 50), linear_regression.fit(X, y, 0.005, 50))


X, W32, Y, D01 = np.ones((4, 2)), np.ones(2), np.ones(4), np.array([0, 1, 0, 1])
BAD: dict[str, tuple[Callable[[], Any], str]] = {
    "rows of y": (lambda: linear_regression.loss(X, W32, np.ones(5)), r"^y must have shape \(N,\) with N = 4"),
    "columns": (lambda: linear_regression.gradient(X, np.ones(3), Y), r"^w must have shape \(D,\) with D = 2"),
    "axes": (lambda: linear_regression.solve(np.ones(4), Y), r"^X must have shape \(N, D\); it has shape \(4,\)"),
    "column y": (lambda: linear_regression.loss(X, W32, Y[:, None]), r"^y must have shape \(N,\)"),
    "empty": (lambda: linear_regression.solve(np.ones((0, 2)), np.ones(0)), r"^X is empty.*\(N, D\)"),
    "nan": (lambda: linear_regression.loss(X * np.nan, W32, Y), r"^X must be finite, in shape \(N, D\)"),
    "infinite": (lambda: linear_regression.loss(X, W32, Y * np.inf), r"^y must be finite"),
    "text": (lambda: linear_regression.loss([["a", "b"]] * 4, W32, Y), r"^X must hold numbers"),
    "ragged": (lambda: linear_regression.loss([[1, 2], [3]], W32, Y), r"^X must have shape \(N, D\)"),
    "labels": (lambda: logistic_regression.loss(X, W32, [0, 1, 2, 1]), r"^d must .*\{0, 1\}.*\(N,\)"),
    "half": (lambda: logistic_regression.gradient(X, W32, [0, 1, 0.5, 1]), r"^d must .*\{0, 1\}"),
    "not one-hot": (
        lambda: softmax_regression.loss(np.ones((2, 2)), np.ones(2), X.T, np.ones((2, 4))),
        r"^D .*each column of D sums to one.*\(K, N\)",
    ),
    "label indices": (
        lambda: softmax_regression.loss(np.ones((2, 2)), np.ones(2), X.T, D01),
        r"^D must have shape \(K, N\)",
    ),
    "penalty": (lambda: ridge_regression.solve(X, Y, -1.0), r"^lam must be greater than 0"),
    "rate": (lambda: linear_regression.fit(X, Y, 0.0, 3), r"^learning_rate must be greater than 0"),
    "steps": (lambda: linear_regression.fit(X, Y, 0.1, -1), r"^steps must be a whole number of at least 0"),
    "singular": (lambda: linear_regression.solve(X, Y), r"X"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_argument_is_named_with_the_shape_it_should_have(name: str) -> None:
    call, message = BAD[name]
    with pytest.raises(ValueError, match=message):
        call()
