"""Constructors that write terms as one would: numbers in front, no nesting, no identity, indices as letters."""

from __future__ import annotations

from fractions import Fraction

from derive.binders import bound, free_indices, names_in, rebind, substitute
from derive.entrywise import is_entrywise
from derive.terms import (
    ONE,
    ONE_SIZE,
    Add,
    Call,
    Comp,
    Diag,
    Eye,
    Fn,
    Full,
    Hadamard,
    Index,
    IndexLike,
    Inverse,
    MatMul,
    Mul,
    Num,
    Pow,
    Shape,
    Term,
    Transpose,
    Var,
)  # fmt: skip


def transposed(t: Term) -> Term:
    """tᵀ, with (tᵀ)ᵀ = t and (AB)ᵀ = BᵀAᵀ for matrices."""
    if not t.shape or isinstance(t, (Eye, Diag)):
        return t
    if isinstance(t, Transpose):
        return t.arg
    if isinstance(t, Full) and len(t.dims) == 2:
        return Full(t.value, t.dims[::-1])
    if isinstance(t, MatMul) and t.left.shape and t.right.shape:
        return MatMul(transposed(t.right), transposed(t.left))
    if isinstance(t, Mul):
        return Mul(tuple(transposed(a) if a.shape else a for a in t.args))
    if isinstance(t, Inverse):  # (A⁻¹)ᵀ = (Aᵀ)⁻¹
        return Inverse(transposed(t.arg))
    if len(t.shape) == 2 and ONE_SIZE not in t.shape:
        if isinstance(t, (Add, Hadamard, Fn)):
            return t.rebuild(tuple(transposed(a) for a in t.children))
        if isinstance(t, Pow):
            return Pow(transposed(t.base), t.exponent)
        if isinstance(t, Call) and is_entrywise(t):
            return Call(t.name, (transposed(t.args[0]),), t.dims[::-1], t.order)
        if isinstance(t, Comp) and len(t.indices) == 2:
            return Comp(t.indices[::-1], t.body)
    return Transpose(t)


def product(left: Term, right: Term) -> Term:
    """left · right with scalars in front, I left out, and brackets to the right."""
    if isinstance(left, Eye):
        return right
    if isinstance(right, Eye):
        return left
    scalars: list[Term] = []
    left, right = _bare(left, scalars), _bare(right, scalars)
    made: Term
    made = Mul((left, right)) if not left.shape or not right.shape else MatMul(left, right)
    return scaled(scalars, made)


def named(t: Term) -> Term:
    """`t` with its bound indices named by letters, after the sizes that they run over."""
    own = bound(t)
    if own:
        body = named(t.children[0])
        taken = {i.name for i in free_indices(body) - set(own)} | set(names_in(body))
        inner = {i.name for n in body.walk() for i in bound(n)}
        fresh_names: dict[Index, IndexLike] = {}
        for i in own:
            letters = (str(i.size).lower(), *"ijklmnpqrst")
            name = next((c for c in letters if len(c) == 1 and c.isalpha() and c not in taken | inner), i.name)
            taken.add(name)
            fresh_names[i] = Index(name, i.size)
        made = tuple(x for x in fresh_names.values() if isinstance(x, Index))
        return rebind(t, made, substitute(body, fresh_names))
    return t.rebuild(tuple(named(c) for c in t.children)) if t.children else t


def _bare(t: Term, scalars: list[Term]) -> Term:
    if isinstance(t, Mul) and t.shape:
        scalars.extend(a for a in t.args if not a.shape)
        return next(a for a in t.args if a.shape)
    return t


def scaled(scalars: list[Term], core: Term) -> Term:
    """The product with its number in front."""
    number = Fraction(1)
    rest: list[Term] = []
    queue = [*scalars, core]
    while queue:
        t = queue.pop(0)
        if isinstance(t, Num):
            number *= t.value
        elif isinstance(t, Mul):
            queue[:0] = t.args
        else:
            rest.append(t)
    arrays = [t for t in rest if t.shape]
    plain = [t for t in rest if not t.shape]
    if not number:
        shape: Shape = core.shape
        return Full(Num(Fraction(0)), shape) if shape else Num(Fraction(0))
    if arrays and isinstance(arrays[0], Full):
        spread = arrays[0].value
        if isinstance(spread, Mul) or (spread != ONE and (plain or number != 1)):
            inner = list(spread.args) if isinstance(spread, Mul) else [spread]
            return scaled([Num(number), *plain, *inner], Full(ONE, arrays[0].dims))
        if not plain and number == 1:
            return arrays[0]
        if not plain or (number == 1 and len(plain) == 1 and isinstance(plain[0], Var)):
            return Full(plain[0] if plain else Num(number), arrays[0].dims)
    head: list[Term] = [Num(number)] if number != 1 else []
    parts = (*head, *plain, *arrays)
    if not parts:
        return ONE
    return parts[0] if len(parts) == 1 else Mul(parts)


def flat(t: Term) -> Term:
    """Nested sums and products written as one, numbers in front, zeros and ones dropped."""
    if isinstance(t, Mul):
        return scaled(list(t.args[:-1]), t.args[-1])
    if isinstance(t, Add):
        parts: list[Term] = []
        queue = list(t.args)
        while queue:
            a = queue.pop(0)
            if isinstance(a, Add):
                queue[:0] = a.args
            elif not _zero(a):
                parts.append(a)
        if not parts:
            return t.args[0]
        return parts[0] if len(parts) == 1 else Add(tuple(parts))
    return t


def _zero(t: Term) -> bool:
    value = t.value if isinstance(t, Full) else t
    return isinstance(value, Num) and not value.value


__all__ = ["flat", "named", "product", "scaled", "transposed"]
