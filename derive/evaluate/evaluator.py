"""The evaluator's front: terms and propositions at an instance."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import product

from derive.context import Context
from derive.evaluate import calculus, nodes, operations  # noqa: F401  (they fill the table of rules)
from derive.evaluate.compiler import Code, Compiler
from derive.evaluate.environment import Env, EvaluationError, Run
from derive.evaluate.instance import Array, Instance, Value
from derive.evaluate.numbers import UNDEFINED, Number, Reals, ResourceLimit, is_exact, plain, reals
from derive.evaluate.truth import compare
from derive.props import (
    And,
    ArgOpt,
    EveryDepth,
    Iff,
    Implies,
    Prop,
    Proportional,
    Rel,
    SameSolutions,
    SemiDefinite,
)  # fmt: skip
from derive.terms import Index, Term

DIGITS = 50
BUDGET = 200_000


class Evaluator:
    """Evaluates terms of one context; `at` gives the values at an instance."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self.compiler = Compiler(context)
        self._codes: dict[Term, tuple[Code, tuple[Index, ...]]] = {}

    def at(
        self,
        instance: Instance,
        *,
        digits: int = DIGITS,
        budget: int = BUDGET,
        deadline: float | None = None,
        numbers: Reals | None = None,
    ) -> Point:
        """The values at an instance; `budget` bounds the work, `deadline` is `derive.clock.now()`.

        `numbers`: how to compute, where it is not with so many `digits`.
        """
        if numbers is not None:
            return Point(self, Run(self.compiler, instance, numbers, budget, deadline))
        numbers = reals(digits)
        return Point(self, Run(self.compiler, _rounded(instance, numbers), numbers, budget, deadline))

    def code(self, t: Term) -> tuple[Code, tuple[Index, ...]]:
        found = self._codes.get(t)
        if found is None:
            free = tuple(sorted(self.compiler.free(t)))
            code = self.compiler.code(t, {i: k for k, i in enumerate(free)})
            found = self._codes[t] = (code, free)
        return found

    def free(self, prop: Prop) -> tuple[Index, ...]:
        """The free indices of a proposition (those of all its terms)."""
        found: set[Index] = set()
        for t in terms_of(prop):
            found |= self.compiler.free(t)
        return tuple(sorted(found))


def _rounded(instance: Instance, numbers: Reals) -> Instance:
    """The instance with its rounded numbers (if any) in the precision of `numbers`."""
    if all(is_exact(x) for v in instance.values.values() for x in (v.data if isinstance(v, Array) else [v])):
        return instance

    def own(x: Number) -> Number:
        return x if is_exact(x) else numbers.context.mpf(x)

    made = instance.copy()
    for name, v in instance.values.items():
        made.values[name] = Array(v.dims, [own(x) for x in v.data]) if isinstance(v, Array) else own(v)
    return made


def terms_of(prop: Prop | ArgOpt) -> Iterator[Term]:
    """The terms that a proposition is made of, with the variable that it is about."""
    match prop:
        case Rel() | Proportional():
            yield prop.left
            yield prop.right
            if isinstance(prop, Proportional):
                yield prop.var
        case Iff() | Implies() | SameSolutions():
            yield from terms_of(prop.left)
            yield from terms_of(prop.right)
        case And():
            for part in prop.parts:
                yield from terms_of(part)
        case SemiDefinite():
            yield prop.arg
        case ArgOpt():
            yield prop.body
            yield prop.var
        case EveryDepth():
            for rel in (prop.base, prop.step, *prop.parameters):
                yield from terms_of(rel)


