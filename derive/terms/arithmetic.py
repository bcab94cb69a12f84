"""The base of all terms, and the nodes that Python's operators make: `w * x + 1`, `A @ b`, `A.T`, `x[i]`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from fractions import Fraction
from functools import cached_property
from operator import is_
from typing import Any, ClassVar, TypeVar, cast, dataclass_transform

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
)  # fmt: skip


@dataclass(frozen=True)
class Term:
    """Base of all terms. `children` are the subterms, `rebuild` makes the node from new ones."""

    _names: ClassVar[tuple[str, ...]] = ()  # of its fields

    @cached_property
    def shape(self) -> Shape:
        raise NotImplementedError

    def __post_init__(self) -> None:
        self.shape  # noqa: B018  (computing it checks it)

    @cached_property
    def _hash(self) -> int:
        return hash((type(self).__name__, *(getattr(self, name) for name in self._names)))

    @cached_property
    def children(self) -> tuple[Term, ...]:
        found: list[Term] = []
        for name in self._names:
            value = getattr(self, name)
            if isinstance(value, Term):
                found.append(value)
            elif isinstance(value, tuple):
                found.extend(v for v in value if isinstance(v, Term))
        return tuple(found)

    def rebuild(self, children: tuple[Term, ...]) -> Term:
        if len(children) == len(self.children) and all(map(is_, children, self.children)):
            return self
        left = iter(children)
        values = []
        for name in self._names:
            value = getattr(self, name)
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
    made._names = tuple(f.name for f in fields(made))
    return cast(type[_T], made)


@node
class Num(Term):
    """A rational number."""

    value: Fraction

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
class Full(Term):
    """The array of the given shape, every entry of which is the scalar `value`."""

    value: Term
    dims: Shape

    @cached_property
    def shape(self) -> Shape:
        need(not self.value.shape, "an array can be filled with a scalar only")
        return self.dims


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


MINUS_ONE = Num(Fraction(-1))
ZERO = Num(Fraction(0))
ONE = Num(Fraction(1))


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


def matmul_factors(t: Term) -> list[Term]:
    """The factors of a product of matrices, whatever its brackets; of another term, the term."""
    return [*matmul_factors(t.left), *matmul_factors(t.right)] if isinstance(t, MatMul) else [t]
