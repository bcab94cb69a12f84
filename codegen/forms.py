"""Pointwise expressions in the forms that a program writes: x / y, min(x, y), 1 + x."""

from __future__ import annotations

from fractions import Fraction

from codegen.code import ATOM, number
from codegen.program import Number, Pointwise, Tensor

MINUS, HALF = Fraction(-1), Fraction(1, 2)


def quotient(factors: tuple[Tensor, ...]) -> tuple[bool, list[Tensor], list[Tensor]]:
    """Sign, factors above and factors below the fraction bar."""
    sign = False
    above: list[Tensor] = []
    below: list[Tensor] = []
    for f in factors:
        if isinstance(f, Number):
            sign ^= f.value < 0
            p, q = abs(f.value).numerator, f.value.denominator
            if number(abs(f.value)).level == ATOM and q not in (1, 2, 4, 8):
                above.append(Number(abs(f.value)))
                continue
            above.extend([Number(Fraction(p))] if p != 1 else [])
            below.extend([Number(Fraction(q))] if q != 1 else [])
        elif isinstance(f, Pointwise) and f.op == "pow":
            base, e = f.operands
            if isinstance(e, Number) and e.value < 0:
                turned_up = -e.value
                below.append(base if turned_up == 1 else Pointwise("pow", (base, Number(turned_up))))
            else:
                above.append(f)
        else:
            above.append(f)
    return sign, above, below


def minimum_of(t: Pointwise) -> tuple[Tensor, ...] | None:
    """x, y where t is −max(−x, −y), which is min(x, y)."""
    if t.op != "mul" or len(t.operands) != 2 or t.operands[0] != Number(MINUS):
        return None
    greatest = t.operands[1]
    if not isinstance(greatest, Pointwise) or greatest.op != "max" or not t.axes:
        return None
    found: list[Tensor] = []
    for x in greatest.operands:
        if isinstance(x, Number):
            found.append(Number(-x.value))
        elif isinstance(x, Pointwise) and x.op == "mul" and x.operands[0] == Number(MINUS):
            found.append(x.operands[1] if len(x.operands) == 2 else Pointwise("mul", x.operands[1:]))
        else:
            return None
    return tuple(found)


def without_one(t: Tensor) -> Tensor | None:
    """x of 1 + x."""
    if isinstance(t, Pointwise) and t.op == "add" and Number(Fraction(1)) in t.operands:
        rest = tuple(a for a in t.operands if a != Number(Fraction(1)))
        if len(rest) == len(t.operands) - 1:
            return rest[0] if len(rest) == 1 else Pointwise("add", rest)
    return None


__all__ = ["HALF", "MINUS", "minimum_of", "quotient", "without_one"]
