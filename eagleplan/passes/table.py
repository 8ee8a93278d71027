"""The passes of one satellite over many sites as columns: rises paired with sets, the highest point of each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt

from eagleplan.orbit.interpolant import value
from eagleplan.orbit.places import SiteVectors
from eagleplan.orbit.trajectory import IntArray, Trajectory
from eagleplan.passes.finder import BoolArray, Candidates, Crossings, Events, candidates, crossings, nearest
from eagleplan.passes.look import elevation_deg
from eagleplan.units import FloatArray

_NODES_AT_A_TIME = 1 << 18
_TIME_BITS = 49
_TICKS_PER_S = 1e6

KeyArray = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sweep:
    """What happens in one stretch of time over some of the sites, the first of which is number `first_site`."""

    first_site: int
    sites: SiteVectors
    trajectory: Trajectory
    candidates: Candidates
    crossings: Crossings


@dataclass(frozen=True, slots=True, kw_only=True)
class PassTable:
    """Passes sorted by site and rise, shapes (n,); a cut end carries the horizon's own time."""

    site: IntArray
    rise_s: FloatArray
    culmination_s: FloatArray
    set_s: FloatArray
    cut_start: BoolArray
    cut_end: BoolArray
    max_elevation_deg: FloatArray

    def sorted(self) -> PassTable:
        """The same passes by site and rise."""
        return self.at(np.lexsort((self.rise_s, self.site)))

    def at(self, index: IntArray) -> PassTable:
        """The passes of these numbers, in their order."""
        return PassTable(**{field.name: getattr(self, field.name)[index] for field in fields(self)})

    @staticmethod
    def joined(tables: Sequence[PassTable]) -> PassTable:
        """All passes of all tables, one table after the other."""
        return PassTable(
            **{
                field.name: np.concatenate([getattr(table, field.name) for table in tables])
                for field in fields(PassTable)
            }
        )


