"""When passes may be used: properties of every constraint, and each one against something independent."""

from __future__ import annotations

import itertools
import warnings
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest
from skyfield import almanac
from skyfield.api import EarthSatellite, load, load_file, wgs84
from skyfield_data import get_skyfield_data_path

from eagleplan.model import AllowedTimes, Constraints, ForbiddenSector, Horizon, MeanElements, Pass
from eagleplan.orbit.places import site_vectors
from eagleplan.orbit.sgp4_orbit import satrec
from eagleplan.orbit.shadow import sunlit_frac
from eagleplan.orbit.sun_moon import sun_moon
from eagleplan.orbit.trajectory import Track, Turns, track
from eagleplan.passes import CONSTRAINTS, find_passes
from eagleplan.passes.case import Case
from eagleplan.passes.constraints import allowed_times
from eagleplan.passes.nights import nights
from eagleplan.passes.windows import windows

HORIZON = Horizon(start_utc=datetime(2026, 5, 28, tzinfo=UTC), days=5.0)
"""With a full Moon on 31 May."""


def _slices(length_s: float, gap_s: float, offset_s: float) -> tuple[tuple[float, ...], tuple[float, ...]]:
    starts = np.arange(offset_s, HORIZON.duration_s, length_s + gap_s)
    return tuple(starts.tolist()), tuple((starts + length_s).tolist())


def _times(constraint: str, offset_s: float, **whom: str) -> AllowedTimes:
    start_s, end_s = _slices(2500.0, 700.0, offset_s)
    return AllowedTimes(constraint=constraint, start_s=start_s, end_s=end_s, origin="test", **whom)


EVERYTHING = Constraints(
    sunlight="not-umbra",
    min_sun_separation_deg=60.0,
    min_moon_separation_deg=40.0,
    max_moon_illuminated_frac=0.97,
    times=(
        _times("laser-clearance", 0.0, satellite_id="sat", site_id="graz"),
        _times("laser-blackout", 300.0, site_id="tenerife"),
        _times("station-calendar", 800.0, site_id="graz"),
        _times("payload", 100.0, satellite_id="sat"),
    ),
    sectors=(
        ForbiddenSector(
            site_id="graz", azimuth_from_deg=300.0, azimuth_to_deg=40.0, elevation_from_deg=0.0,
            elevation_to_deg=45.0, origin="test",
        ),
        ForbiddenSector(
            azimuth_from_deg=170.0, azimuth_to_deg=190.0, elevation_from_deg=30.0, elevation_to_deg=90.0, origin="test"
        ),
    ),
)  # fmt: skip
"""Options with which every constraint has something to take."""


@pytest.fixture(scope="module")
def case(orbits: dict[str, MeanElements], make_site, make_satellite) -> Case:
    """All passes of one satellite over three sites, one of them in the midnight Sun."""
    sites = [
        make_site("graz"),
        make_site("tenerife", 28.3, -16.5, max_sun_elevation_deg=-12.0),
        make_site("kiruna", 67.9, 21.1, max_sun_elevation_deg=5.0),
    ]
    satellite = make_satellite(orbits["1500 km"])
    search = find_passes([satellite], sites, HORIZON)
    number = {site.site_id: i for i, site in enumerate(sites)}
    passes = sorted(search.passes, key=lambda this: (number[this.site_id], this.rise_s))
    return Case(
        horizon=HORIZON,
        satellite=satellite,
        sites=sites,
        vectors=site_vectors(sites),
        track=track(satellite, HORIZON, Turns(HORIZON)),
        sun_moon=sun_moon(HORIZON),
        options=EVERYTHING,
        site=np.array([number[this.site_id] for this in passes]),
        start_s=np.array([this.rise_s for this in passes]),
        end_s=np.array([this.set_s for this in passes]),
    )


def _windows(case: Case, names: list[str]) -> list[list[tuple[float, float]]]:
    uncut = np.zeros(len(case.start_s), dtype=bool)
    found, _ = windows(case, {name: CONSTRAINTS[name] for name in names}, uncut, uncut)
    return [[(window.start_s, window.end_s) for window in of_pass] for of_pass in found]


