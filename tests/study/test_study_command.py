"""`eagleplan study` from the command line: run, stop, go on, refuse, try again, say what it would do."""

from __future__ import annotations

import csv
import hashlib
import json
import os
import shlex
import shutil
import subprocess
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from made_up import files_of, made_up, plain_all, study_folder

from eagleplan.errors import OutputError
from eagleplan.operations.lock import locked
from eagleplan.pipeline.cache import CacheWarning
from eagleplan.study import run as run_module
from eagleplan.study import store as store_module
from eagleplan.study.cell import CellWork
from eagleplan.study.engine import InProcess
from eagleplan.study.pace import Pace, duration, pace_line
from eagleplan.study.read import read_results
from eagleplan.study.record import read_study_record
from eagleplan.study.rows import CellResult
from eagleplan.study.run import Standing
from eagleplan.study.study import Cell

Run = Callable[..., tuple[int, str, str]]

STUDY = """
[weeks]
from = "2026-W49"
count = 3
days = 2
[axes]
satellites.eagle1.orbit.ltan = ["18:00", "22:30"]
"""


@pytest.fixture
def study(tmp_path: Path) -> Path:
    return study_folder(tmp_path, STUDY)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the study, and what it gives in one go in `out`."""
    from eagleplan.cli import main

    folder = tmp_path_factory.mktemp("whole")
    assert main(["study", str(study_folder(folder, STUDY)), "-o", str(folder / "out"), "-q"]) == 0
    return folder


class Trouble:
    """Work that stops, or fails, at cells of a test's choice, and plans nothing."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.fail: set[int] = set()
        self.stop_at: int | None = None
        self.made: list[int] = []

        def work(work_: CellWork, cell: Cell) -> CellResult:
            if cell.number == self.stop_at:
                raise KeyboardInterrupt
            self.made.append(cell.number)
            if cell.number in self.fail:
                return work_.failed(cell, "made to fail")
            result = made_up(cell.number)
            return replace(result, row=replace(result.row, labels=cell.labels, week=cell.week, days=cell.days))

        monkeypatch.setattr(CellWork, "__call__", work)


@pytest.fixture
def trouble(monkeypatch: pytest.MonkeyPatch) -> Trouble:
    monkeypatch.setattr(store_module, "PART_CELLS", 4)
    return Trouble(monkeypatch)


def test_a_study_is_a_table_of_cells_and_one_of_demands(study: Path, run: Run, tmp_path: Path, whole: Path) -> None:
    out = tmp_path / "out"
    code, printed, said = run("study", study, "-o", out, "--json")
    assert (code, files_of(out)) == (0, files_of(whole / "out"))
    assert said == f"6 cells in {out}/, 6 in {said.split()[-2]} s\n"
    summary = json.loads(printed)
    assert {name: summary[name] for name in ("name", "n_cells", "n_run", "n_failed", "n_workers")} == {
        "name": "test", "n_cells": 6, "n_run": 6, "n_failed": 0, "n_workers": 1,
    }  # fmt: skip
    assert 0 < summary["pipeline_s"] <= summary["worker_s"] <= summary["elapsed_s"]
    results = list(read_results(out))
    assert [(result.row.cell, result.row.week, result.row.labels) for result in results] == [
        (number, f"2026-W{49 + number % 3}", (ltan,)) for number, ltan in enumerate(["18:00"] * 3 + ["22:30"] * 3)
    ]
    assert all([demand.demand_id for demand in result.demands] == ["de-it", "gr-it"] for result in results)
    record = read_study_record(out)
    assert (record.name, record.n_cells, record.columns) == ("test", 6, ("satellites.eagle1.orbit.ltan",))
    assert record.axes[0].values == ("18:00", "22:30")
    assert [week.name for week in record.weeks] == ["2026-W49", "2026-W50", "2026-W51"]
    scenario = (tmp_path / "small.toml").read_bytes()
    assert record.inputs["small.toml"] == hashlib.sha256(scenario).hexdigest()
    with (out / "timings.csv").open() as file:
        times = list(csv.DictReader(file))
    assert [int(row["cell"]) for row in times] == list(range(6))
    assert all(0 < float(row["pipeline_s"]) <= float(row["worker_s"]) for row in times)


