"""The random weights that a network starts from."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

_F = TypeVar("_F", bound=np.floating[Any])


def initial_layers(
    X: NDArray[_F], widths: Sequence[int], rng: np.random.Generator
) -> list[tuple[NDArray[_F], NDArray[_F]]]:
    """Weights and zero biases `[(W, b), …]` of layers of these widths over inputs `X` (D₀, N), in X's dtype.

    The standard deviation is 1/√(fan-in) over the root mean square of the layer's input, so that no unit starts
    saturated [LeCun et al. 1998, Efficient BackProp, §4.6]; a hidden unit's is taken as 1.
    """
    rms = math.sqrt(float(np.mean(np.square(X[:, :1000], dtype=np.float64)))) or 1.0
    made, fan_in = [], X.shape[0]
    for width in widths:
        W = (rng.standard_normal((width, fan_in)) / (math.sqrt(fan_in) * rms)).astype(X.dtype)
        made.append((W, np.zeros(width, X.dtype)))
        fan_in, rms = width, 1.0
    return made
