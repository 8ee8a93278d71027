"""The Earth's shadow against rays: points of the Sun's disc seen past the ellipsoid or not."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pytest

from eagleplan.model import Horizon
from eagleplan.orbit import keplerian_elements, sun_synchronous_elements
from eagleplan.orbit.shadow import limb_distance, sunlit_frac
from eagleplan.orbit.sun_moon import sun_moon
from eagleplan.orbit.trajectory import Track, Turns, trajectories

START_UTC = datetime(2026, 6, 1, tzinfo=UTC)
HORIZON = Horizon(start_utc=START_UTC, days=0.5)
A_KM, B_KM = 6378.137, 6356.752_314_245
SUN_KM = 695_700.0


def _seen_frac(position: np.ndarray, sun: np.ndarray, rings: int = 60, spokes: int = 72) -> float:
    """Part of the Sun's disc, by rays to many points of equal area, past x² + y² + (a/b z)² = a²."""
    to_sun = sun - position
    distance = np.linalg.norm(to_sun)
    axis = to_sun / distance
    side = np.cross(axis, [0.0, 0.0, 1.0])
    side /= np.linalg.norm(side)
    other = np.cross(axis, side)
    radius = SUN_KM * np.sqrt((np.arange(rings) + 0.5) / rings)
    turn = 2.0 * np.pi * (np.arange(spokes) + 0.5) / spokes
    across = radius[:, None, None] * (np.cos(turn)[None, :, None] * side + np.sin(turn)[None, :, None] * other)
    rays = (to_sun + across).reshape(-1, 3)
    stretch = np.array([1.0, 1.0, A_KM / B_KM])
    p, d = position * stretch, rays * stretch
    along = -(d @ p) / (d * d).sum(axis=1)
    closest = p + np.clip(along, 0.0, 1.0)[:, None] * d
    return float((np.linalg.norm(closest, axis=1) > A_KM).mean())


def _rim_clearance_km(position: np.ndarray, sun: np.ndarray) -> np.ndarray:
    """How far rays to the rim of the Sun's disc pass the ellipsoid, in the stretched space where it is a sphere."""
    to_sun = sun - position
    distance = np.linalg.norm(to_sun)
    axis = to_sun / distance
    side = np.cross(axis, [0.0, 0.0, 1.0])
    side /= np.linalg.norm(side)
    turn = np.linspace(0.0, 2.0 * np.pi, 720, endpoint=False)[:, None]
    # The rim is where rays touch the Sun's sphere: a little nearer and smaller than its great circle.
    slant = SUN_KM / distance
    rim = np.sqrt(1.0 - slant**2) * SUN_KM
    d = (1.0 - slant**2) * to_sun + rim * (np.cos(turn) * side + np.sin(turn) * np.cross(axis, side))
    stretch = np.array([1.0, 1.0, A_KM / B_KM])
    p, d = position * stretch, d * stretch
    along = np.clip(-(d @ p) / (d * d).sum(axis=1), 0.0, 1.0)
    return np.linalg.norm(p + along[:, None] * d, axis=1) - A_KM


@pytest.fixture(
    params=[
        sun_synchronous_elements(500.0, "22:30", START_UTC),
        sun_synchronous_elements(600.0, "10:00", START_UTC),
        keplerian_elements(1200.0, 50.0, 200.0, START_UTC),
    ],
    ids=["500 km", "600 km", "1200 km"],
)
def way(request: pytest.FixtureRequest) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Times at 1 s, positions, Sun."""
    t_s = np.arange(0.0, HORIZON.duration_s, 1.0)
    track = Track(stretches=tuple(trajectories(request.param, HORIZON, Turns(HORIZON))))
    return t_s, track.position(t_s), sun_moon(HORIZON).sun_itrf_km(t_s)


def _zero_s(t_s: np.ndarray, values: np.ndarray) -> float:
    k = int(np.flatnonzero((values[1:] > 0.0) != (values[:-1] > 0.0))[0])
    return float(t_s[k] - values[k] * (t_s[k + 1] - t_s[k]) / (values[k + 1] - values[k]))


def test_umbra_and_sunlight_begin_within_a_second_of_the_rays(way: tuple[np.ndarray, ...]) -> None:
    t_s, position, sun = way
    above, radius = limb_distance(position, sun)
    worst_s, n_compared = 0.0, 0
    # Umbra: no ray to the rim is free, so the best of them counts. Whole sunlight: all are, so the worst counts.
    for edge, counts in ((above + radius, np.max), (above - radius, np.min)):
        for k in np.flatnonzero((edge[1:] > 0.0) != (edge[:-1] > 0.0)):
            near = slice(max(0, k - 3), k + 5)
            clearance_km = np.array(
                [counts(_rim_clearance_km(p, s)) for p, s in zip(position.T[near], sun.T[near], strict=True)]
            )
            worst_s = max(worst_s, abs(_zero_s(t_s[near], edge[near]) - _zero_s(t_s[near], clearance_km)))
            n_compared += 1
    assert n_compared >= 16
    assert worst_s < 1.0


def test_fraction_in_penumbra_is_the_rays(way: tuple[np.ndarray, ...]) -> None:
    _, position, sun = way
    frac = sunlit_frac(position, sun)
    partial = np.flatnonzero((frac > 0.02) & (frac < 0.98))
    assert len(partial) > 40
    for k in partial[:: max(1, len(partial) // 40)]:
        assert frac[k] == pytest.approx(_seen_frac(position[:, k], sun[:, k]), abs=0.01)
    assert set(np.unique(frac[(frac <= 0.0) | (frac >= 1.0)])) == {0.0, 1.0}


def test_midday_and_midnight() -> None:
    sun = np.array([[1.5e8], [0.0], [0.0]])
    for x, wanted in ((7000.0, 1.0), (-7000.0, 0.0), (-42_164.0, 0.0), (42_164.0, 1.0)):
        assert sunlit_frac(np.array([[x], [0.0], [0.0]]), sun) == wanted


def test_a_flat_pole_lets_the_sun_in_earlier() -> None:
    """Over the poles the oblate Earth's limb lies 21 km lower than the equatorial radius would have it."""
    sun = np.array([[1.5e8], [0.0], [0.0]])
    behind = -np.sqrt(7000.0**2 - 6367.0**2)
    over_pole = np.array([[behind], [0.0], [6367.0]])
    over_equator = np.array([[behind], [6367.0], [0.0]])
    assert sunlit_frac(over_pole, sun)[0] > 0.5 > sunlit_frac(over_equator, sun)[0]
