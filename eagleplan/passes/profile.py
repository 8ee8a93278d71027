"""The geometry of contacts second by second, as the link budget needs it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np

from eagleplan.model import Profile
from eagleplan.orbit.places import SiteVectors, dot, site_vectors
from eagleplan.orbit.shadow import sunlit_frac
from eagleplan.orbit.sun_moon import SunMoon, sun_moon
from eagleplan.orbit.trajectory import IntArray, Track, Turns, track
from eagleplan.passes.find import PassSearch
from eagleplan.passes.look import angle_deg, look
from eagleplan.passes.refraction import apparent_elevation_deg
from eagleplan.units import FloatArray, read_only

_SAMPLES_AT_A_TIME = 1 << 17


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileSpan:
    """The whole seconds [`start_s`, `end_s`) of a satellite over a site."""

    satellite_id: str
    site_id: str
    start_s: int
    end_s: int


def profiles(spans: Sequence[ProfileSpan], search: PassSearch) -> tuple[Profile, ...]:
    """The geometry of each span at the middle of every second, in the order of `spans`.

    What comes out for a satellite over a site does not depend, to the last bit, on the other satellites and sites.
    Raises InputError where a span's satellite cannot be propagated, ValueError for ids that the search does
    not have, for a span without a second, and for one that leaves the horizon.
    """
    satellites = {satellite.satellite_id: satellite for satellite in search.satellites}
    site_index = {site.site_id: index for index, site in enumerate(search.sites)}
    for span in spans:
        _check(span, search, satellites.keys(), site_index.keys())
    vectors = site_vectors(search.sites)
    altitude_m = np.array([site.altitude_m for site in search.sites])
    bodies = sun_moon(search.horizon)
    turns = Turns(search.horizon)
    found: dict[int, Profile] = {}
    for satellite_id, satellite in satellites.items():
        numbers = [i for i, span in enumerate(spans) if span.satellite_id == satellite_id]
        if not numbers:
            continue
        path = track(satellite, search.horizon, turns)
        own: dict[str, list[int]] = {}
        for i in numbers:
            own.setdefault(spans[i].site_id, []).append(i)
        for batch in (batch for few in own.values() for batch in _batches(few, spans)):
            counts = [spans[i].end_s - spans[i].start_s for i in batch]
            t_s = np.concatenate([np.arange(spans[i].start_s, spans[i].end_s) + 0.5 for i in batch])
            site = np.repeat([site_index[spans[i].site_id] for i in batch], counts)
            columns = _columns(path, bodies, vectors, altitude_m, site, t_s)
            ends = np.cumsum(counts)
            for i, count, end in zip(batch, counts, ends.tolist(), strict=True):
                found[i] = Profile(**{name: read_only(column[end - count : end]) for name, column in columns.items()})
    return tuple(found[i] for i in range(len(spans)))


def _check(span: ProfileSpan, search: PassSearch, satellite_ids: Collection[str], site_ids: Collection[str]) -> None:
    if span.satellite_id not in satellite_ids or span.site_id not in site_ids:
        raise ValueError(f"no satellite {span.satellite_id!r} or no site {span.site_id!r} in the search")
    if not 0 <= span.start_s < span.end_s <= search.horizon.duration_s:
        raise ValueError(f"[{span.start_s}, {span.end_s}) is empty or leaves the horizon")


def _batches(numbers: Sequence[int], spans: Sequence[ProfileSpan]) -> list[list[int]]:
    """Numbers of spans in order, in groups of bounded length together."""
    batches: list[list[int]] = [[]]
    samples = 0
    for i in numbers:
        length = spans[i].end_s - spans[i].start_s
        if batches[-1] and samples + length > _SAMPLES_AT_A_TIME:
            batches.append([])
            samples = 0
        batches[-1].append(i)
        samples += length
    return batches


def _columns(
    path: Track,
    bodies: SunMoon,
    vectors: SiteVectors,
    altitude_m: FloatArray,
    site: IntArray,
    t_s: FloatArray,
) -> dict[str, FloatArray]:
    """All columns of a `Profile` at instants (n,) for sites (n,)."""
    position, velocity = path.position_and_velocity(t_s)
    seen = look(vectors, site, position)
    sun, moon = bodies.sun_and_moon_itrf_km(t_s)
    place = np.take(vectors.position_km, site, axis=1)
    slant, to_sun, to_moon = position - place, sun - place, moon - place
    up = np.take(vectors.up, site, axis=1)
    return {
        "t_s": t_s,
        "azimuth_deg": seen.azimuth_deg,
        "elevation_deg": seen.elevation_deg,
        "apparent_elevation_deg": apparent_elevation_deg(seen.elevation_deg, altitude_m[site]),
        "range_km": seen.range_km,
        "range_rate_km_s": dot(slant, velocity) / seen.range_km,
        "sun_elevation_deg": 90.0 - angle_deg(up, to_sun),
        "sun_separation_deg": angle_deg(slant, to_sun),
        "moon_elevation_deg": 90.0 - angle_deg(up, to_moon),
        "moon_separation_deg": angle_deg(slant, to_moon),
        "moon_phase_angle_deg": angle_deg(-moon, sun - moon),
        "sunlit_frac": sunlit_frac(position, sun),
    }
