"""skyfield and astropy on the planner's own elements; and astropy when its tables have aged."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from eagleplan.model import Horizon, HorizonMask, MeanElements
from eagleplan.passes import referee
from eagleplan.passes.referee import referee_rows


@pytest.fixture(scope="module")
def rows(orbits: dict[str, MeanElements], start_utc: datetime, make_site, make_satellite, mask: HorizonMask):
    satellites = [make_satellite(orbits["500 km SSO"], "low"), make_satellite(orbits["Molniya"], "high")]
    sites = [make_site("graz"), make_site("hidden", 48.0, 11.0, horizon_mask=mask)]
    return referee_rows(satellites, sites, Horizon(start_utc=start_utc, days=2.0))


def test_the_referees_agree(rows) -> None:
    assert {row.verdict for row in rows} == {"reproduced"}
    assert [row.case for row in rows] == [
        "low: elevation at rise, culmination and set", "low: passes that the referee finds", "low: rise and set",
        "low: place in the Earth-fixed frame, distance", "high: elevation at rise, culmination and set",
        "high: place in the Earth-fixed frame, distance", "UT1 − UTC", "Sun: elevation at the sites",
        "Moon: elevation at the sites",
    ]  # fmt: skip
    by_case = {row.case: row for row in rows}
    assert by_case["low: passes that the referee finds"].published >= 4
    assert by_case["low: place in the Earth-fixed frame, distance"].ours < 0.1


def test_passes_of_a_site_in_the_wrong_place_are_noticed(
    monkeypatch: pytest.MonkeyPatch, sso: MeanElements, start_utc: datetime, make_site, make_satellite
) -> None:
    """The search sees the site five kilometres further north than the referees do."""
    search = referee.find_passes
    monkeypatch.setattr(
        referee,
        "find_passes",
        lambda satellites, sites, span: search(
            satellites, [replace(site, latitude_deg=site.latitude_deg + 0.05) for site in sites], span
        ),
    )
    rows = referee_rows([make_satellite(sso)], [make_site()], Horizon(start_utc=start_utc, days=1.0))
    wrong = {row.case for row in rows if row.verdict != "reproduced"}
    assert "sat: elevation at rise, culmination and set" in wrong


def test_a_wrong_earth_is_noticed(
    monkeypatch: pytest.MonkeyPatch, sso: MeanElements, start_utc: datetime, make_site, make_satellite
) -> None:
    """An Earth of 3 % more moves the Moon by a thirtieth of a degree, and the Sun hardly."""
    vectors = referee.site_vectors

    def moved(sites):
        return replace(vectors(sites), position_km=vectors(sites).position_km * 1.03)

    monkeypatch.setattr(referee, "site_vectors", moved)
    rows = referee_rows([make_satellite(sso)], [make_site()], Horizon(start_utc=start_utc, days=1.0))
    assert {row.case for row in rows if row.verdict != "reproduced"} == {"Moon: elevation at the sites"}


def test_two_years_on_nothing_is_fetched_or_refused(sso: MeanElements, make_site, make_satellite) -> None:
    """Beyond the end of every IERS table astropy must neither download one nor give up."""
    later = Horizon(start_utc=datetime(2028, 11, 1, tzinfo=UTC), days=1.0)
    rows = referee_rows([make_satellite(sso)], [make_site()], later)
    by_case = {row.case: row for row in rows}
    assert {row.verdict for row in rows} == {"reproduced"}
    assert by_case["sat: place in the Earth-fixed frame, distance"].ours < 1.0
    assert by_case["UT1 − UTC"].note == "0 compared"


def test_without_passes_there_is_nothing_to_differ(
    orbits: dict[str, MeanElements], start_utc: datetime, make_site, make_satellite
) -> None:
    far_north = make_site("alert", 82.5, -62.3)
    rows = referee_rows([make_satellite(orbits["equatorial"])], [far_north], Horizon(start_utc=start_utc, days=1.0))
    assert {row.verdict for row in rows} == {"reproduced"}
    assert next(row for row in rows if "rise and set" in row.case).note == "0 compared"
