"""Which values may lose the digits below an ulp of 1."""

from __future__ import annotations

from fractions import Fraction

import pytest

from codegen.program import Contract, Input, Number, Pointwise, Program, Read, Reason, Reduce, Statement, Tensor
from codegen.uses import polynomial
from derive.terms import Index, size

J, K, N = size("J"), size("K"), size("N")
j, k, n = Index("j", J), Index("k", K), Index("n", N)
Z, W, b, D = Read("Z", (j, n)), Read("W", (k, j)), Read("b", (k,)), Read("D", (j, n))
INPUTS = (Input("Z", (J, N)), Input("W", (K, J)), Input("b", (K,)), Input("D", (J, N)))


def number(p: int, q: int = 1) -> Number:
    return Number(Fraction(p, q))


def power(t: Tensor, e: Number) -> Tensor:
    return Pointwise("pow", (t, e))


SLOPE = Pointwise("mul", (Z, Pointwise("add", (number(1), Pointwise("mul", (number(-1), Z))))))
LAYER = Pointwise("add", (Contract((j,), (W, Z)), b))
USES = {
    "the layer above": (LAYER, True),
    "a slope written with Z": (Pointwise("mul", (D, SLOPE)), True),
    "a square": (power(Z, number(2)), True),
    "a sum over the samples": (Reduce("sum", (n,), Z), True),
    "exp of something else": (Pointwise("mul", (Z, Pointwise("exp", (D,)))), True),
    "a logarithm": (Pointwise("log", (Z,)), False),
    "a quotient": (Pointwise("mul", (D, power(Z, number(-1)))), False),
    "a root": (power(Z, number(1, 2)), False),
    "an exponential": (Pointwise("mul", (D, Pointwise("exp", (Z,)))), False),
    "a greatest entry": (Reduce("max", (n,), Z), False),
}


def program(*values: tuple[str, Tensor]) -> Program:
    made = tuple(Statement(name, t.axes, t, "", Reason("theorem", "")) for name, t in values)
    return Program("f", INPUTS, made, {"out": made[-1].name})


@pytest.mark.parametrize("use", USES)
def test_an_error_stays_absolute_through_sums_and_products_alone(use: str) -> None:
    value, expected = USES[use]
    assert polynomial(program(("r", value)), "Z") == expected


@pytest.mark.parametrize("use", USES)
def test_what_is_made_of_the_value_is_followed(use: str) -> None:
    """Z is copied first, and read by way of the copy."""

    def through(t: Tensor) -> Tensor:
        if t == Z:
            return Read("copy", (j, n))
        match t:
            case Pointwise(op, operands):
                return Pointwise(op, tuple(map(through, operands)))
            case Contract(over, factors):
                return Contract(over, tuple(map(through, factors)))
            case Reduce(op, over, body):
                return Reduce(op, over, through(body))
        return t

    value, expected = USES[use]
    assert polynomial(program(("copy", Z), ("r", through(value))), "Z") == expected
