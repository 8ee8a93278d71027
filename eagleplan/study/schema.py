"""The study file as pydantic models, and its axes, which may be any keys."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import Field

from eagleplan.errors import Problem
from eagleplan.inputs.checked import Table, as_toml
from eagleplan.inputs.toml import KeyPath, TomlDocument
from eagleplan.study.labels import label_of
from eagleplan.study.study import Axis

LATIN_HYPERCUBE = "latin-hypercube"


class WeeksTable(Table):
    """ISO weeks, every so many of them, planned from Monday, 00:00 UTC, on."""

    first: str = Field(alias="from")
    count: int = Field(ge=1, le=5200)
    every: int = Field(default=1, ge=1, le=520)
    days: float = Field(default=7.0, gt=0, le=400)


class StationsTable(Table):
    """Stations to compare: those that are there, each of them left out, and others added."""

    base: list[str] | None = Field(default=None, min_length=1)
    leave_one_out: bool = False
    add_one: list[str] = Field(default_factory=list)
    max_added: int = Field(default=1, ge=1, le=20)
    cost: dict[str, float] = Field(default_factory=dict)


class StudyFile(Table):
    schema_version: Literal[1]
    name: str = Field(min_length=1)
    scenario: str = Field(min_length=1)
    design: Literal["factorial", "list", "latin-hypercube"] = "factorial"
    n_samples: int | None = Field(default=None, ge=1, le=10_000_000)
    seed: int | None = Field(default=None, ge=0)
    n_skies: int | None = Field(default=None, ge=0, le=100_000)
    sky_seed: int | None = Field(default=None, ge=0)
    weeks: WeeksTable | None = None
    axes: dict[str, Any] = Field(default_factory=dict)
    stations: StationsTable | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacedAxis:
    """An axis, and where in the file it stands."""

    axis: Axis
    at: KeyPath

    def place_of(self, index: int) -> KeyPath:
        """Where one of its values stands; that of a range is its low end, then its high one."""
        return (*self.at, ("low", "high")[index] if self.axis.span else index)

    def values(self) -> tuple[Any, ...]:
        """Every value, or the ends of the range."""
        return self.axis.span or self.axis.values


def placed_axes(file: StudyFile, document: TomlDocument) -> tuple[tuple[PlacedAxis, ...], list[Problem]]:
    """The axes in the order of the file, and everything that is wrong with them, by themselves and together."""
    problems: list[Problem] = []
    found: dict[str, PlacedAxis] = {}
    for at, leaf in _leaves(file.axes, ("axes",)):
        key = ".".join(str(part) for part in at[1:])
        axis, wrong = _axis(file, document, key, at, leaf)
        problems += wrong
        if key in found:
            line = document.line(found[key].at)
            problems.append(document.problem(at, f"is the axis of line {line} again: give its values once"))
        elif axis is not None:
            found[key] = PlacedAxis(axis=axis, at=at)
    placed = tuple(found.values())
    if file.design == "list":
        for one in placed[1:]:
            n_first, n_own = len(placed[0].axis.values), len(one.axis.values)
            if n_own != n_first:
                message = f"must have the {n_first} values of {placed[0].axis.key}: a list takes them together"
                problems.append(document.problem(one.at, message, got=str(n_own)))
    return placed, problems


def _leaves(table: Mapping[str, Any], at: KeyPath) -> Iterator[tuple[KeyPath, Any]]:
    """(key path, values) of everything that is no table of further keys."""
    for name, inner in table.items():
        here = (*at, name)
        if isinstance(inner, Mapping) and inner and not set(inner) <= {"low", "high"}:
            yield from _leaves(inner, here)
        else:
            yield here, inner


def _axis(
    file: StudyFile, document: TomlDocument, key: str, at: KeyPath, leaf: Any
) -> tuple[Axis | None, list[Problem]]:
    if "=" in key or not all(part.strip() for part in key.split(".")):
        return None, [document.problem(at, "is no key of a scenario", hint="as in satellites.eagle1.orbit.ltan")]
    if isinstance(leaf, Mapping):
        return _range(file, document, key, at, leaf)
    if not isinstance(leaf, list):
        hint = f"as in {key} = [{as_toml(leaf)}]"
        return None, [document.problem(at, "must be an array of values", got=as_toml(leaf), hint=hint)]
    if not leaf:
        return None, [document.problem(at, "must not be empty")]
    problems = []
    if file.design != "list":
        for index, value in enumerate(leaf):
            if any(type(value) is type(other) and value == other for other in leaf[:index]):
                problems.append(document.problem((*at, index), "is given twice", got=as_toml(value)))
    return Axis(key=key, values=tuple(leaf), labels=tuple(map(label_of, leaf))), problems


def _range(
    file: StudyFile, document: TomlDocument, key: str, at: KeyPath, leaf: Mapping[str, Any]
) -> tuple[Axis | None, list[Problem]]:
    problems = [document.problem((*at, end), "is required") for end in ("low", "high") if end not in leaf]
    for end, value in leaf.items():
        if isinstance(value, bool) or not isinstance(value, int | float) or value - value != 0:
            problems.append(document.problem((*at, end), "must be a finite number", got=as_toml(value)))
    if not problems and not leaf["low"] < leaf["high"]:
        problems.append(document.problem((*at, "high"), "must be above low", got=as_toml(leaf["high"])))
    if file.design != LATIN_HYPERCUBE:
        message = f'a range needs design = "{LATIN_HYPERCUBE}"; a {file.design} design takes an array of values'
        problems.append(document.problem(at, message))
    if problems:
        return None, problems
    return Axis(key=key, values=(), labels=(), span=(leaf["low"], leaf["high"])), []
