"""What a term costs as it is written: memory first, then operations, in symbolic sizes."""

from __future__ import annotations

from collections import Counter
from functools import lru_cache

from derive.binders import free_indices
from derive.terms import (
    Comp,
    Const,
    Delta,
    Det,
    Entry,
    Index,
    Mul,
    Num,
    SizeTerm,
    Sum,
    Term,
    Var,
)  # fmt: skip

#: sizes are symbols; costs are compared where every one of them is this large
LARGE = 1000
#: the sizes of a model, about
SIZES = 8

Indices = frozenset[Index]


def extent(indices: Indices | tuple[Index, ...]) -> int:
    """The number of entries of an array with these axes."""
    made = 1
    for i in indices:
        made *= i.size.const + LARGE * sum(count for _, count in i.size.parts)
    return made


def expected(indices: Indices | tuple[Index, ...]) -> int:
    """Operations over these axes, summed over the cases that one of the sizes, or none, is ten times the others.

    Of two orders that are equal where all sizes are, the one that is never much worse costs less: with T samples
    F(GᵀV) and not (FGᵀ)V, which is T × T.
    """
    counts = Counter(name for i in indices for name in i.size.names)
    return extent(indices) * (SIZES + sum(int(10**n) - 1 for n in counts.values()))


@lru_cache(maxsize=50_000)
def cost(t: Term) -> tuple[int, int]:
    """(entries of the largest array that is formed, operations)."""
    axes = free_indices(t)
    if isinstance(t, (Num, Const, SizeTerm, Var)) or (isinstance(t, Entry) and isinstance(t.array, Var)):
        return 0, 0
    if isinstance(t, Delta):
        return extent(axes), extent(axes)
    if isinstance(t, Entry):  # of an inverse
        inner = cost(t.children[0])
        n = extent(tuple(Index("", s) for s in t.array.shape))
        return max(n, inner[0]), inner[1] + n * LARGE
    if isinstance(t, Sum):
        return _of_sum(t, axes)
    costs = [cost(c) for c in t.children]
    n = 1 if isinstance(t, Det) else extent(frozenset(t.indices)) if isinstance(t, Comp) else extent(axes)
    return max([n, *(c[0] for c in costs)]), n + sum(c[1] for c in costs)


def _of_sum(t: Sum, axes: Indices) -> tuple[int, int]:
    _, factors = spread(t)
    costs = [cost(f) for f in factors]
    union = frozenset[Index]().union(*(free_indices(f) for f in factors))
    tensors = [free_indices(f) for f in factors if free_indices(f)]
    formed = extent(axes)
    if len(tensors) != 2:
        formed = max(formed, extent(union))
    elif tensors[0] == tensors[1]:  # multiplied entrywise, then summed
        formed = max(formed, extent(tensors[0]))
    return max(formed, *(c[0] for c in costs)), extent(union) + sum(c[1] for c in costs)


def spread(t: Sum) -> tuple[list[Index], list[Term]]:
    """The indices of nested sums from 1 and the factors of their body."""
    over, body = [t.index], t.body
    while isinstance(body, Sum) and body.start == 1:
        over.append(body.index)
        body = body.body
    return over, list(body.args) if isinstance(body, Mul) else [body]
