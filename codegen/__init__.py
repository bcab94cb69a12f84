"""From theorems to NumPy: theorem → typed program → passes → source → files."""

from __future__ import annotations

import difflib
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from derive.files import whole

if TYPE_CHECKING:
    from codegen.modules import Module
    from derive.blackboard import Derivation

MAP = "map.json"


def names() -> tuple[str, ...]:
    """The modules of `generated/`."""
    from codegen.modules import MODULES

    return tuple(m.name for m in MODULES)


def generate(
    chosen: Sequence[str] = (), derivations: Mapping[str, Callable[[], Derivation]] | None = None
) -> dict[str, str]:
    """File name → content of the chosen modules (all if none is named), and of the map of all.

    `derivations` stand in for the lecture's; nothing else decides what the programs compute.
    """
    from codegen.modules import MODULES
    from codegen.proofs import Proofs
    from derive.lecture import DERIVATIONS

    proofs = Proofs(DERIVATIONS if derivations is None else derivations)
    files: dict[str, str] = {}
    table: dict[str, Any] = {}
    for module in MODULES:
        if not chosen or module.name in chosen:
            files[f"{module.name}.py"], table[f"{module.name}.py"] = _module(module, proofs)
    if not chosen:
        files["__init__.py"] = ""
    files[MAP] = json.dumps({"schema": 1, "modules": table}, ensure_ascii=False, indent=1) + "\n"
    return files


def _module(module: Module, proofs: Any) -> tuple[str, Any]:
    """Theorems → programs → functions → text."""
    from codegen import batches, layers, regression
    from codegen.layout import render
    from codegen.modules import Layered
    from codegen.proofs import digest

    functions, theorems = [], []
    weights: list[dict[str, str]] = []
    for function in module.functions:
        if isinstance(function, Layered):
            compiled = batches.written if function.kind == "train" else layers.written
            made, used = compiled(function, proofs, module.spelled)
            weights = layers.weights_of(function, proofs)
        else:
            one, used = regression.written(function, proofs, module.spelled)
            made = [one]
        functions += made
        theorems += used
    text = render(
        "module.jinja",
        {f.name: f.lines for f in functions},
        name=module.name,
        title=module.title,
        shapes=module.shapes,
        digest=digest(theorems),
        imports=imports(set().union(*(f.imports for f in functions))),
        exported=", ".join(f'"{f.name}"' for f in sorted(functions, key=lambda f: f.name) if not f.private),
        functions=functions,
        weights=weights,
        helpers=set().union(*(f.helpers for f in functions)),
    )
    return text.source, list(text.map)


def imports(used: set[str]) -> list[str]:
    """The import lines of a module, sorted as isort would."""
    standard = [f"import {name}" for name in ("math", "warnings") if name in used]
    standard.append("from typing import Any")
    callables = ["from collections.abc import Callable, Sequence"] if "callable" in used else []
    numpy = ["import numpy as np", "from numpy.typing import NDArray"]
    scipy = ["from scipy import linalg"] if "scipy" in used else []
    blas = ["from scipy.linalg import blas"] if "blas" in used else []
    return [*callables, *standard, "", *numpy, *scipy, *blas]


# -- files -------------------------------------------------------------------------------------------------


def write(files: Mapping[str, str], out: Path) -> set[str]:
    """Writes the files that differ, each at once or not at all; their names."""
    out.mkdir(parents=True, exist_ok=True)
    changed = set()
    for name, content in merged(files, out).items():
        data = content.encode()
        path = out / name
        if path.is_file() and path.read_bytes() == data:
            continue
        with whole(path) as file:
            file.write(data)
        changed.add(name)
    return changed


def merged(files: Mapping[str, str], out: Path) -> dict[str, str]:
    """The map keeps what it says of modules that are not written now."""
    made = dict(files)
    try:
        old = json.loads((out / MAP).read_text(encoding="utf-8"))["modules"]
    except (OSError, ValueError, KeyError, TypeError):
        return made
    table = json.loads(made[MAP])
    kept = {n: e for n, e in old.items() if n not in made and n.removesuffix(".py") in names()}
    if "__init__.py" not in made and kept:
        table["modules"] = dict(sorted({**kept, **table["modules"]}.items(), key=lambda p: _rank(p[0])))
        made[MAP] = json.dumps(table, ensure_ascii=False, indent=1) + "\n"
    return made


def _rank(name: str) -> int:
    return names().index(name.removesuffix(".py"))


def difference(files: Mapping[str, str], out: Path, *, whole: bool) -> str:
    """A unified diff from the folder to the files; with `whole`, other files there differ too."""
    made = merged(files, out)
    there = {p.name for p in out.iterdir() if p.is_file()} if out.is_dir() else set()
    lines: list[str] = []
    for name in sorted(made.keys() | (there if whole else set())):
        path = out / name
        old = path.read_bytes() if name in there else None
        new = made[name].encode() if name in made else None
        if old == new:
            continue
        before = (old or b"").decode("utf-8", "replace").splitlines(keepends=True)
        after = (new or b"").decode("utf-8", "replace").splitlines(keepends=True)
        lines += difflib.unified_diff(
            before,
            after,
            str(path) if old is not None else "/dev/null",
            f"{name} (generated)" if new is not None else "/dev/null",
        )
        if before == after:
            lines.append(f"{path}: differs in its bytes only\n")
    return "".join(line if line.endswith("\n") else line + "\n" for line in lines)
