"""Mini-batches and stochastic gradient descent."""

from __future__ import annotations

from fractions import Fraction

from derive.blackboard import Derivation, array, delta, diag, diff, eq, ones, sum_
from derive.context import POSITIVE, Domain
from derive.terms import term

#: whether a sample is in a batch
MEMBER = Domain(values=(Fraction(0), Fraction(1)))


def minibatch() -> Derivation:
    d = Derivation(
        "minibatch",
        slide="確率的勾配降下法 (SGD)",
        note="M_bn tells whether sample n is in batch b.  All subsets of size N_B are one such family "
        "of batches (r is then the number of subsets of size N_B − 1 of the other samples), a partition "
        "of the samples into batches is another (r = 1)",
    )
    K, J, N, B, size, P = d.sizes("K J N B N_B P")
    with d.section("行列表記"):
        W, Z, b = d.matrix("W", J, K), d.matrix("Z", K, N), d.vector("b", J)
        E = d.function("E", J, N)
        U = d.define("U", W @ Z + b @ ones(N).T)
        S = d.define("S", E(U))
        L = d.define("L", S / N)
        Δ = d.define("Δ", diff(S, U))
        d.claim("mean-weights", eq(diff(L, W), Δ @ Z.T / N), "L is the mean, Δ belongs to the sum")
        d.claim("mean-bias", eq(diff(L, b), Δ @ ones(N) / N), "the same for b")
    n, batch = d.index("n", N), d.index("b", B)
    M, r = d.matrix("M", B, N, MEMBER), d.scalar("r")
    members = eq(sum_(n, M[batch, n]), size)
    equally_often = eq(sum_(batch, M[batch, n]), r)
    with (
        d.assuming(members, text="each batch has N_B samples"),
        d.assuming(equally_often, text="each sample is in as many batches (r)"),
    ):
        count = sum_(batch, sum_(n, M[batch, n]))
        d.claim("memberships.1", eq(r * term(N), count), "count the memberships by sample")
        d.claim("memberships.2", eq(count, term(B) * size), "and by batch")
        d.claim(
            "memberships",
            eq(r * term(N), term(B) * size),
            "the same number counted twice",
            rests_on=("memberships.1", "memberships.2"),
        )
        x, θ = d.matrix("x", N, P), d.vector("θ", P)
        p, c = d.index("p", P), d.index("c", 2)
        # ℓ is any smooth function of the parameters and a sample, put side by side
        side = array(p, c, delta(c, 1) * θ[p] + delta(c, 2) * x[n, p])
        E = d.function("E", P, side.shape[1])
        losses = d.define("ℓ", array(n, E(side)))
        L = d.define("L", sum_(n, losses[n]) / N)
        part = d.define("L_B", array(batch, sum_(n, M[batch, n] * losses[n]) / size))
        d.claim(
            "unbiased-loss",
            eq(sum_(batch, part[batch]) / B, L),
            "each sample is counted equally often",
            rests_on=("memberships",),
        )
        d.claim(
            "unbiased",
            eq(sum_(batch, diff(part[batch], θ[p])) / B, diff(L, θ[p])),
            "the mean over the batches of the mini-batch gradient is the full gradient",
            rests_on=("memberships",),
        )
        Δ, Z = d.matrix("Δ", J, N), d.matrix("Z", K, N)
        d.claim(
            "unbiased-weights",
            eq(sum_(batch, Δ @ diag(M[batch]) @ Z.T / size) / B, Δ @ Z.T / N),
            "in matrix notation: diag(M_b) keeps the batch's columns",
            rests_on=("memberships",),
        )
        d.claim(
            "unbiased-bias",
            eq(sum_(batch, Δ @ M[batch] / size) / B, Δ @ ones(N) / N),
            "the same for b",
            rests_on=("memberships",),
        )
    return d


def sgd() -> Derivation:
    d = Derivation("sgd", slide="確率的勾配降下法 (SGD)", note="the update of b needs `b −`")
    K, J, size = d.sizes("K J N_B")
    W, Z, b = d.matrix("W", J, K), d.matrix("Z", K, size), d.vector("b", J)
    η = d.scalar("η", POSITIVE)
    E = d.function("E", J, size)
    U = d.define("U", W @ Z + b @ ones(size).T)
    S = d.define("S", E(U))
    L = d.define("L", S / size)
    Δ = d.define("Δ", diff(S, U))
    next_W = d.define("W_{t+1}", W - η * diff(L, W))
    next_b = d.define("b_{t+1}", b - η * diff(L, b))
    mean = 1 / term(size)
    d.chain("weights", next_W, (W - η * mean * (Δ @ Z.T), "the mini-batch gradient of W"))
    d.chain("bias", next_b, (b - η * mean * (Δ @ ones(size)), "the mini-batch gradient of b"))
    return d
