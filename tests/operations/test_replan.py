"""Re-plans: prices, new elements, stations that close, and what cannot be asked."""

from __future__ import annotations

import csv
import io
import json
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import icalendar
import pytest

from eagleplan.inputs.tle import checksum
from eagleplan.operations.ledger import read_ledger
from eagleplan.pipeline.reading import read_directory

sys.path.insert(0, str(Path(__file__).parent))
from tables import FLYING_LAPTOP, SCENARIO, contacts_of, june, tle_at, write_scenario

Run = Callable[..., tuple[int, str, str]]
NOW = "2026-12-02T06:00:00Z"


def replanned(run: Run, monday: Path, tmp_path: Path, *more: str, name: str = "new") -> Path:
    code, _, err = run("replan", monday, "--now", NOW, "-o", tmp_path / name, "-q", *more)
    assert code == 0, err
    return tmp_path / name


def changes(run: Run, before: Path, after: Path) -> dict[str, int]:
    code, out, _ = run("diff", before, after, "-f", "csv")
    assert code == 0
    rows = list(csv.DictReader(io.StringIO(out)))
    return {name: sum(row["change"] == name for row in rows) for name in ("kept", "moved", "added", "removed")}


def test_nothing_new_changes_nothing(run: Run, monday: Path, tmp_path: Path) -> None:
    after = replanned(run, monday, tmp_path)
    found = changes(run, monday, after)
    assert (found["moved"], found["added"], found["removed"]) == (0, 0, 0)
    assert found["kept"] == len(contacts_of(monday))
    assert run("verify", after)[0] == 0


def test_a_plan_of_a_plan_of_a_plan(run: Run, monday: Path, tmp_path: Path) -> None:
    first = replanned(run, monday, tmp_path, name="first")
    code, _, err = run("replan", first, "--now", "2026-12-03T06:00:00Z", "-o", tmp_path / "second", "-q")
    assert code == 0, err
    assert run("verify", tmp_path / "second")[0] == 0
    assert changes(run, monday, tmp_path / "second")["kept"] == len(contacts_of(monday))


def test_new_elements_move_contacts_without_renaming_them(run: Run, monday: Path, tmp_path: Path) -> None:
    """The same orbit 20 s later along its track: passes come later by about as much, under their old names."""
    after = replanned(run, monday, tmp_path, "--set", "satellites.eagle1.orbit.mean_anomaly_deg=-1.27")
    old = {row["contact_id"]: row for row in contacts_of(monday)}
    new = {row["contact_id"]: row for row in contacts_of(after)}
    late = [name for name in old.keys() & new.keys() if old[name]["start_utc"] > "2026-12-02T18"]
    assert len(late) >= len([row for row in old.values() if row["start_utc"] > "2026-12-02T18"]) - 1
    assert any(old[name]["start_utc"] != new[name]["start_utc"] for name in late)
    _, out, _ = run("diff", monday, after, "-f", "csv")
    shifts = [abs(float(row["start_shift_s"])) for row in csv.DictReader(io.StringIO(out)) if row["change"] == "kept"]
    assert 5 <= max(shifts) <= 60
    assert run("verify", after)[0] == 0


def test_a_high_price_keeps_what_no_price_changes(run: Run, monday: Path, tmp_path: Path) -> None:
    station = max(
        (row["site_id"] for row in contacts_of(monday) if row["start_utc"] > "2026-12-03"),
        key=lambda site: sum(row["site_id"] == site for row in contacts_of(monday)),
    )
    closed = tmp_path / "closed.csv"
    closed.write_text("start_utc,end_utc,reason\n2026-12-02T06:00:00Z,2026-12-08T00:00:00Z,dome\n")
    calendar = ("--calendar", f"{station}={closed}")
    free = [name for kind in ("drop", "retime", "add") for name in (f"--{kind}-price", "0")]
    dear = [name for kind in ("drop", "retime", "add") for name in (f"--{kind}-price", "1")]
    without = replanned(run, monday, tmp_path, *calendar, *free, name="free")
    with_price = replanned(run, monday, tmp_path, *calendar, *dear, name="dear")
    for directory in (without, with_price):
        assert not [
            row for row in contacts_of(directory) if row["site_id"] == station and row["start_utc"] > "2026-12-02T06"
        ]
        assert run("verify", directory)[0] == 0
    assert changes(run, monday, with_price)["kept"] >= changes(run, monday, without)["kept"]
    assert changes(run, monday, with_price)["added"] == 0


