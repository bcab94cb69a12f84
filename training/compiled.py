"""From a document to a model that can be fitted: `codegen` compiles it, its declarations give the shapes."""

from __future__ import annotations

import contextlib
import importlib.util
import inspect
import io
import sys
import tempfile
from pathlib import Path
from types import ModuleType

from derive.context import Context, Declaration, written
from derive.homework.document import Document, read_document
from derive.names import python_names
from training.errors import TrainingError
from training.models import Model


def model(path: Path, loss: str, section: str | None = None) -> Model:
    """The scalar definition `loss` (its Python name) of the document at `path`, with all its gradients.

    Raises `TrainingError` where the file cannot be read, defines no such scalar, or cannot be compiled.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise TrainingError(f"{path}: cannot read: {getattr(error, 'strerror', None) or error}") from error
    context = _context(read_document(text, str(path)), path, loss, section)
    source = _compile(path, section)
    module = _load(source, path)
    function = getattr(module, f"value_and_grad_{loss}", None)
    if function is None:
        raise TrainingError(f"{path}: {loss} has no gradient; is it a scalar that depends on a real variable?")
    declared = _declared(context)
    names = list(inspect.signature(function).parameters)
    return Model(
        loss,
        source,
        {name: declared[name].shape for name in names},
        {name: declared[name].domain for name in names},
        [name for name in names if hasattr(module, f"grad_{loss}_{name}")],
        function,
    )


def _context(document: Document, path: Path, loss: str, section: str | None) -> Context:
    """The context that defines `loss`."""
    found: dict[int, Context] = {}
    known: dict[str, None] = {}
    for part in document.sections:
        for name, spelled in python_names(part.context.definitions).items():
            known[spelled] = None
            if spelled == loss and (section is None or part.title.strip() == section.strip()):
                found.setdefault(id(part.context.definitions[name]), part.context)
    if not found:
        where = f" under the heading {section!r}" if section is not None else ""
        raise TrainingError(f"{path}: no definition of {loss}{where}; it defines {', '.join(known) or 'nothing'}")
    if len(found) > 1:
        raise TrainingError(f"{path}: {loss} is defined in {len(found)} sections; choose one with --section HEADING")
    return next(iter(found.values()))


def _declared(context: Context) -> dict[str, Declaration]:
    """Python name → declaration."""
    spelled = python_names(written(name) for name in context.declarations)
    return {spelled[written(name)]: declaration for name, declaration in context.declarations.items()}


def _compile(path: Path, section: str | None) -> str:
    from codegen.__main__ import main

    said = io.StringIO()
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "model.py"
        words = [str(path), "--out", str(target), "--gradients", "all"]
        words += ["--section", section] if section is not None else []
        with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
            code = main(words)
        if code != 0:
            raise TrainingError(f"{path}: cannot be compiled\n{said.getvalue().rstrip()}")
        return target.read_text(encoding="utf-8")


def _load(source: str, path: Path) -> ModuleType:
    """The module that this source makes; it was written by `codegen`, never by the document's author."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "model.py"
        file.write_text(source, encoding="utf-8")
        name = f"fitted_{path.stem}"
        spec = importlib.util.spec_from_file_location(name, file)
        if spec is None or spec.loader is None:
            raise TrainingError(f"{path}: the compiled module cannot be loaded")
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        spec.loader.exec_module(module)
    return module
