"""Forecast files: the shapes that exist in the world, and everything that can be wrong with them."""

from __future__ import annotations

import json
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest

from eagleplan.errors import InputError, Problem
from eagleplan.inputs.forecast import uneven_steps
from eagleplan.inputs.forecast_json import parse_open_meteo
from eagleplan.inputs.forecast_table import parse_forecast_table

START = datetime(2026, 11, 30, tzinfo=UTC)


def _location(n_times: int = 4, **variables: list[Any]) -> dict[str, Any]:
    """What the service answers for one place and UTC."""
    return {
        "latitude": 47.06,
        "longitude": 15.5,
        "generationtime_ms": 0.13,
        "utc_offset_seconds": 0,
        "timezone": "GMT",
        "timezone_abbreviation": "GMT",
        "elevation": 363.0,
        "hourly_units": {"time": "iso8601", **dict.fromkeys(variables, "%")},
        "hourly": {"time": [f"2026-11-30T{hour:02d}:00" for hour in range(n_times)], **variables},
    }


def _problems(content: object) -> list[tuple[str | None, str, str | None]]:
    with pytest.raises(InputError) as caught:
        parse_open_meteo(json.dumps(content), "run.json")
    assert {problem.path for problem in caught.value.problems} == {"run.json"}
    return [(problem.field, problem.message, problem.got) for problem in caught.value.problems]


def _table(text: str) -> list[Problem]:
    with pytest.raises(InputError) as caught:
        parse_forecast_table(text, "run.csv")
    return list(caught.value.problems)


def test_one_location_in_per_cent() -> None:
    (series,) = parse_open_meteo(json.dumps(_location(cloud_cover=[0, 25, 100, 60.5])), "run.json")
    assert series.place == (47.06, 15.5)
    assert series.times_utc == tuple(START + timedelta(hours=hour) for hour in range(4))
    assert series.cover_frac["total"] == pytest.approx(np.array([[0.0, 0.25, 1.0, 0.605]]))
    assert series.issued_utc is None


def test_local_times_lie_behind_their_offset() -> None:
    content = _location(cloud_cover=[1, 2, 3, 4]) | {"utc_offset_seconds": 3600, "timezone": "Europe/Vienna"}
    (series,) = parse_open_meteo(json.dumps(content), "run.json")
    assert series.times_utc[0] == START - timedelta(hours=1)


def test_unix_times_are_utc_whatever_the_offset() -> None:
    content = _location(cloud_cover=[1, 2]) | {"utc_offset_seconds": 3600}
    content["hourly"]["time"] = [int(START.timestamp()), int(START.timestamp()) + 3600]
    content["hourly_units"]["time"] = "unixtime"
    (series,) = parse_open_meteo(json.dumps(content), "run.json")
    assert series.times_utc[0] == START


def test_several_locations_come_as_a_list() -> None:
    one, two = _location(cloud_cover=[1, 2, 3, 4]), _location(cloud_cover=[5, 6, 7, 8]) | {"location_id": 1}
    assert [s.field for s in parse_open_meteo(json.dumps([one, two]), "run.json")] == ["[0]", "[1]"]


def test_an_ensemble_is_the_control_run_and_its_members() -> None:
    content = _location(cloud_cover=[1, 2, 3, 4], cloud_cover_member01=[5, 6, 7, 8], cloud_cover_member02=[9, 9, 9, 9])
    (series,) = parse_open_meteo(json.dumps(content), "run.json")
    assert series.cover_frac["total"].shape == (3, 4)
    assert series.cover_frac["total"][1] == pytest.approx([0.05, 0.06, 0.07, 0.08])


def test_layers_and_the_older_spelling() -> None:
    content = _location(
        cloudcover=[1, 2, 3, 4], cloudcover_low=[1, 1, 1, 1], cloudcover_mid=[2, 2, 2, 2], cloudcover_high=[3, 3, 3, 3]
    )
    (series,) = parse_open_meteo(json.dumps(content), "run.json")
    assert {layer: float(cover[0, 0]) for layer, cover in series.cover_frac.items()} == {
        "total": 0.01, "low": 0.01, "mid": 0.02, "high": 0.03,
    }  # fmt: skip


def test_a_model_may_end_before_the_answer() -> None:
    (series,) = parse_open_meteo(json.dumps(_location(6, cloud_cover=[None, 2, 3, 4, None, None])), "run.json")
    assert series.times_utc == tuple(START + timedelta(hours=hour) for hour in (1, 2, 3))


def test_steps_may_grow_as_models_give_them() -> None:
    grown = [START + timedelta(hours=hour) for hour in (0, 1, 2, 3, 6, 9, 15)]
    assert list(uneven_steps(grown)) == []
    lost = [START + timedelta(hours=hour) for hour in (0, 1, 3, 4, 4, 3, 10.5)]
    assert list(uneven_steps(lost)) == [
        (2, "hours are missing: 2 h after the time before it"),
        (4, "is not after the time before it"),
        (5, "is not after the time before it"),
        (6, "hours are missing: 7.5 h after the time before it"),
    ]