def test_a_frozen_contact_whose_station_closes_is_said_to_be_lost(run: Run, monday: Path, tmp_path: Path) -> None:
    soon = next(row for row in contacts_of(monday) if row["start_utc"] > "2026-12-02T06")
    closed = tmp_path / "closed.csv"
    closed.write_text("start_utc,end_utc,reason\n2026-12-02T06:00:00Z,2026-12-08T00:00:00Z,dome\n")
    code, _, err = run(
        "replan", monday, "--now", NOW, "--freeze-hours", "24", "-o", tmp_path / "new", "-q",
        "--calendar", f"{soon['site_id']}={closed}",
    )  # fmt: skip
    assert code == 0
    assert f"W-FROZEN-LOST: {soon['contact_id']}" in err


def test_contacts_without_an_outcome_are_named(run: Run, monday: Path, tmp_path: Path) -> None:
    code, _, err = run("replan", monday, "--now", NOW, "-o", tmp_path / "new", "-q")
    assert code == 0
    past = [row["contact_id"] for row in contacts_of(monday) if row["end_utc"] < NOW]
    assert past
    assert all(name in err.split("W-OUTCOME-MISSING")[1] for name in past)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--now", "2026-12-02"], "--now: must be UTC and end in Z"),
        (["--now", NOW, "--elements", "eagle2=x.tle"], "--elements: no such satellite in the scenario"),
        (["--now", NOW, "--elements", "x.tle"], "--elements: must be ID=FILE"),
        (["--now", NOW, "--calendar", "at-graz=gone.csv"], "gone.csv: cannot be read"),
        (["--now", NOW, "--outcomes", "gone.csv"], "gone.csv: cannot be read"),
        (["--now", NOW, "--forecast", "gone.json"], "gone.json: cannot be read"),
        (["--now", NOW, "--set", "schedule.min_contact=60"], "schedule.min_contact: unknown key"),
        (["--now", NOW, "--set", "schedule"], "--set: must be KEY=VALUE"),
    ],
)
def test_what_cannot_be_asked(run: Run, monday: Path, tmp_path: Path, more: list[str], said: str) -> None:
    code, _, err = run("replan", monday, "-o", tmp_path / "new", *more)
    assert code == 2
    assert said in err
    assert not (tmp_path / "new").exists()


def test_the_difference_in_words_and_numbers(run: Run, monday: Path, tmp_path: Path) -> None:
    last = max(contacts_of(monday), key=lambda row: row["start_utc"])
    after = replanned(run, monday, tmp_path, "--set", f'schedule.vetoes=["{last["pass_id"]}"]')
    code, words, _ = run("diff", monday, after, "-f", "table")
    assert code == 0
    code, out, _ = run("diff", monday, after, "--demands", "--json")
    rows = json.loads(out)
    assert [row["demand_id"] for row in rows] == ["de-it-urgent", "de-it", "gr-it", "nl-at"]
    for row in rows:
        assert row["gain_bits"] == row["delivered_after_bits"] - row["delivered_before_bits"]
        assert (f"{row['demand_id']} " in words) == (row["gain_bits"] != 0)


