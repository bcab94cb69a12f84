"""Documents and arguments of which values and gradients keep their digits, for `test_digits`."""

from __future__ import annotations

from typing import Any

import numpy as np

COX = r"""
Let $X \in \mathbb{R}^{N \times D}$, $\beta \in \mathbb{R}^D$, $R \in \{0,1\}^{N \times N}$, $d \in \{0,1\}^N$,
$\eta := X\beta$ and $$L := \sum_{i=1}^N d_i \left( \eta_i - \log \sum_{j=1}^N R_{ij} e^{\eta_j} \right)$$
"""
LABELS = r"""
Let $z \in \mathbb{R}^N$, $t \in \mathbb{R}^N$ and $L := \sum_{n=1}^N \log(1 + e^{-t_n z_n})$.
"""
#: exp(S) has a name, so that the slopes by it divide by what overflows
ATTENTION = r"""
Let $S \in \mathbb{R}^{N \times M}$, $V \in \mathbb{R}^{M \times D}$, $E := \exp(S)$,
$P_{ij} := \frac{E_{ij}}{\sum_{k} E_{ik}}$, $O := P V$ and $$L := \frac{1}{2} \|O\|_F^2$$
"""
SWISH = r"""
Let $x \in \mathbb{R}^D$, $W \in \mathbb{R}^{N \times D}$, $b \in \mathbb{R}^N$, $\sigma(z) := \frac{1}{1+e^{-z}}$,
$s(z) := z \sigma(z)$, $h := s(Wx + b)$ and $L := \sum_{n=1}^N h_n$.
"""
#: the slope is a difference of cubes times 1 − tanh
GELU = r"""
Let $x \in \mathbb{R}^D$, $W \in \mathbb{R}^{N \times D}$,
$\phi(z) := \frac{z}{2} \left( 1 + \tanh( z + z^3/20 ) \right)$ and $L := \sum_{n=1}^N \phi((Wx)_n)$.
"""
COINS = r"""
Let $u \in \mathbb{R}^N$, $\sigma(z) := \frac{1}{1+e^{-z}}$, $p := \sigma(u)$ and
$$L := -\sum_{n=1}^N \left[ p_n \log p_n + (1 - p_n) \log(1 - p_n) \right]$$
"""
ROOT = r"""
Let $r \in \mathbb{R}^N$, $s \in \mathbb{R}^N$ and $L := \sum_{n=1}^N s_n^2 \left( \sqrt{1 + r_n^2} - 1 \right)$.
"""
#: what lies above the mean is a difference of two logarithms, each with a mean of its own
DISTILL = r"""
Let $V \in \mathbb{R}^{N \times K}$, $Z \in \mathbb{R}^{N \times K}$,
$p_{nk} := \frac{e^{V_{nk}}}{\sum_{j=1}^K e^{V_{nj}}}$, $q_{nk} := \frac{e^{Z_{nk}}}{\sum_{j=1}^K e^{Z_{nj}}}$ and
$$L := \sum_{n=1}^N \sum_{k=1}^K p_{nk} ( \log p_{nk} - \log q_{nk} )$$
"""
#: the sum over n has a term with n = i, in which x_n − x_i is 0 and the kernel 1
KERNEL = r"""
Let $X \in \mathbb{R}^{N \times D}$, $a \in \mathbb{R}^N$, $\gamma > 0$ and
$L := \sum_{i=1}^N \sum_{j=1}^N a_i a_j \exp\left(-\gamma \sum_{k=1}^D (X_{ik} - X_{jk})^2\right)$.
"""
#: one of two exponentials overflows where their product does not
PRODUCT = r"""
Let $u \in \mathbb{R}^N$, $v \in \mathbb{R}^N$, $\mu := \exp(u)$, $\theta := \exp(v)$ and
$L := \sum_{n=1}^N \frac{1}{\mu_n \theta_n}$.
"""
#: the exponent is factored into e^{−2s} (q + … s e^{2s})
SCALES = r"""
Let $q \in \mathbb{R}^{N \times K}$, $s \in \mathbb{R}^K$ and
$$L := \sum_{n=1}^N \log \sum_{k=1}^K \exp\left( - 3 s_k - \frac12 e^{-2 s_k} q_{nk}^2 \right)$$
"""
#: the slope by a kernel divides by the square of a sum of kernels
NEIGHBOURS = r"""
Let $z \in \mathbb{R}^N$, $s \in \mathbb{R}^N$, $E_{ij} := \exp(-(z_i - z_j)^2)$ and
$$L := -\sum_{i=1}^N \frac{\sum_{j \neq i} s_j E_{ij}}{\sum_{j \neq i} E_{ij}}$$
"""
#: of (1 + z + eᶻ)/(1 + eᶻ)² the part above the bar overflows
SWISH_RATIO = r"""
Let $x \in \mathbb{R}^D$, $W \in \mathbb{R}^{N \times D}$, $b \in \mathbb{R}^N$, $s(z) := \frac{z}{1+e^{-z}}$,
$h := s(Wx + b)$ and $L := \sum_{n=1}^N h_n$.
"""
#: the gradient has Σ e^u above the bar and below it, and e^u beside it
POLICY = r"""
Let $x \in \mathbb{R}^N$, $w \in \mathbb{R}^K$, $A \in \mathbb{R}^{N \times K}$, $r \in \mathbb{R}^N$,
$b \in \mathbb{R}$, $u_{nk} := x_n w_k$ and
$$L := \sum_{n=1}^N (r_n - b) \sum_{k=1}^K A_{nk} \left( u_{nk} - \log \sum_{l=1}^K e^{u_{nl}} \right)$$
"""
#: a sum of exponentials beside 1, above and below the bar
PAIRS = r"""
Let $S \in \mathbb{R}^{N \times N}$ and
$$L := \sum_{i=1}^N \log\left( 1 + \sum_{j \neq i} \exp(S_{ij} - S_{ii}) \right)$$
"""
#: a weighted sum of exponentials under a name
INTENSITY = r"""
Let $H \in \mathbb{R}^{N \times M}$, $H_{nm} > 0$, $S \in \mathbb{R}^{N \times M}$, $\mu > 0$, $\alpha > 0$,
$\lambda_n := \mu + \alpha \sum_{m=1}^M H_{nm} e^{S_{nm}}$ and $L := \sum_{n=1}^N \log \lambda_n$.
"""
SHARE = r"""
Let $d \in \mathbb{R}$, $c \in \mathbb{R}$ and $L := -\log \frac{e^{-d}}{e^{-d} + e^{-c}}$.
"""
#: the probability between two thresholds, far from both
LEVELS = r"""
Let $z \in \mathbb{R}^N$, $T \in \mathbb{R}^{N \times 3}$, $a \in \mathbb{R}$, $s \in \mathbb{R}$,
$\sigma(t) := \frac{1}{1+e^{-t}}$, $b := a + e^s$ and
$$L := \sum_{n=1}^N \left[ T_{n1} \log \sigma(a - z_n) + T_{n2} \log(\sigma(b - z_n) - \sigma(a - z_n))
+ T_{n3} \log(1 - \sigma(b - z_n)) \right]$$
"""
#: 1 − e^x of a small x, and of one that overflows
RARE = r"""
Let $u \in \mathbb{R}^N$, $y \in \mathbb{R}^N$ and
$$L := \sum_{n=1}^N \left[ y_n \log(1 - e^{-e^{u_n}}) - (1-y_n) e^{u_n} \right]$$
"""
FOCAL = r"""
Let $Z \in \mathbb{R}^{N \times C}$, $Y \in \mathbb{R}^{N \times C}$,
$p_{nc} := \frac{e^{Z_{nc}}}{\sum_{j} e^{Z_{nj}}}$ and
$$L := -\sum_{n=1}^N \sum_{c=1}^C Y_{nc} \sqrt{1 - p_{nc}} \log p_{nc}$$
"""
#: the squares of a distance have weights
WEIGHTED = r"""
Let $X \in \mathbb{R}^{N \times D}$, $\rho \in \mathbb{R}^D$ and
$L := \sum_{i=1}^N \sum_{j=1}^N \exp\left( - \sum_{d=1}^D e^{\rho_d} (X_{id} - X_{jd})^2 \right)$.
"""
#: (y − e^u)² over e^{2u}
RELATIVE = r"""
Let $u \in \mathbb{R}^N$, $y \in \mathbb{R}^N$, $\mu := \exp(u)$ and
$L := \sum_{n=1}^N \frac{(y_n - \mu_n)^2}{\mu_n^2}$.
"""
#: the slope by the temperature is a log-sum-exp less a mean, both near the greatest exponent
FREE_ENERGY = r"""
Let $C \in \mathbb{R}^{N \times K}$, $a \in \mathbb{R}^N$, $\tau > 0$ and
$$L := \tau \sum_{n=1}^N a_n \log \sum_{k=1}^K \exp\left( - \frac{C_{nk}}{\tau} \right)$$
"""
#: of a nearly certain choice the logarithm is nearly 0
CHOICE = r"""
Let $u \in \mathbb{R}^K$, $p_k := \frac{\exp(u_k)}{\sum_{j=1}^K \exp(u_j)}$ and $L := -\sum_{k=1}^K p_k \log p_k$.
"""
#: sums of products with sums of exponentials: no exponent is seen where the logarithm or the bar stands
FORWARD = r"""
Let $a \in \mathbb{R}^K$, $B \in \mathbb{R}^{K \times K}$, $e, f, g \in \mathbb{R}^K$,
$p_k := \frac{\exp(a_k)}{\sum_{j=1}^K \exp(a_j)}$, $T_{jk} := \frac{\exp(B_{jk})}{\sum_{l=1}^K \exp(B_{jl})}$,
$\alpha := p \odot \exp(e)$, $\beta := (T^\top \alpha) \odot \exp(f)$, $\gamma := (T^\top \beta) \odot \exp(g)$ and
$L := \log \sum_{k=1}^K \gamma_k$.
"""
SINKHORN = r"""
Let $C \in \mathbb{R}^{N \times M}$, $a \in \mathbb{R}^N$, $a_i > 0$, $b \in \mathbb{R}^M$, $b_j > 0$,
$K := \exp(-C)$, $u_i := \frac{a_i}{\sum_{j=1}^M K_{ij}}$, $v_j := \frac{b_j}{(K^\top u)_j}$ and
$L := \sum_{i=1}^N \sum_{j=1}^M u_i K_{ij} v_j C_{ij}$.
"""
LINEAR_ATTENTION = r"""
Let $Q, K \in \mathbb{R}^{T \times d}$, $V \in \mathbb{R}^{T \times p}$, $F := \exp(Q)$, $G := \exp(K)$,
$n := F (G^\top \mathbf{1}_T)$, $N := F (G^\top V)$, $O_{tc} := N_{tc} / n_t$ and $L := \sum_{t,c} O_{tc}$.
"""
#: a sum of two probabilities that are both 0 as numbers
JENSEN_SHANNON = r"""
Let $a, b \in \mathbb{R}^K$, $p_k := \frac{e^{a_k}}{\sum_{j=1}^K e^{a_j}}$,
$q_k := \frac{e^{b_k}}{\sum_{j=1}^K e^{b_j}}$, $m := \frac12 (p + q)$ and
$$L := \frac12 \sum_{k=1}^K p_k \log \frac{p_k}{m_k} + \frac12 \sum_{k=1}^K q_k \log \frac{q_k}{m_k}$$
"""
INFLATED = r"""
Let $u, w \in \mathbb{R}^N$, $\sigma(z) := \frac{1}{1 + e^{-z}}$, $p := \sigma(u)$, $q := \sigma(w)$ and
$L := \sum_{n=1}^N \log( p_n + (1 - p_n) q_n )$.
"""
#: the power is nearly 1
ROBUST = r"""
Let $X \in \mathbb{R}^{N \times D}$, $w \in \mathbb{R}^D$, $\alpha \in (0, 2)$, $r := Xw$ and
$L := \sum_{n=1}^N \left[ \left( \frac{r_n^2}{2 - \alpha} + 1 \right)^{\alpha/2} - 1 \right]$.
"""

