"""Signs of what holds Kronecker deltas: each consistent choice of equal indices is a case."""

import pytest

from derive.blackboard import Derivation, delta, diff, eq, prod_, sum_
from derive.prover import ProofError, prove
from derive.scene import Scene

d = Derivation("deltas")
(D,) = d.sizes("D")
w = d.vector("w", D)
i, j, k = (d.index(letter, D) for letter in "ijk")
same = delta(i, k), delta(j, k)

TABLE = [
    (1 + w[k] ** 2 * (1 - same[0]) * (1 - same[1]), True),
    (1 + w[k] ** 2 - same[0] * w[i] ** 2 - same[1] * w[j] ** 2 + delta(i, j) * same[0] * w[i] ** 2, True),
    (1 + w[k] ** 2 - same[0] * w[i] ** 2, True),
    (1 + w[k] ** 2 - same[0] * w[i] ** 2 - same[1] * w[j] ** 2, False),  # 1 − w² where all three are equal
    (w[k] ** 2 * (1 - same[0]) * (1 - same[1]), False),
    (1 - same[0] - same[1] + 2 * delta(i, j) * same[0], False),  # 0 where i = k ≠ j
]


@pytest.mark.parametrize(("term", "positive"), TABLE)
def test_positive_is_what_is_positive_in_every_case(term, positive):
    scene = Scene(d.context)
    assert scene.n.signs.positive(scene.read((term, ()))[0][0]) is positive


def test_a_product_without_two_of_its_factors_is_the_second_derivative():
    case = Derivation("leave two out")
    x = case.vector("w", D)
    q = case.define("q", sum_(i, x[i] * prod_(k, 1 + x[k] ** 2 * (1 - delta(k, i)))))
    rest = prod_(k, 1 + x[k] ** 2 * (1 - delta(k, i)) * (1 - delta(k, j)))
    alone = prod_(k, 1 + x[k] ** 2 * (1 - delta(k, j)))
    slope = alone + 2 * x[j] * sum_(i, x[i] * (1 - delta(i, j)) * rest)
    assert prove(case.context, eq(diff(q, x[j]), slope)).uses == ()
    with pytest.raises(ProofError):
        prove(case.context, eq(diff(q, x[j]), alone + 2 * x[j] * sum_(i, x[i] * rest)))
