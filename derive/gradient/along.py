"""A claimed gradient against one derived here: ∂L/∂v = B, where L is many definitions above v.

Expanded down to v, such a claim may be too large for one normal form.  So the gradient is derived and
proved definition by definition, and what is left is B′ = B, without a derivative in it.
"""

from __future__ import annotations

from derive import cuts, kernel
from derive.algebra.atoms import Unsupported
from derive.algebra.hypotheses import Contradiction
from derive.clock import now
from derive.context import Context
from derive.direct import ProofError, prove_directly
from derive.gradient.derivation import GradientError, Gradients, gradients
from derive.kernel import NotProved, Scene, Theorem
from derive.props import Rel
from derive.terms import Diff, Entry, Var


def between(context: Context, rel: Rel) -> int:
    """How many definitions lie between a defined scalar and the name it is differentiated by; 0 for others."""
    left = rel.left
    if not isinstance(left, Diff) or not isinstance(left.body, Var) or left.body.shape:
        return 0
    v = left.variable
    if not isinstance(v, Var) or left.body.name not in context.definitions or left.wrt.shape not in ((), v.shape):
        return 0
    names = cuts.above(context, v.name) & cuts.reach(context, [left.body.name])
    return sum(not context.definitions[n].local for n in names)


def along_chain(context: Context, rel: Rel, deadline: float | None) -> Theorem:
    """Γ ⊢ ∂L/∂v = B; raises `ProofError`."""
    left = rel.left
    assert isinstance(left, Diff) and isinstance(left.body, Var)
    v = left.variable
    assert isinstance(v, Var)
    try:
        found = gradients(context, left.body, [v], deadline=deadline)
    except GradientError as failure:
        raise ProofError(str(failure)) from None
    if found.introduced:
        raise ProofError("the derivation gave parts of the scalar a name of their own")
    try:
        return _compared(context, rel, found, v, deadline)
    except NotProved as failure:
        raise ProofError(str(failure), failure.missing) from None
    except (Unsupported, Contradiction) as failure:
        raise ProofError(str(failure)) from None


def _compared(context: Context, rel: Rel, found: Gradients, v: Var, deadline: float | None) -> Theorem:
    inner = found.context
    theorem = found.gradients[v.name]
    claim = theorem.prop
    assert isinstance(claim, Rel)
    left = rel.left
    assert isinstance(left, Diff)
    if isinstance(left.wrt, Entry):
        claim = Rel("=", left, Entry(claim.right, left.wrt.indices))
        theorem = kernel.component(Scene(inner), claim, theorem)
    same = _same(inner, Rel("=", claim.right, rel.right), context, deadline)
    whole = kernel.transitive(Scene(inner), rel, (theorem, same))
    return whole if cuts.same(inner, context) else kernel.shortened(Scene(context), rel, whole)


def _same(inner: Context, claim: Rel, context: Context, deadline: float | None) -> Theorem:
    """Γ ⊢ B′ = B, with the document's names free where that is enough."""
    free = frozenset(n for n, d in context.definitions.items() if not d.params)
    soon = now() + 3
    try:
        premise = prove_directly(cuts.freed(inner, free), claim, deadline=min(soon, deadline or soon))
        return kernel.instance(Scene(inner), claim, free, premise)
    except (ProofError, NotProved):
        return prove_directly(inner, claim, deadline=deadline)


__all__ = ["along_chain", "between"]
