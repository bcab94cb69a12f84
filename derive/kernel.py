"""The kernel: the only place where a `Theorem` is made.

A rule is a function whose docstring is the inference rule.  It computes in the index-normal form of
`derive.algebra` on a `derive.scene`, raises `NotProved` where a premise or a side condition fails, and never
guesses: what is searched for (a factor, a matrix) is found elsewhere and checked here.

Γ is the context.  D(A) is the condition under which A has a value; every rule demands that both
sides of its conclusion have a value for the same arguments.
"""

from __future__ import annotations

from derive import cuts
from derive.algebra.atoms import Poly, fresh
from derive.algebra.defined import has_value
from derive.algebra.squares import nonneg, ordered_roots, positive
from derive.algebra.tangents import lower, lower_exp, raised, shifted
from derive.algebra.tangents import scaled as scaled_gaps
from derive.algebra.zero import constant_in, is_zero, mentions, zeros
from derive.binders import free_in, names_in
from derive.context import Assumption, Context
from derive.layers import check_premises
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
from derive.scene import (
    NotProved,
    Scene,
    Unsupported,
    as_written,
    conditions_of,
    differentiable,
    increasing,
    logarithm,
    one_range,
    plainly_positive,
    total,
)  # fmt: skip
from derive.terms import (
    MINUS_ONE,
    ONE,
    ZERO,
    Add,
    Diff,
    Index,
    MatMul,
    Mul,
    Pow,
    SqNorm,
    Term,
    Transpose,
    Var,
    matmul,
)  # fmt: skip

_TOKEN = object()


class Theorem:
    """A proposition that holds in `context` for every size; only this module can make one."""

    __slots__ = ("context", "premises", "prop", "rule", "uses")

    def __init__(
        self,
        token: object,
        prop: Prop,
        context: Context,
        uses: tuple[str, ...],
        rule: str,
        premises: tuple[Theorem, ...] = (),
    ) -> None:
        if token is not _TOKEN:
            raise TypeError("only the kernel's rules make theorems")
        made = (context, premises, prop, rule, uses)
        for name, value in zip(self.__slots__, made, strict=True):
            object.__setattr__(self, name, value)

    prop: Prop
    context: Context
    uses: tuple[str, ...]
    rule: str
    premises: tuple[Theorem, ...]

    def __setattr__(self, name: str, value: object) -> None:
        raise TypeError("a theorem does not change")

    __delattr__ = __setattr__  # type: ignore[assignment]


def _theorem(scene: Scene, prop: Prop, rule: str, premises: tuple[Theorem, ...] = ()) -> Theorem:
    """Γ ⊢ prop, with the hypotheses that the scene has used and those of the premises."""
    one_range(free_in(prop))
    uses = set(scene.n.facts.used).union(*(p.uses for p in premises)) - {""}
    return Theorem(_TOKEN, prop, scene.context, tuple(sorted(uses)), rule, premises)


# -- rules ---------------------------------------------------------------------------------------------


def equality(scene: Scene, rel: Rel) -> Theorem:
    """
    nf(A − B) = 0 where D(A)     D(A) ⟺ D(B)
    -----------------------------------------
                Γ ⊢ A = B
    """
    left, right, first, second = scene.sides(rel)
    if rel.op != "=":
        raise NotProved("not an equation")
    equal = is_zero(scene.n, left - right)
    news = [] if equal else [c for c in first + second if not scene.holds(c)]
    if news:
        scene.same_domain(first, second)
        with scene.granting(news) as inner:
            left, right, _, _ = inner.sides(rel)
            equal = is_zero(inner.n, left - right)
    if not equal:
        raise NotProved("the normal forms differ")
    scene.same_domain(first, second)
    return _theorem(scene, rel, "equality")


