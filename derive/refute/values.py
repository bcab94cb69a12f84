"""Values to try: small integers and simple fractions of a domain, and arrays with structure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from math import prod
from random import Random

from derive.context import Domain

Exact = int | Fraction

#: by level: what a reader likes best, more of it, what lies at the edge
POOLS: tuple[tuple[Exact, ...], ...] = (
    (1, 2, 0, -1, 3, 1, 2, -2),
    (2, 3, -1, -3, 5, 4, Fraction(1, 2), Fraction(3, 2), Fraction(-1, 3), 1, -2),
    (0, 1, -1, 7, -5, Fraction(2, 5), Fraction(1, 10), -10, 10, Fraction(-7, 3), 20),
)
_PARTS: tuple[Fraction, ...] = tuple(
    Fraction(a, b) for a, b in ((1, 2), (1, 3), (2, 3), (1, 4), (3, 4), (1, 5), (2, 5), (4, 5), (1, 10), (9, 10))
)


def short(x: Fraction | int) -> Exact:
    return x.numerator if isinstance(x, Fraction) and x.denominator == 1 else x


def draw(domain: Domain, rng: Random, level: int) -> Exact:
    """A value of the domain; which pool it comes from depends on the level (0 … 2)."""
    if domain.values is not None:
        return short(rng.choice(domain.values))
    bounded = domain.low is not None or domain.high is not None
    for _ in range(0 if bounded and level and rng.random() < 0.5 else 8):
        x = rng.choice(POOLS[level])
        if domain.contains(Fraction(x)):
            return x
    return _inside(domain, rng, level)


def draw_small(domain: Domain, rng: Random, level: int) -> Exact:
    """A value of absolute value below 1 where the domain has one: shares of a whole."""
    for _ in range(8):
        x = rng.choice(_PARTS) * rng.choice((1, 1, 1, -1))
        if domain.values is None and domain.contains(x):
            return x
    return draw(domain, rng, level)


def _inside(domain: Domain, rng: Random, level: int) -> Exact:
    low, high = domain.low, domain.high
    steps: tuple[Exact, ...] = (*POOLS[level], *_PARTS[:3])
    while True:
        if low is not None and high is not None:
            if level == 2 and rng.random() < 0.3:
                edge = rng.choice((low, high))
                if domain.contains(edge):
                    return short(edge)
            x = low + (high - low) * rng.choice(_PARTS)
        elif low is not None:
            x = low + abs(Fraction(rng.choice(steps)))
        elif high is not None:
            x = high - abs(Fraction(rng.choice(steps)))
        else:
            x = Fraction(rng.choice((1, 2, -1, 3)))
        if domain.contains(x):
            return short(x)


Maker = Callable[[tuple[int, ...], Random], list[Exact]]


def _unit(n: int, rng: Random) -> list[Exact]:
    """A vector of length 1 with rational entries."""
    if n == 1:
        return [rng.choice((1, -1))]
    if rng.random() < 0.4:
        hot = rng.randrange(n)
        return [rng.choice((1, -1)) if k == hot else 0 for k in range(n)]
    # stereographic projection of a rational point, in any octant
    t = [Fraction(rng.choice((1, 2, -1, 3, -2, 0)), rng.choice((1, 1, 2))) for _ in range(n - 1)]
    s = sum((x * x for x in t), Fraction(0))
    made = [2 * x / (1 + s) for x in t] + [(1 - s) / (1 + s)]
    return [short(rng.choice((1, -1)) * x) for x in made]


def _orthogonal(n: int, rng: Random) -> list[list[Exact]]:
    """An orthogonal matrix with rational entries: a reflection times a signed permutation."""
    order = list(range(n))
    rng.shuffle(order)
    made: list[list[Exact]] = [[rng.choice((1, -1)) if order[i] == j else 0 for j in range(n)] for i in range(n)]
    if rng.random() < 0.6:
        v = _unit(n, rng)
        made = [
            [short(Fraction(x) - 2 * v[i] * sum(v[k] * made[k][j] for k in range(n))) for j, x in enumerate(row)]
            for i, row in enumerate(made)
        ]
    return made


def _columns(dims: tuple[int, ...], rng: Random) -> list[Exact]:
    n, m = dims
    big = _orthogonal(max(n, m), rng)
    return [big[i][j] for i in range(n) for j in range(m)]


def _symmetric(dims: tuple[int, ...], rng: Random) -> list[Exact]:
    n, m = dims
    low = {(i, j): rng.choice((1, 2, 0, -1, 3)) for i in range(n) for j in range(i + 1)}
    return [low.get((i, j), low.get((j, i), 0)) for i in range(n) for j in range(m)]


def _positive(dims: tuple[int, ...], rng: Random) -> list[Exact]:
    """BᵀB + I, symmetric positive definite."""
    n, m = dims
    b = [[rng.choice((1, 0, -1, 2)) for _ in range(n)] for _ in range(n)]
    return [
        sum(b[k][i] * b[k][j] for k in range(n)) + int(i == j) if j < n else 0 for i in range(n) for j in range(m)
    ]


def _hot_columns(dims: tuple[int, ...], rng: Random) -> list[Exact]:
    n, m = dims
    hot = [rng.randrange(n) for _ in range(m)]
    return [int(hot[j] == i) for i in range(n) for j in range(m)]


def _hot_rows(dims: tuple[int, ...], rng: Random) -> list[Exact]:
    n, m = dims
    hot = [rng.randrange(m) for _ in range(n)]
    return [int(hot[i] == j) for i in range(n) for j in range(m)]


def _parts(n: int, rng: Random) -> list[Exact]:
    """Positive numbers that sum to 1."""
    weights = [rng.choice((1, 2, 3)) for _ in range(n)]
    return [short(Fraction(w, sum(weights))) for w in weights]


def _part_columns(dims: tuple[int, ...], rng: Random) -> list[Exact]:
    n, m = dims
    columns = [_parts(n, rng) for _ in range(m)]
    return [columns[j][i] for i in range(n) for j in range(m)]


def _part_rows(dims: tuple[int, ...], rng: Random) -> list[Exact]:
    n, m = dims
    return [x for _ in range(n) for x in _parts(m, rng)]


def _diagonal(dims: tuple[int, ...], rng: Random) -> list[Exact]:
    n, m = dims
    return [rng.choice((1, 2, 3, -1, 0)) if i == j else 0 for i in range(n) for j in range(m)]


def _rank_one(dims: tuple[int, ...], rng: Random) -> list[Exact]:
    a, b = ([rng.choice((1, 2, -1, 0)) for _ in range(n)] for n in dims)
    return [x * y for x in a for y in b]


def _projection(dims: tuple[int, ...], rng: Random) -> list[Exact]:
    """vvᵀ with ‖v‖ = 1, or I − vvᵀ."""
    n, m = dims
    v = _unit(n, rng)
    flip = rng.random() < 0.5
    return [
        short(Fraction(int(i == j) - v[i] * v[j] if flip else v[i] * v[j])) if j < n else 0
        for i in range(n)
        for j in range(m)
    ]


def _antisymmetric(dims: tuple[int, ...], rng: Random) -> list[Exact]:
    n, m = dims
    low = {(i, j): rng.choice((1, 2, -1)) for i in range(n) for j in range(i)}
    return [low.get((i, j), -low.get((j, i), 0)) for i in range(n) for j in range(m)]


def _constant(dims: tuple[int, ...], rng: Random) -> list[Exact]:
    return [rng.choice((0, 1, 1, 2))] * prod(dims)


_ANY: Sequence[Maker] = (_constant,)
_VECTORS: Sequence[Maker] = (
    lambda dims, rng: _unit(dims[0], rng),
    lambda dims, rng: _parts(dims[0], rng),
    lambda dims, rng: _hot_columns((dims[0], 1), rng),
    *_ANY,
)
_MATRICES: Sequence[Maker] = (_columns, _hot_columns, _hot_rows, _part_columns, _part_rows, _rank_one, *_ANY)
_SQUARES: Sequence[Maker] = (
    _symmetric, _positive, _columns, _diagonal, _projection, _antisymmetric, _hot_columns, _part_rows,
    _part_columns, _rank_one, *_ANY,
)  # fmt: skip


def structured(dims: tuple[int, ...], domain: Domain, rng: Random) -> list[Exact] | None:
    """The entries of an array of a special kind (unit vector, orthogonal, one-hot …), or None."""
    if len(dims) == 1:
        makers = _VECTORS
    elif len(dims) == 2:
        makers = _SQUARES if dims[0] == dims[1] else _MATRICES
    else:
        makers = _ANY
    for _ in range(6):
        made = rng.choice(makers)(dims, rng)
        if all(domain.contains(Fraction(x)) for x in made):
            return made
    return None
