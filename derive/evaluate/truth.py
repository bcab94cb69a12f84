"""Comparing values: three-valued, because rounded numbers can be too close to tell apart."""

from __future__ import annotations

import math
from fractions import Fraction

from derive.evaluate.intervals import Interval
from derive.evaluate.numbers import Number, Reals, is_exact

#: rounded numbers differ if they differ by more than this, relatively and absolutely
RELATIVE = 20
ABSOLUTE = 30


def sign_of_gap(a: Number, b: Number, numbers: Reals) -> int | None:
    """The sign of a − b; 0 only if that is certain; None where rounding hides it."""
    if is_exact(a) and is_exact(b):
        return int(a > b) - int(a < b)
    gap = numbers.real(a) - numbers.real(b)
    if isinstance(gap, Interval):
        return gap.sign
    size = max(abs(numbers.real(a)), abs(numbers.real(b)))
    scale = numbers.digits / 50  # more digits see more
    ten = numbers.context.mpf(10)
    if abs(gap) <= size * ten ** -int(RELATIVE * scale) or abs(gap) <= ten ** -int(ABSOLUTE * scale):
        return None
    return 1 if gap > 0 else -1


#: relation → the signs of left − right for which it holds
HOLDS = {"=": {0}, "≠": {1, -1}, "<": {-1}, "≤": {-1, 0}, ">": {1}, "≥": {1, 0}}


def compare(op: str, a: Number, b: Number, numbers: Reals) -> bool | None:
    """a op b, or None where it cannot be told.

    Rounded numbers that cannot be told apart count as equal for `=`, `≤` and `≥` (as evidence, not
    as a proof) and are undecided for the rest.
    """
    sign = sign_of_gap(a, b, numbers)
    if sign is None:
        return True if 0 in HOLDS[op] else None
    return sign in HOLDS[op]


def simple(x: Number) -> Number:
    """A rounded number as the simple fraction that it is to all its digits, if there is one."""
    if is_exact(x):
        return x.numerator if isinstance(x, Fraction) and x.denominator == 1 else x
    context = x.context
    near = float(x)
    if not math.isfinite(near):
        return x
    guess = Fraction(near).limit_denominator(10**5)
    gap = abs(x + -(context.mpf(guess.numerator) / guess.denominator))
    if gap >= context.mpf(10) ** -(context.dps * 2 // 3) * max(1, abs(x)):
        return x
    return guess.numerator if guess.denominator == 1 else guess
