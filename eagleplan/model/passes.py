"""When a satellite stands above a site, and when it may be used."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """A part of a pass in which every operating constraint holds; `*_bound` names the constraint that ends it.

    The bound of an uncut end is "elevation"; "horizon" where the planning horizon cuts the pass.
    """

    start_s: float
    end_s: float
    start_bound: str
    end_bound: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Pass:
    """A satellite above a site's horizon mask and minimum elevation, from rise to set.

    Times are seconds since the horizon's start. Where the horizon, or the end of an ephemeris, cuts the pass,
    `cut_start` or `cut_end` is set and the time is that end's own. Elevations are geometric (no refraction).
    `culmination_s` is the instant of the highest elevation inside the pass as given. `blocked_by` names the constraint
    that took the pass if it has no window. `timing_uncertainty_s` is one standard uncertainty from the age of the
    elements. `orbit_number` counts the satellite's revolutions, from one ascending node to the next, at culmination;
    `night` is the date on which the site's night began (mean solar time, noon to noon), as "2026-11-30".
    """

    pass_id: str
    satellite_id: str
    site_id: str
    rise_s: float
    culmination_s: float
    set_s: float
    cut_start: bool
    cut_end: bool
    rise_azimuth_deg: float
    culmination_azimuth_deg: float
    set_azimuth_deg: float
    max_elevation_deg: float
    min_range_km: float
    timing_uncertainty_s: float
    orbit_number: int = 0
    night: str = ""
    windows: tuple[Window, ...] = ()
    blocked_by: str | None = None
