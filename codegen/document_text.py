"""The module of a document as text: functions that check their arguments, under a header."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from textwrap import wrap

from codegen.code import comment
from codegen.layout import filled
from codegen.printer import FunctionSource
from codegen.program import Program
from derive.names import python_names
from derive.notation import unicode
from derive.terms import Size


@dataclass(frozen=True)
class Function:
    """A printed function with the program it was printed from."""

    source: FunctionSource
    program: Program
    checked: bool = True  # the arguments' shapes are

    @property
    def name(self) -> str:
        return self.source.name


def checked(source: FunctionSource, program: Program) -> FunctionSource:
    """The function with its arguments checked first."""
    rows = source.text.split("\n")
    if any("\\" in row for row in rows):  # LaTeX of an assumption in the docstring
        rows[1] = rows[1].replace('"""', 'r"""', 1)
    if not program.inputs:
        return replace(source, text="\n".join(rows))
    pairs = []
    for identifier, i in zip(source.arguments, program.inputs):
        pairs.append(f'{identifier}=({identifier}, "{" ".join(map(_axis, i.shape))}")')
    names = ", ".join(source.arguments) + ("," if len(pairs) == 1 else "")
    line = f"    {names} = _arrays({', '.join(pairs)})"
    if len(line) > 110:
        inner = wrap(", ".join(pair.replace(" ", "\0") for pair in pairs) + ",", 100, break_on_hyphens=False)
        line = "\n        ".join([f"    {names} = _arrays(", *(row.replace("\0", " ") for row in inner)]) + "\n    )"
    end = next(k for k, row in enumerate(rows) if k > 1 and row.endswith('"""'))
    rows.insert(end + 1, line)
    return replace(source, text="\n".join(rows))


def _axis(s: Size) -> str:
    spelled = python_names(s.names)
    words = [f"{count if count != 1 else ''}{spelled[name]}" for name, count in s.parts]
    return "+".join([*words, *([str(s.const)] if s.const or not words else [])])


def module_text(name: str, text: str, functions: Sequence[Function]) -> str:
    """The module of these functions; `name` and `text` are the document's."""
    needed = {line for f in functions for line in f.source.imports}
    theorems = [
        "\n".join(comment(f"{f.name}: {(said := unicode(t.prop, t.context))}: theorem {_digest(said)}", 110))
        for f in functions for t in f.program.theorems.values() if len(f.program.theorems) == 1
    ]  # fmt: skip
    return filled(
        "document.jinja", title=f"{_title(text) or name}.", source=name, digest=_digest(text),
        imports=sorted(line for line in needed if line.startswith("import")),
        libraries=sorted(line for line in needed if line.startswith("from")),
        functions={"names": theorems, "texts": [f.source.text.rstrip() for f in functions]},
    )  # fmt: skip


def _title(text: str) -> str:
    first = next((row.lstrip("# ").strip() for row in text.splitlines() if row.startswith("#")), "")
    return "".join(c for c in first if c.isprintable() and c not in '"\\')[:90]


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


__all__ = ["Function", "checked", "module_text"]
