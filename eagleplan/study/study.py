"""What a study is made of: axes, sets of stations, weeks, and the cells that they span."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

STATIONS = "stations"
"""The column that names a cell's set of stations."""

OUTLOOK_SEED = "weather.outlook_seed"
N_SKIES = "weather.n_outlook_skies"
SITES_USED = "sites.use"
SITES_CLOSED = "sites.closed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Axis:
    """One key of the scenario over which a study varies: its values with their labels, or a `span` to draw from."""

    key: str
    values: tuple[Any, ...]
    labels: tuple[str, ...]
    span: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StationSet:
    """The stations that take part in a cell: those of the base, less `left_out`, and those `added`."""

    name: str
    site_ids: tuple[str, ...]
    added: tuple[str, ...] = ()
    left_out: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyWeek:
    """The horizon of a cell; `name` is the ISO week, or empty where the scenario's own horizon is planned."""

    name: str
    start_utc: datetime
    days: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One plan of a study: a scenario with `overrides` (dotted key → value) over its file, and a horizon."""

    number: int
    labels: tuple[str, ...]
    week: str
    start_utc: datetime
    days: float
    overrides: Mapping[str, Any]


class Design(Protocol):
    """Points: which values the axes have together."""

    @property
    def n_points(self) -> int:
        """How many there are."""

    def point(self, number: int) -> tuple[tuple[Any, str], ...]:
        """Value and label of every axis."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Study:
    """A study whose every part has been checked; `files` are the bytes of whatever its scenarios read, by name.

    `all_sites` are the stations of all sets together, those of the base first.

    Cells are numbered with the first axis slowest, then the sets of stations, then the weeks fastest. Cells that run at
    the same time are then of different weeks and share no passes: none computes what another is just computing, and the
    cache holds the whole year when the next variant comes.
    """

    name: str
    path: Path
    scenario: str
    files: Mapping[str, bytes]
    design_name: str
    design: Design
    axes: tuple[Axis, ...]
    weeks: tuple[StudyWeek, ...]
    station_sets: tuple[StationSet, ...] = ()
    base_sites: tuple[str, ...] = ()
    all_sites: tuple[str, ...] = ()
    cost: Mapping[str, float] = field(default_factory=dict)
    n_skies: int | None = None
    sky_seed: int | None = None
    n_samples: int | None = None
    seed: int | None = None

    @property
    def scenario_path(self) -> Path:
        return self.path.parent / self.scenario

    @property
    def scenario_file(self) -> str:
        """The scenario's name among `files`."""
        return Path(self.scenario).name

    @property
    def columns(self) -> tuple[str, ...]:
        """What the labels of a cell are labels of."""
        return (*(axis.key for axis in self.axes), *((STATIONS,) if self.station_sets else ()))

    @property
    def n_cells(self) -> int:
        return self.design.n_points * max(1, len(self.station_sets)) * len(self.weeks)

    def cell(self, number: int) -> Cell:
        """The cell of a number from 0 on; raises IndexError where there is none."""
        if not 0 <= number < self.n_cells:
            raise IndexError(number)
        variant, week_number = divmod(number, len(self.weeks))
        point, set_number = divmod(variant, max(1, len(self.station_sets)))
        labels = []
        overrides: dict[str, Any] = {}
        for axis, (value, label) in zip(self.axes, self.design.point(point), strict=True):
            overrides[axis.key] = value
            labels.append(label)
        if self.station_sets:
            chosen = self.station_sets[set_number]
            overrides |= self.station_overrides(chosen.site_ids)
            labels.append(chosen.name)
        week = self.weeks[week_number]
        return Cell(
            number=number,
            labels=tuple(labels),
            week=week.name,
            start_utc=week.start_utc,
            days=week.days,
            overrides=dict(sorted((overrides | self.sky_overrides(week_number)).items())),
        )

    def cells(self, numbers: Iterable[int] | None = None) -> Iterator[Cell]:
        """Cells one by one, of these numbers or of all."""
        return map(self.cell, range(self.n_cells) if numbers is None else numbers)

    def station_overrides(self, site_ids: Iterable[str]) -> dict[str, Any]:
        """Every station stays known to demands and rules; those that are not among `site_ids` take no part."""
        taking_part = set(site_ids)
        closed = [site_id for site_id in self.all_sites if site_id not in taking_part]
        return {SITES_USED: list(self.all_sites), SITES_CLOSED: closed}

    def sky_overrides(self, week_number: int) -> dict[str, Any]:
        """Skies of their own for every week, drawn from the same seeds in every variant."""
        found: dict[str, Any] = {}
        if self.n_skies is not None:
            found[N_SKIES] = self.n_skies
        if self.sky_seed is not None:
            found[OUTLOOK_SEED] = self.sky_seed + week_number
        return found
