"""Instances that satisfy every declaration and every assumption."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from math import prod
from random import Random
from typing import TypeGuard

from derive.clock import passed
from derive.context import REAL, Context
from derive.evaluate import (
    FIELDS,
    UNIVARIATE,
    Array,
    EvaluationError,
    Evaluator,
    Instance,
    Number,
    Point,
    ResourceLimit,
    is_exact,
    terms_of,
)  # fmt: skip
from derive.props import And, Prop, Rel
from derive.refute.certain import holds
from derive.refute.equations import Equations
from derive.refute.sizes import SizeChoice
from derive.refute.values import draw, draw_small, structured
from derive.terms import ZERO, Fn, Full, SqNorm, Term


def relations(prop: Prop) -> Iterator[Prop]:
    """The propositions that `prop` is the conjunction of; ‖a‖² = 0 says a = 0."""
    if isinstance(prop, And):
        for part in prop.parts:
            yield from relations(part)
    elif isinstance(prop, Rel) and prop.op == "=" and ZERO in (prop.left, prop.right):
        side = prop.left if prop.right == ZERO else prop.right
        if isinstance(side, Fn) and side.name == "sqrt":
            side = side.args[0]
        yield Rel("=", side.arg, Full(ZERO, side.arg.shape)) if _is_norm(side) else prop
    else:
        yield prop


def _is_norm(t: Term) -> TypeGuard[SqNorm]:
    return isinstance(t, SqNorm) and bool(t.arg.shape)


@dataclass
class Finder:
    """Finds instances for `prop` under the context's assumptions and some more (`extra`)."""

    evaluator: Evaluator
    prop: Prop
    extra: Sequence[Prop] = ()
    deadline: float | None = None
    digits: int = 50

    @property
    def context(self) -> Context:
        return self.evaluator.context

    @cached_property
    def constraints(self) -> list[Prop]:
        props = [*(a.prop for a in self.context.assumptions), *self.extra]
        return [r for p in props for r in relations(p)]

    @cached_property
    def terms(self) -> list[Term]:
        found = list(terms_of(self.prop))
        for c in self.constraints:
            found.extend(terms_of(c))
        names = set().union(*(self.evaluator.compiler.reach(t) for t in found)) if found else set()
        bodies = [self.context.definitions[n].body for n in sorted(names) if n in self.context.definitions]
        return found + bodies

    @cached_property
    def names(self) -> list[str]:
        """Every name that matters."""
        found: set[str] = set()
        for t in self.terms:
            found |= self.evaluator.compiler.reach(t)
        return sorted(found)

    @cached_property
    def variables(self) -> list[str]:
        own = set(self.names)
        return [n for n in self.context.declarations if n in own]

    @cached_property
    def functions(self) -> list[str]:
        own = set(self.names)
        return [n for n in self.context.functions if n in own]

    @cached_property
    def constrained(self) -> frozenset[str]:
        found: set[str] = set()
        for c in self.constraints:
            found |= self.reach(c)
        return frozenset(found & set(self.variables))

    @cached_property
    def equations(self) -> Equations:
        return Equations(self)

    @cached_property
    def sizes(self) -> SizeChoice:
        return SizeChoice(self.context, self.terms, self.variables)

    def reach(self, prop: Prop) -> frozenset[str]:
        return frozenset().union(*(self.evaluator.compiler.reach(t) for t in terms_of(prop)))

    def at(self, instance: Instance) -> Point:
        return self.evaluator.at(instance, digits=self.digits, deadline=self.deadline)

    def sharpened(self, instance: Instance, digits: int) -> Point | None:
        """A rounded instance with its equations solved to so many digits."""
        finer = Finder(self.evaluator, self.prop, self.extra, self.deadline, digits)
        return finer.repaired(instance.copy(), Random(0), 0)

    # -- drawing -------------------------------------------------------------------------------------

    def late(self) -> bool:
        return passed(self.deadline)

    def instances(self, sizes: dict[str, int], count: int, level: int, seed: int = 0) -> Iterator[Point]:
        """Up to `count` points that satisfy everything, from about 8 times as many tries."""
        rng = Random(repr((sorted(sizes.items()), level, seed)))
        got = 0
        for attempt in range(count * (8 if self.constraints else 1)):
            if got >= count or self.late():
                return
            point = self.attempt(sizes, level, rng, attempt + seed)
            if point is not None:
                got += 1
                yield point
            elif attempt == 5 and not got and self._hopeless(sizes):
                return

    def _hopeless(self, sizes: dict[str, int]) -> bool:
        """Is there a constraint on the sizes alone that fails?"""
        point = self.evaluator.at(Instance(dict(sizes)))
        for c in self.constraints:
            if not self.reach(c):
                try:
                    if not holds(point, c):
                        return True
                except (ResourceLimit, EvaluationError):
                    return True
        return False

    def attempt(self, sizes: dict[str, int], level: int, rng: Random, number: int) -> Point | None:
        """One try: random values, equations solved, everything checked."""
        instance = self.random(sizes, level, rng, number)
        return self.repaired(instance, rng, number)

    def repaired(self, instance: Instance, rng: Random, number: int) -> Point | None:
        """The instance with its equations solved, if it then satisfies everything."""
        try:
            if self.equations.props and not self.equations.solve(instance, number):
                return None
            return self.point(instance)
        except (ResourceLimit, EvaluationError):
            return None

    def random(self, sizes: dict[str, int], level: int, rng: Random, number: int) -> Instance:
        instance = Instance(dict(sizes))
        for name in self.variables:
            declared = self.context.declarations[name]
            dims = instance.dims(declared.shape)
            special = 0.5 if name in self.constrained else (0.25 if level and number % 3 == 2 else 0.0)
            data: list[Number] | None = None
            if dims and rng.random() < special:
                data = structured(dims, declared.domain, rng)
            if data is None:
                small = name in self.constrained and number % 4 == 3
                pick = draw_small if small else draw
                data = [pick(declared.domain, rng, level) for _ in range(prod(dims))]
            instance.values[name] = Array(dims, data) if dims else data[0]
        for k, name in enumerate(self.functions):
            catalogue = FIELDS if self.context.functions[name].domain else UNIVARIATE
            instance.functions[name] = catalogue[(number + k) % len(catalogue)]
        return instance

    # -- checking -----------------------------------------------------------------------------------

    def point(self, instance: Instance) -> Point | None:
        """The point, if it satisfies every declaration and constraint for certain."""
        for name in self.variables:
            domain = self.context.declarations[name].domain
            if domain == REAL:
                continue
            value = instance.values[name]
            for x in value.data if isinstance(value, Array) else [value]:
                if not domain.contains(x if is_exact(x) else _exactly(x)):
                    return None
        point = self.at(instance)
        return point if all(self._satisfied(point, c) for c in self.constraints) else None

    def _satisfied(self, point: Point, c: Prop) -> bool:
        if holds(point, c):
            return True
        return isinstance(c, Rel) and c.op == "=" and self.equations.nearly(point.instance, c)

def _exactly(x: Number) -> Fraction:
    """A rounded number as the fraction that it is."""
    sign, mantissa, exponent, _ = x._mpf_
    value: Fraction = Fraction(mantissa) * Fraction(2) ** exponent
    return -value if sign else value


__all__ = ["Finder", "relations"]