def sweeps(trajectories: Iterable[Trajectory], sites: SiteVectors, threshold_deg: FloatArray) -> Iterator[Sweep]:
    """Search sites (n,) with thresholds of elevation (n,), in parts small enough for the cache."""
    for trajectory in trajectories:
        count = max(1, _NODES_AT_A_TIME // trajectory.node_position_km.shape[1])
        for first in range(0, sites.count, count):
            part = sites.part(first, first + count)
            found = candidates(trajectory, part, threshold_deg[first : first + count])
            yield Sweep(
                first_site=first,
                sites=part,
                trajectory=trajectory,
                candidates=found,
                crossings=crossings(found),
            )


def pass_table(swept: Iterable[Sweep], n_sites: int, end_s: float, start_s: float = 0.0) -> PassTable:
    """All passes over `n_sites` sites within [`start_s`, `end_s`], which the sweeps cover stretch by stretch without a
    gap.

    Raises what the sweeps raise.
    """
    rises, sets, peaks = _Moments(), _Moments(), _Moments()
    above = np.zeros(n_sites, dtype=np.bool_)
    for sweep in swept:
        events, stretch_end_s = sweep.crossings, sweep.trajectory.end_s
        rises.add(sweep, events.rises)
        sets.add(sweep, events.sets)
        peaks.add(sweep, events.peaks, _elevation_deg(sweep, events.peaks))
        stretch_start_s = float(sweep.trajectory.start_s[0])
        # Between two segments of an ephemeris the satellite may jump: a rise or a set without a crossing. The start of
        # the search is one more such place, and a pass may be highest on either side of one.
        before = above[sweep.first_site : sweep.first_site + sweep.sites.count]
        rises.add(sweep, _at(sweep, ~before & events.start_above, stretch_start_s))
        sets.add(sweep, _at(sweep, before & ~events.start_above, stretch_start_s))
        before[:] = events.end_above
        for up, t_s in ((events.start_above, stretch_start_s), (events.end_above, stretch_end_s)):
            if up.any():
                edge = _at(sweep, up, t_s)
                peaks.add(sweep, edge, _elevation_deg(sweep, edge))
        if stretch_end_s >= end_s:
            cut = events.end_above.copy()
            sets.add(sweep, _at(sweep, cut, stretch_end_s))
            cut[events.sets.site[events.sets.t_s >= end_s]] = True
            if cut.any():
                edge = _at(sweep, cut, end_s)
                peaks.add(sweep, edge, _elevation_deg(sweep, edge))
    return _paired(rises, sets, peaks, start_s, end_s)


class _Moments:
    """Instants at sites, and a value at each, gathered sweep by sweep."""

    def __init__(self) -> None:
        self._site: list[IntArray] = []
        self._t_s: list[FloatArray] = []
        self._value: list[FloatArray] = []

    def add(self, sweep: Sweep, events: Events, value: FloatArray | None = None) -> None:
        self._site.append(events.site + sweep.first_site)
        self._t_s.append(events.t_s)
        self._value.append(events.t_s if value is None else value)

    def by_site_and_time(self) -> tuple[KeyArray, IntArray, FloatArray, FloatArray]:
        """Keys that sort by site and then by time to the microsecond; sites, times and values in their order."""
        site, t_s, value = np.concatenate(self._site), np.concatenate(self._t_s), np.concatenate(self._value)
        keys = _keys(site, t_s)
        order = np.argsort(keys, kind="stable")
        return keys[order], site[order], t_s[order], value[order]


def _keys(site: IntArray, t_s: FloatArray) -> KeyArray:
    return (site.astype(np.int64) << _TIME_BITS) + (t_s * _TICKS_PER_S).astype(np.int64)


def _paired(rises: _Moments, sets: _Moments, peaks: _Moments, start_s: float, end_s: float) -> PassTable:
    """Rises and sets alternate at each site, so that sorted they belong together one by one."""
    rise_keys, site, rise_s, _ = rises.by_site_and_time()
    set_keys, set_site, set_s, _ = sets.by_site_and_time()
    if len(site) != len(set_site) or (site != set_site).any() or (rise_s > set_s).any():
        raise RuntimeError("rises and sets do not alternate")
    peak_keys, _, peak_s, elevation_deg = peaks.by_site_and_time()
    number = np.searchsorted(rise_keys, peak_keys, side="right") - 1
    inside = np.flatnonzero((number >= 0) & (peak_s <= end_s))
    inside = inside[peak_keys[inside] <= set_keys[number[inside]]]
    number = number[inside]
    first = np.flatnonzero(np.diff(number, prepend=-1))
    count = np.diff(first, append=len(number))
    best = np.maximum.reduceat(elevation_deg[inside], first) if len(first) else first
    equal = np.flatnonzero(elevation_deg[inside] == np.repeat(best, count))
    equal = equal[np.flatnonzero(np.diff(number[equal], prepend=-1))]
    kept, highest = number[equal], inside[equal]
    # A pass has a peak, or an end that the span cut; one that rises behind the span's end has neither.
    if (rise_s < end_s).sum() != len(kept):
        raise RuntimeError("a pass has no highest point")
    return PassTable(
        site=site[kept],
        rise_s=rise_s[kept],
        culmination_s=peak_s[highest],
        set_s=np.minimum(set_s[kept], end_s),
        cut_start=rise_s[kept] <= start_s,
        cut_end=set_s[kept] >= end_s,
        max_elevation_deg=elevation_deg[highest],
    )


def _at(sweep: Sweep, chosen: BoolArray, t_s: float) -> Events:
    """One instant at the chosen sites."""
    site = np.flatnonzero(chosen)
    times = np.full(len(site), t_s)
    cell, x = sweep.trajectory.locate(times)
    return Events(site=site, cell=cell, x=x, t_s=times)


def _elevation_deg(sweep: Sweep, events: Events) -> FloatArray:
    position = value(np.take(sweep.trajectory.coefficients[:3], events.cell, axis=2), events.x)
    return elevation_deg(sweep.sites, events.site, position)


def nearest_range_km(swept: Iterable[Sweep], table: PassTable, at_ends_km: FloatArray) -> FloatArray:
    """The shortest range in km in each pass (n,), where `at_ends_km` (n,) is the shorter one of its ends'."""
    minima = _Moments()
    for sweep in swept:
        events, range_km = nearest(sweep.candidates)
        minima.add(sweep, events, range_km)
    keys, _, _, range_km = minima.by_site_and_time()
    rise_keys = _keys(table.site, table.rise_s)
    number = np.searchsorted(rise_keys, keys, side="right") - 1
    inside = np.flatnonzero(number >= 0)
    inside = inside[keys[inside] <= _keys(table.site, table.set_s)[number[inside]]]
    shortest = at_ends_km.copy()
    np.minimum.at(shortest, number[inside], range_km[inside])
    return shortest
