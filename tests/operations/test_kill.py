"""A run that is killed leaves the last whole state, and the same command goes on from there."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from tables import contacts_of, outcomes_table

N_KILLS = int(os.environ.get("EAGLEPLAN_KILLS", "2"))
"""Kills of each command; `EAGLEPLAN_KILLS=50` is the long run."""

Run = Callable[..., tuple[int, str, str]]
COMMAND = [sys.executable, "-c", "from eagleplan.cli import entry; entry()"]


def files_of(folder: Path) -> dict[str, bytes]:
    """Every file that is not hidden, by path."""
    found = {}
    for path in folder.rglob("*"):
        relative = path.relative_to(folder)
        if path.is_file() and not any(part.startswith(".") for part in relative.parts):
            found[relative.as_posix()] = path.read_bytes()
    return found


def duration_s(arguments: list[str]) -> float:
    start = time.monotonic()
    subprocess.run([*COMMAND, *arguments], check=True, capture_output=True)
    return time.monotonic() - start


def killed(arguments: list[str], after_s: float) -> None:
    process = subprocess.Popen([*COMMAND, *arguments], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    time.sleep(after_s)
    process.send_signal(signal.SIGKILL)
    process.wait()


def whole_or_absent(directory: Path, whole: dict[str, bytes]) -> None:
    assert files_of(directory) in ({}, whole)


@pytest.mark.slow
def test_batch(week_scenario: Path, tmp_path: Path, run: Run) -> None:
    def arguments(folder: Path) -> list[str]:
        return ["batch", str(week_scenario), "--from", "2026-W49", "--weeks", "2", "-o", str(folder), "-q"]

    took_s = duration_s(arguments(tmp_path / "whole"))
    whole = files_of(tmp_path / "whole")
    draw = random.Random(1)
    folder = tmp_path / "killed"
    for _ in range(N_KILLS):
        killed(arguments(folder), draw.uniform(0.0, took_s))
        for week in ("2026-W49", "2026-W50"):
            plan = {name.split("/", 1)[1]: data for name, data in whole.items() if name.startswith(week)}
            whole_or_absent(folder / week, plan)
        for name, data in files_of(folder).items():
            # The table of a run that has ended is the last thing written; what lies there is never half of anything.
            assert data == whole[name], name
        if draw.random() < 0.3:
            shutil.rmtree(folder, ignore_errors=True)
    assert run(*arguments(folder))[0] == 0
    assert files_of(folder) == whole


@pytest.mark.slow
def test_replan(monday: Path, tmp_path: Path, run: Run) -> None:
    def arguments(folder: Path) -> list[str]:
        return ["replan", str(monday), "--now", "2026-12-02T06:00:00Z", "-o", str(folder), "-q"]

    before = files_of(monday)
    took_s = duration_s(arguments(tmp_path / "whole"))
    whole = files_of(tmp_path / "whole")
    draw = random.Random(2)
    for _ in range(N_KILLS):
        killed(arguments(tmp_path / "killed"), draw.uniform(0.0, took_s))
        whole_or_absent(tmp_path / "killed", whole)
        assert files_of(monday) == before
    assert run(*arguments(tmp_path / "killed"))[0] == 0
    assert files_of(tmp_path / "killed") == whole


def test_outcomes(monday: Path, tmp_path: Path, run: Run) -> None:
    table = tmp_path / "outcomes.csv"
    table.write_text(
        outcomes_table((row["contact_id"], "done", int(row["expected_bits"])) for row in contacts_of(monday))
    )
    arguments = ["outcomes", str(monday), str(table)]
    copy = Path(shutil.copytree(monday, tmp_path / "copy"))
    took_s = duration_s(["outcomes", str(copy), str(table)])
    whole = files_of(copy)
    draw = random.Random(3)
    for _ in range(N_KILLS):
        killed(arguments, draw.uniform(0.0, took_s))
        assert files_of(monday) in (whole, {n: d for n, d in whole.items() if not n.startswith("operations/")})
    assert run(*arguments)[0] == 0
    assert files_of(monday) == whole
