"""Second derivatives: the Hessian in closed form, its product with a direction, and convexity.

The product with v is the gradient of q = ⟨v, ∂L/∂w⟩, derived backwards like any gradient, so it costs a small
multiple of L.  The Hessian is the part of that product that multiplies v.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial

from derive import kernel
from derive.algebra.hypotheses import labelled
from derive.binders import fresh, names_in, substitute, terms_of, weight
from derive.clock import now
from derive.context import Assumption, Context, Declaration, Definition, written
from derive.direct import ProofError, prove_directly
from derive.entrywise import entry
from derive.gradient.alike import Alike
from derive.gradient.bilinear import Bilinear
from derive.gradient.chain import Graph
from derive.gradient.constructors import named, scaled
from derive.gradient.convexity import region
from derive.gradient.derivation import GradientError, Gradients, gradients
from derive.gradient.domain import granted
from derive.gradient.notation import NoNotation, Notation, array_of
from derive.gradient.pullback import Pullback
from derive.kernel import NotProved, Scene, Theorem
from derive.locally import prove_locally
from derive.notation import unicode
from derive.props import And, Rel, SemiDefinite
from derive.terms import MINUS_ONE, ONE, ZERO, Add, Diff, Full, Index, MatMul, Mul, Sum, Term, Transpose, Var

#: seconds for convexity, which is offered where it is seen
CONVEX = 6.0
#: and for concavity, where it is not convex
CONCAVE = 2.5
#: seconds for the closed form, where the product will do
CLOSED_FORM = 10.0
#: what a product may have to read once it is written out, in which the Hessian is looked for
MOST_WRITTEN_OUT = 2000


@dataclass(frozen=True)
class Product:
    """∂L/∂w = g, and with q = ⟨v, g⟩ for a direction v of w's shape ∂q/∂w, which is the Hessian times v."""

    variable: Var
    direction: Var
    form: Var  # q
    first: Gradients  # of the scalar
    gradients: Gradients  # of q; v is declared in their context
    theorem: Theorem | None  # None: g does not depend on w
    across: bool = False  # g is not what holds on a surface only, derived without what is assumed of w


@dataclass(frozen=True)
class Joint:
    """∂q/∂w for every w, where q is the sum of ⟨v, ∂L/∂w⟩ over all variables, each with a direction v of its shape:
    the product of the Hessian by all of them, cross terms included."""

    variables: tuple[Var, ...]
    directions: tuple[Var, ...]
    form: Var  # q
    first: Gradients
    theorems: dict[str, Theorem]


@dataclass(frozen=True)
class Hessian:
    """`theorem`: ∇²_w L = …; `convex`: it is ≥ 0 (a vector w: semidefinite), where that was proved; `concave`: ≤ 0."""

    variable: Var
    gradient: Gradients
    theorem: Theorem
    convex: Theorem | None
    concave: Theorem | None = None
    #: the hypotheses about w under which that says that the scalar is convex, or concave
    region: tuple[str, ...] = ()


def product(
    context: Context, scalar: Var, w: Var, *, deadline: float | None = None, first: Gradients | None = None
) -> Product:
    """The product of the Hessian with a vector (a matrix for a matrix w), proved; `first`: gradients of the scalar
    by w and others, if they are known.

    What holds only on a surface has no derivative across it: `GradientError` where the gradient rests on an
    assumption about w other than a strict inequality.
    """
    return _across(context, _product(context, scalar, w, deadline, first), deadline)


def second(context: Context, scalar: Var, w: Var, *, closed: float = CLOSED_FORM) -> Hessian | Product:
    """The Hessian by a scalar or vector where its closed form is found in so many seconds, else its product."""
    made = _product(context, scalar, w, None)
    if len(w.shape) < 2:
        with suppress(GradientError):
            return hessian(context, scalar, w, deadline=now() + closed, known=made)
    return _across(context, made, None)


def jointly(context: Context, scalar: Var, wrt: Sequence[Var], *, first: Gradients | None = None) -> Joint:
    """The product of the Hessian by all these variables together, proved; `GradientError` and `first` as for
    `product`."""
    made = _jointly(context, scalar, wrt, first)
    surfaces = [_surface(w, made.first.context, t) for w in wrt for t in made.first.gradients.values()]
    if not any(surfaces):
        return made
    inner = context.child()
    inner.assumptions[:] = [
        a for a in context.assumptions if _solid(a) or not any(_about(w, context, a) for w in wrt)
    ]
    return _jointly(inner, scalar, wrt)


def _jointly(context: Context, scalar: Var, wrt: Sequence[Var], first: Gradients | None = None) -> Joint:
    first = first or gradients(context, scalar, wrt)
    inner = first.context.child()
    directions = [inner.declare(Declaration(_letter(inner, [f"v_{{{w.name}}}"]), w.shape)) for w in wrt]
    form = _form(inner, first, list(zip(wrt, directions)))
    reached = inner.reachable(form)
    found = gradients(inner, form, [w for w in wrt if w.name in reached])
    theorems = dict(found.gradients)
    for w in wrt:
        if w.name not in theorems:
            zero: Term = Full(ZERO, w.shape) if w.shape else ZERO
            theorems[w.name] = prove_directly(found.context, Rel("=", Diff(form, w), zero))
    return Joint(tuple(wrt), tuple(directions), form, first, {w.name: theorems[w.name] for w in wrt})


