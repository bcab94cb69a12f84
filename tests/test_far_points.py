"""Distances keep their digits however far the points are from 0: they are taken without the mean of the points."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from test_gradient_random import compiled

KERNEL = r"""
Let $X \in \mathbb{R}^{N \times D}$, $a \in \mathbb{R}^N$, $\gamma > 0$ and
$L := \sum_{i=1}^N \sum_{j=1}^N a_i a_j \exp\left(-\gamma \sum_{k=1}^D (X_{ik} - X_{jk})^2\right)$.
"""
CENTRES = r"""
Let $X \in \mathbb{R}^{N \times D}$, $m \in \mathbb{R}^{K \times D}$ and
$L := -\sum_{n=1}^N \log \sum_{k=1}^K \exp\left(-\sum_{d=1}^D (X_{nd} - m_{kd})^2 \right)$.
"""
#: the slopes by the weights are sums of squares with factors of both signs
WEIGHTS = r"""
Let $X \in \mathbb{R}^{N \times D}$, $a \in \mathbb{R}^N$, $\rho \in \mathbb{R}^D$ and
$L := \sum_{i=1}^N \sum_{j=1}^N a_i a_j \exp\left( - \sum_{d=1}^D e^{\rho_d} (X_{id} - X_{jd})^2 \right)$.
"""
POINTS = np.array([[0.25, -0.5], [1.0, 0.75], [-0.5, 0.125], [0.5, 1.5]])
OTHERS = {
    "a": np.array([1.0, -0.5, 2.0, 0.25]), "gamma": np.array(0.5), "rho": np.array([0.5, -0.25]),
    "m": np.array([[0.5, 0.5], [-0.25, 0.0]]),
}  # fmt: skip


def results(loaded: Any, names: list[str], far: float, kind: Any) -> list[np.ndarray]:
    """Points that are moved by a multiple of a power of 2 lose no digit by it."""
    moved = {"X": POINTS + far, **OTHERS, "m": OTHERS["m"] + far}
    given = [np.asarray(moved[n], kind)[()] for n in names]
    return [np.asarray(r, np.float64) for r in loaded.value_and_grad_L(*given)]


@pytest.mark.parametrize("text", [KERNEL, CENTRES, WEIGHTS], ids=["a kernel", "centres", "weights"])
@pytest.mark.parametrize("kind, far", [(np.float64, 2.0**26), (np.float32, 2.0**14)])
def test_a_value_and_its_gradients_do_not_depend_on_where_the_points_are(
    text: str, kind: Any, far: float, tmp_path: Path
) -> None:
    made, loaded = compiled(text, tmp_path)
    names = next(list(f.source.arguments) for f in made.functions if f.name == "value_and_grad_L")
    for near, there in zip(results(loaded, names, 0.0, kind), results(loaded, names, far, kind)):
        assert np.max(np.abs(near - there)) <= 50 * np.finfo(kind).eps * np.max(np.abs(near))
