"""Which revolution a satellite is in: from one ascending node to the next.

The number is part of what a pass is called where it must keep its name from plan to plan. It therefore does not depend
on the horizon, and new elements of the same object give the same one:

- Published elements bring the number of their revolution. The ascending nodes since their epoch are added. Epochs are
  often put at a node, and may lie a little before it: what counts is the revolution that holds one degree later.
- Where no number is published (orbits wished for, operators' ephemerides, elements with the number 0), revolutions are
  counted through each day of UTC: the first whose ascending node lies on day 334 of 2026 is 202633401. Where an
  ephemeris begins in the middle of a day, the nodes before it follow from its period. Only a node within seconds of
  midnight can change its number with new elements.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial

import numpy as np

from eagleplan.model import Horizon, MeanElements, TabulatedEphemeris
from eagleplan.orbit import interpolant
from eagleplan.orbit.places import dot
from eagleplan.orbit.sgp4_orbit import MU_KM3_S2, teme_positions
from eagleplan.orbit.trajectory import IntArray, Track, Trajectory, step_s
from eagleplan.orbit.turn import EARTH_RATE_RAD_S
from eagleplan.units import SECONDS_PER_DAY, FloatArray

_EPOCH_TOLERANCE_FRAC = 1.0 / 360.0
"""By how much of a revolution an epoch may lie before the node at which its revolution begins."""

_BISECTIONS = 40
_DAY_FACTOR = 100
_REACH = 1.5
"""Revolutions before a start in which the ascending node before it lies for certain."""


def revolution_numbers(
    orbit: MeanElements | TabulatedEphemeris, path: Track, horizon: Horizon, t_s: FloatArray
) -> IntArray:
    """Numbers (n,) of the revolutions at `t_s` (n,), where `path` is the way of `orbit` over the horizon."""
    inside_s = ascending_nodes_s(path)
    if isinstance(orbit, TabulatedEphemeris):
        return _by_run(path, inside_s, horizon, t_s)
    period_s = SECONDS_PER_DAY / orbit.mean_motion_rev_per_day
    if orbit.kind == "design" or orbit.revolution_number == 0:
        earlier_s = _nodes_of_elements_s(orbit, horizon, _midnight_s(horizon, -_REACH * period_s), 0.0)
        nodes_s = np.concatenate([earlier_s, inside_s])
        if not len(nodes_s) or nodes_s[0] > t_s.min(initial=np.inf):
            # In the plane of the equator there are no nodes, or some by rounding: count whole periods of the day.
            nodes_s = _midnight_s(horizon, -_REACH * period_s) + period_s * np.arange(
                math.ceil((horizon.duration_s + SECONDS_PER_DAY) / period_s + _REACH) + 2
            )
        return _numbers_of_day(nodes_s, horizon)[np.searchsorted(nodes_s, t_s, side="right") - 1]
    epoch_s = horizon.seconds(orbit.epoch_utc) + _EPOCH_TOLERANCE_FRAC * period_s
    between = len(_nodes_of_elements_s(orbit, horizon, min(epoch_s, 0.0), max(epoch_s, 0.0)))
    at_start = orbit.revolution_number + (between if epoch_s < 0.0 else -between)
    return np.asarray(at_start + np.searchsorted(inside_s, t_s, side="right"), dtype=np.intp)


def ascending_nodes_s(path: Track) -> FloatArray:
    """Instants (n,) at which the satellite passes the equator going north, in the horizon's seconds."""
    found: list[FloatArray] = []
    before: Trajectory | None = None
    for stretch in path.stretches:
        start_s = float(stretch.start_s[0])
        joins = before is not None and start_s - before.end_s < 1e-3
        if before is not None and joins and before.node_position_km[2, -1] < 0.0 <= stretch.node_position_km[2, 0]:
            found.append(np.array([start_s]))
        height_km = stretch.node_position_km[2]
        cell = np.flatnonzero((height_km[:-1] < 0.0) & (height_km[1:] >= 0.0))
        coefficients = np.take(stretch.coefficients[2], cell, axis=1)
        x = _rises(partial(interpolant.value, coefficients), np.full(len(cell), -1.0), np.ones(len(cell)))
        found.append(stretch.start_s[cell] + (x + 1.0) * stretch.half_s[cell])
        before = stretch
    return np.concatenate(found) if found else np.empty(0)


def _rises(height: Callable[[FloatArray], FloatArray], low: FloatArray, high: FloatArray) -> FloatArray:
    """Where `height` turns from below 0 to above, once between `low` and `high`, all (n,)."""
    for _ in range(_BISECTIONS if len(low) else 0):
        middle = 0.5 * (low + high)
        under = height(middle) < 0.0
        low, high = np.where(under, middle, low), np.where(under, high, middle)
    return high


