"""The generated network: any depth, against its derivation evaluated layer by layer and differences."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from networks import DEPTHS, flat, layered, network
from numeric import Array, complex_steps, distance, is_gradient

from derive.blackboard import Derivation, diff, ones
from derive.evaluate import Evaluator, Instance
from derive.lecture.likelihood import BINARY
from derive.lecture.logistic import sigmoid
from derive.lecture.softmax import mean_cross_entropy
from generated import neural_network, softmax_regression


@pytest.mark.parametrize("depth", DEPTHS)
def test_gradients_agree_with_central_differences(depth: int) -> None:
    params, X, D = network(DEPTHS[depth])
    found = flat(neural_network.gradients(params, X, D))
    assert is_gradient(lambda p: neural_network.loss(layered(p), X, D), flat(params), found)


@pytest.mark.parametrize("depth", DEPTHS)
def test_gradients_agree_with_complex_steps(depth: int) -> None:
    params, X, D = network(DEPTHS[depth])
    found = flat(neural_network.gradients(params, X, D))
    assert distance(found, complex_steps(lambda p: neural_network.loss(layered(p), X, D), flat(params))) < 1e-13


@pytest.mark.parametrize(("scale", "tolerance"), [(1, 1e-6), (10, 4e-6), (60, 2e-4)])
def test_gradients_in_float32_keep_their_digits_where_units_saturate(scale: float, tolerance: float) -> None:
    """Against float64, of the largest entry; f′ = z(1 − z) is read far from zero on both sides."""
    params, X, D = network((50, 40, 30, 10), samples=64)
    params = [((scale * W / W.shape[1] ** 0.5).astype(np.float32), b.astype(np.float32)) for W, b in params]
    X = X.astype(np.float32)
    exact = neural_network.gradients([(W.astype(float), b.astype(float)) for W, b in params], X.astype(float), D)
    for found, wanted in zip(flat(neural_network.gradients(params, X, D)), flat(exact)):
        assert np.max(np.abs(found - wanted)) < tolerance * np.max(np.abs(wanted))


WRONG: dict[str, Callable[[Array, int], Array]] = {
    "negative": lambda g, n: -g,
    "twice": lambda g, n: 2 * g,
    "sum for mean": lambda g, n: n * g,
    "one entry off by 1 %": lambda g, n: np.where(np.abs(g) == np.abs(g).max(), 1.01 * g, g),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_the_gradient_check_rejects_a_wrong_gradient(wrong: str) -> None:
    params, X, D = network(DEPTHS[2])
    found = flat(neural_network.gradients(params, X, D))
    largest = max(range(len(found)), key=lambda k: np.abs(found[k]).max())
    found[largest] = WRONG[wrong](found[largest], X.shape[1])
    assert not is_gradient(lambda p: neural_network.loss(layered(p), X, D), flat(params), found)


def unrolled(depth: int) -> tuple[Derivation, list[Any], Any, Any]:
    """The lecture's network of one depth on the blackboard, each layer written out."""
    d = Derivation("unrolled")
    N = d.size("N")
    sizes = [d.size(f"D{n}") for n in range(depth + 1)]
    f = d.define_function("f", "u", sigmoid)
    Z = d.matrix("X", sizes[0], N)
    weights = []
    for n, (below, above) in enumerate(pairwise(sizes), 1):
        W, b = d.matrix(f"W^{{({n})}}", above, below), d.vector(f"b^{{({n})}}", above)
        U = d.define(f"U^{{({n})}}", W @ Z + b @ ones(N).T)
        Z = f(U)
        weights += [W, b]
    D = d.matrix("D", sizes[-1], N, BINARY)
    Y, _, L = mean_cross_entropy(d, D, U, N)
    return d, weights, Y, L


@pytest.mark.parametrize("depth", [1, 2, 3])
def test_the_network_agrees_with_the_evaluator_of_its_layers_written_out(depth: int) -> None:
    d, weights, Y, L = unrolled(depth)
    widths = (3, 2, 2, 2)[: depth + 1]
    params, X, D = network(widths, samples=2, seed=depth)
    values = {"X": X, "D": D} | {w.name: part for w, part in zip(weights, flat(params))}
    sizes = {f"D{n}": width for n, width in enumerate(widths)} | {"N": 2}
    given = Instance.of(sizes, **{name: value.tolist() for name, value in values.items()})
    point = Evaluator(d.context).at(given)

    def exact(term: Any) -> Array:
        return np.array([float(x) for x in point.entries(term)])

    np.testing.assert_allclose(neural_network.forward(params, X).ravel(), exact(Y), rtol=1e-10)
    np.testing.assert_allclose(neural_network.loss(params, X, D), exact(L)[0], rtol=1e-10)
    for found, w in zip(flat(neural_network.gradients(params, X, D)), weights, strict=True):
        np.testing.assert_allclose(found.ravel(), exact(diff(L, w)), rtol=1e-9, atol=1e-13)


