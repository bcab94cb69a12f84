"""Which name is meant: labels, primes and subscripts that belong to a name, families, constants."""

from __future__ import annotations

from dataclasses import dataclass, replace

from derive.latex.elaborate import Elaborator, identity, rule, size_key
from derive.latex.errors import ReadError
from derive.latex.instead import label_meant
from derive.latex.names import subscript_text
from derive.latex.scope import Meaning
from derive.latex.sets import size_expression
from derive.latex.syntax import (
    Bracket,
    Juxtaposed,
    Label,
    Negative,
    Node,
    Number,
    Ones,
    Scripted,
    SubPart,
    Superscript,
    Symbol,
    Zeros,
    children,
)  # fmt: skip
from derive.names import compose, latex_of
from derive.terms import (
    ONE,
    ZERO,
    Const,
    Eye,
    Full,
    Index,
    Size,
    SizeTerm,
    Term,
    shape_text,
)  # fmt: skip


@dataclass
class Named:
    """A name with the scripts that are not part of it."""

    meaning: Meaning
    label: Label | None
    primes: int
    sub: tuple[SubPart, ...]
    rest: tuple[Superscript, ...]  # transposes and powers
    node: Node


def split_scripts(node: Node) -> tuple[Symbol | None, tuple[SubPart, ...], Label | None, int, tuple[Superscript, ...]]:
    """(letter, subscript, label, primes, other superscripts) of a possible name."""
    if isinstance(node, Symbol):
        return node, (), None, 0, ()
    if not isinstance(node, Scripted) or not isinstance(node.base, Symbol):
        return None, (), None, 0, ()
    label: Label | None = None
    primes = 0
    rest: list[Superscript] = []
    for sup in node.sup:
        label = sup.label or label
        primes += sup.primes
        if sup.transpose or sup.power is not None:
            rest.append(replace(sup, label=None, primes=0))
    return node.base, node.sub, label, primes, tuple(rest)


def find_name(e: Elaborator, node: Node) -> Named | None:
    """The declared or defined name that `node` is, or None."""
    symbol, sub, label, primes, rest = split_scripts(node)
    if symbol is None:
        return None
    scope, base, style = e.scope, symbol.base, symbol.style
    text = label.text if label else ""
    for own, left_sub in ((compose(base, primes, subscript_text(sub), text), ()), (base, sub)):
        if own in e.locals and not (label and left_sub):
            var, left = e.locals[own], primes if left_sub or own == base else 0
            return Named(Meaning("variable", var.name, var.shape), None, left, left_sub, rest, node)
    if not (sub or label or primes) and scope.means_size(base, style):
        return None
    for own, left_sub in ((compose(base, 0, subscript_text(sub)), ()), (base, sub)):
        family = scope.find(own + "^()", style)
        if label and family is not None and (label.letter or label.number):
            return Named(scope.settled(family), label, primes, left_sub, rest, node)
    tries = [(compose(base, p, s, text), primes - p, () if s else sub)
             for s in dict.fromkeys((subscript_text(sub), "")) for p in dict.fromkeys((primes, 0))]  # fmt: skip
    for key, left, remaining in tries:
        if scope.ambiguous(key, style):
            raise ReadError("D143", node.start, node.end, name=key)
        found = scope.find(key, style)
        if found is not None:
            return Named(scope.settled(found), None, left, remaining, rest, node)
    return None


def value(e: Elaborator, named: Named) -> Term:
    """The value of a name with its indices (not of a function without argument)."""
    meaning, node = named.meaning, named.node
    if meaning.kind == "unknown" or meaning.local:
        raise ReadError("D144", node.start, node.end, name=compose_name(node))
    if named.primes:
        raise ReadError("D153", node.start, node.end)
    indices = label_index(e, named)
    extra = index_list(e, named.sub)
    axes = len(meaning.shape) - meaning.labels
    check_axes(e, len(extra), axes, meaning.rows, named)
    if not indices and not extra:
        return meaning.var
    if extra and len(extra) == axes == 2 and any(s.transpose or _inverts(s) for s in named.rest):
        raise ReadError("D196", node.start, node.end)
    return e.entry(meaning.var, indices + extra, node)


def label_index(e: Elaborator, named: Named) -> list[tuple[Index | int, Node]]:
    """The index that a family's label is; [] for a name that is none."""
    if not named.meaning.labels:
        return []
    label, node = named.label, named.node
    if label is None:
        raise ReadError("D169", node.start, node.end, label="", name=compose_name(node))
    letter = bool(label.letter)
    place: Node = (Symbol if letter else Number)(label.start, label.end, label.letter if letter else label.text)
    return [(e.index(place), place)]


def _inverts(sup: Superscript) -> bool:
    """`^{-1}`; of an entry with two indices it could be meant of the matrix (which has no power -6)."""
    body = sup.power.body if isinstance(sup.power, Negative) else None
    return body is not None and (not isinstance(body, Number) or body.text == "1")


def check_axes(e: Elaborator, found: int, axes: int, rows: int, named: Named) -> None:
    node, shape = named.node, shape_text(named.meaning.shape[named.meaning.labels :])
    name = compose_name(node)
    if found == 0 and not rows:
        return
    if found == axes or (rows and found == rows):
        return
    if axes == 0:
        raise ReadError("D162", node.start, node.end, name=name)
    if axes == 2 and found == 1:
        index = subscript_text(named.sub) or "1"
        raise ReadError("D161", node.start, node.end, name=name, index=index, latex=latex_of(name))
    raise ReadError("D163", node.start, node.end, found=found, shape=shape)


