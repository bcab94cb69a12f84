"""Index formulas as an expert writes them in NumPy, and what is refused."""

import ast

import pytest
from codegen_support import gap, theorem_of

from codegen.code import broken, comment
from codegen.errors import CodegenError
from codegen.lower import lower
from codegen.printer import print_function
from derive.blackboard import (
    Derivation,
    array,
    delta,
    det,
    diag,
    exp,
    eye,
    inv,
    log,
    norm2,
    odot,
    ones,
    prod_,
    sqrt,
    sum_,
    tanh,
    tr,
)  # fmt: skip
from derive.context import POSITIVE
from derive.terms import Call, Prod, Sum, Term


class Names:
    def __init__(self) -> None:
        d = self.d = Derivation("code")
        self.N, self.D, self.K = d.sizes("N D K")
        self.X, self.Y = d.matrix("X", self.N, self.D), d.matrix("Y", self.N, self.K)
        self.W = d.matrix("W", self.D, self.K)
        self.w, self.y, self.b = d.vector("w", self.D), d.vector("y", self.N), d.vector("b", self.K)
        self.S, self.lam = d.matrix("S", self.D, self.D), d.scalar("λ", POSITIVE)
        self.n, self.m = d.index("n", self.N), d.index("m", self.N)
        self.i, self.j, self.k = d.index("i", self.D), d.index("j", self.D), d.index("k", self.K)


#: formula → the line that computes it
TABLE = {
    "matrix-vector": (lambda x: x.X @ x.w, "X @ w"),
    "transpose": (lambda x: x.X.T @ (x.X @ x.w - x.y), "X.T @ (X @ w - y)"),
    "by entries": (lambda x: sum_(x.n, x.y[x.n] * x.X[x.n, x.i]), "X.T @ y"),
    "product of three": (lambda x: x.X @ x.W @ x.b, "X @ (W @ b)"),
    "chain from the left": (lambda x: x.y.T @ x.X @ x.W @ x.b, "@ (W @ b)"),
    "outer": (lambda x: x.w @ x.b.T, "np.outer(w, b)"),
    "outer by entries": (lambda x: array(x.k, x.i, x.w[x.i] * x.b[x.k]), "np.outer(b, w)"),
    "inner": (lambda x: x.w.T @ x.w, "w @ w"),
    "row sums": (lambda x: x.X @ ones(x.D), "np.sum(X, axis=1)"),
    "column sums": (lambda x: sum_(x.n, x.X[x.n, x.i]), "np.sum(X, axis=0)"),
    "mean": (lambda x: sum_(x.n, x.y[x.n]) / x.N, "np.sum(y) / N"),
    "bias": (lambda x: x.X @ x.W + ones(x.N) @ x.b.T, "X @ W + b"),
    "bias by columns": (lambda x: x.W.T @ x.X.T + x.b @ ones(x.N).T, "W.T @ X.T + b[:, None]"),
    "diagonal matrix": (lambda x: x.X.T @ diag(x.y) @ x.X, "(X.T * y) @ X"),
    "trace of a product": (lambda x: tr(x.X.T @ x.X), "np.sum(X**2)"),
    "Frobenius": (lambda x: norm2(x.X @ x.W - x.Y), "np.sum((X @ W - Y)**2)"),
    "entrywise": (lambda x: odot(x.Y, tanh(x.X @ x.W)), "Y * np.tanh(X @ W)"),
    "weights of rows": (lambda x: sum_(x.n, sum_(x.i, x.y[x.n] * x.X[x.n, x.i] * x.w[x.i])), "y @ (X @ w)"),
    "entry": (lambda x: x.w[2], "w[1]"),
    "column": (lambda x: array(x.n, x.X[x.n, 1]), "X[:, 0]"),
    "diagonal": (lambda x: array(x.i, x.S[x.i, x.i]), "np.diagonal(S)"),
    "delta": (lambda x: sum_(x.j, delta(x.i, x.j) * x.w[x.j]), "w"),
    "identity": (lambda x: x.S + x.lam * eye(x.D), "S + lam * np.eye(D, dtype=dtype)"),
    "system": (lambda x: inv(x.S) @ x.w, "np.linalg.solve(S, w)"),
    "system of many": (lambda x: inv(x.S) @ x.W, "np.linalg.solve(S, W)"),
    "Gram system": (lambda x: inv(x.X.T @ x.X + x.lam * eye(x.D)) @ (x.X.T @ x.y), "linalg.cho_solve("),
    "log-determinant": (lambda x: log(det(x.S)), "np.linalg.slogdet(S)[1]"),
    "product": (lambda x: prod_(x.n, x.y[x.n]), "np.prod(y)"),
    "tail of a sum": (lambda x: Sum(x.i, x.w[x.i], 2), "np.sum(w[1:], axis=0)"),
    "tail of a product": (lambda x: Prod(x.i, x.w[x.i], 2), "np.prod(w[1:], axis=0)"),
    "others": (lambda x: sum_(x.j, (1 - delta(x.i, x.j)) * x.w[x.j]), "(1 - np.eye(D, dtype=dtype)) @ w"),
    "root": (lambda x: sqrt(norm2(x.w)), "np.sqrt(w @ w)"),
    "scalars first": (lambda x: 2 * x.lam / x.D * x.w, "2 * lam / D * w"),
    "kernel": (
        lambda x: array(x.n, x.m, exp(-sum_(x.i, (x.X[x.n, x.i] - x.X[x.m, x.i]) ** 2))),
        "np.exp(-np.where(~np.eye(N, dtype=bool),",
    ),
}  # fmt: skip
SIZES = {"N": 4, "D": 3, "K": 2}


