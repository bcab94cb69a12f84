"""A proof with a name for what an inverse gives: z for M⁻¹v, or for M⁻¹ itself.

Of z more is seen than of M⁻¹v: zᵀMz and (x − z)ᵀM(x − z) are Gram forms where M is one, v is Mz, and in an
orthogonal basis V that makes M diagonal M⁻¹ is V(VᵀMV)⁻¹Vᵀ.  What holds for every z holds for this one
(the kernel's `instance`).  Nothing here is trusted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial, reduce
from itertools import islice

from derive import kernel
from derive.algebra.atoms import Unsupported
from derive.algebra.hypotheses import Contradiction
from derive.binders import free_indices, names_in
from derive.clock import now, passed
from derive.context import Context, Definition
from derive.cuts import freed, reach
from derive.direct import OutOfTime, ProofError, prove_directly
from derive.kernel import NotProved, Scene, Theorem
from derive.props import Rel
from derive.terms import (
    MINUS_ONE,
    ONE,
    ZERO,
    Add,
    Diff,
    Eye,
    Inverse,
    MatMul,
    Mul,
    Term,
    TermError,
    Transpose,
    Var,
    add,
    matmul_factors,
    mul,
)  # fmt: skip

#: seconds for one proof on the way; how many solutions, and how many names beside one, are tried
_EACH, _MOST = 1.5, 3


def with_solutions(context: Context, rel: Rel, deadline: float | None) -> Theorem:
    """Γ ⊢ A ⋈ B with a name for M⁻¹v or M⁻¹; raises `ProofError`."""
    work = _Work(context, rel, deadline)
    for attempt in work.attempts():
        if passed(deadline):
            break
        try:
            return attempt()
        except (ProofError, NotProved, Unsupported, Contradiction, TermError, OutOfTime):
            continue
    raise ProofError("no name for a solution helps")


class _Work:
    def __init__(self, context: Context, rel: Rel, deadline: float | None) -> None:
        self.context = context
        self.rel = rel
        self.deadline = deadline
        self.opened = Rel(rel.op, _opened(context, rel.left), _opened(context, rel.right))

    def attempts(self) -> Iterator[Callable[[], Theorem]]:
        sides = (self.opened.left, self.opened.right)
        if any(isinstance(node, Diff) for side in sides for node in side.walk()):
            return
        solutions = dict.fromkeys(s for side in sides for s in _solutions(side))
        for inverse, v in islice(solutions, _MOST):
            for x, made in self.images(inverse, v):
                yield lambda m=inverse, v=v, x=x, made=made: self.by_image(m, v, x, made)  # type: ignore[misc]
            if self.rel.op in ("≥", "≤", ">", "<"):
                yield lambda m=inverse, v=v: self.by_form(m, v, None)  # type: ignore[misc]
                for x in islice(self.names(v), _MOST):
                    yield lambda m=inverse, v=v, x=x: self.by_form(m, v, x)  # type: ignore[misc]
        if self.rel.op == "=":
            inverses = dict.fromkeys(n for side in sides for n in side.walk() if isinstance(n, Inverse))
            for inverse in islice((m for m in inverses if not free_indices(m)), _MOST):
                for basis in _bases(self.context, inverse):
                    yield lambda m=inverse, b=basis: self.in_basis(m, b)  # type: ignore[misc]

    def names(self, v: Term) -> Iterator[Var]:
        """The declared names of the claim of the shape of v."""
        reached = reach(self.context, names_in(self.rel.left) | names_in(self.rel.right))
        return (d.var for n, d in self.context.declarations.items() if n in reached and d.shape == v.shape)

    def images(self, inverse: Inverse, v: Term) -> Iterator[tuple[Var, Callable[[Term], Term]]]:
        """A declared name x and what it is in terms of Mz where v = Mz, for v = x + … or v = … − x."""
        parts = v.args if isinstance(v, Add) else (v,)
        for k, part in enumerate(parts):
            x, sign = (part, ONE) if not isinstance(part, Mul) else (part.args[-1], MINUS_ONE)
            rest = [*parts[:k], *parts[k + 1 :]]
            if not isinstance(x, Var) or part not in (x, mul(MINUS_ONE, x)) or x.name not in self.context.declarations:
                continue
            if all(x.name not in reach(self.context, names_in(t)) for t in (inverse.arg, *rest)):
                yield x, partial(_solved, rest, sign)

    def prove(self, context: Context, rel: Rel) -> Theorem:
        until = now() + _EACH
        until = until if self.deadline is None else min(until, self.deadline)
        return prove_directly(context, rel, deadline=until, minimise=False)

    def named(self, body: Term) -> tuple[Context, Var]:
        """Γ, z := body."""
        inner = self.context.child()
        return inner, inner.define(Definition("z#", body)).var

    def by_form(self, inverse: Inverse, v: Term, x: Var | None) -> Theorem:
        """From fᵀMf ≥ 0 for f = z := M⁻¹v or f = x − z."""
        inner, z = self.named(MatMul(inverse, v))
        f = z if x is None else add(x, mul(MINUS_ONE, z))
        form = Rel("≥", MatMul(Transpose(f), MatMul(inverse.arg, f)), ZERO)
        fact = kernel.instance(Scene(inner), form, frozenset({z.name}), self.prove(freed(inner, {z.name}), form))
        return self.from_fact(inner, fact)

    def by_image(self, inverse: Inverse, v: Term, x: Var, made: Callable[[Term], Term]) -> Theorem:
        """With x such that v = Mz for z := M⁻¹v."""
        inner, z = self.named(MatMul(inverse, v))
        known = self.prove(inner, Rel("=", x, made(MatMul(inverse.arg, z))))
        return self.with_known(inner, z, known, lambda t: _folded(t, inverse, v, z))

    def in_basis(self, inverse: Inverse, basis: Var) -> Theorem:
        """With z = V(VᵀMV)⁻¹Vᵀ for z := M⁻¹."""
        inner, z = self.named(inverse)
        turned = MatMul(Transpose(basis), MatMul(inverse.arg, basis))
        known = self.prove(inner, Rel("=", z, MatMul(basis, MatMul(Inverse(turned), Transpose(basis)))))
        return self.with_known(inner, z, known, lambda t: _put(t, inverse, z))

    def with_known(self, inner: Context, z: Var, known: Theorem, put: Callable[[Term], Term]) -> Theorem:
        """The claim with z in it, for every z of which the equation is true; then for this one."""
        outer = kernel.knowing(inner, known)
        claim = Rel(self.rel.op, put(self.opened.left), put(self.opened.right))
        free = self.prove(freed(outer, {z.name}), claim)
        fact = kernel.cut(Scene(inner), known, kernel.instance(Scene(outer), claim, frozenset({z.name}), free))
        if self.rel.op != "=":
            return self.from_fact(inner, fact)
        links = [fact]
        if self.rel.left != claim.left:
            links.insert(0, self.prove(inner, Rel("=", self.rel.left, claim.left)))
        if self.rel.right != claim.right:
            links.append(self.prove(inner, Rel("=", claim.right, self.rel.right)))
        theorem = kernel.transitive(Scene(inner), self.rel, tuple(links))
        return kernel.shortened(Scene(self.context), self.rel, theorem)

    def from_fact(self, inner: Context, fact: Theorem) -> Theorem:
        """Γ ⊢ A ⋈ B, which the fact says with z in it."""
        theorem = self.prove(kernel.knowing(inner, fact), self.rel)
        return kernel.shortened(Scene(self.context), self.rel, kernel.cut(Scene(inner), fact, theorem))


def _solved(rest: list[Term], sign: Term, image: Term) -> Term:
    """x where sign · x + Σ rest = Mz."""
    return mul(sign, reduce(add, (mul(MINUS_ONE, t) for t in rest), image))


def _opened(context: Context, t: Term) -> Term:
    """The term with its defined names as they are defined, where an inverse stands below them."""
    if isinstance(t, Var) and t.name in context.definitions:
        definition = context.definitions[t.name]
        below = (d.body for n in reach(context, [t.name]) if (d := context.definitions.get(n)) is not None)
        if not definition.params and any(isinstance(node, Inverse) for body in below for node in body.walk()):
            return _opened(context, definition.body)
    if not t.children or isinstance(t, Diff):
        return t
    return t.rebuild(tuple(_opened(context, c) for c in t.children))


def _solutions(t: Term) -> Iterator[tuple[Inverse, Term]]:
    """M⁻¹ and v for each product that ends in M⁻¹v with a vector v."""
    if isinstance(t, MatMul):
        factors = matmul_factors(t)
        for k, x in enumerate(factors[:-1]):
            if isinstance(x, Inverse) and len(factors[-1].shape) == 1 and not free_indices(x):
                v = _joined(factors[k + 1 :])
                if not free_indices(v):
                    yield x, v
    for child in t.children:
        yield from _solutions(child)


def _folded(t: Term, inverse: Inverse, v: Term, z: Var) -> Term:
    """The term with z for each product that is M⁻¹v."""
    if isinstance(t, MatMul):
        factors = matmul_factors(t)
        for k, x in enumerate(factors[:-1]):
            if x == inverse and _joined(factors[k + 1 :]) == v:
                return reduce(MatMul, [_folded(f, inverse, v, z) for f in factors[:k]] + [z])
    return t.rebuild(tuple(_folded(c, inverse, v, z) for c in t.children)) if t.children else t


def _joined(factors: list[Term]) -> Term:
    """A (B (… v))."""
    return reduce(lambda right, left: MatMul(left, right), reversed(factors[:-1]), factors[-1])



def _bases(context: Context, inverse: Inverse) -> Iterator[Var]:
    """The names V of which VᵀV = I or VVᵀ = I is assumed, of the shape of the inverse."""
    for assumption in context.assumptions:
        rel = assumption.prop
        if isinstance(rel, Rel) and any(isinstance(side, Eye) for side in (rel.left, rel.right)):
            for side in (rel.left, rel.right):
                for node in side.walk():
                    if isinstance(node, Var) and node.shape == inverse.shape:
                        yield node


def _put(t: Term, old: Term, new: Term) -> Term:
    if t == old:
        return new
    return t.rebuild(tuple(_put(c, old, new) for c in t.children)) if t.children else t


__all__ = ["with_solutions"]
