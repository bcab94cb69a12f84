"""Cases on what has two values: a Kronecker delta, or a variable from a set of two numbers."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import TYPE_CHECKING

from derive.algebra import apart
from derive.algebra.atoms import ONE, Atom, Poly, Rational, Unsupported, atom_poly, number, tidy, total
from derive.terms import Index

if TYPE_CHECKING:
    from derive.algebra.normal import Normalizer


def split(n: Normalizer, p: Poly, f: Callable[[Poly], Poly]) -> Poly | None:
    """f(p) by cases on a Kronecker delta or a two-valued variable of p; None if there is none."""
    for a in sorted(p.atoms()):
        if a.kind == "delta":  # g(δ) = δ g(1) + (1 − δ) g(0)
            i, j = a.indices
            keep, drop = (i, j) if isinstance(j, Index) else (j, i)
            same = n.rename(n.at(p, a, 1), {drop: keep}) if isinstance(drop, Index) else p
            d = atom_poly(a)
            differ = apart.regular(n, f(n.at(p, a, 0)), [ONE - d])
            return n.mul(d, f(same)) + n.mul(ONE - d, differ)
        if a.kind == "var":
            pair = n.facts.two_values(a.name)
            if pair is not None:  # g(d) = [(v₁ − d) g(v₀) + (d − v₀) g(v₁)] / (v₁ − v₀)
                low, high = pair
                d = atom_poly(a)
                at_low = n.mul(number(high) - d, f(n.at(p, a, low)))
                at_high = n.mul(d - number(low), f(n.at(p, a, high)))
                return (at_low + at_high).scale(Fraction(1, 1) / (high - low))
    return None


def at(n: Normalizer, p: Poly, a: Atom, value: Rational) -> Poly:
    """p with a number for the atom."""
    parts = []
    for m, c in p.terms.items():
        e = dict(m).get(a, 0)
        if not e:
            parts.append(Poly({m: c}))
        elif value:
            if not isinstance(e, int):
                raise Unsupported("a root of a variable with two values")
            rest = {b: x for b, x in m if b != a}
            parts.append(n.monomial(rest, tidy(c * Fraction(value) ** e)))
        elif e < 0:
            raise Unsupported("a division by zero")
    return total(parts)


__all__ = ["at", "split"]
