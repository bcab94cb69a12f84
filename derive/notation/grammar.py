"""The grammar of written mathematics that Unicode and LaTeX share: signs, fractions, brackets.

Brackets stand only where the precedences below need them.  `derive.notation` has the two notations.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from typing import Any

from derive.binders import free_indices, names_in
from derive.context import Context, written
from derive.notation.guards import left_out
from derive.notation.parts import (
    flat,
    hadamard_chain,
    index_name,
    letters_taken,
    negative,
    number_below,
    plain_power,
    reciprocal,
    runs,
    simple,
    uncancelled,
)  # fmt: skip
from derive.notation.pieces import ADD, ATOM, HADAMARD, MUL, Piece
from derive.terms import (
    Add,
    Call,
    Comp,
    Const,
    Delta,
    Det,
    Diag,
    Diff,
    Entry,
    Eye,
    Fn,
    Full,
    Hadamard,
    Index,
    IndexLike,
    Inverse,
    MatMul,
    Mul,
    Num,
    Pow,
    Prod,
    Shape,
    Size,
    SizeTerm,
    SqNorm,
    Sum,
    Term,
    Trace,
    Transpose,
    Var,
    matmul_factors,
)  # fmt: skip


class Grammar:
    """The grammar that both notations share; a subclass says how each construct looks."""

    def __init__(self, context: Context | None = None) -> None:
        self.context = context
        self.shown: dict[Index, str] = {}
        self.taken = letters_taken(context) if context is not None else frozenset()

    # -- what a subclass writes -------------------------------------------------------------------
    minus = "−"
    odot = "⊙"
    #: entrywise division, where the notation has a sign for it
    over = ""

    def number(self, value: Fraction) -> Piece:
        raise NotImplementedError

    def name(self, name: str) -> Piece:
        raise NotImplementedError

    def constant(self, name: str) -> Piece:
        raise NotImplementedError

    def size(self, value: Size) -> Piece:
        raise NotImplementedError

    def indexed(self, array: Term, indices: list[str]) -> Piece:
        raise NotImplementedError

    def power(self, base: Term, exponent: Term) -> Piece:
        raise NotImplementedError

    def transpose(self, arg: Term) -> Piece:
        raise NotImplementedError

    def inverse(self, arg: Term) -> Piece:
        raise NotImplementedError

    def quotient(self, above: Piece, below: Piece) -> Piece:
        raise NotImplementedError

    def big(self, sign: str, index: str, start: int, upper: Size, body: Piece, other: str = "") -> Piece:
        raise NotImplementedError

    def function(self, name: str, args: tuple[Term, ...]) -> Piece:
        raise NotImplementedError

    def call(self, node: Call) -> Piece:
        raise NotImplementedError

    def partial(self, body: Term, wrt: tuple[Term, ...]) -> Piece:
        raise NotImplementedError

    def nabla2(self, body: Term, wrt: Var) -> Piece:
        raise NotImplementedError

    def square_norm(self, arg: Term) -> Piece:
        raise NotImplementedError

    def delta(self, left: str, right: str) -> Piece:
        raise NotImplementedError

    def eye(self, value: Size, bare: bool) -> Piece:
        raise NotImplementedError

    def filled(self, value: Term, dims: tuple[Size, ...]) -> Piece:
        raise NotImplementedError

    def array(self, indices: list[str], body: Piece) -> Piece:
        raise NotImplementedError

    def operator(self, word: str, arg: Term) -> Piece:
        raise NotImplementedError

    def group(self, text: str) -> str:
        raise NotImplementedError

    def between(self, left: Piece, right: Piece) -> str:
        raise NotImplementedError

    # -- brackets -------------------------------------------------------------------------------------
    def wrap(self, piece: Piece, level: int, last: bool = True) -> Piece:
        """`piece`, in brackets where it binds more loosely than `level` or swallows its neighbour."""
        if piece.level >= level and (last or not piece.greedy):
            return piece
        return Piece(self.group(piece.text))

    # -- terms ----------------------------------------------------------------------------------------
    def piece(self, node: Term) -> Piece:
        sign, made = self.signed(node)
        if sign > 0:
            return made
        made = self.wrap(made, HADAMARD)
        return replace(made, text=self.minus + made.text, level=ADD)

    def signed(self, node: Term) -> tuple[int, Piece]:
        """The sign that can be written in front of a term, and the rest."""
        if isinstance(node, Num):
            return (-1 if node.value < 0 else 1), self.number(abs(node.value))
        if isinstance(node, Mul):
            return self.product(node)
        if isinstance(node, Full) and isinstance(node.value, Num) and node.value.value < 0:
            return -1, self.filled(Num(-node.value.value), node.dims)
        return 1, self.unsigned(node)

    def unsigned(self, node: Term) -> Piece:
        writer = WRITERS.get(type(node))
        if writer is None:
            raise TypeError(f"no notation for {type(node).__name__}")
        return writer(self, node)

    def sum_of(self, node: Add) -> Piece:
        args = flat(node, Add)
        arrays = any(not isinstance(a, (Full, Eye)) for a in args)
        text = ""
        for position, arg in enumerate(args):
            sign, made = 1, Piece("")
            if isinstance(arg, Full) and arrays and self.spreads(arg):
                sign, made = self.signed(arg.value)
            elif isinstance(arg, Eye):
                made = self.eye(arg.size, bare=arrays)
            else:
                sign, made = self.signed(arg)
            made = self.wrap(made, HADAMARD)
            if position:
                text += f" {self.minus if sign < 0 else '+'} {made.text}"
            else:
                text = (self.minus if sign < 0 else "") + made.text
        return Piece(text, ADD)

    def spreads(self, node: Full) -> bool:
        """Whether the scalar alone may stand for the array in a sum, as in 1 − y."""
        square = len(node.dims) == 2 and node.dims[0] == node.dims[1]
        parts = flat(node.value, Mul) if isinstance(node.value, Mul) else [node.value]
        plain = isinstance(parts[0], Var) and len(parts) == 1
        return not square and len(node.dims) <= 2 and (plain or all(isinstance(p, Num) for p in parts))

    def product(self, node: Mul) -> tuple[int, Piece]:
        factors = flat(node, Mul)
        fractions = runs(factors) if uncancelled(factors) else [tuple(factors)]
        made = [self.fraction(f, node.shape) for f in fractions]
        sign = -1 if sum(s < 0 for s, _ in made) % 2 else 1
        return sign, self.joined([self.wrap(p, MUL) for _, p in made]) if made[1:] else made[0][1]

    def fraction(self, factors: Iterable[Term], shape: Shape) -> tuple[int, Piece]:
        """Factors as one fraction, with its sign."""
        number = Fraction(1)
        above: list[Term] = []
        below: list[Term] = []
        for factor in factors:
            if isinstance(factor, Num) and (not factor.value or number):
                number *= factor.value
            elif (value := number_below(factor)) is not None:
                number /= value
            elif isinstance(factor, Pow) and negative(factor.exponent) and not factor.base.shape:
                below.append(reciprocal(factor))
            else:
                above.append(factor)
        if not number:
            return 1, self.number(number) if not shape else self.filled(Num(number), shape)
        sign, number = (-1, -number) if number < 0 else (1, number)
        above.sort(key=lambda t: (bool(t.shape), not isinstance(t, Const)))
        below.sort(key=lambda t: not isinstance(t, Const))
        if not below:
            head = [self.number(number)] if number != 1 or not above else []
            return sign, self.row(head, above)
        simple = all(isinstance(b, (SizeTerm, Var, Num)) or plain_power(b) for b in below)
        tail = [t for t in above if t.shape or (simple and isinstance(t, (Sum, Prod)))]
        if len(tail) == len(above) == 1 and not tail[0].shape and not simple:
            tail = []
        inner = [t for t in above if t not in tail]
        top = self.row([self.number(Fraction(number.numerator))] if number.numerator != 1 else [], inner)
        bottom_number = [self.number(Fraction(number.denominator))] if number.denominator != 1 else []
        fraction = self.quotient(top, self.row(bottom_number, below))
        return sign, self.row([fraction], tail) if tail else fraction

    def row(self, head: list[Piece], factors: list[Term]) -> Piece:
        """Factors side by side; only the last may be one that swallows what follows."""
        pieces = list(head)
        for position, factor in enumerate(factors):
            made = self.piece(factor)
            inner = isinstance(factor, MatMul) and not factor.shape and bool(pieces)
            alone = len(factors) == 1 and not head
            if inner:
                made = Piece(self.group(made.text))
            elif not alone:
                made = self.wrap(made, MUL, last=position == len(factors) - 1)
            pieces.append(made)
        return self.joined(pieces)

    def joined(self, pieces: list[Piece]) -> Piece:
        if not pieces:
            return self.number(Fraction(1))
        if len(pieces) == 1:
            return pieces[0]
        text = pieces[0].text
        for left, right in pairwise(pieces):
            text += self.between(left, right) + right.text
        slash = any(p.slash for p in pieces)
        return Piece(text, MUL, greedy=pieces[-1].greedy, slash=slash, word=pieces[0].word, caret=pieces[-1].caret)

    def matrix_product(self, node: MatMul) -> Piece:
        pieces = []
        factors = matmul_factors(node)
        for position, factor in enumerate(factors):
            made = self.piece(factor)
            level = MUL if position == 0 and isinstance(factor, Mul) and not made.slash else ATOM
            pieces.append(self.wrap(made, level, last=position == len(factors) - 1))
        return self.joined(pieces)

    def hadamard(self, node: Hadamard) -> Piece:
        factors = hadamard_chain(node)
        below = [reciprocal(f) for f in factors if self.over and isinstance(f, Pow) and negative(f.exponent)]
        above = [f for f in factors if not below or not (isinstance(f, Pow) and negative(f.exponent))]
        top = f" {self.odot} ".join(self.wrap(self.piece(a), ATOM).text for a in above)
        if not below:
            return Piece(top, HADAMARD)
        return self.divided(top or "1", below)

    def divided(self, top: str, below: list[Term]) -> Piece:
        """Entrywise division: a ⊙ b ⊘ (c ⊙ d)."""
        under = f" {self.odot} ".join(self.wrap(self.piece(b), ATOM).text for b in below)
        return Piece(f"{top} {self.over} {self.group(under) if len(below) > 1 else under}", HADAMARD)

    def bound(self, index: Index, body: Term) -> str:
        """A name for a bound index that no other index, variable or size in `body` has."""
        others = free_indices(body)
        used = {self.index(i) for i in others - {index}} | self.taken
        used |= {written(name) for name in names_in(body)}
        used |= {name for i in others | {index} for name in i.size.names}
        used |= {name for t in body.walk() if isinstance(t, SizeTerm) for name in t.size.names}
        first = index_name(index)
        letters = (c for c in (first, *"ijklmnpqrstabcdefgh") if c not in used)
        return next(letters, first)

    def index(self, index: IndexLike) -> str:
        if isinstance(index, int):
            return str(index)
        return self.shown.get(index, index_name(index))

    def scoped(
        self, indices: tuple[Index, ...], body: Term, write: Callable[[list[str]], Piece]
    ) -> Piece:
        """Writes a binder's inside with its indices shown under names of their own."""
        outer, self.shown = self.shown, dict(self.shown)
        names = []
        for index in indices:
            names.append(self.bound(index, body))
            self.shown[index] = names[-1]
        try:
            return write(names)
        finally:
            self.shown = outer

    def binder(self, sign: str, node: Sum | Prod) -> Piece:
        guard = left_out(node)

        def write(names: list[str]) -> Piece:
            body = self.wrap(self.piece(guard[1] if guard else node.body), MUL)
            other = self.index(guard[0]) if guard else ""
            return self.big(sign, names[0], node.start, node.index.size, body, other)

        return self.scoped((node.index,), node.body, write)

    def entries(self, node: Comp) -> Piece:
        return self.scoped(
            node.indices, node.body, lambda names: self.array(names, self.piece(node.body))
        )

    def derivative(self, node: Diff) -> Piece:
        outer, self.taken = self.taken, self.taken | {self.index(i) for i in free_indices(node.wrt)}
        try:
            inner = node.body
            if not isinstance(inner, Diff):
                return self.partial(inner, (node.wrt,))
            self.taken |= {self.index(i) for i in free_indices(inner.wrt)}
            if isinstance(inner.wrt, Var) and inner.wrt == node.wrt and node.wrt.shape:
                return self.nabla2(inner.body, inner.wrt)
            if not node.wrt.shape and not inner.wrt.shape and not isinstance(inner.body, Diff):
                return self.partial(inner.body, (node.wrt, inner.wrt))
            return self.partial(inner, (node.wrt,))
        finally:
            self.taken = outer

    def entry(self, node: Entry) -> Piece:
        return self.indexed(node.array, [self.index(i) for i in node.indices])

    def labels(self, node: Term) -> int:
        """How many leading axes of a name are labels: x⁽ⁱ⁾."""
        if self.context is None or not isinstance(node, Var):
            return 0
        meant = self.context.declarations.get(node.name) or self.context.definitions.get(node.name)
        return meant.labels if meant else 0


