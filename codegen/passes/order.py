"""Contraction order: which two factors of a sum of products are summed first.

Sums of products are gathered across nested sums, and the pairwise order with the fewest operations
is taken (matrix chains, never a matrix product where a matrix–vector one would do).  A sum is
distributed over an addition only where that avoids an array larger than all others:
Σ_d (x_id − x_jd)² is written with x_id², x_jd² and Σ_d x_id x_jd.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from itertools import combinations

from codegen.lines import Line, Names
from codegen.scalars import free_of
from codegen.simplify import product, renamed, sum_over, tidy
from derive.binders import free_indices
from derive.context import Context
from derive.terms import (
    Add,
    Comp,
    Const,
    Delta,
    Det,
    Entry,
    Index,
    Mul,
    Num,
    Pow,
    SizeTerm,
    Sum,
    Term,
    Var,
)  # fmt: skip

#: sizes are symbols; orders are compared where every one of them is this large
LARGE = 1000
#: more factors than this are ordered greedily
EXHAUSTIVE = 8

Indices = frozenset[Index]


def extent(indices: Indices | tuple[Index, ...]) -> int:
    made = 1
    for i in indices:
        made *= i.size.const + LARGE * sum(count for _, count in i.size.parts)
    return made


@lru_cache(maxsize=50_000)
def cost(t: Term) -> tuple[int, int]:
    """(entries of the largest array that is formed, operations) of a term as it is written."""
    axes = free_indices(t)
    if isinstance(t, (Num, Const, SizeTerm, Var)) or (isinstance(t, Entry) and isinstance(t.array, Var)):
        return 0, 0
    if isinstance(t, Delta):
        return extent(axes), extent(axes)
    if isinstance(t, Entry):  # an inverse
        inner = cost(t.children[0])
        n = extent(tuple(Index("", s) for s in t.array.shape))
        return max(n, inner[0]), inner[1] + n * LARGE
    if isinstance(t, Sum):
        _, factors = spread(t)
        costs = [cost(f) for f in factors]
        union = frozenset[Index]().union(*(free_indices(f) for f in factors))
        tensors = [f for f in factors if free_indices(f)]
        formed = extent(axes)
        if len(tensors) == 2:
            a, b = (free_indices(f) for f in tensors)
            if a & b & axes and not (a - b or b - a):  # summed entrywise
                formed = max(formed, extent(a))
        else:
            formed = max(formed, extent(union))
        return max(formed, *(c[0] for c in costs)), extent(union) + sum(c[1] for c in costs)
    costs = [cost(c) for c in t.children]
    n = extent(axes)
    if isinstance(t, (Comp, Det)):
        n = extent(frozenset(t.indices)) if isinstance(t, Comp) else 1
    return max([n, *(c[0] for c in costs)]), n + sum(c[1] for c in costs)


def spread(t: Sum) -> tuple[list[Index], list[Term]]:
    """The indices of nested sums from 1 and the factors of their body."""
    over, body = [t.index], t.body
    while isinstance(body, Sum) and body.start == 1:
        over.append(body.index)
        body = body.body
    return over, list(body.args) if isinstance(body, Mul) else [body]


def ordered(t: Term) -> Term:
    """`t` with every sum of products in the cheapest order."""
    if isinstance(t, Sum) and t.start == 1:
        return _best(t)
    if not t.children:
        return t
    return t.rebuild(tuple(ordered(c) for c in t.children))


def _best(t: Sum) -> Term:
    over, factors = _gathered(t)
    made = _arranged(over, [ordered(f) for f in factors])
    other = _distributed(over, factors)
    if other is not None:
        option = ordered(other)
        if cost(option)[0] < cost(made)[0]:
            return option
    return made


def _gathered(t: Sum) -> tuple[list[Index], list[Term]]:
    """Indices and factors of a sum of products, with the sums among its factors opened."""
    over, factors = spread(t)
    found: list[Term] = []
    for f in factors:
        if isinstance(f, Sum) and f.start == 1:
            inner = renamed(f)
            assert isinstance(inner, Sum)
            indices, parts = _gathered(inner)
            over.extend(indices)
            found.extend(parts)
        elif isinstance(f, Pow) and isinstance(f.exponent, Num) and f.exponent.value == 2:
            found.extend((f.base, f.base))
        else:
            found.append(f)
    return over, found


def _distributed(over: list[Index], factors: list[Term]) -> Term | None:
    """The sum distributed over its first addition whose terms have fewer indices than it has."""
    for n, f in enumerate(factors):
        if not isinstance(f, Add):
            continue
        if all(free_indices(a) == free_indices(f) for a in f.args):
            continue
        rest = factors[:n] + factors[n + 1 :]
        parts = []
        for a in f.args:
            part: Term = product(a, *rest)
            for k in over:
                part = sum_over(k, part)
            parts.append(renamed(part))
        return tidy(Add(tuple(parts)))
    return None


def _arranged(over: list[Index], factors: list[Term]) -> Term:
    """The cheapest pairwise order of Σ_over Π factors."""
    plain = [f for f in factors if not free_indices(f)]
    tensors = [f for f in factors if free_indices(f)]
    made = _pairs(frozenset(over), tensors)
    return product(*plain, made) if plain else made


def _pairs(over: Indices, factors: list[Term]) -> Term:
    n = len(factors)
    axes = [free_indices(f) for f in factors]
    everything = (1 << n) - 1

    def result(mask: int) -> Indices:
        inside = frozenset[Index]().union(*(axes[i] for i in range(n) if mask >> i & 1))
        outside = frozenset[Index]().union(*(axes[i] for i in range(n) if not mask >> i & 1))
        return frozenset(i for i in inside if i not in over or i in outside)

    best: dict[int, tuple[int, Term]] = {}
    for i in range(n):
        mask = 1 << i
        alone = axes[i] - result(mask)
        best[mask] = (extent(axes[i]) if alone else 0, _summed(alone, factors[i]))

    def join(a: int, b: int) -> tuple[int, Term]:
        union = result(a) | result(b)
        done = union - result(a | b)
        price = best[a][0] + best[b][0] + extent(union) + extent(union - done)
        first, second = (a, b) if (a & -a) < (b & -b) else (b, a)
        return price, _summed(done, _times(best[first][1], best[second][1]))

    if n > EXHAUSTIVE:
        groups = [1 << i for i in range(n)]
        while len(groups) > 1:
            a, b = min(combinations(groups, 2), key=lambda p: extent(result(p[0]) | result(p[1])))
            best[a | b] = join(a, b)
            groups = [g for g in groups if g not in (a, b)] + [a | b]
        return best[everything][1]
    for size in range(2, n + 1):
        for chosen in combinations(range(n), size):
            mask = sum(1 << i for i in chosen)
            part = (mask - 1) & mask
            options = []
            while part:
                if part & -part == mask & -mask:  # each split once
                    options.append((part, mask ^ part))
                part = (part - 1) & mask
            best[mask] = min((join(a, b) for a, b in options if b), key=lambda p: p[0])
    return best[everything][1]


def _times(a: Term, b: Term) -> Term:
    """A product of two that stay two factors, entrywise products of equal axes flattened."""
    parts: list[Term] = []
    for f in (a, b):
        flat = isinstance(f, Mul) and free_indices(a) == free_indices(b)
        parts.extend(f.args if flat and isinstance(f, Mul) else (f,))
    return Mul(tuple(parts))


def _summed(indices: Indices, t: Term) -> Term:
    for k in sorted(indices, key=lambda k: free_of(t).index(k), reverse=True):
        t = Sum(k, t)
    return t




def order_contractions(
    lines: list[Line], outputs: Mapping[str, str], context: Context, names: Names
) -> list[Line]:
    return [line if line.over else replace(line, body=ordered(line.body)) for line in lines]
