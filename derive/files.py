"""Documents to read, within bounds; files to write that are either whole or not there."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from derive.messages import word

#: larger documents are refused unread
MOST_BYTES = 10_000_000


class Unreadable(ValueError):
    """The bytes are no document; the message says why."""


def read_text(file: str, lang: str = "en") -> str:
    """The text of a document with \\n at its line ends; - is standard input.  Raises `OSError` or `Unreadable`."""
    if file == "-":
        data = sys.stdin.buffer.read(MOST_BYTES + 1)
    else:
        with Path(file).open("rb") as stream:
            data = stream.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        raise Unreadable(word("too_large", lang, limit=f"{MOST_BYTES // 1_000_000} MB"))
    if b"\0" in data:
        raise Unreadable(word("nul", lang, offset=data.index(b"\0")))
    try:
        return data.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
    except UnicodeDecodeError as error:
        raise Unreadable(word("not_utf8", lang, offset=error.start)) from None


def why_unread(error: OSError | Unreadable, lang: str = "en") -> str:
    """What `read_text` met, in a few words."""
    if isinstance(error, FileNotFoundError):
        return word("no_file", lang)
    if isinstance(error, IsADirectoryError):
        return word("directory", lang)
    if isinstance(error, PermissionError):
        return word("denied", lang)
    return error.strerror or str(error) if isinstance(error, OSError) else str(error)


@contextmanager
def whole(path: Path) -> Iterator[BinaryIO]:
    """A file to fill, which takes the place of `path` when the block ends without an exception.

    Until then, and for good where the block or the disk fails, `path` is what it was before.  Raises
    `OSError` with `path` as its file name.
    """
    try:
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with os.fdopen(handle, "wb") as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            os.chmod(temporary, 0o666 & ~_umask())  # mkstemp's files are private
            os.replace(temporary, path)
        except BaseException:
            os.unlink(temporary)
            raise
    except OSError as error:
        error.filename, error.filename2 = str(path), None
        raise


def write_text(path: Path, text: str) -> None:
    """Writes the text in UTF-8, at once or not at all; raises `OSError`."""
    with whole(path) as file:
        file.write(text.encode())


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


__all__ = ["Unreadable", "read_text", "whole", "why_unread", "write_text"]
