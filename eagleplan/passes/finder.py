"""Every rise, culmination and set of one satellite over many sites, from polynomials alone.

No pass is found by luck. Where a satellite can be above a threshold follows from a bound: its height above
the site's horizontal plane is smooth, so that a cell whose two ends lie far enough below cannot reach it.
In the few cells that are left the elevation is split at its extrema, where z'ρ² − z (ρ²)'/2 changes sign (z
the height above the plane, ρ the range): between them it is monotone, and a change of sign of z − ρ
sin(threshold) is one rise or one set.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from eagleplan.orbit.interpolant import value, value_and_slope, value_slope_curvature
from eagleplan.orbit.places import SiteVectors, dot
from eagleplan.orbit.sgp4_orbit import MU_KM3_S2
from eagleplan.orbit.trajectory import IntArray, Trajectory
from eagleplan.orbit.turn import EARTH_RATE_RAD_S
from eagleplan.passes.roots import bracketed_newton
from eagleplan.units import FloatArray

BoolArray = npt.NDArray[np.bool_]

_NORMAL_TO_RADIUS_DEG = 0.2
_SLACK = 0.98
_SMALL_STEP_TO_TURN = 3e-4
_SMALL_STEP_TO_ROOT = 1e-4


@dataclass(frozen=True, slots=True, kw_only=True)
class Events:
    """Instants of one kind, sorted by site and time, shapes (n,); `x` is the variable of the cell's polynomials."""

    site: IntArray
    cell: IntArray
    x: FloatArray
    t_s: FloatArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidates:
    """The cells in which a satellite may be above a site's threshold, sorted by site and time.

    Arrays per cell are (k,); arrays per node are (m,), and cell i lies between the nodes `left[i]` and
    `left[i]` + 1: the height above the site's plane z, its rate, the range ρ, ρ times the range's rate, the
    excess z − ρ sin(threshold), and `lift`, which has the sign of the elevation's rate.
    """

    trajectory: Trajectory
    sites: SiteVectors
    sin_threshold: FloatArray
    site: IntArray
    cell: IntArray
    left: IntArray
    height_km: FloatArray
    climb_km_s: FloatArray
    range_km: FloatArray
    approach_km2_s: FloatArray
    excess_km: FloatArray
    lift: FloatArray
    start_above: BoolArray
    end_above: BoolArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Crossings:
    """Rises, sets, and the local maxima of the elevation above the threshold; who is above it at either end."""

    rises: Events
    sets: Events
    peaks: Events
    start_above: BoolArray
    end_above: BoolArray


def candidates(trajectory: Trajectory, sites: SiteVectors, threshold_deg: FloatArray) -> Candidates:
    """The cells of a stretch worth looking at, for sites (n,) with thresholds of elevation (n,)."""
    position, velocity = trajectory.node_position_km, trajectory.node_velocity_km_s
    n_nodes = position.shape[1]
    along_up = sites.up.T @ position
    base = dot(sites.up, sites.position_km)
    limit = base + _lowest_height_km(trajectory, sites, threshold_deg) - _largest_bulge_km(trajectory)
    hot = along_up > limit[:, None]
    site, cell = np.nonzero(hot[:, :-1] | hot[:, 1:])

    # Neighbouring cells share a node: number the nodes once.
    left_node = site * n_nodes + cell
    new_arc = np.ones(len(cell), dtype=np.bool_)
    np.not_equal(left_node[1:], left_node[:-1] + 1, out=new_arc[1:])
    arc = np.cumsum(new_arc)
    left = np.arange(-1, len(cell) - 1) + arc
    node = np.empty(len(cell) + int(arc[-1] if len(arc) else 0), dtype=np.intp)
    node[left] = left_node
    node[left + 1] = left_node + 1

    node_site, node_cell = np.divmod(node, n_nodes)
    height = np.take(along_up, node) - base[node_site]
    slant = np.take(position, node_cell, axis=1) - np.take(sites.position_km, node_site, axis=1)
    motion = np.take(velocity, node_cell, axis=1)
    range2, approach = dot(slant, slant), dot(slant, motion)
    climb = dot(np.take(sites.up, node_site, axis=1), motion)
    range_km = np.sqrt(range2)
    sin_threshold = np.sin(np.radians(threshold_deg))

    def above(node: int) -> BoolArray:
        slant_km = position[:, node, None] - sites.position_km
        over: BoolArray = along_up[:, node] - base > sin_threshold * np.sqrt(dot(slant_km, slant_km))
        return over

    return Candidates(
        trajectory=trajectory,
        sites=sites,
        sin_threshold=sin_threshold,
        site=site,
        cell=cell,
        left=left,
        height_km=height,
        climb_km_s=climb,
        range_km=range_km,
        approach_km2_s=approach,
        excess_km=height - sin_threshold[node_site] * range_km,
        lift=climb * range2 - height * approach,
        start_above=above(0),
        end_above=above(-1),
    )


