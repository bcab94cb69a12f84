"""Which sizes a claim has, and in which order they are tried."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import product

from derive.context import Context
from derive.terms import Index, Size, Term

#: at most so many size vectors of each kind
_MOST = 40


def sizes_in(terms: Iterable[Term]) -> set[Size]:
    """Every size that the nodes of the terms mention."""
    found: set[Size] = set()
    for t in terms:
        for node in t.walk():
            for value in vars(node).values():
                for item in value if isinstance(value, tuple) else (value,):
                    if isinstance(item, Size):
                        found.add(item)
                    elif isinstance(item, Index):
                        found.add(item.size)
    return found


class SizeChoice:
    """The named sizes of a claim with what they must satisfy."""

    def __init__(self, context: Context, terms: Iterable[Term], variables: Iterable[str]) -> None:
        used = sizes_in(terms)
        for name in variables:
            used.update(context.declarations[name].shape)
        self.used = sorted(used)
        self.names = sorted({n for s in used for n in s.names})
        self.least = {s: least for s, least in context.least.items() if set(s.names) <= set(self.names)}

    def allowed(self, sizes: dict[str, int]) -> bool:
        return all(s.value(sizes) >= 1 for s in self.used) and all(
            s.value(sizes) >= least for s, least in self.least.items()
        )

    def ascending(self) -> Iterator[dict[str, int]]:
        """Small sizes first; for few names all up to 3, for many a selection."""
        names = self.names
        top = 3 if len(names) <= 3 else 2
        low = self._lowest()
        vectors = sorted(
            product(range(1, top + 1), repeat=len(names)) if len(names) <= 7 else _selection(len(names)),
            key=lambda v: (sum(v), max(v, default=0), v),
        )
        count = 0
        for vector in vectors:
            sizes = {n: v + low[n] - 1 for n, v in zip(names, vector, strict=True)}
            if self.allowed(sizes):
                count += 1
                yield sizes
            if count >= _MOST:
                break
        if top == 2:
            yield from self.distinct()

    def distinct(self) -> Iterator[dict[str, int]]:
        """Sizes that differ from each other, to tell 1/N from ½ and N from D."""
        low = self._lowest()
        for pattern in ((2, 3), (3, 2), (2, 3, 4), (3, 4, 2, 5)):
            sizes = {n: pattern[k % len(pattern)] + low[n] - 1 for k, n in enumerate(self.names)}
            if self.allowed(sizes):
                yield sizes
            if not self.names:
                return

    def _lowest(self) -> dict[str, int]:
        """For each name the smallest value with which the others can be chosen."""
        low = dict.fromkeys(self.names, 1)
        for _ in range(4):
            for s, least in [*self.least.items(), *((s, 1) for s in self.used)]:
                missing = least - s.value(low)
                growing = [(n, c) for n, c in s.parts if c > 0]
                if missing > 0 and growing:
                    name, count = growing[0]
                    low[name] += -(-missing // count)
        return low


def _selection(count: int) -> list[tuple[int, ...]]:
    ones = [1] * count
    made = [tuple(ones), tuple([2] * count), tuple(1 + k % 2 for k in range(count))]
    for k in range(count):
        made.append(tuple(2 if j == k else 1 for j in range(count)))
    return made
