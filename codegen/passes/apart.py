"""Where indices differ: 1/(x_i − x_j) under a factor 1 − δ_ij is computed as 1/(x_i − x_j + δ_ij).

0 · ∞ is not 0 in floating point, and 1/0 warns.  What a divisor or a logarithm takes becomes 1 at i = j, where it
does not count: p + δ_ij if p is 0 there, else (1 − δ_ij) p + δ_ij.  The kernel proves of each quotient, root and
logarithm F that (1 − δ_ij) F(p) is (1 − δ_ij) F of that; whatever else stands under the factor is as it was.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from codegen.errors import CodegenError
from codegen.justify import holds
from codegen.lines import Line, Names
from codegen.masks import unmasked
from codegen.simplify import product, rebuilt, total
from derive.binders import free_indices, substitute
from derive.clock import now
from derive.context import Context
from derive.direct import ProofError, prove_directly
from derive.distinct import complement
from derive.props import Rel
from derive.terms import MINUS_ONE, ONE, ZERO, Delta, Entry, Fn, Index, Mul, Num, Pow, Term, Var

#: seconds to prove that a divisor is never 0
_LIMIT = 0.5


def part(lines: list[Line], outputs: Mapping[str, str], context: Context, names: Names) -> list[Line]:
    run = _Parting(lines, context)
    made = []
    for line in lines:
        body = run.rewritten(line.body, ())
        if body == line.body:
            made.append(line)
            continue
        rules = tuple(dict.fromkeys((*line.reason.rules, "indices that differ")))
        made.append(replace(line, body=body, reason=replace(line.reason, rules=rules)))
    return made


class _Parting:
    def __init__(self, lines: list[Line], context: Context) -> None:
        self.lines = {line.name: line for line in lines if not line.over}
        self.context = context
        self._asked: dict[tuple[Term, Delta], Term] = {}

    def rewritten(self, t: Term, deltas: tuple[Delta, ...]) -> Term:
        """The term with its divisors as they are computed under the factors 1 − δ of `deltas`."""
        inside = deltas
        if isinstance(t, Mul):
            pairs = filter(None, map(complement, t.args))
            inside = tuple(dict.fromkeys((*deltas, *(Delta(*pair) for pair in pairs))))
        children = tuple(self.rewritten(c, inside) for c in t.children)
        t = t if all(a is b for a, b in zip(children, t.children)) else rebuilt(t, children)
        if isinstance(t, Pow) and not (isinstance(t.exponent, Num) and t.exponent.value > 0):
            return self.moved(t, t.base, inside)
        return self.moved(t, t.args[0], inside) if isinstance(t, Fn) and t.name == "log" else t

    def moved(self, t: Term, base: Term, deltas: tuple[Delta, ...]) -> Term:
        """F(base) with what is computed for the base."""
        guards = []
        made = base
        for d in deltas:
            if free_indices(d) and free_indices(base) >= free_indices(d):
                key = made, d
                if key not in self._asked:
                    self._asked[key] = self._moved(made, d)
                made = self._asked[key]
                guards.append(total(ONE, product(MINUS_ONE, d)))
        if made == base:
            return t
        new = t.rebuild((made, *t.children[1:]))
        old, whole = (unmasked(self.opened(product(*guards, side))) for side in (t, new))
        if not holds(self.context, old, whole):
            raise CodegenError("what counts only where two indices differ has no value where they do not")
        return new

    def _moved(self, base: Term, d: Delta) -> Term:
        keep, drop = (d.left, d.right) if isinstance(d.right, Index) else (d.right, d.left)
        assert isinstance(drop, Index)
        whole = unmasked(self.opened(base))
        if holds(self.context, substitute(whole, {drop: keep}), ZERO):
            return total(base, d)
        try:
            prove_directly(self.context, Rel("≠", whole, ZERO), deadline=now() + _LIMIT, minimise=False)
        except ProofError:
            return total(product(total(ONE, product(MINUS_ONE, d)), base), d)
        return base

    def opened(self, t: Term) -> Term:
        """The term without the names of other lines."""
        line = self.lines.get(t.name) if isinstance(t, Var) else None
        if line is not None and not line.axes:
            return self.opened(line.body)
        if isinstance(t, Entry) and isinstance(t.array, Var) and t.array.name in self.lines:
            line = self.lines[t.array.name]
            if len(line.axes) == len(t.indices):
                return self.opened(substitute(line.body, dict(zip(line.axes, t.indices))))
        return t.rebuild(tuple(self.opened(c) for c in t.children)) if t.children else t
