"""Passes as objects: identifiers, edges, azimuths, ranges, failures."""

from __future__ import annotations

import itertools
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import ModuleType

import numpy as np
import pytest

from eagleplan.model import Horizon, MeanElements, TabulatedEphemeris
from eagleplan.orbit import keplerian_elements
from eagleplan.orbit.sgp4_orbit import satrec, teme_positions
from eagleplan.passes import find_passes
from eagleplan.passes.nights import night_dates


@pytest.fixture(scope="module")
def horizon(start_utc: datetime) -> Horizon:
    return Horizon(start_utc=start_utc, days=3.0)


@pytest.mark.parametrize("name", ["500 km SSO", "e 0.2", "Molniya", "Galileo"])
def test_azimuths_elevations_and_ranges(
    dense: ModuleType, orbits: dict[str, MeanElements], horizon: Horizon, make_site, make_satellite, name: str
) -> None:
    site = make_site()
    sky = dense.Sky(satrec(orbits[name]), horizon.start_utc, [(site.latitude_deg, site.longitude_deg, site.altitude_m)])
    found = find_passes([make_satellite(orbits[name])], [site], horizon).passes
    assert len(found) >= 3
    for this in found:
        t_s = np.linspace(this.rise_s, this.set_s, 20_001)
        position = sky.position(t_s)
        azimuth, elevation = sky.azimuth_and_elevation(0, position)
        assert this.rise_azimuth_deg == pytest.approx(azimuth[0], abs=1e-5)
        assert this.set_azimuth_deg == pytest.approx(azimuth[-1], abs=1e-5)
        at_top = sky.azimuth_and_elevation(0, sky.position(np.array([this.culmination_s])))
        assert this.culmination_azimuth_deg == pytest.approx(at_top[0][0], abs=1e-4)
        assert this.max_elevation_deg == pytest.approx(at_top[1][0], abs=1e-6)
        assert this.max_elevation_deg >= elevation.max() - 1e-6
        distance = np.linalg.norm(position - sky._place[0], axis=1)
        assert this.min_range_km <= distance.min() + 1e-6
        assert this.min_range_km == pytest.approx(distance.min(), abs=0.02)


def test_identifiers(orbits: dict[str, MeanElements], horizon: Horizon, make_site, make_satellite) -> None:
    sites = [make_site("graz"), make_site("lustbuehel", 47.067, 15.494)]
    satellites = [make_satellite(orbits["500 km SSO"], "eagle1"), make_satellite(orbits["1500 km"], "eagle2")]
    found = find_passes(satellites, sites, horizon).passes
    assert len({this.pass_id for this in found}) == len(found)
    for this in found:
        assert re.fullmatch(rf"{this.satellite_id}-{this.site_id}-\d{{8}}T\d{{4}}Z", this.pass_id)
        assert f"{horizon.utc(this.culmination_s):%Y%m%dT%H%M}Z" in this.pass_id
    assert list(found) == sorted(found, key=lambda p: (p.rise_s, p.satellite_id, p.site_id))
    again = find_passes(satellites[::-1], sites[::-1], horizon).passes
    assert [this.pass_id for this in again] == [this.pass_id for this in found]


def test_passes_do_not_depend_on_where_the_horizon_begins(
    sso: MeanElements, horizon: Horizon, make_site, make_satellite
) -> None:
    satellite, site = make_satellite(sso), make_site()
    found = {p.pass_id: p for p in find_passes([satellite], [site], horizon).passes}
    shift_s = 40_017.3
    later = Horizon(start_utc=horizon.utc(shift_s), days=1.0)
    moved = find_passes([satellite], [site], later).passes
    assert len(moved) >= 2
    for this in moved:
        if not (this.cut_start or this.cut_end):
            same = found[this.pass_id]
            assert this.rise_s + shift_s == pytest.approx(same.rise_s, abs=2e-5)
            assert this.max_elevation_deg == pytest.approx(same.max_elevation_deg, abs=1e-6)


