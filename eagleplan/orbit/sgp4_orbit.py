"""Mean elements through SGP4, with the WGS72 constants they were fitted with."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
from sgp4.api import SGP4_ERRORS, WGS72, Satrec

from eagleplan.errors import InputError, Problem
from eagleplan.model import Horizon, MeanElements
from eagleplan.units import SECONDS_PER_DAY, FloatArray

MU_KM3_S2 = 398_600.8
"""WGS72, as SGP4 uses it (Hoots and Roehrich 1980, Spacetrack Report 3)."""

EARTH_RADIUS_KM = 6378.135
"""WGS72, as SGP4 uses it."""

J2 = 0.001_082_616
"""WGS72, as SGP4 uses it."""

_EPOCH_ZERO_UTC = datetime(1949, 12, 31, tzinfo=UTC)
_EPOCH_ZERO_JD = 2_433_281.5
_REV_PER_DAY_IN_RAD_PER_MIN = 2.0 * np.pi / 1440.0
_LARGEST_CATALOG_ID = 339_999
_PLACEHOLDER_CATALOG_ID = 0


def satrec(elements: MeanElements) -> Satrec:
    """SGP4's record of `elements`. Raises InputError where SGP4 cannot start from them.

    sgp4 takes no catalogue number that the TLE format cannot write, so larger ones are given a stand-in:
    the number does not enter the motion.
    """
    days = (elements.epoch_utc - _EPOCH_ZERO_UTC) / timedelta(days=1)
    catalog_id = elements.catalog_id
    record = Satrec()
    record.sgp4init(
        WGS72,
        "i",
        catalog_id if 0 <= catalog_id <= _LARGEST_CATALOG_ID else _PLACEHOLDER_CATALOG_ID,
        days,
        elements.bstar_per_earth_radius,
        elements.mean_motion_dot_rev_per_day2 * _REV_PER_DAY_IN_RAD_PER_MIN / 1440.0,
        elements.mean_motion_ddot_rev_per_day3 * _REV_PER_DAY_IN_RAD_PER_MIN / 1440.0**2,
        elements.eccentricity,
        np.radians(elements.arg_perigee_deg),
        np.radians(elements.inclination_deg),
        np.radians(elements.mean_anomaly_deg),
        elements.mean_motion_rev_per_day * _REV_PER_DAY_IN_RAD_PER_MIN,
        np.radians(elements.raan_deg),
    )
    # Days as one float hold the epoch to 0.6 µs only: give the two parts their own.
    elapsed = elements.epoch_utc - _EPOCH_ZERO_UTC
    record.jdsatepoch = _EPOCH_ZERO_JD + elapsed.days
    record.jdsatepochF = (elapsed.seconds + elapsed.microseconds * 1e-6) / SECONDS_PER_DAY
    if record.error:
        raise _failure(elements, record.error, elements.epoch_utc)
    return record


def teme_positions(elements: MeanElements, horizon: Horizon, t_s: FloatArray) -> FloatArray:
    """Positions (3, n) in km in TEME at `t_s` (n,) seconds after the horizon's start.

    Raises InputError at the first instant that SGP4 refuses (a decayed orbit, for one).
    """
    record = satrec(elements)
    elapsed = horizon.start_utc - _EPOCH_ZERO_UTC
    part = (elapsed.seconds + elapsed.microseconds * 1e-6) / SECONDS_PER_DAY
    error, position, _ = record.sgp4_array(
        np.full(len(t_s), _EPOCH_ZERO_JD + elapsed.days), part + t_s / SECONDS_PER_DAY
    )
    if error.any():
        first = int(np.flatnonzero(error)[0])
        raise _failure(elements, int(error[first]), horizon.utc(float(t_s[first])))
    return np.ascontiguousarray(position.T)


def _failure(elements: MeanElements, code: int, at_utc: datetime) -> InputError:
    reason = SGP4_ERRORS.get(code, "unknown error")
    return InputError(
        Problem(
            path=elements.origin,
            message=(
                f"SGP4 cannot propagate {elements.name} to {at_utc:%Y-%m-%dT%H:%M:%SZ}: {reason} (SGP4 error {code})"
            ),
            hint="take newer elements, or leave the satellite out",
        )
    )
