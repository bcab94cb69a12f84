"""The induction over layers with a factor and a penalty: what is proved, and which neighbours are not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from derive.blackboard import Derivation, diff, eq, log, norm2, odot, ones, sqrt, sum_
from derive.context import POSITIVE
from derive.kernel import NotProved, Scene, Theorem, every_depth
from derive.lecture.likelihood import BINARY
from derive.lecture.softmax import mean_cross_entropy
from derive.props import EveryDepth
from derive.prover import prove, prove_all
from derive.terms import Add, Diff, Term, Var

#: what a penalty may be made of: the derivation, W, b, the layer's hidden values, the layers above, E
Parts = Callable[[Derivation, Var, Var, Term, Term, Callable[..., Term]], Any]


def derivation(whole: Parts, below: Parts | None = None) -> Derivation:
    """A network of tanh-like f with C := whole(…) in each layer; `below` in the lowest one, if it differs."""
    d = Derivation("depth")
    J, K, N = d.sizes("J K N")
    upper: dict[str, Any] = {}
    for lowest in (False, True):
        with d.section():
            f, E = d.function("f"), d.function("E", K, N)
            U = d.matrix("X" if lowest else "U^{(l)}", J, N)
            W, b = d.matrix("W^{(l+1)}", K, J), d.vector("b^{(l+1)}", K)
            Z = U if lowest else d.define("Z^{(l)}", f(U))
            V = d.define("U^{(l+1)}", W @ Z + b @ ones(N).T)
            L = d.define("L", E(V))
            Δ = d.define("Δ^{(l+1)}", diff(L, V))
            body, by_W, by_b = (below or whole if lowest else whole)(d, W, b, Z, L, E)
            C = d.define("C", body)
            word = "input" if lowest else "layer"
            d.claim(f"{word}-W", eq(diff(C, W), by_W(Δ @ Z.T)))
            d.claim(f"{word}-b", eq(diff(C, b), by_b(Δ @ ones(N))))
            if lowest:
                upper["data"] = U
            else:
                d.claim("step", eq(diff(L, U), odot(f(U, 1), W.T @ Δ)))
                upper |= {"layer": (U, Z, V, Δ), "whole": C}
    with d.section():
        U, D = d.matrix("U^{(L)}", K, N), d.matrix("D", K, N, BINARY)
        _, S, _ = mean_cross_entropy(d, D, U, N)
        k, n = d.index("k", K), d.index("n", N)
        with d.assuming(eq(sum_(k, D[k, n]), 1), text="each column of D sums to one"):
            d.claim("base", eq(diff(S, U), mean_cross_entropy(d, D, U, N)[0] - D))
    d.induction(
        "every-depth", output=(S, U, "base"), step="step", parameters=("layer-W", "layer-b"),
        inputs=("input-W", "input-b"), **upper,
    )  # fmt: skip
    return d


def same(g: Term) -> Term:
    return g


def plus(more: Term) -> Callable[[Term], Term]:
    return lambda g: g + more


def ridge(d: Derivation, W: Var, b: Var, Z: Term, L: Term, E: Any) -> Any:
    λ = d.scalar("λ", POSITIVE)
    return L + λ * norm2(W) / 2, plus(λ * W), same


def mean(d: Derivation, W: Var, b: Var, Z: Term, L: Term, E: Any) -> Any:
    N = Z.shape[1]
    return L / N + norm2(b), lambda g: g / N, lambda g: g / N + 2 * b


def length(d: Derivation, W: Var, b: Var, Z: Term, L: Term, E: Any) -> Any:
    """‖W‖ has a value everywhere, and no derivative where W = 0."""
    return L + sqrt(norm2(W)), lambda g: g + W / sqrt(norm2(W)), same


def by_width(d: Derivation, W: Var, b: Var, Z: Term, L: Term, E: Any) -> Any:
    K = W.shape[0]
    return L + norm2(W) / K, plus(2 * W / K), same


def proved(d: Derivation) -> Theorem:
    made = prove_all(d)
    for label in made.keys() - {"every-depth"}:  # the premises hold in all the cases here
        assert isinstance(made[label], Theorem), label
    theorem = made["every-depth"]
    if not isinstance(theorem, Theorem):
        raise NotProved(str(theorem))
    return theorem


def named(d: Derivation, W: Var, b: Var, Z: Term, L: Term, E: Any) -> Any:
    λ, q = d.scalar("λ", POSITIVE), d.define("q", 1 + norm2(W))
    return L + d.define("R^{(l+1)}", λ * log(q)), plus(2 * λ * W / q), same


@pytest.mark.parametrize("whole", [ridge, mean, length, by_width, named])
def test_a_penalty_on_a_layers_own_parameters_is_summed_over_the_layers(whole: Parts) -> None:
    prop = proved(derivation(whole)).prop
    assert isinstance(prop, EveryDepth)
    assert prop.whole is not None and prop.penalty is not None


def on_hidden_values(d: Derivation, W: Var, b: Var, Z: Term, L: Term, E: Any) -> Any:
    return L + norm2(Z), same, same


def on_a_name_of_hidden_values(d: Derivation, W: Var, b: Var, Z: Term, L: Term, E: Any) -> Any:
    """In the lowest layer, the same term as ‖Z‖² in the others."""
    return L + norm2(d.matrix("Z^{(l)}", Z.shape[0], Z.shape[1])), same, same


def on_the_layer_below(d: Derivation, W: Var, b: Var, Z: Term, L: Term, E: Any) -> Any:
    """‖W⁽ˡ⁺¹⁾‖² + ‖W⁽ˡ⁾‖², where W⁽ˡ⁾ is another name in one layer, and the layer below in the next."""
    other = d.matrix("W^{(l)}", W.shape[1], W.shape[1])
    return L + norm2(W) + norm2(other), plus(2 * W), same


def by_the_width(d: Derivation, W: Var, b: Var, Z: Term, L: Term, E: Any) -> Any:
    """L/K is another function in each layer."""
    K = W.shape[0]
    return L / K + norm2(W), lambda g: g / K + 2 * W, lambda g: g / K


def by_a_name(d: Derivation, W: Var, b: Var, Z: Term, L: Term, E: Any) -> Any:
    α = d.scalar("α")
    return α * L, lambda g: α * g, lambda g: α * g


def by_a_parameter(d: Derivation, W: Var, b: Var, Z: Term, L: Term, E: Any) -> Any:
    """The factor of the loss depends on the layer's own biases."""
    s = 1 + norm2(b)
    return s * L, lambda g: s * g, lambda g: s * g + 2 * L * b


