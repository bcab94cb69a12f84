"""What a power needs of its base, by the values that its exponent may take."""

from __future__ import annotations

from typing import TYPE_CHECKING

from derive.algebra.atoms import Poly, Unsupported
from derive.context import Context
from derive.terms import Add, Delta, Entry, Mul, Num, Pow, SizeTerm, Term, Var

if TYPE_CHECKING:
    from collections.abc import Container

    from derive.algebra.conditions import Conditions
    from derive.algebra.normal import Normalizer


def varying(context: Context, exponent: Term, replaced: Container[str]) -> bool | None:
    """May the exponent take any value, by what it is made of?  If not: is it plainly exact (else None)?

    `replaced` names what stands for something else here: the parameters of a call.
    """
    names = context.reachable(exponent)
    bodies = (context.definitions[name].body for name in names if name in context.definitions)
    exact = all(_exact(t) for t in (exponent, *bodies))
    for name in names:
        declared = context.declarations.get(name)
        if declared is None and name not in context.definitions:
            return True
        if declared is not None and declared.domain.values is None:
            return True
        exact = exact and name not in replaced
    return False if exact else None


def _exact(t: Term) -> bool:
    return all(
        isinstance(a, (Num, SizeTerm, Var, Entry, Delta, Add, Mul))
        or (isinstance(a, Pow) and isinstance(a.exponent, Num) and a.exponent.value.denominator == 1)
        for a in t.walk()
    )


def whole(n: Normalizer, q: Poly) -> bool:
    """Is the exponent a natural number for all its values?  (p^q is then defined for every p.)"""
    for a in q.atoms():
        values = n.facts.two_values(a.name) if a.kind == "var" else None
        if a.kind != "size" and (values is None or set(values) != {0, 1}):
            return False
    if not all(n.signs.nonneg(case) for case in _corners(n, q)):
        return False
    return all(isinstance(c, int) for c in q.terms.values())


def _corners(n: Normalizer, q: Poly) -> list[Poly]:
    for a in sorted(q.atoms()):
        if a.kind == "var":
            both = (n.at(q, a, 0), n.at(q, a, 1))
            return [x for case in both for x in _corners(n, case)]
    return [q]


def based(n: Normalizer, where: Conditions, p: Poly, q: Poly, varying: bool | None) -> None:
    """What p^q needs: p > 0 where q may take any value; p ≥ 0 for one root, p ≠ 0 for a negative power."""
    c = q.constant
    if varying:
        where.need(">", p)
    elif varying is None or (c is None and not whole(n, q)):
        if not n.signs.positive(p):
            raise Unsupported("a power that may have a value for some negative bases only")
    elif c is not None:
        if c < 0:
            where.need("≠", p)
        if not isinstance(c, int):
            where.need("≥", p)
