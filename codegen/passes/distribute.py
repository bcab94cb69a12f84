"""Sums distributed over additions: Σ_d (x_id − x_jd)² without an array over i, j and d."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import combinations
from itertools import product as choices

from codegen.masks import Masked
from codegen.scalars import free_of
from codegen.simplify import number, product, renamed, sum_over, tidy, total
from codegen.wide import Narrow, Wide
from derive.binders import free_indices, substitute
from derive.distinct import complement, is_guard
from derive.terms import MINUS_ONE, ONE, ZERO, Add, Delta, Fn, Index, Mul, Num, Pow, Term

#: an addition is not multiplied out into more terms than this
TERMS = 24


@dataclass(frozen=True)
class How:
    """What is not negative, whether the terms in which a point meets itself are left out, and the keys of the sums
    that other lines have formed already."""

    positive: Callable[[Term], bool]
    apart: bool
    known: frozenset[str] = frozenset()


def distributed(
    over: list[Index], factors: list[Term], ordered: Callable[[Term], Term], how: How
) -> Term | None:
    """Σ_over Π factors with the additions whose terms have fewer indices than they have multiplied
    out, each part in order; None if there are none.  A sum of squares with weights that are
    not negative stays ≥ 0."""
    spread: list[tuple[Term, ...]] = []
    kept: list[Term] = []
    pairs: list[tuple[Index, Index]] = []
    square = all(map(how.positive, factors)) and not any(isinstance(f, Add) for f in factors)
    for f in factors:
        power = 1
        base = f
        if isinstance(f, Pow) and number(f.exponent) == 2:
            base, power = f.base, 2
        # Σ_{j≠i} a_j as Σ_j a_j − a_i would lose the digits that a_i has and the rest has not
        open_ = isinstance(base, Add) and not is_guard(base)
        if open_ and isinstance(base, Add) and any(free_indices(a) != free_indices(base) for a in base.args):
            terms = tuple(_wide(a) for a in base.args) if square else base.args
            spread.extend([terms] * power)
            pairs += _vanishes(base) if how.apart else []
        else:
            kept.append(f)
    count = 1
    for terms in spread:
        count *= len(terms)
    if not spread or count > TERMS:
        return None
    if not square:
        kept = _off_diagonal(kept, pairs)
    collected: dict[tuple[str, ...], tuple[Term, Term]] = {}
    for chosen in choices(*spread):
        part = product(*chosen, *kept)
        factors_ = part.args if isinstance(part, Mul) else (part,)
        numbers = [f for f in factors_ if isinstance(f, Num)]
        rest = sorted((f for f in factors_ if not isinstance(f, Num)), key=str)
        key = tuple(map(str, rest))
        old = collected.get(key, (ZERO, ONE))[0]
        collected[key] = total(old, product(*numbers)), product(*rest)
    parts = []
    for coefficient, rest_ in collected.values():
        part = product(coefficient, rest_)
        for k in over:
            part = sum_over(k, part)
        parts.append(ordered(tidy(renamed(part))))
    parts.sort(key=lambda p: (number(p.args[0]) or 0) < 0 if isinstance(p, Mul) else False)
    made = total(*parts)
    if not square:
        return made
    distance = Narrow(Fn("max", (made, ZERO)))  # of a point from itself exactly 0
    apart = [_complement(i, j) for i, j in pairs if {i, j} <= free_indices(made)]
    return Masked(apart[0], distance) if apart else distance


def _vanishes(base: Add) -> list[tuple[Index, Index]]:
    """The pairs of indices for which x_i − x_j is 0 where they are equal."""
    axes = free_of(base)
    return [
        (i, j) for i, j in combinations(axes, 2) if i.size == j.size and tidy(substitute(base, {j: i})) == ZERO
    ]  # fmt: skip


def _complement(i: Index, j: Index) -> Term:
    return Add((ONE, Mul((MINUS_ONE, Delta(i, j)))))


def _off_diagonal(factors: list[Term], pairs: list[tuple[Index, Index]]) -> list[Term]:
    """A factor that multiplies x_i − x_j, without its diagonal: k_ii x_i − x_i k_ii would hide what is small."""
    for i, j in pairs:
        both = [f for f in factors if free_indices(f) == {i, j}]
        if both and not any(isinstance(f, Masked) and complement(f.mask) is not None for f in both):
            rest = [f for f in factors if f not in both]
            return [*rest, Masked(_complement(i, j), product(*both))]
    return factors


def _wide(t: Term) -> Term:
    """A term of a sum that is squared, its number apart, in double precision."""
    factors = t.args if isinstance(t, Mul) else (t,)
    numbers = [f for f in factors if isinstance(f, Num)]
    rest = [f for f in factors if not isinstance(f, Num)]
    return product(*numbers, Wide(product(*rest))) if rest else t
