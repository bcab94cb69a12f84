"""Terms: mathematical expressions over arrays whose sizes are symbols.

A term is an immutable tree; every node knows its shape, a tuple of `Size`s (at most one axis for a
column vector, two for a matrix; a family of vectors `x^{(i)}` has its label axis first).  Building a
term checks shapes and raises `ShapeError`.  Terms carry no meaning of their own: `derive.algebra`
gives each node its entries (for proofs) and `derive.evaluate` its value (for counterexamples).

Conventions: indices start at 1; a vector is a column; a product whose result is 1×1 is a scalar and
one of shape (n, 1) is a vector; a row vector is a (1, n) matrix.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from fractions import Fraction
from functools import cached_property
from typing import Any, TypeVar, cast, dataclass_transform

from derive.sizes import (
    ONE_SIZE,
    Index,
    IndexLike,
    Shape,
    ShapeError,
    Size,
    TermError,
    as_matrix,
    need,
    reduced,
    shape_text,
    size,
)  # fmt: skip


@dataclass(frozen=True)
class Term:
    """Base of all terms. `children` are the subterms, `rebuild` makes the node from new ones."""

    @cached_property
    def shape(self) -> Shape:
        raise NotImplementedError

    def __post_init__(self) -> None:
        self.shape  # noqa: B018  (computing it checks it)

    @cached_property
    def _hash(self) -> int:
        return hash((type(self).__name__, *(getattr(self, f.name) for f in fields(self))))

    @property
    def children(self) -> tuple[Term, ...]:
        found: list[Term] = []
        for f in fields(self):
            value = getattr(self, f.name)
            if isinstance(value, Term):
                found.append(value)
            elif isinstance(value, tuple):
                found.extend(v for v in value if isinstance(v, Term))
        return tuple(found)

    def rebuild(self, children: tuple[Term, ...]) -> Term:
        left = iter(children)
        values = []
        for f in fields(self):
            value = getattr(self, f.name)
            if isinstance(value, Term):
                value = next(left)
            elif isinstance(value, tuple):
                value = tuple(next(left) if isinstance(v, Term) else v for v in value)
            values.append(value)
        return type(self)(*values)

    def walk(self) -> Iterator[Term]:
        """This term and all below it, parents first."""
        stack: list[Term] = [self]
        while stack:
            node = stack.pop()
            yield node
            stack.extend(reversed(node.children))

    # -- the blackboard in Python ------------------------------------------------------------
    def __add__(self, other: TermLike) -> Term:
        return add(self, term(other))

    def __radd__(self, other: TermLike) -> Term:
        return add(term(other), self)

    def __neg__(self) -> Term:
        return mul(MINUS_ONE, self)

    def __sub__(self, other: TermLike) -> Term:
        return add(self, -term(other))

    def __rsub__(self, other: TermLike) -> Term:
        return add(term(other), -self)

    def __mul__(self, other: TermLike) -> Term:
        return mul(self, term(other))

    def __rmul__(self, other: TermLike) -> Term:
        return mul(term(other), self)

    def __truediv__(self, other: TermLike) -> Term:
        return div(self, term(other))

    def __rtruediv__(self, other: TermLike) -> Term:
        return div(term(other), self)

    def __pow__(self, other: TermLike) -> Term:
        return Pow(self, term(other))

    def __matmul__(self, other: Term) -> Term:
        return matmul(self, other)

    @property
    def T(self) -> Term:
        return Transpose(self)

    def __getitem__(self, indices: IndexLike | tuple[IndexLike, ...]) -> Term:
        return Entry(self, indices if isinstance(indices, tuple) else (indices,))


TermLike = Term | int | Fraction | Size


def term(value: TermLike) -> Term:
    """A term from a number or a size, or itself; `TermError` for anything else."""
    if isinstance(value, Term):
        return value
    if isinstance(value, Size):
        return SizeTerm(value) if value.literal is None else Num(Fraction(value.literal))
    if isinstance(value, (int, Fraction)) and not isinstance(value, bool):
        return Num(Fraction(value))
    raise TermError(f"{value!r} is not a term; use integers, fractions and declared names")


_T = TypeVar("_T")


@dataclass_transform(frozen_default=True)
def node(cls: type[_T]) -> type[_T]:
    """A frozen dataclass with the hash computed once: terms are keys everywhere."""
    made: Any = dataclass(frozen=True, eq=True)(cls)
    made.__hash__ = lambda self: self._hash
    return cast(type[_T], made)


# -- leaves --------------------------------------------------------------------------------------


@node
class Num(Term):
    """A rational number."""

    value: Fraction

    @cached_property
    def shape(self) -> Shape:
        return ()


@node
class Const(Term):
    """π ("pi") or Euler's number ("e")."""

    name: str

    @cached_property
    def shape(self) -> Shape:
        return ()


