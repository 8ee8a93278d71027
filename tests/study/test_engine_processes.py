"""Local worker processes: their results, their deaths, and that none outlives the client."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from toy_work import Buggy, Deadly, Endless, Square, Surroundings, Unloadable

from eagleplan.study.engine_order import DIED
from eagleplan.study.engines import EngineError, LocalProcesses

TWO = LocalProcesses(n_workers=2)


@pytest.fixture
def pipe(tmp_path: Path) -> Path:
    os.mkfifo(tmp_path / "pipe")
    return tmp_path / "pipe"


def test_results_are_those_of_one_process_in_the_same_order() -> None:
    shared = bytes(1_000_000)
    assert list(TWO.results(Square(shared=shared), range(50))) == [(i * i, 1_000_000) for i in range(50)]
    assert multiprocessing.active_children() == []


def test_no_more_workers_than_tasks_each_with_one_thread() -> None:
    found = list(LocalProcesses(n_workers=5).results(Surroundings(), range(2)))
    assert len({pid for pid, _, _ in found} - {os.getpid()}) in (1, 2)
    assert [threads for _, threads, _ in found] == [{"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}] * 2
    assert [addresses for _, _, addresses in found] == [[], []]


def test_tasks_are_drawn_as_workers_need_them() -> None:
    drawn: list[int] = []

    def tasks() -> Iterator[int]:
        for task in range(10**9):
            drawn.append(task)
            yield task

    with closing(TWO.results(Square(), tasks())) as results:
        for n_given in range(20):
            assert next(results) == (n_given**2, 0)
            assert len(drawn) - n_given <= 8


def test_a_killed_worker_loses_nothing_and_one_that_is_killed_each_time_fails(tmp_path: Path) -> None:
    found = list(TWO.results(Deadly(folder=tmp_path, deaths={1: 1, 4: 2, 6: 99}), range(9)))
    assert found == [f"failed 6: {DIED}" if task == 6 else f"result {task}" for task in range(9)]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["1-0", "4-0", "4-1", "6-0", "6-1", "6-2"]
    assert multiprocessing.active_children() == []


def test_a_bug_in_the_work_ends_the_run_and_says_where() -> None:
    with pytest.raises(ZeroDivisionError) as raised:
        list(TWO.results(Buggy(), range(100)))
    assert "toy_work.py" in raised.value.__notes__[0]
    assert multiprocessing.active_children() == []


@pytest.mark.parametrize(
    ("kills", "error", "said"), [(True, EngineError, "do not start: exit code 3"), (False, ValueError, "three")]
)
def test_workers_that_cannot_start_are_an_error(kills: bool, error: type[Exception], said: str) -> None:
    with pytest.raises(error, match=said):
        list(TWO.results(Unloadable(kills=kills), range(3)))
    assert multiprocessing.active_children() == []


def test_closing_ends_tasks_that_are_running(pipe: Path) -> None:
    results = TWO.results(Endless(pipe=pipe, first=3), range(100))
    assert [next(results), next(results), next(results)] == [0, 1, 2]
    with pipe.open() as end:
        assert end.readline()
        results.close()
        assert all(line.strip().isdigit() for line in end.read().splitlines())
    assert multiprocessing.active_children() == []


CLIENT = """
import sys
sys.path.append({folder!r})
from pathlib import Path
from toy_work import Endless
from eagleplan.study.engines import LocalProcesses

if __name__ == "__main__":
    try:
        list(LocalProcesses(n_workers=2).results(Endless(pipe=Path({pipe!r})), range(9)))
    except KeyboardInterrupt:
        sys.exit(130)
"""


@pytest.mark.parametrize(("how", "code"), [(signal.SIGKILL, -9), (signal.SIGTERM, -15), (signal.SIGINT, 130)])
def test_no_worker_outlives_its_client(pipe: Path, tmp_path: Path, how: signal.Signals, code: int) -> None:
    script = tmp_path / "client.py"
    script.write_text(CLIENT.format(folder=str(Path(__file__).parent), pipe=str(pipe)))
    client = subprocess.Popen([sys.executable, script], stderr=subprocess.PIPE, text=True, start_new_session=True)
    with client, pipe.open() as end:
        pids = {int(end.readline()), int(end.readline())}
        assert len(pids) == 2
        # Ctrl-C reaches the whole group, as in a terminal; the others the client alone.
        (os.killpg if how == signal.SIGINT else os.kill)(client.pid, how)
        assert end.read() == ""
        assert client.stderr is not None
        assert client.stderr.read() == ""
        assert client.wait() == code
