"""A sum of what is not negative is at least each of its members, and what stands on its diagonal:

    Σ_k m_k − m_i = Σ_{k≠i} m_k ≥ 0        Σ_jk m_jk − Σ_j m_jj = Σ_{j≠k} m_jk ≥ 0
"""

from __future__ import annotations

from collections.abc import Iterator

from derive.algebra.atoms import Mono, Poly
from derive.algebra.normal import Normalizer
from derive.terms import Index, IndexLike

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
        if a.kind != "sum" or e != 1:
            continue
        binders, (body,) = n.opened(a)
        rest = Poly({tuple((b, x) for b, x in s if b is not a): 1})
        if any(n.mul(rest, part) == Poly({m: 1}) for part in _parts(n, m, s, binders, body)):
            return n.signs.nonneg(body) and n.signs.nonneg(rest)
    return False


def _parts(n: Normalizer, m: Mono, s: Mono, binders: tuple[Index, ...], body: Poly) -> Iterator[Poly]:
    """Members of a sum, at places that m or s names; of a double sum, what stands on its diagonal."""
    if len(binders) == 1:
        (k,) = binders
        images: set[IndexLike] = {i for b in Poly({m: 1}).walk() for i in b.indices if isinstance(i, int)}
        images |= {i for b, _ in (*m, *s) for i in b.free if i.size == k.size}
        for i in sorted(images, key=str):
            yield n.rename(body, {k: i})
    elif len(binders) == 2 and binders[0].size == binders[1].size:
        j, k = binders
        yield n.sum_over(j, n.rename(body, {k: j}))


__all__ = ["covered"]
