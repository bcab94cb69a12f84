"""Scalars as quotients of polynomials in what cannot be taken apart: cancelled and factored.

`tidy` returns an equal scalar as a person would leave it: one number in front, common factors outside,
fractions cancelled (`(−d/y + (1 − d)/(1 − y)) y(1 − y)` is `y − d`).  Cancelling may drop a condition
under which the original was defined; the kernel notices, so nothing rests on it.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from functools import lru_cache
from math import lcm
from typing import Any

from derive import distinct
from derive.binders import canonical, free_indices, fresh, substitute, weight
from derive.entrywise import entry, product_entry
from derive.gradient.constructors import flat, scaled
from derive.gradient.factors import base_and_exponent, exponential, factors_of, power_of, times
from derive.gradient.notation import array_of
from derive.gradient.outside import linear, sparse
from derive.gradient.quotients import (
    Parts,
    Square,
    cancels,
    factored,
    fraction,
    logistic,
    merged,
    positive_first,
    rank,
    reduction,
    squared,
    squares,
    standing,
    tangent,
    with_signs,
)  # fmt: skip
from derive.terms import (
    MINUS_ONE,
    ONE,
    ZERO,
    Add,
    Call,
    Comp,
    Delta,
    Entry,
    Fn,
    Index,
    MatMul,
    Mul,
    Num,
    Pow,
    SizeTerm,
    Sum,
    Term,
)  # fmt: skip

#: Beyond this a scalar is left as it stands: factoring is for what people read.
MOST_LEAVES, MOST_WEIGHT, MOST_TERMS = 14, 1500, 60


#: a sum under a root with more to read is not multiplied out
MOST_WHOLE = 24


class TooLarge(Exception):
    """Not worth factoring."""


@lru_cache(maxsize=20_000)
def tidy(t: Term) -> Term:
    """The scalar `t` cancelled and factored, its parts first."""
    if not t.children:
        return t
    if isinstance(t, Sum):
        return summed(t.index, tidy(t.body), t.start)
    inner = t.rebuild(tuple(tidy(c) for c in t.children))
    if isinstance(inner, Fn):
        return _function(inner)
    if isinstance(inner, MatMul) and (sparse(inner.left) or sparse(inner.right)):
        axes = tuple(fresh(s) for s in inner.shape)
        return array_of(axes, tidy(product_entry(inner, axes)))
    if isinstance(inner, Entry) and isinstance(inner.array, Comp) and len(inner.indices) == len(inner.array.indices):
        return tidy(entry(inner.array, inner.indices))
    if t.shape:
        return flat(inner)
    if isinstance(inner, Entry) and isinstance(inner.array, MatMul):
        scalars: list[Term] = []
        array = linear(inner.array, scalars)
        return scaled(scalars, Entry(array, inner.indices)) if scalars else inner
    if not isinstance(t, (Add, Mul, Pow)):
        return inner
    if weight(inner) > MOST_WEIGHT:
        return flat(inner)
    try:
        made = _Field(inner).written()
    except (TooLarge, ZeroDivisionError):
        return flat(inner)
    apart = flat(inner)
    if isinstance(apart, Add) and weight(apart) < weight(made):
        return positive_first(apart)
    return made


def _function(t: Fn) -> Term:
    """log exp x = x; exp 0 = 1."""
    inner = t.args[0]
    if t.name == "log" and isinstance(inner, Fn) and inner.name == "exp":
        return inner.args[0]
    if inner == ZERO and t.name == "exp":
        return ONE
    return t


def summed(k: Index, body: Term, start: int = 1) -> Term:
    """Σ_k body with the factors that do not depend on k in front."""
    if body == ZERO:
        return ZERO
    factors = body.args if isinstance(body, Mul) else (body,)
    for f in factors:  # Σ_k δ_kj a_k = a_j
        if isinstance(f, Delta) and k in (f.left, f.right) and f.left != f.right and start == 1:
            other = f.right if f.left == k else f.left
            if isinstance(other, int) or other.size == k.size:
                rest = tuple(g for g in factors if g is not f)
                return tidy(substitute(Mul(rest), {k: other})) if rest else ONE
        if (pair := distinct.apart(f)) is not None and distinct.complement(f) is None:  # δ − 1: a guard has no sign
            guard = Add((ONE, Mul((MINUS_ONE, Delta(*pair)))))
            rest = tuple(guard if g is f else g for g in factors)
            return scaled([MINUS_ONE], summed(k, Mul(rest) if len(rest) > 1 else guard, start))
    if isinstance(body, Mul):
        outside = [f for f in body.args if k not in free_indices(f)]
        inside = [f for f in body.args if k in free_indices(f)]
        if outside and inside:
            core = inside[0] if len(inside) == 1 else Mul(tuple(inside))
            return scaled(outside, Sum(k, core, start))
    return Sum(k, body, start)


class _Field:
    """One scalar in the field of fractions of its leaves."""

    def __init__(self, t: Term) -> None:
        from sympy import QQ
        from sympy.polys.fields import FracField
        from sympy.polys.orderings import lex

        self.leaves: dict[Term, int] = {}  # canonical leaf → number
        self.shown: list[Term] = []
        self.roots: dict[int, int] = {}  # leaf → common denominator of its exponents
        self.whole: set[Term] = set()
        self.rooted(t)
        self.collect(t)
        if len(self.shown) > MOST_LEAVES:
            raise TooLarge
        self.field: Any = None
        self.gens: dict[int, Any] = {}
        if self.shown:
            self.order = sorted(range(len(self.shown)), key=lambda i: rank(self.shown[i]))
            self.field = FracField([f"g{i:03d}" for i in self.order], QQ, lex)
            self.gens = dict(zip(self.order, self.field.gens))
        self.value: Any = self.read(t)

    # -- reading -----------------------------------------------------------------------------------------

    def rooted(self, t: Term) -> None:
        """Sums under a root stay whole everywhere, v + ε beside √(v + ε), and so do denominators with a
        square of a sum: c + (a + b)² is plainly positive, multiplied out it is not."""
        for node in t.walk():
            base, power = base_and_exponent(node)
            rooted = power.denominator != 1 and isinstance(base, (Add, Mul))
            below = power < 0 and isinstance(base, Add)
            if rooted or (below and any(squared(f) for a in base.children for f in factors_of(a))):
                self.whole.add(canonical(base))

    def parts(self, t: Term) -> bool:
        return isinstance(t, (Add, Mul)) and not (self.whole and canonical(t) in self.whole)

    def leaf(self, t: Term) -> int:
        key = canonical(t)
        found = self.leaves.get(key)
        if found is None:
            found = self.leaves[key] = len(self.shown)
            self.shown.append(t)
        return found

    def collect(self, t: Term) -> None:
        if isinstance(t, Num):
            return
        if isinstance(t, (Add, Mul)) and self.parts(t):
            for a in t.args:
                self.collect(a)
            return
        base, power = base_and_exponent(t)
        if self.parts(base) and power.denominator == 1:
            self.collect(base)
            return
        if isinstance(base, Num) and power.denominator == 1:
            return
        if isinstance(base, Fn) and base.name == "exp":
            base, c = exponential(base)
            power *= c
        i = self.leaf(base)
        if isinstance(base, Add) and weight(base) <= MOST_WHOLE:  # what it may be multiplied out to
            for a in base.args:
                self.collect(a)
        self.roots[i] = lcm(self.roots.get(i, 1), power.denominator)

    def read(self, t: Term) -> Any:
        if isinstance(t, Num):
            return self.number(t.value)
        if isinstance(t, Add) and self.parts(t):
            return self._fold(t.args, lambda a, b: a + b)
        if isinstance(t, Mul) and self.parts(t):
            return self._fold(t.args, lambda a, b: a * b)
        base, power = base_and_exponent(t)
        if power.denominator == 1 and (isinstance(base, Num) or self.parts(base)):
            if abs(power) > 8:
                raise TooLarge
            inside = self.read(base)
            if power < 0 and not inside:
                raise ZeroDivisionError
            return inside ** int(power) if power > 0 or self.field is None else 1 / inside ** int(-power)
        if isinstance(base, Fn) and base.name == "exp":
            base, c = exponential(base)
            power *= c
        i = self.leaf(base)
        e = power * self.roots[i]
        gen: Any = self.gens[i]
        if abs(e) > 24:
            raise TooLarge
        return gen ** int(e) if e > 0 else 1 / gen ** int(-e)

    def number(self, value: Fraction) -> Any:
        from sympy import QQ

        made = QQ(value.numerator, value.denominator)
        return self.field(made) if self.field is not None else made

    def _fold(self, args: tuple[Term, ...], join: Callable[[Any, Any], Any]) -> Any:
        made = self.read(args[0])
        for a in args[1:]:
            made = join(made, self.read(a))
            if self.field is not None and len(made.numer) + len(made.denom) > MOST_TERMS * 4:
                raise TooLarge
        return made

    # -- writing -----------------------------------------------------------------------------------------

    def written(self) -> Term:
        if self.field is None:
            return Num(Fraction(int(self.value.numerator), int(self.value.denominator)))
        if not self.value:
            return ZERO
        if len(self.value.numer) + len(self.value.denom) > MOST_TERMS:
            raise TooLarge
        number, factors = factored(self.value)
        whole = self._with_whole(factors)
        if whole is not None:
            number, factors = factored(whole)
        number, factors = with_signs(number, merged(factors))
        above: list[tuple[Term, Fraction]] = []
        below: list[tuple[Term, Fraction]] = []
        for p, e in factors:
            scale, base, power = self.factor(p, e)
            number *= scale
            (above if power > 0 else below).append((base, power))
        for side in (above, below):
            side.sort(key=lambda f: (standing(f[0]), rank(f[0])[0]))
        above, below = logistic(*tangent(*_spread(above, below)))
        parts = [power_of(b, e) for b, e in [*above, *below]]
        return scaled([Num(number), *parts[:-1]], parts[-1]) if parts else Num(number)

    def _with_whole(self, factors: list[tuple[Any, int]]) -> Any:
        """The value with δ² + r² as δ² (1 + r²/δ²) and (ε + w²) − w² as ε, where the sum in brackets stays whole
        under a root; None if nothing is to be changed."""
        value = None
        for key, i in list(self.leaves.items()):
            shown = self.shown[i]
            if key not in self.whole or not isinstance(shown, Add):
                continue
            try:
                opened = self._fold(shown.args, lambda a, b: a + b)
            except (KeyError, TooLarge):
                continue
            for p, e in self._conjugate(factors, i):
                if len(opened.numer) > 1 and p in (opened.numer, -opened.numer):
                    made = self.gens[i] ** self.roots[i] / opened
                else:
                    made = self._opened(p, i, opened)
                if made is not None:
                    value = (self.value if value is None else value) * made**e
        return value

    def _conjugate(self, factors: list[tuple[Any, int]], i: int) -> list[tuple[Any, int]]:
        """(√b − w)(√b + w) as b − w²."""
        place = self.order.index(i)
        rooted = [p for p, e in factors if e == 1 and any(m[place] % self.roots[i] for m in p)]
        if len(rooted) != 2:
            return factors
        return [(rooted[0] * rooted[1], 1), *(f for f in factors if f[0] not in rooted)]

    def _opened(self, p: Any, i: int, opened: Any) -> Any:
        """p with the whole sum multiplied out, divided by p, where that has fewer terms; else None."""
        place = self.order.index(i)
        powers = {m[place] for m in p}
        if len(p) < 2 or powers == {0} or any(x % self.roots[i] for x in powers):
            return None
        total = self.number(Fraction(0))
        for m, c in p.terms():
            rest = p.ring.from_dict({tuple(0 if k == place else x for k, x in enumerate(m)): c})
            total = total + self.field(rest) * opened ** (m[place] // self.roots[i])
        return total / self.field(p) if total and len(total.numer) < len(p) else None

    def factor(self, p: Any, e: int) -> tuple[Fraction, Term, Fraction]:
        """One irreducible factor as (number, base, exponent)."""
        if len(p) == 1:
            ((m, c),) = p.terms()
            places = [i for i, x in enumerate(m) if x]
            if len(places) == 1:
                i = self.order[places[0]]
                power = Fraction(m[places[0]] * e, self.roots[i])
                return Fraction(int(c.numerator), int(c.denominator)) ** e, self.shown[i], power
        rows = self.rows(p)
        rows.sort(key=lambda r: (r[1] < 0, r[0] == ONE and r[1] < 0))
        constant = [r for r in rows if r[0] == ONE]
        if constant and constant[0][1] > 0:
            rows = constant + [r for r in rows if r[0] != ONE]
        parts = tuple(scaled([Num(c)], t) for t, c in rows)
        return Fraction(1), Add(parts), Fraction(e)

    def rows(self, p: Any) -> list[tuple[Term, Fraction]]:
        """The terms of a polynomial as (term, number), what multiplies a function together and factored."""
        functions = [k for k, i in enumerate(self.order) if isinstance(self.shown[i], (Fn, Call))]
        groups: dict[tuple[int, ...], dict[tuple[int, ...], Any]] = {}
        for m, c in p.terms():
            key = tuple(x if k in functions else 0 for k, x in enumerate(m))
            groups.setdefault(key, {})[tuple(a - b for a, b in zip(m, key))] = c
        made: list[tuple[Term, Fraction]] = []
        left: dict[tuple[int, ...], Fraction] = {}
        for key, part in groups.items():
            if any(key) and len(part) > 1 and len(groups) > 1:
                content, factors = p.ring.from_dict(part).factor_list()
                number, factors = with_signs(fraction(content), factors)
                bases: list[Term] = []
                for f, e in factors:
                    scale, base, power = self.factor(f, e)
                    number *= scale
                    bases.append(power_of(base, power))
                bases.sort(key=lambda b: (isinstance(b, Add), rank(b)[0]))
                long = any(reduction(n) for b in bases if isinstance(b, Add) for n in b.walk())
                made.append((times([self.monomial(key), *bases] if long else [*bases, self.monomial(key)]), number))
            else:
                left |= {tuple(a + b for a, b in zip(m, key)): fraction(c) for m, c in part.items()}
        return [*made, *self.paired(left)]

    def paired(self, terms: dict[tuple[int, ...], Fraction]) -> list[tuple[Term, Fraction]]:
        """u − uσ as u(1 − σ), which keeps its digits where σ is close to 1."""
        found, terms = squares(terms)
        made = [(self.square(s), s.number) for s in found]
        left = dict(terms)
        for m, c in terms.items():
            if len(terms) < 3 or m not in left or not any(m):
                continue
            for other, d in left.items():
                ratio = tuple(b - a for a, b in zip(m, other))
                if c + d or sum(ratio) != 1 or min(ratio) < 0:
                    continue
                del left[m], left[other]
                rest = Add((ONE, scaled([Num(Fraction(-1))], self.monomial(ratio))))
                made.append((times([self.monomial(m), rest]), c))
                break
        return [*((self.monomial(m), c) for m, c in left.items()), *made]

    def square(self, s: Square) -> Term:
        inside = Add((self.monomial(s.first), scaled([Num(Fraction(s.sign))], self.monomial(s.second))))
        return times([self.monomial(s.common), power_of(inside, Fraction(2))])

    def monomial(self, m: tuple[int, ...]) -> Term:
        found = []
        for place, x in enumerate(m):
            if x:
                i = self.order[place]
                found.append(power_of(self.shown[i], Fraction(x, self.roots[i])))
        return times(found)


def _spread(above: Parts, below: Parts) -> tuple[Parts, Parts]:
    """(Nλw + r)/N as λw + r/N: a divisor that cancels in one summand is spread over all; (y − μ)/μ² stays."""
    tops = [k for k, (b, e) in enumerate(above) if isinstance(b, Add) and e == 1]
    if len(tops) != 1:
        return above, below
    whole = above[tops[0]][0]
    assert isinstance(whole, Add)
    spread = [(b, e) for b, e in below if cancels(b, -e, whole) and not isinstance(b, Add)]
    sums = any(isinstance(b, Add) for b, _ in below)
    if not spread or (sums and not all(isinstance(b, SizeTerm) for b, _ in spread)):
        return above, below  # (y − d)/(y(1 − y)) is not (1 − d/y)/(1 − y)
    factors = [power_of(b, e) for b, e in spread]
    rows = tuple(tidy(Mul((*factors, row))) for row in whole.args)
    left = [f for f in below if f not in spread]
    return [*above[: tops[0]], *above[tops[0] + 1 :], (Add(rows), Fraction(1))], left


__all__ = ["summed", "tidy"]
