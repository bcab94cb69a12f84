"""From scalar terms to tensor expressions: each bound sum a contraction, each inverse a solve."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

from codegen.errors import CodegenError
from codegen.kinks import Kink
from codegen.masks import Masked
from codegen.others import Others, spelled_out
from codegen.program import (
    Constant,
    Contract,
    Determinant,
    Extent,
    Inverted,
    Matrix,
    Number,
    Pointwise,
    Read,
    Reduce,
    Same,
    Solve,
    Tensor,
)  # fmt: skip
from codegen.simplify import exp_less_one
from codegen.wide import Narrow, Wide
from derive.terms import (
    Add,
    Comp,
    Const,
    Delta,
    Det,
    Entry,
    Fn,
    Index,
    Inverse,
    Mul,
    Num,
    Pow,
    Prod,
    SizeTerm,
    Sum,
    Term,
    Var,
)  # fmt: skip

#: whether a square matrix (an array of entries) is symmetric and positive definite, by a theorem
Definite = Callable[[Term], bool]


class Tensors:
    def __init__(self, definite: Definite = lambda t: False) -> None:
        self.definite = definite

    def tensor(self, t: Term) -> Tensor:
        """The tensor expression of a scalar term; its axes are the term's free indices."""
        rule = RULES.get(type(t))
        if rule is None:
            raise CodegenError(f"no program for {type(t).__name__}", t)
        made: Tensor = rule(self, t)
        return made

    def all(self, terms: tuple[Term, ...]) -> tuple[Tensor, ...]:
        return tuple(self.tensor(t) for t in terms)

    def matrix(self, t: Term) -> Matrix:
        if not isinstance(t, Comp):
            raise CodegenError("a matrix without entries", t)
        row, column = t.indices
        body = self.tensor(t.body)
        if set(body.axes) - {row, column}:
            raise CodegenError("an inverse or determinant for every value of an index", t)
        return Matrix(row, column, body, self.definite(t))

    def contraction(self, over: tuple[Index, ...], factors: tuple[Tensor, ...]) -> Tensor:
        for n, f in enumerate(factors):
            if isinstance(f, Inverted) and len(factors) > 1:
                solved = _solved(over, f, factors[:n] + factors[n + 1 :])
                if solved is not None:
                    return solved
        return Contract(over, factors)


def _solved(over: tuple[Index, ...], f: Inverted, rest: tuple[Tensor, ...]) -> Tensor | None:
    """Σ_j A⁻¹_ij b_j … is a solve; its other sums (over i) are contracted after it."""
    for row, along, matrix in (
        (f.row, f.column, f.matrix),
        (f.column, f.row, Matrix(f.matrix.column, f.matrix.row, f.matrix.body, f.matrix.definite)),
    ):
        if not isinstance(along, Index) or not isinstance(row, Index) or along not in over or row == along:
            continue
        right = tuple(r for r in rest if along in r.axes)
        left = tuple(r for r in rest if along not in r.axes)
        if any(row in r.axes for r in right) or not right:
            continue
        inner = right[0] if len(right) == 1 else Pointwise("mul", right)
        x: Tensor = Solve(matrix, row, along, inner)
        others = tuple(i for i in over if i != along)
        if not left and not others:
            return x
        return Contract(others, (*left, x)) if others else Pointwise("mul", (*left, x))
    return None


def _entry(s: Tensors, t: Entry) -> Tensor:
    if isinstance(t.array, Var):
        return Read(t.array.name, t.indices)
    if isinstance(t.array, Inverse):
        return Inverted(s.matrix(t.array.arg), t.indices[0], t.indices[1])
    raise CodegenError("an entry of what is not a name", t)


def _sum(s: Tensors, t: Sum) -> Tensor:
    if t.start != 1:
        return Reduce("sum", (t.index,), s.tensor(t.body), t.start)
    over, body = [t.index], t.body
    while isinstance(body, Sum) and body.start == 1:
        over.append(body.index)
        body = body.body
    factors = s.all(body.args) if isinstance(body, Mul) else (s.tensor(body),)
    return s.contraction(tuple(over), factors)


def _add(s: Tensors, t: Add) -> Tensor:
    found = exp_less_one(t)
    if found is None:
        return Pointwise("add", s.all(t.args))
    sign, x = found
    made = Pointwise("expm1", (s.tensor(x),))
    return made if sign > 0 else Pointwise("mul", (Number(Fraction(-1)), made))


def _others(s: Tensors, t: Others) -> Tensor:
    whole = t.whole
    if isinstance(whole, Sum) and whole.start == 1:
        return Reduce("others", (whole.index,), s.tensor(whole.body))
    return s.tensor(spelled_out(whole))


def _mul(s: Tensors, t: Mul) -> Tensor:
    factors = s.all(t.args)
    minus = Number(Fraction(-1))
    turned = [f for f in factors if isinstance(f, Pointwise) and f.op == "mul" and f.operands[0] == minus]
    if not turned:
        return Pointwise("mul", factors)
    c = Fraction(-1) ** len(turned)
    rest: list[Tensor] = []
    for f in factors:
        if isinstance(f, Number):
            c *= f.value
        else:
            rest.extend(f.operands[1:] if isinstance(f, Pointwise) and f in turned else (f,))
    rest = rest if c == 1 else [Number(c), *rest]
    return rest[0] if len(rest) == 1 else Pointwise("mul", tuple(rest))


def _fn(s: Tensors, t: Fn) -> Tensor:
    if t.name == "log" and isinstance(t.args[0], Det):
        return Determinant(s.matrix(t.args[0].arg), log=True)
    return Pointwise(t.name, s.all(t.args))


RULES: dict[type[Term], Callable[[Tensors, Any], Tensor]] = {
    Num: lambda s, t: Number(t.value),
    Const: lambda s, t: Constant(t.name),
    SizeTerm: lambda s, t: Extent(t.size),
    Var: lambda s, t: Read(t.name),
    Entry: _entry,
    Delta: lambda s, t: Same(t.left, t.right),
    Add: _add,
    Mul: _mul,
    Pow: lambda s, t: Pointwise("pow", (s.tensor(t.base), s.tensor(t.exponent))),
    Fn: _fn,
    Sum: _sum,
    Others: _others,
    Prod: lambda s, t: Reduce("prod", (t.index,), s.tensor(t.body), t.start),
    Masked: lambda s, t: Pointwise("masked", (s.tensor(t.mask), s.tensor(t.body))),
    Kink: lambda s, t: Pointwise(t.kind, (s.tensor(t.body),)),
    Wide: lambda s, t: Pointwise("wide", (s.tensor(t.body),)),
    Narrow: lambda s, t: Pointwise("narrow", (s.tensor(t.body),)),
    Det: lambda s, t: Determinant(s.matrix(t.arg)),
}
