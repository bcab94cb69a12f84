"""For each kind of slip a wrong line and its likely cause, which is printed only where the repair is proved."""

from functools import cache

import pytest
from slips import corrected

from derive.checking.documents import check_document
from derive.homework.finish import MOST_REPAIRS
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
    "y² for y (1 − y)": (SCALAR, r"\sigma'(z) = \sigma(z)^2", "complement", ("1 − σ(z)",)),
    "assumption on a sign": (SCALAR, r"\sqrt{z^2} = z", "assumption", ("z",)),
    "power": (SCALAR, r"\frac{d}{dz} z^3 = 3 z^3", "power", ("z", "2")),
    "assumption": (SOFTMAX, r"\frac{\partial L}{\partial u_j} = y_j - d_j", "assumption", ()),
    "a relation turned round": (REGRESSION, r"S(w) \le 0", "relation", ("≥",)),
    "a strict relation": (SCALAR, r"z^2 > 0", "relation", ("≥",)),
    "sign in brackets": (REGRESSION, r"\nabla_w S = X^\top(Xw + y)", "sign", ("y",)),
    "factor of a term": (
        REGRESSION,
        r"\nabla_w (S(w) + \tfrac{\lambda}{2} \|w\|^2) = X^\top(Xw - y) + w",
        "factor_dropped",
        ("λ",),
    ),
    "another number": (SCALAR, r"\frac{d}{dz} z^3 = 2 z^2", "factor_wrong", ("2", "3")),
    "term with a coefficient": (
        REGRESSION,
        r"\nabla_w (S(w) + \tfrac{\lambda}{2} \|w\|^2) = X^\top(Xw - y)",
        "term_dropped",
        ("λw",),
    ),
    "term like another": (
        r"Let $A, B \in \mathbb{R}^{N \times N}$.",
        r"\operatorname{tr}(A + B) = \operatorname{tr}(A)",
        "term_dropped",
        ("tr(B)",),
    ),
    "sum inside a quotient": (
        SOFTMAX,
        r"y_k = \frac{\exp(u_k)}{\exp(u_j)}",
        "sum_dropped",
        ("j",),
    ),
    "norm for its square": (REGRESSION, r"2 S(w) = \|Xw - y\|", "power", ("2",)),
    "multiplied for divided": (
        r"Let $r \in \mathbb{R}^{N \times K}$, $p_k > 0$ and $Q := \sum_{n=1}^N \sum_{k=1}^K r_{nk} \log p_k$.",
        r"\frac{\partial Q}{\partial p_k} = p_k \sum_{n=1}^N r_{nk}",
        "replaced",
        ("pₖ",),
    ),
    "a quotient upside down": (
        r"Let $s, t, x, y > 0$ and $d := \frac12 \left( \frac{x}{s} - \frac{y}{t} \right)^2$.",
        r"\frac{\partial d}{\partial x} = 0 \iff x = \frac{t}{s} y",
        "replaced",
        ("ty/s", "sy/t"),
    ),
    "a matrix for its inverse": (
        "Let $A \\in \\mathbb{R}^{N \\times N}$, $x \\in \\mathbb{R}^N$.\n\nAssume $\\det(A) \\neq 0$.\n",
        r"A^{-1} A^\top x = A A^\top x",
        "replaced",
        ("A", "A⁻¹"),
    ),
    "a matrix too many": (
        r"Let $A, B \in \mathbb{R}^{N \times N}$, $x \in \mathbb{R}^N$.",
        r"B^\top (A x + x) = B^\top A x + B^\top A x",
        "factor_extra",
        ("A",),
    ),
    "a matrix too few": (
        r"Let $A, B \in \mathbb{R}^{N \times N}$, $x \in \mathbb{R}^N$.",
        r"B^\top (A x + x) = B^\top x + B^\top x",
        "factor_dropped",
        ("A",),
    ),
    "a sum over the other index": (
        r"Let $r \in \mathbb{R}^{N \times K}$, $x \in \mathbb{R}^N$ and $q_k := \sum_{n=1}^N r_{nk} x_n$.",
        r"\frac{\partial}{\partial q_k} q_k^2 = 2 \sum_{k=1}^K r_{nk} x_n",
        "index",
        ("k", "n"),
    ),
    "an entrywise square": (
        r"Let $f : \mathbb{R} \to \mathbb{R}$, $u, v \in \mathbb{R}^N$.",
        r"(v - f(u)) \odot (v + f(u)) = v \odot v - f(u)",
        "power",
        ("f(u)", "2"),
    ),
    "a factor of a definition": (
        r"Let $q \in \mathbb{R}^d$, $K \in \mathbb{R}^{n \times d}$, $E : \mathbb{R}^n \to \mathbb{R}$, "
        r"$s := \frac{1}{\sqrt d} K q$, $L := E(s)$.",
        r"\frac{\partial L}{\partial q} = K^\top \frac{\partial L}{\partial s}",
        "factor_dropped",
        ("1/√d",),
    ),
    "a sign in what is solved for": (
        r"Let $a > 0$, $b, x \in \mathbb{R}$.",
        r"a x + b = 0 \iff x = \frac{b}{a}",
        "sign",
        ("b/a",),
    ),
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


