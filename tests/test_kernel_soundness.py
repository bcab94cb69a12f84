"""Claims that are false somewhere, each of which a plausible rule would let through; none is proved."""

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction

import pytest
from lecture_proofs import proofs

from derive.algebra.hypotheses import domain_label, labelled
from derive.blackboard import (
    Derivation,
    absolute,
    argmin,
    array,
    delta,
    det,
    diag,
    diff,
    eq,
    exp,
    ge,
    gt,
    iff,
    implies,
    inv,
    log,
    maximum,
    ne,
    norm2,
    proportional,
    same,
    sqrt,
    sum_,
)  # fmt: skip
from derive.context import POSITIVE, REAL, Assumption, Context, Definition, Domain
from derive.kernel import NotProved, Scene, Theorem, every_depth
from derive.lecture import DERIVATIONS
from derive.lecture.likelihood import BINARY
from derive.props import EveryDepth, Prop
from derive.prover import ProofError, prove
from derive.terms import Call, Index, Sum, Term, Var, size, term

Claim = Callable[[Derivation], Prop]


def scalar(f: Callable[..., Prop]) -> Claim:
    return lambda d: f(d.scalar("z"))


def _one_entry_is_zero(d: Derivation) -> Prop:
    w, i = d.vector("w", D := d.size("D")), d.index("i", D)
    return implies(eq(w[i], 0), eq(norm2(w), 0))


def _equal_entries(d: Derivation) -> Prop:
    a, b, i = d.vector("a", D := d.size("D")), d.vector("b", D), d.index("i", D)
    return iff(eq(a[i], b[i]), eq(a, b))


def _symmetric_at_one_place(d: Derivation) -> Prop:
    n = d.size("N")
    A, i, j = d.matrix("A", n, n), d.index("i", n), d.index("j", n)
    return implies(eq(A[i, j], A[j, i]), eq(A, A.T))


def _inverse_at_one_place(conclusion: Callable[[Term, Term, Index, Index], Prop]) -> Claim:
    def claim(d: Derivation) -> Prop:
        n = d.size("N")
        A, B, i, j = d.matrix("A", n, n), d.matrix("B", n, n), d.index("i", n), d.index("j", n)
        return implies(eq((A @ B)[i, j], delta(i, j)), conclusion(A, B, i, j))

    return claim


def _differ_somewhere(d: Derivation) -> Prop:
    v = d.vector("v", d.size("D"))
    return implies(ne(v, 0), gt(v[1] ** 2, 0))


def _late_start(d: Derivation) -> Prop:
    n = d.index("n", N := d.size("N"))
    return eq(Sum(n, eq(1, 1).left, 3), eq(N, N).left - 2)


def _defined_from_the_second_on(d: Derivation) -> Prop:
    x, i, j = d.vector("x", D := d.size("D")), d.index("i", D), d.index("j", D)
    late = Sum(i, log(x[i]), 2)
    return eq(late + absolute(x[j]), late + x[j])


def _defined_elsewhere(d: Derivation) -> Prop:
    x = d.vector("x", D := d.size("D"))
    j, k, m = d.index("j", D), d.index("k", D), d.index("m", D)
    others = sum_(j, (1 - delta(j, k)) / x[j])
    return eq(others + x[m] / x[m], others + 1)


def _two_ranges(d: Derivation) -> Prop:
    return eq(delta(d.index("i", d.size("N")), 1), delta(d.index("i", d.size("D")), 1))


def _parameter_with_other_values(d: Derivation) -> Prop:
    z, y = d.scalar("z", POSITIVE), d.scalar("y")
    d.context.define(Definition("f", z, (z,), local=True))
    return gt(sqrt(Call("f", (y,), ())) + 1, 0)


def _delta_beyond_the_axis(d: Derivation) -> Prop:
    k = d.index("k", d.size("K"))
    return eq(sum_(k, delta(k, 3)), 1)


def _determinant_of_one_row(d: Derivation) -> Prop:
    K = d.size("K")
    i, a, b = d.index("i", K), d.index("a", K), d.index("b", K)
    return eq(det(array(a, b, delta(a, i))), 1)


def _derivative_at_the_old_point(d: Derivation) -> Prop:
    w, v = d.scalar("w"), d.scalar("v")
    u = d.define("u", w**2, of=w)
    L = d.define("L", u**2, of=w)
    g = d.define("g", diff(L, u), of=w)
    return eq(g(w + v), 2 * w**2)


