"""What the age of elements costs: how far along its track a satellite may be from where they put it.

Measured on 1,105 Sun-synchronous objects (14.75 to 15.25 revolutions a day) in 31 catalogues of 8 to 14
June 2026: 138,288 pairs of element sets of one object, the newer at its epoch taken as the truth. The error
is almost only along the track, grows about with the square of age (drag), and is heavy-tailed: the 90th
centile is four times the median. Objects below 500 km and days of high solar activity are worse.
"""

from __future__ import annotations

from datetime import datetime

import numpy as np

from eagleplan.model import Horizon, MeanElements, TabulatedEphemeris
from eagleplan.units import SECONDS_PER_DAY, FloatArray

_AGE_DAYS = (0.275, 0.75, 1.5, 2.5, 3.5, 4.5, 5.6)
_MEDIAN_KM = (0.12, 0.30, 0.61, 1.2, 2.1, 4.1, 6.9)
_P90_KM = (0.42, 0.93, 2.4, 5.1, 10.0, 16.0, 27.0)
_KM_PER_S = 7.6
_MEDIAN_OF_NORMAL = 0.674_489_75


def along_track_km(age_days: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Median and 90th centile (n,) of the error along the track of elements of this age (n,), before or after epoch.

    Linear between the middles of the measured bins, constant below the first, growing with the square of age beyond
    the last.
    """
    age = np.abs(age_days)
    beyond = np.maximum(1.0, age / _AGE_DAYS[-1]) ** 2
    return np.interp(age, _AGE_DAYS, _MEDIAN_KM) * beyond, np.interp(age, _AGE_DAYS, _P90_KM) * beyond


def timing_uncertainties_s(orbit: MeanElements | TabulatedEphemeris, horizon: Horizon, t_s: FloatArray) -> FloatArray:
    """One standard uncertainty (n,) of when the satellite comes by at `t_s` (n,) in the horizon's seconds.

    The median error along the track at the elements' age, as the standard deviation of a normal distribution with that
    median, over the speed of the measured orbits. 0 for design orbits, which belong to no object, and for operators'
    ephemerides, which say nothing of their error.
    """
    if not isinstance(orbit, MeanElements) or orbit.kind == "design":
        return np.zeros(t_s.shape)
    age_days = (t_s - horizon.seconds(orbit.epoch_utc)) / SECONDS_PER_DAY
    return along_track_km(age_days)[0] / (_MEDIAN_OF_NORMAL * _KM_PER_S)


def timing_uncertainty_s(orbit: MeanElements | TabulatedEphemeris, at_utc: datetime) -> float:
    """The same at one instant."""
    return float(timing_uncertainties_s(orbit, Horizon(start_utc=at_utc, days=1.0), np.zeros(1))[0])
