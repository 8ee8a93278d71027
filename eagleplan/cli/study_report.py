"""The command that says what a study found."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from eagleplan.cli.shell import AsJson, Debug, Quiet, command, emit
from eagleplan.errors import InputError, Problem


def register(app: typer.Typer) -> None:
    """Add the command to the application."""

    @command(app, "study-report", example="eagleplan study-report study/")
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
            typer.Option("--target-frac", min=0.0, max=1.0, help="What of a demand satellites must meet to be enough."),
        ] = 0.9,
        force: Annotated[bool, typer.Option("--force", help="Replace DIR with all that is in it.")] = False,
        as_json: AsJson = False,
        quiet: Quiet = False,
        debug: Debug = False,
    ) -> None:
        """Answer a study's question: a page and CSV tables, with confidence intervals.

        Key per pair with percentiles over years of cloud, nights without key, what each station is worth, the efficient
        sets of stations, satellites needed, months. A study that still runs is reported as far as it is.
        """
        from eagleplan.report import write_directory
        from eagleplan.study.answer_tables import answer_tables
        from eagleplan.study.answers import answers
        from eagleplan.study.digest import digest_json, digest_lines
        from eagleplan.study.page import PAGE_NAME, study_html
        from eagleplan.study.read import read_results
        from eagleplan.study.record import read_study_record

        found = answers(read_study_record(directory), read_results(directory), target_frac)
        if not found.variants:
            message = "has no plan that did not fail" if found.failures else "has no result yet"
            hint = f"`eagleplan study … -o {directory}` goes on where it stopped"
            raise InputError(Problem(path=str(directory), message=message, hint=hint))
        target = directory / "report" if output is None else output
        files = {PAGE_NAME: study_html(found), **answer_tables(found)}
        write_directory(target, files, force=force or output is None)
        if as_json:
            emit(digest_json(found), None)
        elif not quiet:
            for line in digest_lines(found):
                print(line)
        if not quiet:
            print(f"wrote {target}/ ({', '.join(files)})", file=sys.stderr)
