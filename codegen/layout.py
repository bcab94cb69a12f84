"""Programs as files: the templates own the layout, this module fills them and draws the map."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import pairwise
from typing import Any

import jinja2

WIDTH = 100
_MARK = re.compile("\x00(\\d+)\x00")


@dataclass(frozen=True)
class Line:
    """A line of a function's body, with the equation it computes and the step that justifies it."""

    code: str
    equation: str = ""
    derivation: str = ""
    step: str = ""
    slide: str = ""
    rule: str = ""
    depth: int = 0  # in blocks of four spaces below the function's body

    def indented(self, by: int = 1) -> Line:
        return replace(self, depth=self.depth + by)


@dataclass(frozen=True)
class Text:
    """A file's text, and for each line that has an equation what justifies it."""

    source: str
    map: tuple[dict[str, Any], ...]


@cache
def _environment() -> jinja2.Environment:
    return jinja2.Environment(
        loader=jinja2.PackageLoader("codegen", "templates"),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,
    )


def filled(template: str, **values: Any) -> str:
    """The template filled in; what comes out is Python that parses."""
    source = _environment().get_template(template).render(**values)
    compile(source, template, "exec")
    return source


def render(template: str, bodies: dict[str, Sequence[Line]], **values: Any) -> Text:
    """The file; `bodies` are the functions' lines, which the template places by name."""
    table: list[tuple[str, Line]] = []
    printed = {name: _printed(name, lines, table) for name, lines in bodies.items()}
    marked = _environment().get_template(template).render(bodies=printed, **values)
    lines, entries = [], []
    for number, line in enumerate(marked.split("\n"), 1):
        found = _MARK.search(line)
        if found:
            function, at = table[int(found[1])]
            line = _MARK.sub("", line)
            entries.append(_entry(number, function, line, at))
        lines.append(line.rstrip())
    source = "\n".join(lines)
    compile(source, template, "exec")  # what is written parses
    return Text(source, tuple(entries))


def _printed(function: str, lines: Sequence[Line], table: list[tuple[str, Line]]) -> list[str]:
    """One string per line, marked so that its place in the file is found after the layout."""
    made = []
    for line in lines:
        pad = "    " * (line.depth + 1)
        mark = ""
        if line.equation or line.step:
            mark = f"\x00{len(table)}\x00"
            table.append((function, line))
        if not line.equation and "#" not in line.code and len(pad + line.code) > WIDTH:
            made.append("\n".join(pad + row for row in folded(line.code)))
            continue
        beside = f"{pad}{line.code}  # {line.equation}" if line.equation else pad + line.code
        if line.equation and len(beside) > WIDTH:
            made.append(f"{pad}# {line.equation}")
            beside = pad + line.code
        made.append(beside + mark)
    return made


def folded(code: str) -> list[str]:
    """A long line with each argument of its last call on a line of its own."""
    depth, quoted = 0, ""
    start, end, commas = 0, 0, list[int]()
    for at, c in enumerate(code):
        if quoted or c in "\"'":
            quoted = "" if c == quoted else quoted or c
        elif c in "([{":
            if not depth and c == "(":
                start, commas = at + 1, []
            depth += 1
        elif c in ")]}":
            depth -= 1
            if not depth and c == ")":
                end = at
        elif c == "," and depth == 1 and start > end:
            commas.append(at)
    if not start:
        return [code]
    cuts = [start - 1, *commas, end]
    arguments = (code[a + 1 : b].strip() for a, b in pairwise(cuts))
    return [code[:start], *(f"    {a}," for a in arguments if a), code[end:]]


def _entry(number: int, function: str, text: str, line: Line) -> dict[str, Any]:
    return {
        "line": number,
        "function": function,
        "code": line.code,
        "equation": line.equation,
        "derivation": line.derivation,
        "step": line.step,
        "slide": line.slide,
        "rule": line.rule,
    }
