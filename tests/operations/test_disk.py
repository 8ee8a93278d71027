"""A disk that is full and a folder that may not be written to: a clear error, and nothing is changed."""

from __future__ import annotations

import errno
import os
import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from tables import contacts_of, outcomes_table

Run = Callable[..., tuple[int, str, str]]
NOW = "2026-12-02T06:00:00Z"
FULL = "cannot be written: no space left on device"


def all_files(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def no_space(handle: int) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.fixture
def table(monday: Path, tmp_path: Path) -> Path:
    """Monday's outcomes."""
    path = tmp_path / "outcomes.csv"
    path.write_text(outcomes_table([(contacts_of(monday)[0]["contact_id"], "done", 5000)]))
    return path


def test_outcomes(run: Run, monday: Path, table: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = all_files(tmp_path)
    monkeypatch.setattr(os, "fsync", no_space)
    code, out, err = run("outcomes", monday, table)
    assert (code, out) == (2, "")
    assert f"operations/ledger.csv: {FULL}" in err
    assert all_files(tmp_path) == before
    monkeypatch.undo()
    assert run("outcomes", monday, table)[0] == 0
    before = all_files(tmp_path)
    table.write_text(table.read_text().replace("5000", "6000"))
    monkeypatch.setattr(os, "fsync", no_space)
    assert run("outcomes", monday, table)[0] == 2
    assert all_files(monday) == {name[7:]: data for name, data in before.items() if name.startswith("monday/")}


def test_replan(run: Run, monday: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = all_files(tmp_path)
    monkeypatch.setattr(os, "fsync", no_space)
    code, out, err = run("replan", monday, "--now", NOW, "-o", tmp_path / "new", "-q")
    assert (code, out) == (2, "")
    assert f"new: {FULL}" in err
    assert all_files(tmp_path) == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["monday"]


def test_batch(run: Run, week_scenario: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "fsync", no_space)
    code, out, err = run("batch", week_scenario, "--from", "2026-W49", "--weeks", "2", "-o", tmp_path / "out", "-q")
    assert (code, out) == (2, "")
    assert f"2026-W49.txt: {FULL}" in err
    assert all_files(tmp_path) == {}


def test_files_that_may_not_grow(monday: Path, tmp_path: Path) -> None:
    """The limit of the operating system, which is what a quota is: plan.json is larger than that."""
    words = ["replan", str(monday), "--now", NOW, "-o", str(tmp_path / "new"), "-q"]
    found = subprocess.run(
        [sys.executable, "-c", "from eagleplan.cli import entry; entry()", *words],
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, 50_000)),
    )
    assert found.returncode == 2
    assert "new: cannot be written: file too large" in found.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["monday"]


@pytest.mark.parametrize("words", [("outcomes", "{monday}"), ("replan", "{monday}", "--now", NOW, "-o", "{new}", "-q")])
def test_a_file_system_that_is_read_only(
    run: Run, monday: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    before = all_files(tmp_path)
    opened = os.open

    def read_only(path: str, flags: int, *more: int, **named: int) -> int:
        if flags & os.O_CREAT and str(path).startswith(str(tmp_path)):
            raise OSError(errno.EROFS, os.strerror(errno.EROFS), path)
        return opened(path, flags, *more, **named)

    monkeypatch.setattr(os, "open", read_only)
    code, out, err = run(*(word.format(monday=monday, new=tmp_path / "new") for word in words))
    assert (code, out) == (2, "")
    assert "cannot be locked: read-only file system" in err
    assert all_files(tmp_path) == before
