"""Every derivation of the lecture with one slip: what is false by the evaluator is not proved.

The mutants come from the table of edits (signs, factors, 1/N, transposes, indices, sums, terms, names, …) and
from dropping hypotheses.  A share of them runs here; `DERIVE_MUTANTS=all` runs every one.
"""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

import pytest

from derive.blackboard import Step
from derive.context import Context
from derive.evaluate import EvaluationError, Evaluator, ResourceLimit
from derive.lecture import DERIVATIONS
from derive.props import EveryDepth, Prop
from derive.prover import ProofError, prove
from derive.refute import Search
from derive.refute.instances import Finder
from derive.repair.claims import claim_edits

#: of each step, at most so many mutants (spread over the kinds)
SHARE = None if os.environ.get("DERIVE_MUTANTS") == "all" else 3
SECONDS = 1.0


@dataclass(frozen=True)
class Mutant:
    name: str
    kind: str
    context: Context
    prop: Prop


def mutants(step: Step, name: str, turn: int) -> Iterator[Mutant]:
    """One of each kind, then the next; the kind that comes first changes with `turn`."""
    kinds: dict[str, list[Prop]] = {}
    for made in claim_edits(step.context, step.prop):
        kinds.setdefault(made.edit.kind, []).append(made.prop)
    first = 3 * turn % max(len(kinds), 1)
    order = [*list(kinds.items())[first:], *list(kinds.items())[:first]]
    for position in range(max(map(len, kinds.values()), default=0)):
        for kind, props in order:
            if position < len(props):
                yield Mutant(name, kind, step.context, props[position])


def fewer_hypotheses(step: Step, name: str) -> Iterator[Mutant]:
    for assumption in step.context.assumptions:
        context = step.context.child()
        context.assumptions = [a for a in context.assumptions if a is not assumption]
        yield Mutant(name, "hypothesis", context, step.prop)


def all_mutants() -> Iterator[Mutant]:
    steps = [(name, step) for name, derivation in DERIVATIONS.items() for step in derivation().steps]
    for turn, (name, step) in enumerate(steps):
        if not isinstance(step.prop, EveryDepth):
            yield from islice(mutants(step, f"{name}: {step.label}", turn), SHARE)
            yield from fewer_hypotheses(step, f"{name}: {step.label}")


def numerically_false(m: Mutant) -> bool:
    """Do the instances alone show it false?  A plain look at some points, without the refuter's search."""
    evaluator = Evaluator(m.context)
    finder = Finder(evaluator, m.prop)
    for sizes in list(finder.sizes.distinct())[:2]:
        for point in finder.instances(sizes, 4, 0, seed=23):
            try:
                if point.truth(m.prop) is False:
                    return True
            except (ResourceLimit, EvaluationError):
                continue
    return False


def proved(m: Mutant) -> bool:
    try:
        prove(m.context, m.prop, deadline=time.monotonic() + SECONDS, minimise=False)
    except ProofError:
        return False
    return True


def refuted(m: Mutant, thorough: bool = False) -> bool:
    search = Search(m.context, m.prop, time.monotonic() + SECONDS)
    findings = search.thorough(1) if thorough else search.quick()
    return findings.counterexample is not None


def test_no_mutant_that_is_false_is_proved(capsys: pytest.CaptureFixture[str]) -> None:
    false, found = Counter[str](), Counter[str]()
    wrong, open_ = [], []
    for m in all_mutants():
        instance = refuted(m)
        if not instance and not numerically_false(m):
            continue
        instance = instance or refuted(m, thorough=True)
        false[m.kind] += 1
        found[m.kind] += instance
        if not instance:
            open_.append(m.name)
        if proved(m):
            wrong.append(f"{m.name}: {m.prop}")
    with capsys.disabled():
        print(f"\n{false.total()} false mutants of the lecture, {found.total()} refuted with an instance")
        print(", ".join(f"{kind} {found[kind]}/{count}" for kind, count in sorted(false.items())))
    assert wrong == []
    assert false.total() >= 500
    assert found.total() >= 0.98 * false.total(), open_
