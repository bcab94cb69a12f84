"""Programs tried before they are written: the printed source is run, and must give what the theorems say.

The kernel proves the theorems and the rewritings; that the passes and the printer keep to them is checked here, at
random points of small sizes, against the evaluator of `derive`, which shares no code with either.  The left side of
each theorem is what is evaluated, ∂L/∂w itself and not its closed form.

Nothing is said where there is no such point, or where it has no value or takes too long.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from math import prod
from random import Random
from types import ModuleType
from typing import Any

import numpy as np

from codegen.document_text import Function
from codegen.program import Input
from derive.clock import now, passed
from derive.evaluate import UNDEFINED, Array, EvaluationError, Evaluator, Point, ResourceLimit
from derive.kernel import Theorem
from derive.props import Rel
from derive.refute.instances import Finder
from derive.refute.values import draw

#: seconds for each function and for a module; points that decide; points that are tried at each choice of sizes
SECONDS, ALL, POINTS, TRIES = 0.4, 10.0, 2, 6
#: with a size of more than this in a shape nothing is run, nor with more entries in an argument
LARGEST_SIZE, MOST_ENTRIES = 64, 4096
#: values are compared where they are moderate, to this part of the largest entry or of 1
LARGEST, TOLERANCE = 1e12, 1e-6
#: digits of the evaluator
DIGITS = 30


class Trials:
    """The functions of one module, run beside the evaluator."""

    def __init__(self, source: str) -> None:
        self.module = ModuleType("tried")
        exec(compile(source, "<tried>", "exec"), self.module.__dict__)  # printed from programs, like the file
        self.deadline = now() + ALL

    def differs(self, f: Function) -> bool:
        """Does the function give other numbers than its theorems, at two of at most three points?"""
        inputs = f.program.inputs
        if any(s.const > LARGEST_SIZE for i in inputs for s in i.shape):
            return False
        agreed = differed = 0
        for point in points(list(f.program.theorems.values()), inputs, min(self.deadline, now() + SECONDS)):
            said = _said(f.program.theorems.values(), point)
            given = self._given(f, point) if said is not None else None
            if said is None or given is None:
                continue
            if _agree(given, said):
                agreed += 1
            else:
                differed += 1
            if POINTS in (agreed, differed):
                break
        return differed == POINTS

    def _given(self, f: Function, point: Point) -> list[np.ndarray] | None:
        """The results of the function, flat; None where a matrix has no inverse in floating point, or where no
        number is left of a value that is beyond its range."""
        values = point.instance.values
        beyond: list[str] = []
        try:
            with np.errstate(all="ignore", over="call", call=lambda kind, flag: beyond.append(kind)):
                made = getattr(self.module, f.name)(*(_array(values[i.name]) for i in f.program.inputs))
        except np.linalg.LinAlgError:
            return None
        results = [np.ravel(r) for r in (made if isinstance(made, tuple) else (made,))]
        return None if beyond and not all(np.isfinite(r).all() for r in results) else results


def _said(theorems: Iterable[Theorem], point: Point) -> list[np.ndarray] | None:
    """What the theorems' left sides are at the point, flat; None where they have no value, or an extreme one."""
    made = []
    for theorem in theorems:
        prop = theorem.prop
        if not isinstance(prop, Rel):
            return None
        evaluator = Evaluator(theorem.context)
        if evaluator.free(prop):
            return None
        try:
            entries = evaluator.at(point.instance, digits=DIGITS, deadline=point.run.deadline).entries(prop.left)
        except (EvaluationError, ResourceLimit):
            return None
        if any(x is UNDEFINED for x in entries) or any(abs(x) > LARGEST for x in entries):
            return None
        made.append(np.array([float(x) for x in entries]))
    return made


def _agree(given: Sequence[np.ndarray], said: Sequence[np.ndarray]) -> bool:
    return len(given) == len(said) and all(
        g.shape == s.shape and np.allclose(g, s, rtol=0, atol=TOLERANCE * max(1.0, np.abs(s).max(initial=0.0)))
        for g, s in zip(given, said)
    )


def _array(value: Any) -> np.ndarray | float:
    if not isinstance(value, Array):
        return float(value)
    return np.array([float(x) for x in value.data]).reshape(value.dims)


def points(theorems: Sequence[Theorem], inputs: Sequence[Input], deadline: float) -> Iterator[Point]:
    """Points that satisfy what the theorems' context assumes, with values for all arguments."""
    theorem = theorems[0]
    context = theorem.context
    finder = Finder(Evaluator(context), theorem.prop, (), deadline, DIGITS)
    for number, sizes in enumerate(finder.sizes.distinct()):
        own = dict(sizes)
        for n in (n for i in inputs for s in i.shape for n in s.names):
            own.setdefault(n, 3)
        if any(prod(s.value(own) for s in i.shape) > MOST_ENTRIES for i in inputs):
            return
        for point in finder.instances(own, TRIES, 1, seed=number):
            rng = Random(number)
            for i in inputs:
                if i.name not in point.instance.values:
                    dims = tuple(s.value(own) for s in i.shape)
                    data = [draw(i.domain, rng, 1) for _ in range(prod(dims))]
                    point.instance.values[i.name] = Array(dims, list(data)) if dims else data[0]
            yield point
        if passed(deadline):
            return


__all__ = ["Trials", "points"]
