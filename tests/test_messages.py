"""Every message exists in every language, with the same placeholders and with an explanation."""

import ast
import re
import string
from pathlib import Path

import pytest

import derive.latex
from derive import check_document
from derive.diagnostics.text import summary_text
from derive.messages import LANGUAGES, catalogue, codes, explain, message, word
from derive.messages.examples import DECLARATIONS, EXAMPLES


def placeholders(template):
    return sorted(field for _, field, _, _ in string.Formatter().parse(template) if field is not None)


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("table", ["templates", "same_line", "groups", "words", "causes", "notes", "phrases"])
def test_a_language_has_every_message_with_the_placeholders_of_english(lang, table):
    english, other = getattr(catalogue("en"), table), getattr(catalogue(lang), table)
    assert sorted(other) == sorted(english)
    wrong = [key for key in english if placeholders(english[key]) != placeholders(other[key])]
    assert wrong == []


def test_japanese_is_not_english():
    assert [k for k, v in catalogue("ja").templates.items() if v.isascii()] == []


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("code", codes())
def test_every_code_is_explained(code, lang):
    assert explain(code, lang).startswith(f"{code}: ")


@pytest.mark.parametrize("code", [code for code, (wrong, _) in EXAMPLES.items() if wrong])
def test_the_example_of_a_code_has_it_and_what_is_said_instead_is_proved(code):
    wrong, right = EXAMPLES[code]
    assert code in {s.code for s in check_document(f"{DECLARATIONS}\n\n{wrong}").steps}
    if right:
        assert {s.verdict for s in check_document(f"{DECLARATIONS}\n\n{right}").steps} == {"proved"}


def test_few_codes_have_no_example():
    assert [code for code, (wrong, _) in EXAMPLES.items() if not wrong] == [
        "D119", "D136", "D169", "D207", "D312", "D402", "D403", "D404", "D405", "D406", "D901",
    ]  # fmt: skip


def phrases_of_the_reader():
    """Names of operations and the like: short texts in its sources that begin with an article."""
    for path in Path(derive.latex.__file__).parent.glob("*.py"):
        if path.name != "errors.py":  # the messages themselves
            nodes = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
            texts = [n.value for n in nodes if isinstance(n, ast.Constant) and isinstance(n.value, str)]
            yield from (t for t in texts if re.fullmatch(r"(a|an|the) [a-z ]{1,30}", t))


def test_what_the_reader_names_in_messages_is_translated():
    found = set(phrases_of_the_reader())
    assert "a product" in found
    assert found <= set(catalogue("ja").phrases)
    assert message("D305", {"operation": "an exponent", "shape": "(D,)"}, "ja").startswith("指数 には")


def test_no_example_is_left_over():
    assert sorted(EXAMPLES) == codes()


def test_a_message_takes_its_parameters():
    assert message("D501", {"assumption": "det A ≠ 0"}) == "this step needs an assumption: det A ≠ 0"
    assert message("D201", {}, one_line=True) == "the two sides are not equal"
    assert message("", {}) == ""


def test_a_missing_parameter_is_a_gap_and_not_an_exception():
    assert message("D501", {}) == "this step needs an assumption: …"


def test_an_unknown_language_is_refused():
    with pytest.raises(ValueError, match="en, ja"):
        word("step", "xx")


@pytest.mark.parametrize(("claims", "said"), [(1, "1 step: 1 proved"), (2, "2 steps: 2 proved")])
def test_one_step_is_counted_in_the_singular(claims, said):
    report = check_document("Let $a \\in \\mathbb{R}$.\n\n" + "$$ a = a $$\n\n" * claims)
    assert summary_text(report, "en").startswith(said)


def test_a_macro_that_cannot_be_read_is_an_error_at_its_place():
    first, second = check_document("Let $a \\in \\mathbb{R}$.\n\n\\newcommand{x}{y}\n\n$$ a = a $$").steps
    assert (first.code, first.line, first.column) == ("D117", 3, 1)
    assert second.verdict == "proved"


def test_a_name_whose_definition_cannot_be_read_says_so():
    found = check_document("Let $y \\in \\mathbb{R}^N$.\n\n$$ s := y_n $$\n\n$$ s = s $$").steps[1]
    assert found.message() == "`s` has no meaning here: its definition in line 3 cannot be read"


def test_shapes_that_no_rule_of_the_reader_names_are_said_without_english():
    assert "shapes" not in message("D312", {"shapes": "(N,) (D,)"}, "ja")
