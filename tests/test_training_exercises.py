"""The lecture's exercises come out, against references that share no code with them."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from training import exercises
from training.__main__ import main


@pytest.mark.parametrize("seed", range(3))
def test_closed_form_and_descent_agree_to_1e_8(tmp_path: Path, seed: int) -> None:
    facts = exercises.least_squares(seed, tmp_path)
    assert facts["solved"] and facts["largest_difference"] <= 1e-8
    rng = np.random.default_rng(seed)
    X, w = rng.standard_normal((100, 20)), rng.standard_normal(20)
    y = X @ w + 2 * rng.standard_normal(100)
    residual = np.linalg.lstsq(X, y, rcond=None)[1][0]
    assert facts["loss_closed_form"] == pytest.approx(residual / 2)


def test_the_noise_has_variance_4_and_not_deviation_4(tmp_path: Path) -> None:
    # Σ residual²/(N − D) estimates the variance; the mean of 6 such estimates has a deviation of 0.26
    found = [2 * exercises.least_squares(seed, tmp_path)["loss_closed_form"] / 80 for seed in range(6)]
    assert np.mean(found) == pytest.approx(4, abs=1)


def test_logistic_regression_is_the_one_scikit_learn_finds(tmp_path: Path) -> None:
    from sklearn.linear_model import LogisticRegression

    facts = exercises.logistic(0, tmp_path)
    rng = np.random.default_rng(0)
    x = 2 * rng.standard_normal(100)
    d = rng.random(100) < 1 / (1 + np.exp(-(1.5 * x - 1)))
    reference = LogisticRegression(C=np.inf, tol=1e-10).fit(x[:, None], d)
    assert facts["weights"] == pytest.approx([reference.coef_[0, 0], reference.intercept_[0]], abs=1e-4)


def test_the_command_does_both_and_leaves_pictures_and_numbers(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["exercise", "--out", str(tmp_path)]) == 0
    assert sorted(p.name for p in tmp_path.iterdir()) == ["exercise-1.png", "exercise-2.png", "exercises.json"]
    assert [f["exercise"] for f in json.loads((tmp_path / "exercises.json").read_text())] == [1, 2]
    assert "σ(0) = 0.5" in capsys.readouterr().out


def test_exercises_done_one_by_one_are_all_kept(tmp_path: Path) -> None:
    for which, seed in (("2", "1"), ("1", "0"), ("2", "0")):
        assert main(["exercise", which, "--seed", seed, "--out", str(tmp_path)]) == 0
    kept = json.loads((tmp_path / "exercises.json").read_text())
    assert [(f["exercise"], f["seed"]) for f in kept] == [(1, 0), (2, 0)]


def test_descent_that_does_not_arrive_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from generated import linear_regression

    monkeypatch.setattr(linear_regression, "fit", lambda X, y, learning_rate, steps: np.zeros(X.shape[1]))
    assert main(["exercise", "1", "--out", str(tmp_path)]) == 1


def test_an_exercise_that_does_not_exist_is_a_usage_error(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["exercise", "7"])
    assert "there are 1 and 2" in capsys.readouterr().err