@node
class SizeTerm(Term):
    """A size used as a number, as in 1/N."""

    size: Size

    @cached_property
    def shape(self) -> Shape:
        return ()


@node
class Var(Term):
    """A name, declared or defined (the `Context` says which)."""

    name: str
    dims: Shape = ()

    def __call__(self, *args: TermLike) -> Term:
        """L(w + v), where the definition of L names its parameters."""
        return Call(self.name, tuple(term(a) for a in args), self.dims)

    @cached_property
    def shape(self) -> Shape:
        return self.dims


@node
class Eye(Term):
    """The identity matrix."""

    size: Size

    @cached_property
    def shape(self) -> Shape:
        return (self.size, self.size)


@node
class Full(Term):
    """The array of the given shape, every entry of which is the scalar `value`."""

    value: Term
    dims: Shape

    @cached_property
    def shape(self) -> Shape:
        need(not self.value.shape, "an array can be filled with a scalar only")
        return self.dims


@node
class Delta(Term):
    """Kronecker's δ_ij."""

    left: IndexLike
    right: IndexLike

    @cached_property
    def shape(self) -> Shape:
        return ()


# -- entries and binders ---------------------------------------------------------------------------


@node
class Entry(Term):
    """array[i, …]: fixes the leading axes; with fewer indices than axes the rest stay."""

    array: Term
    indices: tuple[IndexLike, ...]

    @cached_property
    def shape(self) -> Shape:
        have = self.array.shape
        need(
            0 < len(self.indices) <= len(have),
            f"{len(self.indices)} indices on an array of shape {shape_text(have)}",
        )
        for index, axis in zip(self.indices, have, strict=False):
            if isinstance(index, Index):
                need(index.size == axis, f"index {index} runs to {index.size}, the axis to {axis}")
            else:
                need(index >= 1, "indices start at 1")
                limit = axis.literal
                need(limit is None or index <= limit, f"index {index} on an axis of size {axis}")
        return have[len(self.indices) :]


@node
class Comp(Term):
    """The array whose entry (i, …) is `body`: how `y_k := …` defines a vector."""

    indices: tuple[Index, ...]
    body: Term

    @cached_property
    def shape(self) -> Shape:
        return tuple(i.size for i in self.indices) + self.body.shape


@node
class Sum(Term):
    """Σ over index = start … size of body (of any shape)."""

    index: Index
    body: Term
    start: int = 1

    @cached_property
    def shape(self) -> Shape:
        return self.body.shape


@node
class Prod(Term):
    """Π over index = start … size of a scalar."""

    index: Index
    body: Term
    start: int = 1

    @cached_property
    def shape(self) -> Shape:
        need(not self.body.shape, "a product Π takes scalars")
        return ()


# -- algebra ---------------------------------------------------------------------------------------


@node
class Add(Term):
    """A sum of terms of one shape."""

    args: tuple[Term, ...]

    @cached_property
    def shape(self) -> Shape:
        first = self.args[0].shape
        for other in self.args[1:]:
            need(
                other.shape == first,
                f"a sum of shapes {shape_text(first)} and {shape_text(other.shape)}",
            )
        return first


