"""How accurate a value must be, told by what reads it."""

from __future__ import annotations

from codegen.program import Contract, Number, Pointwise, Program, Read, Reduce, Tensor


def polynomial(program: Program, name: str) -> bool:
    """Whether all that the program computes is a polynomial in the entries of `name`.

    Then an absolute error of the value stays one: none of its digits below it is asked for, as it
    would be by a quotient 1/z or by log z.
    """
    made = {name}
    for s in program.statements:
        if not _polynomial(s.value, made):
            return False
        if _reads(s.value, made):
            made.add(s.name)
    return True


def _reads(t: Tensor, names: set[str]) -> bool:
    return any(isinstance(x, Read) and x.name in names for x in t.walk())


def _polynomial(t: Tensor, names: set[str]) -> bool:
    if isinstance(t, Read) or not _reads(t, names):
        return True
    match t:
        case Pointwise("add" | "mul") | Contract() | Reduce("sum", where=None):
            return all(_polynomial(x, names) for x in t.args)
        case Pointwise("pow", (base, Number(e))) if e >= 0 and e.denominator == 1:
            return _polynomial(base, names)
        case _:
            return False


__all__ = ["polynomial"]
