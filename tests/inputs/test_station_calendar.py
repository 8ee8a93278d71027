"""Station calendars: what a planner's calendar programme writes, across changes of the clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from eagleplan.errors import InputError
from eagleplan.inputs.station_calendar import is_icalendar, occurrences, parse_icalendar

VIENNA = ZoneInfo("Europe/Vienna")
OCTOBER = datetime(2026, 10, 1, tzinfo=UTC)


def calendar(*events: str) -> str:
    bodies = "".join(
        f"BEGIN:VEVENT\r\nUID:{n}\r\nSUMMARY:event {n}\r\n{body}END:VEVENT\r\n" for n, body in enumerate(events)
    )
    return f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:test\r\n{bodies}END:VCALENDAR\r\n".replace("\r\n", "\n")


def spans(text: str, start: datetime = OCTOBER, days: int = 61) -> list[tuple[str, str]]:
    windows = occurrences(parse_icalendar(text, "x.ics"), VIENNA, start, start + timedelta(days=days))
    return [(f"{w.start_utc:%m-%d %H:%M}", f"{w.end_utc:%m-%d %H:%M}") for w in windows]


def test_utc_zoned_floating_and_whole_days() -> None:
    text = calendar(
        "DTSTART:20261005T180000Z\r\nDTEND:20261005T200000Z\r\n",
        "DTSTART;TZID=Europe/London:20261006T180000\r\nDURATION:PT2H\r\n",
        "DTSTART:20261007T180000\r\nDTEND:20261007T200000\r\n",
        "DTSTART;VALUE=DATE:20261025\r\n",
        "DTSTART;VALUE=DATE:20261102\r\nDTEND;VALUE=DATE:20261104\r\n",
    )
    assert spans(text) == [
        ("10-05 18:00", "10-05 20:00"),
        ("10-06 17:00", "10-06 19:00"),
        ("10-07 16:00", "10-07 18:00"),
        # The day on which the clocks go back has 25 hours.
        ("10-24 22:00", "10-25 23:00"),
        ("11-01 23:00", "11-03 23:00"),
    ]


def test_a_weekly_event_keeps_its_local_time() -> None:
    text = calendar(
        "DTSTART;TZID=Europe/Vienna:20261013T200000\r\nDTEND;TZID=Europe/Vienna:20261014T040000\r\n"
        "RRULE:FREQ=WEEKLY;UNTIL=20261110T190000Z\r\n"
        "EXDATE;TZID=Europe/Vienna:20261020T200000\r\nRDATE;TZID=Europe/Vienna:20261104T200000\r\n"
    )
    assert spans(text) == [
        ("10-13 18:00", "10-14 02:00"),
        ("10-27 19:00", "10-28 03:00"),
        ("11-03 19:00", "11-04 03:00"),
        ("11-04 19:00", "11-05 03:00"),
        ("11-10 19:00", "11-11 03:00"),
    ]


def test_a_recurring_event_without_end_is_read_where_asked() -> None:
    text = calendar("DTSTART;TZID=Europe/Vienna:20200101T080000\r\nDURATION:PT1H\r\nRRULE:FREQ=DAILY\r\n")
    assert spans(text, datetime(2026, 3, 28, tzinfo=UTC), 3) == [
        ("03-28 07:00", "03-28 08:00"),
        ("03-29 06:00", "03-29 07:00"),
        ("03-30 06:00", "03-30 07:00"),
    ]


def test_recurring_whole_days_and_counts() -> None:
    text = calendar("DTSTART;VALUE=DATE:20261023\r\nRRULE:FREQ=DAILY;COUNT=3\r\n")
    assert spans(text) == [
        ("10-22 22:00", "10-23 22:00"),
        ("10-23 22:00", "10-24 22:00"),
        ("10-24 22:00", "10-25 23:00"),
    ]


def test_one_occurrence_moved_and_one_cancelled() -> None:
    weekly = "DTSTART:20261005T180000Z\r\nDTEND:20261005T190000Z\r\nRRULE:FREQ=WEEKLY;COUNT=3\r\n"
    text = calendar(weekly)
    moved = (
        "BEGIN:VEVENT\nUID:0\nRECURRENCE-ID:20261012T180000Z\n"
        "DTSTART:20261013T080000Z\nDTEND:20261013T090000Z\nEND:VEVENT\n"
    )
    gone = (
        "BEGIN:VEVENT\nUID:0\nRECURRENCE-ID:20261019T180000Z\nDTSTART:20261019T180000Z\nDTEND:20261019T190000Z\n"
        "STATUS:CANCELLED\nEND:VEVENT\n"
    )
    text = text.replace("END:VCALENDAR", moved + gone + "END:VCALENDAR")
    assert spans(text) == [("10-05 18:00", "10-05 19:00"), ("10-13 08:00", "10-13 09:00")]


def test_cancelled_events_do_not_count() -> None:
    assert spans(calendar("DTSTART:20261005T180000Z\r\nDTEND:20261005T190000Z\r\nSTATUS:CANCELLED\r\n")) == []


def test_an_event_that_began_before_the_span() -> None:
    text = calendar("DTSTART:20260901T000000Z\r\nDTEND:20261002T000000Z\r\n")
    assert spans(text) == [("09-01 00:00", "10-02 00:00")]
    assert spans(text, datetime(2026, 10, 2, tzinfo=UTC)) == []


def test_windows_zone_names_are_known() -> None:
    text = calendar("DTSTART;TZID=W. Europe Standard Time:20261006T180000\r\nDURATION:PT1H\r\n")
    assert spans(text) == [("10-06 16:00", "10-06 17:00")]


@pytest.mark.parametrize(
    ("body", "field", "message"),
    [
        ("DTSTART:20261005T180000Z\r\nDTEND:20261005T180000Z\r\n", "DTEND", "must be after DTSTART"),
        ("DTSTART:20261005T180000Z\r\nDTEND:20261004T180000Z\r\n", "DTEND", "must be after DTSTART"),
        (
            "DTSTART:20261005T180000Z\r\n",
            "DTEND",
            "is required, or DURATION: an event without an end says nothing",
        ),
        ("DTEND:20261005T180000Z\r\n", "DTSTART", "is required"),
        ("DTSTART:2026-10-05\r\n", "DTSTART", "cannot be read"),
        (
            "DTSTART;TZID=Nowhere/City:20261005T180000\r\nDURATION:PT1H\r\n",
            "DTSTART",
            "names a time zone that nobody knows",
        ),
        (
            "DTSTART:20261005T180000Z\r\nDTEND:20261005T190000\r\n",
            "DTEND",
            "must be written as DTSTART is: day, local time or time with zone",
        ),
        (
            "DTSTART:20261005T180000Z\r\nDURATION:PT1S\r\nRRULE:FREQ=SECONDLY\r\n",
            "RRULE",
            "must recur hourly, daily, weekly, monthly or yearly",
        ),
        (
            "DTSTART:20261005T180000Z\r\nDURATION:PT1H\r\nRRULE:FREQ=DAILY;INTERVAL=0\r\n",
            "RRULE",
            "INTERVAL must be at least 1",
        ),
        (
            "DTSTART:20261005T180000Z\r\nDURATION:PT1H\r\nDTSTART:20261006T180000Z\r\n",
            "DTSTART",
            "must come once",
        ),
        (
            "DTSTART:20261005T180000Z\r\nDURATION:PT1H\r\nRRULE:FREQ=DAILY;BYDAY=XX\r\n",
            "RRULE",
            "cannot be read",
        ),
    ],
)
def test_a_wrong_event(body: str, field: str, message: str) -> None:
    with pytest.raises(InputError) as caught:
        parse_icalendar(calendar("DTSTART:20261005T180000Z\r\nDURATION:PT1H\r\n", body), "x.ics")
    (problem,) = caught.value.problems
    assert (problem.path, problem.line, problem.field, problem.message) == ("x.ics", 10, field, message)


def test_text_that_is_no_calendar() -> None:
    with pytest.raises(InputError, match="is not iCalendar"):
        parse_icalendar("BEGIN:VCALENDAR\nhello\nEND:VCALENDAR\n", "x.ics")
    assert is_icalendar("\ufeffbegin:vcalendar\n")
    assert not is_icalendar("start_utc,end_utc\n")


def test_an_event_that_never_ends_is_not_left_out() -> None:
    whole = calendar("DTSTART:20261005T180000Z\r\nDURATION:PT1H\r\n")
    with pytest.raises(InputError, match="must have its END:VEVENT"):
        parse_icalendar(whole[: whole.index("END:VEVENT")], "x.ics")
