"""What `derive check` says of a document: JSON, exit codes, excerpts, annotations, notebooks."""

import json
from fractions import Fraction

import pytest

import derive
from derive.__main__ import main
from derive.diagnostics.excerpt import Mark, excerpt
from derive.diagnostics.github import workflow_commands
from derive.diagnostics.notebook import math, text
from derive.diagnostics.rows import plain
from derive.diagnostics.text import Style, diagnostic
from derive.diagnostics.values import as_json, written
from derive.homework.place import Place
from derive.report import Report, StepReport, with_hindsight
from derive.verdict import Cause, Counterexample

DOCUMENT = "# Two\n\nLet $a, b \\in \\mathbb{R}$.\n\n$$ a + b = b + a $$\n\n$$ a + c = b $$\n"

#: the example of a message that a student can use, as data
LINES = [""] * 40 + ["&= \\frac{1}{N} X^T (Xw - y)", "&= X^T X w - X^T y"]
LEAST_SQUARES = StepReport(
    file="hw3.md", line=42, column=4, derivation="Least squares", step=3, claim="… = …",
    verdict="refuted", code="D201", given=("X ∈ ℝ^{N×D}", "w ∈ ℝ^D", "y ∈ ℝ^N"),
    counterexample=Counterexample(
        {"N": 2, "D": 1}, {"X": [[1], [2]], "w": [1], "y": [0, 1]}, Fraction(3, 2), 3
    ),
    likely_cause=Cause("factor_dropped", {"factor": "1/N"}, "\\frac{1}{N} X^T X w"),
    left=Place(41, 4, 41, 28), right=Place(42, 4, 42, 19), shapes=("(D,)", "(D,)"),
)  # fmt: skip


def shown(step, lines, **style):
    return "\n".join(plain(row) for row in diagnostic(step, lines, Style(**style)))


def test_json_has_the_contract_s_keys_and_exit_code(tmp_path, capsys):
    path = tmp_path / "hw.md"
    path.write_text(DOCUMENT, encoding="utf-8")
    assert main(["check", str(path), "--json"]) == 1
    found = json.loads(capsys.readouterr().out)
    assert found["schema"] == 1
    assert [s["verdict"] for s in found["steps"]] == ["proved", "error"]
    assert found["summary"] == {"proved": 1, "refuted": 0, "unknown": 0, "error": 1}
    assert set(found["steps"][0]) == {
        "file", "line", "column", "derivation", "step", "claim", "verdict", "code", "message", "uses",
        "counterexample", "likely_cause", "seconds",
    }  # fmt: skip
    assert (found["steps"][1]["line"], found["steps"][1]["column"]) == (7, 8)


def test_json_holds_exact_fractions_as_strings():
    made = LEAST_SQUARES.to_json()
    assert made["counterexample"] == {
        "sizes": {"N": 2, "D": 1}, "values": {"X": [[1], [2]], "w": [1], "y": [0, 1]}, "lhs": "3/2", "rhs": 3,
    }  # fmt: skip
    assert made["likely_cause"] == "the factor 1/N was dropped"
    assert json.loads(json.dumps(as_json([Fraction(1, 3), Fraction(4, 2), float("inf"), 0.5, True]))) == [
        "1/3", 2, "inf", 0.5, True,
    ]  # fmt: skip


def test_a_refuted_step_is_shown_with_both_lines_the_instance_and_the_cause():
    assert shown(LEAST_SQUARES, LINES) == """\
error[D201]: this line is not equal to the previous line
  --> hw3.md:42:4   derivation "Least squares", step 3
41 | &= \\frac{1}{N} X^T (Xw - y)
   |    ------------------------ previous line, shape (D,)
42 | &= X^T X w - X^T y
   |    ^^^^^^^^^^^^^^^ this line, shape (D,)
   = counterexample: N=2, D=1, X=[[1], [2]], w=[1], y=[0, 1]
       previous line = 3/2      this line = 3
   = likely cause: the factor 1/N was dropped
   = uses: X ∈ ℝ^{N×D}, w ∈ ℝ^D, y ∈ ℝ^N"""