Values = dict[str, Any]


def lower_triangle(scale: float) -> Values:
    """Risk sets in which the largest risk is at risk for itself only."""
    return {
        "X": scale * np.array([[2.0, -1.0], [1.0, 0.5], [4.0, 3.0]]),
        "beta": np.array([2.0, 1.0]), "R": np.tril(np.ones((3, 3))), "d": np.array([1.0, 1.0, 0.0]),
    }  # fmt: skip


def confident(scale: float) -> Values:
    return {"z": scale * np.array([1.0, -1.5]), "t": np.array([1.0, -1.0])}


def scores(scale: float) -> Values:
    return {
        "S": scale * np.ones((2, 3)) + np.array([[0.0, 1.0, -1.0], [2.0, -1.0, 1.0]]),
        "V": np.array([[1.0, 2.0], [-1.0, 1.0], [0.5, 3.0]]),
    }


def both_signs(scale: float) -> Values:
    return {"x": np.array([1.0]), "W": scale * np.array([[1.0], [-0.001]]), "b": np.array([0.5, 0.25])}


def one_sided(scale: float) -> Values:
    return {"x": np.array([1.0]), "W": scale * np.array([[1.0], [0.5], [-0.0005]])}


def downhill(scale: float) -> Values:
    """Negative arguments alone: every slope is small."""
    return {"x": np.array([1.0]), "W": -scale * np.array([[1.0], [0.75]])}


