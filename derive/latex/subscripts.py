"""Which subscripts belong to a name, told by what a text does with their letters: `S_B`, `W_Q`, `\\sigma_f`.

`x_n \\in \\mathbb{R}^D` says the same of every n. Where n is an index of nothing else, what holds for every n holds
for one array x_n and the other way round: then the subscript is part of a name.
"""

from __future__ import annotations

from derive.latex.errors import ReadError
from derive.latex.families import bound_letters
from derive.latex.layout import Formula
from derive.latex.naming import index_nodes, split_scripts
from derive.latex.syntax import Cases, Node, Number, Scripted, Symbol, children

Pair = tuple[str, str]  # a letter and its subscript
_CONDITIONS = {"<", ">", "≤", "≥", "≠"}


class Subscripts:
    """What the formulas under one heading do with the letters of subscripts."""

    def __init__(self) -> None:
        self.declared: set[Pair] = set()
        self.used: set[Pair] = set()
        #: the subscripts that definitions introduce, with those of the same letter in their bodies
        self.defined: list[tuple[Pair, set[Pair]]] = []
        self.bare: set[str] = set()
        self.indices: set[str] = set()

    def add(self, formulas: list[Formula], nodes: dict[int, list[Node | ReadError]], inline: bool) -> None:
        """The formulas of one piece of mathematics; in the text they may be declarations."""
        before: list[Node] = []
        for number, formula in enumerate(formulas):
            sides = [n for n in nodes[number] if isinstance(n, Node)]
            names = [*before, *sides[:1]]
            before = [] if formula.relations else names
            if inline and formula.ops and (formula.ops == ["∈"] or _CONDITIONS.issuperset(formula.ops)):
                self.declared |= {pair for node in [*names, *sides[1:]] if (pair := _pair(node)) is not None}
            if "≠" in formula.ops:  # i ≠ j
                self.indices |= {n.base for n in sides if isinstance(n, Symbol)}
            own = _pair(sides[0]) if sides and ":=" in formula.ops else None
            if own is not None:
                self.defined.append((own, {p for p in _uses(sides[1:]) if p[1] == own[1]}))
            for side in sides:
                self._walk(side)

    def names(self) -> frozenset[Pair]:
        """The declared names whose letter is an index nowhere."""
        # (`u_k := θ_kᵀx` and `u` elsewhere: u is a vector, and k its index)
        defined = {own for own, body in self.defined if body <= self.declared and own[0] not in self.bare}
        known = self.declared | defined
        other = {letter for base, letter in self.used if (base, letter) not in known} | self.indices
        mixed = {base for base, letter in self.used if letter in other} | self.bare
        return frozenset(p for p in self.declared if p[1] not in other and p[0] not in mixed)

    def _walk(self, side: Node) -> None:
        self.indices |= bound_letters(side)
        self.used |= _uses([side])
        stack = [side]
        while stack:
            node = stack.pop()
            if isinstance(node, Cases):
                self.indices |= {s.base for _, c in node.rows for s in (c.left, c.right) if isinstance(s, Symbol)}
            if isinstance(node, Symbol):
                self.bare.add(node.base)
            below = children(node)
            if isinstance(node, Scripted):
                symbol, sub, label, _, _ = split_scripts(node)
                if label is not None and label.letter:
                    self.indices.add(label.letter)
                if len(index_nodes(sub)) > 1:
                    self.indices |= {n.base for n in index_nodes(sub) if isinstance(n, Symbol)}
                below = [c for c in below if c not in sub and not (sub and c is symbol)]
            stack.extend(below)


def _pair(node: Node) -> Pair | None:
    """`S_B` → ("S", "B"); None for what is no letter with one letter or number as subscript."""
    symbol, sub, _, _, _ = split_scripts(node)
    parts = index_nodes(sub)
    if symbol is None or len(parts) != 1 or sub[0].op:
        return None
    only = parts[0]
    text = only.base if isinstance(only, Symbol) else only.text if isinstance(only, Number) else ""
    return (symbol.base, text) if text else None


def _uses(nodes: list[Node]) -> set[Pair]:
    found: set[Pair] = set()
    stack = list(nodes)
    while stack:
        node = stack.pop()
        pair = _pair(node) if isinstance(node, Scripted) else None
        if pair is not None:
            found.add(pair)
        stack.extend(children(node))
    return found


__all__ = ["Pair", "Subscripts"]
