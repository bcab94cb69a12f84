"""Documents compiled: which functions, which arguments, what is refused and where."""

from __future__ import annotations

import inspect
import subprocess
import sys
import warnings
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from codegen_support import module

from codegen.__main__ import main
from codegen.document import Refused, compile_document

MODELS = Path(__file__).parent / "models"
SQUARES = r"""# Least squares

Let $X \in \mathbb{R}^{N \times D}$, $w \in \mathbb{R}^D$, $y \in \mathbb{R}^N$ and $L(w) := \frac12 \|Xw - y\|^2$.

$$
\frac{\partial L}{\partial w} = X^\top (Xw - y)
$$
"""


def functions(loaded: ModuleType) -> dict[str, list[str]]:
    return {
        name: list(inspect.signature(value).parameters)
        for name, value in vars(loaded).items()
        if inspect.isfunction(value) and not name.startswith("_")
    }


def test_a_definition_and_its_claimed_gradient_become_functions(tmp_path: Path) -> None:
    loaded = module(SQUARES, tmp_path)
    assert functions(loaded) == {"L": ["X", "w", "y"], "grad_L_w": ["X", "w", "y"]}
    X, w, y = np.eye(3, 2), np.ones(2), np.zeros(3)
    assert loaded.L(X, w, y) == 1.0
    np.testing.assert_array_equal(loaded.grad_L_w(X, w, y), [1, 1])


def test_a_false_claim_is_not_compiled(tmp_path: Path) -> None:
    loaded = module(SQUARES.replace("= X^\\top (Xw - y)", "= X^\\top Xw"), tmp_path)
    assert functions(loaded) == {"L": ["X", "w", "y"]}


def test_a_chain_is_compiled_from_its_last_side(tmp_path: Path) -> None:
    chain = r"\frac{\partial L}{\partial w} = \frac{\partial}{\partial w} \frac12 \|Xw - y\|^2 = X^\top (Xw - y)"
    loaded = module(SQUARES.replace(r"\frac{\partial L}{\partial w} = X^\top (Xw - y)", chain), tmp_path)
    assert "grad_L_w" in functions(loaded)


def test_all_gradients_are_returned_after_the_value_in_order_of_declaration(tmp_path: Path) -> None:
    loaded = module(SQUARES, tmp_path, every_gradient=True)
    assert list(functions(loaded)) == ["L", "grad_L_X", "grad_L_w", "grad_L_y", "value_and_grad_L"]
    X, w, y = np.arange(6.0).reshape(3, 2), np.array([1.0, 2]), np.ones(3)
    value, dX, dw, dy = loaded.value_and_grad_L(X, w, y)
    assert value == loaded.L(X, w, y)
    for got, name in ((dX, "X"), (dw, "w"), (dy, "y")):
        np.testing.assert_allclose(got, getattr(loaded, f"grad_L_{name}")(X, w, y))


def test_names_are_spelled_as_the_format_says(tmp_path: Path) -> None:
    text = r"""Let $W^{(1)} \in \mathbb{R}^{2 \times D}$, $\lambda > 0$, $\theta \in \mathbb{R}^D$ and
    $\ell := \lambda \|W^{(1)} \theta\|^2$."""
    found = functions(module(text, tmp_path, every_gradient=True))
    assert found["ell"] == ["W_1", "lam", "theta"] and "grad_ell_lam" in found


def test_names_of_one_spelling_have_the_same_identifier_in_every_function(tmp_path: Path) -> None:
    text = r"Let $w, \ell, \mathrm{ell}, \mathrm{np} \in \mathbb{R}$, $L := \ell^2 + \mathrm{ell}^3 w + \mathrm{np}$."
    loaded = module(text, tmp_path, every_gradient=True)
    assert functions(loaded)["L"] == ["w", "ell", "ell_2", "np_2"]
    assert functions(loaded)["grad_L_w"] == ["ell_2"]
    assert functions(loaded)["grad_L_ell_2"] == ["w", "ell_2"]


def test_a_definition_does_not_hide_what_the_helpers_need(tmp_path: Path) -> None:
    text = r"Let $w \in \mathbb{R}^D$, $\mathrm{ValueError} := \|w\|^2$, $\mathrm{zip} := 2\|w\|^2$."
    loaded = module(text, tmp_path)
    assert functions(loaded) == {"ValueError_2": ["w"], "zip_2": ["w"]}
    with pytest.raises(ValueError, match="w must have shape"):
        loaded.zip_2(1.0)


def test_there_is_no_gradient_by_a_variable_from_a_finite_set(tmp_path: Path) -> None:
    text = r"Let $a \in \mathbb{R}^N$, $d \in \mathbb{R}^N$, $d_n \in \{0, 1\}$, $L := a^\top d$."
    assert list(functions(module(text, tmp_path, every_gradient=True))) == ["L", "grad_L_a", "value_and_grad_L"]


