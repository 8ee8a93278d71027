"""Calendars of plan, re-plan and re-plan again, as the command line writes them, through a real CalDAV server."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import icalendar

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[1] / "report"))
from tables import contacts_of
from test_caldav import Server
from test_caldav import server as server

Run = Callable[..., tuple[int, str, str]]
HOME = "/planner/operations/"


def of_status(events: dict[str, icalendar.Event], status: str) -> list[datetime]:
    return sorted(event["DTSTART"].dt for event in events.values() if str(event["STATUS"]) == status)


def starts(rows: list[dict[str, str]]) -> list[datetime]:
    return sorted(datetime.fromisoformat(row["start_utc"]) for row in rows)


def test_a_calendar_follows_plan_replan_and_cancellation(
    server: Server, run: Run, monday: Path, tmp_path: Path
) -> None:
    """New elements move contacts, a veto cancels one; the next day it is lifted, and the contact may come back."""
    last = max(contacts_of(monday), key=lambda row: row["start_utc"])
    later = "satellites.eagle1.orbit.mean_anomaly_deg=-1.27"
    wednesday, thursday = tmp_path / "wednesday", tmp_path / "thursday"
    for words in (
        (monday, "--now", "2026-12-02T06:00:00Z", "-o", wednesday, "--set", later),
        (wednesday, "--now", "2026-12-03T06:00:00Z", "-o", thursday, "--set", f'schedule.vetoes=["{last["pass_id"]}"]'),
        (thursday, "--now", "2026-12-04T06:00:00Z", "-o", tmp_path / "friday", "--set", "schedule.vetoes=[]"),
    ):
        code, _, err = run("replan", "-q", *words)
        assert code == 0, err
        assert run("verify", words[4])[0] == 0
    assert server.ask("MKCALENDAR", HOME)[0] == 201
    n_moved = n_backups = 0
    before: dict[str, icalendar.Event] = {}
    for directory in (monday, wednesday, thursday, tmp_path / "friday"):
        server.import_file(HOME, (directory / "schedule.ics").read_bytes())
        events = server.events(HOME)
        backups = json.loads((directory / "plan.json").read_text())["backups"]
        assert of_status(events, "CONFIRMED") == starts(contacts_of(directory))
        assert of_status(events, "TENTATIVE") == starts([backup["backup"] for backup in backups])
        # Nothing vanishes, and what changed has a higher SEQUENCE.
        assert before.keys() <= events.keys()
        for uid, event in before.items():
            now = events[uid]
            if any(now[name] != event[name] for name in ("STATUS", "DTSTART", "DTEND")):
                n_moved += 1
                assert int(now["SEQUENCE"]) > int(event["SEQUENCE"])
        before = events
        n_backups += len(backups)
    assert n_moved > 5
    assert n_backups > 0
    assert of_status(before, "CANCELLED") or not of_status(before, "TENTATIVE")


def test_the_vetoed_contact_is_cancelled_and_its_entry_stays(run: Run, monday: Path, tmp_path: Path) -> None:
    last = max(contacts_of(monday), key=lambda row: row["start_utc"])
    after = tmp_path / "after"
    veto = f'schedule.vetoes=["{last["pass_id"]}"]'
    assert run("replan", "-q", monday, "--now", "2026-12-02T06:00:00Z", "-o", after, "--set", veto)[0] == 0
    start = datetime.fromisoformat(last["start_utc"])
    cancelled = [
        (event, name)
        for name in ("schedule.ics", f"calendars/{last['site_id']}.ics")
        for event in icalendar.Calendar.from_ical((after / name).read_bytes()).walk("VEVENT")
        if event["DTSTART"].dt == start
    ]
    assert [(str(event["STATUS"]), name) for event, name in cancelled] == [
        ("CANCELLED", "schedule.ics"),
        ("CANCELLED", f"calendars/{last['site_id']}.ics"),
    ]
