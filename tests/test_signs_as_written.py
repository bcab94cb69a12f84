"""Signs that a term shows as it is written: proofs that need them, and where they must not be believed."""

from __future__ import annotations

import pytest

from derive.algebra.surely import Signs
from derive.blackboard import Derivation, diff, exp, log, norm2, sqrt, sum_
from derive.context import POSITIVE, REAL, Context, Declaration, Definition
from derive.props import Rel
from derive.prover import ProofError, prove
from derive.terms import Call, Diag, Fn, Index, Size, Term, Var

N, D = Size.named("N"), Size.named("D")
b, c, u, z = Var("b"), Var("c"), Var("u"), Var("z#")
w, y = Var("w", (D,)), Var("y", (N,))
X = Var("X", (N, D))


def context(*definitions: Definition) -> Context:
    made = Context()
    for declaration in (
        Declaration("b"), Declaration("c", (), POSITIVE), Declaration("w", (D,)), Declaration("y", (N,)),
        Declaration("X", (N, D)),
    ):  # fmt: skip
        made.declare(declaration)
    for definition in definitions:
        made.define(definition)
    return made


def zero(t: Term) -> Rel:
    """0 · t = 0 holds only where t is always defined."""
    return Rel("=", 0 * t, 0 * b)


n, k = Index("n", N), Index("k", D)


@pytest.mark.parametrize(
    "t",
    [
        1 / (c + norm2(X @ w - y)),
        log(1 + Fn("sin", (b,)) ** 2),
        sqrt(1 + (b - c) ** 2),
        1 / (c + sum_(n, (y[n] - b) ** 2 * exp(b))),
        (c + b**2) ** b,
        log(c * exp(b - 1) + Fn("abs", (b,))),
        log((exp(X) @ Diag(exp(w)))[n, 1]),
        log((Diag(exp(y)) @ exp(X) @ exp(w))[n]),
    ],
)
def test_what_is_plainly_positive_needs_no_condition(t: Term) -> None:
    prove(context(), zero(t))


@pytest.mark.parametrize(
    "t",
    [1 / norm2(w), log(b**2), 1 / (c - norm2(w)), sqrt(b), log(c + b), 1 / (b**2 - c), log(Fn("abs", (b,))),
     log((Diag(exp(w)) @ Diag(exp(w)))[k, 1]), log((exp(X) @ Diag(w))[n, 1])],
)
def test_what_may_be_zero_or_negative_is_not_always_defined(t: Term) -> None:
    with pytest.raises(ProofError):
        prove(context(), zero(t))


def test_a_parameter_does_not_have_the_domain_of_the_name_it_borrows() -> None:
    f = Definition("f", sqrt(c), (c,))  # c > 0 is declared, but the argument is −c
    for gamma, t in (
        (context(f), Call("f", (-c,))),
        (context(f, Definition("u", Call("f", (-c,)))), diff(u, c)),
        (context(f, Definition("u", Call("f", (b,)))), diff(u, b)),
    ):
        with pytest.raises(ProofError):
            prove(gamma, zero(t))


def test_an_entrywise_function_does_not_have_the_domain_of_a_name() -> None:
    f = Definition("f", log(c), (c,))
    with pytest.raises(ProofError):
        prove(context(f, Definition("u", sum_(n, Call("f", (y,), (N,))[n]))), zero(u))


def test_the_declared_domain_holds_while_a_name_is_differentiated_by() -> None:
    gamma = context(Definition("u", log(c) * b))
    theorem = prove(gamma, Rel("=", diff(u, c), b / c))
    assert theorem.uses  # c > 0


def test_a_dropped_hypothesis_is_not_used() -> None:
    from derive import kernel
    from derive.kernel import NotProved, Scene

    gamma = context()
    claim = zero(log(c))
    (label,) = prove(gamma, claim).uses
    with pytest.raises(NotProved):
        kernel.equality(Scene(gamma, frozenset({label})), claim)


def test_a_definition_is_read_once_however_often_it_occurs() -> None:
    d = Derivation("tower")
    z = d.scalar("z")
    for k in range(30):
        z = d.define(f"u{k}", z * z * exp(z) + z)
    assert Signs(d.context, lambda name: REAL).sign(exp(z) + z**2) == ">"
    assert Signs(d.context, lambda name: REAL).sign(z) == ""
