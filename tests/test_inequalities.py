"""Inequalities by completed squares, cases and tangents, and equivalences through zeros and monotone maps."""

from __future__ import annotations

from fractions import Fraction

import pytest

from derive.algebra.quadratic import psd
from derive.blackboard import (
    Derivation,
    absolute,
    argmin,
    diag,
    eq,
    exp,
    eye,
    ge,
    gt,
    iff,
    implies,
    inv,
    le,
    log,
    lt,
    maximum,
    ne,
    norm2,
    same,
    sqrt,
    sum_,
)
from derive.context import POSITIVE, Domain
from derive.props import Prop
from derive.prover import ProofError, prove
from derive.terms import term

d = Derivation("inequalities")
N, D = d.sizes("N D")
a, b = d.vector("a", N), d.vector("b", N)
x, y = d.scalar("x"), d.scalar("y")
p, q = d.scalar("p", POSITIVE), d.scalar("q", POSITIVE)
A, B = d.matrix("A", N, N), d.matrix("B", N, N)
i, k = d.index("i", N), d.index("k", D)
X, w, v = d.matrix("X", N, D), d.vector("w", D), d.vector("v", D)
u = d.vector("u", N, POSITIVE)
t, z = d.scalar("t", Domain(Fraction(0), Fraction(1))), d.scalar("z")

TRUE: dict[str, Prop] = {
    "Young": le(a.T @ b, norm2(a) / 2 + norm2(b) / 2),
    "Cauchy-Schwarz": le((a.T @ b) ** 2, norm2(a) * norm2(b)),
    "variance": ge(sum_(i, a[i] ** 2) / N, (sum_(i, a[i]) / N) ** 2),
    "binary form": ge(x**2 + x * y + y**2, 0),
    "norm of a residual": ge(sum_(i, (sum_(k, X[i, k] * w[k]) - a[i]) ** 2), 0),
    "root of a residual": eq(sqrt(norm2(X @ w - a)) ** 2, norm2(X @ w - a)),
    "the root of an objective": same(argmin(w, norm2(X @ w - a)), argmin(w, sqrt(norm2(X @ w - a)))),
    "push-through": eq(inv(X.T @ X + p * eye(D)) @ X.T, X.T @ inv(X @ X.T + p * eye(N))),
    "strict, by its discriminant": gt(x**2 + x + 1, 0),
    "never zero, by its discriminant": ne(x**2 + x + 1, 0),
    "ratio and its inverse": ge(p / q + q / p, 2),
    "geometric mean": le(sqrt(p * q), (p + q) / 2),
    "weighted": le(2 * p * x * y, p * x**2 + p * y**2),
    "triangle": le(absolute(x + y), absolute(x) + absolute(y)),
    "maximum": ge(maximum(x, y), x),
    "tangent of exp": ge(exp(x), 1 + x),
    "factors of what is not 0": iff(eq(1 / (p**2 - q**2), 0), eq(1 / ((p - q) * (p + q)), 0)),
    "a norm is 0 where the vector is": iff(eq(norm2(a), 0), eq(a, 0)),
    "a residual is 0": iff(eq(norm2(X @ w - a), 0), eq(X @ w, a)),
    "squares that add up to 0": implies(eq(x**2 + (x - y) ** 2, 0), eq(y, 0)),
    "log from below": ge(log(p), 1 - 1 / p),
    "double zero": iff(eq((x - y) ** 2, 0), eq(x, y)),
    "a factor that is not 0": iff(eq(p**2, q**2), eq(p, q)),
    "log is injective": iff(eq(log(p), log(q)), eq(p, q)),
    "exp is injective": iff(eq(exp(x), exp(y)), eq(x, y)),
    "log is increasing": iff(gt(p, q), lt(log(q), log(p))),
    "tangent of exp at another point": ge(exp(x), exp(y) + exp(y) * (x - y)),
    "tangents under a sum": ge(sum_(i, exp(a[i]) - 1 - a[i]), 0),
    "convexity of exp": le(exp(t * x + (1 - t) * y), t * exp(x) + (1 - t) * exp(y)),
    "concavity of log": le(t * log(p) + (1 - t) * log(q), log(t * p + (1 - t) * q)),
    "convexity of the absolute value": le(absolute(t * x + (1 - t) * y), t * absolute(x) + (1 - t) * absolute(y)),
    "above its tangent": ge(norm2(X @ v), norm2(X @ w) + 2 * (X @ w).T @ (X @ (v - w))),
    "a norm of arrays that differ": implies(ne(w, 0), gt(norm2(X @ w) + p * norm2(w), 0)),
    "a definite form is 0": iff(eq(norm2(X @ w) + p * norm2(w), 0), eq(w, 0)),
    "the null space of a Gram matrix": iff(eq(X.T @ (X @ w), 0), eq(X @ w, 0)),
    "more than what is assumed": implies(le(x, y - p * q**2), le(x, y - p * q**2 / 2)),
    "below 1 with a root": lt(x / sqrt(x**2 + p), 1),
    "above −1 with a root": gt(x / sqrt(x**2 + p), -1),
    "roots under a sum": ge(sum_(i, sqrt(a[i] ** 2 + p)), sum_(i, absolute(a[i]))),
    "as it is written": ge(sum_(i, maximum(0, 1 - a[i]) ** 2) + norm2(b), 0),
    "rank one": eq(inv(p * eye(N) + a @ a.T) @ a, a / (p + a.T @ a)),
    "log of a sum from above": le(log(exp(x) + exp(y)), x + exp(y - x)),
    "scaled rows and columns": eq(inv(diag(u) @ A @ diag(u)), inv(diag(u)) @ inv(A) @ inv(diag(u))),
    "a norm that is not 0": eq(inv(A @ B), inv(B) @ inv(A)),
}
FALSE: dict[str, Prop] = {
    "indefinite": ge(x**2 - 3 * x * y + y**2, 0),
    "not strict": gt(x**2 + 2 * x + 1, 0),
    "too sharp": le((a.T @ b) ** 2, norm2(a) * norm2(b) / 2),
    "wrong sign of a weight": le(2 * x * y, x**2 + y**2 - p),
    "triangle reversed": ge(absolute(x + y), absolute(x) + absolute(y)),
    "a square forgets the sign": iff(eq(x**2, y**2), eq(x, y)),
    "a factor that may be 0": iff(eq(x * y, 0), eq(x, 0)),
    "decreasing": iff(gt(x, y), gt(-x, -y)),
    "not strict on one side": iff(gt(p, q), ge(log(p), log(q))),
    "square root of a square": implies(eq(x**2, y**2), eq(x, y)),
    "the square of an objective": same(argmin(x, x - y), argmin(x, (x - y) ** 2)),
    "push-through with another factor": eq(inv(X.T @ X + p * eye(D)) @ X.T, X.T @ inv(X @ X.T + q * eye(N))),
    "a difference of squares": iff(eq(norm2(a) - norm2(b), 0), eq(a, b)),
    "one square of two": implies(eq((x - y) ** 2, 0), eq(x, 0)),
    "tangent of exp from the other side": ge(exp(y) + exp(y) * (x - y), exp(x)),
    "tangents under a sum of any sign": ge(sum_(i, b[i] * (exp(a[i]) - 1 - a[i])), 0),
    "convexity with any weight": le(exp(z * x + (1 - z) * y), z * exp(x) + (1 - z) * exp(y)),
    "one entry of arrays that differ": implies(ne(w, 0), gt(w[1] ** 2, 0)),
    "a semidefinite form of arrays that differ": implies(ne(w, 0), gt(norm2(X @ w), 0)),
    "a semidefinite form is 0": iff(eq(norm2(X @ w), 0), eq(w, 0)),
    "the kernel of a transpose": implies(eq(X.T @ a, 0), eq(a, 0)),
    "a negative multiple of what is assumed": implies(le(x, y), le(-x, -y)),
    "a root against what is larger": lt(x / sqrt(x**2 + p), p),
    "strict where it is equal": gt(sqrt(x**2), x),
    "roots under a sum of another sign": ge(sum_(i, b[i] * sqrt(a[i] ** 2 + p)), sum_(i, b[i] * absolute(a[i]))),
    "not as it is written": ge(sum_(i, maximum(0, 1 - a[i]) ** 3) - norm2(b), 0),
    "rank one with another sign": eq(inv(p * eye(N) + a @ a.T) @ a, a / (p - a.T @ a)),
    "log of a sum from above, by half": le(log(1 + exp(x)), exp(x) / 2),
    "scaled rows alone": eq(inv(diag(u) @ A), inv(A)),
    "scaled columns on the wrong side": eq(inv(diag(u) @ A), inv(diag(u)) @ inv(A)),
    "order of inverses": eq(inv(A @ B), inv(A) @ inv(B)),
}


