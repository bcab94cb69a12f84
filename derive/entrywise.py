"""One entry of an array term, as a scalar term: how each kind of node is read at an index."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from derive.binders import fresh, substitute
from derive.terms import (
    ONE,
    ONE_SIZE,
    Add,
    Call,
    Comp,
    Delta,
    Diag,
    Entry,
    Eye,
    Fn,
    Full,
    Hadamard,
    IndexLike,
    MatMul,
    Mul,
    Pow,
    Sum,
    Term,
    Transpose,
    as_matrix,
)  # fmt: skip

At = tuple[IndexLike, ...]


def entry(t: Term, at: At) -> Term:
    """The entry of `t` at `at` (one index per axis), with the index moved as far down as it goes.

    Products of matrices, inverses and names keep it outside: (Xw)ₙ stays (Xw)ₙ.
    """
    if not at:
        return t
    rule = ENTRIES.get(type(t))
    return Entry(t, at) if rule is None else rule(t, at)


def is_entrywise(t: Call) -> bool:
    """A function of one scalar that is applied to every entry."""
    return len(t.args) == 1 and bool(t.shape) and t.args[0].shape == t.shape


def _transpose(t: Transpose, at: At) -> Term:
    inner = t.arg.shape
    if len(inner) == 1:  # a column becomes a row
        return entry(t.arg, at[1:])
    if len(at) == 1:  # a row becomes a column
        return entry(t.arg, (1, at[0]))
    return entry(t.arg, (at[1], at[0]))


def _comp(t: Comp, at: At) -> Term:
    here = dict(zip(t.indices, at, strict=False))
    return entry(substitute(t.body, here), at[len(t.indices) :])


def _sum(t: Sum, at: At) -> Term:
    if t.index in at:
        other = fresh(t.index.size)
        t = Sum(other, substitute(t.body, {t.index: other}), t.start)
    return Sum(t.index, entry(t.body, at), t.start)


def _cell(t: Term, row: IndexLike, column: IndexLike) -> Term:
    """Entry of a factor of a product, read as a matrix."""
    return entry(t, (row, column)[: len(t.shape)])


def _bare(t: Term) -> bool:
    """An array given by its entries with a Kronecker delta, or an identity: the product contracts."""
    return isinstance(t, (Eye, Diag)) or (
        isinstance(t, Comp) and any(isinstance(n, Delta) for n in t.body.walk())
    )


def product_entry(t: MatMul, at: At) -> Term:
    """(AB)ᵢⱼ = Σₖ AᵢₖBₖⱼ, written out."""
    row, column = _ends(t, at)
    inner = as_matrix(t.left.shape)[1]
    if inner == ONE_SIZE:
        return Mul((_cell(t.left, row, 1), _cell(t.right, 1, column)))
    k = fresh(inner)
    return Sum(k, Mul((_cell(t.left, row, k), _cell(t.right, k, column))))


def _ends(t: MatMul, at: At) -> tuple[IndexLike, IndexLike]:
    """Row of the left factor and column of the right one for an entry of the (reduced) product."""
    rows, columns = as_matrix(t.left.shape)[0], as_matrix(t.right.shape)[1]
    if len(at) == 2:
        return at[0], at[1]
    if len(at) == 1:
        return (at[0], 1) if columns == ONE_SIZE else (1, at[0])
    del rows
    return 1, 1


def _matmul(t: MatMul, at: At) -> Term:
    row, column = _ends(t, at)
    if isinstance(t.left, Eye):
        return _cell(t.right, row, column)
    if isinstance(t.right, Eye):
        return _cell(t.left, row, column)
    if isinstance(t.left, Diag):
        return Mul((entry(t.left.arg, (row,)), _cell(t.right, row, column)))
    if isinstance(t.right, Diag):
        return Mul((_cell(t.left, row, column), entry(t.right.arg, (column,))))
    if as_matrix(t.left.shape)[1] == ONE_SIZE or _bare(t.left) or _bare(t.right):
        return product_entry(t, at)
    return Entry(t, at)


def _call(t: Call, at: At) -> Term:
    if is_entrywise(t):
        return Call(t.name, (entry(t.args[0], at),), (), t.order)
    return Entry(t, at)


#: node → its entry; the law as a comment
ENTRIES: dict[type[Term], Callable[[Any, At], Term]] = {
    Add: lambda t, at: Add(tuple(entry(a, at) for a in t.args)),  # (a + b)ᵢ = aᵢ + bᵢ
    Mul: lambda t, at: Mul(tuple(entry(a, at) if a.shape else a for a in t.args)),  # (ca)ᵢ = c aᵢ
    Hadamard: lambda t, at: Mul((entry(t.left, at), entry(t.right, at))),  # (a ⊙ b)ᵢ = aᵢbᵢ
    Pow: lambda t, at: Pow(entry(t.base, at), t.exponent),
    Fn: lambda t, at: Fn(t.name, tuple(entry(a, at) for a in t.args)),
    Call: _call,
    Full: lambda t, at: t.value,
    Eye: lambda t, at: ONE if at[0] == at[1] else Delta(at[0], at[1]),  # Iᵢⱼ = δᵢⱼ
    Diag: lambda t, at: Mul((Delta(at[0], at[1]), entry(t.arg, at[:1]))),  # diag(a)ᵢⱼ = δᵢⱼaᵢ
    Transpose: _transpose,
    Comp: _comp,
    Sum: _sum,
    Entry: lambda t, at: entry(t.array, t.indices + at),
    MatMul: _matmul,
}
