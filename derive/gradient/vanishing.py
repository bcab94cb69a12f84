"""Terms that are 0 by what the definitions say: Σ_d (x_d − μ), where μ is the mean of x.

Nothing rests on it: what is written without them is proved like everything else.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from derive.binders import fresh, names_in
from derive.context import Context
from derive.entrywise import entry
from derive.gradient.alike import Alike
from derive.gradient.constructors import flat
from derive.gradient.notation import array_of
from derive.terms import ZERO, Add, Mul, Sum, Term


def without_zeros(context: Context, bodies: Mapping[str, Term], t: Term) -> tuple[Term, frozenset[str]]:
    """`t` without the terms that have a sum as a factor which is 0, and the names whose definitions say so."""
    axes = tuple(fresh(s) for s in t.shape)
    body = flat(entry(t, axes))
    terms = body.args if isinstance(body, Add) else (body,)
    if len(terms) < 2:
        return t, frozenset()

    @cache
    def opened(names: frozenset[str]) -> Alike:
        return Alike(context, opened=names)

    rests: frozenset[str] = frozenset()
    kept = []
    for term in terms:
        for factor in term.args if isinstance(term, Mul) else (term,):
            names = frozenset(n for n in names_in(factor) if n in bodies) if isinstance(factor, Sum) else frozenset()
            form = opened(names).form(factor) if names else None
            if form is not None and not form:
                rests |= names
                break
        else:
            kept.append(term)
    if not rests:
        return t, rests
    made = kept[0] if len(kept) == 1 else Add(tuple(kept)) if kept else ZERO
    return array_of(axes, made), rests
