"""The kernel's rules about cuts: what holds for every value of a name, and the chain rule through names."""

from __future__ import annotations

from fractions import Fraction

import pytest

from derive import cuts, kernel
from derive.blackboard import diff, exp, log, sqrt, sum_, tanh
from derive.context import POSITIVE, Assumption, Context, Declaration, Definition
from derive.kernel import NotProved, Scene
from derive.props import Rel
from derive.prover import ProofError, prove
from derive.scene import differentiable
from derive.terms import ONE, Call, Comp, Fn, Full, Index, Size, Term, Var, term

D = Size.named("D")


def context(*definitions: tuple[str, Term]) -> Context:
    made = Context()
    made.declare(Declaration("w"))
    made.declare(Declaration("a"))
    made.declare(Declaration("x", (D,)))
    for name, body in definitions:
        made.define(Definition(name, body))
    return made


w, a, u, t, L = Var("w"), Var("a"), Var("u"), Var("t"), Var("L")
x = Var("x", (D,))


def by_instance(gamma: Context, prop: Rel, *names: str) -> kernel.Theorem:
    free = frozenset(names)
    premise = prove(cuts.freed(gamma, free), prop)
    return kernel.instance(Scene(gamma), prop, free, premise)


def by_accumulation(
    gamma: Context, v: Var, result: Term, parts: dict[str, Term], kept: frozenset[str] = frozenset()
) -> kernel.Theorem:
    """∂L/∂v = result from ∂L/∂u = parts[u]; all names but the kept ones are free in the last premise."""
    premises = {u: prove(gamma, Rel("=", diff(L, gamma.definitions[u].var), g)) for u, g in parts.items()}
    users = cuts.users(gamma, "L", v.name)
    assert users is not None
    bodies = {u: gamma.definitions[u].body for u in users}
    names = frozenset(gamma.definitions) - kept
    whole = Rel("=", cuts.body_sum(v, bodies, {"L": ONE, **parts}), result)
    last = prove(cuts.freed(gamma, names), whole)
    return kernel.accumulated(Scene(gamma), Rel("=", diff(L, v), result), premises, names, last)


def _proved(gamma: Context, prop: Rel) -> kernel.Theorem | None:
    try:
        return prove(gamma, prop)
    except ProofError:
        return None


def test_what_holds_for_every_value_holds_for_a_definition() -> None:
    gamma = context(("u", exp(w)), ("L", u**2))
    theorem = by_instance(gamma, Rel("=", diff(L, u), 2 * u), "u")
    assert theorem.context is gamma and theorem.rule == "instance"


def test_no_instance_where_a_derivative_looks_through_the_definition() -> None:
    gamma = context(("u", w**2), ("L", u * w))  # with u free ∂L/∂w = u, in truth 3w²
    with pytest.raises(NotProved, match="looks through"):
        by_instance(gamma, Rel("=", diff(L, w), u), "u")


def test_no_instance_where_a_derivative_inside_a_definition_looks_through() -> None:
    gamma = context(("u", w**2), ("t", u * w), ("L", diff(t, w)))
    with pytest.raises(NotProved, match="looks through"):
        by_instance(gamma, Rel("=", L, u * 1), "u")


def test_no_instance_of_a_value_that_may_be_undefined() -> None:
    gamma = context(("u", log(a)), ("L", u - u + w))
    with pytest.raises(NotProved, match="not defined everywhere"):
        by_instance(gamma, Rel("=", w, u - u + w), "u")


def test_no_instance_of_a_value_made_of_what_may_be_undefined() -> None:
    gamma = context(("t", 1 / a), ("u", t + w))
    with pytest.raises(NotProved, match="not defined everywhere"):
        by_instance(gamma, Rel("=", w, u - u + w), "u")


def test_the_premise_of_an_instance_must_be_the_claim() -> None:
    gamma = context(("u", exp(w)), ("L", u**2))
    premise = prove(cuts.freed(gamma, ["u"]), Rel("=", diff(L, u), 2 * u))
    with pytest.raises(NotProved, match="something else"):
        kernel.instance(Scene(gamma), Rel("=", diff(L, u), 3 * u), frozenset({"u"}), premise)


