"""Entrywise products: factors with fewer axes are multiplied first, so that they cost no pass over the array.

    c uₙ vₙ w_d = np.outer(c * u * v, w),    c A_nd / (uₙ vₙ) = A * (c / (u * v))[:, None]
"""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from typing import Protocol

from codegen.axes import expanded
from codegen.code import PRODUCT, SIGN, Code, call, product_of
from codegen.forms import quotient
from codegen.program import Axes, Number, Pointwise, Tensor


class Framing(Protocol):
    def framed(self, t: Tensor, frame: Axes) -> Code: ...


def product(emitter: Framing, factors: tuple[Tensor, ...], order: Axes) -> Code:
    """The product of the factors, as an array that broadcasts to `order`."""
    minus, above, below = quotient(factors)
    groups: dict[Axes, tuple[list[Tensor], list[Tensor]]] = {}
    above = _squared(above)
    for side, given in enumerate((above, below)):
        for f in given:
            groups.setdefault(tuple(i for i in order if i in f.axes), ([], []))[side].append(f)
    scalars = groups.pop((), ([], []))
    if len(groups) < 2:
        return _entrywise(emitter, above, below, order, minus)
    least = min(groups, key=lambda own: (len(own), not groups[own][0]))
    over: list[tuple[Axes, Code]] = []
    under: list[Code] = []
    for own, (first, second) in sorted(groups.items(), key=lambda group: group[0] != order):
        sign = minus and own == least
        if own == least:
            first, second = [*scalars[0], *first], [*scalars[1], *second]
        if first or sign:
            over.append((own, _entrywise(emitter, first, second, own, sign)))
        else:
            under.append(expanded(product_of([_entrywise(emitter, second, [], own)], []), own, order))
    if len(over) == 2 == len(order) and not under and all(len(own) == 1 for own, _ in over):
        return call("np.outer", *(code.text for _, code in sorted(over, key=lambda part: order.index(part[0][0]))))
    return product_of([expanded(code, own, order) for own, code in over], under)


def _squared(factors: list[Tensor]) -> list[Tensor]:
    """X * X as X**2; scalars stay as often as they are there."""
    made: list[Tensor] = []
    for f, n in Counter(factors).items():
        made.extend([f] * n if n == 1 or not f.axes else [Pointwise("pow", (f, Number(Fraction(n))))])
    return made


def _entrywise(
    emitter: Framing, above: list[Tensor], below: list[Tensor], order: Axes, minus: bool = False
) -> Code:
    """A quotient of products of arrays that have the same axes, the scalars gathered first."""
    above, below = (sorted(side, key=lambda f: bool(f.axes)) for side in (above, below))
    over, under = ([f for f in side if not f.axes] for side in (above, below))
    arrays = len(above) > len(over), len(below) > len(under)
    if not any(arrays) or (arrays[0] and len(over) + len(under) <= 1):  # X / N, 2 * X
        parts, divisors = [emitter.framed(f, order) for f in above], [emitter.framed(f, order) for f in below]
    else:
        gathered = over or under
        parts = [product_of(*([emitter.framed(f, ()) for f in side] for side in (over, under)))] if gathered else []
        parts += [emitter.framed(f, order) for f in above[len(over) :]]
        divisors = [emitter.framed(f, order) for f in below[len(under) :]]
    code = product_of(parts, divisors)
    if not minus:
        return code
    if parts and parts[0].is_matmul:  # the product is smaller than what it is made of
        code = product_of([Code(parts[0].at(SIGN)), *parts[1:]], divisors)
    return Code(f"-{code.at(PRODUCT)}", min(code.level, SIGN))


__all__ = ["product"]
