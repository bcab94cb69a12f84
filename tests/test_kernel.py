"""What is false, or true only under a missing assumption, is not proved."""

from collections.abc import Callable

import pytest

from derive.blackboard import (
    Derivation,
    delta,
    det,
    diff,
    eq,
    exp,
    gt,
    hessian,
    iff,
    inv,
    log,
    lt,
    ne,
    norm2,
    sqrt,
    sum_,
)  # fmt: skip
from derive.kernel import Theorem
from derive.props import Prop
from derive.prover import ProofError, prove


def least_squares() -> tuple[Derivation, dict[str, Prop]]:
    d = Derivation("least-squares")
    N, D = d.sizes("N D")
    X, w, y = d.matrix("X", N, D), d.vector("w", D), d.vector("y", N)
    L = d.define("L", norm2(X @ w - y) / 2)
    g = diff(L, w)
    return d, {
        "true": eq(g, X.T @ (X @ w - y)),
        "hessian": eq(hessian(L, w), X.T @ X),
        "sign": eq(g, X.T @ (y - X @ w)),
        "factor": eq(g, 2 * (X.T @ (X @ w - y))),
        "mean": eq(g, X.T @ (X @ w - y) / N),
        "dropped term": eq(g, X.T @ X @ w),
        "normal equations": iff(eq(g, 0), eq(X.T @ X @ w, X.T @ y)),
        "singular": iff(eq(g, 0), eq(w, inv(X.T @ X) @ X.T @ y)),
        "zero factor": iff(eq(g, 0), eq(0 * (X.T @ X @ w), 0 * (X.T @ y))),
    }


@pytest.mark.parametrize("name", ["true", "hessian", "normal equations"])
def test_true_claims_of_least_squares_are_proved(name: str) -> None:
    d, claims = least_squares()
    assert isinstance(prove(d.context, claims[name]), Theorem)


@pytest.mark.parametrize("name", ["sign", "factor", "mean", "dropped term", "singular", "zero factor"])
def test_false_claims_of_least_squares_are_not_proved(name: str) -> None:
    d, claims = least_squares()
    with pytest.raises(ProofError):
        prove(d.context, claims[name])


def test_a_forgotten_inverse_names_the_missing_condition() -> None:
    d, claims = least_squares()
    with pytest.raises(ProofError) as caught:
        prove(d.context, claims["singular"])
    assert [c.relation for c in caught.value.missing] == ["≠"]


def test_the_closed_form_uses_its_assumption() -> None:
    d = Derivation("closed form")
    N, D = d.sizes("N D")
    X, w, y = d.matrix("X", N, D), d.vector("w", D), d.vector("y", N)
    with d.assuming(ne(det(X.T @ X), 0), text="det ≠ 0"):
        d.claim("c", iff(eq(X.T @ X @ w, X.T @ y), eq(w, inv(X.T @ X) @ X.T @ y)))
    assert prove(d.steps[0].context, d.steps[0].prop).uses == ("det ≠ 0",)


SCALARS: dict[str, Callable[[Derivation], Prop]] = {
    "log of a square": lambda d: eq(log(d.scalar("z") ** 2), 2 * log(d.context.declarations["z"].var)),
    "root of a square": lambda d: eq(sqrt(d.scalar("z") ** 2), d.context.declarations["z"].var),
    "cancelled quotient": lambda d: eq(d.scalar("z") / d.context.declarations["z"].var, 1),
    "exp is not linear": lambda d: eq(exp(2 * d.scalar("z")), 2 * exp(d.context.declarations["z"].var)),
}


@pytest.mark.parametrize("name", SCALARS)
def test_identities_that_fail_somewhere_are_not_proved(name: str) -> None:
    d = Derivation(name)
    with pytest.raises(ProofError):
        prove(d.context, SCALARS[name](d))


def test_softmax_cross_entropy_needs_targets_that_sum_to_one() -> None:
    d = Derivation("softmax")
    K = d.size("K")
    u, t, j, k = d.vector("u", K), d.vector("t", K), d.index("j", K), d.index("k", K)
    L = d.define("L", -sum_(k, t[k] * log(exp(u[k]) / sum_(j, exp(u[j])))))
    claim = eq(diff(L, u[j]), exp(u[j]) / sum_(k, exp(u[k])) - t[j])
    with pytest.raises(ProofError):
        prove(d.context, claim)
    with d.assuming(eq(sum_(k, t[k]), 1), text="Σ t = 1"):
        assert prove(d.context, claim).uses == ("Σ t = 1",)


def test_a_substituted_definition_is_not_captured_by_the_sum_around_it() -> None:
    d = Derivation("chain")
    J, K = d.sizes("J K")
    V, x, E = d.matrix("V", K, J), d.vector("x", J), d.function("E", K)
    u = d.define("u", V @ x)
    L = d.define("L", E(u))
    j, k = d.index("j", J), d.index("k", K)
    assert prove(d.context, eq(diff(L, x[j]), sum_(k, diff(L, u[k]) * V[k, j])))
    with pytest.raises(ProofError):
        prove(d.context, eq(diff(L, x[j]), sum_(k, diff(L, u[k])) * sum_(k, V[k, j])))


def test_only_the_kernel_makes_theorems() -> None:
    d = Derivation("forged")
    z = d.scalar("z")
    with pytest.raises(TypeError):
        Theorem(object(), eq(z, 0), d.context, (), "forged")


def test_a_delta_with_a_bound_index_contracts() -> None:
    d = Derivation("delta")
    K = d.size("K")
    v, j, k = d.vector("v", K), d.index("j", K), d.index("k", K)
    assert prove(d.context, eq(sum_(k, delta(j, k) * v[k]), v[j]))


def test_nothing_is_proved_from_contradictory_assumptions() -> None:
    d = Derivation("contradiction")
    z = d.scalar("z")
    with d.assuming(gt(z, 1), lt(z, 0)), pytest.raises(ProofError, match="contradict"):
        prove(d.context, eq(z, z))
