"""The week of docs/operations.md, played from the command line as it is written there."""

from __future__ import annotations

import csv
import io
import re
import shlex
import shutil
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import icalendar
import pytest

from eagleplan.operations.ledger import read_ledger
from eagleplan.resources import example_path

sys.path.insert(0, str(Path(__file__).parent))
from tables import contacts_of

PAGE = Path(__file__).resolve().parents[2] / "docs" / "operations.md"
Run = Callable[..., tuple[int, str, str]]


def commands() -> list[list[str]]:
    """The commands of the page's first section, in order."""
    section = PAGE.read_text(encoding="utf-8").split("## A week in operations")[1].split("\n## ")[0]
    blocks = re.findall(r"```console\n(.*?)```", section, re.DOTALL)
    lines = [line for block in blocks for line in block.replace("\\\n", " ").splitlines()]
    return [shlex.split(line.removeprefix("$ eagleplan ")) for line in lines]


def report(directory: Path, until: str, clouded: int) -> str:
    """What is known of a plan's contacts by `until`: one is clouded, the rest gave a tenth more than expected."""
    lines = ["contact_id,status,secret_bits,comment"]
    ended = [row for row in contacts_of(directory) if row["end_utc"] <= until and not row["outcome"]]
    for number, row in enumerate(ended):
        if number == clouded:
            lines.append(f"{row['contact_id']},clouded,,")
        else:
            lines.append(f"{row['contact_id']},done,{int(row['expected_bits']) * 11 // 10},")
    assert len(lines) > 1, f"nothing to report by {until}"
    return "\n".join(lines) + "\n"


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, str]]:
    """The folder in which the week was lived through, and what each command printed."""
    import contextlib

    from eagleplan.cli import main

    folder = tmp_path_factory.mktemp("story")
    shutil.copytree(example_path("operations/week.toml").parent, folder / "examples" / "operations")
    printed: dict[str, str] = {}
    with contextlib.chdir(folder):
        for words in commands():
            if words[:3] == ["outcomes", "monday/", "tuesday.csv"]:
                Path("tuesday.csv").write_text(report(Path("monday"), "2026-12-01T06:00", clouded=9))
            if words[:3] == ["outcomes", "tuesday/", "friday.csv"]:
                Path("friday.csv").write_text(report(Path("tuesday"), "2026-12-04T06:00", clouded=1))
            if words[:3] == ["outcomes", "friday/", "sunday.csv"]:
                Path("sunday.csv").write_text(report(Path("friday"), "2026-12-07T00:00", clouded=9))
            if words[0] == "batch":
                Path("reports").mkdir()
                Path("reports/2026-W49.csv").write_text(report(Path("monday"), "2026-12-07T00:00", clouded=1))
            out, err = io.TextIOWrapper(io.BytesIO(), write_through=True), io.StringIO()
            with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
                code = main(words)
            assert code == 0, f"{words}: {err.getvalue()}"
            printed[" ".join(words)] = out.buffer.getvalue().decode()  # type: ignore[attr-defined]
    return folder, printed


def test_everything_in_the_story_runs(played: tuple[Path, dict[str, str]]) -> None:
    assert len(played[1]) == len(commands()) >= 10


def test_the_past_stays(played: tuple[Path, dict[str, str]]) -> None:
    folder, _ = played
    for before, after, frozen in (
        ("monday", "tuesday", "2026-12-01T19:00:00"),
        ("tuesday", "friday", "2026-12-04T21:00:00"),
    ):
        old = {row["contact_id"]: row for row in contacts_of(folder / before) if row["start_utc"] < frozen}
        new = {row["contact_id"]: row for row in contacts_of(folder / after) if row["start_utc"] < frozen}
        closed = {
            name for name, row in old.items() if row["site_id"] == "it-matera" and row["start_utc"] > "2026-12-04"
        }
        assert old.keys() - closed == new.keys()
        for name, row in new.items():
            assert (row["start_utc"], row["end_utc"]) == (old[name]["start_utc"], old[name]["end_utc"])


