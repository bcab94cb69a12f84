"""Bound sums and products: distribution, splitting, merging, deltas and canonical bound indices."""

from __future__ import annotations

from itertools import islice, permutations, product
from typing import TYPE_CHECKING

from derive.algebra.atoms import (
    NOTHING,
    Atom,
    Mono,
    Poly,
    Rational,
    Unsupported,
    atom_poly,
    fresh,
    mono,
    mono_key,
    size_poly,
    total,
)  # fmt: skip
from derive.algebra.patterns import opened
from derive.terms import Index

if TYPE_CHECKING:
    from derive.algebra.normal import Normalizer

#: Sums over axes of a literal size up to this are written out.
MOST_LITERAL = 16
#: More orders of look-alike bound indices than this are not all tried: the form is then not
#: canonical, which can only turn a proof into `unknown`.
MOST_ORDERS = 720


def sum_over(n: Normalizer, k: Index, p: Poly) -> Poly:
    """Σ_k p; the caller's k is free in p and bound here."""
    local = fresh(k)
    return sum_many(n, (local,), n.rename(p, {k: local}))


def sum_many(n: Normalizer, bound: tuple[Index, ...], p: Poly) -> Poly:
    """Σ over all of `bound`, monomial by monomial."""
    if not bound:
        return p
    return total(summed(n, bound, dict(m)).scale(c) for m, c in p.terms.items())


def summed(n: Normalizer, bound: tuple[Index, ...], factors: dict[Atom, Rational]) -> Poly:
    """Σ over `bound` of one monomial."""
    n.ticks()
    for b in bound:
        literal = b.size.literal
        if literal is not None and literal <= MOST_LITERAL:
            rest = tuple(x for x in bound if x != b)
            body = Poly({mono(factors): 1})
            return total(sum_many(n, rest, n.rename(body, {b: v})) for v in range(1, literal + 1))
    for a, e in factors.items():
        if a.kind == "delta":
            i, j = a.indices
            for out, to in ((i, j), (j, i)):
                if isinstance(out, Index) and out in bound and (isinstance(to, int) or to.size == out.size):
                    if e < 0:
                        raise Unsupported("a division by a Kronecker delta")
                    left = Poly({mono({b: x for b, x in factors.items() if b is not a}): 1})
                    rest = tuple(x for x in bound if x != out)
                    return sum_many(n, rest, n.rename(left, {out: to}))
    bound, factors = _open(n, bound, factors)
    if any(a.kind == "delta" and not a.free.isdisjoint(bound) for a in factors):
        return summed(n, bound, factors) if _contractible(bound, factors) else _close(n, bound, factors)
    made = n.apply_rules(bound, factors)
    return made if made is not None else _split(n, bound, factors)


def _contractible(bound: tuple[Index, ...], factors: dict[Atom, Rational]) -> bool:
    for a in factors:
        if a.kind == "delta":
            i, j = a.indices
            for out, to in ((i, j), (j, i)):
                if isinstance(out, Index) and out in bound and (isinstance(to, int) or to.size == out.size):
                    return True
    return False


def _open(
    n: Normalizer, bound: tuple[Index, ...], factors: dict[Atom, Rational]
) -> tuple[tuple[Index, ...], dict[Atom, Rational]]:
    """Opens the sums that depend on a bound index, so that all their factors are in one product."""
    inside = {a: e for a, e in factors.items() if a.kind == "sum" and not a.free.isdisjoint(bound)}
    more, parts = opened(mono(inside), n.rename)
    if not more:
        return bound, factors
    merged = {a: e for a, e in factors.items() if a not in inside}
    for a, e in parts.items():
        merged[a] = merged.get(a, 0) + e
    return (*bound, *more), {a: e for a, e in merged.items() if e}


def _split(n: Normalizer, bound: tuple[Index, ...], factors: dict[Atom, Rational]) -> Poly:
    """Connected components become factors; an index that occurs nowhere counts its range."""
    free = {a: e for a, e in factors.items() if a.free.isdisjoint(bound)}
    pending = [(a, e) for a, e in factors.items() if a not in free]
    parts = [n.monomial(free)]
    groups: list[tuple[set[Index], dict[Atom, Rational]]] = []
    for a, e in pending:
        touched = set(a.free.intersection(bound))
        group = {a: e}
        separate = []
        for indices, members in groups:
            if indices & touched:
                touched |= indices
                group |= members
            else:
                separate.append((indices, members))
        groups = [*separate, (touched, group)]
    seen: set[Index] = set()
    for indices, members in groups:
        seen |= indices
        parts.append(_close(n, tuple(sorted(indices)), members))
    parts.extend(size_poly(b.size) for b in bound if b not in seen)
    return n.mul(*parts)


def _close(n: Normalizer, bound: tuple[Index, ...], factors: dict[Atom, Rational]) -> Poly:
    """The sum atom of one connected monomial, its bound indices named canonically."""
    body = n.monomial(factors)
    single = body.single
    if single is None or dict(single[0]) != factors:  # a rule applied: start again
        return sum_many(n, bound, body)
    key = _signature_key(bound, factors)
    found = n.canonical.get(key)
    if found is not None:
        return found
    height = max((a.height for a in factors), default=0) + 1
    best = _named(n, body, _orders(n, bound, factors), height)
    if best is None:  # under those names a law of quotients splits the monomial: others may not
        best = _named(n, body, list(islice(permutations(sorted(bound)), MOST_ORDERS)), height)
    if best is None and any(b.kind == "delta" for a in factors for arg in a.args for b in arg.atoms()):
        # 1/(x_j − x_i + δ) is −1/(x_i − x_j + δ) + 2δ under other names; once more under these, nothing changes
        return sum_many(n, *n.canonically(body, tuple(sorted(bound)), height))
    if best is None:
        raise Unsupported("a sum that cannot be put in order")
    inner, binders = best
    result = atom_poly(Atom("sum", binders=binders, args=(Poly({inner[0]: 1}),))).scale(inner[1])
    n.canonical[key] = result
    return result


