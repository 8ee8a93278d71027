"""Coupling into stop and fibre against sums over pupil and focal plane that share no code with ours."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from eagleplan.link import fibre, field_stop
from eagleplan.link.adaptive_optics import corrected_sight
from eagleplan.link.background import photons_per_s
from eagleplan.link.turbulence import fried_radius_m, turbulence_over
from eagleplan.model import Air

REFERENCE = Path(__file__).parents[1] / "reference"
RESIDUALS = np.loadtxt(REFERENCE / "link_fibre_residual.csv", delimiter=",", comments="#", skiprows=4)


@pytest.mark.parametrize("row", RESIDUALS, ids=lambda row: f"{row[0]}m-{row[1]:.0f}nm-{row[2]:.0f}deg")
def test_adaptive_optics_leaves_what_a_sum_over_the_pupil_leaves(row) -> None:
    aperture_m, wavelength_nm, elevation_deg, pitch_m, ground_cn2, loss_db = row
    over = turbulence_over(Air(ground_cn2_per_m23=ground_cn2), 0.0)
    elevation = np.deg2rad(elevation_deg)
    range_km = np.sqrt((6371.0 * np.sin(elevation)) ** 2 + 6871.0**2 - 6371.0**2) - 6371.0 * np.sin(elevation)
    speed_km_s = np.sqrt(398_600.4 / 6871.0)
    across_km_s = speed_km_s * np.sqrt(1.0 - (6371.0 / 6871.0 * np.cos(elevation)) ** 2)
    left = corrected_sight(
        over,
        fried_radius_zenith_m=float(fried_radius_m(over, wavelength_nm=wavelength_nm, airmass=np.ones(1))[0]),
        aperture_m=aperture_m,
        obscuration_frac=0.3,
        pitch_m=pitch_m,
        delay_s=1e-3,
        airmass=np.array([1.0 / np.sin(elevation)]),
        slew_rad_s=np.array([across_km_s / range_km]),
    )
    assert -10.0 * np.log10(left.mean_frac[0]) == pytest.approx(loss_db, abs=0.02)


def test_a_quick_and_fine_mirror_leaves_nothing() -> None:
    over = turbulence_over(Air(), 0.0)
    left = corrected_sight(
        over,
        fried_radius_zenith_m=0.2,
        aperture_m=0.8,
        obscuration_frac=0.3,
        pitch_m=0.004,
        delay_s=0.0,
        airmass=np.array([1.0, 3.0]),
        slew_rad_s=np.array([0.015, 0.005]),
    )
    assert left.mean_frac == pytest.approx([1.0, 1.0], abs=0.01)
    assert left.tilt_rad2 == pytest.approx([0.0, 0.0], abs=1e-3)


def test_a_mirror_as_coarse_as_the_telescope_only_corrects_tilt() -> None:
    """Noll (1976), table IV: 1.030 (D/r0)^(5/3) over the pupil before, and less than that after."""
    over = turbulence_over(Air(), 0.0)
    left = corrected_sight(
        over,
        fried_radius_zenith_m=0.4,
        aperture_m=0.8,
        obscuration_frac=0.0,
        pitch_m=0.8,
        delay_s=0.0,
        airmass=np.ones(1),
        slew_rad_s=np.zeros(1),
    )
    uncorrected = fibre.mean_without_correction_frac(aperture_over_r0=np.array([2.0]), obscuration_frac=0.0)
    assert uncorrected[0] < left.mean_frac[0] < 1.0
    assert 0.0 < left.tilt_rad2[0] + left.fine_rad2[0] < 1.030 * 2.0 ** (5.0 / 3.0)


def test_all_of_kolmogorov_is_688() -> None:
    separation = np.array([0.05, 0.3, 1.0])
    structure = fibre.structure_per_strength(np.ones_like(fibre.FREQUENCIES), separation)
    assert structure == pytest.approx(6.88 * separation ** (5.0 / 3.0), rel=0.01)


def test_the_uncorrected_mean_is_near_its_rule_of_thumb() -> None:
    over_r0 = np.geomspace(0.1, 20.0, 30)
    exact = fibre.mean_without_correction_frac(aperture_over_r0=over_r0, obscuration_frac=0.3)
    thumb = (1.0 + over_r0 ** (5.0 / 3.0)) ** -1.2
    assert np.abs(10.0 * np.log10(exact / thumb)).max() < 0.7
    assert (np.diff(exact) < 0.0).all()


def test_fades_of_tilt_and_speckle_are_those_of_samples() -> None:
    random = np.random.default_rng(7)
    tilt_rad2, fine_rad2, over_grain, n = 0.15, 0.4, 8.0, 2_000_000
    tilt = np.exp(-random.exponential(tilt_rad2, n))
    power = -np.expm1(-fine_rad2) / (1.0 + over_grain**2)
    speckle = random.normal(size=(2, n)) * np.sqrt(0.5 * power)
    fine = (np.exp(-0.5 * fine_rad2) + speckle[0]) ** 2 + speckle[1] ** 2
    for p_below in (0.01, 0.1):
        fades = [
            fibre.tilt_fade_frac(np.array([tilt_rad2]), p_below=p_below),
            fibre.speckle_fade_frac(
                fine_rad2=np.array([fine_rad2]), aperture_over_grain=np.array([over_grain]), p_below=p_below
            ),
        ]
        for ours, sampled in zip(fades, (tilt, fine), strict=True):
            assert ours[0] == pytest.approx(np.quantile(sampled, p_below) / sampled.mean(), rel=0.01)
        both = np.quantile(tilt * fine, p_below) / (tilt.mean() * fine.mean())
        assert 10.0 * np.log10(fibre.together(fades)[0] / both) == pytest.approx(0.0, abs=0.3)


@pytest.mark.parametrize("obscuration_frac", [0.0, 0.3])
def test_a_stop_passes_what_the_airy_pattern_puts_in_it(obscuration_frac) -> None:
    """First dark ring of a clear aperture: 83.8 %; Mahajan (1982) gives 68.2 % with 0.3 at 1.22 λ/D."""
    aperture_m, wavelength_nm = 0.8, 785.0
    field_urad = 2.0 * 1.2197 * wavelength_nm * 1e-3 / aperture_m
    passed = field_stop.diffraction_encircled_frac(
        field_full_angle_urad=field_urad,
        aperture_m=aperture_m,
        obscuration_frac=obscuration_frac,
        wavelength_nm=wavelength_nm,
    )
    assert passed == pytest.approx({0.0: 0.838, 0.3: 0.682}[obscuration_frac], abs=0.005)


def test_a_wide_stop_passes_all_and_joins_its_far_law() -> None:
    def passed(field_urad: float) -> float:
        return field_stop.diffraction_encircled_frac(
            field_full_angle_urad=field_urad, aperture_m=0.8, obscuration_frac=0.3, wavelength_nm=785.0
        )

    edge_urad = 2.0 * 400.0 * 785e-3 / (np.pi * 0.8)
    assert passed(1.0001 * edge_urad) == pytest.approx(passed(0.9999 * edge_urad), abs=2e-3)
    assert passed(1e4) == pytest.approx(1.0, abs=1e-3)


def test_half_the_light_of_a_seeing_disc_lies_within_its_half_light_radius() -> None:
    """Kolmogorov: half light within a diameter of 1.15 times the full width at half maximum, 0.976 λ/r0."""
    half_urad = 1.15 * 0.976 * 785e-3 / 0.085
    passed = field_stop.seeing_encircled_frac(
        field_full_angle_urad=half_urad, fried_radius_m=np.array([0.085]), wavelength_nm=785.0
    )
    assert passed == pytest.approx([0.5], abs=0.02)
    wide = field_stop.seeing_encircled_frac(
        field_full_angle_urad=3.0 * 785e-3 / 0.085, fried_radius_m=np.array([0.085]), wavelength_nm=785.0
    )
    assert -10.0 * np.log10(wide[0]) < 0.5, "a field of 3 λ/r0 costs little"


@pytest.mark.parametrize(
    ("radiance", "etendue_m2_sr", "bandwidth_nm", "wavelength_nm", "photons"),
    [
        (6.0, (1.55e-6) ** 2, 0.2, 1550.0, 2.2e4),
        (8.4e-5, (1.55e-6) ** 2, 0.8, 1550.0, 1.2),
        (6.3e-6, 0.25 * np.pi * 0.8**2 * 0.91 * 0.25 * np.pi * 50e-6**2, 1.0, 785.0, 21.0),
    ],
    ids=["day into one mode", "night into one mode", "night through a stop"],
)
def test_sky_photons_of_worked_examples(radiance, etendue_m2_sr, bandwidth_nm, wavelength_nm, photons) -> None:
    collected = photons_per_s(
        np.array([radiance]),
        etendue_m2_sr=etendue_m2_sr,
        bandwidth_nm=bandwidth_nm,
        wavelength_nm=wavelength_nm,
    )
    assert collected[0] == pytest.approx(photons, rel=0.1)


@pytest.mark.parametrize("aperture_over_r0", [100.0, 200.0, 1000.0])
def test_a_fibre_in_strong_turbulence_sees_one_speckle(aperture_over_r0) -> None:
    """Far beyond r0 only the mode's autocorrelation at zero counts: 0.6 Γ(1.2) 3.44^(−1.2) 2π∫m²/(∫m)² (r0/D)²."""
    radius = np.linspace(0.15, 0.5, 20_001)
    mode = np.exp(-((2.0 * fibre.best_mode(0.3).beta * radius) ** 2))
    overlap = np.trapezoid(mode**2 * radius, radius) / np.trapezoid(mode * radius, radius) ** 2
    limit = 0.6 * math.gamma(1.2) * 3.44**-1.2 * overlap / aperture_over_r0**2
    mean = fibre.mean_without_correction_frac(aperture_over_r0=np.array([aperture_over_r0]), obscuration_frac=0.3)
    assert 10.0 * np.log10(limit / mean[0]) == pytest.approx(0.0, abs=0.05)
