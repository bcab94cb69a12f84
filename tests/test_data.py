"""Data sets: found in the stated order, verified before use, refused clearly when damaged."""

from __future__ import annotations

import functools
import gzip
import hashlib
import http.server
import os
import shutil
import struct
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from training import data, download, idx
from training.download import Source
from training.errors import DataError, NetworkError, TrainingError

NOWHERE = ("http://127.0.0.1:9/mnist",)  # the discard port: refuses at once


def idx_bytes(array: np.ndarray) -> bytes:
    header = bytes([0, 0, 8, array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape)
    return header + array.astype(np.uint8).tobytes()


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a tiny data set in MNIST's format, whose checksums stand in for MNIST's."""
    rng = np.random.default_rng(0)
    folder = tmp_path / "small"
    folder.mkdir()
    table = {}
    for name in download.FILES:
        count = 30 if name.startswith("train") else 20
        shape = (count, 4, 4) if "images" in name else (count,)
        content = gzip.compress(idx_bytes(rng.integers(0, 256 if "images" in name else 10, shape)))
        (folder / name).write_bytes(content)
        table[name] = Source(len(content), hashlib.sha256(content).hexdigest())
    monkeypatch.setattr(download, "FILES", table)
    monkeypatch.setattr(data, "FILES", table)
    return folder


@pytest.fixture
def serve() -> Iterator[Callable[[Path], str]]:
    servers = []

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

    def start(folder: Path) -> str:
        server = http.server.ThreadingHTTPServer(
            ("127.0.0.1", 0), functools.partial(Quiet, directory=str(folder))
        )
        servers.append(server)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        return f"http://127.0.0.1:{server.server_address[1]}"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def mnist_folder() -> Path:
    named = os.environ.get("MNIST_DIR")
    folder = Path(named) if named else Path(__file__).resolve().parents[2] / "shared" / "mnist"
    if not all((folder / name).is_file() for name in download.FILES):
        pytest.skip("MNIST is not on this machine; name its folder with MNIST_DIR")
    return folder


def test_the_real_mnist_is_accepted_and_has_its_known_content() -> None:
    found = data.load("mnist", mnist_folder())
    assert found.X.shape == (784, 60000) and found.X_test.shape == (784, 10000)
    assert found.X.dtype == np.float32
    # the mean and deviation that are quoted everywhere for MNIST
    assert found.mean / 255 == pytest.approx(0.1307, abs=1e-4)
    assert found.std / 255 == pytest.approx(0.3081, abs=1e-4)
    assert abs(float(found.X.mean(dtype=np.float64))) < 1e-5
    assert float(found.X.std(dtype=np.float64)) == pytest.approx(1, abs=1e-5)
    counts = [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]
    assert found.D.sum(axis=1).astype(int).tolist() == counts
    assert found.labels_test[:5].tolist() == [7, 2, 1, 0, 4]
    assert found.describe().startswith("MNIST: 60,000")


def test_the_test_images_are_scaled_as_the_training_images_are() -> None:
    found = data.load("digits")
    raw = found.X_test * found.std + found.mean
    assert raw.min() == pytest.approx(0, abs=1e-5) and raw.max() == pytest.approx(16, abs=1e-5)


def test_digits_are_split_by_class_and_never_called_mnist_data() -> None:
    found = data.load("digits")
    assert found.X.shape[0] == 64 and found.X.shape[1] + found.X_test.shape[1] == 1797
    assert np.bincount(found.labels_test).min() >= 34
    assert "not MNIST" in found.describe() and found.describe().startswith("digits")


def test_one_hot_columns_say_the_label() -> None:
    assert data.one_hot(np.array([2, 0]), 3).tolist() == [[0, 1], [0, 0], [1, 0]]


def test_data_folder_wins_over_environment(small: Path, tmp_path: Path) -> None:
    found = data.load("mnist", small, environment={"MNIST_DIR": str(tmp_path)}, mirrors=NOWHERE)
    assert found.origin == str(small)


def test_environment_wins_over_the_cache(small: Path, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    shutil.copytree(small, cache)
    found = data.load("auto", environment={"MNIST_DIR": str(small)}, cache=cache, mirrors=NOWHERE)
    assert found.origin == str(small)


def test_the_cache_is_used_without_a_network(small: Path) -> None:
    assert data.load("auto", environment={}, cache=small, mirrors=NOWHERE).origin == str(small)


def test_a_missing_set_is_downloaded_from_the_second_mirror(
    small: Path, tmp_path: Path, serve: Callable[[Path], str]
) -> None:
    cache = tmp_path / "cache"
    found = data.load("mnist", environment={}, cache=cache, mirrors=(*NOWHERE, serve(small)))
    assert found.X.shape == (16, 30)
    assert sorted(path.name for path in cache.iterdir()) == sorted(download.FILES)


def test_a_damaged_cached_file_is_replaced(
    small: Path, tmp_path: Path, serve: Callable[[Path], str]
) -> None:
    cache = tmp_path / "cache"
    shutil.copytree(small, cache)
    name = "t10k-labels-idx1-ubyte.gz"
    (cache / name).write_bytes(b"rubbish")
    said: list[str] = []
    data.load("mnist", environment={}, cache=cache, mirrors=(serve(small),), say=said.append)
    assert (cache / name).read_bytes() == (small / name).read_bytes()
    assert any("truncated" in line for line in said)


def test_a_mirror_with_wrong_bytes_leaves_nothing_behind(
    small: Path, tmp_path: Path, serve: Callable[[Path], str]
) -> None:
    bad, cache = tmp_path / "bad", tmp_path / "cache"
    bad.mkdir()
    for name in download.FILES:
        (bad / name).write_bytes(b"x" * download.FILES[name].size)
    with pytest.raises(DataError, match="wrong checksum"):
        data.load("mnist", environment={}, cache=cache, mirrors=(serve(bad),))
    assert list(cache.iterdir()) == []


def test_a_mirror_that_sends_too_much_is_cut_off(
    small: Path, tmp_path: Path, serve: Callable[[Path], str]
) -> None:
    bad = tmp_path / "bad"
    bad.mkdir()
    name = "t10k-labels-idx1-ubyte.gz"
    (bad / name).write_bytes(b"x" * (download.FILES[name].size + 100_000))
    with pytest.raises(NetworkError, match="longer than expected"):
        download.download(name, tmp_path, download.FILES[name], mirrors=(serve(bad),))


def test_no_network_is_an_error_for_mnist_and_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"--data or \$MNIST_DIR, or use --dataset digits"):
        data.load("mnist", environment={}, cache=tmp_path / "cache", mirrors=NOWHERE)


def test_auto_without_mnist_falls_back_to_digits_loudly(tmp_path: Path) -> None:
    said: list[str] = []
    found = data.load("auto", environment={}, cache=tmp_path / "c", mirrors=NOWHERE, say=said.append)
    assert found.name == "digits"
    assert "USING THE SMALL DIGITS" in said[-1]


@pytest.mark.parametrize(
    ("damage", "message"),
    [(lambda b: b[:-3], "truncated"), (lambda b: b[:9] + bytes([b[9] ^ 1]) + b[10:], "corrupt")],
    ids=["truncated", "one bit flipped"],
)
def test_a_damaged_file_is_refused_even_under_auto(
    small: Path, damage: Callable[[bytes], bytes], message: str
) -> None:
    name = "train-images-idx3-ubyte.gz"
    (small / name).write_bytes(damage((small / name).read_bytes()))
    with pytest.raises(DataError, match=f"{name}: {message}"):
        data.load("auto", environment={"MNIST_DIR": str(small)}, mirrors=NOWHERE)


def test_a_folder_without_the_files_names_them(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"t10k-labels-idx1-ubyte\.gz not found there"):
        data.load("auto", tmp_path)


def test_a_file_in_place_of_the_folder_is_named(tmp_path: Path) -> None:
    (tmp_path / "x.npz").write_bytes(b"")
    with pytest.raises(DataError, match="file is for --model"):
        data.load("mnist", tmp_path / "x.npz")


def test_data_with_digits_is_a_contradiction(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="--data is for MNIST"):
        data.load("digits", tmp_path)


GOOD = idx_bytes(np.arange(6).reshape(2, 3))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (gzip.compress(b""), "not an IDX file"),
        (gzip.compress(b"\0\0\x0d\x01" + bytes(8)), "not an IDX file"),
        (gzip.compress(GOOD[:9]), "truncated in its header"),
        (gzip.compress(GOOD[:-1]), "shorter than its header"),
        (gzip.compress(GOOD + b"!"), "longer than its header"),
        (gzip.compress(b"\0\0\x08\x03" + b"\xff" * 12), "more than is plausible"),
        (gzip.compress(GOOD)[:-9], "truncated"),
        (b"plain text", "corrupt gzip"),
    ],
    ids=["empty", "not of bytes", "header", "a byte short", "a byte long", "huge", "cut", "text"],
)
def test_idx_damage_is_named(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "file.gz"
    path.write_bytes(content)
    with pytest.raises(DataError, match=message):
        idx.read_idx(path)


def test_idx_is_read_in_its_shape(tmp_path: Path) -> None:
    path = tmp_path / "file.gz"
    path.write_bytes(gzip.compress(GOOD))
    assert idx.read_idx(path).tolist() == [[0, 1, 2], [3, 4, 5]]


def test_a_cache_that_cannot_be_written_is_a_clear_error(
    small: Path, tmp_path: Path, serve: Callable[[Path], str]
) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(TrainingError, match=r"cannot write.*--data or \$MNIST_DIR"):
        data.load("mnist", environment={}, cache=tmp_path / "file" / "cache", mirrors=(serve(small),))
