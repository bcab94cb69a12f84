"""Parameters and data of networks, for the tests of generated code."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numeric import Array

DEPTHS = {1: (4, 3), 2: (4, 5, 3), 5: (4, 3, 5, 2, 4, 3)}  # widths D₀ … D_L
Params = list[tuple[Array, Array]]


def network(widths: Sequence[int], samples: int = 6, seed: int = 0) -> tuple[Params, Array, Array]:
    rng = np.random.default_rng(seed)
    params = [(rng.normal(size=(m, n)), rng.normal(size=m)) for n, m in pairwise(widths)]
    D = np.eye(widths[-1])[:, rng.integers(0, widths[-1], samples)]
    return params, rng.normal(size=(widths[0], samples)), D


def flat(params: Sequence[tuple[Array, ...]]) -> list[Array]:
    return [part for layer in params for part in layer]


def layered(parts: Sequence[Array]) -> Params:
    return list(zip(parts[::2], parts[1::2]))
