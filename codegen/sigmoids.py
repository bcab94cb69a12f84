"""Differences of sigmoids under a logarithm or a bar: the probability of what lies between two thresholds.

    σ(x) − σ(y)              = σ(x) σ(−y) (1 − e^{y − x})
    log(σ(x) − σ(y))         = log(1 − e^{y − x}) − log(1 + e^{−x}) − log(1 + e^y)     where x > y
    (c (σ(x) − σ(y)) + t)/(σ(x) − σ(y)) = c + t/(σ(x) − σ(y))

Of two sigmoids that are both nearly 0 or nearly 1 the difference has no digit.  Sigmoids that stand beside the
quotient are put in the same exponent, so that none of them is 0 below the bar.  The kernel proves each use.
"""

from __future__ import annotations

from fractions import Fraction

from codegen.alike import alike
from codegen.exponential_sums import Rewriting, factors_of, is_exp
from codegen.justify import holds
from codegen.rests import spread, without
from codegen.simplify import exponential, negative, number, power, product, total
from derive.terms import MINUS_ONE, ONE, Add, Entry, Fn, Mul, Num, Pow, Term, Var


def between(run: Rewriting, t: Term) -> Term | None:
    """A logarithm of a difference of sigmoids, or a product with its inverse."""
    if isinstance(t, Fn) and t.name == "log":
        pair = _pair(run, t.args[0])
        if pair is None:
            return None
        x, y = pair
        made = total(_log_rest(run, x, y), negative(_softplus(negative(x))), negative(_softplus(y)))
        return made if holds(run.context, t, made) else None
    factors = t.args if isinstance(t, Mul) else ()
    for n, f in enumerate(factors):
        pair = _pair(run, f.base) if isinstance(f, Pow) and number(f.exponent) == -1 else None
        if pair is not None and isinstance(f, Pow):
            rest = factors[:n] + factors[n + 1 :]
            made = _whole_part(rest, f) or _one_exponential(run, rest, *pair)
            return made if holds(run.context, t, made) else None
    return None


def _whole_part(rest: tuple[Term, ...], below: Pow) -> Term | None:
    """(c b + t)/b = c + t/b"""
    assert isinstance(below.base, Add)
    for k, above in enumerate(rest):
        for a in above.args if isinstance(above, Add) else ():
            parts = factors_of(a)
            at = next((n for n, p in enumerate(parts) if alike(p, below.base.args[0])), None)
            if at is None or not isinstance(above, Add):
                continue
            c = product(*parts[:at], *parts[at + 1 :])
            left = without(above.args, product(c, below.base))
            if left is not None:
                others = rest[:k] + rest[k + 1 :]
                quotient = [product(*others, total(*left), below)] if left else []
                return total(product(*others, c), *quotient)
    return None


def _one_exponential(run: Rewriting, rest: tuple[Term, ...], x: Term, y: Term) -> Term:
    """1/(σ(x) − σ(y)), with the sigmoids that multiply it in its exponent."""
    powers: list[tuple[Term, int]] = [(negative(x), 1), (y, 1)]  # of 1 + e^z
    kept: list[Term] = []
    for f in rest:
        z = _sigmoid(run, f)
        if z is None:
            kept.append(f)
            continue
        opposite = next((p for p in powers if p[1] > 0 and alike(p[0], negative(z))), None)
        if opposite is not None:
            powers.remove(opposite)
        else:
            powers.append((negative(z), -1))
    exponent = total(*(product(Num(Fraction(e)), _softplus(z)) for z, e in powers))
    return product(*kept, exponential(exponent), power(_rest(run, x, y), MINUS_ONE))


def _rest(run: Rewriting, x: Term, y: Term) -> Term:
    """1 − e^{y − x}"""
    return total(ONE, negative(exponential(negative(_difference(run, x, y)))))


def _log_rest(run: Rewriting, x: Term, y: Term) -> Term:
    return Fn("log", (_rest(run, x, y),))


def _softplus(z: Term) -> Term:
    return Fn("log", (total(ONE, exponential(z)),))


def _difference(run: Rewriting, x: Term, y: Term) -> Term:
    """x − y; a name for an addition is written out where that leaves less."""
    made = total(*spread(x), *spread(negative(y)))
    for a in made.args if isinstance(made, Add) else ():
        for name in factors_of(a):
            inside = run.opened(name) if isinstance(name, (Var, Entry)) else None
            if not isinstance(inside, Add) or not isinstance(made, Add):
                continue
            sign = product(*(f for f in factors_of(a) if f is not name))
            if number(sign) is None:
                continue
            others = [b for b in made.args if b is not a]
            opened = total(*(product(sign, b) for b in inside.args), *others)
            if len(opened.args if isinstance(opened, Add) else (opened,)) < len(made.args):
                return opened
    return made


def _pair(run: Rewriting, t: Term) -> tuple[Term, Term] | None:
    """x and y where the term is σ(x) − σ(y)."""
    if not isinstance(t, Add) or len(t.args) != 2:
        return None
    for a, b in (t.args, t.args[::-1]):
        x, y = _sigmoid(run, a), _sigmoid(run, negative(b))
        if x is not None and y is not None:
            return x, y
    return None


def _sigmoid(run: Rewriting, t: Term) -> Term | None:
    """z where the term, or what it is a name for, is σ(z) or 1 − σ(−z)."""
    if isinstance(t, (Var, Entry)):
        inside = run.opened(t)
        return None if inside is None else _sigmoid(run, inside)
    if isinstance(t, Add) and len(t.args) == 2 and ONE in t.args:
        (other,) = [a for a in t.args if a != ONE] or [ONE]
        turned = negative(other)
        z = _sigmoid(run, turned) if isinstance(turned, (Var, Entry, Pow, Mul)) else None
        return None if z is None else negative(z)
    factors = factors_of(t)
    above = [f.args[0] for f in factors if isinstance(f, Fn) and is_exp(f)]
    below = [f.base for f in factors if isinstance(f, Pow) and number(f.exponent) == -1]
    if len(above) + len(below) != len(factors) or len(below) != 1 or len(above) > 1:
        return None
    base = below[0]
    if not isinstance(base, Add) or len(base.args) != 2 or ONE not in base.args:
        return None
    (e,) = [a for a in base.args if a != ONE] or [ONE]
    if not isinstance(e, Fn) or not is_exp(e):
        return None
    if not above:
        return negative(e.args[0])
    return above[0] if alike(above[0], e.args[0]) else None


__all__ = ["between"]
