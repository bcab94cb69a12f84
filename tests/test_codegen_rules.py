"""Stable forms: each rule is a theorem, is found where it should be, and keeps the value."""

import warnings

import numpy as np
import pytest
from codegen_support import function_of, gap, theorem_of

from codegen.lower import lower
from codegen.printer import print_function
from codegen.rules import bounded_rules, log_rules, program_rules
from derive.blackboard import Derivation, delta, exp, log, prod_, sqrt, sum_
from derive.context import POSITIVE, Domain
from derive.kernel import Theorem
from derive.terms import Fn, Term


class Names:
    """Declared names for the expressions of the table."""

    def __init__(self) -> None:
        self.d = Derivation("rules")
        self.K, self.N = self.d.sizes("K N")
        self.z, self.v = self.d.scalar("z"), self.d.scalar("v")
        self.t = self.d.scalar("t", Domain(low=0, high=1, low_strict=False, high_strict=False))
        self.u, self.a = self.d.vector("u", self.K), self.d.vector("a", self.K, POSITIVE)
        self.U = self.d.matrix("U", self.N, self.N)
        self.p = self.d.vector("p", self.N, POSITIVE)
        self.j, self.k, self.n = self.d.index("j", self.K), self.d.index("k", self.K), self.d.index("n", self.N)
        self.m = self.d.index("m", self.N)

    @property
    def sigma(self) -> Term:
        return 1 / (1 + exp(-self.z))


def softmax(x: Names) -> Term:
    return exp(x.u[x.k]) / sum_(x.j, exp(x.u[x.j]))


#: expression → the rule that must be applied to it
TABLE = {
    "sigmoid": (lambda x: x.sigma, "sigmoid"),
    "sigmoid of minus": (lambda x: 1 / (1 + exp(x.z)), "sigmoid"),
    "sigmoid expanded": (lambda x: exp(x.z) / (1 + exp(x.z)), "sigmoid-expanded"),
    "sigmoid in a product": (lambda x: 3 * x.v * x.sigma, "sigmoid"),
    "log of sigmoid": (lambda x: log(x.sigma), "log-sigmoid"),
    "log of the other side": (lambda x: log(1 - x.sigma), "log-one-minus-sigmoid"),
    "cross entropy": (lambda x: -(x.t * log(x.sigma) + (1 - x.t) * log(1 - x.sigma)), "logistic-loss"),
    "softplus": (lambda x: log(1 + exp(x.v * x.z)), "softplus"),
    "softplus, other order": (lambda x: log(exp(x.z) + 1), "softplus"),
    "slope": (lambda x: exp(-x.z) / (1 + exp(-x.z)) ** 2, "sigmoid-slope"),
    "log-sum-exp": (lambda x: log(sum_(x.j, exp(x.u[x.j]))), "log-sum-exp"),
    "log-sum-exp with weights": (lambda x: log(sum_(x.j, x.a[x.j] * exp(2 * x.u[x.j]))), "log-sum-exp"),
    "log-sum-exp beside 1": (lambda x: log(1 + sum_(x.j, exp(x.u[x.j]))), "logarithm"),
    "log-sum-exp of a matrix": (
        lambda x: log(sum_(x.n, sum_(x.m, exp(x.U[x.n, x.m])))), "log-sum-exp-matrix",
    ),
    "log-softmax": (lambda x: log(softmax(x)), "log-softmax"),
    "softmax": (softmax, "softmax"),
    "mean under a softmax": (
        lambda x: sum_(x.k, x.a[x.k] * exp(x.u[x.k])) / sum_(x.j, exp(x.u[x.j])), "softmax-mean",
    ),
    "log of two exponentials": (lambda x: log(exp(x.z) + exp(x.v)), "log-add-exp"),
    "share of two exponentials": (lambda x: exp(x.z) / (exp(x.z) + exp(x.v)), "add-exp"),
    "log cosh": (lambda x: log(Fn("cosh", (x.z,))), "log-cosh"),
    "tanh": (lambda x: Fn("sinh", (x.z,)) / Fn("cosh", (x.z,)), "tanh"),
    "tanh by exponentials": (lambda x: (exp(x.z) - exp(-x.z)) / (exp(x.z) + exp(-x.z)), "tanh-of-exp"),
    "log of exp": (lambda x: log(exp(x.z)), "log-of-exp"),
    "log of a product": (lambda x: log(prod_(x.n, x.p[x.n])), "log-of-product"),
    "log of a density": (lambda x: log(exp(-(x.z**2)) / sqrt(1 + x.v**2)), "log-of-scaled-exp"),
    "log of a quotient": (lambda x: log(x.p[1] / x.a[1]), "log-of-quotient"),
}  # fmt: skip


