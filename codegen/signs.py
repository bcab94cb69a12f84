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
    if isinstance(t, Add) and _within(t, context):
        return True
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


def _within(t: Add, context: Context) -> bool:
    """c − x for a name that is declared to be at most c."""
    c, *rest = sorted(t.args, key=lambda a: not isinstance(a, Num))
    if not isinstance(c, Num) or len(rest) != 1 or not isinstance(rest[0], Mul) or len(rest[0].args) != 2:
        return False
    minus, x = rest[0].args
    name = x.array if isinstance(x, Entry) else x
    declared = context.declarations.get(name.name) if isinstance(name, Var) and number(minus) == -1 else None
    if declared is None:
        return False
    domain = declared.domain
    high = max(domain.values) if domain.values is not None else domain.high
    return high is not None and high <= c.value


__all__ = ["nonnegative"]
