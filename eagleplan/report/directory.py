"""An output directory appears whole or not at all, and never takes a file with it that no plan wrote."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from eagleplan.errors import InputError, OutputError
from eagleplan.report.manifest import MANIFEST_NAME, read_manifest


def check_target(target: str | os.PathLike[str], *, force: bool = False) -> None:
    """Raises OutputError if `write_directory` would refuse `target`; for asking before the work is done.

    A directory may be replaced if it is empty, or if it is a plan's and holds nothing but what its manifest
    lists. With `force` any directory may, except one that we stand in.
    """
    path = _resolved(target)
    if not path.exists():
        _check_parent(target, path)
        return
    if not path.is_dir():
        raise OutputError(f"{target}: exists and is not a directory", hint="name a directory to write into")
    here = Path.cwd()
    if path == here or path in here.parents:
        raise OutputError(
            f"{target}: is the working directory or holds it, and cannot be replaced",
            hint="name a directory inside it",
        )
    if os.path.ismount(path):
        raise OutputError(
            f"{target}: is a mount point and cannot be replaced as a whole",
            hint="name a directory inside it",
        )
    _check_parent(target, path)
    if force:
        return
    try:
        found = sorted(entry.relative_to(path).as_posix() for entry in path.rglob("*") if not entry.is_dir())
        if not found and not any(path.iterdir()):
            return
        manifest = read_manifest((path / MANIFEST_NAME).read_bytes(), f"{target}/{MANIFEST_NAME}")
    except (OSError, InputError):
        raise OutputError(
            f"{target}: exists and holds no plan of eagleplan",
            hint="name another directory, or use --force to replace it with all that is in it",
        ) from None
    strangers = [name for name in found if name != MANIFEST_NAME and name not in manifest.files]
    if strangers:
        shown = ", ".join(strangers[:5]) + (f" and {len(strangers) - 5} more" if len(strangers) > 5 else "")
        raise OutputError(
            f"{target}: holds files that are not the plan's and would be lost: {shown}",
            hint="move them away, or use --force to replace the directory with all that is in it",
        )


def write_directory(target: str | os.PathLike[str], files: Mapping[str, bytes], *, force: bool = False) -> None:
    """Writes `files` (POSIX path → bytes) as the directory `target`, all or none.

    They are written and synced beside it, then the new directory takes the old one's name. Raises
    OutputError, with the old directory as it was, if `check_target` refuses or anything fails.
    """
    check_target(target, force=force)
    path = _resolved(target)
    token = secrets.token_hex(4)
    fresh = path.with_name(f".{path.name}.new-{token}")
    stale = path.with_name(f".{path.name}.old-{token}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh.mkdir()
        for name, data in files.items():
            _write_file(fresh, name, data)
        for folder in [fresh, *(entry for entry in fresh.rglob("*") if entry.is_dir())]:
            _sync(folder)
        _swap(fresh, path, stale)
        _sync(path.parent)
    except OSError as error:
        shutil.rmtree(fresh, ignore_errors=True)
        reason = error.strerror or str(error)
        raise OutputError(f"{target}: cannot be written: {reason[:1].lower()}{reason[1:]}") from error
    except BaseException:
        shutil.rmtree(fresh, ignore_errors=True)
        raise
    shutil.rmtree(stale, ignore_errors=True)


def _resolved(target: str | os.PathLike[str]) -> Path:
    try:
        return Path(target).resolve()
    except (OSError, RuntimeError) as error:
        raise OutputError(f"{target}: is no path that can be followed: {error}") from None


def _check_parent(target: str | os.PathLike[str], path: Path) -> None:
    """The new directory is made beside the old one, so the folder around it must take it."""
    around = next(folder for folder in path.parents if folder.exists())
    if not around.is_dir():
        raise OutputError(f"{target}: cannot be made: {around} is not a directory")
    if not os.access(around, os.W_OK | os.X_OK):
        raise OutputError(f"{target}: cannot be made: {around} may not be written to")


def _write_file(root: Path, name: str, data: bytes) -> None:
    relative = PurePosixPath(name)
    if relative.is_absolute() or not relative.parts or ".." in relative.parts:
        raise ValueError(f"not a path inside the directory: {name!r}")
    path = root.joinpath(*relative.parts)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("xb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _sync(folder: Path) -> None:
    """Makes the folder's entries durable."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _swap(fresh: Path, path: Path, stale: Path) -> None:
    """`fresh` takes the name `path`, and what had it before `stale`; if that fails, `path` is as it was."""
    if not path.exists():
        fresh.rename(path)
        return
    path.rename(stale)
    try:
        fresh.rename(path)
    except BaseException:
        stale.rename(path)
        raise