def _form(inner: Context, first: Gradients, pairs: Sequence[tuple[Var, Var]]) -> Var:
    """The sum of ⟨v, ∂L/∂w⟩ over pairs of w and v, under a name."""
    parts: list[Term] = []
    for w, v in pairs:
        axes = tuple(Index(c, s) for c, s in zip(("i#", "j#", "k#"), w.shape))
        total: Term = Mul((entry(v, axes), entry(first.steps(w.name)[-1].term, axes)))
        for k in reversed(axes):
            total = Sum(k, total)
        parts.append(total)
    body = named(Notation(_families(first.context)).written(parts[0] if len(parts) == 1 else Add(tuple(parts))))
    return inner.define(Definition(_letter(inner, "qrsabcgh"), body)).var


def _across(context: Context, made: Product, deadline: float | None) -> Product:
    """The product; what it is made of must hold around every w, so it rests on strict inequalities about w only."""
    w = made.variable
    label = _surface(w, made.first.context, made.first.gradients[w.name])
    if not label:
        return made
    inner = context.child()
    inner.assumptions[:] = [a for a in context.assumptions if _solid(a) or not _about(w, context, a)]
    try:
        return replace(_product(inner, made.first.scalar, w, deadline), across=True)
    except GradientError:
        raise GradientError(
            f"the gradient by {written(w.name)} rests on an assumption that may hold on a surface only: {label}"
        ) from None


def _product(
    context: Context, scalar: Var, w: Var, deadline: float | None, first: Gradients | None = None
) -> Product:
    first = first or gradients(context, scalar, [w], deadline=deadline)
    inner = first.context.child()
    v = inner.declare(Declaration(_letter(inner, "VPQRSABCGH" if len(w.shape) > 1 else "vpqrsabcgh"), w.shape))
    form = _form(inner, first, [(w, v)])
    if w.name not in inner.reachable(form):
        return Product(w, v, form, first, first, None)
    found = gradients(inner, form, [w], deadline=deadline)
    return Product(w, v, form, first, found, found.gradients[w.name])


def _surface(w: Var, context: Context, theorem: Theorem) -> str:
    """An assumption that the theorem uses, and that holds only where w lies on a surface, or ""."""
    used = (item for item in labelled(context) if item[0] in theorem.uses)
    return next((label for label, a in used if not _solid(a) and _about(w, context, a)), "")


def _solid(assumption: Assumption) -> bool:
    """Does it hold around every point where it holds?  (‖w‖² ≤ 0 does not.)"""
    prop = assumption.prop
    parts = prop.parts if isinstance(prop, And) else (prop,)
    return all(isinstance(p, Rel) and p.op in ("<", ">", "≠") for p in parts)


def _about(w: Var, context: Context, assumption: Assumption) -> bool:
    return any(w.name in context.reachable(t) for t in terms_of(assumption.prop))


def _letter(context: Context, letters: Sequence[str]) -> str:
    """A letter that the context does not use."""
    taken = context.names.keys() | context.declarations.keys() | context.definitions.keys()
    return next((c for c in letters if c not in taken), None) or f"{letters[0]}_{{{len(taken)}}}"


def hessian(
    context: Context, scalar: Var, w: Var, *, deadline: float | None = None, known: Product | None = None,
    convexity: bool = True,
) -> Hessian:  # fmt: skip
    """∇²_w of the scalar for a scalar or vector w, in closed form and proved; `known`: their product;
    `convexity`: is it looked for?"""
    if len(w.shape) > 1:
        raise GradientError(f"the Hessian by {written(w.name)} has four axes")
    made = known or _product(context, scalar, w, deadline)
    facts: Sequence[Rel] = ()
    if made.theorem is None:
        body: Term = Full(ZERO, w.shape * 2) if w.shape else ZERO
    else:
        body, facts = _coefficient(made)
    inner = made.gradients.context  # with the parts that got a name on the way
    theorem = _where_defined(inner, scalar, Rel("=", Diff(Diff(scalar, w), w), body), deadline)
    inner = theorem.context  # with what that assumes, which convexity must rest on too
    if not convexity:
        return Hessian(w, made.first, theorem, None)
    convex = _semidefinite(inner, body, facts, CONVEX, deadline)
    concave = None
    if convex is None:
        concave = _semidefinite(inner, scaled([MINUS_ONE], body), facts, CONCAVE, deadline)
    shape = convex or concave
    where = region(context, shape.context, made.first, w, [theorem, shape]) if shape is not None else ()
    if where is None:
        return Hessian(w, made.first, theorem, None)
    return Hessian(w, made.first, theorem, convex, concave, where)


