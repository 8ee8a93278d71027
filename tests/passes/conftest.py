"""The brute-force search, and the satellites and sites that the tests share."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import ModuleType
from typing import Any, cast

import pytest

from eagleplan.model import HorizonMask, MeanElements, Satellite, Site, TabulatedEphemeris
from eagleplan.orbit import keplerian_elements, sun_synchronous_elements

MakeSite = Callable[..., Site]
MakeSatellite = Callable[..., Satellite]

_START_UTC = datetime(2026, 6, 1, tzinfo=UTC)
_EPOCH_UTC = _START_UTC - timedelta(hours=12)


@pytest.fixture(scope="session")
def dense() -> ModuleType:
    """The module of the brute-force search."""
    spec = importlib.util.spec_from_file_location("dense_passes", Path(__file__).with_name("dense.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def start_utc() -> datetime:
    """Midnight, 12 hours after the epoch of every orbit in `orbits`."""
    return _START_UTC


@pytest.fixture(scope="session")
def make_site() -> MakeSite:
    """A site of which the search sees only what it needs: the receiver is left out."""

    def make(site_id: str = "graz", latitude_deg: float = 47.07, longitude_deg: float = 15.49, **fields: Any) -> Site:
        given: dict[str, Any] = {
            "name": site_id,
            "country": "AT",
            "altitude_m": 490.0,
            "aperture_m": 0.5,
            "status": "operational",
            "time_zone": "Europe/Vienna",
            "min_elevation_deg": 20.0,
            "max_sun_elevation_deg": -6.0,
            "p_clear_zenith_annual": 0.5,
            "receiver": cast(Any, None),
        }
        return Site(site_id=site_id, latitude_deg=latitude_deg, longitude_deg=longitude_deg, **(given | fields))

    return make


@pytest.fixture(scope="session")
def make_satellite() -> MakeSatellite:
    """A satellite of which the search sees only the orbit."""

    def make(orbit: MeanElements | TabulatedEphemeris, satellite_id: str = "sat") -> Satellite:
        nothing = cast(Any, None)
        return Satellite(satellite_id=satellite_id, name=satellite_id, orbit=orbit, terminal=nothing, source=nothing)

    return make


@pytest.fixture(scope="session")
def sso() -> MeanElements:
    """500 km, 22:30."""
    return sun_synchronous_elements(500.0, "22:30", _EPOCH_UTC)


def _high(
    motion: float, eccentricity: float, inclination_deg: float, perigee_deg: float, raan_deg: float
) -> MeanElements:
    return replace(
        keplerian_elements(20_000.0, inclination_deg, raan_deg, _EPOCH_UTC),
        mean_motion_rev_per_day=motion,
        eccentricity=eccentricity,
        arg_perigee_deg=perigee_deg,
    )


@pytest.fixture(scope="session")
def orbits(sso: MeanElements) -> dict[str, MeanElements]:
    """One orbit of every family."""
    return {
        "300 km": keplerian_elements(300.0, 97.0, 40.0, _EPOCH_UTC, eccentricity=0.0005),
        "500 km SSO": sso,
        "1500 km": keplerian_elements(1500.0, 80.0, 40.0, _EPOCH_UTC, eccentricity=0.001),
        "e 0.02": keplerian_elements(500.0, 51.6, 40.0, _EPOCH_UTC, eccentricity=0.02, arg_perigee_deg=30.0),
        "e 0.2": keplerian_elements(2200.0, 63.0, 40.0, _EPOCH_UTC, eccentricity=0.2),
        "equatorial": keplerian_elements(600.0, 0.5, 40.0, _EPOCH_UTC),
        "MEO": keplerian_elements(8000.0, 50.0, 40.0, _EPOCH_UTC, eccentricity=0.001),
        "Galileo": keplerian_elements(23_222.0, 56.0, 40.0, _EPOCH_UTC, eccentricity=0.0002),
        "Molniya": _high(2.00612, 0.74, 63.4, 270.0, 100.0),
        "Tundra": _high(1.00273, 0.27, 63.4, 270.0, 200.0),
        "GTO": _high(2.27, 0.73, 7.0, 180.0, 100.0),
        "GEO": _high(1.00273, 0.0003, 5.0, 0.0, 80.0),
    }


@pytest.fixture(scope="session")
def mask() -> HorizonMask:
    """A hill in the west, a tree in the north and a mast of one degree in the south-east."""
    points = [
        (0.0, 35.0), (20.0, 12.0), (100.0, 10.0), (139.5, 10.0), (140.0, 60.0), (140.5, 10.0), (230.0, 15.0),
        (270.0, 40.0), (310.0, 15.0), (345.0, 30.0),
    ]  # fmt: skip
    import numpy as np

    azimuth_deg, elevation_deg = np.array(points).T
    return HorizonMask(azimuth_deg=azimuth_deg, elevation_deg=elevation_deg)
