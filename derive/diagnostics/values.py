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
    return str(value)


def as_json(value: Any) -> Any:
    """Exact fractions and what JSON has no number for become strings: "3/2"."""
    if isinstance(value, (list, tuple)):
        return [as_json(v) for v in value]
    if isinstance(value, Fraction):
        return str(value) if value.denominator != 1 else int(value)
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return value
