"""Satellites: orbits from files or wishes, terminals and sources from profiles."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial

from eagleplan.errors import InputError
from eagleplan.inputs.elements import Orbit, parse_elements, select_orbit
from eagleplan.inputs.toml import KeyPath
from eagleplan.model import (
    DutyCycle,
    Horizon,
    MeanElements,
    Notice,
    Satellite,
    ScheduleOptions,
    Source,
    TabulatedEphemeris,
    Terminal,
)
from eagleplan.orbit.age import timing_uncertainty_s
from eagleplan.scenario.hardware import assemble
from eagleplan.scenario.orbit_tables import WALKER_PATTERN, FileOrbit, KeplerOrbit, SunSynchronousOrbit, WalkerOrbit
from eagleplan.scenario.reading import Reading
from eagleplan.scenario.schema import SatelliteTable, ScenarioFile, given

MAX_ELEMENTS_AGE_DAYS = 10.0
"""Published elements are called old when any instant of the horizon is further than this from their epoch.

The along-track error of Sun-synchronous satellites near 500 km grows with the square of the age: half of
1,105 were off by more than 0.9 s, one in ten by more than 3.6 s, at 5 to 6 days. A week planned with elements
of up to three days passes without a notice.
"""


def satellites(reading: Reading, file: ScenarioFile, horizon: Horizon) -> dict[str, tuple[Satellite, ...]]:
    """The satellites of each table of the scenario: one, or those of a constellation, or none that could be
    read."""
    return {
        satellite_id: tuple(_satellites(reading, satellite_id, table, horizon))
        for satellite_id, table in file.satellites.items()
    }


def warn_of_short_duty(reading: Reading, groups: Mapping[str, Sequence[Satellite]], options: ScheduleOptions) -> None:
    """Notices of payloads that may not work for as long as the shortest contact takes."""
    for table_id, group in groups.items():
        for name in ("max_contact_s_per_orbit", "max_contact_s_per_day"):
            most_s = getattr(group[0].duty, name) if group else None
            if most_s is not None and most_s < options.min_contact_s:
                message = f"{most_s} s are shorter than schedule.min_contact_s, {options.min_contact_s} s: no contact"
                subject = f"satellites.{table_id}.duty.{name}"
                reading.notices.append(Notice(notice_id="W-DUTY", subject=subject, message=message))


def _satellites(reading: Reading, satellite_id: str, table: SatelliteTable, horizon: Horizon) -> Iterator[Satellite]:
    key = ("satellites", satellite_id)
    name = table.name or satellite_id
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]*", satellite_id):
        reading.wrong(key, "must be lower-case letters, digits and hyphens", got=f'"{satellite_id}"')
    orbits = _orbits(reading, table, key, name, horizon)
    profile_key = (*key, "profile")
    terminal = assemble(reading, Terminal, table.profile, profile_key, ("terminal", (*key, "terminal"), table.terminal))
    source = assemble(reading, Source, table.profile, profile_key, ("source", (*key, "source"), table.source))
    if terminal is None or source is None:
        return
    for suffix, orbit in orbits:
        _warn(reading, f"satellites.{satellite_id}{suffix}", orbit, horizon)
        yield Satellite(
            satellite_id=satellite_id + suffix,
            name=name + suffix.replace("-", " ", 1),
            orbit=orbit,
            terminal=terminal,
            source=source,
            duty=DutyCycle(**given(table.duty)),
        )


def _orbits(
    reading: Reading, table: SatelliteTable, key: KeyPath, name: str, horizon: Horizon
) -> list[tuple[str, Orbit]]:
    """What follows the satellite's id, and the orbit; nothing where `reading` says why."""
    orbit = table.orbit
    if isinstance(orbit, FileOrbit):
        found = _orbit_of_file(reading, orbit, (*key, "orbit"), horizon)
        return [] if found is None else [("", found)]
    try:
        return _design_orbits(orbit, orbit.epoch_utc or horizon.start_utc, name)
    except InputError as error:
        for problem in error.problems:
            reading.wrong((*key, "orbit"), problem.message, got=problem.got, hint=problem.hint)
        return []