def likely(scale: float) -> Values:
    return {"u": scale * np.array([1.0, -1.25, 1.5])}


def near_zero(scale: float) -> Values:
    return {"r": np.array([1.0, -0.5]) / scale, "s": np.array([1.0, 2.0])}


def two_rows(scale: float) -> Values:
    """The largest share nearly 1, of which the others keep their digits."""
    return {
        "V": scale * np.array([[1.0, 0.25, -0.5], [0.0, -1.0, 0.5]]),
        "Z": np.array([[1.0, -1.0, 0.5], [0.25, 0.5, -0.25]]),
    }


def far_apart(scale: float) -> Values:
    """Points that are much further from each other than a kernel is wide."""
    return {
        "X": np.array([[1.0, 0.1], [0.3, -0.7], [-0.9, 0.6]]), "a": np.array([1.0, -0.5, 2.0]),
        "gamma": np.array(scale),
    }  # fmt: skip


def opposite(scale: float) -> Values:
    return {"u": scale * np.array([1.0, -2.0]), "v": scale * np.array([-1.0, 2.0]) + np.array([0.5, 1.0])}


def wide_and_narrow(scale: float) -> Values:
    return {
        "q": np.array([[1.0, 2.0], [0.5, -1.0], [-2.0, 0.25]]),
        "s": np.array([scale, scale - 0.5]),
    }  # fmt: skip


