"""Finding a proof: which of the kernel's rules, with which factor or matrix.

Nothing here is trusted; a wrong choice makes a rule refuse.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from itertools import product

from derive import kernel
from derive.algebra.atoms import ONE, Poly, Unsupported, fresh
from derive.algebra.entries import Condition
from derive.algebra.hypotheses import Contradiction, domain_label, labelled
from derive.algebra.normal import Normalizer
from derive.algebra.zero import mentions, ratio
from derive.blackboard import Derivation, Step
from derive.context import REAL, Context
from derive.kernel import NotProved, Scene, Theorem
from derive.props import (
    And,
    EveryDepth,
    Iff,
    Implies,
    Prop,
    Proportional,
    Rel,
    SameSolutions,
    SemiDefinite,
)  # fmt: skip
from derive.terms import Det, Diff, Index, Inverse, MatMul, Num, Term

#: increasing functions that may be applied to both sides
MAPS = tuple((f, g) for f in ("", "exp", "log") for g in ("", "exp", "log"))

#: with more equations assumed, none is left out by trial
MOST_EQUATIONS = 4


class ProofError(Exception):
    """No proof was found.  `missing` are conditions whose assumption might give one.

    `timeout`: the time limit came first; `contradiction`: the assumptions exclude each other.
    """

    def __init__(self, why: str, missing: tuple[Condition, ...] = (), timeout: bool = False,
                 contradiction: bool = False) -> None:  # fmt: skip
        super().__init__(why)
        self.missing = missing
        self.timeout = timeout
        self.contradiction = contradiction


class OutOfTime(Exception):
    pass


def prove(
    context: Context, prop: Prop, *, deadline: float | None = None, minimise: bool = True, whole: bool = False
) -> Theorem:
    """A theorem with the fewest hypotheses found, or `ProofError`.

    `whole`: a gradient through many definitions is not taken apart.
    """
    ticks = _clock(deadline)
    context = context.child()  # a theorem keeps its context as it was
    if not whole and (found := _along(context, prop, deadline, fewest=3)):
        return _reduced(found, deadline) if minimise else found
    try:
        theorem, without = _with_fewer(context, prop, ticks)
        if minimise:
            theorem = _minimised(context, prop, theorem, without, ticks)
    except NotProved as failure:
        raise ProofError(str(failure), failure.missing) from None
    except Unsupported as failure:
        if not whole and (found := _along(context, prop, deadline, fewest=2)):
            return _reduced(found, deadline) if minimise else found
        raise ProofError(str(failure)) from None
    except Contradiction as failure:
        why = f"the assumptions contradict each other: {failure}"
        raise ProofError(why, contradiction=True) from None
    except RecursionError:
        raise ProofError("the claim is nested too deeply") from None
    except OutOfTime:
        raise ProofError("the time limit was reached", timeout=True) from None
    return theorem


def _along(context: Context, prop: Prop, deadline: float | None, fewest: int) -> Theorem | None:
    """A gradient through at least so many definitions, taken one by one."""
    if not isinstance(prop, Rel) or prop.op != "=" or not isinstance(prop.left, Diff):
        return None
    from derive.gradient import along  # built on this module

    if along.between(context, prop) < fewest:
        return None
    with suppress(ProofError):
        return along.along_chain(context, prop, deadline)
    return None


def _reduced(theorem: Theorem, deadline: float | None) -> Theorem:
    """The same theorem from fewer hypotheses, where each is left out of the context by trial."""
    found, needed = theorem, set[str]()
    while left := set(found.uses) - needed:
        label = min(left)
        try:
            found = prove(_lacking(found.context, label), theorem.prop, deadline=deadline, minimise=False)
        except ProofError:
            needed.add(label)
    return theorem if found is theorem else kernel.weakened(Scene(theorem.context), found)


def _lacking(context: Context, label: str) -> Context:
    """The context without what has this label, an assumption or a declared condition."""
    made = context.child()
    made.assumptions = [a for text, a in labelled(context) if text != label]
    for d in context.declarations.values():
        if domain_label(d.name, d.domain) == label:
            made.restrict(d.name, REAL)
    return made


def _with_fewer(context: Context, prop: Prop, ticks: Callable[[], None]) -> tuple[Theorem, frozenset[str]]:
    """With all hypotheses; else without one: of two equations that could be used, one is in the way."""
    attempts = [frozenset[str]()]
    labels = [label for label, a in labelled(context) if isinstance(a.prop, Rel) and a.prop.op == "="]
    if 2 <= len(labels) <= MOST_EQUATIONS:
        attempts += [frozenset({label}) for label in labels]
    failure: NotProved | Unsupported | None = None
    for without in attempts:
        try:
            return _attempt(context, prop, without, ticks), without
        except (NotProved, Unsupported) as error:
            failure = failure or error
    raise failure or NotProved("no rule applies")


def _clock(deadline: float | None) -> Callable[[], None]:
    count = 0

    def tick() -> None:
        nonlocal count
        count += 1
        if deadline is not None and count % 64 == 0 and time.monotonic() > deadline:
            raise OutOfTime

    return tick


def _minimised(
    context: Context, prop: Prop, theorem: Theorem, without: frozenset[str], ticks: Callable[[], None]
) -> Theorem:
    """Drops each hypothesis that the proof does not need, so that `uses` are those it does."""
    needed: set[str] = set()
    while left := set(theorem.uses) - needed:
        label = min(left)
        try:
            theorem = _attempt(context, prop, without | {label}, ticks)
        except (NotProved, Unsupported, Contradiction):
            needed.add(label)
            continue
        without |= {label}
    return theorem


def _attempt(context: Context, prop: Prop, without: frozenset[str], ticks: Callable[[], None]) -> Theorem:
    scene = Scene(context, without, ticks)
    match prop:
        case Rel(op="="):
            return _first(_equalities(scene, prop))
        case Rel():
            return _first(iter((lambda: kernel.order(scene, prop), lambda: kernel.tangent(scene, prop))))
        case SemiDefinite():
            return kernel.semidefinite(scene, prop)
        case SameSolutions():
            return _same_solutions(scene, prop)
        case Proportional():
            return _proportional(scene, prop)
        case Iff():
            return _first(_equivalences(scene, prop))
        case Implies():
            return _implication(scene, prop)
        case And():
            parts = tuple(_attempt(context, part, without, ticks) for part in prop.parts)
            return kernel.conjunction(scene, prop, parts)
        case _:
            raise NotProved(f"no rule concludes a {type(prop).__name__}")


def _equalities(scene: Scene, rel: Rel) -> Iterator[Callable[[], Theorem]]:
    yield lambda: kernel.equality(scene, rel)
    shape = rel.left.shape
    if not shape:
        return
    matrices = _matrices(scene, rel)
    for left in [None, *(m for m in matrices if m.shape[0] == shape[0])]:
        for right in [None, *(m for m in matrices if len(shape) == 2 and m.shape[0] == shape[1])]:
            if left is not None or right is not None:
                yield lambda m=left, n=right: kernel.cancelled(scene, rel, m, n)  # type: ignore[misc]


def _first(attempts: Iterator[Callable[[], Theorem]]) -> Theorem:
    """The first attempt that succeeds; else the failure that says most."""
    failure: Exception | None = None
    for attempt in attempts:
        try:
            return attempt()
        except NotProved as error:
            if failure is None or (error.missing and not getattr(failure, "missing", ())):
                failure = error
        except Unsupported as error:
            failure = failure or error
    raise failure or NotProved("no rule applies")


def _equivalences(scene: Scene, prop: Iff) -> Iterator[Callable[[], Theorem]]:
    one, two = prop.left, prop.right
    if isinstance(one, Rel) and isinstance(two, Rel) and one.op == two.op == "=":
        for first, second, claim in ((one, two, prop), (two, one, Iff(two, one))):
            factor = _factor(scene, first, second)
            if factor is not None and claim == prop:
                yield lambda f=factor: kernel.scaled(scene, prop, f)  # type: ignore[misc]
        matrices = _matrices(scene, one, two)
        pairs = [MatMul(m, n) for m in matrices for n in matrices if m.shape == n.shape and m != n]
        for matrix in (*matrices, *pairs[:6]):
            for first, second in ((one, two), (two, one)):
                factor = _factor(scene, first, second, matrix)
                if factor is not None:
                    claim = Iff(first, second)
                    yield lambda m=matrix, f=factor, c=claim: _turned(scene, prop, m, f, c)  # type: ignore[misc]
        for maps in _maps(one, two):
            yield lambda m=maps: kernel.mapped(scene, prop, m)  # type: ignore[misc]
    elif isinstance(one, Rel) and isinstance(two, Rel):
        for maps in _maps(one, two):
            factor = _order_factor(scene, one, two, maps)
            if factor is not None:
                yield lambda m=maps, f=factor: kernel.ordered(scene, prop, m, f)  # type: ignore[misc]
    yield lambda: _both_ways(scene, prop)


def _maps(one: Rel, two: Rel) -> list[tuple[str, str]]:
    """Maps of both equations worth a try: arrays have none, and 0 has no log."""
    if one.left.shape:
        return [("", "")]
    no_log = [any(isinstance(s, Num) and s.value <= 0 for s in (rel.left, rel.right)) for rel in (one, two)]
    return [m for m in MAPS if not any(f == "log" and no for f, no in zip(m, no_log))]


def _order_factor(scene: Scene, one: Rel, two: Rel, maps: tuple[str, str]) -> Poly | None:
    """c with f(A) − f(B) = c (g(C) − g(D)), the larger side first."""
    if one.left.shape != two.left.shape:
        return None
    at = tuple(fresh(Index("i", s)) for s in one.left.shape)
    gaps = []
    for name, rel in zip(maps, (one, two)):
        sides, _ = scene.read((rel.left, at), (rel.right, at))
        try:
            a, b = (_mapped(scene.n, name, p) for p in sides)
        except Unsupported:
            return None
        gaps.append(a - b if rel.op in (">", "≥") else b - a)
    return ratio(scene.n, gaps[0], gaps[1])


def _turned(scene: Scene, prop: Iff, matrix: Term, factor: Poly, claim: Iff) -> Theorem:
    theorem = kernel.multiplied(scene, claim, matrix, factor)
    if claim == prop:
        return theorem
    return kernel.symmetric(scene, prop, theorem)


def _both_ways(scene: Scene, prop: Iff) -> Theorem:
    forth = _implication(scene, Implies(prop.left, prop.right))
    back = _implication(scene, Implies(prop.right, prop.left))
    return kernel.equivalence(scene, prop, forth, back)


def _implication(scene: Scene, prop: Implies) -> Theorem:
    inner = kernel.assuming(scene.context, prop.left)
    try:
        conclusion = _attempt(inner, prop.right, scene.without, scene.ticks or (lambda: None))
    except Contradiction:
        raise NotProved("the left side never holds") from None
    return kernel.implication(scene, prop, conclusion)


def _matrices(scene: Scene, *props: Rel) -> list[Term]:
    """The matrices that stand under an inverse, here or in a definition used here, or whose
    determinant an assumption is about."""
    found: dict[Term, None] = {}
    for assumption in scene.context.assumptions:
        if isinstance(rel := assumption.prop, Rel):
            found.update((n.arg, None) for side in (rel.left, rel.right) for n in side.walk() if isinstance(n, Det))
    stack: list[Term] = [side for rel in props for side in (rel.left, rel.right)]
    seen: set[str] = set()
    while stack:
        for node in stack.pop().walk():
            if isinstance(node, Inverse):
                found[node.arg] = None
            name = getattr(node, "name", "")
            if name in scene.context.definitions and name not in seen:
                seen.add(name)
                stack.append(scene.context.definitions[name].body)
    return list(found)


def _factor(scene: Scene, one: Rel, two: Rel, matrix: Term | None = None) -> Poly | None:
    """c with (A − B) = c (C − D), or = c M (C − D)."""
    if one.left.shape != two.left.shape or (matrix is not None and matrix.shape[:1] != one.left.shape[:1]):
        return None
    at = tuple(fresh(Index("i", s)) for s in one.left.shape)
    n = scene.n
    try:
        (a, b), _ = scene.read((one.left, at), (one.right, at))
        if matrix is None:
            (c, d), _ = scene.read((two.left, at), (two.right, at))
            gap = c - d
        else:
            k = fresh(Index("k", matrix.shape[1]))
            (c, d), _ = scene.read((two.left, (k, *at[1:])), (two.right, (k, *at[1:])))
            (m,), _ = scene.read((matrix, (at[0], k)))
            gap = n.sum_over(k, n.mul(m, c - d))
        return ratio(n, a - b, gap)
    except Unsupported:
        return None


def _same_solutions(scene: Scene, prop: SameSolutions) -> Theorem:
    f, g = prop.left, prop.right
    trial = Scene(scene.context, scene.without, scene.ticks).bound(f.var)  # what it uses is not counted
    (p,), first = trial.read((f.body, ()))
    (q,), second = trial.read((g.body, ()))
    sign = 1 if f.kind == g.kind else -1
    name = f.var.name

    def attempts() -> Iterator[Callable[[], Theorem]]:
        yield lambda: kernel.same_solutions(scene, prop, ONE, ("", ""))
        with trial.granting(first + second) as inner:
            m = inner.n
            for maps in product(("", "log", "square"), repeat=2):
                try:
                    a, b = (_mapped(m, f, x) for f, x in zip(maps, (p, q)))
                    factor = ratio(m, _about(a, name), _about(b, name).scale(sign), free_of=name)
                except Unsupported:
                    continue
                if factor is not None:
                    yield lambda c=factor, f=maps: kernel.same_solutions(scene, prop, c, f)  # type: ignore[misc]

    return _first(attempts())


def _mapped(n: Normalizer, name: str, p: Poly) -> Poly:
    return {"": lambda: p, "exp": lambda: n.exp(p), "log": lambda: n.log(p), "square": lambda: n.power(p, 2)}[name]()


def _about(p: Poly, name: str) -> Poly:
    """The monomials in which the variable occurs."""
    return Poly({m: c for m, c in p.terms.items() if mentions(Poly({m: 1}), name)})


def _proportional(scene: Scene, prop: Proportional) -> Theorem:
    trial = Scene(scene.context, scene.without, scene.ticks).bound(prop.var)
    left, right, first, second = trial.sides(Rel("=", prop.left, prop.right))
    with trial.granting(first + second) as inner:
        factor = ratio(inner.n, left, right, free_of=prop.var.name)
    return kernel.proportional(scene, prop, factor)


def prove_all(
    derivation: Derivation, *, deadline: float | None = None
) -> dict[str, Theorem | ProofError]:
    """Every step of a derivation by label; an induction is drawn from the steps that it names."""
    done: dict[str, Theorem | ProofError] = {}
    for step in derivation.steps:
        try:
            done[step.label] = prove_step(step, done, deadline=deadline)
        except ProofError as failure:
            done[step.label] = failure
    return done


def prove_step(
    step: Step, done: Mapping[str, Theorem | ProofError], *, deadline: float | None = None
) -> Theorem:
    """The theorem of one step; what it rests on is looked up among the steps already `done`."""
    if not step.premises:
        return prove(step.context, step.prop, deadline=deadline)
    premises = []
    for label in step.premises:
        theorem = done.get(label)
        if not isinstance(theorem, Theorem):
            raise ProofError(f"the step {label!r} that this one rests on is not proved")
        premises.append(theorem)
    if not isinstance(step.prop, EveryDepth):
        return _drawn(step, premises, deadline)
    try:
        scene = Scene(step.context)
        last = 2 + len(step.prop.parameters)
        layer, inputs = tuple(premises[2:last]), tuple(premises[last:])
        return kernel.every_depth(scene, step.prop, premises[0], premises[1], layer, inputs)
    except (NotProved, Unsupported) as failure:
        raise ProofError(str(failure)) from None


def _drawn(step: Step, premises: list[Theorem], deadline: float | None) -> Theorem:
    """From earlier theorems: a chain of equations, else with them as further hypotheses."""
    scene = Scene(step.context.child())
    try:
        if isinstance(step.prop, Rel):
            return kernel.transitive(scene, step.prop, tuple(premises))
    except NotProved:
        pass
    contexts = [scene.context]
    for premise in premises:
        contexts.append(kernel.knowing(contexts[-1], premise))
    theorem = prove(contexts.pop(), step.prop, deadline=deadline)
    try:
        for premise in reversed(premises):
            theorem = kernel.cut(Scene(contexts.pop()), premise, theorem)
    except NotProved as failure:
        raise ProofError(str(failure)) from None
    return theorem
