"""Extinction against single 6S runs, and turbulence against brute-force integrals."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from eagleplan.link.airmass import kasten_young_airmass
from eagleplan.link.extinction import (
    aod_550nm_from_visibility,
    clear_air_from_table,
    extinction_table,
    path_extinction_db,
)
from eagleplan.link.turbulence import (
    aperture_averaging,
    fried_radius_m,
    hufnagel_valley_cn2,
    power_scintillation_index,
    scintillation_index,
    turbulence_over,
)
from eagleplan.model import Air

REFERENCE = Path(__file__).parents[1] / "reference"
SINGLE_RUNS = np.loadtxt(REFERENCE / "link_6s.csv", delimiter=",", comments="#", skiprows=4)


def extinction_db(wavelength_nm: float, altitude_m: float, aod_550nm: float, elevation_deg: float) -> float:
    air = clear_air_from_table(wavelength_nm=wavelength_nm, altitude_m=altitude_m, station_aod_550nm=aod_550nm)
    airmass = kasten_young_airmass(np.array([elevation_deg]))
    return float(path_extinction_db(air=[air], air_of_sample=np.zeros(1, dtype=np.intp), airmass=airmass)[0])


def test_the_table_gives_what_6s_gives_off_its_knots() -> None:
    """Aerosol is linear, so depths from 0 to 0.4 follow from one run; gases are interpolated."""
    ours = np.array([extinction_db(*row[:4]) for row in SINGLE_RUNS])
    difference_db = ours - SINGLE_RUNS[:, 4]
    assert np.abs(difference_db).max() < 0.02


def test_kasten_young_at_its_published_points() -> None:
    """Kasten and Young (1989), table II: 1 at the zenith, 37.92 at the horizon."""
    airmass = kasten_young_airmass(np.array([90.0, 30.0, 10.0, 5.0, 0.0]))
    assert airmass == pytest.approx([0.9997, 1.9939, 5.5841, 10.3164, 37.9196], rel=2e-3)


def test_23_km_is_the_clear_standard_atmosphere() -> None:
    """6S takes an optical depth of 0.235 for 23 km."""
    assert aod_550nm_from_visibility(23.0, 1500.0) == pytest.approx(0.235, abs=0.005)
    assert aod_550nm_from_visibility(1e6, 1500.0) == 0.0


def test_water_bands_saturate_along_the_path() -> None:
    """At 10° the gases near 820 nm take over 0.9 dB less than their zenith's loss times the air mass."""
    zenith_db, low_db = (extinction_db(820.0, 0.0, 0.0, elevation) for elevation in (90.0, 10.0))
    assert zenith_db * kasten_young_airmass(np.array([10.0]))[0] - low_db > 0.9


def test_the_table_spans_what_it_is_asked_for() -> None:
    table = extinction_table()
    for nm in (532.0, 780.0, 785.0, 810.0, 848.6, 850.0, 1064.0, 1310.0, 1550.0):
        assert table.covers(nm)
    assert not table.covers(900.0)
    assert table.altitude_m[0] == 0.0
    assert table.altitude_m[-1] >= 3000.0
    for values in (table.rayleigh_db, table.aerosol_db, table.gas_db):
        assert np.isfinite(values).all()
        assert (values >= 0.0).all()
    assert (np.diff(table.gas_db, axis=2) >= -1e-3).all(), "gases take more along a longer path"
    assert (np.diff(table.gas_db, axis=1) <= 1e-3).all(), "and less from a higher site"


@pytest.mark.parametrize("altitude_m", [0.0, 2400.0])
def test_the_integrals_are_those_of_the_profile(altitude_m) -> None:
    from scipy.integrate import quad

    air = Air(ground_cn2_per_m23=5e-14, rms_wind_m_s=27.0)
    over = turbulence_over(air, altitude_m)

    def cn2(height_m: float) -> float:
        profile = hufnagel_valley_cn2(
            np.array([height_m]),
            altitude_m=altitude_m,
            ground_cn2_per_m23=air.ground_cn2_per_m23,
            rms_wind_m_s=air.rms_wind_m_s,
        )
        return float(profile[0])

    top_m = 20_000.0 - altitude_m

    def exact(power: float) -> float:
        parts = ((0.0, 500.0), (500.0, 5000.0), (5000.0, top_m))
        return sum(quad(lambda h: cn2(h) * h**power, *part, epsabs=0.0, epsrel=1e-9)[0] for part in parts)

    assert over.cn2_integral == pytest.approx(exact(0.0), rel=1e-3)
    assert over.cn2_h56_integral == pytest.approx(exact(5.0 / 6.0), rel=1e-3)
    assert over.cn2_h2_integral == pytest.approx(exact(2.0), rel=1e-3)
    assert over.share.sum() == pytest.approx(1.0)


def test_seeing_worsens_with_the_ground_layer_and_the_air_mass() -> None:
    """Published for HV5/7 with 3e-15 and 1.7e-13 at the ground, 850 nm: 16.9 and 2.7 cm."""
    for ground, r0_cm in ((3e-15, 16.9), (1.7e-13, 2.7)):
        over = turbulence_over(Air(ground_cn2_per_m23=ground), 0.0)
        airmass = np.array([1.0, 4.0])
        r0_m = fried_radius_m(over, wavelength_nm=850.0, airmass=airmass)
        assert 100.0 * r0_m[0] == pytest.approx(r0_cm, abs=0.1)
        assert r0_m[0] / r0_m[1] == pytest.approx(4.0**0.6)


def test_a_large_aperture_smooths_scintillation_to_its_limit() -> None:
    """17.34 D^(−7/3) X³ ∫Cn² h² dh (P.1622) is 5.4e-4 at the zenith for 0.8 m and 2.7e-3 for 0.4 m."""
    over = turbulence_over(Air(), 0.0)
    for aperture_m, limit in ((0.8, 5.4e-4), (0.4, 2.7e-3)):
        index = power_scintillation_index(over, wavelength_nm=1550.0, airmass=np.ones(1), aperture_m=aperture_m)
        assert index[0] == pytest.approx(limit, rel=0.05)
        assert 17.34 * aperture_m ** (-7.0 / 3.0) * over.cn2_h2_integral == pytest.approx(limit, rel=0.02)


def test_scintillation_saturates_and_a_point_is_not_averaged() -> None:
    assert scintillation_index(np.array([1e-4])) == pytest.approx([1e-4], rel=1e-3)
    assert scintillation_index(np.array([1e4]))[0] < 2.0
    over = turbulence_over(Air(), 0.0)
    averaging = aperture_averaging(over, wavelength_nm=850.0, airmass=np.ones(1), aperture_m=1e-4)
    assert averaging == pytest.approx([1.0], abs=1e-3)