def _time_s(spans: list[list[tuple[float, float]]]) -> float:
    return sum(end_s - start_s for of_pass in spans for start_s, end_s in of_pass)


# every constraint


@pytest.mark.parametrize("name", CONSTRAINTS)
def test_pieces_lie_inside_their_passes(case: Case, name: str) -> None:
    allowed = CONSTRAINTS[name](case)
    assert (allowed.start_s >= case.start_s[allowed.span]).all()
    assert (allowed.end_s <= case.end_s[allowed.span]).all()
    assert (allowed.end_s > allowed.start_s).all()
    inside = allowed.span[1:] == allowed.span[:-1]
    assert (allowed.span[1:] >= allowed.span[:-1]).all()
    assert (allowed.start_s[1:][inside] >= allowed.end_s[:-1][inside]).all()


@pytest.mark.parametrize("name", CONSTRAINTS)
def test_every_constraint_takes_something_and_leaves_something(case: Case, name: str) -> None:
    allowed = CONSTRAINTS[name](case)
    left_s = (allowed.end_s - allowed.start_s).sum()
    assert 0.0 < left_s < (case.end_s - case.start_s).sum() - 1.0


@pytest.mark.parametrize("name", [name for name in CONSTRAINTS if name != "sun-elevation"])
def test_by_default_a_constraint_forbids_nothing(case: Case, name: str) -> None:
    allowed = CONSTRAINTS[name](replace(case, options=Constraints()))
    assert (allowed.start_s == case.start_s).all()
    assert (allowed.end_s == case.end_s).all()


@pytest.mark.parametrize("name", CONSTRAINTS)
def test_a_constraint_does_not_see_the_other_passes(case: Case, name: str) -> None:
    """Each pass by itself gives what it gives among the others."""
    together = CONSTRAINTS[name](case)
    for number in range(0, len(case.start_s), 7):
        one = slice(number, number + 1)
        alone = CONSTRAINTS[name](replace(case, site=case.site[one], start_s=case.start_s[one], end_s=case.end_s[one]))
        among = together.span == number
        assert alone.start_s == pytest.approx(together.start_s[among], abs=2e-6)
        assert alone.end_s == pytest.approx(together.end_s[among], abs=2e-6)


@pytest.mark.parametrize("name", CONSTRAINTS)
def test_one_more_constraint_never_adds_time(case: Case, name: str) -> None:
    for others in (["sun-elevation"], [other for other in CONSTRAINTS if other != name]):
        rest = [other for other in others if other != name]
        before, after = _windows(case, rest), _windows(case, [*rest, name])
        assert _time_s(after) <= _time_s(before) + 1e-9
        for few, many in zip(after, before, strict=True):
            assert all(any(a <= start_s and end_s <= b for a, b in many) for start_s, end_s in few)


def test_order_does_not_matter(case: Case) -> None:
    names = list(CONSTRAINTS)
    wanted = _windows(case, names)
    assert any(wanted)
    for order in (names[::-1], names[3:] + names[:3], sorted(names)):
        assert _windows(case, order) == wanted


def test_windows_lie_inside_passes_and_name_their_bounds(case: Case) -> None:
    uncut = np.zeros(len(case.start_s), dtype=bool)
    found, blocked_by = windows(case, CONSTRAINTS, uncut, uncut)
    alone = {name: constraint(case) for name, constraint in CONSTRAINTS.items()}
    n_windows = n_blocked = 0
    for number, of_pass in enumerate(found):
        rise_s, set_s = case.start_s[number], case.end_s[number]
        for window in of_pass:
            n_windows += 1
            assert rise_s <= window.start_s < window.end_s <= set_s
            for edge_s, bound, at_end in (
                (window.start_s, window.start_bound, rise_s), (window.end_s, window.end_bound, set_s)
            ):  # fmt: skip
                if bound == "elevation":
                    assert edge_s == at_end
                else:
                    edges = alone[bound].start_s if at_end == rise_s else alone[bound].end_s
                    assert edge_s in edges[alone[bound].span == number]
        assert (blocked_by[number] is None) == bool(of_pass)
        if not of_pass:
            n_blocked += 1
            left = {name: (p.end_s - p.start_s)[p.span == number].sum() for name, p in alone.items()}
            assert left[blocked_by[number]] == min(left.values())
    assert n_windows > 3
    assert n_blocked > 3


