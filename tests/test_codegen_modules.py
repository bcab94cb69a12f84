"""What decides `generated/` is the derivations alone; the files are complete and stand alone."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from networks import layered
from numeric import Array, complex_steps, differences, distance, is_gradient
from regenerated import TANH, generated

import codegen
from codegen.__main__ import GENERATED, main
from codegen.proofs import NotProvable
from derive.blackboard import tanh
from derive.lecture import DERIVATIONS
from derive.lecture.network import backpropagation
from derive.lecture.softmax import softmax_cross_entropy


@pytest.fixture(scope="module")
def with_tanh(tmp_path_factory: pytest.TempPathFactory) -> ModuleType:
    folder = tmp_path_factory.mktemp("tanh")
    return generated(folder, "neural_network", backpropagation=lambda: backpropagation(TANH))


def network() -> tuple[list[Array], Array, Array]:
    rng = np.random.default_rng(0)
    widths = ((5, 3), (4, 5), (3, 4))
    parts = [a for m, n in widths for a in (rng.normal(size=(m, n)), rng.normal(size=m))]
    return parts, rng.normal(size=(3, 7)), np.eye(3)[:, rng.integers(0, 3, 7)]


def test_another_activation_in_the_derivation_gives_another_network(with_tanh: ModuleType) -> None:
    (W1, b1, W2, b2, W3, b3), X, _ = network()
    Z = np.tanh(W2 @ np.tanh(W1 @ X + b1[:, None]) + b2[:, None])
    U = np.exp(W3 @ Z + b3[:, None])
    found = with_tanh.forward([(W1, b1), (W2, b2), (W3, b3)], X)
    np.testing.assert_allclose(found, U / U.sum(axis=0), rtol=1e-12)


def test_gradients_of_the_other_network_agree_with_differences_and_complex_steps(with_tanh: ModuleType) -> None:
    parts, X, D = network()
    found = [g for layer in with_tanh.gradients(layered(parts), X, D) for g in layer]

    def loss(p: Any) -> Any:
        return with_tanh.loss(layered(p), X, D)

    assert is_gradient(loss, parts, found)
    assert distance(found, complex_steps(loss, parts)) < 1e-13


def test_the_other_network_trains(with_tanh: ModuleType) -> None:
    rng = np.random.default_rng(0)
    X = rng.uniform(-1, 1, (2, 400))
    labels = (X[0] * X[1] > 0).astype(int)
    start = [(rng.normal(size=(16, 2)), np.zeros(16)), (rng.normal(size=(2, 16)) / 4, np.zeros(2))]
    losses: list[float] = []
    trained = with_tanh.train(
        start, X, np.eye(2)[:, labels],
        learning_rate=0.5, batch=20, epochs=150, callback=lambda e, p, loss: losses.append(loss),
    )  # fmt: skip
    assert losses[-1] < losses[0] / 4
    assert np.mean(np.argmax(with_tanh.forward(trained, X), axis=0) == labels) > 0.95


@pytest.fixture(scope="module")
def with_penalty(tmp_path_factory: pytest.TempPathFactory) -> ModuleType:
    folder = tmp_path_factory.mktemp("penalty")
    return generated(
        folder, "softmax_regression", softmax_cross_entropy=lambda: softmax_cross_entropy(penalised=True)
    )


def test_a_penalty_in_the_derivation_is_an_argument_and_a_term_of_the_loss(with_penalty: ModuleType) -> None:
    (W, b, *_), X, D = network()
    W, b = W[:3], b[:3]
    plain = by_hand(W, b, X, D)
    np.testing.assert_allclose(with_penalty.loss(W, b, X, D, 0.3), plain + 0.15 * np.sum(W**2), rtol=1e-12)


def by_hand(W: Array, b: Array, X: Array, D: Array) -> float:
    U = W @ X + b[:, None]
    return float(-np.sum(D * np.log(np.exp(U) / np.exp(U).sum(axis=0))) / X.shape[1])


def test_gradients_of_the_penalised_loss_agree_with_differences(with_penalty: ModuleType) -> None:
    (W, b, *_), X, D = network()
    at = [W[:3], b[:3]]
    found = list(with_penalty.gradients(*at, X, D, 0.3))
    assert distance(found, differences(lambda p: with_penalty.loss(*p, X, D, 0.3), at)) < 1e-6


def test_the_penalised_model_trains_to_a_stationary_point(with_penalty: ModuleType) -> None:
    _, X, D = network()
    W, b = with_penalty.fit(X, D, 0.1, learning_rate=0.5, steps=3000)
    assert max(np.abs(g).max() for g in with_penalty.gradients(W, b, X, D, 0.1)) < 1e-8
    heavier, _ = with_penalty.fit(X, D, 1.0, learning_rate=0.5, steps=3000)
    assert np.sum(heavier**2) < np.sum(W**2)


# -- the files ------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def files() -> dict[str, str]:
    return codegen.generate()


def test_the_committed_files_are_what_the_theorems_give(files: dict[str, str]) -> None:
    assert codegen.difference(files, GENERATED, whole=True) == "", "run `python -m codegen`"


def test_generating_twice_gives_the_same_bytes(files: dict[str, str]) -> None:
    made = subprocess.run(
        [sys.executable, "-c", "import codegen, sys; sys.stdout.write(repr(codegen.generate()))"],
        capture_output=True, text=True, check=True, env={"PYTHONHASHSEED": "7", "PYTHONPATH": str(GENERATED.parent)},
    )  # fmt: skip
    assert made.stdout == repr(files)


def test_modules_import_numpy_and_scipy_only(files: dict[str, str]) -> None:
    roots = set()
    for name, source in files.items():
        for node in ast.walk(ast.parse(source)) if name.endswith(".py") else ():
            if isinstance(node, ast.Import):
                roots |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                assert not node.level
                roots.add(str(node.module).partition(".")[0])
    assert roots - set(sys.stdlib_module_names) == {"numpy", "scipy"}


@pytest.mark.parametrize("name", codegen.names())
def test_a_module_works_where_the_project_is_not(name: str, tmp_path: Path) -> None:
    (tmp_path / f"{name}.py").write_bytes((GENERATED / f"{name}.py").read_bytes())
    code = f"import {name} as m, sys; assert m.__all__ and not {{'codegen', 'derive'}} & sys.modules.keys()"
    path = f"import sys; sys.path.insert(0, {str(tmp_path)!r})"
    subprocess.run([sys.executable, "-I", "-c", f"{path}; {code}"], check=True)


def test_the_map_leads_from_each_computed_line_to_a_step(files: dict[str, str]) -> None:
    table = json.loads(files[codegen.MAP])["modules"]
    assert set(table) == {name for name in files if name.endswith(".py") and name != "__init__.py"}
    made = {name: make() for name, make in DERIVATIONS.items()}
    for name, entries in table.items():
        rows = files[name].splitlines()
        for entry in entries:
            assert entry["code"] in rows[entry["line"] - 1]
            assert made[entry["derivation"]][entry["step"]].slide == entry["slide"]
            assert entry["rule"]
        equations = [entry["equation"] for entry in entries if entry["equation"]]
        assert sum(any(f"# {e}" in row for e in equations) for row in rows) == len(equations) >= 4


CHANGES: dict[str, Callable[[Path], object]] = {
    "an edited line": lambda d: (d / "linear_regression.py").write_bytes(
        (d / "linear_regression.py").read_bytes().replace(b"/ 2", b"/ 3")
    ),
    "a missing file": lambda d: (d / "neural_network.py").unlink(),
    "a file too many": lambda d: (d / "extra.py").write_text("x = 1\n"),
    "other line ends": lambda d: (d / "map.json").write_bytes(
        (d / "map.json").read_bytes().replace(b"\n", b"\r\n")
    ),
}


@pytest.mark.parametrize("change", CHANGES)
def test_check_sees_and_shows_a_difference(change: str, files: dict[str, str], tmp_path: Path) -> None:
    codegen.write(files, tmp_path)
    assert codegen.difference(files, tmp_path, whole=True) == ""
    CHANGES[change](tmp_path)
    assert codegen.difference(files, tmp_path, whole=True)


def test_check_prints_a_diff_and_the_command_that_mends_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["ridge_regression", "--out", str(tmp_path)]) == 0
    assert main(["ridge_regression", "--out", str(tmp_path), "--check"]) == 0
    path = tmp_path / "ridge_regression.py"
    path.write_text(path.read_text(encoding="utf-8").replace("/ 2", "/ 3"), encoding="utf-8")
    capsys.readouterr()
    assert main(["ridge_regression", "--out", str(tmp_path), "--check"]) == 1
    shown = capsys.readouterr()
    assert "\n-" in shown.out and "\n+" in shown.out and "@@" in shown.out
    assert f"python -m codegen ridge_regression --out {tmp_path}" in shown.err


def test_an_unknown_module_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["nearest_neighbour"]) == 2
    assert "'nearest_neighbour'; there are linear_regression," in capsys.readouterr().err


def test_a_derivation_that_is_not_proved_is_not_compiled() -> None:
    wrong = (tanh, lambda z: 1 - z)  # not tanh′
    with pytest.raises(NotProvable, match="backpropagation, step network-step"):
        codegen.generate(["neural_network"], {**DERIVATIONS, "backpropagation": lambda: backpropagation(wrong)})
