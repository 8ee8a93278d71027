"""One reading of a scenario: the files it touches, and everything that is found wrong on the way."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from eagleplan.errors import InputError, Problem
from eagleplan.inputs.files import Files, UnreadableError
from eagleplan.inputs.suggest import did_you_mean
from eagleplan.inputs.text import decode
from eagleplan.inputs.toml import OVERRIDES, KeyPath, TomlDocument
from eagleplan.model import Assumption, InputFile, Notice

_Read = TypeVar("_Read")


class Reading:
    """Collects files, problems, notices and assumptions; `document` is the scenario itself."""

    def __init__(self, files: Files) -> None:
        self._files = files
        self.bytes: dict[str, bytes] = {}
        self._roles: dict[str, str] = {}
        self._parsed: dict[tuple[str, str], object] = {}
        self.problems: list[Problem] = []
        self.notices: list[Notice] = []
        self.assumptions: list[Assumption] = []
        self.document = TomlDocument(path=files.scenario_file, data={}, lines={})

    def wrong(self, key: KeyPath, message: str, *, got: str | None = None, hint: str | None = None) -> None:
        """Records a problem of a key of the scenario."""
        self.problems.append(self.document.problem(key, message, got=got, hint=hint))

    def unknown(self, key: KeyPath, message: str, got: str, known: list[str]) -> None:
        """Records a name that nothing in `known` has."""
        listed = f"known are {', '.join(known)}" if 0 < len(known) <= 12 else None
        self.wrong(key, message, got=f'"{got}"', hint=did_you_mean(got, known) or listed)

    def read(self, name: str, role: str, key: KeyPath, parse: Callable[[str, str], _Read]) -> _Read | None:
        """The file parsed, or None with the reasons in `problems`. A file is read once, whoever asks."""
        return self.read_bytes(name, role, key, lambda data, path: parse(decode(data, path), path))

    def read_bytes(self, name: str, role: str, key: KeyPath, parse: Callable[[bytes, str], _Read]) -> _Read | None:
        """As `read`, of a file that is no text."""
        if (name, role) in self._parsed:
            return self._parsed[name, role]  # type: ignore[return-value]
        parsed: _Read | None = None
        try:
            data = self._files.read(name)
            self.bytes[name] = data
            self._roles.setdefault(name, role)
            parsed = parse(data, name)
        except UnreadableError as error:
            if key:
                self.wrong(key, str(error), got=f'"{self._files.shown(name)}"')
            else:
                self.problems.append(Problem(path=name, message=str(error)))
        except InputError as error:
            self.problems.extend(error.problems)
        self._parsed[name, role] = parsed
        return parsed

    def fetch(
        self, name: str, role: str, key: KeyPath, ask: Callable[[], bytes], parse: Callable[[str, str], _Read]
    ) -> _Read | None:
        """As `read`, of something that `ask` gets from elsewhere."""
        try:
            data = self._files.fetch(name, ask)
            self.bytes[name] = data
            self._roles.setdefault(name, role)
            return parse(decode(data, name), name)
        except UnreadableError as error:
            self.wrong(key, str(error), got=f'"{name}"')
        except InputError as error:
            self.problems.extend(error.problems)
        return None

    def path(self, name: str) -> Path:
        """Where a file lies that is used but not kept."""
        return Path(self._files.shown(name))

    def input_files(self) -> tuple[InputFile, ...]:
        """Every file that was read, by role and name."""
        found = [
            InputFile(role=role, path=name, sha256=hashlib.sha256(self.bytes[name]).hexdigest())
            for name, role in self._roles.items()
        ]
        return tuple(sorted(found, key=lambda file: (file.role, file.path)))

    def raise_problems(self) -> None:
        """Raises InputError with everything found so far, with the paths that the user knows."""
        if self.problems:
            unique = dict.fromkeys(self.problems)
            raise InputError(
                p if p.path == OVERRIDES else dataclasses.replace(p, path=self._files.shown(p.path)) for p in unique
            )
