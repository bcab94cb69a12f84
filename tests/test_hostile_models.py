"""Documents that are meant to break `derive gradient`, `derive hessian` and `codegen`."""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest

import derive.gradient.derivation
from codegen.__main__ import main as codegen
from derive.__main__ import main as derive_command
from derive.checking.limited import Exceeded, within
from derive.checking.workers import Limits

FORK = pytest.mark.skipif(not hasattr(os, "fork") or sys.platform == "darwin", reason="patches reach forks only")

LET = "Let $a, b \\in \\mathbb{R}$, $w \\in \\mathbb{R}^N$, $A \\in \\mathbb{R}^{N \\times N}$.\n\n"
COMMANDS = ("gradient", "hessian", "codegen")


def model(formula: str) -> str:
    return f"{LET}$$ L := {formula} $$\n"


def doubling(count: int) -> str:
    """Definitions, each of which holds the one before it twice."""
    steps = (f"$c^{{({k + 1})}} := c^{{({k})}} \\cdot c^{{({k})}} + c^{{({k})}}$" for k in range(count))
    return LET + "$c^{(0)} := a + b$, " + ", ".join(steps) + f"\n\n$$ L := c^{{({count})}} $$\n"


def macros(count: int) -> str:
    names = [f"\\m{c}" for c in "bcdefghijklmnopqrst"[: count + 1]]
    lines = [f"\\newcommand{{{a}}}{{{b * 10}}}\n" for a, b in pairwise(names)]
    return "".join(lines) + f"\\newcommand{{{names[count]}}}{{a}}\n\n" + model(names[0])


#: what takes longer than anybody waits
HOPELESS = "this takes more than"
#: name → (document, what is said of it; "" where it may be derived)
DOCUMENTS = {
    "ten thousand nested braces": (model("{" * 10_000 + "a" + "}" * 10_000), "symbols"),
    "a thousand nested brackets": (model("(" * 1_000 + "a" + ")" * 1_000), "levels deep"),
    "more symbols than a formula has": (model("a + " * 250_000 + "a"), "symbols"),
    "a tower of powers": (model("2^{2^{2^{2^{9}}}} a"), "too many digits"),
    "a tower of powers of the variable": (model("a^{a^{a^{a^{9}}}}"), ""),
    "an exponent of eight digits": (model("(a + b)^{99999999}"), "too large"),
    "a hundred nested sums": (model("\\sum_{k=1}^N " * 100 + "a"), "levels deep"),
    "twenty nested sums": (model("".join(f"\\sum_{{{c}=1}}^N " for c in "cdfghijklmnopqrstuvx") + "a"), ""),
    "two hundred different factors": (model("".join(f"(a + {k})" for k in range(200))), HOPELESS),
    "definitions that double": (doubling(300), HOPELESS),
    "macros that grow by ten": (macros(12), "expands to too much"),
    "a macro that calls itself": ("$\\newcommand{\\x}{\\x\\x}$\n\n" + model("\\x"), "expands to too much"),
    "right-to-left marks": (model("\u202ea"), "U+202E"),
    "a control sequence of the terminal": (model("\x1b[31m a"), "U+001B"),
    "a megabyte of prose": (LET + "x" * 1_000_000 + "\n\n$$ L := a^2 $$\n", ""),
    "a NUL": (model("a\0"), "NUL"),
    "invalid UTF-8": (model("a").encode() + b"\xff", "UTF-8"),
    "eleven megabytes": (LET + "x" * 11_000_000, "larger than"),
}  # fmt: skip

READ = ("", HOPELESS, "too many digits", "not proved", "too large")


def run(command: str, file: Path, *more: str) -> int:
    if command == "codegen":
        return codegen([str(file), "--out", str(file.with_suffix(".py")), "--gradients", "all", *more])
    return derive_command([command, str(file), "L", "a", *more])


@pytest.mark.parametrize(
    ("name", "command"),
    [
        (name, command) for name, (_, why) in DOCUMENTS.items() for command in COMMANDS
        if command != "hessian" or why in READ  # what `derive gradient` cannot read, this cannot
    ],
)  # fmt: skip
def test_a_hostile_model_is_derived_or_refused_within_the_limit(
    name: str, command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text, why = DOCUMENTS[name]
    file = tmp_path / "model.md"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    code = run(command, file, "--time-limit", "1" if why == HOPELESS else "30")
    said = capsys.readouterr()
    if not why:
        assert (code, said.err) == (0, "")
        return
    assert code in (1, 2)
    assert why in said.err, said.err[-500:]
    assert "Traceback" not in said.err and "\x1b" not in said.err and len(said.err) < 3_000
    assert not file.with_suffix(".py").exists()


def hang() -> None:
    while True:
        time.sleep(1)


def crash() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def eat() -> None:
    kept = []
    while True:
        kept.append(bytes(128 << 20))


def stumble() -> None:
    raise KeyError("x")


@FORK
@pytest.mark.parametrize(
    ("act", "why"),
    [
        (hang, "more than 1 s; allow more with --time-limit"), (eat, "more than 0.5 GB"),
        (crash, "internal error"), (stumble, "internal error, please report it: KeyError: 'x'"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("command", COMMANDS)
def test_what_does_not_end_well_is_said_at_the_definition(
    command: str, act: Callable[[], None], why: str, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    monkeypatch.setattr(derive.gradient.derivation, "_gradients", lambda *_, **__: act())
    file = tmp_path / "model.md"
    file.write_text(model("a^2"), encoding="utf-8")
    assert run(command, file, "--time-limit", "1", "--memory-limit", "0.5") == 1
    said = capsys.readouterr().err
    assert f"--> {file}:3:4" in said and why in said


def told_often(tell: Callable[[int], None], parts: int, seconds: float) -> int:
    for part in range(parts):
        tell(part)
        time.sleep(seconds)
    return parts


def told_once(tell: Callable[[int], None]) -> None:
    tell(1)
    time.sleep(30)


def test_the_limit_is_one_for_each_part_that_is_told() -> None:
    assert within(Limits(seconds=1.0), told_often, 4, 0.4) == 4
    with pytest.raises(Exceeded) as found:
        within(Limits(seconds=0.4), told_once)
    assert (found.value.reason, found.value.where) == ("time", 1)


def computing(tell: Callable[[int], None], seconds: float) -> int:
    tell(1)
    end = time.thread_time() + seconds
    while time.thread_time() < end:
        pass
    return 1


def waiting(tell: Callable[[int], None], seconds: float) -> int:
    tell(1)
    time.sleep(seconds)
    return 1


def test_the_limit_counts_seconds_of_computing() -> None:
    assert within(Limits(seconds=0.4), waiting, 0.7) == 1
    with pytest.raises(Exceeded) as found:
        within(Limits(seconds=0.4), computing, 60)
    assert (found.value.reason, found.value.where) == ("time", 1)


def test_a_limit_that_is_no_number_of_seconds_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SystemExit) as ended:
        run("gradient", tmp_path / "model.md", "--time-limit", "0")
    assert ended.value.code == 2


def test_json_says_what_was_derived_and_nothing_else(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "model.md"
    file.write_text(model("a^2"), encoding="utf-8")
    assert run("gradient", file, "--json") == 0
    assert json.loads(capsys.readouterr().out)["unicode"] == "∂L/∂a = 2a"
