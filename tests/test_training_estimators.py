"""The five models as scikit-learn estimators, by scikit-learn's own checks and models."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn import datasets, linear_model
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

from training import estimators

ALL = [
    estimators.LinearRegression(),
    estimators.RidgeRegression(),
    estimators.LogisticRegression(),
    estimators.SoftmaxRegression(),
    estimators.NeuralNetwork(epochs=50, random_state=0),
]


@pytest.mark.filterwarnings("ignore")
@parametrize_with_checks(ALL)
def test_scikit_learns_own_checks(estimator: Any, check: Any) -> None:
    check(estimator)


def test_linear_regression_is_scikit_learns() -> None:
    X, y = datasets.load_diabetes(return_X_y=True)
    ours, theirs = estimators.LinearRegression().fit(X, y), linear_model.LinearRegression().fit(X, y)
    assert ours.coef_ == pytest.approx(theirs.coef_, rel=1e-6)
    assert ours.intercept_ == pytest.approx(theirs.intercept_)


@pytest.mark.parametrize("fit_intercept", [True, False])
def test_ridge_regression_is_scikit_learns(fit_intercept: bool) -> None:
    X, y = datasets.load_diabetes(return_X_y=True)
    ours = estimators.RidgeRegression(0.3, fit_intercept=fit_intercept).fit(X, y)
    theirs = linear_model.Ridge(0.3, fit_intercept=fit_intercept).fit(X, y)
    assert ours.coef_ == pytest.approx(theirs.coef_, rel=1e-6)
    assert ours.predict(X) == pytest.approx(theirs.predict(X))


def test_logistic_regression_is_scikit_learns_without_a_penalty() -> None:
    X, y = datasets.load_breast_cancer(return_X_y=True)
    X = StandardScaler().fit_transform(X)[:, :4]
    ours = estimators.LogisticRegression().fit(X, y)
    theirs = linear_model.LogisticRegression(C=np.inf, tol=1e-8, max_iter=1000).fit(X, y)
    assert ours.predict_proba(X) == pytest.approx(theirs.predict_proba(X), abs=1e-3)


def test_softmax_regression_is_scikit_learns_without_a_penalty() -> None:
    X, y = datasets.load_iris(return_X_y=True)
    X = X[:, :2]  # of all four the classes can be separated and there is no minimum
    ours = estimators.SoftmaxRegression(max_iter=2000).fit(X, y)
    theirs = linear_model.LogisticRegression(C=np.inf, tol=1e-8, max_iter=5000).fit(X, y)
    assert ours.predict_proba(X) == pytest.approx(theirs.predict_proba(X), abs=1e-2)


def test_two_classes_of_softmax_are_logistic_regression() -> None:
    X, y = datasets.load_breast_cancer(return_X_y=True)
    X = StandardScaler().fit_transform(X)[:, :3]
    one = estimators.SoftmaxRegression().fit(X, y).predict_proba(X)
    two = estimators.LogisticRegression().fit(X, y).predict_proba(X)
    assert one == pytest.approx(two, abs=1e-3)


def test_a_network_of_two_hidden_layers_learns_the_digits_in_a_pipeline() -> None:
    X, y = datasets.load_digits(return_X_y=True)
    model = make_pipeline(
        StandardScaler(), estimators.NeuralNetwork((64, 32), learning_rate=0.3, epochs=60, random_state=1)
    )
    assert model.fit(X[:1200], y[:1200]).score(X[1200:], y[1200:]) > 0.9
    assert [W.shape for W, _ in model[-1].params_] == [(64, 64), (32, 64), (10, 32)]


def test_single_precision_stays_single_precision() -> None:
    X, y = datasets.load_iris(return_X_y=True)
    for model in (estimators.SoftmaxRegression(), estimators.NeuralNetwork((8,), epochs=2, random_state=0)):
        assert model.fit(X.astype(np.float32), y).predict_proba(X.astype(np.float32)).dtype == np.float32


def test_classes_keep_their_names() -> None:
    X, y = datasets.load_iris(return_X_y=True, as_frame=False)
    names = np.array(["setosa", "versicolor", "virginica"])[y]
    assert set(estimators.SoftmaxRegression().fit(X, names).predict(X)) == set(names)


def test_a_search_over_the_penalty_runs() -> None:
    X, y = datasets.load_diabetes(return_X_y=True)
    search = GridSearchCV(estimators.RidgeRegression(), {"lam": [0.01, 1.0, 100.0]}).fit(X, y)
    assert search.best_params_["lam"] == 0.01


def test_dependent_columns_are_named_with_what_to_do() -> None:
    X = np.column_stack([np.arange(6.0), 2 * np.arange(6.0)])
    with pytest.raises(ValueError, match="linearly dependent"):
        estimators.LinearRegression().fit(X, np.ones(6))


def test_a_third_class_is_sent_to_softmax() -> None:
    X, y = datasets.load_iris(return_X_y=True)
    with pytest.raises(ValueError, match="SoftmaxRegression"):
        clone(ALL[2]).fit(X, y)


def test_a_penalty_must_be_positive() -> None:
    with pytest.raises(ValueError, match="lam is -1"):
        estimators.RidgeRegression(-1).fit(np.ones((3, 1)), np.ones(3))