def cancelled(scene: Scene, rel: Rel, left: Term | None, right: Term | None) -> Theorem:
    """
    nf(M (A − B) N) = 0     det M ≠ 0     det N ≠ 0     D(A) ⟺ D(B)
    -----------------------------------------------------------------
                           Γ ⊢ A = B      (M or N may be left out)
    """
    shape = rel.left.shape
    if rel.op != "=" or not shape or len(shape) > 2 or (right is not None and len(shape) < 2):
        raise NotProved("a matrix can be cancelled in an equation between arrays only")
    at = tuple(fresh(Index("k", s)) for s in shape)
    (a, b), first = scene.read((rel.left, at), (rel.right, at))
    second = scene.sides(rel)[3]
    scene.same_domain(scene.sides(rel)[2], second)
    with scene.granting(first + second) as inner:
        n = inner.n
        gap = a - b
        for matrix, axis in ((left, 0), (right, -1)):
            if matrix is None:
                continue
            if matrix.shape != (shape[axis], shape[axis]):
                raise NotProved("the matrix does not fit the equation")
            k, i, p, q = at[axis], *(fresh(Index("i", shape[axis])) for _ in range(3))
            where = (i, k) if axis == 0 else (k, i)
            (entry, square), conditions = scene.read((matrix, where), (matrix, (p, q)))
            if not all(inner.holds(c) for c in conditions) or not n.signs.nonzero(n.det((p, q), square)):
                raise NotProved("the matrix may be singular")
            gap = n.sum_over(k, n.mul(entry, gap))
        if not is_zero(n, gap):
            raise NotProved("the normal forms differ")
    return _theorem(scene, rel, "cancelled")


def order(scene: Scene, rel: Rel) -> Theorem:
    """
    sign of A as written (B = 0), of nf(A − B) or nf(e^A − e^B); or A ≥ 0 and the sign of nf(A² − B²)    D(A) ⟺ D(B)
    ---------------------------------------------------------------------------------------------------------------
          Γ ⊢ A ⋈ B      (⋈ one of < ≤ > ≥ ≠)

    The exponentials are tried where a logarithm stands on a side, the squares (not for ≠) where a root does.
    """
    left, right, first, second = scene.sides(rel)
    n = scene.n
    high, low = (left, right) if rel.op in (">", "≥", "≠") else (right, left)
    shown = {
        ">": lambda gap: positive(n, gap),
        "<": lambda gap: positive(n, gap),
        "≥": lambda gap: not gap or nonneg(n, gap),
        "≤": lambda gap: not gap or nonneg(n, gap),
        "≠": lambda gap: n.signs.nonzero(gap) or positive(n, gap) or positive(n, -gap),
    }
    logs = any(a.kind == "log" for side in (left, right) for a in side.atoms())
    if rel.op not in shown or not (
        as_written(scene, rel)
        or shown[rel.op](high - low)
        or (logs and shown[rel.op](n.exp(high) - n.exp(low)))
        or (rel.op != "≠" and ordered_roots(n, high, low, rel.op in (">", "<")))
    ):
        raise NotProved("the sign of the difference is not known")
    scene.same_domain(first, second)
    return _theorem(scene, rel, "order")


def tangent(scene: Scene, rel: Rel) -> Theorem:
    """
    nf(A − B) ≥ nf(C) by log t ≤ t − 1 or e^t ≥ 1 + t     sign of C, or C a Gram form     D(A) ⟺ D(B)
    -----------------------------------------------------------------------------------
                     Γ ⊢ A ≥ B      (and Γ ⊢ B ≤ A)

    A > B where one of the tangents is strict: t ≠ 1, and the weight of its logarithm is positive.
    In the place of A − B: it divided by an exponential, e^A − e^B, or log A − log B where A, B > 0.
    """
    left, right, first, second = scene.sides(rel)
    if rel.op not in ("≥", "≤", ">", "<"):
        raise NotProved("a tangent gives an inequality")
    scene.same_domain(first, second)
    with scene.granting(first + second) as inner:
        n = inner.n
        high, low = (left, right) if rel.op in ("≥", ">") else (right, left)
        gaps = list(scaled_gaps(n, high - low))
        if all(n.signs.positive(p) for p in (high, low)):
            gaps.append(n.log(high) - n.log(low))
        bounds = [(lower_exp(n, gap), False) for gap in gaps]
        bounds += [(bound, False) for bound in (*shifted(n, gaps[0]), *raised(n, high, low))]
        bounds += [lower(n, gap, gathered) for gap in (gaps[0], *gaps[-1:]) for gathered in (False, True)]
        if rel.op in (">", "<"):
            bounds = [(bound, less) for bound, less in bounds if less]
        if not any(is_zero(n, bound) or nonneg(n, bound) for bound, _ in bounds):
            raise NotProved("the sign of the difference is not known")
    return _theorem(scene, rel, "tangent")


def semidefinite(scene: Scene, prop: SemiDefinite) -> Theorem:
    """
    Γ ⊢ vᵀ A v ≥ 0 for a new vector v
    ---------------------------------
          Γ ⊢ A is semidefinite
    """
    v = Var("v#", prop.arg.shape[:1])
    form = matmul(Transpose(v), MatMul(prop.arg, v))
    (p,), conditions = scene.read((form, ()))
    if not nonneg(scene.n, p):
        raise NotProved("vᵀAv is not seen to be a sum of squares")
    scene.same_domain([], conditions)
    return _theorem(scene, prop, "semidefinite")


