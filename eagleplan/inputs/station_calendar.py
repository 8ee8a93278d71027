"""Station calendars in iCalendar (RFC 5545): events as they are written, and their occurrences in a span of
time.

All-day and floating events are local to the station. An occurrence of a recurring event begins at the same
local time and lasts exactly as long as the first one (RFC 5545, 3.8.5.3). Cancelled events do not count;
whether an event is marked as free or busy says nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any

from eagleplan.errors import InputError, Problem
from eagleplan.inputs.windows import TimeWindow

_ONCE = ("DTSTART", "DTEND", "DURATION", "RRULE", "RECURRENCE-ID", "UID", "STATUS")
"""What an event may say once (RFC 5545, 3.6.1)."""

Instant = datetime | date
"""An aware instant, a floating local time, or a whole day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarEvent:
    """One event of a calendar. `end` is of the kind of `start`; `rule` is the recurrence rule without its
    UNTIL."""

    line: int
    uid: str
    summary: str
    start: Instant
    end: Instant
    rule: str = ""
    until: Instant | None = None
    extra: tuple[Instant, ...] = ()
    left_out: tuple[Instant, ...] = ()
    replaces: Instant | None = None


def is_icalendar(text: str) -> bool:
    return text.lstrip("\ufeff \t\r\n").upper().startswith("BEGIN:VCALENDAR")


def parse_icalendar(text: str, path: str) -> tuple[CalendarEvent, ...]:
    """The events of a calendar; raises InputError with all problems and the lines of their events."""
    from icalendar import Calendar

    try:
        calendars: Any = Calendar.from_ical(text, multiple=True)
    except (ValueError, IndexError) as error:
        raise InputError(Problem(path=path, message=f"is not iCalendar: {error}")) from None
    lines = [n for n, line in enumerate(text.split("\n"), start=1) if re.match(r"BEGIN:VEVENT\s*$", line, re.I)]
    components = [event for calendar in calendars for event in calendar.walk("VEVENT")]
    if len(lines) != len(components):
        # An event that never ends is left out by the reader, and with it a closure.
        ends = len(components)
        message = "every BEGIN:VEVENT must have its END:VEVENT, and every calendar its END:VCALENDAR"
        raise InputError(Problem(path=path, message=message, got=f"{len(lines)} begun, {ends} complete"))
    problems: list[Problem] = []
    events = []
    for line, component in zip(lines, components, strict=True):
        if str(component.get("STATUS", "")).upper() == "CANCELLED" and "RECURRENCE-ID" not in component:
            continue
        try:
            events.append(_event(line, component))
        except _WrongEventError as error:
            problems.append(Problem(path=path, line=line, field=error.field, message=str(error), got=error.got))
    if problems:
        raise InputError(problems)
    return tuple(events)


def occurrences(
    events: tuple[CalendarEvent, ...], zone: tzinfo, start_utc: datetime, end_utc: datetime
) -> tuple[TimeWindow, ...]:
    """Every occurrence that touches the span, sorted; `zone` is the station's."""
    replaced = {(event.uid, _utc(event.replaces, zone)) for event in events if event.replaces is not None}
    found = []
    for event in events:
        for first, last in _instances(event, zone, start_utc, end_utc):
            if event.replaces is None and (event.uid, first) in replaced:
                continue
            if first < end_utc and last > start_utc and first < last:
                found.append(TimeWindow(start_utc=first, end_utc=last, reason=event.summary, line=event.line))
    return tuple(sorted(found, key=lambda window: (window.start_utc, window.end_utc, window.line or 0)))


class _WrongEventError(Exception):
    def __init__(self, field: str, message: str, got: object = None) -> None:
        super().__init__(message)
        self.field = field
        self.got = None if got is None else str(got)


def _event(line: int, component: Any) -> CalendarEvent:
    for name, said in component.errors:
        raise _WrongEventError(str(name), "cannot be read", said)
    for name in _ONCE:
        if isinstance(component.get(name), list):
            raise _WrongEventError(name, "must come once")
    start = _instant(component, "DTSTART")
    if start is None:
        raise _WrongEventError("DTSTART", "is required")
    end = _instant(component, "DTEND")
    if end is None and "DURATION" in component:
        end = start + component["DURATION"].dt
    if end is None and not isinstance(start, datetime):
        end = start + timedelta(days=1)
    if end is None:
        raise _WrongEventError("DTEND", "is required, or DURATION: an event without an end says nothing")
    if _kind(end) != _kind(start):
        raise _WrongEventError("DTEND", "must be written as DTSTART is: day, local time or time with zone", end)
    if not end > start:
        raise _WrongEventError("DTEND", "must be after DTSTART", end)
    event = CalendarEvent(
        line=line,
        uid=str(component.get("UID", line)),
        summary=str(component.get("SUMMARY", "")),
        start=start,
        end=end if str(component.get("STATUS", "")).upper() != "CANCELLED" else start,
        extra=_list(component, "RDATE"),
        left_out=_list(component, "EXDATE"),
        replaces=_instant(component, "RECURRENCE-ID"),
    )
    if event.replaces is not None and "RANGE" in component["RECURRENCE-ID"].params:
        raise _WrongEventError("RECURRENCE-ID", "changes of this and all later occurrences are not understood")
    return _with_rule(event, component)


