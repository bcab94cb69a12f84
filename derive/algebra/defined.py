"""Has a normal form that was found, not read from a term, a value for all values that the facts allow?

What is read from a term brings its conditions along; a factor that a search made as a quotient brings none.
"""

from __future__ import annotations

from derive.algebra.atoms import Atom, Poly, Rational
from derive.algebra.normal import Normalizer


def has_value(n: Normalizer, p: Poly) -> bool:
    """True where every part of p is seen to have a value."""
    return all(_power(n, a, e) for m in p.terms for a, e in m)


def _power(n: Normalizer, a: Atom, e: Rational) -> bool:
    base = n.signs.power(a, 1)
    if (e < 0 and not base.away) or (not isinstance(e, int) and not base.nonneg):
        return False
    binders, args = n.opened(a)
    if not all(has_value(n, arg) for arg in args):
        return False
    match a.kind:
        case "log" | "pow":
            return n.signs.positive(args[0])
        case "inv":
            return n.signs.nonzero(n.det((binders[0], binders[1]), args[0]))
        case _:
            return True


__all__ = ["has_value"]
