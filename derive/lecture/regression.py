"""Linear regression: the closed form, gradient descent, and the L2 penalty as a Gaussian prior."""

from __future__ import annotations

from derive.blackboard import (
    Derivation,
    argmax,
    argmin,
    det,
    diff,
    eq,
    exp,
    eye,
    ge,
    half,
    hessian,
    iff,
    inv,
    log,
    ne,
    norm2,
    normal,
    pi,
    prod_,
    proportional,
    psd,
    same,
    sqrt,
    sum_,
)  # fmt: skip
from derive.context import POSITIVE


def least_squares() -> Derivation:
    d = Derivation("least-squares", slide="(復習) 線形モデルの二乗誤差最小化: 解析解")
    N, D = d.sizes("N D")
    X, w, y = d.matrix("X", N, D), d.vector("w", D), d.vector("y", N)
    v = d.vector("v", D)
    n, i, j = d.index("n", N), d.index("i", D), d.index("j", D)
    L = d.define("L", norm2(X @ w - y) / 2, of=w)

    d.chain(
        "gradient.entry",
        diff(L, w[j]),
        (diff(sum_(n, (sum_(i, X[n, i] * w[i]) - y[n]) ** 2) / 2, w[j]), "definition of the norm"),
        (sum_(n, (sum_(i, X[n, i] * w[i]) - y[n]) * X[n, j]), "chain rule, term by term"),
    )
    d.chain("gradient", diff(L, w), (X.T @ (X @ w - y), "the entries in matrix notation"))
    d.claim(
        "normal-equations",
        iff(eq(diff(L, w), 0), eq(X.T @ X @ w, X.T @ y)),
        "a stationary point, expanded",
    )
    d.claim("hessian", eq(hessian(L, w), X.T @ X), "differentiate the gradient")
    d.claim("convex", psd(hessian(L, w)), "vᵀXᵀXv = ‖Xv‖²")
    d.claim(
        "expansion",
        eq(L(w + v) - L(w), v.T @ diff(L, w) + norm2(X @ v) / 2),
        "L is quadratic: the expansion ends after two terms",
    )
    with d.assuming(eq(diff(L, w), 0), text="w is a stationary point"):
        d.claim("global-minimum", ge(L(w + v), L(w)), "2次関数の極小値は大域解: ½‖Xv‖² ≥ 0")
    with d.assuming(ne(det(X.T @ X), 0)):
        closed = eq(w, inv(X.T @ X) @ X.T @ y)
        d.claim(
            "closed-form.1",
            iff(eq(X.T @ X @ w, X.T @ y), closed),
            "multiply both sides by (XᵀX)⁻¹",
        )
        d.claim("closed-form", iff(eq(diff(L, w), 0), closed), "through the normal equations")
    return d


def gradient_descent() -> Derivation:
    d = Derivation("gradient-descent", slide="線形モデルの二乗誤差最小化: 勾配法")
    N, D = d.sizes("N D")
    X, w, y = d.matrix("X", N, D), d.vector("w", D), d.vector("y", N)
    η = d.scalar("η", POSITIVE)
    L = d.define("L", norm2(X @ w - y) / 2, of=w)
    next_w = d.define("w_{t+1}", w - η * diff(L, w))

    d.chain("update", next_w, (w - η * (X.T @ (X @ w - y)), "the gradient of the squared error"))
    d.claim(
        "fixed-point",
        iff(eq(next_w, w), eq(X.T @ X @ w, X.T @ y)),
        "the step vanishes exactly where the gradient does",
    )
    solution = d.vector("ŵ", D)
    with d.assuming(eq(X.T @ X @ solution, X.T @ y), text="ŵ solves the normal equations"):
        d.claim(
            "error",
            eq(next_w - solution, (eye(D) - η * (X.T @ X)) @ (w - solution)),
            "subtract ŵ and put Xᵀy = XᵀXŵ",
        )
    return d


def mle_least_squares() -> Derivation:
    d = Derivation("mle-least-squares", slide="最小二乗法と最尤推定", note="σ is known")
    σ = d.scalar("σ", POSITIVE)
    D = d.size("D")
    w = d.vector("w", D)
    C = d.define("C", 1 / sqrt(2 * pi * σ**2))
    with d.section():
        x, y = d.vector("x", D), d.scalar("y")
        residual = (y - w.T @ x) ** 2
        p = d.define("p", normal(y, w.T @ x, σ**2), of=w)
        d.chain_of(
            "one-observation",
            argmax(w, log(p)),
            (argmax(w, log(1 / sqrt(2 * pi * σ**2) * exp(-residual / (2 * σ**2)))), "y ~ 𝒩(wᵀx, σ²)"),
            (argmax(w, log(C) + log(exp(-residual / (2 * σ**2)))), "the log of a product"),
            (argmax(w, -residual / (2 * σ**2)), "log C is free of w"),
            (argmin(w, residual), "−1/(2σ²) < 0 turns the maximum into a minimum"),
        )
    with d.section():
        N = d.size("N")
        X, y = d.matrix("X", N, D), d.vector("y", N)
        n = d.index("n", N)
        p = d.define("p", prod_(n, normal(y[n], (X @ w)[n], σ**2)), of=w)
        d.claim(
            "log-likelihood",
            eq(log(p), N * log(C) - norm2(y - X @ w) / (2 * σ**2)),
            "independent observations: the log of the product is the sum of the logs",
        )
        d.chain_of(
            "observations",
            argmax(w, log(p)),
            (argmax(w, sum_(n, log(normal(y[n], (X @ w)[n], σ**2)))), "independent observations"),
            (argmax(w, sum_(n, -((y[n] - (X @ w)[n]) ** 2) / (2 * σ**2))), "log C is free of w"),
            (argmin(w, sum_(n, (y[n] - (X @ w)[n]) ** 2)), "a negative factor"),
            (argmin(w, norm2(y - X @ w)), "the squared norm"),
        )
    return d