# one by one


@pytest.fixture(scope="module")
def ephemeris() -> Iterator[Any]:
    with warnings.catch_warnings():
        # It has a table of Earth orientation too, which ages and is not used here.
        warnings.simplefilter("ignore", RuntimeWarning)
        path = get_skyfield_data_path()
    kernel = load_file(f"{path}/de421.bsp")
    yield kernel
    kernel.close()


def test_a_year_of_sun_crossings_is_skyfields(make_site, ephemeris: Any) -> None:
    """Civil dusk and dawn over a year, within a second of skyfield's apparent Sun with DE421."""
    horizon = Horizon(start_utc=datetime(2026, 1, 1, tzinfo=UTC), days=365.0)
    site = make_site(max_sun_elevation_deg=-6.0)
    timescale = load.timescale(builtin=True)
    observer = ephemeris["earth"] + wgs84.latlon(site.latitude_deg, site.longitude_deg, elevation_m=site.altitude_m)

    span = (timescale.from_datetime(horizon.start_utc), timescale.from_datetime(horizon.end_utc))
    setting, sets = almanac.find_settings(observer, ephemeris["sun"], *span, horizon_degrees=-6.0)
    rising, rises = almanac.find_risings(observer, ephemeris["sun"], *span, horizon_degrees=-6.0)
    assert sets.all()
    assert rises.all()

    dark = nights([site], horizon)
    dusk = np.array([night.start_s for night in dark if night.start_s > 0.0])
    dawn = np.array([night.end_s for night in dark if night.end_s < horizon.duration_s])
    assert len(dusk) == len(dawn) == 365
    for ours_s, theirs in ((dusk, setting), (dawn, rising)):
        theirs_s = np.array([horizon.seconds(instant) for instant in theirs.utc_datetime()])
        np.testing.assert_allclose(ours_s, theirs_s, rtol=0.0, atol=1.0)


def test_windows_end_where_the_sun_says(orbits: dict[str, MeanElements], make_site, make_satellite) -> None:
    site = make_site(max_sun_elevation_deg=-6.0)
    dark = [(night.start_s, night.end_s) for night in nights([site], HORIZON)]
    found = find_passes([make_satellite(orbits["1500 km"])], [site], HORIZON).passes
    n_cut = 0
    for this in found:
        parts = [(max(a, this.rise_s), min(b, this.set_s)) for a, b in dark]
        wanted = [(a, b) for a, b in parts if a < b]
        ours = [(w.start_s, w.end_s) for w in this.windows]
        assert np.array(ours) == pytest.approx(np.array(wanted), abs=1e-5)
        assert this.blocked_by == (None if wanted else "sun-elevation")
        n_cut += any("sun-elevation" in (w.start_bound, w.end_bound) for w in this.windows)
    assert n_cut >= 1


@pytest.mark.parametrize("rule", ["sunlit", "not-umbra", "not-sunlit", "umbra"])
def test_sunlight_rules(case: Case, rule: Any) -> None:
    allowed = CONSTRAINTS["sunlight"](replace(case, options=Constraints(sunlight=rule)))
    holds = {
        "sunlit": lambda frac: frac >= 1.0,
        "not-umbra": lambda frac: frac > 0.0,
        "not-sunlit": lambda frac: frac < 1.0,
        "umbra": lambda frac: frac <= 0.0,
    }[rule]
    path: Track = case.track
    for number in range(len(case.start_s)):
        t_s = np.linspace(case.start_s[number], case.end_s[number], 1001)[1:-1]
        frac = sunlit_frac(path.position(t_s), case.sun_moon.sun_itrf_km(t_s))
        inside = np.zeros(len(t_s), dtype=bool)
        near = np.zeros(len(t_s), dtype=bool)
        for i in np.flatnonzero(allowed.span == number):
            inside |= (t_s >= allowed.start_s[i]) & (t_s <= allowed.end_s[i])
            near |= (np.abs(t_s - allowed.start_s[i]) < 1e-3) | (np.abs(t_s - allowed.end_s[i]) < 1e-3)
        assert ((inside == holds(frac)) | near).all()


