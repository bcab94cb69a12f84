"""The mathematics of a document in pieces: the formulas of each, with their syntax trees."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from derive.homework.markdown import Item, Source
from derive.latex.errors import Problem, ReadError
from derive.latex.families import Uses, bound_letters, label_uses, sizes_named
from derive.latex.layout import Formula, formulas
from derive.latex.macros import Macros
from derive.latex.naming import split_scripts
from derive.latex.parser import parse
from derive.latex.syntax import Juxtaposed, Node, Optimum
from derive.latex.tokens import Token, tokenize


@dataclass
class Span:
    """One piece of mathematics: its formulas with their trees, or why it cannot be read."""

    item: Item
    formulas: list[Formula] = field(default_factory=list)
    nodes: dict[int, list[Node | ReadError]] = field(default_factory=dict)
    problem: Problem | None = None
    uses: list[Uses] = field(default_factory=list)
    sizes: set[str] = field(default_factory=set)
    #: letters that are declared or defined here, whatever their subscript; letters that a sum or product binds
    named: set[str] = field(default_factory=set)
    bound: set[str] = field(default_factory=set)


def optimised(span: Span) -> list[Node]:
    """The variables of the arg min and arg max in it, in order."""
    nodes = (node for sides in span.nodes.values() for node in sides)
    return [node.sub[0].left for node in nodes if isinstance(node, Optimum) and len(node.sub) == 1]


def _tree(tokens: list[Token], source: Source) -> Node | ReadError:
    try:
        return parse(tokens, 0, len(source.text))
    except ReadError as error:
        return error


def _introduced(span: Span) -> Iterator[str]:
    """The letters of the names that are declared to be real or functions, or defined."""
    names: list[Node | ReadError] = []
    for number, formula in enumerate(span.formulas):
        names.append(span.nodes[number][0])
        if formula.relations:
            real = formula.ops == ["∈"] and formula.sides[1][:1] and formula.sides[1][0].is_("\\mathbb", "\\R")
            if real or ":=" in formula.ops or formula.ops == [":", "→"]:
                yield from (letter for node in names if isinstance(node, Node) and (letter := _letter(node)))
            names = []


def _letter(node: Node) -> str:
    head = node.items[0] if isinstance(node, Juxtaposed) else node
    symbol = split_scripts(head)[0]
    return symbol.base if symbol is not None else ""


def parsed(items: list[Item], macros: Macros) -> list[tuple[Item, Span]]:
    """Every piece of mathematics of a document, with its macros expanded."""
    tokens: list[tuple[Item, list[Token], ReadError | None]] = []
    for item in items:
        if item.kind in ("inline", "display", "macro"):
            try:
                tokens.append((item, macros.collect(tokenize(item.source.text)), None))
            except ReadError as error:
                tokens.append((item, [], error))
    made = []
    for item, words, failure in tokens:
        span = Span(item, problem=failure.problem if failure else None)
        if failure is None and words and item.kind != "macro":
            try:
                span.formulas = formulas(macros.expand(words))
            except ReadError as later:
                span.problem = later.problem
        for k, formula in enumerate(span.formulas):
            span.nodes[k] = [_tree(side, item.source) for side in formula.sides]
            good = [n for n in span.nodes[k] if isinstance(n, Node)]
            span.uses.append(label_uses(good))
            span.sizes |= sizes_named(good)
            span.bound = span.bound.union(*map(bound_letters, good))
        span.named = set(_introduced(span))
        made.append((item, span))
    return made


__all__ = ["Span", "optimised", "parsed"]
