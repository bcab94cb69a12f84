"""Inverses, determinants and unknown functions of arrays."""

from __future__ import annotations

from fractions import Fraction
from itertools import permutations
from typing import TYPE_CHECKING

from derive.algebra import sums
from derive.algebra.atoms import (
    NOTHING,
    ONE,
    Atom,
    Mono,
    Poly,
    Rational,
    atom_poly,
    fresh,
    mono,
    size_poly,
    total,
)  # fmt: skip
from derive.algebra.patterns import Pattern, matches, opened
from derive.terms import Index, IndexLike

if TYPE_CHECKING:
    from derive.algebra.normal import Normalizer

Pair = tuple[Index, Index]


def _canonical(n: Normalizer, binders: tuple[Index, ...], p: Poly) -> tuple[tuple[Index, ...], Poly]:
    return n.canonically(p, binders, p.height + 1)


def _opened(n: Normalizer, binders: Pair, p: Poly) -> tuple[Pair, Poly]:
    a, b = fresh(binders[0]), fresh(binders[1])
    return (a, b), n.rename(p, {binders[0]: a, binders[1]: b})


def field(
    n: Normalizer, name: str, binders: tuple[Index, ...], p: Poly, slots: tuple[IndexLike, ...]
) -> Poly:
    """E(λ binders. p) differentiated by the entries in `slots` (len(binders) indices for each)."""
    names_in = {b: fresh(b) for b in binders}
    binders, p = tuple(names_in.values()), n.rename(p, names_in)
    width = len(binders)
    groups = sorted((slots[i : i + width] for i in range(0, len(slots), width)), key=str)
    names, body = _canonical(n, binders, p)
    indices = tuple(i for group in groups for i in group)
    return atom_poly(Atom("field", name, indices, names, (body,), len(groups)))


def inverse(n: Normalizer, binders: Pair, p: Poly, i: IndexLike, j: IndexLike) -> Poly:
    """Entry (i, j) of the inverse of the matrix with entries p."""
    binders, p = _opened(n, binders, p)
    a, b = binders
    scale, p = _scalar(n, binders, p)
    diagonal = _diagonal(n, binders, p)
    if diagonal is not None:  # diag(c)⁻¹ = diag(1/c)
        return n.mul(n.delta(i, j), n.power(n.mul(scale, n.rename(diagonal, {a: i})), -1))
    single = p.single
    if single is not None:
        m, c = single
        if len(m) == 1 and m[0][0].kind == "inv" and m[0][1] == 1 and set(m[0][0].indices) == {a, b}:
            inner = m[0][0]  # (A⁻¹)⁻¹ = A, and with swapped indices its transpose
            first, second = (i, j) if inner.indices == (a, b) else (j, i)
            names = dict(zip(inner.binders, (first, second)))
            return n.mul(n.power(scale, -1), n.rename(inner.args[0], names)).scale(Fraction(1) / c)
        if (apart := _scaled_lines(binders, m)) is not None:  # (diag(r) A diag(q))⁻¹ = A⁻¹ with 1/q_i and 1/r_j
            rows, columns, middle = (n.monomial(part) for part in apart)
            outer = n.mul(n.rename(columns, {b: i}), n.rename(rows, {a: j}), scale).scale(c)
            return n.mul(n.power(outer, -1), inverse(n, binders, middle, i, j))
        halves = chain(n, binders, m)
        if halves is not None:  # (AB)⁻¹ = B⁻¹A⁻¹ for square A, B
            left, right, k = halves
            mid = fresh(k)
            one = inverse(n, (k, b), right, i, mid)
            two = inverse(n, (a, k), left, mid, j)
            made = sums.sum_many(n, (mid,), n.mul(one, two))
            return n.mul(n.power(scale, -1), made).scale(Fraction(1) / c)
    split = _rank_one(n, binders, p)
    if split is not None:  # (A + uvᵀ)⁻¹ = A⁻¹ − A⁻¹u vᵀA⁻¹ / (1 + vᵀA⁻¹u)
        _, more, u, v, rest = split
        before = _applied(n, binders, rest, u, (i, None))
        after = _applied(n, binders, rest, v, (None, j))
        gap = n.mul(before, after, n.power(more, -1))
        return n.mul(n.power(scale, -1), inverse(n, binders, rest, i, j) - gap)
    own, body = _canonical(n, binders, p)
    flipped = _canonical(n, (b, a), p)[1]
    symmetric = flipped == body
    if symmetric:
        i, j = sorted((i, j), key=str)
    elif flipped.key < body.key:  # (Aᵀ)⁻¹ = (A⁻¹)ᵀ
        body, i, j = flipped, j, i
    entry = atom_poly(Atom("inv", "symmetric" if symmetric else "", (i, j), own, (body,)))
    return n.mul(n.power(scale, -1), entry)


