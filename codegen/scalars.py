"""From terms to scalar terms: what one entry of a term is, written with indices and sums only.

Matrix notation is spelled out, functions of scalars are put in where they are called; definitions
stay names, each an equation of its own.  What has no program is refused here, by name.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

from codegen.errors import CodegenError
from codegen.kinks import kink
from codegen.simplify import (
    delta,
    exponential,
    power,
    prod_over,
    product,
    sum_over,
    tidy,
    total,
)  # fmt: skip
from derive.binders import free_indices, fresh, substitute
from derive.context import Context, Definition
from derive.terms import (
    Add,
    Call,
    Comp,
    Const,
    Delta,
    Det,
    Diag,
    Diff,
    Entry,
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
    Prod,
    SizeTerm,
    SqNorm,
    Sum,
    Term,
    Trace,
    Transpose,
    Var,
    as_matrix,
)  # fmt: skip

At = tuple[IndexLike, ...]
#: what a theorem lets us compute instead of a term (a derivative): the term at indices, or None
Known = Callable[[Term, At], Term | None]


class Scalars:
    """Entries of the terms of one context.  `known` gives values for what has no program itself."""

    def __init__(self, context: Context, known: Known = lambda t, at: None) -> None:
        self.context = context
        self.known = known

    def at(self, t: Term, at: At = ()) -> Term:
        """The entry of `t` at `at` as a tidy scalar term."""
        if len(at) != len(t.shape):
            raise CodegenError("an entry needs one index per axis", t)
        found = self.known(t, at)
        if found is not None:
            return found
        rule = RULES.get(type(t))
        if rule is None:
            raise CodegenError(f"no program for {type(t).__name__}", t)
        made: Term = rule(self, t, at)
        return made

    def square(self, t: Term) -> Comp:
        """A square matrix as an array of its entries: what is under an inverse or a determinant."""
        i, j = fresh(t.shape[0]), fresh(t.shape[1])
        return Comp((i, j), self.at(t, (i, j)))

    def cell(self, t: Term, row: IndexLike, column: IndexLike) -> Term:
        """An entry of a factor of a product, read as a matrix."""
        return self.at(t, (row, column)[: len(t.shape)])

    # -- calls -----------------------------------------------------------------------------------------

    def call(self, t: Call, at: At) -> Term:
        definition = self.context.definitions.get(t.name)
        if definition is None:
            raise CodegenError(f"{t.name} is an unknown function: define it to compute it", t)
        if t.order:
            raise CodegenError(f"no theorem says what the derivative of {t.name} is", t)
        params = definition.params
        if len(params) != len(t.args):
            raise CodegenError(f"{t.name} takes {len(params)} arguments", t)
        if len(params) == 1 and not params[0].shape and (t.args[0].shape or not definition.body.shape):  # entrywise
            value = self.at(t.args[0], at)
            slope = kink(definition, value)
            return slope if slope is not None else self.put(definition, {params[0]: value}, ())
        values: dict[Term, Term] = {}
        for param, arg in zip(params, t.args):
            axes = tuple(fresh(s) for s in arg.shape)
            entry = self.at(arg, axes)
            values[param] = Comp(axes, entry) if axes else entry
        return self.put(definition, values, at)

    def put(self, definition: Definition, values: Mapping[Term, Term], at: At) -> Term:
        """The entry of a definition's body with other values for its parameters."""
        body = self.expanded(definition.body, frozenset(v.name for v in definition.params))
        return self.at(substitute(body, {}, values), at)

    def expanded(self, t: Term, names: frozenset[str]) -> Term:
        """`t` with every definition that depends on one of `names` written out."""
        if isinstance(t, Var) and t.name in self.context.definitions and t.name not in names:
            body = self.context.definitions[t.name].body
            if self.context.reachable(body) & names:
                return self.expanded(body, names)
        if not t.children:
            return t
        return t.rebuild(tuple(self.expanded(c, names) for c in t.children))


# -- one rule per node: entry (i, …) of the node, the law as a comment ----------------------------------


def _var(s: Scalars, t: Var, at: At) -> Term:
    return Entry(t, at) if at else t


def _entry(s: Scalars, t: Entry, at: At) -> Term:
    return s.at(t.array, t.indices + at)


def _comp(s: Scalars, t: Comp, at: At) -> Term:
    k = len(t.indices)
    # two steps: an index of `at` may be one that the array binds
    away = {i: fresh(i.size) for i in t.indices}
    body = substitute(t.body, dict(away))
    return s.at(substitute(body, {away[i]: a for i, a in zip(t.indices, at)}), at[k:])


