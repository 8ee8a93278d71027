"""When it is dark enough at a site, whether or not a satellite is there, and what a night is called."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from eagleplan.model import Horizon, Night, Site
from eagleplan.orbit.places import site_vectors
from eagleplan.orbit.sun_moon import sun_moon
from eagleplan.orbit.trajectory import IntArray
from eagleplan.passes.look import elevation_deg
from eagleplan.passes.pieces import where
from eagleplan.units import SECONDS_PER_DAY, FloatArray

_STEP_S = 1800.0
_S_PER_DEG = SECONDS_PER_DAY / 360.0


def nights(sites: Sequence[Site], horizon: Horizon) -> tuple[Night, ...]:
    """Every span in which the Sun is not above a site's `max_sun_elevation_deg`, site by site."""
    vectors = site_vectors(sites)
    sky = sun_moon(horizon)
    limit_deg = np.array([site.max_sun_elevation_deg for site in sites])

    def margin(span: IntArray, t_s: FloatArray) -> FloatArray:
        return limit_deg[span] - elevation_deg(vectors, span, sky.sun_itrf_km(t_s))

    start_s = np.zeros(len(sites))
    dark = where(margin, start_s, start_s + horizon.duration_s, _STEP_S)
    return tuple(
        Night(site_id=sites[i].site_id, start_s=float(begin_s), end_s=float(end_s))
        for i, begin_s, end_s in zip(dark.span, dark.start_s, dark.end_s, strict=True)
    )


def night_dates(sites: Sequence[Site], site: IntArray, horizon: Horizon, t_s: FloatArray) -> list[str]:
    """For instants `t_s` (n,) at sites `site` (n,) the date on which the night around each began, as "2026-11-30".

    A night lasts from noon to noon of mean solar time (UTC and 240 s for every degree of longitude east), so that every
    instant belongs to one, and the date does not change while people are at work.
    """
    east_s = _S_PER_DEG * np.array([site.longitude_deg for site in sites])[site]
    start = np.datetime64(horizon.start_utc.replace(tzinfo=None), "us")
    shifted_s = t_s + east_s - SECONDS_PER_DAY / 2.0
    return [str(date) for date in (start + (shifted_s * 1e6).astype("timedelta64[us]")).astype("datetime64[D]")]
