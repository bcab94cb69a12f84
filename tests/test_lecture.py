"""The lecture's derivations are proved, step by step."""

import pytest
from lecture_proofs import proofs

from derive.kernel import Theorem
from derive.lecture import DERIVATIONS


@pytest.mark.parametrize("name", DERIVATIONS)
def test_every_step_is_proved(name: str) -> None:
    assert [label for label, result in proofs(name).items() if not isinstance(result, Theorem)] == []