#: node → how it is written; one row per kind of node
WRITERS: dict[type[Term], Callable[[Grammar, Any], Piece]] = {
    Const: lambda n, t: n.constant(t.name),
    SizeTerm: lambda n, t: n.size(t.size),
    Var: lambda n, t: n.name(t.name),
    Eye: lambda n, t: n.eye(t.size, bare=False),
    Full: lambda n, t: n.filled(t.value, t.dims),
    Delta: lambda n, t: n.delta(n.index(t.left), n.index(t.right)),
    Entry: lambda n, t: n.entry(t),
    Comp: lambda n, t: n.entries(t),
    Sum: lambda n, t: n.binder("Σ", t),
    Prod: lambda n, t: n.binder("Π", t),
    Add: lambda n, t: n.sum_of(t),
    Pow: lambda n, t: (
        n.divided("1", [reciprocal(t)]) if n.over and t.shape and negative(t.exponent) else n.power(t.base, t.exponent)
    ),
    Hadamard: lambda n, t: n.hadamard(t),
    MatMul: lambda n, t: n.matrix_product(t),
    Transpose: lambda n, t: n.transpose(t.arg),
    Inverse: lambda n, t: n.inverse(t.arg),
    Det: lambda n, t: n.operator("det", t.arg),
    Trace: lambda n, t: n.operator("tr", t.arg),
    Diag: lambda n, t: n.operator("diag", t.arg),
    SqNorm: lambda n, t: n.square_norm(t.arg),
    Fn: lambda n, t: n.function(t.name, t.args),
    Call: lambda n, t: n.call(t),
    Diff: lambda n, t: n.derivative(t),
}


def after_log(arg: Term, made: Piece) -> bool:
    """Whether `log` needs no bracket: before a name, or another word that begins its own argument."""
    return (isinstance(arg, (Var, Entry)) and simple(arg)) or (made.greedy and made.word and made.level >= MUL)
