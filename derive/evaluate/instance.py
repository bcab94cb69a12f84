"""Instances: one choice of sizes, of values for the declared variables and of functions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from math import prod
from typing import Any

from derive.evaluate.functions import FIELDS, UNIVARIATE, Concrete
from derive.evaluate.numbers import Number
from derive.terms import Shape


class Array:
    """Numbers in row-major order."""

    __slots__ = ("data", "dims")

    def __init__(self, dims: tuple[int, ...], data: list[Number]) -> None:
        self.dims = dims
        self.data = data

    @staticmethod
    def of(nested: Any) -> Array | Number:
        """From nested sequences (or a bare number): [[1, 2], [3, 4]]."""
        if not isinstance(nested, Sequence):
            return nested
        dims: list[int] = []
        level: Any = nested
        while isinstance(level, Sequence):
            dims.append(len(level))
            level = level[0]
        flat: list[Any] = list(nested)
        for _ in dims[1:]:
            flat = [x for row in flat for x in row]
        if len(flat) != prod(dims):
            raise ValueError("the rows have different lengths")
        return Array(tuple(dims), flat)

    def nested(self) -> list[Any]:
        """As nested lists."""
        flat: list[Any] = self.data
        for size in reversed(self.dims[1:]):
            flat = [flat[k : k + size] for k in range(0, len(flat), size)]
        return list(flat)

    def positions(self) -> Iterator[tuple[int, ...]]:
        """The 1-based positions in the order of the data."""
        return product(*(range(1, n + 1) for n in self.dims))

    def __getitem__(self, at: tuple[int, ...]) -> Number:
        offset = 0
        for k, n in zip(at, self.dims, strict=True):
            offset = offset * n + k - 1
        return self.data[offset]

    def __repr__(self) -> str:
        return f"Array({self.nested()!r})"


Value = Any  # Number | Array


@dataclass
class Instance:
    """Sizes by name, values of declared variables (numbers or `Array`s), concrete functions by name.

    A function that is not given is the first of the catalogue.
    """

    sizes: dict[str, int] = field(default_factory=dict)
    values: dict[str, Value] = field(default_factory=dict)
    functions: dict[str, Concrete] = field(default_factory=dict)

    @staticmethod
    def of(
        sizes: Mapping[str, int] | None = None,
        functions: Mapping[str, Concrete] | None = None,
        **values: Any,
    ) -> Instance:
        """With values as nested lists of integers and fractions."""
        return Instance(
            dict(sizes or {}), {n: Array.of(v) for n, v in values.items()}, dict(functions or {})
        )

    def dims(self, shape: Shape) -> tuple[int, ...]:
        return tuple(s.value(self.sizes) for s in shape)

    def function(self, name: str, of_array: bool) -> Concrete:
        found = self.functions.get(name)
        if found is None:
            return FIELDS[0] if of_array else UNIVARIATE[0]
        return found

    def copy(self) -> Instance:
        return Instance(dict(self.sizes), dict(self.values), dict(self.functions))
