"""Fitting a model of one's own: the sample axis, the three methods, and what is refused."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from derive.context import POSITIVE, Domain
from derive.terms import Size, size
from training import descent, models, samples
from training.errors import DataError, TrainingError

REAL = Domain()


def model(shapes: dict[str, str], function: Callable[..., Any], **domains: Domain) -> models.Model:
    """A model written by hand: shapes like `X="N D"`, a function of the loss and all gradients."""
    declared = {name: tuple(Size.named(s) for s in text.split()) for name, text in shapes.items()}
    return models.Model(
        "L", "", declared, {n: domains.get(n, REAL) for n in shapes}, list(shapes), function
    )


def squares(X: Any, y: Any, w: Any) -> Any:
    r = X @ w - y
    return r @ r / 2, np.outer(r, w), -r, X.T @ r


def mean_squares(X: Any, y: Any, w: Any) -> Any:
    return tuple(value / len(y) for value in squares(X, y, w))


def ridge(X: Any, y: Any, lam: Any, w: Any) -> Any:
    loss, dX, dy, dw = squares(X, y, w)
    return loss + lam * (w @ w), dX, dy, w @ w, dw + 2 * lam * w


def pairs(X: Any, w: Any) -> Any:
    s = X @ w
    return (s.sum() ** 2 - s @ s) + w @ w, None, 2 * s.sum() * X.sum(axis=0) - 2 * X.T @ s + 2 * w


XYW = {"X": "N D", "y": "N", "w": "D"}


def regression(samples: int = 60, features: int = 3, seed: int = 0) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((samples, features))
    return {"X": X, "y": X @ np.arange(1.0, features + 1) + 0.1 * rng.standard_normal(samples)}


def solution(data: dict[str, np.ndarray], penalty: float = 0) -> np.ndarray:
    X = data["X"]
    return np.linalg.solve(X.T @ X + 2 * penalty * np.eye(X.shape[1]), X.T @ data["y"])


# -- the methods -------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["lbfgs", "gd"])
def test_full_gradient_methods_find_the_minimum(method: str) -> None:
    data = regression()
    found = models.fit(model(XYW, squares), data, models.Options(["w"], method))
    assert found.finished
    assert found.learned["w"] == pytest.approx(solution(data), abs=1e-6)
    assert all(b["loss"] <= a["loss"] for a, b in pairwise(found.history))


@pytest.mark.parametrize("loss", [squares, mean_squares], ids=["sum", "mean"])
def test_minibatches_step_alike_for_a_sum_and_for_a_mean(loss: Callable[..., Any]) -> None:
    data = regression()
    options = models.Options(["w"], "sgd", steps=60, batch=10, rate=0.1)
    found = models.fit(model(XYW, loss), data, options)
    assert found.learned["w"] == pytest.approx(solution(data), abs=0.05)
    reference = models.fit(model(XYW, mean_squares), data, options)
    assert found.learned["w"] == pytest.approx(reference.learned["w"], rel=1e-9)


def test_a_penalty_beside_a_sum_keeps_its_weight_under_minibatches() -> None:
    data = {**regression(), "lam": np.array(30.0)}
    ridged = model({"X": "N D", "y": "N", "lam": "", "w": "D"}, ridge)
    found = models.fit(ridged, data, models.Options(["w"], "sgd", steps=300, batch=20, rate=0.02))
    exact = solution(data, 30)
    assert found.learned["w"] == pytest.approx(exact, abs=0.05)
    assert np.abs(exact - solution(data)).max() > 0.5  # so that a lost or doubled penalty would show


def test_one_batch_of_all_samples_has_the_gradient_of_the_loss_over_n() -> None:
    data = {**regression(8), "lam": np.array(2.0)}
    ridged = model({"X": "N D", "y": "N", "lam": "", "w": "D"}, ridge)
    start = {"w": np.array([1.0, -2.0, 0.5])}
    found = models.fit(ridged, {**data, **start}, models.Options(["w"], "sgd", steps=1, batch=8, rate=1.0))
    gradient = ridge(data["X"], data["y"], data["lam"], start["w"])[-1]
    assert found.learned["w"] == pytest.approx(start["w"] - gradient / 8)


def test_one_seed_gives_the_same_numbers_twice() -> None:
    options = models.Options(["w"], "sgd", steps=3, seed=5)
    once, twice = (models.fit(model(XYW, squares), regression(), options) for _ in range(2))
    assert [e["loss"] for e in once.history] == [e["loss"] for e in twice.history]
    assert np.array_equal(once.learned["w"], twice.learned["w"])


def test_an_interrupt_keeps_the_last_whole_step() -> None:
    calls = []

    def stopping(*arguments: Any) -> Any:
        calls.append(1)
        if len(calls) == 8:
            raise KeyboardInterrupt
        return squares(*arguments)

    found = models.fit(model(XYW, stopping), regression(), models.Options(["w"], "gd", rate=1e-3))
    assert not found.finished and len(found.history) == 6
    assert np.isfinite(found.learned["w"]).all()


def test_single_precision_data_are_fitted_in_single_precision() -> None:
    data = {name: value.astype(np.float32) for name, value in regression().items()}
    seen = set()

    def watched(*arguments: Any) -> Any:
        seen.update(a.dtype for a in arguments)
        return squares(*arguments)

    for method in ("lbfgs", "gd", "sgd"):
        found = models.fit(model(XYW, watched), data, models.Options(["w"], method, steps=5))
        assert found.learned["w"].dtype == np.float32
    assert seen == {np.dtype(np.float32)}


@given(arrays.arrays(float, 4, elements=st.floats(-3, 3)), st.floats(0.1, 100))
def test_descent_with_a_searched_step_never_rises(start: np.ndarray, stiffness: float) -> None:
    def valley(at: Any) -> tuple[float, descent.Arrays]:
        x = at["x"]
        return float(np.cosh(x).sum() + stiffness * x[0] ** 2), {
            "x": np.sinh(x) + np.array([2 * stiffness * x[0], 0, 0, 0])
        }

    losses = [valley({"x": start})[0]]
    descent.gradient_descent(valley, {"x": start}, steps=50, rate=None, tell=lambda n, loss, x: losses.append(loss))
    assert all(after <= before for before, after in pairwise(losses))


# -- the sample axis ---------------------------------------------------------------------------------


def shapes(**texts: str) -> dict[str, tuple[Size, ...]]:
    return {name: tuple(size(s) for s in text.split()) for name, text in texts.items()}


@pytest.mark.parametrize(
    ("data", "learned", "axis"),
    [
        (shapes(X="N D", y="N"), shapes(w="D"), "N"),
        (shapes(X="D N", T="K N"), shapes(W="K D", b="K"), "N"),
        (shapes(x="M", lam=""), shapes(mu=""), "M"),
    ],
)
def test_the_size_that_no_learned_array_has_counts_the_samples(data: Any, learned: Any, axis: str) -> None:
    assert samples.sample_size(data, learned) == axis


@pytest.mark.parametrize(
    ("data", "learned", "wanted", "said"),
    [
        (shapes(K="N N", y="N"), shapes(a="N"), None, "also one of what is learned"),
        (shapes(R="N M"), shapes(mu=""), None, "M, N: each could count the samples"),
        (shapes(A="N N"), shapes(mu=""), None, "cannot be cut"),
        ({"x": (size("N") + 1,)}, shapes(mu=""), None, "cannot be cut"),
        (shapes(X="N D"), shapes(w="D"), "Q", "no data array has that size"),
        (shapes(X="N D"), shapes(w="D"), "D", "grows with the data"),
        (shapes(lam=""), shapes(w="D"), None, "none"),
    ],
)
def test_samples_that_cannot_be_told_are_refused(data: Any, learned: Any, wanted: str | None, said: str) -> None:
    with pytest.raises(TrainingError, match=said):
        samples.sample_size(data, learned, wanted)


def test_samples_can_be_chosen() -> None:
    assert samples.sample_size(shapes(R="N M"), shapes(mu=""), "M") == "M"


def test_a_sum_over_pairs_of_samples_is_refused() -> None:
    X = regression()["X"]
    with pytest.raises(TrainingError, match="neither a mean over the samples nor a sum"):
        models.fit(model({"X": "N D", "w": "D"}, pairs), {"X": X}, models.Options(["w"], "sgd"))


@pytest.mark.parametrize(
    ("loss", "expected"),
    [
        (lambda x: x.mean(), samples.Kind(mean=True)),
        (lambda x: x.mean() + 3, samples.Kind(mean=True)),
        (lambda x: x.sum(), samples.Kind(mean=False)),
        (lambda x: x.sum() + 3, samples.Kind(mean=False, fixed=True)),
    ],
)
def test_the_kind_of_a_loss_is_told_by_its_values(loss: Any, expected: samples.Kind) -> None:
    x = np.random.default_rng(0).standard_normal(21)
    assert samples.kind(lambda which: float(loss(x[which])), 21, 1e-9) == expected


@pytest.mark.parametrize("loss", [lambda x: x.sum() ** 2, lambda x: np.log(np.exp(x).sum()), lambda x: x.max(),
                                  lambda x: x.size * x.sum(), lambda x: x.sum() / x.size**2])  # fmt: skip
def test_a_loss_that_batches_cannot_stand_for_has_no_kind(loss: Any) -> None:
    x = np.random.default_rng(0).standard_normal(20)
    with pytest.raises(TrainingError, match="neither"):
        samples.kind(lambda which: float(loss(x[which])), 20, 1e-9)


# -- what is refused ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "options", "said"),
    [
        ({"X": np.ones((3, 2))}, models.Options(["w"]), r"lacks y of shape \(N,\), on which L"),
        ({"X": np.ones((3, 2)), "y": np.ones(4)}, models.Options(["w"]), r"y has the shape \(4,\); .*N = 3 by X"),
        ({"X": np.ones(3), "y": np.ones(3)}, models.Options(["w"]), r"X has the shape \(3,\); L needs \(N, D\)"),
        ({"X": np.ones((3, 2)), "y": np.ones(3)}, models.Options(["v"]), "--over v: L does not depend on it"),
        ({"y": np.ones(3)}, models.Options(["w", "X"]), "do not tell D; --set D="),
        (regression(), models.Options(["w"], given={"lamda": 1.0}), "--set lamda: L has no such scalar or size"),
        (regression(), models.Options(["w"], "gd", rate=1e9), "smaller --learning-rate"),
        ({**regression(), "w": np.full(3, 1e308)}, models.Options(["w"]), "at the start"),
    ],
)
def test_what_does_not_fit_is_named(data: Any, options: models.Options, said: str) -> None:
    with pytest.raises(TrainingError, match=said):
        models.fit(model(XYW, squares), data, options)


@pytest.mark.parametrize(
    ("domain", "value", "said"),
    [
        (POSITIVE, [1.0, 2.0, -0.5], r"y\[2\] is -0.5, but L is declared for y > 0"),
        (POSITIVE, [0.0, 2.0, 0.5], r"y\[0\] is 0, but L is declared for y > 0"),
        (Domain(values=(Fraction(0), Fraction(1))), [0.0, -1.0, 1.0], r"y\[1\] is -1, but .* y ∈ \{0, 1\}"),
        (Domain(nonzero=True), [1.0, 0.0, 1.0], r"y\[1\] is 0, but .* y ≠ 0"),
        (Domain(Fraction(0), Fraction(1), False, True), [0.0, 0.5, 1.0], r"y\[2\] is 1, but .* y ∈ \[0, 1\)"),
    ],
)
def test_data_that_their_declaration_excludes_are_named(domain: Domain, value: list[float], said: str) -> None:
    with pytest.raises(DataError, match=said):
        data = {"X": np.ones((3, 2)), "y": np.array(value)}
        models.fit(model(XYW, squares, y=domain), data, models.Options(["w"]))


def test_a_loss_without_a_minimum_is_said_to_have_none() -> None:
    def falling(s: Any) -> Any:
        return -np.exp(s), -np.exp(s)

    with pytest.raises(TrainingError, match="seems to have no minimum"):
        models.fit(model({"s": ""}, falling), {}, models.Options(["s"]))


def test_a_variable_that_leaves_its_declared_values_is_named() -> None:
    def falling(s: Any) -> Any:
        return float(s), np.asarray(1.0)

    with pytest.raises(TrainingError, match="s left the values that are declared for it"):
        models.fit(model({"s": ""}, falling, s=POSITIVE), {}, models.Options(["s"], "gd", rate=0.4))


@pytest.mark.parametrize("method", ["lbfgs", "gd"])
def test_a_positive_variable_is_found_within_its_declared_values(method: str) -> None:
    x = np.random.default_rng(0).normal(3, 0.1, 50)

    def gaussian(x: Any, mu: Any, s: Any) -> Any:  # the mean negative log-likelihood, but for a constant
        z = (x - mu) / s
        return np.log(s) + (z @ z) / 2 / x.size, z / s, -z.mean() / s, 1 / s - (z @ z) / s / x.size

    found = models.fit(
        model({"x": "N", "mu": "", "s": ""}, gaussian, s=POSITIVE), {"x": x}, models.Options(["mu", "s"], method)
    )
    assert found.learned["mu"] == pytest.approx(x.mean(), abs=1e-5)
    assert found.learned["s"] == pytest.approx(x.std(), rel=1e-4)


def test_start_values_lie_where_the_declaration_allows() -> None:
    def flat(s: Any, v: Any) -> Any:
        assert s > 0 and (v > 0).all()
        return 0.0, np.zeros(()), np.zeros_like(v)

    models.fit(model({"s": "", "v": "D"}, flat, s=POSITIVE, v=POSITIVE), {}, models.Options(["s", "v"], given={"D": 4}))


@pytest.mark.parametrize(
    ("write", "said"),
    [
        (lambda path: None, "no such file"),
        (lambda path: path.write_bytes(b"rubbish"), "not a readable"),
        (lambda path: np.save(path.open("wb"), np.ones(3)), "one array without a name"),
        (lambda path: np.savez(path.open("wb"), X=np.array([np.nan])), "not finite"),
        (lambda path: np.savez(path.open("wb"), X=np.array(["a"])), "not numbers"),
        (lambda path: np.savez(path.open("wb"), X=np.array([{}])), "not a readable"),
    ],
)
def test_a_data_file_that_cannot_be_used_is_named(tmp_path: Path, write: Any, said: str) -> None:
    path = tmp_path / "data.npz"
    write(path)
    with pytest.raises(DataError, match=said):
        models.read_data(path)


def test_whole_numbers_become_floats_and_single_precision_stays(tmp_path: Path) -> None:
    np.savez(tmp_path / "d.npz", n=np.arange(3), x=np.ones(2, np.float32))
    found = models.read_data(tmp_path / "d.npz")
    assert (found["n"].dtype, found["x"].dtype) == (np.float64, np.float32)


# -- a likelihood, and other words for names -----------------------------------------------------------


def test_the_largest_value_is_the_least_of_its_opposite() -> None:
    data = regression()
    raised = models.Model(**{**vars(model(XYW, lambda *a: [-v for v in squares(*a)])), "sign": -1.0})
    found = models.fit(raised, data, models.Options(["w"]))
    assert found.learned["w"] == pytest.approx(solution(data), abs=1e-6)
    assert all(b["loss"] >= a["loss"] for a, b in pairwise(found.history))
    assert models.summary(found)["maximise"] == "L"


def test_a_loss_without_a_minimum_is_told_where_no_step_can_be_taken() -> None:
    falling = model({"w": "D"}, lambda w: (-np.exp(40 * w).sum(), -40 * np.exp(40 * w)))
    with pytest.raises(TrainingError, match="no minimum"):
        models.fit(falling, {"w": np.array([17.0])}, models.Options(["w"]))


def test_a_start_at_the_minimum_is_a_fit() -> None:
    flat = model({"w": "D"}, lambda w: (w @ w, 2 * w))
    found = models.fit(flat, {"w": np.zeros(2)}, models.Options(["w"], "gd"))
    assert found.finished
    assert found.history[0]["loss"] == 0


def test_an_array_is_not_given_under_two_names() -> None:
    made = models.Model(**{**vars(model({"x_n": "N"}, lambda x: (x @ x, 2 * x))), "aliases": {"x": "x_n"}})
    assert list(made.named({"x": 1}, "data")) == ["x_n"]
    with pytest.raises(TrainingError, match="twice"):
        made.named({"x": 1, "x_n": 2}, "data")