@pytest.mark.parametrize(
    ("hints", "said"),
    [
        ("none", None),
        ("cause", "likely cause: the factor 1/N was dropped"),
        ("fix", "likely cause: the factor 1/N was dropped: \\frac{1}{N} X^T X w"),
    ],
)
def test_hints_hide_the_cause_or_add_the_repair(hints, said):
    found = [row.strip(" =") for row in shown(LEAST_SQUARES, LINES, hints=hints).split("\n") if "cause" in row]
    assert found == ([said] if said else [])


def test_two_sides_on_one_line_are_both_marked():
    place = [Place(1, 4, 1, 9), Place(1, 12, 1, 13)]
    rows = excerpt(
        ["$$ a + b = c $$"],
        [Mark(place[0], "-", "left side", ""), Mark(place[1], "^", "right side", "")], 1, 80,
    )  # fmt: skip
    assert [plain(r) for r in rows] == [
        "1 | $$ a + b = c $$",
        "  |    -----   ^ right side",
        "  |    |",
        "  |    left side",
    ]


def test_marks_stand_under_wide_characters():
    rows = excerpt(["仮定: $x$ と $y$"], [Mark(Place(1, 12, 1, 13), "^", "", "")], 1, 80)
    assert [plain(r) for r in rows] == ["1 | 仮定: $x$ と $y$", "  | " + " " * 14 + "^"]


def test_a_character_that_a_terminal_would_obey_is_shown_as_its_number():
    rows = excerpt(["\u202ea\x1b[31m"], [Mark(Place(1, 2, 1, 3), "^", "", "")], 1, 80)
    assert [plain(r) for r in rows] == ["1 | <U+202E>a<U+001B>[31m", "  |         ^"]


def test_a_long_line_is_cut_around_its_mark():
    mark = Mark(Place(1, 501, 1, 504), "^", "", "")
    rows = [plain(r) for r in excerpt(["x" * 500 + "abc" + "x" * 500], [mark], 1, 60)]
    assert max(map(len, rows)) <= 60
    assert rows[0][rows[1].index("^") : rows[1].rindex("^") + 1] == "abc"


def test_a_side_on_several_lines_is_marked_on_each_and_lines_between_are_left_out():
    lines = ["a +", "b", "", "", "= c"]
    marks = [Mark(Place(1, 1, 2, 2), "-", "previous line", ""), Mark(Place(5, 3, 5, 4), "^", "this line", "")]
    assert [plain(r) for r in excerpt(lines, marks, 1, 80)] == [
        "1 | a +", "  | ---", "2 | b", "  | - previous line", "...", "5 | = c", "  |   ^ this line",
    ]  # fmt: skip


def test_a_wrong_step_whose_followers_agree_is_said_to_be_the_only_one():
    a, b, c, d = (Place(k, 1, k, 2) for k in range(1, 5))
    chain = [
        StepReport("f", 2, 1, "t", 1, "", "refuted", left=a, right=b),
        StepReport("f", 3, 1, "t", 2, "", "proved", left=b, right=c),
        StepReport("f", 4, 1, "t", 3, "", "proved", left=c, right=d),
    ]
    assert [s.only_this for s in with_hindsight(chain)] == [True, False, False]
    chain[2] = StepReport("f", 4, 1, "t", 3, "", "unknown", left=c, right=d)
    assert [s.only_this for s in with_hindsight(chain)] == [False, False, False]
    assert [s.only_this for s in with_hindsight(chain[:1])] == [False]


def test_github_annotations_are_escaped():
    (line,) = workflow_commands(Report((LEAST_SQUARES,), 0.0))
    assert line.startswith(
        "::error file=hw3.md,line=42,col=4,endLine=42,endColumn=19,title=D201 Least squares%2C step 3::"
        "this line is not equal to the previous line%0Acounterexample: N=2"
    )
    assert "\n" not in line