def test_at_depth_one_the_network_is_softmax_regression() -> None:
    ((W, b),), X, D = network(DEPTHS[1])
    np.testing.assert_allclose(neural_network.loss([(W, b)], X, D), softmax_regression.loss(W, b, X, D))
    (found,) = neural_network.gradients([(W, b)], X, D)
    assert distance(list(found), list(softmax_regression.gradients(W, b, X, D))) < 1e-14


# -- training ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("depth", DEPTHS)
def test_one_full_batch_is_one_step_of_gradient_descent(depth: int) -> None:
    params, X, D = network(DEPTHS[depth])
    trained = neural_network.train(params, X, D, learning_rate=0.3, batch=6, epochs=1)
    steps = neural_network.gradients(params, X, D)
    wanted = [p - 0.3 * g for p, g in zip(flat(params), flat(steps))]
    assert distance(flat(trained), wanted) < 1e-14


def test_an_incomplete_last_batch_is_a_step_of_its_own() -> None:
    params, X, D = network(DEPTHS[2], samples=7)
    order = np.random.default_rng(4).permutation(7)
    losses: list[float] = []
    trained = neural_network.train(
        params, X, D, learning_rate=0.3, batch=3, epochs=1, rng=4, callback=lambda e, p, loss: losses.append(loss)
    )
    wanted, total = params, 0.0
    for start in (0, 3, 6):
        chosen = order[start : start + 3]
        part = X[:, chosen], D[:, chosen]
        total += len(chosen) * neural_network.loss(wanted, *part)
        steps = neural_network.gradients(wanted, *part)
        wanted = layered([p - 0.3 * g for p, g in zip(flat(wanted), flat(steps))])
    assert distance(flat(trained), flat(wanted)) < 1e-13
    np.testing.assert_allclose(losses, [total / 7], rtol=1e-12)


def test_training_changes_neither_the_given_parameters_nor_the_data() -> None:
    given = network(DEPTHS[2])
    before = [a.copy() for a in (*flat(given[0]), *given[1:])]
    neural_network.train(*given, learning_rate=1.0, batch=2, epochs=3)
    assert all(np.array_equal(a, b) for a, b in zip(before, (*flat(given[0]), *given[1:])))


def test_training_is_the_same_twice_and_differs_with_the_seed() -> None:
    given = network(DEPTHS[2], samples=20)

    def run(seed: int) -> list[Array]:
        return flat(neural_network.train(*given, learning_rate=0.5, batch=3, epochs=2, rng=seed))

    assert all(np.array_equal(a, b) for a, b in zip(run(1), run(1)))
    assert not all(np.array_equal(a, b) for a, b in zip(run(1), run(2)))


def test_epochs_one_by_one_are_the_epochs_at_once() -> None:
    params, X, D = network(DEPTHS[2], samples=20)
    at_once = neural_network.train(params, X, D, learning_rate=0.5, batch=4, epochs=3, rng=0)
    rng = np.random.default_rng(0)
    for _ in range(3):
        params = neural_network.train(params, X, D, learning_rate=0.5, batch=4, epochs=1, rng=rng)
    assert all(np.array_equal(a, b) for a, b in zip(flat(at_once), flat(params)))


def test_training_learns_what_one_layer_cannot() -> None:
    rng = np.random.default_rng(0)
    X = rng.uniform(-1, 1, (2, 400))
    labels = (X[0] * X[1] > 0).astype(int)  # exclusive or
    params, _, _ = network((2, 16, 2))
    trained = neural_network.train(params, X, np.eye(2)[:, labels], learning_rate=2.0, batch=20, epochs=300)
    assert np.mean(np.argmax(neural_network.forward(trained, X), axis=0) == labels) > 0.97