@pytest.mark.parametrize("name", TRUE)
def test_true_is_proved(name: str) -> None:
    prove(d.context, TRUE[name])


@pytest.mark.parametrize("name", FALSE)
def test_false_is_not_proved(name: str) -> None:
    with pytest.raises(ProofError):
        prove(d.context, FALSE[name])


def test_psd_agrees_with_eigenvalues() -> None:
    import numpy as np

    rng = np.random.default_rng(0)
    seen = set()
    for _ in range(200):
        root = rng.integers(-2, 3, (3, 3))
        m = root @ root.T - int(rng.integers(0, 3)) * np.eye(3, dtype=int)
        found = psd([[Fraction(int(v)) for v in row] for row in m])
        assert found == bool(np.linalg.eigvalsh(m).min() > -1e-9)
        seen.add(found)
    assert seen == {True, False}


def test_entropy_is_between_0_and_that_of_the_uniform_distribution() -> None:
    e = Derivation("entropy")
    K = e.size("K")
    k, pi = e.index("k", K), e.vector("p", K, POSITIVE)
    entropy = -sum_(k, pi[k] * log(pi[k]))
    with e.assuming(eq(sum_(k, pi[k]), 1)):
        prove(e.context, le(entropy, log(term(K))))
        prove(e.context, ge(entropy, 0))
        with pytest.raises(ProofError):
            prove(e.context, le(entropy, log(term(K)) / 2))
    with pytest.raises(ProofError):
        prove(e.context, ge(entropy, 0))
