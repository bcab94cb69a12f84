"""Vectors along which a quadratic form may be negative."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import product

import numpy as np

from derive.evaluate import Number
from derive.evaluate.numbers import Reals
from derive.refute.values import Exact, short

_GRID = 3


def directions(n: int, a: list[Number], numbers: Reals) -> Iterator[list[Exact]]:
    """Small integer vectors, then eigenvectors of negative eigenvalues, rounded to fractions."""
    small = sorted(product((0, 1, -1), repeat=n) if n <= _GRID else _pairs(n), key=lambda v: sum(map(abs, v)))
    for v in small:
        if any(v):
            yield list(v)
    matrix = np.array([[float(a[i * n + j]) for j in range(n)] for i in range(n)])
    if not np.isfinite(matrix).all():
        return
    values, vectors = np.linalg.eigh((matrix + matrix.T) / 2)
    for k in range(n):
        if values[k] < 0:
            column = vectors[:, k] / np.abs(vectors[:, k]).max()
            for bound in (3, 10, 1000):
                yield [short(Fraction(float(x)).limit_denominator(bound)) for x in column]


def _pairs(n: int) -> Iterator[tuple[int, ...]]:
    for i in range(n):
        for j in range(i, n):
            for sign in (1, -1):
                yield tuple(1 if k == i else sign if k == j else 0 for k in range(n))
