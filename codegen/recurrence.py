"""Loops over steps: x ← B, where the update `x_{t+1} = B` is a theorem.

All states change at once: what reads a state is computed before any of them changes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from codegen.buffered import Buffer, Buffered
from codegen.functions import Argument, Proof, because
from codegen.layout import Line
from codegen.program import Program, Read, Statement, Tensor
from derive.terms import Size


def body_lines(
    program: Program,
    printer: Buffered,
    proofs: Mapping[str, Proof],
    states: Mapping[str, str],
) -> list[Line]:
    """The statements in buffers, then the updates of the states.

    `states` leads from the name of a state to the label of the output that is its next value;
    `proofs` from an output's label to the step it comes from.
    """
    after = {program.outputs[label]: state for state, label in states.items()}
    first = next(iter(proofs.values()))
    of = {program.outputs[label]: proof for label, proof in proofs.items()}
    lines: list[Line] = []
    for s in program.statements:
        if s.name not in after:
            lines += told(printer.statement(s), of.get(s.name, first), s)
    changes = [(after[s.name], s) for s in program.statements if s.name in after]
    late: list[Line] = []
    for (before, change), (_, s) in zip(printer.updates(changes, lambda t: reads(t, set(states))), changes):
        both = told([*before, *change], of.get(s.name, first), s)
        lines += both[: len(before)]
        late += both[len(before) :]
    return [*lines, *late]


def reads(t: Tensor, names: set[str]) -> bool:
    return any(isinstance(x, Read) and x.name in names for x in t.walk())


def told(codes: Sequence[str], proof: Proof, s: Statement) -> list[Line]:
    """The first line says what all of them compute."""
    first = because(codes[0], proof, s)
    return [first, *(replace(first, code=code, equation="") for code in codes[1:])]


def buffer_lines(buffers: Sequence[Buffer], sizes: Mapping[str, str], kind: str) -> list[Line]:
    return [
        Line(f"{b.name} = np.{'ones' if b.ones else 'empty'}({shape_code(b.sizes, sizes)}, {kind})") for b in buffers
    ]


def shape_code(shape: Sequence[Size], sizes: Mapping[str, str]) -> str:
    """A shape as code: `(N, D)`, or `D` alone."""
    words = [size_code(s, sizes) for s in shape]
    return words[0] if len(words) == 1 else f"({', '.join(words)})"


def size_code(s: Size, sizes: Mapping[str, str]) -> str:
    parts = [sizes[n] if c == 1 else f"{c} * {sizes[n]}" for n, c in s.parts]
    return " + ".join(parts + ([str(s.const)] if s.const or not parts else []))


def descent_lines(
    given: Sequence[Argument],
    program: Program,
    states: Mapping[str, str],
    shapes: Mapping[str, tuple[Size, ...]],
    names: Mapping[str, str],
    sizes: Mapping[str, str],
    proofs: Mapping[str, Proof],
) -> tuple[list[Line], set[str]]:
    """The lines of x ← B from zero, repeated `steps` times, and the sizes that they need."""
    kind = f"{next(a.spelled for a in given if a.shape)}.dtype"
    printer = Buffered(names, sizes)
    body = body_lines(program, printer, proofs, states)
    start = [Line(f"{names[s]} = np.zeros({shape_code(shapes[s], sizes)}, {kind})") for s in states]
    made = [
        *start,
        *buffer_lines(printer.buffers, sizes, kind),
        Line("for _ in range(steps):"),
        *(line.indented() for line in body),
        Line("return " + ", ".join(names[s] for s in states)),
    ]
    needed = {n for b in printer.buffers for s in b.sizes for n in s.names}
    needed |= {n for s in states for size in shapes[s] for n in size.names}
    return made, needed | printer.used


__all__ = ["body_lines", "buffer_lines", "descent_lines", "reads", "shape_code", "size_code", "told"]
