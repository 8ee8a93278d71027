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
    import fcntl

    path = directory.resolve()
    lock_path = path.with_name(f".{path.name}.lock")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(lock_path, os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        raise OutputError(f"{directory}: cannot be locked: {error.strerror}") from error
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            if error.errno not in (errno.EWOULDBLOCK, errno.EACCES):
                raise OutputError(f"{directory}: cannot be locked: {error.strerror}") from error
            who = os.pread(handle, 400, 0).decode(errors="replace").strip() or "another process"
            raise OutputError(
                f"{directory}: is in use by {who}", hint="wait until it has ended, or name another directory"
            ) from None
        with suppress(OSError):  # a full disk takes the note, not the lock
            os.ftruncate(handle, 0)
            os.pwrite(handle, f"{doing}, process {os.getpid()} of {_user()} on {socket.gethostname()}\n".encode(), 0)
        yield
        # The file goes while it is still held: whoever opens it later makes a new one.
        lock_path.unlink(missing_ok=True)
    finally:
        os.close(handle)


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return f"user {os.getuid()}"