def test_cut_passes(sso: MeanElements, horizon: Horizon, make_site, make_satellite) -> None:
    satellite, site = make_satellite(sso), make_site(max_sun_elevation_deg=90.0)
    whole = find_passes([satellite], [site], horizon).passes[1]
    middle = horizon.utc(whole.culmination_s)
    first, *_ = find_passes([satellite], [site], Horizon(start_utc=middle, days=0.5)).passes
    assert (first.cut_start, first.cut_end, first.rise_s) == (True, False, 0.0)
    assert first.windows[0].start_bound == "horizon"
    assert first.windows[0].end_bound == "elevation"
    before = Horizon(start_utc=middle - timedelta(days=0.25), days=0.25)
    *_, last = find_passes([satellite], [site], before).passes
    assert (last.cut_start, last.cut_end, last.set_s) == (False, True, before.duration_s)
    assert last.windows[-1].end_bound == "horizon"


def test_timing_uncertainty_grows_with_age(sso: MeanElements, horizon: Horizon, make_site, make_satellite) -> None:
    catalogued = replace(sso, kind="omm")
    found = find_passes([make_satellite(catalogued)], [make_site()], horizon).passes
    uncertainty = [this.timing_uncertainty_s for this in found]
    assert uncertainty == sorted(uncertainty)
    assert 0.02 < uncertainty[0] < uncertainty[-1] < 0.5
    assert {p.timing_uncertainty_s for p in find_passes([make_satellite(sso)], [make_site()], horizon).passes} == {0.0}


def test_a_failed_satellite_is_named_and_the_others_go_on(
    sso: MeanElements, start_utc: datetime, make_site, make_satellite
) -> None:
    falling = keplerian_elements(170.0, 51.6, 0.0, start_utc, bstar_per_earth_radius=0.01, origin="falling.tle:1")
    seen = []
    search = find_passes(
        [make_satellite(falling, "falling"), make_satellite(sso, "eagle1")],
        [make_site()],
        Horizon(start_utc=start_utc, days=20.0),
        progress=lambda done, total: seen.append((done, total)),
    )
    assert {this.satellite_id for this in search.passes} == {"eagle1"}
    assert [failure.satellite_id for failure in search.failed] == ["falling"]
    (notice,) = search.notices
    assert (notice.notice_id, notice.subject) == ("W-SATELLITE-FAILED", "falling")
    assert "decayed" in notice.message
    assert seen == [(1, 2), (2, 2)]


def test_an_operators_ephemeris_gives_the_passes_of_its_elements(
    sso: MeanElements, horizon: Horizon, make_site, make_satellite
) -> None:
    t_s = np.arange(0.0, horizon.duration_s + 1.0, 30.0)
    position = teme_positions(sso, horizon, t_s)
    velocity = teme_positions(sso, horizon, t_s + 0.5) - teme_positions(sso, horizon, t_s - 0.5)
    ephemeris = TabulatedEphemeris(
        name="EAGLE", catalog_id=None, international_designator="", epoch_utc=horizon.start_utc, frame="TEME", t_s=t_s,
        position_km=position.T, velocity_km_s=velocity.T, segment_starts=(0,), interpolation="lagrange",
        interpolation_degree=7, origin="eagle.oem",
    )  # fmt: skip
    by_elements, by_table = (
        find_passes([make_satellite(orbit)], [make_site()], horizon).passes for orbit in (sso, ephemeris)
    )
    assert [p.pass_id for p in by_table] == [p.pass_id for p in by_elements]
    for ours, theirs in zip(by_table, by_elements, strict=True):
        assert ours.rise_s == pytest.approx(theirs.rise_s, abs=1e-4)
        assert ours.set_s == pytest.approx(theirs.set_s, abs=1e-4)
        assert ours.max_elevation_deg == pytest.approx(theirs.max_elevation_deg, abs=1e-5)


