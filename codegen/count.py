"""How many operations a program takes, in its sizes."""

from __future__ import annotations

from collections import Counter

from codegen.program import Axes, Contract, Determinant, Inverted, Pointwise, Program, Reduce, Solve, Tensor
from derive.notation.symbols import superscript
from derive.terms import Size

#: a product of sizes, sorted
Monomial = tuple[Size, ...]


def operations(program: Program) -> str:
    """`4DN + 2N`: additions, multiplications and function values, each one operation."""
    total: Counter[Monomial] = Counter()
    for s in program.statements:
        total += tally(s.value)
    return written(total)


def tally(t: Tensor) -> Counter[Monomial]:
    found: Counter[Monomial] = Counter()
    for a in t.args:
        found += tally(a)
    match t:
        case Contract(over=over, factors=factors):
            found[_times(t.axes + over)] += len(factors)
        case Pointwise("mul", operands):
            groups = Counter(tuple(i for i in t.axes if i in f.axes) for f in operands)
            for axes, count in groups.items():
                found[_times(axes)] += count - 1
            arrays = sorted((axes for axes in groups if axes), key=len)
            if () in groups and arrays:  # the scalars multiply the smallest
                found[_times(arrays[0])] += 1
            found[_times(t.axes)] += max(0, len(arrays) - 1)
        case Pointwise(operands=operands):
            found[_times(t.axes)] += max(1, len(operands) - 1)
        case Reduce(over=over):
            found[_times(t.axes + over)] += 1
        case Solve(row=row):
            found[_times((row, row, *t.axes))] += 2
            found[_times((row, row, row))] += 1
        case Inverted(matrix=m) | Determinant(matrix=m):
            found[_times((m.row, m.row, m.row))] += 2 if isinstance(t, Inverted) else 1
    return found


def _times(axes: Axes) -> Monomial:
    return tuple(sorted(i.size for i in axes if i.size.literal != 1))


def written(total: Counter[Monomial]) -> str:
    """Only what grows with the sizes, the highest degree first."""
    numbers: Counter[tuple[tuple[str, int], ...]] = Counter()
    for mono, count in total.items():
        names: Counter[str] = Counter()
        for s in mono:
            if s.literal is not None:
                count *= s.literal
            else:
                names[f"({s})" if s.const or len(s.parts) > 1 else str(s)] += 1
        numbers[tuple(sorted(names.items()))] += count
    parts = sorted(numbers.items(), key=lambda p: (-sum(n for _, n in p[0]), p[0]))
    kept = [p for p in parts if p[0]] or parts
    words = []
    for names_, count in kept:
        word = " ".join(n + (superscript(str(p)) if p > 1 else "") for n, p in names_)
        words.append(f"{count} {word}".strip() if count != 1 or not word else word)
    return " + ".join(words) or "0"
