"""The forms that do not overflow: what a program computes instead of the blackboard's line."""

from __future__ import annotations

from derive.blackboard import (
    Derivation,
    absolute,
    array,
    eq,
    exp,
    ge,
    le,
    log,
    maximum,
    sum_,
)  # fmt: skip
from derive.lecture.likelihood import BINARY
from derive.lecture.logistic import sigmoid
from derive.lecture.softmax import cross_entropy, softmax_columns
from derive.terms import Term


def softplus(z: Term) -> Term:
    """log(1 + eᶻ) without overflow."""
    return maximum(z, 0) + log(1 + exp(-absolute(z)))


def stable_forms() -> Derivation:
    d = Derivation(
        "stable-forms",
        slide="必要そうな式 in 行列表記 [1/2]",
        note="not on the slides: the same functions in forms that hold for large arguments",
    )
    K, N = d.sizes("K N")
    σ = d.define_function("σ", "z", sigmoid)
    plus = d.define_function("softplus", "z", softplus)
    with d.section():
        z, t = d.scalar("z"), d.scalar("d", BINARY)
        with d.assuming(ge(z, 0)):
            d.claim("softplus.positive", eq(plus(z), log(1 + exp(z))), "eᶻ(e⁻ᶻ + 1) = 1 + eᶻ")
            d.claim("sigmoid.positive", eq(σ(z), 1 / (1 + exp(-absolute(z)))), "|z| = z")
        with d.assuming(le(z, 0)):
            d.claim("softplus.negative", eq(plus(z), log(1 + exp(z))), "|z| = −z")
            d.claim(
                "sigmoid.negative",
                eq(σ(z), exp(-absolute(z)) / (1 + exp(-absolute(z)))),
                "expand by eᶻ",
            )
        d.claim("softplus", eq(plus(z), log(1 + exp(z))), "both cases")
        d.claim("sigmoid-expanded", eq(σ(z), exp(z) / (1 + exp(z))), "expand by eᶻ")
        d.claim(
            "sigmoid",
            eq(σ(z), exp(-maximum(-z, 0)) / (1 + exp(-absolute(z)))),
            "both cases: the exponents are never positive",
        )
        d.claim("log-sigmoid", eq(log(σ(z)), -plus(-z)), "−log(1 + e⁻ᶻ)")
        d.claim("log-one-minus-sigmoid", eq(log(1 - σ(z)), -plus(z)), "1 − σ(z) = σ(−z)")
        d.claim(
            "logistic-loss",
            eq(-(t * log(σ(z)) + (1 - t) * log(1 - σ(z))), plus(z) - t * z),
            "softplus(z) − softplus(−z) = z",
        )
    with d.section():
        u, m, t = d.vector("u", K), d.scalar("m"), d.vector("d", K)
        j, k = d.index("j", K), d.index("k", K)
        y = d.define("y", array(k, exp(u[k]) / sum_(j, exp(u[j]))))
        lse = m + log(sum_(j, exp(u[j] - m)))
        d.claim("log-sum-exp", eq(log(sum_(j, exp(u[j]))), lse), "take eᵐ out of the sum, for any m")
        d.claim(
            "softmax",
            eq(y[k], exp(u[k] - m) / sum_(j, exp(u[j] - m))),
            "eᵐ cancels, for any m",
        )
        d.claim("log-softmax", eq(log(y[k]), u[k] - lse), "the log of a quotient")
        with d.assuming(eq(sum_(k, t[k]), 1), text="the target sums to one"):
            d.claim(
                "cross-entropy",
                eq(-sum_(k, t[k] * log(y[k])), lse - t.T @ u),
                "no log of a probability is formed",
            )
    with d.section():
        U, D, m = d.matrix("U", K, N), d.matrix("D", K, N), d.vector("m", N)
        j, k, n = d.index("j", K), d.index("k", K), d.index("n", N)
        Y = softmax_columns(d, "Y", U)
        L = cross_entropy(d, "L", D, Y)
        shifted = sum_(j, exp(U[j, n] - m[n]))
        d.claim("batch-softmax", eq(Y[k, n], exp(U[k, n] - m[n]) / shifted), "a shift for every column")
        with d.assuming(eq(sum_(k, D[k, n]), 1), text="each column of D sums to one"):
            d.claim(
                "batch-cross-entropy",
                eq(L, sum_(n, m[n] + log(shifted) - sum_(k, D[k, n] * U[k, n]))),
                "log-sum-exp of every column",
            )
    return d
