"""Slews against brute force: attitude and angle from inertial states, every second tried."""

from __future__ import annotations

import math

import numpy as np
import pytest

from eagleplan.model import Horizon, MeanElements, Site
from eagleplan.orbit.frame import teme_from_itrf
from eagleplan.orbit.places import site_vectors
from eagleplan.orbit.sgp4_orbit import teme_positions
from eagleplan.orbit.turn import earth_turn
from eagleplan.passes import Hop, find_passes, slew_seconds
from eagleplan.passes.find import PassSearch


@pytest.fixture(scope="module")
def sites(make_site) -> list[Site]:
    places = {"graz": (47.07, 15.49), "matera": (40.65, 16.70), "the-hague": (52.08, 4.31), "teide": (28.30, -16.51)}
    return [make_site(site_id=name, latitude_deg=lat, longitude_deg=lon) for name, (lat, lon) in places.items()]


@pytest.fixture(scope="module")
def search(sso: MeanElements, start_utc, sites: list[Site], make_satellite) -> PassSearch:
    return find_passes([make_satellite(sso)], sites, Horizon(start_utc=start_utc, days=1.0))


def direction(elements: MeanElements, horizon: Horizon, site: Site, t_s: float) -> np.ndarray:
    """From the satellite to the site, on the axes of the orbital frame, all in TEME."""
    around = np.array([t_s - 0.5, t_s, t_s + 0.5])
    before, at, after = teme_positions(elements, horizon, around).T
    place = teme_from_itrf(earth_turn(horizon, around), np.repeat(site_vectors([site]).position_km, 3, axis=1))[:, 1]
    down = -at / np.linalg.norm(at)
    aside = -np.cross(at, after - before)
    aside /= np.linalg.norm(aside)
    line = (place - at) / np.linalg.norm(place - at)
    return np.array([np.cross(aside, down) @ line, aside @ line, down @ line])


def earliest_s(search: PassSearch, first: Site, second: Site, end_s: int, rate_deg_s: float, acquisition_s: int) -> int:
    elements = search.satellites[0].orbit
    assert isinstance(elements, MeanElements)
    looking = direction(elements, search.horizon, first, end_s)
    for slew_s in range(math.ceil(180.0 / rate_deg_s) + 1):
        start_s = end_s + acquisition_s + slew_s
        towards = direction(elements, search.horizon, second, min(start_s, 86_400))
        angle_deg = math.degrees(math.atan2(np.linalg.norm(np.cross(looking, towards)), looking @ towards))
        if angle_deg <= rate_deg_s * slew_s:
            return start_s
    return end_s + acquisition_s + math.ceil(180.0 / rate_deg_s)


@pytest.mark.parametrize(("rate_deg_s", "acquisition_s"), [(1.0, 20), (2.5, 60), (0.4, 0), (30.0, 7)])
def test_slews_are_those_of_brute_force(
    search: PassSearch, sites: list[Site], rate_deg_s: float, acquisition_s: int
) -> None:
    random = np.random.default_rng(7)
    hops, wanted = [], []
    for this in search.passes[:6]:
        first = next(site for site in sites if site.site_id == this.site_id)
        for second in sites:
            if second is first:
                continue
            ends = sorted({int(t_s) for t_s in random.integers(int(this.rise_s), int(this.set_s), 3)})
            hops.append(Hop(satellite_id="sat", site_from=first.site_id, site_to=second.site_id, end_s=tuple(ends)))
            starts = [earliest_s(search, first, second, end_s, rate_deg_s, acquisition_s) for end_s in ends]
            # Whoever stops earlier can keep on looking, and leave when the later one does.
            starts = [min(starts[i:]) for i in range(len(starts))]
            wanted.append([start_s - end_s for start_s, end_s in zip(starts, ends, strict=True)])
    found = slew_seconds(hops, search, rate_deg_s=rate_deg_s, acquisition_s=acquisition_s)
    assert [slew_s.tolist() for slew_s in found] == wanted
    assert min(slew_s.min() for slew_s in found) >= acquisition_s


def test_an_end_near_the_horizon_has_its_slew_too(search: PassSearch) -> None:
    hop = Hop(satellite_id="sat", site_from="graz", site_to="teide", end_s=(86_000, 86_390, 86_400))
    (found,) = slew_seconds([hop], search, rate_deg_s=1.0, acquisition_s=60)
    assert (found >= 60).all()
    assert (found <= 60 + 180).all()
