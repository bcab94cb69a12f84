"""Whatever is written in a document, the reader and the checker end with a verdict for every step.

`FUZZ_EXAMPLES=20000` makes the runs longer.
"""

import os
import random
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from derive import check_document
from derive.homework.document import read_document
from derive.verdict import VERDICTS

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "60"))
FUZZ = settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))

DECLARED = """
Let $X \\in \\mathbb{R}^{N \\times D}$, $w, v \\in \\mathbb{R}^D$, $y \\in \\mathbb{R}^N$,
$A \\in \\mathbb{R}^{D \\times D}$,
$a, b, c \\in \\mathbb{R}$, $s > 0$, $d \\in \\{0, 1\\}$, $x^{(i)} \\in \\mathbb{R}^D$,
$f : \\mathbb{R} \\to \\mathbb{R}$,
$E : \\mathbb{R}^D \\to \\mathbb{R}$, $\\sigma(z) := \\frac{1}{1 + e^{-z}}$, $L(w) := \\frac12 \\|X w - y\\|^2$.
"""

DOCUMENTS = sorted((Path(__file__).parent / "documents").glob("*.md"))

WORDS = """
$ $$ \\[ \\] { } ( ) [ ] \\{ \\} | \\| & \\\\ ^ _ ' , . ; : := = \\le \\iff \\propto \\in + - / * \\cdot \\frac \\dfrac
\\sqrt \\sum \\prod \\sum_{n=1}^N \\sum_k \\int \\partial \\frac{\\partial \\nabla \\nabla_w \\arg\\min_w \\det
\\log \\exp
\\max \\operatorname{tr} \\operatorname \\mathbb{R} \\mathbf \\mathrm{w} \\hat \\text \\text{and} \\left( \\right)
\\begin{aligned} \\end{aligned} \\begin{cases} \\end{cases} \\newcommand{\\q} \\q \\def \\because \\tag{1} \\mathcal{N}
\\sim \\mid ^\\top ^{-1} ^{(1)} ^{(l+1)} _{ij} _1 _n N D w v X y A a b c L I \\mathbf{1}_N \\delta_{ij} \\sigma \\pi e
0 1 2 12 3.5 \\ # ## - > ``` ` * <!-- --> Let Assume 仮定 、 \u202e é \u0301 \x00 \ufeff 😀
"""
PIECES = st.sampled_from([*WORDS.split(), "\n", "\n\n", " ", "\t", "\n# "])

GARBAGE = st.lists(PIECES, max_size=40).map(lambda parts: DECLARED * (len(parts) % 2) + " ".join(parts))


@st.composite
def mutated(draw):
    """A document of the field with a few pieces cut, doubled, swapped or put in."""
    text = draw(st.sampled_from(DOCUMENTS)).read_text(encoding="utf-8")
    rng = random.Random(draw(st.integers(0, 2**32)))
    start = rng.randrange(max(1, len(text) - 600))
    text = text[: text.find("\n\n", 400) + 2] + text[start : start + 600]
    for _ in range(draw(st.integers(1, 4))):
        at, size = rng.randrange(len(text)), rng.randrange(12)
        kind = rng.randrange(4)
        other = rng.randrange(len(text))
        middle = {
            0: "", 1: text[at : at + size] * 2, 2: draw(PIECES), 3: text[other : other + size],
        }[kind]  # fmt: skip
        text = text[:at] + middle + text[at + size * (kind != 2) :]
    return text


