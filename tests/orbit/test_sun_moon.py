"""The Sun and the Moon against skyfield with DE421."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest
from skyfield.api import load, load_file, wgs84
from skyfield_data import get_skyfield_data_path

from eagleplan.model import Horizon
from eagleplan.orbit.places import place_vectors
from eagleplan.orbit.sun_moon import sun_moon
from eagleplan.passes.look import look

TOLERANCE_DEG = 0.01
PLACE = (48.2, 16.4, 200.0)


@pytest.fixture(scope="module")
def ephemeris() -> Iterator[Any]:
    with warnings.catch_warnings():
        # It has a table of Earth orientation too, which ages and is not used here.
        warnings.simplefilter("ignore", RuntimeWarning)
        path = get_skyfield_data_path()
    kernel = load_file(f"{path}/de421.bsp")
    yield kernel
    kernel.close()


@pytest.mark.parametrize("year", [2016, 2026, 2035])
def test_directions_over_a_year_are_de421s(year: int, ephemeris: Any) -> None:
    timescale = load.timescale(builtin=True)
    horizon = Horizon(start_utc=datetime(year, 1, 1, tzinfo=UTC), days=365.0)
    t_s = np.sort(np.random.default_rng(year).uniform(0.0, horizon.duration_s, 400))
    instants = timescale.from_datetimes([horizon.utc(t) for t in t_s])
    observer = ephemeris["earth"] + wgs84.latlon(*PLACE)
    vectors = place_vectors(*(np.array([value]) for value in PLACE))
    bodies = sun_moon(horizon)
    ours = dict(zip(("sun", "moon"), bodies.sun_and_moon_itrf_km(t_s), strict=True))
    assert ours["sun"] == pytest.approx(bodies.sun_itrf_km(t_s))
    assert ours["moon"] == pytest.approx(bodies.moon_itrf_km(t_s))
    for name, place_km in ours.items():
        altitude, azimuth, distance = observer.at(instants).observe(ephemeris[name]).apparent().altaz()
        seen = look(vectors, np.zeros(len(t_s), dtype=np.intp), place_km)
        assert np.abs(seen.elevation_deg - altitude.degrees).max() < TOLERANCE_DEG
        beside = (seen.azimuth_deg - azimuth.degrees + 180.0) % 360.0 - 180.0
        assert np.abs(beside * np.cos(np.radians(altitude.degrees))).max() < TOLERANCE_DEG
        assert seen.range_km == pytest.approx(distance.km, rel=1e-3)
