"""`i \\ne j` beside an assumption: it is made where these indices differ."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from derive.binders import free_indices
from derive.distinct import Pair, where_differ
from derive.latex.errors import ReadError
from derive.latex.layout import Formula
from derive.latex.scope import Scope
from derive.latex.syntax import Node
from derive.props import Prop, Rel


@dataclass(frozen=True)
class Unlike:
    """`i \\ne j`, and where it stands."""

    letters: tuple[str, str]
    text: str
    start: int
    end: int


def unlike(scope: Scope, formula: Formula) -> Unlike | None:
    """The formula as one about two indices: letters that name nothing else."""
    if formula.ops != ["≠"] or any(len(side) != 1 or side[0].kind != "letter" for side in formula.sides):
        return None
    first, second = (side[0] for side in formula.sides)
    letters = (first.text, second.text)
    if first.text == second.text or any(letter in scope.meanings or letter in scope.sizes for letter in letters):
        return None
    relation = formula.relations[0]
    return Unlike(letters, f"{first.text} {relation.text} {second.text}", first.start, second.end)


def pairs_of(scope: Scope, formulas: Iterable[Formula]) -> list[Unlike]:
    return [pair for f in formulas if (pair := unlike(scope, f)) is not None]


def implied(scope: Scope, formula: Formula, nodes: list[Node]) -> tuple[Formula, list[Node], list[Unlike]]:
    """What `i \\ne j \\implies …` says where the indices differ; any other formula as it is."""
    if formula.ops[:2] != ["≠", "⟹"] or len(nodes) != len(formula.sides):
        return formula, nodes, []
    pair = unlike(scope, Formula(formula.sides[:2], formula.relations[:1]))
    if pair is None:
        return formula, nodes, []
    return Formula(formula.sides[2:], formula.relations[2:]), nodes[2:], [pair]


def speaks_of(formula: Formula, pairs: Sequence[Unlike]) -> bool:
    """Does the formula hold one of the letters?"""
    letters = {letter for pair in pairs for letter in pair.letters}
    return any(t.kind == "letter" and t.text in letters for side in formula.sides for t in side)


def restricted(scope: Scope, prop: Prop, pairs: Sequence[Unlike]) -> Prop:
    """The proposition where the indices differ, by the pairs of which both are free in it."""
    if not isinstance(prop, Rel):
        return prop
    free = {index.name: index for index in free_indices(prop.left) | free_indices(prop.right)}
    made: list[Pair] = []
    for pair in pairs:
        here = [free[letter] for letter in pair.letters if letter in free]
        if len(here) == 1:
            other = next(letter for letter in pair.letters if letter not in free)
            raise ReadError("D175", pair.start, pair.end, index=other)
        if here:
            i, j = here
            if not scope.solver.unify(i.size, j.size):
                sizes = scope.solver.resolve(i.size), scope.solver.resolve(j.size)
                raise ReadError("D308", pair.start, pair.end, index=i.name, left=str(sizes[0]), right=str(sizes[1]))
            made.append((i, j))
    return where_differ(prop, made) if made else prop


__all__ = ["Unlike", "implied", "pairs_of", "restricted", "speaks_of", "unlike"]
