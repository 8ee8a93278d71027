"""When a pass may be used: one function for each constraint.

A constraint is a function of a `Case` (all passes of one satellite) that returns the parts of the passes it
allows. To add one, write it, and its options into `model.Constraints`, and put its name into `CONSTRAINTS`:
the property tests then run over it by themselves.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from types import MappingProxyType

import numpy as np

from eagleplan.model import ForbiddenSector
from eagleplan.orbit.shadow import limb_distance
from eagleplan.orbit.trajectory import IntArray
from eagleplan.passes.case import Case
from eagleplan.passes.look import angle_deg, look
from eagleplan.passes.pieces import Pieces, clipped, common, joined, where, whole
from eagleplan.units import FloatArray

Constraint = Callable[[Case], Pieces]

_SUN_AND_MOON_STEP_S = 300.0
_SHADOW_STEP_S = 60.0
_SEPARATION_STEP_S = 20.0
_SECTOR_STEP_S = 2.0
_COARSEST_STEP_S = 300.0
_MOST_STEPS = 2000


def _steps_s(case: Case, finest_s: float) -> FloatArray:
    """Steps (n,) for passes that last minutes, hours or for ever: a satellite that stays long moves slowly."""
    return np.clip((case.end_s - case.start_s) / _MOST_STEPS, finest_s, _COARSEST_STEP_S)


def sun_elevation(case: Case) -> Pieces:
    """The Sun is not above the site's `max_sun_elevation_deg` (its centre, without refraction)."""
    limit_deg = case.of_sites([site.max_sun_elevation_deg for site in case.sites])

    def margin(span: IntArray, t_s: FloatArray) -> FloatArray:
        return limit_deg[span] - case.elevation_deg(case.sun_moon.sun_itrf_km(t_s), span)

    return where(margin, case.start_s, case.end_s, _SUN_AND_MOON_STEP_S)


def sunlight(case: Case) -> Pieces:
    """The satellite is where the `sunlight` rule wants it: in sunlight, in penumbra, in umbra."""
    rule = _SUNLIGHT[case.options.sunlight]
    if rule is None:
        return whole(case.start_s, case.end_s)

    def margin(span: IntArray, t_s: FloatArray) -> FloatArray:
        above, radius = limb_distance(case.track.position(t_s), case.sun_moon.sun_itrf_km(t_s))
        return rule(above, radius)

    return where(margin, case.start_s, case.end_s, _steps_s(case, _SHADOW_STEP_S))


_SUNLIGHT: Mapping[str, Callable[[FloatArray, FloatArray], FloatArray] | None] = {
    "any": None,
    "sunlit": lambda above, radius: above - radius,
    "not-umbra": lambda above, radius: above + radius,
    "not-sunlit": lambda above, radius: radius - above,
    "umbra": lambda above, radius: -radius - above,
}


def sun_separation(case: Case) -> Pieces:
    """The satellite is at least `min_sun_separation_deg` from the Sun, as the site sees them."""
    return _apart(case, case.options.min_sun_separation_deg, case.sun_moon.sun_itrf_km)


def moon_separation(case: Case) -> Pieces:
    """The satellite is at least `min_moon_separation_deg` from the Moon, as the site sees them."""
    return _apart(case, case.options.min_moon_separation_deg, case.sun_moon.moon_itrf_km)


def _apart(case: Case, limit_deg: float, body: Callable[[FloatArray], FloatArray]) -> Pieces:
    if limit_deg <= 0.0:
        return whole(case.start_s, case.end_s)

    def margin(span: IntArray, t_s: FloatArray) -> FloatArray:
        towards = case.slant_km(case.track.position(t_s), span)
        return angle_deg(towards, case.slant_km(body(t_s), span)) - limit_deg

    return where(margin, case.start_s, case.end_s, _steps_s(case, _SEPARATION_STEP_S))


