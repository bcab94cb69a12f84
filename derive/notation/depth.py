"""What an induction over layers concludes, as relations: δ at the output, from layer to layer, the gradients."""

from __future__ import annotations

from collections.abc import Iterator

from derive.binders import substitute
from derive.names import compose, parts
from derive.props import EveryDepth, Rel
from derive.terms import ONE, Diff, Term, Var


def claims(prop: EveryDepth) -> Iterator[Rel]:
    """Δ⁽ᴸ⁾ = …, Δ⁽ˡ⁾ = …, ∂L/∂W⁽ˡ⁺¹⁾ = … for each parameter, in the lowest layer too where that differs."""
    for name, right in ((prop.output, prop.base.right), (prop.state, prop.step.right)):
        yield Rel("=", _labelled(Var(prop.delta.name, name.dims), parts(name.name).label), right)
    whole = prop.whole or prop.loss
    same: dict[Term, Term] = {prop.hidden: prop.data}
    for rows, known in ((prop.parameters, ()), (prop.inputs, prop.parameters)):
        for rel in rows:
            if rel.right not in [substitute(other.right, {}, same) for other in known]:
                yield Rel("=", Diff(whole, getattr(rel.left, "wrt")), rel.right)  # noqa: B009


def lowest(prop: EveryDepth) -> Rel:
    """Z⁽⁰⁾ = X"""
    return Rel("=", _labelled(Var(prop.hidden.name, prop.data.dims), "0"), prop.data)


def addends(prop: EveryDepth) -> tuple[Term, Term | None]:
    """Of the whole loss: c · loss, and what is summed over the layers, R⁽ˡ⁾."""
    data: Term = prop.loss if prop.factor == ONE else prop.loss * prop.factor
    if prop.penalty is None:
        return data, None
    above, state = parts(prop.above.name).label, parts(prop.state.name).label
    names = {v for v in prop.penalty.walk() if isinstance(v, Var) and parts(v.name).label == above}
    return data, substitute(prop.penalty, {}, {v: _labelled(v, state) for v in names})


def _labelled(name: Var, label: str) -> Var:
    return Var(compose(name.name.partition("@")[0].partition("^{(")[0], label=label), name.dims)


__all__ = ["addends", "claims", "lowest"]
