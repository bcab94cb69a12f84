"""Gradients of a scalar by several variables, derived and proved: what the commands and codegen ask for."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import reduce

from derive import kernel
from derive.algebra.hypotheses import Contradiction
from derive.binders import names_in
from derive.clock import now
from derive.context import Context
from derive.direct import ProofError
from derive.gradient import kinks
from derive.gradient.chain import Graph, Statement, backward
from derive.gradient.constructors import named
from derive.gradient.domain import cut, granted, shown
from derive.gradient.laws import Underivable
from derive.gradient.proof import Prover
from derive.kernel import Theorem
from derive.locally import prove_opened
from derive.notation import unicode
from derive.props import Rel
from derive.terms import ZERO, Comp, Diff, Full, Term, TermError, Var

#: seconds for a proof without assumptions where there are kinks of kinks
KINKED = 2.5


class GradientError(Exception):
    """A gradient that cannot be derived or proved; the message is one short fact.

    `partial`: it was not proved, and might be where the scalar has a value."""

    def __init__(self, why: str, partial: bool = False) -> None:
        super().__init__(why)
        self.partial = partial


@dataclass(frozen=True)
class Gradients:
    """`statements` lead, last definition first, from the scalar to every variable; each is proved.

    `context` is the document's with what the derivation introduced: parts that got a name, and the
    derivatives (`ū`) that stand in later statements.  `whole` is the theorem scalar = its body there, if asked for;
    `same` are the definitions that were rewritten, with the theorem that the old body equals the new one;
    in those of `apart` logarithms were taken apart.
    """

    context: Context
    scalar: Var
    whole: Theorem | None
    statements: tuple[tuple[Statement, Theorem], ...]
    gradients: dict[str, Theorem]
    introduced: tuple[Var, ...] = ()
    same: tuple[tuple[Var, Theorem], ...] = ()
    apart: frozenset[str] = frozenset()

    @property
    def value(self) -> Theorem:
        if self.whole is None:
            raise LookupError("the value was not asked for")
        return self.whole

    @property
    def new(self) -> tuple[Var, ...]:
        """The names that the derivation introduced, for parts and for derivatives."""
        return (*self.introduced, *(s.name for s, _ in self.statements if s.name is not None))

    def rewritten(self) -> list[Rel]:
        """`L = Σ log p` for every definition in which logarithms were taken apart."""
        found = [(v, t.prop) for v, t in self.same if v.name in self.apart]
        return [Rel("=", v, prop.right) for v, prop in found if isinstance(prop, Rel)]

    def steps(self, name: str) -> list[Statement]:
        """The statements on the way to ∂scalar/∂name, and the last is that."""
        found: list[Statement] = []
        for statement, _ in self.statements:
            if statement.of.name == name:
                return [*found, statement]
            if statement.of.name in self.context.definitions and self._between(statement.of.name, name):
                found.append(statement)
        raise KeyError(name)

    def _between(self, defined: str, name: str) -> bool:
        return name in self.context.reachable(self.context.definitions[defined].body)


def dependencies(context: Context, scalar: Var) -> list[Var]:
    """The declared real variables (not from a finite set) on which the scalar depends, in order."""
    reached = context.reachable(scalar)
    return [
        d.var for d in context.declarations.values() if d.name in reached and d.domain.values is None
    ]


def gradients(
    context: Context, scalar: Var, wrt: Sequence[Var], *, deadline: float | None = None, leaves: bool = False
) -> Gradients:
    """∂scalar/∂v for every v in `wrt`, in closed form and proved; `GradientError` where that fails.

    Where the scalar does not have a value everywhere and no assumption says where it has, the theorems
    assume it (`derive.gradient.domain`).  `leaves`, for a proof of something else: nothing is assumed, the gradients
    of unknown functions of arrays are left as they are, the value is not proved, hypotheses are not left out by trial.
    """
    try:
        return _everywhere(kinks.prepared(context, scalar), scalar, tuple(wrt), deadline, leaves)
    except Underivable as failure:
        part = f": {unicode(failure.part, context)}" if failure.part is not None else ""
        raise GradientError(f"{failure}{part}") from None
    except TermError as failure:
        raise GradientError(str(failure)) from None
    except Contradiction as failure:
        raise GradientError(f"the assumptions contradict each other: {failure}") from None
    except RecursionError:
        raise GradientError("the formula is nested too deeply") from None


def _everywhere(
    context: Context, scalar: Var, wrt: tuple[Var, ...], deadline: float | None, leaves: bool
) -> Gradients:
    def found(inner: Context, until: float | None = deadline) -> Gradients:
        return _gradients(inner, scalar, wrt, until, logs=not leaves, leaves=leaves)

    bodies: dict[str, Term] = {}
    if not leaves and kinks.nested(context, scalar):  # large normal forms, but away from the kinks there is a way
        with suppress(GradientError):
            return found(context, now() + KINKED if deadline is None else min(deadline, now() + KINKED))
        bodies = Graph(context, scalar).bodies
        away = granted(context, bodies)
        if away is not None:
            with suppress(GradientError):
                return found(away)
    try:
        return found(context)
    except GradientError as failure:
        if not failure.partial:
            raise
        bodies = bodies or Graph(context, scalar).bodies
        lemmas = shown(context, bodies)
        if lemmas:
            with suppress(GradientError):
                return _cut(found(reduce(kernel.knowing, lemmas, context)), lemmas)
        inner = granted(context, bodies) if not leaves else None
        if inner is None:
            raise
        return found(inner)


def _cut(found: Gradients, lemmas: tuple[Theorem, ...]) -> Gradients:
    """The same without what the definitions show."""
    context = found.context.child()
    context.assumptions = context.assumptions[: -len(lemmas)]
    return replace(
        found, context=context, whole=cut(found.whole, lemmas) if found.whole is not None else None,
        statements=tuple((s, cut(t, lemmas)) for s, t in found.statements),
        gradients={name: cut(t, lemmas) for name, t in found.gradients.items()},
        same=tuple((v, cut(t, lemmas)) for v, t in found.same),
    )  # fmt: skip


def _gradients(
    context: Context,
    scalar: Var,
    wrt: tuple[Var, ...],
    deadline: float | None,
    logs: bool = True,
    leaves: bool = False,
    gathering: bool = True,
) -> Gradients:
    graph = Graph(context, scalar, logs=logs, gathering=gathering)
    chains = backward(graph, wrt, leaves=leaves)
    for v in wrt:
        if v.name not in chains:  # what depends on it cancels
            chains[v.name] = [Statement(v, Full(ZERO, v.shape) if v.shape else ZERO)]
    inner = graph.context
    same: list[tuple[Var, Theorem]] = []
    if graph.introduced or graph.changed:
        try:
            same = _rewritten(graph, deadline)
        except GradientError:
            if not graph.changed:
                raise
            return _gradients(context, scalar, wrt, deadline, logs=False, gathering=gathering)  # a sign is not known
    else:  # the document's own definitions, untouched
        for name in context.definitions:
            inner.definitions[name] = context.definitions[name]
    prover = Prover(inner, scalar, deadline, minimise=not leaves)
    ordered: dict[int, Statement] = {}
    for statement in graph.order(chains):
        ordered[id(statement)] = statement
    proved: list[tuple[Statement, Theorem]] = []
    found: dict[str, Theorem] = {}
    for statement in ordered.values():
        term = statement.name if statement.name is not None else statement.term
        try:
            theorem = prover.prove(statement.of, term, statement.parts, statement.opened)
        except ProofError as failure:
            if graph.gathered and not failure.timeout:
                return _gradients(context, scalar, wrt, deadline, logs, leaves, gathering=False)
            claim = unicode(Rel("=", Diff(scalar, statement.of), statement.term), inner)
            partial = bool(failure.missing) or failure.timeout
            raise GradientError(f"not proved: {claim} ({failure})", partial) from None
        proved.append((statement, theorem))
        found[statement.of.name] = theorem
    try:
        value = prover.value(scalar.name) if not leaves else None
    except ProofError as failure:
        raise GradientError(f"the value of {scalar.name}: {failure}") from None
    return Gradients(
        inner, scalar, value, tuple(proved), {v.name: found[v.name] for v in wrt},
        tuple(d.var for d in graph.introduced), tuple(same), frozenset(graph.changed),
    )  # fmt: skip


def _rewritten(graph: Graph, deadline: float | None) -> list[tuple[Var, Theorem]]:
    """Puts the introduced names and the logarithms taken apart into the definitions, and proves that these
    keep their values."""
    context = graph.context
    new = {d.name for d in graph.introduced}
    changed = {}
    for name, body in graph.bodies.items():
        if name in new or name in graph.changed or not names_in(body).isdisjoint(new):
            changed[name] = context.definitions[name].body
            entries = isinstance(changed[name], Comp)  # a definition by its entries stays one
            written = named(body if entries else graph.notation.written(body))
            context.definitions[name] = replace(context.definitions[name], body=written)
    _ordered(context)
    same = []
    for name, old in changed.items():
        if name in new:
            continue
        try:
            claim = Rel("=", old, context.definitions[name].body)
            same.append((context.definitions[name].var, prove_opened(context, claim, new, deadline)))
        except ProofError as failure:
            why = f"{name} with its parts named is not seen to be {name}: {failure}"
            raise GradientError(why, bool(failure.missing) or failure.timeout) from None
    return same


def _ordered(context: Context) -> None:
    """Definitions in an order in which each comes after what it is made of."""
    done: dict[str, None] = {}

    def visit(name: str) -> None:
        if name in done or name not in context.definitions:
            return
        for other in sorted(names_in(context.definitions[name].body)):
            visit(other)
        done[name] = None

    for name in list(context.definitions):
        visit(name)
    context.definitions = {name: context.definitions[name] for name in done}


def derivatives_in(context: Context, t: Term) -> list[Diff]:
    """The derivatives that a term or a definition it reaches contains, inner ones first."""
    found: dict[Diff, None] = {}
    names = context.reachable(t)
    for body in (t, *(context.definitions[n].body for n in names if n in context.definitions)):
        for node in body.walk():
            if isinstance(node, Diff):
                found[node] = None
    return list(reversed(found))


__all__ = ["GradientError", "Gradients", "dependencies", "derivatives_in", "gradients"]
