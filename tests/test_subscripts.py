"""Whether a subscript is an index or part of a name is told by what the text does with its letter."""

from __future__ import annotations

from pathlib import Path

import pytest

from codegen.document import compile_document
from derive.__main__ import main
from derive.checking.documents import check_document
from derive.homework.document import read_document

NAMES = r"""
Let $S_B, S_W \in \mathbb{R}^{D \times D}$, $w \in \mathbb{R}^D$ and $\sigma_f > 0$.
$$ w^\top S_B w + \sigma_f = w^\top S_B^\top w + \sigma_f $$
"""
# S_B is not S_W, and a σ of its own is not the other σ
NEIGHBOURS = {
    "two names are two arrays": r"""
Let $S_B, S_W \in \mathbb{R}^{D \times D}$.
$$ S_B = S_W $$
""",
    "members of a family differ": r"""
Let $x_n \in \mathbb{R}^D$ and $m := \frac1N \sum_{n=1}^N x_n$.
$$ x_n = m $$
""",
    "two indices of one family differ": r"""
Let $x_i \in \mathbb{R}^D$.
$$ x_i = x_j $$
""",
    "a vector by its entries": r"""
Let $\sigma_k > 0$.
$$ \sum_{k=1}^K \sigma_k = K \sigma_k $$
""",
}
FAMILIES = r"""
Multi-head products. Let $X \in \mathbb{R}^{n \times d}$, $W_Q^{(h)}, W_K^{(h)} \in \mathbb{R}^{d \times k}$ and
$\theta^{(h)} \in \mathbb{R}^d$.
$$J(\theta) := \sum_{h=1}^H \theta^{(h)\top} W_Q^{(h)} W_K^{(h)\top} X^\top X \theta^{(h)}$$
$$L := 2 J(\theta)$$
"""
READABLE = {
    "β₀ beside β": r"Let $X \in \mathbb{R}^{N \times D}$, $\beta_0 \in \mathbb{R}$, $\beta \in \mathbb{R}^D$. "
    r"$$ (X\beta + \beta_0) - X\beta = \beta_0 \mathbf{1}_N $$",
    "a condition on entries in front of the declaration": r"Counts $n_{ij} \ge 0$, $n \in \mathbb{R}^{m \times m}$. "
    r"$$ |n_{ij}| = n_{ij} $$",
    "arguments that the sentence declares at its end": r"Let $k(u, v) := \exp(-\|u - v\|^2)$ with "
    r"$u, v \in \mathbb{R}^D$. $$ k(u, v) = k(v, u) $$",
    "an argument with the letter of a family": r"Let $x^{(n)} \in \mathbb{R}^D$, $g(x) := x + x^3$ and "
    r"$s := \sum_{n=1}^N \mathbf{1}_D^\top g(2 x^{(n)})$. $$ g(-x^{(n)}) = -g(x^{(n)}) $$",
    "a negative power of an entry": r"Let $d \in \mathbb{R}^{n \times n}$, $d_{ij} > 0$. "
    r"$$ d_{ij}^{-6} = 1 / d_{ij}^6 $$",
}


def test_a_subscript_whose_letter_is_no_index_belongs_to_its_name() -> None:
    assert "S_B" in read_document(NAMES, "x.md").sections[-1].context.declarations
    assert [s.verdict for s in check_document(NAMES).steps] == ["proved"]


@pytest.mark.parametrize("name", NEIGHBOURS)
def test_what_differs_is_not_made_one(name: str) -> None:
    assert all(s.verdict != "proved" for s in check_document(NEIGHBOURS[name]).steps)


@pytest.mark.parametrize("name", READABLE)
def test_notation_of_textbooks_is_read(name: str) -> None:
    assert [s.verdict for s in check_document(READABLE[name]).steps] == ["proved"]


def test_families_with_a_subscript_are_two_and_a_function_may_be_of_a_whole_family(tmp_path: Path) -> None:
    (tmp_path / "m.md").write_text(FAMILIES, encoding="utf-8")
    made = compile_document(tmp_path / "m.md", every_gradient=True)
    loss = next(f for f in made.functions if f.name == "L")
    assert loss.source.arguments == ("X", "W_Q_h", "W_K_h", "theta_h")


def test_the_steps_of_a_gradient_by_such_a_family_are_read_and_proved(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "m.md").write_text(FAMILIES, encoding="utf-8")
    assert main(["gradient", str(tmp_path / "m.md"), "L", "W_Q", "--steps", "markdown"]) == 0
    assert {s.verdict for s in check_document(capsys.readouterr().out).steps} == {"proved"}
