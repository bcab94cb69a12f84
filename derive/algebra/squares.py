"""Non-negativity of sums of squares and of Gram forms with non-negative weights."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from itertools import combinations, permutations

from derive.algebra import sums
from derive.algebra.atoms import ONE, Atom, Mono, Poly, Rational, Unsupported, atom_poly, mono, total
from derive.algebra.members import covered
from derive.algebra.more import beyond
from derive.algebra.normal import Normalizer
from derive.algebra.quadratic import squared, summands
from derive.algebra.zero import by_sign
from derive.terms import Index

Square = tuple[tuple[Index, ...], tuple[str, ...]]


def nonneg(n: Normalizer, p: Poly) -> bool:
    """p ≥ 0: by its sign, as a weighted sum of squares, as sums and their members, as more than what is known,
    or in every case of |a|."""
    return (
        squared(n, p)
        or n.signs.nonneg(p)
        or _weighted(n, p)
        or covered(n, p)
        or beyond(n, p, "≥")
        or _termwise(n, p)
        or _below_log(n, p)
        or by_sign(n, p, nonneg)
        or _multiplied(n, p, nonneg)
    )


def _multiplied(n: Normalizer, p: Poly, shown: Callable[[Normalizer, Poly], bool]) -> bool:
    """p = q/d with d > 0, and q is seen to be of the sign."""
    try:
        top, bottom = n.together(p)
    except Unsupported:
        return False
    return bool(bottom) and top != p and all(n.signs.positive(part) for part, _ in bottom) and shown(n, top)


def _termwise(n: Normalizer, p: Poly) -> bool:
    """Σ_k (root_k − …) ≥ 0, where each term is."""
    sums_ = [a for m in p.terms for a, e in m if a.kind == "sum" and e == 1]
    if len(p) < 2 or not any(_roots(a.args[0]) for a in sums_):
        return False
    return all(ordered_roots(n, r, r - q) for q in summands(n, p) for r in (_roots(q),))


def _below_log(n: Normalizer, p: Poly) -> bool:
    """c log A + q ≥ 0 with a number c > 0 where A ≥ e^{−q/c}, and Σ_k p_k ≥ 0 where each p_k is such."""
    for m, c in p.terms.items():
        a = m[0][0] if len(m) == 1 and m[0][1] == 1 else None
        if a is not None and a.kind == "log" and c > 0 and len(p) > 1 and n.signs.positive(a.args[0]):
            rest = (Poly({m: c}) - p).scale(Fraction(1) / Fraction(c))
            if not _has_log(rest):
                gap = a.args[0] - n.exp(rest)
                return n.signs.nonneg(gap) or covered(n, gap)
    if len(p) < 2 or not _has_log(p) or all(a.kind != "sum" for a in p.atoms()):
        return False
    return all(q != p and _below_log(n, q) for q in summands(n, p))


def _has_log(p: Poly) -> bool:
    return any(a.kind == "log" for a in p.atoms())


def positive(n: Normalizer, p: Poly) -> bool:
    """p > 0: by its sign, as something positive and something that is not negative, as more than what is known,
    or in every case of |a|."""
    return (
        n.signs.positive(p)
        or _partly(n, p)
        or beyond(n, p, ">")
        or by_sign(n, p, positive)
        or _multiplied(n, p, positive)
    )


def _partly(n: Normalizer, p: Poly) -> bool:
    """p = q + r with monomials q > 0 and r ≥ 0."""
    sure = {m: c for m, c in p.terms.items() if n.signs.positive(Poly({m: c}))}
    return bool(sure) and nonneg(n, Poly({m: c for m, c in p.terms.items() if m not in sure}))


def ordered_roots(n: Normalizer, high: Poly, low: Poly, strict: bool = False, depth: int = 3) -> bool:
    """low ≤ high (or <) where roots or |a| occur: high ≥ 0 and high² − low² ≥ 0 (or > 0).

    Where the squares still hold roots, or roots stand below a line, these go to one side: r + q ≥ 0 if r ≥ 0
    and r² − q² ≥ 0.
    """
    if not depth or not any(_roots(p) or _has_abs(p) for p in (high, low)):
        return False
    gap = high - low
    if nonneg(n, high):
        gap = n.power(high, 2) - n.power(low, 2)
        if (positive if strict else nonneg)(n, gap) or (not strict and not gap):
            return True
    for a in sorted(gap.atoms()):
        least = min(dict(m).get(a, 0) for m in gap.terms)
        if least < 0 and not isinstance(least, int) and n.signs.power(a, 1).positive:
            gap = n.mul(gap, atom_poly(a, -least))
    top, bottom = n.together(gap)
    roots = _roots(top)
    if not roots or not all(e % 2 == 0 or n.signs.positive(part) for part, e in bottom):
        return False
    return ordered_roots(n, roots, roots - top, strict, depth - 1)


def _roots(p: Poly) -> Poly:
    """The monomials with a root in them."""
    return Poly({m: c for m, c in p.terms.items() if any(not isinstance(e, int) for _, e in m)})


def _has_abs(p: Poly) -> bool:
    return any(a.kind == "fn" and a.name == "abs" for a in p.atoms())


def _weighted(n: Normalizer, p: Poly) -> bool:
    """p as Σ_c weight(c) Π (inner sums)² with every weight ≥ 0.

    Each monomial is written Σ_C w Π_a (Σ … )^{even}; the weights of equal squares are added, since
    y(1 − y) stands in the normal form as two monomials of opposite signs.
    """
    weights: dict[Square, list[Poly]] = {}
    for m, c in p.terms.items():
        if n.signs.nonneg(Poly({m: c})) and not any(a.kind == "sum" for a, _ in m):
            continue
        found = _as_square(n, m, c, weights)
        if found is None:
            return False
        square, weight = found
        weights.setdefault(square, []).append(weight)
    return all(n.signs.nonneg(total(parts)) for parts in weights.values())


def gram(n: Normalizer, a: Atom) -> str:
    """"definite" or "semidefinite" where the matrix under this determinant is seen to be; else ""."""
    (i, j), (p,) = n.opened(a)
    diagonal, rest = [], []
    for m, c in p.terms.items():
        factors: dict[Atom, Rational] = dict(m)
        deltas = [x for x in factors if x.kind == "delta" and set(x.indices) == {i, j}]
        if deltas:
            del factors[deltas[0]]
            diagonal.append(n.monomial(factors, c))
        else:
            rest.append(Poly({m: c}))
    weight = total(diagonal)
    v = atom_poly(Atom("var", "v#", (i,))), atom_poly(Atom("var", "v#", (j,)))
    form = sums.sum_many(n, (i, j), n.mul(*v, total(rest)))
    if not nonneg(n, form):
        return ""
    if n.signs.positive(weight):
        return "definite"
    return "semidefinite" if not diagonal or n.signs.nonneg(weight) else ""


def _as_square(
    n: Normalizer, m: Mono, c: Rational, known: dict[Square, list[Poly]]
) -> tuple[Square, Poly] | None:
    wide = [a for a, e in m if a.kind == "sum" and e == 1]
    best: tuple[Square, Poly] | None = None
    choices: list[Atom | None] = [*wide] or [None]
    for a in choices:
        outside = n.monomial({b: e for b, e in m if b is not a}, c)
        binders, (body, *_) = n.opened(a) if a is not None else ((), (ONE,))
        for count in range(len(binders) + 1):
            for common in combinations(binders, count):
                for order in permutations(common):
                    found = _with_common(n, binders, body, order, outside)
                    if found is not None and (found[0] in known or best is None):
                        best = found
                        if found[0] in known:
                            return found
    return best


def _with_common(
    n: Normalizer, binders: tuple[Index, ...], body: Poly, common: tuple[Index, ...], outside: Poly
) -> tuple[Square, Poly] | None:
    """Σ_common weight · squares, where all other indices belong to the squares."""
    single = body.single
    if single is None:
        return None
    names = {b: Index(f"?c{i}", b.size) for i, b in enumerate(common)}
    others = [b for b in binders if b not in common]
    weight: dict[Atom, Rational] = {}
    groups: list[tuple[set[Index], dict[Atom, Rational]]] = []
    squares: list[str] = []
    for a, e in single[0]:
        touched = set(a.free).intersection(others)
        if not touched:
            if isinstance(e, int) and e % 2 == 0 and not n.signs.nonneg(n.monomial({a: 1})):
                squares.append(n.rename(n.monomial({a: e}), names).key)
            else:
                weight[a] = e
            continue
        members: dict[Atom, Rational] = {a: e}
        rest = []
        for seen, have in groups:
            if seen & touched:
                touched, members = touched | seen, members | have
            else:
                rest.append((seen, have))
        groups = [*rest, (touched, members)]
    count: dict[str, int] = {}
    for seen, members in groups:
        inner = sums.sum_many(n, tuple(sorted(seen)), Poly({mono(members): 1}))
        key = n.rename(inner, names).key
        count[key] = count.get(key, 0) + 1
    for key, times in count.items():
        if times % 2:
            return None
        squares.extend([f"({key})²"] * (times // 2))
    made = n.mul(outside, n.rename(n.monomial(weight), names))
    return (tuple(names.values()), tuple(sorted(squares))), made

