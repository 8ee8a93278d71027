"""A satellite's way in the Earth-fixed frame as polynomials, one per cell of time."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np
import numpy.typing as npt

from eagleplan.model import Horizon, MeanElements, Satellite, TabulatedEphemeris
from eagleplan.orbit import interpolant
from eagleplan.orbit.frame import itrf_from_teme
from eagleplan.orbit.sgp4_orbit import teme_positions
from eagleplan.orbit.tabulated import GAP_S, fastest_turn_rad_s, itrf_positions, segments
from eagleplan.orbit.turn import EarthTurn, earth_turn
from eagleplan.units import SECONDS_PER_DAY, FloatArray

_STEPS_S = (
    5.0,
    10.0,
    20.0,
    30.0,
    60.0,
    90.0,
    120.0,
    180.0,
    240.0,
    300.0,
    450.0,
    600.0,
    900.0,
    1200.0,
    1800.0,
)
_STEP_RAD = 0.35
_STEP_RAD_OF_TABLE = 0.2
_STEPS_TO_SINGULARITY = 10.0
# More would leave the processor's cache.
_MAX_CELLS = 1 << 12

IntArray = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True, kw_only=True)
class Trajectory:
    """Polynomials over a stretch of time: cell i runs from `start_s[i]` for 2 × `half_s[i]` seconds, shapes
    (n,).

    `coefficients` (4, 7, n) are of x, y, z in km (ITRF) and of the squared geocentric distance in km², in
    powers of a variable that runs from −1 to 1 over the cell. `node_position_km` (3, n + 1),
    `node_velocity_km_s` (3, n + 1) and `node_distance2_km2` (n + 1,) hold at the ends of the cells;
    velocities are relative to the turning Earth.
    """

    start_s: FloatArray
    half_s: FloatArray
    end_s: float
    coefficients: FloatArray
    node_position_km: FloatArray
    node_velocity_km_s: FloatArray
    node_distance2_km2: FloatArray

    def locate(self, t_s: FloatArray) -> tuple[IntArray, FloatArray]:
        """Cells (n,) and the polynomials' variable (n,) at `t_s` (n,) within the stretch."""
        cell = np.clip(np.searchsorted(self.start_s, t_s, side="right") - 1, 0, len(self.start_s) - 1)
        return cell, (t_s - self.start_s[cell]) / self.half_s[cell] - 1.0


class Turns:
    """The Earth's attitude on grids of time, computed once for all satellites that share a grid."""

    def __init__(self, horizon: Horizon) -> None:
        self._horizon = horizon
        self._turns: dict[tuple[float, int, int], tuple[FloatArray, EarthTurn]] = {}

    def grid(self, step_s: float, first: int, count: int) -> tuple[FloatArray, EarthTurn]:
        """Times `first` × step, … (count,) in seconds since the horizon's start, and the attitude at them."""
        key = (step_s, first, count)
        if key not in self._turns:
            t_s: FloatArray = np.arange(first, first + count, dtype=np.float64) * step_s
            self._turns[key] = (t_s, earth_turn(self._horizon, t_s))
        return self._turns[key]


def step_s(elements: MeanElements) -> float:
    """Grid step at which the interpolant follows SGP4 to about a millimetre.

    A step is at most 0.35 rad of true anomaly at perigee, and a tenth of the distance in complex time from
    perigee to the singularity of Kepler's motion (where the distance vanishes), which sets the pace for
    eccentric orbits.
    """
    e = elements.eccentricity
    motion_rad_s = elements.mean_motion_rev_per_day * 2.0 * math.pi / SECONDS_PER_DAY
    perigee_rad_s = motion_rad_s * (1.0 + e) ** 2 / (1.0 - e * e) ** 1.5
    longest = _STEP_RAD / perigee_rad_s
    if e > 0.0:
        to_singularity_s = (math.acosh(1.0 / e) - math.sqrt(1.0 - e * e)) / motion_rad_s
        longest = min(longest, to_singularity_s / _STEPS_TO_SINGULARITY)
    return max((step for step in _STEPS_S if step <= longest), default=_STEPS_S[0])


def element_trajectories(elements: MeanElements, horizon: Horizon, turns: Turns) -> Iterator[Trajectory]:
    """The horizon in stretches of bounded size. Raises InputError where SGP4 refuses an instant."""
    step = step_s(elements)
    n_cells = math.ceil(horizon.duration_s / step)
    for first in range(0, n_cells, _MAX_CELLS):
        count = min(_MAX_CELLS, n_cells - first)
        t_s, turn = turns.grid(step, first - interpolant.SAMPLES_BEFORE, count + interpolant.SAMPLES_AROUND - 1)
        position = itrf_from_teme(turn, teme_positions(elements, horizon, t_s))
        yield _from_samples(t_s, step, position)


def tabulated_trajectories(ephemeris: TabulatedEphemeris, horizon: Horizon) -> Iterator[Trajectory]:
    """What an ephemeris covers of the horizon, segment by segment, in stretches of bounded size.

    Raises InputError where that is nothing.
    """
    longest_s = _STEP_RAD_OF_TABLE / fastest_turn_rad_s(ephemeris)
    for segment in segments(ephemeris, horizon):
        evaluate = partial(itrf_positions, ephemeris, segment, horizon)
        n_cells = max(1, math.ceil((segment.stop_s - segment.start_s) / longest_s))
        edges_s = np.linspace(segment.start_s, segment.stop_s, n_cells + 1)
        for first in range(0, n_cells, _MAX_CELLS):
            yield _from_points(edges_s[first : first + _MAX_CELLS + 1], evaluate)


