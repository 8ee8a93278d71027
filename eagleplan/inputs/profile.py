"""Hardware profiles: TOML tables in which every value names its source."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import create_model

from eagleplan.errors import InputError, Problem
from eagleplan.inputs.checked import Table, as_toml, validate
from eagleplan.inputs.hardware import nested_fields, override_table
from eagleplan.inputs.toml import KeyPath, TomlDocument, key_name, parse_toml
from eagleplan.model import LinkOptions, Receiver, Security, Source, Terminal

PROFILE_TABLES: Mapping[str, type] = {
    "terminal": Terminal,
    "source": Source,
    "receiver": Receiver,
    "link": LinkOptions,
    "security": Security,
}
"""Table of a profile → the dataclass that it fills."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sourced:
    """A value and the words that say where it comes from."""

    value: Any
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """`tables` maps a dotted table name such as ``receiver.detector`` to its values."""

    path: str
    name: str
    description: str
    tables: Mapping[str, Mapping[str, Sourced]]


def parse_profile(text: str, path: str) -> Profile:
    """A profile; raises InputError with every wrong key and its line.

    Each value is taken out of its ``{ value = …, source = … }`` first; the plain tables that remain are those
    of a scenario, and are checked as such.
    """
    document = parse_toml(text, path)
    problems: list[Problem] = []
    sources: dict[KeyPath, str] = {}
    plain = {name: value for name, value in document.data.items() if name not in PROFILE_TABLES}
    for name, cls in PROFILE_TABLES.items():
        if name in document.data:
            plain[name] = _plain(document, (name,), cls, document.data[name], sources, problems)
    try:
        file = validate(_profile_file(), dataclasses.replace(document, data=plain))
    except InputError as error:
        problems.extend(error.problems)
    if problems:
        raise InputError(sorted(problems, key=lambda problem: problem.line or 0))
    tables: dict[str, dict[str, Sourced]] = {}
    for key, source in sources.items():
        table: Any = file
        for part in key[:-1]:
            table = getattr(table, str(part))
        name = str(key[-1])
        tables.setdefault(key_name(key[:-1]), {})[name] = Sourced(value=getattr(table, name), source=source)
    return Profile(path=path, name=file.name, description=file.description, tables=tables)


def _plain(
    document: TomlDocument,
    key: KeyPath,
    cls: type,
    table: object,
    sources: dict[KeyPath, str],
    problems: list[Problem],
) -> object:
    """The table with its values alone; their sources go into `sources`."""
    if not isinstance(table, Mapping):
        return table
    nested = nested_fields(cls)
    plain: dict[str, object] = {}
    for name, entry in table.items():
        if name in nested:
            plain[name] = _plain(document, (*key, name), nested[name], entry, sources, problems)
        elif not isinstance(entry, Mapping):
            message = 'must be { value = …, source = "…" }: every value says where it comes from'
            problems.append(document.problem((*key, name), message, got=as_toml(entry)))
        else:
            problems.extend(_sourced(document, (*key, name), entry))
            plain[name] = entry.get("value")
            sources[*key, name] = str(entry.get("source", ""))
    return plain


def _sourced(document: TomlDocument, key: KeyPath, entry: Mapping[str, Any]) -> Iterator[Problem]:
    """What is wrong with a value's table, apart from the value."""
    for part in ("value", "source"):
        if part not in entry:
            yield document.problem((*key, part), "is required")
    for part in entry:
        if part not in ("value", "source"):
            yield document.problem((*key, part), "unknown key", hint="the keys here are value, source")
    source = entry.get("source", "given")
    if not isinstance(source, str) or not source:
        yield document.problem((*key, "source"), "must be a string that is not empty", got=as_toml(source))


class _ProfileHead(Table):
    schema_version: Literal[1]
    name: str
    description: str = ""


@functools.cache
def _profile_file() -> type[_ProfileHead]:
    tables: dict[str, Any] = {
        name: (override_table(cls, with_profile=False) | None, None) for name, cls in PROFILE_TABLES.items()
    }
    return create_model("ProfileFile", __base__=_ProfileHead, **tables)
