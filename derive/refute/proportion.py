"""Refuting f ∝ g: the factor differs at two values of the variable, or is not positive."""

from __future__ import annotations

from random import Random

from derive.context import written
from derive.evaluate import UNDEFINED, Array, EvaluationError, Instance, Number, Point, ResourceLimit
from derive.evaluate.intervals import Interval
from derive.evaluate.numbers import plain
from derive.evaluate.truth import sign_of_gap
from derive.props import Proportional
from derive.refute.failure import Failure, Verdict
from derive.refute.instances import Finder
from derive.refute.show import text
from derive.refute.values import draw
from derive.terms import Index

_OTHERS = 4


def judge_proportion(finder: Finder, point: Point, prop: Proportional) -> Verdict:
    """Fails where the quotient of the sides differs between two values of the variable, or is not positive."""
    name = prop.var.name
    evidence = False
    for at in point.places(point.evaluator.free(prop)):
        here = _sides(point, prop, at)
        if here is None:
            continue
        failure = _impossible(point, here, at, name)
        if failure is not None:
            return Verdict(failure)
        rng = Random(repr(sorted(at.items())))
        for k in range(_OTHERS):
            other = _elsewhere(finder, point, name, rng, k)
            there = _sides(other, prop, at) if other is not None else None
            if other is None or there is None:
                continue
            evidence = True
            failure = _impossible(other, there, at, name)
            if failure is not None:
                return Verdict(failure)
            # l₁ r₂ = l₂ r₁ where the factor is the same
            a, b = here[0] * there[1], there[0] * here[1]
            if sign_of_gap(a, b, point.numbers) and here[1] and there[1]:
                one, two = (point.numbers.reciprocal(s[1]) * s[0] for s in (here, there))
                names = {i.name: v for i, v in at.items()}
                params = {
                    "variable": written(name), "other": text(other.instance.values[name]),
                    "here": text(one), "there": text(two),
                }  # fmt: skip
                return Verdict(Failure(names, (), here[0], here[1], "ratio", params))
    return Verdict(evidence=evidence)


def _sides(point: Point, prop: Proportional, at: dict[Index, int]) -> tuple[Number, Number] | None:
    try:
        left, right = plain(point.value(prop.left, at)), plain(point.value(prop.right, at))
    except (ResourceLimit, EvaluationError):
        return None
    if isinstance(left, Array) or left is UNDEFINED or right is UNDEFINED:
        return None
    return left, right


def _impossible(point: Point, sides: tuple[Number, Number], at: dict[Index, int], name: str) -> Failure | None:
    """No positive factor leads from one side to the other."""
    first, second = (sign_of_gap(s, 0, point.numbers) for s in sides)
    if first is None or second is None or first == second:
        return None
    return Failure({i.name: v for i, v in at.items()}, (), sides[0], sides[1], "no_factor")


def _elsewhere(finder: Finder, point: Point, name: str, rng: Random, k: int) -> Point | None:
    """The same instance with another value of the variable."""
    instance = point.instance.copy()
    domain = finder.context.declarations[name].domain if name in finder.context.declarations else None
    if domain is None:
        return None
    old = instance.values[name]
    data = [draw(domain, rng, k % 2) for _ in (old.data if isinstance(old, Array) else [old])]
    instance.values[name] = Array(old.dims, data) if isinstance(old, Array) else data[0]
    if finder.point(_rounded(instance)) is None:
        return None
    return finder.evaluator.at(instance, numbers=point.numbers, deadline=finder.deadline)


def _rounded(instance: Instance) -> Instance:
    """Intervals replaced by their middles."""

    def one(x: Number) -> Number:
        return x.middle if isinstance(x, Interval) else x

    made = instance.copy()
    for name, v in instance.values.items():
        made.values[name] = Array(v.dims, [one(x) for x in v.data]) if isinstance(v, Array) else one(v)
    return made


__all__ = ["judge_proportion"]
