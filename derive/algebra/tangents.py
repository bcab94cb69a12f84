"""Lower bounds by tangents: log t ≤ t − 1 for t > 0, strict for t ≠ 1, and e^t ≥ 1 + t."""

from __future__ import annotations

from derive.algebra import sums
from derive.algebra.atoms import ONE, Atom, Poly, Rational, atom_poly, fresh, mono, total
from derive.algebra.normal import Normalizer


def lower(n: Normalizer, gap: Poly) -> tuple[Poly, bool]:
    """A normal form that is ≤ gap wherever gap is defined, and whether it is even < gap.

    w (log A − log B) ≥ w (1 − B/A) and −w log B ≥ w (1 − B), for w ≥ 0.  Logs under one bound sum are
    paired under it.
    """
    plain: list[Poly] = []
    groups: dict[str, list[tuple[Atom, Poly]]] = {}
    for m, c in gap.terms.items():
        found = [a for a, e in m if a.kind == "sum" and e == 1 and _has_log(a)]
        if len(found) == 1 and len(found[0].binders) == 1:
            rest = n.monomial({b: e for b, e in m if b is not found[0]}, c)
            groups.setdefault(str(found[0].binders[0].size), []).append((found[0], rest))
        else:
            plain.append(Poly({m: c}))
    first, strict = _bounded(n, total(plain))
    parts = [first]
    for members in groups.values():
        k = fresh(members[0][0].binders[0])
        inside = total(n.mul(n.rename(a.args[0], {a.binders[0]: k}), rest) for a, rest in members)
        bound, less = _bounded(n, inside)
        parts.append(sums.sum_many(n, (k,), bound))
        strict = strict or less
    return total(parts), strict


def lower_exp(n: Normalizer, gap: Poly) -> Poly:
    """A normal form that is ≤ gap: w e^t ≥ w (1 + t) for w ≥ 0, in monomials of their own."""
    parts: list[Poly] = []
    for m, c in gap.terms.items():
        found = [(a, e) for a, e in m if a.kind == "exp"]
        weight = n.monomial({a: e for a, e in m if a.kind != "exp"}, c)
        if found and n.signs.nonneg(weight):
            exponent = total(a.args[0].scale(e) for a, e in found)
            parts.append(n.mul(weight, ONE + exponent))
        else:
            parts.append(Poly({m: c}))
    return total(parts)


def _has_log(a: Atom) -> bool:
    return any(b.kind == "log" for b in a.args[0].atoms())


def _bounded(n: Normalizer, p: Poly) -> tuple[Poly, bool]:
    weights: dict[Atom, Poly] = {}
    rest: list[Poly] = []
    for m, c in p.terms.items():
        logs = [a for a, e in m if a.kind == "log" and e == 1]
        if len(logs) == 1:
            factors: dict[Atom, Rational] = {b: e for b, e in m if b is not logs[0]}
            weight = Poly({mono(factors): c})
            weights[logs[0]] = weights.get(logs[0], Poly({})) + weight
        else:
            rest.append(Poly({m: c}))
    strict = False
    for b in sorted(weights):
        w = -weights.get(b, Poly({}))
        if not w or not n.signs.nonneg(w) or not n.signs.positive(b.args[0]):
            continue
        partner = next((a for a in sorted(weights) if a != b and weights[a] == w), None)
        if partner is not None and n.signs.positive(partner.args[0]):
            quotient = n.mul(b.args[0], n.power(partner.args[0], -1))
            del weights[partner]
        else:
            quotient = b.args[0]
        del weights[b]
        rest.append(n.mul(w, ONE - quotient))
        strict = strict or (n.signs.positive(w) and n.signs.nonzero(ONE - quotient))
    left = [n.mul(w, atom_poly(a)) for a, w in weights.items()]
    return total([*rest, *left]), strict
