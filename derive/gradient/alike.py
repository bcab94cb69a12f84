"""Scalars that are equal though they are written differently: compared by their normal forms, with all names free.

Nothing rests on it: what is written with its help is proved like everything else.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Sequence
from contextlib import suppress
from fractions import Fraction

from derive import cuts
from derive.algebra.atoms import Poly, Unsupported
from derive.algebra.hypotheses import Contradiction
from derive.algebra.zero import is_zero
from derive.binders import fresh, names_in
from derive.clock import now, passed
from derive.context import Assumption, Context, Definition
from derive.entrywise import entry
from derive.gradient.constructors import scaled
from derive.props import Rel
from derive.scene import NotProved, Scene
from derive.terms import Index, IndexLike, Num, Term, TermError, Transpose, Var

#: seconds for all comparisons of one derivation
SECONDS = 2.0


class _Slow(Exception):
    """Comparing takes too long."""


class Alike:
    """`symmetric` are the names of symmetric matrices; the names in `opened` stand for their definitions."""

    def __init__(self, context: Context, symmetric: Iterable[Var] = (), opened: Container[str] = ()) -> None:
        free = [n for n, d in context.definitions.items() if not d.params and n not in opened]
        inner = cuts.freed(context, free)
        for m in symmetric:
            inner.assume(Assumption(Rel("=", m, Transpose(m)), m.name))
        self._until = now() + SECONDS
        self._found: dict[Term, Poly | None] = {}
        self._scene: Scene | None = None
        with suppress(_Slow):
            self._scene = Scene(inner, ticks=self._tick)

    def _tick(self) -> None:
        if passed(self._until):
            raise _Slow

    def form(self, t: Term) -> Poly | None:
        """The normal form of a scalar, or None."""
        if t not in self._found:
            try:
                if self._scene is None:
                    raise _Slow
                self._found[t] = self._scene.read((t, ()))[0][0]
            except (NotProved, Unsupported, Contradiction, TermError, RecursionError, _Slow):
                self._found[t] = None
        return self._found[t]

    def moved(self, p: Poly, names: dict[Index, IndexLike]) -> Poly | None:
        try:
            return self._scene.n.rename(p, names) if self._scene is not None else None
        except (Unsupported, _Slow):
            return None

    def negative(self, t: Term) -> bool:
        """Is it seen to be ≤ 0?"""
        p = self.form(t)
        try:
            return self._scene is not None and p is not None and bool(p) and self._scene.n.signs.range(p).nonpos
        except (Unsupported, _Slow):
            return False

    def times(self, t: Term, of: Term) -> Fraction | None:
        """The number c with t = c · of, where there is one."""
        return self.multiple(self.form(t), self.form(of))

    def multiple(self, p: Poly | None, q: Poly | None) -> Fraction | None:
        """c with p = c q: as they stand, or 1 or −1 over one denominator."""
        c = _multiple(p, q)
        if c is None and p and q:
            return next((Fraction(k) for k in (1, -1) if self.equal(p, q.scale(k))), None)
        return c

    def equal(self, p: Poly | None, q: Poly | None) -> bool:
        if p is None or q is None or p == q or self._scene is None:
            return p is not None and p == q
        try:
            return p.free == q.free and is_zero(self._scene.n, p - q)
        except (Unsupported, _Slow):
            return False

    def summed(self, terms: Sequence[Term]) -> list[Term]:
        """The same sum with like terms as one, and without those that cancel."""
        made: list[tuple[Fraction, Term]] = []
        for t in terms:
            for place, (c, first) in enumerate(made):
                ratio = self.times(t, first)
                if ratio is not None:
                    made[place] = (c + ratio, first)
                    break
            else:
                made.append((Fraction(1), t))
        return [t if c == 1 else scaled([Num(c)], t) for c, t in made if c]


def name_of(context: Context, body: Term, labels: int, besides: Container[str]) -> Var | None:
    """A name that the context defines by this array, or by one with the same entries, if there is one."""
    used, axes = names_in(body), tuple(fresh(s) for s in body.shape)
    found: list[Definition] = []
    for d in context.definitions.values():
        alike = d.body.shape == body.shape and d.labels == labels and names_in(d.body) == used
        if alike and not d.params and not d.local and d.name not in besides:
            found.append(d)
    if found:
        forms = Alike(context)
        wanted = forms.form(entry(body, axes))
        return next((d.var for d in found if forms.equal(forms.form(entry(d.body, axes)), wanted)), None)
    return None


def _multiple(p: Poly | None, q: Poly | None) -> Fraction | None:
    """c with p = c q, for a number c."""
    if p is None or q is None or not p or p.terms.keys() != q.terms.keys():
        return None
    m = next(iter(q.terms))
    c = Fraction(p.terms[m]) / Fraction(q.terms[m])
    return c if all(Fraction(p.terms[k]) == c * Fraction(q.terms[k]) for k in q.terms) else None


__all__ = ["Alike", "name_of"]
