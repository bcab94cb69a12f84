"""Which inline formulas are declarations, and what they declare."""

from __future__ import annotations

from derive.latex import declare as declaring
from derive.latex.errors import ReadError
from derive.latex.layout import Formula
from derive.latex.scope import Scope
from derive.latex.sets import NATURALS, REALS, number
from derive.latex.syntax import Node, Scripted, Symbol


def declares(
    scope: Scope, formula: Formula, sides: list[Node | ReadError], before: list[Node | ReadError], text: str
) -> bool:
    """Declares if the formula is a declaration; `before` are the names in front of a comma."""
    ops = formula.ops
    names = [n for n in [*before, sides[0]] if isinstance(n, Node)]
    simple = len(names) == len(before) + 1 and all(_is_name(n) for n in names)
    right = sides[1]
    if ops == ["∈"] and simple:
        if declaring.condition(scope, names, right, formula.sides[1], text):
            return True
        if not any(t.is_("\\mathbb", "\\R", "\\mathbf", "\\mathds") for t in formula.sides[1][:1]):
            return False
        if isinstance(right, ReadError):
            raise right
        declaring.declare_names(scope, names, right)
        return True
    if ops == [":", "→"] and simple:
        for side in sides[1:]:
            if isinstance(side, ReadError):
                raise side
        a, b = sides[1], sides[2]
        assert isinstance(a, Node) and isinstance(b, Node)
        if not any(isinstance(s, Node) and _head(s) in (REALS, NATURALS) for s in (a, b)):
            return False
        declaring.declare_functions(scope, names, a, b)
        return True
    if ops == ["∼"] and simple and isinstance(right, Node):
        declared = [declaring.declare_normal(scope, n, right) for n in names]
        return all(declared)
    return _bounds(scope, formula, sides, names, len(before), text)


def _bounds(
    scope: Scope, formula: Formula, sides: list[Node | ReadError], names: list[Node], extra: int, text: str
) -> bool:
    """`\\sigma > 0`, `0 < y < 1`: a name between numbers."""
    if not all(op in declaring.MIRRORED for op in formula.ops) or len(sides) > 3:
        return False
    nodes = [s for s in sides if isinstance(s, Node)]
    if len(nodes) != len(sides):
        return False
    values = [number(n) for n in nodes]
    at = [k for k, v in enumerate(values) if v is None]
    if len(at) != 1 or not _is_name(nodes[at[0]]) or (len(nodes) == 3 and at[0] != 1):
        return False
    targets = [n for n in (names[:extra] if at[0] == 0 else []) if _is_name(n)] + [nodes[at[0]]]
    domains = []
    for k, op in enumerate(formula.ops):
        value = values[k + 1] if k >= at[0] else values[k]
        assert value is not None
        domain = declaring.bound(op if k >= at[0] else declaring.MIRRORED[op], value)
        if domain is None:
            return False
        domains.append(domain)
    for target in targets:
        for domain in domains:
            declaring.restrict(scope, target, domain, text)
    return True


def _is_name(node: Node) -> bool:
    return isinstance(node, Symbol) or (
        isinstance(node, Scripted)
        and isinstance(node.base, Symbol)
        and all(s.power is None and not s.transpose for s in node.sup)
    )


def _head(node: Node) -> str:
    base = node.base if isinstance(node, Scripted) else node
    return base.base if isinstance(base, Symbol) else ""


__all__ = ["declares"]