def det(n: Normalizer, binders: Pair, p: Poly) -> Poly:
    """det; scalars come out to the power of the size, products of square matrices split."""
    binders, p = _opened(n, binders, p)
    a, b = binders
    literal = a.size.literal
    if literal is not None and literal <= 3:
        return _leibniz(n, binders, p, literal)
    scale, p = _scalar(n, binders, p)
    outside = n.power_by(scale, size_poly(a.size)) if scale != ONE else ONE
    diagonal = _diagonal(n, binders, p)
    if diagonal is not None:
        return outside if diagonal == ONE else n.mul(outside, sums.prod_over(n, a, diagonal))
    single = p.single
    if single is not None and single[1] == 1:
        m = single[0]
        if len(m) == 1 and m[0][0].kind == "inv" and m[0][1] == 1 and set(m[0][0].indices) == {a, b}:
            inner = m[0][0]
            return n.mul(outside, n.power(det(n, (inner.binders[0], inner.binders[1]), inner.args[0]), -1))
        if (apart := _scaled_lines(binders, m)) is not None:
            rows, columns, middle = (n.monomial(part) for part in apart)
            around = n.mul(sums.prod_over(n, a, rows), sums.prod_over(n, b, columns))
            return n.mul(outside, around, det(n, binders, middle))
        halves = chain(n, binders, m)
        if halves is not None:
            left, right, k = halves
            return n.mul(outside, det(n, (a, k), left), det(n, (k, b), right))
    split = _rank_one(n, binders, p)
    if split is not None:  # det(A + uvᵀ) = (1 + vᵀA⁻¹u) det A
        return n.mul(outside, split[0], split[1])
    own, body = _canonical(n, binders, p)
    flipped = _canonical(n, (b, a), p)[1]
    body = min(body, flipped, key=lambda q: q.key)  # det Aᵀ = det A
    return n.mul(outside, atom_poly(Atom("det", binders=own, args=(body,))))


def _leibniz(n: Normalizer, binders: Pair, p: Poly, literal: int) -> Poly:
    parts = []
    for order in permutations(range(literal)):
        swaps = sum(order[i] > order[j] for i in range(literal) for j in range(i + 1, literal))
        entries = [n.rename(p, {binders[0]: i + 1, binders[1]: order[i] + 1}) for i in range(literal)]
        parts.append(n.mul(*entries).scale(-1 if swaps % 2 else 1))
    return total(parts)


def _scalar(n: Normalizer, binders: Pair, p: Poly) -> tuple[Poly, Poly]:
    """p = scale · rest with scale free of the two indices: numbers, and atoms common to all."""
    if not p:
        return ONE, p
    common: dict[Atom, Rational] | None = None
    for m in p.terms:
        here = {x: e for x, e in m if x.free.isdisjoint(binders) and x.kind != "delta"}
        common = here if common is None else {x: e for x, e in common.items() if here.get(x) == e}
    common = {x: e for x, e in (common or {}).items() if n.signs.power(x, 1).away}
    lead = p.lead()[1] if len(p) == 1 else 1
    if not common and lead == 1:
        return ONE, p
    scale = n.monomial(common, lead)
    return scale, n.mul(p, n.power(scale, -1))


def _scaled_lines(binders: Pair, m: Mono) -> tuple[dict[Atom, Rational], ...] | None:
    """(r, q, A) with m = r_a A_ab q_b, where something is left in A and something is not."""
    a, b = binders
    rows = {x: e for x, e in m if a in x.free and b not in x.free}
    columns = {x: e for x, e in m if b in x.free and a not in x.free}
    middle = {x: e for x, e in m if x not in rows and x not in columns}
    both = any(a in x.free and b in x.free for x in middle)
    return (rows, columns, middle) if both and (rows or columns) else None


def _rank_one(n: Normalizer, binders: Pair, p: Poly) -> tuple[Poly, Poly, Poly, Poly, Poly] | None:
    """(det A, 1 + vᵀA⁻¹u, u, v, A) where p = A + uvᵀ and A is known to be invertible."""
    a, b = binders
    outer = [m for m in p.terms if all(not (a in x.free and b in x.free) for x, _ in m)]
    outer = [m for m in outer if any(a in x.free for x, _ in m) and any(b in x.free for x, _ in m)]
    if len(outer) != 1 or len(p) < 2:
        return None
    (m,) = outer
    rest = p - Poly({m: p.terms[m]})
    whole = det(n, binders, rest)
    if not n.signs.nonzero(whole):
        return None
    v = n.monomial({x: e for x, e in m if b in x.free})
    u = n.monomial({x: e for x, e in m if b not in x.free}, p.terms[m])
    k = fresh(a)
    once = _applied(n, binders, rest, u, (k, None))
    more = ONE + sums.sum_many(n, (k,), n.mul(n.rename(v, {b: k}), once))
    return whole, more, u, v, rest


