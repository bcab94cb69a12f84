"""A document, step by step: read it, judge each claim, report."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from functools import partial

from derive.checker import check, provable
from derive.clock import REAL, now, within
from derive.context import Context
from derive.homework.document import Claim, Document, read_document
from derive.homework.place import Place
from derive.notation import unicode
from derive.notation.declarations import declaration_text
from derive.props import ArgOpt, Prop, Rel
from derive.repair.shapes import CODES, shape_cause
from derive.repair.written import corrections
from derive.report import Report, StepReport, with_hindsight
from derive.terms import Term, shape_text
from derive.verdict import Outcome

TIME_LIMIT = 10.0
#: seconds to look for the likely cause of an error
_CAUSE = 2.0


def check_document(
    text: str, *, file: str = "<text>", time_limit: float = TIME_LIMIT
) -> Report:
    """Reads and checks a homework document in this process.

    `time_limit` (seconds for each step) is kept by the checker itself; `derive check` also ends a step
    that does not keep it.  Nothing in a document raises an exception: it becomes a step with the
    verdict `error` or `unknown`.
    """
    begun = time.perf_counter()
    try:
        document = read_document(text, file)
    except Exception as error:
        return Report((unreadable(file, f"{time_limit:g}", "—", described(error)),), 0.0, text)
    steps = with_hindsight([judged(claim, time_limit) for claim in document.claims])
    return Report(steps, time.perf_counter() - begun, document.text)


def unreadable(file: str, seconds: str, memory: str, detail: str) -> StepReport:
    """The one step of a document that the reader could not get through."""
    params = {"limit": seconds, "memory": memory, "detail": detail or "—"}
    return StepReport(file, 1, 1, "", 1, "", "error", "D119", params, place=Place(1, 1, 1, 2))


def described(error: Exception) -> str:
    """An exception in a few words, for a report of what should not have happened."""
    return f"{type(error).__name__}: {error}"[:200]


def listed(document: Document) -> list[StepReport]:
    """The steps of a document; the verdict is "" where it needs a check."""
    return [_step(claim, None if _may_have_cause(claim) else _read_error(claim)) for claim in document.claims]


def judged(claim: Claim, time_limit: float) -> StepReport:
    """The report on one step."""
    begun = time.perf_counter()
    outcome = _read_error(claim)
    if outcome is not None and _may_have_cause(claim):
        outcome = _with_cause(claim, outcome, time_limit)
    if outcome is None and claim.prop is not None:
        try:
            correct = partial(corrections, claim.written, claim.context) if claim.written is not None else None
            outcome = check(claim.context, claim.prop, time_limit=time_limit, correct=correct, above=claim.above)
        except RecursionError:
            outcome = Outcome("unknown", "D405")
        except MemoryError:
            raise  # for the process that watches this one
        except Exception as error:
            outcome = Outcome("unknown", "D404", {"detail": described(error)})
    return _step(claim, outcome, time.perf_counter() - begun)


def _read_error(claim: Claim) -> Outcome | None:
    if claim.error is not None:
        return Outcome("error", claim.error.code, claim.error.params)
    return None


def _may_have_cause(claim: Claim) -> bool:
    """Is it an error that one slip in a side of the step can bring about?"""
    return claim.error is not None and claim.error.code in CODES and claim.written is not None


def _with_cause(claim: Claim, outcome: Outcome, time_limit: float) -> Outcome:
    """The error with its likely cause, looked for in the side where it stands."""
    assert claim.written is not None and claim.error is not None
    start, end = claim.written.sides["left"]
    side = "left" if start <= claim.error.start < end else "right"
    try:
        with within(REAL * time_limit):
            until = now() + min(_CAUSE, time_limit / 3)
            found = shape_cause(claim.written, claim.context, side, until, provable)
    except RecursionError:
        found = None
    return replace(outcome, likely_cause=found)


def _step(claim: Claim, outcome: Outcome | None, seconds: float = 0.0) -> StepReport:
    found = outcome or Outcome("")
    place = claim.error_place if claim.error is not None else None
    shapes: tuple[str | None, str | None] = (None, None)
    if isinstance(claim.prop, Rel) and claim.prop.left.shape:
        shapes = shape_text(claim.prop.left.shape), shape_text(claim.prop.right.shape)
    uses = {text: text for text in found.uses}
    if (found.verdict in ("refuted", "unknown") or found.code == "D502") and not uses and claim.prop is not None:
        uses = dict(_given(claim.context, claim.prop))
    for assumption in claim.context.assumptions:
        if assumption.text in uses:
            uses[assumption.text] = unicode(assumption.prop, claim.context)
    return StepReport(
        file=claim.file,
        line=place.line if place else claim.line,
        column=place.column if place else claim.column,
        derivation=claim.derivation,
        step=claim.step,
        claim=claim.claim,
        verdict=found.verdict,
        code=found.code,
        params=dict(found.params),
        uses=tuple(uses),
        given=tuple(uses.values()),
        counterexample=found.counterexample,
        likely_cause=found.likely_cause,
        reason=claim.reason,
        expect=claim.expect,
        left=claim.left,
        right=claim.right,
        place=place,
        shapes=shapes,
        seconds=seconds,
    )


def _given(context: Context, prop: Prop) -> Iterator[tuple[str, str]]:
    """What is declared and assumed of the names that the claim depends on: as written, in Unicode."""
    names: set[str] = set()
    for term in _terms(prop):
        names |= context.reachable(term)
    for name, declaration in context.declarations.items():
        if name in names:
            yield (declaration_text(declaration),) * 2
    for assumption in context.assumptions:
        if any(names & context.reachable(term) for term in _terms(assumption.prop)):
            yield assumption.text, unicode(assumption.prop, context)


def _terms(subject: object) -> Iterator[Term]:
    """The terms that a proposition holds, however deep."""
    if isinstance(subject, Term):
        yield subject
    elif isinstance(subject, (Prop, ArgOpt)):
        for part in vars(subject).values():
            yield from _terms(part)
    elif isinstance(subject, tuple):
        for part in subject:
            yield from _terms(part)
