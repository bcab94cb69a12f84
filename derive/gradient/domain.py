"""Where a scalar has a value: what its formulas need and nothing says, as assumptions of the theorems.

A masked log-sum-exp has no value where the mask leaves nothing.  Then a gradient may be defined more often
than the scalar itself, and is not equal to its derivative for all values; under the explicit assumption that the
sum is positive it is.  The assumption joins the context, so the kernel proves Γ, C ⊢ ∂L/∂w = B as it stands,
and lists C among what the theorem uses.

What the definitions show by themselves, det(αI + ΦᵀΦ) > 0, is not assumed but proved: it is then known also
where the name of the matrix is free, and cut from what is proved so.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace

from derive import kernel
from derive.binders import bound, free_indices, names_in
from derive.clock import now
from derive.context import Assumption, Context
from derive.direct import ProofError, prove_directly
from derive.distinct import differing, places, told
from derive.gradient import kinks
from derive.gradient.constructors import named
from derive.kernel import Scene, Theorem
from derive.notation import latex
from derive.props import Rel
from derive.refute import Search
from derive.terms import ZERO, Call, Det, Fn, Full, Inverse, Num, Pow, Term, Var

#: seconds to prove a condition, and to find values that satisfy all of them
_PROOF, _INSTANCE = 1.0, 2.0
#: more than these are no assumption that a person would make
_MOST = 6


def granted(context: Context, bodies: dict[str, Term]) -> Context | None:
    """The context with what the bodies need to have a value assumed, where it is not known.

    None if nothing is missing, or if no values are found that satisfy everything: a theorem about them
    would say nothing.
    """
    inner = context.child()
    added = 0
    for condition in dict.fromkeys(c for body in bodies.values() for c in needed(context, body)):
        if _follows(inner, condition):
            continue
        added += 1
        if added > _MOST:
            return None
        if condition.op == "≠" and differing(condition) is None and _follows(inner, replace(condition, op="≥")):
            condition = replace(condition, op=">")
        inner.assume(Assumption(condition, latex(condition, inner)))
    if not added or not Search(inner, Rel("=", ZERO, ZERO), now() + _INSTANCE).any_instance():
        return None
    return inner


def shown(context: Context, bodies: dict[str, Term]) -> tuple[Theorem, ...]:
    """Theorems that defined names have what the bodies need of them; each holds in `knowing` the ones before."""
    made: list[Theorem] = []
    for condition in dict.fromkeys(c for body in bodies.values() for c in needed(context, body)):
        if differing(condition) is not None:
            continue
        if names_in(condition.left).isdisjoint(context.definitions) or len(made) == _MOST:
            continue
        if any(isinstance(t.prop, Rel) and t.prop.left == condition.left for t in made):
            continue
        for op in dict.fromkeys((">", condition.op)):
            with suppress(ProofError):
                claim = replace(condition, op=op)
                made.append(prove_directly(context, claim, deadline=now() + _PROOF))
                context = kernel.knowing(context, made[-1])
                break
    return tuple(made)


def cut(theorem: Theorem, lemmas: Sequence[Theorem]) -> Theorem:
    """The theorem without the lemmas, the last things that its context assumes; they hold there."""
    for lemma in reversed(lemmas):
        outer = theorem.context.child()
        outer.assumptions = outer.assumptions[:-1]
        theorem = kernel.cut(Scene(outer), lemma, theorem)
    return theorem


def _follows(context: Context, condition: Rel) -> bool:
    try:
        prove_directly(context, condition, deadline=now() + _PROOF, minimise=False)
    except ProofError:
        return False
    return True


def needed(context: Context, t: Term, *, kinked: bool = True) -> Iterator[Rel]:
    """Logarithms and roots of what is positive, divisors and kinks that are not 0, matrices that have an inverse.

    Not `kinked`: without what |u| and max(a, b) need for a slope, but not for a value."""
    for node, pairs in reversed(list(places(t))):  # the parts first
        if not kinked and isinstance(node, Fn) and node.name in ("abs", "max"):
            continue
        if not any(getattr(n, "start", 1) != 1 for n in node.walk() if bound(n)):
            yield from (told(rel, pairs) for rel in (*_of_node(node), *_of_call(context, node)))


def _of_call(context: Context, node: Term) -> Iterator[Rel]:
    """What the body of a function of a scalar needs of its argument itself: z ≠ 0 for z/|z|."""
    d = context.definitions.get(node.name) if isinstance(node, Call) and not node.order else None
    if isinstance(node, Call) and d is not None and len(d.params) == 1 and not d.params[0].shape:
        for op in dict.fromkeys(rel.op for n in d.body.walk() for rel in _of_node(n) if rel.left == d.params[0]):
            yield _rel(op, node.args[0])


def _of_node(node: Term) -> Iterator[Rel]:
    match node:
        case Inverse(arg):
            yield Rel("≠", named(Det(arg)), ZERO)
        case Pow(base, exponent) if _varies(base) and not (isinstance(exponent, Num) and exponent.value > 0):
            whole = isinstance(exponent, Num) and exponent.value.denominator == 1
            yield _rel("≠" if whole else ">", base)
        case Pow(base, Num(value)) if _varies(base) and value.denominator != 1:
            yield _rel(">", base)
        case Fn(name="log" | "sqrt", args=(arg,)) if _varies(arg):
            yield _rel(">", arg)
        case Fn(name="abs", args=(arg,)) if _varies(arg):
            yield _rel("≠", arg)
        case Fn(name="max", args=(a, b)) if _varies(a) or _varies(b):
            yield _rel("≠", b if kinks.is_zero(a) else kinks.gap(a, b))
        case _:
            pass


def _rel(op: str, left: Term) -> Rel:
    left = named(left)
    return Rel(op, left, Full(ZERO, left.shape) if left.shape else ZERO)


def _varies(t: Term) -> bool:
    return any(isinstance(n, (Var, Call)) for n in t.walk()) or bool(free_indices(t))


__all__ = ["cut", "granted", "needed", "shown"]
