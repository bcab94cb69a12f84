"""Side conditions of the induction over layers: each premise is about one layer and unknown layers above it.

The kernel trusts this module.
"""

from __future__ import annotations

from derive.binders import substitute
from derive.context import Context
from derive.props import EveryDepth, Prop, Rel
from derive.scene import NotProved
from derive.terms import Call, Diff, Term, Var


def check_layer(claim: Prop, context: Context, prop: EveryDepth, wrt: Term) -> None:
    """Raises unless it says what ∂E(above)/∂wrt is, with E only in `delta` = ∂E(above)/∂above."""
    if not isinstance(claim, Rel) or not isinstance(claim.left, Diff) or claim.left.wrt != wrt:
        raise NotProved("each premise must be a derivative of the layers above")
    body = claim.left.body
    if isinstance(body, Var) and body.name in context.definitions:
        body = context.definitions[body.name].body
    if not isinstance(body, Call) or body.args != (prop.above,) or body.name not in context.functions:
        raise NotProved("the layers above must be an unknown function of their input")
    if not isinstance(wrt, Var) or not declared(context, wrt):
        raise NotProved("a derivative by a declared name is needed")
    if any(body.name in context.reachable(_body(a.prop)) for a in context.assumptions):
        raise NotProved("a hypothesis speaks of the layers above")
    delta = context.definitions.get(prop.delta.name)
    if delta is None or delta.body not in (Diff(claim.left.body, prop.above), Diff(body, prop.above)):
        raise NotProved("Δ must be the derivative by the layer above")
    known = substitute(claim.right, {}, {prop.delta: Var("Δ#", prop.delta.shape)})
    if body.name in context.reachable(known) or body.name in context.reachable(prop.above):
        raise NotProved("the layers above may occur in Δ only")


def declared(context: Context, name: Var) -> bool:
    made = context.declarations.get(name.name)
    return made is not None and made.shape == name.shape


def _body(prop: Prop) -> Term:
    """One term with every name that the proposition mentions."""
    if isinstance(prop, Rel):
        return Call("", (prop.left, prop.right))
    raise NotProved("a hypothesis that is not a relation")


__all__ = ["check_layer", "declared"]
