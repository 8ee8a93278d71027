"""``calendar-state.json``: what calendars were told so far, without which no later plan could raise a SEQUENCE."""

from __future__ import annotations

import json
from dataclasses import fields, replace
from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from eagleplan.model import Plan
from eagleplan.report.calendar_entries import Entry, Status, calendar_stamp_utc, entries_of
from eagleplan.report.part import Part, Utc, restore
from eagleplan.report.reading import read_document

CALENDAR_STATE_NAME = "calendar-state.json"
SCHEMA_VERSION: Literal[1] = 1
KIND: Literal["eagleplan-calendar-state"] = "eagleplan-calendar-state"

_SEQUENCED = ("start_utc", "end_utc", "location", "latitude_deg", "longitude_deg", "status")
"""What raises SEQUENCE when it changes: time, place, status."""


class ToldEntry(Part):
    """An entry as the calendars have it now."""

    uid: str
    sequence: Annotated[int, Field(ge=0)]
    """Raised whenever time, place or status changes."""
    modified_utc: Utc
    """Stamp of the plan that changed anything of it last."""
    contact_id: str
    status: Status
    site_id: str
    start_utc: Utc
    end_utc: Utc
    summary: str
    location: str
    latitude_deg: float
    longitude_deg: float
    categories: tuple[str, ...]
    description: str


class GoneEntry(Part):
    """An entry that was cancelled and then left out: if it comes back, its SEQUENCE goes on from here."""

    uid: str
    sequence: Annotated[int, Field(ge=0)]
    end_utc: Utc


class CalendarState(Part):
    """Every entry that a plan's calendars hold, by start and identity, and those that they held before."""

    kind: Literal["eagleplan-calendar-state"]
    schema_version: Literal[1]
    stamp_utc: Utc
    """DTSTAMP of every entry."""
    entries: tuple[ToldEntry, ...]
    gone: tuple[GoneEntry, ...]


def calendar_state(plan: Plan, previous: CalendarState | None, *, tentative_below_p: float = 0.0) -> CalendarState:
    """What calendars that know `previous` are to be told of `plan`.

    An entry that the plan no longer has is cancelled, and left out by the plan after it. What ended before the plan's
    horizon is past, and what starts after it is not for this plan to judge: the one is left out, the other stays.
    """
    stamp_utc = calendar_stamp_utc(plan)
    known = {} if previous is None else {entry.uid: entry for entry in previous.entries}
    gone = {} if previous is None else {entry.uid: entry for entry in previous.gone}
    told = []
    for entry in entries_of(plan, tentative_below_p=tentative_below_p):
        before = known.get(entry.uid)
        if before is None:
            sequence = gone[entry.uid].sequence + 1 if entry.uid in gone else 0
            told.append(ToldEntry.of(entry, sequence=sequence, modified_utc=stamp_utc))
        else:
            told.append(_updated(before, entry, stamp_utc))
    wanted = {entry.uid for entry in told}
    left = {}
    for uid, before in known.items():
        if uid in wanted or before.end_utc <= plan.horizon.start_utc:
            continue
        if before.start_utc >= plan.horizon.end_utc:
            told.append(before)
        elif before.status == "CANCELLED":
            left[uid] = GoneEntry.of(before)
        else:
            told.append(_updated(before, replace(restore(Entry, before), status="CANCELLED"), stamp_utc))
    left |= {uid: e for uid, e in gone.items() if uid not in wanted and e.end_utc > plan.horizon.start_utc}
    return CalendarState(
        kind=KIND,
        schema_version=SCHEMA_VERSION,
        stamp_utc=stamp_utc,
        entries=tuple(sorted(told, key=lambda entry: (entry.start_utc, entry.uid))),
        gone=tuple(left[uid] for uid in sorted(left)),
    )


def _updated(before: ToldEntry, entry: Entry, stamp_utc: datetime) -> ToldEntry:
    changed = {field.name for field in fields(Entry) if getattr(before, field.name) != getattr(entry, field.name)}
    return ToldEntry.of(
        entry,
        sequence=before.sequence + (not changed.isdisjoint(_SEQUENCED)),
        modified_utc=stamp_utc if changed else before.modified_utc,
    )


def state_json(state: CalendarState) -> bytes:
    """The state as it lies in a plan's directory."""
    return (json.dumps(state.model_dump(mode="json"), indent=2, ensure_ascii=False) + "\n").encode()


def read_calendar_state(data: bytes, path: str = CALENDAR_STATE_NAME) -> CalendarState:
    """Reads ``calendar-state.json``; raises InputError with everything that is wrong with it."""
    return read_document(data, path, CalendarState, KIND, SCHEMA_VERSION)
