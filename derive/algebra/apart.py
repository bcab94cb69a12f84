"""Where two indices differ: what stands under a factor 1 − δ_ij need have no value at i = j.

(1 − δ_ij) F(q) = (1 − δ_ij) F(q + δ_ij) for every F: where i = j both are 0, and elsewhere δ_ij is 0.  So where q
is 0 at i = j and F has no value at 0 (or no slope, while it is differentiated), q + δ_ij is written for q, which is
1 there.  Then every factor has a value everywhere, and the laws of normal forms apply to it: 1/(x_i − x_j) under
j ≠ i is 1/(x_i − x_j + δ_ij), and log|x_i − x_j| is log|x_i − x_j + δ_ij|.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from derive.algebra.atoms import ONE, UNIT, Atom, Poly, Rational, Unsupported, atom_poly, number, total
from derive.algebra.powers import content_of
from derive.terms import Index

if TYPE_CHECKING:
    from derive.algebra.normal import Normalizer

#: in the names of variables that are differentiated by
MARK = "∂"


def regular(n: Normalizer, p: Poly, guards: Iterable[Poly]) -> Poly:
    """p with q + δ_ij for each q that is 0 at i = j under a logarithm, a root or as a divisor, for each guard
    1 − δ_ij.  It equals p where no guard is 0, and nothing is said of it elsewhere."""
    for d in filter(None, map(delta_of, guards)):
        parts = []
        for m, c in p.terms.items():
            made = [(_regular(n, a, e, d), e) for a, e in m]
            changed = any(b is not a for (b, _), (a, _) in zip(made, m))
            factors: dict[Atom, Rational] = {}
            for b, e in made:
                factors[b] = factors.get(b, 0) + e
            parts.append(n.monomial(factors, c) if changed else Poly({m: c}))
        p = total(parts)
    return p


def everywhere(n: Normalizer, p: Poly, relation: str, guards: Iterable[Poly]) -> list[tuple[Poly, str]]:
    """Relations to 0, for all values, of the factors of p: each stands with q + δ_ij − δ_ij q_ii for q, which is
    q where i ≠ j and 1 elsewhere.

    Where p has a value and no guard is 0, p > 0 and p ≠ 0 follow from all of them, and p ≠ 0 gives that none of
    them is 0.  [] where a guard is no 1 − δ_ij, or for p ≥ 0: nothing is said then.
    """
    deltas = [delta_of(g) for g in guards]
    found = []
    try:
        for d in deltas:
            if d is None or relation == "≥":
                return []
            p = n.at(p, d, 0)
        for q, to in _factors(n, p, relation):
            for d in filter(None, deltas):
                if (same := alike(n, q, d)) is None:
                    return []
                q = q + n.mul(atom_poly(d), ONE - same)
            found.append((q, to))
    except Unsupported:
        return []
    return found


def _factors(n: Normalizer, p: Poly, relation: str) -> Iterator[tuple[Poly, str]]:
    """What p > 0 or p ≠ 0 says of its factors; one of an odd power takes the sign of the number in front."""
    if p.constant is not None:
        yield p, relation
        return
    content, atoms, rest = content_of(n, p)
    parts: list[tuple[Poly, Rational]] = [(atom_poly(a), e) for a, e in atoms if not _root(a, e)]
    plain = [a.args[0] for a, e in atoms if _root(a, e)]  # Q^{1/2} and |Q| are not negative
    parts += [(q, e) for q, e in (n.factors(rest) if rest.constant is None else ()) if q.constant is None]
    content = content * (rest.constant or 1)
    for q, e in parts:
        if relation == ">" and e % 2:
            yield q.scale(1 if content > 0 else -1), ">"
            content = 1
        else:
            yield q, "≠"
    yield from ((q, "≠") for q in plain)
    if relation == ">" and content < 0:
        yield number(content), ">"


def _root(a: Atom, e: Rational) -> bool:
    return (a.kind == "base" and not isinstance(e, int)) or _modulus(a)


def _modulus(a: Atom) -> bool:
    return a.kind == "fn" and a.name == "abs" and not a.order


def delta_of(guard: Poly) -> Atom | None:
    """δ_ij where the guard is 1 − δ_ij or a multiple of it."""
    if len(guard) != 2 or UNIT not in guard.terms:
        return None
    ((m, c),) = ((m, c) for m, c in guard.terms.items() if m != UNIT)
    return m[0][0] if c == -guard.terms[UNIT] and len(m) == 1 and m[0][1] == 1 and m[0][0].kind == "delta" else None


def alike(n: Normalizer, p: Poly, d: Atom) -> Poly | None:
    """p where the two indices of δ are the same; None where it has no normal form."""
    i, j = d.indices
    keep, drop = (i, j) if isinstance(j, Index) else (j, i)
    try:
        return n.rename(p, {drop: keep}) if isinstance(drop, Index) else None
    except Unsupported:
        return None


def settled(a: Atom) -> bool:
    """May δ stay inside a root or an absolute value?  While it is differentiated."""
    return not any(b.kind == "delta" for b in a.args[0].atoms()) or _varies(a)


def parts_apart(n: Normalizer, p: Poly) -> Iterator[Poly]:
    """What is not 0 where p is not: the factors that p has at δ_ij = 0, if it is 1 at i = j."""
    for d in sorted(p.atoms()):
        if d.kind == "delta" and alike(n, p, d) == ONE:
            yield from (q for q, _ in everywhere(n, p, "≠", [ONE - atom_poly(d)]) if q != p)


def nonzero(n: Normalizer, p: Poly) -> bool:
    """Is p, which is 1 where the indices of a δ are the same, not 0 where they differ?  No factor is."""
    for d in sorted(p.atoms()):
        if d.kind == "delta" and alike(n, p, d) == ONE:
            parts = everywhere(n, p, "≠", [ONE - atom_poly(d)])
            if parts and all(q != p and n.signs.nonzero(q) for q, _ in parts):
                return True
    return False


def _regular(n: Normalizer, a: Atom, e: Rational, d: Atom) -> Atom:
    if not a.free.issuperset(i for i in d.indices if isinstance(i, Index)):
        return a
    inside = a.args[0] if a.kind in ("base", "log") or _modulus(a) else atom_poly(a)
    if a.kind != "log" and e > 0 and not (a.args and inside is a.args[0] and _varies(a)):
        return a
    same = alike(n, inside, d)
    if same is None or same:
        return a
    inside = inside + atom_poly(d)
    return Atom(a.kind, a.name, args=(inside,)) if a.kind in ("log", "fn") else Atom("base", args=(inside,))


def _varies(a: Atom) -> bool:
    return any(b.kind == "var" and MARK in b.name for arg in a.args for b in arg.walk())


__all__ = ["alike", "delta_of", "everywhere", "nonzero", "parts_apart", "regular", "settled"]
