"""Sums and products that leave one index out: Σ_{j≠k} b for Σⱼ (1 − δⱼₖ) b, Π_{j≠k} b for Πⱼ ((1 − δⱼₖ) b + δⱼₖ)."""

from __future__ import annotations

from collections.abc import Iterator

from derive.notation.parts import flat
from derive.terms import MINUS_ONE, ONE, ZERO, Add, Comp, Delta, IndexLike, Mul, Num, Prod, Sum, Term


def left_out(node: Sum | Prod) -> tuple[IndexLike, Term] | None:
    """k and b of a sum or product over j ≠ k; None where it is over every j."""
    if node.start != 1:
        return None
    inner = {i for part in node.body.walk() for i in _bound(part)}
    for same in dict.fromkeys(part for part in _leaves(node.body) if isinstance(part, Delta)):
        ends = (same.left, same.right)
        if node.index not in ends or inner & {node.index, *ends}:
            continue
        rest = _of_sum(node.body, same) if isinstance(node, Sum) else _of_product(node.body, same)
        if rest is not None:
            return ends[0] if ends[1] == node.index else ends[1], rest
    return None


def _of_sum(body: Term, same: Delta) -> Term | None:
    """b, of (1 − δ) b."""
    factors = flat(body, Mul) if isinstance(body, Mul) else [body]
    others = [f for f in factors if not (_put(f, same, ONE) == ZERO and _put(f, same, ZERO) == ONE)]
    if len(others) == len(factors):
        return None
    return others[0] if len(others) == 1 else Mul(tuple(others)) if others else ONE


def _of_product(body: Term, same: Delta) -> Term | None:
    """b, of (1 − δ) b + δ in any form, such as 1 + (1 − δ) c for b = 1 + c; nothing of it may get lost."""
    if _put(body, same, ONE) != ONE:
        return None
    rest = _put(body, same, ZERO)
    lost = set(_leaves(body)) - set(_leaves(rest)) - {same}
    return rest if all(isinstance(part, Num) for part in lost) else None


def _leaves(term: Term) -> Iterator[Term]:
    """What sums and products are made of."""
    if isinstance(term, (Add, Mul)):
        for arg in term.args:
            yield from _leaves(arg)
    else:
        yield term


def _put(term: Term, same: Delta, value: Num) -> Term:
    """`term` with a number for δ, and what is then 0, 1 or a sum of numbers written so."""
    if term == same:
        return value
    if isinstance(term, Mul):
        args = [arg for arg in (_put(a, same, value) for a in term.args) if arg != ONE]
        if ZERO in args:
            return ZERO
        if args == [MINUS_ONE, MINUS_ONE]:
            return ONE
        return Mul(tuple(args)) if len(args) > 1 else args[0] if args else ONE
    if isinstance(term, Add):
        args = [arg for arg in (_put(a, same, value) for a in term.args) if arg != ZERO]
        numbers = [arg.value for arg in args if isinstance(arg, Num)]
        if len(numbers) == len(args):
            return Num(sum(numbers, start=ZERO.value))
        return Add(tuple(args)) if len(args) > 1 else args[0]
    return term


def _bound(node: Term) -> tuple[IndexLike, ...]:
    if isinstance(node, (Sum, Prod)):
        return (node.index,)
    return tuple(node.indices) if isinstance(node, Comp) else ()
