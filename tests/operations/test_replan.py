"""Re-plans: prices, new elements, stations that close, and what cannot be asked."""

from __future__ import annotations

import csv
import io
import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from tables import contacts_of

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