@node
class Mul(Term):
    """A product of scalars and at most one array, which the scalars multiply."""

    args: tuple[Term, ...]

    @cached_property
    def shape(self) -> Shape:
        arrays = [a.shape for a in self.args if a.shape]
        if len(arrays) > 1:
            need(
                False,
                f"a product of shapes {shape_text(arrays[0])} and {shape_text(arrays[1])}",
            )
        return arrays[0] if arrays else ()


@node
class Pow(Term):
    """base to a scalar exponent; on an array, entrywise."""

    base: Term
    exponent: Term

    @cached_property
    def shape(self) -> Shape:
        need(not self.exponent.shape, "an exponent must be a scalar")
        return self.base.shape


@node
class Hadamard(Term):
    """Entrywise product of two arrays of one shape."""

    left: Term
    right: Term

    @cached_property
    def shape(self) -> Shape:
        a, b = self.left.shape, self.right.shape
        need(a == b, f"an entrywise product of shapes {shape_text(a)} and {shape_text(b)}")
        return a


@node
class MatMul(Term):
    """A matrix product; 1×1 is a scalar, (n, 1) a vector."""

    left: Term
    right: Term

    @cached_property
    def shape(self) -> Shape:
        a, b = as_matrix(self.left.shape), as_matrix(self.right.shape)
        if a[1] != b[0]:
            texts = shape_text(self.left.shape), shape_text(self.right.shape)
            raise ShapeError("a product of shapes {} and {}".format(*texts))
        return reduced((a[0], b[1]))


@node
class Transpose(Term):
    """The transpose; that of a vector is a (1, n) matrix."""

    arg: Term

    @cached_property
    def shape(self) -> Shape:
        if not self.arg.shape:
            return ()
        rows, columns = as_matrix(self.arg.shape)
        return (columns, rows) if rows != ONE_SIZE else reduced((columns, rows))


@node
class Inverse(Term):
    """The inverse of a square matrix."""

    arg: Term

    @cached_property
    def shape(self) -> Shape:
        return _square(self.arg, "an inverse")


@node
class Det(Term):
    """The determinant of a square matrix."""

    arg: Term

    @cached_property
    def shape(self) -> Shape:
        _square(self.arg, "a determinant")
        return ()


@node
class Trace(Term):
    """The trace of a square matrix."""

    arg: Term

    @cached_property
    def shape(self) -> Shape:
        _square(self.arg, "a trace")
        return ()


@node
class Diag(Term):
    """The diagonal matrix of a vector."""

    arg: Term

    @cached_property
    def shape(self) -> Shape:
        need(len(self.arg.shape) == 1, f"diag of shape {shape_text(self.arg.shape)}, not a vector")
        return self.arg.shape * 2


@node
class SqNorm(Term):
    """‖a‖²: the sum of the squares of all entries."""

    arg: Term

    @cached_property
    def shape(self) -> Shape:
        return ()


# -- functions and derivatives -----------------------------------------------------------------------

#: Elementary functions by their number of arguments; all act entrywise.
ELEMENTARY = {
    "exp": 1, "log": 1, "sqrt": 1, "abs": 1, "tanh": 1, "sinh": 1, "cosh": 1, "sin": 1, "cos": 1,
    "max": 2,
}  # fmt: skip


@node
class Fn(Term):
    """An elementary function, entrywise on arrays."""

    name: str
    args: tuple[Term, ...]

    @cached_property
    def shape(self) -> Shape:
        if ELEMENTARY.get(self.name) != len(self.args):
            raise TermError(f"{self.name} of {len(self.args)} arguments")
        first = self.args[0].shape
        for other in self.args[1:]:
            need(
                other.shape == first,
                f"{self.name} of shapes {shape_text(first)} and {shape_text(other.shape)}",
            )
        return first


