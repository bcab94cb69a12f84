"""What the formulas under a heading tell of letters before they are read.

Which labels `x^{(i)}` are families: those whose label is bound by a sum, a product or an index; and which
letters are sizes.
"""

from __future__ import annotations

from collections.abc import Iterable

from derive.latex.elaborate import size_key
from derive.latex.naming import split_scripts
from derive.latex.syntax import Big, Node, Number, Scripted, SubPart, Symbol, children
from derive.terms import Size

Uses = list[tuple[str, str, bool, Size | None]]  # base, letter, bound?, range


def label_uses(nodes: Iterable[Node]) -> Uses:
    """All labels of one formula, with the range that binds them."""
    found: Uses = []
    subscripts: set[str] = set()
    stack: list[tuple[Node, dict[str, Size | None]]] = [(n, {}) for n in nodes]
    while stack:
        node, bound = stack.pop()
        if isinstance(node, Big):
            ranges = {p.left.base: _size(node.upper) for p in node.sub if isinstance(p.left, Symbol)}
            stack.append((node.body, {**bound, **ranges}))
            continue
        if isinstance(node, Scripted):
            symbol, sub, label, _, _ = split_scripts(node)
            if symbol is not None and label is not None and label.letter:
                letter = label.letter
                found.append((symbol.base, letter, letter in bound, bound.get(letter)))
            for part in sub:
                subscripts |= _letters(part)
        stack.extend((child, bound) for child in children(node))
    return [(b, letter, yes or letter in subscripts, size) for b, letter, yes, size in found]


def bound_letters(node: Node) -> set[str]:
    """The indices of the sums and products in a formula."""
    found: set[str] = set()
    stack = [node]
    while stack:
        here = stack.pop()
        if isinstance(here, Big):
            found = found.union(*map(_letters, here.sub))
        stack.extend(children(here))
    return found


def _letters(part: SubPart) -> set[str]:
    stack: list[Node] = [part.left]
    found: set[str] = set()
    while stack:
        node = stack.pop()
        if isinstance(node, Symbol):
            found.add(node.base)
        stack.extend(children(node))
    return found


def _size(upper: Node | None) -> Size | None:
    if isinstance(upper, Symbol):
        return Size.named(upper.base)
    if isinstance(upper, Number) and upper.text.isdigit() and 0 < int(upper.text) < 10**6:
        return Size(int(upper.text))
    return None


def sizes_named(nodes: Iterable[Node]) -> set[str]:
    """Names that are a size wherever they stand: ends of ranges, and exponents of ℝ."""
    found: set[str] = set()
    stack = list(nodes)
    while stack:
        node = stack.pop()
        if isinstance(node, Big) and node.upper is not None:
            found |= _names(node.upper)
        if isinstance(node, Scripted) and isinstance(node.base, Symbol) and node.base.base == "ℝ":
            for sup in node.sup:
                found |= {"T"} if sup.transpose == "T" else _names(sup.power) if sup.power else set()
            continue
        stack.extend(children(node))
    return found


def _names(node: Node) -> set[str]:
    found: set[str] = set()
    stack = [node]
    while stack:
        here = stack.pop()
        key = size_key(here)
        if key:
            found.add(key)
        elif not isinstance(here, Scripted):
            stack.extend(children(here))
    return found


def families(formulas: Iterable[Uses]) -> dict[str, Size | None]:
    """base → size of its label axis (None if no range gives it), for the bases that are families.

    Bases that share a letter in one formula are families together.
    """
    leader: dict[str, str] = {}

    def find(base: str) -> str:
        while leader.setdefault(base, base) != base:
            leader[base] = leader[leader[base]]
            base = leader[base]
        return base

    bound: dict[str, set[Size]] = {}
    for uses in formulas:
        first: dict[str, str] = {}
        for base, letter, yes, size in uses:
            leader[find(base)] = find(first.setdefault(letter, base))
            if yes:
                bound.setdefault(base, set()).update({size} if size is not None else set())
    sizes: dict[str, set[Size]] = {}
    for base, found in bound.items():
        sizes.setdefault(find(base), set()).update(found)
    made: dict[str, Size | None] = {}
    for base in list(leader):
        if find(base) in sizes:
            known = sizes[find(base)]
            made[base] = next(iter(known)) if len(known) == 1 else None
    return made
