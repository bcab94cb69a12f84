"""What is certain of a proposition at a point: a refutation must be beyond doubt."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from derive.evaluate import UNDEFINED, Number, Point, is_exact, terms_of
from derive.evaluate.intervals import Interval
from derive.evaluate.numbers import Reals, plain
from derive.evaluate.truth import HOLDS, sign_of_gap
from derive.props import And, ArgOpt, Iff, Implies, Prop, Rel, SemiDefinite
from derive.terms import Index

At = Mapping[Index, int]
NOWHERE: At = {}

#: an assumed equation may be off by this share of its digits where it has no exact solution
_CLOSE = 0.75


def holds(point: Point, prop: Prop, fixed: At = NOWHERE) -> bool:
    """Is the proposition certainly true at the point (equations: to three quarters of the digits)?

    `fixed`: the values of free indices that have one already; the others range over all of theirs.
    """
    match prop:
        case Rel():
            for at in _places(point, prop, fixed):
                for a, b in zip(point.entries(prop.left, at), point.entries(prop.right, at), strict=True):
                    if a is UNDEFINED or b is UNDEFINED or not _related(prop.op, plain(a), plain(b), point):
                        return False
            return True
        case And():
            return all(holds(point, p, fixed) for p in prop.parts)
        case Implies():
            return all(
                holds(point, prop.right, at) or fails(point, prop.left, at) for at in joint(point, prop, fixed)
            )
        case Iff():
            return all(
                (holds(point, prop.left, at) and holds(point, prop.right, at))
                or (fails(point, prop.left, at) and fails(point, prop.right, at))
                for at in joint(point, prop, fixed)
            )
        case SemiDefinite():
            return _is_semidefinite(point, prop)
        case _:
            return False


def fails(point: Point, prop: Prop, fixed: At = NOWHERE) -> bool:
    """Is the proposition certainly false at the point, with both sides defined?"""
    match prop:
        case Rel():
            return witness(point, prop, fixed) is not None
        case And():
            whole = all(defined(point, p, fixed) for p in prop.parts)
            return whole and any(fails(point, p, fixed) for p in prop.parts)
        case Implies():
            return any(
                holds(point, prop.left, at) and fails(point, prop.right, at) for at in joint(point, prop, fixed)
            )
        case Iff():
            return any(
                (holds(point, prop.left, at) and fails(point, prop.right, at))
                or (fails(point, prop.left, at) and holds(point, prop.right, at))
                for at in joint(point, prop, fixed)
            )
        case _:
            return False


def joint(point: Point, prop: Iff | Implies, fixed: At = NOWHERE) -> Iterator[At]:
    """Every choice of values for the free indices: the whole claim is made for each of them, so an index has
    one value in both sides, also where it is free in one of them only."""
    free = dict.fromkeys((*point.evaluator.free(prop.left), *point.evaluator.free(prop.right)))
    for at in point.places(tuple(i for i in free if i not in fixed)):
        yield {**fixed, **at}


def _places(point: Point, prop: Prop, fixed: At) -> Iterator[dict[Index, int]]:
    free = point.evaluator.free(prop)
    known = {i: fixed[i] for i in free if i in fixed}
    for at in point.places(tuple(i for i in free if i not in fixed)):
        yield {**known, **at}


def witness(
    point: Point, rel: Rel, fixed: At = NOWHERE
) -> tuple[dict[str, int], tuple[int, ...], Number, Number] | None:
    """(free indices, entry, left, right) where the relation is certainly false."""
    for at in _places(point, rel, fixed):
        left, right = point.entries(rel.left, at), point.entries(rel.right, at)
        if any(x is UNDEFINED for x in (*left, *right)):
            continue
        for k, (a, b) in enumerate(zip(left, right, strict=True)):
            sign = sign_of_gap(plain(a), plain(b), point.numbers)
            if sign is not None and sign not in HOLDS[rel.op]:
                names = {i.name: v for i, v in at.items()}
                return names, position(point, rel, k), plain(a), plain(b)
    return None


def position(point: Point, rel: Rel, k: int) -> tuple[int, ...]:
    """The 1-based place of entry k."""
    place: list[int] = []
    for n in reversed(point.instance.dims(rel.left.shape)):
        k, digit = divmod(k, n)
        place.append(digit + 1)
    return tuple(reversed(place))


def signature(point: Point, prop: Prop | ArgOpt) -> list[Number]:
    """All values that the proposition speaks of at the point."""
    return [
        plain(x)
        for t in terms_of(prop)
        for at in point.places(tuple(sorted(point.evaluator.compiler.free(t))))
        for x in point.entries(t, at)
    ]


def agree(first: list[Number], second: list[Number], numbers: Reals) -> bool:
    """Are these the same values at two precisions (to 15 digits)?"""
    if len(first) != len(second):
        return False
    for a, b in zip(first, second):
        if a is UNDEFINED or b is UNDEFINED:
            if a is not b:
                return False
            continue
        gap = abs(numbers.real(a) - numbers.real(b))
        if gap > numbers.context.mpf(10) ** -15 * max(abs(numbers.real(a)), 1):
            return False
    return True


def defined(point: Point, prop: Prop, fixed: At = NOWHERE) -> bool:
    """Have all terms of the relations of the proposition a value here?"""
    match prop:
        case Rel():
            return not any(
                x is UNDEFINED
                for at in _places(point, prop, fixed)
                for side in (prop.left, prop.right)
                for x in point.entries(side, at)
            )
        case And():
            return all(defined(point, p, fixed) for p in prop.parts)
        case Iff() | Implies():
            return defined(point, prop.left, fixed) and defined(point, prop.right, fixed)
        case _:
            return True


def _related(op: str, a: Number, b: Number, point: Point) -> bool:
    numbers = point.numbers
    if is_exact(a) and is_exact(b):
        return ((a > b) - (a < b)) in HOLDS[op]
    sign = sign_of_gap(a, b, numbers)
    if sign is not None:
        return sign in HOLDS[op]
    one, two = numbers.real(a), numbers.real(b)
    if op != "=" or isinstance(one, Interval):
        return False
    gap, size = abs(one - two), max(abs(one), abs(two))
    return bool(gap <= size * numbers.context.mpf(10) ** -int(_CLOSE * numbers.digits))


def _is_semidefinite(point: Point, prop: SemiDefinite) -> bool:
    """By elimination on the symmetric part; exact matrices only."""
    for at in point.places(point.evaluator.free(prop)):
        array = point.value(prop.arg, at)
        n = array.dims[0]
        if not all(is_exact(x) for x in array.data):
            return False
        a = [[array.data[i * n + j] + array.data[j * n + i] for j in range(n)] for i in range(n)]
        left = list(range(n))
        while left:
            k = next((i for i in left if a[i][i] > 0), None)
            if any(a[i][i] < 0 for i in left):
                return False
            if k is None:
                if any(a[i][j] for i in left for j in left):
                    return False
                break
            left.remove(k)
            r = point.numbers.reciprocal(a[k][k])
            for i in left:
                factor = a[i][k] * r
                for j in left:
                    a[i][j] = a[i][j] - factor * a[k][j]
    return True
