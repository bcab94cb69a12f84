"""Laws of differentiation that need no accumulation: of the elementary functions, of a product's shapes."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from derive.binders import fresh
from derive.context import Context
from derive.entrywise import entry
from derive.gradient.constructors import product, scaled
from derive.terms import (
    MINUS_ONE,
    ONE,
    ONE_SIZE,
    Add,
    Call,
    Comp,
    Const,
    Entry,
    Fn,
    MatMul,
    Mul,
    Num,
    Pow,
    SizeTerm,
    Term,
    Transpose,
    Var,
    as_matrix,
)  # fmt: skip


class Underivable(Exception):
    """No rule of differentiation for a part of a formula."""

    def __init__(self, why: str, part: Term | None = None) -> None:
        super().__init__(why)
        self.part = part


#: function → its derivative at x
DERIVATIVES: dict[str, Callable[[Term], Term]] = {
    "exp": lambda x: Fn("exp", (x,)),
    "log": lambda x: Pow(x, MINUS_ONE),
    "sqrt": lambda x: Mul((Num(Fraction(1, 2)), Pow(Fn("sqrt", (x,)), MINUS_ONE))),
    "tanh": lambda x: Add((ONE, Mul((MINUS_ONE, Pow(Fn("tanh", (x,)), Num(Fraction(2))))))),
    "sinh": lambda x: Fn("cosh", (x,)),
    "cosh": lambda x: Fn("sinh", (x,)),
    "sin": lambda x: Fn("cos", (x,)),
    "cos": lambda x: Mul((MINUS_ONE, Fn("sin", (x,)))),
}


def entrywise(a: Term, rule: Callable[[Term], Term]) -> Term:
    """rule(a) for every entry."""
    if not a.shape:
        return rule(a)
    axes = tuple(fresh(s) for s in a.shape)
    return Comp(axes, rule(entry(a, axes)))


def shaped(g: Term, t: MatMul, other: Term, left: bool) -> Term:
    """G Bᵀ or AᵀG in the shape of the factor, where vectors are columns and 1×1 is a scalar."""
    a, b = as_matrix(t.left.shape), as_matrix(t.right.shape)
    target = t.left.shape if left else t.right.shape
    # (m, k)(k, n): the derivative by the left is (m, n)(n, k), by the right (k, m)(m, n)
    if not g.shape:  # m = n = 1
        made = scaled([g], other) if other.shape else Mul((g, other))
    elif left and b[1] == ONE_SIZE:  # g is a column (m,), Bᵀ a row
        made = product(g, other) if other.shape else scaled([other], g)
    elif not left and a[0] == ONE_SIZE and len(g.shape) == 1:  # g is the row (1, n)ᵀ written (n,)
        made = product(other, Transpose(g))
    elif left and a[0] == ONE_SIZE:
        made = product(Transpose(g) if len(g.shape) == 1 else g, other)
    else:
        made = product(other, g) if not left else product(g, other)
    if made.shape != target:
        axes = tuple(fresh(s) for s in target)
        if len(target) == 1 and len(made.shape) == 2:
            at = (axes[0], 1) if made.shape[1] == ONE_SIZE else (1, axes[0])
            made = Comp(axes, entry(made, at))
        elif len(target) == 2 and len(made.shape) == 1:
            made = Comp(axes, entry(made, (axes[1],) if target[0] == ONE_SIZE else (axes[0],)))
        else:
            raise Underivable("shapes of a product", t)
    return made


def never_zero(context: Context, t: Term) -> bool:
    """Is the scalar made of exponentials and positive numbers by products and powers?"""
    match t:
        case Num(value):
            return bool(value)
        case Const() | SizeTerm():
            return True
        case Fn(name="exp"):
            return True
        case Fn(name="sqrt", args=(inner,)):
            return never_zero(context, inner)
        case Pow(base, Num()):
            return never_zero(context, base)
        case Mul(args):
            return all(never_zero(context, a) for a in args)
    name = t.array if isinstance(t, Entry) else t
    if isinstance(name, Var) and name.name in context.declarations:
        return not context.declarations[name.name].domain.contains(0)
    if isinstance(name, (Var, Call)) and name.name in context.definitions:
        body = context.definitions[name.name].body
        return never_zero(context, body.body if isinstance(body, Comp) else body)
    return False


__all__ = ["DERIVATIVES", "Underivable", "entrywise", "never_zero", "shaped"]
