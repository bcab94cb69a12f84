"""The lecture's five models as scikit-learn estimators: `fit`, `predict`, `predict_proba`.

Every formula is the generated modules'; here is only scikit-learn's convention: checking the input, naming
the classes, a column of ones for the intercept. As there, samples are rows: X (N, D), y (N,).
"""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import minimize
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin
from sklearn.utils import check_random_state
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, validate_data

from generated import (
    linear_regression,
    logistic_regression,
    neural_network,
    ridge_regression,
    softmax_regression,
)
from training.layers import initial_layers

Floats = NDArray[np.floating[Any]]

_FLOATS = (np.float64, np.float32)  # kept as they are; everything else becomes the first


class _Linear(RegressorMixin, BaseEstimator):
    fit_intercept: bool

    def _solve(self, X: Floats, y: Floats) -> Floats:
        raise NotImplementedError

    def fit(self, X: ArrayLike, y: ArrayLike) -> Self:
        """Find the weights. Raises `ValueError` where the data do not determine them."""
        found: tuple[Floats, Floats] = validate_data(
            self, X, y, dtype=_FLOATS, y_numeric=True, ensure_min_samples=2
        )
        samples, targets = found[0], found[1].astype(found[0].dtype)
        # About the means the intercept drops out of the problem: the same minimum, and no penalty on it
        x_mean, y_mean = samples.mean(axis=0), targets.mean()
        if not self.fit_intercept:
            x_mean, y_mean = np.zeros_like(x_mean), np.zeros_like(y_mean)
        self.coef_ = self._solve(samples - x_mean, targets - y_mean)
        self.intercept_ = y_mean - x_mean @ self.coef_
        return self

    def predict(self, X: ArrayLike) -> Floats:
        """Xw + b, shape (N,)."""
        check_is_fitted(self)
        samples: Floats = validate_data(self, X, dtype=_FLOATS, reset=False)
        values: Floats = samples @ self.coef_ + self.intercept_
        return values


class LinearRegression(_Linear):
    """Least squares in closed form (theorem least-squares).

    Attributes: `coef_` (D,), `intercept_`.
    """

    def __init__(self, *, fit_intercept: bool = True) -> None:
        self.fit_intercept = fit_intercept

    def _solve(self, X: Floats, y: Floats) -> Floats:
        try:
            return linear_regression.solve(X, y)
        except ValueError as error:  # the input is checked: only XᵀX can be singular
            raise ValueError(
                "the columns of X are linearly dependent, so the weights are not determined; "
                "leave columns out, add samples, or use RidgeRegression"
            ) from error


class RidgeRegression(_Linear):
    """Least squares with the penalty `lam`‖w‖² in closed form (theorem map-ridge).

    `lam` > 0 is the ratio of the noise's variance and the prior's. Attributes: `coef_` (D,), `intercept_`.
    """

    def __init__(self, lam: float = 1.0, *, fit_intercept: bool = True) -> None:
        self.lam = lam
        self.fit_intercept = fit_intercept

    def _solve(self, X: Floats, y: Floats) -> Floats:
        if not self.lam > 0:
            raise ValueError(f"lam is {self.lam}; it must be positive")
        return ridge_regression.solve(X, y, float(self.lam))


class _Classifier(ClassifierMixin, BaseEstimator):
    def _checked(self, X: ArrayLike, y: ArrayLike) -> tuple[Floats, NDArray[np.intp]]:
        """The samples, and of each the number of its class."""
        samples, labels = validate_data(self, X, y, dtype=_FLOATS, ensure_min_samples=2)
        check_classification_targets(labels)
        self.classes_, numbers = np.unique(labels, return_inverse=True)
        if self.classes_.size < 2:
            raise ValueError(f"{type(self).__name__} needs two classes; y has only one class: {self.classes_[0]}")
        checked: Floats = samples
        return checked, numbers

    def predict_proba(self, X: ArrayLike) -> Floats:
        raise NotImplementedError

    def _samples(self, X: ArrayLike) -> Floats:
        check_is_fitted(self)
        return np.asarray(validate_data(self, X, dtype=_FLOATS, reset=False))

    def predict(self, X: ArrayLike) -> NDArray[Any]:
        """The likeliest class of each sample, shape (N,)."""
        probabilities = self.predict_proba(X)
        return np.asarray(self.classes_[np.argmax(probabilities, axis=1)])


