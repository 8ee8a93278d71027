"""`eagleplan show` says what contacts.csv says, at any instant and width; its watch follows the directory."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from eagleplan.cli import main
from eagleplan.cli.show import watch_directory
from eagleplan.operations.board import Board, read_board
from eagleplan.pipeline.reading import read_directory
from eagleplan.report import render, write_directory
from eagleplan.report.evenings import Choice
from eagleplan.report.situation import situation, situation_json

Run = Callable[..., tuple[int, str, str]]
ANSI = "\x1b["


def _contacts(directory: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO((directory / "contacts.csv").read_text())))


def _utc(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _text(instant: datetime) -> str:
    return f"{instant:%Y-%m-%dT%H:%M:%SZ}"


def _instants(directory: Path) -> Iterator[datetime]:
    """Before the plan, between, during, just at the ends of and after its contacts, and after the plan."""
    rows = _contacts(directory)
    yield _utc(rows[0]["start_utc"]) - timedelta(days=30)
    for row in rows:
        start, end = _utc(row["start_utc"]), _utc(row["end_utc"])
        yield from (start - timedelta(seconds=1), start, start + (end - start) / 2, end)
    yield _utc(rows[-1]["end_utc"]) + timedelta(days=30)


def _situation(board: Board, at: datetime) -> dict[str, Any]:
    """What --json gives, without reading the directory anew every time."""
    now = situation(
        board.index,
        board.ways,
        board.index.plan.horizon.seconds(at),
        traces=board.traces,
        reports=board.reports,
        n_coming=len(board.index.contacts),
    )
    found: dict[str, Any] = json.loads(situation_json(board.index, now))
    return found


@pytest.fixture(scope="module")
def board(small_plan: Path) -> Board:
    return read_board(small_plan)


def test_json_is_the_situation_at_an_instant(run: Run, small_plan: Path, board: Board) -> None:
    at = _utc(_contacts(small_plan)[1]["start_utc"]) + timedelta(seconds=3)
    code, out, err = run("show", small_plan, "--json", "--at", _text(at))
    assert (code, err) == (0, "")
    assert json.loads(out) == _situation(board, at)


def test_what_is_asked_for_is_all_that_is_counted(run: Run, small_plan: Path) -> None:
    rows = [row for row in _contacts(small_plan) if row["site_id"] == "nl-the-hague"]
    at = _text(_utc(rows[0]["end_utc"]))
    code, out, _ = run("show", small_plan, "--json", "--site", "nl-the-hague", "--at", at)
    now = json.loads(out)
    assert (code, now["n_behind"], now["n_to_come"]) == (0, 1, len(rows) - 1)
    assert [turn["contact_id"] for turn in now["coming"]] == [row["contact_id"] for row in rows[1:]]
    _, out, _ = run("show", small_plan, "--site", "nl-the-hague", "--at", at)
    assert f"; 1 behind, {len(rows) - 1} to come" in out


def test_a_plan_that_is_over_has_no_next_contact(run: Run, small_plan: Path) -> None:
    _, before, _ = run("show", small_plan, "--at", "2026-11-29T00:00:00Z")
    _, after, _ = run("show", small_plan, "--at", "2026-12-03T00:00:00Z")
    n = len(_contacts(small_plan))
    assert f"the plan begins in 1 d 00 h; {n} to come" in before
    assert "Next contacts (UTC)" in before
    assert "Next contacts" not in after
    assert "Contacts (UTC)" in after


def test_what_is_on_and_what_comes_is_as_the_table_says(small_plan: Path, board: Board) -> None:
    rows = _contacts(small_plan)
    phases = set()
    for at in _instants(small_plan):
        at = at.replace(microsecond=0)
        now = _situation(board, at)
        on = [r["contact_id"] for r in rows if _utc(r["start_utc"]) <= at < _utc(r["end_utc"])]
        coming = [r["contact_id"] for r in rows if _utc(r["start_utc"]) > at]
        assert [turn["contact_id"] for turn in now["on"]] == on
        assert [turn["contact_id"] for turn in now["coming"]] == coming
        assert now["n_behind"] == len(rows) - len(on) - len(coming)
        for turn in (*now["on"], *now["coming"]):
            assert turn["in_s"] == (_utc(turn["start_utc"]) - at).total_seconds()
        phases.add(now["phase"])
    assert phases >= {"not-begun", "on", "between", "over"}


def test_where_to_point_is_as_the_pointing_tables_say(run: Run, small_plan: Path, board: Board, tmp_path: Path) -> None:
    row = _contacts(small_plan)[0]
    target = tmp_path / "pointing.csv"
    assert run("export", small_plan, "-f", "pointing", "--contact", row["contact_id"], "-o", target)[0] == 0
    table = {line["utc"]: line for line in csv.DictReader(io.StringIO(target.read_text()))}
    start = _utc(row["start_utc"])
    for at, pointed in ((start - timedelta(hours=1), start), (start + timedelta(seconds=20),) * 2):
        now = _situation(board, at)
        aim = (now["on"] or now["coming"])[0]["aim"]
        line = table[f"{pointed:%Y-%m-%dT%H:%M:%S}.000Z"]
        for name in ("azimuth_deg", "elevation_deg", "azimuth_rate_deg_s", "elevation_rate_deg_s", "range_km"):
            assert aim[name] == pytest.approx(float(line[name]), abs=2e-6)


def test_key_so_far_is_what_the_traces_prove(small_plan: Path, board: Board) -> None:
    row = _contacts(small_plan)[0]
    start, end = _utc(row["start_utc"]), _utc(row["end_utc"])
    so_far = [
        _situation(board, start + timedelta(seconds=s))["on"][0]["key_bits"]
        for s in range(0, int((end - start).total_seconds()), 7)
    ]
    assert so_far[0] == 0
    assert so_far == sorted(so_far)
    assert 0 < so_far[-1] <= int(row["clear_sky_bits"])
    assert _situation(board, start - timedelta(minutes=1))["coming"][0]["clear_sky_bits"] == int(row["clear_sky_bits"])


@pytest.mark.parametrize("width", [80, 120, 200])
def test_no_line_is_longer_than_the_terminal(
    run: Run, small_plan: Path, monkeypatch: pytest.MonkeyPatch, width: int
) -> None:
    from rich.cells import cell_len

    monkeypatch.setenv("COLUMNS", str(width))
    at = _utc(_contacts(small_plan)[2]["start_utc"]) + timedelta(seconds=30)
    for options in ((), ("--local",), ("--by", "satellite"), ("--site", "it-matera"), ("--night", "2026-12-01")):
        code, out, err = run("show", small_plan, "--at", _text(at), *options)
        assert (code, err) == (0, "")
        assert max(cell_len(line) for line in out.splitlines()) <= width
        assert ANSI not in out, "a pipe gets plain text"


def test_every_night_counts_its_contacts_and_draws_each(
    run: Run, small_plan: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "120")
    rows = _contacts(small_plan)
    code, out, _ = run("show", small_plan, "--at", "2026-11-01T00:00:00Z")
    assert code == 0
    for night in sorted({row["night"] for row in rows}):
        own = [row for row in rows if row["night"] == night]
        title = f"Night of {datetime.fromisoformat(night):%a} {datetime.fromisoformat(night).day} "
        block = out.split(title)[1].split("Night of")[0].split("\n\n")[0]
        assert f"  {len(own)} contact" in block.splitlines()[0]
        drawn = {line.split()[0] for line in block.splitlines()[2:] if "█" in line}
        assert drawn == {row["site_id"] for row in own}


def test_a_contact_stands_below_its_hour(run: Run, small_plan: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """At 200 columns a character is a few minutes: the hour left of a block is the contact's."""
    monkeypatch.setenv("COLUMNS", "200")
    for row in _contacts(small_plan):
        code, out, _ = run("show", small_plan, "--night", row["night"], "--site", row["site_id"])
        assert code == 0
        lines = out.splitlines()
        line = next(line for line in lines if line.startswith(row["site_id"]) and "█" in line)
        ruler = next(text for text in lines if text.endswith(" UTC") and re.match(r"^[ 0-9]+UTC$", text))
        middle = _utc(row["start_utc"]) + (_utc(row["end_utc"]) - _utc(row["start_utc"])) / 2
        hours = {match.start(): int(match.group()) for match in re.finditer(r"\d\d", ruler)}
        found = []
        for place in (place for place, letter in enumerate(line) if letter == "█"):
            before = max((column for column in hours if column <= place), default=None)
            found.append(hours[before] if before is not None else (min(hours.values()) - 1) % 24)
        assert middle.hour in found


