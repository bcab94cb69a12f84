"""Programs in kept buffers compute what the same programs compute with new arrays."""

from __future__ import annotations

import math
from fractions import Fraction
from functools import cache
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from codegen.buffered import Buffered
from codegen.emit import Emitter
from codegen.program import Axes, Contract, Number, Pointwise, Read, Reason, Reduce, Statement, Tensor
from derive.terms import Index, size

I, J, K = (  # noqa: E741
    Index(n.lower(), size(n)) for n in "IJK"
)
SIZES = {"I": 3, "J": 3, "K": 3}  # equal, so that a buffer taken too early is the right shape and shows
WORDS = {name: name for name in SIZES}
REASON = Reason("definition", "")
ARRAYS: dict[str, Axes] = {
    "A": (I, J), "B": (I, J), "C": (J, I), "P": (I, K), "Q": (K, J), "v": (I,), "u": (J,), "t": (K,), "s": (),
}  # fmt: skip


def minus(t: Tensor) -> Tensor:
    return Pointwise("mul", (Number(Fraction(-1)), t))


@cache
def expressions(axes: Axes, depth: int) -> st.SearchStrategy[Tensor]:
    """Tensors whose axes are some of `axes`."""
    leaves: list[Tensor] = [Read(n, at) for n, at in ARRAYS.items() if set(at) <= set(axes)]
    leaf = st.sampled_from([*leaves, *(Number(Fraction(n, 2)) for n in (-3, 1, 4))])
    if not depth:
        return leaf
    inner = expressions(axes, depth - 1)
    several = st.lists(inner, min_size=2, max_size=3).map(tuple)
    made = [
        st.builds(Pointwise, st.sampled_from(["add", "mul"]), several),
        st.tuples(inner, inner).map(lambda p: Pointwise("max", p)),
        inner.map(lambda t: Pointwise("tanh", (t,))),
        inner.map(minus),
        st.tuples(inner, inner).map(lambda p: Pointwise("add", (p[0], minus(p[1])))),
        st.tuples(inner, inner).map(lambda p: minus(Pointwise("max", (minus(p[0]), minus(p[1]))))),
        inner.map(lambda t: Pointwise("pow", (Pointwise("add", (Pointwise("abs", (t,)), Number(Fraction(1)))), MINUS))),
    ]
    other = next((i for i in (K, J, I) if i not in axes), None)
    if other is not None:
        wide = expressions((*axes, other), depth - 1).filter(lambda t: other in t.axes)
        made += [
            wide.map(lambda t: Contract((other,), (t,))),
            wide.map(lambda t: Reduce("max", (other,), t)),
            st.tuples(wide, wide).map(lambda p: Contract((other,), p)),
        ]
    if {I, J} <= set(axes):
        left = expressions((I, K), depth - 1).filter(lambda t: set(t.axes) == {I, K})
        right = expressions((K, J), depth - 1).filter(lambda t: set(t.axes) == {K, J})
        made.append(st.tuples(left, right).map(lambda p: Contract((K,), p)))
    return st.one_of(leaf, *made)


def values() -> dict[str, Any]:
    rng = np.random.default_rng(0)
    return {n: rng.normal(size=tuple(SIZES[i.size.names[0]] for i in at)) for n, at in ARRAYS.items()}


def expected(t: Tensor, axes: Axes) -> Any:
    names = {n: n for n in ARRAYS}
    code = Emitter(names, WORDS).framed(t, axes).text
    shape = tuple(SIZES[i.size.names[0]] for i in axes)
    return np.broadcast_to(eval(code, {"np": np, "math": math, **SIZES, **values()}), shape)


def scope(printer: Buffered) -> dict[str, Any]:
    from scipy.linalg import blas

    from generated import neural_network

    made = {"np": np, "math": math, "blas": blas, **SIZES, **values()}
    made |= {"_gemm": neural_network._gemm, "_gemv": neural_network._gemv}
    for b in printer.buffers:
        made[b.name] = np.full(tuple(s.value(SIZES) for s in b.sizes), 1.0 if b.ones else np.nan)
    return made


