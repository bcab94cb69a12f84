# ruff: noqa: E501  (a table: one case a line)
"""Forms in which authors write what the format page names: a case is (what, document, verdicts)."""

import pytest

from derive import check_document

VECTOR = r"Let $y \in \mathbb{R}^N$, $c \in \mathbb{R}$, $X \in \mathbb{R}^{N \times D}$, $w \in \mathbb{R}^D$, $L := \frac12 \|X w - y\|^2$." "\n\n"

#: an index that is free on one side only: the claim is made for each of its values
ONE_SIDE = [
    ("implied by one value", r"y_n = 0 \implies y = 0", "r"),
    ("implied for every value", r"y = 0 \implies y_n = 0", "p"),
    ("an equivalence", r"y = 0 \iff y_n = 0", "r"),
    ("a gradient by entries", r"\frac{\partial L}{\partial w_d} = 0 \iff X^\top X w = X^\top y", "r"),
    ("a sum by one summand", r"y_n > 0 \implies \sum_n y_n > 0", "r"),
    ("true for each value alone", r"c = 0 \iff c^2 (1 + y_n^2) = 0", "p"),
    ("no reading is true", r"c = 1 \iff c y_n = y_n", "r"),
]


@pytest.mark.parametrize("claim, verdict", [pytest.param(c, v, id=name) for name, c, v in ONE_SIDE])
def test_an_index_on_one_side_only(claim: str, verdict: str) -> None:
    (step,) = check_document(f"{VECTOR}$$ {claim} $$\n", time_limit=5).steps
    assert step.verdict[0] == verdict, step.code


def test_the_cause_tells_what_was_meant_by_an_index_on_one_side_only() -> None:
    text = VECTOR + r"$$ y_n = 0 \implies y = 0 $$" "\n\n" r"$$ c = 1 \iff c y_n = y_n $$"
    meant, wrong = check_document(text + "\n", time_limit=5).steps
    assert meant.likely_cause is not None and meant.likely_cause.kind == "one_value"
    assert wrong.likely_cause is None or wrong.likely_cause.kind != "one_value"


