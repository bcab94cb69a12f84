"""Solving equations at an instance for the entries of a variable: exactly where they are affine."""

from __future__ import annotations

from collections.abc import Sequence

from derive.evaluate import UNDEFINED, Number, is_exact
from derive.evaluate.numbers import Reals, plain


def step(jacobian: Sequence[Sequence[Number]], residual: Sequence[Number], numbers: Reals) -> list[Number] | None:
    """δ with J δ = −r by elimination (free components are 0), or None where there is none."""
    if any(x is UNDEFINED for row in jacobian for x in row) or any(r is UNDEFINED for r in residual):
        return None
    width = len(jacobian[0]) if jacobian else 0
    rows = [[plain(x) for x in row] + [-plain(r)] for row, r in zip(jacobian, residual, strict=True)]
    exact = all(is_exact(x) for row in rows for x in row)
    pivots: list[int] = []
    for column in range(width):
        best = _largest(rows, len(pivots), column, exact, numbers)
        if best is None:
            continue
        k = len(pivots)
        rows[k], rows[best] = rows[best], rows[k]
        r = numbers.reciprocal(rows[k][column])
        rows[k] = [x * r for x in rows[k]]
        for i, row in enumerate(rows):
            if i != k and row[column]:
                factor = row[column]
                rows[i] = [numbers.total([x, -(factor * y)]) for x, y in zip(row, rows[k])]
        pivots.append(column)
        if len(pivots) == len(rows):
            break
    for row in rows[len(pivots) :]:
        if not _small(row[-1], exact, numbers):
            return None
    made: list[Number] = [0] * width
    for k, column in enumerate(pivots):
        made[column] = numbers.bounded(rows[k][-1])
    return made


def least_step(jacobian: Sequence[Sequence[Number]], residual: Sequence[Number], numbers: Reals) -> list[Number] | None:
    """The shortest δ = −Jᵀ(JJᵀ)⁻¹ r, in rounded numbers."""
    if any(x is UNDEFINED for row in jacobian for x in row) or any(r is UNDEFINED for r in residual):
        return None
    j = [[numbers.real(plain(x)) for x in row] for row in jacobian]
    gram = [[sum((a * b for a, b in zip(p, q)), numbers.real(0)) for q in j] for p in j]
    y = step(gram, [plain(r) for r in residual], numbers)
    if y is None:
        return None
    return [sum((row[k] * v for row, v in zip(j, y)), numbers.real(0)) for k in range(len(j[0]))]


def _largest(rows: list[list[Number]], first: int, column: int, exact: bool, numbers: Reals) -> int | None:
    """The row to eliminate with: any for exact numbers, else the largest that is not rounding."""
    best, size = None, -(1 << 59)
    for i in range(first, len(rows)):
        x = rows[i][column]
        if _small(x, exact, numbers):
            continue
        if exact:
            return i
        if numbers.magnitude(x) > size:
            best, size = i, numbers.magnitude(x)
    return best


def _small(x: Number, exact: bool, numbers: Reals) -> bool:
    return not x if exact else numbers.magnitude(x) < -numbers.lost
