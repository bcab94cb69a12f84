"""The summary at the end of `make` says what its steps have left."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from training import summary

PROOFS = {
    "steps": [{"derivation": "sgd"}, {"derivation": "sgd"}, {"derivation": "softmax"}],
    "summary": {"proved": 3, "refuted": 0, "unknown": 0, "error": 0},
    "seconds": 4.2,
}
EXERCISES = [{"exercise": 1, "largest_difference": 2e-15}, {"exercise": 2, "largest_gradient": 3e-14}]
RUN = {"data": "digits (this is not MNIST): 1 image", "test_accuracy": 0.971, "epochs": [{}, {}], "seconds": 1.5}


def write(folder: Path) -> None:
    files = {"proofs.json": PROOFS, "exercises/exercises.json": EXERCISES, "training/history.json": RUN}
    for name, value in files.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(json.dumps(value))


def test_it_names_proofs_exercises_and_accuracy(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(tmp_path)
    assert summary.main([str(tmp_path)]) == 0
    text = capsys.readouterr().out
    assert "3 steps of the lecture's 2 derivations" in text
    assert "differ by 2e-15" in text and "gradient of 3e-14" in text
    assert "digits (this is not MNIST): test accuracy 97.10% after 2 epochs" in text


def test_steps_that_are_not_proved_are_counted(tmp_path: Path) -> None:
    write(tmp_path)
    (tmp_path / "proofs.json").write_text(json.dumps({**PROOFS, "summary": {**PROOFS["summary"], "unknown": 2}}))
    assert "2 unknown" in summary.lines(tmp_path)[0]


def test_a_missing_file_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert summary.main([str(tmp_path)]) == 2
    assert "proofs.json: cannot read" in capsys.readouterr().err
