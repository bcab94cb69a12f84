"""Edits of propositions: one side, one slip."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from derive.binders import free_in, free_indices, terms_of
from derive.context import Context
from derive.props import And, ArgOpt, Iff, Implies, Prop, Proportional, Rel, SameSolutions, SemiDefinite
from derive.repair.around import Around, Edit
from derive.repair.edits import edits
from derive.repair.vocabulary import (
    derivatives,
    factors,
    factors_below,
    names_of,
    products,
    scalars,
    size_terms,
    square_matrices,
    summands,
)  # fmt: skip
from derive.terms import Comp, Index, Term

#: a relation → those that may have been meant, the nearest first
TURNED = {"≤": ("≥",), "≥": ("≤",), "<": ("≤", ">", "≥"), ">": ("≥", "<", "≤")}


@dataclass(frozen=True)
class ClaimEdit:
    """`prop` is the claim after one edit on the `side` "left" or "right"; `op` is a relation that was turned.

    `at_left`: the edit is on the left of the equation that is edited.
    """

    prop: Prop
    edit: Edit
    side: str
    op: str = ""
    at_left: bool = False


def claim_edits(context: Context, prop: Prop, whole: Prop | None = None) -> Iterator[ClaimEdit]:
    """Every claim one slip away, the right side first: that is the line that was written last.

    `whole` is the claim that `prop` is a part of.
    """
    whole = whole or prop
    match prop:
        case Rel():
            for edit in _of(context, prop.right, prop.left, prop, whole):
                yield ClaimEdit(replace(prop, right=edit.term), edit, "right")
            for edit in _of(context, prop.left, prop.right, prop, whole):
                yield ClaimEdit(replace(prop, left=edit.term), edit, "left", at_left=True)
            for op in TURNED.get(prop.op, ()):
                turned = Edit("relation", prop.right, prop.left, prop.right)
                yield ClaimEdit(replace(prop, op=op), turned, "right", op)
        case Iff() | Implies():
            yield from _sides(context, prop, whole)
        case And():
            for i, part in enumerate(prop.parts):
                for inner in claim_edits(context, part, whole):
                    parts = (*prop.parts[:i], inner.prop, *prop.parts[i + 1 :])
                    yield replace(inner, prop=And(parts))
        case SemiDefinite():
            for edit in _of(context, prop.arg, prop.arg, prop, whole):
                yield ClaimEdit(SemiDefinite(edit.term), edit, "right")
        case Proportional():
            for edit in _of(context, prop.right, prop.left, prop, whole):
                yield ClaimEdit(replace(prop, right=edit.term), edit, "right")
            for edit in _of(context, prop.left, prop.right, prop, whole):
                yield ClaimEdit(replace(prop, left=edit.term), edit, "left")
        case SameSolutions():
            for edit in _of(context, prop.right.body, prop.left.body, prop, whole):
                yield ClaimEdit(replace(prop, right=replace(prop.right, body=edit.term)), edit, "right")
            for edit in _of(context, prop.left.body, prop.right.body, prop, whole):
                yield ClaimEdit(replace(prop, left=replace(prop.left, body=edit.term)), edit, "left")
            other = "max" if prop.right.kind == "min" else "min"
            opposite = ArgOpt(other, prop.right.var, prop.right.body)
            body = prop.right.body
            yield ClaimEdit(replace(prop, right=opposite), Edit("optimum", body, body, body), "right")


def of_arrays(prop: Prop) -> tuple[str, Prop] | None:
    """An equivalence or implication with an index that is free on one side only, and the claim that was meant
    if that side speaks of all its values at once: `y_n = 0 ⟹ y = 0`."""
    if not isinstance(prop, (Iff, Implies)):
        return None
    lonely = free_in(prop.left) ^ free_in(prop.right)
    if len(lonely) != 1:
        return None
    (index,) = lonely
    left, right = _gathered(prop.left, index), _gathered(prop.right, index)
    return (index.name, replace(prop, left=left, right=right)) if left is not None and right is not None else None


def _gathered(prop: Prop, index: Index) -> Prop | None:
    """The equations for every value of the index as equations between vectors."""
    if index not in free_in(prop):
        return prop
    if isinstance(prop, And):
        parts = [_gathered(part, index) for part in prop.parts]
        return And(tuple(p for p in parts if p is not None)) if None not in parts else None
    if not isinstance(prop, Rel) or prop.op == "≠" or prop.left.shape:
        return None
    return Rel(prop.op, Comp((index,), prop.left), Comp((index,), prop.right))


def _sides(context: Context, prop: Iff | Implies, whole: Prop) -> Iterator[ClaimEdit]:
    for side in ("right", "left"):
        for inner in claim_edits(context, getattr(prop, side), whole):
            edited = replace(prop, right=inner.prop) if side == "right" else replace(prop, left=inner.prop)
            yield replace(inner, prop=edited, side=side)


def _of(context: Context, t: Term, other: Term, prop: Prop, whole: Prop) -> Iterator[Edit]:
    free = tuple(sorted(free_in(prop)))
    everything = tuple(terms_of(whole))
    names = names_of(context, everything)
    around = Around(
        context,
        free,
        factors=tuple(
            dict.fromkeys(
                (
                    *factors(other),
                    *scalars(context, everything),
                    *derivatives(context, (t, other), free),
                    *factors_below(context, other),
                )
            )
        ),
        summands=tuple(dict.fromkeys((*summands(other), *products(names, t, free)))),
        sizes=size_terms(t, other),
        names=names,
        matrices=square_matrices(names, everything),
        loose=tuple(sorted(free_indices(t) - free_indices(other))),
    )
    return edits(t, around)
