"""What is the same by symmetry, written once: K⁻ᵀ as K⁻¹ where K = Kᵀ, sums that mirror each other as twice one.

These are proposals; a statement written with them is proved with the definitions that they rest on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from fractions import Fraction

from derive.binders import fresh
from derive.context import Context
from derive.entrywise import entry
from derive.gradient.alike import Alike
from derive.gradient.constructors import flat, scaled, transposed
from derive.gradient.factors import factors_of
from derive.gradient.notation import Notation
from derive.terms import Add, Det, Hadamard, Inverse, MatMul, Mul, Num, Sum, Term, Transpose, Var, matmul_factors


def inverted(context: Context, bodies: Mapping[str, Term]) -> Iterator[Var]:
    """The defined names under an inverse or a determinant that are seen to be symmetric matrices."""
    found = {n.arg.name for body in bodies.values() for n in body.walk()
             if isinstance(n, (Inverse, Det)) and isinstance(n.arg, Var)}  # fmt: skip
    return seen(context, bodies, found)


def seen(context: Context, bodies: Mapping[str, Term], names: Iterable[str]) -> Iterator[Var]:
    """Those of the defined names that are seen to be symmetric matrices."""
    for name in sorted(bodies.keys() & names):
        var = context.definitions[name].var
        if len(var.shape) == 2 and var.shape[0] == var.shape[1]:
            alike = Alike(context)
            i, j = fresh(var.shape[0]), fresh(var.shape[1])
            form = alike.form(entry(bodies[name], (i, j)))
            if form is not None and alike.equal(form, alike.moved(form, {i: j, j: i})):
                yield var


def rewritten(t: Term, symmetric: frozenset[str]) -> Term:
    """`t` with the transposes of symmetric names left out."""
    if t.children:
        t = t.rebuild(tuple(rewritten(c, symmetric) for c in t.children))
    if isinstance(t, Transpose):
        inner = t.arg.arg if isinstance(t.arg, Inverse) else t.arg
        if isinstance(inner, Var) and inner.name in symmetric:
            return t.arg
    return t


def is_symmetric(t: Term, write: Callable[[Term], Term]) -> bool:
    """Is a sum of products of matrices its own transpose, as written?"""
    if len(t.shape) != 2 or t.shape[0] != t.shape[1]:
        return False
    return _key(write(t)) == _key(write(Notation().written(transposed(t))))


def _key(t: Term) -> object:
    """The same for terms that differ in the order of summands and in the brackets of products."""
    if isinstance(t, Add):
        return ("+", frozenset(_key(a) for a in t.args))
    if isinstance(t, Hadamard):
        return ("⊙", frozenset((_key(t.left), _key(t.right))))
    if isinstance(t, MatMul):
        return ("·", *(_key(f) for f in matmul_factors(t)))
    if isinstance(t, Mul):
        return ("c", *(_key(a) for a in t.args))
    return t


def doubled(t: Term) -> Term:
    """A X + A X as 2 A X, wherever it stands."""
    if t.children:
        inner = t.rebuild(tuple(doubled(c) for c in t.children))
        t = flat(inner) if inner != t and t.shape else inner
    if not isinstance(t, Add) or not t.shape:
        return t
    counts: dict[object, list[Term]] = {}
    for a in t.args:
        counts.setdefault(_key(a), []).append(a)
    if all(len(same) == 1 for same in counts.values()):
        return t
    parts = tuple(scaled([Num(Fraction(len(same)))], same[0]) for same in counts.values())
    return parts[0] if len(parts) == 1 else Add(parts)


def mirrored(t: Term, alike: Callable[[], Alike]) -> Term:
    """Σ_n a_in + Σ_n a_ni as 2 Σ_n a_in, where a_in = a_ni."""
    if t.children:
        t = t.rebuild(tuple(mirrored(c, alike) for c in t.children))
    if not isinstance(t, Add) or t.shape or sum(any(isinstance(f, Sum) for f in factors_of(a)) for a in t.args) < 2:
        return t
    made = alike().summed(t.args)
    if len(made) == len(t.args) or not made:
        return t
    return made[0] if len(made) == 1 else Add(tuple(made))


__all__ = ["doubled", "inverted", "is_symmetric", "mirrored", "rewritten"]
