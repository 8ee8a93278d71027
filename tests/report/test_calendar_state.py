"""SEQUENCE, cancellation and memory from plan to plan."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

import icalendar
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eagleplan.errors import InputError
from eagleplan.model import Contact, Horizon, Plan
from eagleplan.report import calendars, read_calendar_state


def _told(files: Mapping[str, bytes], name: str = "schedule.ics") -> dict[str, tuple[int, str]]:
    """UID → SEQUENCE and STATUS, as icalendar reads them."""
    calendar = icalendar.Calendar.from_ical(files[name])
    return {str(e["UID"]): (int(e["SEQUENCE"]), str(e["STATUS"])) for e in calendar.walk("VEVENT")}


def _state(files: Mapping[str, bytes]) -> bytes:
    return files["calendar-state.json"]


def _moved(plan: Plan, contact: Contact, by_s: int) -> Plan:
    moved = replace(contact, start_s=contact.start_s + by_s, end_s=contact.end_s + by_s)
    return replace(plan, contacts=tuple(moved if c == contact else c for c in plan.contacts))


@pytest.fixture
def bare(plan: Plan) -> Plan:
    """The week without backups."""
    return replace(plan, backups=())


def test_the_same_plan_again_changes_nothing(plan: Plan) -> None:
    first = calendars(plan)
    assert calendars(plan, _state(first)) == first
    assert set(_told(first).values()) == {(0, "CONFIRMED"), (0, "TENTATIVE")}


def test_a_move_raises_the_sequence_of_that_entry_alone(bare: Plan) -> None:
    first = calendars(bare)
    contact = bare.contacts[4]
    second = calendars(_moved(bare, contact, 7), _state(first))
    changed = {uid for uid, told in _told(second).items() if told != _told(first)[uid]}
    assert len(changed) == 1
    assert contact.site_id in changed.pop()
    assert sorted(_told(second).values())[-1] == (1, "CONFIRMED")
    third = calendars(bare, _state(second))
    assert sorted(_told(third).values())[-1] == (2, "CONFIRMED"), "back again is a change too"


def test_a_change_of_place_or_status_raises_it_and_one_of_words_does_not(bare: Plan) -> None:
    first = calendars(bare)
    sites = tuple(replace(s, latitude_deg=s.latitude_deg + (s.site_id == "at-graz")) for s in bare.sites)
    moved = _told(calendars(replace(bare, sites=sites), _state(first)))
    assert {uid.split(".")[1] for uid, (sequence, _) in moved.items() if sequence == 1} == {"at-graz"}
    doubtful = _told(calendars(bare, _state(first), tentative_below_p=0.3))
    raised = {uid for uid, told in doubtful.items() if told == (1, "TENTATIVE")}
    assert {uid.split(".")[1] for uid in raised} == {"fi-metsahovi"}
    assert {told for uid, told in doubtful.items() if uid not in raised} == {(0, "CONFIRMED")}
    later = {**bare.stamp, "created_utc": "2026-11-30T06:00:00Z"}
    richer = replace(
        bare, stamp=later, contacts=tuple(replace(c, expected_bits=c.expected_bits + 1) for c in bare.contacts)
    )
    files = calendars(richer, _state(first))
    assert _told(files) == _told(first)
    events = icalendar.Calendar.from_ical(files["schedule.ics"]).walk("VEVENT")
    assert {f"{event['LAST-MODIFIED'].dt:%d %H}" for event in events} == {"30 06"}


def test_words_that_stay_keep_the_date_of_their_change(bare: Plan) -> None:
    later = replace(bare, stamp={**bare.stamp, "created_utc": "2026-11-30T06:00:00Z"})
    files = calendars(later, _state(calendars(bare)))
    events = icalendar.Calendar.from_ical(files["schedule.ics"]).walk("VEVENT")
    assert {f"{event['LAST-MODIFIED'].dt:%d %H}" for event in events} == {"29 12"}
    assert {f"{event['DTSTAMP'].dt:%d %H}" for event in events} == {"30 06"}


def test_a_dropped_contact_is_cancelled_for_a_cycle_and_remembered(bare: Plan) -> None:
    first = calendars(bare)
    fewer = replace(bare, contacts=bare.contacts[1:])
    (uid,) = _told(first).keys() - _told(calendars(fewer)).keys()
    second = calendars(fewer, _state(first))
    assert _told(second)[uid] == (1, "CANCELLED")
    site_id = bare.contacts[0].site_id
    assert _told(second, f"calendars/{site_id}.ics")[uid] == (1, "CANCELLED")
    third = calendars(fewer, _state(second))
    assert uid not in _told(third)
    assert [(entry.uid, entry.sequence) for entry in read_calendar_state(_state(third)).gone] == [(uid, 1)]
    back = calendars(bare, _state(third))
    assert _told(back)[uid] == (2, "CONFIRMED"), "a calendar that keeps the cancelled entry must take this one"
    at_once = calendars(bare, _state(second))
    assert _told(at_once)[uid] == (2, "CONFIRMED")


def test_a_cancelled_entry_says_what_it_was_and_rings_no_more(bare: Plan) -> None:
    first = calendars(bare)
    second = calendars(replace(bare, contacts=(), sites=(), decisions=(), deliveries=()), _state(first))
    was = {str(e["UID"]): e for e in icalendar.Calendar.from_ical(first["schedule.ics"]).walk("VEVENT")}
    events = icalendar.Calendar.from_ical(second["schedule.ics"]).walk("VEVENT")
    assert len(events) == len(was) == 15
    for event in events:
        before = was[str(event["UID"])]
        for name in ("DTSTART", "DTEND", "LOCATION", "GEO", "CATEGORIES", "DESCRIPTION"):
            assert event[name].to_ical() == before[name].to_ical()
        assert str(event["SUMMARY"]) == f"Cancelled: {before['SUMMARY']}"
        assert event.walk("VALARM") == []


def test_a_backup_that_is_flown_keeps_its_identity(plan: Plan) -> None:
    first = calendars(plan)
    (tentative, *_) = [uid for uid, told in _told(first).items() if told == (0, "TENTATIVE")]
    spare = next(b.backup for b in plan.backups if f".{b.backup.site_id}." in tentative)
    second = calendars(replace(plan, contacts=(*plan.contacts, spare)), _state(first))
    assert _told(second)[tentative] == (1, "CONFIRMED")


def test_next_weeks_plan_leaves_the_past_alone(bare: Plan) -> None:
    first = calendars(bare)
    next_week = replace(
        bare,
        contacts=(),
        horizon=Horizon(start_utc=bare.horizon.start_utc + timedelta(days=7), days=7.0),
    )
    second = calendars(next_week, _state(first))
    assert _told(second) == {}
    assert read_calendar_state(_state(second)).gone == ()


def test_a_shorter_plan_says_nothing_of_what_comes_after_it(bare: Plan) -> None:
    first = calendars(bare)
    short = Horizon(start_utc=bare.horizon.start_utc, days=3.0)
    inside = tuple(c for c in bare.contacts if c.end_s <= short.end_s)
    second = calendars(replace(bare, horizon=short, contacts=inside), _state(first))
    assert _told(second) == _told(first)


@settings(max_examples=12, deadline=None)
@given(history=st.lists(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 2)), max_size=6), min_size=2, max_size=6))
def test_whatever_the_history_a_change_is_never_told_under_an_old_number(
    week: Callable[[], Plan], history: list[list[tuple[int, int]]]
) -> None:
    """Each plan flies some of six contacts at one of three times; a calendar that remembers all it was ever told."""
    plan = replace(week(), backups=())
    state = None
    latest: dict[str, tuple[int, tuple[datetime, str]]] = {}
    for chosen in history:
        contacts = tuple(
            replace(plan.contacts[n], start_s=plan.contacts[n].start_s + shift) for n, shift in dict(chosen).items()
        )
        files = calendars(replace(plan, contacts=contacts), state)
        state = files["calendar-state.json"]
        told = {
            str(e["UID"]): (int(e["SEQUENCE"]), (e["DTSTART"].dt, str(e["STATUS"])))
            for e in icalendar.Calendar.from_ical(files["schedule.ics"]).walk("VEVENT")
        }
        assert sum(status == "CONFIRMED" for _, (_, status) in told.values()) == len(contacts)
        for uid, (sequence, content) in told.items():
            if uid in latest:
                before, was = latest[uid]
                assert sequence > before if content != was else sequence >= before
            latest[uid] = (sequence, content)
        for uid, (_, (_, status)) in latest.items():
            assert uid in told or status == "CANCELLED"


def test_a_broken_state_is_told_so(plan: Plan) -> None:
    content = json.loads(_state(calendars(plan)))
    content["entries"][2]["sequence"] = -1
    content["entries"][3]["status"] = "MAYBE"
    with pytest.raises(InputError) as caught:
        calendars(plan, json.dumps(content).encode())
    assert [problem.field for problem in caught.value.problems] == ["entries[2].sequence", "entries[3].status"]
    with pytest.raises(InputError, match="is not JSON"):
        calendars(plan, b"{")
