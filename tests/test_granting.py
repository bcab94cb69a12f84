"""An equation is proved where its sides are defined, and what that says of their parts may be used."""

from typing import Any

import pytest

from derive import direct
from derive.blackboard import Derivation, eq, exp, log, sum_
from derive.context import POSITIVE, Assumption
from derive.kernel import Scene, Theorem
from derive.props import Rel
from derive.prover import ProofError, prove
from derive.terms import ZERO


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


def test_scenes_of_one_context_keep_their_records_apart() -> None:
    d = Derivation("records")
    s = d.scalar("s", POSITIVE)
    one, two = Scene(d.context), Scene(d.context)
    assert one.n.signs.positive(one.read((s, ()))[0][0])
    assert one.n.facts.used == {"s > 0"}
    assert two.n.facts.used == set()


def test_an_assumption_made_later_is_in_force_in_the_next_scene() -> None:
    d = Derivation("later")
    s = d.scalar("s")
    assert not Scene(d.context).n.signs.positive(Scene(d.context).read((s, ()))[0][0])
    d.context.assume(Assumption(Rel(">", s, ZERO), "s > 0"))
    later = Scene(d.context)
    assert later.n.signs.positive(later.read((s, ()))[0][0])


def test_a_proof_is_kept_where_no_time_is_left_to_drop_hypotheses(monkeypatch: pytest.MonkeyPatch) -> None:
    d = Derivation("late")
    z = d.scalar("z", POSITIVE)
    attempts = iter([direct.attempt])

    def once(*given: Any) -> Theorem:
        try:
            return next(attempts)(*given)
        except StopIteration:
            raise direct.OutOfTime from None

    monkeypatch.setattr(direct, "attempt", once)
    assert direct.prove_directly(d.context, eq(log(z**2), 2 * log(z))).uses == ("z > 0",)
