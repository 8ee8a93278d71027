"""A study from its first cell to its last, or on from where an earlier run stopped."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from time import perf_counter

from eagleplan.errors import OutputError
from eagleplan.operations.lock import locked
from eagleplan.stamp import SOURCE_DATE_VARIABLE
from eagleplan.study.cell import CellWork
from eagleplan.study.engine import Engine
from eagleplan.study.record import RECORD_NAME, read_record, record_of, refuse_another_study, write_record
from eagleplan.study.rows import CellResult
from eagleplan.study.store import ResultStore
from eagleplan.study.study import Cell, Study
from eagleplan.study.tables import best_format

CACHE_FOLDER = "cache"
TIMINGS_NAME = "timings.csv"
_TIMINGS_HEADER = "cell,status,pipeline_s,worker_s,elapsed_s\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How far a run has come: `n_known` of `n_cells` have a result, `n_failed` of these an error.

    Of the `n_run` cells of this run the pipeline took `pipeline_s`, the workers `worker_s` in all, in `elapsed_s` of
    the clock.
    """

    n_cells: int
    n_known: int
    n_failed: int
    n_run: int
    n_to_run: int
    n_workers: int
    pipeline_s: float
    worker_s: float
    elapsed_s: float

    @property
    def overhead_frac(self) -> float:
        """The share of the workers' time in which no pipeline ran."""
        return 1.0 - self.pipeline_s / (self.elapsed_s * self.n_workers) if self.elapsed_s and self.n_workers else 0.0


def run_study(
    study: Study,
    directory: Path,
    engine: Engine,
    tell: Callable[[Standing], None],
    *,
    cache: Path | None = None,
    retry_failed: bool = False,
) -> Standing:
    """Runs the cells that have no result yet, and with `retry_failed` those before that failed; tells of each.

    A cell that fails is kept with its error, and stops nothing. The run may be killed at any moment: the same call goes
    on after the cells that are there. `cache` is where workers find what others have computed, the directory's own
    folder where it is None. Raises OutputError where the directory is in use, holds something else or another study, or
    cannot be written, and EngineError.
    """
    with locked(directory, "eagleplan study"):
        store = _opened(study, directory)
        work = CellWork(
            scenario_file=study.scenario_file,
            files=study.files,
            cache=(cache or directory / CACHE_FOLDER).absolute(),
            source_date=os.environ.get(SOURCE_DATE_VARIABLE),
        )
        return _Run(study, store, engine, work, directory / TIMINGS_NAME, tell).run(retry_failed=retry_failed)


def _opened(study: Study, directory: Path) -> ResultStore:
    there = read_record(directory)
    if there is None:
        _check_empty(directory)
        table = best_format()
        write_record(directory, record_of(study, table))
    else:
        table = "csv" if there.get("table") == "csv" else "parquet"
        wanted = record_of(study, table)
        refuse_another_study(directory, there, wanted)
        if there["stations"] != wanted["stations"]:
            write_record(directory, wanted)
    return ResultStore(directory, table, study.columns, study.n_cells)


def _check_empty(directory: Path) -> None:
    try:
        strangers = sorted(
            path.name for path in directory.iterdir() if not path.name.startswith(f".{RECORD_NAME}.new-")
        )
    except FileNotFoundError:
        return
    except OSError as error:
        raise OutputError(f"{directory}: cannot be read: {(error.strerror or str(error)).lower()}") from error
    if strangers:
        shown = ", ".join(strangers[:5])
        raise OutputError(f"{directory}: is not empty, and holds no study: {shown}", hint="name another directory")


class _Run:
    def __init__(
        self,
        study: Study,
        store: ResultStore,
        engine: Engine,
        work: CellWork,
        timings: Path,
        tell: Callable[[Standing], None],
    ) -> None:
        self._study = study
        self._store = store
        self._engine = engine
        self._work = work
        self._timings = timings
        self._tell = tell
        self._started_s = perf_counter()
        self._n_known = store.n_committed
        self._n_failed = store.n_failed
        self._n_run = 0
        self._n_to_run = study.n_cells - store.n_committed
        self._pipeline_s = 0.0
        self._worker_s = 0.0

    def run(self, *, retry_failed: bool) -> Standing:
        tries = list(self._failed_cells()) if retry_failed else []
        self._n_to_run += len(tries)
        if self._n_to_run:
            self._tell(self._standing())
            # One run of the engine for both: starting workers takes seconds.
            numbers = chain(tries, range(self._store.n_committed, self._study.n_cells))
            self._commit_all(self._study.cells(numbers), set(tries))
        return self._standing()

    def _failed_cells(self) -> Iterator[int]:
        for part in self._store.part_numbers:
            yield from self._store.failed_cells(part)

    def _commit_all(self, cells: Iterator[Cell], tries: set[int]) -> None:
        part: int | None = None
        with closing(self._engine.results(self._work, cells)) as results:
            for result in results:
                number = result.row.cell
                if part is not None and (number not in tries or self._store.part_of(number) != part):
                    self._store.merge_retries()
                    part = None
                if number in tries:
                    self._store.retry(result)
                    part = self._store.part_of(number)
                    tries.discard(number)
                    self._n_failed -= result.row.status == "done"
                else:
                    self._store.add(result)
                    self._n_known += 1
                    self._n_failed += result.row.status == "failed"
                self._note(result)
        if part is not None:
            self._store.merge_retries()

    def _note(self, result: CellResult) -> None:
        self._n_run += 1
        self._pipeline_s += result.pipeline_s
        self._worker_s += result.worker_s
        standing = self._standing()
        with suppress(OSError):  # a full disk has stopped the results already, or takes them and not this
            is_new = not self._timings.exists()
            with self._timings.open("a", encoding="utf-8") as file:
                file.write(_TIMINGS_HEADER if is_new else "")
                file.write(
                    f"{result.row.cell},{result.row.status},{result.pipeline_s:.6f},{result.worker_s:.6f},"
                    f"{standing.elapsed_s:.6f}\n"
                )
        self._tell(standing)

    def _standing(self) -> Standing:
        return Standing(
            n_cells=self._study.n_cells,
            n_known=self._n_known,
            n_failed=self._n_failed,
            n_run=self._n_run,
            n_to_run=self._n_to_run,
            n_workers=self._engine.n_workers,
            pipeline_s=self._pipeline_s,
            worker_s=self._worker_s,
            elapsed_s=perf_counter() - self._started_s,
        )
