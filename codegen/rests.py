"""What a share leaves: z − z σ(z) = z (1 − σ(z)), of which a difference would have no digit where σ(z) is nearly 1.

    v − v f = v (1 − f),   where a theorem of `program-forms` gives 1 − f without a difference

v may be a sum, or a product with one, whose terms stand in the addition.  The kernel proves each use.
"""

from __future__ import annotations

from codegen.alike import arranged
from codegen.exponential_sums import Rewriting, divides
from codegen.justify import holds
from codegen.rules import program_rules
from codegen.simplify import negative, number, power, product, total
from derive.binders import canonical
from derive.terms import MINUS_ONE, ONE, Add, Entry, Fn, Mul, Pow, Term, Var


def rest(run: Rewriting, t: Term) -> Term | None:
    """An addition with a term and its share of it, as what the share leaves."""
    if not isinstance(t, Add):
        return None
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
            if others is None or not holds(run.context, t, total(*others, product(v, left))):
                continue
            return total(*map(run.rewritten, others), product(run.rewritten(v), run.rewritten(left)))
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
    keys = [arranged(canonical(a)) for a in left]
    for a in spread(v):
        key = arranged(canonical(a))
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
