"""Intervals of real numbers with open and closed ends, and their arithmetic."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from derive.algebra.atoms import Rational


@dataclass(frozen=True)
class Range:
    """An interval; None is unbounded; a bound is strict where it is never attained."""

    low: Rational | None = None
    high: Rational | None = None
    low_strict: bool = False
    high_strict: bool = False
    nonzero: bool = False

    @property
    def positive(self) -> bool:
        return self.low is not None and (self.low > 0 or (self.low == 0 and (self.low_strict or self.nonzero)))

    @property
    def negative(self) -> bool:
        return self.high is not None and (
            self.high < 0 or (self.high == 0 and (self.high_strict or self.nonzero))
        )

    @property
    def nonneg(self) -> bool:
        return self.low is not None and self.low >= 0

    @property
    def nonpos(self) -> bool:
        return self.high is not None and self.high <= 0

    @property
    def away(self) -> bool:
        """Never zero."""
        return self.nonzero or self.positive or self.negative

    def plus(self, other: Range) -> Range:
        low = None if self.low is None or other.low is None else self.low + other.low
        high = None if self.high is None or other.high is None else self.high + other.high
        return Range(
            low, high, self.low_strict or other.low_strict, self.high_strict or other.high_strict
        )

    def scaled(self, c: Rational) -> Range:
        low = None if self.low is None else self.low * c
        high = None if self.high is None else self.high * c
        if c > 0:
            return Range(low, high, self.low_strict, self.high_strict, self.nonzero)
        return Range(high, low, self.high_strict, self.low_strict, self.nonzero)


ANY = Range()
POSITIVE = Range(low=0, low_strict=True)
NONNEG = Range(low=0)
#: constants and what is known of them
CONSTANTS = {"pi": Range(Fraction(314, 100), Fraction(315, 100), True, True)}
EULER = Range(Fraction(271, 100), Fraction(272, 100), True, True)


def product(a: Range, b: Range) -> Range:
    """An interval that holds every product of one value of each."""
    nonzero = a.away and b.away
    if a.low is not None and a.low == a.high:
        return b.scaled(a.low) if a.low else Range(0, 0)
    if b.low is not None and b.low == b.high:
        return a.scaled(b.low) if b.low else Range(0, 0)
    if a.nonneg and b.nonneg:
        high = None if a.high is None or b.high is None else a.high * b.high
        low = (a.low or 0) * (b.low or 0)
        return Range(low, high, low_strict=nonzero and (low == 0 or a.low_strict or b.low_strict),
                     high_strict=a.high_strict or b.high_strict, nonzero=nonzero)  # fmt: skip
    if a.nonpos and b.nonpos:
        return product(a.scaled(-1), b.scaled(-1))
    if (a.nonneg and b.nonpos) or (a.nonpos and b.nonneg):
        return product(a, b.scaled(-1)).scaled(-1) if a.nonneg else product(a.scaled(-1), b).scaled(-1)
    return Range(nonzero=nonzero)


def hull(a: Range, b: Range) -> Range:
    """The least interval that holds both."""

    def low(r: Range) -> tuple[Rational, bool]:
        return (r.low or 0, not r.low_strict)

    def high(r: Range) -> tuple[Rational, bool]:
        return (-(r.high or 0), not r.high_strict)

    below = None if a.low is None or b.low is None else max((a, b), key=lambda r: (-low(r)[0], low(r)[1]))
    above = None if a.high is None or b.high is None else max((a, b), key=lambda r: (-high(r)[0], high(r)[1]))
    return Range(
        None if below is None else below.low,
        None if above is None else above.high,
        bool(below and below.low_strict),
        bool(above and above.high_strict),
        a.away and b.away,
    )


def tighter(a: Range, b: Range) -> Range:
    """Both hold; keep the one that says more about the sign."""
    def rank(r: Range) -> int:
        return 3 if r.positive or r.negative else 2 if r.nonneg or r.nonpos else 1 if r.away else 0

    if (a.nonneg and b.nonpos) or (a.nonpos and b.nonneg):
        return Range(0, 0)
    return b if rank(b) > rank(a) else a
