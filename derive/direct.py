"""A proof of one claim as it stands: from all hypotheses, then from as few as it needs.

Nothing here is trusted: `derive.tactics` chooses the rules, and the kernel applies them.
"""

from __future__ import annotations

from collections.abc import Callable

from derive.algebra.atoms import Unsupported
from derive.algebra.conditions import Condition
from derive.algebra.hypotheses import Contradiction, labelled
from derive.clock import now, passed
from derive.context import Context
from derive.kernel import NotProved, Theorem
from derive.props import Prop, Rel
from derive.tactics import attempt

#: hypotheses are left out by trial for so many times as long as the proof with all of them took, or for so many
#: seconds
AGAIN, TRIALS = 1.5, 1.5
#: with more equations assumed, none is left out by trial
MOST_EQUATIONS = 4


class ProofError(Exception):
    """No proof was found.  `missing` are conditions whose assumption might give one.

    `timeout`: the time limit came first; `contradiction`: the assumptions exclude each other.
    """

    def __init__(self, why: str, missing: tuple[Condition, ...] = (), timeout: bool = False,
                 contradiction: bool = False) -> None:  # fmt: skip
        super().__init__(why)
        self.missing = missing
        self.timeout = timeout
        self.contradiction = contradiction


class OutOfTime(Exception):
    """The deadline has passed."""


class NoNormalForm(ProofError):
    """The claim, written out down to its variables, is nothing that the kernel can bring in normal form."""


def prove_directly(
    context: Context, prop: Prop, *, deadline: float | None = None, minimise: bool = True
) -> Theorem:
    """A theorem with the fewest hypotheses found, or `ProofError`; every definition is expanded."""
    begun = now()
    context = context.child()  # a theorem keeps its context as it was
    try:
        theorem, without = _with_fewer(context, prop, _clock(deadline))
        if minimise:
            theorem = _minimised(context, prop, theorem, without, _clock(trials(begun, deadline)))
    except NotProved as failure:
        raise ProofError(str(failure), failure.missing) from None
    except Unsupported as failure:
        raise NoNormalForm(str(failure)) from None
    except Contradiction as failure:
        why = f"the assumptions contradict each other: {failure}"
        raise ProofError(why, contradiction=True) from None
    except RecursionError:
        raise ProofError("the claim is nested too deeply") from None
    except OutOfTime:
        raise ProofError("the time limit was reached", timeout=True) from None
    return theorem


def trials(begun: float, deadline: float | None) -> float | None:
    """Until when a hypothesis may be left out by trial of a proof that was begun then: where it is needed, or where
    another proof is, the search may be long.  None where there is no deadline."""
    if deadline is None:
        return None
    return min(deadline, now() + max(TRIALS, AGAIN * (now() - begun)))


def _with_fewer(context: Context, prop: Prop, ticks: Callable[[], None]) -> tuple[Theorem, frozenset[str]]:
    """With all hypotheses; else without one: of two equations that could be used, one is in the way."""
    attempts = [frozenset[str]()]
    labels = [label for label, a in labelled(context) if isinstance(a.prop, Rel) and a.prop.op == "="]
    if 2 <= len(labels) <= MOST_EQUATIONS:
        attempts += [frozenset({label}) for label in labels]
    failure: NotProved | Unsupported | None = None
    for without in attempts:
        try:
            return attempt(context, prop, without, ticks), without
        except (NotProved, Unsupported) as error:
            failure = failure or error
    raise failure or NotProved("no rule applies")


def _clock(deadline: float | None) -> Callable[[], None]:
    count = 0

    def tick() -> None:
        nonlocal count
        count += 1
        if count % 64 == 0 and passed(deadline):
            raise OutOfTime

    return tick


def _minimised(
    context: Context, prop: Prop, theorem: Theorem, without: frozenset[str], ticks: Callable[[], None]
) -> Theorem:
    """Drops each hypothesis that the proof does not need, so that `uses` are those it does; at the time limit
    those that are left to try stay."""
    needed: set[str] = set()
    while left := set(theorem.uses) - needed:
        label = min(left)
        try:
            theorem = attempt(context, prop, without | {label}, ticks)
        except (NotProved, Unsupported, Contradiction, RecursionError):
            needed.add(label)
            continue
        except OutOfTime:
            break
        without |= {label}
    return theorem


__all__ = ["AGAIN", "NoNormalForm", "OutOfTime", "ProofError", "prove_directly", "trials"]
