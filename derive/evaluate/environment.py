"""What names mean while a term is evaluated, and what has been computed already.

A derivative by a name, and a call, open an inner environment in which that name has another value;
definitions that depend on it are computed anew there, all others are taken from outside.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from derive.clock import passed
from derive.evaluate.instance import Array, Instance, Value
from derive.evaluate.numbers import Dual, Reals, ResourceLimit

if TYPE_CHECKING:
    from derive.evaluate.compiler import Compiler


class EvaluationError(Exception):
    """The instance lacks something that the term needs (a value, a size)."""


class Run:
    """One evaluation session: an instance, a precision and what may still be spent."""

    __slots__ = ("compiler", "deadline", "instance", "left", "numbers", "sizes")

    def __init__(
        self, compiler: Compiler, instance: Instance, numbers: Reals, budget: int, deadline: float | None
    ) -> None:
        self.compiler = compiler
        self.instance = instance
        self.sizes = instance.sizes
        self.numbers = numbers
        self.left = budget
        self.deadline = deadline

    def spend(self, amount: int = 1) -> None:
        self.left -= amount
        if self.left < 0:
            raise ResourceLimit("the evaluation takes too long")
        if self.left & 63 == 0 and passed(self.deadline):
            raise ResourceLimit("the time limit was reached")


class Env:
    """Values of names.  `bound` are those given by a derivative or call here or further out."""

    __slots__ = ("bound", "changed", "depth", "inner", "memo", "parent", "run", "values")

    def __init__(
        self, run: Run, parent: Env | None, bound: dict[str, Value], changed: frozenset[str], depth: int
    ) -> None:
        self.run = run
        self.parent = parent
        self.bound = bound
        self.values = dict(bound)
        self.changed = changed
        self.depth = depth
        self.memo: dict[int, Value] = {}
        self.inner: dict[str, Env] = {}

    def value(self, name: str) -> Value:
        found = self.values.get(name)
        if found is None:
            found = self.values[name] = self._resolve(name)
        return found

    def _resolve(self, name: str) -> Value:
        compiler = self.run.compiler
        definition = compiler.context.definitions.get(name)
        if self.parent is not None and (
            definition is None or self.changed.isdisjoint(compiler.reach_of_name(name))
        ):
            return self.parent.value(name)
        if definition is None:
            raise EvaluationError(f"{name} has no value")
        self.run.spend()
        return compiler.body(name)(self, [])

    def calling(self, values: dict[str, Value]) -> Env:
        """The environment of a function's body."""
        self.run.spend()
        return Env(self.run, self, {**self.bound, **values}, frozenset(values), self.depth)

    def varying(self, name: str) -> Env:
        """The environment in which `name` is an independent variable."""
        found = self.inner.get(name)
        if found is None:
            level = self.depth + 1
            seeded = self._seeded(self.value(name), level)
            found = Env(self.run, self, {**self.bound, name: seeded}, frozenset((name,)), level)
            self.inner[name] = found
        return found

    def _seeded(self, value: Value, level: int) -> Value:
        if isinstance(value, Array):
            self.run.spend(len(value.data))
            return Array(value.dims, [Dual(level, x, {k: 1}) for k, x in enumerate(value.data)])
        return Dual(level, value, {0: 1})