def moonlight(case: Case) -> Pieces:
    """The Moon is below the site's horizon, or not more than `max_moon_illuminated_frac` of its disc is lit."""
    limit = case.options.max_moon_illuminated_frac
    if limit >= 1.0:
        return whole(case.start_s, case.end_s)

    def margin(span: IntArray, t_s: FloatArray) -> FloatArray:
        sun, moon = case.sun_moon.sun_and_moon_itrf_km(t_s)
        lit = 0.5 + 0.5 * np.cos(np.radians(angle_deg(-moon, sun - moon)))
        return np.maximum(limit - lit, -case.elevation_deg(moon, span))

    return where(margin, case.start_s, case.end_s, _SUN_AND_MOON_STEP_S)


def pointing_sector(case: Case) -> Pieces:
    """The satellite is in none of the site's forbidden `sectors` of azimuth and elevation."""
    parts = [whole(case.start_s, case.end_s)]
    for sector in case.options.sectors:
        inside = case.over_site(sector.site_id)

        def margin(
            span: IntArray, t_s: FloatArray, sector: ForbiddenSector = sector, inside: IntArray = inside
        ) -> FloatArray:
            seen = look(case.vectors, case.site[inside[span]], case.track.position(t_s))
            return _outside_deg(sector, seen.azimuth_deg, seen.elevation_deg)

        allowed = where(margin, case.start_s[inside], case.end_s[inside], _steps_s(case, _SECTOR_STEP_S)[inside])
        parts.append(_with_others(case, inside, allowed))
    return common(parts)[0]


def _outside_deg(sector: ForbiddenSector, azimuth_deg: FloatArray, elevation_deg: FloatArray) -> FloatArray:
    """How far outside a sector, in azimuth or in elevation; negative inside."""
    width = (sector.azimuth_to_deg - sector.azimuth_from_deg) % 360.0
    whole_round = width == 0.0 and sector.azimuth_to_deg != sector.azimuth_from_deg
    half = 180.0 if whole_round else 0.5 * width
    away = np.abs((azimuth_deg - sector.azimuth_from_deg - half + 180.0) % 360.0 - 180.0)
    beside = np.full(away.shape, -180.0) if whole_round else away - half
    above = np.maximum(sector.elevation_from_deg - elevation_deg, elevation_deg - sector.elevation_to_deg)
    return np.asarray(np.maximum(beside, above), dtype=np.float64)


def allowed_times(constraint: str, case: Case) -> Pieces:
    """Every rule of this name that speaks of the satellite and the site lets the contact happen."""
    parts = [whole(case.start_s, case.end_s)]
    for rule in case.options.times:
        if rule.constraint == constraint and rule.satellite_id in (None, case.satellite.satellite_id):
            spans = case.over_site(rule.site_id)
            intervals_s = np.column_stack((rule.start_s, rule.end_s)).reshape(-1, 2)
            allowed = clipped(intervals_s, np.arange(len(spans)), case.start_s[spans], case.end_s[spans])
            parts.append(_with_others(case, spans, allowed))
    return common(parts)[0]


def _with_others(case: Case, spans: IntArray, allowed: Pieces) -> Pieces:
    """Pieces of some of the passes, numbered among them, and all of the other passes."""
    others = np.ones(len(case.start_s), dtype=np.bool_)
    others[spans] = False
    rest = np.flatnonzero(others)
    return joined(
        [
            Pieces(span=spans[allowed.span], start_s=allowed.start_s, end_s=allowed.end_s),
            Pieces(span=rest, start_s=case.start_s[rest], end_s=case.end_s[rest]),
        ]
    )


CONSTRAINTS: Mapping[str, Constraint] = MappingProxyType(
    {
        "sun-elevation": sun_elevation,
        "sunlight": sunlight,
        "sun-separation": sun_separation,
        "moon-separation": moon_separation,
        "moonlight": moonlight,
        "laser-clearance": partial(allowed_times, "laser-clearance"),
        "laser-blackout": partial(allowed_times, "laser-blackout"),
        "pointing-sector": pointing_sector,
        "station-calendar": partial(allowed_times, "station-calendar"),
        "payload": partial(allowed_times, "payload"),
    }
)
"""Every operating constraint by its name, in the order in which they are named where several bound a window."""
