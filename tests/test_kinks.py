"""|u| and max(0, u): where they have slopes, the forms of those, and what is compiled from them."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from codegen.document import Module, compile_document
from derive.__main__ import main
from derive.checker import check
from derive.evaluate import UNDEFINED
from derive.evaluate.calculus import part
from derive.evaluate.numbers import Dual, Number, reals
from derive.gradient import derivation
from derive.gradient.derivation import gradients
from derive.gradient.present import document, equation, excluded
from derive.gradient.subject import read, subject
from derive.homework.document import read_document
from derive.notation import unicode

DECLARED = r"""Let $x, y \in \mathbb{R}$, $w \in \mathbb{R}^D$, $X \in \mathbb{R}^{N \times D}$, $t \in \mathbb{R}^N$,
$W \in \mathbb{R}^{D \times H}$, $v \in \mathbb{R}^H$, $h := \max(0, Xw - t)$, $\operatorname{relu}(z) := \max(z, 0)$,
$\operatorname{sgn}(z) := \frac{z}{|z|}$, $\operatorname{step}(z) := \frac{\max(0, z)}{z}$, $A := \max(0, x)^2$.

"""

#: law → a claim that it proves
PROVED = {
    "|u|′ = u/|u|": r"\frac{\partial}{\partial x} |x| = \operatorname{sgn}(x)",
    "u/|u| = |u|/u": r"\operatorname{sgn}(x) = \frac{|x|}{x}",
    "1/|u|³ = |u|/u⁴": r"\frac{1}{|x|^3} = \frac{|x|}{x^4}",
    "max(0, u)′ = max(0, u)/u": r"\operatorname{relu}'(x) = \operatorname{step}(x)",
    "(max(0, u)²)′ = 2 max(0, u) u′": r"\frac{\partial}{\partial x} \max(0, 3x)^2 = 6 \max(0, 3x)",
    "(max(0, u)³)″ = 6 max(0, u)": r"\frac{\partial^2}{\partial x^2} \max(x, 0)^3 = 6 \max(0, x)",
    "(|u|³)′ = 3u|u|": r"\frac{\partial}{\partial x} |x|^3 = 3 x |x|",
    "(|u|³)″ = 6|u|": r"\frac{\partial^2}{\partial x^2} |x|^3 = 6 |x|",
    "|u|² = u², at every order": r"\frac{\partial^2}{\partial x^2} |x|^2 = 2",
    "a square through a name": r"\nabla_w \|h\|^2 = 2 X^\top h",
    "a square through a function": r"\nabla_w \sum_n \operatorname{relu}(t_n - (Xw)_n)^2 = -2 X^\top \max(0, t - Xw)",
    "a square inside another function":
        r"\frac{\partial}{\partial w_i} \sum_n \log(1 + h_n^2) = 2 \sum_n \frac{h_n}{1 + h_n^2} X_{ni}",
    "a derivative of a name with a derivative in it": r"\frac{\partial A}{\partial x} = 2 \max(0, x)",
    "|w_k| changes with w_i for k = i alone": r"\frac{\partial}{\partial w_i} \sum_k |w_k| = \operatorname{sgn}(w_i)",
    "under two sums":
        r"\frac{\partial}{\partial W_{ij}} \sum_{n,k} v_k \max(0, (XW)_{nk})"
        r" = v_j \sum_n X_{ni} \operatorname{step}((XW)_{nj})",
    "products of absolute values":
        r"\frac{\partial}{\partial w_i} \sum_{j=1}^D \sum_{k=1}^D |w_j| |w_k| = 2 \operatorname{sgn}(w_i) \sum_j |w_j|",
    "under a guard":
        r"\frac{\partial}{\partial t_i} \sum_{n \neq i} \max(0, 1 - t_i + t_n)"
        r" = -\sum_{n \neq i} \operatorname{step}(1 - t_i + t_n)",
    "a diagonal matrix leaves one term":
        r"(\operatorname{diag}(t) \operatorname{sgn}(X) \operatorname{diag}(w))_{nd}"
        r" = t_n \operatorname{sgn}(X_{nd}) w_d",
}  # fmt: skip

#: what looks like one of the laws and is none: a claim that must not be proved
UNPROVED = {
    "max(0, u) has no slope at 0": r"x \frac{\partial}{\partial x} \max(0, x) = \max(0, x)",
    "max(0, u)¹ has none": r"x \frac{\partial}{\partial x} \max(0, x)^1 = \max(0, x)",
    "|u| has none": r"x \frac{\partial}{\partial x} |x| = |x|",
    "|u|¹ has none": r"x \frac{\partial}{\partial x} |x|^1 = |x|",
    "max(0, u)² has no second slope": r"x \frac{\partial^2}{\partial x^2} \max(0, x)^2 = 2 \max(0, x)",
    "|u|³ has no third": r"x \frac{\partial}{\partial x} \left( \frac{\partial^2}{\partial x^2} |x|^3 \right) = 6 |x|",
    "max(y, u)² has none at y": r"(x - y) \frac{\partial}{\partial x} \max(y, x)^2 = 2 \max(y, x) \max(0, x - y)",
    "√|u| has none": r"|x|^2 \frac{\partial}{\partial x} |x|^{1/2} = \frac12 x |x|^{1/2}",
    "a slope of a slope, one order too many":
        r"x \frac{\partial}{\partial x} \left( \frac{\partial A}{\partial x} \right) = 2 \max(0, x)",
    "the factor 2": r"\frac{\partial}{\partial x} \max(0, x)^2 = \max(0, x)",
    "the other side": r"\frac{\partial}{\partial x} \max(0, -x)^2 = 2 \max(0, -x)",
    "all entries, where one is asked for":
        r"\frac{\partial}{\partial w_i} \sum_k |w_k|"
        r" = \operatorname{sgn}(w_i) + 0 \cdot \sum_k \operatorname{sgn}(w_k)",
    "a factor that does not change":
        r"w_2 \frac{\partial}{\partial w_2} \left( \frac{\partial}{\partial w_1} w_1 |w_2| \right) = |w_2|",
}  # fmt: skip


def verdict(claim: str) -> str:
    (made,) = read_document(f"{DECLARED}$$\n{claim}\n$$\n", "kinks.md").claims
    assert made.prop is not None, made
    return check(made.context, made.prop, causes=False).verdict


@pytest.mark.parametrize("law", PROVED)
def test_a_law_of_slopes_is_proved(law: str) -> None:
    assert verdict(PROVED[law]) == "proved"


@pytest.mark.parametrize("law", UNPROVED)
def test_its_unsound_neighbour_is_not(law: str) -> None:
    assert verdict(UNPROVED[law]) in ("unknown", "refuted")


def slope(f: Callable[[Number], Number], x: int, order: int) -> Number:
    made: Number = x
    for level in range(order):
        made = Dual(level + 1, made, {0: 1})
    made = f(made)
    for level in range(order, 0, -1):
        made = part(made, level, 0)
    return made


@pytest.mark.parametrize("q", [1, 2, 3, 4])
def test_the_evaluator_gives_powers_at_a_kink_the_slopes_that_they_have(q: int) -> None:
    numbers = reals(30)
    ramp = [slope(lambda x: numbers.integer_power(numbers.ramp(x), q), 0, order) for order in range(5)]
    assert ramp == [0] * q + [UNDEFINED] * (5 - q)
    modulus = [slope(lambda x: numbers.integer_power(numbers.abs(x), q), 0, order) for order in range(5)]
    even = [slope(lambda x: numbers.integer_power(x, q), 0, order) for order in range(5)]
    assert modulus == (even if q % 2 == 0 else ramp)


def test_the_evaluator_keeps_what_a_maximum_was_made_from() -> None:
    numbers = reals(30)
    assert slope(lambda x: numbers.max(numbers.max(x, 0), -1 * x), 0, 1) is UNDEFINED
    assert slope(lambda x: numbers.ramp(numbers.ramp(x)), -1, 1) is UNDEFINED  # of what is 0 all around


# -- models --------------------------------------------------------------------------------------------------

REGRESSION = r"Let $X \in \mathbb{R}^{N \times D}$, $t \in \mathbb{R}^N$, $w \in \mathbb{R}^D$, "
LABELS = r"Let $X \in \mathbb{R}^{N \times D}$, $t_n \in \{-1, 1\}$, $w \in \mathbb{R}^D$, $\lambda > 0$."
NETWORK = (
    r"Let $X \in \mathbb{R}^{N \times D}$, $t \in \mathbb{R}^N$, $W \in \mathbb{R}^{D \times H}$, "
    r"$v \in \mathbb{R}^H$, "
)

MODELS = {
    "relu": NETWORK + r"$Z := \max(0, XW)$, $y := Zv$, $L := \frac{1}{2N} \|y - t\|^2$",
    "leaky": r"""Let $u, t \in \mathbb{R}^H$, $v \in \mathbb{R}^H$, $\alpha \in (0, 1)$,
