"""Hessians as one writes them, proved, and convexity where it holds."""

from __future__ import annotations

import pytest

from derive import cuts, kernel
from derive.blackboard import Derivation
from derive.direct import prove_directly
from derive.gradient.derivation import gradients
from derive.gradient.hessian import Hessian, hessian
from derive.gradient.present import document, equation
from derive.gradient.subject import subject, variable
from derive.homework.document import read_document
from derive.kernel import NotProved, Scene
from derive.notation import unicode
from derive.props import SemiDefinite
from derive.prover import prove
from derive.terms import MINUS_ONE, Diff, Eye, Mul

DATA = r"Let $X \in \mathbb{R}^{N \times D}$, $y \in \mathbb{R}^N$, $w \in \mathbb{R}^D$"
SOFTMAX = r"$p_k := \frac{\exp(u_k)}{\sum_{j=1}^K \exp(u_j)}$"

#: document, variable, Hessian, whether it is convex
FORMS = {
    "pseudo-Huber": (
        DATA + r", $r := Xw - y$ and $L := \sum_{n=1}^N (\sqrt{1 + r_n^2} - 1)$.",
        "w", "Xᵀ diag(1 ⊘ (1 + r^∘2)^∘(3/2))X", True,
    ),
    "pseudo-Huber with a scale": (
        DATA + r", $\delta > 0$, $r := Xw - y$ and $L := \delta^2 \sum_{n=1}^N (\sqrt{1 + (r_n/\delta)^2} - 1)$.",
        "w", "Xᵀ diag(1 ⊘ (1 + 1/δ² · r^∘2)^∘(3/2))X", True,
    ),
    "pseudo-Huber as a function": (
        DATA + r", $h(z) := \sqrt{1 + z^2} - 1$ and $L := \frac{1}{N} \sum_{n=1}^N h((Xw)_n - y_n)$.",
        "w", "1/N · Xᵀ diag(1 ⊘ (1 + (u − y)^∘2)^∘(3/2))X", True,
    ),
    "smooth elastic net": (
        DATA + r", $\alpha, \beta \ge 0$, $\epsilon > 0$ and "
        r"$L := \frac{1}{2N} \|Xw - y\|^2 + \alpha \sum_{d=1}^D \sqrt{w_d^2 + \epsilon} + \frac{\beta}{2} \|w\|^2$.",
        "w", "1/N · XᵀX + ϵα diag(1 ⊘ (ϵ + w^∘2)^∘(3/2)) + βI", True,
    ),
    "RankNet": (
        DATA + r", $s := Xw$ and $L := \sum_{i=1}^N \sum_{j=1}^N \log(1 + e^{-(s_i - s_j)})$.",
        "w", "2Xᵀ(diag(M𝟏_N) − M)X", True,
    ),
    "weighted pairs": (
        DATA + r", $C \in \mathbb{R}^{N \times N}$, $C_{ij} \ge 0$, $\sigma(z) := \frac{1}{1 + e^{-z}}$, $s := Xw$ and "
        r"$L := -\sum_{i=1}^N \sum_{j=1}^N C_{ij} \log \sigma(s_i - s_j)$.",
        "w", "Xᵀ(diag(M𝟏_N) − M)X", True,
    ),
    "pairs with weights of any sign": (
        DATA + r", $C \in \mathbb{R}^{N \times N}$, $s := Xw$ and "
        r"$L := \sum_{i=1}^N \sum_{j=1}^N C_{ij} \log(1 + e^{-(s_i - s_j)})$.",
        "s", "diag(M𝟏_N) − M", False,
    ),
    "entropy of a softmax": (
        rf"Let $u \in \mathbb{{R}}^K$, {SOFTMAX} and $L := -\sum_{{k=1}}^K p_k \log p_k$.",
        "u", "diag(p ⊙ (pᵀ(log p)𝟏_K − log p − 1)) + (p ⊙ (log p))pᵀ + p(p ⊙ (log p))ᵀ + (1 − 2(pᵀ(log p)))ppᵀ", False,
    ),
    "KL divergence of a softmax": (
        rf"Let $u, q \in \mathbb{{R}}^K$, $q_k > 0$, {SOFTMAX} and $L := \sum_{{k=1}}^K p_k \log \frac{{p_k}}{{q_k}}$.",
        "u", "diag(p ⊙ (1 + z − pᵀz𝟏_K)) + (2(zᵀp) − 1)ppᵀ − (z ⊙ p)pᵀ − p(z ⊙ p)ᵀ", False,
    ),
    "log-sum-exp of a linear function": (
        r"Let $A \in \mathbb{R}^{M \times D}$, $b \in \mathbb{R}^M$, $w \in \mathbb{R}^D$ and "
        r"$L := \log \sum_{m=1}^M \exp((Aw)_m + b_m)$.",
        "w", "Aᵀ(diag(P) − PPᵀ)A", True,
    ),
    "Cox's partial likelihood": (
        DATA + r", $d_i \in \{0, 1\}$, $R \in \mathbb{R}^{N \times N}$, $R_{ij} > 0$ and "
        r"$L := -\sum_{i=1}^N d_i ((Xw)_i - \log \sum_{j=1}^N R_{ij} \exp((Xw)_j))$.",
        "w", "Xᵀ(diag(Pᵀd) − Pᵀ diag(d)P)X", True,
    ),
    "log-sum-exp of rows": (
        r"Let $S \in \mathbb{R}^{N \times K}$, $b \in \mathbb{R}^K$ and "
        r"$L := \frac1N \sum_{n=1}^N \log \sum_{k=1}^K \exp(S_{nk} + b_k)$.",
        "b", "1/N · diag(Pᵀ𝟏_N) − 1/N · PᵀP", True,
    ),
    "Student-t keeps its square": (
        DATA + r", $\nu > 0$ and $L := \sum_{n=1}^N \frac{\nu+1}{2} \log(1 + ((Xw)_n - y_n)^2/\nu)$.",
        "w", "(1 + ν)/ν² · Xᵀ diag((ν − (u − y)^∘2) ⊘ (1 + 1/ν · (u − y)^∘2)^∘2)X", False,
    ),
    "log-cosh": (
        DATA + r" and $L := \sum_{n=1}^N \log \cosh((Xw)_n - y_n)$.", "w", "Xᵀ diag(1 − tanh(Xw − y)^∘2)X", True,
    ),
    "softmax regression by its bias": (
        r"Let $X \in \mathbb{R}^{N \times D}$, $W \in \mathbb{R}^{D \times K}$, $b \in \mathbb{R}^K$, "
        r"$T \in \mathbb{R}^{N \times K}$, $A := XW + \mathbf{1}_N b^\top$, "
        r"$Y_{nk} := \frac{\exp(A_{nk})}{\sum_{j=1}^K \exp(A_{nj})}$ and "
        r"$L := -\sum_{n=1}^N \sum_{k=1}^K T_{nk} \log Y_{nk}$."
        "\n\n" r"Assume $\sum_{k=1}^K T_{nk} = 1$.",
        "b", "diag(Yᵀ𝟏_N) − YᵀY", True,
    ),
}  # fmt: skip


