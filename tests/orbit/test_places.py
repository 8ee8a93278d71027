"""Places on the ellipsoid against astropy's."""

from __future__ import annotations

import numpy as np
import pytest
from astropy import units
from astropy.coordinates import EarthLocation

from eagleplan.orbit.places import geodetic, place_vectors


def test_geodetic_coordinates_are_astropys() -> None:
    rng = np.random.default_rng(5)
    direction = rng.normal(size=(3, 200))
    position = direction / np.linalg.norm(direction, axis=0) * rng.uniform(6400.0, 45_000.0, 200)
    longitude, latitude, height = geodetic(position)
    place = EarthLocation.from_geocentric(*position, unit=units.km)
    assert longitude == pytest.approx(place.lon.deg, abs=1e-9)
    assert latitude == pytest.approx(place.lat.deg, abs=1e-8)
    assert height == pytest.approx(place.height.to_value(units.km), abs=1e-6)


def test_geodetic_undoes_place_vectors() -> None:
    rng = np.random.default_rng(6)
    latitude, longitude = rng.uniform(-90.0, 90.0, 200), rng.uniform(-180.0, 180.0, 200)
    altitude_m = rng.uniform(-400.0, 4e7, 200)
    back = geodetic(place_vectors(latitude, longitude, altitude_m).position_km)
    for ours, right in zip(back, (longitude, latitude, altitude_m * 1e-3), strict=True):
        assert ours == pytest.approx(right, abs=1e-8)
