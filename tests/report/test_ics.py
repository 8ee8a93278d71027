"""Calendars as an independent reader sees them, and as RFC 5545 wants their bytes."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import icalendar
import pytest

from eagleplan.model import Plan
from eagleplan.report import calendars
from eagleplan.report.calendar_entries import entries_of
from eagleplan.report.tables import contacts_csv


def schedule_ics(plan: Plan) -> bytes:
    return calendars(plan)["schedule.ics"]


def _events(data: bytes) -> list[icalendar.Event]:
    return list(icalendar.Calendar.from_ical(data).walk("VEVENT"))


def test_each_event_matches_a_row_of_the_contacts(plan: Plan) -> None:
    rows = list(csv.DictReader(io.StringIO(contacts_csv(plan).decode())))
    events = [event for event in _events(schedule_ics(plan)) if not str(event["SUMMARY"]).endswith(" (W)")]
    assert len(events) == len(rows) == 15
    for event, row in zip(events, rows, strict=True):
        assert str(event["UID"]).startswith(f"{row['satellite_id']}.{row['site_id']}.{row['orbit_number']}.")
        assert f"Contact: {row['contact_id']}\n" in str(event["DESCRIPTION"])
        assert (event["SEQUENCE"], str(event["STATUS"])) == (0, "CONFIRMED")
        assert event["DTSTART"].dt == datetime.fromisoformat(row["start_utc"])
        assert event["DTEND"].dt == datetime.fromisoformat(row["end_utc"])
        assert row["satellite_name"] in str(event["SUMMARY"])
        assert row["site_name"] in str(event["SUMMARY"])
        assert str(event["LOCATION"]) == f"{row['site_name']}, {row['country']}"
        description = str(event["DESCRIPTION"])
        if row["outcome"]:
            assert f"Outcome: done, {row['expected_bits']} bit" in description
        else:
            assert f"Expected key: {row['expected_bits']} bit" in description
            assert f"Key under a clear sky: {row['clear_sky_bits']} bit" in description
        assert f"Highest elevation: {float(row['max_elevation_deg']):.1f}°" in description
        assert f"{row['start_local'][11:19]} to {row['end_local'][11:19]}" in description
        assert row["time_zone"] in description
        site = next(site for site in plan.sites if site.site_id == row["site_id"])
        assert event["GEO"].to_ical() == f"{site.latitude_deg};{site.longitude_deg}"
        assert {"QKD", row["satellite_name"], row["country"]} == {str(c) for c in event["CATEGORIES"].cats}


def test_backups_are_tentative_and_marked(plan: Plan) -> None:
    first = next(contact for contact in plan.contacts if contact.outcome == "done")
    backups = [event for event in _events(schedule_ics(plan)) if str(event["SUMMARY"]).endswith(" (W)")]
    assert [str(event["LOCATION"]) for event in backups] == ["Helmos (Χελμός), GR", "Graz Lustbühel, AT"]
    for event, p_clear in zip(backups, ("47 %", "31 %"), strict=True):
        assert str(event["STATUS"]) == "TENTATIVE"
        assert "W: only if Oberpfaffenhofen, 20:17:13 UTC, is clouded out" in str(event["DESCRIPTION"])
        assert f"clear in {p_clear}" in str(event["DESCRIPTION"])
    (main,) = [e for e in _events(schedule_ics(plan)) if f"Contact: {first.contact_id}\n" in str(e["DESCRIPTION"])]
    assert "Backup (W): Helmos (Χελμός), 19:59:01 to 20:06:44 UTC" in str(main["DESCRIPTION"])


def test_contacts_under_a_doubtful_sky_are_tentative_if_wanted(plan: Plan) -> None:
    events = _events(calendars(plan, tentative_below_p=0.5)["schedule.ics"])
    doubtful = sum(contact.p_clear < 0.5 and contact.outcome is None for contact in plan.contacts)
    assert 3 < doubtful < 15
    assert sum(str(event["STATUS"]) == "TENTATIVE" for event in events) == doubtful + 2


def test_each_site_has_its_own_calendar(plan: Plan) -> None:
    files = calendars(plan)
    own = {name: _events(data) for name, data in files.items() if name.startswith("calendars/")}
    assert own.keys() == {f"calendars/{site.site_id}.ics" for site in plan.sites}
    for site in plan.sites:
        places = {str(event["LOCATION"]).rpartition(",")[0] for event in own[f"calendars/{site.site_id}.ics"]}
        assert places == {" ".join(site.name.split())}
    together = [str(event["UID"]) for events in own.values() for event in events]
    assert sorted(together) == sorted(str(event["UID"]) for event in _events(files["schedule.ics"]))
    silent = replace(plan.sites[0], site_id="nn-silent")
    assert _events(calendars(replace(plan, sites=(*plan.sites, silent)))["calendars/nn-silent.ics"]) == []


def test_alarms_a_day_and_half_an_hour_before(plan: Plan) -> None:
    for event in _events(schedule_ics(plan)):
        alarms = event.walk("VALARM")
        assert [alarm["TRIGGER"].dt for alarm in alarms] == [timedelta(days=-1), timedelta(minutes=-30)]
        assert {str(alarm["ACTION"]) for alarm in alarms} == {"DISPLAY"}


def test_bytes_are_folded_crlf_utc_and_the_same_twice(plan: Plan) -> None:
    data = schedule_ics(plan)
    assert data == schedule_ics(plan)
    assert data.endswith(b"END:VCALENDAR\r\n")
    assert data.replace(b"\r\n", b"").count(b"\n") == data.replace(b"\r\n", b"").count(b"\r") == 0
    lines = data.split(b"\r\n")
    assert max(len(line) for line in lines) <= 75
    for name in (b"DTSTART", b"DTEND", b"DTSTAMP"):
        values = [line for line in lines if line.startswith(name)]
        assert len(values) == 17
        assert all(line.startswith(name + b":2026") and line.endswith(b"Z") for line in values)


def test_identity_is_physical(plan: Plan) -> None:
    uids = {entry.uid for entry in entries_of(plan)}
    assert len(uids) == 17
    split = [uid for uid in uids if uid.startswith("eagle1.de-ofn.5150.")]
    assert sorted(split) == ["eagle1.de-ofn.5150.1@eagleplan", "eagle1.de-ofn.5150.2@eagleplan"]
    later = tuple(
        replace(c, contact_id=f"{c.contact_id}x", start_s=c.start_s + 17, end_s=c.end_s + 17) for c in plan.contacts
    )
    assert {entry.uid for entry in entries_of(replace(plan, contacts=later, backups=()))} < uids
    fewer = entries_of(replace(plan, contacts=plan.contacts[3:]))
    assert {entry.uid for entry in fewer} < uids


def test_the_stamp_is_the_plans_and_never_the_clock(plan: Plan) -> None:
    assert {event["DTSTAMP"].dt for event in _events(schedule_ics(plan))} == {datetime(2026, 11, 29, 12, tzinfo=UTC)}
    stamped = replace(plan, stamp={**plan.stamp, "created_utc": "2026-11-27T08:00:00Z"})
    for name in ("DTSTAMP", "LAST-MODIFIED"):
        instants = {event[name].dt for event in _events(schedule_ics(stamped))}
        assert instants == {datetime(2026, 11, 27, 8, tzinfo=UTC)}


def test_text_is_escaped_and_comes_back(plan: Plan) -> None:
    name = 'A; B, C \\ D\nE <b> "F" \x07' + "é" * 60
    sites = tuple(replace(site, name=name) for site in plan.sites)
    data = schedule_ics(replace(plan, sites=sites))
    assert b"\x07" not in data
    assert max(len(line) for line in data.split(b"\r\n")) <= 75
    shown = 'A; B, C \\ D E <b> "F" ' + "é" * 60
    for event in _events(data):
        assert str(event["LOCATION"]).startswith(shown)
        assert f"Site: {shown} (" in str(event["DESCRIPTION"])


def test_summer_time_is_named(plan: Plan) -> None:
    summer = replace(plan.horizon, start_utc=datetime(2026, 6, 1, tzinfo=UTC))
    events = _events(calendars(replace(plan, horizon=summer))["calendars/de-ofn.ics"])
    event = events[0]
    assert "CEST (Europe/Berlin)" in str(event["DESCRIPTION"])


def test_no_contacts_no_events(empty_plan: Plan) -> None:
    calendar = icalendar.Calendar.from_ical(schedule_ics(empty_plan))
    assert calendar.walk("VEVENT") == []
    assert str(calendar["VERSION"]) == "2.0"


@pytest.mark.parametrize("wanted", ["PRODID", "VERSION", "METHOD"])
def test_the_calendar_says_what_it_is(plan: Plan, wanted: str) -> None:
    assert wanted in icalendar.Calendar.from_ical(schedule_ics(plan))
