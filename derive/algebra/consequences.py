"""Equations that follow from an assumed one: multiplied by a vector, summed, or as one between determinants."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction

from derive.algebra import sums
from derive.algebra.atoms import Atom, Mono, Poly, Unsupported, atom_poly, fresh
from derive.algebra.matrices import chain
from derive.algebra.normal import Normalizer
from derive.algebra.patterns import opened
from derive.algebra.quadratic import vanishing
from derive.terms import Index

#: an equation of more monomials is not taken apart
MOST_PARTS = 8
#: an inequality of more is not looked through for the sign of one
MOST_SUMMANDS = 3


def contracted_squares(n: Normalizer, gap: Poly, fixed: frozenset[Index]) -> list[Poly]:
    """gap_i = 0 for every i ⟹ Σ_i v_i gap_i = 0, and where this is a sum of squares each is 0: XᵀXv = 0 ⟹ Xv = 0."""
    free = tuple(sorted(gap.free - fixed))
    own = _own(n, gap, free)
    products = [p for v in sorted(own) for p in _against(n, v, free, gap)]
    return [square for p in products for square in vanishing(n, p) or vanishing(n, -p)]


def contracted(n: Normalizer, gap: Poly, fixed: frozenset[Index]) -> list[Poly]:
    """gap_i = 0 for every i ⟹ Σ_i v_i gap_i = 0 and Σ_i gap_i = 0, where under other equations a name is gone
    from it: Su = λu and Sv = κv with S symmetric give λuᵀv = κuᵀv; Cv = λAu and uᵀAu = 1 give uᵀCv = λ.
    """
    free = tuple(sorted(gap.free - fixed))
    own = _own(n, gap, free)
    others = _vectors((a for rule in n.facts.rules for a, _ in rule.pattern.factors), free[0]) if len(free) == 1 else ()
    names = {a.name for a in gap.walk() if a.kind == "var"}
    tried = ["", *sorted({*own, *others})] if len(free) == 1 and len(gap) <= MOST_PARTS else []
    products = [p for v in tried for p in _against(n, v, free, gap)]
    return [p for p in products if p and names - {a.name for a in p.walk()}]


def _own(n: Normalizer, gap: Poly, free: tuple[Index, ...]) -> set[str]:
    """The vectors in an equation that may be multiplied with it."""
    if len(free) != 1 or len(gap) > MOST_PARTS:
        return set()
    return _vectors((a for m in gap.terms for a in opened(m, n.rename)[1]), free[0])


def _against(n: Normalizer, v: str, free: tuple[Index, ...], gap: Poly) -> list[Poly]:
    """Σ_i v_i gap_i, or Σ_i gap_i for no name, if it has a normal form."""
    try:
        return [n.sum_over(free[0], n.mul(n.var(v, free), gap) if v else gap)]
    except Unsupported:
        return []


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


def within(n: Normalizer, gap: Poly) -> Iterator[Poly]:
    """r − w|q| ≥ 0 and w ≥ 0 ⟹ r ± wq ≥ 0 and r² − w²q² ≥ 0 (and the same with > for all)."""
    for m, c in gap.terms.items():
        found = [a for a, e in m if a.kind == "fn" and a.name == "abs" and not a.order and e == 1]
        outside = n.monomial({a: e for a, e in m if a not in found}, -c)
        if len(found) == 1 and len(gap) <= MOST_SUMMANDS and n.signs.nonneg(outside):
            rest, inside = gap - Poly({m: c}), n.mul(outside, found[0].args[0])
            yield rest - inside
            yield rest + inside
            yield n.mul(rest, rest) - n.mul(inside, inside)


def factors_of(m: Mono) -> list[Poly]:
    """None of them is 0 where the product of their powers is not (0 has no power with a negative exponent)."""
    return [a.args[0] if a.kind == "base" else atom_poly(a) for a, _ in m]


def factors_not_zero(n: Normalizer, gap: Poly) -> list[Poly]:
    """m = r and r ≠ 0 ⟹ no factor of the monomial m is 0: ab = 1 ⟹ a ≠ 0."""
    if not 1 < len(gap) <= MOST_SUMMANDS:
        return []
    parts = [m for m, c in gap.terms.items() if m and n.signs.nonzero(gap - Poly({m: c}))]
    return [part for m in parts for part in factors_of(m) if not n.signs.nonzero(part)]


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


__all__ = [
    "MOST_PARTS", "beneath", "contracted", "contracted_squares", "factors_not_zero", "factors_of",
    "inverses", "squared", "within",
]  # fmt: skip
