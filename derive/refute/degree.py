"""Of which degree is a term in a variable?  An upper bound, by the form of the term alone.

Two numbers go together: `degree` of the term, and `log_degree` of the logarithm of its absolute
value (for a product of exponentials of polynomials, such as a Gaussian density).  None: no bound.
"""

from __future__ import annotations

from collections.abc import Mapping

from derive.evaluate import Evaluator
from derive.terms import (
    Add,
    Call,
    Comp,
    Diag,
    Diff,
    Entry,
    Fn,
    Full,
    Hadamard,
    MatMul,
    Mul,
    Num,
    Pow,
    Prod,
    SqNorm,
    Sum,
    Term,
    Trace,
    Transpose,
    Var,
)  # fmt: skip

_HIGHEST = 64


class Degrees:
    """Degrees in the variable `name`."""

    def __init__(self, evaluator: Evaluator, name: str) -> None:
        self.compiler = evaluator.compiler
        self.context = evaluator.context
        self.start: dict[str, int | None] = {name: 1}

    def degree(self, t: Term) -> int | None:
        return self._degree(t, self.start)

    def log_degree(self, t: Term) -> int | None:
        return self._log(t, self.start)

    def _free(self, t: Term, names: Mapping[str, int | None]) -> bool:
        """Does the term not depend on what varies?"""
        reach = self.compiler.reach(t)
        return all(d == 0 for n, d in names.items() if n in reach)

    def _degree(self, t: Term, names: Mapping[str, int | None]) -> int | None:
        if self._free(t, names):
            return 0
        match t:
            case Var(name):
                if name in names:
                    return names[name]
                return self._degree(self.context.definitions[name].body, names)
            case Add():
                return _most([self._degree(a, names) for a in t.args])
            case Mul():
                return _sum([self._degree(a, names) for a in t.args])
            case Hadamard() | MatMul():
                return _sum([self._degree(t.left, names), self._degree(t.right, names)])
            case SqNorm(arg):
                return _sum([self._degree(arg, names)] * 2)
            case Entry() | Transpose() | Trace() | Diag() | Comp() | Sum() | Full():
                return self._degree(t.children[0], names)
            case Pow(base, Num(value)) if value.denominator == 1 and 0 <= value <= _HIGHEST:
                return _sum([self._degree(base, names)] * value.numerator)
            case Fn("log", (arg,)):
                return self._log(arg, names)
            case Diff(body):
                variable = t.variable
                assert isinstance(variable, Var)
                own = variable.name in names and names[variable.name] == 1
                return self._degree(body, names) if own or self._free(variable, names) else None
            case Call(name, args, _, 0) if name in self.context.definitions:
                return self._degree(self.context.definitions[name].body, self._called(t, args, names))
            case _:
                return None

    def _log(self, t: Term, names: Mapping[str, int | None]) -> int | None:
        if self._free(t, names):
            return 0
        match t:
            case Var(name) if name not in names:
                return self._log(self.context.definitions[name].body, names)
            case Fn("exp", (arg,)):
                return self._degree(arg, names)
            case Fn("sqrt", (arg,)):
                return self._log(arg, names)
            case Mul():
                return _most([self._log(a, names) for a in t.args])
            case Prod() | Entry() | Comp():
                return self._log(t.children[0], names)
            case Pow(base, exponent) if self._free(exponent, names):
                return self._log(base, names)
            case Pow(base, exponent) if self._free(base, names):
                return self._degree(exponent, names)
            case Call(name, args, _, 0) if name in self.context.definitions:
                return self._log(self.context.definitions[name].body, self._called(t, args, names))
            case _:
                return None

    def _called(
        self, t: Call, args: tuple[Term, ...], names: Mapping[str, int | None]
    ) -> dict[str, int | None]:
        params = self.context.definitions[t.name].params
        inside = {p.name: self._degree(a, names) for p, a in zip(params, args)}
        return {**names, **inside}


def _most(found: list[int | None]) -> int | None:
    made = 0
    for d in found:
        if d is None:
            return None
        made = max(made, d)
    return made


def _sum(found: list[int | None]) -> int | None:
    made = 0
    for d in found:
        if d is None:
            return None
        made += d
    return made if made <= _HIGHEST else None
