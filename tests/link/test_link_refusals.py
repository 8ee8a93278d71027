"""A parameter of which no loss can be computed is named, never turned into a number."""

from __future__ import annotations

import pytest

from eagleplan.errors import InputError
from eagleplan.link import budgets
from eagleplan.model import AdaptiveOptics, Air, Calibration, LinkOptions

CLEAR = LinkOptions(zenith_extinction_db=0.2)
TABLE = LinkOptions(visibility_km=23.0)
COMPUTED = {"coupling_loss_db": None}
STOP = {"coupling": "field-stop", **COMPUTED}


def problems(window, options: LinkOptions = CLEAR) -> list[tuple[str, str | None]]:
    with pytest.raises(InputError) as caught:
        budgets([window], options)
    return [(problem.path, problem.field) for problem in caught.value.problems]


@pytest.mark.parametrize(
    ("parts", "path", "field"),
    [
        ({"site": {"aperture_m": 0.0}}, "site de-bench", "aperture_m"),
        ({"site": {"aperture_m": float("nan")}}, "site de-bench", "aperture_m"),
        ({"receiver": {"obscuration_frac": 1.0}}, "receiver bench", "obscuration_frac"),
        ({"receiver": {"obscuration_frac": -0.1}}, "receiver bench", "obscuration_frac"),
        ({"receiver": {"optics_loss_db": -1.0}}, "receiver bench", "optics_loss_db"),
        ({"receiver": {"filter_bandwidth_nm": 0.0}}, "receiver bench", "filter_bandwidth_nm"),
        ({"receiver": {"coupling": "mirror"}}, "receiver bench", "coupling"),
        ({"receiver": STOP}, "receiver bench", "field_of_view_full_angle_urad"),
        ({"receiver": COMPUTED}, "receiver bench", "adaptive_optics.actuator_pitch_m"),
        (
            {
                "receiver": {
                    **COMPUTED,
                    "adaptive_optics": AdaptiveOptics(actuator_pitch_m=2.0, delay_s=1e-3),
                }
            },
            "receiver bench",
            "adaptive_optics.actuator_pitch_m",
        ),
        (
            {"receiver": {**COMPUTED, "adaptive_optics": AdaptiveOptics(actuator_pitch_m=0.1)}},
            "receiver bench",
            "adaptive_optics.delay_s",
        ),
        ({"detector": {"efficiency_frac": 0.0}}, "receiver bench", "detector.efficiency_frac"),
        ({"site": {"air": Air(ground_cn2_per_m23=0.0)}}, "site de-bench", "air.ground_cn2_per_m23"),
        ({"site": {"calibration": Calibration(offset_db=-9.0)}}, "site de-bench", "calibration"),
        ({"terminal": {"aperture_m": 0.0}}, "terminal", "aperture_m"),
        ({"terminal": {"wavelength_nm": -1.0}}, "terminal", "wavelength_nm"),
        ({"terminal": {"m2": 0.9}}, "terminal", "m2"),
        (
            {"terminal": {"divergence_half_angle_1e2_urad": 0.0}},
            "terminal",
            "divergence_half_angle_1e2_urad",
        ),
        (
            {"terminal": {"divergence_half_angle_1e2_urad": 9.0, "beam": "truncated-gaussian"}},
            "terminal",
            "divergence_half_angle_1e2_urad",
        ),
        ({"terminal": {"beam": "tophat"}}, "terminal", "beam"),
        ({"terminal": {"pointing_jitter_urad": -1.0}}, "terminal", "pointing_jitter_urad"),
    ],
)
def test_a_bad_part_is_named(make_window, parts, path, field) -> None:
    assert (path, field) in problems(make_window(**parts))


@pytest.mark.parametrize(
    ("options", "field"),
    [
        (LinkOptions(visibility_km=0.0), "visibility_km"),
        (LinkOptions(visibility_km=-5.0), "visibility_km"),
        (LinkOptions(aod_550nm=-0.1), "aod_550nm"),
        (LinkOptions(zenith_extinction_db=-0.2), "zenith_extinction_db"),
        (LinkOptions(), "zenith_extinction_db"),
        (LinkOptions(zenith_extinction_db=0.2, visibility_km=23.0), "zenith_extinction_db"),
        (LinkOptions(zenith_extinction_db=0.2, aerosol_scale_height_m=0.0), "aerosol_scale_height_m"),
        (LinkOptions(zenith_extinction_db=0.2, day_sky="green"), "day_sky"),
    ],
)
def test_bad_air_is_named(make_window, options, field) -> None:
    assert ("link", field) in problems(make_window(), options)


