"""Commands of studies: many plans, and one of them alone."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, perf_counter
from typing import TYPE_CHECKING, Annotated

import typer

from eagleplan.cli.shell import Debug, Quiet, command, console_on, emit
from eagleplan.errors import ExitCode, InputError, Problem

if TYPE_CHECKING:
    from eagleplan.study.engine import Engine
    from eagleplan.study.run import Standing
    from eagleplan.study.study import Study

LINE_EVERY_S = 10.0
"""How often a log that is no terminal is told how far the run is."""

WARM_UP_S = 3.0
"""A first cell that takes less is timed again: it spent its time on importing libraries."""


def register(app: typer.Typer) -> None:
    """Add the commands to the application."""

    @command(app, "study", example="eagleplan study examples/study/ltan.toml -o ltan/ --jobs 2")
    def study(
        path: Annotated[Path, typer.Argument(metavar="STUDY", help="Study file (TOML).", show_default=False)],
        output: Annotated[
            Path | None,
            typer.Option("--output", "-o", metavar="DIR", help="Directory of the results.", show_default=False),
        ] = None,
        jobs: Annotated[
            int | None,
            typer.Option("--jobs", "-j", metavar="N", help="Processes on this machine.", show_default="1: this one"),
        ] = None,
        dask: Annotated[
            str | None,
            typer.Option(
                "--dask",
                metavar="local:N|tcp://HOST:PORT",
                help="Run on Dask: on workers of its own, or a scheduler's.",
                show_default=False,
            ),
        ] = None,
        cache: Annotated[
            Path | None,
            typer.Option(
                "--cache", metavar="DIR", help="Where passes and yields are kept.", show_default="cache/ in the results"
            ),
        ] = None,
        retry_failed: Annotated[bool, typer.Option("--retry-failed", help="Try again what failed.")] = False,
        yes: Annotated[bool, typer.Option("--yes", help="Run more than a million cells.")] = False,
        check: Annotated[
            bool, typer.Option("--check", help="Check everything, time the first cell, say how long all would take.")
        ] = False,
        cell: Annotated[
            int | None,
            typer.Option(
                "--cell",
                metavar="N",
                min=0,
                help="Print the command that makes the plan of cell N alone.",
                show_default=False,
            ),
        ] = None,
        as_json: Annotated[bool, typer.Option("--json", help="The summary as JSON on stdout.")] = False,
        quiet: Quiet = False,
        debug: Debug = False,
    ) -> None:
        """Plan every cell of a study: weeks of a year, values of any key of a scenario, sets of stations.

        Every cell is an ordinary plan, of which a row is kept and a row for each of its demands. The study file, its
        scenario and every value of every axis are checked before anything runs. A run that was interrupted or killed
        goes on when the same command is given again. A failing cell is kept with its error and stops nothing. Exit 1
        if any failed.
        """
        from eagleplan.study.engines import parse_engine
        from eagleplan.study.file import read_study
        from eagleplan.study.run import run_study

        engine = parse_engine(jobs, dask)
        if cell is None and not check and output is None:
            raise InputError(Problem(path="--output", message="is required", hint="or --check, or --cell N"))
        found = read_study(path, allow_many=yes or check or cell is not None)
        if cell is not None:
            _print_command(found, cell)
            return
        if check or output is None:
            _print_check(found, engine, as_json=as_json)
            return
        started_s = perf_counter()
        with _plain_warnings(quiet=quiet), _shown(quiet=quiet, where=output) as tell:
            standing = run_study(found, output, engine, tell, cache=cache, retry_failed=retry_failed)
        if as_json:
            _print_summary(found, standing, perf_counter() - started_s)
        if not quiet:
            print(_last_line(standing, output), file=sys.stderr)
        if standing.n_failed:
            raise typer.Exit(ExitCode.ANSWER_IS_NO)


def _last_line(standing: Standing, directory: Path) -> str:
    from eagleplan.study.pace import duration

    parts = [f"{standing.n_cells:,} {'cell' if standing.n_cells == 1 else 'cells'} in {directory}/"]
    if standing.n_run < standing.n_cells:
        parts.append(f"{standing.n_cells - standing.n_run:,} were there already")
    if standing.n_run:
        parts.append(f"{standing.n_run:,} in {duration(standing.elapsed_s)}")
    if standing.n_failed:
        parts.append(f"{standing.n_failed:,} failed: --retry-failed tries them again")
    return ", ".join(parts)


def _print_summary(study: Study, standing: Standing, elapsed_s: float) -> None:
    import json

    summary = {
        "name": study.name,
        "n_cells": standing.n_cells,
        "n_run": standing.n_run,
        "n_failed": standing.n_failed,
        "n_workers": standing.n_workers,
        "elapsed_s": round(elapsed_s, 3),
        "pipeline_s": round(standing.pipeline_s, 3),
        "worker_s": round(standing.worker_s, 3),
        "overhead_frac": round(standing.overhead_frac, 4),
    }
    emit((json.dumps(summary, indent=2, ensure_ascii=False) + "\n").encode(), None)


def _print_command(study: Study, number: int) -> None:
    from eagleplan.study.command import plan_command

    if number >= study.n_cells:
        message = f"must be < {study.n_cells}, the cells of this study"
        raise InputError(Problem(path="--cell", message=message, got=str(number)))
    print(plan_command(study, study.cell(number)))


def _print_check(study: Study, engine: Engine, *, as_json: bool) -> None:
    """What the study is, and how long it would take by the time of its first cell."""
    import json

    from eagleplan.study.cell import CellWork
    from eagleplan.study.journal import line_of
    from eagleplan.study.pace import duration

    work = CellWork(scenario_file=study.scenario_file, files=study.files)
    result = work(study.cell(0))
    if result.worker_s < WARM_UP_S:
        result = work(study.cell(0))
    total_s = result.worker_s * study.n_cells
    n_bytes = len(line_of(result)) * study.n_cells
    axes = {axis.key: len(axis.values) or study.design.n_points for axis in study.axes}
    if as_json:
        content = {
            "name": study.name,
            "design": study.design_name,
            "n_cells": study.n_cells,
            "n_points": study.design.n_points,
            "axes": axes,
            "n_station_sets": len(study.station_sets),
            "n_weeks": len(study.weeks),
            "cell_s": round(result.worker_s, 3),
            "total_core_s": round(total_s, 1),
            "n_bytes": n_bytes,
            "error": result.row.error,
        }
        emit((json.dumps(content, indent=2, ensure_ascii=False) + "\n").encode(), None)
        return
    print(f"{study.path}: {study.name}")
    print(f"  cells     {study.n_cells:,}")
    for key, n_values in axes.items():
        print(f"  axis      {key}: {n_values} {'value' if n_values == 1 else 'values'}")
    if study.station_sets:
        print(f"  stations  {len(study.station_sets)} sets")
    if study.weeks[0].name:
        print(f"  weeks     {len(study.weeks)}, {study.weeks[0].name} to {study.weeks[-1].name}")
    print(f"  one cell  {result.worker_s:.2f} s, the first, without a cache")
    n_workers = engine.n_workers
    where = f" on {n_workers} workers" if n_workers > 1 else ""
    size = f"{n_bytes / 1e6:.1f} MB" if n_bytes >= 1e6 else f"{n_bytes / 1e3:.1f} kB"
    print(f"  all       {duration(total_s / max(1, n_workers))}{where} at most, {size} of rows before compression")
    if result.row.error:
        print(f"  the first cell fails: {result.row.error}")


@contextmanager
def _plain_warnings(*, quiet: bool) -> Iterator[None]:
    """Say what a cell warns of, such as a cache that takes no more, as every other warning is said."""
    import warnings

    def show(message: Warning | str, *_: object, **__: object) -> None:
        if not quiet:
            print(f"warning: {message}", file=sys.stderr)

    with warnings.catch_warnings():
        warnings.showwarning = show
        yield


@contextmanager
def _shown(*, quiet: bool, where: Path) -> Iterator[Callable[[Standing], None]]:
    """Yield what shows how far a run is: a bar on a terminal, a line now and then in a log, nothing if `quiet`."""
    from eagleplan.study.pace import Pace, pace_line

    pace = Pace()
    last: Standing | None = None

    def note(standing: Standing) -> str:
        nonlocal last
        last = standing
        pace.add(standing)
        return pace_line(standing, pace)

    try:
        if quiet:
            yield lambda standing: None
        elif sys.stderr.isatty():
            yield from _bar(note)
        else:
            yield _lines(note)
    except KeyboardInterrupt:
        if last is not None and not quiet:
            print(
                f"{last.n_known:,} of {last.n_cells:,} cells are in {where}/; the same command goes on",
                file=sys.stderr,
            )
        raise


def _lines(note: Callable[[Standing], str]) -> Callable[[Standing], None]:
    shown_s = monotonic()

    def tell(standing: Standing) -> None:
        nonlocal shown_s
        line = note(standing)
        if monotonic() - shown_s >= LINE_EVERY_S:
            shown_s = monotonic()
            print(line, file=sys.stderr, flush=True)

    return tell


def _bar(note: Callable[[Standing], str]) -> Iterator[Callable[[Standing], None]]:
    from rich.progress import BarColumn, Progress, TextColumn

    with Progress(BarColumn(), TextColumn("{task.description}"), console=console_on(sys.stderr), transient=True) as bar:
        task = bar.add_task("", total=None)

        def tell(standing: Standing) -> None:
            line = note(standing)
            bar.update(task, total=standing.n_cells, completed=standing.n_known, description=line)

        yield tell
