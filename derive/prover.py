"""Finding a proof of a claim: as it stands, or a gradient along the chain of its definitions.

Nothing here is trusted; what is found, the kernel has checked.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress

from derive import cuts, kernel
from derive.algebra.atoms import Unsupported
from derive.algebra.hypotheses import domain_label, labelled
from derive.binders import names_in
from derive.blackboard import Derivation, Step
from derive.clock import now, passed
from derive.context import REAL, Context
from derive.direct import AGAIN, NoNormalForm, OutOfTime, ProofError, prove_directly, trials
from derive.gradient import along
from derive.kernel import NotProved, Scene, Theorem
from derive.locally import levels, prove_locally
from derive.props import EveryDepth, Prop, Rel
from derive.solutions import with_solutions
from derive.terms import Diff

#: with fewer definitions below a claim, or above a name that it differentiates by, none is left closed
MOST_OPEN = 2
#: seconds for a proof of a step without its premises
_ALONE = 2.0


def prove(context: Context, prop: Prop, *, deadline: float | None = None, minimise: bool = True) -> Theorem:
    """A theorem with the fewest hypotheses found, or `ProofError`."""
    try:
        return _found(context, prop, deadline, minimise)
    except OutOfTime:
        raise ProofError("the time limit was reached", timeout=True) from None


def _found(context: Context, prop: Prop, deadline: float | None, minimise: bool) -> Theorem:
    begun = now()
    found = _partly(context, prop, None if deadline is None else (begun + deadline) / 2, minimise)
    if found is None:
        try:
            return prove_directly(context, prop, deadline=deadline, minimise=minimise)
        except ProofError as failure:
            found = _otherwise(context, prop, failure, deadline)
    return _reduced(found, now() - begun, trials(begun, deadline)) if minimise else found


def _otherwise(context: Context, prop: Prop, failure: ProofError, deadline: float | None) -> Theorem:
    """What else there is where a proof from the normal form has failed."""
    if isinstance(failure, NoNormalForm):
        found = _along(context, prop, deadline, MOST_OPEN - 1)
    else:
        found = _solved(context, prop, deadline) if not failure.timeout else None
    if found is None:
        raise failure
    return found


def _partly(context: Context, prop: Prop, deadline: float | None, minimise: bool) -> Theorem | None:
    """A proof that does not open every definition, where there are many."""
    if not isinstance(prop, Rel) or _few(context, prop):
        return None
    context = context.child()  # a theorem keeps its context as it was
    free = next(levels(context, prop), frozenset[str]())
    if free and along.between(cuts.freed(context, free), prop) <= MOST_OPEN:
        with suppress(ProofError, OutOfTime):
            return prove_locally(context, prop, deadline, minimise=minimise)
    return _along(context, prop, deadline, 0)


def _few(context: Context, rel: Rel) -> bool:
    """Are so few definitions below the claim that all are opened at once?"""
    names = cuts.reach(context, names_in(rel.left) | names_in(rel.right)) & context.definitions.keys()
    most = MOST_OPEN if any(isinstance(n, Diff) for side in (rel.left, rel.right) for n in side.walk()) else 1
    return sum(not context.definitions[name].local for name in names) <= most


def _along(context: Context, prop: Prop, deadline: float | None, most: int) -> Theorem | None:
    """Gradients through more than so many definitions, taken one by one."""
    if isinstance(prop, Rel) and along.between(context, prop) > most:
        with suppress(ProofError, OutOfTime):
            return along.along_chain(context.child(), prop, deadline)
    return None


def _solved(context: Context, prop: Prop, deadline: float | None) -> Theorem | None:
    """With a name for what an inverse gives; an inequality with its names free, whatever their number, an equation
    where they are few: what a name stands for may be what hides that something is positive."""
    if isinstance(prop, Rel):
        with suppress(ProofError):
            return with_solutions(context.child(), prop, deadline)
        if prop.op != "=" or _few(context, prop):
            with suppress(ProofError, OutOfTime):
                return prove_locally(context.child(), prop, deadline)
    return None


def _reduced(theorem: Theorem, took: float, deadline: float | None) -> Theorem:
    """The same theorem from fewer hypotheses, where each is left out of the context by trial, in its share of the time
    that is left, or in half as long again as the proof `took`."""
    found, made, needed = theorem, theorem, set[str]()
    while (left := set(found.uses) - needed) and not passed(deadline):
        label = min(left)
        until = deadline and min(deadline, now() + max((deadline - now()) / len(left), AGAIN * took))
        try:
            fewer = _without(_lacking(found.context, label), theorem.prop, until)
            made = kernel.weakened(Scene(theorem.context), fewer)
        except (ProofError, OutOfTime, NotProved, RecursionError):  # (what a power means may rest on its exponent)
            needed.add(label)
        else:
            found = fewer
    return made


def _without(context: Context, prop: Prop, deadline: float | None) -> Theorem:
    """A proof in the same ways, with all the time for the first of them."""
    found = _partly(context, prop, deadline, minimise=False)
    if found is not None:
        return found
    try:
        return prove_directly(context, prop, deadline=deadline, minimise=False)
    except ProofError as failure:
        return _otherwise(context, prop, failure, deadline)


def _lacking(context: Context, label: str) -> Context:
    """The context without what has this label, an assumption or a declared condition."""
    made = context.child()
    made.assumptions = [a for text, a in labelled(context) if text != label]
    for d in context.declarations.values():
        if domain_label(d.name, d.domain) == label:
            made.restrict(d.name, REAL)
    return made


def prove_all(
    derivation: Derivation, *, deadline: float | None = None
) -> dict[str, Theorem | ProofError]:
    """Every step of a derivation by label; an induction is drawn from the steps that it names."""
    done: dict[str, Theorem | ProofError] = {}
    for step in derivation.steps:
        try:
            done[step.label] = prove_step(step, done, deadline=deadline)
        except ProofError as failure:
            done[step.label] = failure
    return done


def prove_step(
    step: Step, done: Mapping[str, Theorem | ProofError], *, deadline: float | None = None
) -> Theorem:
    """The theorem of one step; what it rests on is looked up among the steps already `done`."""
    if not step.premises:
        return prove(step.context, step.prop, deadline=deadline)
    premises = []
    for label in step.premises:
        theorem = done.get(label)
        if not isinstance(theorem, Theorem):
            raise ProofError(f"the step {label!r} that this one rests on is not proved")
        premises.append(theorem)
    if not isinstance(step.prop, EveryDepth):
        return _drawn(step, premises, deadline)
    try:
        scene = Scene(step.context)
        last = 2 + len(step.prop.parameters)
        layer, inputs = tuple(premises[2:last]), tuple(premises[last:])
        return kernel.every_depth(scene, step.prop, premises[0], premises[1], layer, inputs)
    except (NotProved, Unsupported) as failure:
        raise ProofError(str(failure)) from None


def _drawn(step: Step, premises: list[Theorem], deadline: float | None) -> Theorem:
    """From earlier theorems: a chain of equations, else with them as further hypotheses."""
    scene = Scene(step.context.child())
    try:
        if isinstance(step.prop, Rel):
            return kernel.transitive(scene, step.prop, tuple(premises))
    except NotProved:
        pass
    contexts = [scene.context]
    for premise in premises:
        contexts.append(kernel.knowing(contexts[-1], premise))
    theorem = prove(contexts.pop(), step.prop, deadline=deadline)
    try:
        for premise in reversed(premises):
            theorem = kernel.cut(Scene(contexts.pop()), premise, theorem)
    except NotProved as failure:
        raise ProofError(str(failure)) from None
    return _alone(step, theorem, deadline)


def _alone(step: Step, drawn: Theorem, deadline: float | None) -> Theorem:
    """The step proved without its premises, where they need values of a finite set that it does not need."""
    sets = {domain_label(d.name, d.domain) for d in step.context.declarations.values() if d.domain.values is not None}
    if not sets.isdisjoint(drawn.uses):
        soon = now() + _ALONE
        with suppress(ProofError):
            found = prove(step.context.child(), step.prop, deadline=soon if deadline is None else min(soon, deadline))
            return found if set(found.uses) < set(drawn.uses) else drawn
    return drawn


__all__ = ["OutOfTime", "ProofError", "prove", "prove_all", "prove_step"]