def test_a_false_step_is_never_proved(tmp_path, capsys):
    path = tmp_path / "hw.md"
    path.write_text("Let $a \\in \\mathbb{R}$.\n\n$$ a + a = 3 a $$\n", encoding="utf-8")
    assert main(["check", str(path), "--strict"]) == 1


def test_a_document_without_steps_has_a_code_of_its_own(tmp_path, capsys):
    path = tmp_path / "prose.md"
    path.write_text("Prose.\n", encoding="utf-8")
    assert main(["check", str(path)]) == 5


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (None, "there is no such file"),
        (b"\xff\xfe", "it is not UTF-8 text (byte 0)"),
        (b"a\0b", "it holds a NUL byte (byte 1)"),
        (b"a" * 10_000_001, "it is larger than 10 MB"),
    ],
)
def test_a_file_that_cannot_be_read_is_named_and_the_others_are_checked(tmp_path, capsys, data, why):
    bad, good = tmp_path / "bad.md", tmp_path / "good.md"
    if data is not None:
        bad.write_bytes(data)
    good.write_text("Let $a \\in \\mathbb{R}$.\n\n$$ a + a = 2 a $$\n", encoding="utf-8")
    assert main(["check", str(bad), str(good), "--json"]) == 2
    out, err = capsys.readouterr()
    assert err == f"cannot read {bad}: {why}\n"
    assert json.loads(out)["summary"]["proved"] == 1


def test_a_directory_is_not_a_document(tmp_path, capsys):
    assert main(["check", str(tmp_path)]) == 2
    assert capsys.readouterr().err == f"cannot read {tmp_path}: it is a directory\n"


def test_colour_is_only_where_it_is_asked_for(tmp_path, capsys, monkeypatch):
    path = tmp_path / "hw.md"
    path.write_text(DOCUMENT, encoding="utf-8")
    main(["check", str(path)])
    assert "\x1b" not in capsys.readouterr().out
    monkeypatch.setenv("NO_COLOR", "1")
    main(["check", str(path), "--color", "auto"])
    assert "\x1b" not in capsys.readouterr().out
    main(["check", str(path), "--color", "always"])
    assert "\x1b[1;31m" in capsys.readouterr().out


def test_japanese_report_has_no_english_words(tmp_path, capsys):
    path = tmp_path / "hw.md"
    path.write_text(DOCUMENT, encoding="utf-8")
    main(["check", str(path), "--lang", "ja"])
    out = capsys.readouterr().out
    assert "エラー[D140]" in out and "ステップ" in out
    for english in ("error", "derivation", "step", "proved"):
        assert english not in out


def test_several_documents_are_reported_in_order_whatever_the_number_of_workers(tmp_path, capsys):
    paths = []
    for k in range(6):
        path = tmp_path / f"{k}.md"
        path.write_text(f"# {k}\n\nLet $a \\in \\mathbb{{R}}$.\n\n$$ a + a = 2 a = a + a $$\n", encoding="utf-8")
        paths.append(str(path))
    assert main(["check", *paths, "--json", "--jobs", "3"]) == 0
    steps = json.loads(capsys.readouterr().out)["steps"]
    assert [(s["derivation"], s["step"]) for s in steps] == [(str(k), s) for k in range(6) for s in (1, 2)]


def test_the_python_interface_shows_itself_in_a_notebook():
    report = derive.check_document(DOCUMENT)
    assert report.summary == {"proved": 1, "refuted": 0, "unknown": 0, "error": 1}
    shown = report._repr_markdown_()
    assert "✅ $a + b = b + a$" in shown
    assert "❌ $a + c = b$" in shown


