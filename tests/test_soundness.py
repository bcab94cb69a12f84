"""Random well-typed terms: what the normal form makes equal, the evaluator finds equal.

Set SOUNDNESS_EXAMPLES for a longer run.
"""

import os
from collections.abc import Callable
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from random_terms import SHAPES, Terms, instance, vocabulary

from derive import kernel
from derive.algebra.atoms import Poly, Unsupported
from derive.binders import bound, fresh, rebind, substitute
from derive.clock import now, passed
from derive.evaluate import FIELDS, UNDEFINED, UNIVARIATE, EvaluationError, Evaluator, Instance, Number, ResourceLimit
from derive.evaluate.numbers import plain, reals
from derive.evaluate.truth import sign_of_gap
from derive.kernel import NotProved, Scene
from derive.props import Rel
from derive.repair.claims import claim_edits
from derive.terms import Add, Mul, Term

EXAMPLES = int(os.environ.get("SOUNDNESS_EXAMPLES", "12"))
SETTINGS = settings(
    max_examples=EXAMPLES, deadline=None, derandomize=EXAMPLES <= 12, suppress_health_check=list(HealthCheck)
)
CONTEXT = vocabulary()
EVALUATOR = Evaluator(CONTEXT)
SIZES = ({"N": 2, "D": 3}, {"N": 3, "D": 2}, {"N": 1, "D": 1})
SECONDS = 0.3  # for one term


def instances() -> list[Instance]:
    made = [instance(CONTEXT, sizes, Random(k), k % 2) for k, sizes in enumerate(SIZES)]
    for k, one in enumerate(made):
        one.functions = {"f": UNIVARIATE[1 + k], "E": FIELDS[1 + k]}
    return made


INSTANCES = instances()


def ticks() -> Callable[[], None]:
    until = now() + SECONDS

    def tick() -> None:
        if passed(until):
            raise Unsupported("it takes too long")

    return tick


def normal(t: Term) -> tuple[Poly, Scene] | None:
    scene = Scene(CONTEXT, ticks=ticks())
    try:
        (p,), _ = scene.read((t, ()))
    except (Unsupported, RecursionError):
        return None
    return p, scene


def values(t: Term) -> list[Number]:
    made = []
    for one in INSTANCES:
        try:
            made.append(plain(EVALUATOR.at(one, budget=20_000).value(t)))
        except (ResourceLimit, EvaluationError):
            made.append(UNDEFINED)
    return made


def separated(one: list[Number], two: list[Number]) -> bool:
    """Do the values differ where both sides have one?"""
    return any(
        sign_of_gap(a, b, reals(50)) in (1, -1)
        for a, b in zip(one, two)
        if a is not UNDEFINED and b is not UNDEFINED
    )


@SETTINGS
@given(st.integers(0, 2**32))
def test_terms_of_one_normal_form_have_the_same_values(seed: int) -> None:
    rng = Random(seed)
    found: dict[str, tuple[Term, list[Number]]] = {}
    for _ in range(60):
        t = Terms(rng).term((), 2)
        made = normal(t)
        if made is None:
            continue
        first, expected = found.setdefault(made[0].key, (t, values(t)))
        assert first == t or not separated(expected, values(t)), f"{first}\n{t}"


@SETTINGS
@given(st.integers(0, 2**32))
def test_no_pair_that_the_evaluator_separates_is_proved_equal(seed: int) -> None:
    rng = Random(seed)
    t = Terms(rng).term((), 2)
    mine = values(t)
    for edit in list(claim_edits(CONTEXT, Rel("=", t, t)))[:25]:
        assert isinstance(edit.prop, Rel)
        try:
            kernel.equality(Scene(CONTEXT, ticks=ticks()), edit.prop)
        except (NotProved, Unsupported, RecursionError):
            continue
        other = values(edit.prop.left if edit.prop.left != t else edit.prop.right)
        assert not separated(mine, other), edit.prop
        assert [a is UNDEFINED for a in mine] == [b is UNDEFINED for b in other], edit.prop


def renamed(t: Term) -> Term:
    """The same term with other names for all bound indices."""
    t = t.rebuild(tuple(renamed(c) for c in t.children)) if t.children else t
    own = bound(t)
    if not own:
        return t
    turned = {i: fresh(i.size) for i in own}
    return rebind(t, tuple(turned.values()), substitute(t.children[0], turned))


def reversed_(t: Term) -> Term:
    """The same term with the terms of sums and the factors of products in the opposite order."""
    t = t.rebuild(tuple(reversed_(c) for c in t.children)) if t.children else t
    return type(t)(t.args[::-1]) if isinstance(t, (Add, Mul)) else t


@pytest.mark.parametrize("change", [renamed, reversed_], ids=["names of bound indices", "order"])
@SETTINGS
@given(seed=st.integers(0, 2**32))
def test_the_normal_form_does_not_depend_on(change: Callable[[Term], Term], seed: int) -> None:
    rng = Random(seed)
    for _ in range(10):
        t = Terms(rng).term((), 2)
        one, two = normal(t), normal(change(t))
        if one is not None and two is not None:
            assert one[0] == two[0], t


@SETTINGS
@given(st.integers(0, 2**32))
def test_the_normal_form_is_idempotent(seed: int) -> None:
    rng = Random(seed)
    for _ in range(10):
        t = Terms(rng).term((), 2)
        made = normal(t)
        if made is not None:
            p, scene = made
            try:
                again = scene.n.replace(p, lambda atom: None)
            except Unsupported:  # too long, or nowhere defined
                continue
            assert again == p, t


@SETTINGS
@given(st.integers(0, 2**32))
def test_arrays_of_every_shape_evaluate_to_their_dimensions(seed: int) -> None:
    rng = Random(seed)
    for shape in SHAPES[1:]:
        t = Terms(rng).term(shape, 2)
        for one in INSTANCES:
            try:
                assert EVALUATOR.at(one, budget=20_000).value(t).dims == one.dims(shape)
            except ResourceLimit:
                continue
