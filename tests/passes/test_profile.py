"""Second by second: against skyfield, against differences, and the formula of refraction."""

from __future__ import annotations

import warnings
from dataclasses import fields
from datetime import datetime
from typing import Any

import numpy as np
import pytest
from skyfield.api import EarthSatellite, load, load_file, wgs84
from skyfield_data import get_skyfield_data_path

from eagleplan.model import Horizon, MeanElements, Profile
from eagleplan.orbit import keplerian_elements
from eagleplan.orbit.earth_orientation import earth_orientation
from eagleplan.orbit.sgp4_orbit import satrec
from eagleplan.passes import PassSearch, ProfileSpan, find_passes, profiles
from eagleplan.passes.refraction import refraction_deg


@pytest.fixture(scope="module")
def search(orbits: dict[str, MeanElements], start_utc: datetime, make_site, make_satellite) -> PassSearch:
    satellites = [make_satellite(orbits["500 km SSO"], "low"), make_satellite(orbits["Molniya"], "high")]
    sites = [make_site("graz"), make_site("tenerife", 28.3, -16.5, altitude_m=2393.0)]
    return find_passes(satellites, sites, Horizon(start_utc=start_utc, days=1.0))


@pytest.fixture(scope="module")
def spans(search: PassSearch) -> list[ProfileSpan]:
    """Every pass, the longest ones cut to an hour."""
    return [
        ProfileSpan(
            satellite_id=this.satellite_id,
            site_id=this.site_id,
            start_s=int(this.rise_s) + 1,
            end_s=int(min(this.set_s, this.rise_s + 3600.0)),
        )
        for this in search.passes
    ]


def test_every_column_is_skyfields(search: PassSearch, spans: list[ProfileSpan]) -> None:
    table = earth_orientation()
    delta_t_s = 32.184 - float(np.interp(61_192.5, table.mjd, table.ut1_minus_tai_s))
    timescale = load.timescale(builtin=True, delta_t=delta_t_s)
    with warnings.catch_warnings():
        # It has a table of Earth orientation too, which ages and is not used here.
        warnings.simplefilter("ignore", RuntimeWarning)
        path = get_skyfield_data_path()
    ephemeris = load_file(f"{path}/de421.bsp")
    orbits = {s.satellite_id: s.orbit for s in search.satellites}
    sites = {s.site_id: s for s in search.sites}
    found = profiles(spans, search)
    assert {span.satellite_id for span in spans} == {"low", "high"}
    for span, profile in zip(spans, found, strict=True):
        site = sites[span.site_id]
        place = wgs84.latlon(site.latitude_deg, site.longitude_deg, elevation_m=site.altitude_m)
        satellite = EarthSatellite.from_satrec(satrec(orbits[span.satellite_id]), timescale)
        some = slice(0, None, 97)
        instants = timescale.from_datetimes([search.horizon.utc(t) for t in profile.t_s[some]])
        towards = (satellite - place).at(instants)
        elevation, azimuth, distance, _, _, rate = towards.frame_latlon_and_rates(place)
        assert profile.elevation_deg[some] == pytest.approx(elevation.degrees, abs=2e-3)
        beside = (profile.azimuth_deg[some] - azimuth.degrees + 180.0) % 360.0 - 180.0
        assert np.abs(beside * np.cos(np.radians(elevation.degrees))).max() < 2e-3
        assert profile.range_km[some] == pytest.approx(distance.km, abs=0.05)
        # skyfield's rate is SGP4's velocity, which is not quite the derivative of its position.
        assert profile.range_rate_km_s[some] == pytest.approx(rate.km_per_s, abs=2e-4)
        observer = ephemeris["earth"] + place
        for body in ("sun", "moon"):
            seen = observer.at(instants).observe(ephemeris[body]).apparent()
            assert getattr(profile, f"{body}_elevation_deg")[some] == pytest.approx(seen.altaz()[0].degrees, abs=0.01)
            apart = getattr(profile, f"{body}_separation_deg")[some]
            assert apart == pytest.approx(towards.separation_from(seen).degrees, abs=0.01)
        phase = ephemeris["earth"].at(instants).observe(ephemeris["moon"]).phase_angle(ephemeris["sun"]).degrees
        assert profile.moon_phase_angle_deg[some] == pytest.approx(phase, abs=0.05)
        lit = satellite.at(instants).is_sunlit(ephemeris)
        clear = (profile.sunlit_frac[some] == 0.0) | (profile.sunlit_frac[some] == 1.0)
        agreed = (profile.sunlit_frac[some] > 0.5) == lit
        assert agreed[clear].mean() > 0.97
    ephemeris.close()


