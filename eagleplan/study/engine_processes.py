"""Local worker processes. Each has one task at a time, so that a worker's death has one suspect."""

from __future__ import annotations

import os
import pickle
import signal
import threading
import traceback
import warnings
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from multiprocessing import connection, get_context, parent_process
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Any, Literal

from eagleplan.study.engine import N_AHEAD_PER_WORKER, EngineError, ResultT, TaskT, Work
from eagleplan.study.engine_order import Died, Finished, in_order

_N_STARTS = 3
_PATIENCE_S = 5.0

_Answer = tuple[Literal["ready", "done", "raised"], Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalProcesses:
    """`n_workers` fresh interpreters on this machine."""

    n_workers: int

    @property
    def label(self) -> str:
        return f"{self.n_workers} local process{'' if self.n_workers == 1 else 'es'}"

    def results(self, work: Work[TaskT, ResultT], tasks: Iterable[TaskT]) -> Generator[ResultT]:
        pool = _ProcessPool(n_workers=self.n_workers, packed=pickle.dumps(work))
        try:
            yield from in_order(pool, work, tasks)
        except BaseException:
            pool.kill()
            raise
        pool.close()


@dataclass(slots=True, kw_only=True)
class _Worker:
    process: BaseProcess
    pipe: Connection
    is_ready: bool = False
    number: int | None = None
    task: Any = None


@dataclass(slots=True, kw_only=True)
class _ProcessPool:
    n_workers: int
    packed: bytes
    n_deaths_allowed: int = 2
    _workers: list[_Worker] = field(default_factory=list)
    _n_failed_starts: int = 0

    def n_ahead(self) -> int:
        return N_AHEAD_PER_WORKER * self.n_workers

    def has_room(self) -> bool:
        return len(self._workers) < self.n_workers or any(worker.number is None for worker in self._workers)

    def give(self, number: int, task: Any) -> None:
        worker = next((worker for worker in self._workers if worker.number is None), None) or self._started()
        worker.number, worker.task = number, task
        # A worker that is dead by now says so when it is waited for.
        with suppress(OSError):
            worker.pipe.send(task)

    def wait(self) -> Sequence[Finished | Died]:
        events: list[Finished | Died] = []
        while not events:
            ready = set(connection.wait([worker.pipe for worker in self._workers if worker.number is not None]))
            for worker in [worker for worker in self._workers if worker.pipe in ready]:
                event = self._heard(worker)
                if event is not None:
                    events.append(event)
        return events

    def _heard(self, worker: _Worker) -> Finished | Died | None:
        assert worker.number is not None
        try:
            what, value = worker.pipe.recv()
        except (EOFError, OSError):
            return self._buried(worker)
        if what == "ready":
            worker.is_ready = True
            self._n_failed_starts = 0
            return None
        if what == "raised":
            raise value
        number, worker.number, worker.task = worker.number, None, None
        return Finished(number=number, result=value)

    def _buried(self, worker: _Worker) -> Died | None:
        """What is known of a dead worker; its task goes to another one where it had not even begun."""
        worker.process.join()
        how = _how(worker.process.exitcode)
        self._workers.remove(worker)
        worker.pipe.close()
        worker.process.close()
        assert worker.number is not None
        if worker.is_ready:
            return Died(number=worker.number)
        self._n_failed_starts += 1
        if self._n_failed_starts == _N_STARTS:
            raise EngineError(f"worker processes do not start: {how}", hint="--jobs 1 runs in this process")
        self.give(worker.number, worker.task)
        return None

    def _started(self) -> _Worker:
        ours, theirs = get_context("spawn").Pipe()
        process = get_context("spawn").Process(target=_serve, args=(theirs, self.packed), daemon=True)
        with _without_interrupts():
            process.start()
        theirs.close()  # so that the end of the process is the end of the pipe
        worker = _Worker(process=process, pipe=ours)
        self._workers.append(worker)
        return worker

    def close(self) -> None:
        """Let idle workers go."""
        for worker in self._workers:
            worker.pipe.close()
        for worker in self._workers:
            worker.process.join(_PATIENCE_S)
        self.kill()

    def kill(self) -> None:
        """End every worker, whatever it is doing."""
        for worker in self._workers:
            worker.process.kill()
        for worker in self._workers:
            worker.process.join()
            worker.process.close()
            worker.pipe.close()
        self._workers.clear()


@contextmanager
def _without_interrupts() -> Iterator[None]:
    """What starts here has no ear for Ctrl-C, from its first instant on: it is the client's to handle."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)


def _how(exit_code: int | None) -> str:
    if exit_code is None or exit_code >= 0:
        return f"exit code {exit_code}"
    try:
        return f"signal {-exit_code} ({signal.Signals(-exit_code).name})"
    except ValueError:
        return f"signal {-exit_code}"


def _serve(pipe: Connection, packed: bytes) -> None:
    """The life of a worker: one answer a task, until the client closes the pipe or is no more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    warnings.formatwarning = lambda message, *_, **__: f"warning: {message}\n"  # for people, not for programmers
    threading.Thread(target=_outlive_nobody, daemon=True).start()
    with suppress(EOFError, OSError):
        try:
            work = pickle.loads(packed)
        except Exception as error:
            pipe.send(_raised(error))
            return
        pipe.send(("ready", None))
        while True:
            task = pipe.recv()
            try:
                answer: _Answer = ("done", work(task))
            except Exception as error:
                answer = _raised(error)
            pipe.send(answer)


def _raised(error: Exception) -> _Answer:
    """The exception as it can travel, with the traceback of here as a note."""
    where = "".join(traceback.format_exception(error))
    try:
        error = pickle.loads(pickle.dumps(error))
    except Exception:
        error = RuntimeError(f"{type(error).__name__}: {error}")
    error.add_note(f"in a worker process:\n{where}")
    return "raised", error


def _outlive_nobody() -> None:
    """End this process with the client, however that ends: a long task would not notice the closed pipe."""
    parent = parent_process()
    assert parent is not None
    connection.wait([parent.sentinel])
    os._exit(1)
