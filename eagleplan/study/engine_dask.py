"""Dask `distributed`: a cluster of processes on this machine, or a scheduler that is already there.

Workers get the work once each, as a plug-in: the scheduler gives it to those that join or are started anew before
they get a task. As a dependency of the tasks it would move about and be dropped as Dask sees fit, and scattered it
would be lost with the workers that hold it.
"""

from __future__ import annotations

import importlib.util
import logging
import pickle
import queue
import threading
import time
import uuid
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from tempfile import TemporaryDirectory
from typing import Any

from eagleplan.study.engine import N_AHEAD_PER_WORKER, EngineError, ResultT, TaskT, Work
from eagleplan.study.engine_identity import differences, identity
from eagleplan.study.engine_order import Died, Finished, in_order

_GO_ON = "what is finished is kept: the same command goes on from there"
_N_TRIES = 3
_LOOK_EVERY_S = 2.0
_LOOPBACK = "127.0.0.1"


def is_installed() -> bool:
    return importlib.util.find_spec("distributed") is not None


@dataclass(slots=True, kw_only=True)
class DaskEngine:
    """A scheduler at `address`; without one, a cluster of `n_workers` processes that lives as long as the results."""

    address: str | None = None
    n_workers: int = 1
    connect_timeout_s: float = 10.0
    workers_timeout_s: float = 60.0

    @property
    def label(self) -> str:
        where = "Dask on this machine" if self.address is None else f"Dask at {self.address}"
        return f"{where}, {self.n_workers} worker{'' if self.n_workers == 1 else 's'}"

    def results(self, work: Work[TaskT, ResultT], tasks: Iterable[TaskT]) -> Generator[ResultT]:
        with ExitStack() as stack:
            stack.enter_context(_quiet())
            cluster: Any = None
            if self.address is None:
                cluster = stack.enter_context(_local_cluster(self.n_workers))
            address = self.address or cluster.scheduler_address
            pool = _DaskPool(
                client=stack.enter_context(_connected(address, self.connect_timeout_s)),
                address=address,
                packed=pickle.dumps(work),
                workers_timeout_s=self.workers_timeout_s,
                cluster=cluster,
                n_deaths_allowed=1 if cluster is None else 2,
            )
            self.n_workers = pool.start()
            stack.callback(pool.stop)
            yield from in_order(pool, work, tasks)


@dataclass(slots=True, kw_only=True)
class _DaskPool:
    client: Any
    address: str
    packed: bytes
    workers_timeout_s: float
    cluster: Any  # of our own, or None
    n_deaths_allowed: int  # each stands for the scheduler's allowed-failures and one
    _name: str = field(default_factory=lambda: uuid.uuid4().hex)
    _n_workers: int = 0
    _n_given: int = 0
    _flying: dict[str, tuple[int, Any]] = field(default_factory=dict)
    _landed: queue.SimpleQueue[str] = field(default_factory=queue.SimpleQueue)
    _seen_s: float = 0.0
    _looked_s: float = 0.0

    def start(self) -> int:
        """Wait for a worker, check all that are there and give them the work; their number."""
        from distributed import TimeoutError as NobodyError

        try:
            self.client.wait_for_workers(1, timeout=self.workers_timeout_s)
        except NobodyError:
            raise self._nobody() from None
        self._look()
        threads = {name: entry["nthreads"] for name, entry in self._workers().items() if entry["nthreads"] != 1}
        if threads:
            worker, n_threads = min(threads.items())
            raise EngineError(
                f"Dask worker {worker} runs {n_threads} tasks at a time in one process",
                hint="start workers with --nthreads 1, and with --nworkers N for N of them on a machine",
            )
        self._inspect()
        self._supply()
        return self._n_workers

    def n_ahead(self) -> int:
        return N_AHEAD_PER_WORKER * max(1, self._n_workers)

    def has_room(self) -> bool:
        return True

    def give(self, number: int, task: Any) -> None:
        self._n_given += 1
        key = f"eagleplan-{self._name}-{self._n_given}"
        try:
            future = self.client.submit(_run, self._name, task, key=key, pure=False, priority=-number)
            self._flying[key] = (number, future)
            future.add_done_callback(lambda _: self._landed.put(key))
        except Exception as error:
            self._lost_if_closed(error)
            raise

    def wait(self) -> Sequence[Finished | Died]:
        while True:
            if time.monotonic() - self._looked_s > _LOOK_EVERY_S:
                self._look()
            with suppress(queue.Empty):
                number, future = self._flying.pop(self._landed.get(timeout=_LOOK_EVERY_S))
                event = self._outcome(number, future)
                future.release()
                return [event]

    def stop(self) -> None:
        """Take back what is in flight, and the work."""
        if self.client.status != "running":
            return
        with suppress(Exception):
            if self._flying:
                self.client.cancel([future for _, future in self._flying.values()], force=True)
            self.client.unregister_worker_plugin(self._name)

    def _outcome(self, number: int, future: Any) -> Finished | Died:
        from distributed import CancelledError, KilledWorker

        try:
            result = future.result()
        except KilledWorker:
            return Died(number=number)
        except CancelledError as error:
            raise self._lost() from error
        except ImportError as error:
            raise _unfit("", str(error)) from error
        except Exception as error:
            if future.status != "error":  # else it is the work's own
                self._lost_if_closed(error)
            raise
        if isinstance(result, _Unfit):
            raise _unfit(result.worker, result.why)
        return Finished(number=number, result=result)

    def _inspect(self) -> None:
        """Raise EngineError if a worker is of another kind than this process; one that dies meanwhile is not."""
        answers = self._asked(lambda: self.client.run(_inspected, identity(), on_error="return"))
        for worker, answer in sorted(answers.items()):
            if answer != "" and not isinstance(answer, OSError):
                raise _unfit(worker, answer if isinstance(answer, str) else f"{type(answer).__name__}: {answer}")

    def _supply(self) -> None:
        plugin = _work_plugin(self._name, (self.packed, identity()), self.cluster is not None)
        self._asked(lambda: self.client.register_plugin(plugin))

    def _asked(self, question: Callable[[], Any]) -> Any:
        """The answer of all workers; again if one of them dies over it."""
        for i in range(_N_TRIES):
            try:
                return question()
            except OSError as error:
                if self.client.status != "running" or i == _N_TRIES - 1:
                    raise self._lost() from error
        raise AssertionError

    def _workers(self) -> dict[str, Any]:
        try:
            found: dict[str, Any] = self.client.scheduler_info()["workers"]
        except Exception as error:
            self._lost_if_closed(error)
            raise
        return found

    def _look(self) -> None:
        """Count the workers; raise EngineError if there has been none for long."""
        if self.client.status != "running":
            raise self._lost()
        self._n_workers = len(self._workers())
        self._looked_s = time.monotonic()
        if self.cluster is not None:
            # A nanny gives up if its worker dies while it starts, and is thrown away some time later.
            self.cluster.scale(len(self.cluster.worker_spec))
        if self._n_workers:
            self._seen_s = self._looked_s
        elif self._looked_s - self._seen_s > self.workers_timeout_s:
            raise self._nobody()

    def _lost_if_closed(self, error: Exception) -> None:
        if self.client.status != "running" or isinstance(error, OSError):
            raise self._lost() from error

    def _lost(self) -> EngineError:
        return EngineError(f"lost the Dask scheduler at {self.address}", hint=_GO_ON)

    def _nobody(self) -> EngineError:
        return EngineError(
            f"the Dask scheduler at {self.address} has had no worker for {self.workers_timeout_s:.0f} s",
            hint=f"start some with `dask worker {self.address} --nthreads 1`; {_GO_ON}",
        )


