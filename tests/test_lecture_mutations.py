"""Every derivation of the lecture with one slip: what is false by the evaluator is not proved.

The mutants come from the table of edits (signs, factors, 1/N, transposes, indices, sums, terms, names, …) and
from dropping hypotheses.  A share of them runs here; `DERIVE_MUTANTS=all` runs every one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import fields, replace
from itertools import islice
from typing import Any

import pytest
from mutants import ALL, Mutant, judged, structural

from derive.blackboard import Step
from derive.context import Context
from derive.lecture import DERIVATIONS
from derive.props import ArgOpt, EveryDepth, Prop
from derive.terms import Index, Size, Term

#: of each step, at most so many mutants (spread over the kinds)
SHARE = None if ALL else 3
#: the steps are shared out over so many tests
PARTS = 3
#: kinds whose mutants mostly have another shape: they are made where all axes have one size
RARE = ("transpose", "order")


def squared(part: Any) -> Any:
    """The term or proposition with every named size the same, so that a lost transpose still fits."""
    if isinstance(part, Size):
        return Size(part.const, (("N", count),)) if (count := sum(c for _, c in part.parts)) else part
    if isinstance(part, tuple):
        return tuple(map(squared, part))
    if isinstance(part, (Index, Prop, Term, ArgOpt)):
        make: Any = type(part)
        return make(*(squared(getattr(part, f.name)) for f in fields(part) if f.init))
    return part


def squared_context(context: Context) -> Context:
    made = context.child()
    for name, d in context.declarations.items():
        made.declarations[name] = replace(d, shape=squared(d.shape))
    for name, f in context.functions.items():
        made.functions[name] = replace(f, domain=squared(f.domain))
    for name, definition in context.definitions.items():
        body, params = squared(definition.body), squared(definition.params)
        made.definitions[name] = replace(definition, body=body, params=params)
    made.assumptions = [replace(a, prop=squared(a.prop)) for a in context.assumptions]
    made.least = {squared(size): least for size, least in context.least.items()}
    return made


def fewer_hypotheses(step: Step, name: str) -> Iterator[Mutant]:
    for assumption in step.context.assumptions:
        context = step.context.child()
        context.assumptions = [a for a in context.assumptions if a is not assumption]
        yield Mutant(name, "hypothesis", context, step.prop)


def mutants(part: int) -> Iterator[Mutant]:
    """Of every so many-th step."""
    steps = [(name, step) for name, made in DERIVATIONS.items() for step in made().steps]
    steps = [(name, step) for name, step in steps if not isinstance(step.prop, EveryDepth)]
    for turn, (name, step) in islice(enumerate(steps), part, None, PARTS):
        label = f"{name}: {step.label}"
        yield from islice(structural(step.context, step.prop, label, turn), SHARE)
        yield from fewer_hypotheses(step, label)
        square = structural(squared_context(step.context), squared(step.prop), f"{label}, N = D", turn)
        yield from islice((m for m in square if m.kind in RARE), None if ALL else 1)


@pytest.mark.parametrize("part", range(PARTS))
def test_no_mutant_that_is_false_is_proved(part: int, record_property: Callable[[str, object], None]) -> None:
    tally = judged(mutants(part))
    record_property("mutants", ("the lecture", dict(tally.false), dict(tally.found)))
    assert tally.wrong == []
    assert tally.false.total() >= 500 / PARTS
    assert tally.found.total() >= 0.98 * tally.false.total(), tally.open
