"""Where a Hessian that is nowhere negative says that the scalar is convex.

−|w| has the Hessian 0 and 1/w² the Hessian 6/w⁴ wherever they have one; neither is convex.  So the scalar and its
gradient must have values for every w, or for every w that inequalities admit: then the gradient is continuous,
and on each convex set of such w it does not fall along any line.  A Hessian without a value at some kinks, as that of
max(0, w)², does no harm.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from derive.algebra.hypotheses import domain_label, labelled
from derive.binders import terms_of
from derive.clock import now
from derive.context import Context
from derive.direct import ProofError, prove_directly
from derive.gradient.chain import Graph
from derive.gradient.derivation import Gradients
from derive.gradient.domain import needed
from derive.kernel import Theorem
from derive.props import And, Prop, Rel
from derive.terms import Add, Comp, Entry, Fn, Full, Hadamard, MatMul, Mul, Sum, Term, Var

#: seconds for one condition
_PROOF = 1.0


def region(
    given: Context, context: Context, first: Gradients, w: Var, theorems: Sequence[Theorem]
) -> tuple[str, ...] | None:
    """The hypotheses about w under which the scalar of `first` and its gradient by w have values, and the `theorems`
    hold; None where they are not known to, or leave out single values of w.

    `given` is the document's context.  What was assumed beyond it must hold for all w or none, as
    Σⱼ Rⱼ exp(wⱼ) > 0 for R ≥ 0 does; w² > 0 says that w ≠ 0."""
    bodies = dict(Graph(context, first.scalar).bodies)
    slope = first.gradients[w.name].prop
    assert isinstance(slope, Rel)
    new = [first.context.definitions[v.name].body for v in first.new if v.name in first.context.reachable(slope.right)]
    used = {label for t in (*theorems, first.gradients[w.name]) for label in t.uses}
    for condition in dict.fromkeys(_conditions(context, w, [*bodies.values(), slope.right, *new])):
        try:
            used |= set(prove_directly(context, condition, deadline=now() + _PROOF).uses)
        except ProofError:
            return None
    declared = context.declarations[w.name].domain if w.name in context.declarations else None
    if declared is not None and declared.nonzero:
        return None
    about = {label: a.prop for label, a in labelled(context) if _reaches(context, terms_of(a.prop), w)}
    ours = about.keys() - {label for label, _ in labelled(given)}
    for label in used & about.keys():
        prop = about[label]
        if "≠" in _relations(prop) or (label in ours and not all(_exponential(context, t, w) for t in terms_of(prop))):
            return None
    own = {domain_label(w.name, declared)} if declared is not None else set()
    return tuple(sorted(used & (about.keys() | own)))


def _conditions(context: Context, w: Var, terms: Iterable[Term]) -> Iterator[Rel]:
    """What the terms need of w to have values; a kink is no harm to that."""
    for term in terms:
        for condition in needed(context, term, kinked=False):
            if _reaches(context, [condition.left], w):
                yield condition


def _reaches(context: Context, terms: Iterable[Term], w: Var) -> bool:
    return any(w.name in context.reachable(t) for t in terms)


def _exponential(context: Context, t: Term, w: Var) -> bool:
    """Does it depend on w through sums of exponentials alone?"""
    if not _reaches(context, [t], w) or (isinstance(t, Fn) and t.name == "exp"):
        return True
    if isinstance(t, Var) and t.name in context.definitions:
        return _exponential(context, context.definitions[t.name].body, w)
    sums = isinstance(t, (Add, Comp, Entry, Full, Hadamard, MatMul, Mul, Sum))
    return sums and all(_exponential(context, child, w) for child in t.children)


def _relations(prop: Prop) -> set[str]:
    parts = prop.parts if isinstance(prop, And) else (prop,)
    return {p.op for p in parts if isinstance(p, Rel)}


__all__ = ["region"]
