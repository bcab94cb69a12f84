"""Verdicts over the whole class of propositions: true, false, and true only under an assumption."""

from fractions import Fraction

import pytest

from derive import check_document
from derive.blackboard import Derivation, argmin, eq, exp, gt, lt, norm2, psd, same, sum_
from derive.checker import check
from derive.evaluate import Array, Evaluator, Instance
from derive.homework.document import read_document
from derive.props import Rel
from derive.prover import OutOfTime
from derive.refute.certain import holds
from derive.verdict import Outcome

NAMES = r"""Let $X \in \mathbb{R}^{N \times D}$, $w, v \in \mathbb{R}^{D}$, $y \in \mathbb{R}^{N}$,
$A, B \in \mathbb{R}^{D \times D}$, $z, a, b, c \in \mathbb{R}$, $\sigma(t) := \frac{1}{1+e^{-t}}$,
$f : \mathbb{R} \to \mathbb{R}$, $E : \mathbb{R}^D \to \mathbb{R}$."""

#: assumption, claim, verdicts that are right (p, r, u, e) and the code
CLAIMS = [
    (r"", r"\log z^2 = 2 \log z", "u D501"),
    (r"", r"\log z^2 = 3 \log z", "r"),
    (r"", r"\sqrt{z^2} = z", "r"),
    (r"", r"\sqrt{z^2} = |z|", "p"),
    (r"", r"\frac{z}{z} = 1", "u D501"),
    (r"", r"\frac{z^2}{z} = z", "u D501"),
    (r"", r"A^{-1} A = I", "u D501"),
    (r"$\det(A) \neq 0$", r"A^{-1} A = I", "p"),
    (r"", r"A B = B A", "r"),
    (r"", r"(AB)^{-1} = B^{-1} A^{-1}", "pu"),
    (r"", r"(AB)^{-1} = A^{-1} B^{-1}", "r"),
    (r"", r"(AB)^\top = A^\top B^\top", "r"),
    (r"", r"(AB)^\top = B^\top A^\top", "p"),
    (r"", r"\det(AB) = \det(A)\det(B)", "pu"),
    (r"", r"\det(A + B) = \det(A) + \det(B)", "r"),
    (r"", r"\operatorname{tr}(AB) = \operatorname{tr}(BA)", "p"),
    (r"", r"\operatorname{tr}(AB) = \operatorname{tr}(A)\operatorname{tr}(B)", "r"),
    (r"", r"w^\top A w = w^\top A^\top w", "p"),
    (r"", r"\nabla_w w^\top A w = 2 A w", "r"),
    (r"$A^\top = A$", r"\nabla_w w^\top A w = 2 A w", "p"),
    (r"", r"\|w\|^2 \geq 0", "p"),
    (r"", r"\|w\|^2 > 0", "r"),
    (r"", r"w^\top v \leq \|w\|^2 + \|v\|^2", "pu"),
    (r"", r"w^\top v \leq \|w\|^2", "r"),
    (r"", r"a^2 + b^2 \geq 2ab", "p"),
    (r"", r"a^2 + b^2 > 2ab", "r"),
    (r"", r"e^z \geq 1 + z", "pu"),
    (r"", r"e^z > 1 + z", "r"),
    (r"", r"\sigma(z) > 0", "p"),
    (r"", r"\sigma(z) < 1", "p"),
    (r"", r"\sigma(z) < \frac12", "r"),
    (r"", r"\sigma'(z) = \sigma(z)(1 - \sigma(z))", "p"),
    (r"", r"\sigma'(z) = \sigma(z)(1 + \sigma(z))", "r"),
    (r"", r"\sigma''(z) = \sigma(z)(1-\sigma(z))(1-2\sigma(z))", "p"),
    (r"", r"\sigma''(z) = \sigma(z)(1-\sigma(z))(1-\sigma(z))", "r"),
    (r"", r"\sigma(-z) = 1 - \sigma(z)", "p"),
    (r"", r"\sigma(-z) = \sigma(z)", "r"),
    (r"", r"\tanh z = 2\sigma(2z) - 1", "pu"),
    (r"", r"\tanh z = 2\sigma(z) - 1", "r"),
    (r"", r"\frac{\partial}{\partial z} f(z^2) = 2 z f'(z^2)", "p"),
    (r"", r"\frac{\partial}{\partial z} f(z^2) = f'(z^2)", "r"),
    (r"", r"f(a + b) = f(a) + f(b)", "r"),
    (r"", r"f(a) f(b) = f(b) f(a)", "p"),
    (r"", r"f'(z) = f(z)", "r"),
    (r"", r"\frac{\partial}{\partial w} E(Aw) = A^\top E(w)", "er"),
    (r"", r"\sum_{d} w_d = \sum_{d} v_d", "r"),
    (r"", r"\sum_{d=1}^{D} (w_d + v_d) = \sum_d w_d + \sum_d v_d", "p"),
    (r"", r"\sum_{d=1}^{D} w_d v_d = \sum_d w_d \sum_d v_d", "r"),
    (r"", r"\left(\sum_d w_d\right)^2 = \sum_d w_d^2", "r"),
    (r"", r"\sum_{d=1}^{D} 1 = D", "p"),
    (r"", r"\sum_{n=1}^{N} \frac{1}{N} = 1", "p"),
    (r"", r"\sum_{n=1}^{N} y_n = N y_n", "r"),
    (r"", r"\frac{1}{N}\|y\|^2 = \frac12 \|y\|^2", "r"),
    (r"", r"X^\top X = X X^\top", "e"),
    (r"", r"\|Xw\|^2 = w^\top X^\top X w", "p"),
    (r"", r"\|X w\|^2 = \|X\|_F^2 \|w\|^2", "r"),
    (r"", r"\|X w\|^2 \leq \|X\|_F^2 \|w\|^2", "pu"),
    (r"", r"w = v \iff v = w", "p"),
    (r"", r"w = v \iff w - v = 0", "p"),
    (r"", r"w = v \implies Aw = Av", "p"),
    (r"", r"Aw = Av \implies w = v", "r"),
    (r"$\det(A) \neq 0$", r"Aw = Av \implies w = v", "p"),
    (r"", r"Aw = Av \iff w = v", "r"),
    (r"", r"a = b \implies a^2 = b^2", "p"),
    (r"", r"a^2 = b^2 \implies a = b", "r"),
    (r"", r"a^2 = b^2 \iff a = b", "r"),
    (r"", r"a b = 0 \iff a = 0", "r"),
    (r"", r"a + c = b + c \iff a = b", "p"),
    (r"", r"a c = b c \iff a = b", "r"),
    (r"$c \neq 0$", r"a c = b c \iff a = b", "p"),
    (r"", r"a < b \implies a^2 < b^2", "r"),
    (r"", r"a < b \iff b > a", "p"),
    (r"", r"a < b \iff -a < -b", "r"),
    (r"$a > 0$, $b > 0$", r"\log(ab) = \log a + \log b", "p"),
    (r"", r"\log(ab) = \log a + \log b", "u D501"),
    (r"", r"\log(a + b) = \log a + \log b", "r"),
    (r"", r"\exp(a + b) = \exp(a) + \exp(b)", "r"),
    (r"", r"\exp(a + b) = \exp(a)\exp(b)", "p"),
    (r"", r"e^{\log a} = a", "u D501"),
    (r"", r"\log e^a = a", "p"),
    (r"", r"\arg\min_w \|Xw - y\|^2 = \arg\min_w \|Xw\|^2", "r"),
    (r"", r"\arg\min_w \|Xw - y\|^2 = \arg\max_w -\|Xw - y\|^2", "p"),
    (r"", r"\arg\min_w \|Xw - y\|^2 = \arg\max_w \|Xw - y\|^2", "r"),
    (r"", r"\arg\min_w \|Xw - y\|^2 = \arg\min_w \{\|Xw - y\|^2 + \|w\|^2\}", "r"),
    (r"", r"\arg\min_w \|Xw - y\|^2 = \arg\min_w \|Xw - y\|", "pu"),
    (r"", r"\arg\min_w \|w - v\|^2 = \arg\min_w \|w + v\|^2", "r"),
    (r"", r"\arg\min_w e^{\|w - v\|^2} = \arg\min_w \|w - v\|^2", "pu"),
    (r"", r"\arg\max_w e^{-\|w - v\|^2} = \arg\max_w e^{-2\|w-v\|^2}", "pu"),
    (r"", r"\arg\max_w e^{-\|w - v\|^2} = \arg\max_w e^{-\|w\|^2}", "r"),
    (r"", r"\arg\min_w a \|w - v\|^2 = \arg\min_w \|w-v\|^2", "r"),
    (r"$a > 0$", r"\arg\min_w a \|w - v\|^2 = \arg\min_w \|w-v\|^2", "p"),
    (r"", r"e^{-\|w - v\|^2} \propto_w e^{-\|w\|^2 + 2 w^\top v}", "p"),
    (r"", r"e^{-\|w - v\|^2} \propto_w e^{-\|w\|^2 + w^\top v}", "r"),
    (r"", r"a w^\top v \propto_w w^\top v", "r"),
    (r"$a > 0$", r"a w^\top v \propto_w w^\top v", "p"),
    (r"", r"\frac{\partial}{\partial A} \operatorname{tr}(A B) = B", "r"),
    (r"", r"\frac{\partial}{\partial A} \operatorname{tr}(A B) = B^\top", "p"),
    (r"", r"\frac{\partial}{\partial A} \log \det(A) = A^{-\top}", "pue"),
    (r"", r"\frac{\partial}{\partial A} \det(A) = \det(A) (A^{-1})^\top", "u D501"),
    (r"$\det(A) > 0$", r"\frac{\partial}{\partial A} \log\det(A) = A^{-1}", "r"),
    (r"", r"\frac{\partial \|w\|}{\partial w} = \frac{w}{\|w\|}", "pu"),
    (r"", r"\frac{\partial}{\partial z} |z| = 1", "r"),
    (r"", r"\max(a, b) = \frac{a + b + |a - b|}{2}", "pu"),
    (r"", r"\max(a, b) = a + b", "r"),
    (r"", r"\max(a, 0) \geq 0", "pu"),
    (r"", r"w_1 w_2 = w_2 w_1", "p"),
    (r"", r"w_1 = w_2", "r"),
    (r"$\sum_d w_d = 1$", r"\sum_d (w_d + v_d) = 1 + \sum_d v_d", "p"),
    (r"$\sum_d w_d = 1$", r"\sum_d w_d^2 = 1", "r"),
    (r"$\|w\|^2 = 1$", r"w^\top w = 1", "p"),
    (r"$\|w\|^2 = 1$", r"\sum_d w_d = 1", "r"),
    (r"$\|w\|^2 = 1$", r"\|2 w\|^2 = 4", "p"),
    (r"$A^\top A = I$", r"\|A w\|^2 = \|w\|^2", "p"),
    (r"$A^\top A = I$", r"A = I", "r"),
    (r"$A^\top A = I$", r"\det(A) = 1", "r"),
    (r"$A^2 = A$", r"A (I - A) = 0", "pu"),
    (r"$A^2 = A$", r"A = I", "r"),
    (r"$A w = c w$, $\|w\|^2 = 1$", r"w^\top A w = c", "pu"),
    (r"$A w = c w$, $\|w\|^2 = 1$", r"w^\top A w = 1", "r"),
    (r"$a > 1$, $b > 1$", r"a b > 1", "pu"),
    (r"$a > 1$, $b > 1$", r"a b > 2", "r"),
    (r"$a < b$, $b < c$", r"a < c", "pu"),
    (r"$a < b$, $b < c$", r"b < 0", "r"),
    (r"$a < b$, $b < c$, $c < a$", r"a = b", "e D502"),
    (r"$a^2 < 0$", r"a = 1", "e D502"),
    (r"$\|w\|^2 < 0$", r"w = v", "e D502"),
    (r"$a = 1$, $a = 2$", r"a = b", "e D502"),
    (r"$a + b = 1$, $a - b = 1$, $b = 1$", r"a = b", "e D502"),
    (r"$e^a = 0$", r"a = b", "e D502"),
    (r"$a^2 + b^2 = -1$", r"a = b", "e D502"),
    (r"$a^2 = 1$, $a = 2$", r"a = a", "e D502"),
    (r"", r"a^3 = b^3 \iff a = b", "p"),
    (r"", r"a^3 < b^3 \iff a < b", "p"),
    (r"", r"a^3 = b^3 \iff a = -b", "r"),
    # roots: by their squares
    (r"", r"w^\top v \leq \|w\| \|v\|", "p"),
    (r"", r"|w^\top v| \leq \|w\| \|v\|", "p"),
    (r"", r"\|w + v\| \leq \|w\| + \|v\|", "p"),
    (r"", r"\|w\| - \|v\| \leq \|w - v\|", "p"),
    (r"", r"\sqrt{a^2 + b^2} \leq |a| + |b|", "p"),
    (r"", r"\sqrt{a^2 + b^2} \leq a + b", "r"),
    (r"", r"\|w\| \leq \|w + v\|", "r"),
    (r"", r"\|w\| \|v\| \leq w^\top v", "r"),
    (r"", r"\|w + v\| \geq \|w\| + \|v\|", "r"),
    (r"$a > 0$, $b > 0$", r"\sqrt{ab} \leq \frac{a + b}{2}", "p"),
    (r"$a > 0$, $a < 1$", r"(1 - a) \left( \frac{1 - a}{a} \right)^{-1/2} = \sqrt{a (1 - a)}", "p"),
    # both sides multiplied by what need not be invertible
    (r"", r"Aw = cw \implies w^\top A w = c w^\top w", "p"),
    (r"", r"w^\top A w = c w^\top w \implies Aw = cw", "r"),
    (r"", r"Xw = y \implies X^\top X w = X^\top y", "p"),
    (r"", r"X^\top X w = X^\top y \implies Xw = y", "r"),
    (r"", r"A = B \implies v^\top A w = v^\top B w", "p"),
    (r"", r"v^\top A w = v^\top B w \implies A = B", "r"),
    (r"", r"w = v \implies A^{-1} w = A^{-1} v", "p"),
    (r"", r"a = b \implies \frac{1}{a} = \frac{1}{b}", "p"),
    (r"", r"a = 0 \iff ab = 0", "r"),
    (r"", r"a = 0 \implies ab = 0", "p"),
    # the whole claim is made for every value of its free indices, also of one that only one side has
    (r"", r"w = v \iff w_i = v_i", "r"),
    (r"", r"w_i = v_i \implies \|w\| = \|v\|", "r"),
    (r"", r"w = v \implies w_i = v_i", "p"),
    (r"", r"\|w\| = \|v\| \implies w_i = v_i", "r"),
    (r"", r"\sum_i w_i = 0 \iff w_i = 0", "r"),
    (r"", r"w_i v_j = 0 \implies w_i = 0", "r"),
    (r"", r"w_i = 0 \implies w_i v_i = 0", "p"),
    (r"", r"w_i v_i = 0 \implies w_i = 0", "r"),
    (r"", r"w_i v_i = 0 \iff w_i = 0", "r"),
    # one slope is a positive multiple of the other
    (r"", r"\arg\min_z (z - a)^4 = \arg\min_z (z - a)^2", "p"),
    (r"", r"\arg\min_z \{ e^z - z \} = \arg\min_z z^2", "u"),
    (r"", r"\arg\min_z (z^2 - 1)^2 = \arg\min_z z^2", "r"),
    (r"", r"\arg\min_z \{ z + \cos z \} = \arg\min_z z", "pu"),
    (r"", r"\arg\max_z (z - a)^4 = \arg\min_z (z - a)^2", "r"),
]  # fmt: skip


