"""Which theorem of the lecture becomes which function of `generated/`.

No mathematics stands here: a function names steps of a derivation and what of them it computes.
Arguments are names of the lecture, in the order of the contract; what a program needs beyond them
(the λ of a penalty that the derivation has) follows in the order of declaration.
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class At:
    """A step of one of the lecture's derivations."""

    derivation: str
    label: str


@dataclass(frozen=True)
class Function:
    """One function of a generated module."""

    name: str
    summary: str
    arguments: tuple[str, ...]


@dataclass(frozen=True)
class ValueOf(Function):
    """The value of a name that the step's context defines: the theorem `name = its body`."""

    step: At
    defined: str


@dataclass(frozen=True)
class RightSides(Function):
    """B of each step `A = B`, or of `P ⟺ A = B`; several make a tuple."""

    steps: tuple[At, ...]


@dataclass(frozen=True)
class Iterated(Function):
    """x ← B, from x = 0, for the steps `x_{t+1} = B` of all variables of `state` at once."""

    steps: tuple[At, ...]
    state: tuple[str, ...]


@dataclass(frozen=True)
class Layered(Function):
    """What the induction over layers concludes: of any depth, over `params = [(W, b), …]`.

    `kind` is "forward" (the value of `defined` in the output's context), "loss", "gradients" or
    "train"; `updates` are the steps of a layer on hidden values and of the one on the data.
    """

    induction: At
    kind: str
    defined: str = ""
    updates: tuple[tuple[At, ...], tuple[At, ...]] = ((), ())


@dataclass(frozen=True)
class Module:
    """One file of `generated/`."""

    name: str
    title: str
    functions: tuple[Function, ...]
    shapes: str = ""
    #: names of the contract that are not the lecture's own spelling
    spelled: dict[str, str] = field(default_factory=lambda: {"η": "learning_rate"})


def _least_squares() -> tuple[Function, ...]:
    gradient = At("least-squares", "gradient")
    return (
        ValueOf("loss", "The squared error.", ("X", "w", "y"), gradient, "L"),
        RightSides("gradient", "The gradient of the loss by w.", ("X", "w", "y"), (gradient,)),
        RightSides(
            "solve",
            "The w of the least loss, from the normal equations.",
            ("X", "y"),
            (At("least-squares", "closed-form"),),
        ),
        Iterated(
            "fit",
            "The w that gradient descent reaches from zero.",
            ("X", "y", "η"),
            (At("gradient-descent", "update"),),
            ("w",),
        ),
    )


def _ridge() -> tuple[Function, ...]:
    gradient = At("map-ridge", "gradient")
    return (
        ValueOf("loss", "The squared error with its penalty.", ("X", "w", "y", "λ"), gradient, "L"),
        RightSides("gradient", "The gradient of the loss by w.", ("X", "w", "y", "λ"), (gradient,)),
        RightSides(
            "solve",
            "The w of the least loss: the posterior's maximum.",
            ("X", "y", "λ"),
            (At("map-ridge", "closed-form"),),
        ),
        Iterated(
            "fit",
            "The w that gradient descent reaches from zero.",
            ("X", "y", "λ", "η"),
            (At("map-ridge", "update"),),
            ("w",),
        ),
    )


def _logistic() -> tuple[Function, ...]:
    gradient = At("logistic-gradient", "gradient")
    return (
        ValueOf("predict_proba", "The probability of class 1 for each row of X.", ("X", "w"), gradient, "y"),
        ValueOf("loss", "The cross entropy, summed over the rows of X.", ("X", "w", "d"), gradient, "L"),
        RightSides("gradient", "The gradient of the loss by w.", ("X", "w", "d"), (gradient,)),
        Iterated(
            "fit",
            "The w that gradient descent reaches from zero.",
            ("X", "d", "η"),
            (At("logistic-gradient", "update"),),
            ("w",),
        ),
    )


def _softmax() -> tuple[Function, ...]:
    name = "softmax-cross-entropy"
    weights = At(name, "weights")
    everything = ("W", "b", "X", "D")
    return (
        ValueOf("predict_proba", "The probability of each class for each column of X.", ("W", "b", "X"), weights, "Y"),
        ValueOf("loss", "The cross entropy, a mean over the columns of X.", everything, weights, "L"),
        RightSides(
            "gradients",
            "The gradients of the loss by W and by b.",
            everything,
            (weights, At(name, "bias")),
        ),
        Iterated(
            "fit",
            "The W and b that gradient descent reaches from zero.",
            ("X", "D", "η"),
            (At(name, "weights-update"), At(name, "bias-update")),
            ("W", "b"),
        ),
    )


def _network() -> tuple[Function, ...]:
    name = "backpropagation"
    network = At(name, "network")
    return (
        Layered("forward", "The probability of each class for each column of X.", ("X",), network, "forward", "Y"),
        Layered("loss", "The cross entropy, a mean over the columns of X.", ("X", "D"), network, "loss"),
        Layered(
            "gradients",
            "The gradients of the loss: (dW, db) for every layer, as in `params`.",
            ("X", "D"),
            network,
            "gradients",
        ),
        Layered(
            "train",
            "The parameters after mini-batch gradient descent; those given stay as they are.",
            ("X", "D", "η"),
            network,
            "train",
            updates=(
                (At(name, "network-weights-update"), At(name, "network-bias-update")),
                (At(name, "network-input-weights-update"), At(name, "network-input-bias-update")),
            ),
        ),
    )


ROWS = "Samples are the rows of X."
COLUMNS = "Samples are the columns of X."

MODULES: tuple[Module, ...] = (
    Module("linear_regression", "Linear regression by least squares.", _least_squares(), ROWS),
    Module("ridge_regression", "Linear regression with an L2 penalty (ridge regression).", _ridge(), ROWS),
    Module("logistic_regression", "Logistic regression for two classes.", _logistic(), ROWS),
    Module("softmax_regression", "Softmax regression for K classes.", _softmax(), COLUMNS),
    Module("neural_network", "A network of any depth with softmax outputs.", _network(), COLUMNS),
)
