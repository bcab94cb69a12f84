"""What one section introduces is nothing to its siblings."""

from __future__ import annotations

import pytest

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
