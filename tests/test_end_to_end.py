"""The main job as its user runs it: plan, read what it wrote, verify, corrupt, verify again."""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import icalendar
import pytest

from eagleplan.resources import example_path

FILES = {
    "plan.json", "traces.json", "contacts.csv", "passes.csv", "demand.csv", "schedule.ics", "report.html",
    "manifest.json",
}  # fmt: skip

Run = Callable[..., tuple[int, str, str]]


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_example_week_has_contacts_on_four_sites_and_meets_cross_border_demand(example_plan: Path) -> None:
    assert {path.name for path in example_plan.iterdir()} >= FILES
    contacts = _rows(example_plan / "contacts.csv")
    demand = _rows(example_plan / "demand.csv")
    assert len({row["site_id"] for row in contacts}) >= 4
    assert len(demand) >= 6
    met = [int(row["delivered_bits"]) / int(row["wanted_bits"]) for row in demand]
    assert all(row["node_a"] != row["node_b"] for row in demand)
    assert 0.1 < sum(met) / len(met) < 1.0, "demand is neither trivial nor hopeless"


def test_every_pass_has_a_reason(example_plan: Path) -> None:
    passes = _rows(example_plan / "passes.csv")
    assert len(passes) > 50
    assert all(row["reason_code"] and row["reason"] for row in passes)
    chosen = [row for row in passes if row["reason_code"] == "chosen"]
    assert len(chosen) == len(_rows(example_plan / "contacts.csv"))


def test_summary_names_the_demand_and_the_next_contacts(
    example_plan: Path, example_plan_elsewhere: tuple[Path, str]
) -> None:
    _, out = example_plan_elsewhere
    first = _rows(example_plan / "contacts.csv")[0]
    assert first["start_utc"][11:19] in out
    assert f"  {first['site_id'][:12]}" in out
    assert "DE – FR" in out
    assert "optimal" in out
    assert max(len(line) for line in out.splitlines()) <= 80


def test_json_summary_is_the_plan(run: Run, small_plan: Path) -> None:
    code, out, _ = run("plan", example_path("small", "plain.toml"), "--json")
    assert code == 0
    assert out == (small_plan / "plan.json").read_text(encoding="utf-8")


def test_strict_says_no_where_demand_is_unmet(run: Run) -> None:
    assert run("plan", example_path("small", "plain.toml"), "--strict", "-q")[0] == 1


def test_same_inputs_same_bytes_in_another_process(
    example_plan: Path, example_plan_elsewhere: tuple[Path, str]
) -> None:
    elsewhere, _ = example_plan_elsewhere
    first = {p.relative_to(example_plan): p.read_bytes() for p in example_plan.rglob("*") if p.is_file()}
    again = {p.relative_to(elsewhere): p.read_bytes() for p in elsewhere.rglob("*") if p.is_file()}
    assert first.keys() == again.keys()
    assert [str(name) for name in first if first[name] != again[name]] == []


def test_calendar_events_match_the_contacts(example_plan: Path) -> None:
    calendar = icalendar.Calendar.from_ical((example_plan / "schedule.ics").read_bytes())
    told = {str(event["UID"]): event for event in calendar.walk("VEVENT")}
    events = {uid: event for uid, event in told.items() if event["STATUS"] == "CONFIRMED"}
    contacts = _rows(example_plan / "contacts.csv")
    assert len(events) == len(contacts)
    backups = {backup for row in contacts for backup in row["backups"].split()}
    assert {str(event["STATUS"]) for uid, event in told.items() if uid not in events} == {"TENTATIVE"}
    assert len(told) - len(events) == len(backups)
    by_times = {(e.decoded("DTSTART"), e.decoded("DTEND"), str(e["LOCATION"])) for e in events.values()}
    for row in contacts:
        matching = [
            event
            for event in events.values()
            if f"{event.decoded('DTSTART'):%Y-%m-%dT%H:%M:%S}" == row["start_utc"][:19]
            and f"{event.decoded('DTEND'):%Y-%m-%dT%H:%M:%S}" == row["end_utc"][:19]
            and row["contact_id"] in f"{event['UID']}{event['DESCRIPTION']}"
        ]
        assert len(matching) == 1, row["contact_id"]
        assert row["expected_bits"] in str(matching[0]["DESCRIPTION"]).replace(",", "").replace("\u202f", "")
        assert matching[0].walk("VALARM")
    assert len(by_times) == len(contacts)