def multiplied(scene: Scene, prop: Iff, left: Term | None, right: Term | None, factor: Poly) -> Theorem:
    """
    nf((A − B) − c L (C − D) R) = 0     det L ≠ 0     det R ≠ 0     c ≠ 0     D(A = B) ⟺ D(C = D)
    -----------------------------------------------------------------------------------------------
                         Γ ⊢ A = B ⟺ C = D      (L, R or both may be left out)
    """
    one, two = _equations(prop)
    shape = one.left.shape
    at = tuple(fresh(Index("i", s)) for s in shape)
    inside = tuple(fresh(i) for i in at)
    matrices = (left, right)[: len(shape)]
    if shape != two.left.shape:
        raise NotProved("the equations have different shapes")
    if any(matrix is not None for matrix in (left, right)[len(shape) :]):
        raise NotProved("the matrix does not fit the equations")
    (a, b), first = scene.read((one.left, at), (one.right, at))
    (c, d), second = scene.read((two.left, inside), (two.right, inside))
    scene.same_domain(first, second)
    with scene.granting(first + second) as inner:
        n = inner.n
        if factor.free or not has_value(n, factor) or not n.signs.nonzero(factor):
            raise NotProved("the factor may be zero")
        gap = c - d
        for axis, matrix in enumerate(matrices):
            i, k = at[axis], inside[axis]
            if matrix is None:
                gap = n.rename(gap, {k: i})
                continue
            if matrix.shape != (shape[axis], shape[axis]):
                raise NotProved("the matrix does not fit the equations")
            p, q = fresh(i), fresh(i)
            where = (i, k) if axis == 0 else (k, i)
            (entry, *parts), own = scene.read((matrix, where), *((m, (p, q)) for m in _square_factors(matrix)))
            if not all(inner.holds(c) for c in own):
                raise NotProved("the matrix may have no value")
            if not all(n.signs.nonzero(n.det((p, q), part)) for part in parts):
                raise NotProved("the matrix may be singular")
            gap = n.sum_over(k, n.mul(entry, gap))
        if not is_zero(n, (a - b) - n.mul(factor, gap)):
            raise NotProved("the equations are not multiples of each other")
    return _theorem(scene, prop, "multiplied")


def _square_factors(matrix: Term) -> list[Term]:
    """A B is invertible where the square matrices A and B are."""
    if isinstance(matrix, MatMul) and matrix.left.shape == matrix.right.shape == matrix.shape:
        return [*_square_factors(matrix.left), *_square_factors(matrix.right)]
    return [matrix]


def mapped(scene: Scene, prop: Iff, maps: tuple[str, str]) -> Theorem:
    """
    nf(f(A) − f(B)), nf(g(C) − g(D)) have the same zeros     D(A = B) ⟺ D(C = D)
    -----------------------------------------------------------------------------
                         Γ ⊢ A = B ⟺ C = D

    f and g are injective: the identity, the cube, exp, or log of two sides that are positive.
    """
    one, two = _equations(prop)
    if one.left.shape != two.left.shape:
        raise NotProved("the equations have different shapes")
    at = tuple(fresh(Index("i", s)) for s in one.left.shape)
    (a, b), first = scene.read((one.left, at), (one.right, at))
    (c, d), second = scene.read((two.left, at), (two.right, at))
    scene.same_domain(first, second)
    with scene.granting(first + second) as inner:
        n = inner.n
        gaps = [increasing(n, f, x) - increasing(n, f, y) for f, x, y in zip(maps, (a, c), (b, d))]
        if zeros(n, gaps[0]) != zeros(n, gaps[1]):
            raise NotProved("the equations do not have the same zeros")
    return _theorem(scene, prop, "mapped")


