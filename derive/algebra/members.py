"""A sum of what is not negative is at least each of its members: Σ_k m_k − m_i = Σ_{k≠i} m_k ≥ 0."""

from __future__ import annotations

from derive.algebra.atoms import Mono, Poly
from derive.algebra.normal import Normalizer
from derive.terms import IndexLike

MOST_PAIRS = 64


def covered(n: Normalizer, p: Poly) -> bool:
    """p ≥ 0, where each monomial that may be negative is a member of a sum that p holds as well."""
    if len(p) ** 2 > MOST_PAIRS:
        return False
    for m, c in p.terms.items():
        if c < 0:
            for s, d in p.terms.items():
                if d + c >= 0 and _member(n, m, s):
                    # d S − |c| m = |c| (S − m) + (d − |c|) S, both ≥ 0
                    rest = p - Poly({m: c}) - Poly({s: d})
                    return n.signs.nonneg(rest) or covered(n, rest)
    return False


def _member(n: Normalizer, m: Mono, s: Mono) -> bool:
    """Is m a member of the sum in s, all of whose members are ≥ 0?"""
    for a, e in s:
        if a.kind != "sum" or e != 1 or len(a.binders) != 1:
            continue
        (k,), (body,) = n.opened(a)
        rest = Poly({tuple((b, x) for b, x in s if b is not a): 1})
        images: set[IndexLike] = {i for b in Poly({m: 1}).walk() for i in b.indices if isinstance(i, int)}
        images |= {i for b, _ in m for i in b.free if i.size == k.size}
        for i in sorted(images, key=str):
            if n.mul(rest, n.rename(body, {k: i})) == Poly({m: 1}):
                return n.signs.nonneg(body) and n.signs.nonneg(rest)
    return False


__all__ = ["covered"]
