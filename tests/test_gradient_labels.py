"""Gradients by and of families x⁽ⁿ⁾ are shown label by label, in matrix notation, and what is shown is proved."""

from pathlib import Path

import pytest

from derive.checker import check
from derive.commands.gradient import lines
from derive.gradient.derivation import gradients
from derive.gradient.labels import by_label
from derive.gradient.present import claim_latex, equation
from derive.gradient.subject import read, subject, variable
from derive.homework.document import read_document
from derive.props import Rel
from derive.terms import Mul, Num

MODELS = Path(__file__).parent / "models"

SHOWN = [
    ("soft-clusters", "L", "c", "∂L/∂c⁽ᵏ⁾ = −2 Σₙ Pₙₖ(x⁽ⁿ⁾ − c⁽ᵏ⁾)"),
    ("kernel-family", "L", "x", "∂L/∂x⁽ⁱ⁾ = 4γaᵢ Σₙ aₙKᵢₙ(x⁽ⁿ⁾ − x⁽ⁱ⁾)"),
    ("gaussian", "ℓ", "x", "∂ℓ/∂x⁽ⁱ⁾ = −½(A⁻¹(x⁽ⁱ⁾ − μ) + (Aᵀ)⁻¹(x⁽ⁱ⁾ − μ))"),
    ("gaussian", "ℓ", "μ", "∂ℓ/∂μ = ½(Σₙ A⁻¹(x⁽ⁿ⁾ − μ) + Σₙ (Aᵀ)⁻¹(x⁽ⁿ⁾ − μ))"),
]

OUTER = """\
Let $N, D \\in \\mathbb{N}$, $\\mu \\in \\mathbb{R}^D$, $x^{(n)} \\in \\mathbb{R}^D$ for $n = 1, \\dots, N$,
$W \\in \\mathbb{R}^{D \\times D}$.

$$
L := \\sum_{n=1}^N \\|W (x^{(n)} - \\mu)\\|^2
$$
"""


@pytest.mark.parametrize(("model", "scalar", "name", "shown"), SHOWN)
def test_a_family_is_shown_label_by_label(model: str, scalar: str, name: str, shown: str) -> None:
    found = subject(read(MODELS / f"{model}.md"), scalar)
    w = variable(found.context, found.scalar, name)
    assert lines(gradients(found.context, found.scalar, [w]), w, "text")[0] == shown


@pytest.mark.parametrize("name", ["x", "μ", "W"])
def test_what_is_shown_is_read_back_and_proved(name: str) -> None:
    found = subject(read_document(OUTER, "outer.md"), "L")
    w = variable(found.context, found.scalar, name)
    result = gradients(found.context, found.scalar, [w])
    shown = by_label(result.context, equation(result.gradients[w.name]))
    text = f"{OUTER}\n$$\n{claim_latex(shown, result.context)}\n$$\n"
    (claim,) = read_document(text, "shown.md").claims
    assert isinstance(claim.prop, Rel)
    assert claim.prop.left == shown.left
    assert check(claim.context, claim.prop).verdict == "proved"


def test_a_form_that_is_not_proved_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    found = subject(read_document(OUTER, "outer.md"), "L")
    w = variable(found.context, found.scalar, "μ")
    result = gradients(found.context, found.scalar, [w])
    claim = Rel("=", equation(result.gradients[w.name]).left, equation(result.gradients[w.name]).right)
    monkeypatch.setattr("derive.gradient.labels.flat", lambda t: Mul((Num(2), t)))
    assert by_label(result.context, claim) is claim
