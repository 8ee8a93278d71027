"""The scenario that a study varies: its files, read once, and its stations."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from eagleplan.errors import InputError, Problem
from eagleplan.inputs.countries import COUNTRY_CODES
from eagleplan.inputs.files import DiskFiles, UnreadableError
from eagleplan.inputs.sites import parse_sites
from eagleplan.inputs.suggest import did_you_mean
from eagleplan.inputs.text import decode
from eagleplan.inputs.toml import KeyPath, TomlDocument, parse_toml
from eagleplan.scenario import Scenario, load_scenario
from eagleplan.scenario.sites import SITES_FILE
from eagleplan.study.schema import StationsTable, StudyFile
from eagleplan.study.study import StudyWeek


class ReadOnce(DiskFiles):
    """Files on disk, each read once; `bytes` holds all that were asked for."""

    def __init__(self, scenario_path: Path) -> None:
        super().__init__(scenario_path)
        self.bytes: dict[str, bytes] = {}

    def read(self, name: str) -> bytes:
        if name not in self.bytes:
            self.bytes[name] = super().read(name)
        return self.bytes[name]

    def fetch(self, name: str, ask: Callable[[], bytes]) -> bytes:
        raise UnreadableError("a study asks no key managers: give network.initial_stocks, and set kms.stores = []")


class Base:
    """The scenario as its file has it, in the study's first week; None where it cannot be read."""

    def __init__(self, path: Path, file: StudyFile, document: TomlDocument, weeks: Sequence[StudyWeek]) -> None:
        self._file = file
        self._document = document
        self._week = weeks[0] if weeks else None
        self.files = ReadOnce(path.parent / file.scenario)
        self.problems: list[Problem] = []
        self.scenario: Scenario | None = None
        self.base_sites: tuple[str, ...] = ()
        if file.scenario == "-" or file.scenario.endswith("/-"):
            self._wrong(("scenario",), "must be a file: every cell reads it")
            return
        try:
            self.scenario = self.load({})
        except InputError as error:
            self.problems += error.problems
            return
        own = tuple(site.site_id for site in self.scenario.sites)
        self.base_sites = tuple(file.stations.base) if file.stations and file.stations.base else own

    @property
    def satellites(self) -> tuple[str, ...]:
        """The tables of satellites in the scenario's file."""
        name = self.files.scenario_file
        return tuple(parse_toml(decode(self.files.read(name), name), name).data["satellites"])

    def load(self, overrides: Mapping[str, Any], week: StudyWeek | None = None) -> Scenario:
        """The scenario with `overrides`; raises InputError."""
        week = week or self._week

        def no_start() -> datetime:
            # Without a start every day would plan another week, and a study of yesterday could not go on.
            self._wrong((), f"needs [weeks], or horizon.start_utc in {self._file.scenario}")
            return datetime(2026, 1, 5, tzinfo=UTC)

        return load_scenario(
            self.files,
            start_utc=week.start_utc if week else None,
            days=week.days if week else None,
            now_utc=no_start,
            overrides=overrides,
        )

    def _wrong(self, key: KeyPath, message: str, *, got: str | None = None, hint: str | None = None) -> None:
        if key:
            problem = self._document.problem(key, message, got=got, hint=hint)
        else:
            problem = Problem(path=self._document.path, message=message, got=got, hint=hint)
        if problem not in self.problems:
            self.problems.append(problem)

    def set_arguments(self) -> dict[str, Any]:
        """What sets of stations are made from."""
        table = self._stations
        return {
            "base": self.base_sites,
            "leave_one_out": table.leave_one_out,
            "add_one": tuple(table.add_one),
            "max_added": min(table.max_added, len(table.add_one)),
        }

    @property
    def _stations(self) -> StationsTable:
        if self._file.stations is None:
            raise AssertionError("a study without [stations] has no sets of them")
        return self._file.stations

    def station_problems(self) -> list[Problem]:
        """Everything that is wrong with `[stations]`."""
        table, document = self._stations, self._document
        catalogue = self._catalogue()
        problems = []
        seen: set[str] = set()
        for name, site_ids in (("base", table.base or ()), ("add_one", table.add_one)):
            for index, site_id in enumerate(site_ids):
                at = ("stations", name, index)
                if site_id in seen:
                    message = "is named twice" if name == "base" or site_id not in self.base_sites else _IN_BASE
                    problems.append(document.problem(at, message, got=f'"{site_id}"'))
                elif name == "add_one" and site_id in self.base_sites:
                    problems.append(document.problem(at, _IN_BASE, got=f'"{site_id}"'))
                elif site_id not in catalogue:
                    problems.append(self._unknown(at, site_id, catalogue))
                seen.add(site_id)
        if table.leave_one_out and len(self.base_sites) < 2:
            message = "needs two stations: without its only one nothing is left"
            problems.append(document.problem(("stations", "leave_one_out"), message))
        if not table.leave_one_out and not table.add_one:
            message = "nothing varies: set leave_one_out = true, or name stations in add_one"
            problems.append(document.problem(("stations",), message))
        if "max_added" in table.model_fields_set and table.max_added > len(table.add_one):
            message = f"must be <= {len(table.add_one)}, the stations in add_one"
            problems.append(document.problem(("stations", "max_added"), message, got=str(table.max_added)))
        known = [*self.base_sites, *table.add_one]
        for site_id, amount in table.cost.items():
            if site_id not in known:
                hint = did_you_mean(site_id, known)
                message = "is in neither base nor add_one"
                problems.append(document.problem(("stations", "cost", site_id), message, hint=hint))
            if amount < 0.0:
                problems.append(document.problem(("stations", "cost", site_id), "must be >= 0", got=f"{amount:g}"))
        return problems

    def _catalogue(self) -> dict[str, str]:
        """Site id → country, of the catalogue that the scenario uses."""
        name = SITES_FILE
        for file in self.scenario.inputs if self.scenario else ():
            if file.role == "sites":
                name = file.path
        return {entry.site_id: entry.country for entry in parse_sites(decode(self.files.read(name), name), name)}

    def _unknown(self, at: KeyPath, site_id: str, catalogue: Mapping[str, str]) -> Problem:
        national = [one for one, country in catalogue.items() if country == site_id]
        if site_id in COUNTRY_CODES and national:
            hint = f"name its stations: {', '.join(national)}"
            return self._document.problem(at, "is a country: stations are compared one by one", got=site_id, hint=hint)
        return self._document.problem(at, "no such site", got=f'"{site_id}"', hint=did_you_mean(site_id, catalogue))


_IN_BASE = "is a station of the base already"