def _without_offset(content: dict[str, Any]) -> None:
    del content["utc_offset_seconds"]


def _at(name: str, index: int, value: object) -> Any:
    def spoil(content: dict[str, Any]) -> None:
        content["hourly"][name][index] = value

    return spoil


def _set(name: str, value: object) -> Any:
    def spoil(content: dict[str, Any]) -> None:
        content["hourly"][name] = value

    return spoil


@pytest.mark.parametrize(
    ("spoil", "field", "message"),
    [
        (_at("cloud_cover", 2, 140), "hourly.cloud_cover[2]", "must be between 0 and 100 %"),
        (_at("cloud_cover", 2, -1), "hourly.cloud_cover[2]", "must be between 0 and 100 %"),
        (_at("cloud_cover", 1, "12"), "hourly.cloud_cover[1]", "must be between 0 and 100 %"),
        (_at("cloud_cover", 1, None), "hourly.cloud_cover[1]", "is missing between hours that have a value"),
        (_at("cloud_cover", 1, float("nan")), "hourly.cloud_cover[1]", "must be between 0 and 100 %"),
        (_at("time", 1, "2026-11-30T00:00"), "hourly.time[1]", "is not after the time before it"),
        (_at("time", 1, "30.11.2026 01:00"), "hourly.time[1]", "must be a time such as 2026-11-30T18:00"),
        (_at("time", 1, "2026-11-30T25:00"), "hourly.time[1]", "must be a time such as 2026-11-30T18:00"),
        (_at("time", 3, "2026-12-01T00:00"), "hourly.time[3]", "hours are missing: 22 h after the time before it"),
        (_set("cloud_cover", [1, 2, 3]), "hourly.cloud_cover", "must hold 4 values, one for each time"),
        (_set("cloud_cover", [None] * 4), "hourly", "holds no hour with a value of every variable"),
        (
            _set("cloud_cover_icon_eu", [1, 2, 3, 4]),
            "hourly.cloud_cover_icon_eu",
            "is no cloud cover of a layer or member",
        ),
        (_set("cloud_cover_low", [1, 2, 3, 4]), "hourly.cloud_cover_mid", "is missing: the three layers come together"),
        (_set("time", None), "hourly.time", "must be a list of times"),
        (_without_offset, "utc_offset_seconds", "is needed: the times of the file have no zone of their own"),
        (lambda c: c.update(latitude=95), "latitude", "must be a number of degrees within ±90"),
        (lambda c: c["hourly_units"].update(cloud_cover="okta"), "hourly_units.cloud_cover", 'must be "%"'),
        (lambda c: c["hourly"].pop("cloud_cover"), "hourly.cloud_cover", "is missing"),
        (lambda c: c.pop("hourly"), "hourly", "must be an object"),
    ],
)
def test_a_bad_location_names_the_place_in_the_file(spoil: Any, field: str, message: str) -> None:
    content = _location(cloud_cover=[10, 20, 30, 40])
    spoil(content)
    assert (field, message) in [problem[:2] for problem in _problems(content)]
    in_list = [_location(cloud_cover=[10, 20, 30, 40]), deepcopy(content)]
    assert (f"[1].{field}", message) in [problem[:2] for problem in _problems(in_list)]


def test_everything_wrong_comes_at_once() -> None:
    content = _location(cloud_cover=[10, 120, 30, 40], cloud_cover_member01=[1, 2, 3, "x"])
    content["latitude"] = "north"
    assert [problem[0] for problem in _problems(content)] == [
        "latitude",
        "hourly.cloud_cover[1]",
        "hourly.cloud_cover_member01[3]",
    ]


def test_members_are_the_same_in_every_layer() -> None:
    layers = {f"cloud_cover_{layer}": [1, 2, 3, 4] for layer in ("low", "mid", "high")}
    content = _location(cloud_cover=[1, 2, 3, 4], cloud_cover_member01=[1, 2, 3, 4], **layers)
    assert [problem[0] for problem in _problems(content)] == [
        f"hourly.cloud_cover_{layer}_member01" for layer in ("low", "mid", "high")
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"error": true, "reason": "Invalid model"}', "is the service's refusal: Invalid model"),
        ("{", "is not JSON: expecting property name enclosed in double quotes"),
        ("[]", "holds no location"),
        ("[3]", "must be an object"),
    ],
)
def test_a_file_that_is_no_answer(text: str, message: str) -> None:
    with pytest.raises(InputError) as caught:
        parse_open_meteo(text, "run.json")
    assert caught.value.problems[0].message.startswith(message)


HEADER = "site_id,time_utc,cloud_cover_frac,member,issued_utc\n"


