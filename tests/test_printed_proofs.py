"""Printed derivations of gradients: the steps are small, and none loses what was proved to a limit."""

from __future__ import annotations

from pathlib import Path

import pytest

from derive import direct, prover
from derive.binders import weight
from derive.checking.documents import check_document
from derive.clock import now, within
from derive.context import Context
from derive.gradient.alike import Alike, name_of
from derive.gradient.derivation import gradients
from derive.gradient.present import document
from derive.gradient.subject import read, subject, variable
from derive.homework.document import read_document
from derive.props import Rel

LSTM = r"""# Two cells of an LSTM
$x^{(1)}, x^{(2)} \in \mathbb{R}^D$, $c^{(0)}, h^{(0)} \in \mathbb{R}^H$, $W, U, G \in \mathbb{R}^{H \times D}$,
$R \in \mathbb{R}^{H \times H}$, $y \in \mathbb{R}^H$, $\sigma(z) := \frac{1}{1 + e^{-z}}$,
$f^{(1)} := \sigma(W x^{(1)} + R h^{(0)})$, $o^{(1)} := \sigma(U x^{(1)})$,
$c^{(1)} := f^{(1)} \odot c^{(0)} + (1 - f^{(1)}) \odot \tanh(G x^{(1)})$, $h^{(1)} := o^{(1)} \odot \tanh(c^{(1)})$,
$f^{(2)} := \sigma(W x^{(2)} + R h^{(1)})$, $o^{(2)} := \sigma(U x^{(2)})$,
$c^{(2)} := f^{(2)} \odot c^{(1)} + (1 - f^{(2)}) \odot \tanh(G x^{(2)})$, $h^{(2)} := o^{(2)} \odot \tanh(c^{(2)})$ and
$L := \frac12 \|h^{(2)} - y\|^2$.
"""


def printed(tmp_path: Path, text: str, scalar: str, name: str) -> str:
    path = tmp_path / "model.md"
    path.write_text(text)
    found = subject(read(path), scalar)
    v = variable(found.context, found.scalar, name)
    return document(gradients(found.context, found.scalar, [v]), v.name, "proof")


def test_the_steps_name_the_derivatives_before_them_and_are_proved(tmp_path: Path) -> None:
    proof = printed(tmp_path, LSTM, "L", "x^{(1)}")
    claims = [c.prop for c in read_document(proof, "proof.md").claims]
    assert max(weight(p.right) for p in claims if isinstance(p, Rel)) < 100
    assert {s.verdict for s in check_document(proof, time_limit=10.0).steps} == {"proved"}


def context_of(formulas: str) -> Context:
    return read_document(formulas, "model.md").sections[-1].context


ALIKE = r"$X \in \mathbb{R}^{N \times D}$, $w, v \in \mathbb{R}^D$, $a := X^\top (X w)$, "
SAME = {
    r"$b_i := \sum_{d=1}^D \sum_{n=1}^N X_{ni} X_{nd} w_d$": True,
    r"$b_i := \sum_{d=1}^D \sum_{n=1}^N X_{ni} X_{nd} v_d$": False,  # another name
    r"$b_i := 2 \sum_{d=1}^D \sum_{n=1}^N X_{ni} X_{nd} w_d$": False,
    r"$b_i := w_i \sum_{n=1}^N X_{ni}^2$": False,
}


@pytest.mark.parametrize("definition", SAME)
def test_a_derivative_gets_the_name_that_the_document_has_for_the_same_entries(definition: str) -> None:
    context = context_of(ALIKE + definition + ".\n")
    found = name_of(context, context.definitions["a"].body, 0, {"a"})
    assert (found is not None) == SAME[definition]


def test_nothing_is_alike_once_the_time_is_up() -> None:
    context = context_of(ALIKE + r"$b := X^\top X w$." + "\n\nAssume $\\sum_{d=1}^D w_d = 1$, $X^\\top X = I$.\n")
    with within(0.0):
        forms = Alike(context)
        assert forms.form(context.definitions["a"].body) is None


def test_a_proof_is_kept_where_no_time_is_left_to_do_without_a_hypothesis(monkeypatch: pytest.MonkeyPatch) -> None:
    claims = read_document(LSTM + "\nAssume $y = W x^{(1)}$.\n" + r"""
$$\frac{\partial L}{\partial h^{(2)}} = h^{(2)} - W x^{(1)}$$""", "proof.md").claims
    assert claims[0].prop is not None
    monkeypatch.setattr(direct, "TRIALS", 0.0)
    found = prover.prove(claims[0].context, claims[0].prop, deadline=now() + 10.0)
    assert found.prop == claims[0].prop and found.uses


def test_a_power_of_a_size_before_a_bracket_is_a_product() -> None:
    text = r"$S \in \mathbb{R}^{N \times N}$, $w \in \mathbb{R}$. $$N^2 (1 + w) = N^2 + N^2 w$$" + "\n"
    assert [s.verdict for s in check_document(text).steps] == ["proved"]
