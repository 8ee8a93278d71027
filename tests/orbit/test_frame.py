"""The Earth-fixed frame against astropy, and what happens where the table of UT1 and the pole ends."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import astropy.units as u
import erfa
import numpy as np
import pytest
from astropy.coordinates import GCRS, ITRS, TEME, CartesianRepresentation, EarthLocation
from astropy.table import QTable
from astropy.time import Time
from astropy.utils import iers

from eagleplan.model import Horizon
from eagleplan.orbit.celestial import itrf_from_eme2000, itrf_from_gcrf
from eagleplan.orbit.earth_orientation import (
    earth_orientation,
    earth_orientation_notices,
    earth_orientation_source,
)
from eagleplan.orbit.frame import itrf_from_teme, teme_from_itrf
from eagleplan.orbit.places import place_vectors
from eagleplan.orbit.turn import earth_turn, mean_sun_deg

ONE_MM_KM = 1e-6
STARTS = [datetime(2003, 3, 1, tzinfo=UTC), datetime(2016, 12, 30, tzinfo=UTC), datetime(2026, 6, 1, tzinfo=UTC)]


@pytest.fixture(autouse=True, scope="module")
def _our_earth_orientation() -> Iterator[None]:
    """astropy with the packaged table, so that frames are compared and not editions of a table."""
    table = earth_orientation()
    columns = QTable()
    columns["MJD"] = table.mjd * u.d
    columns["UT1_UTC"] = (table.ut1_minus_tai_s + table.tai_minus_utc_s) * u.s
    columns["PM_x"] = table.pole_x_rad * u.rad
    columns["PM_y"] = table.pole_y_rad * u.rad
    columns["dX_2000A"] = columns["dY_2000A"] = np.zeros(len(table.mjd)) * u.marcsec
    with iers.conf.set_temp("auto_download", False), iers.earth_orientation_table.set(iers.IERS(columns)):
        yield


def _instants(horizon: Horizon) -> tuple[np.ndarray, Time]:
    t_s = np.sort(np.random.default_rng(5).uniform(0.0, horizon.duration_s, 100))
    return t_s, Time([horizon.utc(t) for t in t_s], scale="utc")


def _positions(count: int) -> np.ndarray:
    directions = np.random.default_rng(6).normal(size=(3, count))
    return directions / np.linalg.norm(directions, axis=0) * np.linspace(6700.0, 42_000.0, count)


@pytest.mark.parametrize("start", STARTS)
def test_teme_is_astropys_within_a_millimetre(start: datetime) -> None:
    horizon = Horizon(start_utc=start, days=1.9)
    t_s, instants = _instants(horizon)
    # The horizon's microseconds are astropy's too: compare at the instants that datetime holds.
    t_s = np.array([horizon.seconds(instant) for instant in instants.to_datetime(timezone=UTC)])
    position = _positions(len(t_s))
    theirs = TEME(CartesianRepresentation(position * u.km), obstime=instants).transform_to(ITRS(obstime=instants))
    turn = earth_turn(horizon, t_s)
    ours = itrf_from_teme(turn, position)
    assert np.abs(ours - theirs.cartesian.xyz.to_value(u.km)).max() < ONE_MM_KM
    assert np.abs(teme_from_itrf(turn, ours) - position).max() < ONE_MM_KM


@pytest.mark.parametrize("start", STARTS)
def test_gcrf_is_astropys_within_a_millimetre(start: datetime) -> None:
    horizon = Horizon(start_utc=start, days=1.9)
    _, instants = _instants(horizon)
    t_s = np.array([horizon.seconds(instant) for instant in instants.to_datetime(timezone=UTC)])
    position = _positions(len(t_s))
    theirs = GCRS(CartesianRepresentation(position * u.km), obstime=instants).transform_to(ITRS(obstime=instants))
    ours = itrf_from_gcrf(horizon, t_s, position)
    assert np.abs(ours - theirs.cartesian.xyz.to_value(u.km)).max() < ONE_MM_KM


def test_eme2000_differs_from_gcrf_by_the_frame_bias() -> None:
    horizon = Horizon(start_utc=STARTS[2], days=1.0)
    t_s = np.linspace(0.0, 86_400.0, 20)
    position = _positions(20)
    # IERS Conventions (2010) 5.4.4: the GCRF pole and origin in the mean frame of J2000, in milliarcseconds.
    milliarcsecond = np.pi / 648_000_000.0
    d_alpha, xi, eta = (value * milliarcsecond for value in (-14.6, -16.6170, -6.8192))
    bias = np.array([[1.0, d_alpha, -xi], [-d_alpha, 1.0, -eta], [xi, eta, 1.0]])
    theirs = itrf_from_gcrf(horizon, t_s, bias.T @ position)
    assert np.abs(itrf_from_eme2000(horizon, t_s, position) - theirs).max() < 1e-6
    assert np.abs(itrf_from_gcrf(horizon, t_s, position) - theirs).max() > 1e-4


def test_places_are_astropys() -> None:
    latitude, longitude = np.array([48.1, -90.0, 0.0, -33.3]), np.array([11.3, 0.0, 180.0, -70.6])
    height = np.array([580.0, 2800.0, -50.0, 430.0])
    theirs = EarthLocation.from_geodetic(longitude * u.deg, latitude * u.deg, height * u.m)
    ours = place_vectors(latitude, longitude, height)
    assert np.abs(ours.position_km - np.stack([c.to_value(u.km) for c in theirs.geocentric])).max() < 1e-9
    for first, second in ((ours.up, ours.east), (ours.east, ours.north), (ours.north, ours.up)):
        assert np.abs((first * second).sum(axis=0)).max() < 1e-15
    assert np.cross(ours.east, ours.north, axis=0) == pytest.approx(ours.up)


def test_a_leap_second_leaves_no_jump() -> None:
    """UT1 − UTC jumps by a second at 2017-01-01; the Earth does not."""
    horizon = Horizon(start_utc=datetime(2016, 12, 31, 23, 50, tzinfo=UTC), days=0.02)
    before, after = (earth_turn(horizon, np.array([t_s])) for t_s in (599.999, 600.001))
    angles = [np.arctan2(turn.sin_gmst, turn.cos_gmst)[0] for turn in (before, after)]
    # UTC counts the leap second, seconds since the horizon's start do not: the Earth turns on through it.
    assert (angles[1] - angles[0]) % (2.0 * np.pi) == pytest.approx(1.002 * 7.292e-5, rel=1e-3)


def test_known_values_of_the_table() -> None:
    """2010-01-01, from IERS Bulletin B 264 and EOP C04: x 0.0987", y 0.1935", UT1 − UTC 0.1140 s."""
    table = earth_orientation()
    row = int(55_197 - table.mjd[0])
    arcsecond = np.pi / 648_000.0
    assert table.pole_x_rad[row] / arcsecond == pytest.approx(0.0987, abs=1e-3)
    assert table.pole_y_rad[row] / arcsecond == pytest.approx(0.1935, abs=1e-3)
    assert table.ut1_minus_tai_s[row] + 34.0 == pytest.approx(0.1140, abs=1e-3)
    assert table.tai_minus_utc_s[row] == 34.0
    assert set(earth_orientation_source()) == {
        "earth_orientation_source", "earth_orientation_predicted_from", "earth_orientation_ends",
    }  # fmt: skip


@pytest.mark.parametrize("start", [datetime(1985, 1, 1, tzinfo=UTC), datetime(2040, 1, 1, tzinfo=UTC)])
def test_outside_the_table_values_are_held_and_a_notice_says_so(start: datetime) -> None:
    horizon = Horizon(start_utc=start, days=3.0)
    (notice,) = earth_orientation_notices(horizon)
    assert notice.notice_id == "W-EARTH-ORIENTATION"
    assert earth_orientation_source()["earth_orientation_ends"] in notice.message
    table = earth_orientation()
    end = 0 if start.year < 2000 else -1
    assert earth_turn(horizon, np.array([0.0, 2e5])).pole_x_rad == pytest.approx(table.pole_x_rad[end])


def test_within_the_table_there_is_no_notice() -> None:
    assert earth_orientation_notices(Horizon(start_utc=STARTS[2], days=30.0)) == ()


@pytest.mark.parametrize("start", STARTS)
def test_mean_sun(start: datetime) -> None:
    """The mean Sun is within the equation of time (16.5 minutes, 4.2°) of the true one."""
    heliocentric, _ = erfa.epv00(2_400_000.5, Time(start).tt.mjd)
    x, y, _ = erfa.pnm06a(2_400_000.5, Time(start).tt.mjd) @ -heliocentric["p"]
    apart_deg = (mean_sun_deg(start) - np.degrees(np.arctan2(y, x)) + 180.0) % 360.0 - 180.0
    assert abs(apart_deg) < 4.2
    day_later = mean_sun_deg(start + timedelta(days=1)) - mean_sun_deg(start)
    assert day_later % 360.0 == pytest.approx(0.98565, abs=2e-5)
