"""Passes by brute force: SGP4 at every second and bisection, with nothing of eagleplan but its table of UT1
and the pole.

Slow and simple on purpose. The frame is ERFA's, the ellipsoid is ERFA's, the search looks at every second,
and a maximum between two seconds that reaches the threshold is looked at too.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import erfa
import numpy as np
from sgp4.api import Satrec

from eagleplan.orbit.earth_orientation import earth_orientation

Array = np.ndarray
Place = tuple[float, float, float]
"""Latitude and longitude in degrees, height in m."""

_MJD_ZERO = 2_400_000.5
_HALVINGS = 44


@dataclass(frozen=True)
class DensePass:
    site: int
    rise_s: float
    culmination_s: float
    set_s: float
    max_elevation_deg: float
    cut_start: bool
    cut_end: bool


class Sky:
    """A satellite's azimuth and elevation at places, at any instants."""

    def __init__(self, satrec: Satrec, start_utc: datetime, places: list[Place]) -> None:
        self._satrec = satrec
        elapsed = start_utc - datetime(1858, 11, 17, tzinfo=start_utc.tzinfo)
        self._mjd, self._part = (
            float(elapsed.days),
            (elapsed - timedelta(days=elapsed.days)) / timedelta(days=1),
        )
        lat, lon, height = np.array(places).T
        lat, lon = np.radians(lat), np.radians(lon)
        self._place = erfa.gd2gc(1, lon, lat, height) * 1e-3
        zero = np.zeros_like(lat)
        self._up = np.stack((np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)), axis=1)
        self._east = np.stack((-np.sin(lon), np.cos(lon), zero), axis=1)
        self._north = np.cross(self._up, self._east)

    def position(self, t_s: Array) -> Array:
        """Earth-fixed, (n, 3) in km."""
        part = self._part + t_s / 86_400.0
        error, teme, _ = self._satrec.sgp4_array(np.full(len(t_s), _MJD_ZERO + self._mjd), part)
        assert not error.any()
        table, mjd = earth_orientation(), self._mjd + part
        ut1_utc = np.interp(mjd, table.mjd, table.ut1_minus_tai_s) + table.tai_minus_utc_s[-1]
        gmst = erfa.gmst82(_MJD_ZERO + self._mjd, part + ut1_utc / 86_400.0)
        pole = erfa.pom00(np.interp(mjd, table.mjd, table.pole_x_rad), np.interp(mjd, table.mjd, table.pole_y_rad), 0.0)
        turn = np.zeros((len(t_s), 3, 3))
        turn[:, 0, 0] = turn[:, 1, 1] = np.cos(gmst)
        turn[:, 0, 1], turn[:, 1, 0], turn[:, 2, 2] = np.sin(gmst), -np.sin(gmst), 1.0
        return np.einsum("nij,njk,nk->ni", pole, turn, teme)

    def azimuth_and_elevation(self, site: Array | int, position: Array) -> tuple[Array, Array]:
        slant = position - self._place[site]
        up, east, north = ((axis[site] * slant).sum(axis=-1) for axis in (self._up, self._east, self._north))
        return np.degrees(np.arctan2(east, north)) % 360.0, np.degrees(np.arctan2(up, np.hypot(east, north)))


