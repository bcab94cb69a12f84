"""Random claims: what is false at some instance is not proved, and what is true is not refuted.

A few run here.  RANDOM_CLAIMS=2000 draws so many claims for each test (each with those one slip away), from
RANDOM_CLAIMS_SEED on, and prints what became of them.
"""

from __future__ import annotations

import os
from collections import Counter
from contextlib import suppress
from random import Random

from random_claims import Claims

from derive.clock import now
from derive.context import Context
from derive.evaluate import EvaluationError, Evaluator, ResourceLimit
from derive.kernel import Theorem
from derive.notation import unicode
from derive.props import Iff, Implies, Prop, Rel
from derive.prover import OutOfTime, ProofError, prove
from derive.refute import Search
from derive.refute.instances import Finder

COUNT = int(os.environ.get("RANDOM_CLAIMS", "15"))
SEED = int(os.environ.get("RANDOM_CLAIMS_SEED", "4000"))
#: for one proof and one search
SECONDS = 0.4
#: claims one slip away from each
NEAR = 6


def proof(context: Context, prop: Prop) -> Theorem | None:
    with suppress(ProofError, OutOfTime, RecursionError):
        return prove(context, prop, deadline=now() + SECONDS, minimise=False)
    return None


def seen_false(context: Context, prop: Prop) -> bool:
    """A plain look at two points of the evaluator; the refuter's search where a point alone says nothing."""
    if not isinstance(prop, (Rel, Iff, Implies)):
        return Search(context, prop, now() + SECONDS).quick().counterexample is not None
    finder = Finder(Evaluator(context), prop, (), now() + SECONDS)
    for sizes in list(finder.sizes.distinct())[:1]:
        for point in finder.instances(sizes, 2, 0, seed=3):
            with suppress(ResourceLimit, EvaluationError):
                if point.truth(prop) is False:
                    return True
    return False


def shown(context: Context, prop: Prop, seed: int) -> str:
    given = ", ".join(unicode(a.prop, context) for a in context.assumptions)
    return f"{seed}: {given} ⊢ {unicode(prop, context)}"


def test_no_random_claim_that_is_false_is_proved() -> None:
    tally = Counter[tuple[str, str]]()
    for seed in range(SEED, SEED + COUNT):
        claims = Claims(Random(seed))
        context, base = claims.base()
        for prop in (base, *claims.near(context, base, NEAR)):
            false, theorem = seen_false(context, prop), proof(context, prop)
            tally["false" if false else "other", "proved" if theorem else "not proved"] += 1
            if theorem is None:
                continue
            search = Search(context, prop, now() + 2 * SECONDS)
            assert not false and search.quick().counterexample is None, shown(context, prop, seed)
            assert search.one_sided() is None, shown(context, prop, seed)
    print(dict(tally))
    assert tally["false", "not proved"] >= COUNT and tally["other", "proved"] >= COUNT // 2


def test_no_random_claim_that_is_true_is_refuted() -> None:
    tally = Counter[str]()
    for seed in range(SEED, SEED + 2 * COUNT):
        context, prop = Claims(Random(seed)).true()
        search = Search(context, prop, now() + SECONDS)
        found = search.quick()
        theorem = proof(context, prop)
        if theorem is None:
            found = search.thorough(1, 0.0)
        assert found.counterexample is None, shown(context, prop, seed)
        tally["proved" if theorem else "one side has a value more often" if found.one_sided else "unknown"] += 1
    print(dict(tally))
    assert tally["proved"] >= COUNT
