"""The Earth's attitude at instants of a horizon: sidereal time and the pole."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np

from eagleplan.model import Horizon
from eagleplan.orbit.earth_orientation import EarthOrientation, earth_orientation
from eagleplan.units import SECONDS_PER_DAY, FloatArray

EARTH_RATE_RAD_S = 7.292_115e-5
"""WGS84 (NIMA TR8350.2)."""

_TT_MINUS_TAI_S = 32.184
_J2000_UTC = datetime(2000, 1, 1, 12, tzinfo=UTC)
_MJD_J2000 = 51_544.5
_TURN_RAD = 2.0 * np.pi


@dataclass(frozen=True, slots=True, kw_only=True)
class EarthTurn:
    """The Earth's attitude at instants (n,): Greenwich mean sidereal angle as cosine and sine, and the pole
    in rad.
    """

    cos_gmst: FloatArray
    sin_gmst: FloatArray
    pole_x_rad: FloatArray
    pole_y_rad: FloatArray


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rows:
    """Where instants (n,) lie in the table: the row at or before, and how far they are on the way to the
    next.

    Instants are `whole_days` and `utc_d` (n,) days of UTC after J2000: two parts, so that no digits are
    lost.
    """

    table: EarthOrientation
    whole_days: float
    utc_d: FloatArray
    left: np.ndarray
    weight: FloatArray

    def between(self, values: FloatArray) -> FloatArray:
        """Values of the table, linear between days."""
        before = values[self.left]
        return np.asarray(before + self.weight * (values[self.left + 1] - before), dtype=np.float64)

    def tai_minus_utc_s(self) -> FloatArray:
        """Whole seconds, which hold through a day."""
        row = np.minimum(self.left + (self.weight >= 1.0), len(self.table.mjd) - 1)
        return np.asarray(self.table.tai_minus_utc_s[row], dtype=np.float64)

    def ut1_minus_utc_s(self) -> FloatArray:
        """UT1 − UTC, which jumps where UTC does."""
        return self.between(self.table.ut1_minus_tai_s) + self.tai_minus_utc_s()

    def ut1_d(self) -> FloatArray:
        """Days of UT1 after J2000, less `whole_days`."""
        return self.utc_d + self.ut1_minus_utc_s() / SECONDS_PER_DAY


def _rows(horizon: Horizon, t_s: FloatArray) -> _Rows:
    """Outside the table its nearest values are held."""
    table = earth_orientation()
    elapsed = horizon.start_utc - _J2000_UTC
    day, part = float(elapsed.days), (elapsed.seconds + elapsed.microseconds * 1e-6) / SECONDS_PER_DAY
    utc_d = part + t_s / SECONDS_PER_DAY
    row = np.clip(utc_d + (_MJD_J2000 + day - table.mjd[0]), 0.0, len(table.mjd) - 1.0)
    left = np.minimum(row.astype(np.intp), len(table.mjd) - 2)
    return _Rows(table=table, whole_days=day, utc_d=utc_d, left=left, weight=row - left)


def earth_turn(horizon: Horizon, t_s: FloatArray) -> EarthTurn:
    """The Earth's attitude at `t_s` (n,) seconds after the horizon's start, for vectors in TEME."""
    rows = _rows(horizon, t_s)
    angle = _gmst82_rad(rows.whole_days, rows.ut1_d())
    return EarthTurn(
        cos_gmst=np.cos(angle),
        sin_gmst=np.sin(angle),
        pole_x_rad=rows.between(rows.table.pole_x_rad),
        pole_y_rad=rows.between(rows.table.pole_y_rad),
    )


def _gmst82_rad(day: float, ut1_d: FloatArray) -> FloatArray:
    """GMST (IAU 1982: Aoki et al. 1982, A&A 105:359), which defines TEME, `day` + `ut1_d` days of UT1 after J2000."""
    century = (day + ut1_d) / 36_525.0
    # The turns of UT1 itself only matter in part; `day` is whole.
    seconds = 67_310.548_41 + century * (8_640_184.812_866 + century * (0.093_104 - century * 6.2e-6))
    return np.asarray(_TURN_RAD * np.mod(seconds / SECONDS_PER_DAY + ut1_d, 1.0), dtype=np.float64)


def earth_rotation_angle_rad(horizon: Horizon, t_s: FloatArray) -> FloatArray:
    """Earth rotation angle (n,) (Capitaine et al. 2000), for vectors in the celestial intermediate frame."""
    rows = _rows(horizon, t_s)
    ut1_d = rows.ut1_d()
    turns = 0.779_057_273_264_0 + 0.002_737_811_911_354_48 * (rows.whole_days + ut1_d) + ut1_d
    return np.asarray(_TURN_RAD * np.mod(turns, 1.0), dtype=np.float64)


def pole_rad(horizon: Horizon, t_s: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Polar motion x and y (n,)."""
    rows = _rows(horizon, t_s)
    return rows.between(rows.table.pole_x_rad), rows.between(rows.table.pole_y_rad)


def ut1_minus_utc_s(horizon: Horizon, t_s: FloatArray) -> FloatArray:
    """UT1 minus UTC (n,)."""
    return _rows(horizon, t_s).ut1_minus_utc_s()


def tt_minus_utc_s(horizon: Horizon, t_s: FloatArray) -> FloatArray:
    """Terrestrial time minus UTC (n,)."""
    return _rows(horizon, t_s).tai_minus_utc_s() + _TT_MINUS_TAI_S


def mean_sun_deg(at_utc: datetime) -> float:
    """Right ascension of the mean Sun in TEME: sidereal time is its hour angle and 12 hours more (Aoki et
    al. 1982).
    """
    rows = _rows(Horizon(start_utc=at_utc, days=1.0), np.zeros(1))
    ut1_d = rows.ut1_d()
    return float((np.degrees(_gmst82_rad(rows.whole_days, ut1_d))[0] - 360.0 * ut1_d[0]) % 360.0)
