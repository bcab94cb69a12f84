"""What one section introduces is nothing to its siblings."""

from __future__ import annotations

import pytest

from derive.checking.documents import check_document
from derive.homework.document import read_document

SIBLINGS = {
    "a size of a later section is an index here": r"""
# One
Let $x \in \mathbb{R}^D$ and $z_d := x_d - 2$.
$$ z_d = x_d - 2 $$
# Two
Let $Q \in \mathbb{R}^{T \times d}$.
$$ Q = Q $$
""",
    "a family of one section is a label in another": r"""
# One
Let $z^{(l)} \in \mathbb{R}^D$.
$$ \sum_{l=1}^N z^{(l)} = \sum_{l=1}^N z^{(l)} $$
# Two
Let $z^{(l)} \in \mathbb{R}^D$ and $u := 2 z^{(l)}$.
$$ \sum_d u_d = 2 \sum_d z^{(l)}_d $$
""",
    "a letter that is a size is an index where the right side uses it as one": r"""
# One
Let $x \in \mathbb{R}^{d}$ and $y_d := 2 x_d$.
$$ y = 2 x $$
""",
}


@pytest.mark.parametrize("name", SIBLINGS)
def test_sections_are_read_apart(name: str) -> None:
    claims = read_document(SIBLINGS[name], "x.md").claims
    assert [c.error for c in claims] == [None] * len(claims)
    assert claims


def test_a_vector_whose_size_nothing_tells_has_any_size():
    first, second = check_document(
        "Let $d_k \\in \\{0, 1\\}$. $$ d_k^2 = d_k $$\n\n$$ \\sum_k d_k \\le 1 $$"
    ).steps
    assert (first.verdict, second.verdict) == ("proved", "refuted")


def test_two_sizes_that_nothing_tells_are_not_the_same():
    declared = "Let $c_k \\in \\{0, 1\\}$, $d_k \\in \\{0, 1\\}$."
    (step,) = check_document(f"{declared} $$ \\sum_k c_k^2 = \\sum_j d_j^2 $$").steps
    assert step.verdict == "refuted"
