"""Random losses: derived, proved, compiled, and compared with a complex step.

`RANDOM_MODELS=2000 pytest -s tests/test_gradient_random.py` runs a longer sweep and prints the share.
"""

from __future__ import annotations

import os
import warnings
from collections import Counter
from pathlib import Path
from random import Random
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from random_models import Model

from codegen.checks import holomorphic
from codegen.document import Module, Refused, compile_document

MANY = int(os.environ.get("RANDOM_MODELS", "0"))
COUNT = MANY or 12
FIRST = int(os.environ.get("RANDOM_MODELS_FIRST", "0"))
SIZES = {"N": 4, "D": 3}


def compiled(text: str, folder: Path) -> tuple[Module, ModuleType]:
    file = folder / "model.md"
    file.write_text(text, encoding="utf-8")
    made = compile_document(file, every_gradient=True)
    loaded = ModuleType("model")
    exec(compile(made.source, "model.py", "exec"), loaded.__dict__)
    return made, loaded


def gap(made: Module, loaded: ModuleType, seed: int) -> float:
    """Greatest difference of a gradient of L from the complex step (from differences where L is computed
    through |x|), as a part of what is allowed; 0 where L is not finite."""
    rng = np.random.default_rng(seed)
    name = "value_and_grad_L"
    function = next((f for f in made.functions if f.name == name), None)
    if function is None:
        return 0.0  # L is a constant
    values: dict[str, Any] = {}
    for spelled, i in zip(function.source.arguments, function.program.inputs):
        shape = tuple(s.value(SIZES) for s in i.shape)
        positive = i.domain.low is not None
        values[spelled] = rng.uniform(0.2, 0.8, size=shape) if positive else rng.uniform(-1, 1, size=shape)
    smooth = holomorphic(next(f for f in made.functions if f.name == "L").program)
    h = 1e-3
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        value, *found = getattr(loaded, name)(*values.values())
        loss = loaded.L
        wrt = [v for f, v in made.derivatives.values() if f == "L"]
        assert len(wrt) == len(found)
        worst = 0.0
        if not np.isfinite(value) or abs(value) > 1e12:
            return 0.0
        for key, got in zip(wrt, found):
            want = np.empty(np.shape(values[key]))
            for at in np.ndindex(want.shape):
                def moved(step: complex, key: str = key, at: tuple[int, ...] = at) -> Any:
                    there = np.array(values[key], dtype=type(step))
                    there[at] += step
                    return loss(*{**values, key: there[()]}.values())

                if smooth:
                    want[at] = np.imag(moved(1e-20j)) / 1e-20
                else:  # five points: the error is of order h⁴
                    want[at] = (8 * (moved(h) - moved(-h)) - (moved(2 * h) - moved(-2 * h))) / (12 * h)
            assert np.shape(got) == want.shape
            allowed = (1e-9 if smooth else 1e-6) * max(1.0, float(np.max(np.abs(want))))
            worst = max(worst, float(np.max(np.abs(got - want))) / allowed)
    return worst


@pytest.mark.parametrize("first", range(FIRST, FIRST + COUNT, 6 if not MANY else COUNT))
def test_no_gradient_of_a_random_model_is_wrong(first: int, tmp_path: Path) -> None:
    tally: Counter[str] = Counter()
    for seed in range(first, first + min(6 if not MANY else COUNT, COUNT)):
        text = Model(Random(seed)).text
        try:
            made, loaded = compiled(text, tmp_path)
        except Refused as refused:
            tally["refused"] += 1
            if MANY:
                print(f"\nseed {seed} refused: {str(refused)[:300]}\n{text}")
            continue
        worst = gap(made, loaded, seed)
        assert worst < 1, f"seed {seed}: off by {worst}\n{text}"
        tally["compiled"] += 1
    share = tally["compiled"] / sum(tally.values())
    print(f"\nrandom models: {tally['compiled']} of {sum(tally.values())} derived and compiled ({share:.1%})")
    assert share >= (0.95 if MANY else 0.5)
