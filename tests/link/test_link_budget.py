"""Many windows at once are the same as each alone, and a budget is what its terms say."""

from __future__ import annotations

import numpy as np
import pytest

from eagleplan.link import LOSS_TERMS, budgets, fades
from eagleplan.model import AdaptiveOptics, LinkOptions

AIR = LinkOptions(aod_550nm=0.12)


@pytest.fixture
def windows(make_window):
    computed = {
        "coupling_loss_db": None,
        "adaptive_optics": AdaptiveOptics(actuator_pitch_m=0.1, delay_s=1e-3),
        "filter_bandwidth_nm": 0.8,
    }
    return [
        make_window((20.0, 30.0)),
        make_window((50.0, 60.0, 70.0), receiver=computed, site={"site_id": "other", "altitude_m": 2000.0}),
        make_window((25.0,), terminal={"wavelength_nm": 850.0, "beam": "truncated-gaussian"}),
        make_window(()),
    ]


def test_all_at_once_is_each_alone(windows) -> None:
    for window, budget in zip(windows, budgets(windows, AIR), strict=True):
        (alone,) = budgets([window], AIR)
        assert list(budget.terms_db) == list(LOSS_TERMS)
        for name, loss_db in budget.terms_db.items():
            np.testing.assert_array_equal(loss_db, alone.terms_db[name], err_msg=name)
        np.testing.assert_array_equal(budget.background_per_detector_cps, alone.background_per_detector_cps)


def test_windows_of_one_link_may_lie_apart(windows) -> None:
    first, second, *_ = windows
    interleaved = budgets([first, second, first], AIR)
    np.testing.assert_array_equal(interleaved[0].total_db, interleaved[2].total_db)


def test_the_total_is_the_sum_of_the_terms_and_cannot_be_written(windows) -> None:
    budget = budgets(windows, AIR)[1]
    assert budget.total_db == pytest.approx(np.sum(list(budget.terms_db.values()), axis=0))
    assert budget.transmittance_frac == pytest.approx(10.0 ** (-budget.total_db / 10.0))
    with pytest.raises(ValueError, match="read-only"):
        budget.terms_db["geometry"][0] = 0.0


def test_no_windows_no_budgets() -> None:
    assert budgets([], AIR) == ()
    assert fades([], AIR, p_below=0.01) == ()


def test_a_zenith_figure_scales_with_altitude_and_air_mass(make_window) -> None:
    options = LinkOptions(zenith_extinction_db=0.2, aerosol_scale_height_m=1500.0)
    sea, mountain = budgets(
        [make_window((90.0, 30.0), site={"altitude_m": altitude}) for altitude in (0.0, 1500.0)], options
    )
    assert sea.terms_db["extinction"] == pytest.approx([0.2, 0.2 * 1.9943], abs=1e-3)
    assert mountain.terms_db["extinction"] == pytest.approx(sea.terms_db["extinction"] / np.e)


def test_a_site_may_know_its_own_aerosol(make_window) -> None:
    clean = make_window((90.0,), site={"site_id": "clean"})
    own = make_window((90.0,))
    own = type(own)(
        profile=own.profile,
        terminal=own.terminal,
        site=type(own.site)(
            **{
                **{name: getattr(own.site, name) for name in own.site.__slots__},
                "air": type(own.site.air)(aod_550nm=0.4),
            }
        ),
    )
    one, other = budgets([clean, own], LinkOptions(aod_550nm=0.05))
    assert other.terms_db["extinction"][0] - one.terms_db["extinction"][0] == pytest.approx(
        1.2638 * (0.4 - 0.05 * np.exp(-600.0 / 1500.0)), abs=1e-3
    )


def test_fades_are_deeper_than_means_and_deeper_when_rarer(windows) -> None:
    means = budgets(windows, AIR)
    rare, rarer = (fades(windows, AIR, p_below=p) for p in (0.3, 0.001))
    for mean, often, seldom in zip(means, rare, rarer, strict=True):
        for name in often:
            assert (often[name] > mean.terms_db[name]).all(), name
            assert (seldom[name] > often[name]).all(), name


@pytest.mark.parametrize("p_below", [0.0, 0.4, -1.0])
def test_a_fade_is_rarer_than_the_mean(windows, p_below) -> None:
    with pytest.raises(ValueError, match="p_below"):
        fades(windows, AIR, p_below=p_below)


def test_a_loop_that_lost_the_wavefront_fades_like_speckle(make_window) -> None:
    loop = AdaptiveOptics(actuator_pitch_m=0.1, delay_s=1e-3)
    kinds = [
        make_window((0.0,), receiver={"coupling": coupling, "coupling_loss_db": None, "adaptive_optics": loop})
        for coupling in ("smf-ao", "smf")
    ]
    means, rare = budgets(kinds, AIR), fades(kinds, AIR, p_below=0.01)
    corrected, bare = (fade["turbulence"] - mean.terms_db["turbulence"] for fade, mean in zip(rare, means, strict=True))
    assert corrected == pytest.approx(bare)