def _sum_of_slopes(d: Derivation) -> Term:
    """Σ_ij ∂det(A)/∂A_ij, the sum of all cofactors."""
    A = d.matrix("A", n := d.size("N"), n)
    i, j = d.index("i", n), d.index("j", n)
    return sum_(i, sum_(j, diff(det(A), A)[i, j]))


def _cofactors_of_a_singular_matrix(d: Derivation) -> Prop:
    slopes = _sum_of_slopes(d)
    return implies(eq(det(Var("A", (d.size("N"),) * 2)), 0), eq(slopes, 0))


def _rank_one(d: Derivation) -> Prop:
    w = d.vector("w", D := d.size("D"))
    return eq(inv(w @ w.T) @ (w @ w.T), array(i := d.index("i", D), j := d.index("j", D), delta(i, j)))


def _diagonal(d: Derivation) -> Prop:
    c = d.vector("c", D := d.size("D"))
    i = d.index("i", D)
    return eq(inv(diag(c))[i, i], 1 / c[i])


def _objectives(f: Callable[..., object], g: Callable[..., object]) -> Claim:
    def claim(d: Derivation) -> Prop:
        w = d.scalar("w")
        return same(argmin(w, f(w)), argmin(w, g(w)))  # type: ignore[arg-type]

    return claim


def _with_sign(f: Callable[..., Prop]) -> Claim:
    return lambda d: f(d.scalar("x"), d.scalar("k", Domain(values=(Fraction(-1), Fraction(1)))))


def _with_factor(f: Callable[..., Prop]) -> Claim:
    return lambda d: f(d.scalar("x"), d.scalar("y"))


FALSE: dict[str, Claim] = {
    "one entry that is 0 makes the norm 0": _one_entry_is_zero,
    "equal entries at one place make equal vectors": _equal_entries,
    "symmetric at one place": _symmetric_at_one_place,
    "an inverse at one place": _inverse_at_one_place(lambda A, B, i, j: eq((B @ A)[i, j], delta(i, j))),
    "invertible by one place": _inverse_at_one_place(lambda A, B, i, j: ne(det(A), 0)),
    "a vector that is not 0 has no entry that is 0": _differ_somewhere,
    "a sum that begins after its end": _late_start,
    "a sum from 2 says something of the first entry": _defined_from_the_second_on,
    "a sum over j ≠ k says something of the entry k": _defined_elsewhere,
    "an index of two ranges": _two_ranges,
    "a parameter named like a positive variable": _parameter_with_other_values,
    "a literal index beyond the axis": _delta_beyond_the_axis,
    "the determinant of a matrix of one row": _determinant_of_one_row,
    "a derivative kept at the old point": _derivative_at_the_old_point,
    "the cofactors of a singular matrix": _cofactors_of_a_singular_matrix,
    "the inverse of a matrix of rank one": _rank_one,
    "the inverse of a diagonal with zeros elsewhere": _diagonal,
    "|z| has a derivative at 0": scalar(lambda z: eq(diff(absolute(z), z) * absolute(z), z)),
    "max has a derivative where both sides are one": scalar(lambda z: eq(diff(maximum(z, z), z), 1)),
    "max has a derivative at its kink": scalar(lambda z: eq(diff(maximum(z, 0), z) * z, maximum(z, 0))),
    "the root of a square has a derivative": scalar(lambda z: eq(diff(sqrt(z**2), z) * sqrt(z**2), z)),
    "0^0 of a real exponent": scalar(lambda z: eq(z ** (z - z + 0 * z), z / z)),
    "an exponent that may vary needs a positive base": scalar(lambda z: eq(term(2 * z) ** (z - z), 1)),
    "an exponent of ±1 needs no positive base": _with_sign(
        lambda x, k: eq(x**k + absolute(x), x**k + x)
    ),
    "an exponent of sizes needs no positive base": scalar(
        lambda z: eq(z ** (term(size("D")) / 2) + absolute(z), z ** (term(size("D")) / 2) + z)
    ),
    "z/z": scalar(lambda z: eq(z / z, 1)),
    "z² > 0": scalar(lambda z: gt(z**2, 0)),
    "log z ≤ z − 1 for negative z": scalar(lambda z: ge(z - 1, log(z))),
    "e^z > 1 + z": scalar(lambda z: gt(exp(z), 1 + z)),
    "z² = 1 only for 1": scalar(lambda z: iff(eq(z**2, 1), eq(z, 1))),
    "z = z² after division": scalar(lambda z: iff(eq(z**2, z), eq(z, 1))),
    "an order turned by a negative factor": scalar(lambda z: iff(gt(-2 * z, 0), gt(z, 0))),
    "a factor that may be 0 on the right": _with_factor(lambda x, y: iff(eq(x, 0), eq(x * y, 0))),
    "an order and its multiple by what may be 0": _with_factor(lambda x, y: iff(gt(x, 0), gt(x * y**2, 0))),
    "a minimum and its multiple by what may be 0": _with_factor(
        lambda x, y: same(argmin(x, x**2), argmin(x, absolute(y) * x**2))
    ),
    "proportional with a factor that may be 0": _with_factor(lambda x, y: proportional(exp(x), y**2 * exp(x), x)),
    "a slope and its multiple by what may be 0": _with_factor(
        lambda x, y: same(argmin(x, (x - 1) ** 4), argmin(x, y**2 * (x - 1) ** 2))
    ),
    "a conclusion of which one side has a value": _with_factor(lambda x, y: implies(eq(x, 0), eq(x / x, 1))),
    "a square is increasing": scalar(lambda z: iff(gt(z**2, 1), gt(z, 1))),
    "minimum and maximum": _objectives(lambda w: w**2, lambda w: -(w**2)),
    "objectives with another minimum": _objectives(lambda w: w**2, lambda w: w**2 + w),
    "a square root where the objective is negative": _objectives(lambda w: w, lambda w: w**2),
}


