"""Proving that a rewritten term equals the old one."""

from __future__ import annotations

from codegen.alike import fingerprint
from codegen.scalars import free_of
from codegen.simplify import number
from derive.binders import canonical, free_indices, substitute, terms_of
from derive.clock import now
from derive.context import Context, Declaration
from derive.props import Rel, SemiDefinite
from derive.prover import ProofError, prove
from derive.terms import Comp, Det, Entry, Fn, Pow, Term, Transpose, Var

#: seconds for one proof; a rewriting that takes longer is not made
LIMIT = 2.0
#: answers of a kind that are kept
MOST_KEPT = 200
_HOLDS: dict[tuple[Term, Term, tuple[object, ...]], bool] = {}
_SAME: dict[tuple[Term, Term, tuple[object, ...]], bool] = {}
_DEFINITE: dict[tuple[Term, tuple[object, ...]], bool] = {}


def holds(context: Context, old: Term, new: Term) -> bool:
    """Whether the kernel proves old = new (for every value of their free indices, and of the lines they read).

    The functions of a module have lines in common, so answers are kept, whatever the lines are called.
    """
    inner = context.child()
    swap: dict[Term, Term] = {}
    for node in (*old.walk(), *new.walk()):
        if isinstance(node, Var) and node not in swap and node.name not in inner.definitions | inner.declarations:
            line = Declaration(f"line#{len(swap)}", node.shape)
            swap[node] = line.var
            inner.declarations[line.name] = line
    old, new = substitute(old, {}, swap), substitute(new, {}, swap)
    axes = free_of(old) + tuple(sorted(free_indices(new) - free_indices(old), key=str))
    key = canonical(Comp(axes, old)), canonical(Comp(axes, new)), _facts(inner, old, new)
    if key not in _HOLDS:
        if len(_HOLDS) >= MOST_KEPT:
            _HOLDS.clear()
        _HOLDS[key] = _proved(inner, old, new)
    return _HOLDS[key]


def _facts(context: Context, *terms: Term) -> tuple[object, ...]:
    """What the context says of the terms: all that is assumed, and of every name in it or in them."""
    names: set[str] = set()
    for t in (*terms, *(t for a in context.assumptions for t in terms_of(a.prop))):
        names |= context.reachable(t)
    tables = (context.declarations, context.functions, context.definitions)
    known = tuple(table.get(name) for name in sorted(names) for table in tables)
    return *sorted(names), *known, *context.assumptions, *context.least.items()


def _proved(context: Context, old: Term, new: Term) -> bool:
    try:
        prove(context, Rel("=", old, new), deadline=now() + LIMIT, minimise=False)
    except ProofError:
        return False
    return True


def same_sums(context: Context, old: Term, new: Term) -> bool:
    """Whether the kernel proves old = new where every name stands for any value.

    First so do the functions and quotients in them too: Σᵢ f(xᵢ) aᵢⱼ = Σᵢ aᵢⱼ f(xᵢ) holds for every array in the
    place of f(x).  The functions of a module have lines in common, so answers are kept.
    """
    bare = Context(declarations=dict(context.declarations), least=dict(context.least))
    for name, definition in context.definitions.items():
        if not definition.params:
            bare.declarations[name] = Declaration(name, definition.body.shape)
    for node in (*old.walk(), *new.walk()):
        if isinstance(node, Var):
            bare.declarations.setdefault(node.name, Declaration(node.name, node.shape))
    axes = free_of(old)
    facts = (*bare.declarations.items(), *bare.least.items())
    key = canonical(Comp(axes, old)), canonical(Comp(axes, new)), facts
    if key not in _SAME:
        if len(_SAME) >= MOST_KEPT:
            _SAME.clear()
        named: dict[str, Var] = {}
        left, right = _opaque(old, named), _opaque(new, named)
        wider = bare.child()
        for v in named.values():
            wider.declare(Declaration(v.name, v.shape))
        _SAME[key] = (bool(named) and _proved(wider, left, right)) or _proved(bare, old, new)
    return _SAME[key]


def _opaque(t: Term, named: dict[str, Var]) -> Term:
    """`t` with an entry of an array for every function and quotient in it, one array for those that are alike."""
    quotient = isinstance(t, Pow) and number(t.exponent) != 2
    if quotient or isinstance(t, (Fn, Det)) or (isinstance(t, Entry) and not isinstance(t.array, Var)):
        key, axes = fingerprint(t)
        v = named.setdefault(key, Var(f"part#{len(named)}", tuple(i.size for i in axes)))
        return Entry(v, axes) if axes else v
    return t.rebuild(tuple(_opaque(c, named) for c in t.children)) if t.children else t


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
