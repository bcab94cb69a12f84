"""Sums of exponentials that the rules of `program-forms` do not name: shifted by their greatest exponent.

    log Σᵢ cᵢ e^{zᵢ}      = m + log Σᵢ cᵢ e^{zᵢ − m}          for any m
    e^v (Σᵢ cᵢ e^{zᵢ})^q  = e^{v + qm} (Σᵢ cᵢ e^{zᵢ − m})^q    for any m
    p e^u                 = e^{u + log p}                      for p > 0: a softmax that may be 0 as a number
    e^v Σₖ aₖ/bₖ          = Σₖ e^v aₖ/bₖ                       where bₖ is a sum of exponentials
    p q                   = e^{u + v}                          for names p and q of e^u and e^v, one of them above 1
    e^v (a + b e^{−v})    = a e^v + b

Here i runs over the terms of an addition; a term may be a sum over an index.  Each use is proved by the kernel,
with m any number.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from typing import Protocol

from codegen.alike import alike
from codegen.justify import holds
from codegen.simplify import exponential, negative, number, power, product, renamed, sum_over, total
from derive.context import Context, Declaration
from derive.terms import MINUS_ONE, ONE, ZERO, Add, Entry, Fn, Index, Mul, Pow, Sum, Term, Var

#: stands for the shift until it is known to be any number
ANY = Var("m#")


class Rewriting(Protocol):
    """What the laws ask of the pass that applies them."""

    context: Context

    def opened(self, t: Term) -> Term | None: ...
    def greatest(self, over: tuple[Index, ...], body: Term, where: Term | None) -> Term: ...
    def mask(self, weight: Term) -> Term | None: ...
    def named(self, t: Term, why: str) -> Term: ...
    def rewritten(self, t: Term) -> Term: ...
    def nonnegative(self, t: Term) -> bool: ...


#: what is done to the parts that a law keeps: nothing where it is proved, the rules where it is applied
Kept = Callable[[Term], Term]


@dataclass(frozen=True)
class _Part:
    """weight · e^exponent summed over `over`; a part without exponential has the exponent 0."""

    weight: Term
    exponent: Term
    over: tuple[Index, ...] = ()

    def shifted(self, m: Term, kept: Kept) -> Term:
        exponent = kept(self.exponent)
        made = product(kept(self.weight), exponential(total(exponent, product(MINUS_ONE, m))))
        for k in self.over:
            made = sum_over(k, made)
        return made


def logarithm(run: Rewriting, t: Term) -> Term | None:
    """The logarithm of an addition with exponentials, shifted."""
    if not (isinstance(t, Fn) and t.name == "log"):
        return None
    found = _parts(run, t.args[0])
    if found is None:
        return None
    return _proved(run, t, found, lambda m, kept: total(m, Fn("log", (_sum(found, m, kept),))))


def quotient(run: Rewriting, t: Term) -> Term | None:
    """A product with a negative power of an addition with exponentials, shifted."""
    factors = t.args if isinstance(t, Mul) else (t,)
    for place, f in enumerate(factors):
        if not isinstance(f, Pow) or (number(f.exponent) or Fraction(0)) >= 0:
            continue
        rest = list(factors[:place] + factors[place + 1 :])
        paired = _paired(run, f, rest)
        if paired is not None:
            return paired
        found = _parts(run, f.base)
        if found is None:
            continue
        split = _split(run, f, rest)
        if split is not None:
            return run.rewritten(split) if holds(run.context, t, split) else None
        rest = [_open(run, r) for r in rest]
        if not _logistic(found) or any(_is_exp(r) or _sums(run, r) for r in rest):
            return _proved(run, t, found, partial(_shifted_quotient, run, found, f.exponent, rest))
    return None


def _paired(run: Rewriting, below: Pow, rest: list[Term]) -> Term | None:
    """eᵃ (p Σ eᵇ + q c)/c² = (eᵃ/c) (p (Σ eᵇ)/c + q), each quotient shifted by itself."""
    if number(below.exponent) != -2 or not divides(run, below):
        return None
    for k, r in enumerate(rest):  # the square does not depend on the index of the sum, and stands before it
        inner = renamed(r)
        if isinstance(inner, Sum) and isinstance(inner.body, Mul):
            made = _paired(run, below, list(inner.body.args))
            if made is not None:
                others = [run.rewritten(x) for n, x in enumerate(rest) if n != k]
                return product(*others, sum_over(inner.index, made, inner.start))
    single = [r for r in rest if _exponential(run, r)]
    if len(single) != 1:
        return None
    once = Pow(below.base, MINUS_ONE)
    for k, above in enumerate(rest):
        terms = above.args if isinstance(above, Add) else (above,)
        if not all(any(_sums(run, f) for f in _factors(a)) for a in terms):
            continue
        others = [run.rewritten(r) for n, r in enumerate(rest) if n != k and r is not single[0]]
        parts = [_over(run, a, once) for a in terms]
        return product(*others, run.rewritten(product(_open(run, single[0]), once)), total(*parts))
    return None


def _over(run: Rewriting, t: Term, once: Pow) -> Term:
    """A product with a sum of exponentials, divided by one; by itself it is 1."""
    factors = list(_factors(t))
    k = next(n for n, f in enumerate(factors) if _sums(run, f))
    beside = product(*factors[:k], *factors[k + 1 :])
    return run.rewritten(beside if alike(factors[k], once.base) else product(beside, factors[k], once))


def _factors(t: Term) -> tuple[Term, ...]:
    return t.args if isinstance(t, Mul) else (t,)


def _sums(run: Rewriting, t: Term) -> bool:
    """Is it a sum over an index with exponentials, or a name for one?"""
    t = _open_sum(run, t)
    return isinstance(t, Sum) and any(_exponential(run, f) or _sums(run, f) for f in _factors(t.body))


def _open_sum(run: Rewriting, t: Term) -> Term:
    inside = run.opened(t) if isinstance(t, (Var, Entry)) else None
    return inside if isinstance(inside, Sum) else t


def _split(run: Rewriting, below: Pow, rest: list[Term]) -> Term | None:
    """(p eᵃ − q Σ eᵇ − t)/b = p eᵃ/b − q (Σ eᵇ)/b − t/b, where b/b is 1."""
    for k, other in enumerate(rest):
        if not isinstance(other, Add):
            continue
        if any(_exponential(run, a) or any(_sums(run, f) for f in _factors(a)) for a in other.args):
            beside = [_open(run, x) for x in rest[:k] + rest[k + 1 :]]
            return total(*(product(*beside, _divided(_open(run, a), below)) for a in other.args))
    return None


def _divided(t: Term, below: Pow) -> Term:
    """A term over a power of a sum; by itself a sum is one power less."""
    factors = list(_factors(t))
    for n, f in enumerate(factors):
        if alike(f, below.base) and (number(below.exponent) or 0) <= -1:
            left = power(below.base, total(below.exponent, ONE))
            return product(*factors[:n], *factors[n + 1 :], left)
    return product(t, below)


def _shifted_quotient(
    run: Rewriting, parts: list[_Part], q: Term, rest: list[Term], m: Term, kept: Kept
) -> Term:
    inside = [kept(e.args[0]) for e in rest if isinstance(e, Fn) and _is_exp(e)]
    sums = [r for r in rest if _sums(run, r)][:1]
    others = [kept(r) for r in rest if not _is_exp(r) and r not in sums]
    divided = power(_sum(parts, m, kept), q)
    if not sums:
        return product(*others, exponential(total(*inside, product(q, m))), divided)
    single, left = (ONE, q) if not inside else (exponential(total(*inside, negative(m))), total(q, ONE))
    above = _part(run, sums[0])  # the exponentials of a sum above the bar are shifted inside
    return product(*others, single, above.shifted(product(MINUS_ONE, left, m), kept), divided)


def absorbed(run: Rewriting, t: Term) -> Term | None:
    """Exponentials with the softmaxes that multiply them in the exponent."""
    if not isinstance(t, Mul) or not any(_is_exp(f) for f in t.args):
        return None
    soft = [f for f in t.args if softmax(run, f)]
    if not soft:
        return None
    inside = total(
        *(f.args[0] for f in t.args if isinstance(f, Fn) and _is_exp(f)), *(Fn("log", (f,)) for f in soft)
    )
    made = product(*(f for f in t.args if not _is_exp(f) and f not in soft), exponential(inside))
    return made if holds(run.context, t, made) else None


def met(run: Rewriting, t: Term) -> Term | None:
    """An exponential that multiplies a name for a quotient by a square of a sum of exponentials, written out."""
    if not isinstance(t, Mul) or not any(_exponential(run, f) for f in t.args):
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
    if not isinstance(t, Mul):
        return None
    named = {n: e for n, f in enumerate(t.args) if (e := _power_of_exp(run, f)) is not None}
    every = [*named.values(), *(f for f in t.args if _is_exp(f))]
    if len(every) < 2 or not named or sum(not _at_most_one(run, e) for e in every) < 1:
        return None
    made = product(*(named.get(n, f) for n, f in enumerate(t.args)))
    return made if holds(run.context, t, made) else None


def _power_of_exp(run: Rewriting, t: Term) -> Term | None:
    """(eᵃ)ⁿ = eⁿᵃ for a name of eᵃ."""
    base, e = (t.base, t.exponent) if isinstance(t, Pow) else (t, ONE)
    inside = run.opened(base) if isinstance(base, (Var, Entry)) else None
    if inside is None or not _is_exp(inside) or (number(e) or Fraction(1, 2)).denominator != 1:
        return None
    return power(renamed(inside), e)


def _at_most_one(run: Rewriting, t: Term) -> bool:
    """Is the exponent −c times squares, absolute values and what is declared not negative?"""
    assert isinstance(t, Fn)
    factors = _factors(t.args[0])
    return (number(factors[0]) or Fraction(1)) < 0 and all(run.nonnegative(f) for f in factors[1:])


def cancelled(run: Rewriting, t: Term) -> Term | None:
    """e^v (a + b e^{−v}) = a e^v + b"""
    if not isinstance(t, Mul):
        return None
    for k, e in enumerate(t.args):
        for n, whole in enumerate(t.args):
            if not isinstance(e, Fn) or not _is_exp(e) or not isinstance(whole, Add):
                continue
            turned = exponential(negative(e.args[0]))
            if any(alike(f, turned) for a in whole.args for f in _factors(a) if _is_exp(f)):
                rest = [f for m, f in enumerate(t.args) if m not in (k, n)]
                made = total(*(product(*rest, e, a) for a in whole.args))
                return made if holds(run.context, t, made) else None
    return None


def moved_in(run: Rewriting, t: Term) -> Term | None:
    """An exponential that multiplies a sum of quotients by sums of exponentials, in each of them."""
    if not isinstance(t, Mul):
        return None
    exponentials = [f for f in t.args if isinstance(f, (Fn, Var, Entry)) and _exponential(run, f)]
    for place, factor in enumerate(t.args):
        whole = _quotients(run, factor)
        if not exponentials or not any(divides(run, n) for n in _above(whole)):
            continue
        if any(divides(run, f) for f in t.args):  # they are divided where they are
            continue
        rest = [f for k, f in enumerate(t.args) if k != place and f not in exponentials]
        opened = [_open(run, e) for e in exponentials]
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


# -- parts ---------------------------------------------------------------------------------------------------


def _parts(run: Rewriting, t: Term) -> list[_Part] | None:
    """The terms of an addition or a sum, one of which at least is an exponential; None for anything else."""
    t = t if isinstance(t, (Add, Sum)) else (run.opened(t) or t)
    if not isinstance(t, (Add, Sum)):
        return None
    parts = [_part(run, a) for a in (t.args if isinstance(t, Add) else (t,))]
    return parts if any(p.exponent != ZERO for p in parts) else None


def _part(run: Rewriting, t: Term) -> _Part:
    """A product as a weight and an exponential, both under the sum that is one of its factors."""
    factors = [_open(run, f) for f in _factors(t)]
    at = next((n for n, f in enumerate(factors) if _sums(run, f)), None)
    if at is not None:
        inner = renamed(_open_sum(run, factors[at]))
        if isinstance(inner, Sum) and inner.start == 1:
            below = _part(run, product(*factors[:at], *factors[at + 1 :], inner.body))
            return _Part(below.weight, below.exponent, (inner.index, *below.over))
    inside = [f.args[0] for f in factors if isinstance(f, Fn) and _is_exp(f)]
    return _Part(product(*(f for f in factors if not _is_exp(f))), total(*inside), ())


def _sum(parts: list[_Part], m: Term, kept: Kept) -> Term:
    return total(*(p.shifted(m, kept) for p in parts))


def _proved(run: Rewriting, t: Term, parts: list[_Part], made: Callable[[Term, Kept], Term]) -> Term | None:
    inner = run.context.child()
    inner.declare(Declaration(ANY.name))
    if not holds(inner, t, made(ANY, lambda x: x)):
        return None
    greatest: Term | None = None
    for p in parts:
        exponent = run.rewritten(p.exponent)
        mine = run.greatest(p.over, exponent, run.mask(p.weight)) if p.over else exponent
        greatest = mine if greatest is None or greatest == mine else Fn("max", (greatest, mine))
    assert greatest is not None
    return made(greatest, run.rewritten)


def _open(run: Rewriting, t: Term) -> Term:
    """A name for an exponential, written out."""
    if isinstance(t, (Var, Entry)) and _exponential(run, t):
        return run.opened(t) or t
    return t


def _exponential(run: Rewriting, t: Term) -> bool:
    """Is the term an exponential, times a number or not, by itself or by its name?"""
    if isinstance(t, (Var, Entry)):
        inside = run.opened(t)
        return inside is not None and _is_exp(inside)
    factors = t.args if isinstance(t, Mul) else (t,)
    return any(_is_exp(f) or (isinstance(f, (Var, Entry)) and _exponential(run, f)) for f in factors)


def softmax(run: Rewriting, t: Term) -> bool:
    """Is the term a name for an exponential over a sum of exponentials?"""
    inside = run.opened(t) if isinstance(t, (Var, Entry)) else None
    if not isinstance(inside, Mul) or not any(_is_exp(f) for f in inside.args):
        return False
    below = [f.base for f in inside.args if isinstance(f, Pow) and (number(f.exponent) or Fraction(0)) < 0]
    return any(isinstance(b, (Sum, Add)) and any(_is_exp(n) for n in b.walk()) for b in below)


def divides(run: Rewriting, t: Term) -> bool:
    """Is it a negative power of a sum of exponentials?"""
    if not isinstance(t, Pow) or (number(t.exponent) or Fraction(0)) >= 0:
        return False
    return any(_is_exp(n) or (isinstance(n, (Var, Entry)) and _exponential(run, n)) for n in t.base.walk())


def _logistic(parts: list[_Part]) -> bool:
    """1 + e^z, which has forms of its own."""
    return len(parts) == 2 and all(p.weight == ONE and not p.over for p in parts) and any(
        p.exponent == ZERO for p in parts
    )


def _is_exp(t: Term) -> bool:
    return isinstance(t, Fn) and t.name == "exp"


__all__ = [
    "ANY", "Rewriting", "absorbed", "cancelled", "divides", "gathered", "logarithm", "met", "moved_in",
    "quotient", "softmax",
]  # fmt: skip
