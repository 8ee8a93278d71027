"""The command that makes files for other systems from a stored plan."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from eagleplan.cli.shell import Debug, PlanDirectory, Quiet, command, emit
from eagleplan.errors import InputError, OutputError, Problem


def register(app: typer.Typer) -> None:
    """Add the command to the application."""

    @command(app, "export", example="eagleplan export out/ -f cpf --site at-graz -o predictions/")
    def export(
        directory: PlanDirectory,
        format_name: Annotated[
            str,
            typer.Option(
                "--format",
                "-f",
                metavar="FORMAT",
                help="json, contacts, passes, demand, ics, html, ssf, cpf, pointing, oem, czml or geojson.",
                show_default=False,
            ),
        ],
        output: Annotated[
            Path | None,
            typer.Option(
                "--output",
                "-o",
                metavar="FILE|DIR",
                help="File to write, or directory where there are several; - or nothing: stdout.",
                show_default=False,
            ),
        ] = None,
        site: Annotated[
            list[str] | None,
            typer.Option("--site", metavar="ID", help="Only contacts of this site; may be repeated."),
        ] = None,
        contact: Annotated[
            list[str] | None,
            typer.Option("--contact", metavar="ID", help="Only this contact; may be repeated."),
        ] = None,
        force: Annotated[bool, typer.Option("--force", help="Replace DIR with all that is in it.")] = False,
        quiet: Quiet = False,
        debug: Debug = False,
    ) -> None:
        """Make files for other systems from a stored plan: calendars, schedules, predictions, maps.

        Nothing of the plan is computed anew. Formats with a file per contact or satellite are written into a directory,
        which appears whole or not at all; a single file goes to stdout or to FILE.
        """
        from eagleplan import report
        from eagleplan.pipeline.reading import read_directory
        from eagleplan.report.exports import EXPORTS, part_of

        if format_name not in EXPORTS:
            raise InputError(Problem(path="--format", message=f"must be one of {', '.join(EXPORTS)}", got=format_name))
        source = part_of(read_directory(directory), frozenset(site or ()), frozenset(contact or ()))
        files = EXPORTS[format_name].files(source)
        if len(files) == 1 and not (output is not None and output.is_dir()):
            ((_, data),) = files.items()
            emit(data, output)
        elif output is None or str(output) == "-":
            raise OutputError(
                f"{format_name}: has {len(files)} files for this plan",
                hint="name a directory with -o, or one contact with --contact",
            )
        else:
            report.write_directory(output, files, force=force)
        if output is not None and str(output) != "-" and not quiet:
            print(f"wrote {output} ({len(files)} {'file' if len(files) == 1 else 'files'})", file=sys.stderr)