$f(z) := \max(0, z) - \alpha \max(0, -z)$.

$L := \frac{1}{2} \|f(u) \odot v - t\|^2$""",
    "hinge": LABELS + r" $L := \frac1N \sum_{n=1}^N \max(0, 1 - t_n (Xw)_n) + \frac{\lambda}{2} \|w\|^2$",
    "squared hinge": LABELS + r" $L := \frac1N \sum_{n=1}^N \max(0, 1 - t_n (Xw)_n)^2 + \frac{\lambda}{2} \|w\|^2$",
    "lasso": REGRESSION + r"$\lambda > 0$. $L := \frac{1}{2N} \|Xw - t\|^2 + \lambda \sum_d |w_d|$",
    "absolute error": REGRESSION + r"$L := \frac1N \sum_n |(Xw)_n - t_n|$",
    "huber": REGRESSION + r"""$\delta > 0$,
$\rho(r) := \frac12 r^2 - \frac12 \max(0, r - \delta)^2 - \frac12 \max(0, -r - \delta)^2$.

$L := \frac1N \sum_{n=1}^N \rho((Xw)_n - t_n)$""",
    "quantile": REGRESSION + r"""$\tau \in (0, 1)$, $e := t - Xw$.

$L := \frac1N \sum_{n=1}^N \max(\tau e_n, (\tau - 1) e_n)$""",
    "ranking": r"""Let $s \in \mathbb{R}^N$.

