"""What two assumed equations say together, and one with the same vector before it."""

from __future__ import annotations

import pytest

from derive.blackboard import Derivation, eq, ne, sum_
from derive.context import Assumption
from derive.notation import unicode
from derive.props import Prop
from derive.prover import ProofError, prove


def _assume(d: Derivation, prop: Prop) -> None:
    d.context.assume(Assumption(prop, unicode(prop)))


def _eigenvectors(symmetric: bool) -> tuple[Derivation, Prop]:
    d = Derivation("eigenvectors")
    D = d.size("D")
    S, u, v = d.matrix("S", D, D), d.vector("u", D), d.vector("v", D)
    a, b = d.scalar("a"), d.scalar("b")
    _assume(d, eq(S @ u, a * u))
    if symmetric:
        _assume(d, eq(S.T, S))
    _assume(d, eq(S @ v, b * v))
    return d, eq((a - b) * (u.T @ v), 0)


def test_eigenvectors_of_a_symmetric_matrix() -> None:
    d, claim = _eigenvectors(symmetric=True)
    theorem = prove(d.context, claim)
    assert len(theorem.uses) == 3


def test_eigenvectors_of_any_matrix_need_not_be_orthogonal() -> None:
    d, claim = _eigenvectors(symmetric=False)
    with pytest.raises(ProofError):
        prove(d.context, claim)


def test_an_equation_is_divided_by_what_is_not_zero() -> None:
    d = Derivation("two numbers")
    a, b, c = d.scalar("a"), d.scalar("b"), d.scalar("c")
    _assume(d, eq((a - b) * c, 0))
    with pytest.raises(ProofError):
        prove(d.context, eq(c, 0))
    _assume(d, ne(a, b))
    assert len(prove(d.context, eq(c, 0)).uses) == 2


def test_the_entries_of_an_equation_are_added() -> None:
    d = Derivation("a multiplier")
    N, K = d.sizes("N K")
    n, k = d.index("n", N), d.index("k", K)
    g, p, m = d.matrix("g", N, K), d.vector("p", K), d.scalar("m")
    _assume(d, eq(sum_(k, g[n, k]), 1))
    _assume(d, eq(sum_(n, g[n, k]), m * p[k]))
    with pytest.raises(ProofError):
        prove(d.context, eq(m, 1))
    _assume(d, eq(sum_(k, p[k]), 1))
    prove(d.context, eq(m, sum_(n, 1)))