def of_the_layers_above(d: Derivation, W: Var, b: Var, Z: Term, L: Term, E: Any) -> Any:
    """E of something else: what the layers above make of it is no penalty."""
    M = d.matrix("M", W.shape[0], Z.shape[1])
    return L + E(M), same, same


def without_a_value(d: Derivation, W: Var, b: Var, Z: Term, L: Term, E: Any) -> Any:
    """1/Σb: where another layer's biases sum to 0, the loss has no value, but the right sides do."""
    j = d.index("j", b.shape[0])
    total = sum_(j, b[j])
    nothing = 1 / total - 1 / total  # has a value where the left side has
    return L + 1 / total, plus(nothing * W), plus(-ones(b.shape[0]) / total**2)


def named_without_a_value(d: Derivation, W: Var, b: Var, Z: Term, L: Term, E: Any) -> Any:
    """The same, where the penalty has a name, or a part of it has."""
    body, by_W, by_b = without_a_value(d, W, b, Z, L, E)
    assert isinstance(body, Add)
    return L + d.define("R", body.args[-1]), by_W, by_b


def made_of_what_has_no_value(d: Derivation, W: Var, b: Var, Z: Term, L: Term, E: Any) -> Any:
    body, by_W, by_b = without_a_value(d, W, b, Z, L, E)
    assert isinstance(body, Add)
    return L + 1 * d.define("r", body.args[-1]), by_W, by_b


