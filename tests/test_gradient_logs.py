"""Logarithms of products before they are differentiated, and where a loss has a value."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from codegen.document import compile_document
from derive import check_document
from derive.gradient.derivation import GradientError, Gradients, gradients
from derive.gradient.present import document, equation, uses
from derive.gradient.subject import read
from derive.notation import unicode

HEAD = r"""
Let $x, t \in \mathbb{R}^N$, $\mu \in \mathbb{R}$, $v > 0$, $d_n \in \{0, 1\}$, $p_n \in (0, 1)$, $u \in \mathbb{R}^K$,
$g(a) := \frac{1}{\sqrt{2 \pi v}} \exp\left(-\frac{a^2}{2 v}\right)$, $\sigma(z) := \frac{1}{1 + e^{-z}}$,
$q_n := \frac12 e^{-|x_n - \mu|}$, $\lambda := \exp(x)$, $c_k := \frac{e^{u_k}}{\sum_{j=1}^K e^{u_j}}$ and
"""


def derived(folder: Path, text: str, *by: str) -> Gradients:
    file = folder / "model.md"
    file.write_text(text, encoding="utf-8")
    context = read(file).sections[-1].context
    return gradients(context, context.definitions["L"].var, [context.declarations[name].var for name in by])


#: a loss → what it is before it is differentiated ("": as it stands)
TABLE = {
    r"-\log \prod_{n=1}^N g(x_n - \mu)": "L = −Σₙ (−½ log(2πv) − (xₙ − μ)²/(2v))",
    r"-\log \prod_{n=1}^N \mathcal{N}(x_n \mid \mu, v)": "L = −Σₙ (−½ log(2πv) − (xₙ − μ)²/(2v))",
    r"-\log \prod_{n=1}^N \lambda_n^{t_n} e^{-\lambda_n}": "L = −Σₙ (tₙ log λₙ − λₙ)",
    r"\mu - \log \prod_{n=1}^N p_n^{d_n} (1 - p_n)^{1 - d_n}": "L = μ − Σₙ (dₙ log pₙ + (1 − dₙ) log(1 − pₙ))",
    r"\log \prod_{n=1}^N \prod_{k=1}^K c_k^{x_n}": "L = (Σₙ xₙ) Σₖ log cₖ",
    r"\mu \sum_{k=1}^K x_1 \log c_k": "",  # a softmax keeps its name
    r"\log \prod_{n=1}^N x_n": "",  # x may be negative: log x₁x₂ is not log x₁ + log x₂
    r"\log \prod_{n=1}^N x_n^2": "",
    r"\log \prod_{n=1}^N x_n e^{\mu}": "",
}


@pytest.mark.parametrize("loss", TABLE)
def test_a_logarithm_is_taken_apart_where_the_factors_are_positive(loss: str, tmp_path: Path) -> None:
    wanted = TABLE[loss]
    variable = "μ" if r"\mu" in loss else "u" if "c_k" in loss else "x"
    try:
        found = derived(tmp_path, f"{HEAD}$L := {loss}$.\n", variable)
    except GradientError:
        assert not wanted
        return
    assert [unicode(claim, found.context) for claim in found.rewritten()] == ([wanted] if wanted else [])


def test_the_steps_say_how_the_logarithm_was_taken_apart(tmp_path: Path) -> None:
    found = derived(tmp_path, HEAD + r"$L := -\log \prod_{n=1}^N g(x_n - \mu)$." + "\n", "μ")
    text = document(found, "μ", "A likelihood")
    report = check_document(text)
    assert r"\prod" in text and len(report.steps) == 2
    assert {step.verdict for step in report.steps} == {"proved"}


MASKED = r"""
Let $d \in \mathbb{R}^N$, $z \in \mathbb{R}^N$, $R \in \mathbb{R}^{N \times N}$, $R_{ij} \in \{0, 1\}$ and
$L := \sum_{i=1}^N d_i \log \sum_{j=1}^N R_{ij} e^{z_j}$.
"""


def test_that_the_loss_has_a_value_is_a_hypothesis_of_the_gradient_and_of_its_steps(tmp_path: Path) -> None:
    found = derived(tmp_path, MASKED, "d")
    assert unicode(equation(found.gradients["d"]), found.context) == "∂L/∂d = log(R exp(z))"
    (condition,) = [used for used in uses([found.gradients["d"]]) if used.endswith("> 0")]
    assert r"R_{i" in condition
    text = document(found, "d", "A masked logarithm")
    assert f"Assume ${condition}$" in text
    assert {step.verdict for step in check_document(text).steps} == {"proved"}
    without = "\n".join(line for line in text.splitlines() if not line.startswith("Assume"))
    assert "proved" not in {step.verdict for step in check_document(without).steps}


@pytest.mark.parametrize(
    "loss",
    [
        r"\log\left(-1 - \|x\|^2\right)",  # has no value anywhere
        r"\log(-\mu^2) + \|x\|^2",
    ],
)
def test_nothing_is_derived_of_a_loss_without_a_value(loss: str, tmp_path: Path) -> None:
    with pytest.raises(GradientError):
        derived(tmp_path, f"{HEAD}$L := {loss}$.\n", "x")


def test_a_function_that_depends_on_the_variable_by_itself_is_differentiated_through_both() -> None:
    made = compile_document(Path(__file__).parent / "models" / "gaussian-product.md", every_gradient=True)
    loaded = ModuleType("model")
    exec(compile(made.source, "model.py", "exec"), loaded.__dict__)
    rng = np.random.default_rng(0)
    X, w, y = rng.normal(size=(4, 2)), rng.normal(size=2), rng.normal(size=4)
    h = 1e-6
    want = (loaded.P(X, w, y, 0.7 + h) - loaded.P(X, w, y, 0.7 - h)) / (2 * h)
    assert loaded.grad_P_v(X, w, y, 0.7) == pytest.approx(want, rel=1e-6)