def test_verify_accepts_the_plan(run: Run, example_plan: Path) -> None:
    code, out, _ = run("verify", example_plan)
    assert code == 0
    assert "follow from the inputs" in out


def _corrupt(plan: dict[str, Any], what: str) -> None:
    contact = plan["contacts"][0]
    if what == "start_utc":
        start = datetime.fromisoformat(contact["start_utc"]) + timedelta(seconds=7)
        contact["start_utc"] = start.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    elif what == "start_s":
        contact["start_s"] += 7
    elif what == "expected_bits":
        contact["expected_bits"] += 1
    elif what == "delivered":
        served = next(row for row in plan["demands"] if row["delivered_bits"] > 0)
        served["delivered_bits"] += 1
    elif what == "delivery":
        plan["deliveries"][0]["bits"] += 1
    elif what == "twice":
        plan["contacts"].append(contact)
    elif what == "horizon":
        plan["horizon"]["days"] = 8.0
    elif what == "objective":
        plan["proof"]["levels"][0]["objective"] += 1


@pytest.mark.parametrize(
    ("what", "code"),
    [
        ("start_utc", "V-WINDOW"),
        ("start_s", "V-WINDOW"),
        ("expected_bits", "V-BITS"),
        ("delivered", "V-DEMAND"),
        ("delivery", "V-DEMAND"),
        ("twice", "V-DUPLICATE"),
        ("objective", "V-OBJECTIVE"),
        ("horizon", "V-HORIZON"),
    ],
)
def test_verify_names_a_corruption(run: Run, small_plan: Path, tmp_path: Path, what: str, code: str) -> None:
    copy = tmp_path / "out"
    shutil.copytree(small_plan, copy)
    plan = json.loads((copy / "plan.json").read_text(encoding="utf-8"))
    _corrupt(plan, what)
    (copy / "plan.json").write_text(json.dumps(plan), encoding="utf-8")
    exit_code, out, err = run("verify", copy)
    assert exit_code == 1, err
    assert f"violation: {code}" in out
    assert "Traceback" not in err


def test_verify_refuses_inputs_that_are_not_the_plans_own(run: Run, example_plan: Path, tmp_path: Path) -> None:
    copy = tmp_path / "out"
    shutil.copytree(example_plan, copy)
    demand = next(path for path in (copy / "inputs").rglob("*demand*"))
    demand.write_bytes(demand.read_bytes().replace(b",1,", b",2,", 1) + b"\n")
    code, _, err = run("verify", copy)
    assert code == 2
    assert demand.name in err


def test_verify_sees_a_changed_table(run: Run, example_plan: Path, tmp_path: Path) -> None:
    copy = tmp_path / "out"
    shutil.copytree(example_plan, copy)
    table = copy / "contacts.csv"
    table.write_bytes(table.read_bytes().replace(b"at-graz", b"at-gras"))
    code, out, _ = run("verify", copy)
    assert code == 1
    assert out == "violation: V-FILE contacts.csv: is not as the plan wrote it\n"
    table.unlink()
    (copy / "notes.txt").write_text("mine", encoding="utf-8")
    assert run("verify", copy)[1].splitlines() == [
        "violation: V-FILE contacts.csv: is missing",
        "violation: V-FILE notes.txt: is not a file of the plan",
    ]


def test_verify_of_something_else_is_bad_input(run: Run, tmp_path: Path) -> None:
    code, _, err = run("verify", tmp_path)
    assert code == 2
    assert "manifest.json: cannot be read" in err
    assert "Traceback" not in err


def test_a_foreign_directory_is_not_replaced(run: Run, example_scenario: Path, tmp_path: Path) -> None:
    (tmp_path / "precious.txt").write_text("mine", encoding="utf-8")
    code, _, err = run("plan", example_scenario, "-o", tmp_path, "-q")
    assert code == 2
    assert "--force" in err
    assert [path.name for path in tmp_path.iterdir()] == ["precious.txt"]