def _lowest_height_km(trajectory: Trajectory, sites: SiteVectors, threshold_deg: FloatArray) -> FloatArray:
    """A lower bound (n,) of the height above each site's horizontal plane of a satellite above the threshold.

    At a given elevation the range, and so the height, follows from the satellite's distance to the Earth's
    centre. The plane is normal to the ellipsoid and not to the radius, which is at most 0.2° away.
    """
    angle = np.radians(threshold_deg - _NORMAL_TO_RADIUS_DEG)
    distance2 = trajectory.node_distance2_km2
    extreme2 = np.where(angle > 0.0, distance2.min() * _SLACK, distance2.max() / _SLACK)
    lowest = np.sin(angle) * _slant_range_km(extreme2, np.sqrt(dot(sites.position_km, sites.position_km)), angle)
    return np.where(lowest > 0.0, lowest * _SLACK, lowest / _SLACK) - 1.0


def _slant_range_km(distance2_km2: FloatArray, radius_km: FloatArray, elevation_rad: FloatArray) -> FloatArray:
    """Range at which a satellite of this geocentric distance stands at this elevation, over a spherical Earth."""
    reach2 = np.maximum(distance2_km2 - (radius_km * np.cos(elevation_rad)) ** 2, 0.0)
    return np.maximum(np.sqrt(reach2) - radius_km * np.sin(elevation_rad), 0.0)


def _largest_bulge_km(trajectory: Trajectory) -> float:
    """How far a satellite can rise inside a cell, in any direction, above the line between the cell's ends:
    |r''| h²/8.

    Bounded by gravity at the lowest point, the Coriolis and the centrifugal acceleration in the turning
    frame.
    """
    nearest2 = float(trajectory.node_distance2_km2.min()) * _SLACK
    farthest = math.sqrt(float(trajectory.node_distance2_km2.max()) / _SLACK)
    fastest = math.sqrt(2.0 * MU_KM3_S2 / math.sqrt(nearest2)) + EARTH_RATE_RAD_S * farthest
    acceleration = MU_KM3_S2 / nearest2 + EARTH_RATE_RAD_S * (2.0 * fastest + EARTH_RATE_RAD_S * farthest)
    return 0.5 * acceleration * float(trajectory.half_s.max()) ** 2


