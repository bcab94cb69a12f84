"""Refuting that two optimisation problems have the same solutions.

A point is shown that certainly solves one problem, and a better one for the other.  What is certain:
a stationary point of a convex quadratic objective (or of one whose logarithm is quadratic), and of a
convex sum of logarithms of exponential sums (`derive.refute.convex`).
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from random import Random

from derive.context import written
from derive.evaluate import UNDEFINED, EvaluationError, Number, Point, ResourceLimit, simple
from derive.evaluate.intervals import enclosed, intervals
from derive.evaluate.numbers import plain
from derive.evaluate.truth import sign_of_gap
from derive.props import SameSolutions
from derive.refute.convex import convex_solution
from derive.refute.degree import Degrees
from derive.refute.failure import NOTHING, Failure, Verdict
from derive.refute.instances import Finder
from derive.refute.problem import At, Problem, entries_of, moved, positive
from derive.refute.show import text
from derive.refute.solve import step
from derive.refute.values import draw


def judge_optimum(finder: Finder, point: Point, prop: SameSolutions) -> Verdict:
    """Fails where a point that certainly solves one problem is beaten in the other."""
    name = prop.left.var.name
    if prop.right.var.name != name or name in finder.constrained or name not in finder.context.declarations:
        return NOTHING
    problems = (Problem.of(prop.left), Problem.of(prop.right))
    evidence = False
    for at in point.places(point.evaluator.free(prop)):
        for k in (0, 1):
            solution = _solution(finder, point, problems[k], at)
            if solution is None:
                continue
            evidence = True
            better = _better(finder, solution, problems[1 - k], at)
            if better is not None:
                names = {i.name: v for i, v in at.items()}
                note = "solution_left" if k == 0 else "solution_right"
                params = {"variable": written(name), "better": text(better.instance.values[name])}
                return Verdict(Failure(names, (), k == 0, k == 1, note, params, solution.instance))
    return Verdict(evidence=evidence)


def _solution(finder: Finder, point: Point, problem: Problem, at: At) -> Point | None:
    """A point that certainly minimises the problem, or None."""
    quadratic = _stationary(finder, point, problem, at)
    if quadratic is not None:
        return quadratic
    return convex_solution(finder, point, problem, at)


def _stationary(finder: Finder, point: Point, problem: Problem, at: At) -> Point | None:
    """The minimum of a quadratic objective, or of one whose logarithm is quadratic."""
    degrees = Degrees(finder.evaluator, problem.name)
    degree = degrees.degree(problem.opt.body)
    log = False
    if degree is None or degree > 2:
        degree, log = degrees.log_degree(problem.opt.body), True
        if degree is None or degree > 2:
            return None
    try:
        value, slope, rows = point.expansion(problem.opt.body, problem.name, at, log=log)
    except (ResourceLimit, EvaluationError):
        return None
    if value is UNDEFINED or any(x is UNDEFINED for row in (slope, *rows) for x in row):
        return None
    slope = [simple(problem.sign * x) for x in slope]
    hessian = [[simple(plain(problem.sign * x)) for x in row] for row in rows]
    if not positive(hessian, point.numbers):
        return None
    move = step(hessian, slope, point.numbers)
    if move is None:
        return None
    return moved(finder, point, problem.name, [x + d for x, d in zip(entries_of(point, problem.name), move)])


def _better(finder: Finder, point: Point, problem: Problem, at: At) -> Point | None:
    """A point where the objective is smaller for certain, or None."""
    here = problem.objective(point, at)
    if here is None:
        return None
    for data in _trials(finder, point, problem, at):
        other = moved(finder, point, problem.name, data)
        there = problem.objective(other, at) if other is not None else None
        if other is None or there is None or sign_of_gap(there, here, point.numbers) != -1:
            continue
        if _certainly_less(finder, other, point, problem, at):
            return other
    return None


def _certainly_less(finder: Finder, better: Point, point: Point, problem: Problem, at: At) -> bool:
    """Is the objective smaller at the better point for all that rounding may hide?"""
    instances = [enclosed(p.instance, point.numbers.digits) for p in (better, point)]
    there, here = (problem.objective(finder.evaluator.at(i, numbers=intervals()), at) for i in instances)
    return there is not None and here is not None and sign_of_gap(there, here, intervals()) == -1


def _trials(finder: Finder, point: Point, problem: Problem, at: At) -> Iterator[list[Number]]:
    """Points that may be better: the problem's own minimum, steps downhill, others."""
    own = _stationary(finder, point, problem, at)
    if own is not None:
        yield entries_of(own, problem.name)
    here = entries_of(point, problem.name)
    try:
        _, slopes = point.linearised(problem.opt.body, problem.name, at)
        slope = [plain(problem.sign * x) for x in slopes[0]]
    except (ResourceLimit, EvaluationError):
        slope = []
    if slope and not any(x is UNDEFINED for x in slope):
        for scale in (1, Fraction(1, 4), Fraction(1, 32), Fraction(1, 1024)):
            yield [x + -(scale * g) for x, g in zip(here, slope)]
    rng = Random(3)
    domain = finder.context.declarations[problem.name].domain
    for k in range(12):
        yield [draw(domain, rng, k % 3) for _ in here]


__all__ = ["judge_optimum"]
