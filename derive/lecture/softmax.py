"""Softmax and its cross entropy, for one sample and for a batch."""

from __future__ import annotations

from derive.blackboard import (
    Derivation,
    array,
    delta,
    diff,
    eq,
    exp,
    gt,
    log,
    norm2,
    odot,
    ones,
    prod_,
    sum_,
)  # fmt: skip
from derive.context import POSITIVE
from derive.lecture.likelihood import BINARY
from derive.lecture.logistic import sigmoid
from derive.terms import Size, Term, Var


def softmax_columns(d: Derivation, name: str, U: Term) -> Var:
    """name_kn := exp(U_kn) / Σ_j exp(U_jn), for a matrix of shape (K, N)."""
    K, N = U.shape
    k, j, n = d.index("k", K), d.index("j", K), d.index("n", N)
    return d.define(name, array(k, n, exp(U[k, n]) / sum_(j, exp(U[j, n]))))


def cross_entropy(d: Derivation, name: str, D: Term, Y: Term) -> Var:
    """name := −Σ_n Σ_k D_kn log Y_kn, a sum over the batch."""
    K, N = Y.shape
    k, n = d.index("k", K), d.index("n", N)
    return d.define(name, -sum_(n, sum_(k, D[k, n] * log(Y[k, n]))))


def softmax() -> Derivation:
    d = Derivation("softmax", slide="ソフトマックス関数")
    K = d.size("K")
    with d.section():
        u, c = d.vector("u", K), d.scalar("c")
        j, k = d.index("j", K), d.index("k", K)
        y = d.define("y", array(k, exp(u[k]) / sum_(j, exp(u[j]))), of=u)
        d.claim("positive", gt(y[k], 0), "exp is positive")
        d.claim("sums-to-one", eq(sum_(k, y[k]), 1), "出力の総和が常に1")
        d.chain(
            "jacobian",
            diff(y[k], u[j]),
            (y[k] * delta(k, j) - y[k] * y[j], "quotient rule"),
            (y[k] * (delta(k, j) - y[j]), "factor y_k"),
        )
        d.claim("jacobian-same", eq(diff(y[k], u[k]), y[k] * (1 - y[k])), "k = j")
        d.claim(
            "jacobian-other",
            eq((1 - delta(k, j)) * diff(y[k], u[j]), -(1 - delta(k, j)) * y[k] * y[j]),
            "k ≠ j",
        )
        d.claim("shift", eq(y(u + c), y), "e^c cancels")
    with d.section():
        u = d.vector("u", 2)
        j, k = d.index("j", 2), d.index("k", 2)
        y = d.define("y", array(k, exp(u[k]) / sum_(j, exp(u[j]))), of=u)
        σ = d.define_function("σ", "z", sigmoid)
        d.claim("two-classes.1", eq(y[1], σ(u[1] - u[2])), "divide by exp(u_1)")
        d.claim("two-classes", eq(y[2], 1 - σ(u[1] - u[2])), "the other class has the rest")
    return d


def softmax_cross_entropy(penalised: bool = False) -> Derivation:
    """With `penalised`, softmax regression has ½λ‖W‖² added to its loss."""
    d = Derivation("softmax-cross-entropy", slide="解いてみよう2")
    K, N, M = d.sizes("K N M")
    with d.section("多クラス分類"):
        Y, D = d.matrix("y", N, K, POSITIVE), d.matrix("d", N, K, BINARY)
        k, n = d.index("k", K), d.index("n", N)
        d.chain(
            "likelihood",
            -log(prod_(n, prod_(k, Y[n, k] ** D[n, k]))),
            (-sum_(n, log(prod_(k, Y[n, k] ** D[n, k]))), "the log of a product"),
            (-sum_(n, sum_(k, D[n, k] * log(Y[n, k]))), "the log of a product of powers"),
        )
    with d.section():
        u, t = d.vector("u", K), d.vector("d", K)
        j, k = d.index("j", K), d.index("k", K)
        y = d.define("y", array(k, exp(u[k]) / sum_(j, exp(u[j]))))
        L = d.define("L", -sum_(k, t[k] * log(y[k])))
        d.claim("output-derivative", eq(diff(L, y[k]), -t[k] / y[k]), "only one term holds y_k")
        d.chain(
            "delta.sum",
            diff(L, u[j]),
            (sum_(k, diff(L, y[k]) * diff(y[k], u[j])), "ヒント1: chain rule"),
            (sum_(k, -t[k] / y[k] * (y[k] * (delta(k, j) - y[j]))), "ヒント2: Jacobian of softmax"),
            (
                -t[j] * (1 - y[j]) + sum_(k, (1 - delta(k, j)) * t[k] * y[j]),
                "the cases k = j and k ≠ j",
            ),
            (y[j] * sum_(k, t[k]) - t[j], "collect y_j"),
        )
        with d.assuming(eq(sum_(k, t[k]), 1), text="the target sums to one"):
            d.claim("delta.entry", eq(diff(L, u[j]), y[j] - t[j]), "Σ_k d_k = 1")
            d.claim("delta", eq(diff(L, u), y - t), "all entries at once")
    with d.section("必要そうな式 in 行列表記 [1/2]"):
        U, D = d.matrix("U", K, N), d.matrix("D", K, N)
        k, n = d.index("k", K), d.index("n", N)
        Y = softmax_columns(d, "Y", U)
        L = cross_entropy(d, "L", D, Y)
        d.claim(
            "matrix-loss",
            eq(L, -(ones(K).T @ odot(D, log(Y)) @ ones(N))),
            "sum all entries of D ⊙ log Y",
        )
        with d.assuming(eq(sum_(k, D[k, n]), 1), text="each column of D sums to one"):
            d.claim("batch", eq(diff(L, U), Y - D), "Δ = Y − D")
    with d.section("各パラメーターの勾配"):
        X, W, b = d.matrix("X", M, N), d.matrix("W", K, M), d.vector("b", K)
        D = d.matrix("D", K, N, BINARY)
        k, n = d.index("k", K), d.index("n", N)
        U = d.define("U", W @ X + b @ ones(N).T)
        Y = softmax_columns(d, "Y", U)
        S = cross_entropy(d, "S", D, Y)
        λ = d.scalar("λ", POSITIVE) if penalised else None
        L = d.define("L", S / N + λ * norm2(W) / 2 if λ else S / N)
        with d.assuming(eq(sum_(k, D[k, n]), 1), text="each column of D sums to one"):
            d.claim("weights-by-delta", eq(diff(S, W), diff(S, U) @ X.T), "∂U_kn/∂W_km = X_mn")
            mean = (Y - D) @ X.T / N
            right = mean + λ * W if λ else mean
            d.chain("weights", diff(L, W), (right, "Δ = Y − D, and the mean over the batch"))
            d.chain("bias", diff(L, b), ((Y - D) @ ones(N) / N, "b is added to every column"))
            η = d.scalar("η", POSITIVE)
            next_W = d.define("W_{t+1}", W - η * diff(L, W))
            next_b = d.define("b_{t+1}", b - η * diff(L, b))
            d.claim("weights-update", eq(next_W, W - η * right), "the gradient of W")
            d.claim("bias-update", eq(next_b, b - η * ((Y - D) @ ones(N) / N)), "the gradient of b")
    return d


def mean_cross_entropy(d: Derivation, D: Var, U: Term, columns: Size) -> tuple[Var, Var, Var]:
    """Y := softmax(U), S := the sum of the cross entropies, L := S / N."""
    Y = softmax_columns(d, "Y", U)
    S = cross_entropy(d, "S", D, Y)
    return Y, S, d.define("L", S / columns)
