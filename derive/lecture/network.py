"""Backpropagation: the gradients of one layer, the recursion for δ, every depth by induction."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from derive.blackboard import Derivation, array, diff, eq, log, norm2, odot, ones, sum_
from derive.context import POSITIVE
from derive.lecture.likelihood import BINARY
from derive.lecture.logistic import sigmoid
from derive.lecture.softmax import mean_cross_entropy
from derive.terms import Term, Var

#: an activation f of a scalar, and f′(u) written with z = f(u)
Activation = tuple[Callable[[Term], Term], Callable[[Term], Term]]
SIGMOID: Activation = (sigmoid, lambda z: odot(z, 1 - z) if z.shape else z * (1 - z))

#: a penalty on the W and b of a layer: declares what it needs; R, and ∂R/∂W and ∂R/∂b where they are not 0
Penalty = Callable[[Derivation, Var, Var], tuple[Term, Term | None, Term | None]]


def l2(d: Derivation, W: Var, b: Var) -> tuple[Term, Term | None, Term | None]:
    """½λ‖W‖² with λ > 0, as in ridge regression; the biases are free."""
    λ = d.scalar("λ", POSITIVE)
    return λ * norm2(W) / 2, λ * W, None


def layer_gradients() -> Derivation:
    d = Derivation(
        "layer-gradients",
        slide="各層の結合の勾配",
        note="E is what the layers above make of this layer's u: any smooth function",
    )
    M, J, K, N = d.sizes("M J K N")
    i, j, k = d.index("i", M), d.index("j", J), d.index("k", J)
    with d.section("NNの各層の結合に対する勾配"):
        W, z, b = d.matrix("W", J, M), d.vector("z", M), d.vector("b", J)
        E = d.function("E", J)
        u = d.define("u", array(j, sum_(i, W[j, i] * z[i]) + b[j]))
        L = d.define("L", E(u))
        δ = d.define("δ", diff(L, u))
        d.claim("input", eq(diff(u[j], W[j, i]), z[i]), "u_j = Σ_i W_ji z_i + b_j")
        d.chain(
            "weight",
            diff(L, W[j, i]),
            (sum_(k, diff(L, u[k]) * diff(u[k], W[j, i])), "chain rule over all u_k"),
            (diff(L, u[j]) * diff(u[j], W[j, i]), "only u_j holds W_ji"),
            (δ[j] * z[i], "δ_j = ∂L/∂u_j"),
        )
        d.chain(
            "bias",
            diff(L, b[j]),
            (diff(L, u[j]) * diff(u[j], b[j]), "chain rule"),
            (δ[j], "∂u_j/∂b_j = 1"),
        )
        d.claim("weight-matrix", eq(diff(L, W), δ @ z.T), "the entries δ_j z_i in matrix notation")
        d.claim("bias-vector", eq(diff(L, b), δ), "the entries δ_j")
    with d.section("各層の結合の勾配"):
        x, b2, b3 = d.vector("x", M), d.vector("b^{(2)}", J), d.vector("b^{(3)}", K)
        W2, W3 = d.matrix("W^{(2)}", J, M), d.matrix("W^{(3)}", K, J)
        k = d.index("k", K)
        f, E = d.function("f"), d.function("E", K)
        u2 = d.define("u^{(2)}", W2 @ x + b2)
        u3 = d.define("u^{(3)}", W3 @ f(u2) + b3)
        L = d.define("L", E(u3))
        last = diff(L, u3[k]) * diff(u3[k], W3[k, j])
        d.claim("third-layer", eq(diff(L, W3[k, j]), last), "chain rule: only u_k holds W_kj")
        through = sum_(k, diff(L, u3[k]) * diff(u3[k], u2[j]) * diff(u2[j], W2[j, i]))
        d.chain(
            "second-layer",
            diff(L, W2[j, i]),
            (diff(L, u2[j]) * diff(u2[j], W2[j, i]), "chain rule"),
            (through, "流れ込む全てを考慮する: u_j reaches L through every u_k above"),
        )
    with d.section("行列表記"):
        W, Z, b = d.matrix("W", J, M), d.matrix("Z", M, N), d.vector("b", J)
        E = d.function("E", J, N)
        U = d.define("U", W @ Z + b @ ones(N).T)
        L = d.define("L", E(U))
        Δ = d.define("Δ", diff(L, U))
        d.claim("batch-weights", eq(diff(L, W), Δ @ Z.T), "sum over the samples")
        d.claim("batch-bias", eq(diff(L, b), Δ @ ones(N)), "b is added to every column")
    return d


@dataclass(frozen=True)
class Layer:
    """One layer over a batch: Z from U below it, V := WZ + b1ᵀ, L := E(V) and Δ := ∂L/∂V.

    `C` is the whole loss, L or L/N, with the penalty on this layer; `more` is what that adds to the gradients.
    """

    U: Var
    W: Var
    b: Var
    Z: Var
    V: Var
    L: Var
    Δ: Var
    C: Var
    mean: bool
    more: tuple[Term | None, Term | None]

    @property
    def names(self) -> tuple[Var, Var, Var, Var]:
        """What an induction asks for: state, hidden values, state above, Δ."""
        return self.U, self.Z, self.V, self.Δ

    @property
    def whole(self) -> Var | None:
        """C, where it is not L itself."""
        return None if self.C == self.L else self.C

    @property
    def gradients(self) -> tuple[Term, Term]:
        """∂C/∂W and ∂C/∂b."""
        N = self.Z.shape[1]
        by_W, by_b = (g / N if self.mean else g for g in (self.Δ @ self.Z.T, self.Δ @ ones(N)))
        more_W, more_b = self.more
        return by_W if more_W is None else by_W + more_W, by_b if more_b is None else by_b + more_b


def _layer(
    d: Derivation, f: Callable[..., Term] | None, penalty: Penalty | None = None, *, mean: bool = False
) -> Layer:
    """Z := f(U); without f it is the lowest layer, l = 0, where Z is the data X.

    C := L + R with a penalty, L/N + R where it is to be a mean over the batch; L itself where it is neither.
    """
    J, K, N = d.sizes("J K N")
    U = d.matrix("U^{(l)}" if f else "X", J, N)
    W, b = d.matrix("W^{(l+1)}", K, J), d.vector("b^{(l+1)}", K)
    Z = d.define("Z^{(l)}", f(U)) if f else U
    V = d.define("U^{(l+1)}", W @ Z + b @ ones(N).T)
    L = d.define("L", d.function("E", K, N)(V))
    Δ = d.define("Δ^{(l+1)}", diff(L, V))
    if penalty is None:
        return Layer(U, W, b, Z, V, L, Δ, d.define("C", L / N) if mean else L, mean, (None, None))
    R, *more = penalty(d, W, b)
    whole = (L / N if mean else L) + d.define("R^{(l+1)}", R)
    return Layer(U, W, b, Z, V, L, Δ, d.define("C", whole), mean, (more[0], more[1]))


def _parameters(d: Derivation, label: str, layer: Layer, because: str) -> tuple[str, str]:
    """The gradients of W and b; the labels of the two steps."""
    by_W, by_b = layer.gradients
    d.claim(f"{label}-weights", eq(diff(layer.C, layer.W), by_W), because)
    d.claim(f"{label}-bias", eq(diff(layer.C, layer.b), by_b), "b is added to every column")
    return f"{label}-weights", f"{label}-bias"


def _updates(d: Derivation, label: str, layer: Layer) -> None:
    """Gradient descent on W and b, where C is the loss as a function of this layer."""
    C, W, b = layer.C, layer.W, layer.b
    by_W, by_b = layer.gradients
    with d.section("確率的勾配降下法 (SGD)"):
        η = d.scalar("η", POSITIVE)
        next_W = d.define("W_{t+1}^{(l+1)}", W - η * diff(C, W))
        next_b = d.define("b_{t+1}^{(l+1)}", b - η * diff(C, b))
        d.claim(f"{label}-weights-update", eq(next_W, W - η * by_W), "the gradient of W")
        d.claim(f"{label}-bias-update", eq(next_b, b - η * by_b), "the gradient of b")


def _base(d: Derivation, label: str) -> tuple[Var, Var, Var]:
    """Softmax with cross entropy on the output layer, of a whole batch: the sum and the mean.

    Both losses, and the state that they are functions of."""
    K, N = d.sizes("K N")
    U, D = d.matrix("U^{(L)}", K, N), d.matrix("D", K, N, BINARY)
    k, n = d.index("k", K), d.index("n", N)
    Y, S, L = mean_cross_entropy(d, D, U, N)
    with d.assuming(eq(sum_(k, D[k, n]), 1), text="each column of D sums to one"):
        d.claim(label, eq(diff(S, U), Y - D), "softmax with cross entropy: Δ = Y − D")
        d.claim(f"{label}-mean", eq(diff(L, U), (Y - D) / N), "the mean over the batch")
    return S, L, U


def backpropagation(activation: Activation = SIGMOID, penalty: Penalty | None = None) -> Derivation:
    """`activation` is that of the hidden layers in the section `network`; `penalty` is added to its loss,
    for every layer."""
    d = Derivation(
        "backpropagation",
        slide="δ の計算",
        note="f may differ from layer to layer; below the first layer it is the identity on X",
    )
    J, K = d.sizes("J K")
    j, k = d.index("j", J), d.index("k", K)
    with d.section("δ の計算"):
        u, W, b = d.vector("u^{(l)}", J), d.matrix("W^{(l+1)}", K, J), d.vector("b^{(l+1)}", K)
        f, E = d.function("f"), d.function("E", K)
        z = d.define("z^{(l)}", f(u))
        above = d.define("u^{(l+1)}", W @ z + b)
        L = d.define("L", E(above))
        δ, δ_above = d.define("δ^{(l)}", diff(L, u)), d.define("δ^{(l+1)}", diff(L, above))
        d.chain(
            "definition",
            above[k],
            (sum_(j, W[k, j] * z[j]) + b[k], "the definition of the network"),
            (sum_(j, W[k, j] * f(u[j])) + b[k], "z_j = f(u_j)"),
        )
        d.claim("layer-jacobian", eq(diff(above[k], u[j]), W[k, j] * f(u[j], 1)), "one term holds u_j")
        d.chain(
            "delta",
            δ[j],
            (diff(L, u[j]), "the definition of δ"),
            (sum_(k, diff(L, above[k]) * diff(above[k], u[j])), "chain rule over the layer above"),
            (sum_(k, δ_above[k] * W[k, j] * f(u[j], 1)), "δ_k = ∂L/∂u_k and the line before"),
        )
        d.claim("delta-vector", eq(δ, odot(f(u, 1), W.T @ δ_above)), "the entries in matrix notation")
    with d.section("行列表記"):
        layer = _layer(d, f := d.function("f"))
        recursion = odot(f(layer.U, 1), layer.W.T @ layer.Δ)
        d.claim("batch", eq(diff(layer.L, layer.U), recursion), "column by column")
        parameters = _parameters(d, "batch", layer, "sum over the samples")
    with d.section("各パラメーターの勾配"):
        lowest = _layer(d, None)
        inputs = _parameters(d, "input", lowest, "the first layer reads the data: Z⁽⁰⁾ = X")
    with d.section("必要そうな式 in 行列表記 [1/2]"):
        total, mean, last = _base(d, "output")

    def every_depth(label: str, loss: Var, base: str, because: str) -> None:
        d.induction(
            label,
            output=(loss, last, base),
            layer=layer.names,
            step="batch",
            parameters=parameters,
            data=lowest.Z,
            inputs=inputs,
            because=because,
        )

    with d.section("誤差逆伝搬法"):
        every_depth("every-depth", total, "output", "output layer, then one layer from the next")
        every_depth(
            "every-depth-mean",
            mean,
            "output-mean",
            "the same for the mean over the batch: its Δ is (Y − D)/N at the output",
        )
    with d.section("ロジスティック回帰と等価"):
        loss = _logistic(d)
        every_depth(
            "every-depth-logistic",
            loss,
            "logistic-output",
            "a sigmoid on the output; at depth one this is logistic regression",
        )
    with d.section("各パラメーターの勾配"):
        for label, rule, because in (
            ("every-depth-slide", None, "1/N stands in the gradients: Δ is that of the sum, Y − D at the output"),
            ("every-depth-l2", l2, "L2正則化: each layer adds ½λ‖W‖² to the loss, and λW to its gradient"),
        ):
            with d.section():
                f = d.function("f")
                upper, below = _network(d, label, f, _slope(f), rule, mean=True)
            _induction(d, label, upper, below, (total, last, "output"), because)
    with d.section("必要そうな式 in 行列表記 [2/2]"):
        with d.section():
            f, slope = _activation(d, activation)
            upper, below = _network(d, "network", f, slope, penalty, updates=True)
        because = "the lecture's network: this activation in every hidden layer"
        _induction(d, "network", upper, below, (mean, last, "output-mean"), because)
    return d


def _logistic(d: Derivation) -> Var:
    """Logistic outputs, and logistic regression as a network of depth one; the loss."""
    K, N, M = d.sizes("K N M")
    σ = d.define_function("σ", "z", sigmoid)
    k, n = d.index("k", K), d.index("n", N)
    with d.section():
        U, D = d.matrix("U^{(L)}", K, N), d.matrix("D", K, N, BINARY)
        Y = d.define("Y", σ(U))
        entry = D[k, n] * log(Y[k, n]) + (1 - D[k, n]) * log(1 - Y[k, n])
        loss = d.define("L", -sum_(n, sum_(k, entry)))
        d.claim("logistic-output", eq(diff(loss, U), Y - D), "σ′ = σ(1 − σ) cancels the denominator")
    with d.section():
        X, w, t = d.matrix("X", N, M), d.vector("w", M), d.vector("d", N, BINARY)
        u = d.define("u", X @ w)
        y = d.define("y", σ(u))
        L = d.define("L", -sum_(n, t[n] * log(y[n]) + (1 - t[n]) * log(1 - y[n])))
        δ = d.define("δ", diff(L, u))
        d.chain("logistic-delta", δ, (y - t, "the output layer"))
        d.chain(
            "logistic-depth-one",
            diff(L, w),
            (X.T @ δ, "the gradient of a layer"),
            (X.T @ (y - t), "the gradient of logistic regression"),
        )
    return loss


def _slope(f: Callable[..., Term]) -> Callable[[Layer], Term]:
    return lambda layer: f(layer.U, 1)


def _activation(d: Derivation, activation: Activation) -> tuple[Callable[..., Term], Callable[[Layer], Term]]:
    """f as defined, and f′(U) of a layer written with Z = f(U)."""
    body, derivative = activation
    f = d.define_function("f", "u", body)
    with d.section():
        u = d.scalar("u")
        d.claim("activation", eq(f(u, 1), derivative(f(u))), "f′ written with f")
    return f, lambda layer: derivative(layer.Z)


def _network(
    d: Derivation,
    label: str,
    f: Callable[..., Term],
    slope: Callable[[Layer], Term],
    penalty: Penalty | None,
    *,
    mean: bool = False,
    updates: bool = False,
) -> tuple[Layer, Layer]:
    """A hidden layer and the lowest one, with the recursion, the gradients and the updates of each."""
    with d.section():
        upper = _layer(d, f, penalty, mean=mean)
        recursion = odot(slope(upper), upper.W.T @ upper.Δ)
        d.claim(f"{label}-step", eq(diff(upper.L, upper.U), recursion), "f′(U), column by column")
        _parameters(d, label, upper, "sum over the samples")
        if updates:
            _updates(d, label, upper)
    with d.section():
        lowest = _layer(d, None, penalty, mean=mean)
        _parameters(d, f"{label}-input", lowest, "the first layer reads the data: Z⁽⁰⁾ = X")
        if updates:
            _updates(d, f"{label}-input", lowest)
    return upper, lowest


def _induction(
    d: Derivation, label: str, upper: Layer, lowest: Layer, output: tuple[Var, Var, str], because: str
) -> None:
    """Every depth of the layers of `_network`; `output` is the loss, its state and the label of its step."""
    d.induction(
        label,
        output=output,
        layer=upper.names,
        step=f"{label}-step",
        parameters=(f"{label}-weights", f"{label}-bias"),
        data=lowest.Z,
        inputs=(f"{label}-input-weights", f"{label}-input-bias"),
        whole=upper.whole,
        because=because,
    )
