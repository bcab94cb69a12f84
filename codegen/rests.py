"""What a share leaves: z − z σ(z) = z (1 − σ(z)), of which a difference would have no digit where σ(z) is nearly 1.

    v − v f = v (1 − f),   where a theorem of `program-forms` gives 1 − f without a difference

v may be a sum, or a product with one, whose terms stand in the addition.  The kernel proves each use.
"""

from __future__ import annotations

from codegen.alike import alike, spelled
from codegen.exponential_sums import Rewriting, divides, softmax
from codegen.justify import holds
from codegen.rules import program_rules
from codegen.simplify import negative, number, power, product, renamed, total
from derive.binders import substitute
from derive.terms import MINUS_ONE, ONE, Add, Delta, Entry, Fn, Index, Mul, Pow, Sum, Term, Var


def rest(run: Rewriting, t: Term) -> Term | None:
    """An addition with a term and its share of it, as what the share leaves."""
    if not isinstance(t, Add):
        return None
    shares = _other_shares(run, t)
    if shares is not None:
        return run.rewritten(shares) if holds(run.context, t, shares) else None
    for place, whole in enumerate(t.args):
        factors = whole.args if isinstance(whole, Mul) else ()
        for f in factors:
            if not isinstance(f, (Pow, Var, Entry, Fn)):
                continue
            left = total(ONE, negative(f))
            if not any(True for rule in program_rules() for m in rule.matches(left, run.opened) if not m.rest):
                continue
            v = negative(product(*(g for g in factors if g is not f)))
            others = without(t.args[:place] + t.args[place + 1 :], v)
            if others is None or (not others and v == ONE):  # 1 − f itself
                continue
            if not holds(run.context, t, total(*others, product(v, left))):
                continue
            return total(*map(run.rewritten, others), product(run.rewritten(v), run.rewritten(left)))
    return None


def _other_shares(run: Rewriting, t: Add) -> Term | None:
    """The other entries of a softmax, for 1 less an entry."""
    if len(t.args) != 2 or ONE not in t.args:
        return None
    y = negative(next(a for a in t.args if a != ONE))
    inside = run.opened(y) if isinstance(y, Entry) and softmax(run, y) else None
    if not isinstance(inside, Mul) or not isinstance(y, Entry):
        return None
    for f in inside.args:
        if isinstance(f, Pow) and number(f.exponent) == -1 and isinstance(f.base, Sum):
            total_ = renamed(f.base)
            assert isinstance(total_, Sum)
            j = total_.index
            same = [k for k in y.indices if isinstance(k, Index) and k.size == j.size]
            for k in same:
                above = product(*(g for g in inside.args if g is not f))
                if alike(substitute(above, {k: j}), total_.body):
                    return product(Sum(j, product(total(ONE, negative(Delta(j, k))), total_.body)), f)
    return None


def whole(run: Rewriting, t: Term) -> Term | None:
    """A quotient of additions with its whole part apart."""
    if not isinstance(t, Mul):
        return None
    for n, f in enumerate(t.args):
        if not isinstance(f, Pow) or not divides(run, f) or (number(f.exponent) or 0).denominator != 1:
            continue
        below = f.base if isinstance(f.base, Add) else run.opened(f.base)
        for k, above in enumerate(t.args):
            if not isinstance(above, Add) or not isinstance(below, Add) or len(above.args) <= len(below.args):
                continue
            left = without(above.args, below)
            if left is None:
                continue
            others = [g for m, g in enumerate(t.args) if m not in (k, n)]
            part = total(ONE, product(total(*left), power(f.base, MINUS_ONE)))
            made = product(*others, power(f.base, total(f.exponent, ONE)), part)
            return made if holds(run.context, t, made) else None
    return None


def without(terms: tuple[Term, ...], v: Term) -> list[Term] | None:
    """The terms beside those of `v`; None where one of them is not there."""
    left = list(terms)
    keys = [spelled(a) for a in left]
    for a in spread(v):
        key = spelled(a)
        if key not in keys:
            return None
        at = keys.index(key)
        del left[at], keys[at]
    return left


def spread(v: Term) -> tuple[Term, ...]:
    """The terms of a sum, and of a product with one."""
    factors = v.args if isinstance(v, Mul) else (v,)
    sums = [f for f in factors if isinstance(f, Add)]
    if len(sums) != 1:
        return (v,)
    made = total(*(product(*(f for f in factors if f is not sums[0]), a) for a in sums[0].args))
    return made.args if isinstance(made, Add) else (made,)


__all__ = ["rest", "spread", "whole", "without"]
