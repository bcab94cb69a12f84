"""Edits of propositions: one side, one slip."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from derive.binders import free_in
from derive.context import Context
from derive.props import And, ArgOpt, Iff, Implies, Prop, Proportional, Rel, SameSolutions, SemiDefinite
from derive.repair.edits import Around, Edit, edits
from derive.repair.vocabulary import derivatives, factors, products, size_terms, summands
from derive.terms import Term


@dataclass(frozen=True)
class ClaimEdit:
    """`prop` is the claim after the edit of one of its terms; `side` tells which ("left", "right")."""

    prop: Prop
    edit: Edit
    side: str


def claim_edits(context: Context, prop: Prop) -> Iterator[ClaimEdit]:
    """Every claim one slip away, the right side first: that is the line that was written last."""
    match prop:
        case Rel():
            for edit in _of(context, prop.right, prop.left, prop):
                yield ClaimEdit(replace(prop, right=edit.term), edit, "right")
            for edit in _of(context, prop.left, prop.right, prop):
                yield ClaimEdit(replace(prop, left=edit.term), edit, "left")
        case Iff() | Implies():
            yield from _sides(context, prop)
        case And():
            for i, part in enumerate(prop.parts):
                for inner in claim_edits(context, part):
                    parts = (*prop.parts[:i], inner.prop, *prop.parts[i + 1 :])
                    yield replace(inner, prop=And(parts))
        case SemiDefinite():
            for edit in _of(context, prop.arg, prop.arg, prop):
                yield ClaimEdit(SemiDefinite(edit.term), edit, "right")
        case Proportional():
            for edit in _of(context, prop.right, prop.left, prop):
                yield ClaimEdit(replace(prop, right=edit.term), edit, "right")
            for edit in _of(context, prop.left, prop.right, prop):
                yield ClaimEdit(replace(prop, left=edit.term), edit, "left")
        case SameSolutions():
            for edit in _of(context, prop.right.body, prop.left.body, prop):
                yield ClaimEdit(replace(prop, right=replace(prop.right, body=edit.term)), edit, "right")
            for edit in _of(context, prop.left.body, prop.right.body, prop):
                yield ClaimEdit(replace(prop, left=replace(prop.left, body=edit.term)), edit, "left")
            other = "max" if prop.right.kind == "min" else "min"
            turned = ArgOpt(other, prop.right.var, prop.right.body)
            body = prop.right.body
            yield ClaimEdit(replace(prop, right=turned), Edit("optimum", body, body, body), "right")


def _sides(context: Context, prop: Iff | Implies) -> Iterator[ClaimEdit]:
    for side in ("right", "left"):
        for inner in claim_edits(context, getattr(prop, side)):
            edited = replace(prop, right=inner.prop) if side == "right" else replace(prop, left=inner.prop)
            yield ClaimEdit(edited, inner.edit, side)


def _of(context: Context, t: Term, other: Term, prop: Prop) -> Iterator[Edit]:
    free = tuple(sorted(free_in(prop)))
    around = Around(
        context,
        free,
        factors=tuple(dict.fromkeys((*factors(other), *derivatives(context, (t, other), free)))),
        summands=tuple(dict.fromkeys((*summands(other), *products(context, t, free)))),
        sizes=size_terms(t, other),
    )
    return edits(t, around)
