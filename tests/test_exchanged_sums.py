"""Double sums over pairs: antisymmetric ones cancel, one that is not negative is at least its diagonal; no refuter."""

from __future__ import annotations

import pytest

from derive.clock import now
from derive.homework.document import read_document
from derive.kernel import Theorem
from derive.prover import ProofError, prove

NAMES = r"""Let $x, a \in \mathbb{R}^N$, $K \in \mathbb{R}^{N \times N}$.

"""
APART = "Assume $x_i \\ne x_j$ for $i \\ne j$.\n\n"
SECONDS = 2.0

TRUE = [
    r"\sum_{k=1}^N \sum_{j \ne k} \frac{1}{x_k - x_j} = 0",
    r"\sum_{k=1}^N \sum_{j \ne k} \frac{1}{(x_k - x_j)^3} = 0",
    r"\sum_{k=1}^N \sum_{j \ne k} \frac{a_k a_j}{x_k - x_j} = 0",
    r"\sum_{k=1}^N \sum_{j \ne k} \frac{x_k}{x_k - x_j} = \frac{N (N - 1)}{2}",
    r"\sum_{k=1}^N \sum_{j \ne k} \frac{x_k^2}{x_k - x_j} = (N - 1) \sum_{k=1}^N x_k",
    r"\sum_{k=1}^N \sum_{j=1}^N \frac{x_k - x_j}{1 + (x_k - x_j)^2} = 0",
    r"\sum_{j \ne k} \frac{1}{(x_k - x_j)^2} \ge 0",
    r"\sum_{k=1}^N \sum_{j \ne k} \frac{1}{(x_k - x_j)^2} \ge 0",
    r"\sum_{k=1}^N \sum_{j \ne k} K_{kj}^2 \ge 0",
    r"\prod_{j \ne k} (x_k - x_j)^2 > 0",
]

#: neighbours that are false, also where the points differ
FALSE = [
    r"\sum_{k=1}^N \sum_{j \ne k} \frac{a_k}{x_k - x_j} = 0",
    r"\sum_{k=1}^N \sum_{j \ne k} \frac{1}{x_k - x_j} = N",
    r"\sum_{k=1}^N \sum_{j \ne k} \frac{1}{(x_k - x_j)^2} = 0",
    r"\sum_{k=1}^N \sum_{j \ne k} \frac{x_k}{x_k - x_j} = \frac{N^2}{2}",
    r"\sum_{k=1}^N \sum_{j=1}^N \frac{x_k + x_j}{1 + (x_k - x_j)^2} = 0",
    r"\sum_{j \ne k} K_{kj} \ge 0",
    r"\sum_{k=1}^N \sum_{j \ne k} K_{kj}^2 \ge \sum_{k=1}^N K_{kk}^2",
    r"\sum_{k=1}^N \sum_{j=1}^N K_{kj}^2 \ge N",
    r"\prod_{j \ne k} (x_k - x_j) > 0",
    r"\prod_{j \ne k} (x_k - x_j + 1)^2 > 0",
]


def theorem(claim: str, assumed: str = "") -> Theorem:
    (step,) = read_document(f"{NAMES}{assumed}$$ {claim} $$\n", "a.md").claims
    assert step.prop is not None
    return prove(step.context, step.prop, deadline=now() + SECONDS, minimise=False)


@pytest.mark.parametrize("claim", TRUE)
def test_sums_over_pairs_of_points_that_differ_are_proved(claim: str) -> None:
    theorem(claim, APART)


@pytest.mark.parametrize("claim", [c for c in TRUE if r"\ne k" in c and "K" not in c])
def test_none_is_proved_where_points_may_be_the_same(claim: str) -> None:
    with pytest.raises(ProofError):
        theorem(claim)


@pytest.mark.parametrize("claim", FALSE)
def test_false_neighbours_are_not_proved(claim: str) -> None:
    with pytest.raises(ProofError):
        theorem(claim, APART)