class LogisticRegression(_Classifier):
    """Two classes, by the cross entropy's minimum (theorem logistic-gradient).

    `max_iter`: steps of L-BFGS at most. Attributes: `classes_`, `coef_` (D,), `intercept_`, `n_iter_`.
    """

    def __init__(self, *, fit_intercept: bool = True, max_iter: int = 200) -> None:
        self.fit_intercept = fit_intercept
        self.max_iter = max_iter

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_class = False
        return tags

    def fit(self, X: ArrayLike, y: ArrayLike) -> Self:
        """Find the weights. Raises `ValueError` unless there are two classes."""
        samples, numbers = self._checked(X, y)
        if self.classes_.size > 2:
            raise ValueError(
                f"Only binary classification is supported; y has {self.classes_.size} classes, "
                "for which there is SoftmaxRegression"
            )
        samples = self._with_ones(samples.astype(np.float64))
        labels = numbers.astype(samples.dtype)
        found = minimize(
            lambda w: (logistic_regression.loss(samples, w, labels), logistic_regression.gradient(samples, w, labels)),
            np.zeros(samples.shape[1]),
            jac=True,
            method="L-BFGS-B",
            options={"maxiter": self.max_iter},
        )
        self.n_iter_ = found.nit
        self._weights = found.x
        self.coef_ = found.x[: self.n_features_in_]
        self.intercept_ = found.x[-1] if self.fit_intercept else 0.0
        return self

    def predict_proba(self, X: ArrayLike) -> Floats:
        """Probabilities of the two classes, shape (N, 2)."""
        samples = self._samples(X)
        second = logistic_regression.predict_proba(self._with_ones(samples), self._weights.astype(samples.dtype))
        return np.column_stack([1 - second, second])

    def _with_ones(self, X: Floats) -> Floats:
        return np.column_stack([X, np.ones(X.shape[0], X.dtype)]) if self.fit_intercept else X


class SoftmaxRegression(_Classifier):
    """Any number of classes, by the mean cross entropy's minimum (theorem softmax-cross-entropy).

    `max_iter`: steps of L-BFGS at most. Attributes: `classes_`, `coef_` (K, D), `intercept_` (K,), `n_iter_`.
    """

    def __init__(self, *, max_iter: int = 200) -> None:
        self.max_iter = max_iter

    def fit(self, X: ArrayLike, y: ArrayLike) -> Self:
        """Find weights and biases."""
        samples, numbers = self._checked(X, y)
        columns = np.ascontiguousarray(samples.T, np.float64)
        D = _one_hot(numbers, self.classes_.size, columns.dtype)
        K, features = D.shape[0], columns.shape[0]

        def layer(flat: Floats) -> tuple[Floats, Floats]:
            return flat[: K * features].reshape(K, features), flat[K * features :]

        def value_and_gradient(flat: Floats) -> tuple[float, Floats]:
            W, b = layer(flat)
            dW, db = softmax_regression.gradients(W, b, columns, D)
            return float(softmax_regression.loss(W, b, columns, D)), np.concatenate([dW.ravel(), db])

        start = np.zeros(K * features + K)
        options = {"maxiter": self.max_iter}
        found = minimize(value_and_gradient, start, jac=True, method="L-BFGS-B", options=options)
        self.n_iter_ = found.nit
        self.coef_, self.intercept_ = layer(found.x)
        return self

    def predict_proba(self, X: ArrayLike) -> Floats:
        """Probabilities of the classes, shape (N, K)."""
        samples = self._samples(X)
        W, b = self.coef_.astype(samples.dtype), self.intercept_.astype(samples.dtype)
        return np.ascontiguousarray(softmax_regression.predict_proba(W, b, samples.T).T)


class NeuralNetwork(_Classifier):
    """A network of any depth, by mini-batch gradient descent on the mean cross entropy (theorem backpropagation).

    `hidden`: units of the hidden layers from the input up. Attributes: `classes_`, `params_` [(W, b), …],
    `loss_curve_` (the mean loss of each epoch), `n_iter_` (epochs).
    """

    def __init__(
        self,
        hidden: tuple[int, ...] = (100,),
        *,
        learning_rate: float = 0.5,
        batch: int = 32,
        epochs: int = 100,
        random_state: int | np.random.RandomState | None = None,
    ) -> None:
        self.hidden = hidden
        self.learning_rate = learning_rate
        self.batch = batch
        self.epochs = epochs
        self.random_state = random_state

    def fit(self, X: ArrayLike, y: ArrayLike) -> Self:
        """Train from new random weights. Raises `ValueError` where the loss is no number any more."""
        samples, numbers = self._checked(X, y)
        D = _one_hot(numbers, self.classes_.size, samples.dtype)
        # the convention's random_state, as the seed of the generator that the generated code takes
        rng = np.random.default_rng(check_random_state(self.random_state).randint(2**31))
        self.loss_curve_: list[float] = []
        start = initial_layers(samples.T, [*self.hidden, self.classes_.size], rng)
        self.params_ = neural_network.train(
            start,
            samples.T,
            D,
            learning_rate=self.learning_rate,
            batch=min(self.batch, samples.shape[0]),
            epochs=self.epochs,
            rng=rng,
            callback=lambda epoch, params, loss: self.loss_curve_.append(float(loss)),
        )
        if not np.isfinite(self.loss_curve_[-1]):
            raise ValueError(f"the loss became {self.loss_curve_[-1]}: scale X, or lower learning_rate")
        self.n_iter_ = len(self.loss_curve_)
        return self

    def predict_proba(self, X: ArrayLike) -> Floats:
        """Probabilities of the classes, shape (N, K)."""
        samples = self._samples(X)
        params = [(W.astype(samples.dtype), b.astype(samples.dtype)) for W, b in self.params_]
        return np.ascontiguousarray(neural_network.forward(params, samples.T).T)


def _one_hot(numbers: NDArray[np.intp], classes: int, dtype: np.dtype[Any]) -> Floats:
    D = np.zeros((classes, numbers.size), dtype)
    D[numbers, np.arange(numbers.size)] = 1
    return D
