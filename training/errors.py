"""What a user can mend: every such failure of this package is a `TrainingError`."""

from __future__ import annotations


class TrainingError(Exception):
    """A message that says where, what, and what to do; the command line prints it and exits with 2."""


class DataError(TrainingError):
    """A data file that is missing, truncated, corrupt, or of the wrong shape."""


class NetworkError(DataError):
    """No mirror gave the file."""
