"""Windows that come back every week in local time, as authorities publish them."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from eagleplan.model import Horizon
from eagleplan.scenario.schema import WEEKDAYS, WeeklyTable
from eagleplan.scenario.spans import Spans, union


def weekly_spans(table: WeeklyTable, zone: ZoneInfo, horizon: Horizon) -> Spans:
    """Seconds since the horizon's start at which a weekly window is open, within the horizon.

    A window belongs to the day on which it begins and ends on the next one if `to_local` is not after
    `from_local`. Where the clocks change and a local time comes twice or not at all, it has two readings an
    hour apart: a forbidden window takes the wider one, a permitted window the narrower.
    """
    forbid = table.rule == "forbid"
    from_local, to_local = time.fromisoformat(table.from_local), time.fromisoformat(table.to_local)
    overnight = timedelta(days=0 if to_local > from_local else 1)
    first = horizon.start_utc.astimezone(zone).date() - timedelta(days=1)
    last = horizon.end_utc.astimezone(zone).date()
    spans = []
    for number in range((last - first).days + 1):
        day = first + timedelta(days=number)
        if WEEKDAYS[day.weekday()] not in (table.weekdays or WEEKDAYS):
            continue
        if not (table.from_date or date.min) <= day <= (table.until_date or date.max):
            continue
        starts, ends = _readings(day, from_local, zone), _readings(day + overnight, to_local, zone)
        start_utc, end_utc = (min(starts), max(ends)) if forbid else (max(starts), min(ends))
        spans.append((horizon.seconds(start_utc), horizon.seconds(end_utc)))
    return union(spans, 0.0, horizon.duration_s)


def _readings(day: date, clock: time, zone: ZoneInfo) -> tuple[datetime, datetime]:
    return (
        datetime.combine(day, clock, zone).astimezone(UTC),
        datetime.combine(day, clock.replace(fold=1), zone).astimezone(UTC),
    )