def test_a_finished_study_is_left_as_it_is(study: Path, run: Run, tmp_path: Path, trouble: Trouble) -> None:
    assert run("study", study, "-o", tmp_path / "out", "-q") == (0, "", "")
    before = files_of(tmp_path / "out")
    code, _, said = run("study", study, "-o", tmp_path / "out")
    assert (code, said) == (0, f"6 cells in {tmp_path / 'out'}/, 6 were there already\n")
    assert trouble.made == list(range(6))
    assert files_of(tmp_path / "out") == before


# The first cell, the first of a part, the last one; tests of the store stop at every cell.
@pytest.mark.parametrize("stop_at", [0, 4, 5])
def test_an_interrupted_study_goes_on_at_the_cell(
    study: Path, run: Run, tmp_path: Path, trouble: Trouble, stop_at: int
) -> None:
    out = tmp_path / "out"
    trouble.stop_at = stop_at
    code, _, said = run("study", study, "-o", out)
    assert code == 130
    assert said == f"{stop_at} of 6 cells are in {out}/; the same command goes on\ninterrupted\n"
    assert len(list(read_results(out))) == stop_at
    trouble.stop_at = None
    assert run("study", study, "-o", out, "-q")[0] == 0
    assert trouble.made == list(range(6))
    reference = tmp_path / "reference"
    assert run("study", study, "-o", reference, "-q")[0] == 0
    assert files_of(out) == files_of(reference)


@pytest.mark.slow
def test_a_killed_study_loses_what_was_in_flight(study: Path, run: Run, tmp_path: Path, whole: Path) -> None:
    out = tmp_path / "out"
    script = "from eagleplan.cli import entry; entry()"
    process = subprocess.Popen([sys.executable, "-c", script, "study", study, "-o", out, "-q"])
    journal = out / "journal.jsonl"
    while process.poll() is None and not (journal.exists() and journal.read_bytes().endswith(b"\n")):
        time.sleep(0.01)
    process.kill()
    process.wait()
    n_known = sum(1 for _ in read_results(out))
    assert n_known
    code, _, said = run("study", study, "-o", out)
    assert (code, f"{n_known} were there already" in said) == (0, True)
    assert files_of(out) == files_of(whole / "out")


def test_failed_cells_are_kept_and_tried_again_on_request(
    study: Path, run: Run, tmp_path: Path, trouble: Trouble
) -> None:
    out, reference = tmp_path / "out", tmp_path / "reference"
    trouble.fail = {1, 3, 5}
    code, _, said = run("study", study, "-o", out)
    assert code == 1
    assert "3 failed: --retry-failed tries them again" in said
    rows = [result.row for result in read_results(out)]
    assert [row.cell for row in rows if row.status == "failed"] == [1, 3, 5]
    assert {row.error for row in rows if row.status == "failed"} == {"made to fail"}
    # Without being asked nobody tries again; and a second failure is a failure still.
    trouble.made.clear()
    assert run("study", study, "-o", out, "-q")[0] == 1
    assert trouble.made == []
    trouble.fail = {3}
    assert run("study", study, "-o", out, "-q", "--retry-failed")[0] == 1
    assert trouble.made == [1, 3, 5]
    trouble.fail = set()
    assert run("study", study, "-o", out, "-q", "--retry-failed")[0] == 0
    assert run("study", study, "-o", reference, "-q")[0] == 0
    assert files_of(out) == files_of(reference)


def test_an_interrupted_second_try_goes_on(study: Path, run: Run, tmp_path: Path, trouble: Trouble) -> None:
    out, reference = tmp_path / "out", tmp_path / "reference"
    trouble.fail, trouble.stop_at = {0, 2}, 5
    assert run("study", study, "-o", out, "-q")[0] == 130
    trouble.fail, trouble.stop_at = set(), 2
    assert run("study", study, "-o", out, "-q", "--retry-failed")[0] == 130
    trouble.stop_at = None
    trouble.made.clear()
    assert run("study", study, "-o", out, "-q", "--retry-failed")[0] == 0
    assert trouble.made == [2, 5]
    assert run("study", study, "-o", reference, "-q")[0] == 0
    assert files_of(out) == files_of(reference)


