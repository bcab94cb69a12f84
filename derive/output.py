"""Output that nobody reads any more: `derive list | head`."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable


def while_read(run: Callable[[], int]) -> int:
    """What `run` returns; 0 where the reader of its output is gone: nothing is left to say."""
    try:
        code = run()
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    return code


__all__ = ["while_read"]
