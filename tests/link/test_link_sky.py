"""The sky's brightness: published models and values, and how a receiver sees it."""

from __future__ import annotations

import numpy as np
import pytest

from eagleplan.link import budgets
from eagleplan.link.sky import day_radiance, moonlight_nanolambert, natural_radiance, twilight_share
from eagleplan.model import Air, LinkOptions

NIGHT = LinkOptions(aod_550nm=0.1)
SEEING = {"filter_bandwidth_nm": 1.0}
STOP = {
    **SEEING,
    "coupling": "field-stop",
    "field_of_view_full_angle_urad": 50.0,
    "background_per_detector_cps": 0.0,
}
RED = {"wavelength_nm": 785.0}


def sky_cps(window, options: LinkOptions = NIGHT) -> np.ndarray:
    """What the sky adds to a detector's own clicks."""
    (budget,) = budgets([window], options)
    receiver = window.site.receiver
    own_cps = receiver.background_per_detector_cps + receiver.detector.dark_count_cps
    return budget.background_per_detector_cps - own_cps


def test_without_a_filter_the_background_is_the_stated_one(make_window) -> None:
    (budget,) = budgets([make_window(sight={"sun_elevation_deg": 30.0})], NIGHT)
    assert budget.background_per_detector_cps == pytest.approx(300.0)


def test_a_dark_night_through_a_stop(make_window) -> None:
    """21 photons a second (natural sky, 785 nm, 50 µrad, 1 nm), through 3 dB and 80 %, on four."""
    dark = make_window((90.0,), receiver=STOP, terminal=RED, site={"altitude_m": 0.0})
    assert sky_cps(dark)[0] == pytest.approx(21.0 * 10**-0.3 * 0.8 / 4.0, rel=0.1)


def test_the_sky_counts_grow_with_the_stop_and_the_filter(make_window) -> None:
    base, wide, coarse = (
        sky_cps(make_window((60.0,), receiver={**STOP, **change}, terminal=RED))[0]
        for change in ({}, {"field_of_view_full_angle_urad": 100.0}, {"filter_bandwidth_nm": 3.0})
    )
    assert wide == pytest.approx(4.0 * base)
    assert coarse == pytest.approx(3.0 * base)


def test_a_fibre_sees_one_mode_whatever_the_telescope(make_window) -> None:
    small, large = (
        sky_cps(make_window((60.0,), receiver=SEEING, site={"aperture_m": aperture_m}))[0] for aperture_m in (0.4, 1.5)
    )
    assert small == pytest.approx(large)
    assert small < 1.0


def test_towns_add_to_the_natural_sky(make_window) -> None:
    """Measured over Edinburgh at 850 nm: 4.2e-4, some 40 times the natural sky."""
    natural, town = (
        sky_cps(make_window((45.0,), receiver=STOP, terminal={"wavelength_nm": 850.0}, site={"air": air}))[0]
        for air in (Air(), Air(artificial_radiance_w_m2_sr_um=4.2e-4))
    )
    assert 20.0 < town / natural < 80.0


def test_the_moon_matters_near_it_when_full_and_up(make_window) -> None:
    def counts(**moon: float) -> float:
        sight = {
            "moon_elevation_deg": 45.0,
            "moon_separation_deg": 60.0,
            "moon_phase_angle_deg": 5.0,
            **moon,
        }
        return float(sky_cps(make_window((60.0,), receiver=STOP, terminal=RED, sight=sight))[0])

    full = counts()
    assert counts(moon_separation_deg=8.0) > 3.0 * full
    assert counts(moon_phase_angle_deg=120.0) < 0.5 * full
    assert counts(moon_elevation_deg=-1.0) < 0.5 * full


def test_the_moon_hardly_matters_at_1550_nm(make_window) -> None:
    moonlit = {"moon_elevation_deg": 45.0, "moon_separation_deg": 60.0, "moon_phase_angle_deg": 5.0}
    dark, lit = (sky_cps(make_window((60.0,), receiver=SEEING, sight=sight))[0] for sight in ({}, moonlit))
    assert lit < 1.1 * dark


def test_moonlight_of_an_independent_implementation() -> None:
    """specsim 0.18 documents 19.855 mag/arcsec² for these five angles and figures."""
    nanolambert = moonlight_nanolambert(
        elevation_deg=np.array([70.0]),
        moon_elevation_deg=np.array([20.0]),
        moon_separation_deg=np.array([50.0]),
        moon_phase_angle_deg=np.array([45.0]),
        zenith_extinction_mag=0.15,
    )
    assert (20.7233 - np.log(nanolambert / 34.08)) / 0.92104 == pytest.approx([19.855], abs=5e-4)


def test_day_is_itu_p1621_and_night_has_none() -> None:
    """P.1621-2, table 1, at 850 nm."""
    sun = np.array([40.0, 0.0, -18.0, -50.0])
    for sky, radiance in (("bright", 122.3), ("normal", 42.58), ("overcast", 30.30)):
        assert day_radiance(sun, wavelength_nm=850.0, day_sky=sky) == pytest.approx([radiance, radiance, 0.0, 0.0])


def test_twilight_is_patats() -> None:
    """V with the Sun at zenith distances of 95°, 100° and 105° (Patat et al. 2006)."""
    sun = np.array([-5.0, -10.0, -15.0])
    radiance = day_radiance(sun, wavelength_nm=545.0, day_sky="normal")
    magnitudes = -2.5 * np.log10(radiance / 3.631e-8 / (180.0 * 3600.0 / np.pi) ** 2)
    assert magnitudes == pytest.approx([11.84, 18.0, 21.3], abs=0.35)
    assert (np.diff(twilight_share(np.linspace(-18.0, 0.0, 200))) > 0.0).all()


def test_airglow_brightens_towards_the_horizon() -> None:
    elevation = np.array([90.0, 60.0, 30.0, 15.0])
    radiance = natural_radiance(elevation, wavelength_nm=1550.0, zenith_extinction_mag=0.05)
    assert (np.diff(radiance) > 0.0).all()
    assert radiance[0] == pytest.approx(6.5e-5, rel=0.05)


def test_daylight_decides_by_numbers(make_window) -> None:
    """Into one mode at 1550 nm with 0.2 nm, a day sky of 6 W/m²/sr/µm sends some 2.2e4 photons a second."""
    noon = make_window((60.0,), receiver={"filter_bandwidth_nm": 0.2}, sight={"sun_elevation_deg": 40.0})
    assert sky_cps(noon)[0] == pytest.approx(2.2e4 * 10**-0.3 * 0.8 / 4.0, rel=0.1)