def test_separations_are_skyfields(case: Case, ephemeris: Any) -> None:
    """At the bounds that Sun and Moon set, skyfield sees the satellite that far from them."""
    timescale = load.timescale(builtin=True)
    satellite = EarthSatellite.from_satrec(satrec(case.satellite.orbit), timescale)
    for name, body, limit_deg in (("sun-separation", "sun", 60.0), ("moon-separation", "moon", 40.0)):
        allowed = CONSTRAINTS[name](case)
        edges = [
            (span, t_s)
            for span, t_s in zip(np.tile(allowed.span, 2), np.append(allowed.start_s, allowed.end_s), strict=True)
            if t_s not in (case.start_s[span], case.end_s[span])
        ]
        assert len(edges) >= 4
        for span, t_s in edges:
            site = case.sites[case.site[span]]
            place = wgs84.latlon(site.latitude_deg, site.longitude_deg, elevation_m=site.altitude_m)
            instant = timescale.from_datetime(HORIZON.utc(float(t_s)))
            towards = (ephemeris["earth"] + place).at(instant).observe(ephemeris[body]).apparent()
            apart = (satellite - place).at(instant).separation_from(towards).degrees
            assert apart == pytest.approx(limit_deg, abs=0.01)


def test_moonlight_is_skyfields(case: Case, ephemeris: Any) -> None:
    allowed = CONSTRAINTS["moonlight"](case)
    timescale = load.timescale(builtin=True)
    n_dark = 0
    for span in range(len(case.start_s)):
        site = case.sites[case.site[span]]
        place = ephemeris["earth"] + wgs84.latlon(site.latitude_deg, site.longitude_deg, elevation_m=site.altitude_m)
        middle_s = 0.5 * (case.start_s[span] + case.end_s[span])
        instant = timescale.from_datetime(HORIZON.utc(float(middle_s)))
        moon_deg = place.at(instant).observe(ephemeris["moon"]).apparent().altaz()[0].degrees
        lit = float(almanac.fraction_illuminated(ephemeris, "moon", instant))
        inside = ((allowed.span == span) & (allowed.start_s <= middle_s) & (middle_s <= allowed.end_s)).any()
        if abs(moon_deg) > 0.05 and abs(lit - 0.97) > 1e-3:
            assert inside == (moon_deg < 0.0 or lit < 0.97)
            n_dark += not inside
    assert n_dark > 0


def test_sectors_forbid_what_lies_in_them(case: Case) -> None:
    from eagleplan.passes.look import look

    allowed = CONSTRAINTS["pointing-sector"](case)
    n_forbidden = 0
    for span in range(len(case.start_s)):
        t_s = np.linspace(case.start_s[span], case.end_s[span], 500)[1:-1]
        seen = look(case.vectors, np.full(len(t_s), case.site[span]), case.track.position(t_s))
        north = (
            (case.site[span] == 0)
            & ((seen.azimuth_deg > 300.0) | (seen.azimuth_deg < 40.0))
            & (seen.elevation_deg < 45.0)
        )
        south = (np.abs(seen.azimuth_deg - 180.0) < 10.0) & (seen.elevation_deg > 30.0)
        inside = np.zeros(len(t_s), dtype=bool)
        near = np.zeros(len(t_s), dtype=bool)
        for i in np.flatnonzero(allowed.span == span):
            inside |= (t_s >= allowed.start_s[i]) & (t_s <= allowed.end_s[i])
            near |= (np.abs(t_s - allowed.start_s[i]) < 1e-3) | (np.abs(t_s - allowed.end_s[i]) < 1e-3)
        assert ((inside == ~(north | south)) | near).all()
        n_forbidden += int((~inside).sum())
    assert n_forbidden > 100


