"""Checking a step: a counterexample, a proof that the numbers agree with, or what is missing.

    check(context, prop) -> Outcome

The search for a counterexample comes first, because it is quick and a wrong step fails at almost
every instance; the same instances then count as the validation of the proof.  What is neither
proved nor refuted is searched further, and an assumption is sought with which it can be proved.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace

from derive.binders import free_in
from derive.blackboard import Step
from derive.clock import REAL, now, passed, within
from derive.context import Context, written
from derive.kernel import Theorem
from derive.missing import meant_apart, missing_assumption, never
from derive.notation import unicode
from derive.props import And, EveryDepth, Iff, Implies, Prop, Proportional, Rel, SameSolutions, SemiDefinite
from derive.prover import OutOfTime, ProofError, prove, prove_step
from derive.refute import Findings, Search
from derive.refute.inconsistent import contradiction
from derive.refute.show import text
from derive.repair.causes import Correct, likely_cause
from derive.verdict import Counterexample, Outcome

#: the code of a refutation by the kind of claim
REFUTED: dict[type[Prop], str] = {
    Rel: "D201", Iff: "D203", Implies: "D204", SameSolutions: "D205", Proportional: "D206",
    SemiDefinite: "D207", And: "D201", EveryDepth: "D201",
}  # fmt: skip

#: seconds for each stage, at most, of a step's ten; in proportion where it has more
_QUICK, _INSTANCE, _THOROUGH, _MISSING, _CAUSE = 1.0, 1.0, 1.0, 3.0, 3.3

#: at so many instances a side without a value is said to have none
_MANY = 20


@dataclass(frozen=True)
class _Budget:
    begun: float
    limit: float

    @property
    def end(self) -> float:
        return self.begun + self.limit

    def share(self, seconds: float) -> float:
        """A deadline so many seconds from now, within the step's own."""
        return min(self.end, now() + min(seconds * max(1.0, self.limit / 10), self.limit / 3))


def check(
    context: Context,
    prop: Prop,
    *,
    time_limit: float = 10.0,
    minimise: bool = True,
    causes: bool = True,
    correct: Correct | None = None,
    above: Prop | None = None,
) -> Outcome:
    """The verdict on `prop` in `context`, within about `time_limit` seconds of computing.

    `minimise`: find the fewest hypotheses, so that `uses` names those that matter.  `causes`: look for
    the likely cause of a refutation; `correct` writes the repaired side as the author would;
    `above` is the line against the one before the previous one, which may be what is wrong.
    """
    begun = time.perf_counter()
    budget = _Budget(now(), time_limit)
    try:
        with within(REAL * time_limit):
            outcome = _check(context, prop, budget, minimise)
            if causes and outcome.verdict == "refuted":
                with suppress(OutOfTime, RecursionError, MemoryError):  # it stays refuted
                    found = likely_cause(context, prop, budget.share(_CAUSE), provable, correct, above)
                    outcome = replace(outcome, likely_cause=found)
    except OutOfTime:
        outcome = Outcome("unknown", "D402", {"limit": f"{time_limit:g}"})
    except (RecursionError, MemoryError):
        outcome = Outcome("unknown", "D405")
    return replace(outcome, seconds=time.perf_counter() - begun)


def _check(context: Context, prop: Prop, budget: _Budget, minimise: bool) -> Outcome:
    if any(d.domain.empty for d in context.declarations.values()):
        return Outcome("error", "D502")
    search = Search(context, prop, budget.share(_QUICK))
    findings = search.quick()
    if findings.counterexample is not None:
        return refuted(prop, findings.counterexample)
    if context.assumptions and not findings.found:
        nothing = _without_instance(context, search, budget)
        if nothing is not None:
            return nothing
    try:
        theorem = prove(context, prop, deadline=budget.end, minimise=minimise)
    except ProofError as failure:
        if failure.contradiction and not findings.found:
            return _contradictory(context, prop, budget)
        return _unproved(context, prop, search, failure, budget)
    return validated(theorem, search)


def refuted(prop: Prop, counterexample: Counterexample) -> Outcome:
    code = REFUTED.get(type(prop), "D201")
    if isinstance(prop, Rel) and prop.op != "=":
        code = "D202"
    return Outcome("refuted", code, counterexample=counterexample)


