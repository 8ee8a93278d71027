"""Between the frame of SGP4 (TEME) and the Earth-fixed frame (ITRF)."""

from __future__ import annotations

import numpy as np

from eagleplan.orbit.turn import EarthTurn
from eagleplan.units import FloatArray


def itrf_from_teme(turn: EarthTurn, position: FloatArray) -> FloatArray:
    """Earth-fixed positions (3, n) of positions (3, n) in TEME, in the same unit."""
    x, y, z = position
    east = turn.cos_gmst * x + turn.sin_gmst * y
    north = turn.cos_gmst * y - turn.sin_gmst * x
    fixed = np.empty_like(position)
    # Polar motion to first order: the second is 1e-12 of the radius.
    fixed[0] = east + turn.pole_x_rad * z
    fixed[1] = north - turn.pole_y_rad * z
    fixed[2] = z - turn.pole_x_rad * east + turn.pole_y_rad * north
    return fixed


def teme_from_itrf(turn: EarthTurn, position: FloatArray) -> FloatArray:
    """Positions (3, n) in TEME of Earth-fixed positions (3, n): the inverse of `itrf_from_teme` to 1e-12."""
    x, y, z = position
    east = x - turn.pole_x_rad * z
    north = y + turn.pole_y_rad * z
    inertial = np.empty_like(position)
    inertial[0] = turn.cos_gmst * east - turn.sin_gmst * north
    inertial[1] = turn.sin_gmst * east + turn.cos_gmst * north
    inertial[2] = z + turn.pole_x_rad * x - turn.pole_y_rad * y
    return inertial
