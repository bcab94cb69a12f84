"""What the slides state that does not hold as printed, and what holds instead.

Each erratum is a small homework document: declarations, the formula as printed, the formula that was
meant.  Nothing is believed here: the checker must refute the one and prove the other.
"""

from __future__ import annotations

from dataclasses import dataclass

from derive.report import Report, StepReport


@dataclass(frozen=True)
class Erratum:
    """`slide` is its title and `formula` what it prints; `why` is by language.

    `setting` declares and assumes (Markdown); `printed` and `corrected` are displays of the format.
    """

    name: str
    slide: str
    formula: str
    why: dict[str, str]
    setting: str
    printed: str
    corrected: str

    @property
    def document(self) -> str:
        displays = "".join(f"\n$$\n{display}\n$$\n" for display in (self.printed, self.corrected))
        return f"# {self.name}\n\n{self.setting}\n{displays}"


@dataclass(frozen=True)
class Examined:
    """`printed` is the step that fails, `corrected` are those that hold in its place."""

    erratum: Erratum
    printed: StepReport
    corrected: tuple[StepReport, ...]

    @property
    def confirmed(self) -> bool:
        """Does the checker say so too?  The printed formula fails and all of the corrected one is proved."""
        wrong = self.printed.verdict in ("refuted", "error")
        return wrong and bool(self.corrected) and all(s.verdict == "proved" for s in self.corrected)


def examined(erratum: Erratum, report: Report) -> Examined:
    """From the report on the erratum's document: its first step is the formula as printed."""
    printed, *corrected = report.steps
    return Examined(erratum, printed, tuple(corrected))


LAYER = r"""$W \in \mathbb{R}^{J \times M}$, $Z \in \mathbb{R}^{M \times N_B}$, $b \in \mathbb{R}^J$,
$U := W Z + b \mathbb{1}_{N_B}^\top$, $f : \mathbb{R} \to \mathbb{R}$,
$S := \sum_{j=1}^J \sum_{n=1}^{N_B} f(U_{jn})$, $L := \frac{1}{N_B} S$, $\Delta := \frac{\partial S}{\partial U}$."""

SOFTMAX = r"""$W \in \mathbb{R}^{K \times M}$, $Z \in \mathbb{R}^{M \times N}$, $b \in \mathbb{R}^K$, $D \in \mathbb{R}^{K \times N}$,
$U := W Z + b \mathbb{1}_N^\top$, $Y_{kn} := \frac{\exp(U_{kn})}{\sum_{j=1}^K \exp(U_{jn})}$,
$L := - \sum_{n=1}^N \sum_{k=1}^K D_{kn} \log Y_{kn}$, $\Delta := \frac{\partial L}{\partial U}$.

Assume $\sum_{k=1}^K D_{kn} = 1$."""

