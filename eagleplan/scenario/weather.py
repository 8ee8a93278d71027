"""The sky: climatology of every site in use, forecasts, observations, and an operator's word."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial
from pathlib import PurePosixPath

import numpy as np

from eagleplan.errors import Problem
from eagleplan.inputs.climatology import MonthlyRow, parse_climatology
from eagleplan.inputs.files import packaged
from eagleplan.inputs.forecast_overrides import parse_overrides
from eagleplan.inputs.sites import parse_sites
from eagleplan.model import Assumption, Horizon, Notice, PassOverride, Site, Weather, WeatherOptions
from eagleplan.scenario.forecasts import Forecasts, forecasts
from eagleplan.scenario.observations import observations
from eagleplan.scenario.reading import Reading
from eagleplan.scenario.schema import ScenarioFile
from eagleplan.scenario.sites import SITES_FILE
from eagleplan.units import FloatArray, read_only
from eagleplan.weather import monthly_p_clear

MONTHLY_FILE = packaged("monthly_clear_sky.csv")
_MONTHLY_SOURCE = (
    "assumed: rounded after the usual course of sunshine duration, by region and without regard to the hour; "
    "see data/README.md"
)


def weather(reading: Reading, file: ScenarioFile, horizon: Horizon, sites: Sequence[Site]) -> Weather:
    """What `[weather]` and its files say of the `sites` in use."""
    table = file.weather
    entries = reading.read(file.sites.file or SITES_FILE, "sites", ("sites", "file"), parse_sites) or ()
    catalogue = {entry.site_id: (entry.latitude_deg, entry.longitude_deg) for entry in entries}
    monthly, origin = _climatology(reading, file, sites)
    found = forecasts(reading, table, horizon, sites, catalogue)
    seen = observations(reading, table, horizon, sites, file.sites.closed)
    overrides: tuple[PassOverride, ...] = ()
    if table.overrides_file is not None:
        key = ("weather", "overrides_file")
        overrides = reading.read(table.overrides_file, "overrides", key, parse_overrides) or ()
    options = WeatherOptions(**{one.name: getattr(table, one.name) for one in dataclasses.fields(WeatherOptions)})
    newest_utc = max((*found.issued_utc, *(utc for utc, _ in seen)), default=horizon.start_utc)
    planned_utc = table.planned_utc or file.operations.now_utc or newest_utc
    _assume(reading, file, forecast=bool(table.forecasts), observation=bool(table.metar))
    known = Weather(
        planned_utc=planned_utc,
        monthly_p_clear_zenith=monthly,
        climatology_origin=origin,
        forecasts=found.forecasts,
        observations=tuple(one for _, one in seen),
        overrides=overrides,
        options=options,
    )
    _warn(reading, known, found, horizon, sites)
    return known


def _climatology(reading: Reading, file: ScenarioFile, sites: Sequence[Site]) -> tuple[dict[str, FloatArray], str]:
    name = file.weather.monthly_file or MONTHLY_FILE
    rows = reading.read(name, "climatology", ("weather", "monthly_file"), parse_climatology)
    if rows is None:
        return {site.site_id: monthly_p_clear(site.p_clear_zenith_annual, [1.0] * 12) for site in sites}, ""
    monthly: dict[str, FloatArray] = {}
    for site in sites:
        row = next((row for row in rows if row.holds(site)), None)
        if row is None:
            hint = "add a row with its site_id, or a region that holds it"
            reading.problems.append(
                Problem(path=name, field="site_id", message="no row is for this site", got=site.site_id, hint=hint)
            )
        else:
            monthly[site.site_id] = _months(reading, site, row)
    if file.weather.monthly_file is None:
        value = MONTHLY_FILE.partition(":")[2]
        reading.assumptions.append(Assumption(key="weather.monthly_file", value=value, source=_MONTHLY_SOURCE))
        _assume_regions(reading, rows, sites)
    return monthly, f"climatology ({PurePosixPath(name).name})"


def _months(reading: Reading, site: Site, row: MonthlyRow) -> FloatArray:
    if not row.is_factor:
        return read_only(row.months)
    if site.p_clear_zenith_annual * max(row.months) > 1.0:
        message = (
            f"{site.p_clear_zenith_annual:g} × {max(row.months):g} ({row.name}) is more than 1: the best months are "
            "taken as always clear; give the site a row of its own"
        )
        reading.notices.append(Notice(notice_id="W-CLIMATOLOGY-CAPPED", subject=site.site_id, message=message))
    return monthly_p_clear(site.p_clear_zenith_annual, row.months)


def _assume_regions(reading: Reading, rows: Sequence[MonthlyRow], sites: Sequence[Site]) -> None:
    """The reasoning of every region that a site in use lies in."""
    for row in rows:
        ids = [site.site_id for site in sites if next(one for one in rows if one.holds(site)) is row]
        if ids:
            value = f"{min(row.months):g} to {max(row.months):g} for {', '.join(ids)}"
            reading.assumptions.append(Assumption(key=f"weather.monthly.{row.name}", value=value, source=row.source))


def _assume(reading: Reading, file: ScenarioFile, *, forecast: bool, observation: bool) -> None:
    """The defaults that this project chose, as far as they are used."""
    used = {
        "decay_hours": forecast,
        "low_cloud_top_m": forecast or observation,
        "max_forecast_age_hours": forecast,
        "observation_decay_hours": observation,
        "correlation_length_km": file.weather.n_outlook_skies > 0,
    }
    for name, is_used in used.items():
        extra = type(file.weather).model_fields[name].json_schema_extra
        if is_used and name not in file.weather.model_fields_set and isinstance(extra, Mapping):
            value = f"{getattr(file.weather, name):g}"
            source = str(extra["assumed"])
            reading.assumptions.append(Assumption(key=f"weather.{name}", value=value, source=source))


def _warn(reading: Reading, known: Weather, found: Forecasts, horizon: Horizon, sites: Sequence[Site]) -> None:
    warn = partial(_notice, reading)
    reference_utc = max(known.planned_utc, horizon.start_utc)
    newest: dict[str, datetime] = {}
    used = [(name, issued) for name, issued in found.runs if issued <= known.planned_utc]
    for name, issued_utc in found.runs:
        if issued_utc > known.planned_utc:
            message = f"the run of {_minute(issued_utc)} is later than weather.planned_utc: it is not used"
            warn("W-FORECAST-FUTURE", name, message)
    for name, issued_utc in used:
        newest[name] = max(newest.get(name, issued_utc), issued_utc)
    if newest:
        name, issued_utc = max(newest.items(), key=lambda item: (item[1], item[0]))
        age_hours = (reference_utc - issued_utc).total_seconds() / 3600.0
        if age_hours > known.options.max_forecast_age_hours:
            message = (
                f"the newest run, of {_minute(issued_utc)}, is {age_hours:.0f} h old at {_minute(reference_utc)}: "
                f"it has {np.exp(-age_hours / found.decay_hours[name]):.0%} of the weight there, climatology the rest"
            )
            warn("W-FORECAST-AGE", name, message)
    for name in found.files:
        runs = [run for run in known.forecasts if run.origin == name]
        if runs and not any(run.time_s[-1] > 0.0 and run.time_s[0] < horizon.duration_s for run in runs):
            warn("W-FORECAST-SPAN", name, "covers nothing of the horizon: climatology alone counts")
    covered = {run.site_id for run in known.forecasts}
    missing = [site.site_id for site in sites if site.site_id not in covered]
    if covered and missing:
        warn("W-FORECAST-SITES", ", ".join(missing), "no forecast: climatology alone counts")
    blind = [site.site_id for site in sites if site.site_id in found.without_layers]
    if blind:
        message = "stands above low cloud, but the forecast has no layers: cloud below it counts too"
        warn("W-FORECAST-LAYERS", ", ".join(blind), message)


def _notice(reading: Reading, notice_id: str, subject: str, message: str) -> None:
    reading.notices.append(Notice(notice_id=notice_id, subject=subject, message=message))


def _minute(instant: datetime) -> str:
    return f"{instant:%Y-%m-%dT%H:%MZ}"
