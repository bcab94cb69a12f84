"""What is remembered of one proof never changes another: an index name may have another range there."""

from __future__ import annotations

import pytest

from derive.algebra.atoms import ONE, Poly, var
from derive.algebra.factors import factor
from derive.blackboard import eq, sum_
from derive.context import POSITIVE, Context, Declaration
from derive.prover import ProofError, prove
from derive.terms import Index, Size, Term, term


def context(size: Size) -> tuple[Context, Term, Term]:
    made = Context()
    c = made.declare(Declaration("c", (), POSITIVE))
    x = made.declare(Declaration("x", (size,)))
    return made, c, x


def test_factors_keep_the_range_of_their_indices() -> None:
    for size in ("N", "D"):
        ((part, _),) = factor(_square(var("x", (Index("i", Size.named(size)),))))
        assert {i.size for i in part.free} == {Size.named(size)}


def _square(x: Poly) -> Poly:
    ((m, _),) = x.terms.items()
    ((a, _),) = m
    return Poly({((a, 2),): 1}) + ONE


@pytest.mark.parametrize("size", ["N", "D"])
def test_a_sum_over_another_range_is_not_taken_out(size: str) -> None:
    for name in ("N", "D"):
        gamma, c, x = context(Size.named(name))
        i = Index("i", Size.named(name))
        prove(gamma, eq((c + x[i] ** 2) ** -1, 1 / (c + x[i] ** 2)))
    gamma, c, x = context(Size.named(size))
    i = Index("i", Size.named(size))
    total = sum_(i, 1 / (c + x[i] ** 2))
    prove(gamma, eq(total, sum_(i, (c + x[i] ** 2) ** -1)))
    with pytest.raises(ProofError):
        prove(gamma, eq(total, size_of(size) / (c + x[1] ** 2)))


def size_of(name: str) -> Term:
    return term(Size.named(name))