def test_local_times_carry_their_zone(run: Run, small_plan: Path) -> None:
    row = _contacts(small_plan)[0]
    code, out, _ = run("show", small_plan, "--at", "2026-11-29T00:00:00Z", "--local")
    assert code == 0
    clock = _utc(row["start_local"])
    assert re.search(rf"{clock:%H:%M:%S} (CET|EET|WET)", out)
    assert "local time of each site" in out


def test_colours_are_for_terminals_that_want_them(run: Run, small_plan: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert ANSI in run("show", small_plan)[1]
    monkeypatch.setenv("NO_COLOR", "1")
    assert not re.search(r"\x1b\[[0-9;]*3[0-9]m", run("show", small_plan)[1])


def test_what_the_plan_does_not_have_is_refused_with_the_nearest(run: Run, small_plan: Path) -> None:
    code, out, err = run("show", small_plan, "--site", "it-matra", "--satellite", "eagle", "--night", "2027-01-01")
    assert (code, out) == (2, "")
    assert 'did you mean "it-matera"?' in err
    assert 'did you mean "eagle1"?' in err
    assert "is no night with a pass (got 2027-01-01)" in err
    assert re.search(r"the plan's nights are 2026-11-29 to 2026-12-\d\d", err)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--watch", "--json"), "--json: cannot be with --watch"),
        (("--watch", "--night", "2026-12-01"), "--night: cannot be with --watch"),
        (("--json", "--night", "2026-12-01"), "--night: cannot be with --json"),
        (("--at", "tomorrow"), "must be UTC and end in Z"),
    ],
)
def test_options_that_contradict_are_refused(run: Run, small_plan: Path, options: tuple[str, ...], said: str) -> None:
    code, out, err = run("show", small_plan, *options)
    assert (code, out) == (2, "")
    assert said in err


