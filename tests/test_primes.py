"""Slopes by primes, of function words and of defined functions: read, proved, compiled."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from codegen.document import Refused, compile_document
from derive.checker import check
from derive.homework.document import read_document

PRIMES = r"""Let $x \in \mathbb{R}$, $u \in \mathbb{R}^D$, $\phi(z) := z \tanh(z)$.

"""


@pytest.mark.parametrize(
    ("claim", "expected"),
    [
        (r"\tanh'(x) = 1 - \tanh(x)^2", "proved"),
        (r"\tanh''(x) = -2 \tanh(x) (1 - \tanh(x)^2)", "proved"),
        (r"\tanh^{\prime\prime}(x) = -2 \tanh(x) (1 - \tanh^2 x)", "proved"),
        (r"\tanh'(u) = 1 - \tanh(u) \odot \tanh(u)", "proved"),
        (r"\log''(1 + x^2) = -\frac{1}{(1 + x^2)^2}", "proved"),
        (r"\phi''(x) = 2 \tanh'(x) + x \tanh''(x)", "proved"),
        (r"\frac{d}{dx} \tanh'(x) = \tanh''(x)", "proved"),
        (r"\tanh''(x) = 2 \tanh(x) (1 - \tanh(x)^2)", "refuted"),
        (r"\log'(x) = \frac{1}{x}", "unknown"),
    ],
)
def test_primes_on_function_words_are_read(claim: str, expected: str) -> None:
    (made,) = read_document(f"{PRIMES}$$\n{claim}\n$$\n", "primes.md").claims
    assert made.prop is not None, made
    assert check(made.context, made.prop, causes=False).verdict == expected


@pytest.mark.parametrize("word", [r"\max'(x, 1)", r"\det'(x)"])
def test_a_prime_needs_a_function_of_one_number(word: str) -> None:
    (made,) = read_document(f"{PRIMES}$$\n{word} = 1\n$$\n", "primes.md").claims
    assert made.prop is None and made.error is not None and made.error.code == "D153"


def test_slopes_inside_definitions_are_compiled(tmp_path: Path) -> None:
    model = tmp_path / "model.md"
    model.write_text(
        r"""Let $x \in \mathbb{R}^N$, $\sigma(z) := \frac{1}{1 + e^{-z}}$, $c(z) := \max(0, z)^3$, $f(z) := \tanh''(z)$.

$g := \sigma'(x)$, $L := \|g\|^2 + \sum_n (\sigma''(x_n) + f(x_n) + c'(x_n))$
""", encoding="utf-8",
    )  # fmt: skip
    made = compile_document(model, every_gradient=True)
    loaded = ModuleType("model")
    exec(compile(made.source, "model.py", "exec"), loaded.__dict__)
    assert "tanh(z)" not in [f.name for f in made.functions] and [f.name for f in made.functions][:4] == [
        "sigma", "c", "f", "g",
    ]  # fmt: skip
    x = np.array([-1.5, 0.3, 2.0])
    s, t = 1 / (1 + np.exp(-x)), np.tanh(x)
    g = s * (1 - s)
    parts = g * (1 - 2 * s) - 2 * t * (1 - t**2) + 3 * np.maximum(0, x) ** 2
    value, slope_ = loaded.value_and_grad_L(x)
    assert value == pytest.approx((g**2).sum() + parts.sum(), rel=1e-12)
    for k in range(3):
        h = 1e-6 * np.eye(3)[k]
        assert slope_[k] == pytest.approx((loaded.L(x + h) - loaded.L(x - h)) / 2e-6, rel=1e-6)


def test_a_slope_with_no_value_somewhere_is_refused_by_name(tmp_path: Path) -> None:
    model = tmp_path / "model.md"
    model.write_text("Let $a > 0$.\n\n$L := \\log'(a)$\n", encoding="utf-8")
    with pytest.raises(Refused) as failure:
        compile_document(model)
    assert "no theorem says what the derivative of log" in failure.value.refusals[0].why
