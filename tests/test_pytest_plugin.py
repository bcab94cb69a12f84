"""`pytest --derive`: steps as tests, in a pytest of its own."""

import xml.etree.ElementTree as ElementTree

import hypothesis  # noqa: F401  (what is loaded already stays: pytester forgets what is imported inside it)
import pytest

import derive.checking.documents
import derive.checking.workers
import derive.diagnostics  # noqa: F401

pytest_plugins = ["pytester"]

HOMEWORK = """\
Let $a, b \\in \\mathbb{R}$.

# Sums

$$ a + b = b + a = a + b + 1 $$

# Roots

<!-- derive: expect refuted -->
$$ \\sqrt{a^2} = a $$

<!-- derive: expect unknown -->
$$ \\log a^2 = 2 \\log a $$
"""


@pytest.fixture
def run(pytester):
    """Runs pytest with the plugin over homework/hw.md with this text."""

    def start(text, *options):
        folder = pytester.mkdir("homework")
        (folder / "hw.md").write_text(text, encoding="utf-8")
        return pytester.runpytest_inprocess("-p", "derive.pytest_plugin", "-p", "no:cacheprovider", *options)

    return start


def test_each_step_is_an_item_named_by_file_heading_and_number(run):
    result = run(HOMEWORK, "--derive", "homework", "--collect-only", "-q")
    result.stdout.fnmatch_lines(
        [
            "homework/hw.md::Sums::step 1",
            "homework/hw.md::Sums::step 2",
            "homework/hw.md::Roots::step 1",
            "homework/hw.md::Roots::step 2",
        ]
    )


def test_a_wrong_step_fails_with_its_diagnostic_and_marked_ones_pass(run):
    result = run(HOMEWORK, "--derive", "homework")
    result.assert_outcomes(passed=3, failed=1)
    result.stdout.fnmatch_lines(
        [
            "error[[]D201[]]: the two sides are not equal",
            " --> homework/hw.md:5:20   derivation \"Sums\", step 2",
            "5 | $$ a + b = b + a = a + b + 1 $$",
            "*counterexample: a=*",
        ]
    )


@pytest.mark.parametrize(
    ("mark", "formula"),
    [
        ("<!-- derive: expect refuted -->", "a = a"),
        ("<!-- derive: expect unknown -->", "a = 2"),
        ("<!-- derive: expect refuted -->", "a = c"),
    ],
)
def test_a_step_with_another_verdict_than_expected_fails(run, mark, formula):
    result = run(f"Let $a \\in \\mathbb{{R}}$.\n\n{mark}\n\n$$ {formula} $$\n", "--derive", "homework")
    result.assert_outcomes(failed=1)


def test_a_mark_on_a_chain_lets_its_other_steps_be_proved(run):
    mark = "<!-- derive: expect refuted -->"
    text = f"Let $a \\in \\mathbb{{R}}$.\n\n{mark}\n\n$$ a + a = 2 a = 3 a = a + 2 a $$\n"
    result = run(text, "--derive", "homework")
    result.assert_outcomes(passed=3)


def test_no_markdown_is_collected_without_the_flag(run):
    result = run(HOMEWORK, "homework")
    result.assert_outcomes()
    assert result.ret == pytest.ExitCode.NO_TESTS_COLLECTED


def test_one_step_can_be_chosen_by_its_name(run):
    result = run(HOMEWORK, "--derive", "homework/hw.md::Sums::step 1")
    result.assert_outcomes(passed=1)


def test_junit_output_names_the_steps_and_holds_the_diagnostic(run, pytester):
    run(HOMEWORK, "--derive", "homework", "--junitxml=out.xml", "-k", "Sums")
    cases = list(ElementTree.parse(pytester.path / "out.xml").getroot().iter("testcase"))
    assert [(c.get("classname"), c.get("name")) for c in cases] == [
        ("homework.hw.md.Sums", "step 1"), ("homework.hw.md.Sums", "step 2"),
    ]  # fmt: skip
    assert cases[0].find("failure") is None
    assert "error[D201]: the two sides are not equal" in cases[1].find("failure").text


def test_headings_that_repeat_are_told_apart(run):
    text = "Let $a \\in \\mathbb{R}$.\n\n# A\n\n$$ a = a $$\n\n# A\n\n$$ a = a $$\n"
    result = run(text, "--derive", "homework", "--collect-only", "-q")
    result.stdout.fnmatch_lines(["homework/hw.md::A::step 1", "homework/hw.md::A (2)::step 1"])


def test_a_file_that_is_no_text_is_an_error_of_collection(run, pytester):
    folder = pytester.mkdir("other")
    (folder / "bad.md").write_bytes(b"\xff\xfe")
    result = run("prose", "--derive", "other")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*it is not UTF-8 text (byte 0)*"])


HOSTILE = {
    "ten thousand nested braces": "{" * 10_000 + "a" + "}" * 10_000,
    "a tower of powers": "2^{2^{2^{2^{9}}}}",
    "macros that grow by ten": "\\newcommand{\\x}{\\x\\x} \\x",
    "right-to-left marks": "\u202ea",
    "a hundred nested sums": "\\sum_{k=1}^N " * 100 + "a",
}


def test_hostile_documents_fail_and_their_other_steps_are_checked(pytester):
    for name, formula in HOSTILE.items():
        text = f"Let $a, b \\in \\mathbb{{R}}$.\n\n$$ {formula} = a $$\n\n$$ a + b = b + a $$\n"
        pytester.path.joinpath(f"{name}.md").write_text(text, encoding="utf-8")
    pytester.path.joinpath("a NUL.md").write_bytes(b"a\0")
    pytester.path.joinpath("invalid UTF-8.md").write_bytes(b"\xff")
    options = ("--derive", "--derive-time-limit", "20", "--continue-on-collection-errors")
    result = pytester.runpytest_inprocess("-p", "derive.pytest_plugin", "-p", "no:cacheprovider", *options)
    result.assert_outcomes(passed=len(HOSTILE), failed=len(HOSTILE), errors=2)
    assert "Traceback" not in result.stdout.str() and "INTERNALERROR" not in result.stdout.str()