def test_a_wavelength_or_site_outside_the_tables_is_named(make_window) -> None:
    assert problems(make_window(terminal={"wavelength_nm": 900.0}), TABLE) == [("terminal", "wavelength_nm")]
    assert problems(make_window(site={"altitude_m": 5000.0}), TABLE) == [("site de-bench", "altitude_m")]
    blue = make_window(terminal={"wavelength_nm": 405.0}, receiver={"filter_bandwidth_nm": 1.0})
    assert problems(blue) == [("terminal", "wavelength_nm")]
    assert problems(make_window(site={"altitude_m": 20_000.0})) == [("site de-bench", "altitude_m")]


@pytest.mark.parametrize(("elevation_deg", "range_km"), [(-5.0, 900.0), (30.0, 0.0), (30.0, float("nan"))])
def test_a_sight_that_cannot_be_is_no_loss(make_window, elevation_deg, range_km) -> None:
    with pytest.raises(ValueError, match="line of sight"):
        budgets([make_window((elevation_deg,), range_km=[range_km])], CLEAR)


def test_everything_wrong_is_told_at_once_and_once(make_window) -> None:
    bad = make_window(terminal={"aperture_m": 0.0}, site={"aperture_m": -1.0}, receiver={"obscuration_frac": 2.0})
    with pytest.raises(InputError) as caught:
        budgets([bad, bad], LinkOptions(visibility_km=0.0))
    assert sorted(problem.field for problem in caught.value.problems) == [
        "aperture_m",
        "aperture_m",
        "obscuration_frac",
        "visibility_km",
    ]


@pytest.mark.parametrize(
    ("receiver", "key"),
    [
        (COMPUTED, "adaptive_optics.actuator_pitch_m"),
        ({**COMPUTED, "adaptive_optics": AdaptiveOptics(actuator_pitch_m=0.1)}, "adaptive_optics.delay_s"),
        (STOP, "field_of_view_full_angle_urad"),
    ],
)
def test_what_is_missing_is_said_to_be_missing(make_window, receiver, key) -> None:
    with pytest.raises(InputError) as caught:
        budgets([make_window(receiver=receiver)], CLEAR)
    (problem,) = [one for one in caught.value.problems if one.field == key]
    assert "is missing" in problem.message
    assert problem.got is None


def test_what_many_sites_share_is_refused_once(make_window) -> None:
    windows = [
        make_window(site={"site_id": site_id}, receiver=STOP, terminal={"wavelength_nm": 900.0})
        for site_id in ("one", "other")
    ]
    assert [(problem.path, problem.field) for problem in _caught(windows, TABLE)] == [
        ("receiver bench", "field_of_view_full_angle_urad"),
        ("terminal", "wavelength_nm"),
    ]
    (narrow,) = _caught([make_window(terminal={"wavelength_nm": 900.0})], TABLE)
    assert "532, 780 to 850, 1064, 1310, 1530 to 1570;" in narrow.message


def _caught(windows, options):
    with pytest.raises(InputError) as caught:
        budgets(windows, options)
    return caught.value.problems


def test_no_calibration_makes_light(make_window) -> None:
    calibrated = {"calibration": Calibration(extinction_per_airmass_db=-2.0)}
    high = budgets([make_window((90.0,), site=calibrated)], CLEAR)[0]
    assert high.terms_db["calibration"] == pytest.approx(-2.0, abs=1e-3)
    (problem,) = _caught([make_window((90.0, 10.0), site=calibrated)], CLEAR)
    assert (problem.path, problem.field) == ("site de-bench", "calibration")
    assert "5.59 air masses" in problem.message


def test_a_loss_beyond_all_bounds_is_no_loss(make_window) -> None:
    ruined = AdaptiveOptics(actuator_pitch_m=0.1, delay_s=1e-3, static_wavefront_error_nm=1e5)
    (problem,) = _caught([make_window(receiver={**COMPUTED, "adaptive_optics": ruined})], CLEAR)
    assert (problem.path, problem.field) == ("site de-bench", "turbulence")