def test_a_step_allocates_no_array() -> None:
    import tracemalloc

    params, X, D = network((300, 200, 3), samples=400)
    params = [(W * 0.05, b) for W, b in params]
    peaks = []
    for epochs in (1, 4):
        tracemalloc.start()
        neural_network.train(params, X, D, learning_rate=0.1, batch=100, epochs=epochs)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    smallest = 8 * 100 * 200  # bytes of one array of a hidden layer
    assert abs(peaks[1] - peaks[0]) < smallest


# -- numbers, types, limits ------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [np.float32, np.float64])
def test_the_type_is_kept(kind: Any) -> None:
    params, X, D = network(DEPTHS[2])
    params, X = [(W.astype(kind), b.astype(kind)) for W, b in params], X.astype(kind)
    labels = D.astype(int)  # integers take the type of the others
    found = [neural_network.forward(params, X), np.asarray(neural_network.loss(params, X, labels))]
    found += flat(neural_network.gradients(params, X, labels))
    found += flat(neural_network.train(params, X, labels, learning_rate=0.1, batch=4, epochs=1))
    assert {a.dtype for a in found} == {np.dtype(kind)}


@pytest.mark.parametrize("kind", [np.float32, np.float64])
@pytest.mark.parametrize("depth", DEPTHS)
def test_large_inputs_give_no_warning_and_no_nan(depth: int, kind: Any) -> None:
    rng = np.random.default_rng(0)
    params, X, D = network(DEPTHS[depth])
    big = [(1e4 * rng.choice([-1, 1], W.shape).astype(kind), (1e4 * b).astype(kind)) for W, b in params]
    X = 1e4 * rng.choice([-1, 1], X.shape).astype(kind)
    with np.errstate(all="raise"):
        found = [neural_network.forward(big, X), neural_network.loss(big, X, D)]
        found += flat(neural_network.gradients(big, X, D))
        found += flat(neural_network.train(big, X, D, learning_rate=0.1, batch=4, epochs=2))
    assert all(np.all(np.isfinite(a)) for a in found)


def bad_calls() -> dict[str, tuple[Callable[[], object], str]]:
    params, X, D = network(DEPTHS[2])
    (W1, b1), (W2, b2) = params
    n = neural_network
    options = {"learning_rate": 0.1, "batch": 2, "epochs": 1}
    return {
        "no layers": (lambda: n.forward([], X), r"^params must be a list with a pair \(W, b\)"),
        "no pair": (lambda: n.forward([(W1,)], X), r"^params must be a list with a pair \(W, b\)"),  # type: ignore[list-item]
        "layers that do not meet": (
            lambda: n.forward([(W1, b1), (W2[:, :-1], b2)], X),
            r"^params\[1\]\[0\] must have shape \(D2, D1\) with D1 = 5; it has shape \(3, 4\)",
        ),
        "bias": (lambda: n.forward([(W1, b2), (W2, b2)], X), r"^params\[0\]\[1\] must have shape \(D1,\)"),
        "rows": (lambda: n.loss(params, X.T, D), r"^X must have shape \(D0, N\) with D0 = 4"),
        "classes": (lambda: n.loss(params, X, D[:2]), r"^D must have shape \(D2, N\) with D2 = 3"),
        "samples": (lambda: n.gradients(params, X, D[:, 1:]), r"^D must have shape \(D2, N\) with N = 6"),
        "one-hot": (lambda: n.gradients(params, X, 0 * D), r"^D .*each column of D sums to one.*\(K, N\)"),
        "soft": (lambda: n.loss(params, X, D / 2 + D[::-1] / 2), r"^D must have entries in \{0, 1\}.*\(K, N\)"),
        "empty": (lambda: n.forward(params, X[:, :0]), r"^X is empty.*\(D0, N\)"),
        "nan": (lambda: n.forward(params, X * np.nan), r"^X must be finite"),
        "nan in a weight": (lambda: n.forward([(W1 * np.inf, b1), (W2, b2)], X), r"^params\[0\]\[0\] must be finite"),
        "batch": (lambda: n.train(params, X, D, **{**options, "batch": 0}), r"^batch must be a whole number"),
        "epochs": (lambda: n.train(params, X, D, **{**options, "epochs": 1.5}), r"^epochs must be a whole number"),
        "rate": (lambda: n.train(params, X, D, **{**options, "learning_rate": -1}), r"^learning_rate must be greater"),
    }  # fmt: skip


@pytest.mark.parametrize("name", bad_calls())
def test_a_bad_argument_is_named_with_the_shape_it_should_have(name: str) -> None:
    call, message = bad_calls()[name]
    with pytest.raises(ValueError, match=message):
        call()


