"""Rewritings inside a bound sum: by an assumption, by a denominator, by an inverse."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from derive.algebra import matrices, sums
from derive.algebra.atoms import NOTHING, Atom, Poly, Rational, atom_poly
from derive.algebra.patterns import Pattern, matches, opened
from derive.terms import Index

if TYPE_CHECKING:
    from derive.algebra.normal import Normalizer


def rewritten(n: Normalizer, bound: tuple[Index, ...], factors: dict[Atom, Rational]) -> Poly | None:
    """One rewriting inside a bound sum by an assumption, a denominator or an inverse."""
    for rule in n.facts.rules:
        for binding, rest in matches(
            rule.pattern, bound, factors, n.rename, symmetric=n.facts.is_symmetric
        ):
            n.facts.used |= rule.labels
            gone = {binding[b] for b in rule.pattern.bound}
            left = [b for b in bound if b not in gone]
            body = n.mul(n.rename(rule.result, binding), n.monomial(rest))
            return sums.sum_many(n, tuple(left), body)
    for a, e in sorted(factors.items()):
        made: Poly | None = None
        if a.kind in ("base", "sum") and e < 0:
            made = _cancelled(n, a, e, bound, factors)
        elif a.kind == "inv" and e == 1:
            made = matrices.contract(n, a, bound, factors)
        if made is not None:
            return made
    return None


def _cancelled(
    n: Normalizer, a: Atom, e: Rational, bound: tuple[Index, ...], factors: dict[Atom, Rational]
) -> Poly | None:
    """Σ … t P^e = Σ … (P − (P − t)) P^e where t, summed, is the leading monomial of P."""
    whole = a.args[0] if a.kind == "base" else atom_poly(a)
    lead, c = whole.lead()
    inner, parts = opened(lead, n.rename)
    if not inner and a.kind == "sum":
        return None
    pattern = Pattern(tuple(inner), (), tuple(sorted(parts.items())))
    others = whole - Poly({lead: c})
    rest_of_a = {b: f for b, f in factors.items() if b is not a}
    for binding, rest in matches(
        pattern, bound, rest_of_a, n.rename, symmetric=n.facts.is_symmetric
    ):
        gone = set(binding.values())
        left = tuple(b for b in bound if b not in gone)
        up = n.mul(n.monomial(rest), n.power(whole, e + 1))
        down = n.mul(others, n.monomial(rest), n.power(whole, e)) if others else NOTHING
        return sums.sum_many(n, left, (up - down).scale(Fraction(1) / c))
    return None


__all__ = ["rewritten"]
