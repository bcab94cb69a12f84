"""Theorems that tell the value of what has no program: ∂S/∂U = Y − D, f′(u) = z(1 − z)."""

from __future__ import annotations

from collections.abc import Sequence

from codegen.errors import CodegenError
from derive.binders import free_indices, fresh, substitute, unify
from derive.context import REAL, Context
from derive.kernel import Theorem
from derive.props import Iff, Rel
from derive.terms import Call, Comp, Diff, Entry, Index, IndexLike, Term, Var

At = tuple[IndexLike, ...]


def equation(theorem: Theorem) -> Rel:
    """The equation that a theorem states, or the A = B of P ⟺ A = B; else `CodegenError`."""
    if not isinstance(theorem, Theorem):
        raise CodegenError("only a theorem can be compiled")
    prop = theorem.prop.right if isinstance(theorem.prop, Iff) else theorem.prop
    if not isinstance(prop, Rel) or prop.op != "=":
        raise CodegenError("only an equation can be compiled")
    return prop


class KnownValues:
    """The right sides of theorems, found by their left sides."""

    def __init__(self, theorems: Sequence[Theorem]) -> None:
        self.theorems = tuple(theorems)
        self.used: set[int] = set()

    def names(self) -> set[str]:
        """Defined names for which a theorem gives another formula than the definition."""
        lefts = (equation(t).left for t in self.theorems)
        return {v.name for left in lefts if isinstance(v := _head(left), Var)}

    def find(self, t: Term, at: At) -> tuple[Term, At] | None:
        """(term, indices) with the value of entry `at` of `t`, by one of the theorems."""
        if not isinstance(t, (Diff, Var, Call)):
            return None
        for n, theorem in enumerate(self.theorems):
            rel = equation(theorem)
            found = _whole(rel, t, at) or _entrywise(rel, t, at) or _primed(theorem.context, rel, t, at)
            if found is not None:
                self.used.add(n)
                return found
        return None


def _head(left: Term) -> Term:
    return left.array if isinstance(left, Entry) else left


def _whole(rel: Rel, t: Term, at: At) -> tuple[Term, At] | None:
    return (rel.right, at) if rel.left == t else None


def _entrywise(rel: Rel, t: Term, at: At) -> tuple[Term, At] | None:
    """A left side with free indices: ∂L/∂w_j = …, δ_j = …."""
    free = free_indices(rel.left)
    if not free or not all(isinstance(i, Index) for i in at):
        return None
    if isinstance(t, Diff) and isinstance(t.wrt, Var) and not t.body.shape:
        subject: Term = Diff(t.body, Entry(t.wrt, at)) if at else t
    elif isinstance(t, Var) and at:
        subject = Entry(t, at)
    else:
        return None
    match = unify(rel.left, subject, free, {})
    if match is None or set(match) != set(free):
        return None
    return substitute(rel.right, match), ()


def _primed(context: Context, rel: Rel, t: Term, at: At) -> tuple[Term, At] | None:
    """f′(u) = … for a declared scalar u, which stands for any number."""
    left = rel.left
    if not (isinstance(t, Call) and t.order and isinstance(left, Call)):
        return None
    if (left.name, left.order, len(left.args)) != (t.name, t.order, 1):
        return None
    u = left.args[0]
    if not isinstance(u, Var) or u.shape or u.name not in context.declarations:
        return None
    if context.declarations[u.name].domain != REAL or context.assumptions:
        return None
    arg = t.args[0]
    if not arg.shape:
        return substitute(rel.right, {}, {u: arg}), at
    axes = tuple(fresh(s) for s in arg.shape)
    return Comp(axes, substitute(rel.right, {}, {u: Entry(arg, axes)})), at
