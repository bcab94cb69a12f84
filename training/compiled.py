"""From a document to a model that can be fitted: `codegen` proves and compiles it, this loads it."""

from __future__ import annotations

import importlib.util
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType

from codegen.document import Refused, compile_document
from derive.files import Unreadable, why_unread
from training.errors import TrainingError
from training.models import Model


def model(path: Path, loss: str, over: Sequence[str], section: str | None = None) -> Model:
    """The scalar definition `loss` of the document at `path`, with its gradients by `over`; all are Python names.

    Raises `TrainingError` where the file cannot be read, defines no such scalar, or cannot be compiled.
    """
    try:
        compiled = compile_document(path, every_gradient=True, section=section, only=loss, by=over)
    except (OSError, Unreadable) as error:
        raise TrainingError(f"{path}: cannot read: {why_unread(error)}") from error
    except Refused as refused:
        said = "\n".join(refusal.text(str(path)) for refusal in refused.refusals)
        raise TrainingError(f"{path}: cannot be compiled\n{said}") from refused
    name = f"value_and_grad_{loss}"
    function = next((f for f in compiled.functions if f.name == name), None)
    if function is None:
        by = ", ".join(over)
        raise TrainingError(f"{path}: {loss} has no gradient by {by}; it must be a scalar that depends on it")
    inputs = dict(zip(function.source.arguments, function.program.inputs, strict=True))
    return Model(
        loss,
        compiled.source,
        {argument: i.shape for argument, i in inputs.items()},
        {argument: i.domain for argument, i in inputs.items()},
        [label.removeprefix("grad_") for label in function.program.outputs if label != "value"],
        getattr(_load(compiled.source, path), name),
    )


def _load(source: str, path: Path) -> ModuleType:
    """The module that this source makes: it was printed by `codegen`; no text of the document is code in it."""
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