def _nodes_of_elements_s(elements: MeanElements, horizon: Horizon, from_s: float, to_s: float) -> FloatArray:
    """Ascending nodes (n,) in (`from_s`, `to_s`]. Raises InputError where SGP4 refuses an instant."""
    grid_s = np.linspace(from_s, to_s, 2 + math.ceil((to_s - from_s) / step_s(elements)))

    def height_km(t_s: FloatArray) -> FloatArray:
        return np.asarray(teme_positions(elements, horizon, t_s)[2])

    at_grid_km = height_km(grid_s)
    cell = np.flatnonzero((at_grid_km[:-1] < 0.0) & (at_grid_km[1:] >= 0.0))
    return _rises(height_km, grid_s[cell], grid_s[cell + 1])


def _by_run(path: Track, nodes_s: FloatArray, horizon: Horizon, t_s: FloatArray) -> IntArray:
    """Numbers (n,) within each run of an ephemeris without a gap, the nodes before it taken from its period."""
    numbers = np.zeros(len(t_s), dtype=np.intp)
    for start_s, stop_s in path.runs_s:
        own_s = nodes_s[(nodes_s >= start_s) & (nodes_s <= stop_s)]
        period_s = float(np.diff(own_s).mean()) if len(own_s) > 1 else _osculating_period_s(path, start_s)
        first_s = own_s[0] if len(own_s) else _node_before_s(path, start_s, period_s)
        n_earlier = math.ceil((first_s - _midnight_s(horizon, start_s - _REACH * period_s)) / period_s)
        earlier_s = first_s - period_s * np.arange(n_earlier, 0, -1)
        all_s = np.concatenate([earlier_s, own_s if len(own_s) else [first_s]])
        inside = np.flatnonzero((t_s >= start_s) & (t_s <= stop_s))
        numbers[inside] = _numbers_of_day(all_s, horizon)[np.searchsorted(all_s, t_s[inside], side="right") - 1]
    return numbers


def _osculating_period_s(path: Track, t_s: float) -> float:
    position, velocity = (vector[:, 0] for vector in path.position_and_velocity(np.array([t_s])))
    inertial = velocity + EARTH_RATE_RAD_S * np.array([-position[1], position[0], 0.0])
    axis_km = 1.0 / (2.0 / np.linalg.norm(position) - float(inertial @ inertial) / MU_KM3_S2)
    return 2.0 * math.pi * math.sqrt(axis_km**3 / MU_KM3_S2)


def _node_before_s(path: Track, t_s: float, period_s: float) -> float:
    """The last ascending node up to `t_s`, from the satellite's place along its orbit then."""
    position, velocity = path.position_and_velocity(np.array([t_s]))
    inertial = velocity + EARTH_RATE_RAD_S * np.stack([-position[1], position[0], np.zeros(1)])
    moment = np.cross(position, inertial, axis=0)
    node = np.stack([-moment[1], moment[0], np.zeros(1)])
    ahead = np.cross(moment, node, axis=0) / np.sqrt(dot(moment, moment))
    along_rad = math.atan2(dot(position, ahead)[0], dot(position, node)[0]) % (2.0 * math.pi)
    return t_s - along_rad / (2.0 * math.pi) * period_s


def _midnight_s(horizon: Horizon, t_s: float) -> float:
    """The last midnight of UTC up to `t_s`, both in the horizon's seconds."""
    return horizon.seconds(horizon.utc(t_s).replace(hour=0, minute=0, second=0, microsecond=0))


def _numbers_of_day(nodes_s: FloatArray, horizon: Horizon) -> IntArray:
    """Numbers (n,) of the revolutions that begin at consecutive ascending nodes (n,): year, day of year, count."""
    midnight_s = horizon.seconds(datetime(horizon.start_utc.year, 1, 1, tzinfo=UTC))
    day = np.floor((nodes_s - midnight_s) / SECONDS_PER_DAY).astype(np.int64)
    count = np.arange(len(nodes_s)) - np.searchsorted(day, day) + 1
    date = np.datetime64(f"{horizon.start_utc.year}-01-01", "D") + day
    year = date.astype("datetime64[Y]")
    of_year = (date - year.astype("datetime64[D]")).astype(np.int64) + 1
    return np.asarray(((year.astype(np.int64) + 1970) * 1000 + of_year) * _DAY_FACTOR + count, dtype=np.intp)
