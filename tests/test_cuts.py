"""The kernel's rules about cuts: what holds for every value of a name, and the chain rule through names."""

from __future__ import annotations

from fractions import Fraction

import pytest

from derive import cuts, kernel
from derive.blackboard import diff, exp, log, sqrt, sum_, tanh
from derive.context import POSITIVE, Context, Declaration, Definition
from derive.kernel import NotProved, Scene
from derive.props import Rel
from derive.prover import ProofError, prove
from derive.terms import Call, Comp, Fn, Index, Num, Size, Term, Var, term

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


def by_chain(gamma: Context, v: Var, result: Term, *cut: str, scalar: Term = L) -> kernel.Theorem:
    outer = cuts.freed(gamma, cut)
    parts = []
    for name in cut:
        variable = gamma.definitions[name].var
        found = next(
            g for g in _guesses(gamma, name)
            if _proved(outer, Rel("=", diff(scalar, variable), g)) is not None
        )
        parts.append(prove(outer, Rel("=", diff(scalar, variable), found)))
    factors = tuple(p.prop.right for p in parts if isinstance(p.prop, Rel))
    total = Rel("=", cuts.chain_sum(gamma, v, cut, factors), result)
    last = prove(gamma, total)
    return kernel.chain(Scene(gamma), Rel("=", diff(scalar, v), result), cut, tuple(parts), last)


def _guesses(gamma: Context, name: str) -> list[Term]:
    y = gamma.definitions[name].var
    if y.shape:
        k = Index("k", D)
        return [Comp((k,), 2 * y[k])]
    return [term(1), 2 * y, w * 1, exp(y), 1 / (2 * sqrt(y)), sqrt(y) * 0, y**-1]


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


def test_the_chain_rule_through_one_name() -> None:
    gamma = context(("u", tanh(w)), ("L", u**2))
    theorem = by_chain(gamma, w, 2 * tanh(w) * (1 - tanh(w) ** 2), "u")
    assert theorem.rule == "chain" and theorem.prop == Rel("=", diff(L, w), 2 * tanh(w) * (1 - tanh(w) ** 2))


def test_the_chain_rule_through_a_vector() -> None:
    k, j = Index("k", D), Index("j", D)
    y = Var("u", (D,))
    gamma = context(("u", Comp((k,), exp(x[k]))), ("L", sum_(j, y[j] ** 2)))
    theorem = by_chain(gamma, x, Comp((k,), 2 * exp(2 * x[k])), "u")
    assert theorem.rule == "chain"


def test_a_cut_must_separate() -> None:
    gamma = context(("u", tanh(w)), ("L", u + w))  # ∂L/∂w through u alone misses 1
    with pytest.raises(NotProved, match="separate"):
        by_chain(gamma, w, 1 - tanh(w) ** 2, "u")


def test_no_chain_rule_where_the_scalar_has_a_kink() -> None:
    gamma = context(("u", w - w + a**2), ("L", sqrt(u)))  # L = |a|: ∂L/∂w = 0, though ∂L/∂u is not defined at 0
    with pytest.raises(NotProved, match="not defined everywhere"):
        by_chain(gamma, w, term(0) / (2 * sqrt(u)), "u")


def test_no_chain_rule_where_an_unused_entry_may_be_undefined() -> None:
    k = Index("k", D)
    y = Var("u", (D,))
    gamma = context(("u", Comp((k,), log(x[k]))), ("L", y[1] ** 2))
    at = cuts.chain_sum(gamma, x, ("u",), (Comp((k,), 2 * y[k]),))
    part = Rel("=", diff(L, y), Comp((k,), diff(L, y[k])))
    outer = cuts.freed(gamma, ["u"])
    premise = prove(outer, part)
    total = cuts.chain_sum(gamma, x, ("u",), (Comp((k,), diff(L, y[k])),))
    last = prove(gamma, Rel("=", total, total))
    with pytest.raises(NotProved, match="not defined everywhere"):
        kernel.chain(Scene(gamma), Rel("=", diff(L, x), total), ("u",), (premise,), last)
    assert at.shape == x.shape


