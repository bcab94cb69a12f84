"""`i \\ne j` beside an assumption: how it is read, and written again."""

from __future__ import annotations

import pytest

from derive import check_document
from derive.distinct import differing, where_differ
from derive.homework.document import Document, read_document
from derive.notation import latex, unicode
from derive.props import Rel
from derive.terms import Delta, Index

FORMS = [
    r"Assume $x_i \ne x_j$ for $i \ne j$.",
    r"Assume that for all $i \neq j$ we have $x_i \neq x_j$.",
    r"Assume $x_i \ne x_j \text{ for } i \ne j$.",
    r"Assume $x_i \ne x_j, i \ne j$.",
    r"Assume $x_i \ne x_j \quad (i \ne j)$.",
    r"Assume $i \ne j \implies x_i \ne x_j$.",
    "Assume that for $i \\ne j$\n\n$$x_i \\ne x_j$$",
    "Assume that\n\n$$x_i \\ne x_j \\quad (i \\ne j)$$",
]


def document(assumed: str) -> Document:
    return read_document(f"# A\nLet $x \\in \\mathbb{{R}}^N$.\n\n{assumed}\n\n$$x_1 = x_1$$\n", "a.md")


def assumption(assumed: str) -> Rel:
    (claim,) = document(assumed).claims
    (made,) = claim.context.assumptions
    assert isinstance(made.prop, Rel)
    return made.prop


@pytest.mark.parametrize("form", FORMS)
def test_a_condition_on_two_indices_restricts_what_is_assumed(form: str) -> None:
    found = differing(assumption(form))
    assert found is not None
    rel, (pair,) = found
    assert unicode(rel) == "xᵢ ≠ xⱼ"
    assert {str(i) for i in pair} == {"i", "j"}


def test_without_the_condition_the_assumption_is_about_every_pair() -> None:
    assert differing(assumption(r"Assume $x_i \ne x_j$.")) is None


def test_a_relation_for_indices_that_differ_is_written_as_it_is_read() -> None:
    prop = assumption(FORMS[0])
    assert unicode(prop) == "xᵢ ≠ xⱼ (i ≠ j)"
    assert assumption(f"Assume ${latex(prop)}$.") == prop


@pytest.mark.parametrize("op", ["=", "≠", "<", "≤", ">", "≥"])
def test_every_relation_is_restricted_by_a_factor(op: str) -> None:
    rel = assumption(r"Assume $x_i \ne x_j$.")
    i, j = (Index(name, rel.left.indices[0].size) for name in "ij")  # type: ignore[attr-defined]
    made = where_differ(Rel(op, rel.left, rel.right), [(i, j)])
    assert Delta(i, j) in set(made.left.walk())
    found = differing(made)
    assert found is not None and found[1] == ((i, j),)


def test_a_condition_on_an_index_that_is_not_there_is_an_error() -> None:
    made = document(r"Assume $x_i > 0$ for $i \ne j$.").claims
    assert [c.error.code for c in made if c.error is not None] == ["D175"]


@pytest.mark.parametrize("assumed", [r"Assume $x_i \ne x_j$.", r"Assume that $x_i \ne x_j$ for all $i$, $j$."])
def test_an_assumption_that_excludes_itself_is_written_for_indices_that_differ(assumed: str) -> None:
    (step,) = check_document(f"# A\nLet $x \\in \\mathbb{{R}}^N$.\n\n{assumed}\n\n$$x_1 = x_1$$\n").steps
    assert (step.verdict, step.code) == ("error", "D502")
    assert differing(assumption(f"Assume ${step.params['latex']}$.")) is not None


def test_other_contradictions_have_no_such_way_out() -> None:
    text = "# A\nLet $x \\in \\mathbb{R}^N$.\n\nAssume $x_i \\ne x_j$, $x_k > 1$, $x_k < 0$.\n\n$$x_1 = x_1$$\n"
    (step,) = check_document(text).steps
    assert (step.code, dict(step.params)) == ("D502", {})


def test_a_sum_that_meets_the_point_itself_is_said_to_have_no_value() -> None:
    text = "# A\nLet $x \\in \\mathbb{R}^N$.\n\n$$ \\sum_{j \\ne k} \\frac{1}{(x_k - x_j)^2 + 1} = "
    (step,) = check_document(text + "\\sum_j \\frac{1}{x_k - x_j} $$\n").steps
    assert (step.verdict, step.code, dict(step.params)) == ("unknown", "D408", {"condition": "xₖ − xⱼ ≠ 0"})
