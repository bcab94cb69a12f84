"""The kernel's rules called directly, with premises that a prover would not give them."""

from dataclasses import replace

import pytest

from derive import cuts, kernel
from derive.blackboard import (
    absolute,
    argmin,
    diff,
    eq,
    exp,
    ge,
    log,
    proportional,
    same,
    sum_,
)  # fmt: skip
from derive.context import REAL, Assumption, Context, Declaration, Definition, Function
from derive.direct import prove_directly
from derive.kernel import NotProved, Scene, Theorem
from derive.lecture.likelihood import BINARY
from derive.props import Proportional, Rel
from derive.prover import ProofError, prove
from derive.terms import Call, Index, Term, Var, size, term


def _context(*definitions: tuple[str, Term], params: dict[str, tuple[Var, ...]] | None = None) -> Context:
    made = Context()
    for name in ("w", "a", "b"):
        made.declare(Declaration(name))
    for name, body in definitions:
        made.define(Definition(name, body, (params or {}).get(name, ())))
    return made


w, a, b, t, u, L = (Var(name) for name in ("w", "a", "b", "t", "u", "L"))


def _accumulated(gamma: Context, v: Var, result: Term, free: str = "t") -> Theorem:
    """∂L/∂v = result where v stands in the body of L alone, with the name free in the sum over definitions."""
    names = frozenset({free})
    total = cuts.body_sum(v, {"L": gamma.definitions["L"].body}, {"L": term(1)})
    last = prove_directly(cuts.freed(gamma, names), Rel("=", total, result))
    return kernel.accumulated(Scene(gamma), Rel("=", diff(L, v), result), {}, names, last)


def test_accumulation_does_not_pass_a_call_that_changes_a_defined_name() -> None:
    call = Call("f", (a,), ())  # f(a) = t at u = a, so L = a²
    gamma = _context(("u", w**2), ("t", u**2), ("f", t * 1), ("L", call), params={"f": (u,)})
    with pytest.raises(NotProved, match="stands between"):
        _accumulated(gamma, a, term(0))


def test_an_accumulated_gradient_has_a_value_where_its_names_have_one() -> None:
    gamma = _context(("t", log(a)), ("L", w**2))
    with pytest.raises(NotProved, match="not defined everywhere"):
        _accumulated(gamma, w, 2 * w + (t - t))


def test_accumulation_uses_no_assumption_whose_derivative_looks_through_a_name() -> None:
    gamma = _context(("t", w * 1), ("L", w * a))
    gamma.assume(Assumption(eq(diff(t, w) * a, a - b), "b = 0"))  # with t free it says a = b
    with pytest.raises(NotProved, match="looks through"):
        _accumulated(gamma, w, b * 1)


def test_nothing_is_accumulated_where_no_definition_holds_the_variable() -> None:
    gamma = _context(("t", w * 1), ("L", a**2))
    with pytest.raises(NotProved, match="no definition holds"):
        same_ = prove(gamma, eq(term(0), 0))
        kernel.accumulated(Scene(gamma), eq(diff(L, w), 0), {}, frozenset({"t"}), same_)


def test_what_is_proportional_for_every_factor_is_not_so_for_one_that_varies() -> None:
    gamma = _context(("u", exp(w**2)))
    claim = proportional(exp(w) * u, exp(w), w)
    premise = prove_directly(cuts.freed(gamma, ["u"]), claim)
    with pytest.raises(NotProved, match="only a relation"):
        kernel.instance(Scene(gamma), claim, frozenset({"u"}), premise)  # type: ignore[arg-type]


def test_nothing_is_said_of_a_name_that_a_wider_context_defines() -> None:
    with pytest.raises(ProofError, match="not declared"):
        prove(_context(), eq(diff(t, w), 0))
    small = _context()
    small.declare(Declaration("t"))
    claim = eq(diff(t, w), 0)
    premise, wider = prove(small, claim), Scene(_context(("t", w**2)))
    with pytest.raises(NotProved, match="another context"):
        kernel.weakened(wider, premise)
    with pytest.raises(NotProved, match="another context"):
        kernel.transitive(wider, claim, (premise,))