def validated(theorem: Theorem, search: Search) -> Outcome:
    """A proof and what the instances say; where they disagree neither is believed."""
    disagreement = search.one_sided()
    if disagreement is not None:
        instance, side = disagreement
        values = ", ".join(f"{written(n)} = {text(v)}" for n, v in instance.values.items())
        return Outcome("error", "D901", {"detail": f"{side}: {values}"}, theorem=theorem)
    return Outcome("proved", uses=theorem.uses, theorem=theorem)


def _without_instance(context: Context, search: Search, budget: _Budget) -> Outcome | None:
    """The outcome where no instance of the assumptions was found, even on a longer search."""
    search.deadline = budget.share(_INSTANCE)
    if search.any_instance():
        return None
    if contradiction(context, budget.share(_INSTANCE)):
        return _contradictory(context, search.prop, budget)
    return Outcome("unknown", "D406")


def _contradictory(context: Context, prop: Prop, budget: _Budget) -> Outcome:
    meant = meant_apart(context, prop, budget.share(_INSTANCE))
    return Outcome("error", "D502", {"latex": meant.latex} if meant is not None else {})


def _unproved(
    context: Context, prop: Prop, search: Search, failure: ProofError, budget: _Budget
) -> Outcome:
    """Neither refuted at once nor proved."""
    # where one side has no value at some instance, an assumption is missing, most likely
    search.deadline = budget.share(_THOROUGH / 5 if search.findings.one_sided else _THOROUGH)
    findings = search.thorough()
    if findings.counterexample is not None:
        return refuted(prop, findings.counterexample)
    if failure.timeout or passed(budget.end):
        return Outcome("unknown", "D402", {"limit": f"{budget.limit:g}"})
    witnesses = [instance for instance, _ in findings.one_sided[:4]]
    missing = missing_assumption(context, prop, budget.share(_MISSING), provable, witnesses)
    if missing is not None:
        params = {"assumption": missing.text, "latex": missing.latex}
        return Outcome("unknown", "D501", params, missing=missing.text)
    lacking = _nowhere(context, prop, findings)
    if lacking is not None:
        return Outcome("unknown", "D408", {"condition": lacking})
    lonely = _one_sided(prop)
    return Outcome("unknown", "D407", {"index": lonely}) if lonely else Outcome("unknown", "D401")


def _nowhere(context: Context, prop: Prop, findings: Findings) -> str | None:
    """What a side needs to have a value, where it held at none of the instances."""
    lopsided = findings.one_sided
    if findings.evidence or len(lopsided) < _MANY or len({side for _, side in lopsided}) > 1:
        return None
    failing = never(context, prop, [instance for instance, _ in lopsided[:: len(lopsided) // _MANY]])
    return unicode(failing, context) if failing is not None else None


def _one_sided(prop: Prop) -> str:
    """An index that is free on one side only of ⟺ or ⟹: for each value of it, or that side for all of them?"""
    if not isinstance(prop, (Iff, Implies)):
        return ""
    lonely = {i.name for i in free_in(prop.left)} ^ {i.name for i in free_in(prop.right)}
    return min(lonely, default="")


def provable(context: Context, prop: Prop, deadline: float) -> bool:
    """Is there a proof, found before the deadline (of `derive.clock.now`)?"""
    try:
        prove(context, prop, deadline=deadline, minimise=False)
    except (ProofError, OutOfTime, RecursionError):
        return False
    return True


def check_step(
    step: Step, done: Mapping[str, Theorem | ProofError], *, time_limit: float = 10.0
) -> Outcome:
    """The verdict on a step of a `Derivation`; an induction is drawn from the steps that it names."""
    if not step.premises:
        return check(step.context, step.prop, time_limit=time_limit)
    begun = time.perf_counter()
    try:
        with within(REAL * time_limit):
            theorem = prove_step(step, done, deadline=now() + time_limit)
    except ProofError:
        return Outcome("unknown", "D401", seconds=time.perf_counter() - begun)
    return Outcome("proved", uses=theorem.uses, theorem=theorem, seconds=time.perf_counter() - begun)


__all__ = ["REFUTED", "check", "check_step", "provable", "refuted", "validated"]
