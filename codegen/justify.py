"""Proving that a rewritten term equals the old one."""

from __future__ import annotations

from codegen.scalars import free_of
from derive.binders import canonical
from derive.clock import now
from derive.context import Context, Declaration
from derive.props import Rel, SemiDefinite
from derive.prover import ProofError, prove
from derive.terms import Comp, Term, Transpose, Var

#: seconds for one proof; a rewriting that takes longer is not made
LIMIT = 2.0
#: answers of a kind that are kept
MOST_KEPT = 200
_SAME: dict[tuple[Term, Term, tuple[object, ...]], bool] = {}
_DEFINITE: dict[tuple[Term, tuple[object, ...]], bool] = {}


def holds(context: Context, old: Term, new: Term) -> bool:
    """Whether the kernel proves old = new (for every value of their free indices, and of the lines they read)."""
    inner = context.child()
    for node in (*old.walk(), *new.walk()):
        if isinstance(node, Var) and node.name not in inner.definitions:
            inner.declarations.setdefault(node.name, Declaration(node.name, node.shape))
    try:
        prove(inner, Rel("=", old, new), deadline=now() + LIMIT, minimise=False)
    except ProofError:
        return False
    return True


def same_sums(context: Context, old: Term, new: Term) -> bool:
    """Whether the kernel proves old = new by the laws of sums alone: every name stands for any value.

    The functions of a module have lines in common, so answers are kept.
    """
    bare = Context(declarations=dict(context.declarations), least=dict(context.least))
    for name, definition in context.definitions.items():
        if not definition.params:
            bare.declarations[name] = Declaration(name, definition.body.shape)
    axes = free_of(old)
    facts = (*bare.declarations.items(), *bare.least.items())
    key = canonical(Comp(axes, old)), canonical(Comp(axes, new)), facts
    if key not in _SAME:
        if len(_SAME) >= MOST_KEPT:
            _SAME.clear()
        _SAME[key] = holds(bare, old, new)
    return _SAME[key]


def definite(context: Context, matrix: Term) -> bool:
    """Whether the kernel proves that a square matrix is symmetric and semidefinite.

    Where it has an inverse it is then positive definite, and Cholesky's factors solve its equations.
    The functions of a module ask the same again and again, so answers are kept.
    """
    facts = (*context.declarations.items(), *context.definitions.items(), *context.assumptions)
    key = canonical(matrix), facts
    if key not in _DEFINITE:
        if len(_DEFINITE) >= MOST_KEPT:
            _DEFINITE.clear()
        _DEFINITE[key] = _definite(context, matrix)
    return _DEFINITE[key]


def _definite(context: Context, matrix: Term) -> bool:
    deadline = now() + LIMIT
    try:
        for prop in (Rel("=", Transpose(matrix), matrix), SemiDefinite(matrix)):
            prove(context, prop, deadline=deadline, minimise=False)
    except ProofError:
        return False
    return True
