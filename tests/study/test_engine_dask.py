"""Dask: a cluster of its own, and a scheduler and workers that were started as separate processes, all on loopback."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from toy_work import Buggy, Deadly, Endless, Square, Surroundings, listening

from eagleplan.study import engine_dask
from eagleplan.study.engine_dask import DaskEngine
from eagleplan.study.engine_order import DIED
from eagleplan.study.engines import EngineError

LOOPBACK = "0100007F:"

pytestmark = pytest.mark.slow


@contextmanager
def dask(command: str, *options: str, until: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A process of Dask's command line, once it has said `until`, and the rest of that line."""
    process = subprocess.Popen(
        [sys.executable, "-m", f"distributed.cli.dask_{command}", *options, "--host", "127.0.0.1", "--no-dashboard"],
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parent)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    try:
        said = next(line for line in process.stderr if until in line)
        yield process, said.partition(until)[2].strip()
    finally:
        process.kill()  # a nanny takes its worker with it
        process.communicate()


@pytest.fixture(scope="module")
def scheduler() -> Iterator[str]:
    with dask("scheduler", "--port", "0", until="Scheduler at:") as (_, address):
        yield address


@pytest.fixture(scope="module")
def cluster(scheduler: str) -> Iterator[str]:
    """Address of a scheduler with one worker process, which its nanny starts anew if it dies."""
    with dask("worker", scheduler, "--nthreads", "1", until="Registered to:"):
        yield scheduler


def test_a_cluster_of_its_own_has_workers_with_one_thread_and_listens_on_loopback_alone() -> None:
    before = set(listening(os.getpid()))
    with closing(DaskEngine(n_workers=1).results(Surroundings(), range(4))) as results:
        found = [next(results)]
        ours = set(listening(os.getpid())) - before
        found += results
    assert {pid for pid, _, _ in found}.isdisjoint({os.getpid()})
    assert all(threads == {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"} for _, threads, _ in found)
    theirs = {address for _, _, addresses in found for address in addresses}
    assert ours
    assert theirs
    assert all(address.startswith(LOOPBACK) for address in ours | theirs)
    assert set(listening(os.getpid())) <= before


def test_a_task_whose_worker_is_killed_each_time_fails_alone(tmp_path: Path) -> None:
    found = list(DaskEngine(n_workers=1).results(Deadly(folder=tmp_path, deaths={1: 99}), range(4)))
    assert found == [f"failed 1: {DIED}" if task == 1 else f"result {task}" for task in range(4)]
    marks = {path.name for path in tmp_path.iterdir()}
    # Dask does not say which of a worker's tasks ran when it died: one that waited there may lose one of three tries.
    assert {"1-0", "1-1"} <= marks <= {"1-0", "1-1", "1-2"}


def test_a_scheduler_that_is_there_gives_the_results_of_one_process(cluster: str) -> None:
    engine, shared = DaskEngine(address=cluster), bytes(1_000_000)
    assert list(engine.results(Square(shared=shared), range(100))) == [(i * i, 1_000_000) for i in range(100)]
    assert engine.label == f"Dask at {cluster}, 1 worker"


def test_tasks_are_drawn_as_workers_need_them(cluster: str) -> None:
    drawn: list[int] = []

    def tasks() -> Iterator[int]:
        for task in range(10**9):
            drawn.append(task)
            yield task

    with closing(DaskEngine(address=cluster).results(Square(), tasks())) as results:
        for n_given in range(20):
            assert next(results) == (n_given**2, 0)
            assert len(drawn) - n_given <= 4


def test_a_worker_that_is_started_anew_has_the_work_too(cluster: str, tmp_path: Path) -> None:
    found = list(DaskEngine(address=cluster).results(Deadly(folder=tmp_path, deaths={3: 1}), range(6)))
    assert found == [f"result {task}" for task in range(6)]


def test_a_bug_in_the_work_ends_the_run(cluster: str) -> None:
    with pytest.raises(ZeroDivisionError):
        list(DaskEngine(address=cluster).results(Buggy(), range(10)))


def test_a_worker_with_other_code_is_refused(cluster: str, monkeypatch: pytest.MonkeyPatch) -> None:
    ours = engine_dask.identity() | {"eagleplan": "0.0.1"}
    monkeypatch.setattr(engine_dask, "identity", lambda: ours)
    said = r"Dask worker tcp://127\.0\.0\.1:\d+ cannot take part: eagleplan is .* there and 0\.0\.1 here"
    with pytest.raises(EngineError, match=said):
        list(DaskEngine(address=cluster).results(Square(), range(3)))
    # One that joins later is asked no question up front, and gives no result either.
    monkeypatch.setattr(engine_dask._DaskPool, "_inspect", lambda self: None)
    with pytest.raises(EngineError, match=said):
        list(DaskEngine(address=cluster).results(Square(), range(3)))


def test_a_worker_with_several_threads_is_refused(scheduler: str) -> None:
    with dask("worker", scheduler, "--nthreads", "2", "--no-nanny", until="Registered to:"):
        with pytest.raises(EngineError, match="runs 2 tasks at a time") as raised:
            list(DaskEngine(address=scheduler).results(Square(), range(3)))
        assert raised.value.hint is not None
        assert "--nthreads 1" in raised.value.hint


def test_nobody_at_the_address_is_an_error() -> None:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        address = f"tcp://127.0.0.1:{bound.getsockname()[1]}"
        with pytest.raises(EngineError, match=f"no Dask scheduler answers at {address}") as raised:
            list(DaskEngine(address=address, connect_timeout_s=0.3).results(Square(), range(3)))
    assert raised.value.hint is not None


def test_a_scheduler_without_workers_and_then_lost_are_errors(tmp_path: Path) -> None:
    with dask("scheduler", "--port", "0", until="Scheduler at:") as (process, address):
        engine = DaskEngine(address=address, connect_timeout_s=1.0, workers_timeout_s=0.2)
        with pytest.raises(EngineError, match="has had no worker for 0 s") as raised:
            list(engine.results(Square(), range(3)))
        assert f"dask worker {address}" in str(raised.value.hint)

        os.mkfifo(tmp_path / "pipe")
        with dask("worker", address, "--nthreads", "1", "--no-nanny", until="Registered to:"):
            results = DaskEngine(address=address, connect_timeout_s=1.0).results(
                Endless(pipe=tmp_path / "pipe", first=2), range(9)
            )
            assert [next(results), next(results)] == [0, 1]
            process.kill()
            with pytest.raises(EngineError, match=f"lost the Dask scheduler at {address}") as raised:
                next(results)
            assert "goes on" in str(raised.value.hint)