def verdict(assumption: str, claim: str) -> Outcome:
    text = f"{NAMES}\n\n" + (f"Assume {assumption}.\n\n" if assumption else "") + f"$$ {claim} $$\n"
    (step,) = read_document(text, "test.md").claims
    if step.prop is None:
        return Outcome("error", step.error.code if step.error else "")
    return check(step.context, step.prop, causes=False)


@pytest.mark.parametrize(("assumption", "claim", "right"), CLAIMS, ids=[f"{a} {c}" for a, c, _ in CLAIMS])
def test_verdict(assumption: str, claim: str, right: str) -> None:
    letters, _, code = right.partition(" ")
    found = verdict(assumption, claim)
    assert found.verdict[0] in letters
    assert not code or found.code == code


def test_the_missing_assumption_is_named() -> None:
    assert verdict("", r"A^{-1} A = I").missing == "det(A) ≠ 0"
    assert verdict("", r"\log z^2 = 2 \log z").missing == "z > 0"
    assert verdict("", r"\log(ab) = \log a + \log b").missing.count(">") == 2


REFUTED = [(a, c) for a, c, right in CLAIMS if right == "r"]


@pytest.mark.parametrize(("assumption", "claim"), REFUTED, ids=[f"{a} {c}" for a, c in REFUTED])
def test_the_instance_shown_satisfies_everything_and_separates_the_sides(assumption: str, claim: str) -> None:
    text = f"{NAMES}\n\n" + (f"Assume {assumption}.\n\n" if assumption else "") + f"$$ {claim} $$\n"
    (step,) = read_document(text, "test.md").claims
    assert step.prop is not None
    shown = check(step.context, step.prop, causes=False).counterexample
    assert shown is not None
    strict = isinstance(step.prop, Rel) and step.prop.op in ("<", ">")
    ratios = shown.note == "ratio" and shown.note_params["here"] != shown.note_params["there"]
    assert shown.lhs != shown.rhs or strict or ratios
    exact = all(isinstance(x, (int, Fraction)) for x in _flat(shown.values))
    if exact and not shown.functions:
        values = {name: Array.of(value) for name, value in shown.values.items()}
        point = Evaluator(step.context).at(Instance(dict(shown.sizes), values))
        assert all(holds(point, a.prop) for a in step.context.assumptions)


