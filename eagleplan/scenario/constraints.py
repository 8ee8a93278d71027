"""Constraints from files: every window that somebody lists, brought to times at which contacts are
allowed."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from eagleplan.errors import Problem
from eagleplan.inputs.sites import SiteEntry
from eagleplan.inputs.station_calendar import CalendarEvent, is_icalendar, occurrences, parse_icalendar
from eagleplan.inputs.suggest import did_you_mean
from eagleplan.inputs.time_zones import RULE, is_time_zone, time_zone_hint
from eagleplan.inputs.toml import KeyPath
from eagleplan.inputs.windows import Rule, TimeWindow, parse_windows
from eagleplan.model import AllowedTimes, Constraints, ForbiddenSector, Horizon, Notice, Site
from eagleplan.scenario.reading import Reading
from eagleplan.scenario.schema import ClearanceTable, ScenarioFile, given
from eagleplan.scenario.spans import Spans, complement, intersection, union
from eagleplan.scenario.weekly import weekly_spans

MAX_SOURCE_DISTANCE_KM = 1.0
"""How far the source of a clearance may lie from its site: catalogue positions are no better than that."""

if TYPE_CHECKING:
    from eagleplan.inputs.clearance import Clearance, ClearanceTarget

_FROM_FILES = ("blackouts_file", "laser_clearance", "weekly", "sectors")
_Where = tuple[str | None, str | None]


def constraints(
    reading: Reading,
    file: ScenarioFile,
    horizon: Horizon,
    sites: Sequence[Site],
    catalogue: Sequence[SiteEntry],
    satellite_ids: Mapping[str, tuple[str, ...]],
) -> Constraints:
    """Every constraint of the scenario; `satellite_ids` are those behind each table of `satellites`."""
    resolve = _Resolver(reading, horizon, sites, catalogue, satellite_ids)
    times = [
        *resolve.clearances(file),
        *resolve.blackouts(file),
        *resolve.weekly(file),
        *resolve.calendars(file),
        *resolve.availability(file),
    ]
    options = {name: value for name, value in given(file.constraints).items() if name not in _FROM_FILES}
    return Constraints(**options, times=tuple(times), sectors=tuple(resolve.sectors(file)))


class _Resolver:
    def __init__(
        self,
        reading: Reading,
        horizon: Horizon,
        sites: Sequence[Site],
        catalogue: Sequence[SiteEntry],
        satellite_ids: Mapping[str, tuple[str, ...]],
    ) -> None:
        self.reading = reading
        self.horizon = horizon
        self.sites = {site.site_id: site for site in sites}
        self.site_ids = [entry.site_id for entry in catalogue]
        self.satellite_ids = satellite_ids

    def clearances(self, file: ScenarioFile) -> list[AllowedTimes]:
        open_spans: dict[_Where, list[tuple[float, float]]] = {}
        origins: dict[_Where, list[str]] = {}
        if file.constraints.laser_clearance:
            from eagleplan.inputs.clearance import parse_clearance
        for index, table in enumerate(file.constraints.laser_clearance):
            key = ("constraints", "laser_clearance", index)
            report = self.reading.read(table.file, "laser-clearance", (*key, "file"), parse_clearance)
            self._known_site((*key, "site_id"), table.site_id)
            self._known_satellite((*key, "satellite_id"), table.satellite_id)
            site = self.sites.get(table.site_id)
            if report is None or site is None:
                continue
            self._check_clearance(key, table, report, site)
            where: _Where = (table.site_id, table.satellite_id)
            open_spans.setdefault(where, []).extend(self._open_spans(report, site, table.margin_s))
            origins.setdefault(where, []).append(table.file)
        found = []
        for where, spans in open_spans.items():
            merged = union(spans, 0.0, self.horizon.duration_s)
            found += self._allowed("laser-clearance", where, merged, ", ".join(origins[where]))
        return found

    def _check_clearance(self, key: KeyPath, table: ClearanceTable, report: Clearance, site: Site) -> None:
        wrong = self.reading.wrong
        if table.operator is not None and report.operator != table.operator:
            wrong(
                (*key, "file"),
                f"the report is for another operator than {table.operator}",
                got=report.operator,
            )
        distance_km = _distance_km(report, site)
        if distance_km > MAX_SOURCE_DISTANCE_KM:
            message = f"the report's source lies {distance_km:.1f} km from {site.site_id}: it is another site's"
            wrong((*key, "file"), message, got=f"{report.latitude_deg:.4f}, {report.longitude_deg:.4f}")
        if report.end_utc <= self.horizon.start_utc or report.start_utc >= self.horizon.end_utc:
            message = "the report's mission lies outside the horizon: it would forbid every contact"
            wrong(
                (*key, "file"),
                message,
                got=f"{report.start_utc:%Y-%m-%d %H:%M} to {report.end_utc:%Y-%m-%d %H:%M}",
            )
        if not _covers_sky(report.targets, site.min_elevation_deg):
            message = (
                f"the report's targets together must cover the sky above {site.min_elevation_deg:g}°: "
                "a satellite may cross any part of it"
            )
            wrong((*key, "file"), message)

    def _open_spans(self, report: Clearance, site: Site, margin_s: float) -> Spans:
        """When every target that reaches above the site's minimum elevation is open."""
        spans: Spans = ((-math.inf, math.inf),)
        for target in report.targets:
            if target.elevation_deg[1] <= site.min_elevation_deg:
                continue
            own = [
                (self.horizon.seconds(start) + margin_s, self.horizon.seconds(end) - margin_s)
                for start, end in target.windows_utc
            ]
            spans = intersection(spans, union(own, -math.inf, math.inf))
        return spans

    def blackouts(self, file: ScenarioFile) -> list[AllowedTimes]:
        name = file.constraints.blackouts_file
        if name is None:
            return []
        windows = self.reading.read(name, "blackouts", ("constraints", "blackouts_file"), parse_windows)
        return self._by_rule("laser-blackout", windows or (), name, "forbid", None)

    def weekly(self, file: ScenarioFile) -> list[AllowedTimes]:
        found = []
        for index, table in enumerate(file.constraints.weekly):
            key = ("constraints", "weekly", index)
            self._known_site((*key, "site_id"), table.site_id)
            self._known_satellite((*key, "satellite_id"), table.satellite_id)
            if table.time_zone is not None and not is_time_zone(table.time_zone):
                hint = time_zone_hint(table.time_zone)
                self.reading.wrong((*key, "time_zone"), RULE, got=f'"{table.time_zone}"', hint=hint)
                continue
            if table.from_date and table.until_date and table.from_date > table.until_date:
                self.reading.wrong((*key, "until_date"), "must not be before from_date", got=str(table.until_date))
            for site in self.sites.values():
                if table.site_id not in (None, site.site_id):
                    continue
                spans = weekly_spans(table, ZoneInfo(table.time_zone or site.time_zone), self.horizon)
                where = (site.site_id, table.satellite_id)
                origin = f"constraints.weekly[{index}]"
                found += self._allowed("laser-blackout", where, self._after_rule(spans, table.rule), origin)
        return found

    def calendars(self, file: ScenarioFile) -> list[AllowedTimes]:
        found = []
        for site_id, own in file.sites.override.items():
            site = self.sites.get(site_id)
            if own.calendar_file is None or site is None:
                continue
            key = ("sites", "override", site_id, "calendar_file")
            entries = self.reading.read(own.calendar_file, "calendar", key, _parse_calendar)
            windows: Sequence[TimeWindow] = self._windows_of(entries or ((), ()), site)
            found += self._by_rule("station-calendar", windows, own.calendar_file, own.calendar_rule, site_id)
        return found

    def _windows_of(
        self, entries: tuple[tuple[TimeWindow, ...], tuple[CalendarEvent, ...]], site: Site
    ) -> tuple[TimeWindow, ...]:
        windows, events = entries
        if not events:
            return windows
        zone = ZoneInfo(site.time_zone)
        return occurrences(events, zone, self.horizon.start_utc, self.horizon.end_utc)

    def availability(self, file: ScenarioFile) -> list[AllowedTimes]:
        found = []
        for table_id, table in file.satellites.items():
            if table.availability_file is None:
                continue
            key = ("satellites", table_id, "availability_file")
            windows = self.reading.read(table.availability_file, "availability", key, parse_windows) or ()
            for satellite_id in self.satellite_ids.get(table_id, ()):
                found += self._by_rule(
                    "payload", windows, table.availability_file, "permit", None, satellite_id, table_id
                )
        return found

    def sectors(self, file: ScenarioFile) -> list[ForbiddenSector]:
        found = []
        for index, table in enumerate(file.constraints.sectors):
            key = ("constraints", "sectors", index)
            self._known_site((*key, "site_id"), table.site_id)
            if not table.elevation_from_deg < table.elevation_to_deg:
                got = f"{table.elevation_to_deg:g}"
                self.reading.wrong((*key, "elevation_to_deg"), "must be above elevation_from_deg", got=got)
            if table.azimuth_from_deg == table.azimuth_to_deg:
                message = "must differ from azimuth_from_deg (0 and 360 are the whole round)"
                self.reading.wrong((*key, "azimuth_to_deg"), message, got=f"{table.azimuth_to_deg:g}")
            origin = f"constraints.sectors[{index}]"
            found.append(ForbiddenSector(**table.model_dump(), origin=origin))
        return found

    def _by_rule(
        self,
        constraint: str,
        windows: Sequence[TimeWindow],
        name: str,
        usual: Rule,
        site_id: str | None,
        satellite_id: str | None = None,
        table_id: str | None = None,
    ) -> list[AllowedTimes]:
        """Allowed times of a table: windows of one rule, site and satellite together.

        `site_id` and `satellite_id` are whose table it is, and rows of others are passed over.
        """
        groups: dict[tuple[Rule, _Where], list[tuple[float, float]]] = {}
        for window in windows:
            self._known_in_row(name, window)
            if site_id is not None and window.site_id not in (None, site_id):
                continue
            if satellite_id is not None and window.satellite_id not in (None, satellite_id, table_id):
                continue
            where = (site_id or window.site_id, satellite_id or window.satellite_id)
            span = (self.horizon.seconds(window.start_utc), self.horizon.seconds(window.end_utc))
            groups.setdefault((window.rule or usual, where), []).append(span)
        found = []
        for (rule, where), spans in groups.items():
            inside = union(spans, 0.0, self.horizon.duration_s)
            if not inside and (rule == "permit" or max(end for _, end in spans) <= 0.0):
                self._outside(name, where, rule)
            found += self._allowed(constraint, where, self._after_rule(inside, rule), name)
        if not windows and usual == "permit" and not self.reading.problems:
            self._outside(name, (site_id, satellite_id), usual)
            found += self._allowed(constraint, (site_id, satellite_id), (), name)
        return found

    def _outside(self, name: str, where: _Where, rule: Rule) -> None:
        whom = " and ".join(part for part in where if part) or "every site and satellite"
        message = f"no window for {whom} lies within the horizon: nothing is allowed"
        if rule == "forbid":
            message = f"every window for {whom} lies before the horizon: is there a newer list?"
        self.reading.notices.append(Notice(notice_id="W-WINDOWS-OUTSIDE", subject=name, message=message))

    def _after_rule(self, spans: Spans, rule: Rule) -> Spans:
        return spans if rule == "permit" else complement(spans, 0.0, self.horizon.duration_s)

    def _allowed(self, constraint: str, where: _Where, spans: Spans, origin: str) -> list[AllowedTimes]:
        site_id, satellite_id = where
        satellites = [None] if satellite_id is None else self.satellite_ids.get(satellite_id, (satellite_id,))
        return [
            AllowedTimes(
                constraint=constraint,
                site_id=site_id,
                satellite_id=satellite,
                start_s=tuple(start for start, _ in spans),
                end_s=tuple(end for _, end in spans),
                origin=origin,
            )
            for satellite in satellites
        ]

    def _known_site(self, key: KeyPath, site_id: str | None) -> None:
        if site_id is not None and site_id not in self.site_ids:
            self.reading.unknown(key, "no such site in use", site_id, self.site_ids)

    def _known_satellite(self, key: KeyPath, satellite_id: str | None) -> None:
        if satellite_id is not None and satellite_id not in self._satellites():
            self.reading.unknown(key, "no such satellite", satellite_id, self._satellites())

    def _satellites(self) -> list[str]:
        return list(dict.fromkeys([*self.satellite_ids, *(i for ids in self.satellite_ids.values() for i in ids)]))

    def _known_in_row(self, name: str, window: TimeWindow) -> None:
        checks: tuple[tuple[str, str | None, list[str]], ...] = (
            ("site_id", window.site_id, self.site_ids),
            ("satellite_id", window.satellite_id, self._satellites()),
        )
        for column, value, known in checks:
            if value is not None and value not in known:
                problem = Problem(
                    path=name,
                    line=window.line,
                    field=column,
                    message="is not known to the scenario",
                    got=value,
                    hint=did_you_mean(value, known),
                )
                self.reading.problems.append(problem)


