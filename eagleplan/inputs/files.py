"""Where the bytes of an input come from: the disk, or the verbatim copies that a plan keeps.

A file has a name: the path as the scenario writes it, relative to the scenario's folder, or ``eagleplan:…``
for one that the package carries. A plan made here and a plan verified elsewhere see the same names and the
same bytes.
"""

from __future__ import annotations

import hashlib
import json
import re
import sys
from collections.abc import Callable, Mapping
from datetime import date, datetime
from pathlib import Path, PurePosixPath
from types import MappingProxyType
from typing import Any, Protocol

from eagleplan.errors import InputError, Problem
from eagleplan.model import Horizon
from eagleplan.resources import data_path

PACKAGED = "eagleplan:"
STANDARD_INPUT = "-"
INDEX_NAME = "index.json"
_INDEX_SCHEMA = 1


def packaged(*parts: str) -> str:
    """Name of a packaged data file, such as ``eagleplan:data/ogs_sites.csv``."""
    return PACKAGED + "/".join(("data", *parts))


class UnreadableError(Exception):
    """A file cannot be read; says why in words. The caller knows which key named it."""


class Files(Protocol):
    """Reads the files of one scenario by name."""

    @property
    def scenario_file(self) -> str:
        """Name of the scenario itself."""

    @property
    def horizon(self) -> tuple[datetime, float] | None:
        """Start (UTC) and days that the plan of a stored copy was made for; None where the scenario
        decides."""

    @property
    def overrides(self) -> Mapping[str, Any]:
        """Values that a stored copy set over the scenario, by dotted keys."""

    def read(self, name: str) -> bytes:
        """Bytes of the file; raises UnreadableError."""

    def fetch(self, name: str, ask: Callable[[], bytes]) -> bytes:
        """What `ask` gets from elsewhere, or the copy of what it got when the plan was made; raises UnreadableError."""

    def shown(self, name: str) -> str:
        """The path that a message to the user shows."""


class DiskFiles:
    """A scenario on disk; other files relative to its folder, packaged ones from the package.

    ``-`` reads the scenario from standard input; paths are then relative to the working directory.
    """

    horizon: None = None
    overrides: Mapping[str, Any] = MappingProxyType({})

    def __init__(self, scenario_path: str | Path) -> None:
        self.scenario_path = Path(scenario_path)
        self.scenario_file = self.scenario_path.name

    def _path(self, name: str) -> Path:
        if name.startswith(PACKAGED):
            return data_path(*PurePosixPath(name.removeprefix(PACKAGED)).parts[1:])
        return self.scenario_path.parent / name

    def fetch(self, name: str, ask: Callable[[], bytes]) -> bytes:
        return ask()

    def shown(self, name: str) -> str:
        if name == STANDARD_INPUT:
            return "<stdin>"
        if "://" in name:
            return name
        return name.removeprefix(PACKAGED) if name.startswith(PACKAGED) else self._path(name).as_posix()

    def read(self, name: str) -> bytes:
        if name == self.scenario_file == STANDARD_INPUT:
            return sys.stdin.buffer.read()
        return _read_bytes(self._path(name))


class StoredFiles:
    """The inputs that a plan keeps beside itself: copies under plain names and an index with their
    SHA-256."""

    def __init__(self, directory: str | Path) -> None:
        """Reads the index; raises InputError if there is none or it makes no sense."""
        self.directory = Path(directory)
        path = self.directory / INDEX_NAME
        try:
            index = json.loads(_read_bytes(path))
            if index["schema_version"] != _INDEX_SCHEMA:
                raise ValueError(f"schema_version must be {_INDEX_SCHEMA}")
            start_utc = datetime.fromisoformat(index["horizon"]["start_utc"])
            Horizon(start_utc=start_utc, days=float(index["horizon"]["days"]))
            self.horizon = (start_utc, float(index["horizon"]["days"]))
            self.overrides = from_json(index.get("overrides", {}))
            self.scenario_file = str(index["scenario_file"])
            self.entries = {str(e["name"]): (str(e["file"]), str(e["sha256"])) for e in index["files"]}
        except UnreadableError as error:
            raise InputError(Problem(path=path.as_posix(), message=str(error))) from None
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            got = f"no {error}" if isinstance(error, KeyError) else str(error)
            message = "is not an index of stored inputs"
            raise InputError(Problem(path=path.as_posix(), message=message, got=got)) from None

    def shown(self, name: str) -> str:
        return (self.directory / self.entries[name][0]).as_posix() if name in self.entries else name

    def fetch(self, name: str, ask: Callable[[], bytes]) -> bytes:
        return self.read(name)

    def read(self, name: str) -> bytes:
        if name not in self.entries:
            raise UnreadableError("is not among the stored inputs")
        file, sha256 = self.entries[name]
        if PurePosixPath(file).name != file:
            raise UnreadableError("the index points outside its folder")
        data = _read_bytes(self.directory / file)
        if hashlib.sha256(data).hexdigest() != sha256:
            raise UnreadableError("has been changed since the plan was made")
        return data


