"""Rewriting rules of the code generator, each an equation that is applied from left to right.

`log-forms` take logarithms of products apart; `program-forms` replace what would overflow, or lose
all digits, in floating point.  A variable stands for any term, a vector for any family of terms; a
variable that occurs on the right only may be any number: the program takes the one that makes the
largest exponent under a logarithm or in a denominator 0.  `bounded-forms` are shorter, and accurate to
the last digit of 1 alone: they are for values of at most 1 in size of which no more is asked.
To add a rule, add an equation.
"""

from __future__ import annotations

from fractions import Fraction

from derive.blackboard import (
    Derivation,
    absolute,
    eq,
    exp,
    log,
    maximum,
    prod_,
    sum_,
    tanh,
)  # fmt: skip
from derive.context import POSITIVE
from derive.lecture.logistic import sigmoid
from derive.lecture.stable import softplus
from derive.terms import Fn, Num, Term


def log_forms() -> Derivation:
    d = Derivation("log-forms", note="not on the slides: logarithms of products as programs take them")
    N = d.size("N")
    n = d.index("n", N)
    v, z, p = d.scalar("v"), d.scalar("z"), d.vector("p", N, POSITIVE)
    a, b = d.scalar("a", POSITIVE), d.scalar("b", POSITIVE)
    d.claim("log-of-exp", eq(log(exp(z)), z), "log and exp undo each other")
    d.claim("log-of-inverse", eq(log(1 / z), -log(z)), "the log of a quotient")
    d.claim("log-of-scaled-exp", eq(log(v * exp(z)), log(v) + z), "the log of a product")
    d.claim("log-of-quotient", eq(log(a / b), log(a) - log(b)), "the log of a quotient")
    d.claim("log-of-product", eq(log(prod_(n, p[n])), sum_(n, log(p[n]))), "the log of a product")
    d.claim(
        "log-of-scaled-product",
        eq(log(a * prod_(n, p[n])), log(a) + sum_(n, log(p[n]))),
        "the log of a product",
    )
    d.claim("log-of-power", eq(log(a**z), z * log(a)), "the log of a power")
    return d


def bounded_forms() -> Derivation:
    d = Derivation("bounded-forms", note="not on the slides: a sigmoid with the error of an ulp of 1")
    z = d.scalar("z")
    half = (1 + tanh(z / 2)) / 2
    d.claim("sigmoid", eq(1 / (1 + exp(-z)), half), "expand by e^{z/2}")
    d.claim("sigmoid-expanded", eq(exp(z) / (1 + exp(z)), half), "expand by e^{−z/2}")
    return d


def two_sided(z: Term) -> Term:
    """1/(1 + e⁻ᶻ) without a positive exponent."""
    return exp(-maximum(-z, 0)) / (1 + exp(-absolute(z)))


def root(t: Term) -> Term:
    return Fn("sqrt", (t,))


