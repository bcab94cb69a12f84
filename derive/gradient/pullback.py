"""Reverse accumulation: from the derivative by a term to the derivatives by its parts.

`Pullback.of(t, g)` adds to the derivative of every name in `targets` what `t` contributes, where g is the
derivative of the scalar in question by `t` (of t's shape).  Below a sum or an array of entries, g may hold
its bound indices; they travel along in `under` and are summed as soon as a part does not depend on them, so
no Jacobian is ever written.  The laws stand beside the rules.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from derive.binders import free_indices, fresh, names_in, substitute
from derive.context import Context
from derive.entrywise import entry
from derive.gradient import kinks
from derive.gradient.constructors import flat, product, scaled, transposed
from derive.gradient.folding import Folding
from derive.gradient.laws import DERIVATIVES, Underivable, entrywise, never_zero, shaped
from derive.gradient.notation import array_of
from derive.gradient.rational import tidy
from derive.terms import (
    MINUS_ONE,
    ONE,
    ZERO,
    Add,
    Call,
    Comp,
    Delta,
    Det,
    Diag,
    Diff,
    Entry,
    Eye,
    Fn,
    Full,
    Hadamard,
    Index,
    IndexLike,
    Inverse,
    MatMul,
    Mul,
    Num,
    Pow,
    Prod,
    SqNorm,
    Sum,
    Term,
    Trace,
    Transpose,
    Var,
    term,
)  # fmt: skip

#: a bound index and the value from which it runs
Under = tuple[tuple[Index, int], ...]


@dataclass
class Pullback:
    context: Context
    targets: frozenset[str]
    folding: Folding
    #: may a gradient hold that of an unknown function of an array?
    leaves: bool = False
    #: name → what has been added to its derivative so far
    found: dict[str, list[Term]] = field(default_factory=dict)
    vars: dict[str, Var] = field(default_factory=dict)
    #: a name, or an entry of one, and what it is defined as, while that is differentiated
    owner: tuple[Term, Term] | None = None
    _varying: dict[str, bool] = field(default_factory=dict)

    # -- what is asked ---------------------------------------------------------------------------------

    def gradient(self, name: str) -> Term | None:
        """The derivative by a target entry by entry, or None where nothing reaches it."""
        parts = self.found.get(name)
        if not parts:
            return None
        return self.simplified(parts[0] if len(parts) == 1 else flat(Add(tuple(parts))))

    def simplified(self, t: Term) -> Term:
        """Cancelled and factored entry by entry."""
        axes = tuple(fresh(s) for s in t.shape)
        return self.array(axes, entry(t, axes))

    # -- rules -----------------------------------------------------------------------------------------

    def active(self, t: Term) -> bool:
        names = names_in(t)
        return not self.targets.isdisjoint(names) or any(self.varies(n) for n in names)

    def varies(self, function: str) -> bool:
        """Does a defined function itself, for fixed arguments, depend on a target?"""
        found = self._varying.get(function)
        if found is None:
            definition = self.context.definitions.get(function)
            own = {p.name for p in definition.params} if definition is not None else set()
            found = bool(own) and definition is not None and not self.targets.isdisjoint(
                self.context.reachable(definition.body) - own
            )
            self._varying[function] = found
        return found

    def of(self, t: Term, g: Term, under: Under = ()) -> None:
        if not self.active(t):
            return
        inside = free_indices(t)
        done = tuple(u for u in under if u[0] not in inside)
        if done:
            g = self.summed(g, done)
            under = tuple(u for u in under if u[0] in inside)
        if g == ZERO:
            return
        if isinstance(t, Var):
            self.add(t, g)
            return
        rule = RULES.get(type(t))
        if rule is None:
            raise Underivable(f"no rule for {type(t).__name__}", t)
        rule(self, t, g, under)

    def each(self, parts: list[tuple[Term, Term]], under: Under) -> None:
        for t, g in parts:
            self.of(t, g, under)

    def add(self, t: Var, g: Term) -> None:
        self.vars[t.name] = t
        self.found.setdefault(t.name, []).append(g)

    def summed(self, g: Term, over: Under) -> Term:
        for k, start in over:
            g = self._counted(g, k, start)
        return g

    def _counted(self, g: Term, k: Index, start: int) -> Term:
        if k not in free_indices(g) and start == 1:
            return scaled([term(k.size)], g)
        return Sum(k, g, start)

    def array(self, axes: tuple[Index, ...], body: Term) -> Term:
        body = tidy(self.folding.known(body))
        return array_of(axes, body)

    # -- indices -----------------------------------------------------------------------------------------

    def at(self, array: Term, indices: tuple[IndexLike, ...], g: Term, under: Under) -> None:
        """g is the derivative by array[indices]: bound indices in that place become the array's axes."""
        if not self.active(array):
            return
        if isinstance(array, (Comp, Add, Mul, Hadamard, Transpose, Full, Fn, Call, Pow, Diag, Eye, Sum)):
            inner = entry(array, indices) if len(indices) == len(array.shape) else None
            if inner is not None and not (isinstance(inner, Entry) and inner.array == array):
                self.of(inner, g, under)
                return
        if isinstance(array, Entry):
            self.at(array.array, array.indices + indices, g, under)
            return
        rest = tuple(fresh(s) for s in array.shape[len(indices) :])
        body = entry(g, rest) if rest else g
        stays = free_indices(array)
        axes: list[Index] = []
        live = dict(under)
        moved: dict[IndexLike, IndexLike] = {}
        for i, size in zip(indices, array.shape, strict=False):
            a = fresh(size)
            axes.append(a)
            if isinstance(i, Index) and i in live and i not in stays and i.size == size:
                for value in range(1, live.pop(i)):
                    body = Mul((body, Add((ONE, Mul((MINUS_ONE, Delta(a, value)))))))
                body = substitute(body, {i: a})
                moved[i] = a
            else:
                body = Mul((body, Delta(a, moved.get(i, i))))
        gone = tuple((k, s) for k, s in live.items() if k not in stays)
        body = self.summed(body, gone)
        self.of(array, self.array((*axes, *rest), body), tuple((k, s) for k, s in live.items() if k in stays))

    def total(self, t: Term) -> Term:
        """The sum of all entries."""
        axes = tuple(fresh(s) for s in t.shape)
        body = entry(t, axes)
        for k in reversed(axes):
            body = self._counted(body, k, 1)
        return tidy(self.folding.known(body))

    def times(self, g: Term, *factors: Term) -> Term:
        """g ⊙ factors, for arrays of one shape or scalars."""
        arrays = [t for t in (g, *factors) if t.shape]
        scalars = [t for t in (g, *factors) if not t.shape]
        core: Term = ONE
        for position, a in enumerate(arrays):
            core = a if not position else Hadamard(core, a)
        made = scaled(scalars, core)
        return self.simplified(made) if made.shape else tidy(made)

    def written_out(self, t: Term) -> Term:
        """`t` with the bodies of the functions in it that depend on a target by themselves."""
        definition = self.context.definitions.get(t.name) if isinstance(t, Call) else None
        if isinstance(t, Call) and definition is not None and self.varies(t.name):
            return self.written_out(self.folding.inlined(t))
        return t.rebuild(tuple(self.written_out(c) for c in t.children)) if t.children else t

    def derivative(self, name: str) -> tuple[Var, Term]:
        return self.folding.derivative(name)


