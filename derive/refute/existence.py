"""Is there certainly a solution of the assumed equations near the rounded values that were found for one?

What merely comes close is no instance: (x − 1)² + 10⁻³⁰⁰ = 0 at 1, or tanh x = 1 far out.  Krawczyk's test: with f
the equations, c the values found, Y about the inverse of f′(c), and X the values around c,

    c − Y f(c) + (1 − Y f′(X)) (X − c)  inside X   ⟹   f has a zero in X.

As many entries vary as there are equations; all others keep the value found.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator, Sequence
from fractions import Fraction
from math import prod
from typing import TYPE_CHECKING, Any

from derive.clock import now
from derive.context import REAL, Assumption, Context
from derive.direct import OutOfTime, ProofError, prove_directly
from derive.evaluate import UNDEFINED, Array, EvaluationError, Instance, Number, Point, ResourceLimit, is_exact
from derive.evaluate.intervals import Interval, around, intervals, lifted
from derive.props import Rel
from derive.terms import Transpose

if TYPE_CHECKING:
    from derive.refute.instances import Finder

#: larger systems are not looked at: it is not certain that they have a solution
MOST_EQUATIONS = 20
#: seconds for a proof that one equation follows from the others
_PROOF = 0.3


def surrounded(finder: Finder, instance: Instance, digits: int) -> Instance | None:
    """Intervals around values found with so many digits, in which the assumed equations certainly have a common
    solution; None where that is not seen."""
    for every in (False, True):
        box = _boxed(finder, instance, digits, every)
        try:
            point = _at(finder, box)
            open_ = [e for e in finder.equations.props if not _exactly(point, e)]
            if _solvable(finder, instance, box, open_):
                return box
            kept = _independent(finder, open_)
            if len(kept) < len(open_) and _solvable(finder, instance, box, kept):
                return box
        except (ResourceLimit, EvaluationError):
            continue
    return None


def _boxed(finder: Finder, instance: Instance, digits: int, every: bool) -> Instance:
    """Intervals around the rounded entries; `every`: around the exact ones in the assumptions too."""

    def one(name: str, x: Number) -> Number:
        wide = not is_exact(x) or (every and name in finder.constrained and finder.equations.movable(name))
        return around(lifted(x).middle, digits) if wide else x

    return _changed(instance, one)


def _changed(instance: Instance, change: Callable[[str, Number], Number]) -> Instance:
    made = instance.copy()
    for name, v in instance.values.items():
        data = [change(name, x) for x in _entries(v)]
        made.values[name] = Array(v.dims, data) if isinstance(v, Array) else data[0]
    return made


def _at(finder: Finder, instance: Instance) -> Point:
    return finder.evaluator.at(instance, numbers=intervals(), deadline=finder.deadline)


def _entries(value: Array | Number) -> list[Number]:
    return value.data if isinstance(value, Array) else [value]


def _exactly(point: Point, e: Rel) -> bool:
    """Are both sides one exact number in every entry?"""
    return all(
        is_exact(a) and is_exact(b) and a == b
        for at in point.places(point.evaluator.free(e))
        for a, b in zip(point.entries(e.left, at), point.entries(e.right, at), strict=True)
    )


def _inside(finder: Finder, box: Instance) -> bool:
    """Do the intervals hold nothing that the declared domains exclude?"""
    for name, value in box.values.items():
        domain = finder.context.declarations[name].domain
        for x in _entries(value) if domain != REAL else ():
            if isinstance(x, Interval) and (
                (domain.nonzero and x.sign is None) or not all(domain.contains(_fraction(y)) for y in (x.low, x.high))
            ):
                return False
    return True


def _fraction(x: Any) -> Fraction:
    sign, mantissa, exponent, _ = x._mpf_
    value: Fraction = Fraction(mantissa) * Fraction(2) ** exponent
    return -value if sign else value


def _independent(finder: Finder, equations: Sequence[Rel]) -> list[Rel]:
    """Those that are left when what follows from the others is taken away."""
    known = finder.equations.independent
    if tuple(equations) in known:
        return known[tuple(equations)]
    kept = list(equations)
    for e in reversed(equations):
        others = [o for o in kept if o is not e]
        context = finder.context.child()
        exact = [o for o in finder.equations.props if o not in equations]
        context.assumptions = [Assumption(o, f"equation {k}") for k, o in enumerate((*exact, *others))]
        if _proved(context, e):
            kept = others
    known[tuple(equations)] = kept
    return kept


def _solvable(finder: Finder, instance: Instance, box: Instance, equations: Sequence[Rel]) -> bool:
    if not equations:
        return True
    centre = _changed(instance, lambda name, x: x if is_exact(x) else lifted(x))
    names = [n for n in finder.variables if any(isinstance(x, Interval) for x in _entries(box.values[n]))]
    where = [(n, k) for n in names for k, x in enumerate(_entries(box.values[n])) if isinstance(x, Interval)]
    symmetric = {e for e in equations if _symmetric(finder, e)}
    residuals = [_interval(r) for r in _residuals(_at(finder, centre), equations, symmetric)]
    if not _inside(finder, box) or len(residuals) > min(MOST_EQUATIONS, len(where)):
        return False
    rows = [[_interval(x) for x in row] for row in _slopes(_at(finder, box), equations, symmetric, where)]
    found = _inverse([[x.middle for x in row] for row in rows])
    if found is None:
        return False
    inverse, columns = found
    reach = []
    for j in columns:
        name, k = where[j]
        x, c = _entries(box.values[name])[k], lifted(_entries(centre.values[name])[k])
        reach.append(min(c.low - x.low, x.high - c.high))
    for i, row in enumerate(inverse):
        moved: Any = -_total(y * r for y, r in zip(row, residuals))
        for k, j in enumerate(columns):
            gap = _total(y * other[j] for y, other in zip(row, rows)) * -1 + int(i == k)
            moved = moved + gap * Interval(-reach[k], reach[k])
        if not -reach[i] < moved.low <= moved.high < reach[i]:
            return False
    return True


def _total(parts: Iterator[Any] | Any) -> Any:
    made = lifted(0)
    for x in parts:
        made = made + x
    return made


def _interval(x: Number) -> Interval:
    if x is UNDEFINED:
        raise ResourceLimit("an equation has no slope here")
    return lifted(x)


def _symmetric(finder: Finder, e: Rel) -> bool:
    """Are both sides symmetric matrices, whatever is assumed?  Half of the entries then say it all."""
    if len(e.left.shape) != 2 or e.left.shape[0] != e.left.shape[1]:
        return False
    known = finder.equations.symmetric
    if e not in known:
        context = finder.context.child()
        context.assumptions = []
        known[e] = all(_proved(context, Rel("=", side, Transpose(side))) for side in (e.left, e.right))
    return known[e]


def _proved(context: Context, rel: Rel) -> bool:
    try:
        prove_directly(context, rel, deadline=now() + _PROOF, minimise=False)
    except (ProofError, OutOfTime, RecursionError):
        return False
    return True


def _counted(point: Point, e: Rel, symmetric: Container[Rel]) -> list[int]:
    """The entries of an equation that are looked at."""
    dims = point.instance.dims(e.left.shape)
    return [k for k in range(prod(dims)) if e not in symmetric or k // dims[0] <= k % dims[0]]


def _residuals(point: Point, equations: Sequence[Rel], symmetric: Container[Rel]) -> Iterator[Number]:
    for e in equations:
        for at in point.places(point.evaluator.free(e)):
            left, right = point.entries(e.left, at), point.entries(e.right, at)
            yield from (left[k] + (-right[k]) for k in _counted(point, e, symmetric))


def _slopes(
    point: Point, equations: Sequence[Rel], symmetric: Container[Rel], where: Sequence[tuple[str, int]]
) -> Iterator[list[Number]]:
    """The derivatives of left − right, for each entry of each equation, by the entries at `where`."""
    names = list(dict.fromkeys(name for name, _ in where))
    for e in equations:
        for at in point.places(point.evaluator.free(e)):
            parts = {n: [point.linearised(side, n, at)[1] for side in (e.left, e.right)] for n in names}
            for k in _counted(point, e, symmetric):
                yield [parts[n][0][k][j] + (-parts[n][1][k][j]) for n, j in where]


def _inverse(rows: list[list[Any]]) -> tuple[list[list[Any]], list[int]] | None:
    """Columns that are independent, and the inverse of the matrix that they make; in rounded numbers."""
    rows = [[*row, *(int(i == k) for k in range(len(rows)))] for i, row in enumerate(rows)]
    width = len(rows[0]) - len(rows)
    columns: list[int] = []
    for k in range(len(rows)):
        i, j = max(((i, j) for i in range(k, len(rows)) for j in range(width)), key=lambda at: abs(rows[at[0]][at[1]]))
        if not rows[i][j]:
            return None
        rows[k], rows[i] = rows[i], rows[k]
        rows[k] = [x / rows[k][j] for x in rows[k]]
        for other in range(len(rows)):
            if other != k and rows[other][j]:
                factor = rows[other][j]
                rows[other] = [x - factor * y for x, y in zip(rows[other], rows[k])]
        columns.append(j)
    return [row[width:] for row in rows], columns


__all__ = ["surrounded"]