def ordered(scene: Scene, prop: Iff, maps: tuple[str, str], factor: Poly) -> Theorem:
    """
    nf((f(A) − f(B)) − c (g(C) − g(D))) = 0     c > 0     D(A ⋈ B) ⟺ D(C ⋈ D)
    --------------------------------------------------------------------------
         Γ ⊢ A ⋈ B ⟺ C ⋈ D      (⋈ one of < ≤ > ≥ on both sides, up to the order of the sides)

    f and g are increasing: the identity, the cube, exp, or log of two sides that are positive.
    """
    one, two = prop.left, prop.right
    if not (isinstance(one, Rel) and isinstance(two, Rel)) or one.left.shape != two.left.shape:
        raise NotProved("both sides must be inequalities of one shape")
    strict = {"<": True, ">": True, "≤": False, "≥": False}
    if strict.get(one.op) is None or strict.get(one.op) != strict.get(two.op):
        raise NotProved("one inequality is strict, the other is not")
    at = tuple(fresh(Index("i", s)) for s in one.left.shape)
    (a, b), first = scene.read((one.left, at), (one.right, at))
    (c, d), second = scene.read((two.left, at), (two.right, at))
    a, b = (a, b) if one.op in (">", "≥") else (b, a)
    c, d = (c, d) if two.op in (">", "≥") else (d, c)
    scene.same_domain(first, second)
    with scene.granting(first + second) as inner:
        n = inner.n
        gaps = [increasing(n, f, x) - increasing(n, f, y) for f, x, y in zip(maps, (a, c), (b, d))]
        if factor.free or not has_value(n, factor) or not positive(n, factor):
            raise NotProved("the factor is not known to be positive")
        if not is_zero(n, gaps[0] - n.mul(factor, gaps[1])):
            raise NotProved("the differences are not positive multiples of each other")
    return _theorem(scene, prop, "ordered")


def _equations(prop: Iff) -> tuple[Rel, Rel]:
    one, two = prop.left, prop.right
    if not (isinstance(one, Rel) and isinstance(two, Rel) and one.op == two.op == "="):
        raise NotProved("both sides must be equations")
    return one, two


def implication(scene: Scene, prop: Implies, conclusion: Theorem) -> Theorem:
    """
    Γ, P ⊢ Q
    ---------
    Γ ⊢ P ⟹ Q

    An index that is free in P ⟹ Q has one value in both: P is not assumed for every value of it.
    """
    inner = conclusion.context
    mine, theirs = scene.context, inner.assumptions
    outer = inner.child()
    outer.assumptions = theirs[:-1]
    if not cuts.same(outer, mine) or conclusion.prop != prop.right or theirs[-1] != _left(prop.left):
        raise NotProved("the premise is about something else")
    one_range(free_in(prop))
    label = theirs[-1].text
    uses = tuple(u for u in conclusion.uses if u != label)
    return Theorem(_TOKEN, prop, mine, uses, "implication", (conclusion,))


def assuming(context: Context, prop: Prop) -> Context:
    """Γ, P: the context of the premise of `implication`."""
    inner = context.child()
    inner.assume(_left(prop))
    return inner


def _left(prop: Prop) -> Assumption:
    return Assumption(_of_entries(prop), "the left side", free_in(prop))


def _of_entries(prop: Prop) -> Prop:
    """The same, said of entries: that arrays differ is ‖A − B‖² > 0, for it says nothing of each entry."""
    if isinstance(prop, And):
        return And(tuple(_of_entries(part) for part in prop.parts))
    if isinstance(prop, Rel) and prop.op == "≠" and prop.left.shape:
        return Rel(">", SqNorm(Add((prop.left, Mul((MINUS_ONE, prop.right))))), ZERO)
    return prop


def image(scene: Scene, prop: Implies, left: Term | None, right: Term | None, factor: Poly) -> Theorem:
    """
    nf((C − D) − c (L A R − L B R)) = 0     D(A = B) ⊢ D(L), D(R)     D(C) ⟺ D(D)
    ------------------------------------------------------------------------------
              Γ ⊢ A = B ⟹ C = D      (c a number; L or R may be absent)

    Both sides are multiplied by a matrix that need not be invertible.
    """
    one, two = prop.left, prop.right
    if not (isinstance(one, Rel) and isinstance(two, Rel) and one.op == two.op == "="):
        raise NotProved("both sides must be equations")
    one_range(free_in(prop))
    sides = [between(left, side, right) for side in (one.left, one.right)]
    if factor.constant is None or any(t.shape != two.left.shape for t in sides):
        raise NotProved("the multiplied equation has another shape")
    at = tuple(fresh(Index("i", s)) for s in two.left.shape)
    (a, b), first = scene.read(*((t, at) for t in sides))
    (c,), second = scene.read((two.left, at))
    (d,), third = scene.read((two.right, at))
    given = conditions_of(scene, one)
    if scene.lacking(given, first):
        raise NotProved("the matrix may have no value")
    scene.same_domain(second, third)
    with scene.granting(given + second + third) as inner:
        if not is_zero(inner.n, (c - d) - inner.n.mul(factor, a - b)):
            raise NotProved("the second equation is not the first one multiplied")
    return _theorem(scene, prop, "image")


