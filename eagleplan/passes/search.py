"""Passes without a scenario: elements and places in, plain rows out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import repeat
from numbers import Real

import numpy as np

from eagleplan.errors import InputError, Problem
from eagleplan.model import Horizon, MeanElements
from eagleplan.orbit.places import SiteVectors, place_vectors
from eagleplan.orbit.trajectory import Turns, trajectories
from eagleplan.passes.finder import BoolArray
from eagleplan.passes.table import pass_table, sweeps
from eagleplan.units import FloatArray

_LIMITS = {"latitude_deg": 90.0, "longitude_deg": 360.0, "altitude_m": 100_000.0}

ElementSource = tuple[str, str] | Sequence[str] | Mapping[str, object] | MeanElements
Row = tuple[int, int, float | None, float, float | None, float]


def search(
    elements: Sequence[ElementSource],
    sites: Sequence[Mapping[str, float]],
    start_utc: datetime,
    end_utc: datetime,
    min_elevation_deg: float = 10.0,
    *,
    on_failure: Callable[[int, InputError], None] | None = None,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> list[Row]:
    """Every pass above `min_elevation_deg` (geometric) between two instants.

    `elements` are pairs of TLE lines, CCSDS OMM fields as mappings, or `MeanElements`; `sites` are mappings
    with `latitude_deg`, `longitude_deg` and `altitude_m` (WGS84; others are ignored). Rows are (satellite
    index, site index, rise_s, culmination_s, set_s, max_elevation_deg) in seconds since `start_utc`, by
    satellite, site and time; rise_s or set_s is None where the span cuts the pass, and the culmination is
    the highest point inside the span.

    Raises InputError with all problems of all elements and sites, and for an instant without a time zone or a
    minimum elevation that is no angle from -90 to 90. A satellite that SGP4 cannot propagate
    over the whole span raises too, unless `on_failure` takes its index and error: then the others go on.
    `progress` is told how many satellites of all are done.
    """
    orbits = _orbits(elements)
    vectors = _vectors(sites)
    for field, instant in (("start_utc", start_utc), ("end_utc", end_utc)):
        if instant.tzinfo is None:
            raise InputError(
                Problem(path="search", field=field, message="must have a time zone, such as UTC", got=str(instant))
            )
    if not -90.0 <= min_elevation_deg <= 90.0:
        message, got = "must be from -90 to 90", f"{min_elevation_deg}"
        raise InputError(Problem(path="search", field="min_elevation_deg", message=message, got=got))
    if end_utc <= start_utc:
        raise InputError(Problem(path="search", field="end_utc", message="must be after start_utc", got=str(end_utc)))
    horizon = Horizon(start_utc=start_utc.astimezone(UTC), days=(end_utc - start_utc) / timedelta(days=1))
    if not sites:
        return []
    threshold_deg = np.full(len(sites), float(min_elevation_deg))
    turns = Turns(horizon)
    rows: list[Row] = []
    for satellite, orbit in enumerate(orbits):
        try:
            swept = sweeps(trajectories(orbit, horizon, turns), vectors, threshold_deg)
            table = pass_table(swept, len(sites), horizon.duration_s)
        except InputError as error:
            if on_failure is None:
                raise
            on_failure(satellite, error)
            continue
        finally:
            progress(satellite + 1, len(orbits))
        rows.extend(
            zip(
                repeat(satellite),
                table.site.tolist(),
                _uncut(table.rise_s, table.cut_start),
                table.culmination_s.tolist(),
                _uncut(table.set_s, table.cut_end),
                table.max_elevation_deg.tolist(),
                strict=False,
            )
        )
    return rows


def _uncut(t_s: FloatArray, cut: BoolArray) -> list[float | None]:
    times: list[float | None] = t_s.tolist()
    for index in np.flatnonzero(cut).tolist():
        times[index] = None
    return times


def _orbits(elements: Sequence[ElementSource]) -> list[MeanElements]:
    orbits: list[MeanElements] = []
    problems: list[Problem] = []
    for number, source in enumerate(elements):
        try:
            orbits.append(_orbit(source, f"elements[{number}]"))
        except InputError as error:
            problems.extend(error.problems)
    if problems:
        raise InputError(problems)
    return orbits


def _orbit(source: ElementSource, path: str) -> MeanElements:
    if isinstance(source, MeanElements):
        return source
    if isinstance(source, Mapping):
        from eagleplan.inputs.omm import elements_from_fields

        return elements_from_fields(source, path)
    from eagleplan.inputs.tle import parse_tle

    if isinstance(source, str):
        # A string is a sequence too, of letters.
        message = "must be a pair of TLE lines, OMM fields or MeanElements, and not one string"
        raise InputError(Problem(path=path, message=message, got=f"“{source[:40]}”"))
    found = parse_tle("\n".join(source), path)
    if len(found) != 1:
        raise InputError(
            Problem(path=path, message="must be the two lines of one element set", got=f"{len(found)} sets")
        )
    return found[0]


def _vectors(sites: Sequence[Mapping[str, float]]) -> SiteVectors:
    problems = []
    for number, site in enumerate(sites):
        for field, limit in _LIMITS.items():
            value = site.get(field)
            path = f"sites[{number}]"
            if value is None:
                problems.append(Problem(path=path, field=field, message="is required"))
            elif not isinstance(value, Real) or not -limit <= float(value) <= limit:
                problems.append(
                    Problem(
                        path=path,
                        field=field,
                        message=f"must be from -{limit:g} to {limit:g}",
                        got=f"{value}",
                    )
                )
    if problems:
        raise InputError(problems)
    latitude, longitude, altitude = (np.array([float(site[field]) for site in sites]) for field in _LIMITS)
    return place_vectors(latitude, longitude, altitude)