@pytest.mark.parametrize("rule", [*log_rules(), *program_rules(), *bounded_rules()], ids=lambda r: r.label)
def test_every_rule_is_a_theorem(rule: object) -> None:
    assert isinstance(rule.theorem, Theorem)  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", TABLE)
def test_the_rule_is_applied(name: str) -> None:
    x = Names()
    body, label = TABLE[name]
    program = lower("f", theorem_of(x.d, body(x)))
    applied = {r.partition(": ")[2] for s in program.statements for r in s.reason.rules}
    assert label in applied


@pytest.mark.parametrize("name", TABLE)
def test_the_value_is_kept(name: str) -> None:
    x = Names()
    assert gap(theorem_of(x.d, TABLE[name][0](x)), {"K": 4, "N": 3}) < 1e-12


#: what is finite for every argument
FINITE = [n for n in TABLE if n not in ("log of a product", "log of a quotient", "log of a density")]


@pytest.mark.parametrize("name", FINITE)
@pytest.mark.parametrize("scale", [1e4, -1e4])
def test_large_arguments_give_no_warning_and_no_nan(name: str, scale: float) -> None:
    x = Names()
    program = lower("f", theorem_of(x.d, TABLE[name][0](x)))
    sizes = {"K": 4, "N": 3}
    arguments = []
    for i in program.inputs:
        shape = tuple(s.value(sizes) for s in i.shape)
        wide = i.name in ("z", "u", "U")
        value = np.full(shape, scale if wide else 0.5) * np.linspace(0.5, 1, int(np.prod(shape))).reshape(shape)
        arguments.append(value.astype(np.float32)[()])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        value = function_of(print_function(program))(*arguments)
    assert np.all(np.isfinite(value))


def test_a_condition_that_does_not_hold_leaves_the_logarithm_alone() -> None:
    x = Names()
    program = lower("f", theorem_of(x.d, log(x.v / x.z)))
    assert all(not s.reason.rules for s in program.statements)


def test_what_is_left_out_of_a_sum_may_be_larger_than_all_that_counts() -> None:
    """Σ_{m≠n} exp(U_nm) with a diagonal that would overflow."""
    x = Names()
    others = sum_(x.m, (1 - delta(x.n, x.m)) * exp(x.U[x.n, x.m]))
    f = function_of(print_function(lower("f", theorem_of(x.d, sum_(x.n, log(others))))))
    U = np.array([[1e4, 1, 2], [3, 2e4, 4], [5, 6, 3e4]], dtype=np.float32)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        value = f(U)
    assert value == pytest.approx(sum(np.logaddexp(a, b) for a, b in [(1, 2), (3, 4), (5, 6)]), rel=1e-6)


@pytest.mark.parametrize("kind", [np.float32, np.float64])
@pytest.mark.parametrize("body", ["sigmoid", "sigmoid of minus", "sigmoid expanded"])
def test_a_coarse_sigmoid_is_one_tanh_with_an_error_below_an_ulp_of_one(body: str, kind: type) -> None:
    x = Names()
    source = print_function(lower("f", theorem_of(x.d, TABLE[body][0](x)), coarse=["f"]))
    assert source.text.count("np.tanh") == 1 and "np.exp" not in source.text
    z = np.concatenate([np.linspace(-40, 40, 20_001), np.linspace(-1e4, 1e4, 2001)]).astype(kind)
    with np.errstate(all="raise"):
        found = function_of(source)(z)
    sign = -1 if body == "sigmoid of minus" else 1
    exact = 1 / (1 + np.exp(-sign * z.astype(np.longdouble)))
    assert found.dtype == kind
    assert np.max(np.abs(found - exact)) < np.finfo(kind).eps


def test_a_sigmoid_that_is_a_result_keeps_its_digits_near_zero() -> None:
    x = Names()
    f = function_of(print_function(lower("f", theorem_of(x.d, x.sigma))))
    assert f(np.float64(-300.0)) == pytest.approx(np.exp(-300.0), rel=1e-14)