def test_a_function_of_a_scalar_acts_on_arrays_and_has_no_gradient(tmp_path: Path) -> None:
    loaded = module(r"Let $\sigma(z) := \frac{1}{1 + e^{-z}}$.", tmp_path, every_gradient=True)
    assert list(functions(loaded)) == ["sigma"]
    np.testing.assert_allclose(loaded.sigma(np.array([0.0, 1.0])), [0.5, 1 / (1 + np.exp(-1))])


def test_a_derivative_in_a_definition_is_derived(tmp_path: Path) -> None:
    text = SQUARES.split("$$")[0] + r"""and $\eta > 0$, $u := w - \eta \frac{\partial L}{\partial w}$."""
    loaded = module(text, tmp_path)
    X, w, y = np.eye(3, 2), np.ones(2), np.zeros(3)
    np.testing.assert_allclose(loaded.u(X, w, y, 0.5), [0.5, 0.5])


TWO = r"""# One

Let $a \in \mathbb{R}$, $L := a^2$.

# Two

Let $a \in \mathbb{R}$, $L := a^3$.
"""


def test_a_section_is_chosen_by_its_heading(tmp_path: Path) -> None:
    assert module(TWO, tmp_path, section="Two").L(2.0) == 8.0


def test_a_name_that_is_defined_twice_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="--section HEADING"):
        module(TWO, tmp_path)


@pytest.mark.parametrize(
    ("definition", "why"),
    [
        (r"Let $E : \mathbb{R}^D \to \mathbb{R}$, $L := E(w)$.", "E"),
        (r"Let $f : \mathbb{R} \to \mathbb{R}$, $L := f(1)$.", "f"),
        (r"$L := \log(w_1)$.", "more often|not proved|defined"),
    ],
)
def test_what_cannot_be_compiled_is_refused_with_its_place(
    definition: str, why: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "model.md"
    file.write_text("Let $w \\in \\mathbb{R}^D$.\n\n" + definition, encoding="utf-8")
    out = tmp_path / "model.py"
    code = main([str(file), "--out", str(out), "--gradients", "all"])
    said = capsys.readouterr().err
    if code == 0:  # log w₁ has a gradient where it has a value
        assert "log" in definition
        return
    assert code == 1 and not out.exists()
    assert "error: L cannot be compiled" in said and f"--> {file}:3:" in said


def test_an_unreadable_definition_is_refused_with_its_place(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "model.md"
    file.write_text("# A\n\n$L := \\frac{1}{2 v$\n", encoding="utf-8")
    assert main([str(file), "--out", str(tmp_path / "m.py")]) == 1
    assert f"{file}:3:" in capsys.readouterr().err


@pytest.mark.parametrize(
    "introduction",
    [
        r"$I_{ij} \in \{0, 1\}$",  # I would be the identity
        r"$e := \|z\|^2$",  # e would be the number
        r"$v \le u$",
    ],
)
@pytest.mark.parametrize("command", ["codegen", "gradient"])
def test_an_introduction_that_cannot_be_read_leaves_no_name_to_its_other_meaning(
    command: str, introduction: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from derive.__main__ import main as derive

    file = tmp_path / "model.md"
    text = r"Let $R \in \mathbb{R}^{N \times N}$." + f"\n\nSuppose {introduction}.\n\n"
    file.write_text(text + r"$L := \sum_{i,j} I_{ij} e R_{ij}^2$", encoding="utf-8")
    if command == "codegen":
        assert main([str(file), "--out", str(tmp_path / "m.py"), "--gradients", "all"]) == 1
    else:
        assert derive(["gradient", str(file), "L", "R"]) == 2
    assert "cannot be read" in (said := capsys.readouterr().err) and "3:" in said


def test_an_unreadable_section_leaves_its_sibling_alone(tmp_path: Path) -> None:
    from derive.__main__ import main as derive

    file = tmp_path / "model.md"
    text = "# A\n\n## One\n\n$E := z$\n\n## Two\n\nLet $v > 0$, $L := v^2$.\n"
    file.write_text(text, encoding="utf-8")
    assert derive(["gradient", str(file), "L", "v"]) == 0


def test_a_file_that_is_not_there_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path / "no.md"), "--out", str(tmp_path / "m.py")]) == 2
    assert "no.md" in capsys.readouterr().err


def test_a_size_that_does_not_agree_names_the_argument(tmp_path: Path) -> None:
    loaded = module(r"Let $w \in \mathbb{R}^{D+1}$, $x \in \mathbb{R}^D$, $L := \|w\|^2 + \|x\|^2$.", tmp_path)
    assert loaded.L(np.ones(4), np.ones(3)) == 7.0
    with pytest.raises(ValueError, match=r"w must have shape \(D\+1,\) with D = 3; it has shape \(3,\)"):
        loaded.L(np.ones(3), np.ones(3))
    with pytest.raises(ValueError, match="x must hold numbers"):
        loaded.L(np.ones(4), ["a", "b", "c"])
    with pytest.raises(ValueError, match="x is empty"):
        loaded.L(np.ones(1), np.ones(0))