def test_a_tidy_table_in_any_order() -> None:
    series = parse_forecast_table(
        HEADER
        + "at-graz,2026-11-30T01:00:00Z,0.5,1,2026-11-29T18:00:00Z\n"
        + "at-graz,2026-11-30T00:00:00Z,0.25,1,2026-11-29T18:00:00Z\n"
        + "at-graz,2026-11-30T00:00:00Z,1,0,2026-11-29T18:00:00Z\n"
        + "at-graz,2026-11-30T01:00:00Z,0,0,2026-11-29T18:00:00Z\n"
        + "es-teide,2026-11-30T06:00:00Z,0.1,,\n",
        "run.csv",
    )
    graz, teide = series
    assert graz.issued_utc == START - timedelta(hours=6)
    assert graz.cover_frac["total"].tolist() == [[1.0, 0.0], [0.25, 0.5]]
    assert graz.times_utc == (START, START + timedelta(hours=1))
    assert (teide.place, teide.issued_utc, teide.cover_frac["total"].tolist()) == ("es-teide", None, [[0.1]])


def test_a_clear_share_is_one_minus_cover() -> None:
    (series,) = parse_forecast_table("site_id,time_utc,p_clear\nat-graz,2026-11-30T00:00Z,0.3\n", "run.csv")
    assert series.cover_frac["total"][0, 0] == pytest.approx(0.7)


def test_a_table_of_layers_needs_no_total() -> None:
    text = (
        "site_id,time_utc,cloud_cover_low_frac,cloud_cover_mid_frac,cloud_cover_high_frac\n"
        "at-graz,2026-11-30T00:00Z,0.3,0.2,0.1\n"
    )
    (series,) = parse_forecast_table(text, "run.csv")
    assert sorted(series.cover_frac) == ["high", "low", "mid"]


@pytest.mark.parametrize(
    ("rows", "line", "field", "message"),
    [
        ("at-graz,2026-11-30T00:00:00Z,40,,\n", 2, "cloud_cover_frac", "must be <= 1"),
        ("at-graz,2026-11-30T00:00:00Z,40%,,\n", 2, "cloud_cover_frac", "must be a finite number"),
        ("at-graz,2026-11-30T00:00:00Z,,,\n", 2, "cloud_cover_frac", "is required"),
        ("at-graz,2026-11-30T00:00:00,0.4,,\n", 2, "time_utc", "must be UTC and end in Z"),
        ("at-graz,2026-11-30T00:00:00+01:00,0.4,,\n", 2, "time_utc", "must be UTC and end in Z"),
        (",2026-11-30T00:00:00Z,0.4,,\n", 2, "site_id", "is required"),
        ("at-graz,2026-11-30T00:00:00Z,0.4,-1,\n", 2, "member", "must be >= 0"),
        (
            "at-graz,2026-11-30T00:00:00Z,0.4,,2026-11-29T18:00:00Z\nat-graz,2026-11-30T01:00:00Z,0.4,,2026-11-29T12:00:00Z\n",
            3,
            "issued_utc",
            "must be that of line 2",
        ),
        ("at-graz,2026-11-30T00:00:00Z,0.4,,\n" * 2, 3, "time_utc", "is already on line 2"),
        (
            "".join(f"at-graz,2026-11-30T{hour:02d}:00:00Z,0.4,,\n" for hour in (0, 1, 4, 5)),
            4,
            "time_utc",
            "hours are missing: 3 h after the time before it",
        ),
        (
            "at-graz,2026-11-30T00:00:00Z,0.4,0,\nat-graz,2026-11-30T01:00:00Z,0.4,1,\n",
            3,
            "member",
            "must have the times of the first member",
        ),
    ],
)
def test_a_bad_row_names_line_and_column(rows: str, line: int, field: str, message: str) -> None:
    problem = _table(HEADER + rows)[0]
    assert (problem.path, problem.line, problem.field) == ("run.csv", line, field)
    assert problem.message.startswith(message)


def test_a_bad_cell_hides_no_missing_hour() -> None:
    rows = "".join(f"at-graz,2026-11-30T{hour:02d}:00:00Z,{7 if hour == 1 else 0.5},,\n" for hour in (0, 1, 4, 5))
    found = [(problem.line, problem.field) for problem in _table(HEADER + rows)]
    assert found == [(3, "cloud_cover_frac"), (4, "time_utc")]


def test_per_cent_where_a_fraction_belongs_gets_a_hint() -> None:
    hints = [problem.hint for problem in _table(HEADER + "at-graz,2026-11-30T00:00:00Z,40,,\n")]
    assert hints == ["a fraction between 0 and 1, not per cent"]


@pytest.mark.parametrize(
    ("header", "field", "message"),
    [
        ("site_id,time_utc", "p_clear", "is missing, or cloud_cover_frac, or the three layers"),
        ("site_id,time_utc,p_clear,cloud_cover_frac", "cloud_cover_frac", "must not stand beside p_clear"),
        ("site_id,time_utc,cloud_cover_frac,cloud_cover_low_frac", "cloud_cover_mid_frac", "is missing: the three"),
        ("site_id,time_utc,cloud_cover", "cloud_cover", "unknown column"),
    ],
)
def test_columns_that_do_not_go_together(header: str, field: str, message: str) -> None:
    cells = ["at-graz", "2026-11-30T00:00Z", "0.3", "0.2"][: header.count(",") + 1]
    found = _table(header + "\n" + ",".join(cells) + "\n")
    assert any(problem.field == field and problem.message.startswith(message) for problem in found)
