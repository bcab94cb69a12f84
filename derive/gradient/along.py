"""A claim about gradients against those derived here: ∂L/∂v, where L is many definitions above v.

Expanded down to v, such a claim may be too large for one normal form.  So the gradients are derived and
proved definition by definition, and what is left is a claim without these derivatives in it.
"""

from __future__ import annotations

from collections.abc import Iterator

from derive import cuts, kernel
from derive.algebra.atoms import Unsupported
from derive.algebra.hypotheses import Contradiction
from derive.context import Context
from derive.direct import ProofError, prove_directly
from derive.gradient.derivation import GradientError, gradients
from derive.kernel import NotProved, Scene, Theorem
from derive.locally import prove_locally
from derive.props import Rel
from derive.terms import Diff, Entry, Term, Var


def between(context: Context, rel: Rel) -> int:
    """How many definitions lie between a scalar of the claim and a name it is differentiated by, at most."""
    most = 0
    for scalar, v in _derivatives(context, rel):
        names = cuts.above(context, v.name) & cuts.reach(context, [scalar.name])
        most = max(most, sum(not context.definitions[n].local for n in names))
    return most


def _derivatives(context: Context, rel: Rel) -> dict[tuple[Var, Var], None]:
    """(L, v) for the derivatives of defined scalars by names or their entries, inside no other derivative."""

    def found(t: Term) -> Iterator[tuple[Var, Var]]:
        if not isinstance(t, Diff):
            for child in t.children:
                yield from found(child)
        elif isinstance(t.body, Var) and not t.body.shape and t.body.name in context.definitions:
            v = t.wrt.array if isinstance(t.wrt, Entry) else t.wrt
            if isinstance(v, Var) and v != t.body:
                yield t.body, v

    return dict.fromkeys((*found(rel.left), *found(rel.right)))


def along_chain(context: Context, rel: Rel, deadline: float | None) -> Theorem:
    """Γ ⊢ A ⋈ B with each ∂L/∂v in it taken along the definitions; raises `ProofError`."""
    wanted: dict[Var, list[Var]] = {}
    for scalar, v in _derivatives(context, rel):
        wanted.setdefault(scalar, []).append(v)
    inner, parts = context, list[Theorem]()
    try:
        for scalar, variables in wanted.items():
            found = gradients(inner, scalar, variables, deadline=deadline, leaves=True)
            if found.introduced:
                raise ProofError("the derivation gave parts of the scalar a name of their own")
            inner = found.context
            parts += found.gradients.values()
        values = {p.prop.left: p.prop.right for p in parts if isinstance(p.prop, Rel)}
        claim = Rel(rel.op, cuts.put(rel.left, values), cuts.put(rel.right, values))
        whole = kernel.replaced(Scene(inner), rel, tuple(parts), _without(inner, claim, deadline))
        return whole if cuts.same(inner, context) else kernel.shortened(Scene(context), rel, whole)
    except GradientError as failure:
        raise ProofError(str(failure)) from None
    except NotProved as failure:
        raise ProofError(str(failure), failure.missing) from None
    except (Unsupported, Contradiction) as failure:
        raise ProofError(str(failure)) from None


def _without(inner: Context, claim: Rel, deadline: float | None) -> Theorem:
    """Γ ⊢ A′ ⋈ B′, with names free where that is enough."""
    try:
        return prove_locally(inner, claim, deadline)
    except ProofError:
        return prove_directly(inner, claim, deadline=deadline, minimise=False)


__all__ = ["along_chain", "between"]
