"""Writing a derivation in Python so that it looks like the blackboard.

    d = Derivation("least-squares", slide="二乗誤差最小化: 解析解")
    N, D = d.sizes("N D")
    X, w, y = d.matrix("X", N, D), d.vector("w", D), d.vector("y", N)
    L = d.define("L", norm2(X @ w - y) / 2)
    d.chain("gradient", diff(L, w), X.T @ (X @ w - y))

A `Derivation` is data: a context and steps.  `derive.prover` proves them.
"""

from __future__ import annotations

from derive.blackboard.derivation import Derivation, Step
from derive.blackboard.vocabulary import (
    absolute,
    argmax,
    argmin,
    array,
    both,
    delta,
    det,
    diag,
    diff,
    eq,
    exp,
    eye,
    ge,
    gt,
    half,
    hessian,
    iff,
    implies,
    inv,
    le,
    log,
    lt,
    maximum,
    ne,
    norm2,
    normal,
    odot,
    ones,
    pi,
    prod_,
    proportional,
    psd,
    same,
    sqrt,
    sum_,
    tanh,
    tr,
    zeros,
)  # fmt: skip

__all__ = [
    "Derivation", "Step", "absolute", "argmax", "argmin", "array", "both", "delta", "det",
    "diag", "diff", "eq", "exp", "eye", "ge", "gt", "half", "hessian", "iff", "implies", "inv", "le",
    "log", "lt", "maximum", "ne", "norm2", "normal", "odot", "ones", "pi", "prod_", "proportional",
    "psd", "same", "sqrt", "sum_", "tanh", "tr", "zeros",
]  # fmt: skip