@pytest.mark.parametrize("name", TABLE)
def test_the_formula_is_written_as_an_expert_would(name: str) -> None:
    x = Names()
    formula, line = TABLE[name]
    assert line in print_function(lower("f", theorem_of(x.d, formula(x)))).text


@pytest.mark.parametrize("name", TABLE)
def test_the_value_is_the_evaluators(name: str) -> None:
    x = Names()
    assert gap(theorem_of(x.d, TABLE[name][0](x)), SIZES) < 1e-12


def test_a_kernel_matrix_forms_no_array_over_three_axes() -> None:
    x = Names()
    program = lower("f", theorem_of(x.d, TABLE["kernel"][0](x)))
    wide = [t for s in program.statements for t in s.value.walk() if len(t.axes) > 2]
    assert wide == []


def test_a_symmetric_kernel_is_computed_once() -> None:
    x = Names()
    K = x.d.define("G", TABLE["kernel"][0](x))
    both = array(x.n, x.m, K[x.n, x.m] + exp(-sum_(x.i, (x.X[x.m, x.i] - x.X[x.n, x.i]) ** 2)))
    text = print_function(lower("f", theorem_of(x.d, both))).text
    assert text.count("np.exp(") == 1


@pytest.mark.parametrize(
    ("formula", "why"),
    [
        (lambda x: x.d.function("g")(x.lam), "unknown function"),
        (lambda x: Call(x.f.name, (x.lam,), (), 1), "derivative of h"),
        (lambda x: sum_(x.n, x.y[x.n]) * x.q, "neither declared nor defined"),
    ],
    ids=["unknown function", "prime without a theorem", "undeclared name"],
)
def test_what_has_no_program_is_refused(formula: object, why: str) -> None:
    x = Names()
    x.d.define_function("h", "z", lambda z: tanh(z))
    x.f = Call("h", (x.lam,))  # type: ignore[attr-defined]
    x.q = x.d.scalar("q")  # type: ignore[attr-defined]
    body: Term = formula(x)  # type: ignore[operator]
    theorem = theorem_of(x.d, body)
    if why.startswith("neither"):
        del theorem.context.declarations["q"]
    with pytest.raises(CodegenError, match=why):
        lower("f", theorem)


def test_a_size_that_no_argument_tells_is_refused() -> None:
    x = Names()
    with pytest.raises(CodegenError, match="size K"):
        print_function(lower("f", theorem_of(x.d, x.w[1] / x.K)))


def test_each_statement_has_a_line_an_equation_and_a_reason() -> None:
    x = Names()
    source = print_function(lower("f", theorem_of(x.d, norm2(x.X @ x.w - x.y) / x.N)))
    lines = source.text.splitlines()
    assert [(s.equation in "".join(lines[s.line - 2 : s.line]), bool(s.reason.text)) for s in source.steps] == [
        (True, True)
    ] * len(source.steps)


def test_a_long_statement_is_broken_and_computes_the_same() -> None:
    x = Names()
    body = sum((tanh(x.X @ x.w * n) * x.lam / (n + 1) for n in range(2, 12)), x.y)
    theorem = theorem_of(x.d, body)
    text = print_function(lower("f", theorem)).text
    code = [row for row in text.splitlines() if "#" not in row and "np.tanh" in row]
    assert len(code) > 1
    assert max(map(len, code)) <= 110
    assert gap(theorem, SIZES) < 1e-12


@pytest.mark.parametrize(
    ("statement", "rows"),
    [
        ("a = b + c", ["a = b + c"]),
        ("a = bbbbbbb + c * (d - e) - ffffff", ["a = (", "    bbbbbbb", "    + c * (d - e)", "    - ffffff", ")"]),
        ("return np.f(aaaaaaaaa + bbbbbbbbb)", ["return np.f(aaaaaaaaa", "    + bbbbbbbbb)"]),
        ("return np.ff(aaaaaaaaa, bbbbbbbbb)", ["return np.ff(aaaaaaaaa,", "    bbbbbbbbb)"]),
    ],
)
def test_where_a_statement_is_broken(statement: str, rows: list[str]) -> None:
    assert broken(statement, 30) == rows


def test_a_long_statement_is_cut_at_its_loosest_operators_and_its_parts_again() -> None:
    inner = " + ".join(f"np.outer(alpha_{n}, beta_{n})" for n in range(6))
    value = f"2 * (A.T @ ({inner}) @ B) + B.T @ ({inner} - u * np.eye(H)) @ A"
    rows = broken(f"return {value}", 80)
    assert max(map(len, rows)) <= 80
    assert rows[0] == "return (" and rows[1].startswith("    2") and rows[-1] == ")"
    tree = ast.parse("def f():\n" + "\n".join(f"    {r}" for r in rows))
    assert ast.dump(tree) == ast.dump(ast.parse(f"def f():\n    return {value}"))


def test_a_comment_on_several_lines_keeps_its_words() -> None:
    text = "∂L/∂W = " + " + ".join(f"A{n} ⊙ B{n}" for n in range(30))
    rows = comment(text, 60)
    assert all(r.startswith("#") and len(r) <= 60 for r in rows)
    assert " ".join(r.removeprefix("#").strip() for r in rows) == text