def between(left: Term | None, side: Term, right: Term | None) -> Term:
    """L A R, where L and R may be absent."""
    made = side if left is None else matmul(left, side)
    return made if right is None else matmul(made, right)


def cut(scene: Scene, premise: Theorem, conclusion: Theorem) -> Theorem:
    """
    Γ ⊢ P     Γ, P ⊢ Q
    -------------------
          Γ ⊢ Q
    """
    known = _known(premise)
    if not cuts.weakens(premise.context, scene.context, premise.prop):
        raise NotProved("the premise holds in another context")
    if known in scene.context.assumptions or conclusion.context != _with(scene.context, known):
        raise NotProved("the conclusion was drawn from something else")
    uses = {*premise.uses, *conclusion.uses} - {known.text}
    return Theorem(_TOKEN, conclusion.prop, scene.context, tuple(sorted(uses)), "cut", (premise, conclusion))


def weakened(scene: Scene, premise: Theorem) -> Theorem:
    """
    Γ′ ⊢ P     Γ declares, defines and assumes at least what Γ′ does
    ----------------------------------------------------------------
                               Γ ⊢ P      (P a relation: what is best among fewer values may differ)
    """
    if not isinstance(premise.prop, Rel) or not cuts.weakens(
        premise.context, scene.context, premise.prop, lambda base: plainly_positive(scene, base)
    ):
        raise NotProved("the premise holds in another context")
    return _theorem(scene, premise.prop, "weakened", (premise,))


def knowing(context: Context, premise: Theorem) -> Context:
    """Γ, P: the context of the conclusion of `cut`."""
    return _with(context, _known(premise))


def _known(premise: Theorem) -> Assumption:
    """The premise as a hypothesis; an index that has one value in Γ (a definition may hold it too) keeps it."""
    fixed = frozenset[Index]().union(*(a.fixed for a in premise.context.assumptions))
    return Assumption(premise.prop, f"the theorem {premise.prop}", fixed)


def _with(context: Context, known: Assumption) -> Context:
    inner = context.child()
    inner.assume(known)
    return inner


def transitive(scene: Scene, rel: Rel, links: tuple[Theorem, ...]) -> Theorem:
    """
    Γ ⊢ A = B     Γ ⊢ B = …     Γ ⊢ … = C
    --------------------------------------
                 Γ ⊢ A = C
    """
    end = rel.left
    for link in links:
        step = link.prop
        if not isinstance(step, Rel) or step.op != "=" or step.left != end:
            raise NotProved("the premises are not a chain of equations")
        if not cuts.weakens(link.context, scene.context, step):
            raise NotProved("a premise holds in another context")
        end = step.right
    if rel.op != "=" or end != rel.right:
        raise NotProved("the chain ends elsewhere")
    return _theorem(scene, rel, "transitive", links)


def equivalence(scene: Scene, prop: Iff, forth: Theorem, back: Theorem) -> Theorem:
    """
    Γ ⊢ P ⟹ Q     Γ ⊢ Q ⟹ P     D(P) ⟺ D(Q)
    -------------------------------------------
                 Γ ⊢ P ⟺ Q
    """
    if forth.prop != Implies(prop.left, prop.right) or back.prop != Implies(prop.right, prop.left):
        raise NotProved("the premises are about something else")
    if forth.context is not scene.context or back.context is not scene.context:
        raise NotProved("the premises hold in another context")
    scene.same_domain(conditions_of(scene, prop.left), conditions_of(scene, prop.right))
    return _theorem(scene, prop, "equivalence", (forth, back))


def symmetric(scene: Scene, prop: Iff, premise: Theorem) -> Theorem:
    """
    Γ ⊢ Q ⟺ P
    ----------
    Γ ⊢ P ⟺ Q
    """
    if premise.prop != Iff(prop.right, prop.left) or premise.context is not scene.context:
        raise NotProved("the premise is about something else")
    return _theorem(scene, prop, "symmetric", (premise,))


def conjunction(scene: Scene, prop: And, parts: tuple[Theorem, ...]) -> Theorem:
    """
    Γ ⊢ P₁   …   Γ ⊢ Pₙ
    --------------------
    Γ ⊢ P₁ ∧ … ∧ Pₙ
    """
    if tuple(t.prop for t in parts) != prop.parts or any(t.context is not scene.context for t in parts):
        raise NotProved("the premises are about something else")
    return _theorem(scene, prop, "conjunction", parts)


