"""The cells' polynomials: exact where they must be, and within millimetres of SGP4."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from eagleplan.model import Horizon, MeanElements
from eagleplan.orbit import interpolant, keplerian_elements, sun_synchronous_elements
from eagleplan.orbit.frame import itrf_from_teme
from eagleplan.orbit.sgp4_orbit import teme_positions
from eagleplan.orbit.trajectory import Track, Turns, step_s, trajectories
from eagleplan.orbit.turn import earth_turn

START_UTC = datetime(2026, 6, 1, tzinfo=UTC)
EPOCH_UTC = START_UTC - timedelta(days=2)


def test_polynomials_of_degree_six_come_back() -> None:
    random = np.random.default_rng(1)
    wanted = random.normal(size=(2, 7))
    x = np.linspace(-3.0, 3.0, 40)
    samples = np.stack([np.polynomial.polynomial.polyval(x, series) for series in wanted])
    cells = interpolant.cell_coefficients(samples)
    assert cells.shape == (2, 7, 21)
    left, right = x[9:-10], x[10:-9]
    at = random.uniform(-1.0, 1.0, size=21)
    there = 0.5 * (left + right) + 0.5 * at * (right - left)
    value, slope, curvature = interpolant.value_slope_curvature(cells, at)
    half = 0.5 * (right - left)
    for got, order in ((value, 0), (slope, 1), (curvature, 2)):
        derivative = np.stack(
            [np.polynomial.polynomial.polyval(there, np.polynomial.polynomial.polyder(s, order)) for s in wanted]
        )
        assert got == pytest.approx(derivative * half**order, rel=1e-7, abs=1e-9)
    assert interpolant.value(cells, at) == pytest.approx(value, rel=1e-13)
    assert interpolant.value_and_slope(cells, at)[1] == pytest.approx(slope, rel=1e-13)


def test_polynomials_through_chebyshev_points_come_back() -> None:
    wanted = np.random.default_rng(2).normal(size=(3, 7, 5))
    points = interpolant.chebyshev_points()
    values = np.stack([interpolant.value(wanted, np.full(5, x)) for x in points], axis=1)
    assert interpolant.coefficients_at_points(values) == pytest.approx(wanted, abs=1e-12)


@pytest.mark.parametrize(
    ("orbit", "worst_mm"),
    [
        (keplerian_elements(250.0, 97.0, 0.0, EPOCH_UTC, eccentricity=0.001), 1.0),
        (sun_synchronous_elements(500.0, "10:30", EPOCH_UTC), 1.0),
        (keplerian_elements(1400.0, 60.0, 0.0, EPOCH_UTC), 1.0),
        (keplerian_elements(500.0, 51.6, 0.0, EPOCH_UTC, eccentricity=0.02), 3.0),
        (keplerian_elements(2000.0, 63.0, 0.0, EPOCH_UTC, eccentricity=0.2), 3.0),
        (keplerian_elements(14_000.0, 63.4, 0.0, EPOCH_UTC, eccentricity=0.6), 3.0),
        (keplerian_elements(35_786.0, 5.0, 0.0, EPOCH_UTC), 1.0),
    ],
)
def test_a_track_is_sgp4_within_millimetres(orbit: MeanElements, worst_mm: float) -> None:
    horizon = Horizon(start_utc=START_UTC, days=2.0)
    track = Track(stretches=tuple(trajectories(orbit, horizon, Turns(horizon))))
    t_s = np.sort(np.random.default_rng(3).uniform(0.0, horizon.duration_s, 20_000))
    wanted = itrf_from_teme(earth_turn(horizon, t_s), teme_positions(orbit, horizon, t_s))
    position, velocity = track.position_and_velocity(t_s)
    assert np.linalg.norm(position - wanted, axis=0).max() * 1e6 < worst_mm
    assert position == pytest.approx(track.position(t_s), abs=1e-12)
    later, earlier = (
        itrf_from_teme(earth_turn(horizon, t), teme_positions(orbit, horizon, t)) for t in (t_s + 0.05, t_s - 0.05)
    )
    assert np.abs(velocity - (later - earlier) / 0.1).max() < 1e-6


def test_steps_follow_the_motion_at_perigee() -> None:
    steps = [
        step_s(keplerian_elements(altitude, 60.0, 0.0, EPOCH_UTC, eccentricity=e))
        for altitude, e in ((300.0, 0.0), (500.0, 0.0), (35_786.0, 0.0), (2000.0, 0.2), (14_000.0, 0.6))
    ]
    assert steps == [300.0, 300.0, 1800.0, 120.0, 90.0]
