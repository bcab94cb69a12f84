"""What summands share stands outside them, and what a definition says, and a softmax, is written by its name."""

from __future__ import annotations

from pathlib import Path

import pytest

from derive.blackboard import Derivation, diag, exp, ones, tanh
from derive.gradient.derivation import gradients
from derive.gradient.joining import joined
from derive.gradient.notation import Notation
from derive.gradient.present import where
from derive.gradient.rational import tidy
from derive.gradient.subject import read, subject, variable
from derive.gradient.together import together
from derive.notation import unicode
from derive.props import Rel
from derive.prover import prove
from derive.terms import MINUS_ONE, ONE, Add, Delta, Entry, Hadamard, Index, MatMul, Mul, Pow, Sum, Term, term

MODELS = Path(__file__).parent / "models"

d = Derivation("forms")
N, D = d.sizes("N D")
A, B, M = d.matrix("A", N, D), d.matrix("B", N, D), d.matrix("M", D, N)
G, S = d.matrix("G", D, D), d.matrix("S", N, N)
a, c, x = d.vector("a", N), d.vector("c", N), d.vector("x", D)
τ = d.scalar("τ")
q = d.scalar("q")

#: a formula → how a person leaves it
TABLE: list[tuple[Term, str]] = [
    (A / τ + B / τ, "1/τ · (A + B)"),
    (B / τ - A / τ, "1/τ · (B − A)"),
    (-A / τ - B / τ, "−1/τ · (A + B)"),
    (A / τ + B / τ + A, "1/τ · (A + B) + A"),
    (q * A / τ**2 + B / τ, "1/τ · (q/τ · A + B)"),
    (2 * A + 3 * B, "2A + 3B"),
    (A @ G + B @ G, "(A + B)G"),
    (G @ A.T + G @ B.T, "G(A + B)ᵀ"),
    (A @ x / τ + B @ x, "(1/τ · A + B)x"),
    (A @ x + B @ G @ x, "Ax + BGx"),  # (A + BG)x takes a product of matrices
    (Hadamard(A.T, M) - Hadamard(B.T, M), "Aᵀ ⊙ M − Bᵀ ⊙ M"),
    (Hadamard(A.T, B.T - A.T), "(A ⊙ (B − A))ᵀ"),
    (tanh(A.T) @ S, "tanh(A)ᵀS"),
    (A - B - A @ G, "A − B − AG"),
    (-A @ G + B, "B − AG"),
    (-A @ G - B, "−(AG + B)"),
    (q * a - q * ones(N), "q(a − 1)"),
    (diag(a) @ (ones(N) @ x.T - c @ x.T), "((1 − c) ⊙ a)xᵀ"),
]


@pytest.mark.parametrize("before, after", TABLE, ids=[after for _, after in TABLE])
def test_a_formula_is_gathered_and_stays_equal_to_what_it_was(before: Term, after: str) -> None:
    made = together(before)
    assert unicode(made, d.context) == after
    assert together(made) == made
    prove(d.context, Rel("=", before, made))


#: model, variable → its gradient, and what is named in it
FORMS = {
    ("attention", "Q"): ("∂L/∂Q = 1/√D · S̄K", "S̄ = A ⊙ ((O − Y)Vᵀ − ((O − Y) ⊙ O)𝟏_M𝟏_Nᵀ)"),
    ("contrastive", "P"): ("∂L/∂P = 1/(Nτ) · (R − I)Q", "R = [exp(Sᵢⱼ)/(Σₙ exp(Sᵢₙ))]ᵢⱼ"),
    ("contrastive", "Q"): ("∂L/∂Q = 1/(Nτ) · (R − I)ᵀP", "S = 1/τ · PQᵀ"),
    ("batch-norm", "γ"): ("∂L/∂γ = 1/N · ((((X − 𝟏_Nμᵀ) ⊙ (B − Y))ᵀ𝟏_N) ⊘ σ)", "μ = [1/N · Σᵢ Xᵢⱼ]ⱼ"),
    ("kernel-sum", "a"): ("∂L/∂a = 2Ka", "K = [exp(−γ Σ_d (X_{nd} − X_{id})²)]ₙᵢ"),
    ("kernel-sum", "X"): ("∂L/∂X = [4γaᵢ Σₙ aₙKₙᵢ(X_{nd} − X_{id})]_{id}", "K = [exp(−γ Σ_d (X_{nd} − X_{id})²)]ₙᵢ"),
    ("gaussian-process", "σ"): ("∂L/∂σ = 2σ tr(K̄)", "K̄ = ½(K⁻¹ − K⁻¹yyᵀK⁻¹)"),
    ("autoencoder", "W"): ("∂L/∂W = (Z̄ ⊙ (1 − Z^∘2))Xᵀ + 1/N · Z(WᵀZ − X)ᵀ", "Z̄ = 1/N · W(WᵀZ − X)"),
}


