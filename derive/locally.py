"""A proof with names free: a claim of many definitions that needs few of them.

Expanded down to the variables, such a claim may be too large for one normal form.  So the definitions are
opened level by level, first those that rest on the longest chains of others; the others stay free wherever no
derivative looks through them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress

from derive import cuts, kernel
from derive.algebra.atoms import Unsupported
from derive.algebra.hypotheses import Contradiction
from derive.binders import names_in
from derive.clock import now
from derive.context import Context
from derive.direct import OutOfTime, ProofError, prove_directly
from derive.kernel import NotProved, Scene, Theorem
from derive.props import Rel, SemiDefinite

#: seconds for each level
_LEVEL = 1.5


def prove_locally(
    context: Context, rel: Rel | SemiDefinite, deadline: float | None, *, minimise: bool = False,
    level: float = _LEVEL,
) -> Theorem:  # fmt: skip
    """Γ ⊢ A ⋈ B (or A semidefinite) with as few definitions opened as are enough, in so many seconds for each
    level; raises `ProofError`."""
    failure: ProofError | None = None
    for names in levels(context, rel):
        soon = now() + level
        until = soon if deadline is None else min(soon, deadline)
        try:
            inner = cuts.freed(context, names)
            premise = prove_directly(inner, rel, deadline=until, minimise=False)
            if minimise and premise.uses:
                with suppress(ProofError):  # it may take too long
                    premise = prove_directly(inner, rel, deadline=until)
            return kernel.instance(_scene(context, now() + _LEVEL), rel, names, premise)
        except ProofError as error:
            failure = failure or error
        except (NotProved, Unsupported, Contradiction, OutOfTime) as error:
            failure = failure or ProofError(str(error))
    raise failure or ProofError("no name can be free")


def prove_opened(context: Context, rel: Rel, opened: Iterable[str], deadline: float | None) -> Theorem:
    """Γ ⊢ A ⋈ B with the definitions of `opened` alone, where these are enough, else with all; raises `ProofError`."""
    sides = tuple(cuts.sides(rel))
    names = frozenset(n for n, d in context.definitions.items() if not d.params) - frozenset(opened)
    names = frozenset(n for n in names if cuts.closed_to(context, (n,), sides))
    soon = now() + _LEVEL
    until = soon if deadline is None else min(soon, deadline)
    try:
        premise = prove_directly(cuts.freed(context, names), rel, deadline=until)
        return kernel.instance(_scene(context, now() + _LEVEL), rel, names, premise)
    except (ProofError, NotProved, Unsupported, Contradiction, OutOfTime):
        return prove_directly(context, rel, deadline=deadline)


def levels(context: Context, rel: Rel | SemiDefinite) -> Iterator[frozenset[str]]:
    """The names that may be free, less those that are highest above the variables, less the next, …"""
    sides = tuple(cuts.sides(rel))
    reached = cuts.reach(context, {n for side in sides for n in names_in(side)}) & context.definitions.keys()
    height: dict[str, int] = {}

    def above(name: str) -> int:
        if name not in height:
            body = names_in(context.definitions[name].body) & context.definitions.keys()
            height[name] = 1 + max((above(n) for n in body), default=0)
        return height[name]

    free = frozenset(
        name
        for name in reached
        if not context.definitions[name].params and cuts.closed_to(context, (name,), sides)
    )
    while free:
        yield free
        most = max(above(name) for name in free)
        free = frozenset(name for name in free if above(name) < most)


def _scene(context: Context, until: float) -> Scene:
    def tick() -> None:
        if now() > until:
            raise OutOfTime

    return Scene(context, ticks=tick)


__all__ = ["levels", "prove_locally", "prove_opened"]
