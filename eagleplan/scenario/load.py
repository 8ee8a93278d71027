"""From a path to a `Scenario`, or to everything that is wrong with it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Any

from eagleplan.errors import InputError, Problem
from eagleplan.inputs.checked import validate_known
from eagleplan.inputs.files import DiskFiles, Files, OverlaidFiles
from eagleplan.inputs.toml import parse_toml
from eagleplan.model import Assumption, Horizon, LinkOptions, Network
from eagleplan.scenario.classical import with_classical_contacts
from eagleplan.scenario.constraints import constraints
from eagleplan.scenario.demands import demands
from eagleplan.scenario.earlier import earlier_plan
from eagleplan.scenario.hardware import assemble, security
from eagleplan.scenario.kms import with_key_stores
from eagleplan.scenario.network import network_of, nodes_of
from eagleplan.scenario.options import schedule_options
from eagleplan.scenario.reach import warn_of_unreachable
from eagleplan.scenario.reading import Reading
from eagleplan.scenario.satellites import satellites, warn_of_short_duty
from eagleplan.scenario.scenario import Scenario
from eagleplan.scenario.schema import ScenarioFile
from eagleplan.scenario.sites import select_sites
from eagleplan.scenario.weather import weather

_HARMLESS = ("horizon", "satellites", "receivers", "link", "key", "network", "constraints", "schedule")
"""Tables in which an unknown key leaves everything else readable; elsewhere one mistake would look like
many."""


def _clock() -> datetime:
    return datetime.now(UTC)


def load_scenario(
    source: str | Path | Files,
    *,
    start_utc: datetime | None = None,
    days: float | None = None,
    now_utc: Callable[[], datetime] = _clock,
    with_link: bool = True,
    overrides: Mapping[str, Any] = MappingProxyType({}),
    extra_files: Mapping[str, bytes] = MappingProxyType({}),
) -> Scenario:
    """Reads a scenario and every file it names.

    `source` is the path of the TOML file, or where stored copies are. `start_utc` and `days` go before the
    file's own horizon. Without either, the horizon begins at the coming Monday, 00:00 UTC; `now_utc` is asked
    only then. Without `with_link` nothing asks whether losses can be computed from the hardware: passes need none.
    `overrides` are values at dotted keys (``satellites.eagle1.orbit.ltan``) in place of the file's; `extra_files`
    are files by the names that the scenario gives them, read before any on disk. Both are kept in a stored copy.
    Raises InputError with every problem of every file.
    """
    files: Files = DiskFiles(source) if isinstance(source, str | Path) else source
    if extra_files:
        files = OverlaidFiles(files, extra_files)
    overrides = dict(sorted({**files.overrides, **overrides}.items()))
    reading = Reading(files)
    document = reading.read(files.scenario_file, "scenario", (), parse_toml)
    reading.raise_problems()
    if document is None:
        raise AssertionError("a scenario that was not read has left no problem")
    document = document.override(overrides)
    reading.document = document
    file, found = validate_known(ScenarioFile, document, _HARMLESS)
    reading.problems.extend(found)
    if file is None:
        reading.raise_problems()
        raise AssertionError("a scenario that is no scenario has left no problem")
    horizon = _horizon(file, files, start_utc, days, now_utc)
    _assumed_defaults(reading, file)
    groups = satellites(reading, file, horizon)
    satellite_ids = {table: tuple(one.satellite_id for one in group) for table, group in groups.items()}
    groups = with_classical_contacts(reading, file, horizon, groups, satellite_ids)
    selection = select_sites(reading, file, satellite_ids)
    nodes = nodes_of(reading, file, selection, satellite_ids) if selection else None
    network = (
        with_key_stores(reading, file, nodes, network_of(reading, file, nodes)) if nodes else Network(node_sites={})
    )
    found_demands = demands(reading, file, horizon, nodes)
    link = assemble(reading, LinkOptions, file.link.profile, ("link", "profile"), ("link", ("link",), file.link))
    required = security(reading, file.key)
    found_sites, rows = (selection.sites, selection.rows) if selection else ((), ())
    options = schedule_options(reading, file.schedule)
    sky = weather(reading, file, horizon, found_sites)
    limits = constraints(reading, file, horizon, found_sites, rows, satellite_ids)
    earlier = earlier_plan(reading, file, horizon)
    for table, ids in satellite_ids.items():
        for satellite_id in {row.site_id for row in rows}.intersection(ids):
            reading.wrong(("satellites", table), "is the id of a site too", got=f'"{satellite_id}"')
    everyone = tuple(satellite for group in groups.values() for satellite in group)
    if link is not None and with_link and not reading.problems:
        from eagleplan.scenario.link_checks import refuse_what_has_no_loss

        refuse_what_has_no_loss(reading, groups, found_sites, link)
    reading.raise_problems()
    if selection is None or link is None or required is None:
        raise AssertionError("a part that was not read has left no problem")
    warn_of_unreachable(reading, found_demands, network, everyone, found_sites)
    warn_of_short_duty(reading, groups, options)
    return Scenario(
        name=file.name,
        horizon=horizon,
        satellites=everyone,
        sites=found_sites,
        demands=found_demands,
        network=network,
        security=required,
        link=link,
        schedule=options,
        constraints=limits,
        weather=sky,
        assumptions=tuple(reading.assumptions),
        notices=tuple(reading.notices),
        inputs=reading.input_files(),
        files=reading.bytes,
        scenario_file=files.scenario_file,
        overrides=overrides,
        earlier=earlier,
    )


def _horizon(
    file: ScenarioFile,
    files: Files,
    start_utc: datetime | None,
    days: float | None,
    now_utc: Callable[[], datetime],
) -> Horizon:
    if days is not None and not 0.0 < days <= 400.0:
        raise InputError(Problem(path="--days", message="must be > 0 and <= 400", got=f"{days:g}"))
    if start_utc is not None and start_utc.utcoffset() is None:
        raise InputError(Problem(path="--start-utc", message="must be UTC and end in Z", got=str(start_utc)))
    stored_start_utc, stored_days = files.horizon or (None, None)
    start = start_utc or stored_start_utc or file.horizon.start_utc or coming_monday(now_utc())
    return Horizon(start_utc=start.astimezone(UTC), days=days or stored_days or file.horizon.days)


def coming_monday(now_utc: datetime) -> datetime:
    """The first Monday, 00:00 UTC, at or after `now_utc`."""
    midnight = now_utc.replace(hour=0, minute=0, second=0, microsecond=0)
    monday = midnight + timedelta(days=-midnight.weekday() % 7)
    return monday if monday >= now_utc else monday + timedelta(days=7)


def _assumed_defaults(reading: Reading, file: ScenarioFile) -> None:
    """Defaults of the scenario's own keys that this project chose and the user did not set."""
    for name, field in type(file.sites).model_fields.items():
        extra = field.json_schema_extra
        # An aperture is assumed site by site, where a row has none.
        if isinstance(extra, dict) and name != "aperture_m" and name not in file.sites.model_fields_set:
            reading.assumptions.append(
                Assumption(key=f"sites.{name}", value=str(field.default), source=str(extra["assumed"]))
            )
