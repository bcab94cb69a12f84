"""Likelihoods: the Gaussian's maximum, Bernoulli's cross entropy."""

from __future__ import annotations

from fractions import Fraction

from derive.blackboard import (
    Derivation,
    both,
    diff,
    eq,
    exp,
    ge,
    gt,
    iff,
    implies,
    le,
    log,
    ne,
    normal,
    pi,
    prod_,
    sum_,
)  # fmt: skip
from derive.context import POSITIVE, Domain

#: y ∈ (0, 1) and d ∈ {0, 1}
UNIT = Domain(low=Fraction(0), high=Fraction(1))
BINARY = Domain(values=(Fraction(0), Fraction(1)))


def gaussian_mle() -> Derivation:
    d = Derivation(
        "gaussian-mle",
        slide="対数尤度",
        note="v stands for the variance σ²: the maximum is taken over it",
    )
    N = d.size("N")
    x, μ, v = d.vector("x", N), d.scalar("μ"), d.scalar("v", POSITIVE)
    n, m = d.index("n", N), d.index("m", N)
    L = d.define("ℓ", log(prod_(n, normal(x[n], μ, v))), of=(μ, v))
    mean, spread = sum_(n, x[n]) / N, sum_(n, (x[n] - μ) ** 2)

    d.chain(
        "log-likelihood",
        L,
        (sum_(n, log(normal(x[n], μ, v))), "independent observations"),
        (-(N * log(2 * pi * v)) / 2 - spread / (2 * v), "the density of 𝒩(μ, v)"),
    )
    d.chain("gradient-mean", diff(L, μ), (sum_(n, x[n] - μ) / v, "term by term"))
    d.chain(
        "gradient-variance",
        diff(L, v),
        (spread / (2 * v**2) - N / (2 * v), "log v and 1/v differentiated"),
    )
    d.claim("mean", iff(eq(diff(L, μ), 0), eq(μ, mean)), "Σ(x_n − μ) = 0")
    d.claim("variance", iff(eq(diff(L, v), 0), eq(v, spread / N)), "multiply by 2v²/N > 0")
    d.claim(
        "stationary-point",
        iff(
            both(eq(diff(L, μ), 0), eq(diff(L, v), 0)),
            both(eq(μ, mean), eq(v, sum_(n, (x[n] - sum_(m, x[m]) / N) ** 2) / N)),
        ),
        "the sample mean and the sample variance, together",
    )
    return d


def bernoulli_nll() -> Derivation:
    d = Derivation("bernoulli-nll", slide="負の対数尤度の最小化")
    N, D = d.sizes("N D")
    with d.section():
        X, w, labels = d.matrix("X", N, D), d.vector("w", D), d.vector("d", N, BINARY)
        i = d.index("i", N)
        σ = d.define_function("σ", "z", lambda z: 1 / (1 + exp(-z)))
        y = d.define("y", σ(X @ w))
        L = d.define("L", -log(prod_(i, y[i] ** labels[i] * (1 - y[i]) ** (1 - labels[i]))), of=w)
        d.claim("probability-low", gt(y[i], 0), "the sigmoid is positive")
        d.claim("probability-high", gt(1 - y[i], 0), "and less than one")
        d.chain(
            "cross-entropy",
            L,
            (
                -sum_(i, log(y[i] ** labels[i] * (1 - y[i]) ** (1 - labels[i]))),
                "the log of a product",
            ),
            (
                -sum_(i, labels[i] * log(y[i]) + (1 - labels[i]) * log(1 - y[i])),
                "the log of a power",
            ),
        )
    with d.section("クロスエントロピー誤差"):
        p, q = d.scalar("p", UNIT), d.scalar("q", UNIT)
        H = d.define("H", -(p * log(q) + (1 - p) * log(1 - q)), of=q)
        d.chain("slope", diff(H, q), ((q - p) / (q * (1 - q)), "(1 − p)/(1 − q) − p/q"))
        d.claim("stationary", iff(eq(diff(H, q), 0), eq(q, p)), "q(1 − q) > 0")
        d.claim(
            "curvature",
            eq(diff(H, q, q), p / q**2 + (1 - p) / (1 - q) ** 2),
            "differentiate the slope",
        )
        d.claim("convex", gt(diff(H, q, q), 0), "both terms are positive")
        d.claim("least", ge(H(q), H(p)), "log t ≤ t − 1 for t = q/p and t = (1 − q)/(1 − p)")
        d.claim(
            "minimum",
            implies(ne(q, p), gt(H(q), H(p))),
            "q = p is the only minimum: log t < t − 1 for t ≠ 1",
        )
    with d.section("クロスエントロピー誤差"):
        t = d.scalar("t", POSITIVE)
        d.claim("tangent", le(log(t), t - 1), "the tangent of log at 1 lies above it")
        K = d.size("K")
        p, q = d.vector("p", K, POSITIVE), d.vector("q", K, POSITIVE)
        k = d.index("k", K)
        with d.assuming(eq(sum_(k, p[k]), 1), eq(sum_(k, q[k]), 1)):
            d.claim(
                "gibbs",
                ge(-sum_(k, p[k] * log(q[k])), -sum_(k, p[k] * log(p[k]))),
                "log(q/p) ≤ q/p − 1, summed with weights p",
            )
    return d