def program_forms() -> Derivation:
    d = Derivation("program-forms", note="not on the slides: what a program computes instead")
    K, M = d.sizes("K M")
    j, i = d.index("j", K), d.index("i", M)
    z, t, v, c, m = d.scalar("z"), d.scalar("t"), d.scalar("v"), d.scalar("c"), d.scalar("m")
    a, b, u, w = d.vector("a", K), d.vector("b", K), d.vector("u", K), d.vector("w", K)
    A, U = d.matrix("A", M, K), d.matrix("U", M, K)
    σ = sigmoid(z)

    # the sigmoid and its logarithms
    small = exp(-absolute(z))
    d.claim(
        "entropy",
        eq(σ * log(σ) + (1 - σ) * log(1 - σ), -(log(1 + small) + absolute(z) * (small / (1 + small)))),
        "even in z",
    )
    d.claim(
        "logistic-loss",
        eq(t * log(σ) + (1 - t) * log(1 - σ), t * z - softplus(z)),
        "softplus(z) − softplus(−z) = z",
    )
    d.claim("log-sigmoid", eq(log(σ), -softplus(-z)), "−log(1 + e⁻ᶻ)")
    d.claim("log-sigmoid-expanded", eq(log(exp(z) / (1 + exp(z))), -softplus(-z)), "−log(1 + e⁻ᶻ)")
    d.claim("log-one-minus-sigmoid", eq(log(1 - σ), -softplus(z)), "1 − σ(z) = σ(−z)")
    d.claim("softplus", eq(log(1 + exp(z)), softplus(z)), "both signs of z")
    d.claim("sigmoid-slope", eq(exp(z) / (1 + exp(z)) ** 2, small / (1 + small) ** 2), "even in z")
    d.claim("sigmoid-expanded", eq(exp(z) / (1 + exp(z)), two_sided(z)), "both signs of z")
    d.claim("sigmoid", eq(1 / (1 + exp(-z)), two_sided(z)), "both signs of z")
    d.claim("sigmoid-squared", eq(1 / (1 + exp(-z)) ** 2, two_sided(z) ** 2), "both signs of z")

    # what is left to 1, where a difference would have no digit of it
    flat = small / (1 + small) ** 2
    half = exp(z) / (1 + exp(z))
    d.claim("sigmoid-times-rest", eq(σ * (1 - σ), flat), "even in z")
    d.claim("sigmoid-times-minus-rest", eq(σ * (σ - 1), -flat), "even in z")
    d.claim("one-minus-sigmoid", eq(1 - σ, two_sided(-z)), "1 − σ(z) = σ(−z)")
    d.claim("sigmoid-minus-one", eq(σ - 1, -two_sided(-z)), "1 − σ(z) = σ(−z)")
    d.claim("sigmoid-times-rest-expanded", eq(half * (1 - half), flat), "even in z")
    d.claim("one-minus-sigmoid-expanded", eq(1 - half, two_sided(-z)), "1 − σ(z) = σ(−z)")
    d.claim("sigmoid-minus-one-expanded", eq(half - 1, -two_sided(-z)), "1 − σ(z) = σ(−z)")
    twice = exp(-2 * absolute(z))
    slope = twice / (Num(Fraction(1, 2)) + twice / 2) ** 2  # no factor 4 that wanders through the program
    d.claim("one-minus-tanh-squared", eq(1 - tanh(z) ** 2, slope), "1 − tanh²z = 1/cosh²z")
    d.claim("tanh-squared-minus-one", eq(tanh(z) ** 2 - 1, -slope), "1 − tanh²z = 1/cosh²z")
    d.claim("one-plus-tanh", eq(1 + tanh(z), 2 * two_sided(2 * z)), "1 + tanh z = 2σ(2z)")
    d.claim("one-minus-tanh", eq(1 - tanh(z), 2 * two_sided(-2 * z)), "1 − tanh z = 2σ(−2z)")
    d.claim("tanh-minus-one", eq(tanh(z) - 1, -2 * two_sided(-2 * z)), "1 − tanh z = 2σ(−2z)")
    d.claim("root-minus-one", eq(root(1 + z) - 1, z / (1 + root(1 + z))), "(√a − 1)(√a + 1) = a − 1")
    d.claim("one-minus-root", eq(1 - root(1 + z), -z / (1 + root(1 + z))), "(√a − 1)(√a + 1) = a − 1")

    # log-sum-exp and softmax, shifted
    total, shifted = sum_(j, a[j] * exp(u[j])), sum_(j, a[j] * exp(u[j] - m))
    both, both_shifted = (
        sum_(i, sum_(j, A[i, j] * exp(U[i, j] - s))) for s in (0 * m, m)
    )
    d.claim("log-softmax", eq(log(exp(v) / total), v - m - log(shifted)), "the log of a quotient")
    d.claim("log-sum-exp", eq(log(c * total), m + log(c * shifted)), "take eᵐ out of the sum, for any m")
    d.claim("softmax", eq(exp(v) / total, exp(v - m) / shifted), "eᵐ cancels, for any m")
    d.claim(
        "softmax-mean",
        eq(sum_(j, b[j] * exp(w[j])) / total, sum_(j, b[j] * exp(w[j] - m)) / shifted),
        "eᵐ cancels, for any m",
    )
    d.claim("log-softmax-matrix", eq(log(exp(v) / both), v - m - log(both_shifted)), "the log of a quotient")
    d.claim("log-sum-exp-matrix", eq(log(c * both), m + log(c * both_shifted)), "take eᵐ out of the sum")
    d.claim("softmax-matrix", eq(exp(v) / both, exp(v - m) / both_shifted), "eᵐ cancels, for any m")
    d.claim(
        "log-add-exp",
        eq(log(exp(z) + exp(v)), maximum(z, v) + log(1 + exp(-absolute(z - v)))),
        "take the greater exponential out",
    )
    d.claim("log-add-exp-share", eq(log(exp(z) / (exp(z) + exp(v))), -softplus(v - z)), "divide by e^z")
    d.claim("log-add-exp-rest", eq(log(exp(z) + exp(v)) - z, softplus(v - z)), "divide by e^z")
    d.claim("rest-of-log-add-exp", eq(z - log(exp(z) + exp(v)), -softplus(v - z)), "divide by e^z")
    d.claim("add-exp", eq(exp(z) / (exp(z) + exp(v)), two_sided(z - v)), "divide by e^z")

    # hyperbolic functions
    d.claim(
        "log-cosh",
        eq(log(Fn("cosh", (z,))), absolute(z) + log(1 + exp(-2 * absolute(z))) - log(2)),
        "cosh z = (eᶻ + e⁻ᶻ)/2",
    )
    d.claim("tanh", eq(Fn("sinh", (z,)) / Fn("cosh", (z,)), tanh(z)), "definition of tanh")
    d.claim("tanh-of-exp", eq((exp(z) - exp(-z)) / (exp(z) + exp(-z)), tanh(z)), "definition of tanh")
    return d