def test_a_cell_that_cannot_be_planned_stops_nothing(run: Run, tmp_path: Path) -> None:
    text = """
[axes]
satellites.eagle1.source.mu_decoy = [0.1, 0.3]
satellites.eagle1.source.mu_signal = [0.2, 0.5]
"""
    code, _, _ = run("study", study_folder(tmp_path, text), "-o", tmp_path / "out", "-q")
    assert code == 1
    rows = {result.row.labels: result.row for result in read_results(tmp_path / "out")}
    assert [labels for labels, row in rows.items() if row.status == "failed"] == [("0.3", "0.2")]
    assert "mu_signal > mu_decoy > mu_vacuum must hold" in rows["0.3", "0.2"].error


@pytest.mark.usefixtures("trouble")
def test_csv_holds_what_parquet_does(study: Path, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run("study", study, "-o", tmp_path / "parquet", "-q")[0] == 0
    with monkeypatch.context() as patch:
        patch.setattr(run_module, "best_format", lambda: "csv")
        assert run("study", study, "-o", tmp_path / "csv", "-q")[0] == 0
    assert plain_all(read_results(tmp_path / "csv")) == plain_all(read_results(tmp_path / "parquet"))
    # Whoever goes on keeps the format that is there.
    assert run("study", study, "-o", tmp_path / "csv", "-q")[0] == 0
    with (tmp_path / "csv" / "cells" / "part-00000.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["satellites.eagle1.orbit.ltan"] for row in rows] == ["18:00"] * 3 + ["22:30"]


def changed(folder: Path, file: str, before: str, after: str) -> None:
    path = folder / file
    text = path.read_text()
    assert before in text
    path.write_text(text.replace(before, after))


@pytest.mark.parametrize(
    ("file", "before", "after", "said"),
    [
        ("small-demand.csv", "200000", "200001", "small-demand.csv has changed"),
        ("small.toml", "cut_grid_s = 0", "cut_grid_s = 30", "small.toml has changed"),
        ("study.toml", '"22:30"]', '"22:30", "06:00"]', "axes: satellites.eagle1.orbit.ltan"),
        ("study.toml", "count = 3", "count = 4", "[weeks] has changed"),
        ("study.toml", 'name = "test"', 'name = "other"', "name was test and is other"),
        ("study.toml", "[weeks]", "n_skies = 3\n[weeks]", "n_skies was None and is 3"),
        ("study.toml", "[axes]", "[stations]\nleave_one_out = true\n[axes]", "[stations] has changed"),
    ],
)  # fmt: skip
def test_results_of_another_study_are_not_added_to(
    study: Path, run: Run, tmp_path: Path, trouble: Trouble, file: str, before: str, after: str, said: str
) -> None:
    trouble.stop_at = 1
    run("study", study, "-o", tmp_path / "out", "-q")
    kept = files_of(tmp_path / "out")
    changed(tmp_path, file, before, after)
    code, _, err = run("study", study, "-o", tmp_path / "out")
    assert code == 2
    assert f"holds the results of another study: {said}" in err
    assert "hint: name another directory" in err
    assert files_of(tmp_path / "out") == kept


@pytest.mark.usefixtures("trouble")
def test_stations_may_be_given_other_costs_later(run: Run, tmp_path: Path) -> None:
    study = study_folder(tmp_path, '[stations]\nadd_one = ["at-graz"]\ncost = { at-graz = 1.0 }')
    out = tmp_path / "out"
    assert run("study", study, "-o", out, "-q")[0] == 0
    before = files_of(out)
    changed(tmp_path, "study.toml", "at-graz = 1.0", "at-graz = 2.5, it-matera = 3.0")
    code, _, said = run("study", study, "-o", out)
    assert (code, "2 were there already" in said) == (0, True)
    assert read_study_record(out).cost == {"at-graz": 2.5, "it-matera": 3.0}
    assert {name: data for name, data in files_of(out).items() if name != "study.json"} == {
        name: data for name, data in before.items() if name != "study.json"
    }


def test_results_of_other_versions_are_not_added_to(
    study: Path, run: Run, tmp_path: Path, trouble: Trouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    trouble.stop_at = 1
    run("study", study, "-o", tmp_path / "out", "-q")
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    code, _, err = run("study", study, "-o", tmp_path / "out")
    assert code == 2
    assert "created_utc was not set and is 2023-11-14T22:13:20Z" in err


def test_what_is_no_study_s_directory_is_refused(study: Path, run: Run, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.tex").write_text("years of work")
    code, _, err = run("study", study, "-o", tmp_path / "mine")
    assert (code, "is not empty, and holds no study: thesis.tex" in err) == (2, True)
    (tmp_path / "mine" / "study.json").write_text("{}")
    assert "is not what a study wrote" in run("study", study, "-o", tmp_path / "mine")[2]
    code, _, err = run("study", study, "-o", study)
    assert (code, err.startswith("error: ")) == (2, True)


@pytest.mark.usefixtures("trouble")
def test_one_run_at_a_time(study: Path, run: Run, tmp_path: Path) -> None:
    with locked(tmp_path / "out", "eagleplan study"):
        code, _, err = run("study", study, "-o", tmp_path / "out")
    assert (code, "is in use by eagleplan study" in err) == (2, True)


@pytest.mark.usefixtures("trouble")
def test_a_full_disk_stops_the_study(study: Path, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from eagleplan.study.journal import Journal

    def full(journal: Journal, result: CellResult) -> None:
        raise OutputError(f"{journal.path}: cannot be written: no space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(Journal, "add", full)
        code, _, err = run("study", study, "-o", tmp_path / "out")
    assert (code, "no space left" in err) == (2, True)
    assert run("study", study, "-o", tmp_path / "out", "-q")[0] == 0


def test_the_command_of_a_cell(study: Path, run: Run, tmp_path: Path) -> None:
    code, printed, _ = run("study", study, "--cell", "4")
    assert code == 0
    assert shlex.split(printed) == [
        "eagleplan", "plan", str(tmp_path / "small.toml"), "--start-utc", "2026-12-07T00:00:00Z", "--days", "2.0",
        "--set", 'satellites.eagle1.orbit.ltan="22:30"', "--set", "weather.outlook_seed=2", "-o", "cell-4",
    ]  # fmt: skip
    code, _, err = run("study", study, "--cell", "6")
    assert (code, "--cell: must be < 6" in err) == (2, True)


def test_a_shell_runs_the_command_of_a_cell_as_it_stands(run: Run, tmp_path: Path, whole: Path) -> None:
    wanted = [result.row.plan_sha256 for result in read_results(whole / "out")][4]
    printed = run("study", whole / "study.toml", "--cell", "4")[1]
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    subprocess.run(printed, shell=True, cwd=tmp_path, check=True, env=os.environ | {"PATH": path}, capture_output=True)
    assert hashlib.sha256((tmp_path / "cell-4" / "plan.json").read_bytes()).hexdigest() == wanted


def test_check_says_what_would_be_done(study: Path, run: Run, tmp_path: Path) -> None:
    code, printed, _ = run("study", study, "--check")
    assert code == 0
    for part in ("cells     6", "satellites.eagle1.orbit.ltan: 2 values", "3, 2026-W49 to 2026-W51", "one cell", "all"):
        assert part in printed
    content = json.loads(run("study", study, "--check", "--json")[1])
    assert (content["n_cells"], content["n_weeks"], content["axes"]) == (6, 3, {"satellites.eagle1.orbit.ltan": 2})
    assert content["total_core_s"] == pytest.approx(6 * content["cell_s"], abs=0.05)
    assert not (tmp_path / "out").exists()


def test_without_a_directory_nothing_runs(study: Path, run: Run) -> None:
    code, _, err = run("study", study)
    assert (code, "--output: is required" in err) == (2, True)


@pytest.mark.usefixtures("trouble")
def test_too_many_cells_need_a_yes(study: Path, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("eagleplan.study.file.MAX_CELLS", 5)
    code, _, err = run("study", study, "-o", tmp_path / "out")
    assert (code, "hint: --yes runs it all the same" in err) == (2, True)
    assert not (tmp_path / "out").exists()
    # To look at one of them runs nothing.
    assert run("study", study, "--cell", "5")[0] == 0
    assert run("study", study, "-o", tmp_path / "out", "-q", "--yes")[0] == 0


@pytest.mark.parametrize("option", ["--json", "-q"])
def test_a_cache_that_takes_nothing_is_said_as_other_warnings_are(
    study: Path, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, option: str
) -> None:
    def warned(work: CellWork, cell: Cell) -> CellResult:
        warnings.warn("no room", CacheWarning, stacklevel=1)
        return made_up(cell.number)

    monkeypatch.setattr(CellWork, "__call__", warned)
    with warnings.catch_warnings():
        warnings.simplefilter("default")
        code, _, said = run("study", study, "-o", tmp_path / "out", option)
    assert code == 0
    assert said.startswith("warning: no room\n") == (option != "-q")
    assert (said == "") == (option == "-q")


@pytest.mark.usefixtures("trouble")
def test_a_log_is_told_now_and_then(study: Path, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("eagleplan.cli.study.LINE_EVERY_S", 0.0)
    _, _, said = run("study", study, "-o", tmp_path / "out")
    lines = said.splitlines()
    assert lines[0] == "0 of 6 cells"
    assert lines[3].startswith("3 of 6 cells, ")
    assert lines[3].endswith(" left")
    assert lines[6].startswith("6 of 6 cells, ")
    assert "left" not in lines[6]


def standing(n_run: int, elapsed_s: float, n_failed: int = 0) -> Standing:
    return Standing(
        n_cells=1000, n_known=n_run + 100, n_failed=n_failed, n_run=n_run, n_to_run=900, n_workers=2,
        pipeline_s=elapsed_s, worker_s=elapsed_s, elapsed_s=elapsed_s,
    )  # fmt: skip


def test_the_pace_is_that_of_the_last_minutes() -> None:
    pace = Pace()
    for second in range(0, 301, 10):
        # A cell in ten seconds while the cache fills, then ten in ten.
        pace.add(standing(second // 10 if second <= 100 else 10 + second - 100, float(second)))
    assert pace.cells_per_s == pytest.approx(1.0)
    assert pace.left_s(standing(210, 300.0)) == pytest.approx(690.0)
    assert pace_line(standing(210, 300.0, n_failed=3), pace) == "310 of 1,000 cells, 1 a second, 12 min left, 3 failed"
    assert standing(1, 10.0).overhead_frac == pytest.approx(0.5)
    assert replace(standing(0, 0.0)).overhead_frac == 0.0


def test_nobody_knows_the_pace_before_the_first_cell() -> None:
    pace = Pace()
    pace.add(standing(0, 0.0))
    assert (pace.cells_per_s, pace.left_s(standing(0, 0.0))) == (None, None)
    assert pace_line(standing(0, 0.0), pace) == "100 of 1,000 cells"


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0.4, "0 s"), (89.0, "89 s"), (90.0, "2 min"), (3600.0, "60 min"), (6000.0, "1 h 40 min"), (200_000.0, "2 d 7 h")],
)
def test_durations_for_people(seconds: float, said: str) -> None:
    assert duration(seconds) == said


@pytest.mark.usefixtures("trouble")
def test_results_are_read_one_by_one(study: Path, run: Run, tmp_path: Path) -> None:
    assert run("study", study, "-o", tmp_path / "out", "-q")[0] == 0
    results = read_results(tmp_path / "out")
    assert isinstance(results, Iterator)
    assert next(results).row.cell == 0
    shutil.rmtree(tmp_path / "out")
    with pytest.raises(Exception, match="holds no study"):
        next(read_results(tmp_path / "out"))


@pytest.mark.usefixtures("trouble")
def test_the_engine_sees_a_bounded_number_of_cells(
    study: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from eagleplan.study.file import read_study

    drawn: list[int] = []
    known: list[int] = []
    found = read_study(study)
    real = type(found).cell
    monkeypatch.setattr(type(found), "cell", lambda self, number: drawn.append(number) or real(self, number))
    run_module.run_study(found, tmp_path / "out", InProcess(), lambda now: known.append(len(drawn) - now.n_known))
    assert drawn == list(range(6))
    assert max(known) <= 1