def test_an_ephemeris_of_part_of_the_horizon_gives_the_passes_inside_it(
    sso: MeanElements, horizon: Horizon, make_site, make_satellite
) -> None:
    """It covers two spans, one of which ends within a pass: what lies inside is found, and cut where it ends."""
    sites = [make_site(), make_site(site_id="other", longitude_deg=2.0)]
    wanted = find_passes([make_satellite(sso)], sites, horizon).passes
    cut = wanted[4]
    spans = ((0.0, cut.culmination_s + 10.0), (cut.set_s + 40_000.0, horizon.duration_s - 20_000.0))
    t_s = np.arange(0.0, horizon.duration_s + 1.0, 30.0)
    tables = [np.append(t_s[(t_s >= first) & (t_s < last)], last) for first, last in spans]
    position = np.concatenate([teme_positions(sso, horizon, t) for t in tables], axis=1).T
    ephemeris = TabulatedEphemeris(
        name="EAGLE", catalog_id=None, international_designator="", epoch_utc=horizon.start_utc, frame="TEME",
        t_s=np.concatenate(tables), position_km=position, velocity_km_s=np.gradient(position, axis=0),
        segment_starts=(0, len(tables[0])), interpolation="lagrange", interpolation_degree=7, origin="eagle.oem",
    )  # fmt: skip
    spans = tuple((float(t[0]), float(t[-1])) for t in tables)
    search = find_passes([make_satellite(ephemeris)], sites, horizon)
    assert not search.failed
    inside = [p for p in wanted if any(first <= p.rise_s and p.set_s <= last for first, last in spans)]
    whole = [p for p in search.passes if not (p.cut_start or p.cut_end)]
    assert [(p.site_id, p.orbit_number, p.night) for p in whole] == [
        (p.site_id, p.orbit_number, p.night) for p in inside
    ]
    assert 0 < len(inside) < len(wanted)
    for ours, theirs in zip(whole, inside, strict=True):
        assert (ours.rise_s, ours.set_s) == pytest.approx((theirs.rise_s, theirs.set_s), abs=1e-3)
    ends = [p for p in search.passes if p.cut_end]
    assert cut.site_id in {p.site_id for p in ends}
    assert all(p.set_s == spans[0][1] and p.culmination_s <= p.set_s for p in ends)
    assert all(any(first <= p.rise_s and p.set_s <= last for first, last in spans) for p in search.passes)


@pytest.mark.parametrize(
    ("longitude_deg", "hour_utc", "night"),
    [
        (15.4, 20, "2026-06-02"),
        (15.4, 3, "2026-06-01"),
        (0.0, 11.99, "2026-06-01"),
        (0.0, 12.01, "2026-06-02"),
        (-70.0, 15.0, "2026-06-01"),
        (-70.0, 17.0, "2026-06-02"),
        (175.0, 0.4, "2026-06-02"),
        (175.0, 0.2, "2026-06-01"),
    ],
)
def test_a_night_is_named_after_the_day_on_which_it_began(
    make_site, longitude_deg: float, hour_utc: float, night: str
) -> None:
    """Mean solar noon at 15.4° E is at 10:58 UTC, at 70° W at 16:40, at 175° E at 00:20."""
    horizon = Horizon(start_utc=datetime(2026, 6, 2, tzinfo=UTC), days=1.0)
    site = make_site(longitude_deg=longitude_deg)
    assert night_dates([site], np.array([0]), horizon, np.array([hour_utc * 3600.0])) == [night]


def test_a_jump_between_segments_breaks_no_pass_in_two_unpaired(
    sso: MeanElements, horizon: Horizon, make_site, make_satellite
) -> None:
    """The table jumps by 40 km in the middle of a pass, at its rise and at its set: rises and sets still alternate."""
    site = make_site()
    this = find_passes([make_satellite(sso)], [site], horizon).passes[0]
    later = replace(sso, mean_anomaly_deg=sso.mean_anomaly_deg + 0.33)
    for seam_s in (this.culmination_s, this.rise_s + 2.0, this.rise_s - 2.0, this.set_s + 2.0, this.set_s - 2.0):
        t_s = np.arange(0.0, horizon.duration_s + 1.0, 30.0)
        before, after = np.append(t_s[t_s < seam_s], seam_s), np.append(seam_s, t_s[t_s > seam_s])
        parts = [teme_positions(orbit, horizon, t) for orbit, t in ((sso, before), (later, after))]
        position = np.concatenate(parts, axis=1).T
        ephemeris = TabulatedEphemeris(
            name="EAGLE", catalog_id=None, international_designator="", epoch_utc=horizon.start_utc, frame="TEME",
            t_s=np.concatenate((before, after)), position_km=position, velocity_km_s=np.gradient(position, axis=0),
            segment_starts=(0, len(before)), interpolation="lagrange", interpolation_degree=7, origin="eagle.oem",
        )  # fmt: skip
        found = find_passes([make_satellite(ephemeris)], [site], horizon).passes
        assert all(p.rise_s < p.set_s for p in found)
        assert all(a.set_s <= b.rise_s for a, b in itertools.pairwise(found))
        assert abs(found[0].rise_s - this.rise_s) < 10.0
