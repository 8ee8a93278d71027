"""The command that says what a study found."""

from __future__ import annotations

import math
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from eagleplan.cli.shell import Debug, Quiet, command, emit
from eagleplan.errors import InputError, OutputError, Problem

if TYPE_CHECKING:
    from eagleplan.study.answers import Answers

REPORT_FOLDER = "report"
SUMMARY_NAME = "summary.txt"


def register(app: typer.Typer) -> None:
    """Add the command to the application."""

    @command(app, "study-report", example="eagleplan study-report stations/ --budget 1")
    def study_report(
        directory: Annotated[
            Path, typer.Argument(metavar="DIR", help="Directory that `eagleplan study` wrote.", show_default=False)
        ],
        output: Annotated[
            Path | None,
            typer.Option(
                "--output", "-o", metavar="DIR", help="Where to write.", show_default="report/ in the study's directory"
            ),
        ] = None,
        target_frac: Annotated[
            float,
            typer.Option("--target-frac", help="What of a demand satellites must meet to be enough, above 0, to 1."),
        ] = 0.9,
        budget: Annotated[
            float | None,
            typer.Option(
                "--budget",
                help="Name the best set of stations that costs no more; in stations, if the study gives no costs.",
                show_default=False,
            ),
        ] = None,
        force: Annotated[bool, typer.Option("--force", help="Replace a directory with all that is in it.")] = False,
        as_json: Annotated[bool, typer.Option("--json", help="The answers as JSON on stdout.")] = False,
        quiet: Quiet = False,
        debug: Debug = False,
    ) -> None:
        """Answer a study's question: a page and CSV tables, with confidence intervals.

        Key per pair with percentiles over years of cloud, nights without key, what each station is worth, the efficient
        sets of stations, satellites needed, what matters, months. A study that still runs is reported as far as it is.
        """
        from eagleplan.report import write_directory
        from eagleplan.study.answer_tables import answer_tables
        from eagleplan.study.answers import answers
        from eagleplan.study.digest import digest_json, digest_lines
        from eagleplan.study.page import PAGE_NAME, study_html
        from eagleplan.study.read import read_results
        from eagleplan.study.record import read_study_record

        _check(target_frac, budget)
        record = read_study_record(directory)
        if budget is not None and not record.station_sets:
            raise InputError(Problem(path="--budget", message="needs a study with [stations]"))
        target = directory / REPORT_FOLDER if output is None else output
        replaces = force or _is_ours(target)
        found = answers(record, read_results(directory), target_frac, budget)
        if not found.variants:
            raise InputError(_nothing(directory, found))
        lines = [*digest_lines(found)]
        files = {PAGE_NAME: study_html(found), SUMMARY_NAME: "\n".join([*lines, ""]).encode(), **answer_tables(found)}
        write_directory(target, files, force=replaces)
        if as_json:
            emit(digest_json(found), None)
        elif not quiet:
            for line in lines:
                print(line)
        if not quiet:
            print(f"wrote {target}/ ({', '.join(files)})", file=sys.stderr)


def _check(target_frac: float, budget: float | None) -> None:
    problems = []
    if not 0.0 < target_frac <= 1.0:
        problems.append(Problem(path="--target-frac", message="must be > 0 and <= 1", got=f"{target_frac:g}"))
    if budget is not None and not (budget >= 0.0 and math.isfinite(budget)):
        problems.append(Problem(path="--budget", message="must be a number >= 0", got=f"{budget:g}"))
    if problems:
        raise InputError(problems)


def _nothing(directory: Path, found: Answers) -> Problem:
    """Why there is nothing to report."""
    if found.n_done:
        hint = "give the scenario a demand: what is met of it is what a report tells"
        return Problem(path=str(directory), message="its plans have no demand", hint=hint)
    message = "has no plan that did not fail" if found.failures else "has no result yet"
    got = f"cell {found.failures[0].cell}: {found.failures[0].text}" if found.failures else None
    again = " --retry-failed` tries again" if found.failures else "` goes on where it stopped"
    return Problem(path=str(directory), message=message, got=got, hint=f"`eagleplan study … -o {directory}{again}")


def _is_ours(target: Path) -> bool:
    """Whether a directory holds a report and nothing else, so that another may take its place; raises OutputError."""
    from eagleplan.study.answer_tables import TABLES
    from eagleplan.study.page import PAGE_NAME

    try:
        names = {entry.name for entry in target.iterdir()} if target.is_dir() else set()
    except OSError as error:
        raise OutputError(f"{target}: {error.strerror}") from None
    return PAGE_NAME in names and names <= {PAGE_NAME, SUMMARY_NAME, *TABLES}
