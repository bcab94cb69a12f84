"""The two data sets: MNIST, wherever it is, and the small digits that come with scikit-learn."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import platformdirs
from numpy.typing import NDArray

from training.download import FILES, MIRRORS, download, verify
from training.errors import DataError, NetworkError
from training.idx import read_idx

Floats = NDArray[np.float32]
Say = Callable[[str], object]

CLASSES = 10
CHOICES = ("mnist", "digits", "auto")


@dataclass(frozen=True)
class Dataset:
    """Images in columns, as the lecture has them; labels as numbers and one-hot.

    Shapes: `X` (D₀, N), `D` (K, N), `X_test` (D₀, M), `labels_test` (M,); an image is `side` × `side`. Entries
    are (pixel − `mean`)/`std` with the mean and deviation of all training pixels: inputs about 0 learn faster
    [LeCun et al. 1998, Efficient BackProp, §4.3].
    """

    name: str
    origin: str
    X: Floats
    D: Floats
    X_test: Floats
    labels_test: NDArray[np.int64]
    mean: float  # of the training pixels as they are in the files
    std: float

    @property
    def side(self) -> int:
        return round(float(np.sqrt(self.X.shape[0])))

    def describe(self) -> str:
        """One line that leaves no doubt which data this is."""
        n, m = self.X.shape[1], self.X_test.shape[1]
        title = {
            "mnist": "MNIST",
            "digits": "digits (the small set of scikit-learn; this is not MNIST)",
        }[self.name]
        counts = f"{n:,} training and {m:,} test images of {self.side}×{self.side}"
        return f"{title}: {counts}, from {self.origin}"


def one_hot(labels: NDArray[np.integer], classes: int = CLASSES) -> Floats:
    """Column n is 1 in row labels[n], else 0: shape (classes, N), from labels of shape (N,)."""
    D = np.zeros((classes, labels.shape[0]), np.float32)
    D[labels, np.arange(labels.shape[0])] = 1
    return D


def load(
    choice: str = "auto",
    folder: Path | None = None,
    *,
    say: Say = lambda _: None,
    cache: Path | None = None,
    mirrors: Sequence[str] = MIRRORS,
    environment: Mapping[str, str] = os.environ,
) -> Dataset:
    """The data set named by `choice`: `mnist`, `digits`, or `auto` (MNIST, else digits).

    MNIST is looked for in `folder`, `$MNIST_DIR`, the user's cache folder, and then on the `mirrors`.
    A file that is there but damaged is an error, never a reason to go on with other data. `say` gets
    what the user should know.
    Raises `DataError`.
    """
    if choice not in CHOICES:
        raise DataError(f"no data set is called {choice!r}; there are {', '.join(CHOICES)}")
    if choice == "digits":
        if folder is not None:
            raise DataError("--data is for MNIST; leave it out with --dataset digits")
        return digits()
    try:
        return mnist(folder, say=say, cache=cache, mirrors=mirrors, environment=environment)
    except NetworkError as error:
        if choice == "mnist":
            raise DataError(
                f"{error}\nput MNIST's four .gz files in a folder and name it by --data or $MNIST_DIR, "
                "or use --dataset digits"
            ) from error
        say(f"{error}\nno MNIST here and no network: USING THE SMALL DIGITS OF SCIKIT-LEARN INSTEAD")
        return digits()


def mnist(
    folder: Path | None = None,
    *,
    say: Say = lambda _: None,
    cache: Path | None = None,
    mirrors: Sequence[str] = MIRRORS,
    environment: Mapping[str, str] = os.environ,
) -> Dataset:
    """MNIST [LeCun, Cortes, Burges 1998]; its files are compared with their SHA-256 first."""
    place = _find(folder, say, cache, mirrors, environment)
    train_images, train_labels, test_images, test_labels = (read_idx(place / name) for name in FILES)
    return _dataset("mnist", str(place), train_images, train_labels, test_images, test_labels)


def digits() -> Dataset:
    """1,797 images of 8×8 from scikit-learn; every fifth of a class is for the test."""
    from sklearn.datasets import load_digits

    images, labels = load_digits(return_X_y=True)
    rank = np.zeros(labels.shape[0], np.int64)
    for k in range(CLASSES):
        of_class = labels == k
        rank[of_class] = np.arange(np.count_nonzero(of_class))
    test = rank % 5 == 4
    return _dataset("digits", "scikit-learn", images[~test], labels[~test], images[test], labels[test])


def _dataset(
    name: str,
    origin: str,
    images: NDArray[Any],
    labels: NDArray[np.integer],
    images_test: NDArray[Any],
    labels_test: NDArray[np.integer],
) -> Dataset:
    mean, std = float(images.mean()), float(images.std())

    def columns(images: NDArray[Any]) -> Floats:
        # A view of rows: one sample stays contiguous in memory, which is what a mini-batch gathers.
        rows = images.reshape(images.shape[0], -1).astype(np.float32)
        rows -= np.float32(mean)
        rows /= np.float32(std)
        return rows.T

    X, X_test = columns(images), columns(images_test)
    return Dataset(name, origin, X, one_hot(labels), X_test, labels_test.astype(np.int64), mean, std)


def _find(
    folder: Path | None,
    say: Say,
    cache: Path | None,
    mirrors: Sequence[str],
    environment: Mapping[str, str],
) -> Path:
    if folder is not None:
        if folder.is_file():
            raise DataError(f"{folder}: a file; --data names the folder of MNIST's files (an .npz file is for --model)")
        missing = [name for name in FILES if not (folder / name).is_file()]
        if missing:
            raise DataError(
                f"{folder}: MNIST's {', '.join(missing)} not found there (--data names the folder)"
            )
        return _verified(folder)
    named = environment.get("MNIST_DIR")
    if named:
        place = Path(named)
        if all((place / name).is_file() for name in FILES):
            return _verified(place)
        say(f"$MNIST_DIR is {named}, but MNIST's files are not all there; looking elsewhere")
    store = (
        cache if cache is not None else Path(platformdirs.user_cache_dir("derivation-to-code")) / "mnist"
    )
    for name, source in FILES.items():
        if (store / name).is_file():
            try:
                verify(store / name, source)
                continue
            except DataError as error:
                say(f"{error}\ndownloading it again")
        say(f"downloading {name} ({source.size / 1e6:.1f} MB) to {store}")
        download(name, store, source, mirrors=mirrors)
    return store


def _verified(place: Path) -> Path:
    for name, source in FILES.items():
        verify(place / name, source)
    return place