def derived(text: str, name: str) -> Hessian:
    found = subject(read_document("# A loss\n\n" + text, "loss.md"), "L")
    return hessian(found.context, found.scalar, variable(found.context, found.scalar, name))


@pytest.mark.parametrize("name", FORMS)
def test_the_closed_form_is_what_one_writes(name: str) -> None:
    text, variable_, form, convex = FORMS[name]
    made = derived(text, variable_)
    assert unicode(equation(made.theorem).right, made.theorem.context) == form
    assert (made.convex is not None) == convex


@pytest.mark.parametrize(
    ("text", "concave"),
    [
        (r"$\sigma(z) := \frac{1}{1 + e^{-z}}$, $L := \sum_{n=1}^N (y_n (Xw)_n + \log(1 - \sigma((Xw)_n)))$.", True),
        (r"$L := \sum_{n=1}^N (y_n (Xw)_n - e^{(Xw)_n})$.", True),
        (r"$L := \sum_{n=1}^N \sin((Xw)_n)$.", False),
    ],
)
def test_a_log_likelihood_is_concave(text: str, concave: bool) -> None:
    made = derived(f"{DATA}, {text}", "w")
    assert made.convex is None and (made.concave is not None) == concave


def test_weights_of_any_sign_are_not_convex() -> None:
    """The rows of P sum to 1, but d may be negative."""
    text, variable_, _, _ = FORMS["Cox's partial likelihood"]
    assert derived(text.replace(r"$d_i \in \{0, 1\}$", r"$d \in \mathbb{R}^N$"), variable_).convex is None


def test_no_matrix_is_semidefinite_for_the_value_of_a_name_that_a_derivative_looks_through() -> None:
    """u := w: −∂u/∂w I is −I, but 0 where u is free."""
    d = Derivation("slope")
    w = d.scalar("w")
    u = d.define("u", w)
    claim = SemiDefinite(Mul((MINUS_ONE, Diff(u, w), Eye(d.sizes("N")[0]))))
    names = frozenset({"u"})
    premise = prove_directly(cuts.freed(d.context, names), claim)
    with pytest.raises(NotProved, match="looks through"):
        kernel.instance(Scene(d.context), claim, names, premise)


def test_a_distribution_of_entropy_has_its_gradient_as_in_papers() -> None:
    """−p (log p + H), not −p (1 + log p − Σ p (1 + log p)): a softmax sums to 1."""

    text = rf"# Entropy{chr(10) * 2}Let $u \in \mathbb{{R}}^K$, {SOFTMAX} and $L := -\sum_{{k=1}}^K p_k \log p_k$."
    found = subject(read_document(text, "loss.md"), "L")
    made = gradients(found.context, found.scalar, [variable(found.context, found.scalar, "u")])
    assert unicode(equation(made.gradients["u"]).right, made.context) == "p ⊙ (pᵀ(log p)𝟏_K − log p)"