def map_ridge() -> Derivation:
    d = Derivation(
        "map-ridge",
        slide="L2正則化のベイズ的解釈",
        note="宿題; p(y) is the evidence, positive and free of w",
    )
    N, D = d.sizes("N D")
    with d.section():
        σ, τ, evidence = d.scalar("σ", POSITIVE), d.scalar("τ", POSITIVE), d.scalar("p_y", POSITIVE)
        w, i = d.vector("w", D), d.index("i", D)
        λ = d.define("λ", σ**2 / τ**2)
        prior = d.define("p_w", prod_(i, normal(w[i], 0, τ**2)), of=w)
        with d.section():
            x, y = d.vector("x", D), d.scalar("y")
            likelihood = d.define("p_{y|w}", normal(y, w.T @ x, σ**2), of=w)
            posterior = d.define("p_{w|y}", likelihood * prior / evidence, of=w)
            residual = (y - w.T @ x) ** 2
            d.claim("bayes", proportional(posterior, likelihood * prior, w), "p(y|x) is free of w")
            d.claim(
                "log-posterior",
                eq(log(posterior), log(likelihood) + log(prior) - log(evidence)),
                "the log of Bayes' theorem",
            )
            d.chain_of(
                "one-observation",
                argmax(w, log(posterior)),
                (argmax(w, log(likelihood) + log(prior)), "log p(y|x) is free of w"),
                (
                    argmax(w, -residual / (2 * σ**2) - sum_(i, w[i] ** 2) / (2 * τ**2)),
                    "both are Gaussian; their constants are free of w",
                ),
                (argmin(w, residual + λ * norm2(w)), "multiply by −2σ² < 0; λ = σ²/τ²"),
            )
        with d.section():
            X, y = d.matrix("X", N, D), d.vector("y", N)
            n = d.index("n", N)
            likelihood = d.define("p_{y|w}", prod_(n, normal(y[n], (X @ w)[n], σ**2)), of=w)
            posterior = d.define("p_{w|y}", likelihood * prior / evidence, of=w)
            d.chain_of(
                "observations",
                argmax(w, log(posterior)),
                (argmax(w, log(likelihood) + log(prior)), "log p(y|x) is free of w"),
                (
                    argmax(
                        w,
                        -sum_(n, (y[n] - (X @ w)[n]) ** 2) / (2 * σ**2)
                        - sum_(i, w[i] ** 2) / (2 * τ**2),
                    ),
                    "both are Gaussian; their constants are free of w",
                ),
                (argmin(w, norm2(y - X @ w) + λ * norm2(w)), "multiply by −2σ² < 0; λ = σ²/τ²"),
            )
    with d.section():
        X, w, y = d.matrix("X", N, D), d.vector("w", D), d.vector("y", N)
        v = d.vector("v", D)
        λ = d.scalar("λ", POSITIVE)
        L = d.define("L", half * norm2(X @ w - y) + half * λ * norm2(w), of=w)
        gram = X.T @ X + λ * eye(D)
        d.claim(
            "halved",
            same(argmin(w, norm2(y - X @ w) + λ * norm2(w)), argmin(w, L)),
            "half of it has the same minimum",
        )
        d.chain("gradient", diff(L, w), (X.T @ (X @ w - y) + λ * w, "term by term"))
        d.claim(
            "normal-equations",
            iff(eq(diff(L, w), 0), eq(gram @ w, X.T @ y)),
            "collect what multiplies w",
        )
        d.claim("hessian", eq(hessian(L, w), gram), "differentiate the gradient")
        d.claim("convex", psd(gram), "vᵀ(XᵀX + λI)v = ‖Xv‖² + λ‖v‖²")
        d.claim("invertible", ne(det(gram), 0), "λ > 0: the matrix is positive definite")
        d.claim(
            "closed-form",
            iff(eq(diff(L, w), 0), eq(w, inv(gram) @ X.T @ y)),
            "multiply by the inverse, which exists",
        )
        d.claim(
            "expansion",
            eq(
                L(w + v) - L(w),
                v.T @ diff(L, w) + half * norm2(X @ v) + half * λ * norm2(v),
            ),
            "L is quadratic",
        )
        with d.assuming(eq(diff(L, w), 0), text="w is a stationary point"):
            d.claim("global-minimum", ge(L(w + v), L(w)), "the rest is a sum of squares")
        η = d.scalar("η", POSITIVE)
        next_w = d.define("w_{t+1}", w - η * diff(L, w))
        d.chain("update", next_w, (w - η * (X.T @ (X @ w - y) + λ * w), "the gradient"))
    return d
