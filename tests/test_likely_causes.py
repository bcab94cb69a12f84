"""For each kind of slip a wrong line and its likely cause, which is printed only where the repair is proved."""

from functools import cache

import pytest
from slips import corrected

from derive.checking.documents import check_document
from derive.report import StepReport

REGRESSION = r"""
Let $X \in \mathbb{R}^{N \times D}$, $w, v \in \mathbb{R}^D$, $y \in \mathbb{R}^N$, $\lambda \in \mathbb{R}$ and
$L(w) := \frac{1}{2N} \|Xw - y\|^2$, $S(w) := \frac12 \|Xw - y\|^2$.
"""
LAYER = r"""
Let $u \in \mathbb{R}^J$, $W \in \mathbb{R}^{K \times J}$, $f : \mathbb{R} \to \mathbb{R}$,
$E : \mathbb{R}^K \to \mathbb{R}$, $z := f(u)$, $a := Wz$, $L := E(a)$ and $\delta := \frac{\partial L}{\partial a}$.
"""
SOFTMAX = r"""
Let $u \in \mathbb{R}^K$, $d \in \mathbb{R}^K$, $y_k := \frac{\exp(u_k)}{\sum_{j=1}^K \exp(u_j)}$ and
$L := - \sum_{k=1}^K d_k \log y_k$.
"""
SCALAR = r"""
Let $z \in \mathbb{R}$, $p \in (0, 1)$, $q \in (0, 1)$ and $\sigma(z) := \frac{1}{1 + e^{-z}}$.
"""

#: name → (declarations, wrong claim, kind of cause, words that it contains)
WRONG: dict[str, tuple[str, str, str, tuple[str, ...]]] = {
    "sign": (REGRESSION, r"\nabla_w S = X^\top(y - Xw)", "sign", ()),
    "sign of a term": (REGRESSION, r"\nabla_w S = X^\top X w + X^\top y", "sign", ("Xᵀy",)),
    "factor 2": (REGRESSION, r"\nabla_w S = 2 X^\top(Xw - y)", "factor_extra", ("2",)),
    "factor ½ dropped": (SCALAR, r"\frac{d}{dz} z^2 = z", "factor_dropped", ("2",)),
    "1/N dropped": (REGRESSION, r"\nabla_w L = X^\top(Xw - y)", "factor_dropped", ("1/N",)),
    "1/N too much": (REGRESSION, r"\nabla_w S = \frac1N X^\top(Xw - y)", "factor_extra", ("1/N",)),
    "order": (
        r"Let $A, B \in \mathbb{R}^{N \times N}$.",
        r"(AB)^\top = A^\top B^\top",
        "order",
        ("Aᵀ", "Bᵀ"),
    ),
    "transpose": (
        r"Let $A \in \mathbb{R}^{N \times N}$, $x \in \mathbb{R}^N$.",
        r"\nabla_x (x^\top A x) = A x + A x",
        "transpose_dropped",
        ("A",),
    ),
    "swapped index": (
        r"Let $A \in \mathbb{R}^{N \times N}$, $x \in \mathbb{R}^N$.",
        r"(Ax)_i = \sum_{j=1}^N A_{ji} x_j",
        "replaced",
        ("Aⱼᵢ",),
    ),
    "wrong index": (
        r"Let $A \in \mathbb{R}^{N \times N}$, $x \in \mathbb{R}^N$.",
        r"(Ax)_i = \sum_{j=1}^N A_{ij} x_i",
        "index",
        ("i", "j"),
    ),
    "sum too much": (
        r"Let $U, D \in \mathbb{R}^{N \times K}$ and $L := \frac12 \|U - D\|_F^2$.",
        r"\frac{\partial L}{\partial U_{nk}} = \sum_{n=1}^N (U_{nk} - D_{nk})",
        "sum_extra",
        ("n",),
    ),
    "product without brackets": (
        r"Let $a, b \in \mathbb{R}^N$.",
        r"\prod_{n=1}^N a_n b_n = \prod_{n=1}^N a_n \prod_{m=1}^N b_m",
        "scope",
        ("n", "brackets"),
    ),
    "product without brackets in the first line": (
        REGRESSION,
        r"\prod_{n=1}^N \mathcal{N}(y_n \mid (Xw)_n, 1) \prod_{d=1}^D \mathcal{N}(w_d \mid 0, 1)"
        r" \propto_w \exp(-\tfrac12 \|y - Xw\|^2 - \tfrac12 \|w\|^2)",
        "scope",
        ("n",),
    ),
    "term dropped": (REGRESSION, r"\nabla_w S = X^\top X w", "term_dropped", ()),
    "f′ dropped": (
        LAYER,
        r"\frac{\partial L}{\partial u_j} = \sum_{k=1}^K \delta_k W_{kj}",
        "derivative_dropped",
        (),
    ),
    "y for 1 − y": (SCALAR, r"\sigma'(z) = \sigma(z) \sigma(z)", "complement", ("1 − σ",)),
    "power": (SCALAR, r"\frac{d}{dz} z^3 = 3 z^3", "power", ("z", "2")),
    "assumption": (SOFTMAX, r"\frac{\partial L}{\partial u_j} = y_j - d_j", "assumption", ()),
    "minimum for maximum": (
        REGRESSION,
        r"\arg\max_w -S(w) = \arg\max_w S(w)",
        "replaced",
        ("arg max", "arg min"),
    ),
}


def document(name: str) -> str:
    declarations, claim, _, _ = WRONG[name]
    return f"# Slip\n{declarations}\n$$\n{claim}\n$$\n"


@cache
def step(name: str) -> StepReport:
    (report,) = check_document(document(name)).steps
    return report


@pytest.mark.parametrize("name", WRONG)
def test_the_likely_cause_of_a_slip_is_named(name: str) -> None:
    _, _, kind, words = WRONG[name]
    found = step(name)
    assert found.verdict == "refuted"
    assert found.likely_cause is not None
    assert found.likely_cause.kind == kind
    assert all(word in found.cause() for word in words)


@pytest.mark.parametrize("name", WRONG)
def test_the_fix_makes_the_step_proved(name: str) -> None:
    (again,) = check_document(corrected(document(name), step(name))).steps
    assert again.verdict == "proved"
