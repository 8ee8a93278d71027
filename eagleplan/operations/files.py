"""Single files, whole or not at all."""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from pathlib import Path

from eagleplan.errors import OutputError


def write_file(path: Path, data: bytes) -> None:
    """Write beside `path`, sync, then take its name: after a crash the old bytes are there or the new ones.

    Raises OutputError; `path` is then as it was.
    """
    fresh = path.with_name(f".{path.name}.new-{secrets.token_hex(4)}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with fresh.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
        handle = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
    except BaseException as error:
        with suppress(OSError):
            fresh.unlink()
        if isinstance(error, OSError):
            raise OutputError(f"{path}: cannot be written: {(error.strerror or str(error)).lower()}") from error
        raise