def _applied(
    n: Normalizer, binders: Pair, p: Poly, vector: Poly, at: tuple[IndexLike | None, IndexLike | None]
) -> Poly:
    """(P⁻¹ u)_i for at = (i, None), (vᵀ P⁻¹)_j for at = (None, j)."""
    a, b = binders
    k = fresh(a)
    i, j = at
    entry = inverse(n, binders, p, k if i is None else i, k if j is None else j)
    return sums.sum_many(n, (k,), n.mul(n.rename(vector, {a: k, b: k}), entry))


def _diagonal(n: Normalizer, binders: Pair, p: Poly) -> Poly | None:
    """q with p = δ_ab q(a), or None."""
    a, b = binders
    parts: list[Poly] = []
    for m, c in p.terms.items():
        rest = {x: e for x, e in m if not (x.kind == "delta" and set(x.indices) == {a, b})}
        if len(rest) == len(m):
            return None
        parts.append(n.monomial(rest, c))
    return n.rename(total(parts), {b: a}) if parts else None


def chain(n: Normalizer, binders: Pair, m: Mono) -> tuple[Poly, Poly, Index] | None:
    """The monomial as Σ_k f(a, k) g(k, b) with k of the same size as a and b, if it is one."""
    a, b = binders
    if len(m) != 1 or m[0][0].kind != "sum" or m[0][1] != 1:
        return None
    bound, factors = opened(m, n.rename)
    for k in bound:
        if k.size != a.size:
            continue
        groups: list[tuple[set[Index], dict[Atom, Rational]]] = []
        for f, e in factors.items():
            touched, members = set(f.free) - {k}, {f: e}
            touched &= {a, b, *bound}
            rest = []
            for seen, others in groups:
                if seen & touched:
                    touched, members = touched | seen, members | others
                else:
                    rest.append((seen, others))
            groups = [*rest, (touched, members)]
        alone = [g for g in groups if not g[0]]  # Σ_k A_ak s_k B_kb
        groups = [g for g in groups if g[0]]
        for _, members in alone:
            groups = [(seen, have | members if a in seen else have) for seen, have in groups]
        if len(groups) != 2 or any(a in s and b in s for s, _ in groups):
            continue
        halves = sorted(groups, key=lambda g: a not in g[0])
        if a not in halves[0][0] or b not in halves[1][0]:
            continue
        if not all(any(k in f.free for f in members) for _, members in halves):
            continue
        built = []
        for seen, members in halves:
            inner = tuple(x for x in bound if x in seen)
            built.append(sums.sum_many(n, inner, Poly({mono(members): 1})))
        return built[0], built[1], k
    return None


def contract(
    n: Normalizer, a: Atom, bound: tuple[Index, ...], factors: dict[Atom, Rational]
) -> Poly | None:
    """M⁻¹M = I inside a sum: the leading monomial c t of M leaves I − M⁻¹(M − c t) over c where t is next to M⁻¹;
    c is the number, and scalars that are not 0."""
    rest_of = {b: e for b, e in factors.items() if b is not a}
    for side in (0, 1):
        inner, outer = a.indices[side], a.indices[1 - side]
        if not isinstance(inner, Index) or inner not in bound or inner == outer:
            continue
        far = fresh(inner)
        rows = (far, inner) if side == 0 else (inner, far)
        entry = n.rename(a.args[0], dict(zip(a.binders, rows)))
        plain = Poly({m: c for m, c in entry.terms.items() if all(x.kind != "delta" for x, _ in m)})
        if not plain:
            continue
        lead, c = plain.lead()
        sums_in, parts = opened(lead, n.rename)
        touched = {*sums_in, inner, far}
        scale = {x: e for x, e in parts.items() if x.free.isdisjoint(touched)}
        scale = scale if all(n.signs.power(x, 1).away for x in scale) else {}
        parts = {x: e for x, e in parts.items() if x not in scale}
        pattern = Pattern((*sums_in, inner), (far,), tuple(sorted(parts.items())))
        for binding, rest in matches(
            pattern, bound, rest_of, n.rename, {inner: inner}, n.facts.is_symmetric
        ):
            if far not in binding or any(inner in x.free for x in rest):
                continue
            to = binding[far]
            gone = {binding[x] for x in (*sums_in, inner)}
            left = tuple(b for b in bound if b not in gone)
            others = n.rename(entry - Poly({lead: c}), {far: to})
            remaining = n.monomial(rest)
            identity = n.mul(n.delta(outer, to), remaining)
            more = sums.sum_many(n, (inner,), n.mul(atom_poly(a), others)) if others else NOTHING
            made = n.mul(identity - n.mul(more, remaining), n.power(n.monomial(scale, c), -1))
            return sums.sum_many(n, left, made)
    return None


__all__ = ["chain", "contract", "det", "field", "inverse"]