def test_the_premise_of_an_instance_must_have_the_same_assumptions() -> None:
    gamma = context(("u", exp(w)), ("L", u**2))
    other = context(("u", exp(w)), ("L", u**3))
    premise = prove(cuts.freed(other, ["u"]), Rel("=", diff(L, u), 3 * u**2))
    with pytest.raises(NotProved, match="something else"):
        kernel.instance(Scene(gamma), premise.prop, frozenset({"u"}), premise)  # type: ignore[arg-type]


def test_a_derivative_is_accumulated_from_one_name() -> None:
    gamma = context(("u", tanh(w)), ("L", u**2))
    theorem = by_accumulation(gamma, w, 2 * u * (1 - tanh(w) ** 2), {"u": 2 * u})
    assert theorem.rule == "accumulated" and theorem.context is gamma


def test_a_derivative_is_accumulated_from_a_vector() -> None:
    k, j = Index("k", D), Index("j", D)
    y = Var("u", (D,))
    gamma = context(("u", Comp((k,), exp(x[k]))), ("L", sum_(j, y[j] ** 2)))
    assert by_accumulation(gamma, x, Comp((k,), 2 * y[k] * exp(x[k])), {"u": 2 * y}).rule == "accumulated"


def test_a_name_of_one_letter_does_not_catch_an_index_of_the_variable() -> None:
    i, k, j = Index("i", D), Index("k", D), Index("j", D)
    y = Var("v", (D,))
    gamma = context(("v", Comp((k,), x[k] ** 2)), ("L", sum_(j, y[j])))
    assert by_accumulation(gamma, x, Comp((i,), 2 * x[i]), {"v": Full(ONE, (D,))}).rule == "accumulated"


def test_the_names_may_depend_on_each_other_and_the_scalar_on_the_variable() -> None:
    gamma = context(("u", tanh(w)), ("t", u * w), ("L", t**2 + u + w))
    parts = {"t": 2 * t, "u": 2 * t * w + 1}
    result = 1 + 2 * t * u + (2 * t * w + 1) * (1 - tanh(w) ** 2)
    theorem = by_accumulation(gamma, w, result, parts)
    assert theorem.rule == "accumulated"
    whole = prove(gamma, Rel("=", diff(L, w), result))  # the same, from the normal form
    assert whole.prop == theorem.prop


def test_a_definition_that_the_bodies_do_not_look_through_may_be_kept() -> None:
    gamma = context(("u", tanh(w)), ("L", u**2))
    assert by_accumulation(gamma, w, 2 * u * (1 - u**2), {"u": 2 * u}, frozenset({"u"})).rule == "accumulated"


def test_a_definition_that_the_bodies_look_through_may_not_be_kept() -> None:
    gamma = context(("u", tanh(w)), ("t", u * w), ("L", t**2))
    with pytest.raises((NotProved, ProofError)):
        by_accumulation(gamma, w, 2 * t * u + 2 * t * w * (1 - u**2), {"t": 2 * t, "u": 2 * t * w}, frozenset({"u"}))


def accumulated(gamma: Context, prop: Rel, parts: dict[str, Rel], last: Rel) -> kernel.Theorem:
    names = frozenset(gamma.definitions)
    made = {u: prove(gamma, p) for u, p in parts.items()}
    return kernel.accumulated(Scene(gamma), prop, made, names, prove(cuts.freed(gamma, names), last))


def test_no_definition_that_uses_the_variable_may_be_left_out() -> None:
    gamma = context(("u", tanh(w)), ("L", u + w))  # ∂L/∂w through u alone misses 1
    claim = 1 - tanh(w) ** 2
    total = cuts.body_sum(w, {"u": tanh(w)}, {"u": ONE})
    with pytest.raises(NotProved, match="last premise"):
        accumulated(gamma, Rel("=", diff(L, w), claim), {"u": Rel("=", diff(L, u), ONE)}, Rel("=", total, claim))
    with pytest.raises(NotProved, match="are others"):
        accumulated(gamma, Rel("=", diff(L, w), ONE), {}, Rel("=", cuts.body_sum(w, {"L": u + w}, {"L": ONE}), ONE))


