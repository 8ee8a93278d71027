"""A real study gives the same bytes with every engine, whoever is killed on the way."""

from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from shutil import copyfile

import pytest
from test_engine_dask import dask

from eagleplan.resources import example_path
from eagleplan.study.engine import Engine
from eagleplan.study.engine_dask import DaskEngine
from eagleplan.study.engines import InProcess, LocalProcesses
from eagleplan.study.file import read_study
from eagleplan.study.run import Standing, run_study

pytestmark = pytest.mark.slow

STUDY = """
schema_version = 1
name = "engines"
scenario = "small.toml"
n_skies = 5

[weeks]
from = "2026-W49"
count = 3
days = 1

[axes]
demand.scale_frac = [0.5, 2.0]
"""

CLIENT = """
import os, signal, sys
from pathlib import Path
from eagleplan.study.engines import parse_engine
from eagleplan.study.file import read_study
from eagleplan.study.run import run_study

def tell(standing):
    if standing.n_run == 2:
        os.kill(os.getpid(), signal.SIGKILL)

if __name__ == "__main__":
    run_study(read_study(Path(sys.argv[1])), Path(sys.argv[2]), parse_engine(None, "local:1"), tell)
"""


@pytest.fixture(scope="module")
def study_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("study")
    for name in ("small.toml", "small-demand.csv"):
        copyfile(example_path("study", name), folder / name)
    (folder / "study.toml").write_text(STUDY)
    return folder / "study.toml"


@pytest.fixture(scope="module")
def expected(study_file: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """What the study leaves if it runs in this process."""
    directory = tmp_path_factory.mktemp("in-process") / "results"
    standing = run_study(read_study(study_file), directory, InProcess(), lambda standing: None)
    assert (standing.n_run, standing.n_failed) == (6, 0)
    files = results_in(directory)
    assert {name.partition("/")[0] for name in files} == {"study.json", "cells", "demands"}
    return files


def results_in(directory: Path) -> dict[str, bytes]:
    return {
        path.relative_to(directory).as_posix(): path.read_bytes()
        for path in directory.rglob("*")
        if path.is_file() and path.name != "timings.csv" and "cache" not in path.relative_to(directory).parts
    }


def kill_one_worker(standing: Standing) -> None:
    if standing.n_run == 1:
        multiprocessing.active_children()[0].kill()


@pytest.mark.parametrize("engine", [LocalProcesses(n_workers=2), DaskEngine(n_workers=2)], ids=["processes", "dask"])
def test_own_processes_give_the_bytes_of_one_and_a_killed_one_loses_nothing(
    engine: Engine, study_file: Path, expected: dict[str, bytes], tmp_path: Path
) -> None:
    standing = run_study(read_study(study_file), tmp_path / "results", engine, kill_one_worker)
    assert (standing.n_run, standing.n_failed) == (6, 0)
    assert results_in(tmp_path / "results") == expected


def test_a_scheduler_and_workers_elsewhere_give_the_same_bytes(
    study_file: Path, expected: dict[str, bytes], tmp_path: Path
) -> None:
    alone = "--nthreads", "1", "--no-nanny"
    with (
        dask("scheduler", "--port", "0", until="Scheduler at:") as (_, address),
        dask("worker", address, *alone, until="Registered to:") as (worker, _),
        dask("worker", address, *alone, until="Registered to:"),
    ):

        def kill_for_good(standing: Standing) -> None:
            if standing.n_run == 1:
                worker.kill()

        run_study(read_study(study_file), tmp_path / "results", DaskEngine(address=address), kill_for_good)
    assert results_in(tmp_path / "results") == expected


def test_a_killed_client_goes_on_where_it_was(
    study_file: Path, expected: dict[str, bytes], tmp_path: Path, run: Callable[..., tuple[int, str, str]]
) -> None:
    script, directory = tmp_path / "client.py", tmp_path / "results"
    script.write_text(CLIENT)
    done = subprocess.run(
        [sys.executable, script, study_file, directory],
        env=os.environ | {"TMPDIR": str(tmp_path)},  # who is killed cannot tidy up
        stderr=subprocess.DEVNULL,
        check=False,
    )
    assert done.returncode == -9
    assert results_in(directory) != expected
    code, _, said = run("study", study_file, "-o", directory, "--jobs", "1")
    assert "2 were there already, 4 in" in said
    assert code == 0
    assert results_in(directory) == expected
