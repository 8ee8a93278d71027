"""When stations and payloads are closed: what the rules' allowed times leave, and not too much of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eagleplan.model import AllowedTimes, Horizon
from eagleplan.pipeline.closures import MAX_CLOSURES, closures, closures_of
from eagleplan.resources import example_path
from eagleplan.scenario import load_scenario

DAY = Horizon(start_utc=datetime(2026, 11, 30, tzinfo=UTC), days=1.0)

SPANS = st.lists(st.tuples(st.integers(-20, 1000), st.integers(0, 200)), max_size=8)


def _rule(spans: list[tuple[float, float]], site_id: str | None = "at-graz") -> AllowedTimes:
    return AllowedTimes(
        constraint="station-calendar",
        satellite_id=None,
        site_id=site_id,
        start_s=tuple(start for start, _ in spans),
        end_s=tuple(end for _, end in spans),
        origin="graz.csv:2",
    )


@given(spans=SPANS)
def test_a_second_is_closed_exactly_where_no_span_allows_it(spans: list[tuple[int, int]]) -> None:
    """Whatever the order, overlapping or beyond the horizon."""
    horizon = Horizon(start_utc=DAY.start_utc, days=1000.0 / 86_400.0)
    allowed = [(float(start), float(start + length)) for start, length in spans]
    found, note = closures([_rule(allowed)], horizon)
    assert note == {}
    for second in range(1000):
        middle_s = second + 0.5
        is_open = any(start < middle_s < end for start, end in allowed)
        assert [c.start_s < middle_s < c.end_s for c in found].count(True) == (0 if is_open else 1)
    for before, after in pairwise(found):
        assert before.end_s < after.start_s, "neighbours are one"
    assert all(0.0 <= c.start_s < c.end_s <= horizon.duration_s for c in found)


def test_a_rule_that_allows_all_closes_nothing_and_one_that_allows_nothing_all() -> None:
    assert closures([_rule([(0.0, 86_400.0)])], DAY) == ((), {})
    ((whole,), _) = closures([_rule([], None)], DAY)
    assert (whole.start_s, whole.end_s, whole.site_id, whole.satellite_id) == (0.0, 86_400.0, None, None)
    assert (whole.constraint, whole.origin) == ("station-calendar", "graz.csv:2")


def test_of_slivers_the_longest_are_kept_and_the_plan_is_told() -> None:
    """A gap a minute of growing length, of two stations."""
    spans = [(60.0 * i + 0.01 * i, 60.0 * (i + 1)) for i in range(1440)]
    found, note = closures([_rule(spans), _rule(spans, "it-matera")], DAY)
    assert len(found) == MAX_CLOSURES
    assert note == {"closures": f"the {MAX_CLOSURES} longest of 2878"}
    assert min(c.end_s - c.start_s for c in found) == pytest.approx(0.01 * (1440 - MAX_CLOSURES // 2))
    assert [c.start_s for c in found] == sorted(c.start_s for c in found)


def test_a_station_is_closed_when_its_calendar_says_so() -> None:
    calendar = (
        "start_utc,end_utc,reason\n"
        "2026-11-30T18:00:00Z,2026-11-30T20:30:00Z,dome\n"
        "2026-11-30T20:00:00Z,2026-11-30T21:00:00Z,crew\n"
        "2026-12-01T23:00:00Z,2026-12-09T00:00:00Z,holiday\n"
    )
    scenario = load_scenario(
        example_path("small/plain.toml"),
        overrides={"sites.override.at-graz.calendar_file": "graz.csv"},
        extra_files={"graz.csv": calendar.encode()},
    )
    found, _ = closures_of(scenario)
    assert [(c.constraint, c.satellite_id, c.site_id, c.start_s, c.end_s) for c in found] == [
        ("station-calendar", None, "at-graz", 18 * 3600.0, 21 * 3600.0),
        ("station-calendar", None, "at-graz", 47 * 3600.0, 48 * 3600.0),
    ]
    assert all("graz.csv" in c.origin for c in found)
    without = tuple(site for site in scenario.sites if site.site_id != "at-graz")
    assert closures_of(replace(scenario, sites=without)) == ((), {})
