"""Forecasts, observations and an operator's word, on top of climatology."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.special import beta as beta_function

from eagleplan.model import Forecast, Horizon, Observation, PassOverride, Weather, WeatherOptions
from eagleplan.units import read_only
from eagleplan.weather import (
    SkySpan,
    clear_probabilities,
    clear_probabilities_of_parts,
    member_probabilities,
    member_probabilities_of_parts,
    override_notices,
    p_clear_at,
)

HORIZON = Horizon(start_utc=datetime(2026, 11, 30, tzinfo=UTC), days=7.0)
HOUR = 3600


def _weather(*forecasts: Forecast, planned_h: float = 0.0, **more: object) -> Weather:
    return Weather(
        planned_utc=HORIZON.start_utc + timedelta(hours=planned_h),
        monthly_p_clear_zenith={name: np.full(12, 0.43) for name in ("at-graz", "es-teide")},
        climatology_origin="climatology (test.csv)",
        forecasts=forecasts,
        **more,  # type: ignore[arg-type]
    )


def _run(
    clear: list[list[float]],
    *,
    issued_h: float = 0.0,
    first_h: float = 0.0,
    site_id: str = "at-graz",
    name: str = "run.json",
) -> Forecast:
    return Forecast(
        site_id=site_id,
        origin=name,
        issued_s=issued_h * HOUR,
        time_s=read_only([(first_h + i) * HOUR for i in range(len(clear[0]))]),
        clear_frac=read_only(clear),
        decay_hours=48.0,
    )


def _span(start_h: float, elevation_deg: list[float], site_id: str = "at-graz", pass_id: str = "p1") -> SkySpan:
    start_s = round(start_h * HOUR)
    return SkySpan(
        pass_id=pass_id,
        site_id=site_id,
        start_s=start_s,
        end_s=start_s + len(elevation_deg),
        elevation_deg=read_only(elevation_deg),
    )


def _integral(p: float, elevation_deg: float) -> float:
    a, b = 0.5 * p, 0.5 * (1.0 - p)
    f = 1.0 / np.sin(np.radians(elevation_deg))
    value, _ = quad(lambda x: x**f, 0.0, 1.0, weight="alg", wvar=(a - 1.0, b - 1.0))
    return float(value / beta_function(a, b))


def test_climatology_alone_is_the_mean_over_the_seconds() -> None:
    (found,) = clear_probabilities(_weather(), HORIZON, [_span(20.0, [20.0, 45.0, 90.0])])
    expected = np.mean([_integral(0.43, 20.0), _integral(0.43, 45.0), 0.43])
    assert found.p_clear == round(found.p_clear, 6) == pytest.approx(expected, abs=1e-6)
    assert found.p_clear_climatology == found.p_clear
    assert (found.origin, found.forecast_age_s, found.forecast_lead_s) == ("climatology (test.csv)", None, None)


def test_a_single_run_is_blended_by_its_lead() -> None:
    weather = _weather(_run([[0.9] * 48], issued_h=-6.0), planned_h=-3.0)
    span = _span(18.0, [20.0] * 100)
    (found,) = clear_probabilities(weather, HORIZON, [span])
    weight = math.exp(-(24.0 + 50.0 / HOUR) / 48.0)
    expected = weight * _integral(0.9, 20.0) + (1.0 - weight) * _integral(0.43, 20.0)
    assert found.p_clear == pytest.approx(expected, abs=1e-6)
    assert found.forecast_age_s == 3 * HOUR
    assert found.forecast_lead_s == 24 * HOUR
    assert found.origin == "forecast of 2026-11-29T18:00Z (run.json), 24 h ahead: weight 0.61, the rest climatology"


def test_cover_is_taken_between_the_hours() -> None:
    weather = _weather(_run([[0.0, 0.0, 1.0, 1.0]]))
    early, late = clear_probabilities(weather, HORIZON, [_span(1.25, [90.0] * 2), _span(1.75, [90.0] * 2)])
    weight = math.exp(-1.25 / 48.0)
    assert early.p_clear == pytest.approx(weight * (0.25 + 1 / HOUR) + (1 - weight) * 0.43, abs=1e-5)
    assert late.p_clear > early.p_clear


def test_an_ensemble_is_the_expectation_over_its_members() -> None:
    clear = [[1.0] * 3, [0.5] * 3, [0.0] * 3]
    (found,) = clear_probabilities(_weather(_run(clear)), HORIZON, [_span(0.0, [30.0] * 2)])
    weight = math.exp(-1 / HOUR / 48.0)
    assert found.p_clear == pytest.approx(weight * (1 + 0.25 + 0) / 3 + (1 - weight) * _integral(0.43, 30.0), abs=1e-6)
    assert "3 members" in found.origin


def test_outside_the_run_climatology_counts() -> None:
    weather = _weather(_run([[1.0] * 10], first_h=5.0))
    before, inside, after, elsewhere = clear_probabilities(
        weather,
        HORIZON,
        [_span(4.0, [90.0]), _span(8.0, [90.0]), _span(15.0, [90.0]), _span(8.0, [90.0], site_id="es-teide")],
    )
    assert before.p_clear == after.p_clear == elsewhere.p_clear == pytest.approx(0.43)
    assert {one.origin for one in (before, after, elsewhere)} == {"climatology (test.csv)"}
    assert inside.p_clear > 0.9


def test_the_newest_run_that_covers_the_contact_counts() -> None:
    old = _run([[0.0] * 100], issued_h=-24.0, name="old.json")
    new = _run([[1.0] * 10], issued_h=-6.0, name="new.json")
    later = _run([[0.5] * 100], issued_h=1.0, name="later.json")
    near, far = clear_probabilities(_weather(old, new, later), HORIZON, [_span(5.0, [60.0]), _span(50.0, [60.0])])
    assert "new.json" in near.origin
    assert "old.json" in far.origin
    (replanned,) = clear_probabilities(_weather(old, new, later, planned_h=2.0), HORIZON, [_span(5.0, [60.0])])
    assert "later.json" in replanned.origin
    assert replanned.forecast_age_s == HOUR


def test_an_observation_lowers_and_never_raises() -> None:
    seen = {
        cover: Observation(site_id="at-graz", origin="METAR LOWG", observed_s=0.0, clear_frac=1 - cover)
        for cover in (0.2, 1.0)
    }
    span = _span(1.0, [90.0])
    (plain,) = clear_probabilities(_weather(), HORIZON, [span])
    (overcast,) = clear_probabilities(_weather(observations=(seen[1.0],)), HORIZON, [span])
    (few,) = clear_probabilities(_weather(observations=(seen[0.2],)), HORIZON, [span])
    assert overcast.p_clear == pytest.approx(0.43 * (1 - math.exp(-1 / 6)), abs=1e-6)
    assert few.p_clear == plain.p_clear
    assert overcast.origin.endswith("; no more than METAR LOWG of 2026-11-30T00:00Z leaves open (weight 0.85)")
    (tomorrow,) = clear_probabilities(_weather(observations=(seen[1.0],)), HORIZON, [_span(30.0, [90.0])])
    assert tomorrow.p_clear == plain.p_clear
    (before,) = clear_probabilities(_weather(observations=(seen[1.0],), planned_h=-1.0), HORIZON, [span])
    assert before.p_clear == plain.p_clear


def test_an_operators_word_goes_before_everything() -> None:
    override = PassOverride(pass_id="p1", p_clear=0.05, by="A. Muster", why="fog in the basin")
    weather = _weather(_run([[1.0] * 10]), overrides=(override,))
    mine, other = clear_probabilities(weather, HORIZON, [_span(2.0, [20.0]), _span(2.0, [20.0], pass_id="p2")])
    assert (mine.p_clear, mine.origin) == (0.05, "set by A. Muster: fog in the basin")
    assert (mine.forecast_age_s, mine.forecast_lead_s) == (None, None)
    assert other.p_clear > 0.5
    assert override_notices(weather, {"p1", "p2"}) == ()
    assert [notice.notice_id for notice in override_notices(weather, {"p2"})] == ["W-OVERRIDE-UNUSED"]


def test_parts_of_a_window_share_its_sky() -> None:
    weather = _weather(_run([[0.1, 0.9, 0.4]]), _run([[0.3, 0.6, 0.7], [1.0, 0.2, 0.1]], site_id="es-teide"))
    elevation = np.linspace(20.0, 70.0, 200)
    spans = [_span(1.0, elevation.tolist()), _span(1.0, elevation.tolist(), site_id="es-teide")]
    windows, starts, ends = (
        np.array([0, 0, 1, 1]),
        np.array([0, 50, 0, 50]) + HOUR,
        np.array([200, 120, 200, 120]) + HOUR,
    )
    parts = clear_probabilities_of_parts(weather, HORIZON, spans, windows, starts, ends)
    assert (parts[0], parts[2]) == clear_probabilities(weather, HORIZON, spans)
    assert parts[1].origin == parts[0].origin
    assert parts[1].forecast_lead_s == HOUR + 50
    assert parts[1].p_clear_climatology == pytest.approx(p_clear_at(0.43, elevation[50:120]).mean(), abs=1e-6)
    members = member_probabilities_of_parts(weather, HORIZON, spans, windows, starts, ends)
    assert members.mean(axis=0) == pytest.approx([part.p_clear for part in parts], abs=1e-6)
    with pytest.raises(ValueError, match="inside its span"):
        clear_probabilities_of_parts(weather, HORIZON, spans, np.array([0]), np.array([0]), np.array([HOUR + 10]))


def test_members_stay_together_over_sites_and_their_mean_is_the_probability() -> None:
    clear = [[1.0] * 5, [0.0] * 5, [0.4] * 5]
    weather = _weather(
        _run(clear),
        _run([clear[0], clear[1]], site_id="es-teide"),
        overrides=(PassOverride(pass_id="set", p_clear=0.2, by="x", why="y"),),
        observations=(Observation(site_id="at-graz", origin="METAR LOWG", observed_s=0.0, clear_frac=0.1),),
    )
    spans = [
        _span(1.0, [40.0] * 3),
        _span(1.0, [50.0] * 3, site_id="es-teide"),
        _span(40.0, [50.0] * 3),
        _span(1.0, [50.0], pass_id="set"),
    ]
    members = member_probabilities(weather, HORIZON, spans)
    assert members.shape == (6, 4)
    expected = [one.p_clear for one in clear_probabilities(weather, HORIZON, spans)]
    assert members.mean(axis=0) == pytest.approx(expected, abs=1e-6)
    assert (members[:, 1] > 0.9).tolist() == [True, False] * 3
    assert np.ptp(members[:, 2:], axis=0) == pytest.approx(0.0, abs=1e-15)
    assert member_probabilities(_weather(), HORIZON, spans).shape == (0, 4)
    assert not members.flags.writeable


def test_no_span_at_all_is_fine() -> None:
    assert clear_probabilities(_weather(), HORIZON, []) == ()


@given(
    clear=st.lists(st.lists(st.floats(0.0, 1.0), min_size=4, max_size=4), min_size=1, max_size=5),
    elevation=st.lists(st.floats(5.0, 90.0), min_size=1, max_size=5),
    start=st.floats(0.0, 5.0),
)
def test_is_always_a_probability(clear: list[list[float]], elevation: list[float], start: float) -> None:
    weather = _weather(_run(clear), options=WeatherOptions())
    (found,) = clear_probabilities(weather, HORIZON, [_span(start, elevation)])
    assert 0.0 <= found.p_clear <= 1.0