def on_an_array_of_the_layer(d: Derivation, W: Var, b: Var, Z: Term, L: Term, E: Any) -> Any:
    """v has the layer's width: it cannot be the same in every layer."""
    v = d.vector("v", b.shape[0])
    return L + norm2(b - v), same, plus(2 * (b - v))


WRONG = (
    on_hidden_values, on_the_layer_below, by_the_width, by_a_name, of_the_layers_above, without_a_value,
    named_without_a_value, made_of_what_has_no_value, on_an_array_of_the_layer,
)  # fmt: skip


@pytest.mark.parametrize("whole", WRONG)
def test_what_is_no_sum_over_the_layers_is_not_proved(whole: Parts) -> None:
    with pytest.raises(NotProved):
        proved(derivation(whole))


def test_hidden_values_are_no_parameters_even_if_the_lowest_layer_declares_their_name() -> None:
    with pytest.raises(NotProved, match="its layer only"):
        proved(derivation(on_hidden_values, on_a_name_of_hidden_values))


def test_a_factor_with_parameters_is_no_premise() -> None:
    d = derivation(by_a_parameter)
    assert not isinstance(prove_all(d)["every-depth"], Theorem)


def twice(d: Derivation, W: Var, b: Var, Z: Term, L: Term, E: Any) -> Any:
    λ = d.scalar("λ", POSITIVE)
    return L + λ * norm2(W), plus(2 * λ * W), same


def unnamed(d: Derivation, W: Var, b: Var, Z: Term, L: Term, E: Any) -> Any:
    λ = d.scalar("λ")  # of any sign
    return L + λ * norm2(W) / 2, plus(λ * W), same


@pytest.mark.parametrize("below", [twice, unnamed, mean])
def test_the_lowest_layer_must_have_the_same_penalty(below: Parts) -> None:
    with pytest.raises(NotProved):
        proved(derivation(ridge, below))


def test_the_conclusion_must_state_the_premises_own_factor_and_penalty() -> None:
    d = derivation(ridge)
    step = d["every-depth"]
    base, one, *rest = (prove(d[label].context, d[label].prop) for label in step.premises)
    prop = step.prop
    assert isinstance(prop, EveryDepth) and prop.penalty is not None
    scene = Scene(step.context)
    assert every_depth(scene, prop, base, one, tuple(rest[:2]), tuple(rest[2:]))
    for wrong in (
        replace(prop, penalty=None),
        replace(prop, penalty=2 * prop.penalty),
        replace(prop, factor=prop.factor + 1),
        replace(prop, whole=None),
        replace(prop, whole=None, penalty=None),
        replace(prop, whole=prop.loss),
    ):
        with pytest.raises(NotProved):
            every_depth(scene, wrong, base, one, tuple(rest[:2]), tuple(rest[2:]))


def test_without_a_name_for_the_whole_loss_no_penalty_can_be_claimed() -> None:
    from derive.lecture import DERIVATIONS

    d = DERIVATIONS["backpropagation"]()
    step = d["every-depth"]
    base, one, *rest = (prove(d[label].context, d[label].prop) for label in step.premises)
    prop = step.prop
    assert isinstance(prop, EveryDepth)
    W = prop.parameters[0].left
    assert isinstance(W, Diff)
    for wrong in (replace(prop, penalty=norm2(W.wrt)), replace(prop, factor=prop.factor + 1)):
        with pytest.raises(NotProved):
            every_depth(Scene(step.context), wrong, base, one, tuple(rest[:2]), tuple(rest[2:]))


def test_a_penalty_with_a_value_only_where_its_parameters_are_positive_names_that() -> None:
    """Σ log b on b > 0 holds there; the hypothesis is among those used."""

    def barrier(d: Derivation, W: Var, b: Var, Z: Term, L: Term, E: Any) -> Any:
        t = d.scalar("t", POSITIVE)
        return L - log(t) * norm2(W), plus(-2 * log(t) * W), same

    theorem = proved(derivation(barrier))
    assert "t > 0" in theorem.uses