def crossings(found: Candidates) -> Crossings:
    """Rises, sets and culminations in the candidate cells."""
    left, right = found.left, found.left + 1
    lift_left, lift_right = found.lift[left], found.lift[right]
    excess_left, excess_right = found.excess_km[left], found.excess_km[right]
    above_left, above_right = excess_left > 0.0, excess_right > 0.0
    climbs = lift_left > 0.0
    turns = (climbs != (lift_right > 0.0)) & (climbs | above_left | above_right)

    # Cells with an extremum of the elevation: where it lies, and whether it is above the threshold.
    turning = np.flatnonzero(turns)
    is_peak = climbs[turning]
    turn_polynomials = _scalar_polynomials(found, turning)
    turn_x = _turning_points(turn_polynomials, is_peak, lift_left[turning], lift_right[turning])
    turn_z, turn_range2 = value(turn_polynomials, turn_x)
    turn_above = turn_z > found.sin_threshold[found.site[turning]] * np.sqrt(turn_range2)

    # Stretches in which the elevation is monotone and crosses the threshold: whole cells, and parts before
    # and after an extremum. `end_*` are heights at either end of the stretch.
    plain = np.flatnonzero((above_left != above_right) & ~turns)
    before = np.flatnonzero(above_left[turning] != turn_above)
    after = np.flatnonzero(above_right[turning] != turn_above)
    n_plain, n_before = len(plain), len(before)
    index = np.concatenate((plain, turning[before], turning[after]))
    low, high = np.full(len(index), -1.0), np.ones(len(index))
    high[n_plain : n_plain + n_before] = turn_x[before]
    low[n_plain + n_before :] = turn_x[after]
    rises = np.concatenate((above_right[plain], turn_above[before], above_right[turning[after]]))

    polynomials = np.empty((2, turn_polynomials.shape[1], len(index)))
    polynomials[:, :, :n_plain] = _scalar_polynomials(found, plain)
    polynomials[:, :, n_plain:] = np.take(turn_polynomials, np.concatenate((before, after)), axis=2)
    target = _height_at_threshold_km(found, index)
    half_s = found.trajectory.half_s[found.cell[plain]]
    guess = np.concatenate(
        (
            _guess_between(
                found.height_km[left[plain]] - target[:n_plain],
                found.height_km[right[plain]] - target[:n_plain],
                found.climb_km_s[left[plain]] * half_s,
                found.climb_km_s[right[plain]] * half_s,
            ),
            _guess_from_turn(
                turn_x[before],
                -1.0,
                turn_z[before] - target[n_plain : n_plain + n_before],
                turn_z[before] - found.height_km[left[turning[before]]],
            ),
            _guess_from_turn(
                turn_x[after],
                1.0,
                turn_z[after] - target[n_plain + n_before :],
                turn_z[after] - found.height_km[right[turning[after]]],
            ),
        )
    )
    root = _threshold_crossings(polynomials, found.sin_threshold[found.site[index]], low, high, rises, guess)
    order = np.argsort(index + 0.25 * (root + 1.0), kind="stable")
    index, root, rises = index[order], root[order], rises[order]
    peak = np.flatnonzero(turn_above & is_peak)
    return Crossings(
        rises=_events(found, index[rises], root[rises]),
        sets=_events(found, index[~rises], root[~rises]),
        peaks=_events(found, turning[peak], turn_x[peak]),
        start_above=found.start_above,
        end_above=found.end_above,
    )


def nearest(found: Candidates) -> tuple[Events, FloatArray]:
    """The local minima of the range in the candidate cells, and the range in km at them."""
    approaching, receding = found.approach_km2_s[found.left], found.approach_km2_s[found.left + 1]
    index = np.flatnonzero((approaching < 0.0) & (receding >= 0.0))
    approaching, receding = approaching[index], receding[index]

    def slope(range2: FloatArray, x: FloatArray) -> tuple[FloatArray, FloatArray]:
        _, first, second = value_slope_curvature(range2, x)
        return first, second

    range2 = _scalar_polynomials(found, index)[1]
    ones = np.ones(len(index))
    guess = 2.0 * approaching / (approaching - receding) - 1.0
    x = bracketed_newton(slope, range2, -ones, ones, ones, guess, _SMALL_STEP_TO_TURN)
    return _events(found, index, x), np.sqrt(value(range2, x))


def _scalar_polynomials(found: Candidates, index: IntArray) -> FloatArray:
    """Coefficients (2, 7, n) of the height z above the site's plane and of the squared range, in candidate cells."""
    x, y, z, distance2 = np.take(found.trajectory.coefficients, found.cell[index], axis=2)
    site = found.site[index]
    up, place = np.take(found.sites.up, site, axis=1), np.take(found.sites.position_km, site, axis=1)
    scalars = np.empty((2, *x.shape))
    height, range2 = scalars
    np.multiply(up[0], x, out=height)
    height += up[1] * y
    height += up[2] * z
    height[0] -= dot(up, place)
    np.multiply(-2.0 * place[0], x, out=range2)
    range2 -= (2.0 * place[1]) * y
    range2 -= (2.0 * place[2]) * z
    range2 += distance2
    range2[0] += dot(place, place)
    return scalars