def same_solutions(scene: Scene, prop: SameSolutions, factor: Poly, maps: tuple[str, str]) -> Theorem:
    """
    nf(f̂ − s c ĝ) free of w     c > 0 free of w     D(f) ⟺ D(g)
    --------------------------------------------------------------
               Γ ⊢ arg opt_w f = arg opt_w g

    f̂ is f, log f where f > 0, or f² where f ≥ 0 (both are increasing); s = 1 for two minima or two maxima,
    else −1.
    """
    f, g = prop.left, prop.right
    if f.var != g.var:
        raise NotProved("the two problems run over different variables")
    scene = scene.bound(f.var)
    (p,), first = scene.read((f.body, ()))
    (q,), second = scene.read((g.body, ()))
    scene.same_domain(first, second)
    with scene.granting(first + second) as inner:
        n = inner.n
        p, q = (increasing(n, name, x) for name, x in zip(maps, (p, q)))
        sign = 1 if f.kind == g.kind else -1
        if mentions(factor, f.var.name) or not has_value(n, factor) or not n.signs.positive(factor):
            raise NotProved("the factor is not known to be positive and constant")
        gap = p - n.mul(factor, q).scale(sign)
        if not constant_in(n, gap, f.var.name):
            raise NotProved("the objectives do not differ by a constant")
    return _theorem(scene, prop, "same solutions")


def same_descent(scene: Scene, prop: SameSolutions, factor: Poly) -> Theorem:
    """
    f′ = s c g′     c > 0     g″ ≥ 0 (a minimum of g; a maximum: g″ ≤ 0)     Γ ⊢ D(f′), D(g″)
    ----------------------------------------------------------------------------------------
               Γ ⊢ arg opt_w f = arg opt_w g      (w a scalar that ranges over an interval)

    g falls, is level and rises, in this order (for a minimum), and f does so at the same places.
    s = 1 for two minima or two maxima, else −1.
    """
    f, g = prop.left, prop.right
    variable = scene.context.declarations.get(f.var.name)
    if f.var != g.var or variable is None or variable.shape:
        raise NotProved("the two problems do not run over one scalar")
    if variable.domain.values is not None or variable.domain.nonzero:
        raise NotProved("the variable does not range over an interval")
    scene = scene.bound(f.var)
    slopes = [Diff(body, f.var) for body in (f.body, g.body)]
    (a, b, second), conditions = scene.read(*((t, ()) for t in (*slopes, Diff(slopes[1], f.var))))
    missing = scene.lacking([], conditions)
    if missing:
        raise NotProved("an objective may have no slope somewhere", tuple(missing))
    n = scene.n
    if not nonneg(n, second if g.kind == "min" else -second):
        raise NotProved("the second objective is not seen to be convex")
    if not has_value(n, factor) or not positive(n, factor):
        raise NotProved("the factor is not known to be positive")
    if not is_zero(n, a - n.mul(factor, b).scale(1 if f.kind == g.kind else -1)):
        raise NotProved("the slopes are not positive multiples of each other")
    return _theorem(scene, prop, "same descent")


def proportional(scene: Scene, prop: Proportional, factor: Poly | None) -> Theorem:
    """
    nf(f − c g) = 0     c > 0 free of w     D(f) ⟺ D(g)
    ----------------------------------------------------
                   Γ ⊢ f ∝_w g

    Without a factor: f > 0, g > 0 and nf(log f − log g) the same for all w, so c = f/g.
    """
    scene = scene.bound(prop.var)
    if prop.left.shape != prop.right.shape:
        raise NotProved("the sides have different shapes")
    left, right, first, second = scene.sides(Rel("=", prop.left, prop.right))
    scene.same_domain(first, second)
    with scene.granting(first + second) as inner:
        if factor is None:
            gap = logarithm(inner.n, left) - logarithm(inner.n, right)
            if not constant_in(inner.n, gap, prop.var.name):
                raise NotProved("the quotient of the sides depends on the variable")
            return _theorem(scene, prop, "proportional")
        known = has_value(inner.n, factor) and inner.n.signs.positive(factor)
        if mentions(factor, prop.var.name) or not known:
            raise NotProved("the factor is not known to be positive and constant")
        if not is_zero(inner.n, left - inner.n.mul(factor, right)):
            raise NotProved("the sides are not proportional")
    return _theorem(scene, prop, "proportional")


# -- cuts ----------------------------------------------------------------------------------------------


