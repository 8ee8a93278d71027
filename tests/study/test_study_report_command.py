"""`eagleplan study-report` as docs/study.md has it, and with whatever it should refuse."""

from __future__ import annotations

import contextlib
import csv
import importlib.util
import json
import re
import shlex
import shutil
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

from eagleplan.cli import main
from eagleplan.resources import example_path
from eagleplan.study.answer_tables import TABLES
from eagleplan.study.journal import Journal
from eagleplan.study.read import read_results
from eagleplan.study.rows import CellResult, CellRow
from eagleplan.study.store import JOURNAL_NAME

Run = Callable[..., tuple[int, str, str]]

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "study.md").read_text(encoding="utf-8")
START = "2026-11-30T00:00:00Z"
SECTION = PAGE.split("## What it answers\n")[1].split("\n## ")[0]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The study of the page, once."""
    folder = tmp_path_factory.mktemp("made") / "stations"
    assert main(["study", str(example_path("study/stations.toml")), "-o", str(folder), "-q"]) == 0
    shutil.rmtree(folder / "cache")
    return folder


@pytest.fixture
def stations(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made, tmp_path / "stations"))


def unfinished(stations: Path, results: list[CellResult]) -> None:
    """A directory in which these are the results so far."""
    shutil.rmtree(stations / "cells")
    shutil.rmtree(stations / "demands")
    journal = Journal(stations / JOURNAL_NAME)
    for result in results:
        journal.add(result)


def contents(directory: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in directory.iterdir()}


def test_the_page_s_example(run: Run, stations: Path) -> None:
    (command,) = re.findall(r"```console\n\$ eagleplan (.*?)\n```", SECTION)
    (shown,) = re.findall(r"\n```\n(stations: .*?)```", SECTION, re.DOTALL)
    with contextlib.chdir(stations.parent):
        code, out, err = run(*shlex.split(command))
    assert (code, out) == (0, shown)
    files = contents(stations / "report")
    assert files["summary.txt"].decode() == shown
    assert set(files) == {"study.html", "summary.txt", "pairs.csv", "variants.csv", "stations.csv", "station-sets.csv"}
    assert err.startswith("wrote stations/report/ (study.html, ")


def test_the_page_tells_every_file_and_every_option(run: Run) -> None:
    for name in ("study.html", "summary.txt", *TABLES):
        assert f"| `{name}` |" in SECTION
    _, out, _ = run("study-report", "--help")
    for option in set(re.findall(r"--[a-z-]+", out)) - {"--help", "--debug", "--output", "--quiet"}:
        assert f"`{option}" in SECTION, option


def test_the_same_again_in_its_place(run: Run, stations: Path) -> None:
    assert run("study-report", stations)[0] == 0
    first = contents(stations / "report")
    code, _, err = run("study-report", stations, "-q")
    assert (code, err) == (0, "")
    assert contents(stations / "report") == first
    # A budget answers more, and the older report goes.
    assert run("study-report", stations, "--budget", "1.5")[0] == 0
    assert contents(stations / "report") != first


def test_json_says_what_the_tables_say(run: Run, stations: Path, tmp_path: Path) -> None:
    code, out, _ = run("study-report", stations, "--json", "-o", tmp_path / "out")
    content = json.loads(out)
    assert code == 0
    with (tmp_path / "out" / "stations.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [one["station_id"] for one in content["stations"]] == [row["station_id"] for row in rows]
    assert [f"{one['gain']['met_frac']['mean']:.6f}" for one in content["stations"]] == [
        row["met_gain_mean_frac"] for row in rows
    ]
    assert content["n_cells_done"] == 12


def test_a_study_that_still_runs(run: Run, stations: Path) -> None:
    unfinished(stations, list(read_results(stations))[:5])
    code, out, _ = run("study-report", stations)
    assert code == 0
    assert out.splitlines()[0] == "stations: 5 of 12 plans, 0 failed, 7 still to be made"
    assert b"Incomplete" in (stations / "report" / "study.html").read_bytes()


def test_nothing_to_report(run: Run, stations: Path) -> None:
    rows = [
        CellRow(cell=number, labels=("base",), week="w", start_utc=START, days=2.0, status="failed", error="no")
        for number in range(2)
    ]
    empty = next(read_results(stations))
    unfinished(stations, [])
    code, _, err = run("study-report", stations)
    assert code == 2
    assert "has no result yet" in err
    assert "goes on where it stopped" in err
    unfinished_of = Journal(stations / JOURNAL_NAME)
    unfinished_of.add(CellResult(row=empty.row))
    code, _, err = run("study-report", stations)
    assert code == 2
    assert "its plans have no demand" in err
    unfinished_of.path.unlink()
    for row in rows:
        unfinished_of.add(CellResult(row=row))
    code, _, err = run("study-report", stations)
    assert code == 2
    assert "has no plan that did not fail (got cell 0: no)" in err
    assert "--retry-failed" in err
    assert not (stations / "report").exists()


def test_what_is_no_study_is_refused(run: Run, tmp_path: Path) -> None:
    (tmp_path / "plan").mkdir()
    (tmp_path / "plan" / "plan.json").write_text("{}")
    (tmp_path / "file").write_text("")
    for name in ("plan", "none", "file"):
        code, _, err = run("study-report", tmp_path / name)
        assert code == 2, name
        assert "holds no study" in err
    (tmp_path / "plan" / "study.json").write_text('{"kind": "other"}')
    code, _, err = run("study-report", tmp_path / "plan")
    assert code == 2
    assert "is not what a study wrote" in err


@pytest.mark.parametrize("value", ["0", "-0.1", "1.01", "nan"])
def test_a_target_is_a_fraction(run: Run, stations: Path, value: str) -> None:
    code, _, err = run("study-report", stations, "--target-frac", value)
    assert code == 2
    assert f"--target-frac: must be > 0 and <= 1 (got {float(value):g})" in err


def test_everything_wrong_is_told_at_once(run: Run, stations: Path) -> None:
    code, _, err = run("study-report", stations, "--target-frac", "2", "--budget", "-1")
    assert code == 2
    assert "--target-frac: must be" in err
    assert "--budget: must be a number >= 0 (got -1)" in err
    assert run("study-report", stations, "--budget", "inf")[0] == 2
    record = json.loads((stations / "study.json").read_text())
    record["stations"]["sets"] = []
    (stations / "study.json").write_text(json.dumps(record))
    code, _, err = run("study-report", stations, "--budget", "1")
    assert code == 2
    assert "--budget: needs a study with [stations]" in err


def test_what_is_not_a_report_is_not_replaced(run: Run, stations: Path, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("years")
    code, _, err = run("study-report", stations, "-o", tmp_path / "mine")
    assert code == 2
    assert "--force" in err
    assert contents(tmp_path / "mine") == {"thesis.txt": b"years"}
    assert run("study-report", stations, "-o", tmp_path / "mine", "--force")[0] == 0
    assert "thesis.txt" not in contents(tmp_path / "mine")
    # Not even in the place where a report goes by itself.
    assert run("study-report", stations)[0] == 0
    (stations / "report" / "notes.txt").write_text("mine")
    assert run("study-report", stations)[0] == 2
    assert (stations / "report" / "notes.txt").read_text() == "mine"


def test_where_nothing_can_be_written(run: Run, stations: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for output in (tmp_path / "file", tmp_path / "file" / "below"):
        code, _, err = run("study-report", stations, "-o", output)
        assert code == 2, err
        assert err.startswith("error: ")
    assert (tmp_path / "file").read_text() == ""


def tool() -> ModuleType:
    spec = importlib.util.spec_from_file_location("refresh_study_page", ROOT / "tools" / "refresh_study_page.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_page_s_figures_come_from_a_report(run: Run, stations: Path) -> None:
    assert run("study-report", stations)[0] == 0
    fresh = tool().refreshed(PAGE, stations / "report")
    assert tool().refreshed(fresh, stations / "report") == fresh
    block = tool().BLOCK.search(fresh)[2]
    assert block.startswith("\n```\nstations: 12 of 12 plans, 0 failed\n")
    assert "| `gr-helmos` | leaving it out | 5.00 (0.20 to 9.80) | – |" in block
    # What stands there is of the whole study, with a row for each of its stations.
    block = tool().BLOCK.search(PAGE)[2]
    assert block.startswith("\n```\nnext-station: 780 of 780 plans, 0 failed\n")
    text = example_path("study/next-station.toml").read_text(encoding="utf-8")
    shown = re.findall(r"\| `([a-z-]+)` \| (adding|leaving)", block)
    assert len(shown) == 14
    for station_id, _ in shown:
        assert f'"{station_id}"' in text
    with pytest.raises(ValueError, match="0 blocks"):
        tool().refreshed("no page", stations / "report")
