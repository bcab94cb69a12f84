"""The type checker refuses what no pass may make, right after the pass that made it."""

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction

import pytest

import codegen.lower
from codegen.lines import Line
from codegen.passes import PASSES
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
from derive.binders import fresh
from derive.blackboard import Derivation, eq
from derive.kernel import Theorem
from derive.prover import prove
from derive.terms import Delta, Entry, Index, Var, size

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


# -- after every pass ----------------------------------------------------------------------------------------


def residuals() -> dict[str, Theorem]:
    """s = ‖r‖² and g = Xᵀr, which both read the line r = Xw − y."""
    d = Derivation("residuals")
    X, w, y = d.matrix("X", N, D), d.vector("w", D), d.vector("y", N)
    r = d.define("r", X @ w - y)
    made = {name: d.define(name, body) for name, body in (("s", r.T @ r), ("g", X.T @ r))}
    return {name: prove(d.context, eq(v, d.context.definitions[name].body)) for name, v in made.items()}


def first(change: Callable[[Line], Line]) -> Callable[[list[Line]], list[Line]]:
    """A pass that changes the line r alone."""
    return lambda lines: [change(line) if line.name == "r" else line for line in lines]


OTHER = fresh(D)
BROKEN: dict[str, tuple[Callable[[list[Line]], list[Line]], str]] = {
    "drops a line": (lambda lines: [x for x in lines if x.name != "r"], "r is read before it is computed"),
    "turns the lines round": (lambda lines: lines[::-1], "read before"),
    "writes a line twice": (lambda lines: [*lines, lines[0]], "computed twice"),
    "loses a result": (lambda lines: [x for x in lines if x.name != "g"], "the output g is not computed"),
    "drops an axis": (first(lambda x: replace(x, axes=())), "none of its axes"),
    "doubles an axis": (first(lambda x: replace(x, axes=x.axes * 2)), "one axis twice"),
    "adds an axis": (first(lambda x: replace(x, axes=(*x.axes, OTHER))), r"r is read with shape \(N,\), it has"),
    "takes another axis": (
        first(lambda x: replace(x, axes=(OTHER,), body=Entry(Var("w", (D,)), (OTHER,)))),
        r"r is read with shape \(N,\), it has \(D,\)",
    ),
    "leaves an array whole": (first(lambda x: replace(x, body=Var("y", (N,)))), "is an array of shape"),
    "reads what is not there": (first(lambda x: replace(x, body=Entry(Var("Y", (N,)), x.axes))), "Y is read before"),
    "compares sizes": (first(lambda x: replace(x, axes=(n, d), body=Delta(n, d))), "run over different sizes"),
    "takes a maximum over nothing": (first(lambda x: replace(x, over=(OTHER,))), "maximum over an index"),
}  # fmt: skip


@pytest.mark.parametrize("after", range(len(PASSES)), ids=lambda n: f"after-{PASSES[n].__name__}-{n}")
@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_pass_is_caught_before_the_next_one(
    name: str, after: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    change, why = BROKEN[name]
    theorems, run = residuals(), []

    def broken(lines: list[Line], *_: object) -> list[Line]:
        return change(lines)

    def noted(lines: list[Line], *_: object) -> list[Line]:
        run.append(lines)
        return lines

    passes = (*PASSES[: after + 1], broken, noted, *PASSES[after + 1 :])
    monkeypatch.setattr(codegen.lower, "PASSES", passes)
    with pytest.raises(IllTyped, match=why):
        codegen.lower.lower("f", theorems)
    assert not run


def test_the_passes_as_they_are_make_well_typed_lines() -> None:
    made = codegen.lower.lower("f", residuals())
    assert [s.name for s in made.statements] == ["r", "s", "g"]
