"""Rewriting rules: theorems of `log-forms`, `program-forms` and `bounded-forms`, left to right."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from codegen.known import equation
from codegen.matching import Match, Matcher, Opened
from codegen.scalars import Scalars
from codegen.simplify import rebuilt
from derive.binders import fresh
from derive.kernel import Theorem
from derive.lecture.forms import bounded_forms, log_forms, program_forms
from derive.prover import prove
from derive.terms import Entry, Index, Prod, Size, SizeTerm, Sum, Term, Var


@dataclass(frozen=True)
class Rule:
    """`left` = `right` for all values of `variables`; of `chosen` (on the right only) any value.

    `conditional`: the theorem has hypotheses, so each use of the rule is proved on its own.
    """

    label: str
    theorem: Theorem
    left: Term
    right: Term
    variables: frozenset[str]
    chosen: frozenset[str]

    @property
    def conditional(self) -> bool:
        return bool(self.theorem.uses)

    def matches(self, t: Term, opened: Opened) -> Iterator[Match]:
        yield from Matcher(self.variables, opened).matches(self.left, t)

    def result(self, m: Match, chosen: Mapping[str, Term]) -> Term:
        """The right side for a match."""
        return instantiated(self.right, m, chosen)


def instantiated(t: Term, m: Match, chosen: Mapping[str, Term], at: Mapping[Index, Index] | None = None) -> Term:
    """A part of a right side, with the variables replaced by what they matched."""
    at = at or {}
    if isinstance(t, Var):
        return m.scalars[t.name] if t.name in m.scalars else chosen.get(t.name, t)
    if isinstance(t, Entry) and isinstance(t.array, Var) and t.array.name in m.families:
        indices = tuple(at.get(i, i) if isinstance(i, Index) else i for i in t.indices)
        return m.families[t.array.name].at(indices)
    if isinstance(t, SizeTerm):
        return SizeTerm(sized(t.size, m))
    if isinstance(t, (Sum, Prod)):
        k = fresh(sized(t.index.size, m))
        body = instantiated(t.body, m, chosen, {**at, t.index: k})
        made: Term = Sum(k, body) if isinstance(t, Sum) else Prod(k, body)
        return rebuilt(made, (body,))
    children = tuple(instantiated(c, m, chosen, at) for c in t.children)
    return rebuilt(t, children)


def sized(s: Size, m: Match) -> Size:
    made = Size(s.const)
    for name, count in s.parts:
        for _ in range(count):
            made = made + m.sizes.get(name, Size.named(name))
    return made


@cache
def log_rules() -> tuple[Rule, ...]:
    return _rules("log-forms")


@cache
def program_rules() -> tuple[Rule, ...]:
    return _rules("program-forms")


@cache
def bounded_rules() -> tuple[Rule, ...]:
    """For lines whose value may have an error of an ulp of 1."""
    return _rules("bounded-forms")


def _rules(name: str) -> tuple[Rule, ...]:
    forms = {"log-forms": log_forms, "program-forms": program_forms, "bounded-forms": bounded_forms}
    derivation = forms[name]()
    made = []
    for step in derivation.steps:
        theorem = prove(step.context, step.prop)
        rel = equation(theorem)
        declared = frozenset(step.context.declarations)
        scalars = Scalars(step.context)
        left, right = scalars.at(rel.left), scalars.at(rel.right)
        known = {n.name for n in left.walk() if isinstance(n, Var)}
        new = frozenset(n.name for n in right.walk() if isinstance(n, Var)) - known
        made.append(Rule(f"{name}: {step.label}", theorem, left, right, declared - new, new))
    return tuple(made)


