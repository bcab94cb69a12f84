"""Scalar factors taken out of products of matrices."""

from __future__ import annotations

from derive.binders import free_indices
from derive.gradient.notation import array_of
from derive.terms import Comp, Delta, MatMul, Mul, Term


def sparse(t: Term) -> bool:
    """An array of entries that are 0 but where a Kronecker delta is 1."""
    if not isinstance(t, Comp):
        return False
    factors = t.body.args if isinstance(t.body, Mul) else (t.body,)
    return any(isinstance(f, Delta) and not {f.left, f.right}.isdisjoint(t.indices) for f in factors)


def linear(t: Term, scalars: list[Term]) -> Term:
    """A product of matrices with the scalar factors of its parts taken out."""
    if isinstance(t, MatMul):
        return MatMul(linear(t.left, scalars), linear(t.right, scalars))
    if isinstance(t, Mul) and t.shape:
        scalars.extend(a for a in t.args if not a.shape)
        return linear(next(a for a in t.args if a.shape), scalars)
    if isinstance(t, Comp) and isinstance(t.body, Mul):
        out = [a for a in t.body.args if free_indices(a).isdisjoint(t.indices)]
        left = [a for a in t.body.args if not free_indices(a).isdisjoint(t.indices)]
        if out and left:
            scalars.extend(out)
            return array_of(t.indices, left[0] if len(left) == 1 else Mul(tuple(left)))
    return t


__all__ = ["linear", "sparse"]