def _sum(s: Scalars, t: Sum, at: At) -> Term:
    k = fresh(t.index.size)
    return sum_over(k, s.at(substitute(t.body, {t.index: k}), at), t.start)


def _prod(s: Scalars, t: Prod, at: At) -> Term:
    k = fresh(t.index.size)
    return prod_over(k, s.at(substitute(t.body, {t.index: k})), t.start)


def _matmul(s: Scalars, t: MatMul, at: At) -> Term:
    columns = as_matrix(t.right.shape)[1]
    if len(at) == 2:
        i, j = at
    elif len(at) == 1:
        i, j = (at[0], 1) if columns.literal == 1 else (1, at[0])
    else:
        i, j = 1, 1
    middle = as_matrix(t.left.shape)[1]
    if middle.literal == 1:
        return product(s.cell(t.left, i, 1), s.cell(t.right, 1, j))
    k = fresh(middle)
    return sum_over(k, product(s.cell(t.left, i, k), s.cell(t.right, k, j)))


def _transpose(s: Scalars, t: Transpose, at: At) -> Term:
    inner = t.arg.shape
    if not inner:
        return s.at(t.arg)
    if len(inner) == 1:  # a column becomes a row
        return s.at(t.arg, at[1:])
    if len(at) == 1:  # a row becomes a column
        return s.at(t.arg, (1, at[0]))
    return s.at(t.arg, (at[1], at[0]))


def _trace(s: Scalars, t: Trace, at: At) -> Term:
    k = fresh(t.arg.shape[0])
    return sum_over(k, s.at(t.arg, (k, k)))


def _norm(s: Scalars, t: SqNorm, at: At) -> Term:
    axes = tuple(fresh(n) for n in t.arg.shape)
    made = power(s.at(t.arg, axes), _TWO)
    for k in reversed(axes):
        made = sum_over(k, made)
    return made


def _diff(s: Scalars, t: Diff, at: At) -> Term:
    raise CodegenError("a derivative that no theorem gives a formula for", t)


_TWO = Num(Fraction(2))

RULES: dict[type[Term], Callable[[Scalars, Any, At], Term]] = {
    Num: lambda s, t, at: t,
    Const: lambda s, t, at: t,
    SizeTerm: lambda s, t, at: tidy(t),
    Var: _var,
    Eye: lambda s, t, at: delta(*at),  # I_ij = δ_ij
    Full: lambda s, t, at: s.at(t.value),
    Delta: lambda s, t, at: delta(t.left, t.right),
    Entry: _entry,
    Comp: _comp,
    Sum: _sum,
    Prod: _prod,
    Add: lambda s, t, at: total(*(s.at(a, at) for a in t.args)),
    Mul: lambda s, t, at: product(*(s.at(a, at if a.shape else ()) for a in t.args)),
    Hadamard: lambda s, t, at: product(s.at(t.left, at), s.at(t.right, at)),  # (A ⊙ B)_ij = A_ij B_ij
    Pow: lambda s, t, at: power(s.at(t.base, at), s.at(t.exponent)),
    MatMul: _matmul,  # (AB)_ij = Σ_k A_ik B_kj
    Transpose: _transpose,  # (Aᵀ)_ij = A_ji
    Trace: _trace,  # tr A = Σ_k A_kk
    Diag: lambda s, t, at: product(delta(*at), s.at(t.arg, at[:1])),  # diag(a)_ij = δ_ij a_i
    SqNorm: _norm,  # ‖a‖² = Σ a_i²
    Inverse: lambda s, t, at: Entry(Inverse(s.square(t.arg)), at),
    Det: lambda s, t, at: Det(s.square(t.arg)),
    Fn: lambda s, t, at: (
        exponential(s.at(t.args[0], at)) if t.name == "exp"
        else tidy(Fn(t.name, tuple(s.at(a, at) for a in t.args)))
    ),
    Call: lambda s, t, at: s.call(t, at),
    Diff: _diff,
}  # fmt: skip


def free_of(t: Term) -> tuple[Index, ...]:
    """The free indices of a term in order of first occurrence."""
    found: dict[Index, None] = {}
    free = free_indices(t)
    for node in t.walk():
        for i in _own(node):
            if isinstance(i, Index) and i in free:
                found[i] = None
    return tuple(found)


def _own(node: Term) -> tuple[IndexLike, ...]:
    if isinstance(node, Entry):
        return node.indices
    return (node.left, node.right) if isinstance(node, Delta) else ()