ERRATA: tuple[Erratum, ...] = (
    Erratum(
        "logit-noise",
        "ロジスティック回帰",
        r"\text{logit}(y) = \ln \frac{y}{1 - y} = \mathbf{w}^T \mathbf{x} + \epsilon",
        {
            "en": "the next line, y = 1/(1 + exp(−wᵀx)), has no noise: the logit of the probability is wᵀx itself",
            "ja": "次の行の y = 1/(1 + exp(−wᵀx)) には雑音がない。確率のロジットは wᵀx そのものである",
        },
        r"""$w, x \in \mathbb{R}^D$, $\epsilon \in \mathbb{R}$, $y := \frac{1}{1 + e^{-w^T x}}$.""",
        r"\ln \frac{y}{1 - y} = w^T x + \epsilon",
        r"\ln \frac{y}{1 - y} = w^T x",
    ),
    Erratum(
        "log-posterior",
        "L2正則化のベイズ的解釈",
        r"\log p(w|y; x) = \log \frac{p(y|w; x)p(w)}{p(y|x)} \propto \log p(y|w; x) + \log p(w)",
        {
            "en": "the posterior is proportional to likelihood times prior; their logarithms differ by the constant log p(y|x)",
            "ja": "比例するのは事後分布と尤度×事前分布である。その対数は定数 log p(y|x) だけ異なる",
        },
        r"""$w, x \in \mathbb{R}^D$, $y \in \mathbb{R}$, $\sigma > 0$, $\tau > 0$, $p_y > 0$,
$p_{yw} := \mathcal{N}(y \mid w^T x, \sigma^2)$, $p_w := \prod_{i=1}^D \mathcal{N}(w_i \mid 0, \tau^2)$.""",
        r"\log \frac{p_{yw} p_w}{p_y} \propto_w \log p_{yw} + \log p_w",
        r"""\log \frac{p_{yw} p_w}{p_y} = \log p_{yw} + \log p_w - \log p_y,
\quad \frac{p_{yw} p_w}{p_y} \propto_w p_{yw} p_w""",
    ),
    Erratum(
        "product-index",
        "負の対数尤度の最小化",
        r"-\log \prod_{I=1}^N \left\{y(\mathbf{x}^{(i)})\right\}^{d^{(i)}} \left\{1 - y(\mathbf{x}^{(i)})\right\}^{1-d^{(i)}}",
        {
            "en": "the product runs over I, but its factors have the index i: it must run over i",
            "ja": "積は I についてだが、因子の添字は i である。i についての積でなければならない",
        },
        r"""$y, d \in \mathbb{R}^N$, $y \in (0, 1)$, $d \in \{0, 1\}$.""",
        r"""- \log \prod_{I=1}^N y_i^{d_i} (1 - y_i)^{1 - d_i}
= - \sum_{i=1}^N \left[ d_i \log y_i + (1 - d_i) \log (1 - y_i) \right]""",
        r"""- \log \prod_{i=1}^N y_i^{d_i} (1 - y_i)^{1 - d_i}
= - \sum_{i=1}^N \left[ d_i \log y_i + (1 - d_i) \log (1 - y_i) \right]""",
    ),
    Erratum(
        "softmax-argument",
        "ソフトマックス関数",
        r"z_k^{(3)} = f^{(3)}(u_k^{(3)}) = \frac{\exp(u_k^{(3)})}{\sum_{j=1}^K \exp(u_j^{(3)})}",
        {
            "en": "the softmax is no function of u_k alone: each entry depends on all of u, so ∂z_k/∂u_j is not 0 for j ≠ k",
            "ja": "ソフトマックスは u_k だけの関数ではない。各成分は u 全体に依存し、j ≠ k でも ∂z_k/∂u_j は 0 でない",
        },
        r"""$u \in \mathbb{R}^K$, $f : \mathbb{R} \to \mathbb{R}$, $z_k := \frac{\exp(u_k)}{\sum_{j=1}^K \exp(u_j)}$.""",
        r"z_k = f(u_k)",
        r"\frac{\partial z_k}{\partial u_j} = z_k (\delta_{kj} - z_j)",
    ),
    Erratum(
        "mean-of-a-sum",
        "行列表記",
        r"\frac{\partial L}{\partial W^{(l)}} = \frac{1}{N} \Delta^{(l)} Z^{(l-1)^T}",
        {
            "en": "the cross entropy of the slides is a sum over the samples: 1/N belongs to the mean of it only",
            "ja": "スライドのクロスエントロピーは標本についての和である。1/N が付くのはその平均の場合に限る",
        },
        SOFTMAX,
        r"\frac{\partial L}{\partial W} = \frac{1}{N} \Delta Z^T",
        r"""\frac{\partial L}{\partial W} = \Delta Z^T,
\quad \frac{\partial}{\partial W} \left( \frac{1}{N} L \right) = \frac{1}{N} \Delta Z^T,
\quad \frac{\partial}{\partial b} \left( \frac{1}{N} L \right) = \frac{1}{N} \Delta \mathbb{1}_N""",
    ),
    Erratum(
        "summed-delta",
        "解いてみよう2",
        r"\delta_j^{(3)} = \frac{\partial L}{\partial u_j^{(3)}} = \sum_{n=1}^N (y_j - d_{nj})",
        {
            "en": "every sample has an u of its own, on which only its own term depends: there is no sum over n",
            "ja": "u は標本ごとにあり、それに依存するのはその標本の項だけである。n についての和は現れない",
        },
        r"""$u, d \in \mathbb{R}^{N \times K}$, $y_{nk} := \frac{\exp(u_{nk})}{\sum_{j=1}^K \exp(u_{nj})}$,
$L := - \sum_{n=1}^N \sum_{k=1}^K d_{nk} \log y_{nk}$.

Assume $\sum_{k=1}^K d_{nk} = 1$.""",
        r"\frac{\partial L}{\partial u_{nj}} = \sum_{n=1}^N (y_{nj} - d_{nj})",
        r"\frac{\partial L}{\partial u_{nj}} = y_{nj} - d_{nj}",
    ),
    Erratum(
        "batch-slices",
        "確率的勾配降下法 (SGD)",
        r"(x_{bN_B:(b+1)N_B}, y_{bN_B:(b+1)N_B}), \quad b = 1 \dots B",
        {
            "en": "with b from 1 the last batch would end at (B + 1)N_B, beyond the N = B·N_B samples, and the first N_B are "
            "never used; the slices are (b − 1)N_B : bN_B",
            "ja": "b が 1 から始まると最後のバッチは (B + 1)N_B で終わり N = B·N_B を超える。最初の N_B 個は使われない。"
            "正しくは (b − 1)N_B : bN_B である",
        },
        r"""$B, M \in \mathbb{N}$ ($M$ is the slide's $N_B$), $N := B M$.""",
        r"(B + 1) M \le N",
        r"((B - 1) + 1) M \le N",
    ),
    Erratum(
        "batch-ones",
        "確率的勾配降下法 (SGD)",
        r"\frac{\partial L}{\partial b^{(l)}} = \frac{1}{N_B} \Delta^{(l)} \mathbb{1}_N",
        {
            "en": "Δ of a mini-batch has N_B columns, so the vector of ones has N_B entries",
            "ja": "ミニバッチの Δ は N_B 列なので、1 のベクトルの成分も N_B 個である",
        },
        r"$N \in \mathbb{N}$, " + LAYER,
        r"\frac{\partial L}{\partial b} = \frac{1}{N_B} \Delta \mathbb{1}_N",
        r"\frac{\partial L}{\partial b} = \frac{1}{N_B} \Delta \mathbb{1}_{N_B}",
    ),
    Erratum(
        "bias-update",
        "確率的勾配降下法 (SGD)",
        r"b^{(l)} \leftarrow \eta \frac{1}{N_B} \Delta^{(l)} \mathbb{1}_N",
        {
            "en": "a gradient step starts from b: `b −` is missing",
            "ja": "勾配法の更新は b から出発する。「b −」が抜けている",
        },
        LAYER + "\n" + r"$\eta > 0$.",
        r"b - \eta \frac{\partial L}{\partial b} = \eta \frac{1}{N_B} \Delta \mathbb{1}_{N_B}",
        r"b - \eta \frac{\partial L}{\partial b} = b - \eta \frac{1}{N_B} \Delta \mathbb{1}_{N_B}",
    ),
    Erratum(
        "softmax-matrix",
        "必要そうな式 in 行列表記 [1/2]",
        r"Y = \frac{\exp(U^{(3)})}{\mathbb{1}_{N_{\text{dim}}}^T \exp(U^{(3)})}",
        {
            "en": "a matrix is divided by a row vector: each column has a denominator of its own",
            "ja": "行列を行ベクトルで割っている。分母は列ごとに異なる",
        },
        r"""$U \in \mathbb{R}^{K \times N}$, $Y_{kn} := \frac{\exp(U_{kn})}{\sum_{j=1}^K \exp(U_{jn})}$.""",
        r"Y = \frac{\exp(U)}{\mathbb{1}_K^T \exp(U)}",
        r"Y = \exp(U) \operatorname{diag}(\exp(U)^T \mathbb{1}_K)^{-1}",
    ),
    Erratum(
        "matrix-loss",
        "必要そうな式 in 行列表記 [1/2]",
        r"L = -D \odot \log Y(X)",
        {
            "en": "the right side is a matrix, not a number: its entries must be summed",
            "ja": "右辺はスカラーではなく行列である。成分の和を取らなければならない",
        },
        SOFTMAX,
        r"L = - D \odot \log Y",
        r"L = - \mathbb{1}_K^T (D \odot \log Y) \mathbb{1}_N",
    ),
)
