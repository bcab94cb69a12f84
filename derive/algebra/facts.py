"""Hypotheses in the shape that the normaliser uses, and a record of those that were used."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import lru_cache
from itertools import permutations

from derive.algebra.atoms import Poly, Rational
from derive.algebra.patterns import Pattern, Rename
from derive.context import REAL, Domain
from derive.terms import Index, IndexLike


@dataclass(frozen=True)
class Rule:
    """Σ pattern = result, an oriented equation; `labels` are the hypotheses that it rests on."""

    pattern: Pattern
    result: Poly
    labels: frozenset[str]


@dataclass(frozen=True)
class Known:
    """`poly` (relation) 0 for every value of the `free` indices; relation is one of > ≥ ≠.

    `labels` are the hypotheses that it rests on.
    """

    poly: Poly
    relation: str
    free: tuple[Index, ...]
    labels: frozenset[str] = frozenset()


@dataclass
class Facts:
    """What may be used.  `used` collects the labels of what was.

    `domains` are by variable; `symmetric` names arrays that equal themselves with two axes swapped, and `skew`
    those that equal minus that;
    `known` are signs; `rules` are equations; `least` are the least values of sizes, where not 1; `cut` counts
    how often a fact was left out because a question about it was open.
    """

    domains: Mapping[str, Domain] = field(default_factory=dict)
    labels: Mapping[str, frozenset[str]] = field(default_factory=dict)
    known: list[Known] = field(default_factory=list)
    rules: list[Rule] = field(default_factory=list)
    symmetric: dict[str, frozenset[str]] = field(default_factory=dict)
    skew: dict[str, frozenset[str]] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)
    _busy: set[int] = field(default_factory=set)
    least: Mapping[str, int] = field(default_factory=dict)
    cut: int = 0

    def copy(self) -> Facts:
        """The same facts, with a record of their use of its own."""
        return replace(self, known=[*self.known], rules=[*self.rules], symmetric={**self.symmetric},
                       skew={**self.skew}, used=set(), _busy=set())  # fmt: skip

    def domain(self, name: str) -> Domain:
        found = self.domains.get(name, REAL)
        if found is not REAL:
            self.used |= self.labels.get(name, frozenset((name,)))
        return found

    def two_values(self, name: str) -> tuple[Rational, Rational] | None:
        found = self.domains.get(name)
        if found is None or found.values is None or len(found.values) != 2:
            return None
        self.used |= self.labels.get(name, frozenset((name,)))
        low, high = sorted(found.values)
        return low, high

    def is_symmetric(self, name: str) -> bool:
        labels = self.symmetric.get(name)
        self.used |= labels or set()
        return labels is not None

    def lookup(self, poly: Poly, rename: Rename) -> Iterable[tuple[str, Rational]]:
        """(relation, c) for every known fact `k (relation) 0` with poly = c·k."""
        for fact in self.known:
            if len(fact.poly) != len(poly) or _outline(fact.poly) != _outline(poly):
                continue
            if id(fact) in self._busy:
                self.cut += 1
                continue
            for names in _maps(fact.free, poly):
                self._busy.add(id(fact))  # renaming may ask for signs, and so for this fact again
                try:
                    candidate = rename(fact.poly, names) if names else fact.poly
                finally:
                    self._busy.discard(id(fact))
                ratio = proportion(poly, candidate)
                if ratio is not None:
                    self.used |= fact.labels
                    yield fact.relation, ratio


@lru_cache(maxsize=50_000)
def _outline(p: Poly) -> tuple[tuple[str, ...], ...]:
    """What renaming indices does not change: equal outlines are worth a look."""
    return tuple(sorted(tuple(sorted(f"{a.kind}:{a.name}^{e}" for a, e in m)) for m in p.terms))


def _maps(free: tuple[Index, ...], poly: Poly) -> Iterable[dict[Index, IndexLike]]:
    if not free:
        yield {}
        return
    pool = sorted(poly.free)
    for images in permutations(pool, len(free)):
        if all(f.size == i.size for f, i in zip(free, images)):
            yield dict(zip(free, images))


def proportion(left: Poly, right: Poly) -> Rational | None:
    """c with left = c·right, or None."""
    if len(left) != len(right) or not left:
        return None
    m, c = next(iter(left.terms.items()))
    d = right.terms.get(m)
    if d is None:
        return None
    ratio = Fraction(c) / Fraction(d)
    return ratio if left == right.scale(ratio) else None
