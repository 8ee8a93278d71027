"""Clear probability against a direct integral over the Beta distribution, and its limits."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.special import beta as beta_function

from eagleplan.weather import p_clear_at


@pytest.mark.parametrize("p_clear_zenith", [0.2, 0.43, 0.6, 0.8])
@pytest.mark.parametrize("elevation_deg", [10.0, 20.0, 30.0, 45.0, 90.0])
def test_equals_the_integral_over_hourly_cloud_cover(p_clear_zenith: float, elevation_deg: float) -> None:
    a, b = 0.5 * p_clear_zenith, 0.5 * (1.0 - p_clear_zenith)
    f = 1.0 / np.sin(np.radians(elevation_deg))
    # quad takes the end-point singularities x^(a-1) (1-x)^(b-1) as an algebraic weight.
    integral, _ = quad(lambda x: x**f, 0.0, 1.0, weight="alg", wvar=(a - 1.0, b - 1.0))
    assert p_clear_at(p_clear_zenith, elevation_deg) == pytest.approx(integral / beta_function(a, b), rel=1e-7)


def test_is_far_above_the_power_of_the_mean() -> None:
    f = 1.0 / np.sin(np.radians(20.0))
    assert p_clear_at(0.43, 20.0) == pytest.approx(0.31, abs=0.005)
    assert 0.43**f == pytest.approx(0.085, abs=0.005)


@pytest.mark.parametrize(
    ("p_clear_zenith", "published"),
    [(0.43, [0.43, 0.39, 0.35, 0.31, 0.29, 0.26]), (0.60, [0.60, 0.56, 0.52, 0.48, 0.45, 0.42])],
)
def test_falls_with_elevation_as_computed_elsewhere(p_clear_zenith: float, published: list[float]) -> None:
    found = p_clear_at(p_clear_zenith, [90.0, 45.0, 30.0, 20.0, 15.0, 10.0])
    assert found == pytest.approx(published, abs=0.006)  # two decimals, themselves from a sample


@given(p=st.floats(0.0, 1.0), low=st.floats(1.0, 89.0), rise=st.floats(0.0, 60.0))
def test_is_a_probability_that_rises_with_elevation(p: float, low: float, rise: float) -> None:
    lower, upper = p_clear_at(p, [low, min(90.0, low + rise)])
    assert 0.0 <= lower <= upper + 1e-12
    assert upper <= p + 1e-12


def test_certain_skies_stay_certain_at_every_elevation() -> None:
    assert p_clear_at([0.0, 1.0], 12.0).tolist() == [0.0, 1.0]


@pytest.mark.parametrize(("p", "elevation_deg"), [(-0.1, 45.0), (1.1, 45.0), (0.5, 0.0), (0.5, 91.0), (np.nan, 45.0)])
def test_refuses_what_is_no_probability_or_no_sky(p: float, elevation_deg: float) -> None:
    with pytest.raises(ValueError, match="must be in"):
        p_clear_at(p, elevation_deg)
