"""Intervals that certainly hold a value: what the last look at a refutation computes with.

Rounded numbers of any precision can lose all their digits ((1 + e^{−300}) − 1).  An interval then gets wide,
and a question that its width leaves open raises `ResourceLimit` instead of being answered.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from functools import lru_cache
from typing import Any

import mpmath

from derive.evaluate.instance import Array, Instance
from derive.evaluate.numbers import Number, Reals, ResourceLimit, is_exact

DIGITS = 600
#: of a number that an equation was solved for, so large a share of the digits is known
_KNOWN = 0.6

_reals: Any = mpmath.MPContext()
_reals.dps = DIGITS
#: sixteen units in the last place: more than mpmath's functions are off
_STEP = _reals.mpf(2) ** (4 - _reals.prec)


class Interval:
    """All numbers from `low` to `high`, two mpf."""

    __slots__ = ("high", "low")

    def __init__(self, low: Any, high: Any) -> None:
        self.low = low
        self.high = high

    @property
    def middle(self) -> Any:
        return (self.low + self.high) / 2

    @property
    def sign(self) -> int | None:
        """The sign of every number in it, or None."""
        if self.low > 0:
            return 1
        if self.high < 0:
            return -1
        return 0 if not self.low and not self.high else None

    def _certain(self) -> int:
        if (sign := self.sign) is None:
            raise ResourceLimit("it cannot be told from 0")
        return sign

    def __float__(self) -> float:
        return float(self.middle)

    def __bool__(self) -> bool:
        return self._certain() != 0

    def __lt__(self, other: Number) -> bool:
        return bool(self.high < lifted(other).low) or (self - other)._certain() < 0

    def __gt__(self, other: Number) -> bool:
        return bool(self.low > lifted(other).high) or (self - other)._certain() > 0

    def __le__(self, other: Number) -> bool:
        return bool(self.high <= lifted(other).low) or not self > other

    def __ge__(self, other: Number) -> bool:
        return bool(self.low >= lifted(other).high) or not self < other

    def __neg__(self) -> Interval:
        return Interval(-self.high, -self.low)

    def __abs__(self) -> Interval:
        if self.low >= 0:
            return self
        return -self if self.high <= 0 else Interval(_reals.mpf(0), max(-self.low, self.high))

    def __add__(self, other: Number) -> Number:
        if (o := _operand(other)) is None:
            return NotImplemented
        return _wider(self.low + o.low, self.high + o.high)

    __radd__ = __add__

    def __sub__(self, other: Number) -> Number:
        return self + -other

    def __rsub__(self, other: Number) -> Number:
        return -self + other

    def __mul__(self, other: Number) -> Number:
        if (o := _operand(other)) is None:
            return NotImplemented
        ends = [a * b for a in (self.low, self.high) for b in (o.low, o.high)]
        return _wider(min(ends), max(ends))

    __rmul__ = __mul__

    def __rtruediv__(self, other: Number) -> Number:
        self._certain()
        return _wider(1 / self.high, 1 / self.low) * other

    def __pow__(self, n: int) -> Interval:
        base = abs(self) if n % 2 == 0 else self
        return _wider(base.low**n, base.high**n)


def _wider(low: Any, high: Any) -> Interval:
    return Interval(low - abs(low) * _STEP, high + abs(high) * _STEP)


def _operand(x: Number) -> Interval | None:
    return lifted(x) if isinstance(x, (Interval, int, Fraction, _reals.mpf)) else None


def lifted(x: Number) -> Interval:
    """The smallest interval at hand that holds an exact number; an mpf is one number."""
    if isinstance(x, Interval):
        return x
    if isinstance(x, Fraction):
        made = _reals.mpf(x.numerator) / x.denominator
        return _wider(made, made)
    made = _reals.mpf(x)
    return _wider(made, made) if isinstance(x, int) and x.bit_length() > _reals.prec else Interval(made, made)


def around(x: Any, digits: int) -> Interval:
    """Where the number is of which `x` is the value found with so many digits."""
    made = _reals.mpf(x)
    gap = max(abs(made), 1) * _reals.mpf(10) ** -int(_KNOWN * digits)
    return Interval(made - gap, made + gap)


def enclosed(instance: Instance, digits: int) -> Instance:
    """The instance with intervals around its rounded numbers, which were found with so many digits."""

    def one(x: Number) -> Number:
        return x if is_exact(x) else around(x, digits)

    made = instance.copy()
    for name, v in instance.values.items():
        made.values[name] = Array(v.dims, [one(x) for x in v.data]) if isinstance(v, Array) else one(v)
    return made


def _rising(f: Callable[[Any], Any]) -> Callable[[Interval], Interval]:
    """An increasing function, at both ends."""
    return lambda x: _wider(f(x.low), f(x.high))


def _wave(f: Callable[[Any], Any]) -> Callable[[Interval], Interval]:
    """A function of slope at most 1."""

    def made(x: Interval) -> Interval:
        value, reach = f(x.middle), (x.high - x.low) + abs(x.middle) * _STEP + _STEP
        return _wider(value - reach, value + reach)

    return made


class _Functions:
    """mpmath's functions, of intervals."""

    mpf = _reals.mpf
    dps = DIGITS
    prec = _reals.prec
    exp = staticmethod(_rising(_reals.exp))
    log = staticmethod(_rising(_reals.log))
    sqrt = staticmethod(_rising(_reals.sqrt))
    tanh = staticmethod(_rising(_reals.tanh))
    sinh = staticmethod(_rising(_reals.sinh))
    sin = staticmethod(_wave(_reals.sin))
    cos = staticmethod(_wave(_reals.cos))

    @staticmethod
    def cosh(x: Interval) -> Interval:
        return _rising(_reals.cosh)(abs(x))


class IntervalReals(Reals):
    """The elementary functions of intervals."""

    def __init__(self) -> None:
        self.digits = DIGITS
        self.context = _Functions()
        self.bits = _reals.prec
        self.pi = _wider(+_reals.pi, +_reals.pi)
        self.e = _wider(+_reals.e, +_reals.e)
        self.lost = self.bits

    def real(self, x: Number) -> Interval:
        return lifted(x)

    def magnitude(self, x: Number) -> int:
        if not isinstance(x, Interval):
            return super().magnitude(x)
        return max(super(IntervalReals, self).magnitude(end) for end in (x.low, x.high))

    def bounded(self, x: Number) -> Number:
        if not isinstance(x, Interval):
            return super().bounded(x)
        for end in (x.low, x.high):
            super().bounded(end)
        return x

    def total(self, terms: list[Number]) -> Number:
        result: Number = 0
        for t in terms:
            result = result + t
        return result

    def abs(self, x: Number) -> Number:
        return abs(x) if isinstance(x, Interval) else super().abs(x)

    def max(self, x: Number, y: Number) -> Number:
        one, two = _operand(x), _operand(y)
        if one is None or two is None or not (isinstance(x, Interval) or isinstance(y, Interval)):
            return super().max(x, y)
        return Interval(max(one.low, two.low), max(one.high, two.high))


@lru_cache(maxsize=1)
def intervals() -> IntervalReals:
    return IntervalReals()


__all__ = ["Interval", "IntervalReals", "around", "enclosed", "intervals"]