def _named(
    n: Normalizer, body: Poly, orders: list[tuple[Index, ...]], height: int
) -> tuple[tuple[Mono, Rational], tuple[Index, ...]] | None:
    """The summand with its bound indices named canonically, by the first of the orders that keeps it one
    monomial, and the binders; 0 times it where another order turns its sign: Σ_ij A_ij x_i x_j = −Σ_ij A_ij x_i x_j.
    """
    best: tuple[str, tuple[Mono, Rational], tuple[Index, ...]] | None = None
    seen: dict[tuple[tuple[Index, ...], Mono], Rational] = {}
    for order in orders:
        names, made = n.canonically(body, order, height)
        if made.single is None:
            continue
        m, c = made.single
        if seen.setdefault((names, m), c) == -c:
            return (m, 0), names
        if best is None or made.key < best[0]:
            best = (made.key, made.single, names)
    return best[1:] if best is not None else None


def _signature_key(bound: tuple[Index, ...], factors: dict[Atom, Rational]) -> object:
    return (bound, mono_key(mono(factors)))


def _orders(
    n: Normalizer, bound: tuple[Index, ...], factors: dict[Atom, Rational]
) -> list[tuple[Index, ...]]:
    """The orders of the bound indices to try: all that agree with their signatures."""
    if len(bound) == 1:
        return [bound]
    classes = _refine(n, bound, factors)
    count = 1
    for members in classes:
        for i in range(2, len(members) + 1):
            count *= i
    if count > MOST_ORDERS:
        return [tuple(i for members in classes for i in members)]
    return [
        tuple(i for part in choice for i in part)
        for choice in product(*(permutations(members) for members in classes))
    ]


def _refine(
    n: Normalizer, bound: tuple[Index, ...], factors: dict[Atom, Rational]
) -> list[list[Index]]:
    """Groups bound indices by colour: size and the factors they stand in, refined to a fixed point."""
    colour = {b: str(b.size) for b in bound}
    for _ in range(len(bound)):
        words: dict[Index, str] = {}
        for b in bound:
            seen = []
            for a, e in factors.items():
                if b in a.free:
                    names = {x: Index(f"?{colour[x]}", x.size) for x in bound if x != b}
                    names[b] = Index("?me", b.size)
                    seen.append(_shape(n, a, names) + f"^{e}")
            words[b] = colour[b] + "|" + "·".join(sorted(seen))
        ranks = {w: f"{i:02d}" for i, w in enumerate(sorted(set(words.values())))}
        new = {b: ranks[words[b]] for b in bound}
        if len(set(new.values())) == len(set(colour.values())) and _ > 0:
            break
        colour = new
    classes: dict[str, list[Index]] = {}
    for b in sorted(bound):
        classes.setdefault(colour[b], []).append(b)
    return [classes[c] for c in sorted(classes)]


def _shape(n: Normalizer, a: Atom, names: dict[Index, Index]) -> str:
    """A word for the atom that does not depend on the names of bound indices."""
    indices = [str(names.get(i, i)) if isinstance(i, Index) else str(i) for i in a.indices]
    width = len(a.binders) if a.kind == "field" else 1
    groups = [",".join(indices[k : k + width]) for k in range(0, len(indices), max(1, width))]
    turned = n.facts.symmetric.keys() | n.facts.skew.keys()
    symmetric = {"delta": True, "field": True, "inv": a.name == "symmetric", "var": a.name in turned}
    if symmetric.get(a.kind):
        groups.sort()
    inner = []
    for arg in a.args:
        words = []
        for m, c in arg.terms.items():
            words.append(f"{c}*" + "·".join(sorted(_shape(n, b, names) + f"^{e}" for b, e in m)))
        inner.append("+".join(sorted(words)))
    return f"{a.kind}:{a.name}{a.order}[{';'.join(groups)}]({';'.join(inner)})"


# -- products ------------------------------------------------------------------------------------------


def prod_over(n: Normalizer, k: Index, p: Poly) -> Poly:
    """Π_k p.  Positive factors go through exp Σ log; the others stay under one product."""
    literal = k.size.literal
    if literal is not None and literal <= MOST_LITERAL:
        return n.mul(*(n.rename(p, {k: v}) for v in range(1, literal + 1)))
    if not p:
        return NOTHING
    if k not in p.free:
        return n.power_by(p, size_poly(k.size))
    if n.signs.positive(p):
        return n.exp(sum_over(n, k, n.log(p)))
    single = p.single
    if single is not None:
        m, c = single
        outside = {a: e for a, e in m if k not in a.free}
        parts = [n.power_by(n.monomial(outside, c), size_poly(k.size))]
        for a, e in m:
            if a in outside:
                continue
            factor = n.monomial({a: e})
            if n.signs.positive(factor):
                parts.append(n.exp(sum_over(n, k, n.log(factor))))
            else:
                parts.append(n.power(_product_atom(n, k, atom_poly(a)), e))
        return n.mul(*parts)
    return _product_atom(n, k, p)


def _product_atom(n: Normalizer, k: Index, p: Poly) -> Poly:
    names, body = n.canonically(p, (k,), p.height + 1)
    return atom_poly(Atom("prod", binders=names, args=(body,)))