def test_a_directory_without_a_plan_is_refused(run: Run, tmp_path: Path) -> None:
    assert run("show", tmp_path)[0] == 2
    assert run("show", tmp_path, "--watch")[0] == 2


class _Room:
    """A control room with a clock of its own; `events` happen before the page of their number."""

    def __init__(
        self, directory: Path, start_utc: datetime, step_s: int, events: dict[int, Callable[[], None]]
    ) -> None:
        self.directory, self.now_utc, self.step_s, self.events = directory, start_utc, step_s, events
        self.pages: list[str] = []

    def _draw(self, page: Any) -> None:
        from rich.console import Console

        console = Console(file=io.StringIO(), width=100)
        console.print(page)
        self.pages.append(console.file.getvalue())  # type: ignore[attr-defined]

    def _wait(self, wait_s: float) -> None:
        assert 0.0 < wait_s <= self.step_s
        self.now_utc += timedelta(seconds=self.step_s)
        if len(self.pages) in self.events:
            self.events.pop(len(self.pages))()
        if not self.events:
            self.events = {len(self.pages) + 1: self._leave}

    def _leave(self) -> None:
        raise KeyboardInterrupt

    def run(self, **choice: Any) -> list[str]:
        with pytest.raises(KeyboardInterrupt):
            watch_directory(
                self.directory,
                self._draw,
                lambda: self.now_utc,
                self._wait,
                float(self.step_s),
                Choice(**choice),
                width=lambda: 100,
            )
        return self.pages


def test_the_watch_counts_down_and_through_a_contact(small_plan: Path) -> None:
    row = _contacts(small_plan)[0]
    start, end = _utc(row["start_utc"]), _utc(row["end_utc"])
    pages = _Room(small_plan, start - timedelta(seconds=2), 1, {6: lambda: None}).run()
    assert "T-00:00:02" in pages[0]
    assert "T-00:00:01" in pages[1]
    whole_s = int((end - start).total_seconds())
    for second, page in enumerate(pages[2:6]):
        assert "On now" in page
        assert row["site_id"] in page.split("On now")[1].splitlines()[0]
        left_s = whole_s - second
        left = f"{left_s} s" if left_s < 60 else f"{left_s // 60} min {left_s % 60:02d} s"
        assert f"{second} s on, {left} left" in page


