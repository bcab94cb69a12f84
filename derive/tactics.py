"""Tactics: which of the kernel's rules concludes a proposition, with which factor or matrix.

Nothing here is trusted; a wrong choice makes a rule refuse.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import islice, product

from derive import kernel
from derive.algebra.atoms import ONE, Poly, Unsupported, fresh
from derive.algebra.hypotheses import Contradiction
from derive.algebra.normal import Normalizer
from derive.algebra.zero import mentions, ratio
from derive.context import Context
from derive.kernel import NotProved, Scene, Theorem
from derive.partners import partners
from derive.props import And, Iff, Implies, Prop, Proportional, Rel, SameSolutions, SemiDefinite
from derive.terms import Det, Diff, Eye, Index, Inverse, MatMul, Num, Term, TermError, Transpose, Var

#: increasing functions that may be applied to both sides
MAPS = (*((f, g) for f in ("", "exp", "log") for g in ("", "exp", "log")), ("", "cube"), ("cube", ""))

#: pairs of matrices by which an equation is multiplied by trial
_MOST_MULTIPLIERS = 16


def attempt(context: Context, prop: Prop, without: frozenset[str], ticks: Callable[[], None]) -> Theorem:
    """Γ ⊢ prop without the hypotheses of these labels; raises `NotProved`, `Unsupported` or `Contradiction`."""
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
            parts = tuple(attempt(context, part, without, ticks) for part in prop.parts)
            return kernel.conjunction(scene, prop, parts)
        case _:
            raise NotProved(f"no rule concludes a {type(prop).__name__}")


def _equalities(scene: Scene, rel: Rel) -> Iterator[Callable[[], Theorem]]:
    whole = [side.arg for side in (rel.left, rel.right) if isinstance(side, Inverse)]
    for matrix in whole if len(whole) == 1 else ():  # M⁻¹ = B where M B = I
        yield lambda m=matrix: kernel.cancelled(scene, rel, m, None)  # type: ignore[misc]
    yield lambda: kernel.equality(scene, rel)
    shape = rel.left.shape
    if not shape:
        return
    matrices = [m for m in _matrices(scene, rel) if m not in whole]
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
        factor = _factor(scene, one, two)
        if factor is not None:
            yield lambda f=factor: kernel.multiplied(scene, prop, None, None, f)  # type: ignore[misc]
        matrices = _matrices(scene, one, two)
        pairs = [MatMul(m, n) for m in matrices for n in matrices if m.shape == n.shape and m != n]
        sides: list[tuple[Term, Term | None]] = [(m, None) for m in (*matrices, *pairs[:6])]
        sides += [(m, m) for m in matrices if one.left.shape == m.shape]  # Σ⁻¹ (S − Σ) Σ⁻¹
        sides += [(Transpose(m), None) for m in matrices if isinstance(m, Var)]  # RᵀRx = RᵀQᵀb
        for left, right in sides:
            for first, second in ((one, two), (two, one)):
                factor = _factor(scene, first, second, left, right)
                if factor is not None:
                    claim = Iff(first, second)
                    yield lambda m=(left, right), f=factor, c=claim: _turned(scene, prop, m, f, c)  # type: ignore[misc]
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


def _turned(scene: Scene, prop: Iff, sides: tuple[Term, Term | None], factor: Poly, claim: Iff) -> Theorem:
    theorem = kernel.multiplied(scene, claim, *sides, factor)
    if claim == prop:
        return theorem
    return kernel.symmetric(scene, prop, theorem)


def _both_ways(scene: Scene, prop: Iff) -> Theorem:
    forth = _implication(scene, Implies(prop.left, prop.right))
    back = _implication(scene, Implies(prop.right, prop.left))
    return kernel.equivalence(scene, prop, forth, back)


def _implication(scene: Scene, prop: Implies) -> Theorem:
    with suppress(NotProved):
        return _image(scene, prop)
    inner = kernel.assuming(scene.context, prop.left)
    try:
        conclusion = attempt(inner, prop.right, scene.without, scene.ticks or (lambda: None))
    except Contradiction:
        raise NotProved("the left side never holds") from None
    return kernel.implication(scene, prop, conclusion)


def _image(scene: Scene, prop: Implies) -> Theorem:
    """One equation multiplied gives the other."""
    one, two = prop.left, prop.right
    if not (isinstance(one, Rel) and isinstance(two, Rel) and one.op == two.op == "=" and one.left.shape):
        raise NotProved("no equation of arrays")
    at = tuple(fresh(Index("i", s)) for s in two.left.shape)
    for left, right in _multipliers(one, two):
        with suppress(NotProved, Unsupported):
            images = [kernel.between(left, side, right) for side in (one.left, one.right)]
            (a, b), _ = scene.read(*((t, at) for t in images))
            (c, d), _ = scene.read((two.left, at), (two.right, at))
            factor = ratio(scene.n, c - d, a - b)
            if factor is not None:
                return kernel.image(scene, prop, left, right, factor)
    raise NotProved("no multiple of one equation is the other")


def _multipliers(one: Rel, two: Rel) -> Iterator[tuple[Term | None, Term | None]]:
    """What stands before or after a product in the second equation and gives the first its shape."""
    nodes = [n for side in (two.left, two.right) for n in side.walk() if isinstance(n, MatMul)]
    before: dict[Term | None, None] = dict.fromkeys((None, *(n.left for n in nodes)))
    after: dict[Term | None, None] = dict.fromkeys((None, *(n.right for n in nodes)))
    for left, right in islice(product(before, after), _MOST_MULTIPLIERS):
        if left is None and right is None:
            continue
        with suppress(TermError):
            if kernel.between(left, one.left, right).shape == two.left.shape:
                yield left, right


def _matrices(scene: Scene, *props: Rel) -> list[Term]:
    """The matrices that stand under an inverse, here or in a definition used here, or whose
    determinant an assumption is about; and those on the other side of a push-through."""
    found: dict[Term, None] = {}
    for assumption in scene.context.assumptions:
        if isinstance(rel := assumption.prop, Rel):
            nodes = [n for side in (rel.left, rel.right) for n in side.walk()]
            found.update((n.arg, None) for n in nodes if isinstance(n, Det))
            if any(isinstance(side, Eye) for side in (rel.left, rel.right)):
                found.update((n, None) for n in nodes if isinstance(n, Var) and n.shape == rel.left.shape)
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
    for matrix in list(found):
        found.update(dict.fromkeys(partners(scene.context, matrix)))
    return list(found)


def _factor(
    scene: Scene, one: Rel, two: Rel, left: Term | None = None, right: Term | None = None
) -> Poly | None:
    """c with (A − B) = c L (C − D) R, where L and R may be absent."""
    if one.left.shape != two.left.shape or (left is not None and left.shape[:1] != one.left.shape[:1]):
        return None
    at = tuple(fresh(Index("i", s)) for s in one.left.shape)
    inside = list(at)
    n = scene.n
    try:
        (a, b), _ = scene.read((one.left, at), (one.right, at))
        entries = []
        for matrix, axis in ((left, 0), (right, -1)):
            if matrix is not None:
                k = inside[axis] = fresh(at[axis])
                (entry,), _ = scene.read((matrix, (at[axis], k) if axis == 0 else (k, at[axis])))
                entries.append((k, entry))
        (c, d), _ = scene.read((two.left, tuple(inside)), (two.right, tuple(inside)))
        gap = c - d
        for k, entry in entries:
            gap = n.sum_over(k, n.mul(entry, gap))
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
        yield lambda: _same_descent(trial, scene, prop)

    return _first(attempts())


def _same_descent(trial: Scene, scene: Scene, prop: SameSolutions) -> Theorem:
    """One objective's slope is a positive multiple of the other's."""
    f, g = prop.left, prop.right
    if f.var.shape:
        raise NotProved("the variable is not a scalar")
    (a, b), _ = trial.read((Diff(f.body, f.var), ()), (Diff(g.body, g.var), ()))
    factor = ratio(trial.n, a, b if f.kind == g.kind else -b)
    if factor is None:
        raise NotProved("the slopes are not multiples of each other")
    return kernel.same_descent(scene, prop, factor)


def _mapped(n: Normalizer, name: str, p: Poly) -> Poly:
    made = {"": lambda: p, "exp": lambda: n.exp(p), "log": lambda: n.log(p)}
    return {**made, "square": lambda: n.power(p, 2), "cube": lambda: n.power(p, 3)}[name]()


def _about(p: Poly, name: str) -> Poly:
    """The monomials in which the variable occurs."""
    return Poly({m: c for m, c in p.terms.items() if mentions(Poly({m: 1}), name)})


def _proportional(scene: Scene, prop: Proportional) -> Theorem:
    trial = Scene(scene.context, scene.without, scene.ticks).bound(prop.var)
    left, right, first, second = trial.sides(Rel("=", prop.left, prop.right))
    with trial.granting(first + second) as inner:
        factor = ratio(inner.n, left, right, free_of=prop.var.name)
    return kernel.proportional(scene, prop, factor)


__all__ = ["attempt"]
