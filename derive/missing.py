"""Which assumption would make a step provable?  Conditions that its own formulas suggest.

Nothing is guessed: an assumption is named only if the prover proves the step with it, and it is
consistent with the rest (an instance satisfies it).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import combinations

from derive.binders import free_indices
from derive.clock import now, passed
from derive.context import REAL, Assumption, Context, Declaration
from derive.distinct import places, told, where_differ
from derive.evaluate import Evaluator, Instance, ResourceLimit, terms_of
from derive.evaluate.environment import EvaluationError
from derive.notation import latex, unicode
from derive.props import And, Iff, Implies, Prop, Rel
from derive.refute import Search
from derive.refute.certain import holds
from derive.terms import (
    ONE,
    ZERO,
    Call,
    Det,
    Diff,
    Entry,
    Eye,
    Fn,
    Full,
    Index,
    Inverse,
    MatMul,
    Num,
    Pow,
    SqNorm,
    Sum,
    Term,
    Transpose,
    Var,
)  # fmt: skip

_MOST = 40
_EACH = 1.0  # seconds for one attempt
_HELD = 0.5  # seconds to find where the left side holds


@dataclass(frozen=True)
class Missing:
    """An assumption with which the step is proved."""

    prop: Prop
    context: Context

    @property
    def text(self) -> str:
        return ", ".join(unicode(p, self.context) for p in _parts(self.prop))

    @property
    def latex(self) -> str:
        return ", ".join(latex(p, self.context) for p in _parts(self.prop))


def _parts(prop: Prop) -> tuple[Prop, ...]:
    return prop.parts if isinstance(prop, And) else (prop,)


def missing_assumption(
    context: Context,
    prop: Prop,
    deadline: float,
    prove: Callable[[Context, Prop, float], bool],
    witnesses: list[Instance],
) -> Missing | None:
    """The first assumption (or set of conditions) that makes `prop` provable, or None.

    `witnesses` are instances at which the step fails or only one side has a value; what holds at one
    of them cannot be what is missing.
    """
    evaluator = Evaluator(context)
    conditions = list(_unique(conditions_of(context, prop)))
    catalogue = list(_unique(catalogue_of(context, evaluator, prop)))
    useful = [c for c in (*conditions, *catalogue)[:_MOST] if _excludes(evaluator, c, witnesses)]
    for candidate in useful:
        if passed(deadline):
            return None
        if _works(context, candidate, prop, deadline, prove):
            return Missing(candidate, context)
    if len(conditions) > 1:
        return _several(context, prop, deadline, prove, conditions)
    return None


def meant_apart(context: Context, prop: Prop, deadline: float) -> Missing | None:
    """Of assumptions that contradict each other the one that does so where two indices are the same, as x_i ≠ x_j:
    with what it says where they differ, there are values that satisfy all."""
    for place, a in enumerate(context.assumptions):
        if not isinstance(a.prop, Rel) or a.prop.op != "≠":
            continue
        for i, j in combinations(sorted(free_indices(a.prop.left) | free_indices(a.prop.right)), 2):
            if i.size != j.size or passed(deadline):
                continue
            inner, meant = context.child(), where_differ(a.prop, [(i, j)])
            inner.assumptions = [*context.assumptions]
            inner.assumptions[place] = Assumption(meant, a.text)
            if Search(inner, prop, deadline).any_instance():
                return Missing(meant, inner)
    return None


def never(context: Context, prop: Prop, instances: list[Instance]) -> Prop | None:
    """A condition for a part of the step to have a value that holds at none of the instances."""
    evaluator = Evaluator(context)
    for c in _unique(conditions_of(context, prop)):
        try:
            if not any(holds(evaluator.at(instance), c) for instance in instances):
                return c
        except (ResourceLimit, EvaluationError, KeyError):
            continue
    return None


def _several(
    context: Context,
    prop: Prop,
    deadline: float,
    prove: Callable[[Context, Prop, float], bool],
    conditions: list[Prop],
) -> Missing | None:
    """All conditions together, then without each that is not needed."""
    kept = conditions
    if not _works(context, And(tuple(kept)), prop, deadline, prove):
        return None
    for c in conditions:
        fewer = [k for k in kept if k is not c]
        if fewer and _works(context, And(tuple(fewer)), prop, deadline, prove):
            kept = fewer
    return Missing(And(tuple(kept)) if len(kept) > 1 else kept[0], context)


def _works(
    context: Context,
    candidate: Prop,
    prop: Prop,
    deadline: float,
    prove: Callable[[Context, Prop, float], bool],
) -> bool:
    if passed(deadline):
        return False
    inner = context.child()
    inner.assume(Assumption(candidate, "the missing assumption"))
    search = Search(inner, prop, min(deadline, now() + _EACH))
    findings = search.quick()
    if findings.counterexample is not None or not findings.found:
        return False
    if not prove(inner, prop, min(deadline, now() + _EACH)):
        return False
    return not isinstance(prop, (Iff, Implies)) or _says_something(inner, prop, deadline)


def _says_something(context: Context, prop: Iff | Implies, deadline: float) -> bool:
    """Can the left side hold?  (With a ≠ 0 assumed, ‖a‖ = 0 ⟺ … would hold of nothing.)"""
    inner = context.child()
    inner.assume(Assumption(prop.left, "the left side"))
    return Search(inner, prop.right, min(deadline, now() + _HELD)).any_instance()


def _excludes(evaluator: Evaluator, candidate: Prop, witnesses: list[Instance]) -> bool:
    for instance in witnesses:
        try:
            if holds(evaluator.at(instance), candidate):
                return False
        except (ResourceLimit, EvaluationError, KeyError):
            continue
    return True


def _unique(props: Iterator[Prop]) -> Iterator[Prop]:
    seen: set[Prop] = set()
    for p in props:
        if p not in seen:
            seen.add(p)
            yield p


# -- candidates ------------------------------------------------------------------------------------------


def _rel(op: str, left: Term, value: Term = ZERO) -> Rel:
    return Rel(op, left, Full(value, left.shape) if left.shape else value)


def conditions_of(context: Context, prop: Prop) -> Iterator[Prop]:
    """What the formulas of the step need to have a value: divisors ≠ 0, logs of what is > 0 …"""
    for t in _reached(context, prop):
        for node, pairs in places(t):
            yield from (told(rel, pairs) for rel in _of_node(node))


def _of_node(node: Term) -> Iterator[Rel]:
    match node:
        case Inverse(arg):
            yield Rel("≠", Det(arg), ZERO)
        case Pow(base, Num(value)) if value < 0 and _varies(base):
            yield _rel("≠", base)
            if value.denominator != 1:
                yield _rel(">", base)
        case Pow(base, exponent) if _varies(base) and not _whole(exponent):
            yield _rel("≥", base)
            yield _rel(">", base)
        case Fn("log", (arg,)) if _varies(arg):
            yield _rel(">", arg)
        case Fn("sqrt", (arg,)) if _varies(arg):
            yield _rel("≥", arg)
            yield _rel(">", arg)
        case Fn("abs", (arg,)) if _varies(arg):
            yield _rel("≥", arg)
            yield _rel("≠", arg)
        case Fn("max", (a, b)):
            yield Rel("≥", a, b)
            yield Rel("≥", b, a)
            yield Rel("≠", a, b)
        case _:
            pass


def catalogue_of(context: Context, evaluator: Evaluator, prop: Prop) -> Iterator[Prop]:
    """Assumptions that derivations often need, on each declared variable of the step."""
    reach: set[str] = set()
    for t in terms_of(prop):
        reach |= evaluator.compiler.reach(t)
    variables = [d for n, d in context.declarations.items() if n in reach]
    for d in variables:
        if d.domain == REAL:
            for op in ("≠", "≥", ">"):
                yield _rel(op, d.var)
    for d in variables:
        if d.domain.values is None and (d.domain.low is None or d.domain.high is None):
            yield And((_rel(">", d.var), _rel("<", d.var, ONE)))
        yield from _shapes(d)


def _shapes(d: Declaration) -> Iterator[Prop]:
    v = d.var
    if len(d.shape) == 1:
        k = Index("k", d.shape[0])
        yield Rel("=", Sum(k, Entry(v, (k,))), ONE)
        yield Rel("=", SqNorm(v), ONE)
    if len(d.shape) == 2 and not d.labels:
        i, j = Index("i", d.shape[0]), Index("j", d.shape[1])
        if d.shape[0] == d.shape[1]:
            yield Rel("=", v, Transpose(v))
            yield Rel("≠", Det(v), ZERO)
        yield Rel("=", Sum(i, Entry(v, (i, j))), ONE)
        yield Rel("=", Sum(j, Entry(v, (i, j))), ONE)
        if not isinstance(v, Var) or len(Transpose(v).shape) == 2:
            yield Rel("=", MatMul(Transpose(v), v), Eye(d.shape[1]))


def _reached(context: Context, prop: Prop) -> Iterator[Term]:
    """The terms of the step, and the bodies of the definitions below them."""
    seen: set[str] = set()
    stack = list(terms_of(prop))[::-1]
    while stack:
        t = stack.pop()
        yield t
        for node in t.walk():
            if isinstance(node, (Var, Call)) and node.name in context.definitions and node.name not in seen:
                seen.add(node.name)
                definition = context.definitions[node.name]
                if not definition.local:  # a bound argument means nothing outside
                    stack.append(definition.body)


def _varies(t: Term) -> bool:
    return any(isinstance(n, (Var, Call, Diff)) for n in t.walk())


def _whole(exponent: Term) -> bool:
    return isinstance(exponent, Num) and exponent.value.denominator == 1


__all__ = ["Missing", "missing_assumption"]
