"""The loss that an induction over layers is about: C = c · loss + Σ_l R⁽ˡ⁾, as its theorem says.

A loop over the layers sums up R, which is compiled from its definition; C is compiled from that sum.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from codegen.layout import Line
from codegen.lower import lower
from codegen.program import Program
from codegen.proofs import definition
from derive.context import Context, Declaration, Definition
from derive.kernel import Theorem
from derive.names import compose
from derive.notation import unicode
from derive.notation.symbols import superscript
from derive.props import EveryDepth
from derive.terms import ONE, Term, Var

#: the identifier of the sum over the layers
TOTAL = "penalty"


@dataclass(frozen=True)
class Objective:
    """`value` says what the loss `name` is; `penalty` what R of a layer is, where `total` is their sum."""

    name: str
    value: Theorem
    penalty: Theorem | None = None
    total: str = ""

    @staticmethod
    def of(prop: EveryDepth, hidden: Context, output: Context) -> Objective:
        """From the contexts of a hidden layer and of the output."""
        if prop.whole is None:
            return Objective(prop.loss.name, definition(output, prop.loss.name))
        context = output.child()
        value: Term = prop.loss if prop.factor == ONE else prop.factor * prop.loss
        penalty, total = None, ""
        if prop.penalty is not None:
            penalty = _penalty(prop.penalty, hidden)
            total = context.declare(Declaration(compose(f"Σₗ {_base(_left(penalty))}", label="l"))).name
            value = value + Var(total)
        made = context.define(Definition(prop.whole.name, value))
        return Objective(made.name, definition(context, made.name), penalty, total)

    @property
    def theorems(self) -> list[Theorem]:
        return [self.value, *([self.penalty] if self.penalty else [])]

    @property
    def names(self) -> dict[str, str]:
        """Identifiers of what the loops carry."""
        return {self.total: TOTAL} if self.total else {}

    def program(self) -> Program:
        """R of a layer."""
        assert self.penalty is not None
        made = lower("penalty", {TOTAL: self.penalty})
        return replace(made, statements=tuple(replace(s, equation=_of_layer(s.equation)) for s in made.statements))

    def equations(self) -> list[str]:
        """R⁽ˡ⁾ = …, C = … for a docstring."""
        value = unicode(self.value.prop, self.value.context)
        return [s.equation for s in self.program().statements] + [value] if self.penalty else [value]


def _penalty(term: Term, context: Context) -> Theorem:
    """R = …, where R is a name of the layer, or is given one."""
    if not isinstance(term, Var) or term.name not in context.definitions:
        context = context.child()
        term = context.define(Definition(compose("R", label="l+1"), term)).var
    return definition(context, term.name)


def _left(theorem: Theorem) -> Var:
    left = getattr(theorem.prop, "left", None)
    assert isinstance(left, Var)
    return left


def _base(name: Var) -> str:
    return name.name.partition("@")[0].partition("^{(")[0]


def _of_layer(equation: str) -> str:
    """W⁽ˡ⁺¹⁾ as W⁽ˡ⁾: a penalty is about any layer."""
    return equation.replace(superscript("(l+1)"), superscript("(l)"))


def summed(lines: Sequence[Line], result: str, loop: str) -> list[Line]:
    """The loop that sums up R, which the last of the lines computes into `result`."""
    *before, last = lines
    assert last.code.startswith(f"{result} = ")
    added = replace(last, code=f"{TOTAL} += {last.code.removeprefix(f'{result} = ')}")
    return [Line(f"{TOTAL} = 0"), Line(loop), *(line.indented() for line in (*before, added))]


__all__ = ["TOTAL", "Objective", "summed"]
