"""The command line: what is offered, what the lecture's commands print, wrong usage."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from derive.__main__ import main
from derive.commands import COMMANDS, available
from derive.lecture import DERIVATIONS

ROOT = Path(__file__).parents[1]


def test_help_names_every_command_that_is_there(capsys):
    with pytest.raises(SystemExit) as end:
        main(["--help"])
    assert end.value.code == 0
    out = capsys.readouterr().out
    assert [name for name in COMMANDS if f"    {name} " in out] == list(available())


def test_help_imports_no_mathematics():
    probe = "import sys; from derive.__main__ import main\ntry: main(['--help'])\nexcept SystemExit: pass\n"
    probe += "print(sorted(m for m in sys.modules if m.split('.')[0] in ('sympy', 'mpmath', 'numpy', 'rich')))"
    run = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True)
    assert run.stdout.splitlines()[-1] == "[]"


def test_importing_the_package_imports_nothing_of_it():
    probe = "import sys, derive; print([m for m in sys.modules if m.startswith('derive.')])"
    run = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


@pytest.mark.parametrize("words", ["derive list", "codegen --check", "training exercise 1"])
def test_a_reader_that_is_gone_ends_a_command_without_a_word(words: str, tmp_path: Path) -> None:
    read, write = os.pipe()
    os.close(read)
    run = subprocess.run(
        [sys.executable, "-m", *words.split()], stdout=write, stderr=subprocess.PIPE, text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)}, cwd=tmp_path,
    )  # fmt: skip
    os.close(write)
    assert (run.returncode, run.stderr) == (0, "")


def test_list_names_the_derivations_in_the_lecture_s_order(capsys):
    assert main(["list"]) == 0
    assert capsys.readouterr().out.split() == list(DERIVATIONS)


def test_prove_as_json_keeps_the_contract(capsys):
    assert main(["prove", "sigmoid-derivative", "logit-sigmoid", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["schema"] == 1
    assert found["summary"]["proved"] == len(found["steps"])
    titles = [s["derivation"] for s in found["steps"]]
    assert list(dict.fromkeys(titles)) == ["sigmoid-derivative", "logit-sigmoid"]
    numbers = [s["step"] for s in found["steps"] if s["derivation"] == "sigmoid-derivative"]
    assert numbers == list(range(1, len(numbers) + 1))
    first = found["steps"][0]
    lines = Path(first["file"]).read_text(encoding="utf-8").splitlines()
    assert lines[first["line"] - 1].strip().startswith(("d.", "("))


def test_prove_names_the_slide_and_the_hypotheses(capsys):
    assert main(["prove", "gradient-descent"]) == 0
    out = capsys.readouterr().out
    assert "slide “線形モデルの二乗誤差最小化: 勾配法”" in out
    assert "uses: η > 0" in out


@pytest.mark.parametrize("argv", [["prove", "no-such-thing"], ["show", "no-such-thing"]])
def test_an_unknown_derivation_is_named(argv, capsys):
    assert main(argv) == 2
    assert "there is no derivation no-such-thing; `derive list` names them" in capsys.readouterr().err


@pytest.mark.parametrize("name", DERIVATIONS)
@pytest.mark.parametrize("form", ["text", "latex", "markdown"])
def test_every_derivation_is_shown_in_every_format(name, form, capsys):
    assert main(["show", name, "--format", form]) == 0
    assert name in capsys.readouterr().out


def test_a_shown_derivation_can_be_checked_as_a_homework(tmp_path, capsys):
    main(["show", "logit-sigmoid", "--format", "markdown"])
    path = tmp_path / "logit.md"
    path.write_text(capsys.readouterr().out, encoding="utf-8")
    assert main(["check", str(path), "--strict"]) == 0


@pytest.mark.parametrize(
    "argv",
    [[], ["no-such-command"], ["check"], ["check", "a.md", "--jobs", "0"], ["check", "a.md", "--time-limit", "-1"],
     ["check", "a.md", "--time-limit", "ten"], ["check", "a.md", "--lang", "xx"]],
)  # fmt: skip
def test_wrong_usage_ends_with_two(argv, capsys):
    with pytest.raises(SystemExit) as end:
        main(argv)
    assert end.value.code == 2
    assert "usage: derive" in capsys.readouterr().err


def test_an_unknown_code_is_answered_with_those_there_are(capsys):
    assert main(["explain", "D999"]) == 2
    assert "there is no code D999; codes: D101 " in capsys.readouterr().err


def test_prove_writes_its_report_beside_the_text(tmp_path, capsys):
    path = tmp_path / "new" / "proofs.json"
    assert main(["prove", "sgd", "--report", str(path)]) == 0
    assert "✓" in capsys.readouterr().out
    assert json.loads(path.read_text(encoding="utf-8"))["summary"]["proved"] == 2


def test_a_report_that_cannot_be_written_is_named(tmp_path, capsys):
    (tmp_path / "file").write_text("in the way")
    assert main(["prove", "sgd", "--report", str(tmp_path / "file" / "proofs.json")]) == 2
    assert "cannot write" in capsys.readouterr().err