def test_samples_lie_in_the_middle_of_whole_seconds(search: PassSearch, spans: list[ProfileSpan]) -> None:
    for span, profile in zip(spans, profiles(spans, search), strict=True):
        assert (profile.t_s == np.arange(span.start_s, span.end_s) + 0.5).all()
        for field in fields(Profile):
            column = getattr(profile, field.name)
            assert column.shape == profile.t_s.shape
            assert np.isfinite(column).all()
            assert not column.flags.writeable
        rate = np.gradient(profile.range_km)
        assert profile.range_rate_km_s[1:-1] == pytest.approx(rate[1:-1], abs=1e-3)
        assert (profile.apparent_elevation_deg > profile.elevation_deg).all()


def test_spans_keep_their_order(search: PassSearch, spans: list[ProfileSpan]) -> None:
    forth, back = profiles(spans, search), profiles(spans[::-1], search)
    for one, other in zip(forth, back[::-1], strict=True):
        assert (one.elevation_deg == other.elevation_deg).all()
    assert profiles([], search) == ()


def test_spans_that_cannot_be(search: PassSearch, spans: list[ProfileSpan], make_satellite, make_site) -> None:
    good: dict[str, Any] = {"satellite_id": "low", "site_id": "graz", "start_s": 10, "end_s": 20}
    for wrong, message in (
        ({"end_s": 10}, "is empty or leaves the horizon"),
        ({"start_s": -1}, "is empty or leaves the horizon"),
        ({"end_s": 86_401}, "is empty or leaves the horizon"),
        ({"site_id": "nowhere"}, "no site 'nowhere'"),
        ({"satellite_id": "none"}, "no satellite 'none'"),
    ):
        with pytest.raises(ValueError, match=message):
            profiles([ProfileSpan(**(good | wrong))], search)


@pytest.mark.parametrize(
    ("elevation_deg", "wanted_deg"),
    [(0.0, 0.483), (5.0, 0.161), (10.0, 0.090), (20.0, 0.046), (30.0, 0.029), (60.0, 0.010)],
)
def test_refraction_of_published_tables(elevation_deg: float, wanted_deg: float) -> None:
    """Saemundsson's formula at sea level (1010 hPa, 10 °C); the standard atmosphere is 5 K warmer."""
    assert refraction_deg(np.array([elevation_deg]), 0.0)[0] == pytest.approx(wanted_deg, rel=0.04)


def test_refraction_shrinks_with_height_and_vanishes_overhead() -> None:
    low, high = (refraction_deg(np.array([20.0]), altitude)[0] for altitude in (0.0, 2400.0))
    assert high / low == pytest.approx(0.79, abs=0.02)
    assert refraction_deg(np.array([90.0]), 0.0)[0] == pytest.approx(0.0, abs=1e-12)
    elevation = np.linspace(-5.0, 90.0, 2000)
    bent = refraction_deg(elevation, 0.0)
    assert (np.diff(bent) <= 0.0).all()
    assert (bent >= 0.0).all()


def test_a_failed_satellite_has_no_profile(start_utc: datetime, make_site, make_satellite) -> None:
    from eagleplan.errors import InputError

    falling = keplerian_elements(170.0, 51.6, 0.0, start_utc, bstar_per_earth_radius=0.01)
    search = find_passes([make_satellite(falling)], [make_site()], Horizon(start_utc=start_utc, days=20.0))
    with pytest.raises(InputError, match="decayed"):
        profiles([ProfileSpan(satellite_id="sat", site_id="graz", start_s=0, end_s=1)], search)
