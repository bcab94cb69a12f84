"""Σ and Π with their ranges, and derivatives."""

from __future__ import annotations

from derive.latex.elaborate import ANY_ZERO, Elaborator, rule
from derive.latex.errors import ReadError
from derive.latex.naming import find_name, name_value
from derive.latex.sets import size_expression
from derive.latex.sizes import unknown
from derive.latex.syntax import (
    Big,
    Fraction,
    Juxtaposed,
    Nabla,
    Node,
    Number,
    Operator,
    Partial,
    Scripted,
    SubPart,
    Superscript,
    Symbol,
)  # fmt: skip
from derive.terms import (
    MINUS_ONE,
    ONE,
    ZERO,
    Add,
    Diff,
    Entry,
    Index,
    Prod,
    Size,
    Sum,
    Term,
    Var,
    mul,
)  # fmt: skip

# -- Σ and Π ---------------------------------------------------------------------------------------


@rule(Big)
def _big(e: Elaborator, node: Big) -> Term:
    upper = _upper(e, node)
    ranges: list[tuple[str, Size, int]] = []
    guards: list[SubPart] = []
    shared = any(p.op == "=" for p in node.sub)
    for part in node.sub:
        letter = part.left
        if not isinstance(letter, Symbol) or letter.style:
            raise ReadError("D160" if not isinstance(letter, Symbol) else "D172", letter.start, letter.end)
        if part.op == "≠":
            guards.append(part)
            if any(name == letter.base for name, _, _ in ranges):
                continue
            if shared:
                raise ReadError("D167", part.start, part.end)
        start = 1
        if part.op == "=":
            first = part.right
            if not isinstance(first, Number) or not first.text.isdigit() or not 0 < int(first.text) < 10**6:
                raise ReadError("D167", part.start, part.end)
            start = int(first.text)
            if upper is None:
                raise ReadError("D167", part.start, part.end)
        size = upper if upper is not None else e.fresh(letter.base, letter)
        ranges.append((letter.base, size, start))
    if len({name for name, _, _ in ranges}) < len(ranges):
        raise ReadError("D172", node.start, node.end)
    for name, size, _ in ranges:
        e.bound.append((name, size))
    try:
        body = e.term(node.body)
        if body == ANY_ZERO:
            body = ZERO
        for guard in guards:
            assert guard.right is not None
            same = e.delta(guard.left, guard.right)
            other = Add((ONE, mul(MINUS_ONE, same)))
            # outside its range a sum has the term 0 and a product the factor 1
            body = mul(other, body) if node.op == "Σ" else Add((same, mul(other, body)))
        solver = e.scope.solver
        for name, size, start in reversed(ranges):
            if unknown(solver.resolve(size)) and not guards and not _mentions(body, name):
                raise ReadError("D164", node.start, node.end, index=name)
            index = Index(name, solver.resolve(size))
            body = solver.settle(body)
            if node.op == "Π" and body.shape:
                raise ReadError("D305", node.start, node.end, operation="Π", shape=e.text(body))
            body = Sum(index, body, start) if node.op == "Σ" else Prod(index, body, start)
    finally:
        del e.bound[len(e.bound) - len(ranges) :]
    return body


def _mentions(body: Term, name: str) -> bool:
    for part in body.walk():
        for value in vars(part).values():
            for item in value if isinstance(value, tuple) else (value,):
                if isinstance(item, Index) and item.name == name:
                    return True
    return False


def _upper(e: Elaborator, node: Big) -> Size | None:
    if node.upper is None:
        return None
    return size_expression(e.scope, node.upper)


# -- derivatives -----------------------------------------------------------------------------------


def _is_d(e: Elaborator, node: Node) -> bool:
    if isinstance(node, Partial):
        return True
    return isinstance(node, Symbol) and node.base == "d"


def _differential(e: Elaborator, node: Node) -> int:
    """The order of ∂ or d at the beginning: ∂² is 2, anything else 0."""
    if _is_d(e, node):
        return 1
    if isinstance(node, Scripted) and not node.sub and _is_d(e, node.base) and len(node.sup) == 1:
        power = node.sup[0].power
        if isinstance(power, Number) and power.text.isdigit() and len(power.text) < 3:
            return int(power.text)
    return 0


