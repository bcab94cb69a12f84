"""The losses of `tests/models` once more, written by hand in PyTorch: the independent reference."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

pi = torch.pi


def _gaussian(x: Tensor, mu: Tensor, A: Tensor) -> Tensor:
    r = x - mu
    return -len(x) / 2 * torch.logdet(A) - (r * torch.linalg.solve(A, r.T).T).sum() / 2


def _layer_norm(x: Tensor, g: Tensor, b: Tensor, y: Tensor, eps: Tensor) -> Tensor:
    z = (x - x.mean()) / torch.sqrt(x.var(unbiased=False) + eps)
    return ((g * z + b - y) ** 2).sum() / 2


def _attention(Q: Tensor, K: Tensor, V: Tensor, Y: Tensor) -> Tensor:
    O = torch.softmax(Q @ K.T / Q.shape[1] ** 0.5, dim=1) @ V  # noqa: E741
    return ((O - Y) ** 2).sum() / 2


def _three_layers(X: Tensor, W1: Tensor, b1: Tensor, W2: Tensor, b2: Tensor, W3: Tensor, b3: Tensor,
                  T: Tensor) -> Tensor:  # fmt: skip
    Z = torch.tanh(W1 @ X + b1[:, None])
    Z = torch.tanh(W2 @ Z + b2[:, None])
    return ((W3 @ Z + b3[:, None] - T) ** 2).sum() / (2 * X.shape[1])


def _sigmoid_network(X: Tensor, W1: Tensor, b1: Tensor, W2: Tensor, b2: Tensor, T: Tensor) -> Tensor:
    U = W2 @ torch.sigmoid(W1 @ X + b1[:, None]) + b2[:, None]
    return -(T * torch.log_softmax(U, 0)).sum() / X.shape[1]


def _softmax_batch(W: Tensor, b: Tensor, X: Tensor, T: Tensor, tau: Tensor, alpha: Tensor) -> Tensor:
    smooth = (1 - alpha) * T + alpha / len(T)
    return -(smooth * torch.log_softmax((W @ X + b[:, None]) / tau, 0)).sum() / X.shape[1]


def _residual(x: Tensor, y: Tensor, A: Tensor, B: Tensor) -> Tensor:
    h = x + torch.tanh(A @ x)
    return ((h + torch.tanh(B @ h) - y) ** 2).sum() / 2


def _contrastive(P: Tensor, Q: Tensor, tau: Tensor) -> Tensor:
    S = P @ Q.T / tau
    return (torch.logsumexp(S, 1) - torch.diagonal(S)).mean()


def _kernel(x: Tensor, a: Tensor, gamma: Tensor) -> Tensor:
    return (a[:, None] * a * torch.exp(-gamma * ((x[:, None] - x[None]) ** 2).sum(-1))).sum()


def _mixture(x: Tensor, m: Tensor, c: Tensor, p: Tensor) -> Tensor:
    return -torch.log(p * torch.exp(-((x - m) ** 2) / 2) + (1 - p) * torch.exp(-((x - c) ** 2) / 2)).sum()


def _others(S: Tensor) -> Tensor:
    return S.masked_fill(torch.eye(len(S), dtype=torch.bool), -torch.inf)


def _contrastive_masked(S: Tensor, C: Tensor, tau: Tensor) -> Tensor:
    log_p = S / tau - torch.logsumexp(_others(S / tau), 1)[:, None]
    return -(C * log_p).masked_fill(torch.eye(len(S), dtype=torch.bool), 0).sum() / len(S)


def _cox(X: Tensor, w: Tensor, d: Tensor, R: Tensor) -> Tensor:
    eta = X @ w
    at_risk = eta.expand(R.shape).masked_fill(R == 0, -torch.inf)
    return -(d * (eta - torch.logsumexp(at_risk, 1))).sum()


def _student_scale(X: Tensor, w: Tensor, y: Tensor, s: Tensor, nu: Tensor) -> Tensor:
    z = 2 * torch.log(torch.abs(X @ w - y)) - torch.log(nu) - 2 * s
    return len(y) * s + (nu + 1) / 2 * F.softplus(z).sum()


def _focal(X: Tensor, w: Tensor, d: Tensor) -> Tensor:
    z = X @ w
    hits = d * torch.sigmoid(-z) ** 2 * F.logsigmoid(z)
    return -(hits + (1 - d) * torch.sigmoid(z) ** 2 * F.logsigmoid(-z)).sum()


def _bradley_terry(s: Tensor, C: Tensor) -> Tensor:
    return -(C * F.logsigmoid(s[:, None] - s)).masked_fill(torch.eye(len(s), dtype=torch.bool), 0).sum()


def _mixture_softmax(x: Tensor, m: Tensor, a: Tensor, v: Tensor) -> Tensor:
    log_p = torch.log_softmax(a, 0) - (x[:, None] - m) ** 2 / (2 * v) - torch.log(2 * pi * v) / 2
    return -torch.logsumexp(log_p, 1).sum()


def _attention_classifier(Q: Tensor, K: Tensor, V: Tensor, T: Tensor) -> Tensor:
    O = torch.softmax(Q @ K.T / Q.shape[1] ** 0.5, 1) @ V  # noqa: E741
    return -(T * torch.log_softmax(O, 1)).sum()


def _masked_sums(a: Tensor, X: Tensor) -> Tensor:
    off = 1 - torch.eye(len(a), dtype=a.dtype)
    r, s = a * (off @ a), a**2 * ((off * X) @ a)
    pairs = (off * torch.tanh(a[:, None] - a)).sum() + (off * X).sum()
    return pairs + r @ s + torch.logsumexp(_others(X), 1).sum()


def _pair_potential(x: Tensor, q: Tensor, eps: Tensor) -> Tensor:
    off = 1 - torch.eye(len(x), dtype=x.dtype)
    return q @ (off / torch.sqrt((x[:, None] - x) ** 2 + eps)) @ q / 2


def _log_cosh(X: Tensor, w: Tensor, y: Tensor) -> Tensor:
    u = X @ w
    r = torch.abs(u * torch.sigmoid(u) - y)
    return (r + F.softplus(-2 * r) - torch.log(torch.tensor(2.0, dtype=r.dtype))).sum()


def _swish_network(x: Tensor, t: Tensor, W: Tensor, b: Tensor, v: Tensor, c: Tensor) -> Tensor:
    return F.binary_cross_entropy_with_logits(v @ F.silu(W @ x + b) + c, t)


def _recurrent(x: Tensor, h: Tensor, t: Tensor, Wr: Tensor, Wz: Tensor, Wh: Tensor, Ur: Tensor, Uz: Tensor,
               Uh: Tensor) -> Tensor:  # fmt: skip
    r, z = torch.sigmoid(Wr @ x + Ur @ h), torch.sigmoid(Wz @ x + Uz @ h)
    new = torch.tanh(Wh @ x + Uh @ (r * h))
    return ((z * h + (1 - z) * new - t) ** 2).sum() / 2


def _batch_norm(X: Tensor, g: Tensor, b: Tensor, Y: Tensor, eps: Tensor) -> Tensor:
    Z = (X - X.mean(0)) / torch.sqrt(X.var(0, unbiased=False) + eps)
    return ((g * Z + b - Y) ** 2).sum() / (2 * len(X))


def _cosine(x: Tensor, z: Tensor, tau: Tensor) -> Tensor:
    S = F.normalize(x, dim=1) @ F.normalize(z, dim=1).T / tau
    return F.cross_entropy(S, torch.arange(len(x)))


def _gaussian_process(x: Tensor, y: Tensor, sigma: Tensor, ell: Tensor) -> Tensor:
    K = torch.exp(-((x[:, None] - x) ** 2).sum(-1) / (2 * ell**2)) + sigma**2 * torch.eye(len(y), dtype=y.dtype)
    return y @ torch.linalg.solve(K, y) / 2 + torch.logdet(K) / 2


def _soft_clusters(x: Tensor, c: Tensor, beta: Tensor) -> Tensor:
    return -torch.logsumexp(-beta * ((x[:, None] - c) ** 2).sum(-1), 1).sum() / beta


def _machine(X: Tensor, y: Tensor, b: Tensor, w: Tensor, V: Tensor) -> Tensor:
    pairs = ((X @ V) ** 2 - (X**2) @ (V**2)).sum(1) / 2
    return F.softplus(-y * (b + X @ w + pairs)).mean()


def _ranking(X: Tensor, w: Tensor, P: Tensor) -> Tensor:
    gaps = (X @ w)[:, None] - X @ w
    each = F.binary_cross_entropy_with_logits(gaps, P, reduction="none")
    return (each * (1 - torch.eye(len(P)))).sum()


#: file → its loss as a function of the arguments in the document's order of declaration
def _forward(a: Tensor, B: Tensor, e: Tensor, f: Tensor, g: Tensor) -> Tensor:
    T = torch.softmax(B, 1)
    v = torch.softmax(a, 0) * torch.exp(e)
    for emission in (f, g):
        v = (T.T @ v) * torch.exp(emission)
    return torch.log(v.sum())


def _propagation(S: Tensor, Y: Tensor, T: Tensor, alpha: Tensor) -> Tensor:
    F_ = (1 - alpha) * torch.linalg.solve(torch.eye(len(S)) - alpha * S, Y)
    return ((F_ - T) ** 2).sum() / 2


def _robust_shape(X: Tensor, w: Tensor, y: Tensor, alpha: Tensor, c: Tensor) -> Tensor:
    z = ((X @ w - y) / c) ** 2
    return (2 - alpha) / alpha * ((z / (2 - alpha) + 1) ** (alpha / 2) - 1).sum()


def _apart(x: Tensor) -> tuple[Tensor, Tensor]:
    """All pairs of indices that differ."""
    i, j = torch.nonzero(~torch.eye(len(x), dtype=torch.bool), as_tuple=True)
    return i, j


def _log_gas(x: Tensor, a: Tensor) -> Tensor:
    i, j = _apart(x)
    r = x[i] - x[j]
    return (x**2).sum() / 2 + (a[i] * a[j] / r**2 - torch.log(torch.abs(r))).sum()


def _sammon(x: Tensor, d: Tensor) -> Tensor:
    i, j = _apart(x)
    r = torch.linalg.norm(x[i] - x[j], dim=1)
    return ((d[i, j] - r) ** 2 / d[i, j] + 1 / r).sum()


LOSSES: dict[str, Callable[..., Any]] = {
    "hidden-markov": _forward,
    "propagation": _propagation,
    "robust-shape": _robust_shape,
    "tensor": lambda T_k, A, B, C: ((T_k - torch.einsum("ir,jr,kr->kij", A, B, C)) ** 2).sum() / 2,
    "least-squares": lambda X, w, y, lam: ((X @ w - y) ** 2).sum() / (2 * len(y)) + lam / 2 * (w**2).sum(),
    "logistic-01": lambda X, w, d: F.binary_cross_entropy_with_logits(X @ w, d, reduction="sum"),
    "logistic-pm": lambda X, w, t: F.softplus(-t * (X @ w)).mean(),
    "poisson": lambda X, w, y: (torch.exp(X @ w) - y * (X @ w)).sum(),
    "exponential": lambda X, w, t: (t * torch.exp(X @ w) - X @ w).sum(),
    "softmax-regression": lambda W, b, x, d: -(d * torch.log_softmax(W @ x + b, 0)).sum(),
    "softmax-batch": _softmax_batch,
    "smooth-l1": lambda X, w, y, lam, eps: ((X @ w - y) ** 2).sum() / 2 + lam * torch.sqrt(w**2 + eps).sum(),
    "weighted": lambda X, w, b, y, c: (c * (X @ w + b - y) ** 2).sum() / 2,
    "multi-output": lambda X, W, Y, lam: ((X @ W - Y) ** 2).sum() / (2 * len(X)) + lam / 2 * (W**2).sum(),
    "matrix-factorisation": lambda U, V, R, A, lam: (
        ((A * (U @ V.T - R)) ** 2).sum() / 2 + lam / 2 * ((U**2).sum() + (V**2).sum())
    ),
    "mahalanobis": lambda x, mu, A: (x - mu) @ torch.linalg.solve(A, x - mu) / 2,
    "gaussian": _gaussian,
    "gaussian-scalar": lambda x, mu, v: (
        -len(x) / 2 * torch.log(2 * pi * v) - ((x - mu) ** 2).sum() / (2 * v)
    ),
    "network-tanh": _three_layers,
    "network-sigmoid": _sigmoid_network,
    "network-softplus": lambda x, W, v, y: (v @ F.softplus(W @ x) - y) ** 2 / 2,
    "residual": _residual,
    "gated": lambda x, A, B, v, y: (v @ (torch.sigmoid(A @ x) * torch.tanh(B @ x)) - y) ** 2,
    "contrastive": _contrastive,
    "kernel-sum": lambda X, a, gamma: _kernel(X, a, gamma),
    "kernel-family": _kernel,
    "pairwise": lambda X, w, C: (C * F.softplus((X @ w)[None, :] - (X @ w)[:, None])).sum(),
    "student-t": lambda X, w, y, nu: (nu + 1) / 2 * torch.log1p((X @ w - y) ** 2 / nu).sum(),
    "kl-gaussian": lambda mu, s: (torch.exp(s) + mu**2 - 1 - s).sum() / 2,
    "kl-categorical": lambda u, q: (torch.softmax(u, 0) * (torch.log_softmax(u, 0) - torch.log(q))).sum(),
    "entropy": lambda u: -(torch.softmax(u, 0) * torch.log_softmax(u, 0)).sum(),
    "layer-norm": _layer_norm,
    "attention": _attention,
    "mixture": _mixture,
    "swish-network": _swish_network,
    "recurrent-step": _recurrent,
    "batch-norm": _batch_norm,
    "cosine-contrastive": _cosine,
    "gaussian-process": _gaussian_process,
    "soft-clusters": _soft_clusters,
    "factorisation-machine": _machine,
    "rank-network": _ranking,
    "quadratic-form": lambda A, b, x: x @ A @ x / 2 - b @ x,
    "gaussian-product": lambda X, w, y, v: (
        ((y - X @ w) ** 2).sum() / (2 * v) + len(y) / 2 * torch.log(2 * pi * v)
    ),
    "bernoulli-product": lambda X, w, d: F.binary_cross_entropy_with_logits(X @ w, d, reduction="sum"),
    "poisson-product": lambda X, w, t: (torch.exp(X @ w) - t * (X @ w)).sum(),
    "categorical-product": lambda W, X, T: -(T * torch.log_softmax(W @ X, 0)).sum(),
    "contrastive-masked": _contrastive_masked,
    "cox": _cox,
    "gamma": lambda X, w, t: (t * torch.exp(-X @ w) + X @ w).mean(),
    "negative-binomial": lambda X, w, t, r: (
        (t + r) * torch.logaddexp(torch.log(r), X @ w) - t * (X @ w)
    ).sum(),
    "student-scale": _student_scale,
    "focal": _focal,
    "bradley-terry": _bradley_terry,
    "mixture-softmax": _mixture_softmax,
    "entropy-bernoulli": lambda u: -(
        torch.sigmoid(u) * F.logsigmoid(u) + torch.sigmoid(-u) * F.logsigmoid(-u)
    ).sum(),
    "attention-classifier": _attention_classifier,
    "masked-sums": _masked_sums,
    "pair-potential": _pair_potential,
    "log-gas": _log_gas,
    "sammon": _sammon,
    "log-cosh": _log_cosh,
    "autoencoder": lambda X, W: ((W.T @ torch.tanh(W @ X) - X) ** 2).sum() / (2 * X.shape[1]),
}
