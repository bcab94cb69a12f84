"""Chains of relations → propositions, one per adjacent pair."""

from __future__ import annotations

from dataclasses import dataclass, field

from derive.context import Context
from derive.latex.elaborate import ANY_ZERO, Elaborator
from derive.latex.errors import Problem, ReadError
from derive.latex.instead import shadowed
from derive.latex.layout import Relation
from derive.latex.naming import find_name
from derive.latex.scope import Scope
from derive.latex.syntax import Node, Optimum, Symbol
from derive.props import And, ArgOpt, Iff, Implies, Prop, Proportional, Rel, SameSolutions
from derive.terms import ZERO, Full, Shape, Size, Term, Var

LOOSE = {"⟺", "⟹"}


@dataclass
class Chain:
    """sides[0] relations[0] sides[1] …, read."""

    sides: list[Node]
    relations: list[Relation]

    def words(self, text: str, first: int, last: int) -> str:
        """The sides from number `first` to `last` as they stand in the text."""
        made = []
        for k in range(first, last + 1):
            made.append(" ".join(text[self.sides[k].start : self.sides[k].end].split()))
            if k < last:
                made.append(self.relations[k].text)
        return " ".join(made)


@dataclass
class Step:
    """One adjacent pair: sides [first, last] of the chain, the relation between, what it says."""

    first: int
    middle: int  # the number of the relation
    last: int
    prop: Prop | None = None
    problem: Problem | None = None
    least: dict[Size, int] = field(default_factory=dict)

    def lengthen(self, context: Context) -> None:
        """A literal index says that its axis is at least that long."""
        for axis, count in self.least.items():
            context.least[axis] = max(count, context.least.get(axis, 1))


def steps(scope: Scope, chain: Chain, about: Node | None) -> list[Step]:
    """The steps of a chain; a side that cannot be given a meaning spoils only the pairs it touches."""
    loose = [k for k, r in enumerate(chain.relations) if r.op in LOOSE]
    if not loose:
        return [_attempt(scope, chain, Step(k, k, k + 1), about) for k in range(len(chain.relations))]
    ends = [-1, *loose, len(chain.relations)]
    made: list[Step] = []
    for place, k in enumerate(loose):
        made.append(_attempt(scope, chain, Step(ends[place] + 1, k, ends[place + 2]), about))
    return made


def _attempt(scope: Scope, chain: Chain, step: Step, about: Node | None) -> Step:
    e = Elaborator(scope)
    try:
        try:
            step.prop = _proposition(e, chain, step, about)
        except ReadError as error:
            if error.problem.code != "D164":
                raise
            e = Elaborator(scope, free=_ranges(scope, chain))
            step.prop = _proposition(e, chain, step, about)
        step.least = e.least
    except ReadError as error:
        step.problem = error.problem
    return step


def _ranges(scope: Scope, chain: Chain) -> dict[str, Size]:
    """Ranges of free indices that another side of the chain tells."""
    found: dict[str, set[Size]] = {}
    for side in chain.sides:
        e = Elaborator(scope)
        try:
            e.term(side)
        except ReadError:
            continue
        for letter, size in e.free.items():
            known = scope.solver.resolve(size)
            if not any(name.startswith("?") for name in known.names):
                found.setdefault(letter, set()).add(known)
    return {letter: next(iter(sizes)) for letter, sizes in found.items() if len(sizes) == 1}


def _proposition(e: Elaborator, chain: Chain, step: Step, about: Node | None) -> Prop:
    for side in chain.sides[step.first : step.last + 1]:
        e.announce(side)
    relation = chain.relations[step.middle]
    if relation.op not in LOOSE:
        return pair(e, chain.sides[step.first], relation, chain.sides[step.last], about)
    left = _conjunction(e, chain, step.first, step.middle, about)
    right = _conjunction(e, chain, step.middle + 1, step.last, about)
    return Iff(left, right) if relation.op == "⟺" else Implies(left, right)


