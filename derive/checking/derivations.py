"""The lecture's derivations, each step proved: in this process or spread over several."""

from __future__ import annotations

import multiprocessing
import os
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from itertools import groupby
from operator import itemgetter

from derive.blackboard import Derivation
from derive.checking.workers import start_method
from derive.kernel import Theorem
from derive.lecture import DERIVATIONS
from derive.notation import unicode
from derive.prover import ProofError, prove_step
from derive.report import Report, StepReport


def prove_derivations(names: Sequence[str], jobs: int) -> Iterator[tuple[Derivation, Report]]:
    """Each derivation with the report on its steps, in the order of `names`; `jobs` processes."""
    derivations = {name: DERIVATIONS[name]() for name in names}
    tasks = [(name, k) for name, d in derivations.items() for k in range(len(d.steps))]
    if jobs == 1:
        yield from _gathered(derivations, ((name, prove_one(name, k)) for name, k in tasks))
        return
    context = multiprocessing.get_context(start_method())
    with ProcessPoolExecutor(jobs, mp_context=context) as pool:
        results = pool.map(prove_one, *zip(*tasks))
        yield from _gathered(derivations, zip((name for name, _ in tasks), results))


def _gathered(
    derivations: dict[str, Derivation], results: Iterator[tuple[str, StepReport]]
) -> Iterator[tuple[Derivation, Report]]:
    for name, group in groupby(results, key=itemgetter(0)):
        steps = tuple(step for _, step in group)
        yield derivations[name], Report(steps, sum(s.seconds for s in steps))


def prove_one(name: str, number: int) -> StepReport:
    """The report on one step, by its number from 0; what it rests on is proved once in each process."""
    derivation = _derivation(name)
    step = derivation.steps[number]
    begun = time.perf_counter()
    verdict, code, params = "proved", "", dict[str, str]()
    uses: tuple[str, ...] = ()
    try:
        uses = _proof(name, step.label).uses
    except ProofError as failure:
        verdict, code, params = "unknown", "D401", {"why": str(failure)}
    file, line = step.source
    return StepReport(
        file=os.path.relpath(file) if file else "",
        line=line,
        column=1 if line else 0,
        derivation=name,
        step=number + 1,
        claim=unicode(step.prop, step.context),
        verdict=verdict,
        code=code,
        params=params,
        uses=uses,
        reason=step.because,
        seconds=time.perf_counter() - begun,
    )


@cache
def _derivation(name: str) -> Derivation:
    return DERIVATIONS[name]()


@cache
def _proof(name: str, label: str) -> Theorem:
    step = _derivation(name)[label]
    return prove_step(step, {premise: _proof(name, premise) for premise in step.premises})