def test_new_elements_from_a_file(run: Run, tmp_path: Path) -> None:
    """A satellite with elements: those of three days later, from one format to another, move passes by seconds."""
    elements = tmp_path / "first.tle"
    elements.write_text(tle_at(june(12)))
    text = SCENARIO.replace("2026-12-20T12:00:00Z", "2026-06-12T00:00:00Z")
    lines = [
        f'orbit = {{ kind = "file", path = "{elements}", catalog_id = {FLYING_LAPTOP} }}' if "orbit" in line else line
        for line in text.splitlines()
    ]
    scenario = write_scenario(tmp_path / "scenario", "\n".join(lines))
    before, after = tmp_path / "before", tmp_path / "after"
    code, _, err = run("plan", scenario, "--start-utc", "2026-06-15T00:00:00Z", "--days", "4", "-o", before, "-q")
    assert code == 0, err
    # The same orbit 3 s further along it.
    new = tmp_path / "second.tle"
    first, second = tle_at(june(12)).splitlines()[1:]
    moved = f"{second[:43]}{(float(second[43:51]) + 0.19) % 360:8.4f}{second[51:68]}"
    new.write_text(f"FLYING LAPTOP\n{first}\n{moved}{checksum(moved)}\n")
    now = ("--now", "2026-06-15T12:00:00Z", "--freeze-hours", "2")
    code, _, err = run("replan", before, *now, "--elements", f"eagle1={new}", "-o", after, "-q")
    assert code == 0, err
    assert run("verify", after)[0] == 0
    old = {row["contact_id"]: row for row in contacts_of(before)}
    found = {row["contact_id"]: row for row in contacts_of(after)}
    both = old.keys() & found.keys()
    assert len(both) >= len(old) - 1
    shifts = [
        (
            datetime.fromisoformat(found[name]["start_utc"]) - datetime.fromisoformat(old[name]["start_utc"])
        ).total_seconds()
        for name in both
    ]
    assert min(shifts) <= -2
    assert all(abs(shift) <= 5 for shift in shifts)
    kept = {row["pass_id"] for row in contacts_of(before)} & {row["pass_id"] for row in contacts_of(after)}
    assert len(uids(before) & uids(after)) >= len(kept)


def uids(directory: Path) -> set[str]:
    events = icalendar.Calendar.from_ical((directory / "schedule.ics").read_bytes()).walk("VEVENT")
    return {str(event["UID"]) for event in events}


def test_pins_hold_and_an_impossible_one_is_an_error(run: Run, monday: Path, tmp_path: Path) -> None:
    passes = list(csv.DictReader(io.StringIO((monday / "passes.csv").read_text())))
    other = next(
        row["pass_id"] for row in passes if row["culmination_utc"] > "2026-12-04" and row["reason_code"] == "conflict"
    )
    after = replanned(run, monday, tmp_path, "--set", f'schedule.pins=["{other}"]')
    assert other in {row["pass_id"] for row in contacts_of(after)}
    assert run("verify", after)[0] == 0
    code, _, err = run(
        "replan", monday, "--now", NOW, "-o", tmp_path / "no", "-q", "--set", 'schedule.pins=["eagle1-nowhere"]'
    )
    assert code == 2
    assert "eagle1-nowhere" in err
    assert not (tmp_path / "no").exists()


def test_what_starts_before_the_freeze_stays_and_nothing_is_added_there(run: Run, monday: Path, tmp_path: Path) -> None:
    """Everything may be dropped for nothing, and still only what lies after the freeze changes."""
    free = [word for kind in ("drop", "retime", "add") for word in (f"--{kind}-price", "0")]
    last = [row["pass_id"] for row in contacts_of(monday) if row["start_utc"] > "2026-12-05"]
    vetoes = "schedule.vetoes=[" + ",".join(f'"{name}"' for name in last) + "]"
    after = replanned(run, monday, tmp_path, "--freeze-hours", "48", "--set", vetoes, *free)
    frozen = "2026-12-04T06"
    old, new = (
        [
            (row["contact_id"], row["start_utc"], row["end_utc"])
            for row in contacts_of(directory)
            if row["start_utc"] < frozen
        ]
        for directory in (monday, after)
    )
    assert old == new
    assert contacts_of(monday) != contacts_of(after)