# -- one rule per node -----------------------------------------------------------------------------------


def _mul(p: Pullback, t: Mul, g: Term, under: Under) -> None:
    for place, a in enumerate(t.args):
        if not p.active(a):
            continue
        others = [b for k, b in enumerate(t.args) if k != place]
        if a.shape:  # (c a)′ = c a′
            p.of(a, scaled(others, g), under)
        elif t.shape:  # by the scalar: Σ g ⊙ rest
            rest = scaled(others[:-1], others[-1])
            p.of(a, p.total(Hadamard(g, rest)), under)
        else:
            p.of(a, scaled(others, g), under)


def _matmul(p: Pullback, t: MatMul, g: Term, under: Under) -> None:
    a, b = t.left, t.right
    if p.active(a):  # Ā = G Bᵀ
        p.of(a, shaped(g, t, transposed(b), left=True), under)
    if p.active(b):  # B̄ = Aᵀ G
        p.of(b, shaped(g, t, transposed(a), left=False), under)


def _function(p: Pullback, t: Fn, g: Term, under: Under) -> None:
    if t.name in ("abs", "max"):
        _kinked(p, t, g, under)
        return
    (a,) = t.args
    if t.name == "log" and isinstance(a, Det):  # (log det A)′ = A⁻ᵀ
        p.of(a.arg, scaled([g], transposed(Inverse(a.arg))), under)
        return
    p.of(a, p.times(g, entrywise(a, DERIVATIVES[t.name])), under)


