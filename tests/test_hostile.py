"""Documents that are meant to break the checker, and workers that hang, crash or eat memory."""

import json
import os
import signal
import subprocess
import sys
import time
from itertools import pairwise

import pytest

import derive.checking.documents
from derive.checking.schedule import check_all
from derive.checking.workers import Failure, Limits, Source, Worker

FORK = pytest.mark.skipif(not hasattr(os, "fork") or sys.platform == "darwin", reason="patches reach forks only")

LET = "Let $a, b \\in \\mathbb{R}$, $A \\in \\mathbb{R}^{N \\times N}$.\n\n"
GOOD = "\n\n$$ a + b = b + a $$\n"


def display(formula):
    return f"{LET}$$ {formula} $$"


def doubling(count):
    """Definitions, each of which holds the one before it twice."""
    steps = (f"$c^{{({k + 1})}} := c^{{({k})}} \\cdot c^{{({k})}} + c^{{({k})}}$" for k in range(count))
    return LET + "$c^{(0)} := a + b$, " + ", ".join(steps) + f"\n\n$$ c^{{({count})}} = a $$"


def nested_macros(count):
    names = [f"\\m{c}" for c in "bcdefghijklmnopqrstuvwxyz"]
    lines = [f"\\newcommand{{{a}}}{{{b * 10}}}\n" for a, b in pairwise(names[: count + 1])]
    return "".join(lines) + f"\\newcommand{{{names[count]}}}{{a}}\n\n" + display("\\mb = a")


