"""Exponentials put where they neither overflow nor hide what multiplies them.

    log Σᵢ cᵢ e^{zᵢ}      = m + log Σᵢ cᵢ e^{zᵢ − m}          for any m
    p e^u                 = e^{u + log p}                      for p > 0: a softmax that may be 0 as a number
    e^v Σₖ aₖ/bₖ          = Σₖ e^v aₖ/bₖ                       where bₖ is a sum of exponentials
    p q                   = e^{u + v}                          for names p and q of e^u and e^v, one of them above 1
    e^v (a + b e^{−v})    = a e^v + b

Here i runs over the terms of an addition; a term may be a sum over an index.  Each use is proved by the kernel,
with m any number.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from codegen.alike import alike
from codegen.exponential_sums import (
    Rewriting,
    divides,
    factors_of,
    has_exp,
    is_exp,
    one_less_exp,
    opened_exp,
    parts_of,
    proved,
    shifted_sum,
    softmax,
)
from codegen.justify import holds
from codegen.simplify import exp_less_one, exponential, negative, number, power, product, renamed, total
from derive.terms import ONE, Add, Entry, Fn, Mul, Num, Pow, Sum, Term, Var


def logarithm(run: Rewriting, t: Term) -> Term | None:
    """The logarithm of an addition with exponentials, shifted."""
    if not (isinstance(t, Fn) and t.name == "log"):
        return None
    if (less := exp_less_one(t.args[0])) is not None:  # defined for exponents of one sign
        if less[0] < 0:
            return None
        made = total(less[1], Fn("log", (one_less_exp(negative(less[1])),)))
        return run.rewritten(made) if holds(run.context, t, made) else None
    found = parts_of(run, t.args[0])
    if found is None:
        return None
    return proved(run, t, found, lambda m, kept: total(m, Fn("log", (shifted_sum(found, m, kept),))))


def absorbed(run: Rewriting, t: Term) -> Term | None:
    """Exponentials with the softmaxes that multiply them in the exponent."""
    if not isinstance(t, Mul) or not any(is_exp(f) for f in t.args):
        return None
    soft = [f for f in t.args if softmax(run, f)]
    if not soft:
        return None
    inside = total(
        *(f.args[0] for f in t.args if isinstance(f, Fn) and is_exp(f)), *(Fn("log", (f,)) for f in soft)
    )
    made = product(*(f for f in t.args if not is_exp(f) and f not in soft), exponential(inside))
    return made if holds(run.context, t, made) else None


def met(run: Rewriting, t: Term) -> Term | None:
    """An exponential that multiplies a name for a quotient by a square of a sum of exponentials, written out."""
    if not isinstance(t, Mul) or not any(has_exp(run, f) for f in t.args):
        return None
    for k, f in enumerate(t.args):
        inside = run.opened(f) if isinstance(f, (Var, Entry)) else None
        if isinstance(inside, Mul) and any(
            divides(run, g) and isinstance(g, Pow) and number(g.exponent) == -2 for g in inside.args
        ):
            made = product(*t.args[:k], *t.args[k + 1 :], renamed(inside))
            return made if holds(run.context, t, made) else None
    return None


def gathered(run: Rewriting, t: Term) -> Term | None:
    """Names for exponentials that multiply each other, as one exponential: neither overflows beside a small one."""
    if isinstance(t, Pow) and (number(t.exponent) or 0) <= -2:  # the power may overflow where the name does not
        return _power_of_exp(run, t)
    if not isinstance(t, Mul):
        return None
    named = {n: e for n, f in enumerate(t.args) if (e := _power_of_exp(run, f)) is not None}
    every = [*named.values(), *(f for f in t.args if is_exp(f))]
    if len(every) < 2 or not named or sum(not _at_most_one(run, e) for e in every) < 1:
        return None
    made = product(*(named.get(n, f) for n, f in enumerate(t.args)))
    return made if holds(run.context, t, made) else None


def _power_of_exp(run: Rewriting, t: Term) -> Term | None:
    """(eᵃ)ⁿ = eⁿᵃ for a name of eᵃ."""
    base, e = (t.base, t.exponent) if isinstance(t, Pow) else (t, ONE)
    inside = run.opened(base) if isinstance(base, (Var, Entry)) else None
    if inside is None or not is_exp(inside) or (number(e) or Fraction(1, 2)).denominator != 1:
        return None
    return power(renamed(inside), e)


def _at_most_one(run: Rewriting, t: Term) -> bool:
    """Is the exponent −c times squares, absolute values and what is declared not negative?"""
    assert isinstance(t, Fn)
    factors = factors_of(t.args[0])
    return (number(factors[0]) or Fraction(1)) < 0 and all(run.nonnegative(f) for f in factors[1:])


def cancelled(run: Rewriting, t: Term) -> Term | None:
    """e^v (a + b e^{−v})ⁿ = a e^v + b for n = 1, else (a e^{v/n} + b e^{v/n − v})ⁿ where that frees b."""
    if not isinstance(t, Mul):
        return None
    for k, f in enumerate(t.args):
        e = f if is_exp(f) else _power_of_exp(run, f)
        for n, whole in enumerate(t.args):
            base, times = (whole.base, number(whole.exponent)) if isinstance(whole, Pow) else (whole, Fraction(1))
            if not isinstance(e, Fn) or not isinstance(base, Add):
                continue
            if times is None or times < 1 or times.denominator != 1:
                continue
            share = product(Num(1 / times), e.args[0])
            turned = exponential(negative(share))
            opened = [product(*(opened_exp(run, g) for g in factors_of(a))) for a in base.args]
            if any(alike(g, turned) for a in opened for g in factors_of(a) if is_exp(g)):
                rest = [g for m, g in enumerate(t.args) if m not in (k, n)]
                lifted = [product(exponential(share), a) for a in opened]
                if times == 1:
                    made = total(*(product(*rest, a) for a in lifted))
                else:
                    made = product(*rest, power(total(*lifted), Num(times)))
                return made if holds(run.context, t, made) else None
    return None


def moved_in(run: Rewriting, t: Term) -> Term | None:
    """An exponential that multiplies a sum of quotients by sums of exponentials, in each of them."""
    if not isinstance(t, Mul):
        return None
    exponentials = [f for f in t.args if isinstance(f, (Fn, Var, Entry)) and has_exp(run, f)]
    for place, factor in enumerate(t.args):
        whole = _quotients(run, factor)
        if not exponentials or not any(divides(run, n) for n in _above(whole)):
            continue
        if any(divides(run, f) for f in t.args):  # they are divided where they are
            continue
        rest = [f for k, f in enumerate(t.args) if k != place and f not in exponentials]
        opened = [opened_exp(run, e) for e in exponentials]
        if isinstance(whole, Add):
            made = product(*rest, total(*(product(*opened, a) for a in whole.args)))
        elif isinstance(whole, Sum):
            inner = renamed(whole)
            assert isinstance(inner, Sum)
            body = product(*opened, inner.body)
            made = product(*rest, Sum(inner.index, body, inner.start))  # not taken out again
        else:
            continue
        return made if holds(run.context, t, made) else None
    return None


def _quotients(run: Rewriting, t: Term) -> Term:
    """A name for an addition, which overflows where the exponential that multiplies it does not, written out."""
    inside = run.opened(t) if isinstance(t, (Var, Entry)) else None
    return renamed(inside) if isinstance(inside, Add) else t


def _above(t: Term) -> Iterator[Term]:
    """The factors of the terms of a sum."""
    if isinstance(t, (Sum, Add, Mul)):
        for c in t.children:
            yield from _above(c)
    else:
        yield t


__all__ = ["absorbed", "cancelled", "gathered", "logarithm", "met", "moved_in"]
