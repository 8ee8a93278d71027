"""From the celestial frames (GCRF, EME2000) to the Earth-fixed one (ITRF), by the IAU 2006/2000A models."""

from __future__ import annotations

import math

import numpy as np

from eagleplan.model import Horizon
from eagleplan.orbit import interpolant
from eagleplan.orbit.earth_orientation import mjd_utc
from eagleplan.orbit.turn import earth_rotation_angle_rad, pole_rad, tt_minus_utc_s
from eagleplan.units import SECONDS_PER_DAY, FloatArray

_MJD_ZERO_JD = 2_400_000.5
_STEP_S = SECONDS_PER_DAY / 4.0


def itrf_from_gcrf(horizon: Horizon, t_s: FloatArray, position: FloatArray) -> FloatArray:
    """Earth-fixed positions (3, n) of positions (3, n) in GCRF at `t_s` (n,), by the celestial intermediate
    pole.

    The pole's place (X, Y, s) changes slowly: it is computed four times a day and interpolated.
    """
    import erfa

    first = math.floor(float(t_s.min()) / _STEP_S)
    n_cells = math.floor(float(t_s.max()) / _STEP_S) + 1 - first
    grid = first - interpolant.SAMPLES_BEFORE + np.arange(n_cells + interpolant.SAMPLES_AROUND - 1)
    grid_s: FloatArray = grid.astype(np.float64) * _STEP_S
    tt = mjd_utc(horizon) + (grid_s + tt_minus_utc_s(horizon, grid_s)) / SECONDS_PER_DAY
    cells = interpolant.cell_coefficients(np.stack(erfa.xys06a(_MJD_ZERO_JD, tt)))
    at = t_s / _STEP_S - first
    cell = np.clip(at.astype(np.intp), 0, n_cells - 1)
    x, y, s = interpolant.value(np.take(cells, cell, axis=2), 2.0 * (at - cell) - 1.0)
    intermediate = np.einsum("nij,jn->in", erfa.c2ixys(x, y, s), position)
    angle = earth_rotation_angle_rad(horizon, t_s)
    cos, sin = np.cos(angle), np.sin(angle)
    turned = np.stack(
        (
            cos * intermediate[0] + sin * intermediate[1],
            cos * intermediate[1] - sin * intermediate[0],
            intermediate[2],
        )
    )
    # The locator s' of the terrestrial origin is 50 µas a century: 0.4 mm in orbit by 2026.
    to_fixed = erfa.pom00(*pole_rad(horizon, t_s), erfa.sp00(_MJD_ZERO_JD, mjd_utc(horizon)))
    return np.asarray(np.einsum("nij,jn->in", to_fixed, turned), dtype=np.float64)


def itrf_from_eme2000(horizon: Horizon, t_s: FloatArray, position: FloatArray) -> FloatArray:
    """Earth-fixed positions (3, n) of positions (3, n) in the mean equator and equinox of J2000."""
    import erfa

    bias, _, _ = erfa.bp06(_MJD_ZERO_JD, 51_544.5)
    return itrf_from_gcrf(horizon, t_s, bias.T @ position)