def _flat(value: object) -> list[object]:
    if isinstance(value, dict):
        return [x for v in value.values() for x in _flat(v)]
    if isinstance(value, list):
        return [x for v in value for x in _flat(v)]
    return [value]


def test_the_smallest_sizes_are_shown() -> None:
    assert verdict("", r"\frac{1}{N}\|y\|^2 = \frac12 \|y\|^2").counterexample.sizes["N"] == 1
    assert verdict("", "A B = B A").counterexample.sizes == {"D": 2}


@pytest.mark.parametrize(
    "claim",
    [
        r"\nabla_w \sum_{n=1}^N \log(1 + e^{(Xw)_n}) = -X^\top \sigma(Xw)",
        r"\nabla_w \left( \sum_{n=1}^N e^{(Xw)_n} - y^\top X w \right) = X^\top (Xw - y)",
        r"\frac{d}{dz} f(2 z) = f'(2 z)",
    ],
)
def test_both_sides_of_a_counterexample_are_exact_where_they_can_be(claim: str) -> None:
    found = verdict("", claim).counterexample
    assert found is not None
    assert all(isinstance(side, (int, Fraction)) for side in (found.lhs, found.rhs))


def test_an_unknown_function_is_shown_as_a_simple_one() -> None:
    found = verdict("", r"\frac{d}{dz} f(2 z) = f'(2 z)").counterexample
    assert found is not None
    assert found.functions == {"f": "x²"}


