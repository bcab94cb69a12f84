"""Sums, products, quotients, brackets, scripts and norms."""

from __future__ import annotations

from dataclasses import replace

from derive.latex.application import apply_next
from derive.latex.calculus import derivative
from derive.latex.elaborate import ANY_ZERO, Elaborator, rule
from derive.latex.errors import ReadError
from derive.latex.names import subscript_text
from derive.latex.naming import constant, filled, find_name, name_value, split_scripts, value
from derive.latex.powers import raised, scripts_on
from derive.latex.syntax import (
    Bars,
    Bracket,
    Fraction,
    Juxtaposed,
    Negative,
    Node,
    Number,
    Product,
    Root,
    Scripted,
    Sums,
    Symbol,
    Word,
    children,
)  # fmt: skip
from derive.terms import (
    MINUS_ONE,
    ONE,
    ZERO,
    Add,
    Fn,
    Full,
    Hadamard,
    MatMul,
    Mul,
    Num,
    Pow,
    SqNorm,
    Term,
    as_matrix,
    div,
    mul,
)  # fmt: skip

# -- sums ------------------------------------------------------------------------------------------


@rule(Sums)
def _sums(e: Elaborator, node: Sums) -> Term:
    parts = [(sign, item, e.term(item)) for sign, item in node.terms]
    arrays = [t for _, _, t in parts if t.shape]
    made: list[Term] = []
    big = arrays[0] if arrays else None
    for _, item, t in parts:
        if big is not None and t.shape:
            big, _ = e.same_shape(big, t, item, "a sum")
    for sign, item, t in parts:
        if big is not None:
            t = e.scope.solver.settle(t) if t.shape else _spread(e, t, big, item)
        elif t == ANY_ZERO:
            t = ZERO
        made.append(t if sign > 0 else negated(t))
    return Add(tuple(made))


def _spread(e: Elaborator, scalar: Term, big: Term, node: Node) -> Term:
    """A number or a scalar name, added to every entry."""
    shape = e.shape(big)
    if scalar == ANY_ZERO:
        return Full(ZERO, shape)
    if len(shape) == 2 and shape[0] == shape[1]:
        raise ReadError("D303", node.start, node.end, shape=e.text(big))
    if not _plain_scalar(e, node):
        raise ReadError("D304", node.start, node.end, shape=e.text(big))
    return Full(scalar, shape)


def _plain_scalar(e: Elaborator, node: Node) -> bool:
    """A number or a name, `\\beta_0` too (no entry, no product of names)."""
    if isinstance(node, (Number, Symbol)):
        return True
    if isinstance(node, Bracket) and len(node.parts) == 1:
        return _plain_scalar(e, node.parts[0])
    if isinstance(node, Negative):
        return _plain_scalar(e, node.body)
    if isinstance(node, Scripted):
        named = find_name(e, node)
        return named is not None and not (named.sub or named.rest or named.primes or named.label)
    return _constant(node)


def _constant(node: Node) -> bool:
    if isinstance(node, Number):
        return True
    below = children(node)
    return bool(below) and isinstance(node, (Fraction, Product, Juxtaposed, Sums, Root)) and all(map(_constant, below))


def negated(term: Term) -> Term:
    if isinstance(term, Num):
        return Num(-term.value)
    return mul(MINUS_ONE, term)


@rule(Negative)
def _negative(e: Elaborator, node: Negative) -> Term:
    inner = e.term(node.body)
    return inner if inner == ANY_ZERO else negated(inner)


# -- products --------------------------------------------------------------------------------------


class Factors:
    """A product from left to right: scalars scale, arrays multiply as matrices."""

    def __init__(self, e: Elaborator) -> None:
        self.e = e
        self.scalars: list[Term] = []
        self.array: Term | None = None

    def times(self, factor: Term, node: Node) -> None:
        e = self.e
        if factor == ANY_ZERO:
            raise ReadError("D190", node.start, node.end)
        if not factor.shape:
            self.scalars.append(factor)
            return
        if self.array is None:
            self.array = factor
            return
        left, right = e.scope.solver.settle(self.array), factor
        a, b = as_matrix(e.shape(left)), as_matrix(e.shape(right))
        if not e.scope.solver.unify(a[1], b[0]):
            raise ReadError(
                "D301", node.start, node.end,
                operation="a product", left=e.text(left), right=e.text(right),
            )  # fmt: skip
        made: Term = MatMul(e.scope.solver.settle(left), e.scope.solver.settle(right))
        self.array = None
        if made.shape:
            self.array = made
        else:
            self.scalars.append(made)

    def result(self) -> Term:
        parts = self.scalars + ([self.array] if self.array is not None else [])
        if len(parts) == 1:
            return parts[0]
        flat: list[Term] = []
        for part in parts:
            flat.extend(part.args if isinstance(part, Mul) else (part,))
        return Mul(tuple(flat))


