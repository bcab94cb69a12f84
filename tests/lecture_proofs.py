"""The lecture's theorems, proved once for all tests of a process."""

from __future__ import annotations

from functools import cache

from derive.kernel import Theorem
from derive.lecture import DERIVATIONS
from derive.prover import ProofError, prove_all


@cache
def proofs(name: str) -> dict[str, Theorem | ProofError]:
    """By step, in order."""
    return prove_all(DERIVATIONS[name]())
