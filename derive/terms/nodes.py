"""The other nodes: leaves, bound sums and products, matrices, functions and derivatives."""

from __future__ import annotations

from functools import cached_property

from derive.sizes import (
    Index,
    IndexLike,
    Shape,
    Size,
    TermError,
    need,
    shape_text,
)  # fmt: skip
from derive.terms.arithmetic import Entry, Term, TermLike, node, term

#: Elementary functions by their number of arguments; all act entrywise.
ELEMENTARY = {
    "exp": 1, "log": 1, "sqrt": 1, "abs": 1, "tanh": 1, "sinh": 1, "cosh": 1, "sin": 1, "cos": 1,
    "max": 2,
}  # fmt: skip


@node
class Const(Term):
    """π ("pi") or Euler's number ("e")."""

    name: str

    @cached_property
    def shape(self) -> Shape:
        return ()


@node
class Var(Term):
    """A name, declared or defined (the `Context` says which)."""

    name: str
    dims: Shape = ()

    def __call__(self, *args: TermLike) -> Term:
        """L(w + v), where the definition of L names its parameters."""
        return Call(self.name, tuple(term(a) for a in args), self.dims)

    @cached_property
    def shape(self) -> Shape:
        return self.dims


@node
class Eye(Term):
    """The identity matrix."""

    size: Size

    @cached_property
    def shape(self) -> Shape:
        return (self.size, self.size)


@node
class Delta(Term):
    """Kronecker's δ_ij."""

    left: IndexLike
    right: IndexLike

    @cached_property
    def shape(self) -> Shape:
        return ()


@node
class Comp(Term):
    """The array whose entry (i, …) is `body`: how `y_k := …` defines a vector."""

    indices: tuple[Index, ...]
    body: Term

    @cached_property
    def shape(self) -> Shape:
        return tuple(i.size for i in self.indices) + self.body.shape


@node
class Sum(Term):
    """Σ over index = start … size of body (of any shape)."""

    index: Index
    body: Term
    start: int = 1

    @cached_property
    def shape(self) -> Shape:
        return self.body.shape


@node
class Prod(Term):
    """Π over index = start … size of a scalar."""

    index: Index
    body: Term
    start: int = 1

    @cached_property
    def shape(self) -> Shape:
        need(not self.body.shape, "a product Π takes scalars")
        return ()


@node
class Hadamard(Term):
    """Entrywise product of two arrays of one shape."""

    left: Term
    right: Term

    @cached_property
    def shape(self) -> Shape:
        a, b = self.left.shape, self.right.shape
        need(a == b, f"an entrywise product of shapes {shape_text(a)} and {shape_text(b)}")
        return a


def _square(arg: Term, what: str) -> Shape:
    ok = len(arg.shape) == 2 and arg.shape[0] == arg.shape[1]
    need(ok, f"{what} of shape {shape_text(arg.shape)}, not a square matrix")
    return arg.shape


@node
class Inverse(Term):
    """The inverse of a square matrix."""

    arg: Term

    @cached_property
    def shape(self) -> Shape:
        return _square(self.arg, "an inverse")


@node
class Det(Term):
    """The determinant of a square matrix."""

    arg: Term

    @cached_property
    def shape(self) -> Shape:
        _square(self.arg, "a determinant")
        return ()


@node
class Trace(Term):
    """The trace of a square matrix."""

    arg: Term

    @cached_property
    def shape(self) -> Shape:
        _square(self.arg, "a trace")
        return ()


@node
class Diag(Term):
    """The diagonal matrix of a vector."""

    arg: Term

    @cached_property
    def shape(self) -> Shape:
        need(len(self.arg.shape) == 1, f"diag of shape {shape_text(self.arg.shape)}, not a vector")
        return self.arg.shape * 2


@node
class SqNorm(Term):
    """‖a‖²: the sum of the squares of all entries."""

    arg: Term

    @cached_property
    def shape(self) -> Shape:
        return ()


@node
class Fn(Term):
    """An elementary function, entrywise on arrays."""

    name: str
    args: tuple[Term, ...]

    @cached_property
    def shape(self) -> Shape:
        if ELEMENTARY.get(self.name) != len(self.args):
            raise TermError(f"{self.name} of {len(self.args)} arguments")
        first = self.args[0].shape
        for other in self.args[1:]:
            need(
                other.shape == first,
                f"{self.name} of shapes {shape_text(first)} and {shape_text(other.shape)}",
            )
        return first


@node
class Call(Term):
    """A declared or defined function applied to arguments; `order` counts the primes.

    `dims` is the shape of the value.  A function of one scalar acts entrywise on an array, and then
    `dims` is the argument's shape; with primes its one parameter is a scalar.
    """

    name: str
    args: tuple[Term, ...]
    dims: Shape = ()
    order: int = 0

    @cached_property
    def shape(self) -> Shape:
        return self.dims


@node
class Diff(Term):
    """∂ body / ∂ wrt, where `wrt` is a `Var` or an `Entry` of one.

    The graph of definitions is expanded in `body` down to the variable, which is then independent
    whether it was declared or defined.  Shape: that of `wrt` for a scalar body, else the body's
    axes and then those of `wrt` (the Jacobian's entry (i, j) is ∂ body_i / ∂ wrt_j).
    """

    body: Term
    wrt: Term

    @cached_property
    def shape(self) -> Shape:
        if not isinstance(self.variable, Var):
            raise TermError("a derivative is taken by a name or by an entry of one")
        if self.body.shape and len(self.body.shape) + len(self.wrt.shape) > 2:
            need(
                False,
                f"the derivative of shape {shape_text(self.body.shape)} by shape "
                f"{shape_text(self.wrt.shape)} has more than two axes; write it with indices",
            )
        return self.body.shape + self.wrt.shape

    @property
    def variable(self) -> Term:
        return self.wrt.array if isinstance(self.wrt, Entry) else self.wrt
