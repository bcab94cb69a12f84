"""The derivations of the lecture, by name and in its order."""

from __future__ import annotations

from collections.abc import Callable

from derive.blackboard import Derivation
from derive.lecture.forms import log_forms, program_forms
from derive.lecture.likelihood import bernoulli_nll, gaussian_mle
from derive.lecture.logistic import logistic_gradient, logit_sigmoid, sigmoid_derivative
from derive.lecture.network import backpropagation, layer_gradients
from derive.lecture.regression import gradient_descent, least_squares, map_ridge, mle_least_squares
from derive.lecture.sgd import minibatch, sgd
from derive.lecture.softmax import softmax, softmax_cross_entropy
from derive.lecture.stable import stable_forms

DERIVATIONS: dict[str, Callable[[], Derivation]] = {
    "least-squares": least_squares,
    "gradient-descent": gradient_descent,
    "gaussian-mle": gaussian_mle,
    "mle-least-squares": mle_least_squares,
    "map-ridge": map_ridge,
    "logit-sigmoid": logit_sigmoid,
    "bernoulli-nll": bernoulli_nll,
    "sigmoid-derivative": sigmoid_derivative,
    "logistic-gradient": logistic_gradient,
    "softmax": softmax,
    "softmax-cross-entropy": softmax_cross_entropy,
    "layer-gradients": layer_gradients,
    "backpropagation": backpropagation,
    "minibatch": minibatch,
    "sgd": sgd,
    "stable-forms": stable_forms,
    "log-forms": log_forms,
    "program-forms": program_forms,
}
