"""Programs as Python source: one statement per equation, the equation beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from codegen.code import ATOM, broken, comment, paragraph
from codegen.count import operations
from codegen.emit import Emitter
from codegen.kinks import NOTE
from codegen.program import Input, Program, Read, Reason, Statement
from derive.names import python_names
from derive.terms import Shape, Size, shape_text

#: identifiers that the source itself uses
RESERVED = ("np", "math", "linalg", "dtype")

NO_NAMES: Mapping[str, str] = {}
WIDTH = 110


@dataclass(frozen=True)
class Step:
    """One row of the map: a line of the function's source (from 1) and what it computes, and why."""

    line: int
    name: str
    equation: str
    reason: Reason


@dataclass(frozen=True)
class FunctionSource:
    """A printed function.  `imports` are the modules it needs beside NumPy."""

    name: str
    text: str
    steps: tuple[Step, ...]
    imports: tuple[str, ...]
    arguments: tuple[str, ...]

    def __str__(self) -> str:
        return self.text


def print_function(
    program: Program, *, name: str | None = None, doc: str = "", reserved: Sequence[str] = (),
    given: Mapping[str, str] = NO_NAMES,
) -> FunctionSource:  # fmt: skip
    """The source of a program as a function of its inputs, in order.

    It returns the outputs, a tuple if there are several.  `doc` is the first paragraph of the
    docstring; `reserved` are identifiers that the module uses for something else, `given` those of
    inputs that have one in all of the module.  Raises
    `CodegenError` where a size cannot be read from the shape of an argument.
    """
    printer = _Printer(program, reserved, given)
    return printer.function(name or program.name, doc)


class _Printer:
    def __init__(self, program: Program, reserved: Sequence[str], given: Mapping[str, str]) -> None:
        self.program = program
        inputs = [i.name for i in program.inputs]
        sizes = _named_sizes(program)
        taken = (*RESERVED, *reserved)
        own = {n: given[n] for n in inputs if n in given}
        if len(set(own.values())) < len(own):  # one name, declared anew: each needs its own here
            own = {}
        names = [n for n in (*inputs, *(s.name for s in program.statements)) if n not in own]
        ids = {**own, **python_names(names, (*taken, *own.values()))}
        self.names = ids
        size_ids = python_names(sizes, (*taken, *ids.values()))
        self.sizes = {n: size_ids[n] for n in sizes}
        self.where = sizes
        self.emitter = Emitter(self.names, self.sizes)

    def function(self, name: str, doc: str) -> FunctionSource:
        body: list[str] = []
        steps: list[tuple[int, Statement]] = []
        statements = self.program.statements
        outputs = list(self.program.outputs.values())
        for n, s in enumerate(statements):
            last = n == len(statements) - 1 and outputs == [s.name]
            code = self.value(s)
            target = "return" if last else f"{self.names[s.name]} ="
            steps.append((self.place(body, f"{target} {code}", s.equation), s))
        if not statements or outputs != [statements[-1].name]:
            body.append("return " + ", ".join(self.names[o] for o in outputs))
        head = self.head()
        names = tuple(self.names[i.name] for i in self.program.inputs)
        lines = [f"def {name}({', '.join(names)}):", *(_indent(x) for x in self.docstring(doc))]
        lines += [f"    {x}" for x in head]
        shift = len(lines)
        lines += [f"    {x}" for x in body]
        made = tuple(Step(shift + at, s.name, s.equation, s.reason) for at, s in steps)
        modules = {"math": "import math", "scipy": "from scipy import linalg"}
        imports = tuple(modules[m] for m in sorted(modules) if m in self.emitter.used)
        return FunctionSource(name, "\n".join(lines) + "\n", made, imports, names)

    def place(self, body: list[str], statement: str, equation: str) -> int:
        """Adds a statement with its equation beside or above it; the line (from 1) where it begins."""
        if len(statement) + len(equation) + 8 <= WIDTH:
            body.append(f"{statement}  # {equation}")
            return len(body)
        body.extend(comment(equation, WIDTH - 4))
        begins = len(body) + 1
        body.extend(broken(statement, WIDTH - 4))
        return begins

    def value(self, s: Statement) -> str:
        missing = tuple(i for i in s.axes if i not in s.value.axes)
        code = self.emitter.framed(s.value, s.axes)
        if not missing:
            shared = isinstance(s.value, Read) and s.axes and s.name in self.program.outputs.values()
            return f"{code.at(ATOM)}.copy()" if shared else code.text  # never a view of an argument
        self.emitter.used.add("dtype")
        shape = ", ".join(self.emitter.size(i.size).text for i in s.axes)
        shape = f"({shape},)" if len(s.axes) == 1 else f"({shape})"
        return f"np.full({shape}, {code.text}, dtype=dtype)"

    def head(self) -> list[str]:
        """Sizes read from shapes, the common dtype, scalars of that dtype."""
        lines: list[str] = []
        arrays = [i for i in self.program.inputs if i.shape]
        scalars = [i for i in self.program.inputs if not i.shape]
        if arrays and (scalars or "dtype" in self.emitter.used):
            names = ", ".join(self.names[i.name] for i in arrays)
            lines.append(f"dtype = np.result_type({names}, np.float32)")
            lines += [f"{self.names[i.name]} = dtype.type({self.names[i.name]})" for i in scalars]
        elif "dtype" in self.emitter.used:
            lines.append("dtype = np.result_type(np.float64)")
        done: set[str] = set()
        for i in arrays:
            wanted = [s.names[0] if _plain(s) else "" for s in i.shape]
            new = [w for w in wanted if w in self.emitter.used and w not in done]
            own = [w for w in new if self.where[w][0] is i]
            if not own:
                continue
            if len(i.shape) > 1 and len(set(own)) == len(i.shape):
                lines.append(f"{', '.join(self.sizes[w] for w in wanted)} = {self.names[i.name]}.shape")
            else:
                lines += [
                    f"{self.sizes[w]} = {self.names[i.name]}.shape[{self.where[w][1]}]" for w in dict.fromkeys(own)
                ]
            done |= set(own)
        for size_name in sorted(self.emitter.used & self.where.keys() - done):
            i, axis = self.where[size_name]
            s = i.shape[axis]
            text = f"{self.names[i.name]}.shape[{axis}]"
            if s.const:
                text += f" {'-' if s.const > 0 else '+'} {abs(s.const)}"
            count = s.parts[0][1]
            if count != 1:
                text = f"({text}) // {count}" if s.const else f"{text} // {count}"
            lines.append(f"{self.sizes[size_name]} = {text}")
        return lines

    def docstring(self, doc: str) -> list[str]:
        p = self.program
        return docstring(
            doc or "; ".join(s.equation for s in _results(p)),
            [(self.names[i.name], i.shape) for i in p.inputs],
            [(label, p.shape_of(name)) for label, name in p.outputs.items()],
            p.hypotheses, f"About {operations(p)} operations.", NOTE if p.has("sign", "step") else "",
        )  # fmt: skip


