"""How a quotient of polynomials is written: its signs, the order of its factors, 1/(1 + e⁻ᶻ)."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from derive.binders import canonical, weight
from derive.gradient.factors import base_and_exponent, factors_of, negative, power_of
from derive.terms import (
    ONE,
    Add,
    Call,
    Const,
    Entry,
    Fn,
    MatMul,
    Pow,
    SizeTerm,
    SqNorm,
    Sum,
    Term,
    Trace,
    Var,
)  # fmt: skip

#: factors with their exponents
Parts = list[tuple[Term, Fraction]]


def fraction(c: Any) -> Fraction:
    return Fraction(int(c.numerator), int(c.denominator))


def factored(value: Any) -> tuple[Fraction, list[tuple[Any, int]]]:
    """The number and the irreducible polynomials of a quotient, with their exponents."""
    number = Fraction(1)
    factors: list[tuple[Any, int]] = []
    for part, sign in ((value.numer, 1), (value.denom, -1)):
        content, found = part.factor_list()
        number *= fraction(content) ** sign
        factors += [(p, e * sign) for p, e in found]
    return number, factors


def merged(factors: list[tuple[Any, int]]) -> list[tuple[Any, int]]:
    """(1 − z)(1 + z) as 1 − z²: what has no more to read multiplied out."""
    made: list[tuple[Any, int]] = []
    for p, e in factors:
        for place, (q, f) in enumerate(made):
            if e == f and len(p) == len(q) == 2 and len(p * q) == 2:
                made[place] = (p * q, e)
                break
        else:
            made.append((p, e))
    return made


def with_signs(number: Fraction, factors: list[tuple[Any, int]]) -> tuple[Fraction, list[tuple[Any, int]]]:
    """Signs as one writes them: 1 − y rather than y − 1, and y − d rather than −(d − y)."""
    made: list[tuple[Any, int]] = []
    for p, e in factors:
        constant = p.coeff(1) if len(p) > 1 else 0
        most = e < 0 and not constant and 2 * sum(c < 0 for c in p.values()) > len(p)  # (π − 1) a − π b
        if len(p) > 1 and ((constant < 0 and mixed(p)) or all(c < 0 for c in p.values()) or most):
            p, number = -p, -number if e % 2 else number
        made.append((p, e))
    for place, (p, e) in enumerate(made):
        if number < 0 and e % 2 and e > 0 and mixed(p) and not p.coeff(1):
            made[place], number = (-p, e), -number
    for place, (p, e) in enumerate(made):
        if number < 0 and e % 2 and e > 0 and mixed(p):
            made[place], number = (-p, e), -number
    return number, made


def logistic(above: Parts, below: Parts) -> tuple[Parts, Parts]:
    """e^z/(1 + e^z) as 1/(1 + e^−z)."""
    for g in above:
        if isinstance(g[0], Fn) and g[0].name == "exp" and g[1] == 1:
            place = (Add((ONE, g[0])), Fraction(-1))
            if place in below:
                turned = (Add((ONE, power_of(g[0], Fraction(-1)))), Fraction(-1))
                return [f for f in above if f is not g], [turned if f == place else f for f in below]
    return above, below


def tangent(above: Parts, below: Parts) -> tuple[Parts, Parts]:
    """sinh z/cosh z as tanh z."""
    for g in above:
        if isinstance(g[0], Fn) and g[0].name == "sinh":
            place = next((f for f in below if f[0] == Fn("cosh", g[0].args)), None)
            if place is None:
                continue
            power = min(g[1], -place[1])
            left = [(f[0], e) for f, e in ((g, g[1] - power), (place, place[1] + power)) if e]
            above = [f for f in above if f is not g] + [(Fn("tanh", g[0].args), power)]
            below = [f for f in below if f is not place]
            return above + [f for f in left if f[1] > 0], below + [f for f in left if f[1] < 0]
    return above, below


#: exponents of leaves
Powers = tuple[int, ...]


@dataclass(frozen=True)
class Square:
    """number · common · (first + sign · second)²"""

    number: Fraction
    common: Powers
    first: Powers
    second: Powers
    sign: int


def squares(terms: dict[Powers, Fraction]) -> tuple[list[Square], dict[Powers, Fraction]]:
    """ν + 2uy − u² − y² as −(u − y)² and ν: the squares in a sum of monomials, which keep their digits where
    u is close to y, and the rest."""
    found: list[Square] = []
    left = dict(terms)
    for m, c in terms.items():
        for other, d in terms.items():
            if m <= other or c != d or m not in left or other not in left:
                continue
            common = tuple(map(min, m, other))
            first, second = (tuple(x - y for x, y in zip(k, common)) for k in (m, other))
            middle = tuple((x + y) // 2 for x, y in zip(m, other))
            if any(x % 2 for x in (*first, *second)) or abs(left.get(middle, Fraction(0))) != 2 * abs(c):
                continue
            first, second = (tuple(x // 2 for x in k) for k in (first, second))
            found.append(Square(c, common, first, second, 1 if left[middle] == 2 * c else -1))
            for k in (m, other, middle):
                del left[k]
    return found, left


def mixed(p: Any) -> bool:
    signs = {c > 0 for c in p.values()}
    return len(signs) == 2


def squared(t: Term) -> bool:
    return isinstance(t, Pow) and isinstance(t.base, Add)


def reduction(t: Term) -> bool:
    """A scalar that is summed up: it reads best at the end of a product."""
    return isinstance(t, (Sum, Trace, SqNorm)) or (isinstance(t, MatMul) and not t.shape)


def standing(t: Term) -> int:
    """Where a factor stands in a product: c (a + b) Σₙ xₙ."""
    return 2 if isinstance(t, (Sum, Trace)) or (isinstance(t, MatMul) and not t.shape) else int(isinstance(t, Add))


def positive_first(t: Add) -> Add:
    """a − b rather than −b + a."""
    return Add(tuple(sorted(t.args, key=negative))) if negative(t.args[0]) else t


def cancels(b: Term, e: Fraction, whole: Add) -> bool:
    """Does b^e cancel in a summand; or b alone, where it is a size or the summands are long?"""
    found = [power for row in whole.args for base, power in map(base_and_exponent, factors_of(row)) if base == b]
    apart = isinstance(b, SizeTerm) or any(reduction(n) for n in whole.walk())
    return any(power >= e for power in found) or (bool(found) and apart)


def rank(t: Term) -> tuple[int, int, str]:
    """Order of leaves in a product: sizes and scalars, then entries, then functions and sums."""
    kinds = (SizeTerm, Const, Var, Entry, Call, Fn)
    place = next((i for i, k in enumerate(kinds) if isinstance(t, k)), len(kinds))
    return place, weight(t), str(canonical(t))


__all__ = [
    "Parts", "Square", "cancels", "factored", "fraction", "logistic", "merged", "mixed", "positive_first",
    "rank", "reduction", "squared", "squares", "standing", "tangent", "with_signs",
]  # fmt: skip
