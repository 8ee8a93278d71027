"""Horizon masks: the parts of passes that clear what stands around a site."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from eagleplan.model import HorizonMask, Site
from eagleplan.orbit.places import SiteVectors, dot
from eagleplan.orbit.trajectory import IntArray, Track
from eagleplan.passes.look import elevation_deg, look
from eagleplan.passes.pieces import Pieces, grid, refined, where
from eagleplan.passes.table import PassTable
from eagleplan.units import FloatArray

_STEP_S = 5.0
_MOST_STEPS = 400


def lowest_elevation_deg(site: Site) -> float:
    """The lowest elevation at which the site sees anything."""
    if site.horizon_mask is None:
        return site.min_elevation_deg
    return max(site.min_elevation_deg, float(site.horizon_mask.elevation_deg.min()))


def threshold_deg(site: Site, azimuth_deg: FloatArray) -> FloatArray:
    """The elevation (n,) to be reached at azimuths (n,): the mask's, or the site's minimum if that is higher."""
    mask = site.horizon_mask
    if mask is None:
        return np.full(azimuth_deg.shape, site.min_elevation_deg)
    over = np.interp(azimuth_deg, mask.azimuth_deg, mask.elevation_deg, period=360.0)
    return np.asarray(np.maximum(over, site.min_elevation_deg), dtype=np.float64)


def above_masks(table: PassTable, sites: Sequence[Site], vectors: SiteVectors, track: Track) -> PassTable:
    """Passes over each site's lowest elevation, cut down to what clears its mask: a mast makes two of one."""
    masked = np.array([site.horizon_mask is not None for site in sites])[table.site]
    if not masked.any():
        return table
    parts = [table.at(np.flatnonzero(~masked))]
    for number, site in enumerate(sites):
        if site.horizon_mask is not None:
            over_site = table.at(np.flatnonzero(table.site == number))
            parts.append(_cleared(over_site, number, site, site.horizon_mask, vectors, track))
    whole = PassTable.joined(parts)
    return whole.at(np.lexsort((whole.rise_s, whole.site)))


def _cleared(
    table: PassTable, number: int, site: Site, mask: HorizonMask, vectors: SiteVectors, track: Track
) -> PassTable:
    """The passes over one site that clear its mask."""

    def margin(span: IntArray, t_s: FloatArray) -> FloatArray:
        seen = look(vectors, np.full(len(t_s), number), track.position(t_s))
        return seen.elevation_deg - threshold_deg(site, seen.azimuth_deg)

    step_s = np.maximum(_STEP_S, (table.set_s - table.rise_s) / _MOST_STEPS)
    corners = _corner_times(table, number, mask, vectors, track, step_s)
    clear = where(margin, table.rise_s, table.set_s, step_s, also=corners)
    culmination_s, max_elevation_deg = _highest(clear, number, vectors, track)
    return PassTable(
        site=table.site[clear.span],
        rise_s=clear.start_s,
        culmination_s=culmination_s,
        set_s=clear.end_s,
        cut_start=table.cut_start[clear.span] & (clear.start_s == table.rise_s[clear.span]),
        cut_end=table.cut_end[clear.span] & (clear.end_s == table.set_s[clear.span]),
        max_elevation_deg=max_elevation_deg,
    )


def _corner_times(
    table: PassTable, number: int, mask: HorizonMask, vectors: SiteVectors, track: Track, step_s: FloatArray
) -> tuple[IntArray, FloatArray]:
    """When the satellite crosses the azimuths of the mask's corners: no narrow obstacle is stepped over."""
    span, t_s = grid(table.rise_s, table.set_s, step_s)

    def azimuth_deg(times: FloatArray) -> FloatArray:
        return look(vectors, np.full(len(times), number), track.position(times)).azimuth_deg

    azimuth = azimuth_deg(t_s)
    away = _wrapped_deg(azimuth[:, None] - mask.azimuth_deg)
    before, after = away[:-1], away[1:]
    crossed = (before * after <= 0.0) & (np.abs(before - after) < 180.0) & (span[1:] == span[:-1])[:, None]
    index, corner = np.nonzero(crossed)
    corner_deg = mask.azimuth_deg[corner]

    def past_corner_deg(crossing: IntArray, times: FloatArray) -> FloatArray:
        return _wrapped_deg(azimuth_deg(times) - corner_deg[crossing])

    at = refined(
        past_corner_deg,
        np.arange(len(index)),
        t_s[index],
        t_s[index + 1],
        away[index, corner],
        away[index + 1, corner],
    )
    return span[index], at


def _wrapped_deg(angle_deg: FloatArray) -> FloatArray:
    return np.asarray((angle_deg + 180.0) % 360.0 - 180.0, dtype=np.float64)


def _highest(clear: Pieces, number: int, vectors: SiteVectors, track: Track) -> tuple[FloatArray, FloatArray]:
    """Instant and elevation (n,) of the highest point of each piece: one of its ends, or a maximum inside."""
    n_pieces = len(clear.span)

    def falls(piece: IntArray, t_s: FloatArray) -> FloatArray:
        position, velocity = track.position_and_velocity(t_s)
        up = np.take(vectors.up, np.full(len(t_s), number), axis=1)
        slant = position - np.take(vectors.position_km, np.full(len(t_s), number), axis=1)
        return dot(up, slant) * dot(slant, velocity) - dot(up, velocity) * dot(slant, slant)

    step_s = np.maximum(_STEP_S, (clear.end_s - clear.start_s) / _MOST_STEPS)
    falling = where(falls, clear.start_s, clear.end_s, step_s)
    piece = np.concatenate((np.arange(n_pieces), np.arange(n_pieces), falling.span))
    t_s = np.concatenate((clear.start_s, clear.end_s, falling.start_s))
    elevation = elevation_deg(vectors, np.full(len(t_s), number), track.position(t_s))
    order = np.lexsort((-elevation, piece))
    best = order[np.flatnonzero(np.diff(piece[order], prepend=-1))]
    return t_s[best], elevation[best]