def compose_name(node: Node) -> str:
    symbol, _, label, primes, _ = split_scripts(node)
    return compose(symbol.base, primes, "", label.text if label else "") if symbol else "…"


def index_list(e: Elaborator, sub: tuple[SubPart, ...]) -> list[tuple[Index | int, Node]]:
    """`nd`, `n,d`, `1,2` → indices."""
    nodes: list[Node] = []
    for part in sub:
        if part.op:
            raise ReadError("D172", part.start, part.end)
        inner = part.left
        if isinstance(inner, Bracket) and inner.kind == "{" and inner.parts:
            inner = inner.parts[0]
        nodes.extend(inner.items if isinstance(inner, Juxtaposed) else (inner,))
    return [(e.index(n), n) for n in nodes]


def undeclared(e: Elaborator, node: Node, shape: str = "\\mathbb{R}") -> ReadError:
    symbol, sub, label, primes, rest = split_scripts(node)
    if symbol is None:
        return ReadError("D104", node.start, node.end, found="…")
    name = compose(symbol.base, primes, "", label.text if label else "")
    if label and e.scope.find(symbol.base, symbol.style) is not None:
        return ReadError("D142", node.start, node.end, name=name)
    if e.is_bound(symbol.base) or symbol.base in e.free:
        return ReadError("D165", node.start, node.end, index=symbol.base)
    if not label and (meant := label_meant(e.scope, rest)):
        return ReadError("D146", node.start, node.end, name=name, latex=latex_of(name), label=meant)
    if sub:
        shape = "\\mathbb{R}^{N}" if len(index_nodes(sub)) == 1 else "\\mathbb{R}^{N \\times D}"
    return ReadError("D140", symbol.start, symbol.end, name=name, latex=latex_of(name), set=shape)


def index_nodes(sub: tuple[SubPart, ...]) -> list[Node]:
    found: list[Node] = []
    for part in sub:
        found.extend(part.left.items if isinstance(part.left, Juxtaposed) else (part.left,))
    return found


def constant(e: Elaborator, node: Node) -> Term | None:
    """What a name means that is not declared: a size, `e`, `\\pi`, `I`, Kronecker's δ."""
    symbol, sub, label, primes, _ = split_scripts(node)
    if symbol is None or label or primes:
        return None
    base = symbol.base
    if e.is_bound(base) and not sub:
        raise ReadError("D165", node.start, node.end, index=base)
    size = e.size_of(Scripted(node.start, node.end, symbol, sub) if sub else symbol)
    if size is not None:
        if base == "I":
            raise ReadError("D152", node.start, node.end)
        return SizeTerm(size)
    if base == "δ" and len(index_nodes(sub)) == 2:
        return e.delta(*index_nodes(sub))
    if base == "I" and sub:
        found = shape_of_sizes(e, sub)
        if len(found) == 1:
            return Eye(found[0])
        nodes = index_nodes(sub)
        if len(nodes) == 2:
            return e.delta(*nodes)
    if sub:
        return None
    if base == "I":
        return identity(e, node)
    return Const({"π": "pi", "e": "e"}[base]) if base in ("π", "e") else None


def shape_of_sizes(e: Elaborator, sub: tuple[SubPart, ...]) -> list[Size]:
    """A subscript that is one size, as in `I_D`, `\\mathbf{1}_{N}`; [] if it is none."""
    if len(sub) != 1 or sub[0].op:
        return []
    left = sub[0].left
    if isinstance(left, Juxtaposed):
        return []
    try:
        return [size_expression(e.scope, left, announce=False)]
    except ReadError:
        key = size_key(left)
        if key in e.scope.coming and key not in e.scope.meanings and not e.is_bound(key):
            raise undeclared(e, left) from None  # a size that a shape tells only later
        return []


@rule(Symbol)
def _symbol(e: Elaborator, node: Symbol) -> Term:
    return name_value(e, node)


def name_value(e: Elaborator, node: Node) -> Term:
    """The value of a name or constant, without its transposes and powers."""
    symbol = split_scripts(node)[0]
    named = find_name(e, node)
    if symbol is not None and not node_sub(node) and e.is_bound(symbol.base) and (named is None or not named.label):
        raise ReadError("D165", node.start, node.end, index=symbol.base)
    if named is not None:
        return value(e, named)
    found = constant(e, node)
    if found is None:
        raise undeclared(e, node)
    return found


def node_sub(node: Node) -> tuple[SubPart, ...]:
    return node.sub if isinstance(node, Scripted) else ()


@rule(Ones)
def _ones(e: Elaborator, node: Ones) -> Term:
    raise ReadError("D192", node.start, node.end)


def filled(e: Elaborator, node: Scripted) -> Term | None:
    """`\\mathbf{1}_N`, `\\mathbf{0}_N`."""
    if not isinstance(node.base, (Ones, Zeros)) or not node.sub:
        return None
    found = shape_of_sizes(e, node.sub)
    if not found:
        raise ReadError("D192" if isinstance(node.base, Ones) else "D190", node.start, node.end)
    return Full(ONE if isinstance(node.base, Ones) else ZERO, tuple(found))


def stands_alone(node: Node, base: str) -> bool:
    """Does the letter stand somewhere without a label?"""
    symbol, _, label, _, _ = split_scripts(node)
    if symbol is not None and symbol.base == base:
        return label is None
    return any(stands_alone(child, base) for child in children(node))


__all__ = ["Named", "find_name", "name_value", "stands_alone", "undeclared", "value"]
