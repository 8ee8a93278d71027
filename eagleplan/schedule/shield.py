"""Standard output kept clean while a solver runs: HiGHS prints what it meant for its developers, whatever is asked."""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

_OUT, _ERR = 1, 2


@contextmanager
def clean_stdout() -> Iterator[None]:
    """What libraries write to standard output meanwhile goes to standard error, so that JSON there stays whole.

    Does nothing where the process has no such streams.
    """
    try:
        kept = os.dup(_OUT)
    except OSError:
        yield
        return
    try:
        if sys.stdout is not None:
            sys.stdout.flush()
        os.dup2(_ERR, _OUT)
        yield
    finally:
        # C's own buffer would reach the file only after it is put back.
        ctypes.CDLL("ucrtbase" if os.name == "nt" else None).fflush(None)
        os.dup2(kept, _OUT)
        os.close(kept)
