"""The type checker refuses what no pass may make."""

from fractions import Fraction

import pytest

from codegen.program import (
    Contract,
    Input,
    Matrix,
    Number,
    Pointwise,
    Program,
    Read,
    Reason,
    Reduce,
    Same,
    Solve,
    Statement,
    Tensor,
)  # fmt: skip
from codegen.typecheck import IllTyped, typecheck
from derive.terms import Index, size

N, D = size("N"), size("D")
n, m, d, e = Index("n", N), Index("m", N), Index("d", D), Index("e", D)
X, w = Read("X", (n, d)), Read("w", (d,))
INPUTS = (Input("X", (N, D)), Input("w", (D,)))


def program(value: Tensor, *axes: Index) -> Program:
    return Program("f", INPUTS, (Statement("r", axes, value, "", Reason("theorem", "")),), {"r": "r"})


@pytest.mark.parametrize(
    ("value", "axes"),
    [
        (Contract((d,), (X, w)), (n,)),
        (Pointwise("add", (X, Number(Fraction(1)))), (n, d)),
        (Reduce("max", (d,), X), (n,)),
        (Same(n, m), (n, m)),
    ],
    ids=["contraction", "sum", "maximum", "identity"],
)
def test_well_typed(value: Tensor, axes: tuple[Index, ...]) -> None:
    assert typecheck(program(value, *axes))


@pytest.mark.parametrize(
    ("value", "axes", "why"),
    [
        (X, (n,), "none of its axes"),
        (Read("X", (d, n)), (d, n), "does not run over"),
        (Read("X", (n,)), (n,), "1 indices"),
        (Read("X", (0, d)), (d,), "does not run over"),
        (Read("Z", (n,)), (n,), "read before"),
        (Contract((e,), (X, w)), (n, d), "do not have"),
        (Contract((), (X, w)), (n, d), "do not have"),
        (Pointwise("exp", (X, w)), (n, d), "exp of 2"),
        (Pointwise("sinc", (w,)), (d,), "sinc of 1"),
        (Reduce("mean", (d,), X), (n,), "mean over"),
        (Same(n, d), (n, d), "different sizes"),
        (X, (n, d, n), "one axis twice"),
        (Solve(Matrix(n, d, X), n, d, w), (n,), "not square"),
    ],
)
def test_ill_typed(value: Tensor, axes: tuple[Index, ...], why: str) -> None:
    with pytest.raises(IllTyped, match=why):
        typecheck(program(value, *axes))


def test_a_name_is_computed_once() -> None:
    one = Statement("r", (d,), w, "", Reason("theorem", ""))
    with pytest.raises(IllTyped, match="computed twice"):
        typecheck(Program("f", INPUTS, (one, one), {"r": "r"}))


def test_every_output_is_computed() -> None:
    with pytest.raises(IllTyped, match="not computed"):
        typecheck(Program("f", INPUTS, (), {"r": "r"}))
