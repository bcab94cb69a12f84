"""Concrete smooth functions that stand for the unknown ones of a context."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from derive.evaluate.numbers import Number, Reals

#: derivative of each wave: (name, sign)
_TURNED = {"sin": ("cos", 1), "cos": ("sin", -1), "exp": ("exp", 1)}


@dataclass(frozen=True)
class Univariate:
    """f(x) = Σ_k coefficients[k] x^k + amplitude · wave(rate · x), with wave sin, cos or exp."""

    coefficients: tuple[Fraction, ...]
    amplitude: Fraction = Fraction(0)
    wave: str = "sin"
    rate: Fraction = Fraction(1)

    def derivative(self, order: int) -> Univariate:
        """The derivative of that order, again of this form."""
        if order == 0:
            return self
        lower = tuple(k * c for k, c in enumerate(self.coefficients))[1:]
        name, sign = _TURNED[self.wave]
        return Univariate(lower, sign * self.amplitude * self.rate, name, self.rate).derivative(order - 1)

    def __call__(self, x: Number, numbers: Reals) -> Number:
        value: Number = 0
        for c in reversed(self.coefficients):
            value = value * x + _short(c)
        if self.amplitude:
            value = value + _short(self.amplitude) * getattr(numbers, self.wave)(_short(self.rate) * x)
        return value + 0 * x if not self.coefficients else value

    def text(self, x: str = "x") -> str:
        parts = [_monomial(c, x, k) for k, c in reversed(list(enumerate(self.coefficients))) if c]
        if self.amplitude:
            inside = x if self.rate == 1 else f"{self.rate}{x}"
            factor = "" if self.amplitude == 1 else str(self.amplitude)
            parts.append(f"{factor}{self.wave}({inside})")
        return " + ".join(parts).replace("+ -", "− ").replace("-", "−") or "0"


def _monomial(c: Fraction, x: str, k: int) -> str:
    if not k:
        return str(c)
    factor = {1: "", -1: "-"}.get(c.numerator, str(c)) if c.denominator == 1 else f"({c})"
    return f"{factor}{x}" + ("" if k == 1 else {2: "²", 3: "³", 4: "⁴"}.get(k, f"^{k}"))


def _short(c: Fraction) -> int | Fraction:
    return c.numerator if c.denominator == 1 else c


@dataclass(frozen=True)
class Field:
    """E(v) = Σ_k linear(k) v_k + Σ_k square(k) v_k² + Σ_k cube(k) v_k³ + pair · (Σ_k v_k)² + wave(Σ_k k v_k).

    k counts the entries in row-major order from 1; each coefficient is slope · k + shift.
    """

    linear: tuple[int, int] = (0, 0)
    square: tuple[int, int] = (0, 0)
    cube: tuple[int, int] = (0, 0)
    pair: int = 0
    wave: str = ""

    def __call__(self, entries: Sequence[Number], numbers: Reals) -> Number:
        value: Number = 0
        whole: Number = 0
        weighted: Number = 0
        for k, v in enumerate(entries, 1):
            inner: Number = 0
            for slope, shift in (self.cube, self.square, self.linear):
                inner = (inner + slope * k + shift) * v
            value = value + inner
            whole = whole + v
            weighted = weighted + k * v
        if self.pair:
            value = value + self.pair * (whole * whole)
        if self.wave:
            value = value + getattr(numbers, self.wave)(weighted)
        return value

    def text(self, v: str = "v") -> str:
        def coefficient(pair: tuple[int, int]) -> str:
            slope, shift = pair
            words = [{1: "k"}.get(slope, f"{slope}k")] if slope else []
            words += [str(shift)] if shift else []
            made = " + ".join(words).replace("+ -", "− ")
            return "" if made == "1" else f"({made}) " if len(words) > 1 else f"{made} "

        powers = ((self.cube, "³"), (self.square, "²"), (self.linear, ""))
        parts = [f"Σₖ {coefficient(c)}{v}ₖ{p}" for c, p in powers if any(c)]
        if self.pair:
            parts.append(f"{'' if self.pair == 1 else self.pair}(Σₖ {v}ₖ)²")
        if self.wave:
            parts.append(f"{self.wave}(Σₖ k {v}ₖ)")
        return " + ".join(parts) or "0"


Concrete = Univariate | Field


def _poly(*coefficients: int) -> Univariate:
    return Univariate(tuple(map(Fraction, coefficients)))


#: what an unknown function of a scalar may be, the simplest first
UNIVARIATE: tuple[Univariate, ...] = (
    _poly(0, 1, 1),
    _poly(1, -1, 0, 1),
    _poly(2, 0, 3, -1),
    Univariate((Fraction(0), Fraction(2)), Fraction(1), "sin"),
    _poly(0, 1),
    Univariate((Fraction(1), Fraction(0), Fraction(-1)), Fraction(1), "exp", Fraction(1, 2)),
    _poly(3),
    _poly(0, -2, 1, 1, -1),
)

#: the same for functions of arrays
FIELDS: tuple[Field, ...] = (
    Field(linear=(1, 0), square=(0, 1)),
    Field(square=(1, 0), pair=1),
    Field(linear=(-1, 2), cube=(1, 0), pair=-1),
    Field(linear=(1, 1), wave="sin"),
    Field(linear=(2, -1)),
    Field(square=(1, 1), cube=(0, -1), pair=2),
    Field(linear=(0, -1), square=(-1, 0)),
)
