"""Determinant and inverse of small matrices, exact where their entries are."""

from __future__ import annotations

from itertools import permutations

from derive.evaluate.numbers import UNDEFINED, Number, Reals, ResourceLimit, plain

#: up to this size by Leibniz' formula, which divides by nothing
_LEIBNIZ = 3
_LARGEST = 40


def _sign(order: tuple[int, ...]) -> int:
    swaps = sum(a > b for k, b in enumerate(order) for a in order[:k])
    return -1 if swaps % 2 else 1


def _leibniz(a: list[Number], n: int, numbers: Reals) -> Number:
    terms: list[Number] = []
    for order in permutations(range(n)):
        product: Number = _sign(order)
        for i, j in enumerate(order):
            product = product * a[i * n + j]
        terms.append(product)
    return numbers.total(terms)


def determinant(a: list[Number], n: int, numbers: Reals) -> Number:
    """det of the n×n matrix with entries `a` in row-major order."""
    if any(x is UNDEFINED for x in a):
        return UNDEFINED
    if n <= _LEIBNIZ:
        return _leibniz(a, n, numbers)
    if n > _LARGEST:
        raise ResourceLimit("a matrix is too large")
    rows = [list(a[i * n : (i + 1) * n]) for i in range(n)]
    result: Number = 1
    for k in range(n):
        pivot = _pivot(rows, k, numbers)
        if pivot is None:
            # with derivatives a singular matrix still has a slope: Laplace along the first column
            return _laplace(a, n, numbers)
        if pivot != k:
            rows[k], rows[pivot] = rows[pivot], rows[k]
            result = -result
        result = result * rows[k][k]
        r = numbers.reciprocal(rows[k][k])
        for i in range(k + 1, n):
            factor = rows[i][k] * r
            for j in range(k + 1, n):
                rows[i][j] = numbers.total([rows[i][j], -(factor * rows[k][j])])
            rows[i][k] = 0
    return result


def _laplace(a: list[Number], n: int, numbers: Reals) -> Number:
    if n > 6:
        if all(plain(x) is x for x in a):
            return 0
        raise ResourceLimit("the slope of the determinant of a large singular matrix")
    terms = []
    for i in range(n):
        minor = [a[r * n + c] for r in range(n) if r != i for c in range(1, n)]
        cofactor = a[i * n] * determinant(minor, n - 1, numbers)
        terms.append(cofactor if i % 2 == 0 else -cofactor)
    return numbers.total(terms)


def _pivot(rows: list[list[Number]], k: int, numbers: Reals) -> int | None:
    """The row with the largest entry in column k, or None where all are 0."""
    best, size = None, -(1 << 59)
    for i in range(k, len(rows)):
        low = plain(rows[i][k])
        if low and numbers.magnitude(low) > size:
            best, size = i, numbers.magnitude(low)
    return best


def inverse(a: list[Number], n: int, numbers: Reals) -> list[Number]:
    """The inverse, or `UNDEFINED` everywhere."""
    nothing: list[Number] = [UNDEFINED] * (n * n)
    if any(x is UNDEFINED for x in a):
        return nothing
    if n <= 2:
        det = determinant(a, n, numbers)
        if not plain(det):
            return nothing
        r = numbers.reciprocal(det)
        return [r] if n == 1 else [r * a[3], -(r * a[1]), -(r * a[2]), r * a[0]]
    if n > _LARGEST:
        raise ResourceLimit("a matrix is too large")
    rows = [list(a[i * n : (i + 1) * n]) + [int(i == j) for j in range(n)] for i in range(n)]
    for k in range(n):
        pivot = _pivot(rows, k, numbers)
        if pivot is None:
            return nothing
        rows[k], rows[pivot] = rows[pivot], rows[k]
        r = numbers.reciprocal(rows[k][k])
        rows[k] = [x * r for x in rows[k]]
        for i in range(n):
            if i != k:
                factor = rows[i][k]
                rows[i] = [numbers.total([x, -(factor * y)]) for x, y in zip(rows[i], rows[k])]
    return [x for row in rows for x in row[n:]]