def test_wrong_outcomes_are_named_in_the_users_file(run: Run, monday: Path, tmp_path: Path) -> None:
    last = max(contacts_of(monday), key=lambda row: row["start_utc"])["contact_id"]
    table = tmp_path / "told.csv"
    table.write_text(f"contact_id,status,secret_bits\n\nnobody,done,5\n{last},done,5\n")
    code, _, err = run("replan", monday, "--now", NOW, "--outcomes", table, "-o", tmp_path / "new")
    assert code == 2
    assert f"{table}:3: contact_id: is no contact of the plan (got nobody)" in err
    assert f"{table}:4: status: cannot be: the contact ends at" in err
    assert not (tmp_path / "new").exists()


def test_outcomes_told_to_a_replan_are_booked_in_its_ledger(run: Run, monday: Path, tmp_path: Path) -> None:
    """And a correction that is booked there later stays, although the re-plan's own contacts say otherwise."""
    first = min(contacts_of(monday), key=lambda row: row["end_utc"])["contact_id"]
    table = tmp_path / "told.csv"
    table.write_text(f"contact_id,status,secret_bits\n{first},done,5000\n")
    after = replanned(run, monday, tmp_path, "--outcomes", str(table))
    assert not (monday / "operations").exists()
    ledger = read_ledger((after / "operations/ledger.csv").read_bytes(), "ledger.csv")
    assert ledger.contacts()[first].bits == 5000
    table.write_text(f"contact_id,status,secret_bits\n{first},done,4000\n")
    assert run("outcomes", after, table)[0] == 0
    _, out, err = run("outcomes", after, "--stocks", "-f", "csv")
    assert "0 lines added" in err
    (row,) = csv.DictReader(io.StringIO(out))
    assert (row["end_a"], row["stock_bits"], row["withdrawn_bits"]) == ("eagle1", "4000", "1000")
    again = tmp_path / "again"
    assert run("replan", after, "--now", "2026-12-03T06:00:00Z", "-o", again, "-q")[0] == 0
    assert {row["contact_id"]: row["expected_bits"] for row in contacts_of(again)}[first] == "4000"


def test_contacts_that_stay_are_drawn_as_long_as_nobody_knows_better(run: Run, monday: Path, tmp_path: Path) -> None:
    """Frozen contacts lie in no open window any more, and their sheets are those that a station needs tomorrow."""
    first = min(contacts_of(monday), key=lambda row: row["end_utc"])["contact_id"]
    table = tmp_path / "told.csv"
    table.write_text(f"contact_id,status,secret_bits\n{first},done,5000\n")
    after = replanned(run, monday, tmp_path, "--outcomes", str(table), "--freeze-hours", "48")
    source = read_directory(after)
    assert any(contact.start_s > 3 * 86_400 for contact in source.plan.contacts)
    for contact, trace in zip(source.plan.contacts, source.traces, strict=True):
        assert trace.contact_id == contact.contact_id
        assert trace.link is not None
        assert {contact.start_s + 0.5, contact.end_s - 0.5} <= set(trace.link.t_s.tolist())
        assert (trace.growth is None) == (contact.outcome is not None) == (contact.contact_id == first)
        if trace.growth is not None:
            assert trace.growth.secret_bits[-1] == contact.key.secret_bits
    code, _, err = run("export", after, "-f", "html", "-o", tmp_path / "again.html")
    assert code == 0, err
    assert (tmp_path / "again.html").read_bytes() == (after / "report.html").read_bytes()


def test_a_replan_cannot_lie_before_what_is_booked(run: Run, monday: Path, tmp_path: Path) -> None:
    assert run("outcomes", monday, "--as-of", "2026-12-03T00:00:00Z")[0] == 0
    code, _, err = run("replan", monday, "--now", NOW, "-o", tmp_path / "new")
    assert code == 2
    assert "--now: must not be before 2026-12-03T00:00:00Z: the ledger is settled up to there" in err