def _design_orbits(
    orbit: SunSynchronousOrbit | KeplerOrbit | WalkerOrbit, epoch_utc: datetime, name: str
) -> list[tuple[str, Orbit]]:
    from eagleplan.orbit import keplerian_elements, sun_synchronous_elements, walker

    if isinstance(orbit, WalkerOrbit):
        pattern = WALKER_PATTERN.fullmatch(orbit.pattern)
        if pattern is None:
            raise AssertionError("a pattern that was checked does not match")
        inclination_deg, (total, planes, phasing) = float(pattern[1]), map(int, pattern.groups()[1:])
        constellation = walker(
            orbit.altitude_km,
            inclination_deg,
            total,
            planes,
            phasing,
            epoch_utc,
            name=name,
            raan_deg=orbit.raan_deg,
            spread_deg=orbit.spread_deg,
        )
        in_plane = total // planes
        return [(f"-{n // in_plane + 1}-{n % in_plane + 1}", one) for n, one in enumerate(constellation)]
    if isinstance(orbit, KeplerOrbit):
        make = partial(keplerian_elements, orbit.altitude_km, orbit.inclination_deg, orbit.raan_deg, epoch_utc)
    else:
        make = partial(sun_synchronous_elements, orbit.altitude_km, orbit.ltan, epoch_utc)
    elements = make(
        name=name,
        eccentricity=orbit.eccentricity,
        arg_perigee_deg=orbit.arg_perigee_deg,
        mean_anomaly_deg=orbit.mean_anomaly_deg,
        bstar_per_earth_radius=orbit.bstar_per_earth_radius,
    )
    return [("", elements)]


def _orbit_of_file(reading: Reading, orbit: FileOrbit, key: KeyPath, horizon: Horizon) -> Orbit | None:
    orbits = reading.read(orbit.path, "elements", (*key, "path"), parse_elements)
    if orbits is None:
        return None
    try:
        found = select_orbit(orbits, orbit.path, catalog_id=orbit.catalog_id, object_name=orbit.object_name)
    except InputError as error:
        for problem in error.problems:
            got = problem.got or f'"{orbit.path}"'
            reading.wrong(key, f"{orbit.path} {problem.message}", got=got, hint=problem.hint)
        return None
    if isinstance(found, TabulatedEphemeris):
        first, last = _span_utc(found)
        if last <= horizon.start_utc or first >= horizon.end_utc:
            message = f"{orbit.path} covers no part of the horizon, and is never extrapolated"
            reading.wrong(key, message, got=f"{first:%Y-%m-%d %H:%M} to {last:%Y-%m-%d %H:%M} UTC")
            return None
    return found


def _span_utc(ephemeris: TabulatedEphemeris) -> tuple[datetime, datetime]:
    first, last = (float(ephemeris.t_s[end]) for end in (0, -1))
    if ephemeris.useable_s:
        first, last = ephemeris.useable_s[0][0], ephemeris.useable_s[-1][1]
    return ephemeris.epoch_utc + timedelta(seconds=first), ephemeris.epoch_utc + timedelta(seconds=last)


def _warn(reading: Reading, subject: str, orbit: Orbit, horizon: Horizon) -> None:
    if isinstance(orbit, TabulatedEphemeris):
        first, last = _span_utc(orbit)
        if first > horizon.start_utc or last < horizon.end_utc:
            message = (
                f"the ephemeris covers {first:%Y-%m-%d %H:%M} to {last:%Y-%m-%d %H:%M} UTC only: "
                "it is never extrapolated, and nothing is planned outside it"
            )
            reading.notices.append(Notice(notice_id="W-EPHEMERIS-SPAN", subject=subject, message=message))
        return
    if orbit.kind == "design":
        message = "the orbit is a wish, not an object's: its passes hold for that wish alone"
        reading.notices.append(Notice(notice_id="W-DESIGN-ORBIT", subject=subject, message=message))
        return
    ages = [abs(instant - orbit.epoch_utc) / timedelta(days=1) for instant in (horizon.start_utc, horizon.end_utc)]
    if max(ages) > MAX_ELEMENTS_AGE_DAYS:
        message = (
            f"the elements' epoch {orbit.epoch_utc:%Y-%m-%d %H:%M} UTC lies {ages[0]:.1f} days from the "
            f"start and {ages[1]:.1f} from the end of the horizon (more than {MAX_ELEMENTS_AGE_DAYS:g}): "
            f"pass times are uncertain by about {_uncertainty(orbit, horizon)} (one standard deviation); "
            "get newer elements"
        )
        reading.notices.append(Notice(notice_id="W-ELEMENTS-AGE", subject=subject, message=message))


def _uncertainty(orbit: MeanElements, horizon: Horizon) -> str:
    """Of a pass time at the end of the horizon that lies farther from the epoch."""
    worst_s = max(timing_uncertainty_s(orbit, instant) for instant in (horizon.start_utc, horizon.end_utc))
    return f"{worst_s:.0f} s" if worst_s < 120.0 else f"{worst_s / 60.0:.0f} min"
