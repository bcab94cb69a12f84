"""How terms fall apart for a writer: sums and products without their nesting, denominators, simple bodies."""

from __future__ import annotations

import re
from fractions import Fraction

from derive.context import Context, Declaration, Definition, written
from derive.terms import (
    MINUS_ONE,
    Add,
    Call,
    Entry,
    Hadamard,
    Index,
    Mul,
    Num,
    Pow,
    SizeTerm,
    Term,
    Var,
)  # fmt: skip

#: the letter of a label: of `W^{(r)}`, r
LABEL = re.compile(r"\(([^\W\d_])\)")


def flat(node: Add | Mul, kind: type[Add] | type[Mul]) -> list[Term]:
    found: list[Term] = []
    for arg in node.args:
        found.extend(flat(arg, kind) if isinstance(arg, kind) else [arg])
    return found


def hadamard_chain(node: Term) -> list[Term]:
    if not isinstance(node, Hadamard):
        return [node]
    return hadamard_chain(node.left) + hadamard_chain(node.right)


def negative(exponent: Term) -> bool:
    return isinstance(exponent, Num) and exponent.value < 0


def reciprocal(node: Pow) -> Term:
    """1 / node, for a power with a negative number as its exponent."""
    exponent = node.exponent
    if not isinstance(exponent, Num):
        raise TypeError("the exponent of a denominator is a number")
    return node.base if exponent.value == -1 else Pow(node.base, Num(-exponent.value))


def number_below(node: Term) -> Fraction | None:
    """n, for 1/n."""
    if not isinstance(node, Pow) or node.exponent != MINUS_ONE:
        return None
    if isinstance(node.base, Num) and node.base.value:
        return node.base.value
    return None


def uncancelled(factors: list[Term]) -> bool:
    """Whether one stands twice below the line, or above it as well: fractions not to be written as one.

    Numbers are computed, not shown; a product that is zero is no fraction.
    """
    below = [reciprocal(t) for t in factors if isinstance(t, Pow) and negative(t.exponent) and not t.base.shape]
    parts = [part for t in below for part in (flat(t, Mul) if isinstance(t, Mul) else [t])]
    parts = [part for part in parts if not isinstance(part, Num)]
    if any(isinstance(t, Num) and not t.value for t in factors):
        return False
    return len(set(parts)) < len(parts) or not set(parts).isdisjoint(factors)


def runs(factors: list[Term]) -> list[tuple[Term, ...]]:
    """The factors in their order, cut before each one that would be above the line after one below it."""
    made: list[list[Term]] = [[]]
    under = False
    for factor in factors:
        below = isinstance(factor, Pow) and negative(factor.exponent) and not factor.base.shape
        if under and not below:
            made.append([])
        made[-1].append(factor)
        under = below
    return [tuple(run) for run in made]


def plain_power(node: Term) -> bool:
    return (
        isinstance(node, Pow)
        and isinstance(node.base, (Var, SizeTerm))
        and isinstance(node.exponent, Num)
    )


def index_name(index: Index) -> str:
    """As it was written; `i` for one that the machinery made."""
    return written(index.name).rstrip("#") if not index.name.startswith("#") else "i"


def letters_taken(context: Context) -> frozenset[str]:
    """Letters that no index may have: names, sizes, and labels such as that of `W^{(r)}` that are not a family's."""
    known: list[Declaration | Definition] = [*context.declarations.values(), *context.definitions.values()]
    families = {letter for d in known if d.labels for letter in LABEL.findall(d.name)}
    labels = {letter for d in known for letter in LABEL.findall(d.name)}
    names = {written(d.name) for d in known} | {n for d in known for s in d.var.shape for n in s.names}
    return frozenset(n for n in names if len(n) == 1) | (labels - families)


def simple(body: Term) -> bool:
    """Whether a derivative is written ∂body/∂w, and not as an operator in front."""
    if isinstance(body, Call):
        return all(simple(a) for a in body.args)
    return isinstance(body, Var) or (isinstance(body, Entry) and isinstance(body.array, Var))
