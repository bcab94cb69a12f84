"""Why something is not derived or compiled is said in every language: each sentence that is raised is translated."""

import ast
from pathlib import Path

import pytest

import codegen.document
import derive.gradient
from codegen.__main__ import main as compile_main
from derive.__main__ import main
from derive.messages.reasons import TABLES, reason

#: what is raised with a sentence for people
RAISED = {"GradientError", "Underivable", "NotFound", "Refusal", "CodegenError"}
GRADIENT = sorted(Path(derive.gradient.__file__).parent.glob("*.py"))
CODEGEN = [
    Path(codegen.document.__file__).with_name(f"{name}.py")
    for name in ("document", "lower", "tensors", "scalars", "functions", "emit")
]

DOCUMENT = """# M
Let $y \\in \\mathbb{R}^N$, $f : \\mathbb{R} \\to \\mathbb{R}$.

$$ F := \\sum_{n=1}^N f(y_n) $$
"""


def sentence(node: ast.expr) -> str | None:
    """A text with {} for what it names."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(v.value if isinstance(v, ast.Constant) else "{}" for v in node.values)
    return None


def raised() -> set[str]:
    found = set()
    for path in (*GRADIENT, *CODEGEN):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in RAISED:
                found |= {text for a in node.args[:2] if (text := sentence(a)) and text.strip("{}")}
    return found


def test_every_sentence_that_is_raised_is_translated():
    found = {text.removesuffix("{}") if text.endswith("are {}{}") else text for text in raised()}
    assert len(found) > 30
    assert sorted(found - set(TABLES["ja"])) == []  # the translation belongs into derive/messages/reasons.py


@pytest.mark.parametrize("lang", TABLES)
def test_a_translation_names_what_the_sentence_names(lang):
    assert [k for k, v in TABLES[lang].items() if k.count("{}") != v.count("{}") or v.isascii()] == []


def test_a_sentence_keeps_its_names_and_translates_the_reason_inside():
    said = reason("not proved: ∂L/∂w = w (the time limit was reached)", "ja")
    assert said == "証明できません: ∂L/∂w = w(時間の上限に達しました)"
    assert reason("not proved: a = b (no rule of mine)", "en") == "not proved: a = b (no rule of mine)"


@pytest.mark.parametrize("arguments", [["L", "y"], ["F", "w"]])
def test_derive_gradient_refuses_in_japanese(arguments, tmp_path, capsys):
    path = tmp_path / "m.md"
    path.write_text(DOCUMENT, encoding="utf-8")
    assert main(["gradient", str(path), *arguments, "--lang", "ja"]) == 2
    assert "ません" in capsys.readouterr().err


def test_codegen_refuses_in_japanese(tmp_path, capsys):
    path = tmp_path / "m.md"
    path.write_text(DOCUMENT, encoding="utf-8")
    assert compile_main([str(path), "--out", str(tmp_path / "m.py"), "--lang", "ja"]) == 1
    said = capsys.readouterr().err
    assert said.startswith("エラー: F をコンパイルできません")
    assert "f は未知関数です" in said