def _from_points(edges_s: FloatArray, evaluate: Callable[[FloatArray], FloatArray]) -> Trajectory:
    """Cells between neighbouring edges, from positions inside each: nothing is needed beyond the ends."""
    half_s = 0.5 * np.diff(edges_s)
    points_s = edges_s[:-1] + (interpolant.chebyshev_points()[:, None] + 1.0) * half_s
    values = np.empty((4, *points_s.shape))
    values[:3] = evaluate(points_s.ravel()).reshape(3, *points_s.shape)
    values[3] = np.einsum("ikn,ikn->kn", values[:3], values[:3])
    coefficients = interpolant.coefficients_at_points(values)
    nodes = evaluate(edges_s)
    return Trajectory(
        start_s=edges_s[:-1],
        half_s=half_s,
        end_s=float(edges_s[-1]),
        coefficients=coefficients,
        node_position_km=nodes,
        node_velocity_km_s=node_velocity(coefficients, half_s),
        node_distance2_km2=np.einsum("in,in->n", nodes, nodes),
    )


def _from_samples(t_s: FloatArray, step: float, position_km: FloatArray) -> Trajectory:
    """Cells between the inner samples of a regular grid, 9 samples longer at either end."""
    samples = np.empty((4, len(t_s)))
    samples[:3] = position_km
    samples[3] = np.einsum("in,in->n", position_km, position_km)
    coefficients = interpolant.cell_coefficients(samples)
    before = interpolant.SAMPLES_BEFORE
    nodes = slice(before, len(t_s) - before)
    half_s = np.full(coefficients.shape[-1], 0.5 * step)
    return Trajectory(
        start_s=t_s[before : len(t_s) - before - 1],
        half_s=half_s,
        end_s=float(t_s[len(t_s) - before - 1]),
        coefficients=coefficients,
        node_position_km=samples[:3, nodes],
        node_velocity_km_s=node_velocity(coefficients, half_s),
        node_distance2_km2=samples[3, nodes],
    )


def node_velocity(coefficients: FloatArray, half_s: FloatArray) -> FloatArray:
    """Velocities (3, n + 1) at the cells' left ends and at the last one's right end."""
    order = np.arange(1, interpolant.N_COEFFICIENTS, dtype=np.float64)
    alternating = np.where(order % 2 == 1, order, -order)
    velocity = np.empty((3, coefficients.shape[-1] + 1))
    for axis in range(3):
        np.dot(alternating, coefficients[axis, 1:], out=velocity[axis, :-1])
    velocity[:, :-1] /= half_s
    velocity[:, -1] = coefficients[:3, 1:, -1] @ order / half_s[-1]
    return velocity


@dataclass(frozen=True, slots=True, kw_only=True)
class Track:
    """A satellite's way over a horizon: stretches that follow one another, with gaps where an ephemeris has some."""

    stretches: tuple[Trajectory, ...]

    @property
    def runs_s(self) -> tuple[tuple[float, float], ...]:
        """The (start, end) of every part of the way without a gap."""
        return tuple((float(run[0].start_s[0]), run[-1].end_s) for run in self.runs)

    @property
    def runs(self) -> tuple[tuple[Trajectory, ...], ...]:
        """The stretches of every part of the way without a gap."""
        found: list[list[Trajectory]] = []
        for stretch in self.stretches:
            if found and stretch.start_s[0] - found[-1][-1].end_s < GAP_S:
                found[-1].append(stretch)
            else:
                found.append([stretch])
        return tuple(tuple(run) for run in found)

    def position_and_velocity(self, t_s: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Earth-fixed positions (3, n) in km, and velocities relative to the turning Earth (3, n) in km/s."""
        position, velocity = np.empty((3, len(t_s))), np.empty((3, len(t_s)))
        for inside, stretch in self._shares(t_s):
            cell, x = stretch.locate(t_s[inside])
            place, pace = interpolant.value_and_slope(np.take(stretch.coefficients[:3], cell, axis=2), x)
            position[:, inside] = place
            velocity[:, inside] = pace / stretch.half_s[cell]
        return position, velocity

    def position(self, t_s: FloatArray) -> FloatArray:
        """Earth-fixed positions (3, n) in km at `t_s` (n,) within the horizon."""
        position = np.empty((3, len(t_s)))
        for inside, stretch in self._shares(t_s):
            cell, x = stretch.locate(t_s[inside])
            position[:, inside] = interpolant.value(np.take(stretch.coefficients[:3], cell, axis=2), x)
        return position

    def _shares(self, t_s: FloatArray) -> Iterator[tuple[slice | npt.NDArray[np.intp], Trajectory]]:
        if len(self.stretches) == 1:
            yield slice(None), self.stretches[0]
            return
        number = np.searchsorted([stretch.start_s[0] for stretch in self.stretches], t_s, side="right") - 1
        for index, stretch in enumerate(self.stretches):
            inside = np.flatnonzero(np.maximum(number, 0) == index)
            if len(inside):
                yield inside, stretch


def trajectories(orbit: MeanElements | TabulatedEphemeris, horizon: Horizon, turns: Turns) -> Iterator[Trajectory]:
    """The way of a satellite over `horizon`, stretch by stretch. Raises InputError where it cannot be computed."""
    if isinstance(orbit, TabulatedEphemeris):
        return tabulated_trajectories(orbit, horizon)
    return element_trajectories(orbit, horizon, turns)


def track(satellite: Satellite, horizon: Horizon, turns: Turns) -> Track:
    """The whole way of `satellite` over `horizon`. Raises InputError where it cannot be computed."""
    return Track(stretches=tuple(trajectories(satellite.orbit, horizon, turns)))
