"""Second derivatives compiled: against PyTorch, and what the emitted tests see."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from codegen_support import module

from codegen import curvature
from codegen.document import Refused, compile_document

MODELS = Path(__file__).parent / "models"

#: model, the variables (all), the seconds for a closed form (0: column by column), how many functions at least
SECOND = [
    ("logistic-pm", None, 8.0, 3), ("poisson", None, 8.0, 3), ("kl-gaussian", None, 8.0, 3),
    ("quadratic-form", None, 8.0, 3), ("logistic-pm", ["w"], 0.0, 2), ("network-tanh", ["W_1", "b_1"], 0.0, 3),
]  # fmt: skip


@pytest.mark.parametrize(("name", "by", "closed", "least"), SECOND)
def test_hessians_and_their_products_agree_with_pytorch(
    name: str, by: list[str] | None, closed: float, least: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    torch = pytest.importorskip("torch")
    from model_references import LOSSES
    from test_gradient_models import SIZES, arguments, scalar

    monkeypatch.setattr(curvature, "CLOSED_FORM", closed)
    made = compile_document(MODELS / f"{name}.md", hessians=True, every_gradient=True, only=scalar(name), by=by)
    assert ("column by column" in made.source) == (closed == 0.0)
    loaded = ModuleType("m")
    exec(compile(made.source, f"{name}.py", "exec"), loaded.__dict__)
    values = arguments(name)
    given = {k: torch.tensor(v, dtype=torch.float64) for k, v in values.items()}
    rng = np.random.default_rng(5)
    found = 0
    for function in made.functions:
        kind, _, rest = function.name.partition("_")
        if kind not in ("hess", "hvp") or function.name in made.together:  # which has a test of its own
            continue
        key = rest.removeprefix(f"{scalar(name)}_")

        def loss(x: object, key: str = key) -> object:
            return LOSSES[name](*{**given, key: x}.values())

        want = torch.autograd.functional.hessian(loss, given[key]).numpy()
        call = [values[a] for a in function.source.arguments if a in values]
        if kind == "hvp":
            direction = rng.normal(size=np.shape(values[key]))
            call.append(direction if np.shape(direction) else float(direction))
            want = np.tensordot(want, direction, np.ndim(direction))
        got = getattr(loaded, function.name)(*call)
        np.testing.assert_allclose(got, want, atol=1e-9 * max(1.0, np.max(np.abs(want))), err_msg=function.name)
        found += 1
    assert found >= least and SIZES


def test_the_product_by_all_variables_together_agrees_with_pytorch() -> None:
    torch = pytest.importorskip("torch")
    from model_references import LOSSES
    from test_gradient_models import arguments

    over = ["W", "v"]
    made = compile_document(MODELS / "network-softplus.md", hessians=True, every_gradient=True, only="L", by=over)
    loaded = ModuleType("m")
    exec(compile(made.source, "model.py", "exec"), loaded.__dict__)
    values = arguments("network-softplus")
    rng = np.random.default_rng(5)
    directions = [rng.normal(size=np.shape(values[k])) for k in over]
    given = {k: torch.tensor(v, dtype=torch.float64, requires_grad=k in over) for k, v in values.items()}
    loss = LOSSES["network-softplus"](*given.values())
    slopes = torch.autograd.grad(loss, [given[k] for k in over], create_graph=True)
    along = sum((g * torch.tensor(d)).sum() for g, d in zip(slopes, directions))
    want = torch.autograd.grad(along, [given[k] for k in over])
    for a, b in zip(loaded.hvp_L(*values.values(), *directions), want, strict=True):
        np.testing.assert_allclose(a, b.numpy(), rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("where", [0.0, 1e4, -1e4])
def test_a_hessian_by_rows_of_exponentials_is_finite(where: float, tmp_path: Path) -> None:
    text = r"""Let $S \in \mathbb{R}^{N \times K}$, $b \in \mathbb{R}^K$ and
$L := \sum_{n=1}^N \log \sum_{k=1}^K \exp(S_{nk} + b_k)$."""
    model = module(text, tmp_path, hessians=True, every_gradient=True)
    S = np.random.default_rng(0).normal(size=(4, 3)) + where
    e = np.exp(S - S.max(1, keepdims=True))
    p = e / e.sum(1, keepdims=True)
    with np.errstate(all="raise", under="ignore"):
        np.testing.assert_allclose(model.hess_L_b(S, np.zeros(3)), np.diag(p.sum(0)) - p.T @ p, atol=1e-9)


def test_a_product_whose_size_only_another_array_tells_keeps_its_direction(tmp_path: Path) -> None:
    text = r"""Let $X \in \mathbb{R}^{N \times D}$, $m \in \mathbb{R}^D$ and $L := \|X - \mathbf{1}_N m^\top\|_F^2$."""
    model = module(text, tmp_path, hessians=True, every_gradient=True)
    X, v = np.zeros((5, 3)), np.arange(3.0)
    np.testing.assert_allclose(model.hvp_L_m(X, v), 10 * v)


def test_a_second_derivative_that_is_zero_where_the_scalar_has_a_value_is_zero(tmp_path: Path) -> None:
    text = r"""Let $\epsilon > 0$ and $q^{(i)} \in \mathbb{R}^3$ for $i = 1, \dots, N$.
Let $d_{ij} := \|q^{(i)} - q^{(j)}\|^2$ for $i \neq j$ and $U := \epsilon \sum_{i=1}^N \sum_{j \neq i} 1/d_{ij}$."""
    model = module(text, tmp_path, hessians=True, every_gradient=True)
    assert model.hess_U_epsilon() == 0 and r"d_{ij} \neq 0" in model.hess_U_epsilon.__doc__
    assert not hasattr(model, "hvp_U_epsilon")


def test_emitted_tests_check_second_derivatives(tmp_path: Path) -> None:
    from codegen.checks import tests_of

    file = tmp_path / "model.md"
    text = r"Let $w \in \mathbb{R}^D$, $A \in \mathbb{R}^{D \times D}$ and $L := w^\top A w$."
    file.write_text(text, encoding="utf-8")
    made = compile_document(file, hessians=True, every_gradient=True)
    (tmp_path / "model.py").write_text(made.source.replace("return A + A.T", "return A"), encoding="utf-8")
    (tmp_path / "test_model.py").write_text(tests_of(made, "model"), encoding="utf-8")
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_model.py"],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert "test_hessian_agrees_with_central_differences[hess_L_w]" in run.stdout and "1 failed" in run.stdout


def test_emitted_tests_pass_where_a_gradient_rests_on_symmetry(tmp_path: Path) -> None:
    """Moved along an entry, A is not symmetric any more, and the gradient's function is not the derivative there."""
    from codegen.checks import tests_of

    made = compile_document(MODELS / "mahalanobis.md", hessians=True, every_gradient=True)
    (tmp_path / "model.py").write_text(made.source, encoding="utf-8")
    (tmp_path / "test_model.py").write_text(tests_of(made, "model"), encoding="utf-8")
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-k", "product", "test_model.py"],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert "'hvp_L_A'" in tests_of(made, "model") and run.returncode == 0, run.stdout


def test_a_derivative_by_a_name_that_no_scalar_depends_on_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused) as failure:
        module("Let $w \\in \\mathbb{R}$.\n\n$L := w^2$\n", tmp_path, every_gradient=True, by=["w", "q"])
    assert failure.value.refusals[0].what == "no scalar has a derivative by q"
