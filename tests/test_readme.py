"""Every command and example in README.md works as it stands there.

A block whose info string has a second word is a file of that name; a `console` block has commands after `$ ` and what
they print, where `…` stands for anything; a `python` block without a name runs by itself and prints the comments of its
prints. A block after "<!-- from: PATH -->" is a quotation: its lines stand in that file.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
TEXT = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"(?:<!-- from: (?P<source>\S+) -->\n)?^```(?P<info>[^\n]*)\n(?P<body>.*?)^```$", re.M | re.S)
BLOCKS = [(match["info"].split(), match["source"], match["body"]) for match in BLOCK.finditer(TEXT)]
MAKE = [line[2:] for info, _, body in BLOCKS if info == ["console"] for line in body.splitlines()
        if line.startswith("$ make")]  # fmt: skip


def commands() -> list[tuple[str, list[str]]]:
    """Each command of the `console` blocks with the lines that it prints; make's are tested apart."""
    found: list[tuple[str, list[str]]] = []
    for info, _, body in BLOCKS:
        if info == ["console"]:
            for line in body.splitlines():
                if line.startswith("$ "):
                    found.append((line[2:], []))
                else:
                    found[-1][1].append(line)
    return [(command, lines) for command, lines in found if command not in MAKE]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the README's files and, on the path, its commands."""
    folder = tmp_path_factory.mktemp("readme")
    (folder / "bin").mkdir()
    for name in ("derive", "codegen", "training", "python", "pytest"):
        script = folder / "bin" / name
        module = "" if name == "python" else f"-m {name} "
        script.write_text(f'#!/bin/sh\nexec "{sys.executable}" {module}"$@"\n')
        script.chmod(0o755)
    for info, _, body in BLOCKS:
        if len(info) == 2:
            (folder / info[1]).write_text(body, encoding="utf-8")
    return folder


def run(command: str, place: Path) -> subprocess.CompletedProcess[str]:
    environment = {
        **os.environ,
        "PATH": f"{place / 'bin'}:{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
        "COLUMNS": "120",
    }
    return subprocess.run(
        ["sh", "-c", command], cwd=place, env=environment, capture_output=True, text=True, timeout=120
    )


def pattern(lines: list[str]) -> str:
    """A line that is only `…` stands for any lines."""
    made = ""
    for line in lines:
        made += r"[\s\S]*" if line == "…" else ".*".join(re.escape(part) for part in line.split("…")) + r"\s*"
    return made


def test_the_commands_print_what_is_shown(place: Path) -> None:
    for command, lines in commands():  # in order: later ones use what earlier ones wrote
        done = run(command, place)
        assert "Traceback" not in done.stderr, f"{command}\n{done.stderr}"
        shown = "\n".join(lines).strip()
        if shown:
            found = re.search(pattern(shown.splitlines()), done.stdout + done.stderr)
            assert found, f"$ {command}\n{done.stdout}{done.stderr}"
        else:
            assert done.returncode == 0, f"$ {command}\n{done.stdout}{done.stderr}"


@pytest.mark.parametrize("body", [b for info, _, b in BLOCKS if info == ["python"] and _ is None])
def test_a_python_example_runs(body: str, place: Path) -> None:
    (place / "example.py").write_text(body, encoding="utf-8")
    done = run("python example.py", place)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == re.findall(r"^print\(.*\)  # (.*)$", body, re.M)


@pytest.mark.parametrize(("source", "body"), [(source, body) for _, source, body in BLOCKS if source])
def test_quoted_code_stands_in_its_file(source: str, body: str) -> None:
    text = (ROOT / source).read_text(encoding="utf-8")
    assert [line for line in body.splitlines() if line.strip() not in text] == []


@pytest.mark.parametrize("command", MAKE)
def test_the_makefile_knows_the_targets(command: str) -> None:
    if shutil.which("make") is None:
        pytest.skip("no make")
    done = subprocess.run([*command.split("#")[0].split(), "-n"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


NAMED = set(re.findall(r"\]\(([^)#:]+)\)", TEXT)) | set(re.findall(r"`([a-z_]+/[\w./-]*)`", TEXT))


@pytest.mark.parametrize("path", sorted(NAMED))
def test_a_path_that_is_named_exists(path: str) -> None:
    assert path.startswith("out/") or (ROOT / path).exists()
