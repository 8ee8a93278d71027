"""One cell: the ordinary pipeline on an ordinary scenario, and what is kept of its plan."""

from __future__ import annotations

import functools
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

from eagleplan.errors import EagleplanError, InputError
from eagleplan.inputs.files import MemoryFiles
from eagleplan.stamp import SOURCE_DATE_VARIABLE
from eagleplan.study.rows import CellResult, CellRow
from eagleplan.study.study import Cell

if TYPE_CHECKING:
    from eagleplan.pipeline import Cache

_ADDRESS = re.compile(r" at 0x[0-9a-fA-F]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class CellWork:
    """Makes the plan of any cell of a study, wherever it runs: all files are here, none is read from a disk.

    `source_date` is SOURCE_DATE_EPOCH where the study was started: it shows in plans. `cache` is a directory where
    workers find what others have computed.
    """

    scenario_file: str
    files: Mapping[str, bytes]
    cache: Path | None = None
    source_date: str | None = None

    def __call__(self, cell: Cell) -> CellResult:
        """The rows of a cell; whatever goes wrong with it becomes its error."""
        started_s = perf_counter()
        try:
            return self._planned(cell, started_s)
        except InputError as error:
            said = "; ".join(map(str, error.problems))
        except EagleplanError as error:
            said = str(error)
        except Exception as error:
            said = f"internal: {type(error).__name__}: {error}"
        worker_s = perf_counter() - started_s
        return CellResult(row=self._row(cell, said), pipeline_s=worker_s, worker_s=worker_s)

    def failed(self, cell: Cell, error: str) -> CellResult:
        """The row of a cell that no worker could make."""
        return CellResult(row=self._row(cell, error))

    def _row(self, cell: Cell, error: str) -> CellRow:
        said = _ADDRESS.sub("", " ".join(error.split()))
        return CellRow(**head(cell), status="failed", error=said)  # type: ignore[arg-type]

    def _planned(self, cell: Cell, started_s: float) -> CellResult:
        from eagleplan import pipeline
        from eagleplan.report.plan_json import plan_json
        from eagleplan.scenario import load_scenario
        from eagleplan.stamp import sha256_hex
        from eagleplan.study.outcome import cell_row, demand_rows

        with _dated(self.source_date):
            scenario = load_scenario(
                MemoryFiles(self.scenario_file, self.files),
                start_utc=cell.start_utc,
                days=cell.days,
                overrides=cell.overrides,
            )
            assessment = pipeline.assess(scenario, cache=_cache_at(self.cache))
            made = pipeline.make_plan(scenario, assessment=assessment)
            plan_sha256 = sha256_hex(plan_json(made.plan))
        pipeline_s = perf_counter() - started_s
        demands = demand_rows(cell, scenario, made)
        row = cell_row(cell, made, demands, plan_sha256)
        return CellResult(row=row, demands=demands, pipeline_s=pipeline_s, worker_s=perf_counter() - started_s)


def head(cell: Cell) -> dict[str, object]:
    """What a row says of its cell, whatever came of it."""
    return {
        "cell": cell.number,
        "labels": cell.labels,
        "week": cell.week,
        "start_utc": cell.start_utc.isoformat().replace("+00:00", "Z"),
        "days": cell.days,
    }


@functools.cache
def _cache_at(directory: Path | None) -> Cache:
    """One for all cells of a process: it keeps what it has read last."""
    from eagleplan.pipeline import NO_CACHE, Cache

    return NO_CACHE if directory is None else Cache(directory)


@contextmanager
def _dated(source_date: str | None) -> Iterator[None]:
    """SOURCE_DATE_EPOCH as it was where the study was started: a worker elsewhere may have another."""
    before = os.environ.get(SOURCE_DATE_VARIABLE)
    _set(source_date)
    try:
        yield
    finally:
        _set(before)


def _set(source_date: str | None) -> None:
    if source_date is None:
        os.environ.pop(SOURCE_DATE_VARIABLE, None)
    else:
        os.environ[SOURCE_DATE_VARIABLE] = source_date