@pytest.mark.parametrize("name", FALSE)
def test_a_false_claim_is_not_proved(name: str) -> None:
    d = Derivation(name)
    prop = FALSE[name](d)
    with pytest.raises(ProofError):
        prove(d.context, prop)


def test_an_assumption_about_the_variable_does_not_bind_the_minimum() -> None:
    d = Derivation("bound variable")
    w, a = d.scalar("w"), d.scalar("a")
    with d.assuming(eq(w, a), text="w = a"):
        for claim in (
            same(argmin(w, (w - a) ** 2), argmin(w, -((w - a) ** 2))),
            same(argmin(w, w**2), argmin(w, a**2)),
            proportional(w**2 * exp(w), exp(w), w),
        ):
            with pytest.raises(ProofError):
                prove(d.context, claim)


def test_an_index_has_one_value_on_both_sides() -> None:
    d = Derivation("one value")
    D = d.size("D")
    w, i = d.vector("w", D), d.index("i", D)
    assert prove(d.context, implies(eq(w[i], 2), eq(w[i] ** 2, 4)))
    with d.assuming(eq(w[i], 2)):  # an assumption, though, holds for every value of its index
        assert prove(d.context, eq(norm2(w), 4 * term(D)))


def test_a_literal_index_in_a_delta_needs_an_axis_that_is_long_enough() -> None:
    d = Derivation("long axis")
    K = d.size("K")
    k = d.index("k", K)
    d.context.least[K] = 3
    assert prove(d.context, eq(sum_(k, delta(k, 3)), 1))


def test_sums_from_2_are_equal_where_the_entries_from_2_on_have_a_value() -> None:
    d = Derivation("late start")
    x, i, j = d.vector("x", D := d.size("D")), d.index("i", D), d.index("j", D)
    assert prove(d.context, eq(Sum(i, 2 * log(x[i]), 2), 2 * Sum(j, log(x[j]), 2)))
    with pytest.raises(ProofError):
        prove(d.context, eq(Sum(i, log(x[i]), 2), sum_(j, log(x[j])) - sum_(j, delta(j, 1) * log(x[j]))))


def test_a_factor_needs_a_value_where_both_sides_have_one() -> None:
    d = Derivation("factor")
    x, y = d.scalar("x"), d.scalar("y")
    assert prove(d.context, iff(eq(x, 0), eq(x * exp(y), 0)))
    assert prove(d.context, iff(eq(x / y, 1 / y), eq(x / y**2, 1 / y**2)))
    with d.assuming(ne(y, 0), text="y ≠ 0"):
        assert prove(d.context, iff(eq(x, 0), eq(x * y, 0))).uses == ("y ≠ 0",)


def test_entries_that_all_differ_contradict_themselves() -> None:
    d = Derivation("diagonal")
    x, i, j = d.vector("x", D := d.size("D")), d.index("i", D), d.index("j", D)
    with d.assuming(ne(x[i], x[j])), pytest.raises(ProofError) as failure:
        prove(d.context, eq((x[i] - x[j]) / (x[i] - x[j]), 1))
    assert failure.value.contradiction


