"""Proofs that assumptions contradict each other.

Every assumed inequality is linear in its monomials, and of each monomial the range is known; if a sum
of them with weights ≥ 0 says 0 > 0, no values satisfy them all.  The sum is found by eliminating one
monomial after the other (Fourier and Motzkin), in exact numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction

from derive.algebra.atoms import Mono, Poly, Unsupported
from derive.algebra.hypotheses import Contradiction, normalizer
from derive.clock import passed
from derive.context import Context

#: monomial → coefficient; the empty monomial is the constant.  Σ c m ≥ 0, or > 0 if strict.
Row = tuple[dict[Mono, Fraction], bool]

_MOST_ROWS = 400
_MOST_ORDERS = 8


class _Late(Exception):
    pass


def contradiction(context: Context, deadline: float) -> bool:
    """Is there a proof that no values satisfy the declarations and assumptions?"""

    def tick() -> None:
        if passed(deadline):
            raise _Late

    for ordered in (context, *_with_another_last(context)):
        try:
            if _infeasible(list(_rows(ordered, tick)), tick):
                return True
        except Contradiction:
            return True
        except (Unsupported, _Late, RecursionError):
            return False
    return False


def _with_another_last(context: Context) -> Iterator[Context]:
    """Each assumption is read by what the ones before it say: a² = 1 is false after a = 2."""
    for k in range(min(len(context.assumptions) - 1, _MOST_ORDERS)):
        made = context.child()
        made.assumptions = [*context.assumptions[:k], *context.assumptions[k + 1 :], context.assumptions[k]]
        yield made


def _rows(context: Context, tick: Callable[[], None]) -> Iterator[Row]:
    n = normalizer(context, ticks=tick)
    monomials: dict[Mono, None] = {}
    for known in n.facts.known:
        p = n.replace(known.poly, lambda a: None)
        if known.relation != "≠":
            monomials.update(dict.fromkeys(m for m in p.terms if m))
            yield {m: Fraction(c) for m, c in p.terms.items()}, known.relation == ">"
    for m in monomials:
        found = n.signs.range(Poly({m: 1}))
        if found.low is not None:
            yield {m: Fraction(1), (): -Fraction(found.low)}, found.low_strict or (found.nonzero and not found.low)
        if found.high is not None:
            yield {m: Fraction(-1), (): Fraction(found.high)}, found.high_strict or (found.nonzero and not found.high)


def _infeasible(rows: list[Row], tick: Callable[[], None]) -> bool:
    while True:
        for row, strict in rows:
            if not any(row.get(m) for m in row if m):
                c = row.get((), Fraction(0))
                if c < 0 or (strict and c == 0):
                    return True
        counts: dict[Mono, tuple[int, int]] = {}
        for row, _ in rows:
            for m, c in row.items():
                if m and c:
                    up, down = counts.get(m, (0, 0))
                    counts[m] = (up + (c > 0), down + (c < 0))
        if not counts or len(rows) > _MOST_ROWS:
            return False
        target = min(counts, key=lambda m: counts[m][0] * counts[m][1])
        rows = list(_eliminated(rows, target))
        tick()


def _eliminated(rows: list[Row], target: Mono) -> Iterator[Row]:
    above = [r for r in rows if r[0].get(target, 0) > 0]
    below = [r for r in rows if r[0].get(target, 0) < 0]
    yield from (r for r in rows if not r[0].get(target))
    for one, first in above:
        for two, second in below:
            p, q = -two[target], one[target]
            made = {m: p * one.get(m, Fraction(0)) + q * two.get(m, Fraction(0)) for m in {*one, *two}}
            yield {m: c for m, c in made.items() if c}, first or second
