"""What `python -m tests.fuzz` has found, each with the smallest text that shows it."""

from __future__ import annotations

from pathlib import Path

import pytest

from codegen.document import Refused, compile_document
from derive import check_document
from derive.context import Context
from derive.gradient import hessian
from derive.gradient.derivation import gradients
from derive.gradient.present import document
from derive.gradient.subject import subject, variable
from derive.homework.document import read_document
from derive.kernel import Theorem
from derive.notation import unicode
from derive.props import Prop
from derive.terms import Num


def derived(text: str, scalar: str, by: str):  # type: ignore[no-untyped-def]
    """The gradient of what a text defines, and the document that leads to it."""
    found = subject(read_document(text, "found.md"), scalar)
    w = variable(found.context, found.scalar, by)
    made = gradients(found.context, found.scalar, [w])
    return made, document(made, w.name, "A gradient")


def test_a_sign_taken_out_of_a_denominator_keeps_numbers_exact() -> None:
    text = r"""
Let $p \in (0, 1)$, $y^{(i)} \in \{0, 1\}$ and
$L := \sum_{i=1}^n \left( y^{(i)} \log p + (1 - y^{(i)}) \log(1 - p) \right)$.
"""
    made, _ = derived(text, "L", "p")
    numbers = [n.value for s in made.steps("p") for n in s.term.walk() if isinstance(n, Num)]
    assert numbers and not [n for n in numbers if isinstance(n, float)]


@pytest.mark.parametrize(("letter", "scalar"), [("\\pi", "\\mathcal{N}(x \\mid \\pi_k, 1)"), ("e", "e_k x^2 E^3")])
def test_a_constant_whose_letter_is_declared_is_written_otherwise(letter: str, scalar: str) -> None:
    """The reader takes the letter for the declared name."""
    text = f"""
Let $x \\in \\mathbb{{R}}$, $E := e$.

## Declared later
Let ${letter} \\in \\mathbb{{R}}^K$ and $L := \\sum_{{k=1}}^K {scalar}$.
"""
    _, proof = derived(text, "L", "x")
    assert {s.verdict for s in check_document(proof).steps} == {"proved"}, proof


def test_a_derivative_of_a_formula_without_a_name_keeps_none_of_the_names_it_was_given() -> None:
    """e^{a²} is a part of its own derivative."""
    text = "Let $a, b \\in \\mathbb{R}$ and $L := b \\frac{\\partial}{\\partial a} e^{a^2}$."
    made, _ = derived(text, "L", "b")
    assert unicode(made.gradients["b"].prop, made.context) == "∂L/∂b = 2a exp(a²)"


#: why the printed proof of a gradient was not what the document says → the document, the scalar, the variable
PROOFS = {
    "a name that hides another has a heading of its own": (
        r"""
# A
Let $a \in \mathbb{R}$, $\sigma(a) := \frac{1}{1 + e^{-a}}$.

## B
Let $X \in \mathbb{R}^{N \times D}$, $w \in \mathbb{R}^D$, $a := X w$ and $L := \sum_{n=1}^N \sigma(a_n)$.
""", "L", "w",
    ),
    "a hidden name that is not needed is left out": (
        r"""
Let $\mathbf{y}, \mathbf{x} \in \mathbb{R}^N$, $y := \mathbf{x}^\top \mathbf{y}$ and
$L(\mathbf{x}) := \|\mathbf{x} - \mathbf{y}\|^2$.
""", "L", "x",
    ),
    "a defined family keeps its labels": (
        r"""
Let $w, x^{(i)} \in \mathbb{R}^d$, $y^{(i)} \in \mathbb{R}$, $z^{(i)} := w^\top x^{(i)}$,
$l^{(i)} := (z^{(i)} - y^{(i)})^2$ and $L := \frac{1}{n} \sum_{i=1}^n l^{(i)}$.
""", "L", "w",
    ),
    "a size that only a name that is left out told is declared": (
        r"""
Let $X \in \mathbb{R}^{N \times D}$, $v \in \mathbb{R}^D$ and $L := \left( \sum_{j=1}^D \frac{1}{N} v_j \right)^2$.
""", "L", "v",
    ),
    "a row of a matrix is written by its entries": (
        r"""
Let $\theta_k, x \in \mathbb{R}^d$, $t \in \mathbb{R}^K$, $u_k := \theta_k^\top x$ and $L := \|u - t\|^2$.
""", "L", "x",
    ),
}  # fmt: skip


@pytest.mark.parametrize("why", PROOFS)
def test_the_proof_of_a_gradient_is_proved(why: str) -> None:
    _, proof = derived(*PROOFS[why])
    assert {s.verdict for s in check_document(proof).steps} == {"proved"}, proof


def test_a_bound_index_is_not_called_like_a_size() -> None:
    text = r"Let $w \in \mathbb{R}^n$, $A \in \mathbb{R}^{n \times n}$ and $L := \sum_{i=1}^n \exp(A_{ii} w_i) w_i$."
    _, proof = derived(text, "L", "w")
    assert "\\sum_{n" not in proof and "_{n" not in proof.replace("\\mathbf{1}_{n}", ""), proof


@pytest.mark.parametrize("name", ["a b", "a-b", "1.5", "λμ", "noise"])
def test_a_word_in_a_subscript_is_written_as_it_is_read(name: str) -> None:
    _, proof = derived(f"Let $x_{{\\text{{{name}}}}} > 0$ and $L := x_{{\\text{{{name}}}}}^2$.", "L", f"x_{{{name}}}")
    assert {s.verdict for s in check_document(proof).steps} == {"proved"}, proof


@pytest.mark.parametrize("name", ["\\partial V", "a^2", "a,b", "{a}"])
def test_a_word_in_a_subscript_holds_no_formula(name: str) -> None:
    claims = read_document(f"Let $x_{{\\text{{{name}}}}} > 0$.", "found.md").claims
    assert [c.error is not None for c in claims] == [True]


def test_a_function_of_a_number_whose_value_is_a_matrix_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "model.md"
    file.write_text("Let $S \\in \\mathbb{R}^{D \\times D}$ and $f(z) := z S$.", encoding="utf-8")
    with pytest.raises(Refused, match="a function of numbers whose value is an array"):
        compile_document(file)


def test_convexity_is_looked_for_no_longer_than_it_is_worth(monkeypatch: pytest.MonkeyPatch) -> None:
    """A mixture's Hessian took ten times as long with the question whether it is ≥ 0."""
    until: list[float | None] = []
    prove = hessian.prove_directly

    def noted(context: Context, claim: Prop, *, deadline: float | None = None) -> Theorem:
        until.append(deadline)
        return prove(context, claim, deadline=deadline)

    monkeypatch.setattr(hessian, "prove_directly", noted)
    found = subject(read_document("Let $m \\in \\mathbb{R}$ and $L := m^4$.", "found.md"), "L")
    assert hessian.hessian(found.context, found.scalar, variable(found.context, found.scalar, "m")).convex
    assert until[0] is None and until[1] is not None