def dense_passes(
    satrec: Satrec,
    start_utc: datetime,
    duration_s: float,
    places: list[Place],
    threshold_deg: float | Callable[[Array], Array],
    step_s: float = 1.0,
) -> list[DensePass]:
    """All passes longer than zero, sorted by place and time; cut ones carry the span's own ends."""
    sky = Sky(satrec, start_utc, places)
    limit = threshold_deg if callable(threshold_deg) else lambda azimuth: np.full(azimuth.shape, threshold_deg)
    t_s = np.append(np.arange(0.0, duration_s, step_s), duration_s)
    position = np.concatenate([sky.position(part) for part in np.array_split(t_s, max(1, len(t_s) // 100_000))])
    found = []
    for site in range(len(places)):

        def excess(t: Array, site: int = site) -> Array:
            azimuth, elevation = sky.azimuth_and_elevation(site, sky.position(t))
            return elevation - limit(azimuth)

        def elevation_at(t: Array, site: int = site) -> Array:
            return sky.azimuth_and_elevation(site, sky.position(t))[1]

        azimuth, elevation = sky.azimuth_and_elevation(site, position)
        f = elevation - limit(azimuth)
        times, over, elevations = t_s, f > 0.0, elevation
        # A maximum between two samples, both of which are below.
        near = np.flatnonzero((f[1:-1] > f[:-2]) & (f[1:-1] >= f[2:]) & (f[1:-1] <= 0.0) & (f[1:-1] > -0.05)) + 1
        if len(near):
            peak = _highest(excess, t_s[near - 1], t_s[near + 1])
            reached = excess(peak) > 0.0
            times = np.concatenate((times, peak[reached]))
            order = np.argsort(times, kind="stable")
            over = np.concatenate((over, np.ones(int(reached.sum()), dtype=bool)))[order]
            elevations = np.concatenate((elevations, elevation_at(peak[reached])))[order]
            times = times[order]
        changes = np.flatnonzero(over[1:] != over[:-1])
        roots = _roots(excess, times[changes], times[changes + 1])
        rises = [0.0] * bool(over[0]) + roots[over[changes + 1]].tolist()
        sets = roots[~over[changes + 1]].tolist() + [duration_s] * bool(over[-1])
        for rise_s, set_s in zip(rises, sets, strict=True):
            inside = np.flatnonzero((times >= rise_s) & (times <= set_s))
            best = times[inside[elevations[inside].argmax()]]
            low, high = max(rise_s, best - step_s), min(set_s, best + step_s)
            top = _highest(elevation_at, np.array([low]), np.array([high]))
            found.append(
                DensePass(
                    site=site,
                    rise_s=rise_s,
                    culmination_s=float(top[0]),
                    set_s=set_s,
                    max_elevation_deg=float(elevation_at(top)[0]),
                    cut_start=bool(over[0]) and rise_s == 0.0,
                    cut_end=bool(over[-1]) and set_s == duration_s,
                )
            )
    return found


def _roots(f: Callable[[Array], Array], low: Array, high: Array) -> Array:
    """By halving; `f` changes sign in each bracket."""
    if not len(low):
        return low
    rising = f(high) > 0.0
    for _ in range(_HALVINGS):
        middle = 0.5 * (low + high)
        right = (f(middle) > 0.0) != rising
        low, high = np.where(right, middle, low), np.where(right, high, middle)
    return 0.5 * (low + high)


def _highest(f: Callable[[Array], Array], low: Array, high: Array) -> Array:
    """Where `f` is highest in each bracket, by golden sections."""
    ratio = (np.sqrt(5.0) - 1.0) / 2.0
    for _ in range(50):
        left, right = high - ratio * (high - low), low + ratio * (high - low)
        first = f(left) > f(right)
        low, high = np.where(first, low, left), np.where(first, right, high)
    ends = np.stack((low, 0.5 * (low + high), high))
    return ends[np.stack([f(t) for t in ends]).argmax(axis=0), np.arange(len(low))]


@dataclass(frozen=True)
class Comparison:
    """Two lists of passes side by side: what one lacks, and the worst differences of what both have."""

    n_both: int
    missed: list[DensePass]
    invented: list[tuple[float, ...]]
    worst_time_s: float
    worst_elevation_deg: float


def compare(
    sky: Sky,
    threshold_deg: Callable[[int, Array], Array],
    reference: list[DensePass],
    rows: list[tuple[int, float, float, float, float]],
    shortest_s: float = 1.0,
) -> Comparison:
    """`rows` are (site, rise_s, culmination_s, set_s, max_elevation_deg). Passes belong together where they
    overlap.

    Passes shorter than `shortest_s` may be missing on either side. Times count where the elevation crosses
    its threshold faster than 0.001°/s.
    """
    missed, time_errors, elevation_errors = [], [0.0], [0.0]
    left = list(rows)
    n_both = 0
    for this in reference:
        match = next((r for r in left if r[0] == this.site and r[1] < this.set_s and this.rise_s < r[3]), None)
        if match is None:
            if this.set_s - this.rise_s > shortest_s:
                missed.append(this)
            continue
        left.remove(match)
        n_both += 1
        elevation_errors.append(abs(match[4] - this.max_elevation_deg))
        for ours, theirs, cut in (
            (match[1], this.rise_s, this.cut_start),
            (match[3], this.set_s, this.cut_end),
        ):
            around = np.array([theirs - 0.5, theirs + 0.5])
            azimuth, elevation = sky.azimuth_and_elevation(this.site, sky.position(around))
            rate = np.diff(elevation - threshold_deg(this.site, azimuth))[0]
            if cut or abs(rate) > 1e-3:
                time_errors.append(abs(ours - theirs))
    invented = [r for r in left if r[3] - r[1] > shortest_s]
    return Comparison(
        n_both=n_both,
        missed=missed,
        invented=invented,
        worst_time_s=max(time_errors),
        worst_elevation_deg=max(elevation_errors),
    )
