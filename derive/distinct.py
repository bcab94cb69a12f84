"""Relations for indices that differ: x_i ≠ x_j for i ≠ j, as one relation for all indices.

    p > 0 where no δ is 1  ⟺  Π(1 − δ) p + 1 − Π(1 − δ) > 0        (≥ and ≠ likewise; a < b is b − a > 0)
    a = b where no δ is 1  ⟺  Π(1 − δ) a = Π(1 − δ) b
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from derive.binders import free_indices
from derive.props import Rel
from derive.terms import MINUS_ONE, ONE, ZERO, Add, Delta, Fn, Full, Index, IndexLike, Mul, Num, Pow, SqNorm, Term

Pair = tuple[IndexLike, IndexLike]


def where_differ(rel: Rel, pairs: Sequence[Pair]) -> Rel:
    """The relation where the indices of every pair differ; arrays are ≠ if one of their entries is."""
    same = [Delta(*pair) for pair in pairs]
    guards = tuple(Add((ONE, Mul((MINUS_ONE, d)))) for d in same)
    left, right = rel.left, rel.right
    if rel.op == "=":
        return Rel("=", Mul((*guards, left)), Mul((*guards, right)))
    if rel.op in ("<", "≤"):
        left, right = right, left
    zero = right == (Full(ZERO, right.shape) if right.shape else ZERO)
    gap = left if zero else Add((left, Mul((MINUS_ONE, right))))
    gap = SqNorm(gap) if gap.shape and rel.op == "≠" else gap
    other: Term = same[0] if len(same) == 1 else Add((ONE, Mul((MINUS_ONE, *guards))))
    op = {"<": ">", "≤": "≥"}.get(rel.op, rel.op)
    whole = Add((Mul((*guards, gap)), Full(other, gap.shape) if gap.shape else other))
    return Rel(op, whole, Full(ZERO, gap.shape) if gap.shape else ZERO)


def differing(rel: Rel) -> tuple[Rel, tuple[Pair, ...]] | None:
    """What `where_differ` was made of; None for another relation."""
    first, *rest = rel.left.args if rel.op != "=" and isinstance(rel.left, Add) else (rel.left,)
    if not isinstance(first, Mul):
        return None
    pairs = tuple(pair for a in first.args if (pair := complement(a)) is not None)
    inner = [a for a in first.args if complement(a) is None]
    if not pairs or len(inner) != 1:
        return None
    gap = inner[0]
    if rel.op == "=":
        other = [a for a in rel.right.args if complement(a) is None] if isinstance(rel.right, Mul) else []
        made = Rel("=", gap, other[0]) if len(other) == 1 else None
    elif rel.op == "≠" and isinstance(gap, SqNorm) and gap.arg.shape and len(rest) == 1:
        made = _compared("≠", gap.arg)
    else:
        made = _compared(rel.op, gap)
    return (made, pairs) if made is not None and where_differ(made, pairs) == rel else None


def places(t: Term, pairs: tuple[Pair, ...] = ()) -> Iterator[tuple[Term, tuple[Pair, ...]]]:
    """The term and all below it, the parts last, each with the pairs of indices that differ where it matters."""
    yield t, pairs
    found = [apart(a) for a in t.args] if isinstance(t, Mul) else []
    inside = tuple(dict.fromkeys((*pairs, *(pair for pair in found if pair is not None))))
    for child in t.children:
        yield from places(child, inside)


def guards(args: Iterable[Term]) -> Iterator[Term]:
    """The guards among the factors, products of them taken apart."""
    for a in args:
        if is_guard(a):
            yield from guards(a.args) if isinstance(a, Mul) and all(map(is_guard, a.args)) else (a,)


def is_guard(t: Term) -> bool:
    """A factor made of deltas and numbers alone: where it is 0, the other factors do not matter."""
    parts = list(t.walk())
    return any(isinstance(a, Delta) for a in parts) and all(isinstance(a, (Delta, Num, Add, Mul)) for a in parts)


def complement(t: Term) -> Pair | None:
    """(i, j) where t is 1 − δ_ij, in any order."""
    if not isinstance(t, Add) or len(t.args) != 2 or ONE not in t.args:
        return None
    other = t.args[1 if t.args[0] == ONE else 0]
    if not isinstance(other, Mul) or len(other.args) != 2 or MINUS_ONE not in other.args:
        return None
    delta = other.args[1 if other.args[0] == MINUS_ONE else 0]
    return (delta.left, delta.right) if isinstance(delta, Delta) else None


def apart(t: Term) -> Pair | None:
    """(i, j) where t is 1 − δ_ij or δ_ij − 1."""
    if isinstance(t, Add) and len(t.args) == 2:
        deltas = [a for a in t.args if isinstance(a, Delta)]
        if deltas and MINUS_ONE in t.args:
            return deltas[0].left, deltas[0].right
    return complement(t)


def kinked(t: Term, pairs: Sequence[Pair]) -> bool:
    """Does it hold a quotient, logarithm, root or absolute value with both indices of a pair?  Where they are the
    same it may have no value, or no slope."""
    wanted = [frozenset(i for i in pair if isinstance(i, Index)) for pair in pairs]
    for node in t.walk() if wanted else ():
        rough = isinstance(node, Fn) and node.name in ("log", "sqrt", "abs")
        if isinstance(node, Pow):
            e = node.exponent
            rough = not (isinstance(e, Num) and e.value > 0 and e.value.denominator == 1)
        if rough and any(pair <= free_indices(node) for pair in wanted):
            return True
    return False


def told(rel: Rel, pairs: Sequence[Pair]) -> Rel:
    """A condition ≠ 0 or > 0 where those pairs differ whose indices it has free, as one writes it: x_i ≠ x_j of
    (x_i − x_j)² and of |x_i − x_j|; the relation itself if there are none."""
    free = free_indices(rel.left)
    here = [pair for pair in pairs if free.issuperset(i for i in pair if isinstance(i, Index))]
    if not here:
        return rel
    op, left = rel.op, rel.left
    while op in ("≠", ">") and rel.right == ZERO:
        match left:
            case Pow(base, Num(value)) if value > 0 and (op == "≠" or (value.denominator == 1 and value % 2 == 0)):
                left, op = base, "≠"
            case Fn("abs" | "sqrt", (arg,)) | SqNorm(arg):
                left, op = arg, "≠"
                if arg.shape:
                    break
            case _:
                break
    return where_differ(_compared(op, left) if rel.right == ZERO else rel, here)


def _compared(op: str, gap: Term) -> Rel:
    if isinstance(gap, Add) and len(gap.args) == 2 and isinstance(gap.args[1], Mul):
        sign, *rest = gap.args[1].args
        if sign == MINUS_ONE and len(rest) == 1:
            return Rel(op, gap.args[0], rest[0])
    return Rel(op, gap, Full(ZERO, gap.shape) if gap.shape else ZERO)


__all__ = ["Pair", "apart", "complement", "differing", "guards", "is_guard", "kinked", "places", "told", "where_differ"]
