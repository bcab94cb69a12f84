"""Matching a monomial inside a bound sum, up to the choice of its indices."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice, permutations, product

from derive.algebra.atoms import Atom, Mono, Poly, Rational, fresh
from derive.terms import Index, IndexLike

#: ways to name the bound indices of a sum that are tried
MOST_NAMINGS = 8

Binding = dict[Index, IndexLike]
#: is a matrix of this name known to be symmetric?
Symmetric = Callable[[str], bool]
Rename = Callable[[Poly, Mapping[Index, IndexLike]], Poly]


@dataclass(frozen=True)
class Pattern:
    """Σ over `bound` of the product of `factors`, where `free` indices stand for any value."""

    bound: tuple[Index, ...]
    free: tuple[Index, ...]
    factors: tuple[tuple[Atom, Rational], ...]


def opened(m: Mono, rename: Rename) -> tuple[list[Index], dict[Atom, Rational]]:
    """The monomial with its bound sums opened: fresh bound indices, and the factors under them."""
    bound: list[Index] = []
    factors: dict[Atom, Rational] = {}
    for a, e in m:
        if a.kind == "sum" and isinstance(e, int) and 0 < e <= 4:
            for _ in range(e):
                made = _summand(a, rename)
                if made is None:
                    return [], dict(m)
                bound.extend(made[0])
                for b, f in made[1]:
                    factors[b] = factors.get(b, 0) + f
        else:
            factors[a] = factors.get(a, 0) + e
    return bound, factors


def _summand(a: Atom, rename: Rename) -> tuple[tuple[Index, ...], Mono] | None:
    """The bound indices of a sum under fresh names, and its monomial, which they keep as it is.

    Where A_ij = −A_ji, a name that comes later among all others may turn its sign: then one that comes first.
    """
    for firsts in islice(product((False, True), repeat=len(a.binders)), MOST_NAMINGS):
        names = tuple(fresh(b, first) for b, first in zip(a.binders, firsts, strict=True))
        inside = rename(a.args[0], dict(zip(a.binders, names))).single
        if inside is not None and inside[1] == 1:
            return names, inside[0]
        if inside is None or inside[1] != -1:
            return None
    return None


def matches(
    pattern: Pattern,
    bound: tuple[Index, ...],
    factors: Mapping[Atom, Rational],
    rename: Rename,
    start: Binding | None = None,
    symmetric: Symmetric = lambda name: False,
) -> Iterator[tuple[Binding, dict[Atom, Rational]]]:
    """Every (binding, remaining factors) such that `factors` is the pattern times the rest.

    The pattern's bound indices go to distinct bound indices that occur nowhere in the rest, nor as
    the image of a free one: only then may the sum over them be taken first.
    """
    variables = frozenset(pattern.bound) | frozenset(pattern.free)
    for binding, rest in _factors(
        list(pattern.factors), dict(factors), dict(start or {}), variables, rename, symmetric
    ):
        images = [binding.get(b) for b in pattern.bound]
        if len(set(images)) != len(images) or not all(i in bound for i in images):
            continue
        others: set[object] = {binding[f] for f in pattern.free if f in binding}
        for a in rest:
            others |= a.free
        if not others.intersection(images):
            yield binding, rest


def _factors(
    wanted: list[tuple[Atom, Rational]],
    factors: dict[Atom, Rational],
    binding: Binding,
    variables: frozenset[Index],
    rename: Rename,
    symmetric: Symmetric,
) -> Iterator[tuple[Binding, dict[Atom, Rational]]]:
    if not wanted:
        yield binding, factors
        return
    (atom, exponent), *others = wanted
    for candidate, have in list(factors.items()):
        if candidate.kind != atom.kind or candidate.name != atom.name:
            continue
        whole = isinstance(have, int) and isinstance(exponent, int) and have >= exponent > 0
        if not whole and have != exponent:
            continue
        for extended in unify(atom, candidate, binding, variables, rename, symmetric):
            left = dict(factors)
            if have == exponent:
                del left[candidate]
            else:
                left[candidate] = have - exponent
            yield from _factors(others, left, extended, variables, rename, symmetric)


def unify(
    pattern: Atom,
    target: Atom,
    binding: Binding,
    variables: frozenset[Index],
    rename: Rename,
    symmetric: Symmetric,
) -> Iterator[Binding]:
    """Every extension of `binding` that makes `pattern` the target."""
    yield from _unified(pattern, target, binding, variables, rename)
    if pattern.kind in ("var", "inv") and pattern.name == target.name and len(pattern.indices) == 2:
        i, j = pattern.indices
        # A_ij = A_ji, and so of the inverse (which is then called so)
        if i != j and (pattern.name == "symmetric" if pattern.kind == "inv" else symmetric(pattern.name)):
            turned = Atom(pattern.kind, pattern.name, (j, i), pattern.binders, pattern.args)
            yield from _unified(turned, target, binding, variables, rename)


def _unified(
    pattern: Atom, target: Atom, binding: Binding, variables: frozenset[Index], rename: Rename
) -> Iterator[Binding]:
    if (pattern.kind, pattern.name, pattern.order, len(pattern.indices)) != (
        target.kind,
        target.name,
        target.order,
        len(target.indices),
    ):
        return
    if not pattern.free & variables:
        if pattern == target:
            yield binding
        return
    result = dict(binding)
    for p, t in zip(pattern.indices, target.indices):
        if isinstance(p, Index) and p in variables:
            if p in result:
                if result[p] != t:
                    return
            elif isinstance(t, Index) and t.size != p.size:
                return
            else:
                result[p] = t
        elif p != t:
            return
    if not pattern.args:
        yield result
        return
    missing = sorted(i for i in pattern.free & variables if i not in result)
    pool = sorted(target.free)
    for images in permutations(pool, len(missing)):
        if all(i.size == p.size for p, i in zip(missing, images)):
            extended = {**result, **dict(zip(missing, images))}
            renamed = rename(Poly({((pattern, 1),): 1}), extended)
            if renamed == Poly({((target, 1),): 1}):
                yield extended