def test_a_closed_dome_is_not_planned(played: tuple[Path, dict[str, str]]) -> None:
    for row in contacts_of(played[0] / "friday"):
        if row["site_id"] == "it-matera":
            assert not "2026-12-04" <= row["start_utc"] < "2026-12-06T12:00"


def test_outcomes_are_in_the_plan_that_follows(played: tuple[Path, dict[str, str]]) -> None:
    folder, _ = played
    reported = {row["contact_id"]: row for row in csv.DictReader(io.StringIO((folder / "tuesday.csv").read_text()))}
    rows = {row["contact_id"]: row for row in contacts_of(folder / "tuesday")}
    for name, outcome in reported.items():
        assert rows[name]["outcome"] == outcome["status"]
        assert int(rows[name]["expected_bits"]) == int(outcome["secret_bits"] or 0)


def test_the_forecast_is_used_where_it_reaches(played: tuple[Path, dict[str, str]]) -> None:
    origins = {row["p_clear_origin"] for row in contacts_of(played[0] / "tuesday") if not row["outcome"]}
    assert any("forecast-20261201T0600Z.csv" in origin for origin in origins)


def test_the_ledger_balances_and_agrees_with_the_reports(played: tuple[Path, dict[str, str]]) -> None:
    folder, _ = played
    book = read_ledger((folder / "friday/operations/ledger.csv").read_bytes(), "ledger.csv")
    for balance in book.balances().values():
        came = balance.opening_bits + balance.produced_bits
        gone = balance.delivered_bits + balance.expired_bits + balance.discarded_bits + balance.withdrawn_bits
        assert came == gone + balance.stock_bits
    made = {entry.contact_id: entry.bits for entry in book.entries if entry.contact_id}
    for row in contacts_of(folder / "friday"):
        if row["outcome"]:
            assert made.get(row["contact_id"], 0) == int(row["expected_bits"]), "a settled contact opens the book"
    delivered = sum(e.bits for e in book.entries if e.kind == "handed-over")
    assert delivered > 0
    assert 2 * delivered == sum(balance.delivered_bits for balance in book.balances().values())


def test_calendars_of_the_week_hold_each_contact_once(played: tuple[Path, dict[str, str]]) -> None:
    """Importing Monday's, Tuesday's and Friday's calendars in turn leaves Friday's plan, and nothing else confirmed."""
    folder, _ = played
    held: dict[str, tuple[int, str, datetime]] = {}
    for name in ("monday", "tuesday", "friday"):
        for event in icalendar.Calendar.from_ical((folder / name / "schedule.ics").read_bytes()).walk("VEVENT"):
            uid, sequence = str(event["UID"]), int(event["SEQUENCE"])
            if uid not in held or sequence >= held[uid][0]:
                held[uid] = (sequence, str(event["STATUS"]), event["DTSTART"].dt)
    starts = sorted(start for _, status, start in held.values() if status == "CONFIRMED")
    planned = sorted(
        datetime.fromisoformat(row["start_utc"].replace("Z", "+00:00")) for row in contacts_of(folder / "friday")
    )
    assert starts == planned


def test_next_week_opens_with_what_is_left(played: tuple[Path, dict[str, str]]) -> None:
    folder, _ = played
    closing = read_ledger((folder / "schedules/ledger/2026-W49.csv").read_bytes(), "w49")
    opening = read_ledger((folder / "schedules/ledger/2026-W50.csv").read_bytes(), "w50")
    left = {(of, made): bits for of in closing.edges() for made, bits in closing.lots(of).items()}
    found = {(e.edge, e.made_utc): e.bits for e in opening.entries if e.kind == "opening"}
    assert left
    assert found == left


def test_the_batch_again_changes_nothing(played: tuple[Path, dict[str, str]], run: Run) -> None:
    import contextlib

    folder, _ = played
    words = next(words for words in commands() if words[0] == "batch")
    before = {path: path.read_bytes() for path in (folder / "schedules").rglob("*") if path.is_file()}
    with contextlib.chdir(folder):
        code, out, _ = run(*words)
    assert code == 0
    assert [row["status"] for row in csv.DictReader(io.StringIO(out))] == ["there", "there"]
    assert {path: path.read_bytes() for path in (folder / "schedules").rglob("*") if path.is_file()} == before
