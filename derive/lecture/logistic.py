"""Logistic regression: the sigmoid, its derivative, and the gradient of the cross entropy."""

from __future__ import annotations

from derive.blackboard import (
    Derivation,
    diag,
    diff,
    eq,
    exp,
    gt,
    hessian,
    iff,
    log,
    odot,
    psd,
    sum_,
)  # fmt: skip
from derive.context import POSITIVE
from derive.lecture.likelihood import BINARY, UNIT
from derive.terms import Term


def sigmoid(z: Term) -> Term:
    """1/(1 + e⁻ᶻ), for `define_function`."""
    return 1 / (1 + exp(-z))


def logit_sigmoid() -> Derivation:
    d = Derivation("logit-sigmoid", slide="ロジスティック回帰")
    σ = d.define_function("σ", "z", sigmoid)
    logit = d.define_function("logit", "t", lambda t: log(t / (1 - t)))
    with d.section():
        z, y = d.scalar("z"), d.scalar("y", UNIT)
        d.claim("positive", gt(σ(z), 0), "a quotient of positive numbers")
        d.claim("below-one", gt(1, σ(z)), "e⁻ᶻ > 0")
        d.chain(
            "logit-of-sigmoid",
            logit(σ(z)),
            (log(1 / exp(-z)), "σ(z)/(1 − σ(z)) = 1/e⁻ᶻ"),
            (z, "log and exp undo each other"),
        )
        d.chain(
            "sigmoid-of-logit",
            σ(logit(y)),
            (1 / (1 + (1 - y) / y), "e to the minus logit is (1 − y)/y"),
            (y, "common denominator"),
        )
        d.claim("inverse", iff(eq(logit(y), z), eq(y, σ(z))), "apply σ, or logit, to both sides")
    with d.section():
        D = d.size("D")
        w, x, y = d.vector("w", D), d.vector("x", D), d.scalar("y", UNIT)
        d.claim(
            "model",
            iff(eq(log(y / (1 - y)), w.T @ x), eq(y, 1 / (1 + exp(-(w.T @ x))))),
            "z = wᵀx",
        )
    return d


def sigmoid_derivative() -> Derivation:
    d = Derivation("sigmoid-derivative", slide="シグモイド関数の微分")
    z = d.scalar("z")
    σ = d.define_function("σ", "t", sigmoid)
    d.chain(
        "derivative",
        diff(σ(z), z),
        (diff(1 / (1 + exp(-z)), z), "definition of σ"),
        (-((1 + exp(-z)) ** -2) * -exp(-z), "chain rule"),
        (1 / (1 + exp(-z)) * (exp(-z) / (1 + exp(-z))), "split the square"),
        (1 / (1 + exp(-z)) * (1 - 1 / (1 + exp(-z))), "e⁻ᶻ = (1 + e⁻ᶻ) − 1"),
        (σ(z) * (1 - σ(z)), "definition of σ"),
    )
    return d


def logistic_gradient() -> Derivation:
    d = Derivation("logistic-gradient", slide="解いてみよう1")
    D, N = d.sizes("D N")
    σ = d.define_function("σ", "z", sigmoid)
    with d.section():
        w, x, label = d.vector("w", D), d.vector("x", D), d.scalar("d", BINARY)
        y = d.define("y", σ(w.T @ x))
        H = d.define("H", -(label * log(y) + (1 - label) * log(1 - y)))
        d.claim(
            "output-derivative",
            eq(diff(H, y), (y - label) / (y * (1 - y))),
            "(1 − d)/(1 − y) − d/y",
        )
        d.claim("sigmoid", eq(diff(y, w), y * (1 - y) * x), "σ′ = σ(1 − σ) and ∂wᵀx/∂w = x")
        d.chain(
            "one-observation",
            diff(H, w),
            (diff(H, y) * diff(y, w), "chain rule"),
            ((y - label) / (y * (1 - y)) * diff(y, w), "∂H/∂y"),
            ((y - label) / (y * (1 - y)) * (y * (1 - y)) * x, "∂y/∂w"),
            ((y - label) * x, "cancel"),
        )
    with d.section("勾配法による求解"):
        X, w, labels = d.matrix("X", N, D), d.vector("w", D), d.vector("d", N, BINARY)
        n = d.index("n", N)
        y = d.define("y", σ(X @ w))
        L = d.define("L", -sum_(n, labels[n] * log(y[n]) + (1 - labels[n]) * log(1 - y[n])), of=w)
        d.chain(
            "gradient",
            diff(L, w),
            (sum_(n, (y[n] - labels[n]) * X[n]), "the sum over the observations"),
            (X.T @ (y - labels), "in matrix notation"),
        )
        d.claim(
            "hessian",
            eq(hessian(L, w), X.T @ diag(odot(y, 1 - y)) @ X),
            "∂y_n/∂w = y_n(1 − y_n)x⁽ⁿ⁾",
        )
        d.claim("convex", psd(hessian(L, w)), "vᵀHv = Σ y_n(1 − y_n)(Xv)_n² ≥ 0")
        η = d.scalar("η", POSITIVE)
        next_w = d.define("w_{t+1}", w - η * diff(L, w))
        d.chain("update", next_w, (w - η * (X.T @ (y - labels)), "the gradient"))
    return d
