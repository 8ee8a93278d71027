"""Capture and pointing against brute force: sums over the aperture's plane, and sampled pointing errors."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eagleplan.link.diffraction import truncated_gaussian
from eagleplan.link.geometry import gaussian_capture_frac, pointing_half_angle_1e2_urad
from eagleplan.link.pointing import mean_pointing_frac, pointing_quantile_frac
from eagleplan.model import Terminal

NODES, WEIGHTS = np.polynomial.legendre.leggauss(200)


@given(spot_m=st.floats(0.05, 20.0), aperture_m=st.floats(0.05, 2.0), obscuration_frac=st.floats(0.0, 0.9))
def test_gaussian_capture_is_the_integral_over_the_annulus(spot_m, aperture_m, obscuration_frac) -> None:
    inner, outer = 0.5 * obscuration_frac * aperture_m, 0.5 * aperture_m
    radius = inner + 0.5 * (outer - inner) * (NODES + 1.0)
    density = 2.0 / (np.pi * spot_m**2) * np.exp(-2.0 * (radius / spot_m) ** 2)
    summed = 0.5 * (outer - inner) * np.sum(WEIGHTS * density * 2.0 * np.pi * radius)
    ours = gaussian_capture_frac(
        range_km=np.array([1000.0]),
        divergence_half_angle_1e2_urad=spot_m,
        waist_radius_m=0.0,
        aperture_m=aperture_m,
        obscuration_frac=obscuration_frac,
    )
    assert ours[0] == pytest.approx(summed, rel=1e-9)


@pytest.mark.parametrize("truncation", [0.0, 0.5, 1.0, 1.12, 2.0])
def test_a_truncated_gaussian_keeps_its_power_and_its_published_gain(truncation) -> None:
    """On the axis: Klein and Degnan (1974), eq. 11, over the power that leaves the aperture."""
    far_field = truncated_gaussian(truncation)
    assert far_field.encircled_frac(np.array([60.0]))[0] == pytest.approx(1.0, abs=0.012)
    assert (np.diff(far_field.encircled_frac(np.linspace(0.0, 60.0, 500))) >= -1e-6).all()
    squared = truncation**2
    gain = 1.0 if truncation == 0.0 else 2.0 / squared * np.expm1(-squared) ** 2 / -np.expm1(-2.0 * squared)
    assert far_field.power_per_v2[0] * 4.0 == pytest.approx(gain, rel=1e-6)


def test_without_truncation_the_far_field_is_airys() -> None:
    from scipy.special import j0, j1

    v = np.linspace(0.1, 20.0, 50)
    assert truncated_gaussian(0.0).encircled_frac(v) == pytest.approx(1.0 - j0(v) ** 2 - j1(v) ** 2, abs=2e-4)


def test_the_core_of_a_hardly_truncated_gaussian_is_that_gaussian() -> None:
    terminal = Terminal(
        wavelength_nm=850.0,
        aperture_m=0.3,
        beam="truncated-gaussian",
        waist_radius_m=0.04,
        pointing_jitter_urad=1.0,
    )
    assert pointing_half_angle_1e2_urad(terminal) == pytest.approx(0.85 / (np.pi * 0.04), rel=1e-4)


@pytest.mark.parametrize(("jitter_urad", "bias_urad"), [(1.0, 0.0), (1.5, 1.0), (0.5, 3.0), (0.0, 2.0)])
def test_pointing_mean_and_quantile_are_those_of_sampled_errors(jitter_urad, bias_urad) -> None:
    half_angle_urad = 5.0
    errors = np.random.default_rng(1).normal(size=(2, 1_000_000)) * jitter_urad
    squared = (errors[0] + bias_urad) ** 2 + errors[1] ** 2
    sampled = np.exp(-2.0 * squared / half_angle_urad**2)
    parts = {
        "divergence_half_angle_1e2_urad": half_angle_urad,
        "jitter_urad": jitter_urad,
        "bias_urad": bias_urad,
    }
    assert mean_pointing_frac(**parts) == pytest.approx(sampled.mean(), rel=2e-3)
    for p_below in (0.01, 0.1):
        assert pointing_quantile_frac(**parts, p_below=p_below) == pytest.approx(
            np.quantile(sampled, p_below), rel=2e-2
        )
