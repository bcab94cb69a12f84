"""From a document to a model that can be fitted: `codegen` proves and compiles it, this loads it."""

from __future__ import annotations

import importlib.util
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from codegen.document import Refused, compile_document
from codegen.spelling import aliases
from derive.checking.limited import Exceeded, Tell, within
from derive.checking.workers import Limits
from derive.context import Domain
from derive.files import Unreadable, why_unread
from derive.homework.place import Place
from derive.terms import Shape
from training.errors import TrainingError
from training.models import Model


@dataclass(frozen=True)
class _Compiled:
    """What the process that compiles sends back: the source, and what is known of the loss's arguments."""

    source: str
    shapes: dict[str, Shape]
    domains: dict[str, Domain]
    differentiable: list[str]
    aliases: dict[str, str]


def model(
    path: Path, loss: str, over: Sequence[str], section: str | None = None, limits: Limits | None = None, *,
    maximise: bool = False,
) -> Model:  # fmt: skip
    """The scalar definition `loss` of the document at `path`, with its gradients by `over`; all are Python names.

    Raises `TrainingError` where the file cannot be read, defines no such scalar, cannot be compiled, or not within
    the limits (60 s and 2 GB if none are given).
    """
    limits = limits or Limits(60.0)
    try:
        found = within(limits, _compiled, path, loss, over, section)
    except Exceeded as failure:
        where = f"\n  --> {failure.where}" if failure.where is not None else ""
        raise TrainingError(f"{path}: cannot be compiled{where}\n   = {failure.text(limits)}") from failure
    if isinstance(found, str):
        raise TrainingError(found)
    function = getattr(_load(found.source, path), _name(loss))
    sign = -1.0 if maximise else 1.0
    return Model(
        loss, found.source, found.shapes, found.domains, found.differentiable, function, found.aliases, sign
    )


def _name(loss: str) -> str:
    return f"value_and_grad_{loss}"


def _compiled(tell: Tell, path: Path, loss: str, over: Sequence[str], section: str | None) -> _Compiled | str:
    """The compiled loss, or why there is none; in a process of its own."""

    def told(place: Place | None, name: str) -> None:
        tell(f"{path}:{place.line}:{place.column}, {name}" if place is not None else name)

    tell(None)
    try:
        compiled = compile_document(path, every_gradient=True, section=section, only=loss, by=over, tell=told)
    except (OSError, Unreadable) as error:
        return f"{path}: cannot read: {why_unread(error)}"
    except Refused as refused:
        said = "\n".join(refusal.text(str(path)) for refusal in refused.refusals)
        return f"{path}: cannot be compiled\n{said}"
    function = next((f for f in compiled.functions if f.name == _name(loss)), None)
    if function is None:
        return f"{path}: {loss} has no gradient by {', '.join(over)}; it must be a scalar that depends on it"
    inputs = dict(zip(function.source.arguments, function.program.inputs, strict=True))
    return _Compiled(
        compiled.source,
        {argument: i.shape for argument, i in inputs.items()},
        {argument: i.domain for argument, i in inputs.items()},
        [label.removeprefix("grad_") for label in function.program.outputs if label != "value"],
        aliases({i.name: argument for argument, i in inputs.items()}),
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
