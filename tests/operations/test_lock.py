"""Two runs on one directory: the second refuses and says who."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from eagleplan.errors import OutputError
from eagleplan.operations.lock import locked

HOLDER = """
import sys, time
from pathlib import Path
from eagleplan.operations.lock import locked
with locked(Path(sys.argv[1]), "eagleplan batch"):
    print("held", flush=True)
    time.sleep(60)
"""


def held_by_another(directory: Path) -> subprocess.Popen[str]:
    process = subprocess.Popen([sys.executable, "-c", HOLDER, str(directory)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


def test_the_second_is_told_who_is_there_and_a_kill_lets_go(tmp_path: Path) -> None:
    directory = tmp_path / "schedules"
    with held_by_another(directory) as process:
        with pytest.raises(OutputError) as caught, locked(directory, "eagleplan replan"):
            pass
        assert f"is in use by eagleplan batch, process {process.pid}" in str(caught.value)
        process.send_signal(signal.SIGKILL)
        process.wait()
    with locked(directory, "eagleplan replan"):
        pass


def test_nothing_is_left_behind(tmp_path: Path) -> None:
    with locked(tmp_path / "out", "eagleplan batch"):
        assert [path.name for path in tmp_path.iterdir()] == [".out.lock"]
    assert list(tmp_path.iterdir()) == []


def test_an_error_inside_lets_go(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), locked(tmp_path / "out", "x"):
        raise ZeroDivisionError
    with locked(tmp_path / "out", "y"):
        pass


def test_a_folder_that_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="cannot be locked"), locked(tmp_path / "file" / "out", "x"):
        pass


def test_a_lock_file_that_its_holder_took_away_is_nobodys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between our opening of the file and our locking it the holder ends: the lock must be on a file that is there."""
    import fcntl

    lock = fcntl.flock
    taken = []

    def late(handle: int, how: int) -> None:
        if not taken:
            taken.append(handle)
            (tmp_path / ".out.lock").unlink()
        lock(handle, how)

    monkeypatch.setattr(fcntl, "flock", late)
    with locked(tmp_path / "out", "x"):
        assert (tmp_path / ".out.lock").exists()
        with pytest.raises(OutputError, match="is in use by x"), locked(tmp_path / "out", "y"):
            pass
