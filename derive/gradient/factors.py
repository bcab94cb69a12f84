"""Factors with their exponents: √x is x^½, e^{2m} is (e^m)²."""

from __future__ import annotations

from fractions import Fraction

from derive.gradient.constructors import flat, scaled
from derive.terms import (
    MINUS_ONE,
    ONE,
    Add,
    Fn,
    Mul,
    Num,
    Pow,
    SqNorm,
    Sum,
    Term,
)  # fmt: skip


def times(parts: list[Term]) -> Term:
    """The product of the parts."""
    if not parts:
        return ONE
    return parts[0] if len(parts) == 1 else Mul(tuple(parts))


def power_of(base: Term, e: Fraction) -> Term:
    """base^e as one writes it: √x, 1/√x, e^{2m}."""
    if isinstance(base, Fn) and base.name == "exp" and e != 1:
        return Fn("exp", (flat(Mul((Num(e), *factors_of(base.args[0])))),))
    if e == 1:
        return base
    if e == Fraction(1, 2):
        return Fn("sqrt", (base,))
    if e == Fraction(-1, 2):
        return Pow(Fn("sqrt", (base,)), MINUS_ONE)
    return Pow(base, Num(e))


def factors_of(t: Term) -> tuple[Term, ...]:
    """The factors of a product; any other term is its only one."""
    return t.args if isinstance(t, Mul) else (t,)


def negative(t: Term) -> bool:
    """Does it have a minus in front?"""
    first = factors_of(t)[0]
    return isinstance(first, Num) and first.value < 0


def base_and_exponent(t: Term) -> tuple[Term, Fraction]:
    """t = base^power with a rational power."""
    power = Fraction(1)
    while True:
        if isinstance(t, Pow) and isinstance(t.exponent, Num):
            if isinstance(t.base, Pow) and t.exponent.value.denominator != 1:
                return t, power  # (x²)^½ is not x
            power *= t.exponent.value
            t = t.base
        elif isinstance(t, Fn) and t.name == "sqrt" and not isinstance(t.args[0], Pow):
            if power.denominator != 1:
                return t, power
            power *= Fraction(1, 2)
            t = t.args[0]
            return t, power
        else:
            return t, power


def _square(t: Term) -> bool:
    """A square, or a sum of squares."""
    if isinstance(t, Sum):
        return _square(t.body)
    return isinstance(t, SqNorm) or (isinstance(t, Pow) and isinstance(t.exponent, Num) and t.exponent.value == 2)


def exponential(t: Fn) -> tuple[Term, Fraction]:
    """exp(c·m) as exp(m)^c: one leaf for exp(−m), exp(m) and exp(2m), and exp(−m) for a square m."""
    leaf, c = _positive(t)
    arg = leaf.args[0] if isinstance(leaf, Fn) else leaf
    if any(_square(f) for f in factors_of(arg)):
        return Fn("exp", (scaled([MINUS_ONE], arg),)), -c
    return leaf, c


def _positive(t: Fn) -> tuple[Term, Fraction]:
    arg = t.args[0]
    if isinstance(arg, Add):
        head = arg.args[0]
        c = head.args[0].value if isinstance(head, Mul) and isinstance(head.args[0], Num) else Fraction(1)
        c = head.value if isinstance(head, Num) else c
        c = Fraction(-1) if c < 0 else Fraction(1)
        inner: Term = arg if c == 1 else Add(tuple(scaled([MINUS_ONE], a) for a in arg.args))
    elif isinstance(arg, Mul) and isinstance(arg.args[0], Num):
        c = arg.args[0].value
        inner = scaled([Num(1 / c)], arg) if c else arg
    else:
        return t, Fraction(1)
    return Fn("exp", (inner,)), c


__all__ = ["base_and_exponent", "exponential", "factors_of", "negative", "power_of", "times"]
