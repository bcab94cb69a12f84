"""Logarithms of products taken apart before anything is differentiated.

log Πₙ p(xₙ) becomes Σₙ log p(xₙ), and log(c · e^z) becomes log c + z, so that no derivative holds the
product, which is 0 or ∞ in floating point long before its logarithm is large.  The laws are those of
`log-forms`; they need factors that are positive, and what is made of a definition is proved equal to it.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from derive.binders import fresh
from derive.gradient.constructors import flat, scaled
from derive.gradient.factors import base_and_exponent, factors_of, times
from derive.terms import ONE, Add, Comp, Entry, Fn, Mul, Num, Pow, Prod, Sum, Term, Var

#: what a name, an entry of one, or a call of a defined function stands for; None for other terms
Opened = Callable[[Term], Term | None]
#: a name for the logarithms of an array, whose body is given
Logarithm = Callable[[Var, Term], Var]


def apart(t: Term, opened: Opened, logarithm: Logarithm) -> Term:
    """`t` with every logarithm of a product that may leave the range of floating point taken apart."""
    if isinstance(t, Fn) and t.name == "log" and not t.shape:
        (x,) = t.args
        if _literal_exp(x) or _wide(x, opened):
            return _log(x, opened, logarithm)
        mixed = _mixture(x, opened, logarithm)
        if mixed is not None:
            return mixed
    if not t.children:
        return t
    made = t.rebuild(tuple(apart(c, opened, logarithm) for c in t.children))
    return flat(made) if made != t and isinstance(made, (Add, Mul)) else made


def _log(x: Term, opened: Opened, logarithm: Logarithm) -> Term:
    """log x, where x is a product of what is positive."""
    if isinstance(x, Prod):  # log Π p = Σ log p
        return Sum(x.index, _log(x.body, opened, logarithm), x.start)
    if isinstance(x, Fn) and x.name == "exp":  # log e^z = z
        return apart(x.args[0], opened, logarithm)
    base, e = base_and_exponent(x)
    if e != 1:  # log bᶜ = c log b
        return flat(scaled([Num(e)], _log(base, opened, logarithm)))
    if isinstance(x, Pow):
        return flat(Mul((x.exponent, _log(x.base, opened, logarithm))))
    inside = opened(x)
    if inside is not None and _wide(x, opened):
        return _log(inside, opened, logarithm)
    if not isinstance(x, Mul):
        return Fn("log", (apart(x, opened, logarithm),))
    whole = _normalised(x, opened)
    far = [f for f in x.args if (_literal_exp(f) and not whole) or _wide(f, opened)]
    near = [f for f in x.args if f not in far]
    parts = [_log(f, opened, logarithm) for f in far]
    return flat(Add((*_near(near, opened, logarithm), *parts))) if near else flat(Add(tuple(parts)))


def _mixture(x: Term, opened: Opened, logarithm: Logarithm) -> Term | None:
    """log Σₖ pₖ e^{zₖ} with p := e^{a}/c is log Σₖ e^{lₖ + zₖ} with l := log p: a weight may be 0 as a number."""
    inside = x if isinstance(x, (Sum, Mul)) else (opened(x) or x)
    factors = factors_of(inside)
    sums = [f for f in factors if isinstance(f, Sum)]
    if len(sums) != 1 or any(base_and_exponent(f)[1] < 0 and not isinstance(f, Sum) for f in factors if _exps(f)):
        return None
    (s,) = sums
    parts = factors_of(s.body)
    for place, p in enumerate(parts):
        weight = opened(p) if isinstance(p, Entry) else None
        rest = parts[:place] + parts[place + 1 :]
        if not isinstance(p, Entry) or not isinstance(weight, Mul) or not any(_literal_exp(f) for f in rest):
            continue
        if _normalised(weight, opened) and isinstance(p.array, Var):
            axes = tuple(fresh(size) for size in p.array.shape)
            body = opened(Entry(p.array, axes))
            assert isinstance(body, Mul)
            logs = [_log(f, opened, logarithm) for f in body.args]
            name = logarithm(p.array, Comp(axes, flat(Add(tuple(logs)))))
            shifted = Sum(s.index, times([Fn("exp", (Entry(name, p.indices),)), *rest]), s.start)
            return Fn("log", (times([*(f for f in factors if f is not s), shifted]),))
    return None


def _exps(t: Term) -> bool:
    return any(_literal_exp(n) for n in t.walk())


def _near(factors: list[Term], opened: Opened, logarithm: Logarithm) -> list[Term]:
    """log of the product of factors of ordinary size: log(1/√c) is −½ log c."""
    powers = [base_and_exponent(f)[1] for f in factors if not isinstance(f, Num)]
    if len(factors) == 1 and powers:
        return [_log(factors[0], opened, logarithm)]
    numbers = [f.value for f in factors if isinstance(f, Num)]
    if powers and all(e < 0 for e in powers) and all(n.numerator == 1 for n in numbers):  # log(1/c) = −log c
        below = [Pow(b, Num(-e)) if e != -1 else b for b, e in map(base_and_exponent, factors) if e != 1]
        count = Fraction(1)
        for n in numbers:
            count *= n.denominator
        inside = flat(Mul((Num(count), *below))) if count != 1 else times(list(below))
        return [flat(scaled([Num(Fraction(-1))], Fn("log", (inside,))))]
    inside = flat(times([apart(f, opened, logarithm) for f in factors]))
    return [] if inside == ONE else [Fn("log", (inside,))]


def _wide(x: Term, opened: Opened, depth: int = 0) -> bool:
    """Is x a product over an index, a power with an exponent that varies, or an exponential with a factor?

    A softmax is not: divided by the sum of its exponentials it stays between 0 and 1, and keeps its name.
    """
    if isinstance(x, Prod):
        return True
    if isinstance(x, Pow):
        return not isinstance(x.exponent, Num) or _wide(x.base, opened, depth)
    if isinstance(x, Fn) and x.name == "sqrt":
        return _wide(x.args[0], opened, depth)
    if isinstance(x, Mul):
        exponentials = [f for f in x.args if _literal_exp(f)]
        return bool(exponentials and not _normalised(x, opened)) or any(_wide(f, opened, depth) for f in x.args)
    inside = opened(x) if depth < 20 else None
    return inside is not None and _wide(inside, opened, depth + 1)


def _literal_exp(x: Term) -> bool:
    base, _ = base_and_exponent(x)
    return isinstance(base, Fn) and base.name == "exp"


def _normalised(x: Mul, opened: Opened) -> bool:
    """Has the product a divisor that is a sum of exponentials, and is it known by its own value then?

    An addition of two, e^a/(e^a + e^b), is not: neither exponential is a function of the quotient alone.
    """
    for f in factors_of(x):
        base, e = base_and_exponent(f)
        inside = base if isinstance(base, (Sum, Add)) else opened(base)
        if e < 0 and isinstance(inside, Sum) and _exps(inside):
            return True
        if e < 0 and isinstance(inside, Add) and len({n for n in inside.walk() if _literal_exp(n)}) == 1:
            return True
    return False


__all__ = ["apart"]
