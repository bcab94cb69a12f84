"""A power of nearly 1 less 1, of which a difference would have few digits.

    (1 + x)^p − 1 = e^{p log(1 + x)} − 1   where x ≥ 0

Both functions on the right keep the digits of a small argument.  The kernel proves each use, for any value of the
names that x is written with.
"""

from __future__ import annotations

from codegen.exponential_sums import Rewriting
from codegen.justify import same_sums
from codegen.simplify import exponential, negative, number, product, total
from derive.terms import MINUS_ONE, ONE, Add, Fn, Pow, Term


def power_less_one(run: Rewriting, t: Term) -> Term | None:
    """A difference of such a power and 1, of either sign."""
    if not isinstance(t, Add) or len(t.args) != 2:
        return None
    for one, turned in ((MINUS_ONE, False), (ONE, True)):
        if one not in t.args:
            continue
        p = next((a for a in (t.args if not turned else map(negative, t.args)) if isinstance(a, Pow)), None)
        if p is None or not isinstance(p.base, Add) or ONE not in p.base.args:
            continue
        e = number(p.exponent)
        x = total(p.base, MINUS_ONE)
        if (e is not None and e.denominator <= 2) or not run.nonnegative(x):
            continue
        inside = product(run.rewritten(p.exponent), Fn("log", (total(ONE, run.rewritten(x)),)))
        made = total(ONE, negative(exponential(inside))) if turned else total(exponential(inside), MINUS_ONE)
        return made if same_sums(run.context, t, made) else None
    return None


__all__ = ["power_less_one"]
