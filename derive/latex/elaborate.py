"""Syntax tree → term, by what is declared.

`Elaborator` holds the state of one formula: bound and free indices, parameters, unknown sizes.  The
meaning of each kind of node is a function in the table `RULES`, which the sibling modules fill.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING

from derive.latex.errors import ReadError
from derive.latex.names import subscript_text
from derive.latex.scope import Scope
from derive.latex.sizes import unknown
from derive.latex.syntax import Big, Node, Number, Scripted, Symbol, Zeros, children
from derive.names import PRIME, compose
from derive.terms import (
    ZERO,
    Delta,
    Entry,
    Eye,
    Full,
    Index,
    Num,
    Shape,
    Size,
    Term,
    TermError,
    Var,
    shape_text,
)  # fmt: skip

if TYPE_CHECKING:
    from typing import Any

#: a zero whose shape is found by what it is compared with or added to
ANY_ZERO = Full(ZERO, ())

Rule = Callable[["Elaborator", "Any"], Term]
RULES: dict[type[Node], Rule] = {}


def rule(kind: type[Node]) -> Callable[[Rule], Rule]:
    def enter(function: Rule) -> Rule:
        RULES[kind] = function
        return function

    return enter


@dataclass
class Elaborator:
    """Reads the sides of one formula in one scope."""

    scope: Scope
    bound: list[tuple[str, Size]] = field(default_factory=list)
    free: dict[str, Size] = field(default_factory=dict)
    locals: dict[str, Var] = field(default_factory=dict)
    #: unknown size → (index or "I", node), for the message if it stays unknown
    origin: dict[str, tuple[str, Node]] = field(default_factory=dict)
    least: dict[Size, int] = field(default_factory=dict)

    # -- entry points --------------------------------------------------------------------------------

    def term(self, node: Node) -> Term:
        """The term of one node; every error is a `ReadError` at its place."""
        made = RULES.get(type(node))
        if made is None:
            raise ReadError("D104", node.start, node.end, found=type(node).__name__.lower())
        try:
            term = made(self, node)
        except TermError as error:
            shapes = " ".join(dict.fromkeys(re.findall(r"\([^()]*\)", str(error))))
            raise ReadError("D312", node.start, node.end, shapes=shapes or "—") from error
        if self.scope.readings is not None:
            self.scope.readings.append((node, term))
        return term

    def announce(self, node: Node) -> None:
        """Sizes that first occur as the end of a range."""
        stack = [node]
        while stack:
            here = stack.pop()
            if isinstance(here, Big) and isinstance(here.upper, Symbol):
                key = here.upper.base
                if self.scope.find(key, here.upper.style) is None:
                    self.scope.sizes.add(key)
            stack.extend(children(here))

    def finish(self, term: Term, node: Node) -> Term:
        """`term` with all sizes found; an error where one is not that this formula left open.

        The size of a declared name may be told by a later formula: the document sees to that.
        """
        term = self.scope.solver.settle(term)
        for part in term.walk():
            if part == ANY_ZERO:
                raise ReadError("D190", node.start, node.end)
            for size in _sizes(part):
                if unknown(size) and size.names[0] in self.origin:
                    name, place = self.origin[size.names[0]]
                    code = "D191" if name == "I" else "D164"
                    raise ReadError(code, place.start, place.end, index=name)
        return term

    # -- sizes and shapes ----------------------------------------------------------------------------

    def shape(self, term: Term) -> Shape:
        return self.scope.solver.shape(term.shape)

    def text(self, term: Term) -> str:
        return shape_text(tuple(s if not unknown(s) else Size.named("?") for s in self.shape(term)))

    def fresh(self, name: str, node: Node) -> Size:
        size = self.scope.solver.fresh(name)
        self.origin[size.names[0]] = (name, node)
        return size

    def same_shape(self, left: Term, right: Term, node: Node, operation: str) -> tuple[Term, Term]:
        """Both terms with their shapes made equal."""
        if left == ANY_ZERO and right != ANY_ZERO:
            left = Full(ZERO, self.shape(right))
        if right == ANY_ZERO and left != ANY_ZERO:
            right = Full(ZERO, self.shape(left))
        solver = self.scope.solver
        if not solver.agree(left.shape, right.shape):
            raise ReadError(
                "D301", node.start, node.end,
                operation=operation, left=self.text(left), right=self.text(right),
            )  # fmt: skip
        if left.shape != right.shape:
            left, right = solver.settle(left), solver.settle(right)
        return left, right

    def scalar(self, node: Node, operation: str) -> Term:
        term = self.term(node)
        if term == ANY_ZERO:
            return ZERO
        if term.shape:
            raise ReadError(
                "D305", node.start, node.end, operation=operation, shape=self.text(term)
            )
        return term

    # -- indices -------------------------------------------------------------------------------------

    def index_size(self, letter: str, node: Node) -> Size:
        for name, size in reversed(self.bound):
            if name == letter:
                return self.scope.solver.resolve(size)
        if letter not in self.free:
            self.free[letter] = self.fresh(letter, node)
        return self.scope.solver.resolve(self.free[letter])

    def is_bound(self, letter: str) -> bool:
        return any(name == letter for name, _ in self.bound)

    def index(self, node: Node) -> Index | int:
        """An index as written: a letter or a positive integer."""
        if isinstance(node, Number) and node.text.isdigit() and 0 < int(node.text) < 10**6:
            return int(node.text)
        if isinstance(node, Symbol) and len(node.base.rstrip(PRIME)) <= 2 and not node.style:
            key = node.base
            if not self.is_bound(key) and self.scope.is_size(key) and key not in self.free:
                raise ReadError("D171", node.start, node.end, index=key)
            return Index(key, self.index_size(key, node))
        code = "D160" if len(children(node)) > 1 or type(node).__name__ == "Sums" else "D172"
        raise ReadError(code, node.start, node.end)

    def entry(self, array: Term, indices: list[tuple[Index | int, Node]], node: Node) -> Term:
        """array[i, …] with ranges checked."""
        solver = self.scope.solver
        axes = self.shape(array)
        made: list[Index | int] = []
        for (index, place), axis in zip(indices, axes):
            if isinstance(index, Index):
                if not solver.unify(index.size, axis):
                    raise ReadError(
                        "D308", place.start, place.end,
                        index=index.name, left=solver.resolve(index.size), right=axis,
                    )  # fmt: skip
                made.append(Index(index.name, solver.resolve(axis)))
            else:
                if axis.literal is not None and index > axis.literal:
                    raise ReadError("D168", place.start, place.end, index=index, size=axis)
                if axis.literal is None and not unknown(axis):
                    self.least[axis] = max(index, self.least.get(axis, 1))
                made.append(index)
        settled = solver.settle(array)
        if isinstance(settled, Entry):  # an entry of a family's member
            return Entry(settled.array, (*settled.indices, *made))
        return Entry(settled, tuple(made))

    def delta(self, left: Node, right: Node) -> Term:
        a, b = self.index(left), self.index(right)
        solver = self.scope.solver
        if isinstance(a, Index) and isinstance(b, Index) and not solver.unify(a.size, b.size):
            raise ReadError("D308", left.start, right.end, index=b.name, left=b.size, right=a.size)
        if isinstance(a, int) and isinstance(b, int):
            return Num(Fraction(int(a == b)))
        for value, index in ((a, b), (b, a)):
            if isinstance(value, int) and isinstance(index, Index):
                axis = solver.resolve(index.size)
                if axis.literal is None and not unknown(axis):
                    self.least[axis] = max(value, self.least.get(axis, 1))
        return Delta(a, b)

    # -- names ---------------------------------------------------------------------------------------

    def size_of(self, node: Node) -> Size | None:
        """The size that a name with a subscript stands for, if it does."""
        key = size_key(node)
        if key and self.scope.is_size(key) and (key not in self.scope.meanings or self._beside(node, key)):
            return Size.named(key)
        return None

    def _beside(self, node: Node, key: str) -> bool:
        return isinstance(node, Symbol) and self.scope.means_size(key, node.style)


def size_key(node: Node) -> str:
    """The name of a size that the node can be: `D`, `D_0`; "" for anything else."""
    if isinstance(node, Symbol):
        return node.base
    if isinstance(node, Scripted) and isinstance(node.base, Symbol) and not node.sup:
        text = subscript_text(node.sub)
        return compose(node.base.base, 0, text) if text else ""
    return ""


def _sizes(term: Term) -> list[Size]:
    found: list[Size] = []
    for value in vars(term).values():
        for part in value if isinstance(value, tuple) else (value,):
            if isinstance(part, Size):
                found.append(part)
            elif isinstance(part, Index):
                found.append(part.size)
    return found


def is_zero(node: Node) -> bool:
    return isinstance(node, Zeros) or (isinstance(node, Number) and not node.text.strip("0."))


@rule(Zeros)
def _zeros(e: Elaborator, node: Zeros) -> Term:
    return ANY_ZERO


@rule(Number)
def _number(e: Elaborator, node: Number) -> Term:
    return Num(Fraction(node.text if node.text[0] != "." else "0" + node.text))


def identity(e: Elaborator, node: Node) -> Term:
    return Eye(e.fresh("I", node))