def neighbours(scale: float) -> Values:
    """The first point has two others equally far away, up to what the scale does not move."""
    return {"z": np.array([0.0, -scale, scale + 0.125 / scale]), "s": np.array([1.0, 0.5, 2.0])}


def policy(scale: float) -> Values:
    return {
        "x": scale * np.array([1.0, -2.0]), "w": np.array([1.0, -1.0, 0.5]),
        "A": np.array([[1.0, 0.0, 0.5], [0.0, 2.0, -1.0]]), "r": np.array([1.0, -0.5]), "b": np.array(0.25),
    }  # fmt: skip


def square(scale: float) -> Values:
    return {"S": scale * np.array([[0.5, 1.0, -0.5], [0.25, 0.0, 1.0], [-1.0, -0.5, 1.5]])}


def intensity(scale: float) -> Values:
    return {
        "H": np.array([[1.0, 0.5], [0.25, 2.0]]), "S": scale * np.array([[1.0, 0.5], [-1.0, -0.5]]),
        "mu": np.array(0.5), "alpha": np.array(2.0),
    }  # fmt: skip


def apart(scale: float) -> Values:
    return {"d": np.array(1.0), "c": np.array(1.0 + scale)}


def levels(scale: float) -> Values:
    return {
        "z": scale * np.array([1.0, -1.5, 2.0]), "T": np.array([[0.0, 1.0, 0.0], [0.0, 1.0, 0.0], [0.5, 0.0, 0.25]]),
        "a": np.array(-0.5), "s": np.array(0.25),
    }  # fmt: skip