class MemoryFiles:
    """A scenario whose files are all in memory, by the names that it gives them: nothing else is read."""

    horizon: None = None
    overrides: Mapping[str, Any] = MappingProxyType({})

    def __init__(self, scenario_file: str, files: Mapping[str, bytes]) -> None:
        self.scenario_file = scenario_file
        self._files = files

    def fetch(self, name: str, ask: Callable[[], bytes]) -> bytes:
        return self.read(name)

    def shown(self, name: str) -> str:
        return name

    def read(self, name: str) -> bytes:
        if name not in self._files:
            raise UnreadableError("is not among the files at hand")
        return self._files[name]


class OverlaidFiles:
    """The files of another scenario, with some that exist in memory only, or go before those of their names."""

    def __init__(self, files: Files, extra: Mapping[str, bytes]) -> None:
        self._files = files
        self._extra = extra
        self.scenario_file = files.scenario_file
        self.horizon = files.horizon
        self.overrides = files.overrides

    def fetch(self, name: str, ask: Callable[[], bytes]) -> bytes:
        return self._extra[name] if name in self._extra else self._files.fetch(name, ask)

    def shown(self, name: str) -> str:
        return name if name in self._extra else self._files.shown(name)

    def read(self, name: str) -> bytes:
        return self._extra[name] if name in self._extra else self._files.read(name)


def stored_copy(
    scenario_file: str,
    horizon: tuple[datetime, float],
    files: Mapping[str, bytes],
    overrides: Mapping[str, Any] = MappingProxyType({}),
) -> dict[str, bytes]:
    """File name → bytes of a folder that `StoredFiles` reads; the same inputs give the same bytes."""
    others = sorted(name for name in files if name != scenario_file)
    stored: dict[str, bytes] = {}
    entries = []
    for number, name in enumerate([scenario_file, *others]):
        plain = re.sub(r"[^A-Za-z0-9._-]", "_", PurePosixPath(name.removeprefix(PACKAGED)).name)
        file = f"{number:02d}-{plain if name != STANDARD_INPUT else 'scenario.toml'}"
        stored[file] = files[name]
        entries.append({"name": name, "file": file, "sha256": hashlib.sha256(files[name]).hexdigest()})
    index: dict[str, Any] = {
        "schema_version": _INDEX_SCHEMA,
        "scenario_file": scenario_file,
        "horizon": {"start_utc": horizon[0].isoformat(), "days": horizon[1]},
        "files": entries,
    }
    if overrides:
        index["overrides"] = to_json(dict(sorted(overrides.items())))
    stored[INDEX_NAME] = (json.dumps(index, indent=2, ensure_ascii=False) + "\n").encode()
    return stored


_UTC = "__utc__"
_DATE = "__date__"
"""Mark instants and dates among stored overrides: JSON has neither."""


def to_json(value: Any) -> Any:
    """A value of a TOML file as JSON holds it."""
    if isinstance(value, Mapping):
        return {name: to_json(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [to_json(inner) for inner in value]
    if isinstance(value, datetime):
        return {_UTC: value.isoformat()}
    return {_DATE: value.isoformat()} if isinstance(value, date) else value


def from_json(value: Any) -> Any:
    """The way back."""
    if isinstance(value, dict):
        if value.keys() == {_UTC}:
            return datetime.fromisoformat(value[_UTC])
        if value.keys() == {_DATE}:
            return date.fromisoformat(value[_DATE])
        return {name: from_json(inner) for name, inner in value.items()}
    return [from_json(inner) for inner in value] if isinstance(value, list) else value


def _read_bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise UnreadableError("no such file") from None
    except IsADirectoryError:
        raise UnreadableError("is a directory, not a file") from None
    except NotADirectoryError:
        raise UnreadableError("a part of the path is a file, not a directory") from None
    except PermissionError:
        raise UnreadableError("may not be read (permission denied)") from None
    except (OSError, ValueError) as error:
        raise UnreadableError(f"cannot be read ({error})") from None


def read_file(path: Path, *, hint: str | None = None) -> bytes:
    """The bytes of a file that the user names; raises InputError where it cannot be read."""
    try:
        return path.read_bytes()
    except OSError as error:
        message = f"cannot be read: {error.strerror}"
        raise InputError(Problem(path=str(path), message=message, hint=hint)) from error


NO_PLAN_HINT = "name a directory that `eagleplan plan -o` wrote"
"""What to do where a plan's file is missing."""
