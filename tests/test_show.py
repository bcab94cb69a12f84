"""`derive show`: the lecture's derivations as on the blackboard, in LaTeX, and as documents that are checked again."""

from __future__ import annotations

import pytest

from derive.__main__ import main
from derive.diagnostics.derivation import as_latex, as_markdown, as_text
from derive.homework.document import read_document
from derive.lecture import DERIVATIONS
from derive.prover import prove


@pytest.mark.parametrize("kind", ["text", "latex", "markdown"])
@pytest.mark.parametrize("name", DERIVATIONS)
def test_every_derivation_is_shown_in_every_format(
    name: str, kind: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["show", name, "--format", kind]) == 0
    shown = capsys.readouterr().out
    assert name in shown and all(step.slide in shown for step in DERIVATIONS[name]().steps if kind != "latex")


@pytest.mark.parametrize("name", DERIVATIONS)
def test_each_formula_of_the_document_is_read_back_and_proved(name: str) -> None:
    document = read_document(as_markdown(DERIVATIONS[name]()), name)
    for claim in document.claims:
        assert claim.prop is not None, claim.claim
        assert prove(claim.context, claim.prop, minimise=False)


def test_only_what_the_format_has_no_formula_for_stands_as_code() -> None:
    """The next w of gradient descent, posteriors p(w|y), semidefinite, a row of a matrix: 33 formulas in all."""
    shown = {name: as_markdown(make()).split("\n") for name, make in DERIVATIONS.items()}
    as_code = {name: sum(row.startswith("`") for row in rows) for name, rows in shown.items()}
    assert {name for name, count in as_code.items() if count} == {
        "least-squares", "gradient-descent", "gaussian-mle", "map-ridge", "logistic-gradient", "softmax",
        "softmax-cross-entropy", "backpropagation", "minibatch", "sgd",
    }  # fmt: skip
    assert sum(as_code.values()) <= 34


def test_an_induction_over_layers_is_shown_by_what_it_concludes() -> None:
    d = DERIVATIONS["backpropagation"]()
    text, tex = as_text(d), as_latex(d)
    rows = """for every depth, with Z⁽⁰⁾ = X and C = S/N + Σₗ R⁽ˡ⁾:
        Δ⁽ᴸ⁾ = Y − D
        Δ⁽ˡ⁾ = f′(U⁽ˡ⁾) ⊙ (W⁽ˡ⁺¹⁾ᵀΔ⁽ˡ⁺¹⁾)
        ∂C/∂W⁽ˡ⁺¹⁾ = 1/N · Δ⁽ˡ⁺¹⁾Z⁽ˡ⁾ᵀ + λW⁽ˡ⁺¹⁾
        ∂C/∂b⁽ˡ⁺¹⁾ = 1/N · Δ⁽ˡ⁺¹⁾𝟏_N"""
    first, *others = rows.split("\n")
    assert first in text and "\n".join(others) in text
    assert r"C = \frac{S}{N} + \sum_l R^{(l)}" in tex
    assert r"\frac{\partial C}{\partial W^{(l+1)}} = \frac{1}{N} \Delta^{(l+1)} Z^{(l)\top} + \lambda W^{(l+1)}" in tex


def test_what_is_still_on_the_board_is_not_repeated() -> None:
    text = as_text(DERIVATIONS["least-squares"]())
    assert text.count("X ∈ ℝ^{N×D}") == 1
    assert text.index("assume w is a stationary point") < text.index("assume det(XᵀX) ≠ 0")
