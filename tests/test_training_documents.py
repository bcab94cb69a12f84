"""From a document to a trained model: `training --model`."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from scipy.optimize import minimize

from training.__main__ import INTERRUPTED, main
from training.progress import Reporter

POISSON = r"""
Let $X \in \mathbb{R}^{N \times D}$, $t \in \mathbb{R}^N$, $w \in \mathbb{R}^D$, $b \in \mathbb{R}$ and $\lambda > 0$.

$$u := Xw + b$$

$$L := \frac{1}{N} \sum_{n=1}^N \left( e^{u_n} - t_n u_n \right) + \lambda \|w\|^2$$
"""

NETWORK = r"""
Let $X \in \mathbb{R}^{N \times D}$, $y \in \mathbb{R}^N$, $W^{(1)} \in \mathbb{R}^{H \times D}$, $c \in \mathbb{R}^H$
and $v \in \mathbb{R}^H$.

$$U_{nh} := \sum_{d=1}^D W^{(1)}_{hd} X_{nd} + c_h$$

$$L := \frac{1}{N} \sum_{n=1}^N \left( \sum_{h=1}^H v_h \tanh(U_{nh}) - y_n \right)^2$$
"""

GAUSSIAN = r"""
Let $x \in \mathbb{R}^N$, $\mu \in \mathbb{R}$ and $\sigma > 0$.

$$\ell := N \log \sigma + \frac{1}{2 \sigma^2} \sum_{n=1}^N (x_n - \mu)^2$$
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def fit(text: str, data: dict[str, np.ndarray], *options: str) -> tuple[dict[str, np.ndarray], list[float]]:
    Path("model.md").write_text(text, encoding="utf-8")
    np.savez("data.npz", **data)
    assert main(["--model", "model.md", "--data", "data.npz", "--out", "out", *options]) == 0
    history = json.loads(Path("out/history.json").read_text())
    with np.load("out/fitted.npz") as stored:
        return {name: stored[name] for name in stored.files}, [e["loss"] for e in history["epochs"]]


def counts() -> dict[str, np.ndarray]:
    rng = np.random.default_rng(0)
    X = rng.standard_normal((200, 3))
    return {"X": X, "t": rng.poisson(np.exp(X @ [0.5, -0.3, 0.0] + 0.2))}


@pytest.mark.parametrize(
    ("method", "tolerance"),
    [(["lbfgs"], 1e-4), (["gd"], 1e-4), (["sgd", "--epochs", "60", "--learning-rate", ".02"], 0.1)],
)
def test_each_method_fits_a_poisson_regression(method: list[str], tolerance: float) -> None:
    data = counts()
    X, t = data["X"], data["t"]

    def reference(theta: np.ndarray) -> float:
        u = X @ theta[:3] + theta[3]
        return float((np.exp(u) - t * u).mean() + 0.01 * theta[:3] @ theta[:3])

    exact = minimize(reference, np.zeros(4), tol=1e-10).x
    found, _ = fit(POISSON, data, "--minimise", "L", "--over", "w,b", "--set", "lam=0.01", "--method", *method)
    assert np.append(found["w"], found["b"]) == pytest.approx(exact, abs=tolerance)


def test_a_network_of_a_given_width_is_fitted() -> None:
    rng = np.random.default_rng(1)
    X = rng.standard_normal((150, 2))
    data = {"X": X, "y": np.tanh(X[:, 0] - X[:, 1])}
    found, losses = fit(NETWORK, data, "--minimise", "L", "--over", "W_1,c,v", "--set", "H=5", "--epochs", "100")
    assert found["W_1"].shape == (5, 2) and found["v"].shape == (5,)
    assert losses[-1] < 1e-3 < losses[0]


def test_a_positive_deviation_is_fitted_within_its_declaration() -> None:
    x = np.random.default_rng(2).normal(5, 2, 80)
    found, _ = fit(GAUSSIAN, {"x": x}, "--minimise", r"\ell", "--over", "μ,sigma")  # names in any spelling
    assert found["mu"] == pytest.approx(x.mean(), abs=1e-4)
    assert found["sigma"] == pytest.approx(x.std(), rel=1e-4)


def test_the_compiled_module_is_left_beside_the_weights_and_works_alone(folder: Path) -> None:
    found, losses = fit(POISSON, counts(), "--minimise", "L", "--over", "w,b", "--set", "lam=0.01")
    assert {p.name for p in (folder / "out").iterdir()} == {
        "checkpoint.npz", "curve.png", "fitted.npz", "history.json", "model.py"
    }  # fmt: skip
    space: dict[str, object] = {}
    exec((folder / "out" / "model.py").read_text(), space)
    loss = space["L"](counts()["X"], counts()["t"], found["w"], found["b"], 0.01)  # type: ignore[operator]
    assert loss == pytest.approx(losses[-1])


def test_json_is_all_of_stdout(capsys: pytest.CaptureFixture[str]) -> None:
    fit(POISSON, counts(), "--minimise", "L", "--over", "w", "--set", "lam=1", "--set", "b=0", "--json")
    result = json.loads(capsys.readouterr().out)
    assert result["minimise"] == "L" and result["over"] == ["w"] and result["method"] == "lbfgs" and result["finished"]