def _with_rule(event: CalendarEvent, component: Any) -> CalendarEvent:
    if "RRULE" not in component:
        return event
    rule = component["RRULE"]
    parts = {str(key).upper(): value for key, value in rule.items()}
    if parts.get("FREQ", [""])[0] not in ("HOURLY", "DAILY", "WEEKLY", "MONTHLY", "YEARLY"):
        raise _WrongEventError("RRULE", "must recur hourly, daily, weekly, monthly or yearly", parts.get("FREQ"))
    interval = parts.get("INTERVAL", [1])[0]
    if interval < 1:
        # dateutil never comes to an end with it.
        raise _WrongEventError("RRULE", "INTERVAL must be at least 1", interval)
    until = parts.get("UNTIL", [None])[0]
    text = ";".join(part for part in rule.to_ical().decode().split(";") if not part.startswith("UNTIL="))
    from dateutil.rrule import rrulestr  # type: ignore[import-untyped]

    try:
        rrulestr(text, dtstart=datetime(2026, 1, 1))  # noqa: DTZ001 - rules run in local time
    except (ValueError, TypeError) as error:
        raise _WrongEventError("RRULE", "is no recurrence rule", error) from None
    return replace(event, rule=text, until=until)


def _instant(component: Any, name: str) -> Instant | None:
    if name not in component:
        return None
    value = component[name].dt
    zone = component[name].params.get("TZID")
    if zone is not None and isinstance(value, datetime) and value.tzinfo is None:
        raise _WrongEventError(name, "names a time zone that nobody knows", zone)
    if not isinstance(value, date):
        raise _WrongEventError(name, "must be a day or a time", value)
    return value


def _list(component: Any, name: str) -> tuple[Instant, ...]:
    entry = component.get(name, [])
    values = [value.dt for one in (entry if isinstance(entry, list) else [entry]) for value in one.dts]
    for value in values:
        if not isinstance(value, date):
            raise _WrongEventError(name, "must be days or times", value)
    return tuple(values)


def _kind(instant: Instant) -> str:
    if not isinstance(instant, datetime):
        return "day"
    return "local" if instant.tzinfo is None else "zoned"


def _utc(instant: Instant, zone: tzinfo) -> datetime:
    if not isinstance(instant, datetime):
        instant = datetime.combine(instant, time(0))
    return (instant if instant.tzinfo else instant.replace(tzinfo=zone)).astimezone(UTC)


def _instances(
    event: CalendarEvent, zone: tzinfo, start_utc: datetime, end_utc: datetime
) -> Iterator[tuple[datetime, datetime]]:
    """(start, end) in UTC of each occurrence that may touch the span."""
    first = event.start if isinstance(event.start, datetime) else datetime.combine(event.start, time(0))
    own_zone = first.tzinfo or zone
    left_out = {_utc(instant, own_zone) for instant in event.left_out}
    starts: set[datetime] = {_utc(instant, own_zone) for instant in event.extra}
    length = _utc(event.end, own_zone) - _utc(event.start, own_zone)
    if event.rule:
        from dateutil.rrule import rrulestr

        wall = first.replace(tzinfo=None)
        margin = timedelta(days=2) + length
        recurring = rrulestr(event.rule, dtstart=wall)
        until = None if event.until is None else _utc(event.until, own_zone)
        for local in recurring.between(
            start_utc.replace(tzinfo=None) - margin, end_utc.replace(tzinfo=None) + margin, inc=True
        ):
            start = _utc(local, own_zone)
            if until is None or start <= until:
                starts.add(start)
    starts.add(_utc(event.start, own_zone))
    for start in sorted(starts - left_out):
        if isinstance(event.start, datetime) or isinstance(event.end, datetime):
            yield start, start + length
        else:
            day = start.astimezone(own_zone).date()
            yield start, _utc(day + (event.end - event.start), own_zone)