def docstring(
    doc: str, arguments: Sequence[tuple[str, Shape]], results: Sequence[tuple[str, Shape]],
    hypotheses: Sequence[str], cost: str, note: str = "",
) -> list[str]:  # fmt: skip
    """The rows of a function's docstring with its quotes."""
    lines = [doc.rstrip(".") + ".", "", *(f"{name}: {shape_text(shape)}" for name, shape in arguments)]
    lines.append(f"Returns {', '.join(f'{label} {shape_text(shape)}' for label, shape in results)}.")
    if hypotheses:
        lines.append(f"Holds where {', '.join(hypotheses)}.")
    lines += [note] if note else []
    first, *rest = (row for line in (*lines, cost) for row in (paragraph(line, WIDTH - 8) if line else [""]))
    return [f'"""{first}', *rest, '"""']


def _indent(line: str) -> str:
    return f"    {line}" if line else ""


def _results(p: Program) -> list[Statement]:
    return [s for s in p.statements if s.name in p.outputs.values()]


def _plain(s: Size) -> bool:
    return not s.const and len(s.parts) == 1 and s.parts[0][1] == 1


def _named_sizes(program: Program) -> dict[str, tuple[Input, int]]:
    """Size → the input and axis that tell it; an axis that is just that size if there is one."""
    found: dict[str, tuple[Input, int]] = {}
    for exact in (True, False):
        for i in program.inputs:
            for axis, s in enumerate(i.shape):
                if len(s.parts) == 1 and _plain(s) == exact:
                    found.setdefault(s.parts[0][0], (i, axis))
    return found


__all__ = ["WIDTH", "FunctionSource", "Step", "docstring", "print_function"]
