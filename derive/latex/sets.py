"""Sets on the right of `\\in`: sizes, shapes, intervals and finite sets."""

from __future__ import annotations

from fractions import Fraction

from derive.context import Domain
from derive.latex.elaborate import size_key
from derive.latex.errors import ReadError
from derive.latex.parser import parse
from derive.latex.scope import Scope
from derive.latex.syntax import (
    Bracket,
    Juxtaposed,
    Negative,
    Node,
    Number,
    Product,
    Scripted,
    Sums,
    Symbol,
)  # fmt: skip
from derive.latex.syntax import (
    Fraction as Frac,
)
from derive.latex.tokens import Token
from derive.terms import ONE_SIZE, Shape, Size, reduced

REALS, NATURALS = "ℝ", "ℕ"


def size_expression(scope: Scope, node: Node, announce: bool = True) -> Size:
    """`N`, `D + 1`, `2N`, `3`, `N_B`; a name that is new becomes a size."""
    if isinstance(node, Bracket) and len(node.parts) == 1:
        return size_expression(scope, node.parts[0], announce)
    if isinstance(node, Number) and node.text.isdigit() and 0 < int(node.text) < 10**6:
        return Size(int(node.text))
    if isinstance(node, Sums):
        total = Size(0)
        for sign, term in node.terms:
            part = size_expression(scope, term, announce)
            if sign < 0:
                raise ReadError("D128", node.start, node.end)
            total = total + part
        return total
    if isinstance(node, Juxtaposed) and len(node.items) == 2 and isinstance(node.items[0], Number):
        part = size_expression(scope, node.items[1], announce)
        count = size_expression(scope, node.items[0], announce).const
        return Size(part.const * count, tuple((n, c * count) for n, c in part.parts))
    key = size_key(node)
    if not key:
        raise ReadError("D128", node.start, node.end)
    if key in scope.meanings and key not in scope.sizes:
        raise ReadError("D148", node.start, node.end, name=key)
    if announce:
        scope.sizes.add(key)
    elif key not in scope.sizes:
        raise ReadError("D128", node.start, node.end)
    return Size.named(key)


def shape(scope: Scope, node: Node) -> tuple[str, Shape]:
    """`\\mathbb{R}^{N \\times D}` → ("ℝ", (N, D)); `\\mathbb{N}` → ("ℕ", ())."""
    if isinstance(node, Symbol) and node.base in (REALS, NATURALS):
        return node.base, ()
    if isinstance(node, Scripted) and isinstance(node.base, Symbol) and node.base.base == REALS:
        return REALS, exponent(scope, node)
    raise ReadError("D128", node.start, node.end)


def exponent(scope: Scope, node: Scripted) -> Shape:
    """The shape that stands above a set: `^N`, `^{N \\times D}`."""
    if not node.sub and len(node.sup) == 1:
        sup = node.sup[0]
        power = sup.power
        if sup.transpose == "T":
            power = Symbol(sup.start, sup.end, "T")
        if sup.label is not None and sup.label.text and not sup.primes:
            raise ReadError("D128", node.start, node.end)
        if power is None:
            raise ReadError("D128", node.start, node.end)
        sides = [power]
        if isinstance(power, Product):
            if any(op != "·" for op, _ in power.rest):
                raise ReadError("D128", node.start, node.end)
            sides = [power.first, *(item for _, item in power.rest)]
        sizes = tuple(size_expression(scope, side) for side in sides)
        if len(sizes) > 2:
            raise ReadError("D128", node.start, node.end)
        if len(sizes) == 1:
            return () if sizes[0] == ONE_SIZE else sizes
        return reduced((sizes[0], sizes[1]))
    raise ReadError("D128", node.start, node.end)


def number(node: Node) -> Fraction | None:
    """A literal number: `-1`, `0.5`, `\\frac12`, `1/2`."""
    if isinstance(node, Number):
        return Fraction(node.text if node.text[0] != "." else "0" + node.text)
    if isinstance(node, Negative):
        inner = number(node.body)
        return None if inner is None else -inner
    pair: tuple[Node, Node] | None = None
    if isinstance(node, Frac):
        pair = node.over, node.under
    if isinstance(node, Product) and len(node.rest) == 1 and node.rest[0][0] == "/":
        pair = node.first, node.rest[0][1]
    if pair is not None:
        over, under = number(pair[0]), number(pair[1])
        return over / under if over is not None and under else None
    return None


def domain(tokens: list[Token]) -> Domain | None:
    """`(0, 1)`, `[0, 1]`, `\\{0, 1\\}`; None where the set is something else."""
    if len(tokens) < 3:
        return None
    opening, closing = tokens[0].text, tokens[-1].text
    inner = tokens[1:-1]
    parts: list[list[Token]] = [[]]
    for token in inner:
        if token.is_(","):
            parts.append([])
        else:
            parts[-1].append(token)
    if opening in ("\\{", "\\lbrace") and closing in ("\\}", "\\rbrace"):
        values = [_literal(part) for part in parts]
        if any(v is None for v in values):
            return None
        return Domain(values=tuple(sorted({v for v in values if v is not None})))
    if opening in ("(", "[") and closing in (")", "]") and len(parts) == 2:
        low, high = (_end(part) for part in parts)
        if low is False or high is False:
            return None
        return Domain(
            low if not isinstance(low, bool) else None,
            high if not isinstance(high, bool) else None,
            opening == "(",
            closing == ")",
        )
    return None


def _end(part: list[Token]) -> Fraction | bool:
    """The end of an interval; True for ±∞, False for what is none."""
    if [t.text for t in part if not t.is_("+", "-")] == ["\\infty"]:
        return True
    found = _literal(part)
    return found if found is not None else False


def _literal(part: list[Token]) -> Fraction | None:
    try:
        return number(parse(part, 0, 0)) if part else None
    except ReadError:
        return None


__all__ = ["NATURALS", "REALS", "domain", "number", "shape", "size_expression"]
