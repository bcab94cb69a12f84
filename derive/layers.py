"""Side conditions of the induction over layers: each premise is about one layer and unknown layers above it.

The kernel trusts this module, and `derive.objective` with it.
"""

from __future__ import annotations

from derive.binders import free_indices, substitute
from derive.context import Context
from derive.names import parts
from derive.objective import taken_apart
from derive.props import EveryDepth, Prop, Rel
from derive.scene import NotProved, Scene, everywhere, total
from derive.terms import ONE, Add, Call, Diff, Mul, Num, Pow, SizeTerm, Term, Var


def check_premises(prop: EveryDepth, base: Context, step: Context, layers: list[tuple[Context, Context]]) -> set[str]:
    """Raises unless the premises of the induction, each in its context, are about one and the same layer; what
    that rests on.  `layers` has the contexts of each parameter's gradient: in a layer, and in the lowest one."""
    ground = layers[0][1]
    if prop.base.left != Diff(prop.loss, prop.output) or prop.loss.shape or not declared(base, prop.output):
        raise NotProved("the base must be the derivative of the loss by a declared output")
    check_layer(prop.step, step, prop, prop.state)
    if not declared(step, prop.state):
        raise NotProved("the state must be declared")
    for above, below, (context, lowest) in zip(prop.parameters, prop.inputs, layers, strict=True):
        check_layer(above, context, prop, whole=prop.whole)
        check_layer(below, lowest, prop, whole=prop.whole)
        if context.definitions != step.definitions:
            raise NotProved("the premises are about different layers")
        if lowest.definitions != ground.definitions:
            raise NotProved("the premises are about different lowest layers")
        if getattr(above.left, "wrt", None) != getattr(below.left, "wrt", None):
            raise NotProved("the lowest layer has other parameters")
    layer = step.definitions
    if prop.hidden.name not in layer or prop.state.name not in step.reachable(prop.hidden):
        raise NotProved("the hidden values must be defined from the state")
    body = substitute(layer[prop.above.name].body, {}, {prop.hidden: prop.data})
    if not declared(ground, prop.data) or ground.definitions[prop.above.name].body != body:
        raise NotProved("the lowest layer is not this layer on the data")
    if prop.state.name in ground.reachable(prop.above):
        raise NotProved("the lowest layer depends on a state below it")
    return check_whole(prop, step, ground)


def check_layer(
    claim: Prop, context: Context, prop: EveryDepth, wrt: Term | None = None, whole: Var | None = None
) -> None:
    """Raises unless it says what ∂E(above)/∂wrt is, with E only in `delta` = ∂E(above)/∂above.

    With `whole` J := c E(above) + R, it must say what ∂J/∂wrt is; `wrt` may be any name if none is given.
    """
    if not isinstance(claim, Rel) or not isinstance(claim.left, Diff) or wrt not in (None, claim.left.wrt):
        raise NotProved("each premise must be a derivative of the layers above")
    wrt = claim.left.wrt
    scalar = claim.left.body
    if whole is not None:
        if scalar != whole:
            raise NotProved("a premise is not a derivative of the whole loss")
        scalar = _data_term(context, prop, whole)
    body = scalar
    if isinstance(body, Var) and body.name in context.definitions:
        body = context.definitions[body.name].body
    if not isinstance(body, Call) or body.args != (prop.above,) or body.name not in context.functions:
        raise NotProved("the layers above must be an unknown function of their input")
    if not isinstance(wrt, Var) or not declared(context, wrt):
        raise NotProved("a derivative by a declared name is needed")
    if any(body.name in context.reachable(_body(a.prop)) for a in context.assumptions):
        raise NotProved("a hypothesis speaks of the layers above")
    delta = context.definitions.get(prop.delta.name)
    if delta is None or delta.body not in (Diff(scalar, prop.above), Diff(body, prop.above)):
        raise NotProved("Δ must be the derivative by the layer above")
    known = substitute(claim.right, {}, {prop.delta: Var("Δ#", prop.delta.shape)})
    if body.name in context.reachable(known) or body.name in context.reachable(prop.above):
        raise NotProved("the layers above may occur in Δ only")
    if prop.penalty is not None and body.name in context.reachable(prop.penalty):
        raise NotProved("the penalty speaks of the layers above")


def _data_term(context: Context, prop: EveryDepth, whole: Var) -> Term:
    """L of J := cL + R, where c and R are those of the proposition."""
    try:
        factor, inner, penalty = taken_apart(context, whole, prop.above)
    except ValueError as failure:
        raise NotProved(str(failure)) from None
    if (factor, penalty) != (prop.factor, prop.penalty):
        raise NotProved("the whole loss has another factor, or another penalty")
    return inner


def check_whole(prop: EveryDepth, layer: Context, lowest: Context) -> set[str]:
    """Raises unless c · loss + Σ_l R⁽ˡ⁾ is one function of all layers, of which only R⁽ˡ⁾ and c · loss depend
    on the parameters of layer l; what that rests on.

    c is made of numbers and of sizes that all layers share.  R has a value everywhere; it is a function of
    the layer's parameters and of what is the same in every layer (declared names without a label, of such
    sizes); and it is defined alike in the layer and in the lowest one.
    """
    if prop.whole is None:
        if prop.factor != ONE or prop.penalty is not None:
            raise NotProved("the whole loss has no name")
        return set()
    shared: set[str] = set()
    for sizes in zip(prop.state.dims, prop.above.dims, prop.output.dims, prop.data.dims):
        if len(set(sizes)) == 1:
            shared |= set(sizes[0].names)
    for node in prop.factor.walk():
        if not isinstance(node, (Num, SizeTerm, Pow, Mul, Add)):
            raise NotProved("the factor of the loss must be made of numbers and sizes")
        if isinstance(node, SizeTerm) and not set(node.size.names) <= shared:
            raise NotProved("the factor of the loss is not the same in every layer")
    penalty = prop.penalty
    if penalty is None:
        return set()
    special = (prop.state, prop.hidden, prop.above, prop.delta, prop.data, prop.output, prop.loss, prop.whole)
    own = {getattr(rel.left, "wrt", None) for rel in prop.parameters}
    used: set[str] = set()
    reached = layer.reachable(penalty)
    if not reached.isdisjoint(v.name for v in special):
        raise NotProved("a penalty may depend on the parameters of its layer only")
    for name in reached:
        for mine, theirs in (
            (layer.declarations, lowest.declarations),
            (layer.definitions, lowest.definitions),
            (layer.functions, lowest.functions),
        ):
            if mine.get(name) != theirs.get(name):
                raise NotProved("the penalty of the lowest layer is another one")
        made = layer.declarations.get(name)
        if made is None or made.var in own:
            continue
        if parts(name).label or not {n for s in made.shape for n in s.names} <= shared:
            raise NotProved("a penalty may depend on the parameters of its layer only")
    bodies = (penalty, *(layer.definitions[name].body for name in reached & layer.definitions.keys()))
    if any(free_indices(body) for body in bodies):
        raise NotProved("the penalty has an index that nothing binds")
    for context in (layer, lowest):
        scene = Scene(context)
        total(scene, frozenset(reached & context.definitions.keys()))
        everywhere(scene, context, frozenset(), (penalty,))
        used |= scene.n.facts.used
    return used


def declared(context: Context, name: Var) -> bool:
    made = context.declarations.get(name.name)
    return made is not None and made.shape == name.shape


def _body(prop: Prop) -> Term:
    """One term with every name that the proposition mentions."""
    if isinstance(prop, Rel):
        return Call("", (prop.left, prop.right))
    raise NotProved("a hypothesis that is not a relation")


__all__ = ["check_premises"]
