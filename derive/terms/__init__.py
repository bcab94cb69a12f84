"""Terms: mathematical expressions over arrays whose sizes are symbols.

A term is an immutable tree; every node knows its shape, a tuple of `Size`s (at most one axis for a
column vector, two for a matrix; a family of vectors `x^{(i)}` has its label axis first).  Building a
term checks shapes and raises `ShapeError`.  Terms carry no meaning of their own: `derive.algebra`
gives each node its entries (for proofs) and `derive.evaluate` its value (for counterexamples).

Conventions: indices start at 1; a vector is a column; a product whose result is 1×1 is a scalar and
one of shape (n, 1) is a vector; a row vector is a (1, n) matrix.
"""

from __future__ import annotations

from derive.sizes import (
    ONE_SIZE,
    Index,
    IndexLike,
    Shape,
    ShapeError,
    Size,
    TermError,
    as_matrix,
    reduced,
    shape_text,
    size,
)
from derive.terms.arithmetic import (
    MINUS_ONE,
    ONE,
    ZERO,
    Add,
    Entry,
    Full,
    MatMul,
    Mul,
    Num,
    Pow,
    SizeTerm,
    Term,
    TermLike,
    Transpose,
    add,
    div,
    matmul,
    matmul_factors,
    mul,
    node,
    term,
)
from derive.terms.nodes import (
    ELEMENTARY,
    Call,
    Comp,
    Const,
    Delta,
    Det,
    Diag,
    Diff,
    Eye,
    Fn,
    Hadamard,
    Inverse,
    Prod,
    SqNorm,
    Sum,
    Trace,
    Var,
)

__all__ = [
    "ELEMENTARY", "MINUS_ONE", "ONE", "ONE_SIZE", "ZERO", "Add", "Call", "Comp", "Const", "Delta",
    "Det", "Diag", "Diff", "Entry", "Eye", "Fn", "Full", "Hadamard", "Index", "IndexLike", "Inverse",
    "MatMul", "Mul", "Num", "Pow", "Prod", "Shape", "ShapeError", "Size", "SizeTerm", "SqNorm", "Sum",
    "Term", "TermError", "TermLike", "Trace", "Transpose", "Var", "add", "as_matrix", "div", "matmul", "matmul_factors",
    "mul", "node", "reduced", "shape_text", "size", "term",
]  # fmt: skip
