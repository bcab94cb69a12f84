"""Programs are tried before they are written: what the printer or a pass gets wrong is refused."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from codegen import document, products
from codegen.document import Refused, compile_document
from codegen.lower import lower
from codegen.program import Number, Pointwise, Program, Tensor
from codegen.tried import Trials, points
from derive.clock import now
from derive.terms import Size

MODEL = r"""
Let $X \in \mathbb{R}^{N \times D}$, $t \in \{0, 1\}^N$, $w \in \mathbb{R}^D$ and $s > 0$.

$$u := Xw$$

$$L := \sum_{n=1}^N \left( \log(1 + e^{u_n}) - t_n u_n \right) + s^2 \|w\|^2$$
"""


def changed(t: Tensor, rule: Callable[[Tensor], Tensor]) -> Tensor:
    """The expression with a rule put to each of its parts."""
    parts: dict[str, Any] = {}
    for name, value in vars(t).items():
        if name not in type(t).__dataclass_fields__:
            continue
        if isinstance(value, Tensor):
            parts[name] = changed(value, rule)
        elif isinstance(value, tuple):
            parts[name] = tuple(changed(v, rule) if isinstance(v, Tensor) else v for v in value)
    return rule(replace(t, **parts))


def doubled(t: Tensor) -> Tensor:
    return Number(t.value * 2) if isinstance(t, Number) and t.value == Fraction(2) else t


def swapped(t: Tensor) -> Tensor:
    return replace(t, op="sinh") if isinstance(t, Pointwise) and t.op in ("exp", "expm1", "tanh") else t


def shortened(t: Tensor) -> Tensor:
    return t.operands[0] if isinstance(t, Pointwise) and t.op == "add" else t


@pytest.fixture
def model(tmp_path: Path) -> Path:
    path = tmp_path / "model.md"
    path.write_text(MODEL, encoding="utf-8")
    return path


@pytest.mark.parametrize("rule", [doubled, swapped, shortened])
def test_a_program_that_a_pass_changed_is_refused(
    rule: Callable[[Tensor], Tensor], model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def wrong(*given: Any, **named: Any) -> Program:
        made = lower(*given, **named)
        return replace(made, statements=tuple(replace(s, value=changed(s.value, rule)) for s in made.statements))

    monkeypatch.setattr(document, "lower", wrong)
    with pytest.raises(Refused, match="the program gives other numbers than its theorem"):
        compile_document(model, every_gradient=True)


def test_a_printer_that_loses_a_sign_is_refused(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    quotient = products.quotient
    monkeypatch.setattr(products, "quotient", lambda factors: (False, *quotient(factors)[1:]))
    with pytest.raises(Refused, match="other numbers"):
        compile_document(model, every_gradient=True, hessians=True)


def test_a_refusal_names_the_function_and_where_its_definition_stands(
    model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def wrong(label: str, *given: Any, **named: Any) -> Program:
        made = lower(label, *given, **named)
        rule = doubled if label == "grad_L_s" else lambda t: t
        return replace(made, statements=tuple(replace(s, value=changed(s.value, rule)) for s in made.statements))

    monkeypatch.setattr(document, "lower", wrong)
    with pytest.raises(Refused) as refused:
        compile_document(model, every_gradient=True)
    (refusal,) = refused.value.refusals
    assert refusal.what == "grad_L_s cannot be compiled"
    assert refusal.place is not None and refusal.place.line == 6


def test_every_function_has_points_at_which_it_is_tried(model: Path) -> None:
    made = compile_document(model, every_gradient=True, hessians=True)
    found = [
        next(points(list(f.program.theorems.values()), f.program.inputs, now() + 5), None)
        for f in made.functions if f.program.theorems
    ]  # fmt: skip
    assert len(found) > 8 and None not in found


def test_a_value_beyond_the_range_decides_nothing(tmp_path: Path) -> None:
    path = tmp_path / "model.md"
    path.write_text(
        r"""Let $X \in \mathbb{R}^{N \times D}$, $w \in \mathbb{R}^D$, $z \in \{0,1\}^N$, $u \in \mathbb{R}$,
$\sigma(a) := \frac{1}{1+e^{-a}}$, $\pi := \sigma(u)$, $\lambda := \exp(Xw)$.

$$L := -\sum_{n=1}^N z_n \log(\pi + (1 - \pi) e^{-\lambda_n})$$""",
        encoding="utf-8",
    )
    assert compile_document(path, every_gradient=True).derivatives


def test_nothing_is_run_where_a_document_says_large_sizes(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = compile_document(model)
    f = made.functions[-1]
    large = tuple(replace(i, shape=(Size(const=10**6),)) for i in f.program.inputs)
    trials = Trials(made.source)
    monkeypatch.setattr(Trials, "_given", None)  # (to call it would fail)
    assert not trials.differs(replace(f, program=replace(f.program, inputs=large)))
