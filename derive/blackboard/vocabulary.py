"""The vocabulary of the blackboard: functions that make terms and propositions."""

from __future__ import annotations

from fractions import Fraction

from derive.props import (
    And,
    ArgOpt,
    Iff,
    Implies,
    Prop,
    Proportional,
    Rel,
    SameSolutions,
    SemiDefinite,
)  # fmt: skip
from derive.terms import (
    ZERO,
    Comp,
    Const,
    Delta,
    Det,
    Diag,
    Diff,
    Eye,
    Fn,
    Full,
    Hadamard,
    Index,
    IndexLike,
    Inverse,
    Num,
    Prod,
    Size,
    SqNorm,
    Sum,
    Term,
    TermLike,
    Trace,
    Var,
    size,
    term,
)  # fmt: skip

pi = Const("pi")
half = Num(Fraction(1, 2))


# -- terms -------------------------------------------------------------------------------------------


def exp(x: TermLike) -> Term:
    """exp x, entrywise on arrays; the shape of x."""
    return Fn("exp", (term(x),))


def log(x: TermLike) -> Term:
    """The natural logarithm, entrywise on arrays; the shape of x."""
    return Fn("log", (term(x),))


def sqrt(x: TermLike) -> Term:
    """√x, entrywise on arrays; the shape of x."""
    return Fn("sqrt", (term(x),))


def tanh(x: TermLike) -> Term:
    """tanh x, entrywise on arrays; the shape of x."""
    return Fn("tanh", (term(x),))


def absolute(x: TermLike) -> Term:
    """|x|, entrywise on arrays; the shape of x."""
    return Fn("abs", (term(x),))


def maximum(a: TermLike, b: TermLike) -> Term:
    """max(a, b), entrywise on two arrays of one shape; else `ShapeError`."""
    return Fn("max", (term(a), term(b)))


def normal(x: TermLike, mean: TermLike, variance: TermLike) -> Term:
    """The density 𝒩(x | mean, variance)."""
    spread = 2 * term(variance)
    gap = term(x) if mean == 0 else term(x) - mean
    return 1 / Fn("sqrt", (spread * pi,)) * exp(-(gap**2) / spread)


def norm2(x: TermLike) -> Term:
    """‖x‖²."""
    return SqNorm(term(x))


def inv(x: Term) -> Term:
    """x⁻¹ of a square matrix; else `ShapeError`."""
    return Inverse(x)


def det(x: Term) -> Term:
    """det x, a scalar, of a square matrix; else `ShapeError`."""
    return Det(x)


def tr(x: Term) -> Term:
    """tr x, a scalar, of a square matrix; else `ShapeError`."""
    return Trace(x)


def diag(x: Term) -> Term:
    """The diagonal matrix (n, n) of a vector (n,); else `ShapeError`."""
    return Diag(x)


def eye(n: Size | int) -> Term:
    """The identity (n, n)."""
    return Eye(size(n))


def ones(*dims: Size) -> Term:
    """The array of this shape, all ones."""
    return Full(Num(Fraction(1)), dims)


def zeros(*dims: Size) -> Term:
    """The array of this shape, all zeros."""
    return Full(ZERO, dims)


def odot(a: Term, b: Term) -> Term:
    """a ⊙ b, entrywise."""
    return Hadamard(a, b)


def delta(i: IndexLike, j: IndexLike) -> Term:
    """Kronecker's δ."""
    return Delta(i, j)


def sum_(index: Index, body: TermLike) -> Term:
    """Σ body over the index; the shape of the body."""
    return Sum(index, term(body))


def prod_(index: Index, body: TermLike) -> Term:
    """Π body over the index, of a scalar body; else `ShapeError`."""
    return Prod(index, term(body))


def array(*parts: Index | Term) -> Term:
    """array(i, j, body): the array with entries `body`."""
    *indices, body = parts
    if not isinstance(body, Term) or not all(isinstance(i, Index) for i in indices):
        raise TypeError("array(i, …, body) takes indices and then a term")
    return Comp(tuple(i for i in indices if isinstance(i, Index)), body)


def diff(body: Term, *wrt: Term) -> Term:
    """∂ body / ∂ wrt; with several variables the last is taken first, as in ∂²L/∂w_i∂w_j."""
    for variable in reversed(wrt):
        body = Diff(body, variable)
    return body


def hessian(body: Term, w: Term) -> Term:
    """∂²body/∂w∂w of a scalar body: a scalar for a scalar w, (n, n) for a vector (n,)."""
    return Diff(Diff(body, w), w)


# -- propositions --------------------------------------------------------------------------------------


def _both(op: str, left: TermLike, right: TermLike) -> Rel:
    a, b = term(left), term(right)
    if a.shape and b == ZERO:
        b = Full(ZERO, a.shape)
    if b.shape and a == ZERO:
        a = Full(ZERO, b.shape)
    return Rel(op, a, b)


def eq(left: TermLike, right: TermLike) -> Rel:
    """left = right, of one shape; a scalar 0 stands for the array of zeros."""
    return _both("=", left, right)


def ne(left: TermLike, right: TermLike) -> Rel:
    """left ≠ right."""
    return _both("≠", left, right)


def ge(left: TermLike, right: TermLike) -> Rel:
    """left ≥ right, entrywise on arrays."""
    return _both("≥", left, right)


def gt(left: TermLike, right: TermLike) -> Rel:
    """left > right, entrywise on arrays."""
    return _both(">", left, right)


def lt(left: TermLike, right: TermLike) -> Rel:
    """left < right, entrywise on arrays."""
    return _both("<", left, right)


def le(left: TermLike, right: TermLike) -> Rel:
    """left ≤ right, entrywise on arrays."""
    return _both("≤", left, right)


def both(*props: Prop) -> Prop:
    """All of the propositions."""
    return And(props)


def iff(left: Prop, right: Prop) -> Prop:
    """left ⟺ right."""
    return Iff(left, right)


def implies(left: Prop, right: Prop) -> Prop:
    """left ⟹ right."""
    return Implies(left, right)


def psd(a: Term) -> Prop:
    """a ⪰ 0: the square matrix is positive semidefinite."""
    return SemiDefinite(a)


def argmin(w: Term, body: Term) -> ArgOpt:
    """arg min of the body over w, a declared name; else `TypeError`."""
    return ArgOpt("min", variable(w), body)


def argmax(w: Term, body: Term) -> ArgOpt:
    """arg max of the body over w, a declared name; else `TypeError`."""
    return ArgOpt("max", variable(w), body)


def same(left: ArgOpt, right: ArgOpt) -> Prop:
    """Two optimisation problems over one name have the same set of solutions."""
    return SameSolutions(left, right)


def proportional(left: Term, right: Term, w: Term) -> Prop:
    """left ∝ right as functions of w: their quotient is positive and free of w."""
    return Proportional(left, right, variable(w))


def variable(w: Term) -> Var:
    """`w` itself, if it is a name; else `TypeError`."""
    if not isinstance(w, Var):
        raise TypeError("an optimisation runs over a declared name")
    return w
