"""Sizes, indices and shapes: what a term knows of its axes.

A size is an integer plus integer multiples of named sizes, and stays a symbol everywhere; a shape is a
tuple of sizes.  What does not fit raises `ShapeError`.
"""

from __future__ import annotations

from dataclasses import dataclass, field


class TermError(ValueError):
    """A term that cannot be built; the message says why, in one short sentence."""


class ShapeError(TermError):
    """Two parts of a term whose shapes do not fit."""


@dataclass(frozen=True, order=True)
class Size:
    """A positive size: an integer plus integer multiples of named sizes, e.g. `D + 1`."""

    const: int = 0
    parts: tuple[tuple[str, int], ...] = ()
    _hash: int = field(init=False, repr=False, compare=False)  # once: sizes are in keys everywhere

    def __post_init__(self) -> None:
        object.__setattr__(self, "_hash", hash((self.const, self.parts)))

    def __hash__(self) -> int:
        return self._hash

    def __reduce__(self) -> tuple[type[Size], tuple[int, tuple[tuple[str, int], ...]]]:
        return Size, (self.const, self.parts)  # another process has other hashes

    @staticmethod
    def named(name: str) -> Size:
        return Size(0, ((name, 1),))

    def __add__(self, other: Size | int) -> Size:
        other = size(other)
        total = dict(self.parts)
        for name, count in other.parts:
            total[name] = total.get(name, 0) + count
        return Size(self.const + other.const, tuple(sorted((n, c) for n, c in total.items() if c)))

    __radd__ = __add__

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(name for name, _ in self.parts)

    @property
    def literal(self) -> int | None:
        """The integer that this size is, or None while it has a symbol in it."""
        return None if self.parts else self.const

    def value(self, sizes: dict[str, int]) -> int:
        return self.const + sum(count * sizes[name] for name, count in self.parts)

    def __str__(self) -> str:
        words = [name if count == 1 else f"{count}{name}" for name, count in self.parts]
        if self.const or not words:
            words.append(str(self.const))
        return "+".join(words)


def size(value: Size | int | str) -> Size:
    """A size from its name, from an integer, or itself."""
    if isinstance(value, Size):
        return value
    return Size.named(value) if isinstance(value, str) else Size(value)


ONE_SIZE = Size(1)
Shape = tuple[Size, ...]


@dataclass(frozen=True, order=True)
class Index:
    """An index that runs over 1 … size; free in a claim it means *for every value*."""

    name: str
    size: Size
    _hash: int = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_hash", hash((self.name, self.size)))

    def __hash__(self) -> int:
        return self._hash

    def __reduce__(self) -> tuple[type[Index], tuple[str, Size]]:
        return Index, (self.name, self.size)

    def __str__(self) -> str:
        return self.name


IndexLike = Index | int  # an int is a literal index


def shape_text(shape: Shape) -> str:
    """A shape as messages show it: `scalar`, `(N,)`, `(N, D)`."""
    if not shape:
        return "scalar"
    return "(" + ", ".join(map(str, shape)) + ("," if len(shape) == 1 else "") + ")"


def need(condition: bool, message: str) -> None:
    """Raises `ShapeError` with the message unless the condition holds."""
    if not condition:
        raise ShapeError(message)


def as_matrix(shape: Shape) -> tuple[Size, Size]:
    """(rows, columns); a vector is one column, a scalar 1×1."""
    need(len(shape) <= 2, f"a matrix product of shape {shape_text(shape)}")
    padded = shape + (ONE_SIZE,) * (2 - len(shape))
    return padded[0], padded[1]


def reduced(shape: tuple[Size, Size]) -> Shape:
    """1×1 is a scalar, n×1 a vector."""
    if shape[1] != ONE_SIZE:
        return shape
    return () if shape[0] == ONE_SIZE else (shape[0],)
