"""A claim read again with other words in one of its sides: what a correction would say."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from derive.latex.claims import LOOSE, Chain, Step, steps
from derive.latex.elaborate import Elaborator
from derive.latex.errors import ReadError
from derive.latex.layout import formulas
from derive.latex.macros import Macros
from derive.latex.parser import parse
from derive.latex.scope import Scope
from derive.latex.sizes import Sizes
from derive.latex.syntax import Node
from derive.latex.tokens import tokenize
from derive.props import Prop, Rel
from derive.terms import Term

#: the start and the end of a side in the text of its display
Span = tuple[int, int]


def steps_about(scope: Scope, chain: Chain, about: Node | None) -> list[Step]:
    """The steps of a chain; `\\propto_w` names its own variable."""
    made = []
    for step in steps(scope, chain, about):
        relation = chain.relations[step.middle]
        if relation.op == "∝" and relation.about:
            here = parse(list(relation.about), relation.start, relation.end)
            sides = chain.sides[step.first : step.last + 1]
            alone = steps(scope, Chain(sides, [relation]), here)[0]
            step = replace(alone, first=step.first, middle=step.middle, last=step.last)
        made.append(step)
    return made


def skipping(before: Prop | None, now: Prop | None) -> Prop | None:
    """a = b, b ∼ c → a ∼ c: a line against the one before the previous one."""
    if not isinstance(before, Rel) or not isinstance(now, Rel):
        return None
    follows = before.op == "=" and before.right == now.left and before.left.shape == now.right.shape
    return Rel(now.op, before.left, now.right) if follows else None


@dataclass
class Written:
    """A step where it stands: the text of its display, and what it takes to read that again.

    `formula` and `middle` are the numbers of the formula in the display and of the relation in its chain,
    which begins at the side `first`.
    """

    text: str
    sides: dict[str, Span]
    relation: Span
    formula: int
    first: int
    middle: int
    scope: Scope
    macros: Macros
    about: Node | None
    #: the nodes of the last reading with their terms
    read_parts: list[tuple[Node, Term]] = field(default_factory=list)

    def side(self, name: str) -> str:
        start, end = self.sides[name]
        return self.text[start:end]

    def put(self, name: str, text: str) -> str:
        """The display with `text` in the place of a side."""
        start, end = self.sides[name]
        return self.text[:start] + text + self.text[end:]

    def read(self, display: str) -> Prop | None:
        """What the step says in the display with that text; None if it cannot be read."""
        step = self.step(display)
        return step.prop if step is not None else None

    def nodes(self) -> list[Node]:
        """The sides of the chain as they stand, for corrections of what has no meaning yet."""
        try:
            return self._chain(self.text).sides
        except ReadError:
            return []

    def term(self, node: Node) -> Term | None:
        """What a node means on its own, if it means something."""
        solver = Sizes(dict(self.scope.solver.bound), self.scope.solver.count)
        try:
            return solver.settle(Elaborator(replace(self.scope, solver=solver)).term(node))
        except ReadError:
            return None

    def parts(self) -> Iterator[tuple[int, int, Term]]:
        """(start, end, term) of every part of the step that has a meaning, the shortest first."""
        self.step(self.text)
        for node, term in sorted(self.read_parts, key=lambda part: part[0].end - part[0].start):
            yield node.start, node.end, term

    def step(self, display: str) -> Step | None:
        solver = Sizes(dict(self.scope.solver.bound), self.scope.solver.count)
        self.read_parts = []
        scope = replace(
            self.scope, solver=solver, sizes=set(self.scope.sizes), readings=self.read_parts
        )
        try:
            step = self._step(scope, self._chain(display))
        except ReadError:
            return None
        self.read_parts[:] = [(node, solver.settle(term)) for node, term in self.read_parts]
        if step is not None and step.prop is not None:
            step.prop = solver.settle_all(step.prop)
        return step

    def _step(self, scope: Scope, chain: Chain) -> Step | None:
        """The step alone, or in its chain where other lines tell the range of an index."""
        k = self.middle
        if k < len(chain.relations) and not any(r.op in LOOSE for r in chain.relations):
            alone = Chain(chain.sides[k : k + 2], [chain.relations[k]])
            (step,) = steps_about(scope, alone, self.about)
            if step.problem is None or step.problem.code != "D164":
                return step
        return next((s for s in steps_about(scope, chain, self.about) if s.middle == k), None)

    def _chain(self, display: str) -> Chain:
        macros = Macros(self.macros.table)
        made = formulas(macros.expand(tokenize(display)))
        if self.formula >= len(made):
            raise ReadError("D101", 0, len(display))
        formula = made[self.formula]
        sides = [parse(side, 0, len(display)) for side in formula.sides]
        return Chain(sides[self.first :], formula.relations[self.first :])


__all__ = ["Span", "Written", "skipping", "steps_about"]
