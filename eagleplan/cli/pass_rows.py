"""Passes and windows as rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from eagleplan.cli.rows import Cell

if TYPE_CHECKING:
    from eagleplan.model import Horizon, Pass, Site
    from eagleplan.passes import PassSearch


COLUMNS = (
    "pass_id", "satellite_id", "site_id", "rise_utc", "culmination_utc", "set_utc", "cut", "rise_azimuth_deg",
    "culmination_azimuth_deg", "set_azimuth_deg", "max_elevation_deg", "max_apparent_elevation_deg", "min_range_km",
    "timing_uncertainty_s", "window_start_utc", "window_end_utc", "bounds", "blocked_by",
)  # fmt: skip
"""Columns of a row without local times."""


def pass_rows(search: PassSearch, *, local: bool) -> list[dict[str, Cell]]:
    """One row a window, in the order of the passes; a pass without a window has one row too."""
    sites = {site.site_id: site for site in search.sites}
    rows = []
    for this in search.passes:
        common = _pass_cells(this, search.horizon, sites[this.site_id])
        if local:
            common |= _local_cells(this, search.horizon, sites[this.site_id])
        for window in this.windows:
            rows.append(
                common
                | {
                    "window_start_utc": _utc(search.horizon, window.start_s),
                    "window_end_utc": _utc(search.horizon, window.end_s),
                    "bounds": f"{window.start_bound} to {window.end_bound}",
                    "blocked_by": None,
                }
            )
        if not this.windows:
            empty: dict[str, Cell] = {"window_start_utc": None, "window_end_utc": None}
            rows.append(common | empty | {"bounds": f"no window: {this.blocked_by}", "blocked_by": this.blocked_by})
    return rows


def _pass_cells(this: Pass, horizon: Horizon, site: Site) -> dict[str, Cell]:
    from eagleplan.passes.refraction import apparent_elevation_deg

    apparent_deg = float(apparent_elevation_deg(np.array(this.max_elevation_deg), site.altitude_m))
    return {
        "pass_id": this.pass_id,
        "satellite_id": this.satellite_id,
        "site_id": this.site_id,
        "rise_utc": _utc(horizon, this.rise_s),
        "culmination_utc": _utc(horizon, this.culmination_s),
        "set_utc": _utc(horizon, this.set_s),
        "cut": {(False, False): "", (True, False): "start", (False, True): "end", (True, True): "both"}[
            this.cut_start, this.cut_end
        ],
        "rise_azimuth_deg": round(this.rise_azimuth_deg, 3),
        "culmination_azimuth_deg": round(this.culmination_azimuth_deg, 3),
        "set_azimuth_deg": round(this.set_azimuth_deg, 3),
        "max_elevation_deg": round(this.max_elevation_deg, 4),
        "max_apparent_elevation_deg": round(apparent_deg, 4),
        "min_range_km": round(this.min_range_km, 3),
        "timing_uncertainty_s": round(this.timing_uncertainty_s, 2),
    }


def _local_cells(this: Pass, horizon: Horizon, site: Site) -> dict[str, Cell]:
    from zoneinfo import ZoneInfo

    zone = ZoneInfo(site.time_zone)
    return {
        "rise_local": horizon.utc(this.rise_s).astimezone(zone).strftime("%Y-%m-%d %H:%M:%S %Z"),
        "set_local": horizon.utc(this.set_s).astimezone(zone).strftime("%Y-%m-%d %H:%M:%S %Z"),
        "time_zone": site.time_zone,
    }


def _utc(horizon: Horizon, t_s: float) -> str:
    return horizon.utc(t_s).isoformat(timespec="milliseconds").replace("+00:00", "Z")