@settings(max_examples=200, deadline=None)
@given(expressions((I, J), 2), st.booleans())
def test_a_statement_in_buffers_has_the_value_of_its_expression(t: Tensor, blas: bool) -> None:
    printer = Buffered({n: n for n in [*ARRAYS, "x"]}, WORDS, blas)
    lines = printer.statement(Statement("x", (I, J), t, "", REASON))
    made = scope(printer)
    for _ in range(2):  # what the first run left in the buffers does not matter
        exec("\n".join(lines), made)
    np.testing.assert_allclose(made["x"], expected(t, (I, J)), rtol=1e-10, atol=1e-10)


@settings(max_examples=100, deadline=None)
@given(expressions((I, J), 2), expressions((I,), 2), st.booleans())
def test_all_states_change_at_once(first: Tensor, second: Tensor, blas: bool) -> None:
    """A ← A + first and v ← v + second, where each may read both."""
    updates = {
        "A": Statement("A'", (I, J), Pointwise("add", (Read("A", (I, J)), minus(first))), "", REASON),
        "v": Statement("v'", (I,), Pointwise("add", (Read("v", (I,)), second)), "", REASON),
    }
    steps = {"A": first, "v": second}
    if any(term == Read(n, s.axes) for n, s in updates.items() for term in _terms(steps[n])):
        return  # the old value twice is not the form of an update
    printer = Buffered({n: n for n in ARRAYS}, WORDS, blas)
    runs = printer.updates(
        list(updates.items()), lambda t: any(isinstance(x, Read) and x.name in updates for x in t.walk())
    )
    made = scope(printer)
    exec("\n".join(line for part in (0, 1) for run in runs for line in run[part]), made)
    for name, s in updates.items():
        np.testing.assert_allclose(made[name], expected(s.value, s.axes), rtol=1e-10, atol=1e-10)


def _terms(t: Tensor) -> list[Tensor]:
    if isinstance(t, Pointwise) and t.op in ("add", "mul"):
        return [x for a in t.operands for x in _terms(a)]
    return [t]


MINUS = Number(Fraction(-1))


def updated(*steps: tuple[Tensor, ...]) -> tuple[list[str], Any]:
    """The lines of A ← A + the products, by BLAS, and what becomes of A."""
    whole = Pointwise("add", (Read("A", (I, J)), *(Pointwise("mul", x) for x in steps)))
    s = Statement("A'", (I, J), whole, "", REASON)
    printer = Buffered({n: n for n in ARRAYS}, WORDS, blas=True)
    ((early, late),) = printer.updates([("A", s)], lambda t: any(x == Read("A", (I, J)) for x in t.walk()))
    made = scope(printer)
    exec("\n".join([*early, *late]), made)
    np.testing.assert_allclose(made["A"], expected(whole, (I, J)), rtol=1e-12)
    return [*early, *late], made["A"]


def test_a_multiple_of_the_state_is_scaled_by_the_same_call_as_a_product_of_matrices() -> None:
    decay = (Number(Fraction(-1, 2)), Read("s", ()), Read("A", (I, J)))
    gradient = (Number(Fraction(-1, 4)), Contract((K,), (Read("P", (I, K)), Read("Q", (K, J)))))
    lines, _ = updated(decay, gradient)
    assert len(lines) == 1 and lines[0].startswith("_gemm(")
    lines, _ = updated(decay, (Number(Fraction(-1)), Read("B", (I, J))))
    assert lines[0].startswith("np.multiply(A, ") and len(lines) == 2


def test_a_square_of_the_state_is_no_multiple_of_it() -> None:
    lines, _ = updated((Read("A", (I, J)), Read("A", (I, J))))
    assert "np.multiply(A, A" in lines[0]
