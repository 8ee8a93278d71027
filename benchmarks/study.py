"""A study on one machine: cells per second against workers, the time that is not the pipeline, the gain of the cache.

The weeks of examples/study/next-station.toml: a satellite, 14 stations, about a second a cell. For the scaling
there is no cache, so that cells cost the same. The share that is not the pipeline is 1 - (seconds in cells) / (seconds
x workers): over the whole run, with the start of the workers, and from the first results on. A cell's own seconds
include waiting for a processor: on a busy machine, or with more workers than processors, cells per second say more.

    python benchmarks/study.py [CELLS]
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter, process_time

from eagleplan.resources import example_path
from eagleplan.study.cell import CellWork
from eagleplan.study.engine import Engine, InProcess
from eagleplan.study.engine_dask import DaskEngine
from eagleplan.study.engine_processes import LocalProcesses
from eagleplan.study.file import read_study
from eagleplan.study.study import Cell, Study

N_CELLS = 16
STUDY = """
schema_version = 1
name = "benchmark"
scenario = "{scenario}"
n_skies = 100

[weeks]
from = "2026-W49"
count = {n_weeks}
days = 7

[axes]
demand.scale_frac = [0.5, 2.0]
"""


@dataclass(frozen=True, kw_only=True)
class Timed:
    """One run: seconds of it, of its part after the first result, and of its cells in workers."""

    elapsed_s: float
    steady_s: float
    cells_s: tuple[float, ...]

    def overhead(self, n_workers: int) -> float:
        return 1.0 - sum(self.cells_s) / (self.elapsed_s * n_workers)

    def steady_overhead(self, n_workers: int) -> float:
        """From the first result on: when it comes, the other workers are in the middle of theirs, as at the end."""
        return 1.0 - sum(self.cells_s[n_workers:]) / (self.steady_s * n_workers)


def timed(engine: Engine, work: CellWork, cells: Iterator[Cell]) -> Timed:
    start_s = perf_counter()
    at_s, cells_s = [], []
    with closing(engine.results(work, cells)) as results:
        for result in results:
            if result.row.status != "done":
                raise RuntimeError(result.row.error)
            at_s.append(perf_counter() - start_s)
            cells_s.append(result.pipeline_s)
    n_first = min(engine.n_workers, len(at_s) - 1)
    return Timed(elapsed_s=at_s[-1], steady_s=at_s[-1] - at_s[n_first - 1], cells_s=tuple(cells_s))


def scaling(study: Study, work: CellWork) -> None:
    engines: list[Engine] = [InProcess()]
    engines += [LocalProcesses(n_workers=n) for n in sorted({1, 2, os.cpu_count() or 1})]
    engines += [DaskEngine(n_workers=n) for n in sorted({1, 2, os.cpu_count() or 1})]
    print("| engine | cells | s a cell | cells/s | after start-up | not the pipeline | after start-up |")
    print("|---|---:|---:|---:|---:|---:|---:|")
    for engine in engines:
        run = timed(engine, work, study.cells())
        n_workers, n_cells = engine.n_workers, study.n_cells
        print(
            f"| {engine.label} | {n_cells} | {sum(run.cells_s) / n_cells:.2f} | {n_cells / run.elapsed_s:.2f} | "
            f"{(n_cells - n_workers) / run.steady_s:.2f} | {run.overhead(n_workers):.1%} | "
            f"{run.steady_overhead(n_workers):.1%} |",
            flush=True,
        )


def cache_gain(study: Study, work: CellWork, folder: Path) -> None:
    """The first half of the cells fills the cache, the second half has the same passes and other demand."""
    half = study.n_cells // 2
    print("\n| cache | processor seconds a cell, first value | second value |\n|---|---:|---:|")
    for name, used in (("none", work), ("cold", replace(work, cache=folder)), ("warm", replace(work, cache=folder))):
        used_s = [process_time()]
        used_s += [process_time() for _ in InProcess().results(used, study.cells())]
        first, second = (used_s[half] - used_s[0]) / half, (used_s[-1] - used_s[half]) / half
        print(f"| {name} | {first:.2f} | {second:.2f} |", flush=True)


def main(n_cells: int) -> None:
    with TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "study.toml").write_text(
            STUDY.format(scenario=example_path("study", "next-station-week.toml"), n_weeks=max(1, n_cells // 2)),
            encoding="utf-8",
        )
        study = read_study(folder / "study.toml")
        work = CellWork(scenario_file=study.scenario_file, files=study.files)
        next(InProcess().results(work, study.cells()))  # imports
        scaling(study, work)
        cache_gain(study, work, folder / "cache")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else N_CELLS)
