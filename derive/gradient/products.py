"""Scalars taken apart into sums of products, each under its own sums, and the parts put together again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from derive.binders import free_indices, fresh, substitute, weight
from derive.entrywise import entry, product_entry
from derive.gradient.constructors import scaled
from derive.gradient.factors import factors_of, negative, times
from derive.gradient.notation import NoNotation
from derive.gradient.rational import summed, tidy
from derive.terms import MINUS_ONE, ONE, Add, Delta, Entry, Index, MatMul, Mul, Num, Sum, Term, Var

#: more products than these are not sorted
MOST_PRODUCTS = 120


@dataclass
class Product:
    """Σ over the binders of the factors."""

    binders: list[Index]
    factors: list[Term]


def products(t: Term, live: frozenset[Index]) -> list[Product]:
    """t as a sum of products; what does not hold an index in `live` is not taken apart."""
    if live.isdisjoint(free_indices(t)):
        return [Product([], [t])]
    match t:
        case Add(args):
            made = [p for a in args for p in products(a, live)]
        case Mul(args):
            made = [Product([], [])]
            for a in args:
                more = products(a, live)
                if len(made) * len(more) > MOST_PRODUCTS:
                    raise NoNotation
                made = [Product(p.binders + q.binders, p.factors + q.factors) for p in made for q in more]
        case Sum(index=index, body=body, start=1):
            k = fresh(index.size)
            inner = products(substitute(body, {index: k}), live)
            made = [Product([k, *p.binders], p.factors) for p in inner]
        case Entry(array=MatMul() as array, indices=indices):
            return products(product_entry(array, indices), live)
        case Entry(array=array, indices=indices) if not isinstance(array, Var):
            inside = entry(array, indices)
            return [Product([], [t])] if inside == t else products(inside, live)
        case _:
            return [Product([], [t])]
    if len(made) > MOST_PRODUCTS:
        raise NoNotation
    return made


def contracted(p: Product) -> Product:
    """Sums over Kronecker deltas carried out."""
    binders, factors = list(p.binders), list(p.factors)
    while True:
        found = next(
            ((f, k) for f in factors if isinstance(f, Delta) for k in binders if k in (f.left, f.right)), None
        )
        if found is None:
            return Product(binders, factors)
        delta, k = found
        other = delta.right if delta.left == k else delta.left
        factors.remove(delta)
        if other != k:
            binders.remove(k)
            factors = [substitute(f, {k: other}) for f in factors]


def sides(p: Product, i: Index, j: Index) -> tuple[tuple[Term, Index], tuple[Term, Index], list[Term]] | None:
    """What holds i and one bound index, what holds j and one, and the rest."""
    left = [f for f in p.factors if i in free_indices(f)]
    right = [f for f in p.factors if j in free_indices(f)]
    if any(f in right for f in left) or not left or not right:
        return None
    ends = []
    for side in (left, right):
        bound = {k for f in side for k in free_indices(f)} & set(p.binders)
        if len(bound) != 1:
            return None
        ends.append((times(side), bound.pop()))
    return ends[0], ends[1], [f for f in p.factors if f not in left and f not in right]


def closed(p: Product) -> Term:
    body: Term = tidy(times(p.factors))
    for k in reversed(p.binders):
        body = summed(k, body)
    return body


def components(p: Product, u: Index, v: Index) -> tuple[Term, Term, Term, bool]:
    """The factors of u, of v and of neither, each under its own sums, and whether something links u and v."""
    groups: list[tuple[set[Index], list[Term]]] = []
    ends = {u, v, *p.binders}
    for f in p.factors:
        touched, members, rest = set(free_indices(f) & ends), [f], []
        for have, inside in groups:
            if have & touched:
                touched, members = touched | have, inside + members
            else:
                rest.append((have, inside))
        groups = [*rest, (touched, members)]
    parts: dict[tuple[bool, bool], list[Term]] = {}
    for touched, members in groups:
        inner = closed(Product([k for k in p.binders if k in touched], members))
        parts.setdefault((u in touched, v in touched), []).append(inner)
    if (True, True) in parts:
        return ONE, ONE, ONE, True
    unused = [k for k in p.binders if not any(k in g for g, _ in groups)]
    scalar = closed(Product(unused, parts.get((False, False), [ONE])))
    return times(parts.get((True, False), [])), times(parts.get((False, True), [])), scalar, False


def numbers(a: Term, b: Term) -> tuple[Term, Term, Term]:
    """The numbers of two factors as one."""
    number: list[Term] = []
    made = []
    for t in (a, b):
        number += [f for f in factors_of(t) if isinstance(f, Num)]
        made.append(times([f for f in factors_of(t) if not isinstance(f, Num)]))
    return times(number), made[0], made[1]


def paired(terms: Sequence[Term]) -> list[Term]:
    """1/√b − w²/b^{3/2} as ε/b^{3/2}: two summands as one where that is shorter than either."""
    left = list(terms)
    for place, t in enumerate(left):
        for other in range(place + 1, len(left)):
            whole = tidy(Add((t, left[other])))
            if weight(whole) <= max(weight(t), weight(left[other])):
                return paired([*left[:place], whole, *left[place + 1 : other], *left[other + 1 :]])
    return left


def summands(t: Term) -> tuple[Term, ...]:
    return t.args if isinstance(t, Add) else (t,)


def without(t: Term, axes: Iterable[Index]) -> tuple[list[Term], Term]:
    """The factors that hold none of the indices, and the rest; a sum of negative terms with its sign in front."""
    own = set(axes)
    out = [f for f in factors_of(t) if own.isdisjoint(free_indices(f))]
    rest = times([f for f in factors_of(t) if not own.isdisjoint(free_indices(f))])
    if isinstance(rest, Add) and all(negative(a) for a in rest.args):
        rest = Add(tuple(scaled([MINUS_ONE], a) for a in rest.args))
        out = [MINUS_ONE, *out]
    return out, rest


def turned(t: Term) -> Term:
    """−t, with σ (1 − σ) for −σ (σ − 1)."""
    if isinstance(t, Add):
        return Add(tuple(turned(a) for a in t.args))
    factors = list(factors_of(t))
    for place, f in enumerate(factors):
        if isinstance(f, Add) and any(isinstance(a, Num) and a.value < 0 for a in f.args):
            parts = [scaled([MINUS_ONE], a) for a in f.args]
            parts.sort(key=lambda a: (negative(a), not isinstance(a, Num)))
            factors[place] = Add(tuple(parts))
            return times(factors)
    return scaled([MINUS_ONE], t)


__all__ = [
    "Product", "closed", "components", "contracted", "numbers", "paired", "products", "sides", "summands",
    "turned", "without",
]  # fmt: skip
