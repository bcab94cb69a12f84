"""More than what is known: f ≥ 0 and t ≥ 0 give p ≥ 0, where p − t f ≥ 0."""

from __future__ import annotations

from fractions import Fraction
from itertools import islice

from derive.algebra.atoms import Atom, Mono, Poly, Rational, mono, tidy
from derive.algebra.normal import Normalizer

#: facts and multiples of one that are tried
MOST_FACTS, MOST_MULTIPLES = 12, 12


def beyond(n: Normalizer, p: Poly, relation: str) -> bool:
    """Is p ≥ 0 (or > 0), since it is at least a multiple of a known fact?

    p > 0 where p − t f > 0, or where f > 0 and t > 0.
    """
    if len(p) < 2:
        return False
    known = (k for k in n.facts.known if k.relation in (">", "≥") and not k.free)
    for fact in islice(known, MOST_FACTS):
        for t in islice(_multiples(fact.poly, p), MOST_MULTIPLES):
            if not n.signs.nonneg(t):
                continue
            rest = p - n.mul(t, fact.poly)
            if not rest or n.signs.nonneg(rest):
                strict = fact.relation == ">" and n.signs.positive(t)
                if relation == "≥" or strict or n.signs.positive(rest):
                    n.facts.used |= fact.labels
                    return True
    return False


def _multiples(f: Poly, p: Poly) -> list[Poly]:
    """Monomials t for which a monomial of t f is one of p."""
    found: dict[Poly, None] = {}
    for m, c in f.terms.items():
        for k, d in p.terms.items():
            left = _quotient(k, m) if (c > 0) == (d > 0) else None
            if left is not None:
                found[Poly({left: tidy(Fraction(d) / Fraction(c))})] = None
    return list(found)


def _quotient(k: Mono, m: Mono) -> Mono | None:
    """k/m, if it has no power that k does not have."""
    factors: dict[Atom, Rational] = dict(k)
    for a, e in m:
        factors[a] = factors.get(a, 0) - e
        if factors[a] < 0 < e or factors[a] > 0 > e:
            return None
    return mono(factors)


__all__ = ["beyond"]
