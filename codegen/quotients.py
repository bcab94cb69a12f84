"""Quotients by sums of exponentials that the rules of `program-forms` do not name: shifted, divided, split.

    e^v (Σᵢ cᵢ e^{zᵢ})^q         = e^{v + qm} (Σᵢ cᵢ e^{zᵢ − m})^q     for any m
    (p e^a + q Σ e^b + t)/c      = p e^a/c + q (Σ e^b)/c + t/c
    e^a (p Σ e^b + q c)/c²       = (e^a/c) (p (Σ e^b)/c + q)
    (1 − e^x)^q                  = (−1)^q e^{qx} (1 − e^{−x})^q       where x ≥ 0

Here c is a sum of exponentials, b and i run over its index or its terms.  Each use is proved by the kernel,
with m any number.
"""

from __future__ import annotations

from fractions import Fraction
from functools import partial

from codegen.alike import alike
from codegen.exponential_sums import (
    Kept,
    Part,
    Rewriting,
    divides,
    factors_of,
    has_exp,
    is_exp,
    is_logistic,
    is_sum_of_exps,
    one_less_exp,
    opened_exp,
    part_of,
    parts_of,
    proved,
    shifted_sum,
)
from codegen.justify import holds
from codegen.simplify import exp_less_one, exponential, negative, number, power, product, renamed, sum_over, total
from derive.terms import MINUS_ONE, ONE, Add, Fn, Mul, Num, Pow, Sum, Term


def quotient(run: Rewriting, t: Term) -> Term | None:
    """A product with a negative power of an addition with exponentials, shifted."""
    factors = t.args if isinstance(t, Mul) else (t,)
    for place, f in enumerate(factors):
        if not isinstance(f, Pow) or (number(f.exponent) or Fraction(0)) >= 0:
            continue
        rest = list(factors[:place] + factors[place + 1 :])
        paired = _paired(run, f, rest, lambda x: x)
        if paired is not None and holds(run.context, t, paired):
            return _paired(run, f, rest, run.rewritten)
        found = parts_of(run, f.base)
        if found is None:
            continue
        if (less := exp_less_one(f.base)) is not None and run.nonnegative(negative(less[1])):
            continue  # e^x ≤ 1
        split = _split(run, f, rest)
        if split is not None:
            return run.rewritten(split) if holds(run.context, t, split) else None
        if less is not None and run.nonnegative(less[1]):
            turned = product(Num(Fraction(less[0])), exponential(less[1]), one_less_exp(negative(less[1])))
            made = product(*(opened_exp(run, r) for r in rest), power(turned, f.exponent))
            return run.rewritten(made) if holds(run.context, t, made) else None
        rest = [opened_exp(run, r) for r in rest]
        if not is_logistic(found) or any(is_exp(r) or is_sum_of_exps(run, r) for r in rest):
            return proved(run, t, found, partial(_shifted_quotient, run, found, f.exponent, rest))
    return None


def _paired(run: Rewriting, below: Pow, rest: list[Term], kept: Kept) -> Term | None:
    """eᵃ (p Σ eᵇ + q c)/c² = (eᵃ/c) (p (Σ eᵇ)/c + q), each quotient shifted by itself."""
    if number(below.exponent) != -2 or not divides(run, below):
        return None
    for k, r in enumerate(rest):  # the square does not depend on the index of the sum, and stands before it
        inner = renamed(r)
        if isinstance(inner, Sum) and isinstance(inner.body, Mul):
            made = _paired(run, below, list(inner.body.args), kept)
            if made is not None:
                others = [kept(x) for n, x in enumerate(rest) if n != k]
                return product(*others, sum_over(inner.index, made, inner.start))
    single = [r for r in rest if has_exp(run, r)]
    if len(single) != 1:
        return None
    once = Pow(below.base, MINUS_ONE)
    for k, above in enumerate(rest):
        terms = above.args if isinstance(above, Add) else (above,)
        if not all(any(is_sum_of_exps(run, f) for f in factors_of(a)) for a in terms):
            continue
        others = [kept(r) for n, r in enumerate(rest) if n != k and r is not single[0]]
        parts = [_over(run, a, once, kept) for a in terms]
        return product(*others, kept(product(opened_exp(run, single[0]), once)), total(*parts))
    return None


def _over(run: Rewriting, t: Term, once: Pow, kept: Kept) -> Term:
    """A product with a sum of exponentials, divided by one; by itself it is 1."""
    factors = list(factors_of(t))
    k = next(n for n, f in enumerate(factors) if is_sum_of_exps(run, f))
    beside = product(*factors[:k], *factors[k + 1 :])
    return kept(beside if alike(factors[k], once.base) else product(beside, factors[k], once))


def _split(run: Rewriting, below: Pow, rest: list[Term]) -> Term | None:
    """(p eᵃ − q Σ eᵇ − t)/b = p eᵃ/b − q (Σ eᵇ)/b − t/b, where b/b is 1."""
    for k, other in enumerate(rest):
        if not isinstance(other, Add):
            continue
        if any(has_exp(run, a) or any(is_sum_of_exps(run, f) for f in factors_of(a)) for a in other.args):
            beside = [opened_exp(run, x) for x in rest[:k] + rest[k + 1 :]]
            return total(*(product(*beside, _divided(opened_exp(run, a), below)) for a in other.args))
    return None


def _divided(t: Term, below: Pow) -> Term:
    """A term over a power of a sum; by itself a sum is one power less."""
    factors = list(factors_of(t))
    for n, f in enumerate(factors):
        if alike(f, below.base) and (number(below.exponent) or 0) <= -1:
            left = power(below.base, total(below.exponent, ONE))
            return product(*factors[:n], *factors[n + 1 :], left)
    return product(t, below)


def _shifted_quotient(
    run: Rewriting, parts: list[Part], q: Term, rest: list[Term], m: Term, kept: Kept
) -> Term:
    inside = [kept(e.args[0]) for e in rest if isinstance(e, Fn) and is_exp(e)]
    sums = [r for r in rest if is_sum_of_exps(run, r)][:1]
    others = [kept(r) for r in rest if not is_exp(r) and r not in sums]
    divided = power(shifted_sum(parts, m, kept), q)
    if not sums:
        return product(*others, exponential(total(*inside, product(q, m))), divided)
    single, left = (ONE, q) if not inside else (exponential(total(*inside, negative(m))), total(q, ONE))
    above = part_of(run, sums[0])  # the exponentials of a sum above the bar are shifted inside
    return product(*others, single, above.shifted(product(MINUS_ONE, left, m), kept), divided)


__all__ = ["quotient"]
