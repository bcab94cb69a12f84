"""The numbers of the evaluator: exact where possible, else of many digits, with exact derivatives.

A number is an `int` or `Fraction` (exact), an mpmath `mpf` of the precision of `Reals`, a `Dual`
(forward-mode derivatives, nested for higher orders) or `UNDEFINED`, which every operation passes on.
"""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache
from math import isqrt
from typing import Any

import mpmath

#: An exact number with more bits than this is rounded; an exponent or argument with more stops.
EXACT_BITS = 4096
MAGNITUDE = 512


class ResourceLimit(Exception):
    """An evaluation that would take too long or too much memory."""


class Undefined:
    """The value of what has none: log 0, 1/0, the slope of |x| at 0."""

    __slots__ = ()

    def _same(self, other: object = None) -> Undefined:
        return self

    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __pow__ = _same

    def __neg__(self) -> Undefined:
        return self

    def __repr__(self) -> str:
        return "undefined"


UNDEFINED = Undefined()

#: int | Fraction | mpf | Dual | Undefined; mpmath has no types
Number = Any


class Dual:
    """value + Σ_k parts[k] ε_k with ε_i ε_j = 0.

    `level` tells nested derivatives apart: the ε of a deeper level treat all others as constants.
    A part that is 0 stays: it tells that the number was made from the variable.
    """

    __slots__ = ("kink", "level", "parts", "value")

    def __init__(self, level: int, value: Number, parts: dict[int, Number]) -> None:
        self.level = level
        self.value = value
        self.parts = parts
        #: u and −u of |u|, u of max(0, u), where u is 0: the number has no slope, but its powers have
        self.kink: tuple[Number, ...] = ()

    def __add__(self, other: Number) -> Number:
        if type(other) is Dual:
            if other.level > self.level:
                return Dual(other.level, self + other.value, other.parts)
            if other.level == self.level:
                parts = dict(self.parts)
                for k, t in other.parts.items():
                    parts[k] = parts[k] + t if k in parts else t
                return Dual(self.level, self.value + other.value, parts)
        elif other is UNDEFINED:
            return other
        return Dual(self.level, self.value + other, self.parts)

    __radd__ = __add__

    def __neg__(self) -> Dual:
        return Dual(self.level, -self.value, {k: -t for k, t in self.parts.items()})

    def __sub__(self, other: Number) -> Number:
        return self + (-other)

    def __rsub__(self, other: Number) -> Number:
        return -self + other

    def __mul__(self, other: Number) -> Number:
        if type(other) is Dual:
            if other.level > self.level:
                return Dual(other.level, self * other.value, {k: self * t for k, t in other.parts.items()})
            if other.level == self.level:
                a, b = self.value, other.value
                parts = {k: t * b for k, t in self.parts.items()}
                for k, t in other.parts.items():
                    parts[k] = parts[k] + a * t if k in parts else a * t
                return Dual(self.level, a * b, parts)
        elif other is UNDEFINED:
            return other
        return Dual(self.level, self.value * other, {k: t * other for k, t in self.parts.items()})

    __rmul__ = __mul__

    def chain(self, value: Number, slope: Number) -> Number:
        """f of this number, from f and f′ at its value."""
        if value is UNDEFINED:
            return value
        return Dual(self.level, value, {k: slope * t for k, t in self.parts.items()})


def plain(x: Number) -> Number:
    """The number without its derivatives."""
    while type(x) is Dual:
        x = x.value
    return x


def is_exact(x: Number) -> bool:
    return isinstance(x, (int, Fraction))


def _root(n: int, q: int) -> int | None:
    """The integer r ≥ 0 with r^q = n ≥ 0, or None."""
    r = isqrt(n) if q == 2 else round(n ** (1 / q)) if n < 1 << 52 else -1
    return r if r >= 0 and r**q == n else None