@pytest.mark.parametrize(
    ("sector", "azimuth_deg", "elevation_deg", "forbidden"),
    [
        ((350.0, 10.0, 0.0, 30.0), 5.0, 20.0, True),
        ((350.0, 10.0, 0.0, 30.0), 345.0, 20.0, False),
        ((350.0, 10.0, 0.0, 30.0), 0.0, 31.0, False),
        ((0.0, 360.0, 80.0, 90.0), 217.0, 85.0, True),
        ((0.0, 360.0, 80.0, 90.0), 217.0, 79.0, False),
        ((90.0, 270.0, 0.0, 90.0), 180.0, 45.0, True),
        ((90.0, 270.0, 0.0, 90.0), 0.0, 45.0, False),
    ],
)
def test_sector_corners(
    sector: tuple[float, float, float, float], azimuth_deg: float, elevation_deg: float, forbidden: bool
) -> None:
    from eagleplan.passes.constraints import _outside_deg

    first, last, low, high = sector
    box = ForbiddenSector(
        azimuth_from_deg=first, azimuth_to_deg=last, elevation_from_deg=low, elevation_to_deg=high, origin="test"
    )
    assert (_outside_deg(box, np.array(azimuth_deg), np.array(elevation_deg)) < 0.0) == forbidden


def test_times_bind_the_satellite_and_the_site_they_name(case: Case) -> None:
    never = AllowedTimes(constraint="payload", start_s=(), end_s=(), origin="test")
    for whom, taken in (
        ({"satellite_id": "other"}, np.zeros(len(case.site), dtype=bool)),
        ({"satellite_id": "sat"}, np.ones(len(case.site), dtype=bool)),
        ({"site_id": "tenerife"}, case.site == 1),
        ({"satellite_id": "sat", "site_id": "kiruna"}, case.site == 2),
    ):
        options = Constraints(times=(replace(never, **whom),))
        left = allowed_times("payload", replace(case, options=options))
        assert np.array_equal(np.unique(left.span), np.flatnonzero(~taken))
        unasked = allowed_times("station-calendar", replace(case, options=options))
        assert len(unasked.span) == len(case.site)


def test_several_rules_must_all_hold(case: Case) -> None:
    one, other = _times("station-calendar", 0.0), _times("station-calendar", 1500.0)
    apart = [
        allowed_times("station-calendar", replace(case, options=Constraints(times=(rule,)))) for rule in (one, other)
    ]
    both = allowed_times("station-calendar", replace(case, options=Constraints(times=(one, other))))
    for span, t_s in itertools.product(range(0, len(case.site), 5), (0.2, 0.5, 0.8)):
        at = case.start_s[span] + t_s * (case.end_s[span] - case.start_s[span])
        holds = [((p.span == span) & (p.start_s <= at) & (at <= p.end_s)).any() for p in (*apart, both)]
        assert holds[2] == (holds[0] and holds[1])


def test_blame_and_bounds_reach_the_pass(orbits: dict[str, MeanElements], make_site, make_satellite) -> None:
    closed = AllowedTimes(constraint="station-calendar", site_id="graz", start_s=(), end_s=(), origin="test")
    sites = [
        make_site("graz", max_sun_elevation_deg=90.0),
        make_site("tenerife", 28.3, -16.5, max_sun_elevation_deg=90.0),
    ]
    found: tuple[Pass, ...] = find_passes(
        [make_satellite(orbits["500 km SSO"])], sites, HORIZON, Constraints(times=(closed,))
    ).passes
    assert {p.blocked_by for p in found if p.site_id == "graz"} == {"station-calendar"}
    assert {p.blocked_by for p in found if p.site_id == "tenerife"} == {None}
    assert all(p.windows == () for p in found if p.site_id == "graz")