def rare(scale: float) -> Values:
    """Of small and of large rates."""
    return {"u": np.array([-scale, -1.25 * scale, min(scale, 6.0)]), "y": np.array([1.0, 0.0, 0.25])}


def certain(scale: float) -> Values:
    return {
        "Z": scale * np.array([[1.0, 0.25, -0.5], [0.0, -1.0, 0.5]]), "Y": np.array([[1.0, 0.0, 0.0], [0.0, 0.5, 0.5]]),
    }  # fmt: skip


def narrow(scale: float) -> Values:
    return {
        "X": np.array([[10.0, 0.5], [10.25, -0.5], [-5.0, 0.75]]), "rho": scale * np.array([1.0, 0.5]),
    }  # fmt: skip


def above(scale: float) -> Values:
    return {"u": np.array([scale, 2.0 * scale, 0.5]), "y": np.array([1.0, -2.0, 0.25])}


def lifted(scale: float) -> Values:
    """Costs that are large, and differ little."""
    return {
        "C": scale + np.array([[0.0, 0.5, 1.0], [1.0, 0.75, 0.25]]), "a": np.array([0.5, 2.0]), "tau": np.array(0.5),
    }  # fmt: skip


def one_choice(scale: float) -> Values:
    return {"u": scale * np.array([0.5, 1.5, -1.0, 0.25])}


def cold(scale: float) -> Values:
    return {
        "C": scale * np.array([[1.0, 0.5, 2.0], [1.0, 1.75, 0.25]]), "a": np.array([0.5, 2.0]), "tau": np.array(0.5),
    }  # fmt: skip


def forward(scale: float) -> Values:
    """Emissions that are far outside the range, and transitions that are as unlikely."""
    return {
        "a": np.array([0.5, -0.25]), "B": scale * np.array([[1.0, -0.5], [0.25, 0.75]]),
        "e": scale * np.array([-1.0, -0.75]), "f": scale * np.array([1.5, 0.5]), "g": scale * np.array([-0.5, 1.0]),
    }  # fmt: skip


def costs(scale: float) -> Values:
    """Costs that are large by their rows and columns."""
    return {
        "C": scale * np.array([[1.0, -0.5], [-0.25, -1.75]]) + np.array([[0.0, 0.5], [0.25, -1.0]]),
        "a": np.array([0.5, 0.75]), "b": np.array([1.0, 0.25]),
    }  # fmt: skip


def features(scale: float) -> Values:
    return {
        "Q": scale * np.array([[1.0, 1.0], [-1.0, -1.0]]) + np.array([[0.5, -0.5], [1.0, 0.25]]),
        "K": scale * np.ones((2, 2)) + np.array([[0.25, 0.0], [-0.5, 1.0]]),
        "V": np.array([[1.0, -0.5], [0.25, 2.0]]),
    }  # fmt: skip


def two_choices(scale: float) -> Values:
    return {"a": scale * np.array([1.0, -0.5, 0.25]), "b": scale * np.array([0.5, -0.25, 1.0])}


def inflated(scale: float) -> Values:
    return {"u": scale * np.array([-1.0, 0.5, -0.75]), "w": scale * np.array([-0.75, -0.5, -1.0])}


