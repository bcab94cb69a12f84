"""An equation is proved where its sides are defined, and what that says of their parts may be used."""

import pytest

from derive.blackboard import Derivation, eq, exp, log, sum_
from derive.prover import ProofError, prove


def test_the_log_of_an_inverse_needs_no_assumption() -> None:
    d = Derivation("inverse")
    z = d.scalar("z")
    assert prove(d.context, eq(log(1 / z), -log(z))).uses == ()


def test_the_log_of_a_square_is_not_twice_the_log() -> None:
    d = Derivation("square")
    z = d.scalar("z")
    with pytest.raises(ProofError):
        prove(d.context, eq(log(z**2), 2 * log(z)))


def test_a_weighted_log_sum_exp_is_shifted_without_assumption_on_the_weights() -> None:
    d = Derivation("shift")
    K = d.size("K")
    a, u, m, j = d.vector("a", K), d.vector("u", K), d.scalar("m"), d.index("j", K)
    shifted = m + log(sum_(j, a[j] * exp(u[j] - m)))
    assert prove(d.context, eq(log(sum_(j, a[j] * exp(u[j]))), shifted)).uses == ()
    with pytest.raises(ProofError):
        prove(d.context, eq(log(sum_(j, a[j] * exp(u[j]))), shifted + m))
