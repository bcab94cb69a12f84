"""Theorems become programs: what is computed, and how it is written."""

import numpy as np
import pytest
from codegen_support import function_of, gap, theorem_of

from codegen.errors import CodegenError
from codegen.lower import lower
from codegen.printer import print_function
from derive.blackboard import Derivation, array, diff, eq, exp, norm2, sum_
from derive.kernel import Theorem
from derive.prover import prove


def least_squares() -> tuple[Derivation, Theorem, Theorem]:
    d = Derivation("least-squares")
    N, D = d.sizes("N D")
    X, w, y = d.matrix("X", N, D), d.vector("w", D), d.vector("y", N)
    L = d.define("L", norm2(X @ w - y) / 2)
    gradient = prove(d.context, eq(diff(L, w), X.T @ (X @ w - y)))
    return d, prove(d.context, eq(L, d.context.definitions["L"].body)), gradient


def test_the_gradient_is_written_as_on_the_blackboard() -> None:
    _, _, gradient = least_squares()
    assert "return X.T @ (X @ w - y)" in print_function(lower("gradient", gradient)).text


def test_loss_and_gradient_share_the_residual() -> None:
    _, loss, gradient = least_squares()
    text = print_function(lower("both", {"loss": loss, "gradient": gradient})).text
    assert text.count("X @ w") == 1


def test_a_sum_that_is_part_of_another_is_computed_once() -> None:
    d = Derivation("parts")
    K = d.size("K")
    u, v, w = (d.vector(name, K) for name in "uvw")
    k = d.index("k", K)
    more, less = array(k, u[k] - v[k] - w[k]), array(k, exp(u[k] - v[k]))
    for formulas in ({"more": more, "less": less}, {"less": less, "more": more}):
        theorems = {name: theorem_of(d, formula) for name, formula in formulas.items()}
        source = print_function(lower("both", theorems))
        assert source.text.count("u - v") == 1
        at = [np.array(row) for row in ([1.0, 2.0], [0.5, 4.0], [3.0, 1.0])]
        expected = {"more": at[0] - at[1] - at[2], "less": np.exp(at[0] - at[1])}
        for found, name in zip(function_of(source)(*at), formulas):
            np.testing.assert_allclose(found, expected[name], rtol=1e-14)


def test_new_names_are_told_apart_in_the_equations_beside_them_too() -> None:
    d = Derivation("two")
    K = d.size("K")
    u, v, q, k = d.vector("u", K), d.vector("v", K), d.scalar("q"), d.index("k", K)
    formulas = [array(k, f(q * (u[k] - v[k]) ** 2 + f((u[k] + v[k]) ** 2))) for f in (exp, lambda x: x)]
    source = print_function(lower("both", {str(n): theorem_of(d, f) for n, f in enumerate(formulas)}))
    new = [line.partition("  # ") for line in source.text.splitlines() if "**2" in line and " = " in line]
    assert [code.split(" = ")[0].strip() for code, _, _ in new] == ["q_2", "q_3"]
    assert [equation.split(" = ")[0] for _, _, equation in new] == ["q_{2,k}", "q_{3,k}"]


def test_a_sum_with_a_term_that_vanishes_is_no_second_occurrence_of_its_other_terms() -> None:
    d = Derivation("vanishing")
    K = d.size("K")
    A, B, v, s = d.matrix("A", K, K), d.matrix("B", K, K), d.vector("v", K), d.scalar("s")
    k = d.index("k", K)
    total = sum_(k, v[k])
    assert gap(theorem_of(d, A - s * (A @ B + (1 / total - 1 / total) * A)), {"K": 3}) < 1e-14


def test_the_program_computes_what_the_theorem_says() -> None:
    _, loss, gradient = least_squares()
    for theorem in (loss, gradient):
        assert gap(theorem, {"N": 4, "D": 3}) < 1e-12


def test_only_a_theorem_is_compiled() -> None:
    _, _, gradient = least_squares()
    with pytest.raises(CodegenError, match="only a theorem"):
        lower("gradient", gradient.prop)  # type: ignore[arg-type]


def test_a_derivative_without_a_theorem_is_refused() -> None:
    d, _, _ = least_squares()
    L, w = d.context.definitions["L"].var, d.context.declarations["w"].var
    trivial = prove(d.context, eq(diff(L, w), diff(L, w)))
    with pytest.raises(CodegenError, match="no theorem gives a formula"):
        lower("gradient", trivial)
