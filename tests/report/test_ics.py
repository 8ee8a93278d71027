"""schedule.ics as an independent reader sees it, and as RFC 5545 wants its bytes."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import icalendar
import pytest

from eagleplan.model import Plan
from eagleplan.report.ics import contact_uid, schedule_ics
from eagleplan.report.tables import contacts_csv


def _events(data: bytes) -> list[icalendar.Event]:
    return list(icalendar.Calendar.from_ical(data).walk("VEVENT"))


def test_each_event_matches_a_row_of_the_contacts(plan: Plan) -> None:
    rows = list(csv.DictReader(io.StringIO(contacts_csv(plan).decode())))
    events = _events(schedule_ics(plan))
    assert len(events) == len(rows) == 14
    for event, row in zip(events, rows, strict=True):
        assert row["contact_id"] in str(event["UID"])
        assert event["DTSTART"].dt == datetime.fromisoformat(row["start_utc"])
        assert event["DTEND"].dt == datetime.fromisoformat(row["end_utc"])
        assert row["satellite_name"] in str(event["SUMMARY"])
        assert row["site_name"] in str(event["SUMMARY"])
        assert str(event["LOCATION"]) == f"{row['site_name']}, {row['country']}"
        description = str(event["DESCRIPTION"])
        assert f"Expected key: {row['expected_bits']} bit" in description
        assert f"Key under a clear sky: {row['clear_sky_bits']} bit" in description
        assert f"Highest elevation: {float(row['max_elevation_deg']):.1f}°" in description
        assert f"{row['start_local'][11:19]} to {row['end_local'][11:19]}" in description
        assert row["time_zone"] in description
        site = next(site for site in plan.sites if site.site_id == row["site_id"])
        assert event["GEO"].to_ical() == f"{site.latitude_deg};{site.longitude_deg}"
        assert {"QKD", row["satellite_name"], row["country"]} == {str(c) for c in event["CATEGORIES"].cats}


def test_an_alarm_half_an_hour_before(plan: Plan) -> None:
    for event in _events(schedule_ics(plan)):
        (alarm,) = event.walk("VALARM")
        assert alarm["TRIGGER"].dt == timedelta(minutes=-30)
        assert str(alarm["ACTION"]) == "DISPLAY"


def test_bytes_are_folded_crlf_utc_and_the_same_twice(plan: Plan) -> None:
    data = schedule_ics(plan)
    assert data == schedule_ics(plan)
    assert data.endswith(b"END:VCALENDAR\r\n")
    assert data.replace(b"\r\n", b"").count(b"\n") == data.replace(b"\r\n", b"").count(b"\r") == 0
    lines = data.split(b"\r\n")
    assert max(len(line) for line in lines) <= 75
    for name in (b"DTSTART", b"DTEND", b"DTSTAMP"):
        values = [line for line in lines if line.startswith(name)]
        assert len(values) == 14
        assert all(line.startswith(name + b":2026") and line.endswith(b"Z") for line in values)


def test_identity_is_of_the_contact_not_of_its_time_or_row(plan: Plan) -> None:
    uids = {str(event["UID"]) for event in _events(schedule_ics(plan))}
    assert len(uids) == 14
    later = tuple(replace(c, start_s=c.start_s + 17, end_s=c.end_s + 17) for c in plan.contacts)
    assert {str(event["UID"]) for event in _events(schedule_ics(replace(plan, contacts=later)))} == uids
    fewer = _events(schedule_ics(replace(plan, contacts=plan.contacts[3:])))
    assert {str(event["UID"]) for event in fewer} == {contact_uid(c) for c in plan.contacts[3:]} < uids
    contact = plan.contacts[0]
    assert contact_uid(contact) != contact_uid(replace(contact, site_id="elsewhere"))
    assert contact_uid(contact) != contact_uid(replace(contact, satellite_id="another"))


def test_the_stamp_is_the_plans_and_never_the_clock(plan: Plan) -> None:
    assert {event["DTSTAMP"].dt for event in _events(schedule_ics(plan))} == {datetime(2026, 11, 29, 12, tzinfo=UTC)}
    stamped = replace(plan, stamp={**plan.stamp, "created_utc": "2026-11-27T08:00:00Z"})
    assert {event["DTSTAMP"].dt for event in _events(schedule_ics(stamped))} == {datetime(2026, 11, 27, 8, tzinfo=UTC)}


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
    (event, *_) = _events(schedule_ics(replace(plan, horizon=summer)))
    assert "CEST (Europe/Berlin)" in str(event["DESCRIPTION"])


def test_no_contacts_no_events(empty_plan: Plan) -> None:
    calendar = icalendar.Calendar.from_ical(schedule_ics(empty_plan))
    assert calendar.walk("VEVENT") == []
    assert str(calendar["VERSION"]) == "2.0"


@pytest.mark.parametrize("wanted", ["PRODID", "VERSION", "METHOD"])
def test_the_calendar_says_what_it_is(plan: Plan, wanted: str) -> None:
    assert wanted in icalendar.Calendar.from_ical(schedule_ics(plan))
