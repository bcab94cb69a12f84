"""A log-sum-exp less the mean of its exponents: the slope by a temperature.

    log Σⱼ e^{uⱼ} − (Σⱼ e^{uⱼ} uⱼ)/Σⱼ e^{uⱼ} = log Σⱼ e^{uⱼ − m} − (Σⱼ e^{uⱼ − m} (uⱼ − m))/Σⱼ e^{uⱼ − m},   for any m

Both terms on the left are near the greatest exponent, which may be 10⁴ where the difference, the entropy of the
shares, is 10⁻⁹; on the right none is.  The terms may have a weight and stand under sums.  The kernel proves each
use, with m any number.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import permutations

from codegen.alike import alike
from codegen.exponential_sums import ANY, Rewriting, factors_of, is_exp, softmax
from codegen.justify import holds
from codegen.others import apart
from codegen.simplify import exponential, negative, number, power, product, renamed, sum_over, total
from derive.binders import free_indices, substitute
from derive.context import Declaration
from derive.terms import MINUS_ONE, Add, Fn, Index, Mul, Pow, Sum, Term


@dataclass(frozen=True)
class _Log:
    """Σ_over weight · log Σⱼ e^exponent"""

    over: tuple[Index, ...]
    weight: Term
    index: Index
    exponent: Term

    def less_mean(self, u: Term, m: Term) -> Term:
        """The right side, `u` for the exponent."""
        shifted = total(u, negative(m))
        e = exponential(shifted)
        s = Sum(self.index, e)
        mean = product(Sum(self.index, product(e, shifted)), power(s, MINUS_ONE))
        made = product(self.weight, total(Fn("log", (s,)), negative(mean)))
        for k in reversed(self.over):
            made = sum_over(k, made)
        return made


def entropy(run: Rewriting, t: Term) -> Term | None:
    """An addition with a log-sum-exp and the mean of its exponents."""
    if not isinstance(t, Add):
        return None
    for a in t.args:
        log = _log(a)
        if log is None:
            continue
        for b in t.args:
            if b is a or not _is_mean(run, b, log):
                continue
            rest = [x for x in t.args if x is not a and x is not b]
            inner = run.context.child()
            inner.declare(Declaration(ANY.name))
            if not holds(inner, total(a, b), log.less_mean(log.exponent, ANY)):
                continue
            u = run.rewritten(log.exponent)
            made = log.less_mean(u, run.greatest((log.index,), u, None))
            made = apart(made) if run.fine else made
            return total(made, run.rewritten(total(*rest))) if rest else made
    return None


def _log(t: Term) -> _Log | None:
    over, factors = _flat(t)
    logs = [f for f in factors if isinstance(f, Fn) and f.name == "log" and isinstance(f.args[0], Sum)]
    if len(logs) != 1:
        return None
    inside = renamed(logs[0].args[0])
    if not isinstance(inside, Sum) or inside.start != 1 or not isinstance(inside.body, Fn) or not is_exp(inside.body):
        return None
    weight = product(*(f for f in factors if f is not logs[0]))
    return _Log(tuple(over), weight, inside.index, inside.body.args[0])


def _is_mean(run: Rewriting, t: Term, log: _Log) -> bool:
    """Is the term −Σ_over weight (Σⱼ e^{uⱼ} uⱼ)/Σⱼ e^{uⱼ}?"""
    over, factors = _flat(t)
    factors = [g for f in factors for g in factors_of(_opened(run, f))]
    s = Sum(log.index, exponential(log.exponent))
    if len(over) != len(log.over) + 1:
        return False
    for to in _orders(over, (*log.over, log.index)):
        placed = [substitute(f, dict(to)) for f in factors]
        below = [f for f in placed if isinstance(f, Pow) and number(f.exponent) == -1 and alike(f.base, s)]
        above = [f for f in placed if alike(f, exponential(log.exponent))]
        if len(below) == len(above) == 1:
            value = product(*(f for f in placed if f is not below[0] and f is not above[0]))
            return holds(run.context, value, product(MINUS_ONE, log.weight, log.exponent))
    return False


def _opened(run: Rewriting, t: Term) -> Term:
    """A name for a softmax, written out."""
    inside = run.opened(t) if softmax(run, t) else None
    return t if inside is None else renamed(inside)


def _orders(over: list[Index], to: tuple[Index, ...]) -> Iterator[dict[Index, Index]]:
    for order in permutations(to) if len(to) <= 4 else ():
        if all(a.size == b.size for a, b in zip(over, order)):
            yield dict(zip(over, order))


def _flat(t: Term) -> tuple[list[Index], list[Term]]:
    """Indices and factors of sums of products, sums among the factors opened if they are products or sums."""
    over: list[Index] = []
    factors: list[Term] = []
    for f in factors_of(t):
        if isinstance(f, Sum) and f.start == 1 and (isinstance(f.body, (Mul, Sum)) or _holds_log(f.body)):
            inner = renamed(f)
            assert isinstance(inner, Sum)
            more, parts = _flat(inner.body)
            over += [inner.index, *more]
            factors += parts
        else:
            factors.append(f)
    return over, factors


def _holds_log(t: Term) -> bool:
    return isinstance(t, Fn) and t.name == "log" and bool(free_indices(t))


__all__ = ["entropy"]
