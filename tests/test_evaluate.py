"""The evaluator: values, derivatives to any order, and where there is no value."""

from fractions import Fraction

import mpmath
import pytest

from derive.blackboard import (
    Derivation,
    absolute,
    array,
    delta,
    det,
    diag,
    diff,
    eq,
    exp,
    eye,
    hessian,
    inv,
    log,
    maximum,
    norm2,
    odot,
    ones,
    pi,
    prod_,
    sqrt,
    sum_,
    tanh,
    tr,
)  # fmt: skip
from derive.evaluate import UNDEFINED, Array, Evaluator, Instance, ResourceLimit, Univariate
from derive.terms import Call, Comp, Fn, Num, Prod, Sum, Term


def scene() -> Derivation:
    d = Derivation("values")
    N, D = d.sizes("N D")
    d.matrix("X", N, D)
    d.matrix("A", D, D)
    d.vector("w", D)
    d.vector("y", N)
    d.scalar("z")
    d.scalar("q")
    return d


INSTANCE = Instance.of(
    {"N": 2, "D": 2}, X=[[1, 2], [3, 4]], A=[[2, 1], [0, 3]], w=[1, -1], y=[5, Fraction(1, 2)], z=-2, q=Fraction(1, 3)
)


def values(d: Derivation) -> dict[str, tuple[Term, object]]:
    N, D = d.sizes("N D")
    X, A, w, y, z, q = (d.context.declarations[n].var for n in ("X", "A", "w", "y", "z", "q"))
    i, j, k = d.index("i", D), d.index("j", D), d.index("k", D)
    return {
        "product": (X @ w, [-1, -1]),
        "row times column": (w.T @ w, 2),
        "outer product": (w @ w.T, [[1, -1], [-1, 1]]),
        "transpose": (X.T, [[1, 3], [2, 4]]),
        "inverse": (inv(A), [[Fraction(1, 2), Fraction(-1, 6)], [0, Fraction(1, 3)]]),
        "determinant": (det(A), 6),
        "trace": (tr(A @ A), 13),
        "diagonal": (diag(w), [[1, 0], [0, -1]]),
        "identity": (eye(D) * 2, [[2, 0], [0, 2]]),
        "entrywise": (odot(w, w) + 1, [2, 2]),
        "squared norm": (norm2(X), 30),
        "sum of ones": (ones(N).T @ ones(N), 2),
        "sum": (sum_(i, w[i] * A[i, j] * w[j]), 2),
        "sum from the second": (Sum(i, w[i], 2), -1),
        "empty sum": (Sum(d.index("m", 1), z, 2), 0),
        "product of all": (prod_(i, w[i] - 2), 3),
        "product from the second": (Prod(i, w[i] - 2, 2), -3),
        "array of entries": (array(i, k, w[i] - w[k]), [[0, 2], [-2, 0]]),
        "one entry of it": (array(i, k, w[i] - w[k])[2, 1], -2),
        "a row": (X[2], [3, 4]),
        "negative power": (z**-3, Fraction(-1, 8)),
        "zeroth power": ((z - z) ** 0, 1),
        "root of a square": (sqrt(z**2), 2),
        "exact root": ((q / 9) ** Fraction(1, 3), Fraction(1, 3)),
        "absolute value": (absolute(z), 2),
        "larger": (maximum(z, q), Fraction(1, 3)),
        "delta": (sum_(i, sum_(k, delta(i, k))), 2),
        "a case that is ruled out needs no value": (sum_(k, (1 - delta(1, k)) / (w[k] - w[1])), Fraction(-1, 2)),
        "gradient": (diff(norm2(X @ w - y) / 2, w), [Fraction(-21, 2), -18]),
        "Hessian": (hessian(norm2(X @ w - y) / 2, w), [[10, 14], [14, 20]]),
        "entry of a gradient": (diff(w.T @ A @ w, w[2]), -5),
        "Jacobian": (diff(X @ w, w), [[1, 2], [3, 4]]),
        "by a matrix": (diff(det(A), A), [[3, 0], [-1, 2]]),
        "by an inverse's argument": (diff(tr(inv(A)), A)[1, 1], Fraction(-1, 4)),
        "third order": (diff(z**5, z, z, z), 240),
        "of a power with a varying exponent": (diff((z * z) ** q, z) * z, Num(Fraction(2, 3)) * (z * z) ** q),
        "mixed": (diff(z**2 * q**3, z, q), Fraction(-4, 3)),
    }


NAMES = list(values(scene()))


def test_the_sum_over_a_ruled_out_case_is_what_it_should_be() -> None:
    d = scene()
    term, expected = values(d)["a case that is ruled out needs no value"]
    assert Evaluator(d.context).at(INSTANCE).value(term) == expected


@pytest.mark.parametrize("name", NAMES)
def test_value(name: str) -> None:
    d = scene()
    term, expected = values(d)[name]
    point = Evaluator(d.context).at(INSTANCE)
    found = point.value(term, dict.fromkeys(Evaluator(d.context).compiler.free(term), 2))
    if isinstance(expected, Term):
        assert abs(found - point.value(expected)) < mpmath.mpf(10) ** -45
    else:
        assert (found.nested() if isinstance(found, Array) else found) == expected


UNDEFINED_TERMS = {
    "log of zero": lambda z: log(z - z),
    "log of a negative": lambda z: log(z),
    "division by zero": lambda z: 1 / (z + 2),
    "root of a negative": lambda z: sqrt(z),
    "fractional power of a negative": lambda z: z ** Fraction(1, 3),
    "varying power of a negative": lambda z: z ** (z + 4),
    "singular inverse": lambda z: inv(array(*_pair(), z)),
    "slope of the absolute value at 0": lambda z: diff(absolute(z + 2), z),
    "slope of a maximum at the kink": lambda z: diff(maximum(z, -2 * z - 6), z),
    "slope of a root at 0": lambda z: diff(sqrt((z + 2) ** 2), z),
}


