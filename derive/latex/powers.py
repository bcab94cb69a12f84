"""What is written at an expression: indices, transposes, inverses and powers."""

from __future__ import annotations

from fractions import Fraction

from derive.latex.elaborate import ANY_ZERO, Elaborator
from derive.latex.errors import ReadError
from derive.latex.naming import index_list
from derive.latex.syntax import Node, SubPart, Superscript
from derive.names import latex_of
from derive.terms import MINUS_ONE, ZERO, Inverse, MatMul, Num, Pow, Size, SizeTerm, Term, Transpose, Var

MAX_POWER = 8


def scripts_on(
    e: Elaborator, made: Term, sub: tuple[SubPart, ...], sup: tuple[Superscript, ...], node: Node
) -> Term:
    """Indices, transposes and powers of an expression in brackets or of an application."""
    if sub:
        indices = index_list(e, sub)
        if len(indices) != len(made.shape):
            raise ReadError("D163", node.start, node.end, found=len(indices), shape=e.text(made))
        if len(indices) == 2 and any(s.transpose for s in sup):
            raise ReadError("D196", node.start, node.end)
        made = e.entry(made, indices, node)
    return raised(e, made, sup, node)


def raised(e: Elaborator, made: Term, sup: tuple[Superscript, ...], node: Node) -> Term:
    """The expression with its superscripts, from the left."""
    for script in sup:
        if script.label is not None or script.primes:
            raise ReadError("D196", script.start, script.end)
        if script.transpose:
            made = _transposed(e, made, script, node)
        elif script.power is not None:
            made = power(e, made, script.power, node)
    return made


def _transposed(e: Elaborator, made: Term, script: Superscript, node: Node) -> Term:
    turned = script.transpose
    size = made.shape and "T" in e.scope.told
    if turned.endswith("T") and (size or e.scope.find("T", "") is not None):
        raise ReadError("D150", script.start, script.end)
    if turned == "T" and not made.shape and e.scope.is_size("T"):
        return Pow(made, SizeTerm(Size.named("T")))
    if made == ANY_ZERO:
        return made
    if isinstance(made, Var) and made.name.endswith("#"):  # an argument that nothing declares is no vector
        name = made.name[:-1]
        raise ReadError("D140", node.start, script.start, name=name, latex=latex_of(name), set="\\mathbb{R}^{D}")
    if turned[0] == "-":
        made = _inverse(e, made, node)
    return Transpose(made) if made.shape else made


def _inverse(e: Elaborator, made: Term, node: Node) -> Term:
    shape = e.shape(made)
    if not shape:
        return Pow(made, MINUS_ONE)
    if len(shape) != 2 or shape[0] != shape[1]:
        raise ReadError("D306", node.start, node.end, operation="an inverse", shape=e.text(made))
    return Inverse(e.scope.solver.settle(made))


def power(e: Elaborator, base: Term, power: Node, node: Node) -> Term:
    """base^power: of a scalar any, of a square matrix a whole number up to `MAX_POWER`, or its inverse."""
    exponent = e.scalar(power, "an exponent")
    if base == ANY_ZERO:
        base = ZERO
    if not base.shape:
        return Pow(base, exponent)
    shape = e.shape(base)
    if len(shape) == 1:
        raise ReadError("D186", node.start, node.end)
    if exponent == MINUS_ONE:
        return _inverse(e, base, node)
    if shape[0] != shape[1]:
        raise ReadError("D306", node.start, node.end, operation="a power", shape=e.text(base))
    count = exponent.value if isinstance(exponent, Num) else Fraction(0)
    if count.denominator != 1 or not 1 <= count <= MAX_POWER:
        raise ReadError("D187", power.start, power.end, limit=MAX_POWER)
    made = base
    for _ in range(int(count) - 1):
        made = MatMul(made, base)
    return made


__all__ = ["power", "raised", "scripts_on"]
