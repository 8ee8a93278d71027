"""One run at a time on one directory; the second is told who is there."""

from __future__ import annotations

import errno
import getpass
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from eagleplan.errors import OutputError


@contextmanager
def locked(directory: Path, doing: str) -> Iterator[None]:
    """Hold `directory` for this process, by a lock file beside it.

    The operating system lets go of the lock when the process ends, however it ends: a lock file that a killed run left
    behind stops nobody. Raises OutputError if another process holds the directory, or the lock cannot be written.
    """

    path = directory.resolve()
    lock_path = path.with_name(f".{path.name}.lock")
    handle = _held(directory, lock_path)
    try:
        with suppress(OSError):  # a full disk takes the note, not the lock
            os.ftruncate(handle, 0)
            os.pwrite(handle, f"{doing}, process {os.getpid()} of {_user()} on {socket.gethostname()}\n".encode(), 0)
        yield
    finally:
        with suppress(OSError):
            lock_path.unlink()
        os.close(handle)


def _held(directory: Path, lock_path: Path) -> int:
    """The lock file, open and locked."""
    import fcntl

    while True:
        try:
            lock_path.parent.mkdir(parents=True, exist_ok=True)
            handle = os.open(lock_path, os.O_RDWR | os.O_CREAT, 0o644)
        except OSError as error:
            raise OutputError(f"{directory}: cannot be locked: {_said(error)}") from error
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if _is_at(lock_path, handle):
                return handle
        except OSError as error:
            who = os.pread(handle, 400, 0).decode(errors="replace").strip() or "another process"
            os.close(handle)
            if error.errno not in (errno.EWOULDBLOCK, errno.EACCES):
                raise OutputError(f"{directory}: cannot be locked: {_said(error)}") from error
            raise OutputError(
                f"{directory}: is in use by {who}", hint="wait until it has ended, or name another directory"
            ) from None
        # Whoever held it took the file away between our two calls; this one is nobody's any more.
        os.close(handle)


def _is_at(path: Path, handle: int) -> bool:
    try:
        return os.path.samestat(os.stat(path), os.fstat(handle))
    except FileNotFoundError:
        return False


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return f"user {os.getuid()}"


def _said(error: OSError) -> str:
    return (error.strerror or str(error)).lower()
