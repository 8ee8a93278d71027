"""All passes of a scenario with their windows, as the objects that the other rooms work with."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from eagleplan.errors import InputError
from eagleplan.model import Constraints, Horizon, Notice, Pass, Satellite, Site
from eagleplan.orbit.age import timing_uncertainties_s
from eagleplan.orbit.earth_orientation import earth_orientation_notices
from eagleplan.orbit.places import SiteVectors, site_vectors
from eagleplan.orbit.revolutions import revolution_numbers
from eagleplan.orbit.sun_moon import SunMoon, sun_moon
from eagleplan.orbit.trajectory import Track, Turns, track
from eagleplan.passes.case import Case
from eagleplan.passes.constraints import CONSTRAINTS
from eagleplan.passes.look import look
from eagleplan.passes.masks import above_masks, lowest_elevation_deg
from eagleplan.passes.nights import night_dates
from eagleplan.passes.table import PassTable, Sweep, nearest_range_km, pass_table, sweeps
from eagleplan.passes.windows import windows


@dataclass(frozen=True, slots=True, kw_only=True)
class FailedSatellite:
    """A satellite whose motion could not be computed, and the error that says why."""

    satellite_id: str
    error: InputError


@dataclass(frozen=True, slots=True, kw_only=True)
class PassSearch:
    """What was searched, and the passes found: sorted by rise, then satellite and site.

    `failed` satellites have no passes; each has a `W-SATELLITE-FAILED` among the `notices`.
    """

    satellites: tuple[Satellite, ...]
    sites: tuple[Site, ...]
    horizon: Horizon
    constraints: Constraints
    passes: tuple[Pass, ...]
    notices: tuple[Notice, ...]
    failed: tuple[FailedSatellite, ...]


def _silent(done: int, total: int) -> None:
    """Progress that nobody watches."""


def find_passes(
    satellites: Sequence[Satellite],
    sites: Sequence[Site],
    horizon: Horizon,
    constraints: Constraints | None = None,
    progress: Callable[[int, int], None] = _silent,
) -> PassSearch:
    """Every pass of every satellite over every site within `horizon`, with its windows.

    A satellite that cannot be propagated does not take the others down: it is named in `failed`. `progress`
    is called with the number of satellites done and of all satellites.
    """
    options = constraints or Constraints()
    vectors = site_vectors(sites)
    bodies = sun_moon(horizon)
    turns = Turns(horizon)
    found: list[Pass] = []
    failed: list[FailedSatellite] = []
    for done, satellite in enumerate(satellites, 1):
        try:
            path = track(satellite, horizon, turns)
        except InputError as error:
            failed.append(FailedSatellite(satellite_id=satellite.satellite_id, error=error))
        else:
            found.extend(_passes_of(satellite, sites, vectors, path, bodies, options))
        progress(done, len(satellites))
    found.sort(key=lambda this: (this.rise_s, this.satellite_id, this.site_id))
    return PassSearch(
        satellites=tuple(satellites),
        sites=tuple(sites),
        horizon=horizon,
        constraints=options,
        passes=tuple(found),
        notices=(*earth_orientation_notices(horizon), *(_failure_notice(this) for this in failed)),
        failed=tuple(failed),
    )


def _passes_of(
    satellite: Satellite,
    sites: Sequence[Site],
    vectors: SiteVectors,
    path: Track,
    bodies: SunMoon,
    options: Constraints,
) -> list[Pass]:
    horizon = bodies.horizon
    lowest_deg = np.array([lowest_elevation_deg(site) for site in sites])
    swept: list[Sweep] = []
    tables: list[PassTable] = []
    for stretches, (start_s, end_s) in zip(path.runs, path.runs_s, strict=True):
        run = list(sweeps(stretches, vectors, lowest_deg))
        tables.append(pass_table(run, len(sites), min(end_s, horizon.duration_s), start_s))
        swept += run
    table = above_masks(PassTable.joined(tables).sorted(), sites, vectors, path)
    rise, culmination, setting = (
        look(vectors, table.site, path.position(t_s)) for t_s in (table.rise_s, table.culmination_s, table.set_s)
    )
    min_range_km = nearest_range_km(swept, table, np.minimum(rise.range_km, setting.range_km))
    case = Case(
        horizon=horizon,
        satellite=satellite,
        sites=sites,
        vectors=vectors,
        track=path,
        sun_moon=bodies,
        options=options,
        site=table.site,
        start_s=table.rise_s,
        end_s=table.set_s,
    )
    found_windows, blocked_by = windows(case, CONSTRAINTS, table.cut_start, table.cut_end)
    pass_ids = _pass_ids(satellite, sites, table, horizon)
    return [
        Pass(
            pass_id=pass_ids[i],
            satellite_id=satellite.satellite_id,
            site_id=sites[site].site_id,
            rise_s=rise_s,
            culmination_s=culmination_s,
            set_s=set_s,
            cut_start=cut_start,
            cut_end=cut_end,
            rise_azimuth_deg=rise_azimuth,
            culmination_azimuth_deg=culmination_azimuth,
            set_azimuth_deg=set_azimuth,
            max_elevation_deg=max_elevation,
            min_range_km=min_range,
            timing_uncertainty_s=uncertainty_s,
            orbit_number=orbit_number,
            night=night,
            windows=found_windows[i],
            blocked_by=blocked_by[i],
        )
        for i, (
            site,
            rise_s,
            culmination_s,
            set_s,
            cut_start,
            cut_end,
            rise_azimuth,
            culmination_azimuth,
            set_azimuth,
            max_elevation,
            min_range,
            uncertainty_s,
            orbit_number,
            night,
        ) in enumerate(
            zip(
                table.site.tolist(),
                table.rise_s.tolist(),
                table.culmination_s.tolist(),
                table.set_s.tolist(),
                table.cut_start.tolist(),
                table.cut_end.tolist(),
                rise.azimuth_deg.tolist(),
                culmination.azimuth_deg.tolist(),
                setting.azimuth_deg.tolist(),
                table.max_elevation_deg.tolist(),
                min_range_km.tolist(),
                timing_uncertainties_s(satellite.orbit, horizon, table.culmination_s).tolist(),
                revolution_numbers(satellite.orbit, path, horizon, table.culmination_s).tolist(),
                night_dates(sites, table.site, horizon, table.culmination_s),
                strict=True,
            )
        )
    ]


def _pass_ids(satellite: Satellite, sites: Sequence[Site], table: PassTable, horizon: Horizon) -> list[str]:
    """Satellite, site and UTC of culmination to the nearest minute below; a letter more where two would be
    the same.
    """
    start = np.datetime64(horizon.start_utc.replace(tzinfo=None), "us")
    minutes = (start + (table.culmination_s * 1e6).astype("timedelta64[us]")).astype("datetime64[m]")
    stamps = (str(minute).replace("-", "").replace(":", "") for minute in minutes)
    ids = [
        f"{satellite.satellite_id}-{sites[site].site_id}-{stamp}Z"
        for site, stamp in zip(table.site.tolist(), stamps, strict=True)
    ]
    repeated = {pass_id for pass_id, count in Counter(ids).items() if count > 1}
    if repeated:
        seen: Counter[str] = Counter()
        for i, pass_id in enumerate(ids):
            if pass_id in repeated:
                seen[pass_id] += 1
                ids[i] = f"{pass_id}-{seen[pass_id]}"
    return ids


def _failure_notice(failure: FailedSatellite) -> Notice:
    return Notice(
        notice_id="W-SATELLITE-FAILED",
        subject=failure.satellite_id,
        message=failure.error.problems[0].message,
    )
