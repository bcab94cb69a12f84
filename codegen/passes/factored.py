"""Common factors of the terms of a sum, where what is left has fewer axes: it is added before it is multiplied.

    uᵢwⱼ − vᵢwⱼ = (uᵢ − vᵢ)wⱼ        Σᵢ Aᵢⱼuᵢ − Σᵢ Aᵢⱼvᵢ = Σᵢ Aᵢⱼ(uᵢ − vᵢ)

One outer product or product with a matrix then stands for several.  Only arrays that are there, and their powers, are
taken out; the sum of what is left loses no digit that the sum of the products has.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

from codegen.cost import extent
from codegen.passes.parts import product_of
from codegen.simplify import number, renamed
from derive.binders import free_indices, substitute
from derive.terms import MINUS_ONE, ONE, Add, Entry, Index, Mul, Num, Pow, SizeTerm, Sum, Term, Var


@dataclass(frozen=True)
class _Addend:
    """coefficient · Π factors, summed over an index if there is one."""

    whole: Term
    coefficient: Fraction
    factors: tuple[Term, ...]
    over: Index | None = None


def factored(t: Term, kept: Callable[[Term], bool]) -> Term:
    """`t` with common factors taken out; a sum that is `kept` stays as it is, as others read it too."""
    if not t.children:
        return t
    children = tuple(factored(c, kept) for c in t.children)
    if any(a is not b for a, b in zip(children, t.children)):
        t = t.rebuild(children)
    return _gathered(t, kept) if isinstance(t, Add) else t


def _gathered(t: Add, kept: Callable[[Term], bool]) -> Term:
    left = [_addend(a, kept) for a in t.args]
    made: list[Term] = []
    while left:
        first, *left = left
        group = [first]
        common = Counter(f for f in first.factors if _plain(f))
        for other in left:
            moved = _moved(other, first.over)
            both = common & Counter(moved.factors) if moved is not None else Counter[Term]()
            if moved is not None and _fewer([*group, moved], both):
                group.append(moved)
                common = both
        if len(group) > 1:
            wholes = [a.whole for a in group]
            left = [a for a in left if not any(a.whole is w for w in wholes)]
        made.append(_joined(group, common) if len(group) > 1 else first.whole)
    return t if len(made) == len(t.args) else made[0] if len(made) == 1 else Add(tuple(made))


def _addend(t: Term, kept: Callable[[Term], bool]) -> _Addend:
    factors = t.args if isinstance(t, Mul) else (t,)
    c = number(factors[0])
    factors = factors if c is None else factors[1:]
    sums = [f for f in factors if isinstance(f, Sum)]
    outside = tuple(f for f in factors if not isinstance(f, Sum))
    if len(sums) == 1 and not any(map(free_indices, outside)) and not kept(sums[0]):
        inner = renamed(sums[0])
        assert isinstance(inner, Sum)
        body = inner.body.args if isinstance(inner.body, Mul) else (inner.body,)
        if inner.start == 1 and not any(isinstance(f, (Sum, Num)) for f in body):
            return _Addend(t, Fraction(1) if c is None else c, (*outside, *body), inner.index)
    return _Addend(t, Fraction(1) if c is None else c, factors)


def _moved(a: _Addend, over: Index | None) -> _Addend | None:
    """The addend with another index for its own; None where it has none, or one of another size."""
    if (a.over is None) != (over is None):
        return None
    if a.over is None or over is None:
        return a
    if a.over.size != over.size:
        return None
    return _Addend(a.whole, a.coefficient, tuple(substitute(f, {a.over: over}) for f in a.factors), over)


def _plain(t: Term) -> bool:
    """Is it there, or a power of what is?"""
    if isinstance(t, Pow):
        return isinstance(t.exponent, Num) and _plain(t.base)
    return isinstance(t, (Var, SizeTerm)) or (isinstance(t, Entry) and isinstance(t.array, Var))


def _fewer(group: list[_Addend], common: Counter[Term]) -> bool:
    """Has what is left fewer axes, and each addend something left?"""
    if not any(map(free_indices, common)):
        return False
    rests = [Counter(a.factors) - common for a in group]
    if not all(rests):
        return False
    left = frozenset[Index]().union(*(free_indices(f) for rest in rests for f in rest))
    return all(extent(left) < extent(_axes(a.factors)) for a in group)


def _axes(factors: tuple[Term, ...]) -> frozenset[Index]:
    return frozenset[Index]().union(*map(free_indices, factors))


def _joined(group: list[_Addend], common: Counter[Term]) -> Term:
    """common · (what is left of each), a number that all have before it."""
    first = group[0].coefficient
    size = abs(first)
    even = all(abs(a.coefficient) == size for a in group)
    terms = []
    for a in group:
        rest = list((Counter(a.factors) - common).elements())
        c = a.coefficient / first if even else a.coefficient
        terms.append(product_of(tuple(rest)) if c == 1 else _times(MINUS_ONE if c == -1 else Num(c), rest))
    factors = [*common.elements(), Add(tuple(terms))]
    over = group[0].over
    outside = [] if over is None else [f for f in factors if over not in free_indices(f)]
    inside = [f for f in factors if f not in outside]
    made = product_of(tuple(inside)) if over is None else Sum(over, product_of(tuple(inside)))
    before: list[Term] = [Num(first)] if even and first != 1 else []
    flat = made.args if isinstance(made, Mul) else (made,)
    return product_of((*before, *outside, *flat)) if before or outside else made


def _times(c: Term, rest: list[Term]) -> Term:
    flat = [g for f in rest for g in (f.args if isinstance(f, Mul) else (f,))]
    return Mul((c, *flat)) if c != ONE else product_of(tuple(flat))


__all__ = ["factored"]
