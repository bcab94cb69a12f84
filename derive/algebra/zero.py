"""The zero test: is a normal form 0 for every size and value?  False means *not shown*."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from itertools import islice, permutations, product

from derive.algebra.atoms import Atom, Poly, Rational, Unsupported, atom_poly, fresh, tidy, total
from derive.algebra.exchanged import exchanged
from derive.algebra.facts import Known
from derive.algebra.normal import Normalizer
from derive.algebra.probe import different
from derive.algebra.quadratic import shared
from derive.terms import Index, Size

MOST_CASES = 64
MOST_SIGNS = 4
MOST_LITERAL = 8
MOST_SHARED = 6


def is_zero(n: Normalizer, p: Poly, depth: int = 0) -> bool:
    """Cross-multiplies, splits cases on deltas of free indices, merges sums over one range."""
    if not p:
        return True
    if depth > 6 or different(n, p):
        return False
    top, _ = n.together(p)
    if not top:
        return True
    return (
        _by_cases(n, top, depth)
        or by_sign(n, p, partial(_at_depth, depth + 1))
        or _merged(n, p, depth)
        or (top != p and _merged(n, top, depth))
        or (depth == 0 and _divided_inside(p) and (_gathered(n, p) or _symmetric(n, p)))
    )


def _divided_inside(p: Poly) -> bool:
    """Does a quotient or a root of several terms stand under a sum?"""
    sums = {a for a in p.atoms() if a.kind == "sum"}
    return any(b.kind == "base" for a in sums for b in a.args[0].walk())


def _gathered(n: Normalizer, p: Poly) -> bool:
    """p = Σ_c q with q = 0, where factors in front of sums stand with what they may cancel inside: 1/δ before
    Σ_n 1/(δ² + r_n²)."""
    return any(is_zero(n, q, 1) for q in islice((q for q in shared(n, p) if q != p), MOST_SHARED))


def _symmetric(n: Normalizer, p: Poly) -> bool:
    made = exchanged(n, p)
    return made is not None and made != p and is_zero(n, made, 1)


def _by_cases(n: Normalizer, p: Poly, depth: int) -> bool:
    for k in sorted(p.free):
        literal = k.size.literal
        if literal is not None and literal <= MOST_LITERAL:
            return all(is_zero(n, n.rename(p, {k: v}), depth + 1) for v in range(1, literal + 1))
    for a in sorted(p.atoms()):
        if a.kind == "delta":  # i = j, and i ≠ j
            i, j = a.indices
            keep, drop = (i, j) if isinstance(j, Index) else (j, i)
            if not isinstance(drop, Index):
                return False
            same = n.rename(p, {drop: keep})
            other = Poly({m: c for m, c in p.terms.items() if all(x != a for x, _ in m)})
            return is_zero(n, same, depth + 1) and is_zero(n, other, depth + 1)
    return False


def _at_depth(depth: int, n: Normalizer, p: Poly) -> bool:
    return is_zero(n, p, depth)


def _swap(a: Atom, value: Poly, x: Atom) -> Poly | None:
    return value if x == a else None


def by_sign(n: Normalizer, p: Poly, holds: Callable[[Normalizer, Poly], bool]) -> bool:
    """Does a question about p where |a| occurs hold both with a ≥ 0 and with a ≤ 0?"""
    found = sorted({a for a in p.walk() if a.kind == "fn" and a.name == "abs" and not a.order})
    found = [a for a in found if not any(i.name.startswith("#") for i in a.free)]
    if not found or len(found) > MOST_SIGNS:
        return False
    a = found[0]
    for sign in (1, -1):
        inside = a.args[0].scale(sign)
        facts = replace(n.facts, known=[*n.facts.known, Known(inside, "≥", ())], used=set())
        inner = Normalizer(facts, n.ticks)
        shown = holds(inner, inner.replace(p, partial(_swap, a, inside)))
        n.facts.used |= facts.used
        if not shown:
            return False
    return True


def _merged(n: Normalizer, p: Poly, depth: int) -> bool:
    """Σ a + Σ b = Σ (a + b): sums over the same ranges under one sum, whose summand is then 0."""
    groups: dict[tuple[str, ...], list[tuple[Atom, Poly]]] = {}
    plain: list[Poly] = []
    for m, c in p.terms.items():
        sums = [(a, e) for a, e in m if a.kind == "sum" and e == 1]
        if not sums:
            plain.append(Poly({m: c}))
            continue
        a = max((a for a, _ in sums), key=lambda a: (any(b.kind == "base" for b in a.args[0].walk()), a.key))
        rest = n.monomial({b: e for b, e in m if b is not a}, c)
        groups.setdefault(tuple(sorted(str(b.size) for b in a.binders)), []).append((a, rest))
    if not groups:
        return False
    ranges = max(groups, key=lambda g: (len(groups[g]), g))
    members = groups.pop(ranges)
    left = total([*plain, *(n.mul(atom_poly(a), r) for g in groups.values() for a, r in g)])
    first = members[0][0]
    names = tuple(fresh(b) for b in first.binders)
    left, counted = _counted(n, left, names)
    for bodies in islice(product(*(_orders(n, a, names) for a, _ in members)), MOST_CASES):
        inside = total([counted, *(n.mul(b, r) for b, (_, r) in zip(bodies, members))])
        if is_zero(n, inside, depth + 1):
            return is_zero(n, left, depth + 1)
    return False


def _orders(n: Normalizer, a: Atom, names: tuple[Index, ...]) -> list[Poly]:
    found = []
    for order in permutations(names):
        if all(x.size == b.size for x, b in zip(order, a.binders)):
            found.append(n.rename(a.args[0], dict(zip(a.binders, order))))
    return found


def _counted(n: Normalizer, p: Poly, names: tuple[Index, ...]) -> tuple[Poly, Poly]:
    """Splits off what is a multiple of a single range's length: N c = Σ_n c."""
    if len(names) != 1 or not names[0].size.names or names[0].size != Size.named(names[0].size.names[0]):
        return p, Poly({})
    size = Atom("size", names[0].size.names[0])
    inside: list[Poly] = []
    left: list[Poly] = []
    for m, c in p.terms.items():
        factors: dict[Atom, Rational] = dict(m)
        if factors.get(size, 0) >= 1:
            factors[size] = tidy(factors[size] - 1)
            inside.append(n.monomial(factors, c))
        else:
            left.append(Poly({m: c}))
    return total(left), total(inside)