class Reals:
    """The elementary functions at a precision of `digits` decimal digits."""

    def __init__(self, digits: int) -> None:
        self.digits = digits
        self.context: Any = mpmath.MPContext()
        self.context.dps = digits
        self.bits = int(self.context.prec)
        self.pi: Number = +self.context.pi
        self.e: Number = +self.context.e
        #: a sum that is this much smaller (in bits) than its largest term is 0 for all we can tell
        self.lost = self.bits * 7 // 10

    def real(self, x: Number) -> Any:
        """An exact number as an mpf."""
        if isinstance(x, Fraction):
            return self.context.mpf(x.numerator) / x.denominator
        return self.context.mpf(x)

    def magnitude(self, x: Number) -> int:
        """About log₂ |x|; very negative for 0."""
        if isinstance(x, int):
            return x.bit_length() if x else -(1 << 60)
        if isinstance(x, Fraction):
            if not x:
                return -(1 << 60)
            return x.numerator.bit_length() - x.denominator.bit_length()
        _, mantissa, exponent, count = x._mpf_
        return int(exponent + count) if mantissa else -(1 << 60)

    def bounded(self, x: Number) -> Number:
        """The number, rounded where it is exact but too long; raises where it is out of bounds."""
        if type(x) is int:
            return self.real(x) if x.bit_length() > EXACT_BITS else x
        if type(x) is Fraction:
            if x.numerator.bit_length() + x.denominator.bit_length() > EXACT_BITS:
                return self.real(x)
            return x.numerator if x.denominator == 1 else x
        if type(x) is Dual or x is UNDEFINED:
            return x
        if x._mpf_[2].bit_length() > MAGNITUDE:
            raise ResourceLimit("a number is too large")
        return x

    def total(self, terms: list[Number]) -> Number:
        """The sum; what cancels up to rounding is 0."""
        if not terms:
            return 0
        result = terms[0]
        for t in terms[1:]:
            result = result + t
        if len(terms) > 1:
            low = plain(result)
            if isinstance(low, self.context.mpf) and low:
                high = max(self.magnitude(plain(t)) for t in terms)
                if self.magnitude(low) < high - self.lost:
                    return result + (-low)
        return result

    # -- division and powers ---------------------------------------------------------------------

    def reciprocal(self, x: Number) -> Number:
        if type(x) is Dual:
            r = self.reciprocal(x.value)
            return r if r is UNDEFINED else x.chain(r, -(r * r))
        if x is UNDEFINED or not x:
            return UNDEFINED
        if isinstance(x, int):
            return x if x in (1, -1) else Fraction(1, x)
        return 1 / x

    def integer_power(self, x: Number, n: int) -> Number:
        """x^n; x^0 is 1, also for x = 0."""
        if n < 0:
            return self.reciprocal(self.integer_power(x, -n))
        if n == 0:
            return UNDEFINED if x is UNDEFINED else 1
        if n == 1 or x is UNDEFINED:
            return x
        if type(x) is Dual:
            if len(x.kink) == 2 and n % 2 == 0:  # |u|² = u²
                return self.integer_power(x.kink[0], n)
            if x.kink:
                return self.total([self.ramp_power(u, n) for u in x.kink])
            if n == 2:
                return x * x
            below = self.integer_power(x.value, n - 1)
            return x.chain(below * x.value, n * below)
        if n.bit_length() > MAGNITUDE:
            if x in (0, 1):
                return x
            raise ResourceLimit("an exponent is too large")
        if isinstance(x, (int, Fraction)) and x not in (0, 1, -1) and self._length(x) * n > EXACT_BITS:
            x = self.real(x)
        return self.bounded(x**n)

    def ramp_power(self, u: Number, n: int) -> Number:
        """max(0, u)^n where u is 0: its slope is n max(0, u)^{n−1} u′, of which there is none for n = 1."""
        if type(u) is not Dual:
            return 0
        if n == 1:
            return u.chain(self.ramp_power(u.value, 1), UNDEFINED)
        return u.chain(self.ramp_power(u.value, n), n * self.ramp_power(u.value, n - 1))

    @staticmethod
    def _length(x: int | Fraction) -> int:
        if isinstance(x, int):
            return x.bit_length()
        return x.numerator.bit_length() + x.denominator.bit_length()

    def fixed_power(self, x: Number, q: Fraction | Any) -> Number:
        """x^q for an exponent that does not vary: x ≥ 0 is enough unless q is an integer."""
        if type(q) is int:
            return self.integer_power(x, q)
        if isinstance(q, Fraction) and q.denominator == 1:
            return self.integer_power(x, q.numerator)
        low = plain(x)
        if low is UNDEFINED or low < 0 or (not low and q < 0):
            return UNDEFINED
        if type(x) is Dual:
            value = self.fixed_power(x.value, q)
            slope = q * self.fixed_power(x.value, q - 1) if low else UNDEFINED
            return x.chain(value, slope)
        if not low:
            return 0
        if isinstance(x, (int, Fraction)) and isinstance(q, Fraction):
            exact = self._exact_power(Fraction(x), q)
            if exact is not None:
                return exact
        return self.exp(q * self.log(x))

    def _exact_power(self, x: Fraction, q: Fraction) -> Number | None:
        if q.denominator > 6:
            return None
        top, bottom = _root(x.numerator, q.denominator), _root(x.denominator, q.denominator)
        if top is None or bottom is None:
            return None
        return self.integer_power(Fraction(top, bottom), q.numerator)

    def varying_power(self, x: Number, q: Number) -> Number:
        """x^q for an exponent that varies: it needs x > 0."""
        low = plain(x)
        if low is UNDEFINED or low <= 0 or plain(q) is UNDEFINED:
            return UNDEFINED
        if type(q) is not Dual and isinstance(q, (int, Fraction)):
            return self.fixed_power(x, q)
        if type(q) is not Dual and type(x) is not Dual:
            return self.exp(q * self.log(x))
        exponent = q * self.log(x)
        if type(exponent) is not Dual:
            return self.exp(exponent)
        value = self._peeled_power(x, q, exponent.level)
        return exponent.chain(value, value)

    def _peeled_power(self, x: Number, q: Number, level: int) -> Number:
        """x^q less the derivatives of `level`, so that exact powers stay exact."""
        if type(x) is Dual and x.level == level:
            x = x.value
        if type(q) is Dual and q.level == level:
            q = q.value
        return self.varying_power(x, q)

    # -- elementary functions -----------------------------------------------------------------------

    def _argument(self, x: Number) -> Any:
        if self.magnitude(x) > MAGNITUDE:
            raise ResourceLimit("the argument of a function is too large")
        return self.real(x)

    def exp(self, x: Number) -> Number:
        if type(x) is Dual:
            value = self.exp(x.value)
            return x.chain(value, value)
        if x is UNDEFINED:
            return x
        return 1 if not x else self.context.exp(self._argument(x))

    def log(self, x: Number) -> Number:
        if type(x) is Dual:
            value = self.log(x.value)
            return value if value is UNDEFINED else x.chain(value, self.reciprocal(x.value))
        if x is UNDEFINED or x <= 0:
            return UNDEFINED
        return 0 if x == 1 else self.context.log(self._argument(x))

    def sqrt(self, x: Number) -> Number:
        if type(x) is Dual:
            value = self.sqrt(x.value)
            return value if value is UNDEFINED else x.chain(value, self.reciprocal(2 * value))
        if x is UNDEFINED or x < 0:
            return UNDEFINED
        if isinstance(x, (int, Fraction)):
            exact = self._exact_power(Fraction(x), Fraction(1, 2))
            if exact is not None:
                return exact
        return self.context.sqrt(self._argument(x))

    def abs(self, x: Number) -> Number:
        low = plain(x)
        if low is UNDEFINED:
            return low
        if type(x) is Dual and not low:
            made: Dual = x.chain(self.abs(x.value), UNDEFINED)
            made.kink = (x, -x)
            return made
        return -x if low < 0 else x

    def ramp(self, x: Number) -> Number:
        """max(0, x)."""
        if type(x) is Dual and not plain(x):
            made: Dual = x.chain(self.ramp(x.value), UNDEFINED)
            made.kink = (x,)
            return made
        return self.max(0, x)

    def max(self, x: Number, y: Number) -> Number:
        a, b = plain(x), plain(y)
        if a is UNDEFINED or b is UNDEFINED:
            return UNDEFINED
        gap = a + (-b)
        if not gap and (type(x) is Dual or type(y) is Dual):
            kink = x + (-y)
            below = [v.value if type(v) is Dual and v.level == kink.level else v for v in (x, y)]
            return kink.chain(self.max(*below), UNDEFINED)
        made, other = (x, y) if gap >= 0 else (y, x)
        return made + 0 * other if type(other) is Dual else made  # made from the variables of both

    def tanh(self, x: Number) -> Number:
        if type(x) is Dual:
            value = self.tanh(x.value)
            return value if value is UNDEFINED else x.chain(value, 1 - value * value)
        if x is UNDEFINED or not x:
            return x
        return self.context.tanh(self._argument(x))

    def sinh(self, x: Number) -> Number:
        if type(x) is Dual:
            return x.chain(self.sinh(x.value), self.cosh(x.value))
        if x is UNDEFINED or not x:
            return x
        return self.context.sinh(self._argument(x))

    def cosh(self, x: Number) -> Number:
        if type(x) is Dual:
            return x.chain(self.cosh(x.value), self.sinh(x.value))
        if x is UNDEFINED:
            return x
        return self.context.cosh(self._argument(x)) if x else 1

    def sin(self, x: Number) -> Number:
        if type(x) is Dual:
            return x.chain(self.sin(x.value), self.cos(x.value))
        if x is UNDEFINED or not x:
            return x
        return self.context.sin(self._argument(x))

    def cos(self, x: Number) -> Number:
        if type(x) is Dual:
            return x.chain(self.cos(x.value), -self.sin(x.value))
        if x is UNDEFINED:
            return x
        return self.context.cos(self._argument(x)) if x else 1


@lru_cache(maxsize=8)
def reals(digits: int) -> Reals:
    return Reals(digits)
