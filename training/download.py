"""MNIST's four files: their checksums, and how to fetch one that is missing."""

from __future__ import annotations

import hashlib
import http.client
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO, NamedTuple

from training.errors import DataError, NetworkError
from training.files import write_atomically


class Source(NamedTuple):
    """What a file of the data set is known by."""

    size: int  # bytes
    sha256: str


FILES = {
    "train-images-idx3-ubyte.gz": Source(
        9912422, "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609"
    ),
    "train-labels-idx1-ubyte.gz": Source(
        28881, "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c"
    ),
    "t10k-images-idx3-ubyte.gz": Source(
        1648877, "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6"
    ),
    "t10k-labels-idx1-ubyte.gz": Source(
        4542, "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6"
    ),
}

MIRRORS = (
    "https://ossci-datasets.s3.amazonaws.com/mnist",
    "https://storage.googleapis.com/cvdf-datasets/mnist",
)

_ELSEWHERE = "put MNIST's four .gz files in a folder and name it by --data or $MNIST_DIR"
_SILENCE = 10.0  # seconds that a mirror may be silent
_TOTAL = 300.0  # seconds that one file may take


def verify(path: Path, source: Source) -> None:
    """Raise `DataError` unless the file at `path` is byte for byte the one that `source` describes."""
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise DataError(f"{path}: cannot read: {error.strerror or error}") from error
    if digest == source.sha256:
        return
    if size < source.size:
        raise DataError(
            f"{path}: truncated, {size:,} of {source.size:,} bytes; delete it and download it again"
        )
    raise DataError(
        f"{path}: corrupt, its SHA-256 is {digest[:12]}… and not {source.sha256[:12]}…; "
        "delete it and download it again"
    )


def download(
    name: str,
    folder: Path,
    source: Source,
    *,
    mirrors: Sequence[str] = MIRRORS,
    silence: float = _SILENCE,
) -> Path:
    """Fetch the file `name` into `folder` from the first mirror that has it whole.

    Its bytes go to a temporary file, are compared with the checksum, and only then get their name.
    Raises `NetworkError` with each mirror's reason where none succeeds.
    """
    reasons = []
    for mirror in mirrors:
        address = f"{mirror.rstrip('/')}/{name}"
        try:
            with urllib.request.urlopen(address, timeout=silence) as reply:
                write_atomically(folder / name, lambda file: _copy(reply, file, source), _ELSEWHERE)
            return folder / name
        except (
            DataError,
            urllib.error.URLError,
            http.client.HTTPException,
            TimeoutError,
            ValueError,
        ) as error:
            reasons.append(f"  {address}: {getattr(error, 'reason', None) or error}")
    raise NetworkError(f"cannot download {name}:\n" + "\n".join(reasons))


def _copy(reply: http.client.HTTPResponse, file: BinaryIO, source: Source) -> None:
    digest, size, deadline = hashlib.sha256(), 0, time.monotonic() + _TOTAL
    while True:
        try:
            block = reply.read(1 << 16)
        except (OSError, http.client.HTTPException) as error:
            raise DataError(f"the connection broke after {size:,} bytes ({error})") from error
        if not block:
            break
        size += len(block)
        if size > source.size or time.monotonic() > deadline:
            raise DataError(
                "longer than expected" if size > source.size else f"not done in {_TOTAL:.0f} s"
            )
        digest.update(block)
        file.write(block)
    if digest.hexdigest() != source.sha256:
        raise DataError(f"wrong checksum ({size:,} of {source.size:,} bytes arrived)")