def _check_d(e: Elaborator, node: Node) -> None:
    base = node.base if isinstance(node, Scripted) else node
    if isinstance(base, Symbol) and base.style != "roman" and e.scope.find("d", "") is not None:
        raise ReadError("D147", node.start, node.end)


def derivative(e: Elaborator, node: Fraction) -> Term | None:
    """`\\frac{\\partial L}{\\partial w}`, or None where the fraction is a quotient."""
    over, under = node.over, node.under
    if not isinstance(over, Juxtaposed) or not isinstance(under, Juxtaposed):
        return None
    order = _differential(e, over.items[0])
    if not order or not _differential(e, under.items[0]):
        return None
    _check_d(e, over.items[0])
    rest = over.items[1:]
    body = rest[0] if len(rest) == 1 else Juxtaposed(rest[0].start, rest[-1].end, rest)
    return differentiated(e, e.term(body), order, under, node)


@rule(Partial)
def _partial(e: Elaborator, node: Partial) -> Term:
    raise ReadError("D182", node.start, node.end)


@rule(Operator)
def _operator(e: Elaborator, node: Operator) -> Term:
    order = _differential(e, node.over)
    if not order or not isinstance(node.under, Juxtaposed):
        raise ReadError("D182", node.start, node.under.end)
    _check_d(e, node.over)
    return differentiated(e, e.term(node.body), order, node.under, node)


def differentiated(e: Elaborator, body: Term, order: int, under: Juxtaposed, node: Node) -> Term:
    variables: list[Term] = []
    items = list(under.items)
    position = 0
    while position < len(items):
        if _differential(e, items[position]) != 1 or position + 1 >= len(items):
            raise ReadError("D182", under.start, under.end)
        target, times = _target(items[position + 1])
        variables += [variable(e, target)] * times
        position += 2
    if len(variables) != order or order > 2:
        raise ReadError("D182", node.start, node.end)
    for wrt in reversed(variables):
        body = diff(e, body, wrt, node)
    return body


def _target(node: Node) -> tuple[Node, int]:
    """∂w_j² is w_j twice; the transpose in ∂w∂wᵀ is part of the notation."""
    if not isinstance(node, Scripted):
        return node, 1
    times = 1
    kept: list[Superscript] = []
    for sup in node.sup:
        if sup.power is not None and isinstance(sup.power, Number) and sup.power.text == "2":
            times = 2
        elif sup.transpose in ("⊤", "T"):
            if sup.label is not None:
                kept.append(Superscript(sup.start, sup.end, label=sup.label))
        else:
            kept.append(sup)
    if not node.sub and not kept:
        return node.base, times
    return Scripted(node.start, node.end, node.base, node.sub, tuple(kept)), times


def variable(e: Elaborator, node: Node) -> Term:
    """What a derivative is taken by: a name or an entry of one."""
    found = name_value(e, node) if find_name(e, node) is not None or isinstance(node, Symbol) else e.term(node)
    base = found.array if isinstance(found, Entry) else found
    if not isinstance(base, Var) or base.name.endswith("#"):
        raise ReadError("D181", node.start, node.end)
    return found


def diff(e: Elaborator, body: Term, wrt: Term, node: Node) -> Term:
    if body == ANY_ZERO:
        body = ZERO
    solver = e.scope.solver
    body, wrt = solver.settle(body), solver.settle(wrt)
    if body.shape and len(body.shape) + len(wrt.shape) > 2:
        raise ReadError("D309", node.start, node.end, left=e.text(body), right=e.text(wrt))
    return Diff(body, wrt)


@rule(Nabla)
def _nabla(e: Elaborator, node: Nabla) -> Term:
    if len(node.sub) != 1 or node.sub[0].op:
        raise ReadError("D182", node.start, node.end)
    wrt = variable(e, node.sub[0].left)
    order = 1
    if node.order is not None:
        if not isinstance(node.order, Number) or node.order.text != "2":
            raise ReadError("D182", node.order.start, node.order.end)
        order = 2
    body = e.term(node.body)
    if body.shape:
        raise ReadError("D305", node.start, node.end, operation="∇", shape=e.text(body))
    for _ in range(order):
        body = diff(e, body, wrt, node)
    return body
