"""Derivatives of normal forms: one rule per kind of atom."""

from __future__ import annotations

from collections.abc import Callable

from derive.algebra import kinks, sums
from derive.algebra.atoms import NOTHING, ONE, Atom, Poly, atom_poly, fresh, tidy, total
from derive.algebra.normal import Normalizer
from derive.terms import IndexLike

Rule = Callable[[Normalizer, Atom, Callable[[Poly], Poly]], Poly]


def derivative(n: Normalizer, p: Poly, name: str, at: tuple[IndexLike, ...]) -> Poly:
    """∂p / ∂name[at], where the variable's other entries are independent of this one."""

    def d(q: Poly) -> Poly:
        parts = []
        for m, c in q.terms.items():
            for a, e in m:
                inner = of_atom(a)
                if inner:
                    rest = {b: f for b, f in m if b is not a}
                    rest[a] = tidy(e - 1)
                    parts.append(n.mul(n.monomial(rest, c * e), inner))
        return total(parts)

    def of_atom(a: Atom) -> Poly:
        if a.kind == "var":
            if a.name != name:
                return NOTHING
            return n.mul(*(n.delta(i, j) for i, j in zip(a.indices, at))) if at else ONE
        if not any(x.kind == "var" and x.name == name for arg in a.args for x in arg.walk()):
            return NOTHING
        return RULES[a.kind](n, a, d)

    return d(p)


def _sum(n: Normalizer, a: Atom, d: Callable[[Poly], Poly]) -> Poly:
    names = {b: fresh(b) for b in a.binders}
    return sums.sum_many(n, tuple(names.values()), d(n.rename(a.args[0], names)))


def _prod(n: Normalizer, a: Atom, d: Callable[[Poly], Poly]) -> Poly:
    (k,) = a.binders
    here, there = fresh(k), fresh(k)
    same = n.delta(here, there)
    others = n.mul(ONE - same, n.rename(a.args[0], {k: there})) + same
    inside = n.mul(d(n.rename(a.args[0], {k: here})), n.prod_over(there, others))
    return sums.sum_many(n, (here,), inside)


def _fn(n: Normalizer, a: Atom, d: Callable[[Poly], Poly]) -> Poly:
    (arg,) = a.args
    whole = atom_poly(a)
    if a.order == 0 and a.name == "abs":
        return n.mul(whole, n.power(arg, -1), d(arg))
    if a.name == kinks.RAMP:
        return kinks.slope(n, a, d(arg))
    if a.order == 0 and a.name == "sin":
        return n.mul(n.fn("cos", (arg,)), d(arg))
    if a.order == 0 and a.name == "cos":
        return -n.mul(n.fn("sin", (arg,)), d(arg))
    return n.mul(n.fn(a.name, (arg,), a.order + 1), d(arg))


def _pow(n: Normalizer, a: Atom, d: Callable[[Poly], Poly]) -> Poly:
    base, exponent = a.args
    slope = n.mul(exponent, n.power_by(base, exponent - ONE), d(base))
    turned = d(exponent)
    if not turned:
        return slope
    return slope + n.mul(atom_poly(a), turned, n.log(base))  # P > 0 where P^q is read: `Entries._based`


def _field(n: Normalizer, a: Atom, d: Callable[[Poly], Poly]) -> Poly:
    names = {b: fresh(b) for b in a.binders}
    slots = tuple(names.values())
    inner = d(n.rename(a.args[0], names))
    outer = n.field(a.name, a.binders, a.args[0], (*a.indices, *slots))
    return sums.sum_many(n, slots, n.mul(outer, inner))


def _inv(n: Normalizer, a: Atom, d: Callable[[Poly], Poly]) -> Poly:
    i, j = a.indices
    p, q = fresh(a.binders[0]), fresh(a.binders[1])
    pair = (a.binders[0], a.binders[1])
    left = n.inverse(pair, a.args[0], i, p)
    right = n.inverse(pair, a.args[0], q, j)
    inner = d(n.rename(a.args[0], dict(zip(a.binders, (p, q)))))
    return -sums.sum_many(n, (p, q), n.mul(left, inner, right))


def _det(n: Normalizer, a: Atom, d: Callable[[Poly], Poly]) -> Poly:
    p, q = fresh(a.binders[0]), fresh(a.binders[1])
    inner = d(n.rename(a.args[0], dict(zip(a.binders, (p, q)))))
    back = n.inverse((a.binders[0], a.binders[1]), a.args[0], q, p)
    return n.mul(atom_poly(a), sums.sum_many(n, (p, q), n.mul(back, inner)))


RULES: dict[str, Rule] = {
    "exp": lambda n, a, d: n.mul(atom_poly(a), d(a.args[0])),  # (exp m)′ = exp(m) m′
    "log": lambda n, a, d: n.mul(n.power(a.args[0], -1), d(a.args[0])),  # (log P)′ = P′ / P
    "base": lambda n, a, d: d(a.args[0]),  # the power rule is the product's
    "sum": _sum,  # (Σ m)′ = Σ m′
    "prod": _prod,  # (Π P)′ = Σₖ Pₖ′ Π_{m≠k} Pₘ
    "fn": _fn,  # |P|′ = |P| P′/P, sin′ = cos, cos′ = −sin, f(P)′ = f′(P) P′
    "pow": _pow,  # (P^q)′ = q P^{q−1} P′ + P^q q′ log P
    "field": _field,  # E(u)′ = Σᵢ ∂ᵢE(u) uᵢ′
    "inv": _inv,  # (M⁻¹)′ = −M⁻¹ M′ M⁻¹
    "det": _det,  # (det M)′ = det M tr(M⁻¹M′), where M is invertible: `Conditions.invertible`
}