def test_a_factor_of_one_over_n_needs_a_size_that_is_not_two() -> None:
    assert verdict("", r"\frac{1}{N}\|y\|^2 = \frac12 \|y\|^2").verdict == "refuted"


def test_an_assumption_under_which_nothing_solves_either_equation_is_not_named() -> None:
    assert verdict("", r"\|w\|^2 = 0 \iff w_i = 0").missing == ""


CROSS_ENTROPY = r"Let $p, q \in (0, 1)$, $s \neq 0$, $r \in \{-1, 1\}$."


@pytest.mark.parametrize(
    ("claim", "right"),
    [
        (r"\arg\min_q \{ -p \log q - (1 - p) \log(1 - q) \} = \arg\min_q (q - p)^2", "p"),
        (r"\arg\max_q \{ p \log q + (1 - p) \log(1 - q) \} = \arg\min_q (q - p)^2", "p"),
        (r"\arg\min_q \{ -p \log q - (1 - p) \log(1 - q) \} = \arg\min_q (q + p)^2", "r"),
        (r"\arg\min_q \{ p \log q + (1 - p) \log(1 - q) \} = \arg\min_q (q - p)^2", "r"),
        # not an interval: 1/s falls on both sides of the gap, and so does -s
        (r"\arg\min_s \frac{1}{s} = \arg\min_s -s", "ru"),
        (r"\arg\min_r \{ r^3 - 2r \} = \arg\min_r r", "ru"),
    ],
)
def test_slopes_decide_between_problems_over_an_interval_only(claim: str, right: str) -> None:
    (step,) = read_document(f"{CROSS_ENTROPY}\n\n$$ {claim} $$\n", "test.md").claims
    assert check(step.context, step.prop, causes=False).verdict[0] in right


