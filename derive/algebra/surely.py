"""Signs that can be read off a term as it is written: c + ‖a‖² > 0, 1 + eᶻ > 0.

A normal form expands squares, and what was plainly positive is no longer plain.  `sign` answers for every
entry of a term, wherever it is defined and for all values of the names that `domain` gives no bound for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from derive.binders import free_indices, substitute
from derive.context import Context, Domain
from derive.terms import (
    MINUS_ONE,
    ONE,
    Add,
    Call,
    Comp,
    Const,
    Delta,
    Diag,
    Entry,
    Eye,
    Fn,
    Full,
    Hadamard,
    Inverse,
    MatMul,
    Mul,
    Num,
    Pow,
    Prod,
    Size,
    SizeTerm,
    SqNorm,
    Sum,
    Term,
    Trace,
    Transpose,
    Var,
)

POSITIVE, NONNEG, UNKNOWN = ">", "≥", ""
MOST_DEPTH = 40


def _factors(parts: tuple[Term, ...]) -> Iterator[Term]:
    for t in parts:
        if isinstance(t, Mul):
            yield from _factors(t.args)
        elif t != ONE:
            yield t


class Signs:
    """`domain` gives the declared domain of a name, or None for one that is bound to something else."""

    def __init__(self, context: Context, domain: Callable[[str], Domain | None]) -> None:
        self.context = context
        self.domain = domain
        self._names: dict[str, str] = {}  # a definition is read once, however often its name occurs

    def sign(self, t: Term, depth: int = 0) -> str:
        """">" where every entry is positive, "≥" where none is negative, "" where that is not seen."""
        if depth > MOST_DEPTH:
            return UNKNOWN

        def of(part: Term) -> str:
            return self.sign(part, depth + 1)

        match t:
            case Num(value):
                return POSITIVE if value > 0 else NONNEG if value == 0 else UNKNOWN
            case Const():
                return POSITIVE
            case SizeTerm(s):
                return POSITIVE if _positive(s) else UNKNOWN
            case Var(name):
                return self._name(name, of)
            case Eye() | Delta() | SqNorm():
                return NONNEG
            case Entry(array=inner) | Transpose(arg=inner) | Full(value=inner):
                return of(inner)
            case Diag(arg):
                return NONNEG if of(arg) else UNKNOWN
            case Comp(body=body):
                return of(body)
            case Sum(body=body, start=start) | Prod(body=body, start=start):
                return of(body) if start == 1 or not of(body) or isinstance(t, Prod) else NONNEG
            case Trace(arg):
                return of(arg)
            case Add(args):
                return _least([of(a) for a in args], any)
            case Mul(args):
                return self._product(args, of)
            case Hadamard(left, right):
                return self._product((left, right), of)
            case MatMul(left, right):
                if (not t.shape and right == Transpose(left)) or (left == Transpose(right) and not t.shape):
                    return NONNEG
                # (A diag c)_ij = A_ij c_j, and a sum of positive terms is positive
                signs = [of(p.arg if isinstance(p, Diag) else p) for p in (left, right)]
                if isinstance(left, Diag) and isinstance(right, Diag):
                    return NONNEG if all(signs) else UNKNOWN
                return _least(signs, all)
            case Pow(base, Num(q)):
                if of(base) == POSITIVE:
                    return POSITIVE
                if q.denominator == 1 and q.numerator % 2 == 0:
                    return NONNEG if q > 0 else POSITIVE
                return NONNEG if of(base) and q > 0 else UNKNOWN
            case Pow(base, _):
                return of(base) if of(base) == POSITIVE else UNKNOWN
            case Fn(name, args):
                return _function(name, [of(a) for a in args])
            case Call(name, _, _, 0):
                called = self._called(name)
                return UNKNOWN if called is None else called[0].sign(called[1], depth + 1)
            case _:
                return UNKNOWN

    def fraction(self, t: Term, depth: int = 0) -> bool:
        """Does every entry lie between 0 and 1, as a/(a + b) does for a, b > 0?"""
        if depth > MOST_DEPTH:
            return False
        match t:
            case Entry(array=inner) | Transpose(arg=inner) | Full(value=inner) | Comp(body=inner):
                return self.fraction(inner, depth + 1)
            case Pow() | Mul():
                factors = [a for a in (t.args if isinstance(t, Mul) else (t,)) if a != ONE]
                return any(
                    isinstance(a, Pow) and a.exponent == MINUS_ONE and isinstance(a.base, Add)
                    and self._part(a.base.args, [*factors[:k], *factors[k + 1 :]], depth + 1)
                    for k, a in enumerate(factors)
                )  # fmt: skip
            case Call(name, _, _, 0):
                there = self._called(name)
                return there is not None and there[0].fraction(there[1], depth + 1)
            case _:
                return False

    def share(self, t: Term) -> bool:
        """Is every entry positive and at most 1, as a_i / Σ_j a_j is for a > 0?  (a_i is a term of the sum.)"""
        if not isinstance(t, Comp) or not isinstance(t.body, Mul):
            return False
        for k, part in enumerate(t.body.args):
            if not (isinstance(part, Pow) and part.exponent == MINUS_ONE and isinstance(part.base, Sum)):
                continue
            whole, rest = part.base, list(_factors(t.body.args[:k] + t.body.args[k + 1 :]))
            for i in t.indices:
                if i.size == whole.index.size and whole.start == 1 and i not in free_indices(whole):
                    member = list(_factors((substitute(whole.body, {whole.index: i}),)))
                    if sorted(member, key=repr) == sorted(rest, key=repr):
                        return self.sign(whole.body) == POSITIVE
        return False

    def _part(self, whole: tuple[Term, ...], factors: list[Term], depth: int) -> bool:
        """Is the product of the factors positive, and the sum of more than it?"""
        part = factors[0] if len(factors) == 1 else Mul(tuple(factors)) if factors else ONE
        rest = [a.value if isinstance(a, Full) else a for a in whole]
        if part not in rest or self.sign(part, depth) != POSITIVE:
            return False
        rest.remove(part)
        return bool(rest) and _least([self.sign(a, depth) for a in rest], any) == POSITIVE

    def _called(self, name: str) -> tuple[Signs, Term] | None:
        """The body of a defined function, and the signs there: a declared name may have other values."""
        definition = self.context.definitions.get(name)
        if definition is None or not definition.local:
            return None
        params = {p.name for p in definition.params}
        return Signs(self.context, lambda n: None if n in params else self.domain(n)), definition.body

    def smooth(self, t: Term) -> bool:
        """Is the term defined, and differentiable as often as one likes, for all values of its names?

        Only what stands in the term itself is looked at, not what its names are defined as.
        """
        for node in t.walk():
            match node:
                case Pow(_, Num(q)) if q.denominator == 1 and q >= 0:
                    continue
                case Pow(base, _):
                    if self.sign(base) != POSITIVE:
                        return False
                case Fn(("log" | "sqrt"), args):
                    if self.sign(args[0]) != POSITIVE:
                        return False
                case Fn(("abs" | "max"), _) | Inverse() | Prod():
                    return False
                case _:
                    continue
        return True

    def _name(self, name: str, of: Callable[[Term], str]) -> str:
        domain = self.domain(name)
        if domain is None:
            return UNKNOWN
        if name in self.context.definitions:
            if name not in self._names:
                self._names[name] = of(self.context.definitions[name].body)
            return self._names[name]
        if domain.values is not None:
            low = min(domain.values)
            return POSITIVE if low > 0 else NONNEG if low == 0 else UNKNOWN
        if domain.low is None or domain.low < 0:
            return UNKNOWN
        away = domain.low > 0 or domain.low_strict or domain.nonzero
        return POSITIVE if away else NONNEG

    @staticmethod
    def _product(args: tuple[Term, ...], of: Callable[[Term], str]) -> str:
        left = list(args)
        squares = False
        for a in args:  # a · a ≥ 0
            if left.count(a) >= 2:
                left.remove(a)
                left.remove(a)
                squares = squares or of(a) != POSITIVE
        found = _least([of(a) for a in left], all)
        return NONNEG if found and squares else found


def _positive(s: Size) -> bool:
    return s.const >= 0 and all(count > 0 for _, count in s.parts) and bool(s.const or s.parts)


def _least(signs: list[str], enough: Callable[[list[bool]], bool]) -> str:
    if not all(signs):
        return UNKNOWN
    return POSITIVE if enough([s == POSITIVE for s in signs]) else NONNEG


def _function(name: str, signs: list[str]) -> str:
    if name in ("exp", "cosh"):
        return POSITIVE
    if name == "abs":
        return POSITIVE if signs[0] == POSITIVE else NONNEG
    if name == "sqrt":
        return POSITIVE if signs[0] == POSITIVE else NONNEG
    if name in ("tanh", "sinh"):
        return signs[0]
    if name == "max":
        return POSITIVE if POSITIVE in signs else NONNEG if NONNEG in signs else UNKNOWN
    return UNKNOWN


__all__ = ["Signs"]