$L := \sum_{i=1}^N \sum_{j \neq i} \max(0, 1 - s_i + s_j)$""",
    "triplet": r"""Let $a, p, q \in \mathbb{R}^D$, $\alpha > 0$.

$L := \max(0, \|a - p\|^2 - \|a - q\|^2 + \alpha)$""",
    "maxout": r"""Let $A, B \in \mathbb{R}^{N \times H}$, $t \in \mathbb{R}^N$, $v \in \mathbb{R}^H$.

$Z := \max(A, B)$, $L := \frac1N \|Zv - t\|^2$""",
}  # fmt: skip

#: model → variable → (gradient, what must not be 0)
FORMS = {
    "relu": ("W", "∂L/∂W = 1/N · Xᵀ(((y − t)vᵀ) ⊙ step(XW))", ["XW ≠ 0"]),
    "hinge": ("w", "∂L/∂w = λw − 1/N · Xᵀ(t ⊙ step(1 − t ⊙ (Xw)))", ["1 − t ⊙ (Xw) ≠ 0"]),
    "squared hinge": ("w", "∂L/∂w = λw − 2/N · Xᵀ(t ⊙ max(0, 1 − t ⊙ (Xw)))", []),
    "lasso": ("w", "∂L/∂w = λ sgn(w) + 1/N · Xᵀ(Xw − t)", ["w ≠ 0"]),
    "absolute error": ("w", "∂L/∂w = 1/N · Xᵀ sgn(Xw − t)", ["Xw − t ≠ 0"]),
}


@cache
def path(name: str) -> Path:
    from tempfile import mkdtemp

    made = Path(mkdtemp()) / "model.md"
    made.write_text(MODELS[name] + "\n", encoding="utf-8")
    return made


@cache
def compiled(name: str) -> tuple[Module, ModuleType]:
    by = {"relu": "W", "leaky": "u", "ranking": "s", "triplet": "a", "maxout": "AB"}.get(name, "w")
    made = compile_document(path(name), every_gradient=True, only="L", by=by)
    loaded = ModuleType("model")
    exec(compile(made.source, "model.py", "exec"), loaded.__dict__)
    return made, loaded


def values(name: str, draw: Callable[[tuple[int, ...]], Any]) -> dict[str, Any]:
    """Arguments of value_and_grad_L; those of a finite set or an interval are taken from there."""
    made, _ = compiled(name)
    function = next(f for f in made.functions if f.name == "value_and_grad_L")
    rng = np.random.default_rng(0)
    found: dict[str, Any] = {}
    for spelled, i in zip(function.source.arguments, function.program.inputs):
        shape = tuple(s.value({"N": 5, "D": 3, "H": 4}) for s in i.shape)
        if i.domain.values is not None:
            found[spelled] = rng.choice([float(v) for v in i.domain.values], size=shape)
        elif i.domain.low is not None:
            found[spelled] = float(rng.uniform(0.2, 0.8))
        else:
            found[spelled] = draw(shape)
    return found


def losses() -> dict[str, Callable[..., Any]]:
    import torch
    from torch.nn import functional as f

    relu = torch.relu
    return {
        "relu": lambda X, t, W, v: ((relu(X @ W) @ v - t) ** 2).mean() / 2,
        "leaky": lambda u, t, v, a: ((torch.where(u > 0, u, a * u) * v - t) ** 2).sum() / 2,
        "hinge": lambda X, t, w, c: relu(1 - t * (X @ w)).mean() + c / 2 * (w @ w),
        "squared hinge": lambda X, t, w, c: (relu(1 - t * (X @ w)) ** 2).mean() + c / 2 * (w @ w),
        "lasso": lambda X, t, w, c: ((X @ w - t) ** 2).mean() / 2 + c * w.abs().sum(),
        "absolute error": lambda X, t, w: f.l1_loss(X @ w, t),
        "huber": lambda X, t, w, d: f.huber_loss(X @ w, t, delta=d.item()),
        "quantile": lambda X, t, w, q: torch.maximum(q * (t - X @ w), (q - 1) * (t - X @ w)).mean(),
        "ranking": lambda s: relu(1 - s[:, None] + s[None, :]).sum() - len(s),
        "triplet": lambda a, p, q, c: relu(((a - p) ** 2).sum() - ((a - q) ** 2).sum() + c),
        "maxout": lambda A, B, t, v: ((torch.maximum(A, B) @ v - t) ** 2).mean(),
    }


def agree(name: str, given: dict[str, Any]) -> None:
    import torch

    made, loaded = compiled(name)
    value, *found = loaded.value_and_grad_L(*given.values())
    tensors = {n: torch.tensor(v, dtype=torch.float64, requires_grad=True) for n, v in given.items()}
    loss = losses()[name](*tensors.values())
    wrt = [v for f, v in made.derivatives.values() if f == "L"]
    wanted = torch.autograd.grad(loss, [tensors[n] for n in wrt])
    assert value == pytest.approx(loss.item(), rel=1e-9)
    for n, got, want in zip(wrt, found, wanted, strict=True):
        np.testing.assert_allclose(got, want.numpy(), rtol=1e-9, atol=1e-9, err_msg=n)


@pytest.mark.parametrize("name", MODELS)
def test_gradients_agree_with_pytorch(name: str) -> None:
    pytest.importorskip("torch")
    rng = np.random.default_rng(1)
    agree(name, values(name, lambda shape: rng.normal(size=shape)))


@pytest.mark.parametrize("name", ["squared hinge", "huber"])
def test_squares_are_exact_at_the_kink(name: str) -> None:
    pytest.importorskip("torch")
    given = values(name, np.ones)  # Xw = (3, …, 3)
    given["w"] = given["w"] / 3
    if name == "huber":
        given["t"] = 1 - given["delta"] * np.array([1.0, -1.0, 0.0, 1.0, -1.0])
    else:
        given["t"] = np.array([1.0, 1.0, -1.0, 1.0, -1.0])
    with np.errstate(all="raise"):
        agree(name, given)


@pytest.mark.parametrize("name", ["relu", "hinge", "lasso", "absolute error", "ranking", "maxout"])
def test_at_a_kink_the_code_takes_0_for_the_slope(name: str) -> None:
    _, loaded = compiled(name)
    given = values(name, np.zeros)
    if name == "hinge":
        given["X"], given["w"] = np.ones((5, 3)) * given["t"][:, None], np.ones(3) / 3
    if name == "ranking":
        given["s"] = np.arange(5.0)
    with np.errstate(all="raise"):
        value, *found = loaded.value_and_grad_L(*given.values())
    assert np.isfinite(value) and all(np.isfinite(g).all() for g in found)
    text = loaded.value_and_grad_L.__doc__ or ""
    assert "At a kink 0 is taken for sgn and step" in " ".join(text.split())
    if name == "lasso":
        assert not loaded.grad_L_w(*given.values()).any()


@pytest.mark.parametrize("name", FORMS)
def test_the_form_is_the_one_a_person_writes(name: str) -> None:
    w, form, kinks = FORMS[name]
    found = subject(read(path(name)), "L")
    variable = found.context.declarations[w].var
    made = gradients(found.context, found.scalar, [variable])
    assert unicode(equation(made.gradients[w]), made.context) == form
    assert excluded(made, w) == kinks


def test_a_function_that_is_a_maximum_has_its_slopes(tmp_path: Path) -> None:
    model = tmp_path / "model.md"
    model.write_text(
        r"""Let $w \in \mathbb{R}^D$, $r(z) := \max(z, 0)$, $m(z) := |z|$.

