"""What a term costs as it is written: memory first, then operations, in symbolic sizes."""

from __future__ import annotations

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

Indices = frozenset[Index]


def extent(indices: Indices | tuple[Index, ...]) -> int:
    """The number of entries of an array with these axes."""
    made = 1
    for i in indices:
        made *= i.size.const + LARGE * sum(count for _, count in i.size.parts)
    return made


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