def test_nothing_is_proved_where_no_values_satisfy_the_assumptions() -> None:
    d = Derivation("empty")
    z = d.scalar("z")
    with d.assuming(eq(exp(z) + z**2, -1)):
        found = check(d.context, eq(z, z))
        assert found.verdict in ("unknown", "error")
    with d.assuming(lt(z, 0), gt(z, 0)):
        assert check(d.context, eq(z, z)).code == "D502"


def test_a_matrix_that_is_not_semidefinite_is_shown_a_direction() -> None:
    d = Derivation("form")
    D = d.size("D")
    A = d.matrix("A", D, D)
    found = check(d.context, psd(A @ A))
    assert found.verdict == "refuted"
    assert found.counterexample.note == "direction" and found.counterexample.lhs < 0
    assert check(d.context, psd(A.T @ A)).verdict == "proved"


def test_a_solution_of_one_problem_only_is_shown() -> None:
    d = Derivation("ridge")
    N, D = d.sizes("N D")
    X, w, y = d.matrix("X", N, D), d.vector("w", D), d.vector("y", N)
    found = check(d.context, same(argmin(w, norm2(X @ w - y)), argmin(w, norm2(X @ w - y) + norm2(w))))
    assert found.verdict == "refuted" and found.counterexample.note.startswith("solution_")


