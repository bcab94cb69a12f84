"""The typed intermediate representation: a program of tensor equations over symbolic sizes.

A tensor expression has *named* axes: the indices that are free in it, each with its size.  It says
what every entry is; the order of axes, broadcasting and transposes are the printer's business.

    r[n]  = Σ_d X[n, d] w[d] − y[n]        Pointwise("add", (Contract((d,), (X[n,d], w[d])), …))
    out[d] = Σ_n X[n, d] r[n]              Contract((n,), (X[n,d], r[n]))

Each `Statement` carries its equation in Unicode and the step that justifies it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property

from derive.context import Domain
from derive.kernel import Theorem
from derive.terms import Index, IndexLike, Shape, Size

Axes = tuple[Index, ...]


def merged(*groups: Axes) -> Axes:
    """The axes of all groups, each once, in order of appearance."""
    return tuple(dict.fromkeys(i for group in groups for i in group))


@dataclass(frozen=True)
class Tensor:
    """Base of the expressions.  `axes` are its free indices in order of appearance."""

    @property
    def args(self) -> tuple[Tensor, ...]:
        return ()

    @cached_property
    def axes(self) -> Axes:
        return merged(*(a.axes for a in self.args))

    def walk(self) -> Iterator[Tensor]:
        yield self
        for a in self.args:
            yield from a.walk()


@dataclass(frozen=True)
class Number(Tensor):
    value: Fraction


@dataclass(frozen=True)
class Constant(Tensor):
    """π ("pi") or e ("e")."""

    name: str


@dataclass(frozen=True)
class Extent(Tensor):
    """A size used as a number; an int in the program."""

    size: Size


@dataclass(frozen=True)
class Read(Tensor):
    """The entry name[at]; an int is a literal index (from 1), a repeated index the diagonal."""

    name: str
    at: tuple[IndexLike, ...] = ()

    @cached_property
    def axes(self) -> Axes:
        return merged(tuple(i for i in self.at if isinstance(i, Index)))


@dataclass(frozen=True)
class Same(Tensor):
    """1 where the two indices are equal, else 0: an identity matrix, or one entry of a unit vector."""

    left: IndexLike
    right: IndexLike

    @cached_property
    def axes(self) -> Axes:
        return merged(tuple(i for i in (self.left, self.right) if isinstance(i, Index)))


#: pointwise operations by their number of arguments (None: two or more); masked(p, eˣ) is p eˣ for a
#: p that is 0 or 1, and 0 where p is, whatever x is; wide(x) is x in double precision, narrow(x) in the arguments';
#: sign(x) is x/|x| and step(x) max(0, x)/x, both 0 at 0
POINTWISE: dict[str, int | None] = {
    "add": None, "mul": None, "pow": 2, "max": 2, "exp": 1, "log": 1, "abs": 1, "tanh": 1,
    "sinh": 1, "cosh": 1, "sin": 1, "cos": 1, "expm1": 1, "masked": 2, "wide": 1, "narrow": 1, "sign": 1, "step": 1,
}  # fmt: skip


@dataclass(frozen=True)
class Pointwise(Tensor):
    op: str
    operands: tuple[Tensor, ...]

    @property
    def args(self) -> tuple[Tensor, ...]:
        return self.operands


@dataclass(frozen=True)
class Contract(Tensor):
    """Σ over the indices `over` of the product of `factors`."""

    over: Axes
    factors: tuple[Tensor, ...]

    @property
    def args(self) -> tuple[Tensor, ...]:
        return self.factors

    @cached_property
    def axes(self) -> Axes:
        return tuple(i for i in merged(*(a.axes for a in self.factors)) if i not in self.over)


REDUCTIONS = ("sum", "prod", "max", "others")


@dataclass(frozen=True)
class Reduce(Tensor):
    """Σ, Π or max over `over` (each from `start`) of `body`; with `where`, of the entries where it is 1."""

    op: str
    over: Axes
    body: Tensor
    start: int = 1
    where: Tensor | None = None

    @property
    def args(self) -> tuple[Tensor, ...]:
        return (self.body,) if self.where is None else (self.body, self.where)

    @cached_property
    def axes(self) -> Axes:
        return tuple(i for i in merged(*(a.axes for a in self.args)) if i not in self.over)


@dataclass(frozen=True)
class Matrix:
    """The square matrix with entry `body` at (row, column)."""

    row: Index
    column: Index
    body: Tensor
    definite: bool = False  # symmetric and positive definite, by a theorem


@dataclass(frozen=True)
class Inverted(Tensor):
    """Entry (row, column) of the inverse of a matrix."""

    matrix: Matrix
    row: IndexLike
    column: IndexLike

    @property
    def args(self) -> tuple[Tensor, ...]:
        return (self.matrix.body,)

    @cached_property
    def axes(self) -> Axes:
        return merged(tuple(i for i in (self.row, self.column) if isinstance(i, Index)))


@dataclass(frozen=True)
class Solve(Tensor):
    """Entry `row` of the solution x of A x = b, where b is `right` along the index `along`."""

    matrix: Matrix
    row: Index
    along: Index
    right: Tensor

    @property
    def args(self) -> tuple[Tensor, ...]:
        return (self.matrix.body, self.right)

    @cached_property
    def axes(self) -> Axes:
        return merged((self.row,), tuple(i for i in self.right.axes if i != self.along))


@dataclass(frozen=True)
class Determinant(Tensor):
    """det A, or with `log` log det A."""

    matrix: Matrix
    log: bool = False

    @property
    def args(self) -> tuple[Tensor, ...]:
        return (self.matrix.body,)

    @cached_property
    def axes(self) -> Axes:
        return ()


# -- programs ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Input:
    """An argument.  Vectors are 1-D, matrices 2-D, a family of vectors has its label axis first."""

    name: str
    shape: Shape
    domain: Domain = field(default_factory=Domain)


@dataclass(frozen=True)
class Reason:
    """Why a statement may be computed: `kind` is "definition", "theorem", "rewriting" or "shared".

    `text` is the step in words (`least-squares: gradient`, `definition of L`); `rules` are the labels
    of the theorems that rewrote it on the way.
    """

    kind: str
    text: str
    rules: tuple[str, ...] = ()


@dataclass(frozen=True)
class Statement:
    """name[axes] = value, for every value of the axes."""

    name: str
    axes: Axes
    value: Tensor
    equation: str
    reason: Reason

    @property
    def shape(self) -> Shape:
        return tuple(i.size for i in self.axes)


@dataclass(frozen=True)
class Program:
    """A function: `outputs` leads from the label of each result to the statement (or input) it is.

    `theorems` are those whose right sides are computed, by label; `hypotheses` are the assumptions
    that they use.
    """

    name: str
    inputs: tuple[Input, ...]
    statements: tuple[Statement, ...]
    outputs: dict[str, str]
    theorems: dict[str, Theorem] = field(default_factory=dict)

    @property
    def hypotheses(self) -> tuple[str, ...]:
        return tuple(sorted({u for t in self.theorems.values() for u in t.uses}))

    def has(self, *ops: str) -> bool:
        """Is one of these pointwise operations computed?"""
        return any(isinstance(t, Pointwise) and t.op in ops for s in self.statements for t in s.value.walk())

    def shape_of(self, name: str) -> Shape:
        for i in self.inputs:
            if i.name == name:
                return i.shape
        for s in self.statements:
            if s.name == name:
                return s.shape
        raise KeyError(name)