def _pair():
    d = Derivation("pair")
    return d.index("i", 2), d.index("j", 2)


@pytest.mark.parametrize("name", UNDEFINED_TERMS)
def test_there_is_no_value(name: str) -> None:
    d = scene()
    found = Evaluator(d.context).at(INSTANCE).entries(UNDEFINED_TERMS[name](d.context.declarations["z"].var))
    assert UNDEFINED in found


def test_the_root_of_a_square_has_a_value_where_its_slope_has_none() -> None:
    d = scene()
    z = d.context.declarations["z"].var
    assert Evaluator(d.context).at(INSTANCE).value(sqrt((z + 2) ** 2)) == 0


ELEMENTARY = ["exp", "log", "sqrt", "tanh", "sinh", "cosh", "sin", "cos"]


@pytest.mark.parametrize("name", ELEMENTARY)
def test_derivatives_of_elementary_functions_to_third_order(name: str) -> None:
    d = scene()
    q = d.context.declarations["q"].var
    body = Fn(name, (q,))
    with mpmath.workdps(60):
        point = Evaluator(d.context).at(INSTANCE)
        for order in (1, 2, 3):
            found = point.value(diff(body, *(q,) * order))
            expected = mpmath.diff(getattr(mpmath, name), mpmath.mpf(1) / 3, order)
            assert abs(found + mpmath.mpf(0) - expected) < mpmath.mpf(10) ** -15


def test_a_defined_name_is_independent_where_it_is_differentiated_by() -> None:
    d = scene()
    z = d.context.declarations["z"].var
    u = d.define("u", z**2)
    L = d.define("L", u**3 + z)
    point = Evaluator(d.context).at(INSTANCE)
    assert point.value(diff(L, u)) == 48
    assert point.value(diff(L, z)) == 48 * -4 + 1
    assert point.value(diff(diff(L, u), z)) == 6 * 4 * -4


def test_a_call_gives_its_parameter_another_value_in_all_definitions_below() -> None:
    d = scene()
    z = d.context.declarations["z"].var
    r = d.define("r", z - 1)
    L = d.define("L", r**2, of=z)
    point = Evaluator(d.context).at(INSTANCE)
    assert point.value(L(z + 1)) == 4
    assert point.value(diff(L(z + 1), z)) == -4


def test_primes_of_defined_and_unknown_functions() -> None:
    d = scene()
    z = d.context.declarations["z"].var
    g = d.define_function("g", "t", lambda t: t**4)
    f = d.function("f")
    instance = INSTANCE.copy()
    instance.functions["f"] = Univariate((Fraction(0), Fraction(0), Fraction(0), Fraction(1)))
    point = Evaluator(d.context).at(instance)
    assert point.value(g(z, 2)) == 48
    assert point.value(f(z, 1)) == 12
    assert point.value(diff(f(g(z)), z)) == 3 * 16**2 * 4 * -8


def test_the_layers_above_are_a_smooth_function_of_their_whole_input() -> None:
    d = scene()
    D = d.size("D")
    w = d.context.declarations["w"].var
    E = d.function("E", D)
    i, j = d.index("i", D), d.index("j", D)
    point = Evaluator(d.context).at(INSTANCE)
    chain = sum_(j, diff(E(w), w[j]) * d.context.declarations["A"].var[j, i])
    u = d.define("u", d.context.declarations["A"].var @ w)
    L = d.define("L", E(u))
    assert point.truth(eq(diff(L, w[i]), sum_(j, diff(L, u[j]) * d.context.declarations["A"].var[j, i])))
    assert point.truth(eq(diff(L, w[i]), chain)) is False


@pytest.mark.parametrize(
    "build",
    [
        lambda z: z ** (z**2) ** (Num(Fraction(10)) ** 400),
        lambda z: exp(exp(exp(exp(z + 9)))),
        lambda z: nested_sums(z, 60),
    ],
)
def test_what_takes_too_long_is_refused(build) -> None:
    d = scene()
    with pytest.raises(ResourceLimit):
        Evaluator(d.context).at(INSTANCE, budget=5_000).value(build(d.context.declarations["z"].var))


def nested_sums(z: Term, depth: int) -> Term:
    d = Derivation("deep")
    indices = [d.index(f"i{level}", 2) for level in range(depth)]
    body = z
    for i in indices:
        body = body * (z + delta(i, 1))
    for i in indices:
        body = Sum(i, body)
    return body


def test_pi_and_exponentials_have_many_digits() -> None:
    d = scene()
    z = d.context.declarations["z"].var
    found = Evaluator(d.context).at(INSTANCE).value(exp(log(pi)) - pi + tanh(z) - tanh(z))
    assert abs(found) < mpmath.mpf(10) ** -45


def test_a_softmax_evaluates_entry_by_entry() -> None:
    d = scene()
    D = d.size("D")
    w = d.context.declarations["w"].var
    i, j = d.index("i", D), d.index("j", D)
    y = d.define("s", Comp((i,), exp(w[i]) / sum_(j, exp(w[j]))))
    assert isinstance(y, Term) and not isinstance(y, Call)
    point = Evaluator(d.context).at(INSTANCE)
    assert point.truth(eq(diff(y[i], w[j]), y[i] * (delta(i, j) - y[j])))