FORMS = [
    ("where, behind a definition", r"$w, x \in \mathbb{R}^D$, $y := \sigma(w^\top x)$ where $\sigma(u) := \frac{1}{1 + e^{-u}}$." "\n\n" r"$$ \nabla_w y = y (1 - y) x $$", "p"),
    ("where, behind a claim", r"$w \in \mathbb{R}^D$" "\n\n" r"$$ \nabla_w \|r\|^2 = 2 A^\top r $$" "\n\n" r"where $r := A w - b$, $A \in \mathbb{R}^{N \times D}$ and $b \in \mathbb{R}^N$.", "p"),
    ("what follows the next claim is too late", "$$ q = q $$\n\n$$ 1 = 1 $$\n\nwhere $q \\in \\mathbb{R}$.", "ep"),
    ("what follows the next heading is another derivation", "$$ q = q $$\n\n# Next\n\n$q \\in \\mathbb{R}$", "e"),
    ("a condition that follows holds for no claim before it", "$q \\in \\mathbb{R}$\n\n$$ \\sqrt{q^2} = q $$\n\nwhere $q > 0$.", "r"),
    ("definitions that wait for one another", "$a := b + 1$, $b := a + 1$.\n\n$$ 1 = 1 $$", "eep"),
    ("rows in the wrong order", "$x, v \\in \\mathbb{R}^n$\n\n$$ \\begin{aligned} h &:= \\tanh(z) \\\\ z &:= v^\\top x \\end{aligned} $$\n\n$$ \\nabla_v h = (1 - h^2) x $$", "p"),
    ("a function's argument is declared behind it", r"$A \in \mathbb{R}^{n \times n}$, $f(x) := A x$ for $x \in \mathbb{R}^n$." "\n\n" r"$$ f(x)_i = \sum_j A_{ij} x_j $$", "p"),
    ("an entrywise function keeps a number as its argument", r"$W \in \mathbb{R}^{n \times n}$, $\sigma(x) := \frac{1}{1 + e^{-x}}$, $x \in \mathbb{R}^n$." "\n\n" r"$$ \sigma(W x)_i = \sigma\left( (W x)_i \right) $$", "p"),
    ("an argument that is transposed is no number", r"$A \in \mathbb{R}^{n \times n}$, $f(x) := x^\top A x$.", "e"),
    ("declared by its condition and then by its shape", r"Let $\sigma_j > 0$, $\sigma \in \mathbb{R}^D$." "\n\n" r"$$ \log \sigma_j^2 = 2 \log \sigma_j $$", "p"),
    ("declared anew after a claim", r"Let $s > 0$." "\n\n" r"$$ s > 0 $$" "\n\n" r"Let $s \in \mathbb{R}$." "\n\n" r"$$ s > 0 $$", "pr"),
    ("declared anew with another shape", r"Let $s > 0$, $s \in \mathbb{R}^2$." "\n\n" r"$$ s_1 > 0 $$", "r"),
    ("\\mathop", r"$A \in \mathbb{R}^{n \times n}$" "\n\n" r"$$ \mathop{\mathrm{tr}}(A) = \mathop{\rm tr} A = \operatorname{tr} A $$", "pp"),
    ("\\mathop with arg min", r"$v \in \mathbb{R}^n$" "\n\n" r"$$ \mathop{\mathrm{arg\,min}}_v \|v\|^2 = \mathop{\rm argmin}\limits_v 2 \|v\|^2 $$", "p"),
    ("the Frobenius norm in words", r"$A \in \mathbb{R}^{n \times n}$" "\n\n" r"$$ \|A\|_\textrm{F} = \|A\|_{\mathrm F} = \|A\|_{\text{F}} $$", "pp"),
    ("for all, behind a space", r"$a, b \in \mathbb{R}$" "\n\n" r"$$ (a + b)^2 = a^2 + 2 a b + b^2 \quad \text{for all } a, b. $$", "p"),
    ("for all, in a column of its own", r"$a, b \in \mathbb{R}$" "\n\n" r"\begin{align} (a + b)^2 &= a^2 + 2 a b + b^2 && \text{for all } a, b \\ &= b^2 + 2 a b + a^2 && \text{again for all } a \end{align}", "pp"),
    ("for all, within the line", r"$x, y \in \mathbb{R}^n$" "\n\n" r"$$ x_i y_i = y_i x_i \text{ for every } i \in \{1, \dots, n\} $$", "p"),
    ("words make no product of what they separate", r"$a, b \in \mathbb{R}$" "\n\n" r"$$ 1 = 1 \text{ where } a = b $$", "pr"),
    ("words beside an operator", r"$a \in \mathbb{R}$" "\n\n" r"$$ a + a \text{ (twice)} + a = 3 a \text{ in all} $$", "p"),
    ("a formula without words or relation is no claim", r"$a, b \in \mathbb{R}$" "\n\n" r"$$ a = a, \quad b $$", "pe"),
    ("words as a subscript without braces", r"$x_\text{old} \in \mathbb{R}$" "\n\n" r"$$ 2 x_\text{old} = x_{\text{old}} + x_\text{old} $$", "p"),
    ("the derivative of a vector by a number", r"$v, w \in \mathbb{R}^n$, $t \in \mathbb{R}$, $g(t) := v + t^2 w$" "\n\n" r"$$ g'(t) = 2 t w $$" "\n\n" r"$$ g''(t)_i = 2 w_i $$" "\n\n" r"$$ g'(t) = t w $$", "ppr"),
    ("equations that give one another", r"$q, r, s, t \in \mathbb{R}$. Let us see." "\n\n" r"Assume $r = 2 q$, $s = r + 1$, $t = s - 1$." "\n\n" r"Assume $q = 1$." "\n\n" r"$$ t = 2 $$" "\n\n" r"$$ t = 3 $$", "pr"),
    ("a root with its sign", r"$t \in \mathbb{R}$" "\n\n" r"Assume $t^2 = 4$, $t < 0$." "\n\n" r"$$ t = -2 $$" "\n\n" r"$$ t = 2 $$", "pr"),
    ("a root without its sign", r"$t \in \mathbb{R}$" "\n\n" r"Assume $t^2 = 4$." "\n\n" r"$$ t = 2 $$", "r"),
    ("weights by their layers' letters", r"$x \in \mathbb{R}^d$, $W_{xh} \in \mathbb{R}^{h \times d}$, $W_{hr}, W_{hh} \in \mathbb{R}^{h \times h}$, $b_r \in \mathbb{R}^h$, $r := W_{hr} W_{xh} x + b_r$" "\n\n" r"$$ r - b_r = W_{hr} W_{xh} x $$" "\n\n" r"$$ W_{hr} = W_{hh} $$", "pr"),
    ("a letter that is a name is no index", r"$w_h, w_x, x_1, h_0 \in \mathbb{R}$, $h_1 := \tanh(w_x x_1 + w_h h_0)$" "\n\n" r"$$ \frac{\partial h_1}{\partial w_h} = (1 - h_1^2) h_0 $$" "\n\n" r"$$ \frac{\partial h_1}{\partial w_h} = (1 - h_1^2) x_1 $$", "pr"),
    ("a letter that is bound is an index, whatever else it names", r"$w_d \in \mathbb{R}$, $d_n \in \{0, 1\}$, $d \in \mathbb{R}^N$" "\n\n" r"$$ \sum_{d=1}^D w_d^2 \ge 0 $$", "p"),
    ("an upright letter in a subscript is a word", r"$d, g \in \mathbb{R}^n$, $d_{\mathrm N} := -g$" "\n\n" r"$$ d_{\mathrm N} + g = 0 $$" "\n\n" r"$$ d_{\mathrm N} = d $$", "pr"),
    ("a superscript in square brackets is no power", r"$A \in \mathbb{R}^{n \times n}$" "\n\n" r"$$ A^{[2]} = A A $$", "e"),
    ("functions in \\text", r"$A, B \in \mathbb{R}^{n \times n}$, $v \in \mathbb{R}^n$" "\n\n" r"$$ \text{tr}(A B) = \text{Tr} \left( B A \right) $$" "\n\n" r"$$ \text{diag}(v) v = v \odot v $$" "\n\n" r"$$ \text{det}(A) = \text{tr}(A) $$", "ppr"),
    ("a function of one's own in \\text", r"$a \in \mathbb{R}$, $\text{ReLU}(t) := \max(0, t)$" "\n\n" r"$$ \text{ReLU}(a) = \frac{a + |a|}{2} $$" "\n\n" r"$$ \text{ELU}(a) = a $$", "pe"),
    ("words before a bracket are no function", r"$a, b \in \mathbb{R}$" "\n\n" r"$$ \text{since } (a) (b) = b a $$", "p"),
    ("a condition in words is no claim", r"$a, b \in \mathbb{R}$" "\n\n" r"$$ a^2 = b^2 \text{ if } a = b $$" "\n\n" r"$$ a^2 = 1 \iff a = 1 \text{ or } a = -1 $$" "\n\n" r"$$ \sqrt{a^2} = a \quad \text{for } a > 0 $$", "eee"),
    ("the range of an index", r"$y \in \mathbb{R}^N$" "\n\n" r"$$ y_n^2 \ge 0, \quad n = 1, \dots, N. $$" "\n\n" r"$$ y_n^2 \ge 0 \quad (n = 1, \ldots, N) $$" "\n\n" r"$$ y_n^2 > 0 \quad \text{for } n = 1, \dots, N $$", "ppr"),
    ("environments that the page does not name", r"\begin{eqnarray} 1 + 1 &=& 2 \end{eqnarray}" "\n\n" r"\begin{multline} 1 + 1 = 2 \end{multline}", "ee"),
    ("an assumption with a relation that the page does not name", r"$A \in \mathbb{R}^{n \times n}$" "\n\n" r"Assume $A \succ 0$." "\n\n" r"$$ A = A $$", "ep"),
    ("the same relation in prose", r"$A \in \mathbb{R}^{n \times n}$ with $A \succ 0$" "\n\n" r"$$ A = A $$", "p"),
    ("an option of aligned", r"$$ \begin{aligned}[t] 1 + 1 &= 2 \\ &= 3 - 1 \end{aligned} $$", "pp"),
    ("a chain of assumed inequalities", r"$a, b, c \in \mathbb{R}$" "\n\n" r"Assume $a \ge b > c \ge 0$." "\n\n" r"$$ a > 0 $$" "\n\n" r"$$ a^2 \ge b^2 $$" "\n\n" r"$$ \log a \ge \log b $$" "\n\n" r"$$ c > 0 $$", "pppr"),
    ("a chain of assumed inequalities below 0", r"$a, b \in \mathbb{R}$" "\n\n" r"Assume $a \le b$, $b < 0$." "\n\n" r"$$ a b > 0 $$" "\n\n" r"$$ a > b $$", "pr"),
    ("inequalities of entries", r"$x, y \in \mathbb{R}^n$" "\n\n" r"Assume $x_i > y_i$, $y_i \ge 0$." "\n\n" r"$$ \sum_i x_i > 0 $$" "\n\n" r"$$ \sum_i y_i > 0 $$", "pr"),
    ("an inequality of one entry says nothing of the others", r"$x \in \mathbb{R}^n$, $a \in \mathbb{R}$" "\n\n" r"Assume $x_1 > a$ and $a \ge 0$." "\n\n" r"$$ x_1 > 0 $$" "\n\n" r"$$ x_i > 0 $$", "pr"),
    ("a norm that is 1", r"$w, v \in \mathbb{R}^n$" "\n\n" r"Assume $\|w\| = 1$." "\n\n" r"$$ w^\top w = 1 $$" "\n\n" r"$$ \|2 w\| = 2 $$" "\n\n" r"$$ \|v\| = 1 $$", "ppr"),
    ("two norms that are the same", r"$w, v \in \mathbb{R}^n$" "\n\n" r"Assume $\|w\| = \|v\|$." "\n\n" r"$$ w^\top w = v^\top v $$" "\n\n" r"$$ w = v $$", "pr"),
    ("a root that is told", r"$a \in \mathbb{R}$" "\n\n" r"Assume $\sqrt{a} = 3$." "\n\n" r"$$ a = 9 $$" "\n\n" r"$$ a = 3 $$", "pr"),
    ("a root that cannot be", r"$a \in \mathbb{R}$" "\n\n" r"Assume $\sqrt{a} = -1$." "\n\n" r"$$ a = 1 $$", "e"),
    ("a value of a function that is told", r"$f : \mathbb{R} \to \mathbb{R}$, $a \in \mathbb{R}$" "\n\n" r"Assume $f(0) = 0$." "\n\n" r"$$ f(a - a) = 0 $$" "\n\n" r"$$ f(a) = 0 $$", "pr"),
]  # fmt: skip


@pytest.mark.parametrize("text, verdicts", [pytest.param(t, v, id=name) for name, t, v in FORMS])
def test_a_form(text: str, verdicts: str) -> None:
    report = check_document(text + "\n", time_limit=5)
    found = "".join(s.verdict[0] for s in report.steps)
    assert found == verdicts, [(s.claim, s.code, s.params) for s in report.steps]
