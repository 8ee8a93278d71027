"""TOML documents that remember on which line each key stands."""

from __future__ import annotations

import copy
import dataclasses
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from eagleplan.errors import InputError, Problem

KeyPath = tuple[str | int, ...]

OVERRIDES = "<override>"
"""What stands in a message in place of the path of a file."""

_AT_LINE = re.compile(r"\(at line (\d+), column (\d+)\)")


@dataclass(frozen=True, slots=True)
class TomlDocument:
    """A parsed TOML file; `lines` maps a key path such as ``("sites", "use", 2)`` to its line.

    `overridden` are the keys whose values were set from outside: no line of the file is to blame for them.
    """

    path: str
    data: Mapping[str, Any]
    lines: Mapping[KeyPath, int]
    overridden: frozenset[KeyPath] = frozenset()

    def line(self, key: KeyPath) -> int:
        """Line of the key, or of its nearest table that the file has, or 1."""
        for end in range(len(key), 0, -1):
            if key[:end] in self.lines:
                return self.lines[key[:end]]
        return 1

    def problem(self, key: KeyPath, message: str, *, got: str | None = None, hint: str | None = None) -> Problem:
        """A problem of the key, with its line."""
        path, line = self.path, self.line(key)
        if any(key[:end] in self.overridden for end in range(1, len(key) + 1)):
            return Problem(path=OVERRIDES, field=key_name(key), message=message, got=got, hint=hint)
        return Problem(path=path, line=line, field=key_name(key), message=message, got=got, hint=hint)

    def override(self, values: Mapping[str, Any]) -> TomlDocument:
        """The document with values set at dotted keys such as ``satellites.eagle1.orbit.ltan``, tables made where
        there are none; a number stands for the element of an array. Raises InputError where a key leads nowhere.
        """
        data = copy.deepcopy(dict(self.data))
        keys: list[KeyPath] = []
        problems = []
        for dotted, value in values.items():
            here: Any = data
            key: KeyPath = ()
            *tables, last = dotted.split(".")
            try:
                for part in tables:
                    key = (*key, _step(here, part))
                    here = here.setdefault(part, {}) if isinstance(here, dict) else here[key[-1]]
                key = (*key, _step(here, last))
                here[key[-1]] = copy.deepcopy(value)
                keys.append(key)
            except (LookupError, TypeError, ValueError):
                message = f"leads nowhere in {self.path}"
                problems.append(Problem(path=OVERRIDES, field=dotted, message=message, got=str(value)))
        if problems:
            raise InputError(problems)
        return dataclasses.replace(self, data=data, overridden=self.overridden | frozenset(keys))


def _step(here: Any, part: str) -> str | int:
    """The key of a table, or the number of an array's element; raises TypeError where there is neither."""
    if isinstance(here, list):
        number = int(part)
        here[number]
        return number
    if not isinstance(here, dict) or not part:
        raise TypeError("no table")
    return part


def key_name(key: KeyPath) -> str:
    """``("sites", "use", 2)`` as ``sites.use[2]``."""
    name = ""
    for part in key:
        name += f"[{part}]" if isinstance(part, int) else f".{part}" if name else part
    return name


def parse_toml(text: str, path: str) -> TomlDocument:
    """Parses TOML; raises InputError with the line of the first thing that is not TOML."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        said = str(error)
        place = _AT_LINE.search(said)
        line = int(place[1]) if place else text.count("\n") + 1
        message = "is not TOML: " + _AT_LINE.sub("", said).replace("(at end of document)", "").strip()
        raise InputError(Problem(path=path, line=line, message=message)) from None
    return TomlDocument(path=path, data=data, lines=_Locator(text).locate())


class _Locator:
    """Walks a text that `tomllib` has accepted, and notes the line of each key and each array element.

    It need not check anything, so it only has to know where strings, arrays and inline tables begin and end.
    """

    _SKIP = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
    _BLANK = re.compile(r"[ \t]*")
    _BARE = re.compile(r"[A-Za-z0-9_-]+")
    _SCALAR = re.compile(r"[^,\]}#\n]*")
    _STRING = re.compile(
        r'"""(?:[^\\]|\\.)*?"{3,5}(?!")' r"|'''.*?'{3,5}(?!')" r'|"(?:[^"\\\n]|\\.)*"' r"|'[^'\n]*'",
        re.DOTALL,
    )

    def __init__(self, text: str) -> None:
        self._text = text.replace("\r\n", "\n")
        self._at = 0
        self._lines: dict[KeyPath, int] = {}
        self._counted = (0, 1)
        self._elements: dict[KeyPath, int] = {}

    def locate(self) -> dict[KeyPath, int]:
        table: KeyPath = ()
        self._pass(self._SKIP)
        while self._at < len(self._text):
            if self._text.startswith("[[", self._at):
                self._at += 2
                table = self._array_table(self._key())
                self._at += 2
            elif self._text.startswith("[", self._at):
                self._at += 1
                line = self._line()
                table = self._within_arrays(self._key())
                self._note(table, line)
                self._at += 1
            else:
                self._pair(table)
            self._pass(self._SKIP)
        return self._lines

    def _pass(self, pattern: re.Pattern[str]) -> str:
        found = pattern.match(self._text, self._at)
        if found is None:
            raise AssertionError(f"accepted TOML that cannot be located at character {self._at}")
        self._at = found.end()
        return found[0]

    def _line(self) -> int:
        start, line = self._counted
        line += self._text.count("\n", start, self._at)
        self._counted = (self._at, line)
        return line

    def _note(self, key: KeyPath, line: int) -> None:
        for end in range(1, len(key) + 1):
            self._lines.setdefault(key[:end], line)

    def _key(self) -> tuple[str, ...]:
        parts = []
        while True:
            self._pass(self._BLANK)
            if self._text[self._at] in "\"'":
                quoted = self._pass(self._STRING)
                parts.append(next(iter(tomllib.loads(f"{quoted} = 0"))))
            else:
                parts.append(self._pass(self._BARE))
            self._pass(self._BLANK)
            if self._text[self._at] != ".":
                return tuple(parts)
            self._at += 1

    def _within_arrays(self, key: tuple[str, ...]) -> KeyPath:
        path: KeyPath = ()
        for part in key:
            path = (*path, part)
            if path in self._elements:
                path = (*path, self._elements[path])
        return path

    def _array_table(self, key: tuple[str, ...]) -> KeyPath:
        line = self._line()
        array = (*self._within_arrays(key[:-1]), key[-1])
        self._elements[array] = self._elements.get(array, -1) + 1
        element = (*array, self._elements[array])
        self._note(element, line)
        return element

    def _pair(self, table: KeyPath) -> None:
        line = self._line()
        key = (*table, *self._key())
        self._note(key, line)
        self._at += 1  # the equals sign
        self._pass(self._BLANK)
        self._value(key)

    def _value(self, key: KeyPath) -> None:
        first = self._text[self._at]
        if first in "\"'":
            self._pass(self._STRING)
        elif first == "[":
            self._at += 1
            self._pass(self._SKIP)
            element = 0
            while self._text[self._at] != "]":
                self._note((*key, element), self._line())
                self._value((*key, element))
                self._pass(self._SKIP)
                self._at += self._text[self._at] == ","
                self._pass(self._SKIP)
                element += 1
            self._at += 1
        elif first == "{":
            self._at += 1
            self._pass(self._SKIP)
            while self._text[self._at] != "}":
                self._pair(key)
                self._pass(self._SKIP)
                self._at += self._text[self._at] == ","
                self._pass(self._SKIP)
            self._at += 1
        else:
            self._pass(self._SCALAR)
