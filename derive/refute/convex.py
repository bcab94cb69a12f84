"""Minima of convex objectives made of logarithms of sums of exponentials: logistic and softmax losses,
Poisson likelihoods, with quadratic penalties."""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache

from derive.evaluate import UNDEFINED, Array, EvaluationError, Number, Point, ResourceLimit, is_exact
from derive.evaluate.numbers import Reals, plain
from derive.refute.forms import Form, FormReals, NoForm, Ratio
from derive.refute.instances import Finder
from derive.refute.problem import Problem, entries_of, moved, positive
from derive.refute.solve import step
from derive.terms import Index

_STEPS = 30
#: bits; a minimum that is further away than this (or none) is not looked for
_FAR = 6


@lru_cache(maxsize=2)
def _reals(digits: int) -> FormReals:
    return FormReals(digits)


def convex_solution(finder: Finder, point: Point, problem: Problem, at: dict[Index, int]) -> Point | None:
    """A stationary point of the objective, if the objective is certainly convex there; or None."""
    name = problem.name
    old = point.instance.values[name]
    values = old.data if isinstance(old, Array) else [old]
    if not is_convex(finder, point, problem, at, len(values)):
        return None
    return _descended(finder, point, problem, at)


def is_convex(finder: Finder, point: Point, problem: Problem, at: dict[Index, int], width: int) -> bool:
    """Is sign · objective certainly a convex function of the variable, all else as at the point?"""
    entries = [Form(width, {(k,): 1}) for k in range(width)]
    instance = point.instance.copy()
    old = instance.values[problem.name]
    if not all(is_exact(x) for n, v in instance.values.items() if n != problem.name
               for x in (v.data if isinstance(v, Array) else [v])):  # fmt: skip
        return False
    instance.values[problem.name] = Array(old.dims, list(entries)) if isinstance(old, Array) else entries[0]
    try:
        made = finder.evaluator.at(
            instance, numbers=_reals(point.numbers.digits), deadline=finder.deadline
        ).value(problem.opt.body, at)
        if isinstance(made, Ratio):
            made = made.form()
    except (NoForm, ResourceLimit, EvaluationError, TypeError, AttributeError):
        return False
    if not isinstance(made, Form):
        return made is not UNDEFINED
    sign = problem.sign
    if any(sign * c < 0 for part in (made.logs, made.exps) for c in part.values()):
        return False
    if any(sign * c > 0 for c in made.lines.values()):  # log of an affine function is concave
        return False
    hessian: list[list[Number]] = [[0] * width for _ in range(width)]
    for m, c in made.poly.items():
        if isinstance(m, tuple) and len(m) == 2:
            i, j = m
            hessian[i][j] = hessian[i][j] + sign * c
            hessian[j][i] = hessian[j][i] + sign * c
    return positive(hessian, point.numbers)


def _descended(finder: Finder, point: Point, problem: Problem, at: dict[Index, int]) -> Point | None:
    """Newton's method with halved steps, to the last digits."""
    here: Point | None = point
    for _ in range(_STEPS):
        if here is None or finder.late():
            return None
        try:
            value, slope, rows = here.expansion(problem.opt.body, problem.name, at)
        except (ResourceLimit, EvaluationError):
            return None
        if value is UNDEFINED or any(x is UNDEFINED for row in (slope, *rows) for x in row):
            return None
        numbers = here.numbers
        scale = max((numbers.magnitude(plain(x)) for row in rows for x in row), default=0)
        if all(numbers.magnitude(g) < scale - numbers.lost for g in slope):
            return here
        move = step([[plain(x) for x in row] for row in rows], slope, numbers)
        if move is None or any(numbers.magnitude(d) > _FAR for d in move):
            return None
        here = _downhill(finder, here, problem, at, value, [_real(numbers, x) for x in entries_of(here, problem.name)],
                         [_real(numbers, d) for d in move], moved)  # fmt: skip
    return None


def _real(numbers: Reals, x: Number) -> Number:
    return numbers.real(x) if is_exact(x) else x


def _downhill(
    finder: Finder,
    point: Point,
    problem: Problem,
    at: dict[Index, int],
    value: Number,
    start: list[Number],
    move: list[Number],
    moved: object,
) -> Point | None:
    before = problem.sign * value
    for halvings in range(12):
        factor = Fraction(1, 2**halvings)
        other: Point | None = moved(finder, point, problem.name, [x + factor * d for x, d in zip(start, move)])  # type: ignore[operator]
        if other is None:
            continue
        there = problem.objective(other, at)
        # near the minimum the values agree to all digits: a full step is right there
        if there is not None and point.numbers.real(there) <= point.numbers.real(before) + abs(
            point.numbers.real(before)
        ) * point.numbers.context.mpf(10) ** (8 - point.numbers.digits):
            return other
    return None
