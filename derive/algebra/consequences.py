"""Equations that follow from an assumed one: multiplied by a vector, summed, or as one between determinants."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction

from derive.algebra import sums
from derive.algebra.atoms import Atom, Poly, Unsupported, fresh
from derive.algebra.matrices import chain
from derive.algebra.normal import Normalizer
from derive.algebra.patterns import opened
from derive.algebra.quadratic import vanishing
from derive.terms import Index

#: an equation of more monomials is not taken apart
MOST_PARTS = 8
#: an inequality of more is not looked through for the sign of one
MOST_SUMMANDS = 3


def contracted(n: Normalizer, gap: Poly, fixed: frozenset[Index]) -> tuple[list[Poly], list[Poly]]:
    """gap_i = 0 for every i ⟹ Σ_i v_i gap_i = 0 and Σ_i gap_i = 0.

    The squares where this is a sum of squares (XᵀXv = 0 ⟹ Xv = 0); and itself where, under the equations
    before, a name is gone from it (Su = λu and Sv = κv, S symmetric ⟹ λuᵀv = κuᵀv).
    """
    squares: list[Poly] = []
    found: list[Poly] = []
    free = tuple(sorted(gap.free - fixed))
    if len(free) != 1 or len(gap) > MOST_PARTS:
        return squares, found
    own = _vectors((a for m in gap.terms for a in opened(m, n.rename)[1]), free[0])
    others = _vectors((a for rule in n.facts.rules for a, _ in rule.pattern.factors), free[0])
    names = {a.name for a in gap.walk() if a.kind == "var"}
    for v in ("", *sorted({*own, *others})):
        try:
            p = n.sum_over(free[0], n.mul(n.var(v, free), gap) if v else gap)
        except Unsupported:
            continue
        if v in own:
            squares += vanishing(n, p) or vanishing(n, -p)
        if p and n.facts.rules and names - {a.name for a in p.walk()}:
            found.append(p)
    return squares, found


def _vectors(atoms: Iterable[Atom], i: Index) -> set[str]:
    """The names of vectors whose index has the range of i."""
    found = {a for a in atoms if a.kind == "var" and len(a.indices) == 1}
    return {a.name for a in found if all(isinstance(j, Index) and j.size == i.size for j in a.indices)}


def beneath(n: Normalizer, p: Poly) -> Iterator[tuple[Poly, bool]]:
    """p = s + (p − s) for a monomial s of p, and s − p ≥ 0: p ≥ 0 ⟹ s ≥ 0, and s > 0 where s − p > 0 (`True`).

    So a ≥ b and b ≥ 0 give a ≥ 0, and a ≤ b ≤ 0 gives a ≤ 0.
    """
    for m, c in p.terms.items() if 1 < len(p) <= MOST_SUMMANDS else ():
        part = Poly({m: c})
        if m and not n.signs.positive(part) and n.signs.nonneg(part - p):
            yield part, n.signs.positive(part - p)


def squared(n: Normalizer, gap: Poly) -> Iterator[Poly]:
    """c √s = r ⟹ c² s − r² = 0, for the one root of an equation, or for one between two."""
    roots = [(m, c) for m, c in gap.terms.items() if len(m) == 1 and m[0][1] == Fraction(1, 2)]
    if (len(roots) == 1 and len(gap) <= MOST_SUMMANDS) or (len(roots) == 2 == len(gap)):
        root = Poly(dict(roots[:1]))
        rest = root - gap
        yield n.mul(root, root) - n.mul(rest, rest)


def inverses(n: Normalizer, gap: Poly, fixed: frozenset[Index]) -> Iterator[tuple[Poly, Poly]]:
    """For square A and B with AB = I in every entry: det A det B, which is 1, and BA − I, which is 0."""
    for m, c in gap.terms.items():
        if len(gap) != 2 or len(m) != 1 or m[0][0].kind != "delta" or m[0][1] != 1 or abs(c) != 1:
            continue
        i, j = m[0][0].indices
        ((other, d),) = (gap - Poly({m: c})).terms.items()
        if not isinstance(i, Index) or not isinstance(j, Index) or i.size != j.size or d != -c:
            continue
        if not fixed.isdisjoint((i, j)):
            continue
        halves = chain(n, (i, j), other)
        if halves is not None:
            left, right, k = halves
            mid = fresh(k)
            turned = n.mul(n.rename(right, {k: i, j: mid}), n.rename(left, {i: mid, k: j}))
            product = n.mul(n.det((i, k), left), n.det((k, j), right))
            yield product, sums.sum_many(n, (mid,), turned) - Poly({m: 1})


__all__ = ["MOST_PARTS", "beneath", "contracted", "inverses", "squared"]
