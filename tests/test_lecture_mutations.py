"""Every derivation of the lecture with one slip: what is false by the evaluator is not proved.

The mutants come from the table of edits (signs, factors, 1/N, transposes, indices, sums, terms, names, …) and
from dropping hypotheses.  A share of them runs here; `DERIVE_MUTANTS=all` runs every one.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

import pytest
from mutants import ALL, Mutant, judged, structural

from derive.blackboard import Step
from derive.lecture import DERIVATIONS
from derive.props import EveryDepth

#: of each step, at most so many mutants (spread over the kinds)
SHARE = None if ALL else 3


def fewer_hypotheses(step: Step, name: str) -> Iterator[Mutant]:
    for assumption in step.context.assumptions:
        context = step.context.child()
        context.assumptions = [a for a in context.assumptions if a is not assumption]
        yield Mutant(name, "hypothesis", context, step.prop)


def all_mutants() -> Iterator[Mutant]:
    turn = 0
    for name, derivation in DERIVATIONS.items():
        for step in derivation().steps:
            if not isinstance(step.prop, EveryDepth):
                label = f"{name}: {step.label}"
                yield from islice(structural(step.context, step.prop, label, turn), SHARE)
                yield from fewer_hypotheses(step, label)
                turn += 1


def test_no_mutant_that_is_false_is_proved(capsys: pytest.CaptureFixture[str]) -> None:
    tally = judged(all_mutants())
    with capsys.disabled():
        print(f"\nthe lecture: {tally}")
    assert tally.wrong == []
    assert tally.false.total() >= 500
    assert tally.found.total() >= 0.98 * tally.false.total(), tally.open
