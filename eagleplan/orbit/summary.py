"""What an orbit is like: size, shape, plane, local time, and how well it is known."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

from eagleplan.model import Horizon, MeanElements, TabulatedEphemeris
from eagleplan.orbit.age import along_track_km
from eagleplan.orbit.design import MEAN_SUN_DEG_PER_DAY, mean_distance_km, node_rate_deg_per_day
from eagleplan.orbit.frame import teme_from_itrf
from eagleplan.orbit.places import dot
from eagleplan.orbit.sgp4_orbit import EARTH_RADIUS_KM, J2, MU_KM3_S2, satrec
from eagleplan.orbit.tabulated import itrf_positions, segments
from eagleplan.orbit.turn import earth_turn, mean_sun_deg
from eagleplan.units import EARTH_EQUATORIAL_RADIUS_KM, SECONDS_PER_DAY, FloatArray

_DAYS_PER_MONTH = 30.0
_SAMPLES = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class OrbitSummary:
    """An orbit at one instant.

    `altitude_km` is the mean geocentric distance less the Earth's equatorial radius; perigee and apogee are
    those of the mean ellipse. `period_s` is from node to node. `ltan_hours` is the local mean solar time of the
    ascending node, `ltan_drift_s_per_month` what 30 days add to it. The errors along the track are None where nothing
    is known of them: design orbits and operators' ephemerides.
    """

    epoch_utc: datetime
    age_days: float
    altitude_km: float
    perigee_altitude_km: float
    apogee_altitude_km: float
    eccentricity: float
    inclination_deg: float
    period_s: float
    ltan_hours: float
    ltan_drift_s_per_month: float
    along_track_median_km: float | None
    along_track_p90_km: float | None


def orbit_summary(orbit: MeanElements | TabulatedEphemeris, at_utc: datetime) -> OrbitSummary:
    """The orbit as it is at `at_utc`. Raises InputError where SGP4 cannot start from the elements."""
    if isinstance(orbit, TabulatedEphemeris):
        return _of_ephemeris(orbit, at_utc)
    return _of_elements(orbit, at_utc)


def _of_elements(elements: MeanElements, at_utc: datetime) -> OrbitSummary:
    record = satrec(elements)
    axis_km = float(record.a) * EARTH_RADIUS_KM
    e = elements.eccentricity
    age_days = (at_utc - elements.epoch_utc) / timedelta(days=1)
    rate = node_rate_deg_per_day(elements)
    known = elements.kind != "design"
    median_km, p90_km = (float(error[0]) for error in along_track_km(np.array([age_days])))
    return OrbitSummary(
        epoch_utc=elements.epoch_utc,
        age_days=age_days,
        altitude_km=mean_distance_km(axis_km, e, elements.inclination_deg) - EARTH_EQUATORIAL_RADIUS_KM,
        perigee_altitude_km=axis_km * (1.0 - e) - EARTH_EQUATORIAL_RADIUS_KM,
        apogee_altitude_km=axis_km * (1.0 + e) - EARTH_EQUATORIAL_RADIUS_KM,
        eccentricity=e,
        inclination_deg=elements.inclination_deg,
        period_s=2.0 * math.pi / (float(record.mdot) + float(record.argpdot)) * 60.0,
        ltan_hours=_ltan_hours(elements.raan_deg + rate * age_days, at_utc),
        ltan_drift_s_per_month=_drift_s_per_month(rate),
        along_track_median_km=median_km if known else None,
        along_track_p90_km=p90_km if known else None,
    )


def _of_ephemeris(ephemeris: TabulatedEphemeris, at_utc: datetime) -> OrbitSummary:
    """From the osculating orbit, averaged over the revolution that follows `at_utc`, or what the table has of it."""
    first = ephemeris.useable_s[0][0] if ephemeris.useable_s else float(ephemeris.t_s[0])
    last = ephemeris.useable_s[-1][1] if ephemeris.useable_s else float(ephemeris.t_s[-1])
    revolution_s = _period_s(_axis_km(ephemeris.position_km[:1].T, ephemeris.velocity_km_s[:1].T)[0])
    length_s = min(revolution_s, last - first)
    wanted_s = (at_utc - ephemeris.epoch_utc) / timedelta(seconds=1)
    start_s = min(max(wanted_s, first), last - length_s)
    horizon = Horizon(start_utc=ephemeris.epoch_utc + timedelta(seconds=start_s), days=length_s / SECONDS_PER_DAY)
    t_s, position, velocity = _teme_states(ephemeris, horizon)
    axis_km = float(_axis_km(position, velocity).mean())
    distance = np.linalg.norm(position, axis=0)
    moment = np.cross(position, velocity, axis=0)
    inclination = np.arccos(moment[2] / np.linalg.norm(moment, axis=0)).mean()
    node = np.arctan2(moment[0].mean(), -moment[1].mean())
    e = float((distance.max() - distance.min()) / (distance.max() + distance.min()))
    p_km = axis_km * (1.0 - e * e)
    rate_rad_s = -1.5 * J2 * math.sqrt(MU_KM3_S2 / axis_km**3) * (EARTH_RADIUS_KM / p_km) ** 2 * math.cos(inclination)
    epoch_utc = ephemeris.epoch_utc + timedelta(seconds=float(ephemeris.t_s[0]))
    return OrbitSummary(
        epoch_utc=epoch_utc,
        age_days=(at_utc - epoch_utc) / timedelta(days=1),
        altitude_km=float(distance.mean()) - EARTH_EQUATORIAL_RADIUS_KM,
        perigee_altitude_km=float(distance.min()) - EARTH_EQUATORIAL_RADIUS_KM,
        apogee_altitude_km=float(distance.max()) - EARTH_EQUATORIAL_RADIUS_KM,
        eccentricity=e,
        inclination_deg=math.degrees(inclination),
        period_s=_nodal_period_s(t_s, position, moment),
        ltan_hours=_ltan_hours(math.degrees(node), horizon.start_utc),
        ltan_drift_s_per_month=_drift_s_per_month(math.degrees(rate_rad_s) * SECONDS_PER_DAY),
        along_track_median_km=None,
        along_track_p90_km=None,
    )


def _teme_states(ephemeris: TabulatedEphemeris, horizon: Horizon) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Instants (n,) spread over the horizon, positions and velocities (3, n) in TEME."""
    times, position, velocity = [], [], []
    for segment in segments(ephemeris, horizon):
        t_s = np.linspace(segment.start_s + 1.0, segment.stop_s - 1.0, _SAMPLES)
        before, at, after = (
            teme_from_itrf(earth_turn(horizon, t), itrf_positions(ephemeris, segment, horizon, t))
            for t in (t_s - 1.0, t_s, t_s + 1.0)
        )
        times.append(t_s)
        position.append(at)
        velocity.append((after - before) / 2.0)
    return np.concatenate(times), np.concatenate(position, axis=1), np.concatenate(velocity, axis=1)