@pytest.mark.parametrize("model, name", FORMS)
def test_parts_are_written_by_their_names(model: str, name: str) -> None:
    formula, part = FORMS[model, name]
    found = subject(read(MODELS / f"{model}.md"), "L")
    made = gradients(found.context, found.scalar, [variable(found.context, found.scalar, name)])
    right = made.steps(name)[-1].term
    named = [unicode(Rel("=", p.var, p.body), made.context) for p in where(made.context, right, made.new)]
    assert unicode(made.gradients[name].prop, made.context) == formula
    assert part in named


#: sums that share a factor are one, and a sum stands last in a product
SUMS = {
    ("bradley-terry", "s"): "∂L/∂s = [exp(sᵢ) Σ_{n≠i} (Cᵢₙ + Cₙᵢ)/(exp(sᵢ) + exp(sₙ)) − Σ_{n≠i} Cᵢₙ]ᵢ",
    ("student-scale", "s"): "∂L/∂s = N − (1 + ν) Σₙ rₙ²/(νe²ˢ + rₙ²)",
}


@pytest.mark.parametrize("model, name", SUMS)
def test_sums_are_joined_and_stand_last(model: str, name: str) -> None:
    found = subject(read(MODELS / f"{model}.md"), "L")
    made = gradients(found.context, found.scalar, [variable(found.context, found.scalar, name)])
    assert unicode(made.gradients[name].prop, made.context) == SUMS[model, name]


def test_sums_with_different_divisors_or_ranges_stay_apart() -> None:
    n, i, s = Index("n", N), Index("i", N), d.vector("s", N)
    shared, apart = Entry(s, (n,)), Add((ONE, Mul((MINUS_ONE, Delta(n, i)))))
    one, two = (Entry(S, at) for at in ((i, n), (n, i)))
    whole = Sum(n, Mul((one, shared)))
    for other in (Mul((Pow(two, MINUS_ONE), shared)), Mul((apart, two, shared)), Mul((exp(two), shared)), two):
        t = Add((whole, Sum(n, other)))
        assert joined(t, d.context) == t
    assert isinstance(joined(Add((whole, Sum(n, Mul((two, shared))))), d.context), Sum)


def test_a_diagonal_of_a_product_is_summed_by_rows() -> None:
    """(AG)ₙₙ for vectors costs N D, not the whole product."""
    i = Index("i", N)
    assert unicode(Notation().array((i,), Entry(MatMul(A, M), (i, i))), d.context) == "(A ⊙ Mᵀ)𝟏_D"


@pytest.mark.parametrize("t, form", [
    (q / τ**2 - ONE / τ, "(q − τ)/τ²"), (q / τ + ONE, "q/τ + 1"), (-q / τ + ONE / q, "1/q − q/τ"),
])  # fmt: skip
def test_a_common_denominator_stands_below_all_or_cancels(t: Term, form: str) -> None:
    assert unicode(tidy(t), d.context) == form
    prove(d.context, Rel("=", t, tidy(t)))


def test_both_softmaxes_of_a_symmetric_contrastive_loss_are_named(tmp_path: Path) -> None:
    file = tmp_path / "clip.md"
    file.write_text(
        "# CLIP\n\n" r"Let $A \in \mathbb{R}^{N \times D}$, $B \in \mathbb{R}^{N \times D}$, $S := A B^\top$,"
        "\n" r"$L := \frac{1}{2N} \sum_{i=1}^N \left( \log \sum_{j=1}^N e^{S_{ij}} + \log \sum_{j=1}^N e^{S_{ji}}"
        r" - 2 S_{ii} \right)$." "\n", encoding="utf-8",
    )  # fmt: skip
    found = subject(read(file), "L")
    made = gradients(found.context, found.scalar, [variable(found.context, found.scalar, "A")])
    assert unicode(made.gradients["A"].prop, made.context) == "∂L/∂A = 1/(2N) · (P + Q − 2I)B"


def test_a_sum_of_something_else_is_no_share() -> None:
    """exp(Sᵢⱼ)/Σₖ exp(2Sᵢₖ) gets no name."""
    from derive.gradient.notation import Notation
    from derive.gradient.parts import Parts
    from derive.terms import Comp, Entry, Index, Sum

    def introduce(body: Term) -> Term:
        raise AssertionError(f"{body} is no softmax")

    i, j, k = Index("i", N), Index("j", N), Index("k", N)
    below = Sum(k, exp(term(2) * Entry(S, (i, k))))
    t = Comp((i, j), exp(Entry(S, (i, j))) * Pow(below, term(-1)))
    assert Parts(Notation(), introduce).shares(t) == (t, frozenset())  # type: ignore[arg-type]  # never called