@pytest.mark.parametrize("name", ["logistic-01", "logistic-pm", "softmax-batch", "network-sigmoid"])
def test_lectures_losses_are_stable_far_out(name: str) -> None:
    made = compile_document(MODELS / f"{name}.md", every_gradient=True)
    loaded = ModuleType("m")
    exec(compile(made.source, f"{name}.py", "exec"), loaded.__dict__)
    function = next(f for f in made.functions if f.name == "value_and_grad_L")
    rng = np.random.default_rng(0)
    values: list[object] = []
    for i in function.program.inputs:
        shape = tuple({"N": 4, "D": 3, "K": 5, "H": 6}[str(s)] for s in i.shape)
        if i.domain.values is not None:
            values.append(rng.choice([float(v) for v in i.domain.values], size=shape).astype(np.float32))
        elif i.name == "T":
            values.append(np.eye(5, dtype=np.float32)[:, rng.integers(5, size=4)])
        elif not shape:
            values.append(0.5)
        else:
            values.append(np.where(rng.random(shape) < 0.5, -1e4, 1e4).astype(np.float32))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        results = loaded.value_and_grad_L(*values)
    assert all(np.isfinite(r).all() and np.asarray(r).dtype == np.float32 for r in results)


def test_the_tests_that_are_written_pass(tmp_path: Path) -> None:
    out = tmp_path / "gated.py"
    assert main([str(MODELS / "gated.md"), "--out", str(out), "--gradients", "all", "--tests"]) == 0
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_gated.py"],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stdout


def test_the_tests_that_are_written_fail_for_a_wrong_gradient(tmp_path: Path) -> None:
    out = tmp_path / "gated.py"
    assert main([str(MODELS / "gated.md"), "--out", str(out), "--gradients", "all", "--tests"]) == 0
    source = out.read_text(encoding="utf-8")
    at = source.index("def grad_L_v")
    wrong = source[:at] + source[at:].replace("return 2", "return 2.02", 1)
    assert wrong != source
    out.write_text(wrong, encoding="utf-8")
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_gated.py"],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert "test_gradient_agrees_with_central_differences[grad_L_v]" in run.stdout and run.returncode == 1


def test_emitted_tests_draw_arguments_that_satisfy_the_assumptions(tmp_path: Path) -> None:
    from codegen.checks import tests_of

    text = r"""Let $u, t \in \mathbb{R}^K$, $r \in \{0, 1\}^K$.

Assume $\sum_{k=1}^K t_k = 1$.

$L := -\sum_{k=1}^K t_k u_k + \log \sum_{k=1}^K r_k \exp(u_k)$

$M := \log \prod_{k=1}^K \left( \frac{\exp(u_k)}{\sum_{j=1}^K \exp(u_j)} \right)^{t_k}$
"""
    file = tmp_path / "model.md"
    file.write_text(text, encoding="utf-8")
    made = compile_document(file, hessians=True, every_gradient=True)
    (tmp_path / "model.py").write_text(made.source, encoding="utf-8")
    (tmp_path / "test_model.py").write_text(tests_of(made, "model"), encoding="utf-8")
    space: dict[str, Any] = {}
    sys.path.insert(0, str(tmp_path))
    try:
        exec((tmp_path / "test_model.py").read_text(encoding="utf-8"), space)
        drawn = space["draw"]()
    finally:
        sys.path.remove(str(tmp_path))
        sys.modules.pop("model", None)
    assert np.sum(drawn["t"]) == pytest.approx(1) and np.any(drawn["r"]) and np.ptp(drawn["t"]) > 0
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_model.py"],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stdout[-2000:]


def test_no_line_of_a_module_or_its_tests_is_too_long() -> None:
    from codegen.checks import tests_of

    made = compile_document(MODELS / "network-tanh.md", every_gradient=True)
    for source in (made.source, tests_of(made, "network_tanh")):
        assert max(map(len, source.splitlines())) <= 112
    assert "# ∂L/∂W⁽¹⁾ = (Z̄⁽¹⁾ ⊙ (1 − (Z⁽¹⁾)^∘2))Xᵀ" in made.source


def test_an_outer_product_multiplies_what_has_the_same_axis_first(tmp_path: Path) -> None:
    file = tmp_path / "model.md"
    text = r"""Let $x \in \mathbb{R}^D$, $a, b \in \mathbb{R}^H$ and $W \in \mathbb{R}^{H \times D}$.

$L := \sum_{i=1}^H a_i b_i (Wx)_i$"""
    file.write_text(text, encoding="utf-8")
    source = compile_document(file, every_gradient=True).source
    assert "np.outer(b * a, x)" in source
