"""Calendars (RFC 5545): one of the whole plan, one per site; instants in UTC, local time in the text."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

from eagleplan.model import Plan
from eagleplan.report.calendar_state import (
    CALENDAR_STATE_NAME,
    CalendarState,
    ToldEntry,
    calendar_state,
    read_calendar_state,
    state_json,
)

ALARMS_BEFORE = (timedelta(days=1), timedelta(minutes=30))
"""A day ahead to look at the sky and the roster, half an hour ahead to set up."""

CALENDARS_FOLDER = "calendars"
SCHEDULE_NAME = "schedule.ics"


def calendars(
    plan: Plan, previous_state: bytes | None = None, *, tentative_below_p: float = 0.0
) -> Mapping[str, bytes]:
    """Path → bytes: ``schedule.ics``, ``calendars/SITE.ics`` for every site, ``calendar-state.json``.

    `previous_state` is the ``calendar-state.json`` of the plan that these calendars follow; without it every entry is
    new. The same plan and state give the same bytes. Raises InputError where the state is broken.
    """
    previous = None if previous_state is None else read_calendar_state(previous_state)
    state = calendar_state(plan, previous, tentative_below_p=tentative_below_p)
    names = {site.site_id: f"{plan.name}, {site.name}" for site in plan.sites}
    names |= {entry.site_id: f"{plan.name}, {entry.site_id}" for entry in state.entries if entry.site_id not in names}
    files = {SCHEDULE_NAME: calendar_ics(plan, plan.name, state, state.entries)}
    for site_id, name in sorted(names.items()):
        entries = [entry for entry in state.entries if entry.site_id == site_id]
        files[f"{CALENDARS_FOLDER}/{site_id}.ics"] = calendar_ics(plan, name, state, entries)
    files[CALENDAR_STATE_NAME] = state_json(state)
    return files


def calendar_ics(plan: Plan, name: str, state: CalendarState, entries: Iterable[ToldEntry]) -> bytes:
    """A calendar of `entries` of the state, told as the state tells them."""
    from icalendar import Calendar  # late: 0.3 s

    title = " ".join("".join(mark if mark.isprintable() else " " for mark in name).split())
    calendar = Calendar()
    calendar.add("prodid", f"-//eagleplan//eagleplan {plan.stamp.get('eagleplan', '')}//EN")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", "PUBLISH")
    calendar.add("name", title)
    calendar.add("x-wr-calname", title)
    for entry in entries:
        calendar.add_component(_event(entry, state))
    return bytes(calendar.to_ical())


def _event(entry: ToldEntry, state: CalendarState) -> Any:
    from icalendar import Event

    cancelled = entry.status == "CANCELLED"
    summary = f"Cancelled: {entry.summary}" if cancelled else entry.summary
    event = Event()
    event.add("uid", entry.uid)
    event.add("dtstamp", state.stamp_utc)
    event.add("last-modified", entry.modified_utc)
    event.add("sequence", entry.sequence)
    event.add("status", entry.status)
    event.add("transp", "TRANSPARENT" if cancelled else "OPAQUE")
    event.add("dtstart", entry.start_utc)
    event.add("dtend", entry.end_utc)
    event.add("summary", summary)
    event.add("location", entry.location)
    event.add("geo", (entry.latitude_deg, entry.longitude_deg))
    event.add("categories", list(entry.categories))
    event.add("description", entry.description)
    for before in () if cancelled else ALARMS_BEFORE:
        event.add_component(_alarm(summary, before))
    return event


def _alarm(summary: str, before: timedelta) -> Any:
    from icalendar import Alarm

    when = "tomorrow" if before.days else f"in {before.seconds // 60} minutes"
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("trigger", -before)
    alarm.add("description", f"{summary} {when}")
    return alarm
