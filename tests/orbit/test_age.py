"""How uncertain old elements are, and the summary that says so."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eagleplan.model import Horizon
from eagleplan.orbit import keplerian_elements, orbit_summary, sun_synchronous_elements
from eagleplan.orbit.age import along_track_km, timing_uncertainties_s, timing_uncertainty_s

EPOCH_UTC = datetime(2026, 6, 1, tzinfo=UTC)
CATALOGUED = replace(keplerian_elements(500.0, 97.4, 0.0, EPOCH_UTC), kind="omm")


@pytest.mark.parametrize(
    ("age_days", "median_km", "p90_km"), [(1.5, 0.61, 2.4), (3.5, 2.1, 10.0), (5.6, 6.9, 27.0), (0.0, 0.12, 0.42)]
)
def test_the_measured_bins(age_days: float, median_km: float, p90_km: float) -> None:
    median, p90 = along_track_km(np.array([age_days, -age_days]))
    assert median == pytest.approx([median_km, median_km])
    assert p90 == pytest.approx([p90_km, p90_km])


@given(st.floats(0.0, 60.0), st.floats(0.0, 60.0))
def test_older_is_never_better(one: float, other: float) -> None:
    for error in along_track_km(np.array(sorted((one, other)))):
        assert error[0] <= error[1]


def test_beyond_the_bins_the_error_grows_with_the_square() -> None:
    median, _ = along_track_km(np.array([5.6, 11.2]))
    assert median[1] == pytest.approx(4.0 * median[0])


def test_seconds_of_a_catalogued_orbit() -> None:
    """0.91 s median after 5 to 6.2 days; a normal distribution with that median has a deviation of 1.35 s."""
    later = Horizon(start_utc=EPOCH_UTC + timedelta(days=5.0), days=7.0)
    assert timing_uncertainties_s(CATALOGUED, later, np.array([51_840.0])) == pytest.approx(1.35, abs=0.02)
    assert timing_uncertainty_s(CATALOGUED, EPOCH_UTC + timedelta(days=5.6)) == pytest.approx(1.35, abs=0.02)


def test_a_design_orbit_belongs_to_no_object() -> None:
    design = sun_synchronous_elements(500.0, "22:30", EPOCH_UTC)
    horizon = Horizon(start_utc=EPOCH_UTC, days=7.0)
    assert (timing_uncertainties_s(design, horizon, np.linspace(0.0, 6e5, 5)) == 0.0).all()
    assert orbit_summary(design, EPOCH_UTC).along_track_median_km is None


def test_summary_of_a_catalogued_orbit() -> None:
    """TERRASAR-X, 11-day repeat of 167 revolutions at 514 km, dusk-dawn (DLR mission pages)."""
    terrasar = replace(
        CATALOGUED, mean_motion_rev_per_day=15.19146801, eccentricity=0.000163, inclination_deg=97.4448,
        raan_deg=172.0669, arg_perigee_deg=86.5072, mean_anomaly_deg=273.6349,
        epoch_utc=datetime(2026, 6, 13, 7, 19, 55, tzinfo=UTC),
    )  # fmt: skip
    summary = orbit_summary(terrasar, terrasar.epoch_utc + timedelta(days=1.5))
    assert summary.altitude_km == pytest.approx(511.0, abs=4.0)
    assert summary.period_s == pytest.approx(11 * 86_400.0 / 167, abs=3.0)
    assert summary.ltan_hours == pytest.approx(18.0, abs=0.1)
    assert abs(summary.ltan_drift_s_per_month) < 60.0
    assert summary.along_track_median_km == pytest.approx(0.61)
    assert summary.age_days == pytest.approx(1.5)
