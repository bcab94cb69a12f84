"""Factors of normal forms over the rationals."""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache
from math import gcd, lcm

from derive.algebra.atoms import Atom, Mono, Poly, Rational, mono, number, tidy
from derive.terms import Index

#: Polynomials beyond this are not factored; factoring only ever helps to prove more.
MOST_FACTOR_ATOMS, MOST_FACTOR_TERMS = 10, 60


def factor(p: Poly) -> list[tuple[Poly, int]]:
    """Irreducible factors over ℚ by SymPy, atoms as generators."""
    return _factor(p, p.free)


@lru_cache(maxsize=20_000)
def _factor(p: Poly, free: frozenset[Index]) -> list[tuple[Poly, int]]:
    """`free` is p's: the keys of atoms do not tell the range of an index, and elsewhere an index of the
    same name may have another one."""
    atoms = sorted(p.atoms())
    if len(p) < 2 or len(atoms) > MOST_FACTOR_ATOMS or len(p) > MOST_FACTOR_TERMS:
        return [(p, 1)]
    roots = dict.fromkeys(atoms, 1)
    for m in p.terms:
        for a, e in m:
            if e < 0:
                return [(p, 1)]
            roots[a] = lcm(roots[a], Fraction(e).denominator)
    if _linear(p):
        return _primitive(p)
    from sympy import QQ
    from sympy.polys.rings import PolyRing

    ring = PolyRing([f"g{i}" for i in range(len(atoms))], QQ, "lex")
    rows = {}
    for m, c in p.terms.items():
        powers = dict(m)
        exponents = tuple(int(powers.get(a, 0) * roots[a]) for a in atoms)
        if max(exponents) > 40:
            return [(p, 1)]
        rows[exponents] = QQ(Fraction(c).numerator, Fraction(c).denominator)
    content, parts = ring.from_dict(rows).factor_list()
    found: list[tuple[Poly, int]] = []
    scale = Fraction(int(content.numerator), int(content.denominator))
    for part, e in parts:
        terms: dict[Mono, Rational] = {}
        for exponents, c in part.terms():
            factors = {a: tidy(Fraction(int(x), roots[a])) for a, x in zip(atoms, exponents) if x}
            terms[mono(factors)] = tidy(Fraction(int(c.numerator), int(c.denominator)))
        q = Poly(terms)
        if q.lead()[1] < 0:
            q, scale = -q, scale * (-1) ** e
        found.append((q, int(e)))
    if scale != 1:
        found.insert(0, (number(scale), 1))
    return found


def _linear(p: Poly) -> bool:
    """Is an atom in one monomial only, as a first power, while no atom is in all of them?

    p = a m + r with gcd(m, r) = 1 has no factor but itself.
    """
    count: dict[Atom, int] = {}
    whole = dict.fromkeys(p.atoms(), True)
    for m in p.terms:
        for a, e in m:
            count[a] = count.get(a, 0) + 1
            whole[a] = whole[a] and e == 1
    return len(p) not in count.values() and any(count[a] == 1 and whole[a] for a in count)


def _primitive(p: Poly) -> list[tuple[Poly, int]]:
    """Content and primitive part, whose leading coefficient is positive."""
    values = [Fraction(c) for c in p.terms.values()]
    scale = Fraction(gcd(*(c.numerator for c in values)), lcm(*(c.denominator for c in values)))
    if p.lead()[1] < 0:
        scale = -scale
    part = (p.scale(1 / scale), 1)
    return [part] if scale == 1 else [(number(scale), 1), part]


__all__ = ["factor"]
