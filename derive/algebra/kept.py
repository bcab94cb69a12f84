"""What a normaliser has made, kept with the hypotheses that it rests on."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import TYPE_CHECKING, TypeVar, cast

if TYPE_CHECKING:
    from derive.algebra.normal import Normalizer

#: so many things are kept
MOST_KEPT = 50_000

_T = TypeVar("_T")


class Kept:
    """Answers by key.  A key holds all that its answer depends on, the free indices with their ranges among it,
    since no atom tells these; what a limit or an open question cut short is not kept."""

    def __init__(self, n: Normalizer) -> None:
        self.n = n
        self._made: dict[Hashable, tuple[object, frozenset[str]]] = {}

    def once(self, key: Hashable, make: Callable[[], _T]) -> _T:
        facts = self.n.facts
        kept = self._made.get(key)
        if kept is not None:
            facts.used |= kept[1]
            return cast(_T, kept[0])
        cut = self.n.signs.cut, facts.cut
        outer, facts.used = facts.used, set()
        try:
            made = make()
        finally:
            used, facts.used = frozenset(facts.used), outer
            outer |= used
        if cut == (self.n.signs.cut, facts.cut):
            if len(self._made) > MOST_KEPT:
                self._made.clear()
            self._made[key] = made, used
        return made


__all__ = ["Kept"]