def _conjunction(e: Elaborator, chain: Chain, first: int, last: int, about: Node | None) -> Prop:
    if first == last:
        side = chain.sides[first]
        raise ReadError("D131", side.start, side.end)
    parts = tuple(
        pair(e, chain.sides[k], chain.relations[k], chain.sides[k + 1], about) for k in range(first, last)
    )
    return parts[0] if len(parts) == 1 else And(parts)


def pair(e: Elaborator, left: Node, relation: Relation, right: Node, about: Node | None) -> Prop:
    """left relation right as a proposition."""
    if isinstance(left, Optimum) or isinstance(right, Optimum):
        if not (isinstance(left, Optimum) and isinstance(right, Optimum) and relation.op == "="):
            raise ReadError("D132", left.start, right.end)
        return SameSolutions(_optimum(e, left), _optimum(e, right))
    if relation.op not in ("=", "≠", "<", "≤", ">", "≥", "∝"):
        raise ReadError("D122", relation.start, relation.end, relation=relation.text)
    a, b = _both(e, left, right)
    if a == ANY_ZERO:
        a = Full(ZERO, e.shape(b)) if b.shape and b != ANY_ZERO else ZERO
    if b == ANY_ZERO:
        b = Full(ZERO, e.shape(a)) if a.shape else ZERO
    if a.shape and b == ZERO:
        b = Full(ZERO, e.shape(a))
    if b.shape and a == ZERO:
        a = Full(ZERO, e.shape(b))
    if not e.scope.solver.agree(a.shape, b.shape):
        raise ReadError("D302", right.start, right.end, left=e.text(a), right=e.text(b))
    a, b = e.finish(a, left), e.finish(b, right)
    if relation.op == "∝":
        if about is None:
            raise ReadError("D133", relation.start, relation.end)
        if a.shape:
            raise ReadError("D305", right.start, right.end, operation="∝", shape=e.text(a))
        return Proportional(a, b, _variable(e, about))
    return Rel(relation.op, a, b)


def _both(e: Elaborator, left: Node, right: Node) -> tuple[Term, Term]:
    """Both terms; an undeclared name that is a whole side gets a suggestion from the other side."""
    try:
        a = e.term(left)
    except ReadError as error:
        raise _suggested(e, error, left, right) from error
    try:
        return a, e.term(right)
    except ReadError as error:
        raise _suggested(e, error, right, left) from error


def _suggested(e: Elaborator, error: ReadError, here: Node, there: Node) -> ReadError:
    problem = error.problem
    if problem.code != "D140" or not isinstance(here, Symbol):
        return shadowed(e.scope, here, error)
    try:
        shape = e.shape(e.term(there))
    except ReadError:
        return error
    return ReadError(
        "D140", problem.start, problem.end, **{**problem.params, "set": latex_set(shape)}
    )


def latex_set(shape: Shape) -> str:
    """(N, D) → `\\mathbb{R}^{N \\times D}`."""
    sizes = " \\times ".join(str(s) if len(s.parts) < 2 and not s.const * len(s.parts) else f"({s})" for s in shape)
    return f"\\mathbb{{R}}^{{{sizes}}}" if shape else "\\mathbb{R}"


def _optimum(e: Elaborator, node: Optimum) -> ArgOpt:
    if len(node.sub) != 1 or node.sub[0].op:
        raise ReadError("D134", node.start, node.end)
    e.announce(node.body)
    body = e.finish(e.scalar(node.body, "an optimisation"), node.body)
    return ArgOpt(node.kind, _variable(e, node.sub[0].left), body)


def _variable(e: Elaborator, node: Node) -> Var:
    named = find_name(e, node)
    if named is None:
        e.term(node)
    if named is None or named.meaning.kind != "variable" or named.sub or named.rest or named.label:
        raise ReadError("D134", node.start, node.end)
    return named.meaning.var


__all__ = ["Chain", "Step", "latex_set", "pair", "steps"]
