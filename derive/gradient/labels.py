"""Claims about families x⁽ⁿ⁾ in matrix notation for each label: `∂L/∂x⁽ⁿ⁾ = Σ⁻¹(x⁽ⁿ⁾ − μ)`, `∂L/∂w = Σₙ rₙ x⁽ⁿ⁾`.

A family is an array whose leading axes are labels, and is computed with as one; what is said of it is read label by
label. This is for readers: nothing is computed from it. That the two forms are equal is proved before one is shown.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

from derive.algebra.atoms import Unsupported
from derive.binders import free_indices, fresh, substitute, weight
from derive.clock import now
from derive.context import Context, Declaration, Definition
from derive.direct import ProofError
from derive.gradient.constructors import flat
from derive.gradient.notation import Axes, Factor, NoNotation, Notation
from derive.locally import prove_opened
from derive.notation.parts import LABEL, letters_taken
from derive.props import Rel
from derive.terms import Comp, Diff, Entry, Index, Sum, Term, TermError, Transpose, Var

#: seconds for the proof that a claim is the one that was derived
_PROOF = 1.0


class ByLabel(Notation):
    """Matrix notation in which the `labels` are not axes: a sum over one is a sum of arrays."""

    def __init__(self, families: dict[str, int], labels: frozenset[Index]) -> None:
        super().__init__(frozenset(families))
        self.counts = families
        self.labels = labels

    def read(self, axes: Axes, body: Term) -> Term:
        if isinstance(body, Sum) and body.index in self.labels:
            if not axes:
                return self.scalar_strict(body)
            return Sum(body.index, self.read(axes, body.body), body.start)
        return super().read(axes, body)

    def scalar(self, body: Term) -> Term:
        if isinstance(body, Sum) and body.index in self.labels:
            return self.scalar_strict(body)
        return super().scalar(body)

    def scalar_strict(self, body: Term) -> Term:
        if isinstance(body, Sum) and body.index in self.labels:
            return Sum(body.index, self.scalar(body.body), body.start)
        return super().scalar_strict(body)

    def factor(self, axes: Axes, body: Term) -> Factor:
        here = tuple(i for i in axes if i in free_indices(body))
        if here and isinstance(body, Sum) and body.index in self.labels:
            return Factor(here, self.read(here, body))
        return super().factor(axes, body)

    def _open(self, body: Term, bound: list[Index], parts: list[Term], first: bool = False) -> None:
        if isinstance(body, Sum) and body.index in self.labels:
            parts.append(body)
        else:
            super()._open(body, bound, parts, first)

    def _entry(self, axes: Axes, array: Term, indices: tuple[Index | int, ...]) -> Term:
        """x_d⁽ⁿ⁾ along d is x⁽ⁿ⁾, and (Wx⁽ⁿ⁾)_d is Wx⁽ⁿ⁾."""
        count = self.counts.get(array.name, 0) if isinstance(array, Var) else 0
        rest = indices[count:]
        row = Entry(array, indices[:count]) if count else array
        if not free_indices(row).isdisjoint(axes):
            raise NoNotation
        if count and set(rest) == set(axes) and len(rest) == len(axes) <= 2:
            return row if rest == axes else Transpose(row)
        if not count and free_indices(array) <= self.labels and free_indices(array):
            if indices == axes:
                return array
            if len(axes) == 2 and indices == axes[::-1]:
                return Transpose(array)
        return super()._entry(axes, array, indices)


def families(context: Context) -> dict[str, int]:
    """Names with labels, and how many they have."""
    known: list[Declaration | Definition] = [*context.declarations.values(), *context.definitions.values()]
    return {d.name: d.labels for d in known if d.labels}


def by_label(context: Context, claim: Rel) -> Rel:
    """∂L/∂v = B, or v = B, read label by label where B has a matrix notation then; else the claim as it is."""
    counts = families(context)
    left, right = claim.left, claim.right
    if not counts or not isinstance(right, Comp) or claim.op != "=":
        return claim
    of = left.wrt if isinstance(left, Diff) else left
    if not isinstance(of, Var) or (isinstance(left, Diff) and left.body.shape):
        return claim
    count = counts.get(of.name, 0)
    letters = _letters(context, claim, of, count)
    if letters is None or len(right.indices) == count:
        return claim
    said = _subject(left, of, letters)
    old = _at(right, letters)
    made = _form(old, counts, letters)
    if made is None or not _same(context, old, made):
        return claim
    return Rel("=", said, made)


def definition_by_label(context: Context, d: Definition) -> Definition:
    """The definition with its body in matrix notation where it is a sum over labels."""
    if d.params or d.labels:
        return d
    return replace(d, body=by_label(context, Rel("=", d.var, d.body)).right)


def _letters(context: Context, claim: Rel, of: Var, count: int) -> Axes | None:
    """The labels of the family, with the letters that its name has."""
    names = LABEL.findall(of.name) if count else []
    if len(names) != count:
        return None
    taken = letters_taken(context) | {i.name for t in (claim.left, claim.right) for i in free_indices(t)}
    if len(set(names)) < count or not taken.isdisjoint(names):
        return None
    return tuple(Index(n, s) for n, s in zip(names, of.shape, strict=False))


def _subject(left: Term, of: Var, letters: Axes) -> Term:
    if not letters:
        return left
    row = Entry(of, letters)
    return Diff(left.body, row) if isinstance(left, Diff) else row


def _at(right: Comp, letters: Axes) -> Comp:
    """The array at these labels."""
    mine, rest = right.indices[: len(letters)], right.indices[len(letters) :]
    axes = tuple(fresh(i.size) for i in rest)
    return Comp(axes, substitute(right.body, dict(zip((*mine, *rest), (*letters, *axes), strict=True))))


def _form(old: Comp, counts: dict[str, int], letters: Axes) -> Term | None:
    """The array in matrix notation where that is complete and no longer."""
    labels = _labels(old.body, counts) | frozenset(letters)
    if not labels or len(old.indices) > 2:
        return None
    try:
        made = flat(ByLabel(counts, labels).read(old.indices, old.body))
    except (NoNotation, TermError):
        return None
    if any(isinstance(n, Comp) for n in made.walk()) or weight(made) > weight(old):
        return None
    return made


def _labels(body: Term, counts: dict[str, int]) -> frozenset[Index]:
    """The indices that stand as labels of families."""
    found: set[Index] = set()
    for node in body.walk():
        if isinstance(node, Entry) and isinstance(node.array, Var):
            found.update(i for i in node.indices[: counts.get(node.array.name, 0)] if isinstance(i, Index))
    return frozenset(found)


def _same(context: Context, old: Term, made: Term) -> bool:
    """Is it proved that both are one array?"""
    with suppress(ProofError, Unsupported, TermError):
        return prove_opened(context, Rel("=", old, made), (), now() + _PROOF) is not None
    return False


__all__ = ["by_label", "definition_by_label"]
