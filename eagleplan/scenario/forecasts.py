"""Forecast files of a scenario: which of their places is which site, and how much cloud is above it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import PurePosixPath

from eagleplan.errors import Problem
from eagleplan.inputs.forecast import MAX_DISTANCE_KM, CloudSeries
from eagleplan.inputs.forecast_json import parse_open_meteo
from eagleplan.inputs.forecast_table import parse_forecast_table
from eagleplan.inputs.toml import KeyPath
from eagleplan.model import Forecast, Horizon, Notice, Site
from eagleplan.scenario.reading import Reading
from eagleplan.scenario.schema import ForecastTable, WeatherTable
from eagleplan.units import read_only
from eagleplan.weather import clear_above

_KINDS = {
    ".json": "open-meteo",
    ".csv": "csv",
    ".grib": "grib",
    ".grib2": "grib",
    ".grb": "grib",
    ".grb2": "grib",
}
_EARTH_RADIUS_KM = 6371.0


@dataclass(slots=True)
class Forecasts:
    """What the files gave: `runs` are (file, when it was made), `without_layers` sites over cloud that is not split."""

    forecasts: tuple[Forecast, ...] = ()
    runs: list[tuple[str, datetime]] = field(default_factory=list)
    decay_hours: dict[str, float] = field(default_factory=dict)
    without_layers: set[str] = field(default_factory=set)

    @property
    def files(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(name for name, _ in self.runs))

    @property
    def issued_utc(self) -> tuple[datetime, ...]:
        return tuple(issued for _, issued in self.runs)


def forecasts(
    reading: Reading,
    table: WeatherTable,
    horizon: Horizon,
    sites: Sequence[Site],
    catalogue: Mapping[str, tuple[float, float]],
) -> Forecasts:
    """The forecasts of the sites in use; other sites of the catalogue (id → latitude, longitude) are passed over."""
    found = Forecasts()
    made: list[Forecast] = []
    names: set[str] = set()
    for index, entry in enumerate(table.forecasts):
        key: KeyPath = ("weather", "forecasts", index)
        if entry.file in names:
            reading.wrong((*key, "file"), "is named twice", got=f'"{entry.file}"')
            continue
        names.add(entry.file)
        series = _read(reading, entry, key, sites, catalogue)
        if series is None:
            continue
        decay_hours = entry.decay_hours or table.decay_hours
        found.decay_hours[entry.file] = decay_hours
        places = _places(reading, entry, key, series, sites, catalogue)
        issues = {_issued(entry, series_of) for series_of in places.values()}
        if not places:
            message = "holds none of the sites in use"
            reading.notices.append(Notice(notice_id="W-FORECAST-SPAN", subject=entry.file, message=message))
        found.runs.extend((entry.file, issued) for issued in sorted(issues))
        if entry.issued_utc is None and places and any(one.issued_utc is None for one in places.values()):
            message = "does not say when it was made: its first hour is taken; set issued_utc of weather.forecasts"
            reading.notices.append(Notice(notice_id="W-FORECAST-ISSUE", subject=entry.file, message=message))
        for site in sites:
            if site.site_id not in places:
                continue
            one = places[site.site_id]
            if site.altitude_m >= table.low_cloud_top_m and "low" not in one.cover_frac:
                found.without_layers.add(site.site_id)
            made.append(
                Forecast(
                    site_id=site.site_id,
                    origin=entry.file,
                    issued_s=(_issued(entry, one) - horizon.start_utc).total_seconds(),
                    time_s=read_only([(t - horizon.start_utc).total_seconds() for t in one.times_utc]),
                    clear_frac=clear_above(
                        one.cover_frac, altitude_m=site.altitude_m, low_cloud_top_m=table.low_cloud_top_m
                    ),
                    decay_hours=decay_hours,
                )
            )
    found.forecasts = tuple(made)
    return found


def _read(
    reading: Reading,
    entry: ForecastTable,
    key: KeyPath,
    sites: Sequence[Site],
    catalogue: Mapping[str, tuple[float, float]],
) -> tuple[CloudSeries, ...] | None:
    kind = entry.kind or _KINDS.get(PurePosixPath(entry.file).suffix.lower())
    at = (*key, "file")
    if kind == "open-meteo":
        return reading.read(entry.file, "forecast", at, parse_open_meteo)
    if kind == "csv":
        return reading.read(entry.file, "forecast", at, lambda text, path: parse_forecast_table(text, path, catalogue))
    if kind == "grib":
        from eagleplan.inputs.forecast_grib import parse_grib

        where = {site.site_id: (site.latitude_deg, site.longitude_deg) for site in sites}
        return reading.read_bytes(entry.file, "forecast", at, lambda data, path: parse_grib(data, path, where))
    hint = 'set kind = "open-meteo", "csv" or "grib"'
    reading.wrong(at, "does not end as a known kind of forecast", got=f'"{entry.file}"', hint=hint)
    return None


def _issued(entry: ForecastTable, series: CloudSeries) -> datetime:
    return (entry.issued_utc or series.issued_utc or series.times_utc[0]).astimezone(UTC)


def _places(
    reading: Reading,
    entry: ForecastTable,
    key: KeyPath,
    series: Sequence[CloudSeries],
    sites: Sequence[Site],
    catalogue: Mapping[str, tuple[float, float]],
) -> Mapping[str, CloudSeries]:
    """Id of each site in use → its series: by name, by the order of `site_ids`, or by the nearest grid point."""
    used = [site.site_id for site in sites]
    if entry.site_ids is not None:
        ordered = _by_order(reading, entry, entry.site_ids, key, series, list(catalogue))
        return {site_id: one for site_id, one in ordered.items() if site_id in used}
    found: dict[str, CloudSeries] = {}
    points: list[tuple[tuple[float, float], CloudSeries]] = []
    for one in series:
        if not isinstance(one.place, str):
            points.append((one.place, one))
        elif one.place in used:
            found[one.place] = one
    for place, one in points:
        if all(_distance_km(at, place) > MAX_DISTANCE_KM for at in catalogue.values()):
            hint = f"no site is within {MAX_DISTANCE_KM:g} km; site_ids would name the sites in the file's order"
            _wrong(reading, entry, one, "is no site's place", f"{place[0]:g}, {place[1]:g}", hint)
    for site_id in used if points else []:
        distance_km, nearest = min(
            ((_distance_km(catalogue[site_id], place), one) for place, one in points), key=lambda pair: pair[0]
        )
        if distance_km <= MAX_DISTANCE_KM:
            found[site_id] = nearest
    return found


def _by_order(
    reading: Reading,
    entry: ForecastTable,
    names: Sequence[str],
    key: KeyPath,
    series: Sequence[CloudSeries],
    site_ids: Sequence[str],
) -> Mapping[str, CloudSeries]:
    if any(isinstance(one.place, str) for one in series):
        reading.wrong((*key, "site_ids"), "must not be given: the file names its sites itself")
        return {}
    if len(names) != len(series):
        message = f"must name the {len(series)} locations of the file, in its order"
        reading.wrong((*key, "site_ids"), message, got=str(len(names)))
        return {}
    for index, name in enumerate(names):
        if name not in site_ids:
            reading.unknown((*key, "site_ids", index), "no such site", name, list(site_ids))
        elif name in names[:index]:
            reading.wrong((*key, "site_ids", index), "is named twice", got=f'"{name}"')
    return dict(zip(names, series, strict=True))


def _wrong(reading: Reading, entry: ForecastTable, series: CloudSeries, message: str, got: str, hint: str) -> None:
    reading.problems.append(
        Problem(path=entry.file, line=series.line, field=series.field, message=message, got=got, hint=hint)
    )


def _distance_km(here: tuple[float, float], there: tuple[float, float]) -> float:
    """Great-circle distance between (latitude, longitude) in degrees."""
    one, two = math.radians(here[0]), math.radians(there[0])
    across = math.radians(there[1] - here[1])
    haversine = math.sin((two - one) / 2) ** 2 + math.cos(one) * math.cos(two) * math.sin(across / 2) ** 2
    return 2.0 * _EARTH_RADIUS_KM * math.asin(math.sqrt(min(1.0, haversine)))