@pytest.mark.parametrize("of_one_value", [True, False])
def test_a_defined_name_does_not_vary(of_one_value: bool) -> None:
    gamma = _context(("u", term(3) if of_one_value else w**2))
    for claim in (same(argmin(u, u**2), argmin(u, (u - 1) ** 2)), proportional(exp(u), term(1), u)):
        with pytest.raises(ProofError):
            prove(gamma, claim)


@pytest.mark.parametrize("name", ["abs", "exp", "cos", "sqrt"])
def test_an_unknown_function_is_unknown_whatever_its_name(name: str) -> None:
    gamma = _context()
    gamma.declare_function(Function(name))
    f = Call(name, (w,))
    for claim in (ge(f, 0), eq(f, Call(name, (-w,))), ge(1, f)):
        with pytest.raises(ProofError):
            prove(gamma, claim)
    assert prove(gamma, eq(diff(Call(name, (w**2,)), w), 2 * w * Call(name, (w**2,), (), 1)))


def test_a_function_is_applied_to_its_own_shape_alone() -> None:
    gamma = _context()
    x = gamma.declare(Declaration("x", (size("D"),)))
    y = gamma.declare(Declaration("y", (size("N"),)))
    gamma.declare_function(Function("E", x.shape))
    gamma.define(Definition("F", sum_(Index("i", size("D")), x[Index("i", size("D"))]), (x,)))
    for arg in (w, y):
        for name in ("E", "F"):
            with pytest.raises(ProofError, match="another shape"):
                prove(gamma, eq(Call(name, (arg,)), Call(name, (arg,))))


BINARY_EXPONENT = Declaration("k", (), BINARY)
k = Var("k")


@pytest.mark.parametrize("exponent", [1 - k, term(2) * 1, term(size("N")) / 2], ids=["binary", "constant", "a size"])
def test_an_exponent_that_is_made_free_would_ask_for_a_positive_base(exponent: Term) -> None:
    gamma = _context()
    gamma.declare(BINARY_EXPONENT)
    gamma.define(Definition("u", exponent))
    claim = eq(a**u + absolute(a), a**u + a)  # with u free it has a value for a > 0 alone
    premise = prove_directly(cuts.freed(gamma, ["u"]), claim)
    assert isinstance(claim, Rel)
    with pytest.raises(NotProved, match="another meaning"):
        kernel.instance(Scene(gamma), claim, frozenset({"u"}), premise)


def test_no_derivative_is_replaced_in_an_exponent() -> None:
    gamma = _context()
    gamma.declare(BINARY_EXPONENT)
    gamma.define(Definition("L", 2 * k))
    slope, value = diff(L, k), 2 + 0 * b  # a number of isolated values, and one that looks as if it may be any
    part = prove(gamma, eq(slope, value))
    claim, shown = (eq(a**e + absolute(a), a**e + a) for e in (slope, value))
    assert isinstance(claim, Rel)
    with pytest.raises(NotProved, match="exponent"):
        kernel.replaced(Scene(gamma), claim, (part,), prove(gamma, shown))


def test_an_exponent_with_two_values_is_no_case_of_a_real_one() -> None:
    small, large = _context(), _context()
    small.declare(replace(BINARY_EXPONENT, domain=REAL))
    large.declare(BINARY_EXPONENT)
    claim = eq(a**k + absolute(a), a**k + a)
    with pytest.raises(NotProved, match="another context"):
        kernel.weakened(Scene(large), prove(small, claim))


def test_an_exponent_with_two_values_does_not_matter_where_the_base_is_positive() -> None:
    small, large = _context(), _context()
    small.declare(replace(BINARY_EXPONENT, domain=REAL))
    large.declare(BINARY_EXPONENT)
    claim = eq(log(exp(a) ** k), a * k)
    assert kernel.weakened(Scene(large), prove(small, claim)).rule == "weakened"


def test_sides_of_different_shapes_are_not_proportional() -> None:
    gamma = _context()
    x = gamma.declare(Declaration("x", (size("D"),)))
    with pytest.raises(NotProved, match="shapes"):
        kernel.proportional(Scene(gamma), Proportional(x, w, w), None)
