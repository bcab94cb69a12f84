"""Files that are either whole or not there."""

from __future__ import annotations

import errno
import json
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

from training.errors import TrainingError


def write_atomically(
    path: Path, write: Callable[[BinaryIO], object], instead: str = "choose another folder with --out"
) -> None:
    """Let `write` fill a temporary file beside `path`, then rename it to `path`; `instead` is advice where it can't.

    Raises `TrainingError` where the folder or the disk refuses; `path` is then what it was before.
    """
    temporary: Path | None = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        temporary = Path(name)
        with os.fdopen(handle, "wb") as file:
            write(file)
            file.flush()
            os.fsync(file.fileno())
        temporary.chmod(0o666 & ~_umask())  # mkstemp's files are private
        temporary.replace(path)
        temporary = None
    except OSError as error:
        raise TrainingError(_advice(path, error, instead)) from error
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)


def write_json(path: Path, value: Any) -> None:
    """Write `value` as indented UTF-8 JSON, atomically."""
    text = json.dumps(value, indent=2, ensure_ascii=False) + "\n"
    write_atomically(path, lambda file: file.write(text.encode()))


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _advice(path: Path, error: OSError, instead: str) -> str:
    reason = error.strerror or str(error)
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        instead = f"free some space or {instead}; nothing half-written was left"
    return f"{path}: cannot write: {reason}; {instead}"
