"""Moving the values of an instance onto the equations that it must satisfy.

For each equation a variable is chosen, so that the equations can be solved one after the other; an
equation that is affine in its variable is solved exactly, any other by Newton's method.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import product
from typing import TYPE_CHECKING

from derive.context import REAL
from derive.evaluate import UNDEFINED, Array, Instance, Number, Point, is_exact, simple
from derive.evaluate.numbers import plain
from derive.props import Rel
from derive.refute.certain import holds
from derive.refute.solve import least_step, step
from derive.terms import Diff, Index, Var

if TYPE_CHECKING:
    from derive.refute.instances import Finder

_NEWTON = 16
#: ways to solve the equations that are tried, but for those with one variable for all
_PLANS = 8
_FAR = -40  # bits
#: v^k r(v) is tried for these k: equations such as N/(2v) = S/(2v²) are affine after it
_CLEARING = (1, 2, 3, -1, -2)


@dataclass(frozen=True)
class Group:
    """Equations that are solved together for the entries of one variable."""

    variable: str
    equations: tuple[Rel, ...]


Plan = tuple[Group, ...]


class Equations:
    """The assumed equations of a `Finder`, and the ways to solve them."""

    def __init__(self, finder: Finder) -> None:
        self.finder = finder
        self.props = [c for c in finder.constraints if isinstance(c, Rel) and c.op == "="]
        self.failures: dict[int, int] = {}  # of each plan
        #: what `derive.refute.existence` has seen: what is left of equations, and which have symmetric sides
        self.independent: dict[tuple[Rel, ...], list[Rel]] = {}
        self.symmetric: dict[Rel, bool] = {}

    # -- plans ---------------------------------------------------------------------------------------

    def movable(self, name: str) -> bool:
        return self.finder.context.declarations[name].domain.values is None

    @cached_property
    def plans(self) -> list[Plan]:
        """Ways to solve the equations one after the other; the most promising first."""
        options: list[list[str]] = []
        for e in self.props:
            reach = self.finder.reach(e)
            names = [n for n in self.finder.variables if n in reach and self.movable(n)]
            options.append(sorted(names, key=lambda n: self._cost(e, n)) or [""])
        made: dict[Plan, int] = {}
        for choice in _some(options):
            plan = self._ordered(choice)
            if plan is not None and plan not in made:
                made[plan] = sum(self._cost(e, n) for e, n in zip(self.props, choice) if n)
        ordered = sorted(made, key=lambda p: made[p])
        alone = [p for p in ordered[_PLANS:] if len(p) == 1]  # S for Su = λu and Sv = κv
        return [*ordered[:_PLANS], *alone[:2]]

    def _cost(self, e: Rel, name: str) -> int:
        """Prefer `w = …`, ∂L/∂w = …, variables of no other equation, and those that range over ℝ."""
        sides = (e.left, e.right)
        isolated = any(isinstance(s, Var) and s.name == name for s in sides)
        both = all(name in self.finder.evaluator.compiler.reach(s) for s in sides)
        slope = any(isinstance(n, Diff) and n.variable == self.finder.context.declarations[name].var
                    for s in sides for n in s.walk())  # fmt: skip
        shared = sum(name in self.finder.reach(o) for o in self.props) - 1
        bounded = self.finder.context.declarations[name].domain != REAL
        return (0 if isolated and not both else 2 if slope else 4) + 2 * shared + bounded

    def _ordered(self, choice: tuple[str, ...]) -> Plan | None:
        """The groups in an order in which no solved equation is disturbed, or None."""
        groups: dict[str, list[Rel]] = {}
        for e, name in zip(self.props, choice):
            groups.setdefault(name, []).append(e)
        groups.pop("", None)
        left = dict(groups)
        order: list[Group] = []
        while left:
            ready = [v for v, es in left.items()
                     if not any(u != v and any(u in self.finder.reach(e) for e in es) for u in left)]  # fmt: skip
            if not ready:
                return None
            order.append(Group(ready[0], tuple(left.pop(ready[0]))))
        return tuple(order)

    # -- solving -------------------------------------------------------------------------------------

    def solve(self, instance: Instance, number: int) -> bool:
        """Moves the values onto the equations; `number` counts the tries, so that ways take turns."""
        if self._solved(instance, self.props):
            return True
        if not self.plans:
            return self._together(instance)
        k = min(range(len(self.plans)), key=lambda i: (2 * self.failures.get(i, 0) + i, i))
        if number % 4 == 1:  # the first ways may lead to special values only: u = 0 where Su = λu
            k = number // 4 % len(self.plans)
        if all(self._solve_group(instance, g, number) for g in self.plans[k]):
            return True
        self.failures[k] = self.failures.get(k, 0) + 1
        return number % 4 == 3 and self._together(instance)

    def _solved(self, instance: Instance, equations: Sequence[Rel]) -> bool:
        point = self.finder.at(instance)
        return all(holds(point, e) or self.nearly(instance, e) for e in equations)

    def nearly(self, instance: Instance, e: Rel) -> bool:
        """Would a change of the values in their last digits make up for what the equation lacks?

        |left − right| ≤ 10⁻ᵏ Σ |∂(left − right)/∂x| |x|, with k three quarters of the digits: what is
        merely small, as e^(−200), does not pass for 0.
        """
        reach = self.finder.reach(e)
        names = [n for n in self.finder.variables if n in reach]
        if not names:
            return False
        point = self.finder.at(instance)
        numbers = point.numbers
        if not all(self._close(point, e, at) for at in point.places(self.finder.evaluator.free(e))):
            return False
        residuals, rows = self._linearised(instance, [e], names)
        if any(x is UNDEFINED for x in (*residuals, *(x for row in rows for x in row))):
            return False
        values = [numbers.real(x) for n in names for x in _entries(instance.values[n])]
        for r, row in zip(residuals, rows):
            scale = sum((abs(numbers.real(plain(d)) * x) for d, x in zip(row, values)), numbers.real(0))
            if abs(numbers.real(r)) > scale * numbers.context.mpf(10) ** -(numbers.digits * 3 // 4):
                return False
        return True

    @staticmethod
    def _close(point: Point, e: Rel, at: dict[Index, int]) -> bool:
        """Can the sides be equal at all?  (A first look, without derivatives.)"""
        for a, b in zip(point.entries(e.left, at), point.entries(e.right, at), strict=True):
            if a is UNDEFINED or b is UNDEFINED or point.numbers.magnitude(plain(a) + -plain(b)) > _FAR:
                return False
        return True

    def _linearised(
        self, instance: Instance, equations: Sequence[Rel], names: Sequence[str]
    ) -> tuple[list[Number], list[list[Number]]]:
        """Residuals of the equations and their derivatives by the entries of the variables."""
        point = self.finder.at(instance)
        residuals: list[Number] = []
        rows: list[list[Number]] = []
        for e in equations:
            for at in point.places(self.finder.evaluator.free(e)):
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

    def _solve_group(self, instance: Instance, group: Group, number: int) -> bool:
        names = [group.variable]
        numbers = self.finder.at(instance).numbers
        residuals, rows = self._linearised(instance, group.equations, names)
        move = step(rows, residuals, numbers)
        if move is not None:
            trial = instance.copy()
            _move(trial, names, move)
            trial.values[group.variable] = _simplified(trial.values[group.variable])
            if self._solved(trial, group.equations):
                instance.values = trial.values
                return True
        if isinstance(instance.values[group.variable], Array):
            # Newton's method is slow for arrays; an array of a special kind often fits at once
            return number % 3 == 2 and self._newton(instance, group.equations, names)
        return self._cleared(instance, group) or self._newton(instance, group.equations, names)

    def _cleared(self, instance: Instance, group: Group) -> bool:
        """A scalar v for which v^k times the equation is affine, solved exactly."""
        name = group.variable
        start = instance.values[name]
        if not is_exact(start) or not start:
            return False
        samples: list[tuple[Fraction, Number]] = []
        for factor in (1, 2, 3):
            trial = instance.copy()
            trial.values[name] = start * factor
            (e, *_) = group.equations
            point = self.finder.at(trial)
            at = next(point.places(self.finder.evaluator.free(e)))
            left, right = point.entries(e.left, at)[0], point.entries(e.right, at)[0]
            if left is UNDEFINED or right is UNDEFINED:
                return False
            samples.append((Fraction(start * factor), simple(left + (-right))))
        for k in _CLEARING:
            (x, a), (y, b), (z, c) = ((v, v**k * r) for v, r in samples)
            if all(is_exact(v) for v in (a, b, c)) and a != b and (b - a) * (z - x) == (c - a) * (y - x):
                root = x - Fraction(a) * (y - x) / (b - a)
                trial = instance.copy()
                trial.values[name] = root.numerator if root.denominator == 1 else root
                if self._solved(trial, group.equations):
                    instance.values = trial.values
                    return True
        return False

    def _together(self, instance: Instance) -> bool:
        """All equations for all their variables."""
        names = [n for n in self.finder.variables if n in self.finder.constrained and self.movable(n)]
        return bool(names) and self._newton(instance, self.props, names)

    def _newton(self, instance: Instance, equations: Sequence[Rel], names: Sequence[str]) -> bool:
        """Gauss–Newton steps of least length, in rounded numbers: exact ones would double in length."""
        numbers = self.finder.at(instance).numbers
        for name in names:
            value = instance.values[name]
            if isinstance(value, Array):
                instance.values[name] = Array(value.dims, [numbers.real(x) for x in value.data])
            else:
                instance.values[name] = numbers.real(value)
        best, stuck = None, 0
        for _ in range(_NEWTON):
            if self.finder.late():
                return False
            residuals, rows = self._linearised(instance, equations, names)
            if any(r is UNDEFINED for r in residuals):
                return False
            if self._solved(instance, equations):
                return True
            size = max(numbers.magnitude(r) for r in residuals)
            stuck = stuck + 1 if best is not None and size >= best else 0
            best = size if best is None else min(best, size)
            move = least_step(rows, residuals, numbers)
            if move is None or stuck > 4:
                return False
            _move(instance, names, move)
        return False


def _entries(value: Array | Number) -> list[Number]:
    return value.data if isinstance(value, Array) else [value]


def _move(instance: Instance, names: Sequence[str], move: list[Number]) -> None:
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


def _simplified(value: Array | Number) -> Array | Number:
    return Array(value.dims, [simple(x) for x in value.data]) if isinstance(value, Array) else simple(value)


def _plus(x: Number, d: Number) -> Number:
    made = x + d
    return made.numerator if isinstance(made, Fraction) and made.denominator == 1 else made


def _some(options: list[list[str]]) -> Iterator[tuple[str, ...]]:
    """Choices of one name for each equation; at most 64."""
    for count, choice in enumerate(product(*(o[:4] for o in options))):
        if count >= 64:
            return
        yield choice
