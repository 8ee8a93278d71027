"""Every pass against brute force: all families of orbits, thresholds, poles, the date line, masks, old elements."""

from __future__ import annotations

from datetime import datetime, timedelta
from types import ModuleType

import numpy as np
import pytest

from eagleplan.model import Horizon, HorizonMask, MeanElements
from eagleplan.orbit.sgp4_orbit import satrec
from eagleplan.passes import find_passes, search

TIME_TOLERANCE_S = 1e-3
ELEVATION_TOLERANCE_DEG = 1e-5
PLACES = [
    (28.3, -16.5, 2393.0), (48.1, 11.3, 580.0), (90.0, 0.0, 0.0), (-90.0, 0.0, 2800.0), (0.0, 180.0, 0.0),
    (-0.5, 0.0, -50.0), (65.0, -179.999, 100.0),
]  # fmt: skip
LOW = ["300 km", "500 km SSO", "1500 km", "e 0.02", "e 0.2", "equatorial"]
HIGH = ["MEO", "Galileo", "Molniya", "Tundra", "GTO", "GEO"]

Rows = list[tuple[int, float, float, float, float]]


def _rows(elements: MeanElements, start: datetime, duration_s: float, minimum_deg: float) -> Rows:
    sites = [{"latitude_deg": p[0], "longitude_deg": p[1], "altitude_m": p[2]} for p in PLACES]
    found = search([elements], sites, start, start + timedelta(seconds=duration_s), minimum_deg)
    return [(r[1], r[2] or 0.0, r[3], duration_s if r[4] is None else r[4], r[5]) for r in found]


def _assert_same(
    dense: ModuleType, elements: MeanElements, start: datetime, duration_s: float, minimum_deg: float, step_s: float
) -> int:
    record = satrec(elements)
    reference = dense.dense_passes(record, start, duration_s, PLACES, minimum_deg, step_s)
    compared = dense.compare(
        dense.Sky(record, start, PLACES),
        lambda site, azimuth: np.full(azimuth.shape, minimum_deg),
        reference,
        _rows(elements, start, duration_s, minimum_deg),
    )
    assert compared.missed == []
    assert compared.invented == []
    assert compared.worst_time_s < TIME_TOLERANCE_S
    assert compared.worst_elevation_deg < ELEVATION_TOLERANCE_DEG
    return int(compared.n_both)


@pytest.mark.parametrize("minimum_deg", [0.0, 10.0, 20.0, 30.0, 60.0])
def test_low_orbits(
    dense: ModuleType, orbits: dict[str, MeanElements], start_utc: datetime, minimum_deg: float
) -> None:
    n_both = sum(_assert_same(dense, orbits[name], start_utc, 43_200.0, minimum_deg, 2.0) for name in LOW)
    assert n_both > {0.0: 130, 10.0: 110, 20.0: 70, 30.0: 50, 60.0: 15}[minimum_deg]


@pytest.mark.parametrize("minimum_deg", [0.0, 20.0, 60.0])
def test_high_orbits(
    dense: ModuleType, orbits: dict[str, MeanElements], start_utc: datetime, minimum_deg: float
) -> None:
    n_both = sum(_assert_same(dense, orbits[name], start_utc, 86_400.0, minimum_deg, 10.0) for name in HIGH)
    assert n_both > {0.0: 50, 20.0: 40, 60.0: 15}[minimum_deg]


@pytest.mark.parametrize("name", ["500 km SSO", "Molniya"])
def test_elements_a_year_old(
    dense: ModuleType, orbits: dict[str, MeanElements], start_utc: datetime, name: str
) -> None:
    start = start_utc + timedelta(days=365)
    assert _assert_same(dense, orbits[name], start, 43_200.0, 20.0, 2.0) > 5


