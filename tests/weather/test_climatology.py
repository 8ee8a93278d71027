"""The course of the year: interpolation, regions, and what users put in its place."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from eagleplan.errors import InputError
from eagleplan.inputs.climatology import MONTH_COLUMNS, MonthlyRow, parse_climatology
from eagleplan.inputs.sites import parse_sites
from eagleplan.resources import data_path, example_path
from eagleplan.scenario import load_scenario
from eagleplan.weather import monthly_p_clear
from eagleplan.weather.climatology import p_clear_zenith_at

PACKAGED = "monthly_clear_sky.csv"


@pytest.fixture(scope="module")
def rows() -> tuple[MonthlyRow, ...]:
    return parse_climatology(data_path(PACKAGED).read_text(encoding="utf-8"), PACKAGED)


def test_the_middle_of_a_month_has_the_months_own_value() -> None:
    monthly = np.linspace(0.1, 0.65, 12)
    assert p_clear_zenith_at(monthly, datetime(2026, 4, 16, tzinfo=UTC)) == pytest.approx(monthly[3])
    assert p_clear_zenith_at(monthly, datetime(2026, 7, 16, 12, tzinfo=UTC)) == pytest.approx(monthly[6])


def test_months_meet_without_a_jump_around_the_year() -> None:
    monthly = np.array([0.2, 0.3, 0.9, 0.1, 0.5, 0.6, 0.7, 0.4, 0.3, 0.2, 0.8, 0.6])
    instant, last = datetime(2027, 12, 1, tzinfo=UTC), None
    for _ in range(24 * 62):
        p = p_clear_zenith_at(monthly, instant)
        assert monthly.min() <= p <= monthly.max()
        assert last is None or abs(p - last) < 0.002
        instant, last = instant + timedelta(hours=1), p
    assert p_clear_zenith_at(monthly, datetime(2028, 1, 1, tzinfo=UTC)) == pytest.approx((0.6 + 0.2) / 2)


def test_a_year_has_the_annual_prior_for_its_mean(rows: tuple[MonthlyRow, ...]) -> None:
    hours = [datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=6 * i) for i in range(365 * 4)]
    for row in rows:
        monthly = monthly_p_clear(0.45, row.months)
        assert np.mean([p_clear_zenith_at(monthly, hour) for hour in hours]) == pytest.approx(0.45, abs=0.004), row.name


def test_every_catalogued_site_has_a_row(rows: tuple[MonthlyRow, ...]) -> None:
    sites = parse_sites(data_path("ogs_sites.csv").read_text(encoding="utf-8"), "ogs_sites.csv")
    regions = {entry.site_id: next(row.name for row in rows if row.holds(entry)) for entry in sites}  # type: ignore[arg-type]
    assert regions["es-teide"] == "eastern Atlantic subtropics"
    assert regions["gr-skinakas"] == "Mediterranean"
    assert regions["de-oberpfaffenhofen"] == "central Europe"
    assert regions["fi-sodankyla"] == "polar north"
    assert regions["fr-reunion"] == "tropics south of the equator"
    assert regions["fr-kourou"] == "near the equator"
    assert regions["fr-tahiti"] == "tropics south of the equator"


def test_seasons_are_those_of_the_place(rows: tuple[MonthlyRow, ...]) -> None:
    by_name = {row.name: dict(zip(MONTH_COLUMNS, row.months, strict=True)) for row in rows}
    central = by_name["central Europe"]
    assert 0.6 <= min(central["nov"], central["dec"], central["jan"]) <= 0.72
    assert 1.15 <= min(central["jun"], central["jul"], central["aug"], central["sep"]) <= 1.3
    assert by_name["tropics south of the equator"]["jan"] < 1 < by_name["tropics south of the equator"]["jul"]
    assert by_name["tropics north of the equator"]["jul"] < 1 < by_name["tropics north of the equator"]["jan"]


def test_the_example_week_is_a_winter_week() -> None:
    scenario = load_scenario(example_path("eagle1-week.toml"))
    winter = scenario.weather.monthly_p_clear_zenith
    annual = {site.site_id: site.p_clear_zenith_annual for site in scenario.sites}
    assert winter["at-graz"][11] == pytest.approx(0.62 * annual["at-graz"])
    assert winter["es-teide"][11] == pytest.approx(0.89 * annual["es-teide"])
    assumed = {assumption.key: assumption.source for assumption in scenario.assumptions}
    assert assumed["weather.monthly_file"].startswith("assumed: ")
    assert assumed["weather.monthly.central Europe"].startswith("assumed: ")
    assert "weather.monthly.polar north" not in assumed


HEADER = f"gives,site_id,latitude_from_deg,latitude_to_deg,{','.join(MONTH_COLUMNS)}\n"


def test_an_archive_of_ones_own_goes_before_regions() -> None:
    flat = ",".join(["1"] * 12)
    own = ",".join(f"{0.3 + 0.02 * month:.2f}" for month in range(12))
    rows = parse_climatology(f"{HEADER}factor,,-90,90,{flat}\np_clear_zenith,at-graz,,,{own}\n", "own.csv")
    assert [row.site_id for row in rows] == ["at-graz", None]
    assert rows[0].months[11] == pytest.approx(0.52)
    assert not rows[0].is_factor


@pytest.mark.parametrize(
    ("row", "field", "message"),
    [
        ("factor,,-90,90," + ",".join(["1.2"] * 12), "gives", "the factors of a year must have a mean of 1"),
        ("factor,,50,40," + ",".join(["1"] * 12), "latitude_to_deg", "must not be less than latitude_from_deg"),
        ("p_clear_zenith,,-90,90," + ",".join(["0.5"] * 12), "gives", "p_clear_zenith is for one site"),
        ("p_clear_zenith,at-graz,,," + ",".join(["1.5"] * 12), "jan", "must be <= 1"),
        ("factor,at-graz,40,50," + ",".join(["1"] * 12), "latitude_from_deg", "must be empty where site_id is given"),
        ("share,at-graz,,," + ",".join(["1"] * 12), "gives", "must be one of factor, p_clear_zenith"),
    ],
)
def test_bad_rows_say_where(row: str, field: str, message: str) -> None:
    with pytest.raises(InputError) as caught:
        parse_climatology(HEADER + row + "\n", "own.csv")
    problem = caught.value.problems[0]
    assert (problem.path, problem.line, problem.field) == ("own.csv", 2, field)
    assert problem.message.startswith(message)
