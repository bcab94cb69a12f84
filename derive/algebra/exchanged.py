"""Double sums over one range, under the exchange of their indices:

    Σ_a Σ_b F(a, b) = ½ Σ_a Σ_b (F(a, b) + F(b, a))

What is antisymmetric cancels then: over one denominator, 1/(x_a − x_b) and 1/(x_b − x_a) are 0 together.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from derive.algebra.atoms import NOTHING, Atom, Mono, Poly, Unsupported, fresh, mono, total
from derive.algebra.normal import Normalizer
from derive.terms import Index, Size

#: monomials under the sums
MOST = 24


def exchanged(n: Normalizer, p: Poly) -> Poly | None:
    """p with the double sums in which one divides made symmetric; None if there is none."""
    found: dict[Size, tuple[Index, Index, list[Poly]]] = {}
    left: list[Poly] = []
    for m, c in p.terms.items():
        parts = _double(n, m)
        if parts is None:
            left.append(Poly({m: c}))
            continue
        whole, pairs = parts
        for (a, b), inside in pairs:
            one, two, bodies = found.setdefault(a.size, (fresh(a), fresh(b), []))
            bodies.append(n.rename(inside, {a: one, b: two}).scale(c))
        left.append(whole.scale(c))
    if not found or sum(len(q) for _, _, bodies in found.values() for q in bodies) > MOST:
        return None
    try:
        for one, two, bodies in found.values():
            inside = total(bodies)
            both = inside + n.rename(inside, {one: two, two: one})
            top, bottom = n.together(both)
            q = n.mul(top, *(n.power(part, -e) for part, e in bottom))
            left.append(n.sum_over(one, n.sum_over(two, q)).scale(Fraction(1, 2)))
    except Unsupported:
        return None
    return total(left)


#: the summands of double sums with their two indices
Pairs = list[tuple[tuple[Index, Index], Poly]]


def _double(n: Normalizer, m: Mono) -> tuple[Poly, Pairs] | None:
    """m = rest + Σ_a Σ_b F for each of the pairs; None where there is no double sum in which one divides."""
    sums = [a for a, e in m if a.kind == "sum" and e == 1 and any(b.kind == "base" for b in a.args[0].walk())]
    if len(sums) != 1:
        return None
    outside = Poly({mono({b: e for b, e in m if b is not sums[0]}): 1})
    binders, (body,) = n.opened(sums[0])
    if len(binders) == 2 and binders[0].size == binders[1].size:
        return NOTHING, [((binders[0], binders[1]), n.mul(outside, body))]
    if len(binders) != 1:
        return None
    pairs: Pairs = []
    single: list[Poly] = []
    for inner, c in body.terms.items():
        made = next(_inside(n, inner, binders[0]), None)
        if made is None:
            single.append(Poly({inner: c}))
        else:
            pairs.append(((binders[0], made[0]), n.mul(outside, made[1]).scale(c)))
    if not pairs:
        return None
    return (n.mul(outside, n.sum_over(binders[0], total(single))) if single else NOTHING), pairs


def _inside(n: Normalizer, m: Mono, outer: Index) -> Iterator[tuple[Index, Poly]]:
    """A sum in m over the range of the outer index, as its index and what stands under both."""
    for a, e in m:
        if _single(a, outer) and e == 1:
            rest = Poly({mono({b: x for b, x in m if b is not a}): 1})
            (k,), (body,) = n.opened(a)
            yield k, n.mul(rest, body)


def _single(a: Atom, outer: Index) -> bool:
    return a.kind == "sum" and len(a.binders) == 1 and a.binders[0].size == outer.size


__all__ = ["exchanged"]
