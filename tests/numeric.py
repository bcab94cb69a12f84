"""Numerical gradients, for the tests of generated code."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]
TOLERANCE = 1e-6  # relative to the largest entry


def differences(f: Callable[[Sequence[Array]], float], at: Sequence[Array]) -> list[Array]:
    """Central differences of f by every entry of every array, with h = ε^(1/3) max(1, |x|)."""
    step = np.finfo(np.float64).eps ** (1 / 3)
    found = []
    for number, array in enumerate(at):
        slope = np.empty_like(array)
        for place in np.ndindex(array.shape):
            h = step * max(1.0, abs(array[place]))
            ends = []
            for sign in (1, -1):
                moved = [a.copy() for a in at]
                moved[number][place] += sign * h
                ends.append((f(moved), moved[number][place]))
            (above, high), (below, low) = ends
            slope[place] = (above - below) / (high - low)
        found.append(slope)
    return found


def complex_steps(f: Callable[[Sequence[Array]], complex], at: Sequence[Array]) -> list[Array]:
    """Im f(x + ih)/h by every entry, exact to rounding where f is holomorphic."""
    found = []
    for number, array in enumerate(at):
        slope = np.empty_like(array)
        for place in np.ndindex(array.shape):
            moved = [a.astype(np.complex128) for a in at]
            moved[number][place] += 1e-20j
            slope[place] = np.imag(f(moved)) / 1e-20
        found.append(slope)
    return found


def distance(given: Sequence[Array], wanted: Sequence[Array]) -> float:
    """The largest difference of an entry, relative to the largest entry of all."""
    assert [a.shape for a in given] == [a.shape for a in wanted]
    scale = max(float(np.max(np.abs(a))) for a in wanted)
    return max(float(np.max(np.abs(a - b))) for a, b in zip(given, wanted)) / scale


def is_gradient(f: Callable[[Sequence[Array]], float], at: Sequence[Array], claimed: Sequence[Array]) -> bool:
    """Whether `claimed` is the gradient of f, by central differences."""
    return distance(claimed, differences(f, at)) <= TOLERANCE
