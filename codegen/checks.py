"""The test file beside a compiled document: what it draws, and which derivatives it checks how."""

from __future__ import annotations

from itertools import count

from codegen.document import Module
from codegen.document_text import Function
from codegen.layout import filled
from codegen.points import constrained
from codegen.program import Determinant, Input, Inverted, Pointwise, Program, Read, Solve

#: operations through which a complex step does not see a derivative
_NOT_HOLOMORPHIC = {"abs", "max", "sign", "step"}


def tests_of(module: Module, name: str) -> str:
    """The source of `test_<name>.py`."""
    checked = [f for f in module.functions if f.checked]
    inputs: dict[str, Input] = {}
    for f in checked:
        for identifier, i in zip(f.source.arguments, f.program.inputs):
            if identifier != module.seconds.get(f.name, ("", "", ""))[2]:  # a direction has its variable's shape
                inputs.setdefault(identifier, i)
    sizes = _sizes(list(inputs.values()))
    square = sorted({n for f in checked for n in _inverted(f)})
    theorems = [t for f in checked for t in f.program.theorems.values()]
    return filled(
        "document_test.jinja",
        module=name,
        sizes=repr({s: sizes[s] for s in sorted(sizes)}),
        arguments=[f"{n!r}: {_row(i, sizes)}" for n, i in inputs.items()],
        signatures=[f"{f.name!r}: {f.source.arguments!r}" for f in checked],
        gradients=[f"{g!r}: {of!r}" for g, of in module.derivatives.items()],
        hessians=[f"{h!r}: {(g, of)!r}" for h, (g, of, v) in module.seconds.items() if not v],
        products=[f"{h!r}: {given!r}" for h, given in module.seconds.items() if given[2]],
        together=[f"{h!r}: {given!r}" for h, given in module.together.items() if not module.across],
        across=[repr(h) for h in module.seconds if h in module.across],
        holomorphic=[repr(f.name) for f in checked if holomorphic(f.program)] or ["''"],
        square=square,
        given=[f"{n!r}: {value!r}" for n, value in constrained(theorems, inputs, sizes, square).items()],
    )


def _sizes(inputs: list[Input]) -> dict[str, int]:
    names = dict.fromkeys(n for i in inputs for s in i.shape for n in s.names)
    return dict(zip(names, count(3)))


def _row(i: Input, sizes: dict[str, int]) -> str:
    shape = tuple(s.value(sizes) for s in i.shape)
    d = i.domain
    if d.values is not None:
        return f"({shape!r}, 0.0, 0.0, {[float(v) for v in d.values]!r})"
    low = -1.0 if d.low is None and d.high is None else float(d.low) if d.low is not None else float(d.high or 0) - 2
    high = 1.0 if d.low is None and d.high is None else float(d.high) if d.high is not None else low + 2
    if d.nonzero and low < 0 < high:
        low = 0.0
    margin = (high - low) / 8 if d.low is not None or d.high is not None or d.nonzero else 0.0
    return f"({shape!r}, {low + margin!r}, {high - margin!r}, None)"


def _inverted(f: Function) -> list[str]:
    """The arguments that are inverted, or whose determinant is taken, as they are."""
    found = []
    spelled = dict(zip((i.name for i in f.program.inputs), f.source.arguments))
    for s in f.program.statements:
        for t in s.value.walk():
            if isinstance(t, (Inverted, Solve, Determinant)) and isinstance(t.matrix.body, Read):
                found.append(t.matrix.body.name)
    return [spelled[n] for n in found if n in spelled]


def holomorphic(program: Program) -> bool:
    """Does a complex step see the derivative?  Not through |x| and max, log |det A| and a Cholesky factor."""
    return not any(
        (isinstance(t, Pointwise) and t.op in _NOT_HOLOMORPHIC)
        or (isinstance(t, Determinant) and t.log) or (isinstance(t, Solve) and t.matrix.definite)
        or (type(t).__name__ == "Reduce" and getattr(t, "op", "") in ("max", "others"))
        for s in program.statements for t in s.value.walk()
    )  # fmt: skip


__all__ = ["holomorphic", "tests_of"]
