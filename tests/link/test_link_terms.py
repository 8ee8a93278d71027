"""What must hold for every term of the budget, whoever adds one."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from eagleplan.link import LOSS_TERMS, LinkWindow, budgets
from eagleplan.link.rays import lay_end_to_end
from eagleplan.model import AdaptiveOptics, Calibration, LinkOptions

LINKS = {
    "fibre behind adaptive optics, computed": {
        "terminal": {"beam": "truncated-gaussian"},
        "receiver": {
            "coupling_loss_db": None,
            "adaptive_optics": AdaptiveOptics(
                actuator_pitch_m=0.08, delay_s=1e-3, residual_tilt_urad=0.2, static_wavefront_error_nm=100.0
            ),
        },
        "site": {"calibration": Calibration(offset_db=0.5, extinction_per_airmass_db=0.3)},
    },
    "bare fibre, computed": {"receiver": {"coupling": "smf", "coupling_loss_db": None}},
    "field stop, computed": {
        "terminal": {"wavelength_nm": 785.0},
        "receiver": {
            "coupling": "field-stop",
            "coupling_loss_db": None,
            "field_of_view_full_angle_urad": 40.0,
        },
    },
    "figures": {},
}
AIR = LinkOptions(visibility_km=23.0)
everywhere = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
elevations = st.lists(st.floats(0.0, 90.0), min_size=1, max_size=8)


def values(name: str, window: LinkWindow, options: LinkOptions = AIR) -> np.ndarray:
    return LOSS_TERMS[name](lay_end_to_end([window], options))


@pytest.mark.parametrize("name", LOSS_TERMS)
@pytest.mark.parametrize("link", LINKS)
@everywhere
@given(elevation=elevations)
def test_a_term_is_finite_not_negative_and_keeps_its_shape(make_window, link, name, elevation) -> None:
    loss_db = values(name, make_window(elevation, **LINKS[link]))
    assert loss_db.shape == (len(elevation),)
    assert np.isfinite(loss_db).all()
    assert (loss_db >= -1e-12).all()


@pytest.mark.parametrize("name", LOSS_TERMS)
@pytest.mark.parametrize("link", LINKS)
@everywhere
@given(elevation=elevations)
def test_a_term_is_worst_at_the_horizon(make_window, link, name, elevation) -> None:
    elevation = np.sort(np.array([0.0, *elevation]))
    range_km = np.full(elevation.size, 1000.0)
    loss_db = values(name, make_window(elevation, range_km=range_km, sight={"range_rate_km_s": 0.0}, **LINKS[link]))
    assert (loss_db <= loss_db[0] + 1e-9).all()


@pytest.mark.parametrize("name", LOSS_TERMS)
@pytest.mark.parametrize("link", LINKS)
@everywhere
@given(ranges=st.lists(st.floats(300.0, 3000.0), min_size=2, max_size=8))
def test_a_term_never_falls_with_range(make_window, link, name, ranges) -> None:
    """But for the slew, which is taken out: a farther satellite crosses the layers more slowly."""
    if name == "turbulence":
        options = replace(LINKS[link].get("receiver", {}).get("adaptive_optics", AdaptiveOptics()), delay_s=0.0)
        link_parts = {
            **LINKS[link],
            "receiver": {**LINKS[link].get("receiver", {}), "adaptive_optics": options},
        }
    else:
        link_parts = LINKS[link]
    range_km = np.sort(ranges)
    loss_db = values(name, make_window(np.full(range_km.size, 30.0), range_km=range_km, **link_parts))
    assert (np.diff(loss_db) >= -1e-9).all()


@pytest.mark.parametrize("beam", ["gaussian", "truncated-gaussian"])
def test_diffraction_follows_the_wavelength_squared_far_away(make_window, beam) -> None:
    far = np.array([40_000.0])
    at = {
        nm: values(
            "geometry",
            make_window((90.0,), range_km=far, terminal={"beam": beam, "wavelength_nm": nm, "m2": 1.0}),
        )[0]
        for nm in (775.0, 1550.0)
    }
    assert at[1550.0] - at[775.0] == pytest.approx(20.0 * np.log10(2.0), abs=2e-3)


def test_turbulence_and_scattering_are_weaker_at_longer_wavelengths(make_window) -> None:
    for name in ("turbulence", "extinction"):
        loss_db = [
            values(name, make_window((30.0,), terminal={"wavelength_nm": nm}, **LINKS["bare fibre, computed"]))[0]
            for nm in (532.0, 785.0, 1064.0, 1550.0)
        ]
        assert loss_db == sorted(loss_db, reverse=True), name


def test_a_figure_for_the_coupling_stands_for_turbulence_too(make_window) -> None:
    budget = budgets([make_window()], AIR)[0]
    assert budget.terms_db["coupling"] == pytest.approx(4.0)
    assert budget.terms_db["turbulence"] == pytest.approx(0.0)


def test_a_fit_may_say_that_a_station_is_better_than_its_parameters(make_window) -> None:
    better = Calibration(offset_db=-2.0)
    plain = make_window()
    fitted = replace(plain, site=replace(plain.site, calibration=better))
    before, after = budgets([plain, fitted], AIR)
    assert after.total_db == pytest.approx(before.total_db - 2.0)
