"""The search for a counterexample: quick at first, thorough when asked, small in the end."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from math import inf
from random import Random

from derive.clock import now, passed
from derive.context import Context
from derive.evaluate import Array, EvaluationError, Evaluator, Instance, Number, Point, ResourceLimit, is_exact
from derive.evaluate.intervals import enclosed, intervals
from derive.props import Prop, SameSolutions
from derive.refute.cases import Case, cases
from derive.refute.certain import agree, holds, signature
from derive.refute.existence import surrounded
from derive.refute.failure import NOTHING, Failure, Verdict
from derive.refute.instances import Finder
from derive.refute.show import display
from derive.refute.simple import cost, moved, simpler
from derive.verdict import Counterexample

CONFIRMING = 110  # digits
_MOST_ROUNDS = 40
#: after so many instances that may be none, nothing is refuted
_MOST_DOUBTS = 12
#: what rounded sides weigh against simpler values
_ROUNDED = 12.0
_SHRINK_SECONDS = 0.04
_SMALLEST_SECONDS = 0.15


@dataclass
class Findings:
    """What the instances said.  `found` counts those that satisfied all assumptions."""

    counterexample: Counterexample | None = None
    found: int = 0
    evidence: int = 0
    one_sided: list[tuple[Instance, str]] = field(default_factory=list)


class Search:
    """Looks for an instance that satisfies the context and makes `prop` false."""

    def __init__(self, context: Context, prop: Prop, deadline: float | None = None) -> None:
        self.evaluator = Evaluator(context)
        self.context = context
        self.prop = prop
        self.cases = list(cases(self.evaluator, prop, deadline))
        self.findings = Findings()
        self.deadline = deadline
        self._doubts = 0  # instances that may be none

    @property
    def deadline(self) -> float | None:
        """The end of the search, in `derive.clock.now`."""
        return self._deadline

    @deadline.setter
    def deadline(self, deadline: float | None) -> None:
        self._deadline = deadline
        for case in self.cases:
            case.finder.deadline = deadline

    def quick(self) -> Findings:
        """A few points at sizes that differ from each other, one at the smallest sizes."""
        for case in self.cases:
            choice = case.finder.sizes
            plans = [(s, 2, 0) for s in list(choice.distinct())[:1]]
            plans += [(s, 1, 0) for s in list(choice.ascending())[:1]]
            plans += [(s, 2, 1) for s in list(choice.distinct())[1:2] or list(choice.distinct())[:1]]
            if self._run(case, plans):
                break
        return self.findings

    def thorough(self, rounds: int = 4, seconds: float = 0.25) -> Findings:
        """All small sizes, edges of domains, every function of the catalogue: so many rounds, and then
        more until the seconds are spent (or the deadline comes)."""
        begun = now()
        for turn in range(_MOST_ROUNDS):
            if turn >= rounds and passed(begun + seconds):
                break
            for case in self.cases:
                plans = [(s, 6, (turn + k) % 3) for k, s in enumerate(case.finder.sizes.ascending())]
                if self._run(case, plans, seed=17 * turn + 5):
                    return self.findings
        return self.findings

    def one_sided(self) -> tuple[Instance, str] | None:
        """An instance at which certainly only one side has a value (and which side)."""
        for instance, side in self.findings.one_sided[:3]:
            for case in self.cases:
                point = self.evaluator.at(instance, digits=CONFIRMING)
                finer = self._enclosed(instance, case.finder.digits)
                if all(_judged(case, p).one_sided == side for p in (point, finer)):
                    return instance, side
        return None

    def any_instance(self) -> bool:
        """Is there an instance of the assumptions at all, at any small size?"""
        finder = Finder(self.evaluator, self.prop, (), self.deadline)
        for turn in range(3):
            for k, sizes in enumerate(finder.sizes.ascending()):
                if self._late():
                    return False
                for _ in finder.instances(sizes, 1, (turn + k) % 2, seed=29 * turn + 3):
                    return True
        return False

    def _late(self) -> bool:
        return passed(self.deadline)

    def _run(self, case: Case, plans: list[tuple[dict[str, int], int, int]], seed: int = 0) -> bool:
        """Tries the points of (sizes, how many, level); true once a counterexample is found."""
        for sizes, count, level in plans:
            if self._late():
                return False
            for point in case.finder.instances(sizes, count, level, seed):
                verdict = _judged(case, point)
                self.findings.found += 1
                if verdict.failure is not None:
                    made = self._best(case, point, verdict.failure)
                    if made is not None:
                        self.findings.counterexample = made
                        return True
                self.findings.evidence += verdict.evidence
                if verdict.one_sided:
                    self.findings.one_sided.append((point.instance, verdict.one_sided))
        return False

    # -- making it small ---------------------------------------------------------------------------

    def _best(self, case: Case, point: Point, failure: Failure) -> Counterexample | None:
        if self._confirmed(case, point) is None:
            return None
        point = self._smallest(case, point) or point
        for surely in (False, True):  # at simple values the sides may be too near to what has no value
            made = self._shrunk(case, point, surely)
            sure = self._confirmed(case, made)
            if sure is not None:
                return display(case.finder, made, sure)
        return None

    def _confirmed(self, case: Case, point: Point) -> Failure | None:
        """The failure, seen again with more than twice the digits, and certain by intervals."""
        if all(is_exact(x) for v in _all_values(point.instance) for x in v):
            failure = _judged(case, self.evaluator.at(point.instance, digits=CONFIRMING)).failure
            return failure if failure is not None and self._certain(case, point.instance) else None
        finer = case.finder.sharpened(point.instance, CONFIRMING)
        if finer is None:
            return None
        try:
            values = [signature(p, self.prop) for p in (point, finer)]
        except (ResourceLimit, EvaluationError):
            return None
        failure = _judged(case, finer).failure if agree(values[0], values[1], finer.numbers) else None
        return failure if failure is not None and self._certain(case, finer.instance) else None

    def _enclosed(self, instance: Instance, digits: int = CONFIRMING) -> Point:
        """The point in intervals; a rounded number is somewhere around its value."""
        return self.evaluator.at(enclosed(instance, digits), numbers=intervals(), deadline=self.deadline)

    def _certain(self, case: Case, instance: Instance) -> bool:
        """Does it fail for all that rounding may hide, among which there is an instance?  (What solves one problem
        is compared where it is found.)"""
        if self._doubts > _MOST_DOUBTS or self._late():
            return False
        around = surrounded(case.finder, instance, CONFIRMING)
        if around is None:
            self._doubts += 1
            return False
        point = self.evaluator.at(around, numbers=intervals(), deadline=self.deadline)
        try:
            if not all(holds(point, c) for c in case.finder.constraints if c not in case.finder.equations.props):
                return False
        except (ResourceLimit, EvaluationError):
            return False
        return isinstance(self.prop, SameSolutions) or _judged(case, point).failure is not None

    def _smallest(self, case: Case, point: Point) -> Point | None:
        """A failing point at the smallest sizes that have one."""
        limit = now() + _SMALLEST_SECONDS
        most = sum(point.instance.sizes.values())
        for sizes in case.finder.sizes.ascending():
            if sum(sizes.values()) > most or passed(limit) or self._late():
                break
            failing: list[Point] = []
            for candidate in case.finder.instances(sizes, 6, 0):
                if _judged(case, candidate).failure is not None:
                    failing.append(candidate)
                    if len(failing) >= 3:
                        break
            failing = [p for p in failing if self._confirmed(case, p) is not None]
            if failing:
                return min(failing, key=lambda p: self._weight(case, p))
        return None

    def _shrunk(self, case: Case, point: Point, surely: bool = False) -> Point:
        """The same with simpler numbers and functions, as long as it fails (`surely`: as long as that is confirmed);
        exact on both sides if that can be."""
        limit = now() + _SHRINK_SECONDS
        rng = Random(1)
        best, weight = point, self._weight(case, point)
        for move in simpler(point.instance, weight >= _ROUNDED):
            if passed(limit):
                break
            made = case.finder.repaired(moved(best.instance, move), rng, 0)
            if made is None or (lighter := self._weight(case, made)) >= weight:
                continue
            if not surely or self._confirmed(case, made) is not None:
                best, weight = made, lighter
        return best

    def _weight(self, case: Case, point: Point) -> float:
        """How hard the counterexample is to follow by hand; without end where it is none."""
        failure = _judged(case, point).failure
        if failure is None:
            return inf
        rounded = any(not isinstance(x, (bool, str)) and not is_exact(x) for x in (failure.left, failure.right))
        return cost(point.instance) + _ROUNDED * rounded


def _judged(case: Case, point: Point) -> Verdict:
    try:
        return case.judge(case.finder, point)
    except (ResourceLimit, EvaluationError):
        return NOTHING


def _all_values(instance: Instance) -> Iterator[list[Number]]:
    for v in instance.values.values():
        yield v.data if isinstance(v, Array) else [v]