def test_an_equation_read_through_another_one_uses_both() -> None:
    d = Derivation("two equations")
    a, b, c = d.scalar("a"), d.scalar("b"), d.scalar("c")
    with d.assuming(eq(a, b), text="first"), d.assuming(eq(a, c), text="second"):
        assert prove(d.context, eq(b, c)).uses == ("first", "second")


def test_what_a_sign_case_uses_is_counted() -> None:
    d = Derivation("sign case")
    z, t = d.scalar("z"), d.scalar("t", POSITIVE)
    claim = eq(absolute(t * z) - t * absolute(z), 0)
    assert prove(d.context, claim).uses == ("t > 0",)


def test_the_value_given_to_a_positive_variable_is_positive() -> None:
    d = Derivation("inherited")
    v, s = d.scalar("v", POSITIVE), d.scalar("s")
    with d.assuming(eq(v, s), text="v = s"):
        assert prove(d.context, gt(s, 0)).uses == ("v = s", "v > 0")


def test_a_vector_with_two_values_is_not_taken_at_a_root() -> None:
    d = Derivation("roots")
    t = d.scalar("t", BINARY)
    assert prove(d.context, eq(sqrt(t), t))
    with pytest.raises(ProofError):
        prove(d.context, eq(sqrt(4 * t), 4 * t))


def test_the_slope_of_a_determinant_is_known_where_the_matrix_is_invertible() -> None:
    d = Derivation("determinant")
    slopes = _sum_of_slopes(d)
    A = Var("A", (n := d.size("N"), n))
    with d.assuming(eq(det(A), 0)), pytest.raises(ProofError):
        prove(d.context, eq(slopes, 0))
    with d.assuming(ne(det(A), 0), text="invertible"):
        assert prove(d.context, eq(diff(det(A), A), det(A) * inv(A).T)).uses == ("invertible",)
    with d.assuming(eq(slopes, 0)), pytest.raises(ProofError):  # read with the inverse it would say more
        prove(d.context, eq(det(A) * sum_(i := d.index("i", n), sum_(j := d.index("j", n), inv(A)[i, j])), 0))


def test_a_theorem_cannot_be_changed() -> None:
    d = Derivation("fixed")
    z = d.scalar("z")
    theorem = prove(d.context, eq(z, z))
    with pytest.raises(TypeError):
        theorem.prop = eq(z, 0)
    d.context.assume(Assumption(eq(z, 0), "z = 0"))
    assert theorem.context.assumptions == []


# -- induction over layers -----------------------------------------------------------------------------


def _induction() -> tuple[dict[str, Theorem], EveryDepth, tuple[str, ...]]:
    d = DERIVATIONS["backpropagation"]()
    step = d["every-depth"]
    needed = [s for s in d.steps if s.label in step.premises]
    done = {s.label: prove(s.context, s.prop) for s in needed}
    assert isinstance(step.prop, EveryDepth)
    return done, step.prop, step.premises


def test_the_induction_needs_every_gradient_of_the_lowest_layer() -> None:
    done, prop, labels = _induction()
    base, step, *rest = (done[label] for label in labels)
    half = len(prop.parameters)
    layer, inputs = tuple(rest[:half]), tuple(rest[half:])
    scene = Scene(Context())
    assert every_depth(scene, prop, base, step, layer, inputs)
    fewer = replace(prop, inputs=prop.inputs[:1])
    turned = replace(prop, inputs=prop.inputs[::-1])
    elsewhere = replace(prop, data=prop.hidden)
    above = replace(prop, inputs=prop.parameters)  # the layer itself in the place of the lowest one
    for wrong, own, below in (
        (fewer, layer, inputs[:1]),
        (turned, layer, inputs[::-1]),
        (elsewhere, layer, inputs),
        (above, layer, layer),
    ):
        with pytest.raises(NotProved):
            every_depth(scene, wrong, base, step, own, below)


# -- hypotheses are counted ------------------------------------------------------------------------------


@pytest.mark.parametrize("name", DERIVATIONS)
def test_each_hypothesis_that_a_lecture_theorem_names_is_needed(name: str) -> None:
    """Without any one of them, everything else in force, the step is not proved."""

    for theorem in proofs(name).values():
        assert isinstance(theorem, Theorem)
        if theorem.premises and theorem.rule == "induction over layers":
            continue
        for used in theorem.uses:
            context = theorem.context.child()
            context.assumptions = [a for text, a in labelled(context) if text != used]
            for declared in list(context.declarations.values()):
                if domain_label(declared.name, declared.domain) == used:
                    context.restrict(declared.name, REAL)
            with pytest.raises(ProofError):
                prove(context, theorem.prop, minimise=False)
