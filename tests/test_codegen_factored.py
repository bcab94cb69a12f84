"""No array larger than needed: common factors are taken out, A + Aᵀ is not formed, a masked array has one sign."""

from __future__ import annotations

from pathlib import Path

import pytest

from codegen.document import compile_document
from codegen.passes.factored import factored
from derive.binders import fresh
from derive.terms import MINUS_ONE, Add, Entry, Mul, Size, Sum, Term, Var

N, D = Size.named("N"), Size.named("D")
X, U, V, W = Var("X", (N, D)), Var("u", (N,)), Var("v", (N,)), Var("w", (D,))


def gradient(text: str, tmp_path: Path) -> str:
    file = tmp_path / "model.md"
    file.write_text(text, encoding="utf-8")
    source = compile_document(file, every_gradient=True).source
    return source[source.index("\ndef value_and_grad_L(") : source.index("\ndef _arrays(")]


@pytest.mark.parametrize(
    ("text", "there", "absent"),
    [
        (  # one product with W, not one for each term
            r"Let $W \in \mathbb{R}^{H \times D}$, $a, p \in \mathbb{R}^D$. $L := \frac12 \|Wa - Wp\|^2$",
            ["s = W @ r"],
            ["- W @ p"],
        ),
        (
            r"Let $X \in \mathbb{R}^{N \times D}$, $w \in \mathbb{R}^D$, $t \in \mathbb{R}^N$, $d_n \in \{0, 1\}$, "
            r"$s > 0$, $z_n := (t_n - (Xw)_n)/s$. $L := \sum_{n=1}^N [(1 + d_n) \log(1 + e^{z_n}) - d_n z_n]$",
            ["grad_w = X.T @ r"],
            [" - np.outer", "np.sum(X * "],
        ),
        (
            r"Let $S \in \mathbb{R}^{D \times D}$, $u \in \mathbb{R}^D$. $L := \tanh(u^\top S u)$",
            ["S.T @ u"],
            ["S + S.T"],
        ),
        (
            r"Let $x^{(i)} \in \mathbb{R}^3$, $k, \ell \in \mathbb{R}^{N \times N}$, $\epsilon > 0$. "
            r"$r_{ij} := \sqrt{\|x^{(i)} - x^{(j)}\|^2 + \epsilon}$, "
            r"$L := \sum_{i=1}^N \sum_{j=1}^N k_{ij} (r_{ij} - \ell_{ij})^2$",
            ["t.T @ z"],
            ["t_2 = np.where", "= -t\n"],
        ),
        (  # e^{−max(x, 0)} cannot overflow where j = i: no mask over n, i and j
            r"Let $x^{(n)} \in \mathbb{R}^D$, $J \in \mathbb{R}^{D \times D}$. "
            r"$a_{ni} := \sum_{j \neq i} J_{ij} x^{(n)}_j$, "
            r"$L := \sum_{n=1}^N \sum_{i=1}^D \log(1 + \exp(-2 x^{(n)}_i a_{ni}))$",
            ["t_3 @ t"],
            ["[:, :, None]", "einsum"],
        ),
    ],
    ids=["matrix products", "outer products", "symmetric part", "sign of a mask", "mask of what decays"],
)
def test_arrays_are_not_formed_twice(text: str, there: list[str], absent: list[str], tmp_path: Path) -> None:
    made = gradient(text, tmp_path)
    assert [t for t in there if t not in made] + [t for t in absent if t in made] == []


def test_a_matrix_product_that_others_read_stays() -> None:
    def times(v: Var) -> Term:
        i = fresh(N)
        return Sum(i, Mul((Entry(X, (i, d)), Entry(v, (i,)))))

    d = fresh(D)
    whole = Add((times(U), Mul((MINUS_ONE, times(V)))))
    assert isinstance(factored(whole, lambda t: False), Sum)
    assert factored(whole, lambda t: True) is whole


def test_what_is_left_with_all_axes_is_not_factored() -> None:
    n, d = fresh(N), fresh(D)
    u, w, x = Entry(U, (n,)), Entry(W, (d,)), Entry(X, (n, d))
    whole = Add((Mul((u, x)), Mul((u, w))))
    assert factored(whole, lambda t: False) is whole
