"""Where a step is: `@` in a document marks the place that its first step that is not proved must have."""

import pytest

from derive import check_document

DOCUMENTS = {
    "one line": "$a \\in \\mathbb{R}$\n\n$$ a = @q $$",
    "a display over lines": "$a \\in \\mathbb{R}$\n\n$$\na\n  = @q\n$$",
    "aligned rows": "$a \\in \\mathbb{R}$\n\n$$\n\\begin{aligned}\na &= a \\\\\n  &= a + @q\n\\end{aligned}\n$$",
    "brackets": "$a \\in \\mathbb{R}$\n\n\\[\n  a = @q\n\\]",
    "a bare environment": "$a \\in \\mathbb{R}$\n\n\\begin{align}\n  a &= @q\n\\end{align}",
    "a fenced block": "$a \\in \\mathbb{R}$\n\n```math\n  a = @q\n```",
    "a list": "- $a \\in \\mathbb{R}$\n- so $$ a = @q $$",
    "a display in a list": "1. $a \\in \\mathbb{R}$\n\n   $$\n   a\n   = @q\n   $$",
    "a nested list": "- $a \\in \\mathbb{R}$\n  - so\n\n    $$\n    a = @q\n    $$",
    "a quote": "$a \\in \\mathbb{R}$\n\n> $$\n> a\n> = @q\n> $$",
    "a quote in a quote": "$a \\in \\mathbb{R}$\n\n> > $$ a = @q $$",
    "a list in a quote": "$a \\in \\mathbb{R}$\n\n> - $$ a = @q $$",
    "wide characters before": "仮に $a \\in \\mathbb{R}$ とする。\n\nよって $$ a = @q $$",
    "wide characters in a comment of TeX": "$a \\in \\mathbb{R}$\n\n$$\na % 変数\n= @q\n$$",
    "an emoji": "😀 $a \\in \\mathbb{R}$ 😀 $$ a = @q $$",
    "tabs": "$a \\in \\mathbb{R}$\n\n$$\n\ta = @q\n$$",
    "an inline definition": "$a \\in \\mathbb{R}$ and $b := a +\n@q$",
    "an assumption": "$a \\in \\mathbb{R}$\n\nAssume that $a >\n@q$ holds.",
    "the second formula of a display": "$a \\in \\mathbb{R}$\n\n$$ a = a, \\quad a = @q $$",
    "below a subscript": "$a \\in \\mathbb{R}^n$\n\n$$ \\sum_{i=1}^n a_i @q_i = 0 $$",
    "below a fraction": "$a \\in \\mathbb{R}$\n\n$$ a = \\frac{a}{1 + @q} $$",
    "a macro is placed where it is used": "$\\newcommand{\\foo}{q}$ $a \\in \\mathbb{R}$\n\n$$ a = @\\foo $$",
    "a right side that is false": "$a \\in \\mathbb{R}$\n\n$$ a = @a + 1 $$",
    "its sign belongs to a side": "$a \\in \\mathbb{R}$\n\n$$ a^2 = @-a $$",
    "a chain's wrong link": (
        "$a \\in \\mathbb{R}$\n\n$$\n\\begin{aligned}\n2a &= a + a \\\\\n&= @a \\\\\n&= a\n\\end{aligned}\n$$"
    ),
}


@pytest.mark.parametrize("ends", ["\n", "\r\n"], ids=["LF", "CRLF"])
@pytest.mark.parametrize("says", DOCUMENTS)
def test_a_step_is_where_it_is_written(says: str, ends: str) -> None:
    before, _, after = DOCUMENTS[says].partition("@")
    line = before.count("\n") + 1
    column = len(before) - (before.rfind("\n") + 1) + 1
    report = check_document((before + after + "\n").replace("\n", ends))
    wrong = next(s for s in report.steps if s.verdict != "proved")
    assert (wrong.line, wrong.column) == (line, column)
