"""Terms and propositions in Unicode and LaTeX."""

import pytest

from derive.blackboard import (
    Derivation,
    argmin,
    array,
    delta,
    det,
    diag,
    diff,
    eq,
    exp,
    eye,
    hessian,
    iff,
    inv,
    log,
    ne,
    norm2,
    odot,
    ones,
    pi,
    prod_,
    psd,
    same,
    sqrt,
    sum_,
    tr,
)  # fmt: skip
from derive.context import POSITIVE, Declaration, Domain
from derive.notation import latex, unicode
from derive.notation.declarations import declaration_text
from derive.terms import Sum, Var, term

d = Derivation("notation")
N, D, K = d.sizes("N D K")
X, w, y = d.matrix("X", N, D), d.vector("w", D), d.vector("y", N)
lam, eta, s, z = d.scalar("λ"), d.scalar("η"), d.scalar("σ"), d.scalar("z")
L = d.define("L", norm2(X @ w - y) / 2)
W, u = d.matrix("W^{(l+1)}", K, D), d.vector("u", K)
sigma = d.define_function("σ", "z", lambda t: 1 / (1 + exp(-t)))
k, j, n, i = d.index("k", K), d.index("j", K), d.index("n", N), d.index("d", D)

TABLE = [
    (diff(L, w), "∂L/∂w", r"\frac{\partial L}{\partial w}"),
    (diff(L, w[i], w[1]), "∂²L/∂w_d∂w₁", r"\frac{\partial^2 L}{\partial w_d \partial w_1}"),
    (hessian(L, w), "∇_w² L", r"\nabla_{w}^2 L"),
    (X.T @ (X @ w - y), "Xᵀ(Xw − y)", r"X^\top (X w - y)"),
    (norm2(X @ w - y) / 2, "½‖Xw − y‖²", r"\frac{1}{2} \|X w - y\|^2"),
    (norm2(X), "‖X‖²", r"\|X\|_F^2"),
    (sqrt(norm2(w)), "‖w‖", r"\|w\|"),
    (1 / (1 + exp(-z)), "1/(1 + e⁻ᶻ)", r"\frac{1}{1 + \exp(-z)}"),
    (W.T @ u, "W⁽ˡ⁺¹⁾ᵀu", r"W^{(l+1)\top} u"),
    (W[k, i] ** 2, "(W_{kd}⁽ˡ⁺¹⁾)²", r"(W_{kd}^{(l+1)})^2"),
    (exp(u[k]) / sum_(j, exp(u[j])), "exp(uₖ)/(Σⱼ exp(uⱼ))",
     r"\frac{\exp(u_k)}{\sum_{j=1}^{K} \exp(u_j)}"),
    (-sum_(k, y[1] * log(u[k])), "−Σₖ y₁ log uₖ", r"-\sum_{k=1}^{K} y_1 \log u_k"),
    (z * log(lam) * (1 - s), "z(log λ)(1 − σ)", r"z (\log \lambda) (1 - \sigma)"),
    (inv(X.T @ X + lam * eye(D)) @ X.T @ y, "(XᵀX + λI)⁻¹Xᵀy",
     r"(X^\top X + \lambda I_{D})^{-1} X^\top y"),
    (X.T @ diag(odot(y, 1 - y)) @ X, "Xᵀ diag(y ⊙ (1 − y))X",
     r"X^\top \operatorname{diag}(y \odot (1 - y)) X"),
    (y @ ones(N).T, "y𝟏_Nᵀ", r"y \mathbf{1}_{N}^\top"),
    (odot(sigma(X @ w, 1), y), "σ′(Xw) ⊙ y", r"\sigma'(X w) \odot y"),
    (exp(-((z - lam) ** 2) / (2 * s**2)) / sqrt(2 * pi * s**2), "exp(−(z − λ)²/(2σ²))/√(2πσ²)",
     r"\frac{\exp\left( -\frac{(z - \lambda)^2}{2 \sigma^2} \right)}{\sqrt{2 \pi \sigma^2}}"),
    (u[k] * (delta(k, j) - u[j]), "uₖ(δₖⱼ − uⱼ)", r"u_k (\delta_{kj} - u_j)"),
    (sum_(n, y[n]) / N, "1/N · Σₙ yₙ", r"\frac{1}{N} \sum_{n=1}^{N} y_n"),
    ((w.T @ w) * (w.T @ w), "wᵀw(wᵀw)", r"w^\top w (w^\top w)"),
    (log(det(X.T @ X)) + tr(X.T @ X), "log(det(XᵀX)) + tr(XᵀX)",
     r"\log(\det(X^\top X)) + \operatorname{tr}(X^\top X)"),
    (Sum(n, y[n], 2), "Σₙ₌₂ᴺ yₙ", r"\sum_{n=2}^{N} y_n"),
    (z - (lam + s), "z − (λ + σ)", r"z - (\lambda + \sigma)"),
    (-(z**2), "−z²", "-z^2"),
    ((-z) ** 2, "(−z)²", "(-z)^2"),
    (2 * term(3) * z, "6z", "6 z"),
    (Var("y@2", (N,)), "y", "y"),
    (Var("ŷ", (N,))[n], "ŷₙ", r"\hat{y}_n"),
    (1 / (1 + exp(-z)) * (exp(-z) / (1 + exp(-z))), "1/(1 + e⁻ᶻ) · e⁻ᶻ/(1 + e⁻ᶻ)",
     r"\frac{1}{1 + \exp(-z)} \frac{\exp(-z)}{1 + \exp(-z)}"),
    (z / lam * lam * (1 - s), "z/λ · λ(1 − σ)", r"\frac{z}{\lambda} \lambda (1 - \sigma)"),
    (y[n] ** u[k] * (1 - y[n]) ** (1 - u[k]), "yₙ^uₖ · (1 − yₙ)^(1 − uₖ)", "y_n^{u_k} (1 - y_n)^{1 - u_k}"),
    (sqrt(2 * s**2 * pi), "√(2πσ²)", r"\sqrt{2 \pi \sigma^2}"),
    (exp(X).T @ X, "exp(X)ᵀX", r"\exp(X)^\top X"),
    (X @ inv(diag(w)), "X diag(w)⁻¹", r"X \operatorname{diag}(w)^{-1}"),
    (diff(z / lam, z), "∂/∂z (z/λ)", r"\frac{\partial}{\partial z} \frac{z}{\lambda}"),
    (sum_(j, u[j] * (1 - delta(j, k))), "Σ_{j≠k} uⱼ", r"\sum_{j \neq k}^{K} u_j"),
    (Sum(j, u[j] * (1 - delta(j, k)), 2), "Σⱼ₌₂ᴷ uⱼ(1 − δⱼₖ)", r"\sum_{j=2}^{K} u_j (1 - \delta_{jk})"),
    (sum_(j, 1 - delta(j, k) * u[j]), "Σⱼ (1 − δⱼₖuⱼ)", r"\sum_{j=1}^{K} (1 - \delta_{jk} u_j)"),
    (prod_(j, u[j] * (1 - delta(k, j)) + delta(k, j)), "Π_{j≠k} uⱼ", r"\prod_{j \neq k}^{K} u_j"),
    (prod_(j, 1 + u[j] * (1 - delta(j, 1))), "Π_{j≠1} (1 + uⱼ)", r"\prod_{j \neq 1}^{K} (1 + u_j)"),
    (prod_(j, u[j] * (1 - delta(k, j)) + delta(k, j) * z), "Πⱼ (uⱼ(1 − δₖⱼ) + δₖⱼz)",
     r"\prod_{j=1}^{K} (u_j (1 - \delta_{kj}) + \delta_{kj} z)"),
    (prod_(j, u[j] * (1 - delta(k, j)) + delta(k, j) * (1 + (1 - delta(k, j)) / z)),
     "Πⱼ (uⱼ(1 − δₖⱼ) + δₖⱼ(1 + (1 − δₖⱼ)/z))",
     r"\prod_{j=1}^{K} \left( u_j (1 - \delta_{kj})"
     r" + \delta_{kj} \left( 1 + \frac{1 - \delta_{kj}}{z} \right) \right)"),
    (log(z * sum_(n, y[n])), "log(z Σₙ yₙ)", r"\log\left( z \sum_{n=1}^{N} y_n \right)"),
]  # fmt: skip