class Point:
    """An instance, ready to be asked for values.

    Raises `ResourceLimit` where a value would take too much, `EvaluationError` where the instance
    lacks something.
    """

    def __init__(self, evaluator: Evaluator, run: Run) -> None:
        self.evaluator = evaluator
        self.run = run
        self.instance = run.instance
        self.numbers = run.numbers
        self.env = Env(run, None, dict(run.instance.values), frozenset(), 0)

    def value(self, t: Term, at: Mapping[Index, int] | None = None) -> Value:
        """The value: a number (`UNDEFINED` where there is none) or an `Array` of them."""
        code, free = self.evaluator.code(t)
        try:
            return code(self.env, [at[i] if at else 1 for i in free])
        except RecursionError:
            raise ResourceLimit("a term is nested too deeply") from None
        except (OverflowError, MemoryError):
            raise ResourceLimit("a number is too large") from None
        except KeyError as missing:
            raise EvaluationError(f"{missing} has no value") from None

    def entries(self, t: Term, at: Mapping[Index, int] | None = None) -> list[Number]:
        """All entries in row-major order; a scalar is one entry."""
        value = self.value(t, at)
        return value.data if isinstance(value, Array) else [value]

    def linearised(
        self, t: Term, name: str, at: Mapping[Index, int] | None = None
    ) -> tuple[list[Number], list[list[Number]]]:
        """The entries of a term, and of each the derivatives by all entries of the variable `name`."""
        code, free = self.evaluator.code(t)
        variable = self.env.value(name)
        count = len(variable.data) if isinstance(variable, Array) else 1
        try:
            inner = self.env.varying(name)
            value = code(inner, [at[i] if at else 1 for i in free])
        except RecursionError:
            raise ResourceLimit("a term is nested too deeply") from None
        found = value.data if isinstance(value, Array) else [value]
        slopes = [[calculus.part(x, inner.depth, k) for k in range(count)] for x in found]
        return [plain(x) for x in found], slopes

    def expansion(
        self, t: Term, name: str, at: Mapping[Index, int] | None = None, *, log: bool = False
    ) -> tuple[Number, list[Number], list[list[Number]]]:
        """Value, gradient and Hessian of a scalar (or of its logarithm) by all entries of `name`."""
        code, free = self.evaluator.code(t)
        variable = self.env.value(name)
        count = len(variable.data) if isinstance(variable, Array) else 1
        try:
            outer = self.env.varying(name)
            inner = outer.varying(name)
            value = code(inner, [at[i] if at else 1 for i in free])
        except RecursionError:
            raise ResourceLimit("a term is nested too deeply") from None
        if log:
            value = self.numbers.log(value)
        slopes = [calculus.part(value, inner.depth, k) for k in range(count)]
        rows = [[calculus.part(s, outer.depth, k) for k in range(count)] for s in slopes]
        return plain(value), [plain(s) for s in slopes], rows

    def places(self, indices: tuple[Index, ...]) -> Iterator[dict[Index, int]]:
        """Every choice of values for the indices."""
        ranges = [range(1, i.size.value(self.run.sizes) + 1) for i in indices]
        for values in product(*ranges):
            yield dict(zip(indices, values, strict=True))

    def truth(self, prop: Prop, fixed: Mapping[Index, int] | None = None) -> bool | None:
        """Is the proposition true here, for every value of its free indices (but those `fixed`)?

        An implication or equivalence is judged for each value of its free indices: one value in both sides.
        None: a side is undefined, numbers are too close to tell, or it is not a matter of one
        point (an optimisation, a proportionality).
        """
        match prop:
            case Rel():
                return self._relation(prop, fixed or {})
            case And():
                return _all([self.truth(p, fixed) for p in prop.parts])
            case Iff() | Implies():
                return _all([self._compound(prop, at) for at in self._joint(prop, fixed or {})])
            case _:
                return None

    def _joint(self, prop: Iff | Implies, fixed: Mapping[Index, int]) -> Iterator[Mapping[Index, int]]:
        free = dict.fromkeys((*self.evaluator.free(prop.left), *self.evaluator.free(prop.right)))
        for at in self.places(tuple(i for i in free if i not in fixed)):
            yield {**fixed, **at}

    def _compound(self, prop: Iff | Implies, at: Mapping[Index, int]) -> bool | None:
        a, b = self.truth(prop.left, at), self.truth(prop.right, at)
        if isinstance(prop, Iff):
            return None if a is None or b is None else a == b
        if a is False and b is not None:
            return True
        return None if a is None else b

    def _relation(self, rel: Rel, fixed: Mapping[Index, int]) -> bool | None:
        free = self.evaluator.free(rel)
        known = {i: fixed[i] for i in free if i in fixed}
        found: list[bool | None] = []
        for place in self.places(tuple(i for i in free if i not in fixed)):
            at = {**known, **place}
            for a, b in zip(self.entries(rel.left, at), self.entries(rel.right, at), strict=True):
                if a is UNDEFINED or b is UNDEFINED:
                    found.append(None)
                else:
                    found.append(compare(rel.op, plain(a), plain(b), self.numbers))
                if found[-1] is False:
                    return False
        return _all(found)


def _all(found: list[bool | None]) -> bool | None:
    if False in found:
        return False
    return None if None in found else True


__all__ = ["DIGITS", "Evaluator", "Point", "terms_of"]
