"""Where |u| and max(0, u) have slopes: not where u is 0, unless they stand under a power.

(max(0, u)^q)′ = q max(0, u)^{q−1} u′ for a whole number q ≥ 2, at u = 0 as well: the difference quotient there
is at most |u′|^q |h|^{q−1}.  So max(0, u)^q can be differentiated q − 1 times, and so can |u|^q, which is u^q or
max(0, u)^q + max(0, −u)^q.  While such a power is differentiated it is an atom of its own, `RAMP`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from fractions import Fraction
from typing import TYPE_CHECKING

from derive.algebra.atoms import NOTHING, Atom, Poly, Unsupported, number
from derive.algebra.scopes import At, Binding, Scope, bind, index_in, two, without_indices
from derive.terms import ZERO, Call, Comp, Entry, Fn, Full, Index, IndexLike, Num, Term, Transpose, Var

if TYPE_CHECKING:
    from derive.algebra.entries import Entries
    from derive.algebra.normal import Normalizer

TWO = Num(Fraction(2))
#: the atom max(0, P)^order; no document can write this name
RAMP = "ramp#"
#: names and entries looked through to find what a power is a power of
MOST_LOOKS = 20

#: indices that are put in the place of others, and pairs of indices that must be equal
Place = tuple[dict[Index, IndexLike], list[tuple[IndexLike, IndexLike]]]


def slope(n: Normalizer, a: Atom, inner: Poly) -> Poly:
    """(max(0, P)^q)′ = q max(0, P)^{q−1} P′ for q ≥ 2."""
    if a.order < 2:
        raise Unsupported("the slope of a maximum at its kink")
    return n.mul(number(a.order), n.fn(RAMP, a.args, a.order - 1), inner)


def opened(n: Normalizer, swap: Callable[[Atom], Poly | None]) -> Callable[[Atom], Poly | None]:
    """The swap that also writes the powers out, once nothing is differentiated any more."""

    def inner(a: Atom) -> Poly | None:
        if a.kind == "fn" and a.name == RAMP:
            return n.power(n.fn("max", (NOTHING, n.replace(a.args[0], inner))), a.order)
        return swap(a)

    return inner


def power(e: Entries, base: Term, exponent: Term, at: At, scope: Scope) -> Poly | None:
    """max(0, u)^q or |u|^q where it is differentiated fewer than q times; None for any other power."""
    if not isinstance(exponent, Num) or exponent.value.denominator != 1:
        return None
    q = int(exponent.value)
    found = _kinked(e, base, at, scope) if e.where.times() and q > 1 else None
    if found is None:
        return None
    name, p = found
    if name == "abs" and q % 2 == 0:
        return e.n.power(p, q)
    if e.where.times(p) >= q or not e.where.varies(p):
        return None
    ramp = e.n.fn(RAMP, (p,), q)
    return ramp if name == "max" else ramp + e.n.fn(RAMP, (-p,), q)


def _kinked(e: Entries, t: Term, at: At, scope: Scope) -> tuple[str, Poly] | None:
    """("max", u) where the entry of `t` is max(0, u), ("abs", u) where it is |u|, through names and calls."""
    own: frozenset[str] = frozenset()
    for _ in range(MOST_LOOKS):
        match t:
            case Fn("max", (a, b)) if _zero(a) or _zero(b):
                return "max", e.inside(b if _zero(a) else a, at, scope, own)
            case Fn("abs", (a,)):
                return "abs", e.inside(a, at, scope, own)
            case Entry(array, indices):
                t, at = array, (*(index_in(i, scope) for i in indices), *at)
            case Comp(indices, body):
                scope, at, t = bind(scope, dict(zip(indices, at))), at[len(indices) :], body
            case Transpose(arg):
                row, column = two(t, at)
                t, at = arg, (column, row)[: len(arg.shape)]
            case Var(name) if name not in scope and e.opens(name):
                t, scope = e.context.definitions[name].body, without_indices(scope)
            case Call(name, (arg,), _, 0) if e.opens(name):
                d = e.context.definitions[name]
                if len(d.params) != 1 or d.params[0].shape or d.body.shape:
                    return None
                value = e.inside(arg, at, scope, own)
                inner: dict[str, Binding] = {**without_indices(scope), d.params[0].name: _always(value)}
                t, at, scope, own = d.body, (), inner, own | {d.params[0].name}
            case _:
                return None
    return None


def _always(value: Poly) -> Binding:
    return lambda at: value


def _zero(t: Term) -> bool:
    return t == ZERO or (isinstance(t, Full) and t.value == ZERO)


def places(p: Poly, marker: str, slot: At, over: Collection[Index]) -> list[Place] | None:
    """Where p, under the indices `over`, is made of the entry `slot` of the variable; None: wherever it stands.

    |w_k| under Σ_k changes with w_i for k = i alone, |Σ_d X_nd w_d| for every n.
    """
    found: list[Place] = []
    for a in p.walk():
        if a.kind != "var" or a.name != marker:
            continue
        if len(a.indices) != len(slot):
            return None
        names: dict[Index, IndexLike] = {}
        equal: list[tuple[IndexLike, IndexLike]] = []
        for i, s in zip(a.indices, slot):
            if isinstance(i, Index) and i not in p.free:
                continue  # bound inside p: it takes every value
            i = names.get(i, i) if isinstance(i, Index) else i
            if i == s:
                continue
            if isinstance(i, Index) and i in over and i not in slot:
                names[i] = s
            else:
                equal.append((i, s))
        if not names and not equal:
            return None
        if (names, equal) not in found:
            found.append((names, equal))
    return found or None


__all__ = ["RAMP", "TWO", "opened", "places", "power", "slope"]