def _kinked(p: Pullback, t: Fn, g: Term, under: Under, call: Term | None = None) -> None:
    """|u|′ = sgn(u) u′, max(0, u)′ = step(u) u′; |u| sgn(u) is u, and max(0, u) step(u) is max(0, u)."""
    axes = tuple(fresh(s) for s in t.shape)
    body, here = tidy(entry(g, axes)), entry(t, axes)
    parts = [here, tidy(here), *([entry(call, axes)] if call is not None else [])]
    if p.owner is not None and p.owner[1] == t:
        parts.append(entry(p.owner[0], axes))
    rest = next((r for r in (kinks.over(body, part) for part in parts) if r is not None), None)

    def slope(which: str, u: Term) -> Term:
        return entrywise(u, lambda x: kinks.slope(p.context, which, x))

    if t.name == "abs":
        (u,) = t.args
        even = p.array(axes, Mul((rest, entry(u, axes)))) if rest is not None else None
        p.of(u, even if even is not None else p.times(g, slope("sign", u)), under)
        return
    a, b = t.args
    if rest is not None and (kinks.is_zero(a) or kinks.is_zero(b)):
        p.of(b if kinks.is_zero(a) else a, g, under)
        return
    both = p.active(a) and p.active(b)
    p.of(a, p.times(g, slope("step", kinks.gap(a, b))), under)
    if both:  # at a = b, where there may be no slope, 1 − 0 and 0 are weights of one slope and the other
        step = slope("step", kinks.gap(a, b))
        one = Full(ONE, step.shape) if step.shape else ONE
        p.of(b, p.times(g, Add((one, scaled([MINUS_ONE], step)))), under)
    elif p.active(b):
        p.of(b, p.times(g, slope("step", kinks.gap(b, a))), under)


def _power(p: Pullback, t: Pow, g: Term, under: Under) -> None:
    if p.active(t.exponent):  # (b^q)′ = b^q log b q′
        inner = entrywise(t.base, lambda x: Mul((Pow(x, t.exponent), Fn("log", (x,)))))
        p.of(t.exponent, p.total(p.times(g, inner)) if t.shape else Mul((g, inner)), under)
    if not p.active(t.base):
        return
    q = t.exponent
    less: Term = Num(q.value - 1) if isinstance(q, Num) else Add((q, MINUS_ONE))

    def rule(x: Term) -> Term:  # (b^q)′ = q b^{q−1} b′
        if less == ZERO:
            return q
        return Mul((q, x)) if less == ONE else Mul((q, Pow(x, less)))

    p.of(t.base, p.times(g, entrywise(t.base, rule)), under)


def _call(p: Pullback, t: Call, g: Term, under: Under) -> None:
    unknown = p.context.functions.get(t.name)
    if unknown is not None:
        if unknown.domain and p.leaves and isinstance(t.args[0], Var):
            p.of(t.args[0], p.times(g, Diff(t, t.args[0])), under)
            return
        if unknown.domain:
            raise Underivable("an unknown function of an array has no gradient of its own", t)
        (a,) = t.args
        p.of(a, p.times(g, Call(t.name, t.args, t.dims, t.order + 1)), under)
        return
    if kinks.flat_function(p.context, t.name):
        return
    definition = p.context.definitions[t.name]
    if len(definition.params) == 1 and not definition.params[0].shape and not t.order and not p.varies(t.name):
        (a,) = t.args  # f(a)′ = f′(a) a′, where f itself does not vary
        kinked = kinks.at(definition, a)
        if kinked is not None:
            _kinked(p, kinked, g, under, t)
            return
        z, body = p.derivative(t.name)
        p.of(a, p.times(g, entrywise(a, lambda x: substitute(body, {}, {z: x}))), under)
        return
    p.of(p.folding.inlined(t), g, under)


