"""How the Earth is turned: UT1 and polar motion from the packaged IERS table."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from eagleplan.model import Horizon, Notice
from eagleplan.resources import data_path
from eagleplan.units import SECONDS_PER_DAY, FloatArray

_ARCSEC_RAD = np.pi / 648_000.0


@dataclass(frozen=True, slots=True, kw_only=True)
class EarthOrientation:
    """One row per day at 0 h UTC, `mjd` (n,). UT1 − TAI is continuous across leap seconds, UT1 − UTC is not."""

    mjd: FloatArray
    pole_x_rad: FloatArray
    pole_y_rad: FloatArray
    ut1_minus_tai_s: FloatArray
    tai_minus_utc_s: FloatArray


@lru_cache(maxsize=1)
def earth_orientation() -> EarthOrientation:
    """The packaged table (`tools/make_earth_orientation.py` makes it), read once."""
    table = np.load(data_path("earth_orientation.npy"))
    tai_minus_utc_s = table[:, 4].astype(np.float64)
    return EarthOrientation(
        mjd=table[:, 0].astype(np.float64),
        pole_x_rad=table[:, 1] * (1e-6 * _ARCSEC_RAD),
        pole_y_rad=table[:, 2] * (1e-6 * _ARCSEC_RAD),
        ut1_minus_tai_s=table[:, 3] * 1e-7 - tai_minus_utc_s,
        tai_minus_utc_s=tai_minus_utc_s,
    )


def earth_orientation_source() -> dict[str, str]:
    """What the table was made from, its first predicted day and its last, for the stamp of a plan."""
    import tomllib

    with data_path("earth_orientation.toml").open("rb") as file:
        facts = tomllib.load(file)
    return {
        "earth_orientation_source": str(facts["source"]),
        "earth_orientation_predicted_from": _date(facts["first_predicted_mjd"]),
        "earth_orientation_ends": _date(facts["last_mjd"]),
    }


def earth_orientation_notices(horizon: Horizon) -> tuple[Notice, ...]:
    """A `W-EARTH-ORIENTATION` for a horizon that leaves the table, where the nearest value is held."""
    table = earth_orientation()
    first, last = float(table.mjd[0]), float(table.mjd[-1])
    start = mjd_utc(horizon)
    if first <= start and start + horizon.days <= last:
        return ()
    return (
        Notice(
            notice_id="W-EARTH-ORIENTATION",
            subject="earth-orientation",
            message=(
                f"the Earth-orientation table covers {_date(first)} to {_date(last)}; outside it the nearest "
                "values are held: up to 0.5 s of UT1 a year, 0.25 km on the ground"
            ),
        ),
    )


def mjd_utc(horizon: Horizon) -> float:
    """Modified Julian Date (UTC) of the horizon's start."""
    from datetime import UTC, datetime

    elapsed = horizon.start_utc - datetime(1858, 11, 17, tzinfo=UTC)
    return elapsed.days + (elapsed.seconds + elapsed.microseconds * 1e-6) / SECONDS_PER_DAY


def _date(mjd: float) -> str:
    from datetime import date, timedelta

    return (date(1858, 11, 17) + timedelta(days=int(mjd))).isoformat()
