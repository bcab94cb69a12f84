"""Instances that satisfy every declaration and every assumption."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from itertools import product
from math import prod
from random import Random

from derive.context import REAL, Context
from derive.evaluate import (
    FIELDS,
    UNDEFINED,
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
from derive.evaluate.truth import sign_of_gap
from derive.props import And, Prop, Rel
from derive.refute.certain import holds
from derive.refute.sizes import SizeChoice
from derive.refute.solve import least_step, step
from derive.refute.values import draw, structured
from derive.terms import Term, Var

_NEWTON = 40


@dataclass(frozen=True)
class Group:
    """Equations that are solved together for the entries of one variable."""

    variable: str
    equations: tuple[Rel, ...]


Plan = tuple[Group, ...]


def relations(prop: Prop) -> Iterator[Prop]:
    if isinstance(prop, And):
        for part in prop.parts:
            yield from relations(part)
    else:
        yield prop


@dataclass
class Finder:
    """Finds instances for `prop` under the context's assumptions and some more (`extra`)."""

    evaluator: Evaluator
    prop: Prop
    extra: Sequence[Prop] = ()
    deadline: float | None = None
    keep: frozenset[str] = frozenset()
    digits: int = 50
    tried: int = field(default=0, init=False)
    found: int = field(default=0, init=False)
    failures: dict[int, int] = field(default_factory=dict, init=False)  # of each plan

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
    def sizes(self) -> SizeChoice:
        return SizeChoice(self.context, self.terms, self.variables)

    def reach(self, prop: Prop) -> frozenset[str]:
        return frozenset().union(*(self.evaluator.compiler.reach(t) for t in terms_of(prop)))

    def at(self, instance: Instance) -> Point:
        return self.evaluator.at(instance, digits=self.digits, deadline=self.deadline)

    def sharpened(self, instance: Instance, digits: int) -> Point | None:
        """A rounded instance with its equations solved to so many digits."""
        finer = Finder(self.evaluator, self.prop, self.extra, self.deadline, self.keep, digits)
        return finer.repaired(instance.copy(), Random(0), 0)

    # -- drawing -------------------------------------------------------------------------------------

    def late(self) -> bool:
        return self.deadline is not None and time.monotonic() > self.deadline

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
        self.tried += 1
        try:
            if self.equations and not self._solve(instance, rng, number):
                return None
            point = self.point(instance)
            if point is not None:
                self.found += 1
            return point
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
                data = [draw(declared.domain, rng, level) for _ in range(prod(dims))]
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
        return point if all(holds(point, c) for c in self.constraints) else None

    # -- solving ------------------------------------------------------------------------------------

    @cached_property
    def equations(self) -> list[Rel]:
        return [c for c in self.constraints if isinstance(c, Rel) and c.op == "="]

    @cached_property
    def plans(self) -> list[Plan]:
        """Ways to solve the equations one after the other; the most promising first."""
        options: list[list[str]] = []
        for e in self.equations:
            reach = self.reach(e)
            names = [n for n in self.variables if n in reach and n not in self.keep
                     and self.context.declarations[n].domain.values is None]  # fmt: skip
            options.append(sorted(names, key=lambda n: self._cost(e, n)) or [""])
        made: dict[Plan, int] = {}
        for choice in _some(options):
            plan = self._ordered(choice)
            if plan is not None and plan not in made:
                made[plan] = sum(self._cost(e, n) for e, n in zip(self.equations, choice) if n)
        return sorted(made, key=lambda p: made[p])[:8]

    def _cost(self, e: Rel, name: str) -> int:
        """Prefer `w = …`, variables of no other equation, and those that range over ℝ."""
        sides = (e.left, e.right)
        isolated = any(isinstance(s, Var) and s.name == name for s in sides)
        both = all(name in self.evaluator.compiler.reach(s) for s in sides)
        shared = sum(name in self.reach(o) for o in self.equations) - 1
        bounded = self.context.declarations[name].domain != REAL
        return (0 if isolated and not both else 4) + 2 * shared + bounded

    def _ordered(self, choice: tuple[str, ...]) -> Plan | None:
        """The groups in an order in which no solved equation is disturbed, or None."""
        groups: dict[str, list[Rel]] = {}
        for e, name in zip(self.equations, choice):
            groups.setdefault(name, []).append(e)
        groups.pop("", None)
        left = dict(groups)
        order: list[Group] = []
        while left:
            ready = [v for v, es in left.items()
                     if not any(u != v and any(u in self.reach(e) for e in es) for u in left)]  # fmt: skip
            if not ready:
                return None
            order.append(Group(ready[0], tuple(left.pop(ready[0]))))
        return tuple(order)

    def _solve(self, instance: Instance, rng: Random, number: int) -> bool:
        """Moves the values of the instance onto the equations."""
        if all(holds(self.at(instance), e) for e in self.equations):
            return True
        if not self.plans:
            return self._together(instance)
        k = min(range(len(self.plans)), key=lambda i: (2 * self.failures.get(i, 0) + i, i))
        if all(self._solve_group(instance, g) for g in self.plans[k]):
            return True
        self.failures[k] = self.failures.get(k, 0) + 1
        return number % 4 == 3 and self._together(instance)

    def _linearised(
        self, instance: Instance, equations: Sequence[Rel], names: Sequence[str]
    ) -> tuple[list[Number], list[list[Number]]]:
        """Residuals of the equations and their derivatives by the entries of the variables."""
        point = self.at(instance)
        residuals: list[Number] = []
        rows: list[list[Number]] = []
        for e in equations:
            for at in point.places(self.evaluator.free(e)):
                for k, name in enumerate(names):
                    left, first = point.linearised(e.left, name, at)
                    right, second = point.linearised(e.right, name, at)
                    if not k:
                        start = len(rows)
                        residuals += [a + (-b) for a, b in zip(left, right)]
                        rows += [[] for _ in left]
                    for i, (p, q) in enumerate(zip(first, second)):
                        rows[start + i] += [a + (-b) for a, b in zip(p, q)]
        return residuals, rows

    def _solve_group(self, instance: Instance, group: Group) -> bool:
        names = [group.variable]
        for k in range(_NEWTON):
            residuals, rows = self._linearised(instance, group.equations, names)
            if any(r is UNDEFINED for r in residuals):
                return False
            if self._solved(instance, group.equations):
                return True
            move = step(rows, residuals, self.at(instance).numbers) if k < 3 else None
            if k or move is None:
                # not affine: towards the nearest solution
                move = least_step(rows, residuals, self.at(instance).numbers) if move is None else move
            if move is None or (k == 2 and not self._rounded(instance, names)):
                return False
            self._move(instance, names, move)
        return False

    def _rounded(self, instance: Instance, names: Sequence[str]) -> bool:
        """From here on in rounded numbers: exact ones would double in length at every step."""
        numbers = self.at(instance).numbers
        for name in names:
            value = instance.values[name]
            if isinstance(value, Array):
                instance.values[name] = Array(value.dims, [numbers.real(x) for x in value.data])
            else:
                instance.values[name] = numbers.real(value)
        return True

    def _together(self, instance: Instance) -> bool:
        """All equations for all their variables, by Gauss–Newton steps of least length."""
        names = [n for n in self.variables if n in self.constrained and n not in self.keep
                 and self.context.declarations[n].domain.values is None]  # fmt: skip
        if not names:
            return False
        self._rounded(instance, names)
        for _ in range(_NEWTON):
            if self.late():
                return False
            if self._solved(instance, self.equations):
                return True
            residuals, rows = self._linearised(instance, self.equations, names)
            move = least_step(rows, residuals, self.at(instance).numbers)
            if move is None:
                return False
            self._move(instance, names, move)
        return False

    def _solved(self, instance: Instance, equations: Sequence[Rel]) -> bool:
        point = self.at(instance)
        return all(holds(point, e) for e in equations)

    def _move(self, instance: Instance, names: Sequence[str], move: list[Number]) -> None:
        first = 0
        for name in names:
            value = instance.values[name]
            if isinstance(value, Array):
                part = move[first : first + len(value.data)]
                instance.values[name] = Array(value.dims, [_plus(x, d) for x, d in zip(value.data, part)])
                first += len(value.data)
            else:
                instance.values[name] = _plus(value, move[first])
                first += 1


def _plus(x: Number, d: Number) -> Number:
    made = x + d
    return made.numerator if isinstance(made, Fraction) and made.denominator == 1 else made


def _exactly(x: Number) -> Fraction:
    """A rounded number as the fraction that it is."""
    sign, mantissa, exponent, _ = x._mpf_
    value: Fraction = Fraction(mantissa) * Fraction(2) ** exponent
    return -value if sign else value


def _some(options: list[list[str]]) -> Iterator[tuple[str, ...]]:
    """Choices of one name for each equation; at most 64."""
    for count, choice in enumerate(product(*(o[:4] for o in options))):
        if count >= 64:
            return
        yield choice


__all__ = ["Finder", "Group", "relations", "sign_of_gap"]