def _sum(p: Pullback, t: Sum, g: Term, under: Under) -> None:
    k = fresh(t.index.size)
    p.of(substitute(t.body, {t.index: k}), g, (*under, (k, t.start)))


def _prod(p: Pullback, t: Prod, g: Term, under: Under) -> None:
    """(Π P)′ = Σₖ Pₖ′ Π_{m≠k} Pₘ, without dividing but by what is never 0."""
    k, m = fresh(t.index.size), fresh(t.index.size)
    if never_zero(p.context, t.body):  # Σₖ Pₖ′/Pₖ Π P
        body = p.written_out(substitute(t.body, {t.index: k}))
        p.of(body, Mul((g, t, Pow(body, MINUS_ONE))), (*under, (k, t.start)))
        return
    other = substitute(t.body, {t.index: m})
    same = Delta(m, k)
    others = Prod(m, Add((Mul((Add((ONE, Mul((MINUS_ONE, same)))), other)), same)), t.start)
    p.of(substitute(t.body, {t.index: k}), Mul((g, others)), (*under, (k, t.start)))


def _comp(p: Pullback, t: Comp, g: Term, under: Under) -> None:
    axes = tuple(fresh(i.size) for i in t.indices)
    body = substitute(t.body, dict(zip(t.indices, axes)))
    if p.owner is not None and p.owner[1] == t:
        p.owner = entry(p.owner[0], axes), body
    p.of(body, entry(g, axes), (*under, *((a, 1) for a in axes)))


def _inverse(p: Pullback, t: Inverse, g: Term, under: Under) -> None:
    back = transposed(t)  # (A⁻¹)′: Ā = −A⁻ᵀ G A⁻ᵀ
    p.of(t.arg, scaled([MINUS_ONE], product(back, product(g, back))), under)


def _diag(p: Pullback, t: Diag, g: Term, under: Under) -> None:
    i = fresh(t.shape[0])
    p.of(t.arg, p.array((i,), entry(g, (i, i))), under)


def _transpose(p: Pullback, t: Transpose, g: Term, under: Under) -> None:
    p.of(t.arg, transposed(g), under)


RULES: dict[type[Term], Callable[[Pullback, Any, Term, Under], None]] = {
    Add: lambda p, t, g, u: p.each([(a, g) for a in t.args], u),  # (a + b)′ = a′ + b′
    Mul: _mul,
    Hadamard: lambda p, t, g, u: p.each(  # (a ⊙ b)′ = b ⊙ a′ + a ⊙ b′
        [(a, p.times(g, b)) for a, b in ((t.left, t.right), (t.right, t.left)) if p.active(a)], u
    ),
    MatMul: _matmul,
    Transpose: _transpose,
    Full: lambda p, t, g, u: p.of(t.value, p.total(g), u),
    Entry: lambda p, t, g, u: p.at(t.array, t.indices, g, u),
    Comp: _comp,
    Sum: _sum,
    Prod: _prod,
    Pow: _power,
    Fn: _function,
    Call: _call,
    Inverse: _inverse,
    Det: lambda p, t, g, u: p.of(t.arg, scaled([g, t], transposed(Inverse(t.arg))), u),  # det A A⁻ᵀ
    Trace: lambda p, t, g, u: p.of(t.arg, scaled([g], Eye(t.arg.shape[0])), u),
    Diag: _diag,
    SqNorm: lambda p, t, g, u: p.of(t.arg, scaled([g, Num(Fraction(2))], t.arg), u),  # (‖a‖²)′ = 2a
    Diff: lambda p, t, g, u: p.of(p.folding.differentiated(t), g, u),
}

__all__ = ["Pullback"]