@pytest.mark.parametrize("outer", [sqrt(u), log(u), Fn("abs", (u,))])
def test_nothing_is_accumulated_through_what_is_not_smooth_everywhere(outer: Term) -> None:
    gamma = context(("u", w - w + a**2), ("L", outer))
    total = cuts.body_sum(w, {"u": w - w + a**2}, {"u": diff(L, u)})
    with pytest.raises(NotProved, match="not defined everywhere"):
        accumulated(
            gamma, Rel("=", diff(L, w), total), {"u": Rel("=", diff(L, u), diff(L, u))}, Rel("=", total, total)
        )


@pytest.mark.parametrize("op, u_is", [(">", True), ("≥", False), ("≠", False)])
@pytest.mark.parametrize(
    "outer, slope",
    [
        (sqrt(u) + log(u), 1 / (2 * sqrt(u)) + 1 / u),
        (u ** term(Fraction(3, 2)) + log(u), 3 * sqrt(u) / 2 + 1 / u),
    ],
)
def test_what_is_smooth_under_an_assumption_is_accumulated_under_it(
    outer: Term, slope: Term, op: str, u_is: bool
) -> None:
    gamma = context(("u", w + a), ("L", outer))
    gamma.assume(Assumption(Rel(op, u, term(0)), f"u {op} 0"))
    if u_is:
        assert by_accumulation(gamma, w, slope, {"u": slope}).uses == ("u > 0",)
    else:
        with pytest.raises(NotProved, match="not defined everywhere"):
            by_accumulation(gamma, w, slope, {"u": slope})


@pytest.mark.parametrize("body", [sqrt(a**2 + w**2), 1 / (a**2), Fn("max", (a, w)), log(a)])
def test_what_has_a_kink_or_a_gap_somewhere_is_not_differentiable(body: Term) -> None:
    gamma = context(("u", body), ("L", u + w))
    with pytest.raises(NotProved):
        differentiable(Scene(gamma), gamma, L)


def test_the_premises_must_speak_of_the_same_scalar() -> None:
    gamma = context(("u", tanh(w)), ("L", u**2), ("t", u**3))
    total = cuts.body_sum(w, {"u": tanh(w)}, {"u": 3 * u**2})
    with pytest.raises(NotProved, match="not the derivative"):
        accumulated(
            gamma, Rel("=", diff(L, w), total), {"u": Rel("=", diff(t, u), 3 * u**2)}, Rel("=", total, total)
        )


def test_the_scalar_may_be_written_with_its_variables() -> None:
    gamma = context(("u", tanh(w)))
    gamma.define(Definition("L", u**2 + w, (w,)))
    assert by_accumulation(gamma, w, 1 + 2 * u * (1 - tanh(w) ** 2), {"u": 2 * u}).rule == "accumulated"


def test_nothing_is_accumulated_through_a_value_that_is_written_with_its_variables() -> None:
    gamma = context()
    gamma.define(Definition("u", w**2, (w,)))
    gamma.define(Definition("L", u + w))
    assert cuts.users(gamma, "L", "w") is None


def test_nothing_is_accumulated_through_a_gradient_inside_the_scalar() -> None:
    gamma = context(("u", w**2), ("t", u * w), ("L", diff(t, w) + u))
    assert cuts.users(gamma, "L", "w") is None


def test_nothing_is_accumulated_through_a_call_that_changes_a_declared_name() -> None:
    gamma = context(("u", w**2))
    gamma.define(Definition("f", u * a, (a,)))
    gamma.define(Definition("L", Call("f", (term(3),))))
    assert cuts.users(gamma, "L", "w") is None


