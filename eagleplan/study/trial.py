"""A study's values one by one, each in the scenario once: what is wrong with one is said at its place in the study."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from eagleplan.errors import InputError, Problem
from eagleplan.inputs.suggest import did_you_mean
from eagleplan.inputs.toml import OVERRIDES, KeyPath, TomlDocument
from eagleplan.study.base import Base
from eagleplan.study.schema import PlacedAxis
from eagleplan.study.study import SITES_CLOSED, SITES_USED, Study, StudyWeek

_Trial = tuple[dict[str, Any], dict[str, KeyPath]]
"""Overrides, and where in the study file each of them stands."""


def try_values(study: Study, base: Base, placed: tuple[PlacedAxis, ...], document: TomlDocument) -> list[Problem]:
    """Everything that is wrong with a single value, a point of a list, the stations, or a week."""
    problems = list(_unknown_satellites(base, placed, document))
    if problems:
        return problems
    # Every station takes part: a value may speak of one that the scenario has closed, and a file of its be read.
    every = study.station_overrides(study.all_sites) if study.station_sets else {}
    problems += _stations_and_weeks(study, base, document, every)
    if problems:
        every = {}
    for overrides, places in _trials(study, placed):
        found = _problems(base, document, every | overrides, places, None)
        if found and study.design_name == "factorial" and len(overrides) == 1:
            # A value may be right only beside those of another axis: as 12 satellites beside three planes.
            first = {one.axis.key: one.axis.values[0] for one in placed}
            if not _problems(base, document, every | first | overrides, places, None):
                continue
        problems += found
    return problems


def _unknown_satellites(base: Base, placed: tuple[PlacedAxis, ...], document: TomlDocument) -> Iterator[Problem]:
    """Keys below a satellite that neither the scenario nor another axis has: they would make half a satellite."""
    made = {one.axis.key for one in placed}
    for one in placed:
        table, *below = one.axis.key.split(".")
        if table != "satellites" or len(below) < 2 or f"{table}.{below[0]}" in made or below[0] in base.satellites:
            continue
        hint = did_you_mean(below[0], base.satellites) or f"it has {', '.join(base.satellites)}"
        message = f"no such satellite in {document.data['scenario']}"
        yield document.problem(one.at, message, got=f'"{below[0]}"', hint=hint)


def _trials(study: Study, placed: tuple[PlacedAxis, ...]) -> Iterator[_Trial]:
    if study.design_name == "list":
        for number in range(study.design.n_points):
            values = (one.axis.values[number] for one in placed)
            yield (
                {one.axis.key: value for one, value in zip(placed, values, strict=True)},
                {one.axis.key: one.place_of(number) for one in placed},
            )
        return
    for one in placed:
        for index, value in enumerate(one.values()):
            yield {one.axis.key: value}, {one.axis.key: one.place_of(index)}


def _stations_and_weeks(study: Study, base: Base, document: TomlDocument, every: dict[str, Any]) -> list[Problem]:
    places: dict[str, KeyPath] = {SITES_USED: ("stations",), SITES_CLOSED: ("stations",)}
    skies = {key: ("n_skies",) if key in document.data else ("sky_seed",) for key in study.sky_overrides(0)}
    problems = _problems(base, document, every | study.sky_overrides(0), {**places, **skies}, None)
    for week in study.weeks[1:]:
        problems += _problems(base, document, every, places, week)
    return problems


def _problems(
    base: Base,
    document: TomlDocument,
    overrides: Mapping[str, Any],
    places: Mapping[str, KeyPath],
    week: StudyWeek | None,
) -> list[Problem]:
    try:
        base.load(overrides, week)
    except InputError as error:
        return list(_placed(error.problems, document, places, week))
    return []


def _placed(
    problems: Iterable[Problem], document: TomlDocument, places: Mapping[str, KeyPath], week: StudyWeek | None
) -> Iterator[Problem]:
    for problem in problems:
        key = _override_of(problem, places)
        if key is not None:
            at = document.problem(places[key], problem.message, got=problem.got, hint=problem.hint)
            yield replace(at, field=problem.field)
            continue
        key_path: KeyPath = ("weeks",) if week else next(iter(places.values()), ())
        which = f" in week {week.name}" if week else f" with {', '.join(places)}" if places else ""
        message = f"the scenario cannot be planned{which}: {problem}"
        yield Problem(path=document.path, line=document.line(key_path), message=message, hint=problem.hint)


def _override_of(problem: Problem, places: Mapping[str, KeyPath]) -> str | None:
    """The override that a problem is of: something in it, or a table on the way to it, which the file lacks."""
    if problem.field is None:
        return None
    field = problem.field.replace("[", ".").replace("]", "")
    if problem.path == OVERRIDES:
        return next((key for key in places if f"{field}.".startswith(f"{key}.") or key.startswith(f"{field}.")), None)
    return next((key for key in places if problem.message == "unknown key" and key.startswith(f"{field}.")), None)