def robust(scale: float) -> Values:
    return {
        "X": np.array([[1.0, -0.5], [0.25, 2.0]]) / scale, "w": np.array([1.0, 0.75]), "alpha": np.array(0.75),
    }  # fmt: skip


#: of an exponent of 10⁴ one rounding is 10⁴ roundings of its exponential
LARGE = 2e4

CASES = [
    ("the forward algorithm", FORWARD, forward, (1.0, 1e2, 400.0), LARGE),
    ("a step of Sinkhorn's iterations", SINKHORN, costs, (1.0, 1e2, 1e4), LARGE),
    ("attention that is linear", LINEAR_ATTENTION, features, (1.0, 1e2, 1e4), LARGE),
    ("a logarithm of a mean of softmaxes", JENSEN_SHANNON, two_choices, (1.0, 30.0, 1e4), 200.0),
    ("a logarithm of a mixture of sigmoids", INFLATED, inflated, (1.0, 1e2, 1e4), 50.0),
    ("a power of nearly 1 less 1", ROBUST, robust, (1.0, 30.0), 100.0),
    ("the entropy of a nearly certain choice", CHOICE, one_choice, (1.0, 30.0, 80.0), 100.0),
    ("a slope by a low temperature", FREE_ENERGY, cold, (1.0, 25.0, 60.0), 300.0),
    ("a log-sum-exp less its mean", FREE_ENERGY, lifted, (1.0, 128.0), 8.0),
    ("what a softmax leaves to 1", FOCAL, certain, (1.0, 30.0, 100.0), 200.0),
    ("a distance with weights", WEIGHTED, narrow, (1.0, 30.0), 1e4),
    ("a square over the square of an exponential", RELATIVE, above, (1.0, 40.0), 100.0),
    ("a difference of sigmoids", LEVELS, levels, (1.0, 30.0, 150.0), 500.0),
    ("1 − eˣ", RARE, rare, (1.0, 20.0, 60.0), 50.0),
    ("the whole part of a quotient", SWISH_RATIO, both_signs, (1.0, 1e2, 1e4), 8.0),
    ("a difference over a sum of exponentials", POLICY, policy, (1.0, 150.0), 30.0),
    ("a sum of exponentials over another", PAIRS, square, (1.0, 100.0), 100.0),
    ("weighted exponentials under a name", INTENSITY, intensity, (1.0, 150.0), 100.0),
    ("a logarithm without its greatest term", SHARE, apart, (1.0, 30.0, 80.0), 50.0),
    ("a product of exponentials", PRODUCT, opposite, (1.0, 1e2, 1e4), 8.0),
    ("an exponential that a factor undoes", SCALES, wide_and_narrow, (1.0, 60.0, 500.0), 100.0),
    ("kernels that are all small", NEIGHBOURS, neighbours, (1.0, 20.0), 500.0),
    ("points that are far apart", KERNEL, far_apart, (1.0, 30.0), 100.0),
    ("1 − tanh beside a cube", GELU, one_sided, (1.0, 1e2, 1e4), 8.0),
    ("1 + tanh", GELU, downhill, (1.0, 2.0, 3.0), 100.0),
    ("the entropy of a coin that is nearly certain", COINS, likely, (1.0, 30.0, 80.0), 60.0),
    ("√(1 + z) − 1", ROOT, near_zero, (1.0, 1e4, 1e10), 8.0),
    ("above the mean of a difference", DISTILL, two_rows, (1.0, 30.0, 50.0), 50.0),
    ("masks that are products", COX, lower_triangle, (1.0, 30.0), 50.0),
    ("slopes by a named exponential", ATTENTION, scores, (1.0, 200.0, 1000.0), 50.0),
    ("a term without its share", SWISH, both_signs, (1.0, 1e3, 1e5), 8.0),
    ("the logarithm of nearly 1 beside a quotient", LABELS, confident, (1.0, 30.0, 50.0), 50.0),
]