$L := \sum_d r(1 - w_d)^2 + \sum_d m(w_d)^3$
""", encoding="utf-8",
    )  # fmt: skip
    found = subject(read(model), "L")
    made = gradients(found.context, found.scalar, [found.context.declarations["w"].var])
    assert unicode(equation(made.gradients["w"]), made.context) == "∂L/∂w = 3(w ⊙ m(w)) − 2r(1 − w)"


def test_where_the_gradient_has_no_value_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["gradient", str(path("lasso")), "L", "w"]) == 0
    said = capsys.readouterr().out
    assert "  where sgn(z) = z/|z|\n" in said
    assert "where w ≠ 0, entry by entry; at a kink of L it has no value" in said


@pytest.mark.parametrize("name", ["leaky", "lasso", "huber", "quantile", "ranking"])
def test_the_printed_steps_are_proved(name: str) -> None:
    found = subject(read(path(name)), "L")
    variable = next(v for v in found.context.declarations.values() if v.name in "Wwsua").var
    made = gradients(found.context, found.scalar, [variable])
    proof = read_document(document(made, variable.name, "proof"), "proof.md")
    assert proof.claims
    for claim in proof.claims:
        assert claim.prop is not None
        assert check(claim.context, claim.prop).verdict == "proved", claim


def test_two_layers_of_kinks_are_derived_away_from_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(derivation, "KINKED", 0.2)
    deep = tmp_path / "deep.md"
    deep.write_text(
        r"""Let $X \in \mathbb{R}^{N \times D}$, $V \in \mathbb{R}^{D \times H}$, $W \in \mathbb{R}^{H \times M}$.

Let $w \in \mathbb{R}^M$.

$Z := \max(0, XV)$, $Y := \max(0, ZW)$, $u := Yw$, $L := \sum_n \log(1 + \exp(u_n))$
""", encoding="utf-8",
    )  # fmt: skip
    found = subject(read(deep), "L")
    made = gradients(found.context, found.scalar, [found.context.declarations["V"].var])
    theorem = made.gradients["V"]
    assert excluded(made, "V") == ["XV ≠ 0", "ZW ≠ 0"]
    kinks = [a.text for a in theorem.context.assumptions]
    assert set(theorem.uses) <= {*kinks} and all(text.endswith(r"\neq 0") for text in kinks)


def test_the_emitted_tests_pass(tmp_path: Path) -> None:
    import subprocess
    import sys

    from codegen.checks import tests_of

    for k, name in enumerate(("lasso", "squared hinge")):
        made, _ = compiled(name)
        (tmp_path / f"model_{k}.py").write_text(made.source, encoding="utf-8")
        (tmp_path / f"test_model_{k}.py").write_text(tests_of(made, f"model_{k}"), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(tmp_path)],
        capture_output=True, text=True, cwd=tmp_path, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