@rule(Juxtaposed)
def _juxtaposed(e: Elaborator, node: Juxtaposed) -> Term:
    product = Factors(e)
    items = list(node.items)
    position = 0
    while position < len(items):
        made, count = apply_next(e, items, position)
        if count:
            product.times(made, items[position])
            position += count
            continue
        product.times(e.term(items[position]), items[position])
        position += 1
    return product.result()


@rule(Product)
def _product(e: Elaborator, node: Product) -> Term:
    made = e.term(node.first)
    for op, item in node.rest:
        right = e.term(item)
        if op == "⊙":
            made, right = e.same_shape(made, right, item, "an entrywise product")
            made = Hadamard(made, right) if made.shape else mul(made, right)
        elif op == "/":
            made = quotient(e, made, right, item)
        else:
            product = Factors(e)
            product.times(made, node.first)
            product.times(right, item)
            made = product.result()
    return made


def quotient(e: Elaborator, over: Term, under: Term, node: Node) -> Term:
    if under.shape:
        raise ReadError("D305", node.start, node.end, operation="a division", shape=e.text(under))
    if over == ANY_ZERO:
        over = ZERO
    if over == ONE and not isinstance(under, Num):
        return Pow(under, MINUS_ONE)
    return div(over, under)


@rule(Fraction)
def _fraction(e: Elaborator, node: Fraction) -> Term:
    found = derivative(e, node)
    if found is not None:
        return found
    return quotient(e, e.term(node.over), e.term(node.under), node.under)


@rule(Bracket)
def _bracket(e: Elaborator, node: Bracket) -> Term:
    if len(node.parts) != 1:
        place = node.parts[1] if node.parts else node
        raise ReadError("D104", place.start, place.end, found=",".join(node.separators) or "{}")
    return e.term(node.parts[0])


@rule(Root)
def _root(e: Elaborator, node: Root) -> Term:
    return Fn("sqrt", (e.term(node.body),))


@rule(Word)
def _word(e: Elaborator, node: Word) -> Term:
    raise ReadError("D104", node.start, node.end, found=node.text)


# -- scripts ---------------------------------------------------------------------------------------


@rule(Scripted)
def _scripted(e: Elaborator, node: Scripted) -> Term:
    if isinstance(node.base, Bars):
        return _norm(e, node)
    made = filled(e, node)
    if made is not None:
        return raised(e, made, node.sup, node)
    symbol, sub, _, _, rest = split_scripts(node)
    if symbol is not None:
        named = find_name(e, node)
        if named is None and symbol.base == "e" and not sub and len(rest) == 1 and rest[0].power is not None:
            return Fn("exp", (e.scalar(rest[0].power, "a power of e"),))
        if named is None:
            own = tuple(replace(s, transpose="", power=None) for s in node.sup if s.label or s.primes)
            plain = Scripted(node.start, node.end, symbol, sub, own)
            found = constant(e, plain if plain.sub or plain.sup else symbol)
            made = found if found is not None else name_value(e, node)
        elif not node.sub and e.is_bound(symbol.base) and named.label is None:
            raise ReadError("D165", node.start, node.end, index=symbol.base)
        else:
            made = value(e, named)
        return raised(e, made, rest, node)
    made = e.term(node.base)
    return scripts_on(e, made, node.sub, node.sup, node)


# -- norms -----------------------------------------------------------------------------------------


@rule(Bars)
def _bars(e: Elaborator, node: Bars) -> Term:
    return _norm(e, Scripted(node.start, node.end, node))


def _norm(e: Elaborator, node: Scripted) -> Term:
    bars = node.base
    assert isinstance(bars, Bars)
    inner = e.term(bars.body)
    if inner == ANY_ZERO:
        inner = ZERO
    if bars.kind == "|":
        if inner.shape:
            raise ReadError("D185", bars.start, bars.end)
        if node.sub:
            raise ReadError("D195", node.sub[0].start, node.sub[0].end)
        return raised(e, Fn("abs", (inner,)), node.sup, node)
    which = subscript_text(node.sub)
    if node.sub and which not in ("2", "F"):
        raise ReadError("D184", node.start, node.end)
    if len(e.shape(inner)) == 2 and which != "F":
        raise ReadError("D184" if which else "D183", node.start, node.end)
    if len(node.sup) == 1 and node.sup[0].power is not None:
        power = node.sup[0].power
        if isinstance(power, Number) and power.text == "2":
            return SqNorm(inner)
    return raised(e, Fn("sqrt", (SqNorm(inner),)), node.sup, node)


