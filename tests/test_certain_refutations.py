"""A refutation is certain: where rounding may hide the truth, nothing is called false."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import mpmath
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from derive.blackboard import (
    Derivation,
    argmin,
    eq,
    exp,
    eye,
    ge,
    gt,
    iff,
    implies,
    log,
    norm2,
    proportional,
    same,
    sqrt,
    tanh,
)  # fmt: skip
from derive.checker import check
from derive.context import POSITIVE
from derive.evaluate import UNDEFINED, ResourceLimit
from derive.evaluate.intervals import DIGITS, around, intervals, lifted
from derive.evaluate.numbers import Dual, Number
from derive.props import And, Prop, SemiDefinite
from derive.refute import Search
from derive.terms import Fn, Term, term

Claim = Callable[[Term, Term], Prop]
FAR = 300

#: true claims about small numbers that a sum with a large one swallows, at any number of digits that is usual
TRUE: dict[str, Claim] = {
    "a small summand comes back": lambda x, y: eq((1 + exp(-2 * FAR * x**2) - 1) * exp(2 * FAR * x**2), 1),
    "the log of almost 1": lambda x, y: gt(log(1 + exp(-FAR - x**2)) * exp(FAR + x**2), Fraction(1, 2)),
    "the complement of a probability": lambda x, y: eq(log(1 - 1 / (1 + exp(-FAR - x**2))),
                                                       -FAR - x**2 - log(1 + exp(-FAR - x**2))),
    "a hyperbola near its asymptote": lambda x, y: ge(
        (Fn("cosh", (FAR + x**2,)) - Fn("sinh", (FAR + x**2,))) * exp(FAR + x**2), Fraction(1, 2)
    ),
    "what does not hold implies anything": lambda x, y: implies(eq(1 + exp(-FAR - x**2), 1), eq(term(1), 2)),
    "neither holds": lambda x, y: iff(eq(x + exp(term(-FAR)), x), eq(x, x + 1)),
    "a saturated tanh": lambda x, y: gt((1 - tanh(FAR + x**2)) * exp(2 * FAR + 2 * x**2), 1),
    "nothing solves an equation that is nearly solved": lambda x, y: implies(
        eq(x**2 - 2 * x * y + y**2 + Fraction(1, 10**120), 0), eq(x, 2)
    ),
    "a small summand in both directions": lambda x, y: iff(eq(x, x + Fraction(1, 10**200)), eq(x, x + 1)),
    "no tanh is 1": lambda x, y: implies(eq(tanh(x), 1), eq(y, 1)),
    "no root of a sum of squares": lambda x, y: implies(eq(sqrt(1 + x**2), x), eq(y, 1)),
    "two equations that are nearly one": lambda x, y: implies(
        And((eq(x**2, 2), eq(x**2 + y - y, 2 + Fraction(1, 10**90)))), eq(y, 2)
    ),
    "proportional far out": lambda x, y: proportional(
        (1 + exp(-2 * FAR + x) - 1) * exp(y), exp(x - 2 * FAR), x
    ),
    "one minimum, far out": lambda x, y: same(
        argmin(x, (x - 1) ** 2), argmin(x, (x - 1) ** 2 * exp(term(FAR)) + exp(term(4 * FAR)))
    ),
    "one irrational minimum, at any scale": lambda x, y: same(
        argmin(x, (x - sqrt(term(2))) ** 2), argmin(x, (x - sqrt(term(2))) ** 2 * exp(term(4 * FAR)))
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", TRUE)
def test_a_true_claim_is_not_refuted_where_digits_are_lost(name: str) -> None:
    d = Derivation(name)
    x, y = d.scalar("x"), d.scalar("y")
    outcome = check(d.context, TRUE[name](x, y), minimise=False)
    assert outcome.verdict in ("proved", "unknown"), outcome


FALSE: dict[str, Claim] = {
    "the wrong sign far out": lambda x, y: gt(log(1 + exp(-FAR - x**2)) * exp(FAR + x**2), 1),
    "the wrong factor": lambda x, y: eq((1 + exp(-2 * FAR * x**2) - 1) * exp(2 * FAR * x**2), 2),
    "the wrong exponent": lambda x, y: eq(exp(x) * exp(y), exp(x - y)),
    "a root forgets the sign": lambda x, y: eq(sqrt(x**2), x),
    "a root of a root": lambda x, y: ge(sqrt(1 + x**2), 1 + x**2),
    "only one direction": lambda x, y: implies(eq(exp(x**2), exp(y**2)), eq(x, y)),
    "an irrational solution": lambda x, y: implies(eq(exp(x) + x, 2), eq(x, 1)),
    "two equations": lambda x, y: implies(And((eq(exp(x), 2), eq(y, x + x**2))), eq(y, 1)),
    "one equation twice": lambda x, y: implies(And((eq(exp(x), 2), eq(exp(x + y), 2 * exp(y)))), eq(x, 1)),
    "an identity": lambda x, y: implies(eq(exp(x) * exp(-x + 1), exp(term(1))), eq(x, y)),
    "another factor": lambda x, y: proportional(exp(x + y), exp(2 * x), x),
    "another minimum": lambda x, y: same(argmin(x, (x - 1) ** 2), argmin(x, (x - 1) ** 2 + Fn("cos", (term(1),)) * x)),
}


@pytest.mark.parametrize("name", FALSE)
def test_a_false_claim_is_still_refuted(name: str) -> None:
    d = Derivation(name)
    x, y = d.scalar("x"), d.scalar("y")
    assert check(d.context, FALSE[name](x, y), minimise=False, causes=False).verdict == "refuted"


def test_an_assumption_holds_for_certain_where_something_is_refuted() -> None:
    d = Derivation("assumption")
    a = d.scalar("a")
    with d.assuming(eq(a + exp(term(-FAR)), a)):
        assert Search(d.context, eq(a, a + 1)).thorough().counterexample is None
    with d.assuming(eq(a**2, 2)):  # a root that is found in rounded numbers
        assert Search(d.context, eq(a**4, 5)).thorough().counterexample is not None
        swallowed = (1 + exp(-FAR * a**2) - 1) * exp(FAR * a**2)
        assert Search(d.context, eq(swallowed, 1)).thorough().counterexample is None


def test_equations_that_say_one_thing_twice_have_a_solution() -> None:
    d = Derivation("orthogonal columns")
    X, a = d.matrix("X", d.size("N"), D := d.size("D")), d.scalar("a", POSITIVE)
    with d.assuming(eq(X.T @ X, a * eye(D))):  # the entries (i, j) and (j, i); often a has no root
        assert Search(d.context, eq(norm2(X), a)).thorough().counterexample is not None


def test_equations_are_solved_by_more_than_what_is_0() -> None:
    d = Derivation("eigenvectors")
    D = d.size("D")
    S, u, v, a, b = d.matrix("S", D, D), d.vector("u", D), d.vector("v", D), d.scalar("a"), d.scalar("b")
    with d.assuming(eq(S @ u, a * u)), d.assuming(eq(S @ v, b * v)):  # S need not be symmetric
        assert Search(d.context, eq((a - b) * (u.T @ v), 0)).thorough().counterexample is not None


def test_every_kind_of_claim_is_refuted_in_rounded_numbers() -> None:
    d = Derivation("rounded")
    a, x, w = d.scalar("a"), d.scalar("x"), d.vector("w", d.size("D"))
    claims: list[Prop] = [
        eq(a, 2), gt(1, a**2), implies(eq(a, x), eq(a, 2 * x)), iff(gt(x, 0), gt(x * a, 1)),
        proportional(exp(a * x), exp(x), x), SemiDefinite(a * w @ w.T - exp(term(3)) * w @ w.T),
        same(argmin(x, (x - a) ** 2), argmin(x, x**2)),
    ]  # fmt: skip
    with d.assuming(eq(a**2, 2)):
        for claim in claims:
            assert Search(d.context, claim).thorough().counterexample is not None, claim


# -- intervals ------------------------------------------------------------------------------------------

exact = st.fractions(-20, 20, max_denominator=50)
finer = mpmath.MPContext()
finer.dps = 2 * DIGITS


def holds(number: Number, value: Any) -> bool:
    x, made = lifted(number), finer.mpf(value)
    return bool(x.low <= made <= x.high and x.high - x.low <= abs(made) * 1e-500 + finer.mpf(10) ** -500)


def real(x: Fraction) -> Any:
    return finer.mpf(x.numerator) / x.denominator


@settings(max_examples=60, deadline=None)
@given(exact, exact)
def test_an_interval_holds_the_value(x: Fraction, y: Fraction) -> None:
    n = intervals()
    a, b, p, q = lifted(x), lifted(y), real(x), real(y)
    assert holds(a + b, p + q) and holds(a - b, p - q) and holds(a * b, p * q)
    assert holds(a**3, p**3) and holds(a**2, p**2)
    for name in ("exp", "tanh", "sinh", "cosh", "sin", "cos"):
        assert holds(getattr(n, name)(a), getattr(finer, name)(p)), name
    if x > 0:
        assert holds(n.log(a), finer.log(p)) and holds(n.sqrt(a), finer.sqrt(p))
    if x:
        assert holds(n.reciprocal(a), 1 / p)
    assert holds(n.max(a, y), max(p, q)) and holds(n.abs(a), abs(p))


def test_a_question_that_an_interval_leaves_open_is_not_answered() -> None:
    n = intervals()
    wide = around(0, 50)
    kink = Dual(1, wide, {0: 1})
    questions: list[Callable[[], object]] = [
        lambda: bool(wide), lambda: wide > 0, lambda: wide <= 0, lambda: n.log(wide), lambda: n.reciprocal(wide),
        lambda: n.sqrt(wide), lambda: n.abs(kink),
    ]  # fmt: skip
    for ask in questions:
        with pytest.raises(ResourceLimit):
            ask()
    assert n.log(around(-1, 50)) is UNDEFINED and wide < 1 and wide >= -1
