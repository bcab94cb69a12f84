"""Where a term has a value: conditions on normal forms, collected while its entries are read."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from derive.algebra.atoms import Poly, Unsupported, atom_poly, mono
from derive.algebra.kinks import places
from derive.algebra.scopes import At
from derive.terms import Index

if TYPE_CHECKING:
    from derive.algebra.normal import Normalizer


@dataclass(frozen=True)
class Condition:
    """`poly` > 0, ≥ 0 or ≠ 0 for every value of the bound indices in `over` at which no `guard` is 0.

    `aside`: the term has a value without it as well, but its normal form rests on it.  So it has to be shown,
    and is never granted.
    """

    relation: str
    poly: Poly
    over: tuple[Index, ...] = ()
    guard: tuple[Poly, ...] = ()
    aside: bool = False

    def moved(self, change: Callable[[Poly], Poly]) -> Condition:
        """The condition with its polynomials changed in one way."""
        guards = tuple(g for g in map(change, self.guard) if not g.constant)
        poly = change(self.poly) if all(guards) else self.poly  # else it is about nothing, and may have no value
        return Condition(self.relation, poly, self.over, guards, self.aside)


class Conditions:
    """The conditions `found` so far; each is one for every index it stands under and where no guard is 0."""

    def __init__(self, smooth: int = 0) -> None:
        self.found: list[Condition] = []
        self._smooth = smooth  # roots must be smooth wherever they stand, so many times
        self._over: list[Index] = []
        self.guards: list[Poly] = []  # what is read is multiplied by them
        # variables being differentiated by, at which entry and how often, and those that their values may be made
        # of: roots must be smooth
        self._strict: list[tuple[str, At | None, int, frozenset[str]]] = []

    def times(self, p: Poly | None = None) -> int:
        """How often what is read will be differentiated; p, by what it is made of."""
        if p is None:
            return self._smooth + sum(times for _, _, times, _ in self._strict)
        names = {a.name for a in p.walk() if a.kind == "var"}
        made_of = frozenset().union(*({m} | below for m, _, _, below in self._strict if m in names))
        return self._smooth + sum(times for m, _, times, _ in self._strict if m in made_of)

    def outer(self, value: Poly | None) -> frozenset[str]:
        """The variables being differentiated by that the value is made of; all, if it is not known."""
        if value is None:
            return frozenset(m for m, _, _, _ in self._strict)
        names = {a.name for a in value.walk() if a.kind == "var"}
        return frozenset().union(*({m} | below for m, _, _, below in self._strict if m in names))

    @contextmanager
    def under(self, *indices: Index) -> Iterator[None]:
        self._over.extend(indices)
        try:
            yield
        finally:
            del self._over[len(self._over) - len(indices) :]

    @contextmanager
    def guarded(self, *guards: Poly) -> Iterator[None]:
        """Where a guard is 0, what is read need have no value: cases, j ≠ k, a sum's first terms."""
        kept, self.guards = self.guards, [*self.guards, *(g for g in guards if g.constant is None)]
        try:
            yield
        finally:
            self.guards = kept

    def need(self, relation: str, p: Poly, aside: bool = False) -> None:
        if relation == "≥" and self.varies(p):
            relation = ">"
        p = essence(p) if relation != "≥" else p
        if relation != "≥" and (inside := _modulus(p)) is not None:  # |P| ≠ 0 and |P| > 0 say that P ≠ 0
            relation, p = "≠", inside
        varying = p.free.union(*(g.free for g in self.guards))
        over = tuple(i for i in self._over if i in varying)
        self.found.append(Condition(relation, p, over, tuple(dict.fromkeys(self.guards)), aside))

    def smooth(self, n: Normalizer, p: Poly, made_of: Sequence[Poly] = ()) -> None:
        """|p| has a slope where p ≠ 0, or where p does not change with the entry that is differentiated by.

        A difference of what changes is taken to change, whatever cancels.
        """
        if not self.varies(p) and not any(q and self.varies(q) for q in made_of):
            return
        only = self._strict[0] if len(self._strict) == 1 and not self._smooth else None
        found = places(p, only[0], only[1], self._over) if only is not None and only[1] and p else None
        if found is None:
            self.need("≠", p)
            return
        for names, equal in found:
            guards = [n.rename(g, names) for g in self.guards] + [n.delta(i, j) for i, j in equal]
            kept, self.guards = self.guards, [g for g in guards if g.constant is None or not g]
            try:
                self.need("≠", n.rename(p, names))
            finally:
                self.guards = kept

    def invertible(self, p: Poly, marker: str) -> None:
        """(det M)′ = det M tr(M⁻¹M′) holds where M is invertible; elsewhere the slope is another one."""
        for a in sorted({a for a in p.walk() if a.kind == "det"}):
            if any(b.kind == "var" and b.name == marker for b in a.args[0].walk()):
                if any(i.name.startswith("#") for i in a.free):
                    raise Unsupported("the derivative of the determinants of a sum's matrices")
                self.need("≠", atom_poly(a), aside=True)

    def varies(self, p: Poly) -> bool:
        """May p change with a variable that is differentiated by?  (As written it may where it is 0: x − x.)"""
        if self._smooth:
            return True
        names = {marker for marker, _, _, _ in self._strict}
        return bool(self._strict) and (not p or any(a.kind == "var" and a.name in names for a in p.walk()))

    @contextmanager
    def differentiating(
        self, marker: str, outer: frozenset[str], slot: At | None = None, times: int = 1
    ) -> Iterator[None]:
        self._strict.append((marker, slot, times, outer))
        try:
            yield
        finally:
            self._strict.pop()

    def change(self, first: int, change: Callable[[Poly], Poly]) -> None:
        """Those found from number `first` on, with their polynomials changed in one way; what comes in may hold
        indices that are bound around it."""
        self.found[first:] = [self._under(c.moved(change)) for c in self.found[first:]]

    def _under(self, c: Condition) -> Condition:
        varying = c.poly.free.union(*(g.free for g in c.guard))
        return replace(c, over=tuple(dict.fromkeys((*c.over, *(i for i in self._over if i in varying)))))


def _modulus(p: Poly) -> Poly | None:
    """P where p is |P|."""
    single = p.single
    if single is None or len(single[0]) != 1:
        return None
    ((a, e),) = single[0]
    return a.args[0] if a.kind == "fn" and a.name == "abs" and not a.order and e == 1 else None


def essence(p: Poly) -> Poly:
    """A simpler polynomial of the same sign where p is defined: eᵐ p ~ p, c a⁻¹ ~ ±a."""
    shared = [{a: e for a, e in m if a.kind == "exp"} for m in p.terms]
    for a in set.intersection(*(set(s) for s in shared)) if shared else ():
        powers = [s[a] for s in shared]
        least = min(powers) if min(powers) > 0 else max(powers) if max(powers) < 0 else 0
        p = Poly({mono({**dict(m), a: dict(m)[a] - least}): c for m, c in p.terms.items()})
    if p.single is not None:
        m, c = p.single
        if len(m) == 1 and isinstance(m[0][1], int) and m[0][1] % 2:
            a = m[0][0]
            return (a.args[0] if a.kind == "base" else atom_poly(a)).scale(1 if c > 0 else -1)
    return p