def _turning_points(
    polynomials: FloatArray, is_peak: BoolArray, lift_left: FloatArray, lift_right: FloatArray
) -> FloatArray:
    """Where the elevation turns, once in each cell."""

    def lift(parameters: FloatArray, x: FloatArray) -> tuple[FloatArray, FloatArray]:
        (z, q), (z1, q1), (z2, q2) = value_slope_curvature(parameters, x)
        return z1 * q - 0.5 * z * q1, z2 * q + 0.5 * (z1 * q1 - z * q2)

    ones = np.ones(len(is_peak))
    guess = 2.0 * lift_left / (lift_left - lift_right) - 1.0
    return bracketed_newton(lift, polynomials, -ones, ones, np.where(is_peak, -1.0, 1.0), guess, _SMALL_STEP_TO_TURN)


def _threshold_crossings(
    polynomials: FloatArray,
    sine: FloatArray,
    low: FloatArray,
    high: FloatArray,
    rises: BoolArray,
    guess: FloatArray,
) -> FloatArray:
    """Where the elevation crosses the threshold, once in each bracket."""

    def excess(parameters: FloatArray, x: FloatArray) -> tuple[FloatArray, FloatArray]:
        (z, q), (z1, q1) = value_and_slope(parameters[:, :-1], x)
        sin_threshold = parameters[0, -1]
        range_km = np.sqrt(q)
        return z - sin_threshold * range_km, z1 - 0.5 * sin_threshold * q1 / range_km

    parameters = np.concatenate((polynomials, np.broadcast_to(sine, (2, 1, len(sine)))), axis=1)
    return bracketed_newton(excess, parameters, low, high, np.where(rises, 1.0, -1.0), guess, _SMALL_STEP_TO_ROOT)


def _height_at_threshold_km(found: Candidates, index: IntArray) -> FloatArray:
    """Height above the plane at which the threshold is about crossed, from the distance in the middle of the cell."""
    site, cell = found.site[index], found.cell[index]
    place = np.take(found.sites.position_km, site, axis=1)
    sine = found.sin_threshold[site]
    middle2 = found.trajectory.coefficients[3, 0, cell]
    return sine * _slant_range_km(middle2, np.sqrt(dot(place, place)), np.arcsin(sine))


def _guess_between(left: FloatArray, right: FloatArray, slope_left: FloatArray, slope_right: FloatArray) -> FloatArray:
    """A first root in [−1, 1] of the parabola through two ends of unlike sign that has their difference of
    slopes.

    One root of such a parabola lies between the ends and the other does not: it is the one nearer to the
    middle.
    """
    bend = 0.25 * (slope_right - slope_left)
    slope = 0.5 * (right - left)
    middle = 0.5 * (left + right) - bend
    root = np.sqrt(np.maximum(slope * slope - 4.0 * bend * middle, 0.0))
    with np.errstate(divide="ignore", invalid="ignore"):
        x = -2.0 * middle / (slope + np.copysign(root, slope))
    return np.where(np.isfinite(x), np.clip(x, -1.0, 1.0), 0.0)


def _guess_from_turn(turn_x: FloatArray, end_x: float, drop: FloatArray, whole_drop: FloatArray) -> FloatArray:
    """A first root between an extremum and a cell's end, as if the height fell like a parabola in between."""
    with np.errstate(divide="ignore", invalid="ignore"):
        part = np.sqrt(np.clip(drop / whole_drop, 0.0, 1.0))
    return turn_x + (end_x - turn_x) * np.where(np.isfinite(part), part, 0.5)


def _events(found: Candidates, index: IntArray, x: FloatArray) -> Events:
    cell = found.cell[index]
    trajectory = found.trajectory
    return Events(
        site=found.site[index],
        cell=cell,
        x=x,
        t_s=trajectory.start_s[cell] + (x + 1.0) * trajectory.half_s[cell],
    )