@pytest.mark.parametrize(("subject", "text", "tex"), TABLE, ids=[row[1] for row in TABLE])
def test_terms_are_written_as_on_the_blackboard(subject, text, tex):
    assert (unicode(subject), latex(subject)) == (text, tex)


PROPS = [
    (iff(eq(diff(L, w), 0), eq(X.T @ X @ w, X.T @ y)), "∂L/∂w = 0 ⟺ XᵀXw = Xᵀy",
     r"\frac{\partial L}{\partial w} = 0 \iff X^\top X w = X^\top y"),
    (same(argmin(w, L), argmin(w, 2 * L)), "arg min_w {L} = arg min_w {2L}",
     r"\arg\min_{w} \left\{ L \right\} = \arg\min_{w} \left\{ 2 L \right\}"),
    (psd(X.T @ X), "XᵀX ⪰ 0", r"X^\top X \succeq 0"),
    (ne(det(X.T @ X), 0), "det(XᵀX) ≠ 0", r"\det(X^\top X) \neq 0"),
    (eq(y @ u.T, array(n, j, y[n] * u[j])), "yuᵀ = [yₙuⱼ]ₙⱼ", r"(y u^\top)_{nj} = y_n u_j"),
]  # fmt: skip


@pytest.mark.parametrize(("prop", "text", "tex"), PROPS, ids=[row[1] for row in PROPS])
def test_propositions(prop, text, tex):
    assert (unicode(prop), latex(prop)) == (text, tex)


def test_a_bound_index_never_captures_a_free_one_of_its_name():
    short = d.index("k", N)  # k over N, while k over K is free in the body
    assert unicode(sum_(short, y[short] * u[k])) == "Σᵢ yᵢuₖ"


def test_a_family_shows_its_label_as_a_superscript():
    inner = Derivation("family")
    inner.context.declare(Declaration("x", (N, D), labels=1))
    entry = Var("x", (N, D))[n, i]
    assert unicode(entry, inner.context) == "x_d⁽ⁿ⁾"
    assert latex(entry, inner.context) == "x_d^{(n)}"


@pytest.mark.parametrize(
    ("declared", "text"),
    [
        (Declaration("X", (N, D)), "X ∈ ℝ^{N×D}"),
        (Declaration("w", (D,)), "w ∈ ℝ^D"),
        (Declaration("σ", (), POSITIVE), "σ > 0"),
        (Declaration("d", (), Domain(values=(0, 1))), "d ∈ {0, 1}"),
    ],
)
def test_declarations(declared, text):
    assert declaration_text(declared) == text