@contextmanager
def _local_cluster(n_workers: int) -> Iterator[Any]:
    """A scheduler in this process with worker processes, on loopback alone, without pages to look at."""
    import dask
    from distributed import LocalCluster

    settings: dict[str, Any] = {
        "distributed.scheduler.http.routes": [],
        "distributed.worker.http.routes": [],
        "distributed.deploy.lost-worker-timeout": "10s",
    }
    at_loopback = {"dashboard": False, "dashboard_address": f"{_LOOPBACK}:0"}
    with (
        TemporaryDirectory(prefix="eagleplan-dask-", ignore_cleanup_errors=True) as folder,
        dask.config.set(settings),
        # No limit: a worker whose memory the study has filled would pause for good, and the kernel has its own.
        LocalCluster(
            n_workers=n_workers,
            threads_per_worker=1,
            processes=True,
            host=_LOOPBACK,
            dashboard_address=None,
            scheduler_kwargs=at_loopback | {"allowed_failures": 0},
            memory_limit=0,
            local_directory=folder,
            silence_logs=logging.CRITICAL,
        ) as cluster,
    ):
        yield cluster


@contextmanager
def _connected(address: str, timeout_s: float) -> Iterator[Any]:
    from distributed import Client

    try:
        client = Client(address, timeout=timeout_s, set_as_default=False, name="eagleplan")
    except (OSError, ValueError) as error:
        raise EngineError(
            f"no Dask scheduler answers at {address} within {timeout_s:.0f} s",
            hint="start one with `dask scheduler`; its first lines say its address",
        ) from error
    try:
        yield client
    finally:
        with suppress(Exception):
            client.close(timeout=5.0)


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep Dask's own words about lost connections from the terminal: what matters is said in ours."""
    import distributed  # noqa: F401  (sets its loggers up)

    loggers = [logging.getLogger(name) for name in logging.root.manager.loggerDict if name.startswith("distributed")]
    loggers.append(logging.getLogger("tornado.application"))
    before = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        for logger, level in zip(loggers, before, strict=True):
            logger.setLevel(level)


# What runs in the workers.


@dataclass(frozen=True, slots=True, kw_only=True)
class _Unfit:
    """The answer of a worker that must not take part."""

    worker: str
    why: str


_works: dict[str, Any] = {}
_one_at_a_time = threading.Lock()


def _work_plugin(name: str, held: tuple[bytes, dict[str, str]], is_local: bool) -> Any:
    """Holds the work in a worker, still packed: one that lacks eagleplan must be able to start, and say so later."""
    from distributed import WorkerPlugin

    # A local class travels by value.
    class HeldWork(WorkerPlugin):  # type: ignore[misc]
        def __init__(self) -> None:
            self.name = name
            self.held = held

        def setup(self, worker: Any) -> None:
            if is_local:
                import signal

                signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the client's to handle

    return HeldWork()


def _inspected(client: dict[str, str]) -> str:
    return differences(client, identity())


def _run(name: str, task: Any) -> Any:
    from distributed import get_worker

    with _one_at_a_time:
        if name not in _works:
            worker = get_worker()
            packed, client = worker.plugins[name].held
            wrong = differences(client, identity())
            if wrong:
                return _Unfit(worker=worker.address, why=wrong)
            _works.clear()
            _works[name] = pickle.loads(packed)
        return _works[name](task)


def _unfit(worker: str, why: str) -> EngineError:
    who = f"Dask worker {worker}" if worker else "a Dask worker"
    return EngineError(
        f"{who} cannot take part: {why}",
        hint="for the same results, workers need the eagleplan, the Python and the libraries that are here",
    )
