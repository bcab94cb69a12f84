"""Counterexamples as a reader sees them: exact numbers where there are, names as written."""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING, Any

from derive.context import written
from derive.evaluate import Array, Number, Point, is_exact, simple
from derive.evaluate.intervals import Interval
from derive.evaluate.numbers import plain
from derive.refute.failure import Failure
from derive.verdict import Counterexample

if TYPE_CHECKING:
    from derive.refute.instances import Finder


def shown(x: Number | bool) -> Any:
    """A number for the reader: exact where it is a simple fraction, else a float; text beyond floats."""
    if isinstance(x, (bool, float)):  # a float has been shown already
        return x
    x = plain(x)
    made = simple(x.middle if isinstance(x, Interval) else x)
    if is_exact(made):
        return made
    near = float(made)
    return near if isfinite(near) else made.context.nstr(made, 6)


def nested(value: Any) -> Any:
    if isinstance(value, Array):
        value = value.nested()
    if isinstance(value, list):
        return [nested(x) for x in value]
    return shown(value)


def text(value: Any) -> str:
    """A number or array in one line."""
    return _joined(nested(value))


def _joined(value: Any) -> str:
    if isinstance(value, list):
        return "[" + ", ".join(map(_joined, value)) + "]"
    return (f"{value:.6g}" if isinstance(value, float) else str(value)).replace("-", "−")


def display(finder: Finder, point: Point, failure: Failure) -> Counterexample:
    instance = failure.instance or point.instance
    names = _relevant(finder)
    values = {written(n): nested(v) for n, v in instance.values.items() if n in names}
    functions = {
        written(n): instance.function(n, bool(finder.context.functions[n].domain)).text()
        for n in finder.functions
        if n in names
    }
    return Counterexample(
        sizes={written(n): v for n, v in instance.sizes.items()},
        values=values,
        lhs=shown(failure.left),
        rhs=shown(failure.right),
        functions=functions,
        at={n: v for n, v in failure.at.items() if not n.startswith("#")},
        where=failure.where,
        note=failure.note,
        note_params=failure.params,
    )


def _relevant(finder: Finder) -> frozenset[str]:
    """The names in the claim, and those tied to them by an assumption."""
    names = set(finder.reach(finder.prop))
    growing = True
    while growing:
        growing = False
        for c in finder.constraints:
            reach = finder.reach(c)
            if not names.isdisjoint(reach) and not reach <= names:
                names |= reach
                growing = True
    return frozenset(names)
