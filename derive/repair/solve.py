"""Factors and terms that a line lacks, found from the numbers instead of one by one.

At a few instances the difference of the two sides is known; what would make it up is a coefficient times
a summand of the line, or times a term that the names suggest.  The coefficient is read off the numbers
and named: a simple fraction times a scalar of the context.  All of it is a guess for the prover to judge.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import combinations_with_replacement
from math import isfinite

from derive.binders import free_indices
from derive.clock import passed
from derive.context import Context
from derive.evaluate import UNDEFINED, EvaluationError, Evaluator, Point, ResourceLimit
from derive.evaluate.numbers import plain
from derive.props import Rel
from derive.repair.around import Edit
from derive.repair.claims import ClaimEdit
from derive.repair.edits import negated, one_over
from derive.repair.vocabulary import (
    derivatives,
    distributed,
    likenesses,
    names_of,
    products,
    scalars,
    size_terms,
    summands,
)  # fmt: skip
from derive.terms import (
    MINUS_ONE,
    ONE,
    Add,
    Call,
    Entry,
    Eye,
    Fn,
    Full,
    Mul,
    Num,
    Pow,
    SizeTerm,
    SqNorm,
    Term,
    Var,
    mul,
)  # fmt: skip

#: of each instance at most so many numbers are compared, and so many products of parts are tried
_SAMPLES, _ATOMS, _LONGEST = 12, 14, 3
_DENOMINATOR, _NUMERATOR = 12, 12
#: floats are enough for a guess; below _TINY is taken for 0
_CLOSE, _TINY = 1e-10, 1e-12

Vector = list[list[float]]  # by instance


@dataclass
class Lacking:
    """The equation `prop` at the points; `factors` and `terms` give the claims that they suggest."""

    context: Context
    evaluator: Evaluator
    prop: Rel
    points: Sequence[Point]
    deadline: float

    def __post_init__(self) -> None:
        self.free = self.evaluator.free(self.prop)
        left, right = self.vector(self.prop.left), self.vector(self.prop.right)
        self.usable = left is not None and right is not None and len(self.points) > 1
        self.gap: Vector = []
        if left is not None and right is not None:
            self.gap = [[a - b for a, b in zip(x, y, strict=True)] for x, y in zip(left, right, strict=True)]
        self.scale = list(self._scalars()) if self.usable else []

    def vector(self, t: Term) -> Vector | None:
        """The entries of t at the points, or None where one has no value."""
        made: Vector = []
        for point in self.points:
            row: list[float] = []
            try:
                for at in point.places(self.free):
                    for x in point.entries(t, at):
                        if x is UNDEFINED:
                            return None
                        row.append(float(point.numbers.real(plain(x))))
                    if len(row) >= _SAMPLES:
                        break
            except (ResourceLimit, EvaluationError, OverflowError):
                return None
            if not all(map(isfinite, row)):
                return None
            made.append(row)
        return made

    # -- coefficients --------------------------------------------------------------------------------

    def _scalars(self) -> Iterator[tuple[Term, list[float]]]:
        """What a coefficient may hold besides a fraction, with its value at each point."""
        both = (self.prop.left, self.prop.right)
        plain_ones: list[Term] = [*scalars(self.context, both), *size_terms(*both)]
        powers: list[Term] = []
        for s in plain_ones[:8]:
            powers += [s, one_over(s)]
        pairs = [mul(a, b) for a, b in combinations_with_replacement(powers, 2) if a != one_over(b)]
        for t in (ONE, *powers, *pairs):
            try:
                found = [float(p.numbers.real(plain(p.value(t)))) for p in self.points]
            except (ResourceLimit, EvaluationError, TypeError, OverflowError):
                continue
            if any(found) and all(map(isfinite, found)):
                yield t, found

    def coefficient(self, above: Vector, below: Vector) -> Term | None:
        """c with above = c · below at every point, if it is a fraction times a scalar."""
        ratios = []
        for row, other in zip(above, below, strict=True):
            ratio = None
            for a, b in zip(row, other, strict=True):
                if not _tiny(b):
                    here = a / b
                    if ratio is not None and not _same(here, ratio):
                        return None
                    ratio = here
                elif not _tiny(a):
                    return None
            ratios.append(None if ratio is None or _tiny(ratio) else ratio)
        if sum(r is not None for r in ratios) < 2:
            return None
        for t, values in self.scale:
            parts = [(r, v) for r, v in zip(ratios, values, strict=True) if r is not None]
            if any(_tiny(v) for _, v in parts):
                continue
            first = parts[0][0] / parts[0][1]
            if all(_same(r / v, first) for r, v in parts):
                q = _simple(first)
                if q is not None:
                    return t if q == 1 else Num(q) if t == ONE else mul(Num(q), t)
        return None

    # -- the claims ----------------------------------------------------------------------------------

    def factors(self) -> Iterator[ClaimEdit]:
        """A summand of the right side, or the whole of it, with another coefficient."""
        right = self.prop.right
        places = [right, *summands(right)] if isinstance(right, Add) else [right]
        for place in places:
            own = self.vector(place)
            if own is None:
                continue
            wanted = [[g + s for g, s in zip(x, y, strict=True)] for x, y in zip(self.gap, own, strict=True)]
            c = self.coefficient(wanted, own)
            if c is None or c == ONE:
                continue
            made, kind, what = _scaled(place, c)
            whole = made if place is right else Add(tuple(made if a is place else a for a in summands(right)))
            yield self._edit(kind, whole, place, made, what)

    def terms(self) -> Iterator[ClaimEdit]:
        """The right side with one more term."""
        right = self.prop.right
        own = summands(right)
        seen: set[Term] = set()
        for t, values in self._candidates():
            if passed(self.deadline):
                return
            c = self.coefficient(self.gap, values)
            if c is None:
                continue
            extra = t if c == ONE else c if t == ONE else mul(c, t)
            if extra not in seen and extra.shape == right.shape:
                seen.add(extra)
                what = negated(extra) if _negative(c) else extra
                yield self._edit("term", Add((*own, extra)), right, Add((*own, extra)), what)

    def _candidates(self) -> Iterator[tuple[Term, Vector]]:
        """The terms that may be lacking, with their values: the smallest first."""
        prop, context = self.prop, self.context
        shape = prop.right.shape
        one: Term = Full(ONE, shape) if shape else ONE
        bodies = [context.definitions[n].body for n in context.reachable(prop.left) if n in context.definitions]
        names = names_of(context, (prop.left, prop.right))
        own = (*summands(prop.right), *summands(prop.left))
        plain_ones = [one, *summands(prop.left), *products(names, prop.right, self.free), *likenesses(own, names)]
        plain_ones += [s for t in (prop.left, *bodies) for s in distributed(t)]
        if len(shape) == 2 and shape[0] == shape[1]:
            plain_ones.append(Eye(shape[0]))
        for t in dict.fromkeys(plain_ones):
            if t.shape == shape and free_indices(t) <= set(self.free):
                values = self.vector(t)
                if values is not None:
                    yield t, values
        if not shape:
            yield from self._powers(list(self._atoms(bodies)))

    def _atoms(self, bodies: list[Term]) -> Iterator[tuple[Term, Vector]]:
        """Scalars that stand in the lines and in the definitions: names, entries, applications."""
        found: dict[Term, None] = {}
        for t in (self.prop.right, self.prop.left, *bodies):
            for part in t.walk():
                if isinstance(part, (Var, Entry, Call, Fn, SqNorm, Add)) and not part.shape:
                    found[part] = None
                if isinstance(part, Pow) and not part.shape and part.exponent == MINUS_ONE:
                    found[part] = None
                if isinstance(part, Fn) and part.name == "log" and not part.shape:
                    found[one_over(part.args[0])] = None  # its derivative
        found.update(dict.fromkeys(t for t in derivatives(self.context, (self.prop.left, self.prop.right), self.free)
                                   if not t.shape))
        for part in sorted(found, key=lambda p: sum(1 for _ in p.walk()))[: 2 * _ATOMS]:
            if free_indices(part) <= set(self.free):
                values = self.vector(part)
                if values is not None:
                    yield part, values

    def _powers(self, atoms: list[tuple[Term, Vector]]) -> Iterator[tuple[Term, Vector]]:
        """Products of up to three of them."""
        for count in range(1, _LONGEST + 1):
            for chosen in combinations_with_replacement(atoms[:_ATOMS], count):
                values = [list(row) for row in chosen[0][1]]
                for _, other in chosen[1:]:
                    values = [[x * y for x, y in zip(a, b)] for a, b in zip(values, other)]
                yield _powered([t for t, _ in chosen]), values

    def _edit(self, kind: str, whole: Term, place: Term, made: Term, what: Term) -> ClaimEdit:
        return ClaimEdit(replace(self.prop, right=whole), Edit(kind, whole, place, made, what), "right")


def _scaled(place: Term, c: Term) -> tuple[Term, str, Term]:
    """c · place, written with one number in front; what kind of slip that is, and the factor at fault."""
    parts = list(c.args) if isinstance(c, Mul) else [c]
    number = parts[0].value if isinstance(parts[0], Num) else Fraction(1)
    rest = [t for t in parts if not isinstance(t, Num)]
    factors = list(place.args) if isinstance(place, Mul) and c != MINUS_ONE else [place]
    for k, x in enumerate(factors):
        if isinstance(x, Num):
            made = [*rest, *factors[:k], *factors[k + 1 :]]
            if x.value * number != 1 or not made:
                made = [Num(x.value * number), *made]
            whole = made[0] if len(made) == 1 else Mul(tuple(made))
            if not rest:
                return (whole, "factor", x) if x.value * number == 1 else (whole, "number", x)
            return whole, "part", c
    if c == MINUS_ONE:
        return negated(place), "sign", place
    kind = "factor" if not rest else "size" if all(isinstance(x, SizeTerm) for x in rest) else "part"
    return mul(c, place), kind, c


def _powered(parts: list[Term]) -> Term:
    """x x y as x² y."""
    counted = {t: parts.count(t) for t in dict.fromkeys(parts)}
    made = [t if n == 1 else t ** n for t, n in counted.items()]
    return made[0] if len(made) == 1 else Mul(tuple(made))


def _negative(c: Term) -> bool:
    head = c.args[0] if isinstance(c, Mul) else c
    return isinstance(head, Num) and head.value < 0


def _tiny(x: float) -> bool:
    return abs(x) < _TINY


def _same(a: float, b: float) -> bool:
    return abs(a - b) <= _CLOSE * max(abs(a), abs(b))


def _simple(x: float) -> Fraction | None:
    if not 1e-3 < abs(x) < 1e3:
        return None
    q = Fraction(x).limit_denominator(_DENOMINATOR)
    return q if q and abs(q.numerator) <= _NUMERATOR and _same(x, float(q)) else None


__all__ = ["Lacking"]
