"""Arguments at which the functions of a module may be tested: they satisfy what its theorems assume.

Values are drawn at random, their equations solved and everything checked by the evaluator of `derive`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from fractions import Fraction
from math import prod
from random import Random
from typing import Any

from codegen.program import Input
from derive.clock import now
from derive.context import Context, Domain
from derive.evaluate import Array, Evaluator, Instance, Point
from derive.kernel import Theorem
from derive.props import Rel
from derive.refute.instances import Finder
from derive.terms import ZERO

#: seconds for the search, and how often values are drawn in it
LIMIT, TRIES = 5.0, 60
#: larger values than this are none that one tests with
LARGEST = 20.0


def constrained(
    theorems: Sequence[Theorem], inputs: Mapping[str, Input], sizes: Mapping[str, int], square: Collection[str]
) -> dict[str, Any]:
    """Identifier → value (nested lists) of the arguments about which the theorems assume something.

    `inputs`: the arguments by their identifiers; those in `square` are made well conditioned, and so are no part.
    Nothing where no such point is found.
    """
    contexts = [t.context for t in theorems if t.uses and t.context.assumptions]
    if not contexts:
        return {}
    context = max(contexts, key=lambda c: len(c.assumptions))
    known = [a.prop for a in context.assumptions]
    others = [a.prop for c in contexts if _alike(c, context) for a in c.assumptions if a.prop not in known]
    finder = Finder(Evaluator(context), Rel("=", ZERO, ZERO), list(dict.fromkeys(others)), now() + LIMIT)
    chosen = {k: i for k, i in inputs.items() if i.name in finder.constrained and k not in square}
    point = _point(finder, context, sizes, square_names={inputs[k].name for k in square}) if chosen else None
    if point is None:
        return {}
    return {k: _plain(point.instance.values[i.name]) for k, i in chosen.items()}


def _alike(one: Context, other: Context) -> bool:
    """Does a name mean the same in both?"""
    pairs = ((one.declarations, other.declarations), (one.definitions, other.definitions))
    return all(a[n] == b[n] for a, b in pairs for n in a.keys() & b.keys())


def _point(finder: Finder, context: Context, sizes: Mapping[str, int], square_names: set[str]) -> Point | None:
    own = {n: sizes.get(n, 3) for n in _sizes(finder, context)}
    rng = Random(1)
    for number in range(TRIES):
        instance = Instance(dict(own))
        for name in finder.variables:
            declared = context.declarations[name]
            dims = tuple(s.value(own) for s in declared.shape)
            if name in square_names:
                instance.values[name] = _definite(dims[0], rng)
                continue
            data = [_drawn(declared.domain, rng) for _ in range(prod(dims))]
            instance.values[name] = Array(dims, list(data)) if dims else data[0]
        point = finder.repaired(instance, rng, number)
        if point is not None and _moderate(finder, point):
            return point
    for level in range(3):
        for point in finder.instances(own, 10, level):
            if _moderate(finder, point):
                return point
    return None


def _sizes(finder: Finder, context: Context) -> set[str]:
    return {n for v in finder.variables for s in context.declarations[v].shape for n in s.names}


def _drawn(domain: Domain, rng: Random) -> Fraction:
    if domain.values is not None:
        return Fraction(rng.choice(domain.values))
    low = domain.low if domain.low is not None else Fraction(-1) if domain.high is None else domain.high - 2
    high = domain.high if domain.high is not None else low + 2
    return low + (high - low) * Fraction(rng.randint(2, 14), 16)


def _definite(n: int, rng: Random) -> Array:
    """A Aᵀ/n + 2I of a random A."""
    a = [[_drawn(Domain(), rng) for _ in range(n)] for _ in range(n)]
    dots = [[sum((x * y for x, y in zip(r, s)), Fraction(0)) for s in a] for r in a]
    return Array((n, n), [dots[i][j] / n + 2 * (i == j) for i in range(n) for j in range(n)])


def _moderate(finder: Finder, point: Point) -> bool:
    values = [point.instance.values[n] for n in finder.constrained]
    return all(abs(float(x)) <= LARGEST for v in values for x in (v.data if isinstance(v, Array) else [v]))


def _plain(value: Any) -> Any:
    """As floats, in nested lists."""
    if not isinstance(value, Array):
        return float(value)
    return Array(value.dims, [float(x) for x in value.data]).nested()


__all__ = ["constrained"]
