"""Sums distributed over additions: Σ_d (x_id − x_jd)² without an array over i, j and d.

    (x − y)² = ((x − c) − (y − c))²,   for any c

With the mean of the points for c, what is squared and subtracted is as large as the points are far from each other, not
as they are far from 0.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import combinations
from itertools import product as choices

from codegen.alike import fingerprint
from codegen.lines import Line, Names
from codegen.masks import Masked
from codegen.program import Reason
from codegen.scalars import free_of
from codegen.simplify import number, power, product, renamed, sum_over, tidy, total
from codegen.wide import Narrow, Wide
from derive.binders import free_indices, fresh, substitute
from derive.distinct import complement, is_guard
from derive.terms import MINUS_ONE, ONE, ZERO, Add, Delta, Entry, Fn, Index, Mul, Num, Pow, SizeTerm, Term, Var

#: an addition is not multiplied out into more terms than this
TERMS = 24


#: the names in a sum → keys of the sums that have just these
Known = dict[frozenset[str], set[str]]


@dataclass(frozen=True)
class How:
    """What is not negative, whether the terms in which a point meets itself are left out, lines for means, and the
    sums that other lines have formed already."""

    positive: Callable[[Term], bool]
    apart: bool
    centres: Centres
    known: Known = field(default_factory=dict)


def distributed(
    over: list[Index], factors: list[Term], ordered: Callable[[Term], Term], how: How
) -> Term | None:
    """Σ_over Π factors with the additions whose terms have fewer indices than they have multiplied
    out, each part in order; None if there are none.  A sum of squares with weights that are
    not negative stays ≥ 0."""
    spread: list[tuple[Term, ...]] = []
    kept: list[Term] = []
    pairs: list[tuple[Index, Index]] = []
    wide = False
    square = all(map(how.positive, factors)) and not any(isinstance(f, Add) for f in factors)
    for f in factors:
        times = 1
        base = f
        if isinstance(f, Pow) and number(f.exponent) == 2:
            base, times = f.base, 2
        # Σ_{j≠i} a_j as Σ_j a_j − a_i would lose the digits that a_i has and the rest has not
        open_ = isinstance(base, Add) and not is_guard(base)
        if open_ and isinstance(base, Add) and times == 1 and _turned(base):
            spread.append(base.args)
        elif open_ and isinstance(base, Add) and any(free_indices(a) != free_indices(base) for a in base.args):
            centred = how.centres.of(base, known=times == 1)
            wide = wide or square or centred is not None
            terms = base.args if centred is None else centred
            spread.extend([tuple(map(_wide, terms)) if square and centred is None else terms] * times)
            pairs += _vanishes(base) if how.apart else []
        else:
            kept.append(f)
    count = 1
    for terms in spread:
        count *= len(terms)
    if not spread or count > TERMS:
        return None
    if not square:
        kept = _off_diagonal(kept, pairs)
    collected: dict[tuple[str, ...], tuple[Term, Term]] = {}
    for chosen in choices(*spread):
        part = product(*chosen, *kept)
        factors_ = part.args if isinstance(part, Mul) else (part,)
        numbers = [f for f in factors_ if isinstance(f, Num)]
        rest = sorted((f for f in factors_ if not isinstance(f, Num)), key=str)
        key = tuple(map(str, rest))
        old = collected.get(key, (ZERO, ONE))[0]
        collected[key] = total(old, product(*numbers)), product(*rest)
    parts = []
    for coefficient, rest_ in collected.values():
        part = product(coefficient, rest_)
        for k in over:
            part = sum_over(k, part)
        parts.append(ordered(tidy(renamed(part))))
    parts.sort(key=lambda p: (number(p.args[0]) or 0) < 0 if isinstance(p, Mul) else False)
    made = total(*parts)
    if not square:
        return Narrow(made) if wide else made
    distance = Narrow(Fn("max", (made, ZERO)))  # of a point from itself exactly 0
    apart = [_complement(i, j) for i, j in pairs if {i, j} <= free_indices(made)]
    return Masked(apart[0], distance) if apart else distance


class Centres:
    """Lines for means, and for what is left without them, in double precision."""

    def __init__(self, names: Names) -> None:
        self.names = names
        self.new: list[Line] = []
        self.left: dict[str, Line] = {}
        self._known: dict[str, tuple[Line, tuple[int, ...]]] = {}

    def of(self, base: Add, *, known: bool) -> tuple[Term, Term] | None:
        """The terms of x − y for two arrays with axes of their own, each without one mean.

        `known`: only where there are lines for them.
        """
        if len(base.args) != 2:
            return None
        (sign, x), (other, y) = map(_signed, base.args)
        if sign != -other or not isinstance(x, Entry) or not isinstance(y, Entry):
            return None
        common = free_indices(x) & free_indices(y)
        if common in (free_indices(x), free_indices(y)):
            return None
        means = [_mean(t, common) for t in (x, y)]
        there = [m for m in means if fingerprint(m)[0] in self._known]
        if known and not there:
            return None
        mean = (there or means)[0]
        c = self._line("c", mean, "a mean, so that a distance keeps its digits far from 0")
        return product(Num(sign), self._without(x, c)), product(Num(other), self._without(y, c))

    def spelled(self, t: Term) -> Term:
        """`t` with x − c written out."""
        line = self.left.get(t.array.name) if isinstance(t, Entry) and isinstance(t.array, Var) else None
        if line is not None and isinstance(t, Entry):
            return substitute(line.body, dict(zip(line.axes, t.indices)))
        if not t.children:
            return t
        children = tuple(self.spelled(a) for a in t.children)
        return t if all(a is b for a, b in zip(children, t.children)) else t.rebuild(children)

    def _without(self, x: Entry, c: Term) -> Term:
        made = self._line("z", total(Wide(x), product(MINUS_ONE, c)), "a point without the mean")
        assert isinstance(made, Entry) and isinstance(made.array, Var)
        self.left.update((line.name, line) for line, _ in self._known.values() if line.name == made.array.name)
        return made

    def _line(self, wish: str, body: Term, why: str) -> Term:
        key, axes = fingerprint(body)
        if key not in self._known:
            own = {i: fresh(i.size) for i in free_of(body)}
            moved = substitute(body, dict(own))
            line = Line(self.names.new(wish), tuple(own.values()), moved, "", Reason("rewriting", why))
            self._known[key] = line, tuple(axes.index(i) for i in own)
            self.new.append(line)
        line, order = self._known[key]
        return line.read(tuple(axes[n] for n in order))


def _mean(t: Term, common: frozenset[Index]) -> Term:
    """The mean over the axes that are not in common."""
    for k in free_of(t):
        if k not in common:
            t = product(power(SizeTerm(k.size), MINUS_ONE), sum_over(k, t))
    return t


def _turned(base: Add) -> bool:
    """Is it A + Aᵀ, which as a product with a vector costs no array: (A + Aᵀ)u = Au + Aᵀu?"""
    if len(base.args) != 2:
        return False
    (c, a), (d, b) = map(_signed, base.args)
    return c == d and isinstance(a, Entry) and isinstance(b, Entry) and (
        isinstance(a.array, Var) and a.array == b.array and a.indices != b.indices
    )


def _signed(t: Term) -> tuple[Fraction, Term]:
    if isinstance(t, Mul) and len(t.args) == 2 and isinstance(t.args[0], Num):
        return t.args[0].value, t.args[1]
    return Fraction(1), t


def _vanishes(base: Add) -> list[tuple[Index, Index]]:
    """The pairs of indices for which x_i − x_j is 0 where they are equal."""
    axes = free_of(base)
    return [
        (i, j) for i, j in combinations(axes, 2) if i.size == j.size and tidy(substitute(base, {j: i})) == ZERO
    ]  # fmt: skip


def _complement(i: Index, j: Index) -> Term:
    return Add((ONE, Mul((MINUS_ONE, Delta(i, j)))))


def _off_diagonal(factors: list[Term], pairs: list[tuple[Index, Index]]) -> list[Term]:
    """A factor that multiplies x_i − x_j, without its diagonal: k_ii x_i − x_i k_ii would hide what is small."""
    for i, j in pairs:
        both = [f for f in factors if free_indices(f) == {i, j}]
        if both and not any(isinstance(f, Masked) and complement(f.mask) is not None for f in both):
            rest = [f for f in factors if f not in both]
            return [*rest, Masked(_complement(i, j), product(*both))]
    return factors


def _wide(t: Term) -> Term:
    """A term of a sum that is squared, its number apart, in double precision."""
    factors = t.args if isinstance(t, Mul) else (t,)
    numbers = [f for f in factors if isinstance(f, Num)]
    rest = [f for f in factors if not isinstance(f, Num)]
    return product(*numbers, Wide(product(*rest))) if rest else t