#: document, variable, gradient
GRADIENTS = {
    "a kernel that is symmetric by its definition": (
        r"Let $X \in \mathbb{R}^{N \times D}$, $y \in \mathbb{R}^N$, $\sigma > 0$, $K := X X^\top + \sigma^2 I$ and "
        r"$L := \frac12 y^\top K^{-1} y + \frac12 \log \det K$.",
        "X", "2K̄X",
    ),
    "sums that mirror each other": (
        r"Let $X \in \mathbb{R}^{N \times D}$, $a \in \mathbb{R}^N$, $\gamma > 0$ and "
        r"$L := \sum_{i=1}^N \sum_{j=1}^N a_i a_j \exp(-\gamma \sum_{k=1}^D (X_{ik} - X_{jk})^2)$.",
        "X", "[4γaᵢ Σₙ aₙKₙᵢ(X_{nd} − X_{id})]_{id}",
    ),
    "squares in exponents keep their sign": (
        r"Let $x \in \mathbb{R}^N$, $m, c \in \mathbb{R}$, $\pi \in (0, 1)$ and "
        r"$L := -\sum_{n=1}^N \log( \pi \exp(-\frac12 (x_n - m)^2) + (1 - \pi) \exp(-\frac12 (x_n - c)^2))$.",
        "m", "−π Σₙ exp(−½(m − xₙ)²)(xₙ − m)/((1 − π) exp(−½(c − xₙ)²) + π exp(−½(m − xₙ)²))",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", GRADIENTS)
def test_the_gradient_is_what_one_writes(name: str) -> None:

    text, variable_, form = GRADIENTS[name]
    found = subject(read_document("# A loss\n\n" + text, "loss.md"), "L")
    made = gradients(found.context, found.scalar, [variable(found.context, found.scalar, variable_)])
    assert unicode(equation(made.gradients[variable_]).right, made.context) == form


def test_a_matrix_that_is_not_symmetric_keeps_its_transposes() -> None:
    text = (r"Let $A \in \mathbb{R}^{N \times N}$, $B \in \mathbb{R}^{N \times N}$, $y \in \mathbb{R}^N$, $K := A B$."
            "\n\n" r"Assume $\det(K) > 0$." "\n\n" r"$L := y^\top K^{-1} y + \log \det K$")  # fmt: skip

    found = subject(read_document("# A loss\n\n" + text, "loss.md"), "L")
    made = gradients(found.context, found.scalar, [variable(found.context, found.scalar, "K")])
    assert unicode(made.steps("K")[-1].term, made.context) == "(K⁻¹ − K⁻¹yyᵀK⁻¹)ᵀ"


@pytest.mark.parametrize("name", ["RankNet", "KL divergence of a softmax", "log-sum-exp of a linear function"])
def test_every_step_to_a_hessian_is_proved_from_what_is_printed(name: str) -> None:
    """Names that the second derivation introduced are defined in the document."""
    text, variable_, _, _ = FORMS[name]
    made = derived(text, variable_)
    printed = document(made.gradient, variable_, "A proof", [equation(made.theorem)], made.theorem.context)
    claims = read_document(printed, "proof.md").claims
    assert claims and not [c.error for c in claims if c.error is not None], printed
    for claim in claims:
        assert claim.prop is not None
        prove(claim.context, claim.prop)


@pytest.mark.parametrize(
    ("text", "shape"),
    [
        (r"Let $w \in \mathbb{R}^D$ and $L := -\sum_{d=1}^D |w_d|$.", ""),  # the Hessian is 0 where there is one
        (r"Let $w \in \mathbb{R}$ and $L := \max(0, w)^2 - |w|$.", ""),  # its slope falls at 0
        (r"Let $w \in \mathbb{R}$ and $L := -\sqrt{w^2}$.", ""),
        (r"Let $w \in \mathbb{R}$ and $L := -|w|$.", ""),
        (r"Let $w \neq 0$ and $L := 1/w^2$.", ""),  # not on a convex set
        (r"Let $w \in \mathbb{R}$ and $L := 1/w^2$.", ""),
        (r"Let $w > 0$ and $L := 1/w^2$.", "convex"),
        (r"Let $w > 0$ and $L := \log w$.", "concave"),
        (r"Let $w \in \mathbb{R}$ and $L := \max(0, w)^3$.", "convex"),
        (r"Let $w \in \mathbb{R}^D$ and $L := -\frac12 \|w\|^2$.", "concave"),
    ],
)
def test_a_scalar_is_convex_where_it_has_a_slope_all_around(text: str, shape: str) -> None:
    made = derived(text, "w")
    assert (made.convex is None, made.concave is None) == (shape != "convex", shape != "concave")
