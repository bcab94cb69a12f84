"""Expressions as sums of products: signs, reciprocals, and code that broadcasts."""

from __future__ import annotations

from fractions import Fraction

from codegen.program import Axes, Number, Pointwise, Read, Tensor

MINUS_ONE, ONE = Number(Fraction(-1)), Number(Fraction(1))


def addends(t: Tensor) -> list[tuple[Tensor, ...]]:
    """t as a sum of products, as far as it is one; scalars distribute over the sum they multiply."""
    if isinstance(t, Pointwise) and t.op == "add":
        return [term for x in t.operands for term in addends(x)]
    if isinstance(t, Pointwise) and t.op == "mul":
        sums = [x for x in t.operands if x.axes and isinstance(x, Pointwise) and x.op == "add"]
        scalars = tuple(x for x in t.operands if not x.axes)
        if len(sums) == 1 and len(scalars) == len(t.operands) - 1:
            return [(*scalars, *term) for term in addends(sums[0])]
        return [t.operands]
    return [(t,)]


def product(term: tuple[Tensor, ...]) -> Tensor:
    return term[0] if len(term) == 1 else Pointwise("mul", term)


def sign(term: tuple[Tensor, ...]) -> int:
    return -1 if sum(isinstance(x, Number) and x.value < 0 for x in term) % 2 else 1


def positive(term: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
    made = tuple(Number(abs(x.value)) if isinstance(x, Number) else x for x in term)
    return tuple(x for x in made if x != ONE) or (ONE,)


def computed(term: tuple[Tensor, ...]) -> bool:
    return not (len(term) == 1 and isinstance(term[0], Read))


def reciprocal(t: Tensor) -> Tensor | None:
    if isinstance(t, Pointwise) and t.op == "pow" and t.operands[1] == MINUS_ONE:
        return t.operands[0]
    return None


def spread(code: str, own: Axes, axes: Axes) -> str:
    """`code`, whose axes are `own` in the order of `axes`, so that it broadcasts to `axes`."""
    if own == axes or not own:
        return code
    picks = [":" if i in own else "None" for i in axes]
    while picks[0] == "None":  # NumPy adds leading axes itself
        picks.pop(0)
    return code if "None" not in picks else f"{code}[{', '.join(picks)}]"
