"""Files that are either whole or not there."""

from __future__ import annotations

import errno
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

from derive.files import whole
from training.errors import TrainingError


def write_atomically(
    path: Path, write: Callable[[BinaryIO], object], instead: str = "choose another folder with --out"
) -> None:
    """Let `write` fill a temporary file beside `path`, then rename it to `path`; `instead` is advice where it can't.

    Raises `TrainingError` where the folder or the disk refuses; `path` is then what it was before.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with whole(path) as file:
            write(file)
    except OSError as error:
        raise TrainingError(_advice(path, error, instead)) from error


def write_json(path: Path, value: Any) -> None:
    """Write `value` as indented UTF-8 JSON, atomically."""
    text = json.dumps(value, indent=2, ensure_ascii=False) + "\n"
    write_atomically(path, lambda file: file.write(text.encode()))


def _advice(path: Path, error: OSError, instead: str) -> str:
    reason = error.strerror or str(error)
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        instead = f"free some space or {instead}; nothing half-written was left"
    return f"{path}: cannot write: {reason}; {instead}"
