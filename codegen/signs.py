"""What is not negative by the way it is written and by what is declared."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from codegen.simplify import number
from derive.context import Context
from derive.terms import ONE, ZERO, Add, Entry, Fn, Mul, Num, Pow, Sum, Term, Var


def nonnegative(t: Term, context: Context, opened: Callable[[Term], Term | None] = lambda t: None) -> bool:
    """Whether `t` is ≥ 0 wherever it has a value; `opened` tells what a name stands for."""
    if isinstance(t, Num):
        return t.value >= 0
    if isinstance(t, (Sum, Mul, Add)):
        return all(nonnegative(c, context, opened) for c in t.children)
    if isinstance(t, Pow):
        e = number(t.exponent)
        return (e is not None and e.denominator == 1 and e % 2 == 0) or nonnegative(t.base, context, opened)
    if isinstance(t, Fn):
        if t.name == "log" and isinstance(t.args[0], Add):  # log(1 + x)
            return ONE in t.args[0].args and nonnegative(t.args[0], context, opened)
        return t.name in ("abs", "exp", "cosh") or (t.name == "max" and ZERO in t.args)
    inside = opened(t)
    if isinstance(inside, Fn) and inside.name == "exp":
        return True
    name = t.array if isinstance(t, Entry) else t
    declared = context.declarations.get(name.name) if isinstance(name, Var) else None
    if declared is None:
        return False
    domain = declared.domain
    low = min(domain.values) if domain.values is not None else domain.low
    return low is not None and low >= Fraction(0)


__all__ = ["nonnegative"]