#: declarations, a claim whose shapes do not fit, its code, the kind of its cause and the fix
UNFIT = [
    (REGRESSION, r"\nabla_w S = X (Xw - y)", "D301", "transpose_dropped", r"X^\top (Xw - y)"),
    (REGRESSION, r"\nabla_w S = (Xw - y) X^\top", "D301", "order", r"X^\top (Xw - y)"),
    (REGRESSION, r"\nabla_w S = (Xw - y)^\top X", "D302", "transpose_dropped", r"((Xw - y)^\top X)^\top"),
    (REGRESSION, r"(Xw)_n = \sum_{d=1}^D X_{dn} w_d", "D308", "replaced", r"\sum_{d=1}^D X_{nd} w_d"),
    (REGRESSION, r"(Xw)_n = \sum_{d=1}^D X_{nd} w_n", "D308", "index", r"\sum_{d=1}^D X_{nd} w_d"),
    (
        r"Let $u, v \in \mathbb{R}^D$, $f : \mathbb{R} \to \mathbb{R}$, $E(u) := v^\top f(u)$.",
        r"\frac{\partial E}{\partial u} = v f'(u)",
        "D301",
        "entrywise",
        r"v \odot f'(u)",
    ),
]


@pytest.mark.parametrize(("declarations", "claim", "code", "kind", "fix"), UNFIT)
def test_shapes_that_do_not_fit_have_a_cause_where_one_slip_explains_them(
    declarations: str, claim: str, code: str, kind: str, fix: str
) -> None:
    text = f"{declarations}\n\n$$ {claim} $$\n"
    (found,) = check_document(text).steps
    assert (found.verdict, found.code) == ("error", code)
    assert found.likely_cause is not None
    assert (found.likely_cause.kind, found.likely_cause.fix) == (kind, fix)
    (again,) = check_document(text.replace(claim, f"{claim.split(' = ')[0]} = {fix}")).steps
    assert again.verdict == "proved"


def test_shapes_that_no_proved_step_explains_have_no_cause() -> None:
    (found,) = check_document(f"{REGRESSION}\n\n$$ \\nabla_w S = 3 X (Xw - y) $$\n").steps
    assert (found.code, found.likely_cause) == ("D301", None)


def test_a_line_that_is_right_again_says_that_the_one_above_is_wrong() -> None:
    text = r"Let $a, b \in \mathbb{R}$. $$ (a + b)^2 = a^2 + b^2 = a^2 + 2 a b + b^2 $$"
    first, second = check_document(text).steps
    assert first.likely_cause is not None and first.likely_cause.kind == "term_dropped"
    assert second.likely_cause is not None and second.likely_cause.kind == "line_above"


def test_a_wrong_line_after_a_wrong_one_does_not_blame_it() -> None:
    text = r"Let $a, b \in \mathbb{R}$. $$ (a + b)^2 = a^2 + b^2 = a^2 - b^2 $$"
    found = check_document(text).steps[1].likely_cause
    assert found is not None and found.kind == "sign"


def test_a_name_for_the_other_side_is_no_cause() -> None:
    (found,) = check_document(r"Let $a, c \in \mathbb{R}$, $F := a^2 + a c$. $$ F = c $$").steps
    assert found.verdict == "refuted"
    assert found.likely_cause is None or found.likely_cause.kind != "replaced"


@pytest.mark.parametrize(
    "text",
    [
        r"Let $a, b \in \mathbb{R}^N$. $$ a + b \odot b = 0 $$",
        r"Let $a, z \in \mathbb{R}$. $$ a \neq 0 \implies z = 1 $$",
    ],
)
def test_that_a_side_is_the_other_one_is_no_cause(text: str) -> None:
    (found,) = check_document(text).steps
    assert found.verdict == "refuted"
    assert found.likely_cause is None


def test_many_shapes_that_do_not_fit_do_not_take_long_each() -> None:
    claims = "\n\n".join(r"$$ \nabla_w S = X (Xw - y) $$" for _ in range(2 * MOST_REPAIRS))
    steps = check_document(f"{REGRESSION}\n\n{claims}").steps
    assert sum(s.likely_cause is not None for s in steps) == MOST_REPAIRS


def test_a_statement_for_itself_is_no_cause() -> None:
    (found,) = check_document(r"Let $z \in \mathbb{R}$. $$ z^2 = 1 \iff z = 1 $$").steps
    assert found.verdict == "refuted"
    assert found.likely_cause is None or found.likely_cause.kind == "assumption"


def test_the_fix_keeps_to_powers_of_e_where_the_author_does() -> None:
    (found,) = check_document(r"Let $z \in \mathbb{R}$. $$ \frac{d}{dz} e^{2 z} = 2 e^z $$").steps
    assert found.likely_cause is not None
    assert found.likely_cause.fix == "2 e^{2 z}"


def test_a_very_long_line_is_refuted_and_its_cause_named() -> None:
    names = ", ".join(f"a_{{{k}}}" for k in range(24))
    line = " + ".join(f"a_{{{k}}} a_{{{k + 1}}}" for k in range(23))
    text = f"Let ${names} \\in \\mathbb{{R}}$.\n\n$$ {line} = 2 + {line} $$\n"
    (found,) = check_document(text).steps
    assert found.likely_cause is not None and found.likely_cause.kind == "term_extra"
