"""CCSDS keyword = value notation (KVN), shared by the orbit messages."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from eagleplan.errors import InputError, Problem


@dataclass(frozen=True, slots=True)
class Entry:
    """A value as written, without its unit, and its line."""

    text: str
    line: int | None = None


_LINE = re.compile(r"\s*([A-Z][A-Z0-9_]*)\s*=\s*(.*?)\s*(\[[^\]]*\])?\s*")


def kvn_entry(line: str, number: int) -> tuple[str, Entry] | None:
    """Keyword and value of a line, or None if it is no such line."""
    found = _LINE.fullmatch(line)
    return None if found is None else (found[1], Entry(text=found[2], line=number))


def kvn_entries(text: str, path: str) -> list[tuple[str, Entry]]:
    """Keywords and values in the order of the lines, without comments. Raises InputError for other lines."""
    entries = []
    problems = []
    for number, line in enumerate(text.removeprefix("\ufeff").split("\n"), start=1):
        if not line.strip() or line.split()[0] == "COMMENT":
            continue
        entry = kvn_entry(line, number)
        if entry is None:
            got = f"“{line.strip()[:40]}”"
            problems.append(Problem(path=path, line=number, message="must be KEYWORD = value", got=got))
        else:
            entries.append(entry)
    if problems:
        raise InputError(problems)
    return entries


def split_messages(entries: Iterable[tuple[str, Entry]], first_keyword: str) -> list[list[tuple[str, Entry]]]:
    """The entries of each message; a message begins with `first_keyword`."""
    messages: list[list[tuple[str, Entry]]] = []
    for key, entry in entries:
        if key == first_keyword:
            messages.append([])
        if messages:
            messages[-1].append((key, entry))
    return messages


def first_of_each(entries: Iterable[tuple[str, Entry]]) -> dict[str, Entry]:
    """Keyword → value of a message in which each keyword stands once; of several the first counts."""
    found: dict[str, Entry] = {}
    for key, entry in entries:
        found.setdefault(key, entry)
    return found
