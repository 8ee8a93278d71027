"""The `[weather]` table: which file is whose, what is used, and everything that can be wrong, at once."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from eagleplan.errors import InputError
from eagleplan.scenario import Scenario, load_scenario

BASE = """\
schema_version = 1
name = "sky"

[horizon]
start_utc = 2026-11-30T00:00:00Z
days = 2

[satellites.eagle1]
orbit = { kind = "sso", altitude_km = 500.0, ltan = "22:30" }

[sites]
use = ["at-graz", "es-teide", "it-matera"]

[demand]
file = "demand.csv"

[weather]
"""
HEADER = "site_id,time_utc,cloud_cover_frac\n"
GRAZ = HEADER + "at-graz,2026-11-30T00:00:00Z,0.2\nat-graz,2026-11-30T01:00:00Z,0.4\n"

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """A scenario with this `[weather]`, and files beside it."""

    def made(weather: str, **files: str) -> Path:
        (tmp_path / "demand.csv").write_text("demand_id,node_a,node_b,bits_per_week\nd,AT,IT,1000\n", encoding="utf-8")
        for name, text in files.items():
            (tmp_path / name.replace("_", ".")).write_text(text, encoding="utf-8")
        path = tmp_path / "sky.toml"
        path.write_text(BASE + weather, encoding="utf-8")
        return path

    return made


def _notices(scenario: Scenario) -> dict[str, str]:
    return {notice.notice_id: f"{notice.subject}: {notice.message}" for notice in scenario.notices}


def _problems(path: Path) -> list[tuple[str, int | None, str | None, str]]:
    with pytest.raises(InputError) as caught:
        load_scenario(path)
    return [(Path(p.path).name, p.line, p.field, p.message) for p in caught.value.problems]


def _location(latitude_deg: float, longitude_deg: float, **cover: list[Any]) -> dict[str, Any]:
    times = ["2026-11-30T00:00", "2026-11-30T01:00"]
    return {
        "latitude": latitude_deg,
        "longitude": longitude_deg,
        "utc_offset_seconds": 0,
        "hourly": {"time": times, **cover},
    }


def test_the_plan_is_made_when_its_newest_run_is(write: Write) -> None:
    text = '[[weather.forecasts]]\nfile = "a.csv"\nissued_utc = 2026-11-29T18:00:00Z\n'
    weather = load_scenario(write(text, a_csv=GRAZ)).weather
    assert weather.planned_utc == datetime(2026, 11, 29, 18, tzinfo=UTC)
    (run,) = weather.forecasts
    assert (run.site_id, run.origin, run.issued_s, run.decay_hours) == ("at-graz", "a.csv", -6 * 3600.0, 48.0)
    assert run.time_s.tolist() == [0.0, 3600.0]
    assert run.clear_frac.tolist() == [[0.8, 0.6]]
    assert load_scenario(write("")).weather.planned_utc == datetime(2026, 11, 30, tzinfo=UTC)


def test_what_the_scenario_says_of_a_run_goes_before_its_file(write: Write) -> None:
    table = "site_id,time_utc,cloud_cover_frac,issued_utc\nat-graz,2026-11-30T00:00:00Z,0.2,2026-11-29T06:00:00Z\n"
    text = '[[weather.forecasts]]\nfile = "a.csv"\n'
    assert load_scenario(write(text, a_csv=table)).weather.forecasts[0].issued_s == -18 * 3600.0
    text += "issued_utc = 2026-11-29T12:00:00Z\ndecay_hours = 12\n"
    (run,) = load_scenario(write(text.replace("= 12\n", "= 12.0\n"), a_csv=table)).weather.forecasts
    assert (run.issued_s, run.decay_hours) == (-12 * 3600.0, 12.0)


def test_each_site_takes_the_nearest_location_and_high_ones_the_layers_above(write: Write) -> None:
    layers = {"cloud_cover_low": [90, 90], "cloud_cover_mid": [20, 20], "cloud_cover_high": [0, 0]}
    answer = [
        _location(28.25, -16.5, cloud_cover=[95, 95], **layers),
        _location(47.0, 15.5, cloud_cover=[40, 50], **layers),
    ]
    scenario = load_scenario(write('[[weather.forecasts]]\nfile = "a.json"\n', a_json=json.dumps(answer)))
    runs = {run.site_id: run for run in scenario.weather.forecasts}
    assert runs["at-graz"].clear_frac[0] == pytest.approx([0.6, 0.5])
    assert runs["es-teide"].clear_frac[0] == pytest.approx([0.8, 0.8])
    notices = _notices(scenario)
    assert notices["W-FORECAST-SITES"] == "it-matera: no forecast: climatology alone counts"
    assert "W-FORECAST-ISSUE" in notices
    assert "W-FORECAST-LAYERS" not in notices


def test_locations_may_be_named_in_their_order(write: Write) -> None:
    answer = json.dumps([_location(0.0, 0.0, cloud_cover=[10, 10]), _location(0.0, 0.0, cloud_cover=[90, 90])])
    text = '[[weather.forecasts]]\nfile = "a.json"\nsite_ids = ["it-matera", "es-teide"]\n'
    scenario = load_scenario(write(text, a_json=answer))
    assert {run.site_id: round(float(run.clear_frac[0, 0]), 2) for run in scenario.weather.forecasts} == {
        "it-matera": 0.9,
        "es-teide": 0.1,
    }
    assert _notices(scenario)["W-FORECAST-LAYERS"].startswith("es-teide: ")


def test_sites_of_the_catalogue_that_are_not_used_are_passed_over(write: Write) -> None:
    table = GRAZ + "gr-helmos,2026-11-30T00:00:00Z,0.2\n"
    scenario = load_scenario(write('[[weather.forecasts]]\nfile = "a.csv"\n', a_csv=table))
    assert [run.site_id for run in scenario.weather.forecasts] == ["at-graz"]
    elsewhere = GRAZ.replace("at-graz", "gr-helmos")
    scenario = load_scenario(write('[[weather.forecasts]]\nfile = "a.csv"\n', a_csv=elsewhere))
    assert _notices(scenario)["W-FORECAST-SPAN"] == "a.csv: holds none of the sites in use"


def test_stale_late_and_useless_runs_are_told(write: Write) -> None:
    def entry(name: str, issued: str) -> str:
        return f'[[weather.forecasts]]\nfile = "{name}"\nissued_utc = {issued}\n'

    old = entry("a.csv", "2026-11-26T00:00:00Z")
    message = _notices(load_scenario(write(old, a_csv=GRAZ)))["W-FORECAST-AGE"]
    assert message == (
        "a.csv: the newest run, of 2026-11-26T00:00Z, is 96 h old at 2026-11-30T00:00Z: "
        "it has 14% of the weight there, climatology the rest"
    )
    fresh = entry("a.csv", "2026-11-29T00:00:00Z")
    assert "W-FORECAST-AGE" not in _notices(load_scenario(write(fresh, a_csv=GRAZ)))
    mine = "max_forecast_age_hours = 12\n" + fresh
    assert "W-FORECAST-AGE" in _notices(load_scenario(write(mine, a_csv=GRAZ)))
    later = "planned_utc = 2026-11-28T12:00:00Z\n" + fresh
    assert _notices(load_scenario(write(later, a_csv=GRAZ)))["W-FORECAST-FUTURE"].startswith(
        "a.csv: the run of 2026-11-29"
    )
    useless = GRAZ.replace("2026-11-30", "2026-10-30")
    assert "W-FORECAST-SPAN" in _notices(load_scenario(write(fresh, a_csv=useless)))


def test_a_report_lowers_and_one_without_cloud_is_not_used(write: Write) -> None:
    text = (
        '[[weather.metar]]\nfile = "m.txt"\nstation = "LOWG"\nsite_id = "at-graz"\n'
        '[[weather.metar]]\nfile = "m.txt"\nstation = "GCTS"\nsite_id = "es-teide"\nstation_elevation_m = 64.0\n'
    )
    metars = (
        "METAR LOWG 292320Z 00000KT 9999 SCT015 OVC040 02/M02 Q1025\n"
        "METAR LOWG 292350Z 00000KT CAVOK 02/M02 Q1025\n"
        "METAR GCTS 292330Z 00000KT 9999 BKN040 SCT100 18/12 Q1020\n"
    )
    scenario = load_scenario(write(text, m_txt=metars))
    seen = {(one.site_id, one.observed_s): one.clear_frac for one in scenario.weather.observations}
    assert seen == {("at-graz", -2400.0): 0.0, ("es-teide", -1800.0): 1 - 3.5 / 8}
    assert _notices(scenario)["W-METAR-NO-CLOUD"].startswith(
        "LOWG 292350Z: reports no cloud above the site, which is not"
    )
    assert scenario.weather.planned_utc == datetime(2026, 11, 29, 23, 30, tzinfo=UTC)


def test_overrides_and_an_archive_of_ones_own(write: Write) -> None:
    months = ",".join(["jan,feb,mar,apr,may,jun,jul,aug,sep,oct,nov,dec"])
    archive = (
        f"gives,site_id,{months}\nfactor,,{','.join(['1'] * 12)}\np_clear_zenith,at-graz,{','.join(['0.25'] * 12)}\n"
    )
    overrides = 'pass_id,p_clear,by,why\nsome-pass,0.1,A. Muster,"fog, again"\n'
    text = 'monthly_file = "m.csv"\noverrides_file = "o.csv"\n'
    scenario = load_scenario(write(text, m_csv=archive, o_csv=overrides))
    assert scenario.weather.monthly_p_clear_zenith["at-graz"].tolist() == [0.25] * 12
    teide = next(site for site in scenario.sites if site.site_id == "es-teide")
    assert scenario.weather.monthly_p_clear_zenith["es-teide"].tolist() == [teide.p_clear_zenith_annual] * 12
    assert scenario.weather.climatology_origin == "climatology (m.csv)"
    assert [(one.pass_id, one.p_clear, one.why) for one in scenario.weather.overrides] == [
        ("some-pass", 0.1, "fog, again")
    ]
    assert not any(assumption.key.startswith("weather.monthly") for assumption in scenario.assumptions)
    assert {file.role for file in scenario.inputs} >= {"climatology", "overrides", "priors"}


def test_a_prior_that_a_month_lifts_beyond_certainty_is_capped_and_told(write: Write) -> None:
    path = write("")
    text = path.read_text(encoding="utf-8")
    path.write_text(
        text.replace("[demand]", "[sites.override.it-matera]\np_clear_zenith_annual = 0.9\n\n[demand]"),
        encoding="utf-8",
    )
    scenario = load_scenario(path)
    assert scenario.weather.monthly_p_clear_zenith["it-matera"].max() == 1.0
    assert _notices(scenario)["W-CLIMATOLOGY-CAPPED"].startswith("it-matera: 0.9 × 1.34 (Mediterranean)")


@pytest.mark.parametrize(
    ("weather", "files", "expected"),
    [
        (
            '[[weather.forecasts]]\nfile = "a.csv"\n',
            {"a_csv": GRAZ + "at-gratz,2026-11-30T00:00:00Z,0.2\n"},
            ("a.csv", 4, "site_id", "no such site"),
        ),
        (
            '[[weather.forecasts]]\nfile = "a.csv"\n',
            {"a_csv": GRAZ + "at-graz,2026-11-30T02:00:00Z,1.2\n"},
            ("a.csv", 4, "cloud_cover_frac", "must be <= 1"),
        ),
        (
            '[[weather.forecasts]]\nfile = "a.csv"\n',
            {"a_csv": GRAZ + "at-graz,2026-11-30T02:00:00,0.2\n"},
            ("a.csv", 4, "time_utc", "must be UTC and end in Z, such as 2026-11-30T18:00:00Z"),
        ),
        (
            '[[weather.forecasts]]\nfile = "a.json"\n',
            {
                "a_json": json.dumps(
                    [_location(47.0, 15.5, cloud_cover=[1, 2]), _location(0.0, 0.0, cloud_cover=[1, 2])]
                )
            },
            ("a.json", None, "[1]", "is no site's place"),
        ),
        (
            '[[weather.forecasts]]\nfile = "a.txt"\n',
            {"a_txt": GRAZ},
            ("sky.toml", 19, "weather.forecasts[0].file", "does not end as a known kind of forecast"),
        ),
        (
            '[[weather.forecasts]]\nfile = "a.csv"\n[[weather.forecasts]]\nfile = "a.csv"\n',
            {"a_csv": GRAZ},
            ("sky.toml", 21, "weather.forecasts[1].file", "is named twice"),
        ),
        (
            '[[weather.forecasts]]\nfile = "a.csv"\nsite_ids = ["at-graz"]\n',
            {"a_csv": GRAZ},
            ("sky.toml", 20, "weather.forecasts[0].site_ids", "must not be given: the file names its sites itself"),
        ),
        (
            '[[weather.forecasts]]\nfile = "a.json"\nsite_ids = ["at-graz", "it-matera"]\n',
            {"a_json": json.dumps(_location(47.0, 15.5, cloud_cover=[1, 2]))},
            ("sky.toml", 20, "weather.forecasts[0].site_ids", "must name the 1 locations of the file, in its order"),
        ),
        (
            '[[weather.forecasts]]\nfile = "a.json"\nsite_ids = ["at-graz", "at-graz"]\n',
            {"a_json": json.dumps([_location(47.0, 15.5, cloud_cover=[1, 2])] * 2)},
            ("sky.toml", 20, "weather.forecasts[0].site_ids[1]", "is named twice"),
        ),
        (
            '[[weather.forecasts]]\nfile = "none.csv"\n',
            {},
            ("sky.toml", 19, "weather.forecasts[0].file", "no such file"),
        ),
        (
            '[[weather.forecasts]]\nfile = "a.csv"\nissued_utc = 2026-11-29T18:00:00\n',
            {"a_csv": GRAZ},
            ("sky.toml", 20, "weather.forecasts[0].issued_utc", "must be UTC and end in Z"),
        ),
        (
            '[[weather.metar]]\nfile = "m.txt"\nstation = "LOWG"\nsite_id = "de-trauen"\n',
            {"m_txt": "LOWG 292320Z 00000KT 9999 OVC040 02/M02 Q1025\n"},
            ("sky.toml", 21, "weather.metar[0].site_id", "no such site in use"),
        ),
        (
            '[[weather.metar]]\nfile = "m.txt"\nstation = "LOWW"\nsite_id = "at-graz"\n',
            {"m_txt": "LOWG 292320Z 00000KT 9999 OVC040 02/M02 Q1025\n"},
            ("sky.toml", 20, "weather.metar[0].station", "the file has no report of this station"),
        ),
        (
            'overrides_file = "o.csv"\n',
            {"o_csv": "pass_id,p_clear,by,why\np,1.2,,\n"},
            ("o.csv", 2, "p_clear", "must be <= 1"),
        ),
        (
            'monthly_file = "m.csv"\n',
            {
                "m_csv": "gives,site_id,jan,feb,mar,apr,may,jun,jul,aug,sep,oct,nov,dec\np_clear_zenith,at-graz"
                + ",0.5" * 12
            },
            ("m.csv", None, "site_id", "no row is for this site"),
        ),
        ("decay_hours = 0\n", {}, ("sky.toml", 18, "weather.decay_hours", "must be >= 1")),
    ],
)
def test_what_is_wrong_has_its_place(
    write: Write, weather: str, files: dict[str, str], expected: tuple[str, int | None, str | None, str]
) -> None:
    assert expected in _problems(write(weather, **files))


def test_problems_of_several_files_come_at_once(write: Write) -> None:
    text = '[[weather.forecasts]]\nfile = "a.csv"\n[[weather.forecasts]]\nfile = "b.json"\n'
    bad = json.dumps(_location(47.0, 15.5, cloud_cover=[1, 200]))
    found = _problems(
        write('overrides_file = "o.csv"\n' + text, a_csv=HEADER + "at-graz,now,2\n", b_json=bad, o_csv="x\n1\n")
    )
    assert {name for name, *_ in found} == {"a.csv", "b.json", "o.csv"}
    rows = "at-gratz,2026-11-30T00:00Z,0.2\nat-gratz,2026-11-30T01:00Z,0.2\nit-matera,2026-11-30T00:00,3\n"
    found_in_one = _problems(write('[[weather.forecasts]]\nfile = "a.csv"\n', a_csv=HEADER + rows))
    assert [(line, field) for _, line, field, _ in found_in_one] == [
        (2, "site_id"), (4, "time_utc"), (4, "cloud_cover_frac"),
    ]  # fmt: skip
    assert ("b.json", None, "hourly.cloud_cover[1]", "must be between 0 and 100 %") in found