def _parse_calendar(text: str, path: str) -> tuple[tuple[TimeWindow, ...], tuple[CalendarEvent, ...]]:
    """A station calendar as windows of a table, or as events of an iCalendar file."""
    return ((), parse_icalendar(text, path)) if is_icalendar(text) else (parse_windows(text, path), ())


def _distance_km(report: Clearance, site: Site) -> float:
    """Horizontal distance on a sphere, and half a kilometre of height counts as one."""
    north_km = 111.2 * (report.latitude_deg - site.latitude_deg)
    east_deg = (report.longitude_deg - site.longitude_deg + 180.0) % 360.0 - 180.0
    east_km = 111.2 * east_deg * math.cos(math.radians(site.latitude_deg))
    return math.hypot(north_km, east_km, 2.0 * (report.altitude_m - site.altitude_m) / 1000.0)


def _covers_sky(targets: Sequence[ClearanceTarget], min_elevation_deg: float) -> bool:
    azimuths = sorted({0.0, 360.0, *(edge for t in targets for edge in t.azimuth_deg if 0.0 < edge < 360.0)})
    elevations = sorted(
        {
            min_elevation_deg,
            90.0,
            *(e for t in targets for e in t.elevation_deg if min_elevation_deg < e < 90.0),
        }
    )

    def covered(azimuth: float, elevation: float) -> bool:
        return any(
            t.azimuth_deg[0] <= azimuth <= t.azimuth_deg[1] and t.elevation_deg[0] <= elevation <= t.elevation_deg[1]
            for t in targets
        )

    return all(
        covered(0.5 * (az1 + az2), 0.5 * (el1 + el2))
        for az1, az2 in pairwise(azimuths)
        for el1, el2 in pairwise(elevations)
    )