def test_the_watch_tells_a_plan_not_begun_from_one_that_is_over(small_plan: Path) -> None:
    rows = _contacts(small_plan)
    before = _Room(small_plan, datetime(2026, 11, 1, tzinfo=UTC), 60, {1: lambda: None}).run()[0]
    assert "the plan begins in" in before
    after = _Room(small_plan, datetime(2027, 3, 1, tzinfo=UTC), 60, {1: lambda: None}).run()[0]
    assert "the plan ended" in after
    assert f"{len(rows)} behind without an outcome" in after
    late = _Room(small_plan, _utc(rows[-1]["end_utc"]), 60, {1: lambda: None}).run()[0]
    assert "no contact is left; the plan ends in" in late


def test_the_watch_names_the_backup(small_plan: Path) -> None:
    row = next(row for row in _contacts(small_plan) if row["backups"])
    spare = row["backups"].split(";")[0].split()[0]
    page = _Room(small_plan, _utc(row["start_utc"]) - timedelta(seconds=60), 1, {1: lambda: None}).run()[0]
    site_id = next(site for site in ("at-graz", "it-matera", "gr-helmos", "nl-the-hague", "de-oberpfaffenhofen")
                   if f"-{site}-" in spare)  # fmt: skip
    assert f"turn to {site_id}" in page.split("Then")[0]


def test_the_watch_of_one_site_shows_its_contacts_alone(small_plan: Path) -> None:
    rows = _contacts(small_plan)
    site_id = rows[-1]["site_id"]
    page = _Room(small_plan, _utc(rows[0]["start_utc"]) - timedelta(hours=1), 1, {1: lambda: None}).run(
        site_ids=frozenset([site_id])
    )[0]
    assert f"0 behind, {sum(row['site_id'] == site_id for row in rows)} to come" in page


def test_the_watch_sees_outcomes_and_a_new_plan(small_plan: Path, tmp_path: Path) -> None:
    here = tmp_path / "here"
    shutil.copytree(small_plan, here)
    rows = _contacts(small_plan)
    cancelled = rows[2]["contact_id"]
    (tmp_path / "told.csv").write_text(
        "contact_id,status,secret_bits\n"
        f"{rows[0]['contact_id']},done,4321\n{rows[1]['contact_id']},clouded,\n{cancelled},cancelled,\n"
    )
    at = _utc(rows[1]["end_utc"]) + timedelta(seconds=5)

    def tell() -> None:
        assert main(["outcomes", str(here), str(tmp_path / "told.csv"), "--as-of", _text(at)]) == 0

    def away() -> None:
        here.rename(tmp_path / "old")

    def anew() -> None:
        """The same plan without its last contact."""
        old = read_directory(tmp_path / "old")
        dropped = rows[-1]["contact_id"]
        fewer = replace(old.plan, contacts=tuple(c for c in old.plan.contacts if c.contact_id != dropped))
        kept = tuple(trace for trace in old.traces if trace.contact_id != dropped)
        inputs = {file.name: file.read_bytes() for file in (tmp_path / "old" / "inputs").iterdir()}
        write_directory(here, render(fewer, kept, inputs))

    pages = _Room(here, at, 60, {1: tell, 2: away, 3: anew}).run()
    assert "2 behind without an outcome" in pages[0]
    assert cancelled.rsplit("-2026", 1)[0].removeprefix("eagle1-") in pages[0]
    assert "3 outcomes came in" in pages[1]
    assert "1 done, 1 clouded, 1 cancelled; 4.32 kbit of key" in pages[1]
    assert f"{len(rows) - 3} to come" in pages[1], "what is called off is not to come"
    assert "cannot be read now, so this is the plan as it was" in " ".join(pages[2].split())
    assert pages[2].splitlines()[1].startswith("next contact in"), "the old plan goes on"
    assert "the plan is a new one: contacts 1 dropped" in pages[3]
    # A ledger of its own: what was called off before is to come again, and the last contact is not.
    assert f"{len(rows) - 3} to come" in pages[3]
    assert "cannot be read now" not in pages[3]


def test_leaving_the_watch_is_an_interruption(run: Run, small_plan: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import time

    def leave(wait_s: float) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(time, "sleep", leave)
    code, out, err = run("show", small_plan, "--watch", "--at", "2026-11-30T12:00:00Z")
    assert (code, err) == (130, "interrupted\n")
    assert "T-0" in out
    assert ANSI not in out