def instance(scene: Scene, prop: Prop, names: frozenset[str], premise: Theorem) -> Theorem:
    """
    Γ, u free ⊢ A ⋈ B     no derivative in it looks through u, no power turns on it     Γ ⊢ D(u)
    --------------------------------------------------------------------------------------------
                          Γ ⊢ A ⋈ B      (or: A is semidefinite)

    What holds for every value of u holds for the value that its definition in Γ gives it.
    """
    context = scene.context
    if not isinstance(prop, (Rel, SemiDefinite)):  # what is best as w varies depends on u as a function of w
        raise NotProved("only a relation has instances")
    sides = tuple(cuts.sides(prop))
    if premise.prop != prop or not cuts.same(premise.context, cuts.freed(context, names)):
        raise NotProved("the premise is about something else")
    if any(name not in context.definitions or context.definitions[name].params for name in names):
        raise NotProved("only a defined value can be put in")
    if not cuts.closed_to(context, names, sides):
        raise NotProved("a derivative looks through the definition")
    if not cuts.powers_kept(context, names, sides):
        raise NotProved("a power has another meaning where its exponent is free")
    total(scene, names)
    return _theorem(scene, prop, "instance", (premise,))


def accumulated(
    scene: Scene, prop: Rel, parts: dict[str, Theorem], names: frozenset[str], last: Theorem
) -> Theorem:
    """
    Γ ⊢ ∂L/∂u = g_u  for each definition u := B_u in which v stands     L smooth under Γ       Γ ⊢ D(names in B)
    Γ, `names` free ⊢ Σ_u ⟨g_u, ∂B_u/∂v⟩ = B, where ∂B_u/∂v and all derivatives in Γ look through no name
    ---------------------------------------------------------------------------------------------------------
                                          Γ ⊢ ∂L/∂v = B

    Reverse accumulation: the u may depend on each other, since ∂L/∂u is all that reaches L through u.  If v
    stands in the body of L, L is one of the u, and g_L = 1.
    """
    context = scene.context
    left = prop.left
    if prop.op != "=" or not isinstance(left, Diff) or not isinstance(left.wrt, Var):
        raise NotProved("the rule is about the derivative of a scalar by a name")
    v, scalar = left.wrt, left.body
    if not isinstance(scalar, Var) or scalar.shape or scalar.name not in context.definitions or v == scalar:
        raise NotProved("the scalar must be a defined name")
    users = cuts.users(context, scalar.name, v.name)
    if not users:
        raise NotProved("no definition holds the variable, or a derivative or a function stands between")
    if parts.keys() != users - {scalar.name}:
        raise NotProved("the definitions that use the variable are others")
    differentiable(scene, context, scalar)
    factors: dict[str, Term] = {scalar.name: ONE} if scalar.name in users else {}
    for u, part in parts.items():
        claim = part.prop
        if not isinstance(claim, Rel) or claim.op != "=" or not cuts.same(part.context, context):
            raise NotProved("a premise is about something else")
        if claim.left != Diff(scalar, context.definitions[u].var):
            raise NotProved("a premise is not the derivative by the name")
        factors[u] = claim.right
    bodies = {u: context.definitions[u].body for u in users}
    inner = cuts.freed(context, names)
    parted = (*factors.values(), prop.right)
    if any(isinstance(node, Diff) for t in parted for node in t.walk()):
        raise NotProved("the parts must be free of derivatives")
    if any(v.name in cuts.reach(inner, names_in(body) - {v.name}) for body in bodies.values()) or not (
        cuts.closed_to(context, names & context.definitions.keys(), (*bodies.values(), *parted))
    ):
        raise NotProved("a derivative looks through a definition")
    if not cuts.powers_kept(context, names, (*bodies.values(), *parted)):
        raise NotProved("a power has another meaning where its exponent is free")
    total(scene, names & cuts.reach(inner, frozenset().union(*map(names_in, parted))))
    if last.prop != Rel("=", cuts.body_sum(v, bodies, factors), prop.right) or not cuts.same(last.context, inner):
        raise NotProved("the last premise is not the sum over the definitions")
    return _theorem(scene, prop, "accumulated", (*parts.values(), last))