def test_a_notebook_is_given_no_html_from_a_document():
    assert "<" not in text("<script>alert(1)</script>")
    assert "<" not in math("a < b")
    assert math("\\href{javascript:alert(1)}{a} = b").startswith("<code>")
    assert "<img" not in math("\\href{<img src=x>}{a} = b")


@pytest.mark.parametrize(
    ("value", "text"),
    [(Fraction(3, 2), "3/2"), ([[1], [2]], "[[1], [2]]"), (0.69314718, "0.693147"), (True, "true")],
)
def test_values_are_written_as_a_person_would(value, text):
    assert written(value) == text


def test_one_unreadable_side_is_reported_once_for_the_two_steps_that_it_spoils(tmp_path, capsys):
    path = tmp_path / "hw.md"
    path.write_text("Let $a \\in \\mathbb{R}$.\n\n$$ a = c = a $$\n", encoding="utf-8")
    assert main(["check", str(path)]) == 1
    out = capsys.readouterr().out
    assert out.count("error[D140]") == 1
    assert "= also in step 2" in out
    assert "2 in error" in out


def test_an_assumption_in_the_middle_of_a_paragraph_is_pointed_out(tmp_path, capsys):
    path = tmp_path / "hw.md"
    path.write_text("Let $a \\in \\mathbb{R}$. Assume that $a = 1$.\n\n$$ a^2 = 1 $$\n", encoding="utf-8")
    assert main(["check", str(path)]) == 1
    assert f"note: {path}:1: “Assume” inside a paragraph is prose" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("declared", "said"),
    [
        ("Let $a \\in \\mathbb{R}.", "h.md:3: the `$` here opens no formula, as it is never closed"),
        ("Let $b \\in \\mathbb{R}$. $$ a := b", "h.md:3: the `$$` here opens no formula, as it is never closed"),
        ("Let \\(a \\in \\mathbb{R}\\).", "h.md:3: `\\(` opens no formula in this format; write `$…$`"),
    ],
)
def test_a_delimiter_that_opens_no_formula_is_pointed_out(tmp_path, capsys, declared, said):
    path = tmp_path / "h.md"
    path.write_text(f"# Q\n\n{declared}\n\n$$ a + 1 = 1 + a $$\n", encoding="utf-8")
    main(["check", str(path)])
    assert said in capsys.readouterr().out


def test_a_price_in_prose_is_not_pointed_out_where_all_is_proved(tmp_path, capsys):
    path = tmp_path / "h.md"
    path.write_text("It costs 5 $.\n\nLet $a \\in \\mathbb{R}$.\n\n$$ a + 1 = 1 + a $$\n", encoding="utf-8")
    main(["check", str(path)])
    assert "opens no formula" not in capsys.readouterr().out


def test_an_assumption_below_a_heading_is_not_called_prose(tmp_path, capsys):
    path = tmp_path / "hw.md"
    path.write_text("Let $a \\in \\mathbb{R}$.\n\n# H\nAssume $a > 1$.\n\n$$ a = 2 a $$\n", encoding="utf-8")
    assert main(["check", str(path)]) == 1
    assert "is prose" not in capsys.readouterr().out


def test_a_missing_assumption_is_shown_as_a_sentence_to_write(tmp_path, capsys):
    path = tmp_path / "hw.md"
    path.write_text("Let $z \\in \\mathbb{R}$.\n\n$$ \\log z^2 = 2 \\log z $$\n", encoding="utf-8")
    assert main(["check", str(path)]) == 0
    assert "= write before it: Assume that $z > 0$." in capsys.readouterr().out


def test_hypotheses_are_shown_in_unicode_and_kept_as_written_in_json():
    text = "Let $s \\in \\mathbb{R}$.\n\nAssume $s^2 = 2 \\cdot 2$.\n\n$$ s^4 = 16 $$\n"
    (step,) = derive.check_document(text).steps
    assert step.verdict == "proved"
    assert step.uses == ("s^2 = 2 \\cdot 2",)
    assert step.given and "\\" not in step.given[0]
