"""Mutants: claims one slip away from a proved one, and whether the numbers show them false."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from derive.clock import now
from derive.context import Context
from derive.evaluate import EvaluationError, Evaluator, ResourceLimit
from derive.props import Prop
from derive.prover import ProofError, prove
from derive.refute import Search
from derive.refute.instances import Finder
from derive.repair.claims import claim_edits

ALL = os.environ.get("DERIVE_MUTANTS") == "all"
#: for each search; few need a tenth of it
SECONDS = 5.0


@dataclass(frozen=True)
class Mutant:
    name: str
    kind: str
    context: Context
    prop: Prop


def structural(context: Context, prop: Prop, name: str, turn: int = 0) -> Iterator[Mutant]:
    """By the table of edits, one of each kind and then the next; `turn` is the kind to begin with."""
    kinds: dict[str, list[Prop]] = {}
    for made in claim_edits(context, prop):
        kinds.setdefault(made.edit.kind, []).append(made.prop)
    names = sorted(kinds)
    names = names[turn % max(len(names), 1) :] + names[: turn % max(len(names), 1)]
    for position in range(max(map(len, kinds.values()), default=0)):
        for kind in names:
            props = kinds[kind]
            if position < len(props):
                yield Mutant(name, kind, context, props[position])


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
        prove(m.context, m.prop, deadline=now() + SECONDS, minimise=False)
    except ProofError:
        return False
    return True


def refuted(m: Mutant, thorough: bool = False) -> bool:
    search = Search(m.context, m.prop, now() + SECONDS)
    findings = search.thorough(1) if thorough else search.quick()
    return findings.counterexample is not None


@dataclass
class Tally:
    """`false` mutants by kind, those `found` by an instance, the names of the others, and the proved ones."""

    false: Counter[str]
    found: Counter[str]
    open: list[str]
    wrong: list[str]


def summary(false: Counter[str], found: Counter[str]) -> str:
    kinds = ", ".join(f"{kind} {found[kind]}/{count}" for kind, count in sorted(false.items()))
    return f"{false.total()} false mutants, {found.total()} refuted with an instance\n{kinds}"


def judged(mutants: Iterable[Mutant]) -> Tally:
    """Every mutant that is false: by the refuter's instance, or by a plain look."""
    tally = Tally(Counter(), Counter(), [], [])
    for m in mutants:
        instance = refuted(m)
        if not instance and not numerically_false(m):
            continue
        instance = instance or refuted(m, thorough=True)
        tally.false[m.kind] += 1
        tally.found[m.kind] += instance
        if not instance:
            tally.open.append(m.name)
        if proved(m):
            tally.wrong.append(f"{m.name}: {m.prop}")
    return tally
