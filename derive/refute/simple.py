"""What makes a counterexample easy to follow by hand, and the small changes that make it easier."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from derive.evaluate import Array, Field, Instance, Number, Univariate

#: functions that are followed by hand, the simplest first
SIMPLE_UNIVARIATE = tuple(Univariate(tuple(map(Fraction, c))) for c in ((0, 0, 1), (0, 1, 1)))
SIMPLE_FIELDS = (Field(square=(0, 1)), Field(linear=(1, 0), square=(0, 1)))


def entries(value: Any) -> list[Number]:
    return value.data if isinstance(value, Array) else [value]


#: a name, which of its entries (None: all), and what they become; or a name and a function
Move = tuple[str, int | None, Any]


def simpler(instance: Instance, rounded: bool) -> Iterator[Move]:
    """Simpler values, one by one; zeros and whole arrays too where the sides are `rounded`."""
    for name, function in instance.functions.items():
        catalogue = SIMPLE_FIELDS if isinstance(function, Field) else SIMPLE_UNIVARIATE
        yield from ((name, None, f) for f in catalogue if f != function)
    for name, value in instance.values.items():
        found = entries(value)
        if rounded and len(found) > 1:
            yield name, None, 0
        for k, x in enumerate(found):
            for y in (1, 0, 2, -1, Fraction(1, 2)):
                if price(y) < price(x) or (rounded and y == 0 != x):
                    yield name, k, y


def moved(instance: Instance, move: Move) -> Instance:
    name, k, y = move
    made = instance.copy()
    if name in made.functions:
        made.functions[name] = y
        return made
    value = made.values[name]
    if isinstance(value, Array):
        made.values[name] = Array(value.dims, [y if k in (None, i) else x for i, x in enumerate(value.data)])
    else:
        made.values[name] = y
    return made


def price(x: Number) -> float:
    """How hard a number is to follow by hand."""
    if isinstance(x, int):
        return {1: 0.0, 0: 0.3, 2: 0.6, -1: 0.8}.get(x, 1 + abs(x) + (x < 0))
    if isinstance(x, Fraction):
        return 3 + abs(x.numerator) + x.denominator
    return 100.0


def cost(instance: Instance) -> float:
    simple = (*SIMPLE_FIELDS, *SIMPLE_UNIVARIATE)
    functions = sum(simple.index(f) if f in simple else 3 for f in instance.functions.values())
    return functions + sum(price(x) for v in instance.values.values() for x in entries(v))


__all__ = ["cost", "entries", "moved", "price", "simpler"]
