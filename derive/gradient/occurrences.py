"""What is worth a name in the definitions of a graph: parts that are costly, and kernels; and the name put there."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from derive.binders import canonical, free_indices, weight
from derive.distinct import kinked
from derive.terms import (
    Add,
    Call,
    Comp,
    Det,
    Entry,
    Fn,
    Full,
    Index,
    Inverse,
    MatMul,
    Mul,
    Num,
    Pow,
    Prod,
    SqNorm,
    Sum,
    Term,
    Var,
)  # fmt: skip

#: what is worth computing once
COSTLY = (Fn, Call, Sum, Prod, MatMul, Inverse, Det, SqNorm, Pow)


def part_of(node: Term) -> Term | None:
    """A key for a part worth a name: equal for parts that differ in the names of indices only."""
    if not node.children or isinstance(node, (Entry, Full, Num)) or weight(node) < 3 or len(node.shape) > 2:
        return None
    if isinstance(node, Fn) and node.name == "exp":
        return None  # a softmax stays whole: its exponentials alone may overflow
    free = free_indices(node)
    if not any(isinstance(n, COSTLY) for n in node.walk()):
        return None
    if isinstance(node, Pow) and isinstance(node.base, Var) and not node.shape:
        return None  # σ² is as short as any name for it
    if not free:
        return canonical(node)
    deep = any(isinstance(n, (Sum, Fn, Call)) for n in node.walk()) and weight(node) >= 5
    if not deep or node.shape or len(free) > 2 or isinstance(node, Comp):
        return None
    axes = _order(node)
    return canonical(Comp(axes, node)) if set(axes) == free else None


def kernels_of(t: Term) -> Iterator[Term]:
    """The exponentials of sums over two indices in sums and products of `t`."""
    key = kernel_of(t)
    if key is not None:
        yield key
    elif isinstance(t, (Add, Mul, Sum)):
        for c in t.children:
            yield from kernels_of(c)


def kernel_of(node: Term) -> Term | None:
    if not isinstance(node, Fn) or node.name != "exp" or not any(isinstance(n, (Sum, SqNorm)) for n in node.walk()):
        return None
    axes = _order(node)
    if len(axes) != 2 or set(axes) != free_indices(node) or kinked(node, [(axes[0], axes[1])]):
        return None  # a matrix has every entry
    return canonical(Comp(axes, node))


def _order(node: Term) -> tuple[Index, ...]:
    """The free indices of a term in the order in which its entries have them."""
    free = free_indices(node)
    order = [i for n in node.walk() if isinstance(n, Entry) for i in n.indices if i in free]
    return tuple(i for i in dict.fromkeys(order) if isinstance(i, Index))


def replaced(body: Term, part: Term, name: Var, key: Callable[[Term], Term | None] = part_of) -> Term:
    if key(body) == part:
        return Entry(name, _order(body)) if free_indices(body) else name
    if not body.children:
        return body
    return body.rebuild(tuple(replaced(c, part, name, key) for c in body.children))


__all__ = ["kernel_of", "kernels_of", "part_of", "replaced"]