NUMBERS = st.sampled_from(["0", "1", "2", "-1", "\\frac12", "10", "N"])
SCALARS = st.deferred(lambda: st.one_of(
    NUMBERS,
    st.sampled_from(["a", "b", "c", "s", "d", "w_1", "w_i", "y_n", "X_{ni}", "A_{ij}", "\\delta_{ij}", "L", "L(v)",
                     "\\sigma(a)", "f(b)", "f'(a)", "E(w)", "w^\\top v", "\\|w\\|^2", "\\det(A)",
                     "\\operatorname{tr}(A)"]),
    st.tuples(SCALARS, st.sampled_from([" + ", " - ", " ", " \\cdot ", " / "]), SCALARS).map("".join),
    st.tuples(st.sampled_from(["\\log", "\\exp", "\\sqrt", "\\tanh", "\\sigma", "f", "-", "|"]), SCALARS).map(
        lambda p: f"{p[0]}{{({p[1]})}}" if p[0] == "\\sqrt" else f"|{p[1]}|" if p[0] == "|" else f"{p[0]}({p[1]})"),
    st.tuples(SCALARS, SCALARS).map(lambda p: f"\\frac{{{p[0]}}}{{{p[1]}}}"),
    st.tuples(SCALARS, st.sampled_from(["2", "3", "-1", "{10}"])).map(lambda p: f"({p[0]})^{p[1]}"),
    st.tuples(st.sampled_from(["\\sum_{n=1}^N", "\\sum_{i=1}^D", "\\prod_{n=1}^N", "\\sum_{i \\neq j}", "\\sum_n"]),
              SCALARS).map(lambda p: f"{p[0]} ({p[1]})"),
    st.tuples(SCALARS, st.sampled_from(["a", "s", "w_i", "A_{ij}", "w_1"])).map(
        lambda p: f"\\frac{{\\partial}}{{\\partial {p[1]}}} \\left( {p[0]} \\right)"),
))  # fmt: skip
VECTORS = st.deferred(lambda: st.one_of(
    st.sampled_from(["w", "v", "A w", "A^\\top v", "X^\\top y", "\\nabla_w L", "\\mathbf{0}_D", "A^{-1} v", "x^{(1)}",
                     "\\frac{\\partial E(w)}{\\partial w}", "\\operatorname{diag}(w) v", "w \\odot v", "f(w)"]),
    st.tuples(SCALARS, VECTORS).map(lambda p: f"({p[0]}) {p[1]}"),
    st.tuples(VECTORS, st.sampled_from([" + ", " - ", " \\odot "]), VECTORS).map("".join),
    VECTORS.map(lambda v: f"(A + A^\\top) ({v})"),
))  # fmt: skip
SIDES = st.one_of(st.tuples(SCALARS, SCALARS), st.tuples(VECTORS, VECTORS), st.tuples(SCALARS, VECTORS))
CLAIMS = st.tuples(SIDES, st.sampled_from(["=", "\\le", ">", "\\propto_a", "= 0 \\iff 0 ="])).map(
    lambda p: f"$$ {p[0][0]} {p[1]} {p[0][1]} $$"
)


def judged(text):
    report = check_document(text, time_limit=0.4)
    lines = report.text.split("\n")
    for step in report.steps:
        assert step.verdict in VERDICTS
        assert step.code not in ("D119", "D404", "D901"), (step.message(), step.claim)
        assert (step.code == "") == (step.verdict == "proved")
        assert 1 <= step.line <= len(lines)
        assert 1 <= step.column <= len(lines[step.line - 1]) + 1
        assert "…" not in step.message("en").replace("(z) := …", "").replace("1 … ", "")
        step.to_json("ja")
    report._repr_markdown_()
    return report


@FUZZ
@given(GARBAGE)
def test_garbage_is_judged(text):
    judged(text)


@FUZZ
@given(mutated())
def test_damaged_documents_are_read(text):
    for claim in read_document(text, "damaged.md").claims:
        assert (claim.prop is None) != (claim.error is None)


@settings(FUZZ, max_examples=max(1, EXAMPLES // 12))
@given(mutated())
def test_damaged_documents_are_judged(text):
    judged(text)


@FUZZ
@given(CLAIMS)
def test_formulas_of_the_grammar_are_judged(claim):
    judged(DECLARED + "\n" + claim)
