"""`derive gradient` and `derive hessian`: what they print, and documents that are proved step for step."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from derive.__main__ import main
from derive.gradient.derivation import gradients
from derive.gradient.hessian import _surface
from derive.gradient.subject import read, subject, variable
from derive.homework.document import read_document
from derive.notation import unicode
from derive.prover import prove

HERE = Path(__file__).parent
MODELS = HERE / "models"


def said(capsys: pytest.CaptureFixture[str], *words: object) -> tuple[int, str, str]:
    code = main([str(w) for w in words])
    out = capsys.readouterr()
    return code, out.out, out.err


def test_the_closed_form_is_printed_in_unicode_and_latex(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = said(capsys, "gradient", MODELS / "logistic-01.md", "L", "w")
    assert code == 0
    assert out.splitlines()[:3] == [
        "∂L/∂w = Xᵀ(y − d)", r"\frac{\partial L}{\partial w} = X^\top (y - d)", "  where y = σ(Xw)",
    ]  # fmt: skip
    assert "  1. ∂L/∂y = " in out


@pytest.mark.parametrize(
    "command, title", [("gradient", "# L の w による勾配"), ("hessian", "# L の w によるヘッセ行列")]
)
def test_the_title_of_the_steps_is_in_the_language(
    command: str, title: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = MODELS / "logistic-01.md"
    code, out, _ = said(capsys, command, path, "L", "w", "--format", "markdown", "--lang", "ja")
    assert code == 0 and out.splitlines()[0] == title


def test_json_has_the_steps_and_what_was_used(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = said(capsys, "gradient", MODELS / "mahalanobis.md", "L", "x", "--json")
    made = json.loads(out)
    assert code == 0 and made["schema"] == 1 and made["unicode"] == "∂L/∂x = A⁻¹(x − μ)"
    assert made["steps"][-1]["latex"] == made["latex"] and made["uses"]


def test_a_name_may_be_written_as_in_python_or_latex(capsys: pytest.CaptureFixture[str]) -> None:
    for scalar, name in (("ell", "mu"), ("\\ell", "\\mu"), ("ℓ", "μ")):
        code, out, _ = said(capsys, "gradient", MODELS / "gaussian-scalar.md", scalar, name)
        assert code == 0 and "∂ℓ/∂μ" in out


@pytest.mark.parametrize(
    ("words", "said_of_it"),
    [(("Q", "w"), "the scalars are L"), (("L", "q"), "it depends on X, w, y")],
)
def test_an_unknown_name_is_answered_with_the_known_ones(
    words: tuple[str, str], said_of_it: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code, _, err = said(capsys, "gradient", MODELS / "least-squares.md", *words)
    assert code == 2 and said_of_it in err


def test_a_gradient_that_is_not_derived_says_where_and_why(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "m.md"
    file.write_text("Let $w \\in \\mathbb{R}^D$, $E : \\mathbb{R}^D \\to \\mathbb{R}$.\n\n$L := E(w)$\n", "utf-8")
    code, _, err = said(capsys, "gradient", file, "L", "w")
    assert code == 1 and f"--> {file}:3:2" in err and "E(w)" in err


@pytest.mark.parametrize(
    ("model", "scalar", "name"),
    [
        ("least-squares", "L", "w"), ("logistic-01", "L", "w"), ("softmax-regression", "L", "W"),
        ("poisson", "L", "w"), ("network-tanh", "L", "W_1"), ("pairwise", "L", "w"), ("student-t", "L", "w"),
        ("mahalanobis", "L", "A"), ("layer-norm", "L", "x"), ("attention", "L", "Q"), ("smooth-l1", "L", "w"),
        ("matrix-factorisation", "L", "U"), ("kernel-family", "L", "a"), ("robust-shape", "L", "w"),
    ],
)  # fmt: skip
def test_every_step_of_the_document_is_proved(
    model: str, scalar: str, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, _ = said(capsys, "gradient", MODELS / f"{model}.md", scalar, name, "--steps", "markdown")
    assert code == 0
    claims = read_document(out, "proof.md").claims
    assert claims and not [c.error for c in claims if c.error is not None], out
    for claim in claims:
        assert claim.prop is not None
        prove(claim.context, claim.prop)
    assert claims[-1].claim.startswith(r"\frac{\partial ")


@pytest.mark.parametrize(
    "text, scalar, variable",
    [
        (r"Let $w \in \mathbb{R}^D$, $S_{\mathrm B}, S_{\mathrm W} \in \mathbb{R}^{D \times D}$. Suppose "
         r"$w^\top S_{\mathrm W} w > 0$. $J := \frac{w^\top S_{\mathrm B} w}{w^\top S_{\mathrm W} w}$", "J", "w"),
        (r"Let $\phi^{(t)} \in \mathbb{R}^d$, $A \in \mathbb{R}^{T \times K}$, $\Theta \in \mathbb{R}^{K \times d}$. "
         r"$u_{tk} := \sum_{i=1}^d \Theta_{ki} \phi^{(t)}_i$, "
         r"$J := \sum_{t=1}^T \sum_{k=1}^K A_{tk} (u_{tk} - \log \sum_{l=1}^K e^{u_{tl}})$", "J", "Theta"),
    ],
    ids=["a letter of the name below it", "powers inside an entry"],
)
def test_the_steps_are_read_back_and_proved(
    text: str, scalar: str, variable: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "model.md"
    file.write_text(text + "\n", encoding="utf-8")
    code, steps, err = said(capsys, "gradient", file, scalar, variable, "--steps", "markdown")
    assert code == 0, err
    claims = read_document(steps, "steps.md").claims
    assert claims and [c.error for c in claims if c.error is not None] == []
    for claim in claims:
        assert claim.prop is not None
        prove(claim.context, claim.prop)


def test_what_a_definition_shows_is_known_where_its_name_is_free(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "model.md"
    text = (r"Let $\alpha, \beta > 0$, $\Phi \in \mathbb{R}^{N \times M}$, $t \in \mathbb{R}^N$. "
            r"$A := \alpha I + \beta \Phi^\top \Phi$, $m := \beta A^{-1} \Phi^\top t$, "
            r"$J := - \frac{\beta}{2} \|t - \Phi m\|^2 - \frac{\alpha}{2} m^\top m - \frac12 \ln \det A$")  # fmt: skip
    file.write_text(text + "\n", encoding="utf-8")
    code, out, err = said(capsys, "gradient", file, "J", "alpha")
    assert code == 0, err
    assert out.rstrip().endswith("uses: α > 0, β > 0")  # det A > 0 is no assumption


def test_a_convex_loss_is_said_to_be(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = said(capsys, "hessian", MODELS / "least-squares.md", "L", "w")
    assert code == 0
    assert out.startswith("∇_w² L = 1/N · XᵀX + λI\n") and "L is convex in w, where λ > 0" in out


def test_a_loss_that_is_not_convex_is_not_said_to_be(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = said(capsys, "hessian", MODELS / "entropy.md", "H", "u")
    assert code == 0 and "convex" not in out


def test_the_hessian_by_a_matrix_is_its_product_with_a_direction(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = said(capsys, "hessian", MODELS / "multi-output.md", "L", "W")
    assert code == 0
    assert "∂q/∂W = λV + 1/N · XᵀXV" in out and "q = ⟨V, ∂L/∂W⟩" in out


def test_every_step_to_a_product_of_two_layers_is_proved(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = said(capsys, "hessian", MODELS / "network-tanh.md", "L", "W^{(1)}", "--steps", "markdown")
    assert code == 0
    claims = read_document(out, "proof.md").claims
    assert len(claims) == 9 and not [c.error for c in claims if c.error is not None], out
    for claim in claims:
        assert claim.prop is not None
        prove(claim.context, claim.prop)


@pytest.mark.parametrize(
    ("assumed", "claim"), [(r"\|w\|^2 = 1", r"\|w\|^4 = 1"), (r"\|w\|^2 \le 0", r"\exp(\|w\|^2) \le 1")]
)
def test_what_holds_on_a_surface_only_is_not_differentiated_again(assumed: str, claim: str) -> None:
    text = f"Let $w \\in \\mathbb{{R}}^D$.\n\nAssume ${assumed}$.\n\n$$ {claim} $$"
    read_claim = read_document(text, "surface.md").claims[0]
    assert read_claim.prop is not None
    theorem = prove(read_claim.context, read_claim.prop)
    assert theorem.uses and _surface(read_claim.context.declarations["w"].var, read_claim.context, theorem)


PUBLISHED = (HERE / "published_gradients.md").read_text(encoding="utf-8")


def test_published_forms_are_proved() -> None:
    claims = read_document(PUBLISHED, "published_gradients.md").claims
    assert len(claims) == 10
    for claim in claims:
        assert claim.error is None and claim.prop is not None
        prove(claim.context, claim.prop)


def test_closed_forms_are_those_in_the_comparison() -> None:
    shown = [line.strip() for line in PUBLISHED.splitlines() if line.startswith("    ∂")]
    titles = [line[3:] for line in PUBLISHED.splitlines() if line.startswith("## ")]
    document = read(HERE / "published_gradients.md")
    found = []
    for title, line in zip(titles, shown, strict=True):
        scalar, name = line.partition(" = ")[0].replace("∂", "").split("/")
        s = subject(document, scalar, title)
        v = variable(s.context, s.scalar, name)
        result = gradients(s.context, s.scalar, [v])
        found.append(unicode(result.gradients[v.name].prop, result.context))
    assert found == shown


def test_a_greek_letter_may_be_the_one_that_a_keyboard_has(tmp_path, capsys):
    path = tmp_path / "model.md"
    path.write_text("Let $\\epsilon \\in \\mathbb{R}$, $\\phi \\in \\mathbb{R}$.\n\n$$ L := \\epsilon^2 \\phi $$\n")
    assert main(["gradient", str(path), "L", "ε"]) == 0
    assert main(["gradient", str(path), "L", "φ"]) == 0
    assert capsys.readouterr().out.splitlines()[0] == "∂L/∂ϵ = 2ϵϕ"


@pytest.mark.parametrize(
    ("centre", "said"),
    [("\\frac1D \\sum_d x_d", "∂L/∂m = −2"), ("x_1", "∂L/∂m = −2(1 + Σ_d (x_d − m))")],
)
def test_what_the_definitions_make_zero_is_left_out(tmp_path, capsys, centre, said):
    path = tmp_path / "model.md"
    path.write_text(
        "Let $x \\in \\mathbb{R}^D$.\n\n"
        f"$$ m := {centre} $$\n\n$$ v := \\sum_{{d=1}}^D (x_d - m)^2 $$\n\n$$ L := v - 2 m $$\n"
    )
    assert main(["gradient", str(path), "L", "m"]) == 0
    assert capsys.readouterr().out.splitlines()[0] == said


def test_assumptions_that_contradict_each_other_are_said_to(tmp_path, capsys):
    path = tmp_path / "model.md"
    path.write_text("Let $x \\in \\mathbb{R}^N$.\n\nAssume $x_i \\neq x_j$.\n\n$$ L := \\|x\\|^2 $$\n")
    assert main(["gradient", str(path), "L", "x"]) == 1
    assert "the assumptions contradict each other" in capsys.readouterr().err


def test_a_guard_is_written_without_a_sign(tmp_path, capsys):
    path = tmp_path / "model.md"
    path.write_text(
        "Let $x \\in \\mathbb{R}^N$.\n\nAssume $x_i \\neq x_j$ for $i \\neq j$.\n\n"
        "$$ L := \\sum_{i=1}^N \\sum_{j \\neq i} \\frac{1}{(x_i - x_j)^2} $$\n"
    )
    assert main(["gradient", str(path), "L", "x", "--format", "latex"]) == 0
    assert "\\delta" not in capsys.readouterr().out
