"""Translation validation: random terms, and all of the lecture, against the independent evaluator."""

import os

import numpy as np
import pytest
from codegen_support import Undefined, gap, theorem_of
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from codegen.errors import CodegenError
from derive.blackboard import (
    Derivation,
    absolute,
    array,
    delta,
    diag,
    exp,
    eye,
    log,
    maximum,
    norm2,
    odot,
    ones,
    prod_,
    sum_,
    tanh,
    tr,
)  # fmt: skip
from derive.lecture import DERIVATIONS
from derive.props import Rel
from derive.prover import ProofError, prove
from derive.terms import Index, Sum, Term

#: how many random terms; raise it for a longer search
EXAMPLES = int(os.environ.get("CODEGEN_EXAMPLES", "40"))
#: whose right sides are all made of derivatives or of an unknown function
NOTHING = ("layer-gradients", "sgd")
SIZES = {"N": 3, "D": 2, "M": 4}


class Grammar:
    """Random terms of a wanted shape over declared names of every shape, with a named part."""

    def __init__(self, draw: st.DrawFn) -> None:
        self.draw = draw
        d = self.d = Derivation("random")
        self.sizes = d.sizes("N D")
        self.counter = 0
        for s in self.sizes:
            d.vector(f"v_{s}", s)
            for t in self.sizes:
                d.matrix(f"A_{{{s}{t}}}", s, t)
        d.scalar("c")

    def index(self, size: object) -> Index:
        self.counter += 1
        return self.d.index(f"i_{self.counter}", size)  # type: ignore[arg-type]

    def leaf(self, shape: tuple[object, ...], indices: tuple[Index, ...]) -> Term:
        c = self.d.context
        if len(shape) == 2:
            return c.declarations[f"A_{{{shape[0]}{shape[1]}}}"].var
        if len(shape) == 1:
            return c.declarations[f"v_{shape[0]}"].var
        options: list[Term] = [c.declarations["c"].var]
        for i in indices:
            options += [c.declarations[f"v_{i.size}"].var[i]] * 2
            options += [c.declarations[f"A_{{{i.size}{j.size}}}"].var[i, j] for j in indices]
            options += [delta(i, j) for j in indices if j != i and j.size == i.size]
        return self.draw(st.sampled_from(options))

    def term(self, shape: tuple[object, ...], depth: int, indices: tuple[Index, ...] = ()) -> Term:
        if depth == 0:
            return self.leaf(shape, indices)

        def sub(of: tuple[object, ...] = shape, extra: tuple[Index, ...] = ()) -> Term:
            return self.term(of, depth - 1, (*indices, *extra))

        kinds = ["add", "scale", "function", "named"]
        kinds += ["product", "hadamard", "array"] if shape else ["sum", "power", "norm", "prod", "log-sum-exp"]
        if len(shape) == 2:
            kinds += ["transpose", "outer"] + (["diag", "eye"] if shape[0] == shape[1] else [])
        if len(shape) == 0:
            kinds += ["inner", "trace"]
        kind = self.draw(st.sampled_from(kinds))
        other = self.draw(st.sampled_from(self.sizes))
        if kind == "add":
            return sub() - sub() if self.draw(st.booleans()) else sub() + sub()
        if kind == "scale":
            return sub(()) * sub() / other
        if kind == "function":
            x = sub()
            wrap = self.draw(st.sampled_from([tanh, absolute, lambda t: 1 / (1 + exp(-t)), lambda t: log(1 + exp(t))]))
            if x.shape and len(x.shape) == 2 and x.shape[0] == x.shape[1]:
                return tanh(x)
            return wrap(x) if not x.shape else tanh(x)
        if kind == "named":
            if indices:
                return sub()
            self.counter += 1
            return self.d.define(f"q_{self.counter}", sub())
        if kind == "product":
            return sub((shape[0], other)) @ sub((other, *shape[1:]))
        if kind == "hadamard":
            return odot(sub(), sub())
        if kind == "array":
            own = tuple(self.index(s) for s in shape)
            return array(*own, self.term((), depth - 1, (*indices, *own)))
        if kind == "transpose":
            return sub(shape[::-1]).T
        if kind == "outer":
            return sub(shape[:1]) @ sub(shape[1:]).T
        if kind == "diag":
            return diag(sub(shape[:1]))
        if kind == "eye":
            return sub(()) * eye(shape[0])  # type: ignore[arg-type]
        if kind == "power":
            return sub() ** 2
        if kind == "norm":
            return norm2(sub((other, self.draw(st.sampled_from(self.sizes)))))
        if kind == "inner":
            return sub((other,)).T @ sub((other, other)) @ ones(other)
        if kind == "trace":
            return tr(sub((other, other)))
        k = self.index(other)
        inner = sub((), (k,))
        if kind == "prod":
            return prod_(k, tanh(inner))
        if kind == "log-sum-exp":
            return log(sum_(k, exp(inner)))
        start = self.draw(st.sampled_from([1, 1, 2]))
        return Sum(k, maximum(inner, 0) if self.draw(st.booleans()) else inner, start)


@st.composite
def theorems(draw: st.DrawFn) -> object:
    g = Grammar(draw)
    N, D = g.sizes
    shape = draw(st.sampled_from([(), (), (N,), (D, N), (N, N)]))
    try:
        return theorem_of(g.d, g.term(shape, draw(st.integers(1, 4))))
    except ProofError:
        assume(False)


@given(theorems(), st.integers(0, 1000))
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    derandomize="CODEGEN_EXAMPLES" not in os.environ,
)
def test_random_terms_compute_what_the_evaluator_does(theorem: object, seed: int) -> None:
    with np.errstate(over="ignore"):
        try:
            assert gap(theorem, SIZES, seed) < 1e-8  # type: ignore[arg-type]
        except Undefined:
            assume(False)
        except CodegenError as refused:
            assert "size" in str(refused)


@pytest.mark.parametrize("name", DERIVATIONS)
def test_the_lecture_computes_what_the_evaluator_does(name: str) -> None:
    """Every equation whose right side has no derivative left."""
    compiled = 0
    for step in DERIVATIONS[name]().steps:
        if not isinstance(step.prop, Rel) or step.prop.op != "=" or step.premises:
            continue
        theorem = prove(step.context, step.prop)
        sizes = dict.fromkeys("NDKMJBP", 3) | {"N_B": 3}
        try:
            assert gap(theorem, sizes) < 1e-10, step.label
            compiled += 1
        except (CodegenError, Undefined):
            continue
    assert compiled or name in NOTHING
