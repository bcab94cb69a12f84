"""The type checker: of a program's lines, after every pass over them, and of the program made of them.

Shapes are compared as symbolic sizes: a program that passes is well shaped for every size.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from codegen.errors import CodegenError
from codegen.lines import Line
from codegen.program import (
    POINTWISE,
    REDUCTIONS,
    Contract,
    Determinant,
    Inverted,
    Matrix,
    Pointwise,
    Program,
    Read,
    Reduce,
    Same,
    Solve,
    Tensor,
)  # fmt: skip
from derive.binders import free_indices
from derive.terms import Delta, Index, Shape, Term, Var, shape_text


class IllTyped(CodegenError):
    """A program whose parts do not fit: a mistake of a pass, never of a user."""


def typecheck_lines(lines: list[Line], outputs: Collection[str], declared: Mapping[str, Shape]) -> list[Line]:
    """The lines themselves, or `IllTyped`: `outputs` are the names that must be there."""
    known = dict(declared)
    for line in lines:
        if line.name in known:
            raise IllTyped(f"{line.name} is computed twice")
        if len({*line.axes, *line.over}) != len(line.axes) + len(line.over):
            raise IllTyped(f"{line.name} has one axis twice")
        if not set(line.over) <= free_indices(line.body):
            raise IllTyped(f"{line.name} is a maximum over an index that its body does not have")
        for t in (line.body, line.where):
            if t is not None:
                _check_term(line, t, known)
        known[line.name] = tuple(i.size for i in line.axes)
    for name in outputs:
        if name not in known:
            raise IllTyped(f"the output {name} is not computed")
    return lines


def _check_term(line: Line, t: Term, known: Mapping[str, Shape]) -> None:
    if t.shape:
        raise IllTyped(f"an entry of {line.name} is an array of shape {shape_text(t.shape)}")
    stray = sorted(free_indices(t) - {*line.axes, *line.over})
    if stray:
        raise IllTyped(f"{line.name} depends on the index {stray[0]}, which is none of its axes")
    for part in t.walk():
        if isinstance(part, Var):  # its indices fit its shape: terms see to that themselves
            if part.name not in known:
                raise IllTyped(f"{part.name} is read before it is computed")
            if part.shape != known[part.name]:
                have = shape_text(known[part.name])
                raise IllTyped(f"{part.name} is read with shape {shape_text(part.shape)}, it has {have}")
        elif isinstance(part, Delta):
            over = [i for i in (part.left, part.right) if isinstance(i, Index)]
            if len({i.size for i in over}) > 1:
                raise IllTyped(f"δ of the indices {part.left} and {part.right}, which run over different sizes")


def typecheck(program: Program) -> Program:
    """The program itself, or `IllTyped`."""
    known: dict[str, Shape] = {}
    for i in program.inputs:
        if i.name in known:
            raise IllTyped(f"two arguments are called {i.name}")
        known[i.name] = i.shape
    for s in program.statements:
        if s.name in known:
            raise IllTyped(f"{s.name} is computed twice")
        if len(set(s.axes)) != len(s.axes):
            raise IllTyped(f"{s.name} has one axis twice")
        _check(s.value, known)
        stray = [i for i in s.value.axes if i not in s.axes]
        if stray:
            raise IllTyped(f"{s.name} depends on the index {stray[0]}, which is none of its axes")
        known[s.name] = s.shape
    for label, name in program.outputs.items():
        if name not in known:
            raise IllTyped(f"the output {label} is not computed")
    return program


def _check(t: Tensor, known: dict[str, Shape]) -> None:
    for a in t.args:
        _check(a, known)
    match t:
        case Read(name=name, at=at):
            if name not in known:
                raise IllTyped(f"{name} is read before it is computed")
            shape = known[name]
            if len(at) != len(shape):
                raise IllTyped(f"{name} is read with {len(at)} indices, it has {len(shape)} axes")
            for i, size in zip(at, shape):
                fits = i.size == size if isinstance(i, Index) else i >= 1
                if not fits:
                    raise IllTyped(f"the index {i} of {name} does not run over its axis of size {size}")
        case Same(left=i, right=j):
            if isinstance(i, Index) and isinstance(j, Index) and i.size != j.size:
                raise IllTyped(f"δ of the indices {i} and {j}, which run over different sizes")
        case Pointwise(op=op, operands=operands):
            wanted = POINTWISE.get(op, -1)
            if wanted == -1 or (wanted is not None and len(operands) != wanted) or len(operands) < 1:
                raise IllTyped(f"{op} of {len(operands)} arguments")
        case Contract(over=over, factors=factors):
            inside = {i for f in factors for i in f.axes}
            if not over or not set(over) <= inside:
                raise IllTyped("a sum over an index that its factors do not have")
        case Reduce(op=op, over=over, body=body):
            if op not in REDUCTIONS or not set(over) <= set(body.axes) or not over:
                raise IllTyped(f"{op} over an index that its body does not have")
        case Solve(matrix=m, row=row, along=along, right=right):
            _square(m)
            if along not in right.axes or along.size != m.column.size or row.size != m.row.size:
                raise IllTyped("a system of equations whose right side does not fit")
            if row in right.axes:
                raise IllTyped("a system of equations whose right side has the solution's index")
        case Inverted(matrix=m) | Determinant(matrix=m):
            _square(m)


def _square(m: Matrix) -> None:
    if m.row.size != m.column.size or m.row == m.column:
        raise IllTyped("a matrix that is not square")
    if set(m.body.axes) - {m.row, m.column}:
        raise IllTyped("a matrix with more than two axes")
