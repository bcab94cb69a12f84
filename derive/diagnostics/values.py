"""Numbers and arrays as a person writes them, and as JSON holds them."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

from derive.messages import word


def written(value: Any, lang: str = "en") -> str:
    """`3/2`, `0.6931`, `[1, 2]`, `[[1, 0], [0, 1]]`; a truth value as a word."""
    if isinstance(value, bool):
        return word("true" if value else "false", lang)
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(written(v, lang) for v in value) + "]"
    if isinstance(value, float):
        return f"{value:.6g}" if math.isfinite(value) else str(value)
    if isinstance(value, (int, Fraction)) and _long(value):
        return _rounded(value)
    return str(value)


def as_json(value: Any) -> Any:
    """Exact fractions and what JSON has no number for become strings: "3/2", "≈ 1.0715e+301"."""
    if isinstance(value, (list, tuple)):
        return [as_json(v) for v in value]
    if isinstance(value, (int, Fraction)) and _long(value):
        return _rounded(value)
    if isinstance(value, Fraction):
        return str(value) if value.denominator != 1 else int(value)
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return value


def _long(value: int | Fraction) -> bool:
    """Has it so many digits that nobody reads them?"""
    return max(value.numerator.bit_length(), value.denominator.bit_length()) > 256


def _rounded(value: int | Fraction) -> str:
    """`≈ 1.0715e+301`, also beyond what a float holds."""
    exponent = math.log10(abs(value.numerator)) - math.log10(value.denominator)
    whole = math.floor(exponent)
    return f"≈ {'-' if value < 0 else ''}{10 ** (exponent - whole):.5g}e{whole:+d}"