def _where_defined(context: Context, scalar: Var, claim: Rel, deadline: float | None) -> Theorem:
    """The claim, with what the scalar needs to have a value assumed where it is not known: Σ ε/dᵢⱼ has its second
    derivative by ε, which is 0, only where dᵢⱼ ≠ 0."""
    try:
        return prove_directly(context, claim, deadline=deadline)
    except ProofError as failure:
        inner = granted(context, Graph(context, scalar).bodies) if failure.missing else None
        if inner is not None:
            with suppress(ProofError):
                return prove_directly(inner, claim, deadline=deadline)
        raise GradientError(f"not proved: {unicode(claim, context)} ({failure})") from None


def _coefficient(made: Product) -> tuple[Term, Sequence[Rel]]:
    """What multiplies the direction in the product: its derivative by the direction.  What is to be known of
    matrices that got a name comes with it."""
    context, v = made.gradients.context, made.direction
    statement = made.gradients.steps(made.variable.name)[-1].term
    for definition in reversed(list(context.definitions.values())):
        if definition.name in names_in(statement) and v.name in context.reachable(definition.body):
            statement = substitute(statement, {}, {definition.var: definition.body})
            if weight(statement) > MOST_WRITTEN_OUT:
                raise GradientError("its closed form is too long")
    rows = tuple(fresh(s) for s in v.shape)
    folding = Graph(context, made.gradients.scalar).folding
    pull = Pullback(context, frozenset({v.name}), folding)
    pull.of(entry(statement, rows), ONE)
    found = pull.gradient(v.name)
    if found is None:
        return (Full(ZERO, v.shape * 2) if v.shape else ZERO), ()
    columns = tuple(fresh(s) for s in v.shape)
    body = entry(found, columns)
    notation = Notation(_families(context))
    if len(rows) == 1:
        with suppress(NoNotation):
            form = Bilinear(Alike(context), notation, partial(_introduced, context), folding.known,
                            lambda name: Alike(context, opened={name}))  # fmt: skip
            whole = folding.known(named(form.matrix(rows[0], columns[0], body)))
            return whole, [fact for m in form.symmetric for fact in (Rel("=", m, Transpose(m)), _not_negative(m))] + [
                fact for m in form.normalised for fact in (_rows_sum_to_one(m), _not_negative(m))
            ]
    return folding.known(named(notation.written(array_of((*rows, *columns), body)))), ()


def _introduced(context: Context, body: Term, letters: str) -> Var:
    """A name, one of the letters if it can be, for an array of entries that has no other notation."""
    name = _letter(context, letters + "MPQRSABCGH" if len(body.shape) == 2 else "pqrsabcgh")
    return context.define(Definition(name, named(body))).var


def _not_negative(m: Var) -> Rel:
    return Rel("≥", m, Full(ZERO, m.shape))


def _rows_sum_to_one(m: Var) -> Rel:
    return Rel("=", MatMul(m, Full(ONE, (m.shape[1],))), Full(ONE, (m.shape[0],)))


def _semidefinite(
    context: Context, body: Term, facts: Sequence[Rel], seconds: float, deadline: float | None
) -> Theorem | None:
    """body ≥ 0: with the common parts free, where those of `facts` that hold are known; or from the definitions."""
    claim = SemiDefinite(body) if body.shape else Rel("≥", body, ZERO)
    soon = now() + seconds
    until = soon if deadline is None else min(soon, deadline)
    known = _known(context, facts, until)
    if len(known) < len(facts):
        names = {n for fact in facts for n in names_in(fact.left)} & context.definitions.keys()
        inner = granted(context, {n: context.definitions[n].body for n in sorted(names)})
        more = _known(inner, facts, until) if inner is not None else []
        if inner is not None and len(more) == len(facts):
            context, known = inner, more
    with suppress(ProofError, NotProved):
        contexts = [context]
        for theorem in known:
            contexts.append(kernel.knowing(contexts[-1], theorem))
        theorem = prove_locally(contexts.pop(), claim, until, minimise=True, level=seconds / 2)
        for premise in reversed(known):
            theorem = kernel.cut(Scene(contexts.pop()), premise, theorem)
        return theorem
    try:
        return prove_directly(context, claim, deadline=until)
    except ProofError as failure:
        inner = granted(context, {"": body}) if failure.missing else None
    with suppress(ProofError):
        return prove_directly(inner, claim, deadline=now() + seconds) if inner is not None else None
    return None


def _known(context: Context, facts: Sequence[Rel], until: float) -> list[Theorem]:
    made: list[Theorem] = []
    for fact in facts:
        with suppress(ProofError):
            made.append(prove_locally(context, fact, until))
    return made


def _families(context: Context) -> frozenset[str]:
    return frozenset(d.name for d in context.declarations.values() if d.labels)


__all__ = ["Hessian", "Joint", "Product", "hessian", "jointly", "product", "second"]
