"""Apparent Sun and Moon without an ephemeris file.

The Sun from the Earth's heliocentric place (SOFA `epv00`), the Moon from `moon98` (Meeus 1998), as seen a
light time ago, which to first order is all of aberration; precession and nutation IAU 2000B. The series are
evaluated once a day and interpolated with the polynomials that satellites use. Against DE421 the Sun is
within 0.001° and the Moon within 0.003°.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from eagleplan.model import Horizon
from eagleplan.orbit import interpolant
from eagleplan.orbit.earth_orientation import mjd_utc
from eagleplan.orbit.frame import itrf_from_teme
from eagleplan.orbit.turn import earth_turn, tt_minus_utc_s
from eagleplan.units import AU_KM, SECONDS_PER_DAY, SPEED_OF_LIGHT_KM_S, FloatArray

_MJD_ZERO_JD = 2_400_000.5
_STEP_S = SECONDS_PER_DAY


@dataclass(frozen=True, slots=True, kw_only=True)
class SunMoon:
    """The two bodies over a horizon: polynomials (3, 7, n) of their places in TEME, in km, one cell a day."""

    horizon: Horizon
    sun: FloatArray
    moon: FloatArray

    def sun_itrf_km(self, t_s: FloatArray) -> FloatArray:
        """Earth-fixed place (3, n) of the Sun as seen from the Earth's centre at `t_s` (n,)."""
        return itrf_from_teme(earth_turn(self.horizon, t_s), self._teme(self.sun, t_s))

    def moon_itrf_km(self, t_s: FloatArray) -> FloatArray:
        """Earth-fixed place (3, n) of the Moon as seen from the Earth's centre at `t_s` (n,)."""
        return itrf_from_teme(earth_turn(self.horizon, t_s), self._teme(self.moon, t_s))

    def sun_and_moon_itrf_km(self, t_s: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Both, for the price of one turn of the Earth."""
        turn = earth_turn(self.horizon, t_s)
        return (
            itrf_from_teme(turn, self._teme(self.sun, t_s)),
            itrf_from_teme(turn, self._teme(self.moon, t_s)),
        )

    @staticmethod
    def _teme(coefficients: FloatArray, t_s: FloatArray) -> FloatArray:
        at = t_s / _STEP_S
        cell = np.clip(at.astype(np.intp), 0, coefficients.shape[2] - 1)
        return interpolant.value(np.take(coefficients, cell, axis=2), 2.0 * (at - cell) - 1.0)


def sun_moon(horizon: Horizon) -> SunMoon:
    """The Sun and the Moon over `horizon`."""
    n_cells = math.ceil(horizon.days) + 1
    t_s = (np.arange(n_cells + interpolant.SAMPLES_AROUND - 1) - interpolant.SAMPLES_BEFORE) * _STEP_S
    sun, moon = _teme_places(horizon, t_s.astype(np.float64))
    return SunMoon(horizon=horizon, sun=interpolant.cell_coefficients(sun), moon=interpolant.cell_coefficients(moon))


def _teme_places(horizon: Horizon, t_s: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Apparent geocentric places (3, n) of the Sun and the Moon in TEME, in km."""
    import erfa

    mjd = mjd_utc(horizon) + t_s / SECONDS_PER_DAY
    tt = mjd + tt_minus_utc_s(horizon, t_s) / SECONDS_PER_DAY
    heliocentric, _ = erfa.epv00(_MJD_ZERO_JD, tt)
    # Vectors of the celestial frame, turned to the true equator and equinox of date, then from the true
    # equinox to the mean one of TEME; UTC is near enough to UT1 for the difference of the two sidereal
    # times.
    to_date = erfa.pnm00b(_MJD_ZERO_JD, tt)
    equinoxes = erfa.gst00b(_MJD_ZERO_JD, mjd) - erfa.gmst82(_MJD_ZERO_JD, mjd)
    cos, sin = np.cos(equinoxes), np.sin(equinoxes)

    def teme(position: FloatArray, velocity: FloatArray) -> FloatArray:
        light_time_d = np.linalg.norm(position, axis=-1) * (AU_KM / SPEED_OF_LIGHT_KM_S / SECONDS_PER_DAY)
        seen = position - velocity * light_time_d[:, None]
        x, y, z = np.einsum("nij,nj->in", to_date, seen) * AU_KM
        return np.stack((cos * x + sin * y, cos * y - sin * x, z))

    moon = erfa.moon98(_MJD_ZERO_JD, tt)
    return teme(-heliocentric["p"], -heliocentric["v"]), teme(moon["p"], moon["v"])