def replaced(scene: Scene, prop: Rel, parts: tuple[Theorem, ...], premise: Theorem) -> Theorem:
    """
    Γ ⊢ ∂L/∂v = g_v  for some scalars L and names v     Γ ⊢ A′ ⋈ B′
    -----------------------------------------------------------------
                             Γ ⊢ A ⋈ B

    A′ and B′ are A and B with g_v for ∂L/∂v and its entry for ∂L/∂vᵢ wherever no other derivative stands around,
    and none of them in an exponent: what it is made of tells what the power needs of its base.
    """
    values: dict[Term, Term] = {}
    for part in parts:
        claim = part.prop
        if not isinstance(claim, Rel) or claim.op != "=" or not isinstance(claim.left, Diff) or free_in(claim):
            raise NotProved("a premise is not a derivative")
        if claim.left.body.shape or not isinstance(claim.left.wrt, Var):
            raise NotProved("a premise is not the derivative of a scalar by a name")
        if not cuts.weakens(part.context, scene.context, claim):
            raise NotProved("a premise holds in another context")
        values[claim.left] = claim.right
    powers = (node for side in (prop.left, prop.right) for node in side.walk() if isinstance(node, Pow))
    if any(cuts.put(node.exponent, values) != node.exponent for node in powers):
        raise NotProved("a derivative stands in an exponent")
    put = Rel(prop.op, cuts.put(prop.left, values), cuts.put(prop.right, values))
    if premise.prop != put or not cuts.same(premise.context, scene.context):
        raise NotProved("the last premise is about something else")
    return _theorem(scene, prop, "replaced", (*parts, premise))


def shortened(scene: Scene, prop: Rel, premise: Theorem) -> Theorem:
    """
    Γ, u := B ⊢ A ⋈ C     u occurs neither in A and C, nor in Γ
    ------------------------------------------------------------
                           Γ ⊢ A ⋈ C
    """
    wider = premise.context
    extra = wider.definitions.keys() - scene.context.definitions.keys()
    inner = wider.child()
    for name in extra:
        del inner.definitions[name]
    if premise.prop != prop or not cuts.same(inner, scene.context):
        raise NotProved("the premise is about something else")
    used = names_in(prop.left) | names_in(prop.right)
    used = used.union(*(names_in(d.body) for d in inner.definitions.values()))
    used = used.union(*(names_in(t) for a in inner.assumptions for t in cuts.sides(a.prop)))
    if not used.isdisjoint(extra):
        raise NotProved("a definition that is left out is still needed")
    return _theorem(scene, prop, "shortened", (premise,))


def every_depth(
    scene: Scene,
    prop: EveryDepth,
    base: Theorem,
    step: Theorem,
    parameters: tuple[Theorem, ...],
    inputs: tuple[Theorem, ...],
) -> Theorem:
    """
    Γ₀ ⊢ ∂loss/∂output = Δ⁽ᴸ⁾     Γ ⊢ ∂E(above)/∂state = B(∂E(above)/∂above)
    Γ ⊢ ∂J/∂W = G(…), J := c E(above) + R
    Γ₁ ⊢ ∂J/∂W = G₁(…) for each W, where above is that of Γ with data in the place of hidden
    -----------------------------------------------------------------------------------------------------
    for every L ≥ 1 and l: Δ⁽ˡ⁾ = ∂loss/∂U⁽ˡ⁾ follows the recursion, and it gives every layer's gradients
    of c · loss + Σ_l R⁽ˡ⁾      (c = 1 and R = 0 where J has no name)

    E is an unknown smooth function, of which no hypothesis speaks and which stands on the right in
    Δ alone: it is the layers above, whatever they are, so the step may be used L − 1 times from the
    base downwards, and once more, on the data, for the gradients of the lowest layer.
    c is the same in all layers.  R has a value everywhere and depends, but for what all layers share, on
    the parameters of its own layer only: to the other layers it is a constant.
    """
    stated = (prop.base, prop.step, *prop.parameters, *prop.inputs)
    if tuple(t.prop for t in (base, step, *parameters, *inputs)) != stated or not len(inputs) == len(parameters) > 0:
        raise NotProved("the premises are about something else")
    layers = [(t.context, low.context) for t, low in zip(parameters, inputs)]
    scene.n.facts.used |= check_premises(prop, base.context, step.context, layers)
    return _theorem(scene, prop, "induction over layers", (base, step, *parameters, *inputs))


__all__ = [
    "NotProved", "Scene", "Theorem", "Unsupported", "accumulated",
    "assuming", "cancelled", "conjunction", "cut", "equality", "equivalence", "every_depth",
    "implication", "instance", "knowing", "mapped", "multiplied", "order", "ordered", "proportional", "replaced",
    "same_solutions", "semidefinite", "shortened", "symmetric", "tangent", "transitive", "weakened",
]  # fmt: skip