#: name → (document, what may be said of its first step)
DOCUMENTS = {
    "ten thousand nested braces": (display("{" * 10_000 + "a" + "}" * 10_000 + " = a"), "error"),
    "ten thousand nested brackets": (display("(" * 10_000 + "a" + ")" * 10_000 + " = a"), "error"),
    "nested fractions": (display("\\frac{1}{" * 1_000 + "a" + "}" * 1_000 + " = a"), "error"),
    "braces that never close": (display("{" * 10_000 + "a = a"), "error"),
    "a tower of powers": (display("2^{2^{2^{2^{9}}}} = a"), "unknown refuted"),
    "a number with ten million digits": (display("2^{99999999} = a"), "unknown refuted"),
    "a large power of a sum": (display("(a + b)^{1000} = a^{1000}"), "unknown refuted"),
    "a large number": (display("9" * 50_000 + " = a"), "error"),
    "a tower of exponentials": (display("\\exp(\\exp(\\exp(\\exp(99)))) = a"), "unknown refuted"),
    "a hundred nested sums": (display("\\sum_{k=1}^N " * 100 + "a = N^{100} a"), "error unknown refuted"),
    "thirty nested sums": (
        display("".join(f"\\sum_{{{c}=1}}^N " for c in "cdfghijklmnopqrstuvwxyz") + "a = a"), "unknown refuted",
    ),
    "a product of sixty sums": (display("(a + b)" * 60 + " = a"), "unknown refuted"),
    "two hundred different factors": (
        display("".join(f"(a + {k})" for k in range(200)) + " = b"), "unknown refuted",
    ),
    "definitions that double": (doubling(30), "unknown refuted"),
    "sixty derivatives": (display("\\frac{\\partial}{\\partial a} " * 60 + "\\exp(a^2) = b"), "error unknown"),
    "thirty derivatives": (
        display("\\frac{\\partial}{\\partial a} " * 30 + "\\exp(a^2) = b"), "error unknown refuted",
    ),
    "nested inverses": (display("(A" * 30 + ")^{-1}" * 30 + " = A"), "error unknown refuted"),
    "a large matrix": (
        "Let $a, b \\in \\mathbb{R}$, $M \\in \\mathbb{R}^{900 \\times 900}$.\n\n$$ M^{-1} = M $$", "unknown refuted",
    ),
    "a size with twelve digits": (LET + "Let $v \\in \\mathbb{R}^{999999999999}$.", "error"),
    "macros that grow by ten": (nested_macros(12), "error"),
    "a macro that calls itself": ("$\\newcommand{\\x}{\\x\\x}$\n\n" + display("\\x = a"), "error"),
    "a macro applied to itself": (
        "$\\newcommand{\\x}[1]{#1#1#1#1#1#1}$\n\n" + display("\\x{" * 12 + "a" + "}" * 12 + " = a"), "error",
    ),
    "right-to-left marks": (display("\u202ea + b = b\u200f + a"), "error"),
    "characters from everywhere": (display("\ud7ff\U0010ffff = a"), "error"),
    "a control sequence of the terminal": (display("\x1b[31m a = a"), "error"),
    "a long formula": (display("a + " * 100_000 + "a = a"), "error"),
    "a megabyte of prose": (LET + "x" * 1_000_000, "proved"),
    "many dollars": (LET + "$" * 200_000, "error proved"),
    "displays that never close": (LET + "\\[ " * 100_000, "error"),
    "environments that never close": (LET + "\\begin{align} " * 20_000, "error"),
    "nested block quotes": (LET + "> " * 3_000 + "$$ a = a $$", "error proved"),
    "emphasis without end": (LET + "*_" * 100_000, "proved"),
    "links without end": (LET + "![" * 50_000 + "](" * 50_000, "proved"),
    "code spans without end": (LET + "x " + "`" * 200_000, "proved"),
    "twenty thousand primes": (display("a" + "'" * 20_000 + " = a"), "error"),
    "five thousand rows": (
        LET + "$$ \\begin{aligned} " + "a &= a \\\\\n" * 5_000 + "\\end{aligned} $$", "error proved",
    ),
    "code that would run if it were run": (display("\\operatorname{__import__('os').system('true')} = a"), "error"),
    "text that runs to the end": (display("\\text{" * 100 + "a = b"), "error"),
}  # fmt: skip


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    """The steps of each document, from one run over all of them."""
    folder = tmp_path_factory.mktemp("hostile")
    files = {}
    for k, (name, (text, _)) in enumerate(DOCUMENTS.items()):
        files[name] = folder / f"{k}.md"
        files[name].write_text(text + GOOD, encoding="utf-8")
    command = [sys.executable, "-m", "derive", "check", "--json", "--time-limit", "10", *map(str, files.values())]
    run = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert run.stderr == ""
    assert run.returncode == 1
    steps = json.loads(run.stdout)["steps"]
    return {name: [s for s in steps if s["file"] == str(path)] for name, path in files.items()}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_hostile_step_is_judged_within_its_limit_and_the_others_are_still_checked(name, found):
    steps = found[name]
    assert steps[0]["verdict"] in DOCUMENTS[name][1].split()
    assert {s["code"] for s in steps} & {"D119", "D404", "D901"} == set()
    assert steps[-1]["verdict"] == "proved"
    assert max(s["seconds"] for s in steps) < 12


def test_a_step_that_is_false_or_hopeless_is_never_proved(found):
    hopeless = ["a tower of powers", "a large power of a sum", "definitions that double", "a product of sixty sums"]
    assert [name for name in hopeless if found[name][0]["verdict"] == "proved"] == []


SMALL = Source("small.md", LET + "$$ a + b = b + a = a + b = b + a $$\n")


def misbehaving(monkeypatch, at, act):
    """`act` in the place of the check of step `at` (from 1)."""
    honest = derive.checking.documents.judged

    def judged(claim, limit):
        return act() if claim.step == at else honest(claim, limit)

    monkeypatch.setattr(derive.checking.documents, "judged", judged)


def hang():
    while True:
        time.sleep(1)


def crash():
    os.kill(os.getpid(), signal.SIGKILL)


def eat():
    kept = []
    while True:
        kept.append(bytes(128 << 20))


def stumble():
    raise KeyError("x")