@pytest.mark.parametrize(
    ("options", "code", "said"),
    [
        (["--minimise", "Q", "--over", "w"], 2, "the document defines u, L"),
        (["--minimise", "L", "--over", "v"], 2, "L has no gradient by v"),
        (["--minimise", "L", "--over", "w,b"], 2, "--set lam="),
        (["--minimise", "L"], 2, "--model needs --over"),
        (["--minimise", "L", "--over", "w", "--set", "lam"], 2, "'lam' is not NAME=NUMBER"),
        (["--minimise", "L", "--over", "w", "--hidden", "3"], 2, "--hidden is for the lecture's network"),
        (["--minimise", "L", "--over", "w", "--batch", "3"], 2, "--batch is for --method sgd"),
        (["--minimise", "L", "--over", "w,b", "--set", "lam=1", "--data", "none.npz"], 2, "no such file"),
    ],
)
def test_what_the_command_cannot_do_is_said(
    options: list[str], code: int, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("model.md").write_text(POISSON, encoding="utf-8")
    np.savez("data.npz", **counts())
    try:
        assert main(["--model", "model.md", "--data", "data.npz", *options]) == code
    except SystemExit as stop:
        assert stop.code == code
    assert said in capsys.readouterr().err
    assert not Path("out").exists()


def test_a_document_that_cannot_be_compiled_is_refused_with_its_place(capsys: pytest.CaptureFixture[str]) -> None:
    Path("model.md").write_text(POISSON.replace("t_n u_n", "t_n q_n"), encoding="utf-8")
    np.savez("data.npz", **counts())
    assert main(["--model", "model.md", "--data", "data.npz", "--minimise", "L", "--over", "w"]) == 2
    error = capsys.readouterr().err
    assert "cannot be compiled" in error and "model.md:" in error


def test_an_option_of_models_without_a_model_is_a_usage_error(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["--over", "w"])
    assert "--over is for --model" in capsys.readouterr().err


OVER = ("--minimise", "L", "--over", "w,b", "--set", "lam=0.01")


@pytest.mark.parametrize(
    "method", [["gd"], ["gd", "--learning-rate", "0.05"], ["sgd", "--learning-rate", "0.02", "--batch", "16"]]
)
def test_a_resumed_fit_is_the_fit_that_was_not_stopped(method: list[str]) -> None:
    whole, losses = fit(POISSON, counts(), *OVER, "--method", *method, "--epochs", "6")
    fit(POISSON, counts(), *OVER, "--method", *method, "--epochs", "2")
    parts, again = fit(POISSON, counts(), *OVER, "--method", *method, "--epochs", "6", "--resume")
    assert again == losses and len(losses) == 6
    assert all(np.array_equal(parts[name], value) for name, value in whole.items())


def test_lbfgs_goes_on_from_what_it_has_learned() -> None:
    _, losses = fit(POISSON, counts(), *OVER, "--epochs", "3")
    _, more = fit(POISSON, counts(), *OVER, "--epochs", "6", "--resume")
    assert more[:3] == losses and len(more) == 6 and more[-1] < losses[-1]


def test_an_interrupted_fit_can_be_resumed(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    method = ("--method", "gd", "--epochs", "5")
    whole, losses = fit(POISSON, counts(), *OVER, *method)
    real, calls = Reporter.epoch, []

    def stopping(self: Reporter, *args: object) -> None:
        calls.append(1)
        if len(calls) == 3:
            raise KeyboardInterrupt
        real(self, *args)  # type: ignore[arg-type]

    with monkeypatch.context() as patched:
        patched.setattr(Reporter, "epoch", stopping)
        command = ["--model", "model.md", "--data", "data.npz", "--out", "out", *OVER, *method]
        assert main(command) == INTERRUPTED
    assert "--resume goes on from there" in capsys.readouterr().out
    parts, again = fit(POISSON, counts(), *OVER, *method, "--resume")
    assert again == losses
    assert all(np.array_equal(parts[name], value) for name, value in whole.items())


@pytest.mark.parametrize(
    ("options", "text", "said"),
    [
        (["--method", "sgd"], POISSON, "that run has --method gd, not sgd"),
        (["--method", "gd", "--seed", "1"], POISSON, "that run has --seed 0, not 1"),
        (["--method", "gd"], POISSON.replace("e^{u_n}", "2 e^{u_n}"), "that run was of another model"),
    ],
)
def test_another_fit_is_not_resumed(
    options: list[str], text: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    fit(POISSON, counts(), *OVER, "--method", "gd", "--epochs", "1")
    Path("model.md").write_text(text, encoding="utf-8")
    assert main(["--model", "model.md", "--data", "data.npz", "--out", "out", *OVER, *options, "--resume"]) == 2
    assert said in capsys.readouterr().err


@pytest.mark.parametrize("damage", [b"", b"PK\x03\x04 not an archive"])
def test_a_damaged_checkpoint_of_a_fit_is_named(damage: bytes, capsys: pytest.CaptureFixture[str]) -> None:
    fit(POISSON, counts(), *OVER, "--method", "gd", "--epochs", "1")
    Path("out/checkpoint.npz").write_bytes(damage)
    command = ["--model", "model.md", "--data", "data.npz", "--out", "out", *OVER, "--method", "gd", "--resume"]
    assert main(command) == 2
    assert "damaged checkpoint" in capsys.readouterr().err


def test_a_model_that_takes_too_long_to_compile_is_refused_at_its_place(capsys: pytest.CaptureFixture[str]) -> None:
    steps = ", ".join(f"$c^{{({k + 1})}} := c^{{({k})}} \\cdot c^{{({k})}} + c^{{({k})}}$" for k in range(300))
    text = f"Let $a, b \\in \\mathbb{{R}}$.\n\n$c^{{(0)}} := a + b$, {steps}\n\n$$ L := c^{{(300)}} $$\n"
    Path("model.md").write_text(text, encoding="utf-8")
    np.savez("data.npz", b=np.ones(()))
    options = ["--data", "data.npz", "--minimise", "L", "--over", "a", "--time-limit", "1"]
    assert main(["--model", "model.md", *options]) == 2
    said = capsys.readouterr().err
    assert "model.md: cannot be compiled" in said and "model.md:5:4, L" in said
    assert "more than 1 s; allow more with --time-limit" in said and "Traceback" not in said