def test_a_free_name_keeps_the_sign_that_its_definition_shows() -> None:
    gamma = context(("u", exp(w)), ("t", w**2), ("L", w * 1))
    free = cuts.freed(gamma, ["u", "t", "L"])
    prove(free, Rel(">", u, term(0)))
    prove(free, Rel("≥", t, term(0)))
    for wrong in (Rel(">", t, term(0)), Rel("≥", L, term(0)), Rel("≤", u, term(0))):
        with pytest.raises(ProofError):
            prove(free, wrong)
    theorem = by_instance(gamma, Rel("=", log(u * u), 2 * log(u)), "u")
    assert theorem.uses == ()  # the sign is no hypothesis


def test_the_sign_of_a_free_name_rests_on_what_its_definition_needs_for_it() -> None:
    gamma = Context()
    c = gamma.declare(Declaration("c", (), POSITIVE))
    d = gamma.declare(Declaration("d", (), POSITIVE))
    gamma.define(Definition("u", c + d**2))
    gamma.define(Definition("t", u * d))
    claim = Rel(">", u, term(0))
    free = cuts.freed(gamma, ["u"])
    assert prove(free, claim).uses == ("c > 0",)
    assert by_instance(gamma, claim, "u").uses == ("c > 0",)
    assert prove(cuts.freed(free, ["t"]), Rel(">", t, term(0))).uses == ("c > 0", "d > 0")
    with pytest.raises(NotProved):
        kernel.order(Scene(free, frozenset({"c > 0"})), claim)


def test_a_bound_name_tells_no_sign() -> None:
    gamma = Context()
    c = gamma.declare(Declaration("c", (), POSITIVE))
    gamma.define(Definition("f", c**2, (c,)))
    gamma.define(Definition("u", c * 1))
    with pytest.raises(ProofError):
        prove(cuts.freed(gamma, ["u"]), Rel(">", u, term(0)))


def test_equations_are_joined() -> None:
    gamma = context(("L", w**2))
    first, second = Rel("=", L * 1, w**2), Rel("=", w**2, w * w)
    theorem = kernel.transitive(Scene(gamma), Rel("=", L * 1, w * w), (prove(gamma, first), prove(gamma, second)))
    assert theorem.rule == "transitive"


@pytest.mark.parametrize("claim", [Rel("=", w**2, L * 1), Rel("=", L * 1, w), Rel("≤", L * 1, w * w)])
def test_equations_that_do_not_meet_are_not_joined(claim: Rel) -> None:
    gamma = context(("L", w**2))
    first, second = prove(gamma, Rel("=", L * 1, w**2)), prove(gamma, Rel("=", w**2, w * w))
    with pytest.raises(NotProved):
        kernel.transitive(Scene(gamma), claim, (first, second))


def test_equations_of_different_contexts_are_not_joined() -> None:
    gamma, other = context(("L", w**2)), context(("L", w**3))
    first, second = prove(gamma, Rel("=", L * 1, w**2)), prove(other, Rel("=", w**2, w * w))
    with pytest.raises(NotProved, match="another context"):
        kernel.transitive(Scene(gamma), Rel("=", L * 1, w * w), (first, second))


def test_a_gradient_is_put_in_for_the_derivative_and_its_entries() -> None:
    i, k = Index("i", D), Index("k", D)
    gamma = context(("L", sum_(k, x[k] ** 2)))
    part = prove(gamma, Rel("=", diff(L, x), 2 * x))
    claim = Rel("=", diff(L, x[i]) + a, diff(L, x)[i] + a)
    premise = prove(gamma, Rel("=", (2 * x)[i] + a, (2 * x)[i] + a))
    assert kernel.replaced(Scene(gamma), claim, (part,), premise).rule == "replaced"
    for wrong in (Rel("=", diff(L, x[i]) + a, (3 * x)[i] + a), Rel("≥", claim.left, claim.right)):
        with pytest.raises(NotProved):
            kernel.replaced(Scene(gamma), wrong, (part,), premise)