@FORK
@pytest.mark.parametrize(
    ("act", "code"), [(hang, "D402"), (crash, "D404"), (eat, "D403"), (stumble, "D404")]
)
@pytest.mark.parametrize("jobs", [1, 2])
def test_a_step_that_ends_its_worker_is_undecided_and_the_others_are_checked(monkeypatch, act, code, jobs):
    misbehaving(monkeypatch, 2, act)
    (report,) = check_all([SMALL], Limits(seconds=2.0, memory=600 << 20), jobs)
    assert [(s.verdict, s.code) for s in report.steps] == [("proved", ""), ("unknown", code), ("proved", "")]


@FORK
@pytest.mark.parametrize("act", [hang, crash, eat, stumble])
def test_a_document_whose_reading_does_not_end_is_an_error_and_the_next_is_checked(monkeypatch, act):
    honest = derive.checking.documents.listed
    monkeypatch.setattr(derive.checking.documents, "listed", lambda d: act() if d.file == "bad.md" else honest(d))
    bad = Source("bad.md", "x")
    reports = list(check_all([bad, SMALL], Limits(seconds=2.0, memory=600 << 20), 1))
    assert [[s.code for s in r.steps] for r in reports] == [["D119"], ["", "", ""]]
    assert reports[0].steps[0].verdict == "error"


@FORK
def test_a_worker_that_was_used_gets_a_second_chance_in_a_fresh_process(monkeypatch):
    """What it kept from earlier tasks may be why it ran out of memory."""
    first = os.getpid()
    seen = []

    def judged_once_too_often(claim, limit):
        seen.append(claim)
        if len(seen) > 1 and os.getpid() != first:
            raise MemoryError
        return honest(claim, limit)

    honest = derive.checking.documents.judged
    monkeypatch.setattr(derive.checking.documents, "judged", judged_once_too_often)
    (report,) = check_all([SMALL], Limits(), 1)
    assert [s.verdict for s in report.steps] == ["proved"] * 3


def test_a_spawned_worker_answers_like_a_forked_one(monkeypatch):
    monkeypatch.setattr("derive.checking.workers.start_method", lambda: "spawn")
    worker = Worker(Limits())
    try:
        assert [s.verdict for s in worker.run((SMALL, None))] == ["", "", ""]
        assert worker.run((SMALL, 0)).verdict == "proved"
    finally:
        worker.stop()


def test_a_worker_that_is_killed_is_replaced():
    worker = Worker(Limits())
    try:
        os.kill(worker.process.pid, signal.SIGTERM)
        worker.process.join()
        assert isinstance(worker.run((SMALL, 0)), Failure)
        assert worker.run((SMALL, 0)).verdict == "proved"
    finally:
        worker.stop()


@FORK
def test_ctrl_c_ends_the_command_without_a_traceback(tmp_path):
    path = tmp_path / "slow.md"
    path.write_text(LET + "$$ a = a $$\n", encoding="utf-8")
    probe = (
        "import sys, time, derive.checking.documents\n"
        "def judged(*_):\n    print('at work', flush=True)\n    time.sleep(60)\n"
        "derive.checking.documents.judged = judged\n"
        "from derive.__main__ import main\n"
        f"sys.exit(main(['check', {str(path)!r}]))\n"
    )
    run = subprocess.Popen([sys.executable, "-c", probe], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert run.stdout.readline() == "at work\n"
    run.send_signal(signal.SIGINT)
    out, err = run.communicate(timeout=20)
    assert (run.returncode, out, err) == (130, "", "")


@pytest.mark.parametrize(
    "formula",
    [
        "0 \\propto_a 0",
        "b \\propto_a 2 b",
        "\\arg\\min_a 0 = \\arg\\min_a 1",
        "\\arg\\min_a b = \\arg\\max_a b",
    ],
)
def test_what_fuzzing_found_is_judged(formula):
    """A claim about a variable that it does not hold."""
    codes = {s.code for s in derive.check_document(display(formula), time_limit=2).steps}
    assert not codes & {"D404", "D901"}
