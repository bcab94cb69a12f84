"""An assumed equation as a symmetry, or as a rewriting of its leading monomial."""

from __future__ import annotations

from fractions import Fraction

from derive.algebra.atoms import Atom, Mono, Poly, Unsupported, degree, mono_key
from derive.algebra.facts import Rule
from derive.algebra.normal import Normalizer
from derive.algebra.patterns import Pattern, opened
from derive.algebra.zero import mentions
from derive.terms import Index


def mirrored(gap: Poly, free: tuple[Index, ...]) -> tuple[str, int]:
    """The name and s, where the equation is A_ij = s A_ji with s = ±1; else no name."""
    if len(gap) != 2 or len({abs(c) for c in gap.terms.values()}) != 1:
        return "", 0
    (first, c), (second, d) = gap.terms.items()
    if len(first) == len(second) == 1 and first[0][1] == second[0][1] == 1:
        a, b = first[0][0], second[0][0]
        turned = a.kind == b.kind == "var" and a.name == b.name and a.indices == b.indices[::-1]
        if turned and len(a.indices) == 2 and set(a.indices) == set(free) and len(free) == 2:
            return a.name, 1 if c == -d else -1
    return "", 0


def oriented(n: Normalizer, gap: Poly, free: tuple[Index, ...], label: str) -> Rule | None:
    """gap = 0 as a rewriting: an isolated variable, else the monomial with the largest sum."""
    isolated = [(a, m) for m in gap.terms for a in _isolated(n, m, gap, free)]
    others = [m for m in gap.terms if {i for a, _ in m for i in a.free} >= set(free) and _pattern(m)]
    if isolated:
        a, m = min(isolated, key=lambda pair: (len(pair[1]), pair[0]))
        cofactor = n.monomial({b: e for b, e in m if b is not a}, gap.terms[m])
        rest = Poly({k: v for k, v in gap.terms.items() if k != m})
        return Rule(Pattern((), free, ((a, 1),)), -n.mul(rest, n.power(cofactor, -1)), _labels(n, label))
    others = [m for m in others if not _turning(m, gap, free)]
    if others:
        lead = max(others, key=lambda m: (any(a.kind == "sum" for a, _ in m), degree(m), mono_key(m)))
    else:
        return None
    c = gap.terms[lead]
    rest = Poly({m: v for m, v in gap.terms.items() if m != lead}).scale(Fraction(-1) / Fraction(c))
    bound, factors = opened(lead, n.rename)
    if bound and not free and not all(a.free for a in factors):  # a factor beside the sum: λ Σ_i u_i v_i
        bound, factors = [], dict(lead)
    return Rule(Pattern(tuple(bound), free, tuple(sorted(factors.items()))), rest, _labels(n, label))


def _turning(m: Mono, gap: Poly, free: tuple[Index, ...]) -> bool:
    """Would a rewriting of this monomial give what it rewrites again: A_ij = 2 A_ji?"""
    (a, _), *more = m
    if more or a.kind != "var" or not set(a.indices).intersection(free):
        return False
    return any(b.kind == "var" and b.name == a.name and b != a for b in gap.atoms())


def _labels(n: Normalizer, label: str) -> frozenset[str]:
    """An equation rests on its own hypothesis and on those that brought it to its form."""
    return frozenset({label, *n.facts.used})


def cleared(n: Normalizer, gap: Poly, free: tuple[Index, ...], label: str) -> Rule | None:
    """The same for the numerator of gap: a quotient is 0 where its numerator is."""
    try:
        top, bottom = n.together(gap)
    except Unsupported:
        return None
    return oriented(n, top, free, label) if all(n.signs.nonzero(part) for part, _ in bottom) else None


def _isolated(n: Normalizer, m: Mono, gap: Poly, free: tuple[Index, ...]) -> list[Atom]:
    """Variables with every free index once that occur nowhere else, times what is not zero."""
    found = []
    for a, e in m:
        varying = [i for i in a.indices if i in free]
        if a.kind != "var" or e != 1 or sorted(varying, key=str) != sorted(free, key=str):
            continue
        others = n.monomial({b: f for b, f in m if b is not a})
        rest = Poly({k: v for k, v in gap.terms.items() if k != m})
        if not mentions(rest, a.name) and not mentions(others, a.name) and n.signs.nonzero(others):
            found.append(a)
    return found


def _pattern(m: Mono) -> bool:
    return bool(m) and all(isinstance(e, int) and e > 0 and a.kind != "delta" for a, e in m)


__all__ = ["cleared", "mirrored", "oriented"]