@node
class Call(Term):
    """A declared or defined function applied to arguments; `order` counts the primes.

    `dims` is the shape of the value.  A function of one scalar acts entrywise on an array, and then
    `dims` is the argument's shape; with primes its one parameter is a scalar.
    """

    name: str
    args: tuple[Term, ...]
    dims: Shape = ()
    order: int = 0

    @cached_property
    def shape(self) -> Shape:
        return self.dims


@node
class Diff(Term):
    """∂ body / ∂ wrt, where `wrt` is a `Var` or an `Entry` of one.

    The graph of definitions is expanded in `body` down to the variable, which is then independent
    whether it was declared or defined.  Shape: that of `wrt` for a scalar body, else the body's
    axes and then those of `wrt` (the Jacobian's entry (i, j) is ∂ body_i / ∂ wrt_j).
    """

    body: Term
    wrt: Term

    @cached_property
    def shape(self) -> Shape:
        if not isinstance(self.variable, Var):
            raise TermError("a derivative is taken by a name or by an entry of one")
        if self.body.shape and len(self.body.shape) + len(self.wrt.shape) > 2:
            need(
                False,
                f"the derivative of shape {shape_text(self.body.shape)} by shape "
                f"{shape_text(self.wrt.shape)} has more than two axes; write it with indices",
            )
        return self.body.shape + self.wrt.shape

    @property
    def variable(self) -> Term:
        return self.wrt.array if isinstance(self.wrt, Entry) else self.wrt


# -- constants and constructors ----------------------------------------------------------------------

MINUS_ONE = Num(Fraction(-1))
ZERO = Num(Fraction(0))
ONE = Num(Fraction(1))


def _square(arg: Term, what: str) -> Shape:
    ok = len(arg.shape) == 2 and arg.shape[0] == arg.shape[1]
    need(ok, f"{what} of shape {shape_text(arg.shape)}, not a square matrix")
    return arg.shape


def add(left: Term, right: Term) -> Term:
    """left + right; a scalar is added to every entry of an array (but not to a square matrix)."""
    if left.shape != right.shape and (not left.shape or not right.shape):
        big = left.shape or right.shape
        need(
            len(big) < 2 or big[0] != big[1],
            "a scalar added to a square matrix; multiply it by the identity, or by a matrix of ones",
        )
        left = left if left.shape else Full(left, big)
        right = right if right.shape else Full(right, big)
    first = left.args if isinstance(left, Add) else (left,)
    return Add((*first, right))


def mul(left: Term, right: Term) -> Term:
    """left · right, of scalars and at most one array."""
    first = left.args if isinstance(left, Mul) else (left,)
    second = right.args if isinstance(right, Mul) else (right,)
    return Mul((*first, *second))


def div(left: Term, right: Term) -> Term:
    """left / right by a scalar; a quotient of numbers is a number."""
    need(not right.shape, f"a division by an array of shape {shape_text(right.shape)}")
    if isinstance(left, Num) and isinstance(right, Num) and right.value:
        return Num(left.value / right.value)
    return mul(left, Pow(right, MINUS_ONE))


def matmul(left: Term, right: Term) -> Term:
    """Juxtaposition: scalars scale, arrays multiply as matrices."""
    return mul(left, right) if not left.shape or not right.shape else MatMul(left, right)


__all__ = [
    "ELEMENTARY", "MINUS_ONE", "ONE", "ONE_SIZE", "ZERO", "Add", "Call", "Comp", "Const", "Delta",
    "Det", "Diag", "Diff", "Entry", "Eye", "Fn", "Full", "Hadamard", "Index", "IndexLike", "Inverse",
    "MatMul", "Mul", "Num", "Pow", "Prod", "Shape", "ShapeError", "Size", "SizeTerm", "SqNorm", "Sum",
    "Term", "TermError", "TermLike", "Trace", "Transpose", "Var", "add", "as_matrix", "div", "matmul",
    "mul", "reduced", "shape_text", "size", "term",
]  # fmt: skip