def ratio(n: Normalizer, p: Poly, q: Poly, free_of: str | None = None) -> Poly | None:
    """A factor c with p = c·q (and c free of a variable), found among quotients of monomials."""
    if not p or not q:
        return None
    seen: set[Poly] = set()
    for m, c in islice(q.terms.items(), 4):
        for k, d in islice(p.terms.items(), 8):
            try:
                candidate = n.mul(Poly({k: d}), n.power(Poly({m: c}), -1))
            except Unsupported:
                continue
            if candidate in seen or (free_of is not None and mentions(candidate, free_of)):
                continue
            seen.add(candidate)
            if is_zero(n, p - n.mul(candidate, q)):
                return candidate
    if free_of is None:
        return _quotient(n, p, q)
    return None


def _quotient(n: Normalizer, p: Poly, q: Poly) -> Poly | None:
    """p / q where each factor of q is one of p."""
    try:
        top, under = n.together(p)
        below, over = n.together(q)
        left = dict(n.factors(top))
        for part, e in n.factors(below):
            left[part] = left.get(part, 0) - e
        if any(e < 0 and part.constant is None for part, e in left.items()):
            return None
        parts = [n.power(part, e) for part, e in left.items()]
        parts += [n.power(part, -e) for part, e in under]
        parts += [n.power(part, e) for part, e in over]
        return n.mul(*parts)
    except Unsupported:
        return None


def zeros(n: Normalizer, p: Poly) -> frozenset[Poly]:
    """The factors of p that may be 0: where p has a value, p = 0 ⟺ one of them is 0."""
    found: set[Poly] = set()
    top, _ = n.together(p)
    for part, _ in n.factors(top):
        single = part.single
        atoms = [(a.args[0] if a.kind == "base" else atom_poly(a)) for a, _ in single[0]] if single else [part]
        for q in atoms:
            if not n.signs.nonzero(q):
                found |= {q} if q == part or q.single else zeros(n, q)
    return frozenset(found)


def constant_in(n: Normalizer, p: Poly, name: str) -> bool:
    """Is p the same for all values of a variable?  p(w) − p(w′) = 0 for a new w′ with w's domain.

    (A vanishing derivative would not do: |w|/w has one.)
    """
    if not mentions(p, name):
        return True
    other = f"{name}∂′"
    domains, labels = dict(n.facts.domains), dict(n.facts.labels)
    if name in domains:
        domains[other], labels[other] = domains[name], labels[name]
    facts = replace(n.facts, domains=domains, labels=labels, used=set())
    inner = Normalizer(facts, n.ticks)
    moved = inner.replace(p, lambda a: inner.var(other, a.indices) if a.kind == "var" and a.name == name else None)
    shown = is_zero(inner, p - moved)
    n.facts.used |= facts.used
    return shown


def mentions(p: Poly, name: str) -> bool:
    return any(a.kind == "var" and a.name == name for a in p.walk())


__all__ = ["by_sign", "constant_in", "is_zero", "mentions", "ratio", "zeros"]
