"""An optimisation problem at a point: its objective, its variable's entries, and the test of convexity."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import isfinite

from derive.evaluate import UNDEFINED, Array, EvaluationError, Number, Point, ResourceLimit, is_exact, simple
from derive.evaluate.numbers import Reals, plain
from derive.props import ArgOpt
from derive.refute.instances import Finder
from derive.terms import Index

At = dict[Index, int]


@dataclass(frozen=True)
class Problem:
    """An `ArgOpt` at a point: minimise `sign` · objective over the entries of `name`."""

    opt: ArgOpt
    sign: int
    name: str

    @staticmethod
    def of(opt: ArgOpt) -> Problem:
        return Problem(opt, 1 if opt.kind == "min" else -1, opt.var.name)

    def objective(self, point: Point, at: At) -> Number | None:
        """sign · objective, or None where it has no value."""
        try:
            value = plain(point.value(self.opt.body, at))
        except (ResourceLimit, EvaluationError):
            return None
        return None if value is UNDEFINED else self.sign * value


def moved(finder: Finder, point: Point, name: str, data: list[Number]) -> Point | None:
    """The same instance with other values of the variable, if its domain allows them."""
    domain = finder.context.declarations[name].domain
    tidy = [simple(x) for x in data]
    for x in tidy:
        if is_exact(x):
            if not domain.contains(x):
                return None
        elif domain.values is not None or not isfinite(float(x)) or not domain.contains(Fraction(float(x))):
            return None
    instance = point.instance.copy()
    old = instance.values[name]
    instance.values[name] = Array(old.dims, tidy) if isinstance(old, Array) else tidy[0]
    return finder.evaluator.at(instance, digits=point.numbers.digits, deadline=finder.deadline)


def entries_of(point: Point, name: str) -> list[Number]:
    """The entries of a variable's value, row by row."""
    value = point.instance.values[name]
    return value.data if isinstance(value, Array) else [value]


def positive(a: list[list[Number]], numbers: Reals) -> bool:
    """Is the symmetric matrix certainly positive semidefinite?"""
    exact = all(is_exact(x) for row in a for x in row)
    a = [list(row) for row in a]
    left = list(range(len(a)))
    while left:
        if any(a[i][i] < 0 for i in left):
            return False
        k = max(left, key=lambda i: numbers.magnitude(a[i][i]))
        if not a[k][k]:
            return not any(a[i][j] for i in left for j in left)
        if not exact and numbers.magnitude(a[k][k]) < -numbers.lost:
            return False
        left.remove(k)
        r = numbers.reciprocal(a[k][k])
        for i in left:
            factor = a[i][k] * r
            for j in left:
                a[i][j] = a[i][j] + -(factor * a[k][j])
    return True