def test_one_hot_targets_are_found() -> None:
    d = Derivation("one-hot")
    K, N = d.sizes("K N")
    from derive.context import Domain

    T = d.matrix("T", K, N, Domain(values=(Fraction(0), Fraction(1))))
    k, n = d.index("k", K), d.index("n", N)
    with d.assuming(eq(sum_(k, T[k, n]), 1)):
        assert check(d.context, eq(sum_(k, T[k, n] ** 2), 1)).verdict == "proved"
        assert check(d.context, eq(sum_(n, T[k, n]), 1)).verdict == "refuted"


LOGISTIC = r"""Let $X \in \mathbb{R}^{N \times D}$, $w \in \mathbb{R}^{D}$, $\lambda > 0$, $\tau > 0$,
$d_n \in \{0, 1\}$, $y \in \mathbb{R}^{N}$, $\sigma(t) := \frac{1}{1 + e^{-t}}$, $s := \sigma(Xw)$,
$L(w) := -\sum_{n=1}^N [d_n \log s_n + (1 - d_n) \log(1 - s_n)]$."""


@pytest.mark.parametrize(
    "claim",
    [
        r"\arg\min_w L(w) = \arg\min_w \{ L(w) + \lambda \|w\|^2 \}",
        r"\arg\min_w \{ L(w) + \lambda \|w\|^2 \} = \arg\min_w \{ L(w) + \tau \|w\|^2 \}",
        r"\arg\min_w \{ L(w) + \lambda \|w\|^2 \} = \arg\max_w \{ -L(w) + \lambda \|w\|^2 \}",
        r"\arg\min_w \{ \sum_{n=1}^N (e^{(Xw)_n} - y_n (Xw)_n) + \|w\|^2 \} = \arg\min_w \|Xw - y\|^2",
    ],
)
def test_convex_problems_with_other_solutions_are_refuted(claim: str) -> None:
    (step,) = read_document(f"{LOGISTIC}\n\n$$ {claim} $$\n", "test.md").claims
    assert check(step.context, step.prop, time_limit=60, causes=False).code == "D205"


@pytest.mark.parametrize("error", [OutOfTime, RecursionError, MemoryError])
def test_a_refutation_stays_where_its_cause_cannot_be_found(
    monkeypatch: pytest.MonkeyPatch, error: type[Exception]
) -> None:
    def lost(*_: object) -> None:
        raise error

    monkeypatch.setattr("derive.checker.likely_cause", lost)
    (step,) = check_document(f"{NAMES}\n\n$$ z = 2 z $$\n").steps
    assert (step.verdict, step.likely_cause) == ("refuted", None)


def test_an_instance_that_is_certain_stays_where_a_simpler_one_is_not() -> None:
    """At a = b = 1 the difference s − t is 0, which intervals do not show."""
    text = r"""Let $a, b, v \in \mathbb{R}$, $\sigma(z) := \frac{1}{1 + \exp(-z)}$,
$s := v \tanh(a)$, $t := v \tanh(b)$, $L := -\log(\sigma(s - t))$.

$$ \frac{\partial L}{\partial t} = 2 - \sigma(s - t) $$
"""
    (step,) = read_document(text, "test.md").claims
    assert step.prop is not None
    assert check(step.context, step.prop, causes=False).verdict == "refuted"
