"""What the arguments determine keeps its digits in values and gradients, and is finite, at any scale.

The table in `digits_cases`: a document, what its arguments are, and how many roundings may be lost (of the
largest entry of each result).  The reference is the evaluator with 400 digits on the theorem that was compiled.
"""

from __future__ import annotations

import warnings
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from digits_cases import CASES, Values
from test_gradient_random import compiled

from codegen.document import Module
from codegen.known import equation
from derive.evaluate import Array, Evaluator, Instance


def exact(made: Module, values: Values) -> dict[str, np.ndarray]:
    """The value and the gradients, rounded to double precision once."""
    function = next(f for f in made.functions if f.name == "value_and_grad_L")
    given: dict[str, Any] = {}
    sizes: dict[str, int] = {}
    for spelled, i in zip(function.source.arguments, function.program.inputs):
        value = np.asarray(values[spelled], np.float64)
        sizes.update({s.names[0]: n for s, n in zip(i.shape, value.shape) if s.names})
        entries = [Fraction(float(x)) for x in value.ravel()]
        given[i.name] = Array(value.shape, list(entries)) if value.ndim else entries[0]
    found = {}
    for label, theorem in function.program.theorems.items():
        point = Evaluator(theorem.context).at(Instance(sizes, given), digits=400, budget=3_000_000)
        found[label] = np.array([float(x) for x in point.entries(equation(theorem).right)])
    return found


@pytest.mark.parametrize("name, text, arguments, scales, allowed", CASES, ids=[c[0] for c in CASES])
def test_digits_are_kept(name: str, text: str, arguments: Any, scales: Any, allowed: float, tmp_path: Path) -> None:
    made, loaded = compiled(text, tmp_path)
    for kind in (np.float64, np.float32):
        limits = np.finfo(kind)
        for scale in scales:
            values = {k: np.asarray(v, kind)[()] for k, v in arguments(scale).items()}
            want = exact(made, values)
            with warnings.catch_warnings():
                warnings.simplefilter("error")
                results = loaded.value_and_grad_L(*values.values())
            for (label, w), got in zip(want.items(), results):
                bound = allowed * float(limits.eps) * np.max(np.abs(w)) + 1e3 * float(limits.tiny)
                assert np.max(np.abs(np.asarray(got, np.float64).ravel() - w)) <= bound, (label, scale, kind)


#: documents in which a form that keeps more digits would need an array over three indices
SMALL = {
    "a matrix product of exponentials": r"""
Let $Q, K \in \mathbb{R}^{N \times D}$, $F := \exp(Q)$, $G := \exp(K)$, $n := F (G^\top \mathbf{1}_N)$ and
$L := \sum_{i=1}^N \frac{1}{n_i}$.
""",
    "a distance that divides": r"""
Let $X \in \mathbb{R}^{N \times D}$, $k \in \mathbb{R}^{N \times N}$, $\epsilon > 0$,
$r_{ij} := \sqrt{\sum_{d=1}^D (X_{id} - X_{jd})^2 + \epsilon}$ and
$L := \sum_{i=1}^N \sum_{j=1}^N k_{ij} (r_{ij} - 1)^2$.
""",
}


@pytest.mark.parametrize("name", SMALL)
def test_no_array_is_larger_for_it(name: str, tmp_path: Path) -> None:
    made, _ = compiled(SMALL[name], tmp_path)
    for function in made.functions:
        for s in function.program.statements:
            assert all(len(t.axes) <= 2 for t in s.value.walk()), (function.name, s.equation)
