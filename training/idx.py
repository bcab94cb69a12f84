"""The IDX format of MNIST's files: magic number, sizes, then unsigned bytes (big-endian)."""

from __future__ import annotations

import gzip
import math
import zlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from training.errors import DataError

_UNSIGNED_BYTE = 0x08
_LARGEST = 1 << 30  # a header may claim anything; no data set here is larger


def read_idx(path: Path) -> NDArray[np.uint8]:
    """The array in the gzip-compressed IDX file at `path`, in the shape its header states.

    Raises `DataError` where the file is missing, is not gzip, is not IDX of bytes, or is shorter or
    longer than its header.
    """
    try:
        with gzip.open(path, "rb") as file:
            magic = file.read(4)
            if (
                len(magic) < 4
                or magic[:2] != b"\0\0"
                or magic[2] != _UNSIGNED_BYTE
                or not 1 <= magic[3] <= 3
            ):
                raise DataError(
                    f"{path}: not an IDX file of bytes (magic number {magic.hex() or 'missing'})"
                )
            header = file.read(4 * magic[3])
            if len(header) < 4 * magic[3]:
                raise DataError(f"{path}: truncated in its header")
            shape = tuple(int(n) for n in np.frombuffer(header, ">u4"))
            size = math.prod(shape)
            if size > _LARGEST:
                raise DataError(f"{path}: its header claims {size:,} bytes, more than is plausible")
            content = file.read(size + 1)
    except (gzip.BadGzipFile, zlib.error) as error:
        raise DataError(
            f"{path}: corrupt gzip data ({error}); delete the file and download it again"
        ) from error
    except EOFError as error:
        raise DataError(f"{path}: truncated; delete the file and download it again") from error
    except OSError as error:
        raise DataError(f"{path}: cannot read: {error.strerror or error}") from error
    if len(content) != size:
        what = "shorter" if len(content) < size else "longer"
        raise DataError(
            f"{path}: {what} than its header {shape} states; delete the file and download it again"
        )
    return np.frombuffer(content, np.uint8).reshape(shape)