def test_nothing_is_put_in_for_a_derivative_inside_another() -> None:
    gamma = context(("u", w**2), ("L", u**2))  # ∂L/∂u = 2w² as well, but ∂²L/∂u² = 2
    part = prove(gamma, Rel("=", diff(L, u), 2 * w**2))
    premise = prove(gamma, Rel("=", diff(2 * w**2, u), term(0)))
    with pytest.raises(NotProved):
        kernel.replaced(Scene(gamma), Rel("=", diff(diff(L, u), u), term(0)), (part,), premise)


def test_a_gradient_is_put_in_where_it_holds_alone() -> None:
    gamma, other = context(("L", w**2)), context(("L", w**3))
    part = prove(other, Rel("=", diff(L, w), 3 * w**2))
    premise = prove(gamma, Rel("=", 3 * w**2, 3 * w * w))
    with pytest.raises(NotProved):
        kernel.replaced(Scene(gamma), Rel("=", diff(L, w), 3 * w * w), (part,), premise)


def test_a_value_between_two_bounds_is_free_between_them() -> None:
    gamma = context(("u", 1 / (1 + exp(w))), ("t", exp(w) / (1 + exp(w))), ("L", 2 / (1 + exp(w))))
    assert by_instance(gamma, Rel(">", 1 - u, term(0)), "u").rule == "instance"
    assert by_instance(gamma, Rel(">", 1 - t, term(0)), "t").rule == "instance"
    with pytest.raises(ProofError):
        by_instance(gamma, Rel(">", 1 - L, term(0)), "L")


def test_a_definition_that_does_not_occur_is_left_out() -> None:
    longer = context(("L", w**2), ("t", exp(w)))
    premise = prove(longer, Rel("=", diff(L, w), 2 * w))
    assert kernel.shortened(Scene(context(("L", w**2))), Rel("=", diff(L, w), 2 * w), premise).rule == "shortened"


def test_a_definition_that_is_needed_is_not_left_out() -> None:
    longer = context(("t", w**2), ("L", t * 1))
    premise = prove(longer, Rel("=", L, w**2))
    shorter = context(("t", w**2), ("L", t * 1))
    del shorter.definitions["t"]
    with pytest.raises(NotProved, match="still needed"):
        kernel.shortened(Scene(shorter), Rel("=", L, w**2), premise)


def test_a_value_is_not_total_where_a_call_gives_a_declared_name_another_value() -> None:
    gamma = Context()
    c = gamma.declare(Declaration("c", (), POSITIVE))
    gamma.declare(Declaration("w"))
    gamma.define(Definition("t", log(c)))
    gamma.define(Definition("f", t * 1, (c,)))
    gamma.define(Definition("u", Call("f", (-c,))))  # log(−c), for c > 0
    claim = Rel("=", w * 1, u - u + w)
    premise = prove(cuts.freed(gamma, ["u"]), claim)
    with pytest.raises(NotProved, match="not defined everywhere"):
        kernel.instance(Scene(gamma), claim, frozenset({"u"}), premise)


def test_no_instance_where_a_call_changes_what_the_value_is_made_of() -> None:
    gamma = Context()
    c = gamma.declare(Declaration("c"))
    gamma.define(Definition("u", c**2))
    gamma.define(Definition("f", u * 1, (c,)))
    gamma.define(Definition("L", Call("f", (term(3),))))
    claim = Rel("=", L, u * 1)  # with u free it holds; in truth L = 9 and u = c²
    premise = prove(cuts.freed(gamma, ["u"]), claim)
    with pytest.raises(NotProved, match="looks through"):
        kernel.instance(Scene(gamma), claim, frozenset({"u"}), premise)


@pytest.mark.parametrize("body", [1 / a, log(a), sqrt(a**2), Fn("abs", (a,)), 1 / (a**2 - 1), a ** Fn("sin", (a,))])
def test_a_value_with_a_kink_or_a_gap_is_not_smooth(body: Term) -> None:
    from derive.algebra.surely import Signs
    from derive.context import Domain

    assert not Signs(context(), lambda name: Domain()).smooth(body)