def _nodal_period_s(t_s: FloatArray, position: FloatArray, moment: FloatArray) -> float:
    """From how far the satellite gets along its orbit, counted from the ascending node."""
    node = np.stack((-moment[1], moment[0], np.zeros_like(t_s)))
    ahead = np.cross(moment, node, axis=0) / np.sqrt(dot(moment, moment))
    along = np.unwrap(np.arctan2(dot(position, ahead), dot(position, node)))
    return float(2.0 * math.pi * (t_s[-1] - t_s[0]) / (along[-1] - along[0]))


def _axis_km(position: FloatArray, velocity: FloatArray) -> FloatArray:
    """Semi-major axes (n,) by the vis-viva equation, of positions and velocities (3, n)."""
    distance = np.sqrt(dot(position, position))
    return 1.0 / (2.0 / distance - dot(velocity, velocity) / MU_KM3_S2)


def _period_s(axis_km: float) -> float:
    return 2.0 * math.pi * math.sqrt(axis_km**3 / MU_KM3_S2)


def _ltan_hours(raan_deg: float, at_utc: datetime) -> float:
    return (12.0 + (raan_deg - mean_sun_deg(at_utc)) / 15.0) % 24.0


def _drift_s_per_month(node_rate_deg_per_day: float) -> float:
    return (node_rate_deg_per_day - MEAN_SUN_DEG_PER_DAY) / 15.0 * 3600.0 * _DAYS_PER_MONTH
