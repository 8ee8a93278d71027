"""The cellar: constants with their sources and the few unit conversions that the rooms share."""

from __future__ import annotations

from typing import overload

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]

SECONDS_PER_DAY = 86_400.0
SECONDS_PER_WEEK = 604_800.0

SPEED_OF_LIGHT_KM_S = 299_792.458
"""Exact, SI."""

PLANCK_J_S = 6.626_070_15e-34
"""Exact, SI 2019."""

EARTH_EQUATORIAL_RADIUS_KM = 6378.137
"""WGS84 semi-major axis (NIMA TR8350.2)."""

EARTH_FLATTENING = 1.0 / 298.257_223_563
"""WGS84 flattening (NIMA TR8350.2)."""

AU_KM = 149_597_870.7
"""Astronomical unit, exact (IAU 2012 B2)."""

SUN_RADIUS_KM = 695_700.0
"""Nominal solar radius (IAU 2015 B3)."""


@overload
def frac_from_db(loss_db: float) -> float: ...
@overload
def frac_from_db(loss_db: FloatArray) -> FloatArray: ...
def frac_from_db(loss_db: float | FloatArray) -> float | FloatArray:
    """Transmittance of a loss in (positive) dB."""
    transmittance: float | FloatArray = 10.0 ** (-loss_db / 10.0)
    return transmittance


def db_from_frac(transmittance_frac: FloatArray | float) -> FloatArray:
    """Loss in (positive) dB of a transmittance; a transmittance of 0 is an infinite loss."""
    with np.errstate(divide="ignore"):
        return -10.0 * np.log10(np.asarray(transmittance_frac, dtype=np.float64))


def read_only(values: npt.ArrayLike) -> FloatArray:
    """A float64 copy of `values` that refuses to be written to."""
    array = np.array(values, dtype=np.float64)
    array.flags.writeable = False
    return array
