"""Week after week: what is carried, what is picked, what fails and what is left alone."""

from __future__ import annotations

import csv
import io
import json
import shutil
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import icalendar
import pytest

from eagleplan.cli import main
from eagleplan.operations.ledger import Book, read_ledger
from eagleplan.operations.lock import locked
from eagleplan.operations.weeks import ElementsFolder, newest_named, weeks_from
from eagleplan.pipeline.reading import read_directory
from eagleplan.resources import example_path

sys.path.insert(0, str(Path(__file__).parent))
import itertools

sys.path.insert(0, str(Path(__file__).parents[1] / "inputs"))
from kme import KEY_SIZE_BITS, SLAVE, running_kme
from tables import FLYING_LAPTOP, SCENARIO, contacts_of, june, outcomes_table, tle_at, write_scenario

Run = Callable[..., tuple[int, str, str]]
WEEKS = ("2026-W52", "2026-W53", "2027-W01")


def files_of(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def batch(scenario: Path, folder: Path, *more: str, n_weeks: int = 3) -> list[str]:
    return ["batch", str(scenario), "--from", WEEKS[0], "--weeks", str(n_weeks), "-o", str(folder), "-q", *more]


def rows_of(text: str) -> dict[str, dict[str, str]]:
    return {row["week"]: row for row in csv.DictReader(io.StringIO(text))}


def ledger_of(folder: Path, week: str) -> Book:
    return read_ledger((folder / "ledger" / f"{week}.csv").read_bytes(), week)


def stored_names(directory: Path) -> list[str]:
    return [entry["name"] for entry in json.loads((directory / "inputs/index.json").read_text())["files"]]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three weeks over the end of a year, made once: `scenario/week.toml` and `out/`."""
    folder = tmp_path_factory.mktemp("batch")
    scenario = write_scenario(folder / "scenario")
    assert main(batch(scenario, folder / "out")) == 0
    return folder


@pytest.fixture
def copy(made: Path, tmp_path: Path) -> Path:
    """A copy to work on."""
    return Path(shutil.copytree(made, tmp_path / "copy"))


def test_a_year_may_have_53_weeks(made: Path) -> None:
    assert sorted(path.name for path in (made / "out").iterdir()) == [*WEEKS, "batch.csv", "ledger"]
    for week, start in zip(WEEKS, ("2026-12-21", "2026-12-28", "2027-01-04"), strict=True):
        assert json.loads((made / "out" / week / "plan.json").read_text())["horizon"]["start_utc"].startswith(start)


@pytest.mark.parametrize(
    ("first", "names"),
    [
        ("2020-W53", ["2020-W53", "2021-W01"]),
        ("2024-W52", ["2024-W52", "2025-W01"]),
        ("2026W09", ["2026-W09", "2026-W10"]),
    ],
)
def test_weeks_are_those_of_iso_8601(first: str, names: list[str]) -> None:
    weeks = weeks_from(first, 2)
    assert [week.name for week in weeks] == names
    assert all(week.start_utc.weekday() == 0 and week.start_utc.tzinfo is UTC for week in weeks)
    assert weeks[1].start_utc - weeks[0].start_utc == timedelta(weeks=1)


def test_lots_are_carried_with_their_age_until_they_are_too_old(made: Path) -> None:
    for week, following in itertools.pairwise(WEEKS):
        closing, opening = ledger_of(made / "out", week), ledger_of(made / "out", following)
        left = {(ends, at): bits for ends in closing.edges() for at, bits in closing.lots(ends).items()}
        assert left
        assert {(e.edge, e.made_utc): e.bits for e in opening.entries if e.kind == "opening"} == left
    # Six days: what is left of one week dies in the next.
    assert any(e.kind == "expired" for e in ledger_of(made / "out", WEEKS[1]).entries)


def test_the_table_adds_up(made: Path) -> None:
    rows = rows_of((made / "out/batch.csv").read_text())
    assert list(rows) == list(WEEKS)
    for week, row in rows.items():
        book = ledger_of(made / "out", week)
        assert row["status"] == "planned"
        assert int(row["n_contacts"]) == len(contacts_of(made / "out" / week))
        assert int(row["wanted_bits"]) == 1_700_000
        assert int(row["stock_bits"]) == sum(balance.stock_bits for balance in book.balances().values())
        assert int(row["delivered_bits"]) == sum(e.bits for e in book.entries if e.kind == "handed-over") > 0


def test_every_week_has_the_traces_of_its_contacts(made: Path) -> None:
    for week in WEEKS:
        source = read_directory(made / "out" / week)
        ids = [contact.contact_id for contact in source.plan.contacts]
        assert [trace.contact_id for trace in source.traces] == ids
        assert ids


def test_after_a_kill_the_batch_goes_on_at_the_first_week_that_is_not_there(run: Run, copy: Path) -> None:
    whole = files_of(copy / "out")
    shutil.rmtree(copy / "out/2027-W01")
    (copy / "out/batch.csv").unlink()
    (copy / "out/ledger/2026-W53.csv").unlink()
    half = copy / "out/.2027-W01.new-00000000"
    half.mkdir()
    (half / "plan.json").write_text("{")
    code, out, _ = run(*batch(copy / "scenario/week.toml", copy / "out"))
    assert code == 0
    assert [row["status"] for row in rows_of(out).values()] == ["there", "there", "planned"]
    shutil.rmtree(half)
    assert files_of(copy / "out") == whole


def test_two_processes_make_the_same_bytes(run: Run, made: Path, tmp_path: Path) -> None:
    assert run(*batch(made / "scenario/week.toml", tmp_path / "out", "--jobs", "2"))[0] == 0
    assert files_of(tmp_path / "out") == files_of(made / "out")


def test_a_week_that_fails_is_kept_apart_and_the_rest_goes_on(run: Run, copy: Path) -> None:
    reports = copy / "reports"
    reports.mkdir()
    (reports / "2026-W52.csv").write_text("contact_id,status\nnobody,clouded\n")
    arguments = batch(copy / "scenario/week.toml", copy / "out", "--outcomes", str(reports))
    code, out, _ = run(*arguments)
    assert code == 1
    rows = rows_of(out)
    assert [row["status"] for row in rows.values()] == ["failed", "changed", "there"]
    assert "2026-W52.csv:2: contact_id: is no contact of the plan" in rows["2026-W52"]["message"]
    assert "is no contact of the plan" in (copy / "out/failed/2026-W52.txt").read_text()
    assert rows_of((copy / "out/batch.csv").read_text())["2026-W52"]["status"] == "failed"
    code, out, _ = run(*arguments, "--stop-on-error")
    assert (code, list(rows_of(out))) == (1, ["2026-W52"])
    # Once it is mended the note goes.
    first = contacts_of(copy / "out/2026-W52")[0]["contact_id"]
    (reports / "2026-W52.csv").write_text(outcomes_table([(first, "clouded", None)]))
    code, out, _ = run(*arguments)
    assert (code, rows_of(out)["2026-W52"]["n_outcomes"]) == (0, "1")
    assert list((copy / "out/failed").iterdir()) == []


def test_outcomes_that_take_back_what_is_spent_fail_their_week(run: Run, copy: Path, tmp_path: Path) -> None:
    week = copy / "out/2026-W52"
    table = tmp_path / "all.csv"
    rows = contacts_of(week)
    table.write_text(outcomes_table((row["contact_id"], "done", int(row["expected_bits"])) for row in rows))
    assert run("outcomes", week, table, "--as-of", "2026-12-28T00:00:00Z")[0] == 0
    (copy / "reports").mkdir()
    (copy / "reports/2026-W52.csv").write_text(outcomes_table((row["contact_id"], "done", 0) for row in rows))
    code, out, _ = run(*batch(copy / "scenario/week.toml", copy / "out", "--outcomes", str(copy / "reports")))
    assert code == 1
    assert "bits leave a lot that holds" in rows_of(out)["2026-W52"]["message"]


def test_changed_weeks_are_planned_again_only_if_asked_and_calendars_follow(run: Run, copy: Path) -> None:
    before = files_of(copy / "out")
    arguments = batch(copy / "scenario/week.toml", copy / "out", "--set", "sites.min_elevation_deg=24", n_weeks=1)
    code, out, _ = run(*arguments)
    row = rows_of(out)["2026-W52"]
    assert (code, row["status"], row["message"]) == (0, "changed", "--update plans it again")
    after = files_of(copy / "out")
    assert {name for name in after if after[name] != before[name]} == {"batch.csv"}
    assert rows_of(run(*arguments, "--update")[1])["2026-W52"]["status"] == "planned"
    assert run("verify", copy / "out/2026-W52")[0] == 0
    old, new = (
        {str(event["UID"]): event for event in icalendar.Calendar.from_ical(data).walk("VEVENT")}
        for data in (before["2026-W52/schedule.ics"], (copy / "out/2026-W52/schedule.ics").read_bytes())
    )
    both = old.keys() & new.keys()
    assert both
    assert all(int(new[uid]["SEQUENCE"]) > int(old[uid]["SEQUENCE"]) for uid in both)


def test_booked_weeks_and_replans_are_never_planned_again(run: Run, copy: Path) -> None:
    week = copy / "out/2026-W52"
    table = copy / "outcomes.csv"
    table.write_text(outcomes_table([(contacts_of(week)[0]["contact_id"], "clouded", None)]))
    assert run("outcomes", week, table)[0] == 0
    arguments = batch(
        copy / "scenario/week.toml", copy / "out", "--update", "--set", "sites.min_elevation_deg=24", n_weeks=1
    )
    row = rows_of(run(*arguments)[1])["2026-W52"]
    assert (row["status"], row["message"]) == ("changed", "outcomes are booked: re-plan it")
    ledger = (week / "operations/ledger.csv").read_bytes()
    assert run("replan", week, "--now", "2026-12-24T00:00:00Z", "-o", week, "--force", "-q")[0] == 0
    assert (week / "operations/ledger.csv").read_bytes() == ledger
    row = rows_of(run(*arguments)[1])["2026-W52"]
    assert (row["status"], row["n_outcomes"]) == ("replanned", "1")


def test_the_second_run_on_a_folder_is_told_who_is_there(run: Run, copy: Path) -> None:
    before = files_of(copy / "out")
    with locked(copy / "out", "eagleplan batch"):
        code, _, err = run(*batch(copy / "scenario/week.toml", copy / "out"))
    assert code == 2
    assert "out: is in use by eagleplan batch, process " in err
    week = copy / "out/2026-W52"
    with locked(week, "eagleplan outcomes"):
        for words in (
            ("outcomes", week),
            ("replan", copy / "out/2026-W53", "--now", "2026-12-30T00:00:00Z", "-o", week),
        ):
            code, _, err = run(*words)
            assert code == 2
            assert "2026-W52: is in use by eagleplan outcomes, process " in err
    assert files_of(copy / "out") == before


def omm_at(epoch: datetime) -> str:
    """The same as a CCSDS message in JSON."""
    from sgp4.api import Satrec
    from sgp4.exporter import export_omm

    name, first, second = tle_at(epoch).splitlines()
    return json.dumps([export_omm(Satrec.twoline2rv(first, second), name)])


def test_each_week_takes_the_newest_that_was_known(run: Run, tmp_path: Path) -> None:
    """Weeks from 8, 15 and 22 June, planned twelve hours before: elements by epoch, forecasts by name."""
    elements, forecasts = tmp_path / "elements", tmp_path / "forecasts"
    elements.mkdir()
    forecasts.mkdir()
    (elements / "README.md").write_text("where they come from")
    (elements / "b.tle").write_text(tle_at(june(12)))
    (elements / "a.json").write_text(omm_at(june(20)))
    (elements / "too-late.tle").write_text(tle_at(june(21, 13)))
    (elements / "history.tle").write_text(tle_at(june(14, 11)) + tle_at(june(30)))
    for run_at in ("20260613T0600Z", "20260621T1100Z", "20260621T1300Z"):
        at = datetime.strptime(run_at, "%Y%m%dT%H%MZ").replace(tzinfo=UTC)
        rows = [
            f"it-matera,{at + timedelta(hours=h):%Y-%m-%dT%H:%M:%SZ},0.5,{at:%Y-%m-%dT%H:%M:%SZ}"
            for h in range(0, 73, 6)
        ]
        text = "\n".join(["site_id,time_utc,cloud_cover_frac,issued_utc", *rows]) + "\n"
        (forecasts / f"model-{run_at}.csv").write_text(text)
    orbit = f'orbit = {{ kind = "file", path = "later.tle", catalog_id = {FLYING_LAPTOP} }}'
    text = "\n".join(orbit if line.startswith("orbit") else line for line in SCENARIO.splitlines())
    scenario = write_scenario(tmp_path / "scenario", text)
    code, out, _ = run(
        "batch", scenario, "--from", "2026-W24", "--weeks", "3", "-o", tmp_path / "out", "-q",
        "--elements", f"eagle1={elements}", "--forecasts", forecasts,
    )  # fmt: skip
    rows = rows_of(out)
    assert code == 1
    assert [row["status"] for row in rows.values()] == ["failed", "planned", "planned"], rows
    assert "holds no elements of eagle1 from before 2026-06-07T12:00:00Z" in rows["2026-W24"]["message"]
    for week, elements_name, forecast_name in (
        ("2026-W25", "eagle1-b.tle", "model-20260613T0600Z.csv"),
        ("2026-W26", "eagle1-a.json", "model-20260621T1100Z.csv"),
    ):
        names = [name for name in stored_names(tmp_path / "out" / week) if name.startswith(("elements/", "forecasts/"))]
        assert names == [f"elements/{elements_name}", f"forecasts/{forecast_name}"]
        assert run("verify", tmp_path / "out" / week)[0] == 0


def test_only_what_a_file_holds_of_the_object_counts(tmp_path: Path) -> None:
    (tmp_path / "x.tle").write_text(tle_at(june(12)))
    folder = ElementsFolder(tmp_path)
    assert folder.newest({"catalog_id": FLYING_LAPTOP}, june(12)) == tmp_path / "x.tle"
    assert folder.newest({"object_name": "Flying Laptop"}, june(13)) == tmp_path / "x.tle"
    assert folder.newest({"object_name": "QUBE"}, june(13)) is None
    assert folder.newest({"catalog_id": FLYING_LAPTOP}, june(11)) is None


def test_names_tell_when_a_forecast_was_made(tmp_path: Path) -> None:
    for name in ("icon-2026-06-12T06:00Z.json", "icon-20260612T120000Z.json", "icon-20269912T0600Z.json", "notes.txt"):
        (tmp_path / name).write_text("")
    assert newest_named(tmp_path, june(12, 5)) is None
    assert newest_named(tmp_path, june(12, 7)) == tmp_path / "icon-2026-06-12T06:00Z.json"
    assert newest_named(tmp_path, june(12, 12)) == tmp_path / "icon-20260612T120000Z.json"


def test_what_a_key_manager_said_when_a_week_was_planned_stays(run: Run, tmp_path: Path) -> None:
    with running_kme(tmp_path) as kme:
        store = f'end_a = "eagle1"\nend_b = "at-graz"\nurl = "{kme.url}"\nslave_sae_id = "{SLAVE}"\n'
        files = f'ca_file = "{kme.ca_file}"\ncert_file = "{kme.cert_file}"\nkey_file = "{kme.key_file}"\n'
        scenario = write_scenario(tmp_path / "scenario", f"{SCENARIO}\n[kms]\n{files}[[kms.stores]]\n{store}")
        arguments = batch(scenario, tmp_path / "out", n_weeks=2)
        code, out, _ = run(*arguments)
        assert (code, [row["status"] for row in rows_of(out).values()]) == (0, ["planned", "planned"])
        (opening,) = [e for e in ledger_of(tmp_path / "out", WEEKS[0]).entries if e.kind == "opening"]
        assert opening.bits == 1000 * KEY_SIZE_BITS
        asked = len(kme.paths)
        kme.stored_key_count = 5
        kme.out_of_order = True
        code, out, _ = run(*arguments)
        assert (code, [row["status"] for row in rows_of(out).values()]) == (0, ["there", "there"])
        assert len(kme.paths) == asked


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--from", "2026-W54"], "--from: must be an ISO week such as 2026-W49 (got 2026-W54)"),
        (["--from", "2027-W53"], "--from: must be an ISO week such as 2026-W49 (got 2027-W53)"),
        (["--from", "2026-12-21"], "--from: must be an ISO week such as 2026-W49"),
        (["--from", "٢٠٢٦-W49"], "--from: must be an ISO week"),
        (["--from", "9999-W52"], "--weeks: go past the year 9999 (got 3)"),
        (["--elements", "eagle2=."], "--elements: no such satellite in the scenario (got eagle2)"),
        (["--elements", "eagle1"], "--elements: must be ID=FILE"),
        (["--elements", "eagle1=gone"], "gone: cannot be read: No such file or directory"),
        (["--elements", "eagle1=empty"], "empty: holds no elements"),
        (["--set", "schedule"], "--set: must be KEY=VALUE"),
        (["--weeks", "0"], "--weeks"),
        (["--jobs", "0"], "--jobs"),
        (["--lead-hours", "-1"], "--lead-hours"),
    ],
)
def test_what_cannot_be_asked(
    run: Run, made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, more: list[str], said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty").mkdir()
    code, out, err = run(*batch(made / "scenario/week.toml", tmp_path / "out"), *more)
    assert (code, out) == (2, "")
    assert said in err
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--forecasts", "gone"], "gone: cannot be read"),
        (["--forecasts", "empty"], "holds no file with an instant in its name"),
        (["--set", "schedule.min_contact=3"], "schedule.min_contact: unknown key"),
    ],
)
def test_what_every_week_fails_of(
    run: Run, made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, more: list[str], said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty").mkdir()
    code, out, _ = run(*batch(made / "scenario/week.toml", tmp_path / "out"), *more)
    assert code == 1
    rows = rows_of(out)
    assert [row["status"] for row in rows.values()] == ["failed"] * 3
    assert said in rows["2026-W53"]["message"]


def test_a_scenario_that_is_not_there(run: Run, tmp_path: Path) -> None:
    code, _, err = run(*batch(tmp_path / "gone.toml", tmp_path / "out"))
    assert code == 2
    assert "gone.toml: cannot be read" in err


def test_the_example_of_the_help_is_what_the_page_says(run: Run) -> None:
    code, out, _ = run("batch", "--help")
    assert code == 0
    assert f"eagleplan batch examples/{example_path('eagle1-week.toml').name} --from 2026-W49" in " ".join(out.split())
