"""Sums of exponentials as parts: weight · e^exponent, each summed over an index or not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Protocol

from codegen.justify import holds
from codegen.simplify import exponential, negative, number, product, renamed, sum_over, total
from derive.binders import free_indices
from derive.context import Context, Declaration
from derive.terms import MINUS_ONE, ONE, ZERO, Add, Entry, Fn, Index, Mul, Pow, Sum, Term, Var

#: stands for the shift until it is known to be any number
ANY = Var("m#")


class Rewriting(Protocol):
    """What the laws ask of the pass that applies them."""

    context: Context
    fine: bool

    def opened(self, t: Term) -> Term | None: ...
    def greatest(self, over: tuple[Index, ...], body: Term, where: Term | None) -> Term: ...
    def mask(self, weight: Term) -> Term | None: ...
    def named(self, t: Term, why: str) -> Term: ...
    def rewritten(self, t: Term) -> Term: ...
    def nonnegative(self, t: Term) -> bool: ...


#: what is done to the parts that a law keeps: nothing where it is proved, the rules where it is applied
Kept = Callable[[Term], Term]


@dataclass(frozen=True)
class Part:
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


def one_less_exp(x: Term) -> Term:
    return total(ONE, negative(exponential(x)))


def factors_of(t: Term) -> tuple[Term, ...]:
    return t.args if isinstance(t, Mul) else (t,)


def is_sum_of_exps(run: Rewriting, t: Term) -> bool:
    """Is it a sum over an index with exponentials, or a name for one, that is no matrix product?

    Σ_d e^{q_td} Σ_j e^{k_jd} is not shifted: its exponents q_td + k_jd would be an array over t, d and j.
    """
    found = _exponents(run, t) if isinstance(opened_sum(run, t), Sum) else []
    axes = [free_indices(x) for x in found]
    return bool(axes) and len(frozenset[Index]().union(*axes)) == max(map(len, axes))


def _exponents(run: Rewriting, t: Term) -> list[Term]:
    """The exponents of the exponentials that are factors of `t`, of its sums and of their factors."""
    t = opened_exp(run, opened_sum(run, t))
    if isinstance(t, Fn) and is_exp(t):
        return [t.args[0]]
    if isinstance(t, Sum):
        return _exponents(run, renamed(t).children[0])
    return [x for f in t.args for x in _exponents(run, f)] if isinstance(t, Mul) else []


def opened_sum(run: Rewriting, t: Term) -> Term:
    inside = run.opened(t) if isinstance(t, (Var, Entry)) else None
    return inside if isinstance(inside, Sum) else t


def parts_of(run: Rewriting, t: Term) -> list[Part] | None:
    """The terms of an addition or a sum, one of which at least is an exponential; None for anything else."""
    t = t if isinstance(t, (Add, Sum)) else (run.opened(t) or t)
    if not isinstance(t, (Add, Sum)):
        return None
    parts = [part_of(run, a) for a in (t.args if isinstance(t, Add) else (t,))]
    return parts if any(p.exponent != ZERO for p in parts) else None


def part_of(run: Rewriting, t: Term) -> Part:
    """A product as a weight and an exponential, both under the sum that is one of its factors."""
    factors = [opened_exp(run, f) for f in factors_of(t)]
    at = next((n for n, f in enumerate(factors) if is_sum_of_exps(run, f)), None)
    if at is not None:
        inner = renamed(opened_sum(run, factors[at]))
        if isinstance(inner, Sum) and inner.start == 1:
            below = part_of(run, product(*factors[:at], *factors[at + 1 :], inner.body))
            return Part(below.weight, below.exponent, (inner.index, *below.over))
    inside = [f.args[0] for f in factors if isinstance(f, Fn) and is_exp(f)]
    return Part(product(*(f for f in factors if not is_exp(f))), total(*inside), ())


def shifted_sum(parts: list[Part], m: Term, kept: Kept) -> Term:
    return total(*(p.shifted(m, kept) for p in parts))


def proved(run: Rewriting, t: Term, parts: list[Part], made: Callable[[Term, Kept], Term]) -> Term | None:
    inner = run.context.child()
    inner.declare(Declaration(ANY.name))
    if not holds(inner, t, made(ANY, lambda x: x)):
        return None
    if any(p.exponent == ZERO and not p.over for p in parts):  # e^x ≤ 1 is not the greatest
        parts = [p for p in parts if p.exponent == ZERO or not run.nonnegative(negative(p.exponent))]
        if all(p.exponent == ZERO for p in parts):
            return None
    greatest: Term | None = None
    for p in parts:
        exponent = run.rewritten(p.exponent)
        mine = run.greatest(p.over, exponent, run.mask(p.weight)) if p.over else exponent
        greatest = mine if greatest is None or greatest == mine else Fn("max", (greatest, mine))
    assert greatest is not None
    return made(greatest, run.rewritten)


def opened_exp(run: Rewriting, t: Term) -> Term:
    """A name for an exponential, written out."""
    if isinstance(t, (Var, Entry)) and has_exp(run, t):
        return run.opened(t) or t
    return t


def has_exp(run: Rewriting, t: Term) -> bool:
    """Is the term an exponential, times a number or not, by itself or by its name?"""
    if isinstance(t, (Var, Entry)):
        inside = run.opened(t)
        return inside is not None and is_exp(inside)
    factors = t.args if isinstance(t, Mul) else (t,)
    return any(is_exp(f) or (isinstance(f, (Var, Entry)) and has_exp(run, f)) for f in factors)


def softmax(run: Rewriting, t: Term) -> bool:
    """Is the term a name for an exponential over a sum of exponentials?"""
    inside = run.opened(t) if isinstance(t, (Var, Entry)) else None
    if not isinstance(inside, Mul) or not any(is_exp(f) for f in inside.args):
        return False
    below = [f.base for f in inside.args if isinstance(f, Pow) and (number(f.exponent) or Fraction(0)) < 0]
    return any(isinstance(b, (Sum, Add)) and any(is_exp(n) for n in b.walk()) for b in below)


def divides(run: Rewriting, t: Term) -> bool:
    """Is it a negative power of a sum of exponentials?"""
    if not isinstance(t, Pow) or (number(t.exponent) or Fraction(0)) >= 0:
        return False
    return any(is_exp(n) or (isinstance(n, (Var, Entry)) and has_exp(run, n)) for n in t.base.walk())


def is_logistic(parts: list[Part]) -> bool:
    """1 + e^z, which has forms of its own."""
    return len(parts) == 2 and all(p.weight == ONE and not p.over for p in parts) and any(
        p.exponent == ZERO for p in parts
    )


def is_exp(t: Term) -> bool:
    return isinstance(t, Fn) and t.name == "exp"


__all__ = [
    "ANY", "Kept", "Part", "Rewriting", "divides", "factors_of", "has_exp", "is_exp", "is_logistic",
    "is_sum_of_exps", "one_less_exp", "opened_exp", "opened_sum", "part_of", "parts_of", "proved",
    "shifted_sum", "softmax",
]  # fmt: skip
