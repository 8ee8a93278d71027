"""An operator's ephemeris between its own states: Lagrange or Hermite, within a segment, never beyond."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise

import numpy as np

from eagleplan.errors import InputError, Problem
from eagleplan.model import Horizon, TabulatedEphemeris
from eagleplan.orbit.celestial import itrf_from_eme2000, itrf_from_gcrf
from eagleplan.orbit.frame import itrf_from_teme
from eagleplan.orbit.turn import earth_turn
from eagleplan.units import FloatArray

GAP_S = 1e-3
"""States farther apart than this have a gap between them that no interpolation bridges."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """The states of one segment, and the part of the horizon for which it is taken, in the horizon's seconds."""

    first: int
    end: int
    start_s: float
    stop_s: float


def segments(ephemeris: TabulatedEphemeris, horizon: Horizon) -> tuple[Segment, ...]:
    """The segments that cover parts of the horizon, one after another, none twice; there may be gaps between them.

    Raises InputError where they cover nothing of it.
    """
    shift_s = _shift_s(ephemeris, horizon)
    bounds = [*ephemeris.segment_starts, len(ephemeris.t_s)]
    spans = ephemeris.useable_s or tuple(
        (float(ephemeris.t_s[first]), float(ephemeris.t_s[end - 1])) for first, end in pairwise(bounds)
    )
    found: list[Segment] = []
    covered_s = 0.0
    for (first, end), (start, stop) in zip(pairwise(bounds), spans, strict=True):
        start_s, stop_s = start + shift_s, min(stop + shift_s, horizon.duration_s)
        if start_s <= covered_s + GAP_S:
            start_s = covered_s
        if stop_s <= start_s:
            continue
        found.append(Segment(first=first, end=end, start_s=start_s, stop_s=stop_s))
        covered_s = stop_s
    if not found:
        raise InputError(
            Problem(
                path=ephemeris.origin,
                message=(
                    f"the ephemeris of {ephemeris.name or 'the object'} covers no part of the horizon, and "
                    "states are never extrapolated"
                ),
                hint="plan within the ephemeris, or use mean elements",
            )
        )
    return tuple(found)


def itrf_positions(ephemeris: TabulatedEphemeris, segment: Segment, horizon: Horizon, t_s: FloatArray) -> FloatArray:
    """Earth-fixed positions (3, n) in km at `t_s` (n,) in the horizon's seconds, within the segment."""
    at = t_s - _shift_s(ephemeris, horizon)
    states = slice(segment.first, segment.end)
    interpolate = _INTERPOLATE[ephemeris.interpolation]
    position = interpolate(
        ephemeris.t_s[states],
        ephemeris.position_km[states],
        ephemeris.velocity_km_s[states],
        ephemeris.interpolation_degree,
        at,
    )
    return _TO_ITRF[ephemeris.frame](horizon, t_s, position)


def fastest_turn_rad_s(ephemeris: TabulatedEphemeris) -> float:
    """The fastest motion in angle about the Earth's centre over all states."""
    moment = np.cross(ephemeris.position_km, ephemeris.velocity_km_s)
    distance2 = np.einsum("ij,ij->i", ephemeris.position_km, ephemeris.position_km)
    return float((np.sqrt(np.einsum("ij,ij->i", moment, moment)) / distance2).max())


def _shift_s(ephemeris: TabulatedEphemeris, horizon: Horizon) -> float:
    return (ephemeris.epoch_utc - horizon.start_utc) / timedelta(seconds=1)


def _windows(t_s: FloatArray, n_points: int, at: FloatArray) -> np.ndarray:
    """Indices (n, n_points) of the states around each instant, as central as the segment's ends allow."""
    right = np.searchsorted(t_s, at, side="right")
    first = np.clip(right - (n_points + 1) // 2, 0, len(t_s) - n_points)
    return first[:, None] + np.arange(n_points)


def lagrange(t_s: FloatArray, position: FloatArray, velocity: FloatArray, degree: int, at: FloatArray) -> FloatArray:
    """Positions (3, n) by the polynomial of this degree through the states around each instant."""
    index = _windows(t_s, degree + 1, at)
    nodes = t_s[index]
    away = at[:, None] - nodes
    weights = np.ones_like(nodes)
    for k in range(degree + 1):
        for j in range(degree + 1):
            if j != k:
                weights[:, k] *= away[:, j] / (nodes[:, k] - nodes[:, j])
    return np.asarray(np.einsum("nk,nkc->cn", weights, position[index]), dtype=np.float64)


def hermite(t_s: FloatArray, position: FloatArray, velocity: FloatArray, degree: int, at: FloatArray) -> FloatArray:
    """Positions (3, n) by the polynomial of this degree that has the positions and the velocities of the states."""
    n_points = -(-(degree + 1) // 2)
    index = np.repeat(_windows(t_s, n_points, at), 2, axis=1)
    nodes = t_s[index]
    # Newton's divided differences with every state taken twice, where the first difference of a pair is the
    # velocity.
    differences = position[index]
    coefficients = [differences[:, 0]]
    for order in range(1, 2 * n_points):
        span = nodes[:, order:] - nodes[:, :-order]
        with np.errstate(divide="ignore", invalid="ignore"):
            differences = np.diff(differences, axis=1) / span[..., None]
        if order == 1:
            differences[:, ::2] = velocity[index[:, ::2]]
        coefficients.append(differences[:, 0])
    total = coefficients[-1]
    for order in range(2 * n_points - 2, -1, -1):
        total = total * (at - nodes[:, order])[:, None] + coefficients[order]
    return np.ascontiguousarray(total.T)


_INTERPOLATE: dict[str, Callable[[FloatArray, FloatArray, FloatArray, int, FloatArray], FloatArray]] = {
    "lagrange": lagrange,
    "hermite": hermite,
}


def _from_teme(horizon: Horizon, t_s: FloatArray, position: FloatArray) -> FloatArray:
    return itrf_from_teme(earth_turn(horizon, t_s), position)


def _from_itrf(horizon: Horizon, t_s: FloatArray, position: FloatArray) -> FloatArray:
    return position


_TO_ITRF: dict[str, Callable[[Horizon, FloatArray, FloatArray], FloatArray]] = {
    "TEME": _from_teme,
    "ITRF": _from_itrf,
    "GCRF": itrf_from_gcrf,
    "EME2000": itrf_from_eme2000,
}
