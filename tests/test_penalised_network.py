"""Networks of every depth with a penalty on each layer: a change of the derivation, none in `codegen/`."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from networks import Params, flat, layered, network
from numeric import Array, complex_steps, distance, is_gradient
from regenerated import TANH, generated
from sklearn.datasets import load_digits

from derive.blackboard import Derivation, array, diff, norm2, ones, sqrt, sum_
from derive.context import POSITIVE
from derive.evaluate import Evaluator, Instance
from derive.lecture.likelihood import BINARY
from derive.lecture.network import SIGMOID, Activation, Penalty, backpropagation, l2
from derive.lecture.softmax import mean_cross_entropy
from derive.terms import Term, Var

WIDTHS = {1: (4, 3), 2: (4, 5, 3), 3: (4, 2, 5, 3), 5: (4, 3, 5, 2, 4, 3)}


def smooth_l1(d: Derivation, W: Var, b: Var) -> tuple[Term, Term, Term]:
    """The mean over the layer's weights of √(1 + w²), and the biases' squares: both gradients change."""
    λ, μ = d.scalar("λ", POSITIVE), d.scalar("μ")
    (K, J), k, j = W.shape, d.index("k", W.shape[0]), d.index("j", W.shape[1])
    length = sqrt(1 + W[k, j] ** 2)
    return (
        λ * sum_(k, sum_(j, length)) / K / J + μ * norm2(b),
        array(k, j, λ * W[k, j] / length / K / J),
        2 * μ * b,
    )


#: activation and penalty of the derivation → the penalty of one layer in NumPy, and its further arguments
VARIANTS: dict[str, tuple[Activation, Penalty, Callable[..., Any], tuple[float, ...]]] = {
    "L2": (SIGMOID, l2, lambda W, b, lam: lam * np.sum(W**2) / 2, (0.3,)),
    "tanh and L2": (TANH, l2, lambda W, b, lam: lam * np.sum(W**2) / 2, (0.3,)),
    "tanh and smooth L1": (
        TANH,
        smooth_l1,
        lambda W, b, lam, mu: lam * np.mean(np.sqrt(1 + W**2)) + mu * np.sum(b**2),
        (0.3, 0.2),
    ),
}


@pytest.fixture(scope="module")
def modules(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], ModuleType]:
    made: dict[str, ModuleType] = {}

    def module(name: str) -> ModuleType:
        if name not in made:
            activation, penalty, _, _ = VARIANTS[name]
            folder = tmp_path_factory.mktemp(name.replace(" ", "_"))
            made[name] = generated(
                folder, "neural_network", backpropagation=lambda: backpropagation(activation, penalty)
            )
        return made[name]

    return module


@pytest.mark.parametrize("depth", WIDTHS)
@pytest.mark.parametrize("name", VARIANTS)
def test_the_loss_is_the_data_term_and_the_penalties_of_all_layers(
    name: str, depth: int, modules: Callable[[str], ModuleType]
) -> None:
    _, _, penalty, more = VARIANTS[name]
    params, X, D = network(WIDTHS[depth])
    data = -np.sum(D * np.log(modules(name).forward(params, X))) / X.shape[1]
    wanted = data + sum(penalty(W, b, *more) for W, b in params)
    np.testing.assert_allclose(modules(name).loss(params, X, D, *more), wanted, rtol=1e-12)


@pytest.mark.parametrize("depth", WIDTHS)
@pytest.mark.parametrize("name", VARIANTS)
def test_gradients_agree_with_central_differences_and_complex_steps(
    name: str, depth: int, modules: Callable[[str], ModuleType]
) -> None:
    *_, more = VARIANTS[name]
    params, X, D = network(WIDTHS[depth])
    found = flat(modules(name).gradients(params, X, D, *more))

    def loss(p: Any) -> Any:
        return modules(name).loss(layered(p), X, D, *more)

    assert is_gradient(loss, flat(params), found)
    if VARIANTS[name][0] is TANH:  # the stable form of the sigmoid takes absolute values
        assert distance(found, complex_steps(loss, flat(params))) < 1e-13


@pytest.mark.parametrize("depth", [1, 2, 3])
def test_gradients_agree_with_the_evaluator_of_the_layers_written_out(
    depth: int, modules: Callable[[str], ModuleType]
) -> None:
    d = Derivation("written-out")
    N, sizes = d.size("N"), [d.size(f"D{n}") for n in range(depth + 1)]
    λ, f = d.scalar("λ", POSITIVE), d.define_function("f", "u", TANH[0])
    Z: Term = d.matrix("X", sizes[0], N)
    weights: list[Var] = []
    for n, (below, above) in enumerate(pairwise(sizes), 1):
        W, b = d.matrix(f"W^{{({n})}}", above, below), d.vector(f"b^{{({n})}}", above)
        U = d.define(f"U^{{({n})}}", W @ Z + b @ ones(N).T)
        Z = f(U)
        weights += [W, b]
    whole: Term = mean_cross_entropy(d, d.matrix("D", sizes[-1], N, BINARY), U, N)[2]
    for W in weights[::2]:
        whole = whole + λ * norm2(W) / 2
    C = d.define("C", whole)

    widths = (3, 2, 2, 2)[: depth + 1]
    params, X, D = network(widths, samples=2, seed=depth)
    values = {"X": X, "D": D} | {w.name: part for w, part in zip(weights, flat(params))}
    given = Instance.of(
        {f"D{n}": width for n, width in enumerate(widths)} | {"N": 2},
        λ=0.25, **{name: value.tolist() for name, value in values.items()},
    )  # fmt: skip
    point = Evaluator(d.context).at(given)
    module = modules("tanh and L2")
    np.testing.assert_allclose(module.loss(params, X, D, 0.25), float(point.entries(C)[0]), rtol=1e-12)
    for found, w in zip(flat(module.gradients(params, X, D, 0.25)), weights, strict=True):
        wanted = np.array([float(x) for x in point.entries(diff(C, w))])
        np.testing.assert_allclose(found.ravel(), wanted, rtol=1e-9, atol=1e-13)


@pytest.mark.parametrize("depth", WIDTHS)
@pytest.mark.parametrize("name", VARIANTS)
def test_one_full_batch_is_one_step_of_gradient_descent_on_the_whole_loss(
    name: str, depth: int, modules: Callable[[str], ModuleType]
) -> None:
    *_, more = VARIANTS[name]
    params, X, D = network(WIDTHS[depth])
    before: list[float] = []
    trained = modules(name).train(
        params, X, D, *more, learning_rate=0.3, batch=6, epochs=1, callback=lambda e, p, loss: before.append(loss)
    )
    steps = modules(name).gradients(params, X, D, *more)
    wanted = [p - 0.3 * g for p, g in zip(flat(params), flat(steps))]
    assert distance(flat(trained), wanted) < 1e-14
    np.testing.assert_allclose(before, [modules(name).loss(params, X, D, *more)], rtol=1e-12)


@pytest.mark.parametrize("name", VARIANTS)
def test_a_step_with_a_penalty_allocates_no_array(name: str, modules: Callable[[str], ModuleType]) -> None:
    import tracemalloc

    *_, more = VARIANTS[name]
    params, X, D = network((300, 200, 3), samples=400)
    params = [(W * 0.05, b) for W, b in params]
    peaks = []
    for epochs in (1, 4):
        tracemalloc.start()
        modules(name).train(params, X, D, *more, learning_rate=0.1, batch=100, epochs=epochs)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert abs(peaks[1] - peaks[0]) < 8 * 100 * 200  # bytes of one array of a hidden layer


@pytest.mark.parametrize("name", VARIANTS)
def test_the_type_is_kept(name: str, modules: Callable[[str], ModuleType]) -> None:
    *_, more = VARIANTS[name]
    params, X, D = network(WIDTHS[2])
    small = [(W.astype(np.float32), b.astype(np.float32)) for W, b in params]
    given = small, X.astype(np.float32), D.astype(int)
    found = flat(modules(name).gradients(*given, *more))
    found += flat(modules(name).train(*given, *more, learning_rate=0.1, batch=4, epochs=1))
    assert {a.dtype for a in found} == {np.dtype(np.float32)}


def digits(parts: slice) -> tuple[Array, Array]:
    images, labels = load_digits(return_X_y=True)
    return images[parts].T / 16, np.eye(10)[:, labels[parts]]


def started() -> Params:
    rng = np.random.default_rng(0)
    return [(rng.normal(size=(m, n)) / np.sqrt(n), np.zeros(m)) for n, m in pairwise((64, 32, 10))]


def size_of(params: Params) -> float:
    return float(sum(np.sum(W**2) for W, _ in params))


@pytest.mark.parametrize("name", ["L2", "tanh and L2"])
def test_trained_on_digits_it_learns_and_its_weights_stay_smaller(
    name: str, modules: Callable[[str], ModuleType]
) -> None:
    X, D = digits(slice(0, 1400))
    options = {"learning_rate": 1.0, "batch": 50, "epochs": 20}
    losses: list[float] = []
    trained = modules(name).train(
        started(), X, D, 1e-3, **options, callback=lambda e, p, loss: losses.append(loss)
    )  # fmt: skip
    free = modules(name).train(started(), X, D, 1e-12, **options)  # as good as none
    assert losses[-1] < losses[0] / 3
    assert size_of(trained) < 0.8 * size_of(free)
    images, labels = digits(slice(1400, None))
    assert np.mean(np.argmax(modules(name).forward(trained, images), axis=0) == np.argmax(labels, axis=0)) > 0.85
