"""The timeline's bars and panels, against times counted by hand; no drawing."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from eagleplan.model import Closure, Horizon, Plan
from eagleplan.report.index import PlanIndex
from eagleplan.report.timeline import MAX_DAY_TICKS, MIN_WIDTH_FRAC, timeline
from eagleplan.report.timeline_drawing import drawing


def test_rows_are_stations_from_north_to_south_then_satellites(plan: Plan) -> None:
    found = timeline(PlanIndex(plan))
    north_to_south = sorted(plan.sites, key=lambda site: -site.latitude_deg)
    for panel in (found.overview, *found.nights):
        sites = [row for row in panel.rows if row.kind == "site"]
        assert [row.site_id for row in sites] == [site.site_id for site in north_to_south]
        assert [row.country for row in sites] == [site.country for site in north_to_south]
        assert [row.satellite_id for row in panel.rows[len(sites) :]] == ["eagle1"]


def test_every_contact_is_in_its_station_and_in_its_satellite(plan: Plan) -> None:
    overview = timeline(PlanIndex(plan)).overview
    for kind in ("site", "satellite"):
        shown = [mark.bar.contact_id for row in overview.rows if row.kind == kind for mark in row.contacts]
        assert sorted(shown) == sorted(contact.contact_id for contact in plan.contacts)
    for row in overview.rows:
        assert all(mark.bar.site_id == row.site_id for mark in row.contacts if row.kind == "site")


def test_strength_is_expected_key_over_the_most(plan: Plan) -> None:
    most = max(contact.expected_bits for contact in plan.contacts)
    strengths = {
        mark.bar.contact_id: mark.bar.strength_frac
        for row in timeline(PlanIndex(plan)).overview.rows
        for mark in row.contacts
    }
    assert max(strengths.values()) == 1.0
    for contact in plan.contacts:
        assert strengths[contact.contact_id] == pytest.approx(contact.expected_bits / most, abs=5e-4)


def test_windows_of_one_satellite_are_joined_over_stations(plan: Plan) -> None:
    """Two stations that see the satellite at once are one time in which it can do something."""
    first, second = [d for d in plan.decisions if d.planned_pass.windows][:2]
    a = replace(first.planned_pass.windows[0], start_s=80_000.0, end_s=80_300.0)
    b = replace(second.planned_pass.windows[0], start_s=80_200.0, end_s=80_500.0)
    c = replace(a, start_s=81_000.0, end_s=81_100.0)
    decisions = (
        replace(first, planned_pass=replace(first.planned_pass, windows=(a, c))),
        replace(second, planned_pass=replace(second.planned_pass, windows=(b,))),
    )
    rows = timeline(PlanIndex(replace(plan, decisions=decisions, contacts=(), backups=()))).overview.rows
    spans = [(mark.bar.start_s, mark.bar.end_s) for mark in rows[-1].windows]
    assert spans == [(80_000.0, 80_500.0), (81_000.0, 81_100.0)]


def test_a_closure_stands_where_it_holds(plan: Plan) -> None:
    """Of a station or of both in the station's row, of a satellite in its own, of everything in a row of its own."""

    def closure(site_id: str | None, satellite_id: str | None) -> Closure:
        return Closure(
            constraint="laser-clearance",
            satellite_id=satellite_id,
            site_id=site_id,
            start_s=0.0,
            end_s=86_400.0,
            origin=f"{site_id} {satellite_id}",
        )

    closures = (closure("at-graz", None), closure("at-graz", "eagle1"), closure(None, "eagle1"), closure(None, None))
    rows = timeline(PlanIndex(replace(plan, closures=closures))).overview.rows
    found = {row.name: [mark.bar.title.split("\n")[-1] for mark in row.closures] for row in rows if row.closures}
    assert found == {
        "Graz Lustbühel": ["at-graz None", "at-graz eagle1"],
        "all satellites": ["None None"],
        "Eagle-1-like": ["None eagle1"],
    }
    assert rows[-2].kind == "all"


def test_days_lead_to_the_night_they_end_with(plan: Plan) -> None:
    found = timeline(PlanIndex(plan))
    assert [tick.label for tick in found.overview.ticks][:2] == ["Mon 30 Nov", "Tue 1 Dec"]
    assert [tick.panel_id for tick in found.overview.ticks] == [night.panel_id for night in found.nights]
    assert [night.short_title for night in found.nights] == [tick.label for tick in found.overview.ticks]
    assert [tick.at_frac for tick in found.overview.ticks] == pytest.approx([n / 7 for n in range(7)], abs=1e-6)


def test_a_start_within_a_day_puts_midnights_where_they_are(plan: Plan) -> None:
    horizon = Horizon(start_utc=datetime(2026, 11, 30, 18, tzinfo=UTC), days=2.0)
    ticks = timeline(PlanIndex(replace(plan, horizon=horizon, nights=()))).overview.ticks
    assert [(tick.label, round(tick.at_frac * 48)) for tick in ticks] == [
        ("Mon 30 Nov", 0),
        ("Tue 1 Dec", 6),
        ("Wed 2 Dec", 30),
    ]


def test_a_long_horizon_labels_some_of_its_days(plan: Plan) -> None:
    horizon = replace(plan.horizon, days=60.0)
    ticks = timeline(PlanIndex(replace(plan, horizon=horizon))).overview.ticks
    assert len(ticks) <= MAX_DAY_TICKS
    assert ticks[1].label == "Sat 5 Dec", "60 days in 14 labels: every fifth"


def test_a_short_contact_is_widened_inside_its_panel(plan: Plan) -> None:
    end_s = int(plan.horizon.duration_s)
    contact = replace(plan.contacts[0], start_s=end_s - 1, end_s=end_s)
    overview = timeline(PlanIndex(replace(plan, contacts=(contact,), backups=()))).overview
    (mark,) = [mark for row in overview.rows if row.kind == "site" for mark in row.contacts]
    assert mark.width_frac == MIN_WIDTH_FRAC
    assert mark.left_frac + mark.width_frac == pytest.approx(1.0, abs=1e-6)


def test_nothing_to_show_gives_no_night(empty_plan: Plan) -> None:
    found = timeline(PlanIndex(empty_plan))
    assert found.nights == ()
    assert len(found.overview.rows) == len(empty_plan.sites) + 1


def test_a_satellite_without_anything_in_a_night_is_not_drawn_there(plan: Plan) -> None:
    other = replace(plan.satellites[0], satellite_id="eagle2", name="Eagle-2-like")
    drawn = drawing(timeline(PlanIndex(replace(plan, satellites=(*plan.satellites, other), closures=()))))
    assert [line.row.satellite_id for line in drawn.overview.rows][-2:] == ["eagle1", "eagle2"]
    for night in drawn.nights:
        assert [line.row.satellite_id for line in night.rows if line.row.kind == "satellite"] == ["eagle1"]
