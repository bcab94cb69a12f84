"""Names that a text introduces after it used them: "h := σ(u), where σ(z) := …"."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass, field

from derive.homework.markdown import Item
from derive.homework.spans import Span
from derive.latex.families import sizes_named
from derive.latex.naming import compose_name
from derive.latex.syntax import Juxtaposed, Node

#: definitions that wait for one another, at most
MOST_WAITING = 30


@dataclass(frozen=True, order=True)
class Place:
    """The formula `number` of the item `item`; `names` are the names in front of its comma."""

    item: int
    number: int
    names: tuple[Node, ...] = field(default=(), compare=False)


@dataclass
class Ahead:
    """Where names are introduced; `done` are the formulas that were read before their turn.

    A name that means nothing yet is looked for behind its use, up to the next heading or the next claim: so
    nothing that was claimed before changes its meaning.
    """

    places: dict[str, list[Place]] = field(default_factory=dict)
    #: for each item the next heading or claim behind it
    ends: list[int] = field(default_factory=list)
    done: set[Place] = field(default_factory=set)
    waiting: list[str] = field(default_factory=list)

    def read(self, name: str, here: Place, make: Callable[[Place], bool], end: int | None = None) -> bool:
        """Reads the first formula behind `here` (and before the item `end`) that introduces the name, by `make`."""
        end = self.ends[here.item] if end is None else min(end, self.ends[here.item])
        if name in self.waiting or len(self.waiting) >= MOST_WAITING:
            return False
        places = self.places.get(name, [])
        for place in places[bisect_right(places, here) :]:
            if place.item >= end:
                break
            if place not in self.done:
                self.waiting.append(name)
                try:
                    found = make(place)
                finally:
                    self.waiting.pop()
                if found:
                    self.done.add(place)
                return found
        return False


def introductions(items: list[Item], spans: dict[int, Span]) -> Ahead:
    """What the formulas of a document may introduce, by name."""
    made = Ahead(ends=[len(items)] * len(items))
    end = len(items)
    for place in range(len(items) - 1, -1, -1):
        made.ends[place] = end
        item, span = items[place], spans.get(id(items[place]))
        claims = span is not None and any(f.relations and ":=" not in f.ops for f in span.formulas)
        if item.kind == "heading" or (item.kind == "display" and claims):
            end = place
    for number, item in enumerate(items):
        span = spans.get(id(item))
        if span is not None:
            _take(made, number, span, item.kind == "inline")
    return made


def _take(made: Ahead, item: int, span: Span, inline: bool) -> None:
    names: list[Node] = []
    for number, formula in enumerate(span.formulas):
        first = span.nodes[number][0]
        here = [first] if isinstance(first, Node) else []
        if not formula.relations:
            names += here
            continue
        if here and (":=" in formula.ops or inline):
            place = Place(item, number, tuple(names))
            for node in (*names, *here):
                head = node.items[0] if isinstance(node, Juxtaposed) else node
                made.places.setdefault(compose_name(head), []).append(place)
            if formula.ops == ["∈"]:  # X ∈ ℝ^{N×D} tells that N and D are sizes
                shapes = [n for n in span.nodes[number][1:] if isinstance(n, Node)]
                for size in sorted(sizes_named(shapes)):
                    made.places.setdefault(size, []).append(place)
        names = []


__all__ = ["Ahead", "Place", "introductions"]
