"""Sums over one index that share a factor, as one: Σₙ Aₙᵢ/zₙ + Σₙ Bᵢₙ/zₙ is Σₙ (Aₙᵢ + Bᵢₙ)/zₙ.

Both are defined for the same values; the statement that is written so is proved like any other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from derive.binders import free_indices, fresh, substitute
from derive.context import Context
from derive.distinct import complement, is_guard
from derive.entrywise import entry
from derive.gradient.constructors import flat, scaled
from derive.gradient.factors import base_and_exponent, factors_of, times
from derive.gradient.notation import array_of
from derive.gradient.parts import key
from derive.gradient.quotients import positive_first
from derive.gradient.rational import tidy
from derive.terms import MINUS_ONE, ONE, Add, Fn, Index, Num, Sum, Term


@dataclass
class _Summand:
    """outside · number · Σ over the index of the factors."""

    number: Num
    outside: list[Term]
    index: Index
    factors: list[Term]


def joined_entries(context: Context, t: Term) -> Term:
    """An array with the sums in its entries joined."""
    axes = tuple(fresh(s) for s in t.shape)
    body = entry(t, axes)
    made = joined(body, context)
    return array_of(axes, made) if made != body else t


def joined(t: Term, context: Context) -> Term:
    """A scalar with its sums joined, wherever they are added."""
    if not t.children or t.shape:
        return t
    t = t.rebuild(tuple(joined(c, context) for c in t.children))
    if not isinstance(t, Add) or t.shape:
        return t
    left, made = list(t.args), []
    while left:
        first = left.pop(0)
        for other in list(left):
            both = _joined(first, other, context)
            if both is not None:
                left.remove(other)
                first = both
        made.append(first)
    return made[0] if len(made) == 1 else positive_first(Add(tuple(made))) if len(made) < len(t.args) else t


def _joined(a: Term, b: Term, context: Context) -> Term | None:
    """a + b as one sum where they share a factor that depends on the index, up to its sign."""
    one, two = _read(a), _read(b)
    if one is None or two is None or one.index.size != two.index.size:
        return None
    if {key(f) for f in one.outside} != {key(f) for f in two.outside}:
        return None
    k = fresh(one.index.size)
    mine = [substitute(f, {one.index: k}) for f in one.factors]
    others = [substitute(f, {two.index: k}) for f in two.factors]
    shared: list[Term] = []
    sign = 1
    for f in list(mine):
        found = _found(f, others)
        if found is not None:
            shared.append(f)
            mine.remove(f)
            others.remove(found[0])
            sign *= found[1]
    guards = [[key(f) for f in rest if is_guard(f)] for rest in (mine, others)]
    if any(guards) or any(_scaled(f, context) for f in (*mine, *others)):
        return None
    if not any(k in free_indices(f) and not is_guard(f) for f in shared):
        return None
    size = abs(one.number.value)
    same = size == abs(two.number.value)
    first = scaled([Num(one.number.value / (size if same else 1))], times(mine))
    second = scaled([Num(two.number.value * sign / (size if same else 1))], times(others))
    inner = flat(positive_first(Add((first, second))))
    return scaled([*([Num(size)] if same else []), *one.outside], Sum(k, tidy(times([*shared, inner]))))


def _scaled(t: Term, context: Context) -> bool:
    """A quotient, which needs its denominator, or made of an exponential, which keeps its digits beside what it is
    multiplied by."""
    names = context.reachable(t) & context.definitions.keys()
    bodies = (t, *(context.definitions[name].body for name in names))
    return base_and_exponent(t)[1] < 0 or any(isinstance(n, Fn) and n.name == "exp" for b in bodies for n in b.walk())


def _read(t: Term) -> _Summand | None:
    factors = factors_of(t)
    sums = [f for f in factors if isinstance(f, Sum)]
    if len(sums) != 1 or sums[0].start != 1:
        return None
    outside = [f for f in factors if f is not sums[0] and not isinstance(f, Num)]
    inside = list(factors_of(sums[0].body))
    number = ONE
    for f in (*factors, *inside):
        number = Num(number.value * f.value) if isinstance(f, Num) else number
    return _Summand(number, outside, sums[0].index, [f for f in inside if not isinstance(f, Num)])


def _found(f: Term, others: Sequence[Term]) -> tuple[Term, int] | None:
    """The same factor among the others, and the sign between them."""
    pair = complement(f)
    for g in others:
        other = complement(g) if pair is not None else None
        if key(g) == key(f) or (pair is not None and other is not None and set(pair) == set(other)):  # 1 − δ_nm
            return g, 1
    same = None
    if isinstance(f, Add):
        turned = key(Add(tuple(scaled([MINUS_ONE], a) for a in f.args)))
        same = next((g for g in others if key(g) == turned), None)
    return (same, -1) if same is not None else None


__all__ = ["joined", "joined_entries"]
