"""The lecture's derivations are proved, step by step."""

import pytest

from derive.kernel import Theorem
from derive.lecture import DERIVATIONS
from derive.prover import prove_all


@pytest.mark.parametrize("name", DERIVATIONS)
def test_every_step_is_proved(name: str) -> None:
    results = prove_all(DERIVATIONS[name]())
    assert [label for label, result in results.items() if not isinstance(result, Theorem)] == []
