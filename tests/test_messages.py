"""Every message exists in every language, with the same placeholders and with an explanation."""

import string

import pytest

from derive.messages import LANGUAGES, catalogue, codes, explain, message, word
from derive.messages.examples import EXAMPLES


def placeholders(template):
    return sorted(field for _, field, _, _ in string.Formatter().parse(template) if field is not None)


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("table", ["templates", "same_line", "groups", "words", "causes", "notes"])
def test_a_language_has_every_message_with_the_placeholders_of_english(lang, table):
    english, other = getattr(catalogue("en"), table), getattr(catalogue(lang), table)
    assert sorted(other) == sorted(english)
    wrong = [key for key in english if placeholders(english[key]) != placeholders(other[key])]
    assert wrong == []


def test_japanese_is_not_english():
    assert [k for k, v in catalogue("ja").templates.items() if v.isascii()] == []


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("code", codes())
def test_every_code_is_explained_with_an_example(code, lang):
    text = explain(code, lang)
    assert text.startswith(f"{code}: ")
    assert EXAMPLES[code][0] in text


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
