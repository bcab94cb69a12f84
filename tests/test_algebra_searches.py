"""What ends a search early must be right: factors, probes and constants."""

from fractions import Fraction
from math import prod

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from derive import check_document
from derive.algebra.atoms import Poly, number, total, var
from derive.algebra.factors import _linear, factor
from derive.algebra.normal import Normalizer
from derive.algebra.probe import different, signs
from derive.terms import Index, Size

N = Normalizer()
NAMES = ("x", "y", "z")
K = Index("k", Size.named("K"))


def polynomials(most: int = 4) -> st.SearchStrategy[Poly]:
    exponents = st.tuples(*(st.integers(0, 2) for _ in NAMES))
    terms = st.lists(st.tuples(exponents, st.integers(-3, 3)), min_size=1, max_size=most)

    def build(found: list[tuple[tuple[int, ...], int]]) -> Poly:
        return total(
            N.mul(*(N.power(var(n), e) for n, e in zip(NAMES, powers, strict=True))).scale(c) for powers, c in found
        )

    return terms.map(build)


@settings(max_examples=60, deadline=None)
@given(polynomials(), polynomials(2))
def test_factors_multiply_to_the_polynomial(p: Poly, q: Poly) -> None:
    whole = N.mul(p, q)
    if whole:
        assert N.mul(*(N.power(part, e) for part, e in factor(whole))) == whole


@settings(max_examples=60, deadline=None)
@given(polynomials())
def test_what_is_called_linear_has_one_factor_over_the_rationals(p: Poly) -> None:
    from sympy import Symbol, factor_list

    if p and _linear(p):
        symbols = {n: Symbol(n) for n in NAMES}
        made = sum(
            Fraction(c) * prod(symbols[a.name] ** int(e) for a, e in m) for m, c in p.terms.items()
        )
        _, parts = factor_list(made)
        assert [e for _, e in parts] == [1]


@settings(max_examples=40, deadline=None)
@given(polynomials(), polynomials())
def test_a_probe_never_tells_equal_forms_apart(p: Poly, q: Poly) -> None:
    k = {K: Index("j", K.size)}
    body = N.mul(p, var("a", (K,)))
    left = N.mul(N.sum_over(K, body), q)
    right = N.sum_over(Index("j", K.size), N.mul(q, N.rename(body, k)))
    assert not different(N, left - right)
    assert different(N, left - right + number(1))


@settings(max_examples=40, deadline=None)
@given(polynomials())
def test_a_square_takes_no_negative_sign(p: Poly) -> None:
    assert -1 not in signs(N, N.mul(p, p))


CONSTANTS = [
    ("a sign is not constant", r"$w \neq 0$ $$ |w| \propto_w w $$", "ru"),
    ("a sign times a sign is", r"$w \neq 0$ $$ |w| \propto_w \sqrt{w^2} $$", "p"),
    ("a factor may be a function of other names", r"$w, v \in \mathbb{R}$ $$ e^{w + v^2} \propto_w e^w $$", "p"),
    ("but not of this one", r"$w, v \in \mathbb{R}$ $$ e^{w + v w} \propto_w e^w $$", "ru"),
    ("a negative factor is none", r"$w \in \mathbb{R}$ $$ -e^w \propto_w e^w $$", "ru"),
    ("objectives that differ by a jump", r"$w \neq 0$ $$ \arg\min_w w^2 = \arg\min_w w^2 + \frac{|w|}{w} $$", "ru"),
]


@pytest.mark.parametrize("_says, text, letters", CONSTANTS, ids=[c[0] for c in CONSTANTS])
def test_what_is_free_of_a_variable(_says: str, text: str, letters: str) -> None:
    (step,) = check_document(text + "\n").steps
    assert step.verdict[0] in letters


MEMBERS = [
    ("a member", r"$a_i \ge 0$ $$ \sum_{i=1}^n a_i \ge a_j $$", "p"),
    ("twice a member", r"$a_i \ge 0$ $$ \sum_{i=1}^n a_i \ge 2 a_j $$", "ru"),
    ("two members", r"$a_i \ge 0$ $$ \sum_{i=1}^n a_i \ge a_j + a_k $$", "ru"),
    ("a member of a sum that may be negative", r"$a \in \mathbb{R}^n$ $$ \sum_{i=1}^n a_i \ge a_j $$", "ru"),
    ("a multiple of the sum", r"$a_i \ge 0$ $$ 3 \sum_{i=1}^n a_i \ge 2 a_j $$", "p"),
    ("a part of the sum", r"$a_i \ge 0$ $$ \frac12 \sum_{i=1}^n a_i \ge a_j $$", "ru"),
    ("strictly", r"$a_i \ge 0$ $$ \sum_{i=1}^n a_i > a_j $$", "ru"),
    ("another axis", r"$X \in \mathbb{R}^{n \times m}$ $$ \sum_{i=1}^n X_{ij}^2 \ge X_{ik}^2 $$", "ru"),
    ("the exponentials of two logs", r"$x \in \mathbb{R}^n$ $$ \log \sum_{i=1}^n e^{x_i} \ge x_j $$", "p"),
]


@pytest.mark.parametrize("_says, text, letters", MEMBERS, ids=[c[0] for c in MEMBERS])
def test_a_sum_is_at_least_its_members_where_none_is_negative(_says: str, text: str, letters: str) -> None:
    (step,) = check_document(text + "\n").steps
    assert step.verdict[0] in letters
