"""Design orbits: the altitude, the inclination and the local time that were asked for."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from eagleplan.errors import InputError
from eagleplan.model import Horizon
from eagleplan.orbit import keplerian_elements, orbit_summary, sun_synchronous_elements, walker
from eagleplan.orbit.design import node_rate_deg_per_day
from eagleplan.orbit.sgp4_orbit import teme_positions
from eagleplan.orbit.turn import mean_sun_deg

EPOCH_UTC = datetime(2026, 11, 29, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("altitude_km", "inclination_deg"), [(400.0, 97.03), (500.0, 97.40), (600.0, 97.79), (800.0, 98.60)]
)
def test_sun_synchronous_inclinations(altitude_km: float, inclination_deg: float) -> None:
    """Against the textbook values for circular orbits (Vallado, Fundamentals, table of Sun-synchronous orbits)."""
    elements = sun_synchronous_elements(altitude_km, "10:30", EPOCH_UTC)
    assert elements.inclination_deg == pytest.approx(inclination_deg, abs=0.02)
    assert elements.kind == "design"


@pytest.mark.parametrize("altitude_km", [350.0, 500.0, 1200.0])
@pytest.mark.parametrize("eccentricity", [0.0001, 0.001, 0.02])
def test_mean_altitude_of_the_propagated_orbit(altitude_km: float, eccentricity: float) -> None:
    elements = sun_synchronous_elements(altitude_km, "22:30", EPOCH_UTC, eccentricity=eccentricity)
    period_s = 86_400.0 / elements.mean_motion_rev_per_day
    t_s = np.linspace(0.0, 100.0 * period_s, 100_001)
    distance = np.linalg.norm(teme_positions(elements, Horizon(start_utc=EPOCH_UTC, days=30.0), t_s), axis=0)
    assert distance.mean() - 6378.137 == pytest.approx(altitude_km, abs=0.05 + 10.0 * eccentricity)
    assert orbit_summary(elements, EPOCH_UTC).altitude_km == pytest.approx(altitude_km, abs=1e-6)


@pytest.mark.parametrize("ltan", ["06:00", "10:30:30", "22:30", "00:05"])
def test_local_time_of_the_ascending_node_over_a_month(ltan: str) -> None:
    """From the propagated orbit itself: mean solar time where it crosses the equator northwards."""
    elements = sun_synchronous_elements(500.0, ltan, EPOCH_UTC)
    hours, minutes, *seconds = (int(part) for part in ltan.split(":"))
    wanted_h = hours + minutes / 60.0 + sum(seconds) / 3600.0
    for day in (0.0, 15.0, 30.0):
        start = EPOCH_UTC + timedelta(days=day)
        t_s = np.arange(0.0, 6_000.0, 1.0)
        x, y, z = teme_positions(elements, Horizon(start_utc=start, days=1.0), t_s)
        up = int(np.flatnonzero((z[:-1] < 0.0) & (z[1:] >= 0.0))[0])
        node_deg = np.degrees(np.arctan2(y[up], x[up]))
        local_h = 12.0 + (node_deg - mean_sun_deg(start + timedelta(seconds=up))) / 15.0
        assert abs((local_h - wanted_h + 12.0) % 24.0 - 12.0) * 3600.0 < 15.0


def test_node_of_a_sun_synchronous_orbit_goes_round_in_a_year() -> None:
    elements = sun_synchronous_elements(600.0, "10:30", EPOCH_UTC)
    assert node_rate_deg_per_day(elements) * 365.242_19 == pytest.approx(360.0, abs=1e-4)
    assert orbit_summary(elements, EPOCH_UTC).ltan_drift_s_per_month == pytest.approx(0.0, abs=1e-3)


def test_walker_is_a_delta_pattern() -> None:
    """i:t/p/f = 53°:24/6/1 (Walker 1984): planes 60° apart, satellites 90° apart, phase 15° between planes."""
    satellites = walker(1200.0, 53.0, 24, 6, 1, EPOCH_UTC, raan_deg=5.0)
    assert len({s.name for s in satellites}) == 24
    raan = np.array([s.raan_deg for s in satellites]).reshape(6, 4)
    anomaly = np.array([s.mean_anomaly_deg for s in satellites]).reshape(6, 4)
    assert (raan == raan[:, :1]).all()
    assert raan[:, 0] == pytest.approx(5.0 + 60.0 * np.arange(6))
    assert (np.diff(anomaly, axis=1) % 360.0) == pytest.approx(np.full((6, 3), 90.0))
    assert (np.diff(anomaly[:, 0]) % 360.0) == pytest.approx(np.full(5, 15.0))


def test_impossible_orbits_are_refused() -> None:
    with pytest.raises(InputError, match="must look like 22:30"):
        sun_synchronous_elements(500.0, "25:00", EPOCH_UTC)
    with pytest.raises(InputError, match="no Sun-synchronous orbit"):
        sun_synchronous_elements(7000.0, "10:30", EPOCH_UTC)
    with pytest.raises(InputError, match="eccentricity"):
        keplerian_elements(500.0, 50.0, 0.0, EPOCH_UTC, eccentricity=1.0)
    with pytest.raises(InputError, match="perigee must be above the ground"):
        keplerian_elements(500.0, 50.0, 0.0, EPOCH_UTC, eccentricity=0.2)
    with pytest.raises(InputError, match="multiple of the number of planes"):
        walker(500.0, 50.0, 10, 3, 0, EPOCH_UTC)
    with pytest.raises(InputError, match="phasing"):
        walker(500.0, 50.0, 9, 3, 3, EPOCH_UTC)