def test_search_over_months_joins_its_stretches(sso: MeanElements, start_utc: datetime) -> None:
    """A horizon of many stretches has the passes of its parts, wherever the parts are cut."""
    days = 40.0
    whole = _rows(sso, start_utc, days * 86_400.0, 20.0)
    for first_s in (13.9 * 86_400.0, 14.6 * 86_400.0, 28.3 * 86_400.0):
        start = start_utc + timedelta(seconds=first_s)
        part = _rows(sso, start, 86_400.0, 20.0)
        inside = [row for row in whole if row[1] > first_s and row[3] < first_s + 86_400.0]
        uncut = [row for row in part if row[1] > 0.0 and row[3] < 86_400.0]
        assert len(inside) == len(uncut) > 5
        moved = np.array(uncut) + np.array([0.0, first_s, first_s, first_s, 0.0])
        assert np.array(inside) == pytest.approx(moved, abs=2e-5)


@pytest.mark.parametrize("name", ["500 km SSO", "1500 km", "MEO"])
def test_horizon_masks(
    dense: ModuleType,
    orbits: dict[str, MeanElements],
    start_utc: datetime,
    mask: HorizonMask,
    make_site,
    make_satellite,
    name: str,
) -> None:
    duration_s = 2.0 * 86_400.0 if name != "MEO" else 43_200.0
    elements = orbits[name]
    site = make_site(min_elevation_deg=12.0, horizon_mask=mask)
    place = (site.latitude_deg, site.longitude_deg, site.altitude_m)

    def limit(azimuth: np.ndarray) -> np.ndarray:
        return np.maximum(12.0, np.interp(azimuth, mask.azimuth_deg, mask.elevation_deg, period=360.0))

    record = satrec(elements)
    reference = dense.dense_passes(record, start_utc, duration_s, [place], limit, 0.5)
    horizon = Horizon(start_utc=start_utc, days=duration_s / 86_400.0)
    found = find_passes([make_satellite(elements)], [site], horizon).passes
    compared = dense.compare(
        dense.Sky(record, start_utc, [place]),
        lambda site, azimuth: limit(azimuth),
        reference,
        [(0, p.rise_s, p.culmination_s, p.set_s, p.max_elevation_deg) for p in found],
    )
    assert compared.missed == []
    assert compared.invented == []
    assert compared.worst_time_s < TIME_TOLERANCE_S
    assert compared.worst_elevation_deg < ELEVATION_TOLERANCE_DEG
    assert compared.n_both >= 2


def test_a_mast_makes_two_passes_of_one(sso: MeanElements, start_utc: datetime, make_site, make_satellite) -> None:
    horizon = Horizon(start_utc=start_utc, days=2.0)
    free = find_passes([make_satellite(sso)], [make_site()], horizon).passes
    broken = max((this for this in free if this.max_elevation_deg < 70.0), key=lambda this: this.max_elevation_deg)
    behind_mast_deg = broken.culmination_azimuth_deg
    azimuth_deg = np.array(sorted((behind_mast_deg + d) % 360.0 for d in (-0.3, 0.0, 0.3)))
    elevation_deg = np.where(np.abs(azimuth_deg - behind_mast_deg) < 1e-9, 89.0, 0.0)
    site = make_site(horizon_mask=HorizonMask(azimuth_deg=azimuth_deg, elevation_deg=elevation_deg))
    masked = find_passes([make_satellite(sso)], [site], horizon).passes
    parts = [this for this in masked if broken.rise_s <= this.rise_s and this.set_s <= broken.set_s]
    assert len(parts) == 2
    assert parts[0].rise_s == pytest.approx(broken.rise_s, abs=1e-6)
    assert parts[1].set_s == pytest.approx(broken.set_s, abs=1e-6)
    # The highest points of the halves are where the mast cuts them.
    assert parts[0].culmination_s == pytest.approx(parts[0].set_s, abs=1e-6)
    assert parts[1].culmination_s == pytest.approx(parts[1].rise_s, abs=1e-6)
    assert 0.001 < parts[1].rise_s - parts[0].set_s < 5.0
    assert len({this.pass_id for this in masked}) == len(masked)
