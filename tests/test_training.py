"""The training run: reproducible, resumable, and clear about what goes wrong."""

from __future__ import annotations

import errno
import io
import json
import os
import pty
import resource
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from training import checkpoint, data, files, plots, run
from training.__main__ import INTERRUPTED, main
from training.errors import TrainingError
from training.progress import Reporter

SMALL = ["--dataset", "digits", "--hidden", "16"]


def train(out: Path, *options: str) -> dict[str, Any]:
    assert main([*SMALL, "--out", str(out), *options]) == 0
    history: dict[str, Any] = json.loads((out / "history.json").read_text())
    return history


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a run of one epoch leaves."""
    folder = tmp_path_factory.mktemp("trained")
    train(folder, "--epochs", "1")
    return folder


@pytest.fixture
def one_epoch(trained: Path, tmp_path: Path) -> Path:
    """A copy of it to go on from."""
    return Path(shutil.copytree(trained, tmp_path / "one"))


def numbers(history: dict[str, Any]) -> list[tuple[float, float]]:
    return [(e["loss"], e["test_accuracy"]) for e in history["epochs"]]


def weights(out: Path) -> dict[str, np.ndarray]:
    with np.load(out / "weights.npz") as stored:
        return {name: stored[name] for name in stored.files}


def test_one_seed_gives_the_same_numbers_twice_and_another_seed_others(tmp_path: Path) -> None:
    once = train(tmp_path / "a", "--epochs", "2", "--seed", "3")
    twice = train(tmp_path / "b", "--epochs", "2", "--seed", "3")
    other = train(tmp_path / "c", "--epochs", "2", "--seed", "4")
    assert numbers(once) == numbers(twice) != numbers(other)
    assert all(np.array_equal(weights(tmp_path / "a")[k], v) for k, v in weights(tmp_path / "b").items())


def test_a_resumed_run_is_the_run_that_was_not_stopped(tmp_path: Path) -> None:
    whole = train(tmp_path / "whole", "--epochs", "4")
    train(tmp_path / "parts", "--epochs", "2")
    parts = train(tmp_path / "parts", "--epochs", "4", "--resume")
    assert numbers(parts) == numbers(whole)
    assert all(np.array_equal(weights(tmp_path / "whole")[k], v) for k, v in weights(tmp_path / "parts").items())


def test_the_epochs_of_a_run_are_one_call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real, calls = run.neural_network.train, []

    def counted(*args: Any, **options: Any) -> Any:
        calls.append(options["epochs"])
        return real(*args, **options)

    monkeypatch.setattr(run.neural_network, "train", counted)
    train(tmp_path, "--epochs", "3")
    train(tmp_path, "--epochs", "5", "--resume")
    assert calls == [3, 2]


def test_the_default_run_on_the_digits_learns(tmp_path: Path) -> None:
    assert main(["--dataset", "digits", "--out", str(tmp_path)]) == 0
    assert json.loads((tmp_path / "history.json").read_text())["test_accuracy"] > 0.95


def test_three_epochs_of_mnist_reach_97_percent(tmp_path: Path) -> None:
    from test_data import mnist_folder

    assert main(["--data", str(mnist_folder()), "--epochs", "3", "--out", str(tmp_path)]) == 0
    history = json.loads((tmp_path / "history.json").read_text())
    assert history["dataset"] == "mnist" and history["test_accuracy"] >= 0.97


@pytest.mark.skipif("TRAIN_MNIST" not in os.environ, reason="the whole default run; set TRAIN_MNIST=1")
def test_the_default_run_on_mnist_reaches_98_percent_within_a_minute(tmp_path: Path) -> None:
    assert main(["--dataset", "mnist", "--out", str(tmp_path)]) == 0
    history = json.loads((tmp_path / "history.json").read_text())
    assert history["hidden"] == 256 and len(history["epochs"]) <= 20
    assert history["test_accuracy"] >= 0.98 and history["seconds"] < 60


def test_json_has_the_contracts_keys_and_nothing_else_is_on_stdout(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*SMALL, "--epochs", "1", "--batch", "50", "--json", "--out", str(tmp_path)]) == 0
    result = json.loads(capsys.readouterr().out)
    assert set(result) == {"dataset", "hidden", "batch", "seed", "epochs", "test_accuracy", "seconds"}
    assert (result["dataset"], result["hidden"], result["batch"], result["seed"]) == ("digits", 16, 50, 0)
    assert set(result["epochs"][0]) == {"epoch", "loss", "test_accuracy", "seconds"}


def test_a_run_leaves_weights_history_checkpoint_and_three_pictures(trained: Path) -> None:
    assert sorted(p.name for p in trained.iterdir()) == [
        "checkpoint.npz",
        "first-layer.png",
        "history.json",
        "learning-curve.png",
        "misclassified.png",
        "weights.npz",
    ]
    for picture in trained.glob("*.png"):
        assert picture.read_bytes().startswith(b"\x89PNG")


def test_the_stored_weights_classify_raw_images(tmp_path: Path) -> None:
    from sklearn.datasets import load_digits

    from generated import neural_network

    train(tmp_path, "--epochs", "30")
    images, labels = load_digits(return_X_y=True)
    w = weights(tmp_path)
    X = ((images.T - w["mean"]) / w["std"]).astype(np.float32)
    Y = neural_network.forward([(w["W_1"], w["b_1"]), (w["W_2"], w["b_2"])], X)
    assert np.mean(Y.argmax(axis=0) == labels) > 0.95


def test_the_run_says_that_digits_are_not_mnist(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    train(tmp_path, "--epochs", "1")
    assert "this is not MNIST" in capsys.readouterr().out


# -- interrupts --------------------------------------------------------------------------------------


def test_an_interrupt_keeps_whole_epochs_and_can_be_resumed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    whole = train(tmp_path / "whole", "--epochs", "3")
    real, calls = run.neural_network._step, []
    batches = -(-1442 // run.DEFAULTS["digits"].batch)

    def stopping(params: Any, *args: Any) -> Any:
        calls.append(1)
        if len(calls) == 2 * batches + 2:
            params[0][0][:] = np.nan  # in the middle of a step of the third epoch
            raise KeyboardInterrupt
        return real(params, *args)

    monkeypatch.setattr(run.neural_network, "_step", stopping)
    assert main([*SMALL, "--epochs", "3", "--out", str(tmp_path / "cut")]) == INTERRUPTED
    assert "--resume goes on from there" in capsys.readouterr().out
    stopped = json.loads((tmp_path / "cut" / "history.json").read_text())
    assert numbers(stopped) == numbers(whole)[:2] and stopped["finished"] is False
    assert np.isfinite(weights(tmp_path / "cut")["W_1"]).all()
    monkeypatch.undo()
    assert numbers(train(tmp_path / "cut", "--epochs", "3", "--resume")) == numbers(whole)


def test_ctrl_c_ends_the_process_with_130_and_what_was_learned(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "training", *SMALL, "--epochs", "100000", "--out", str(tmp_path)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith("epoch"):
            break
    process.send_signal(signal.SIGINT)
    out, error = process.communicate(timeout=60)
    assert process.returncode == INTERRUPTED
    assert "Traceback" not in error and "interrupted after epoch" in out
    assert json.loads((tmp_path / "history.json").read_text())["epochs"]


# -- what goes wrong ---------------------------------------------------------------------------------


def refused(capsys: pytest.CaptureFixture[str], *options: str) -> str:
    """What the command says when it ends with exit code 2."""
    try:
        assert main(list(options)) == 2
    except SystemExit as stop:
        assert stop.code == 2
    return capsys.readouterr().err


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--hidden", "0"], "0 is less than 1"),
        (["--epochs", "many"], "'many' is not a whole number"),
        (["--learning-rate", "fast"], "'fast' is not a positive number"),
        (["--learning-rate", "nan"], "not a positive number"),
        (["--dataset", "cifar"], "invalid choice"),
        (["--dataset", "digits", "--batch", "5000"], "there are only 1442 training images"),
        (["--data", "nowhere"], "not found there"),
        (["--dataset", "digits", "--data", "x"], "--data is for MNIST"),
    ],
)
def test_a_wrong_option_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], options: list[str], said: str
) -> None:
    assert said in refused(capsys, *options, "--out", str(tmp_path / "out"))
    assert not (tmp_path / "out").exists()


def test_resume_needs_a_checkpoint(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "start without --resume" in refused(capsys, *SMALL, "--resume", "--out", str(tmp_path))


@pytest.mark.parametrize("keep", [0, 100, 2000], ids=["empty", "header", "half"])
def test_a_damaged_checkpoint_is_named(one_epoch: Path, capsys: pytest.CaptureFixture[str], keep: int) -> None:
    path = one_epoch / "checkpoint.npz"
    path.write_bytes(path.read_bytes()[:keep])
    assert "damaged checkpoint" in refused(capsys, *SMALL, "--resume", "--out", str(one_epoch))


def test_resume_with_other_settings_is_refused(trained: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said = refused(capsys, "--dataset", "digits", "--hidden", "17", "--resume", "--out", str(trained))
    assert "that run has --hidden 16, not 17" in said


def test_a_run_that_diverges_says_what_to_change(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said = refused(capsys, *SMALL, "--learning-rate", "1e30", "--out", str(tmp_path))
    assert "smaller --learning-rate" in said


def test_a_full_disk_is_named_and_leaves_nothing_half_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    said = refused(capsys, *SMALL, "--epochs", "1", "--out", str(tmp_path / "out"))
    assert "No space left on device" in said and "free some space" in said
    assert list((tmp_path / "out").iterdir()) == []


def test_a_disk_that_fills_during_the_run_leaves_the_last_whole_checkpoint(one_epoch: Path) -> None:
    before = (one_epoch / "checkpoint.npz").read_bytes()
    limit = len(before) // 2  # as if the disk had room for half a checkpoint

    def small() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    command = [sys.executable, "-m", "training", *SMALL, "--epochs", "2", "--resume", "--out", str(one_epoch)]
    done = subprocess.run(command, capture_output=True, text=True, preexec_fn=small, timeout=60)
    assert done.returncode == 2 and "File too large" in done.stderr and "Traceback" not in done.stderr
    assert (one_epoch / "checkpoint.npz").read_bytes() == before
    assert not list(one_epoch.glob(".*"))


def test_a_folder_that_cannot_be_written_is_found_before_the_first_epoch(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("in the way")
    assert main([*SMALL, "--out", str(tmp_path / "file" / "out")]) == 2
    said = capsys.readouterr()
    assert "choose another folder with --out" in said.err and "epoch" not in said.out


def test_a_write_that_fails_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "history.json"
    path.write_text("old")

    def fail(file: Any) -> None:
        file.write(b"half of the new")
        raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(TrainingError, match="nothing half-written"):
        files.write_atomically(path, fail)
    assert path.read_text() == "old" and list(tmp_path.iterdir()) == [path]


# -- progress and parts ------------------------------------------------------------------------------


def test_outside_a_terminal_each_epoch_is_one_line() -> None:
    file = io.StringIO()
    with Reporter(file, 2) as report:
        report.epoch(1, 0.5, 0.9, 1.0)
        report.epoch(2, 0.25, 0.95, 1.0)
    assert file.getvalue().splitlines() == [
        "epoch   1/2  loss 0.5000  test accuracy 90.00%  1.00 s",
        "epoch   2/2  loss 0.2500  test accuracy 95.00%  1.00 s",
    ]


def test_in_a_terminal_there_is_a_bar_with_loss_and_accuracy(tmp_path: Path) -> None:
    parent, child = pty.openpty()
    command = [sys.executable, "-m", "training", *SMALL, "--epochs", "2", "--out", str(tmp_path)]
    environment = {**os.environ, "TERM": "xterm", "COLUMNS": "120"}
    done = subprocess.run(command, stdout=child, stderr=child, env=environment, timeout=60)
    os.close(child)
    shown = b""
    while True:
        try:
            block = os.read(parent, 1 << 16)
        except OSError:  # Linux: the other end is closed
            break
        if not block:
            break
        shown += block
    os.close(parent)
    assert done.returncode == 0
    assert "2/2" in shown.decode() and "━" in shown.decode() and "test accuracy" in shown.decode()


def test_start_is_a_function_of_the_seed() -> None:
    digits = data.load("digits")
    settings = run.DEFAULTS["digits"]
    one, two = run.start(digits, settings), run.start(digits, settings)
    assert all(np.array_equal(a, b) for x, y in zip(one.params, two.params) for a, b in zip(x, y))
    assert {a.dtype for pair in one.params for a in pair} == {np.dtype(np.float32)}


def test_a_checkpoint_comes_back_as_it_was(tmp_path: Path) -> None:
    state = run.start(data.load("digits"), run.DEFAULTS["digits"])
    checkpoint.save(tmp_path / "c.npz", state)
    back = checkpoint.load(tmp_path / "c.npz")
    assert back.settings == state.settings and back.random == state.random and back.epochs == []
    assert all(np.array_equal(a, b) for x, y in zip(back.params, state.params) for a, b in zip(x, y))


def test_a_run_without_mistakes_still_has_its_picture(tmp_path: Path) -> None:
    labels = np.arange(3)
    plots.misclassified(np.zeros((4, 3), np.float32), labels, labels, 2, tmp_path / "none.png")
    assert (tmp_path / "none.png").read_bytes().startswith(b"\x89PNG")