def test_the_premises_of_the_chain_rule_must_speak_of_the_same_scalar() -> None:
    gamma = context(("u", tanh(w)), ("L", u**2), ("t", u**3))
    outer = cuts.freed(gamma, ["u"])
    part = prove(outer, Rel("=", diff(t, u), 3 * u**2))
    total = cuts.chain_sum(gamma, w, ("u",), (3 * u**2,))
    last = prove(gamma, Rel("=", total, total))
    with pytest.raises(NotProved, match="not the derivative"):
        kernel.chain(Scene(gamma), Rel("=", diff(L, w), total), ("u",), (part,), last)


def test_the_last_premise_must_be_the_sum_over_the_cut() -> None:
    gamma = context(("u", tanh(w)), ("L", u**2))
    part = prove(cuts.freed(gamma, ["u"]), Rel("=", diff(L, u), 2 * u))
    wrong = 2 * cuts.chain_sum(gamma, w, ("u",), (2 * u,))
    last = prove(gamma, Rel("=", wrong, wrong))
    with pytest.raises(NotProved, match="sum over the cut"):
        kernel.chain(Scene(gamma), Rel("=", diff(L, w), wrong), ("u",), (part,), last)


def test_a_cut_through_a_gradient_inside_the_scalar_is_refused() -> None:
    gamma = context(("u", w**2), ("t", u * w), ("L", diff(t, w) + u))
    outer = cuts.freed(gamma, ["u"])
    part = _proved(outer, Rel("=", diff(L, u), Num(Fraction(2))))
    assert part is not None
    total = cuts.chain_sum(gamma, w, ("u",), (Num(Fraction(2)),))
    last = prove(gamma, Rel("=", total, 4 * w))
    with pytest.raises(NotProved):
        kernel.chain(Scene(gamma), Rel("=", diff(L, w), 4 * w), ("u",), (part,), last)


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


def test_a_gradient_gives_its_components_alone() -> None:
    i, k = Index("i", D), Index("k", D)
    gamma = context(("L", sum_(k, x[k] ** 2)))
    premise = prove(gamma, Rel("=", diff(L, x), 2 * x))
    assert kernel.component(Scene(gamma), Rel("=", diff(L, x[i]), (2 * x)[i]), premise).rule == "component"
    for wrong in (Rel("=", diff(L, x[i]), (2 * x)[1]), Rel("=", diff(L, x[i]), (3 * x)[i])):
        with pytest.raises(NotProved):
            kernel.component(Scene(gamma), wrong, premise)


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


def with_direct(gamma: Context, result: Term, part: Term, straight: Term) -> kernel.Theorem:
    outer = cuts.freed(gamma, ["u"])
    premise = prove(outer, Rel("=", diff(L, u), part))
    direct = prove(outer, Rel("=", diff(L, w), straight))
    total = straight + cuts.chain_sum(gamma, w, ("u",), (part,))
    last = prove(gamma, Rel("=", total, result))
    return kernel.chain(Scene(gamma), Rel("=", diff(L, w), result), ("u",), (premise,), last, direct)


def test_the_chain_rule_with_a_direct_part() -> None:
    gamma = context(("u", tanh(w)), ("L", u**2 * w))
    result = tanh(w) ** 2 + 2 * w * tanh(w) * (1 - tanh(w) ** 2)
    assert with_direct(gamma, result, 2 * u * w, u**2).rule == "chain"


def test_a_direct_part_that_was_proved_elsewhere_is_refused() -> None:
    gamma = context(("u", tanh(w)), ("L", u**2 * w))
    outer = cuts.freed(gamma, ["u"])
    premise = prove(outer, Rel("=", diff(L, u), 2 * u * w))
    whole = prove(gamma, Rel("=", diff(L, w), diff(L, w)))  # the total derivative, not the direct one
    total = diff(L, w) + cuts.chain_sum(gamma, w, ("u",), (2 * u * w,))
    last = prove(gamma, Rel("=", total, total))
    with pytest.raises(NotProved, match="direct part"):
        kernel.chain(Scene(gamma), Rel("=", diff(L, w), total), ("u",), (premise,), last, whole)


def test_a_direct_part_with_a_kink_is_refused() -> None:
    gamma = context(("u", tanh(w)), ("L", sqrt(w**2) * 0 + u * sqrt(a**2)))
    with pytest.raises((NotProved, ProofError), match=r"everywhere|more often"):
        with_direct(gamma, (1 - tanh(w) ** 2) * sqrt(a**2), sqrt(a**2), term(0))


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
