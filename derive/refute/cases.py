"""How a proposition can fail: which instances to look at, and what to look for there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from derive.evaluate import UNDEFINED, Evaluator, Point
from derive.props import And, Iff, Implies, Prop, Proportional, Rel, SameSolutions, SemiDefinite
from derive.refute.certain import At, defined, fails, holds, joint, witness
from derive.refute.failure import NOTHING, Failure, Verdict
from derive.refute.instances import Finder
from derive.refute.optimum import judge_optimum
from derive.refute.proportion import judge_proportion
from derive.refute.show import text

Judge = Callable[[Finder, Point], Verdict]


@dataclass(frozen=True)
class Case:
    """Instances to look at, and what to look for there."""

    finder: Finder
    judge: Judge


def cases(evaluator: Evaluator, prop: Prop, deadline: float | None) -> Iterator[Case]:
    """The ways in which `prop` can be refuted."""
    def finder(*extra: Prop) -> Finder:
        return Finder(evaluator, prop, extra, deadline)

    match prop:
        case Rel():
            yield Case(finder(), lambda f, p: _relation(p, prop))
        case And():
            for part in prop.parts:
                yield from cases(evaluator, part, deadline)
        case Implies():
            yield Case(finder(prop.left), lambda f, p: _concluded(p, prop.right))
            if evaluator.free(prop.left):
                yield Case(finder(), lambda f, p: _implication(p, prop))
        case Iff():
            yield Case(finder(prop.left), lambda f, p: _follows(p, prop.right, True))
            yield Case(finder(prop.right), lambda f, p: _follows(p, prop.left, False))
            yield Case(finder(), lambda f, p: _equivalence(p, prop))
        case SemiDefinite():
            yield Case(finder(), lambda f, p: _semidefinite(p, prop))
        case Proportional():
            yield Case(finder(), lambda f, p: judge_proportion(f, p, prop))
        case SameSolutions():
            yield Case(finder(), lambda f, p: judge_optimum(f, p, prop))


def _relation(point: Point, rel: Rel) -> Verdict:
    found = witness(point, rel)
    if found is not None:
        at, where, left, right = found
        return Verdict(Failure(at, where, left, right))
    one_sided = ""
    evidence = False
    for at_ in point.places(point.evaluator.free(rel)):
        gaps = [any(x is UNDEFINED for x in point.entries(side, at_)) for side in (rel.left, rel.right)]
        if gaps == [False, False]:
            evidence = True
        elif gaps[0] != gaps[1]:
            one_sided = "right" if gaps[0] else "left"
    return Verdict(evidence=evidence, one_sided=one_sided)


def _concluded(point: Point, conclusion: Prop) -> Verdict:
    """The left side of an implication holds here; does the right one?  Where none of its terms has a value
    it says nothing."""
    found = _follows(point, conclusion, True)
    return found if not found.one_sided or _lopsided(point, conclusion) else NOTHING


def _lopsided(point: Point, prop: Prop) -> bool:
    """Has one side of an equation a value here, and the other none?"""
    if isinstance(prop, And):
        return any(_lopsided(point, p) for p in prop.parts)
    return not isinstance(prop, Rel) or bool(_relation(point, prop).one_sided)


def _follows(point: Point, other: Prop, from_left: bool) -> Verdict:
    """One side holds here; does the other?"""
    if fails(point, other):
        return Verdict(Failure({}, (), from_left, not from_left, "left_only" if from_left else "right_only"))
    if not defined(point, other):
        return Verdict(one_sided="left" if from_left else "right")
    return Verdict(evidence=holds(point, other))


def _implication(point: Point, prop: Implies) -> Verdict:
    """The left side for one value of its free indices."""
    for at in joint(point, prop):
        if holds(point, prop.left, at) and fails(point, prop.right, at):
            return Verdict(Failure(_named(at), (), True, False, "left_only"))
    return NOTHING


def _equivalence(point: Point, prop: Iff) -> Verdict:
    """Both sides at a point that need not satisfy either."""
    for at in joint(point, prop):
        if holds(point, prop.left, at) and fails(point, prop.right, at):
            return Verdict(Failure(_named(at), (), True, False, "left_only"))
        if holds(point, prop.right, at) and fails(point, prop.left, at):
            return Verdict(Failure(_named(at), (), False, True, "right_only"))
    left, right = defined(point, prop.left), defined(point, prop.right)
    if left != right:
        return Verdict(one_sided="left" if left else "right")
    return Verdict(evidence=left and fails(point, prop.left) and fails(point, prop.right))


def _named(at: At) -> dict[str, int]:
    return {i.name: v for i, v in at.items()}


def _semidefinite(point: Point, prop: SemiDefinite) -> Verdict:
    """A vector v with vᵀAv < 0."""
    from derive.refute.directions import directions  # which needs NumPy

    evidence = False
    for at in point.places(point.evaluator.free(prop)):
        array = point.value(prop.arg, at)
        n, a = array.dims[0], array.data
        if any(x is UNDEFINED for x in a):
            continue
        evidence = True
        for v in directions(n, a, point.numbers):
            form = point.numbers.total([v[i] * a[i * n + j] * v[j] for i in range(n) for j in range(n)])
            size = max(abs(point.numbers.real(x)) for x in a)
            if form < 0 and abs(point.numbers.real(form)) > size * point.numbers.context.mpf(10) ** -20:
                names = {i.name: k for i, k in at.items()}
                return Verdict(Failure(names, (), form, 0, "direction", {"direction": text(v)}))
    return Verdict(evidence=evidence)
