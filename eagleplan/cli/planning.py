"""Commands that make a plan and judge one."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from eagleplan.cli.shell import (
    AsJson,
    Debug,
    PlanDirectory,
    Quiet,
    ScenarioPath,
    Settings,
    command,
    console_on,
    emit,
    progress,
    settings_option,
    warn,
)
from eagleplan.errors import ExitCode, InputError, OutputError

OutputDirectory = Annotated[
    Path | None,
    typer.Option(
        "--output",
        "-o",
        metavar="DIR",
        help="Directory to write; appears whole or not at all.",
        show_default=False,
    ),
]
StartUtc = Annotated[
    datetime | None,
    typer.Option("--start-utc", metavar="UTC", help="Start of the horizon, over the scenario's.", show_default=False),
]
Days = Annotated[
    float | None,
    typer.Option("--days", help="Length of the horizon, over the scenario's.", show_default=False),
]


def register(app: typer.Typer) -> None:
    """Add the commands to the application."""

    @command(app, "plan", example="eagleplan plan examples/eagle1-week.toml -o out/")
    def plan(
        scenario: ScenarioPath,
        output: OutputDirectory = None,
        force: Annotated[bool, typer.Option("--force", help="Replace DIR even if it is not a plan's.")] = False,
        strict: Annotated[bool, typer.Option("--strict", help="Exit 1 if any demand is not met in full.")] = False,
        start_utc: StartUtc = None,
        days: Days = None,
        settings: Settings = None,
        as_json: AsJson = False,
        quiet: Quiet = False,
        debug: Debug = False,
    ) -> None:
        """Plan the week: passes, key, schedule, verification, and every file of the plan.

        Without -o nothing is written and only the summary is shown. --json puts plan.json on stdout in its place.
        """
        from eagleplan import pipeline, report
        from eagleplan.scenario import load_scenario

        if output is not None:
            if str(output) == "-":
                raise OutputError("-: a plan is a directory", hint="--json puts plan.json on stdout")
            report.check_target(output, force=force)
        with progress(quiet=quiet) as show:
            overrides = settings_option(settings)
            loaded = load_scenario(scenario, start_utc=start_utc, days=days, overrides=overrides)
            planned = pipeline.make_plan(loaded, show)
            made = planned.plan
            if output is not None:
                files = pipeline.plan_files(loaded, planned)
                report.write_directory(output, files, force=force)
        if as_json or quiet:
            warn(made.notices)
        if as_json:
            emit(report.plan_json(made), None)
        elif not quiet:
            report.print_summary(made, console_on(sys.stdout))
        if output is not None and not quiet:
            print(f"wrote {output}/ ({', '.join(name for name in files if '/' not in name)})", file=sys.stderr)
        if strict and any(result.met_frac < 1.0 for result in made.demands):
            raise typer.Exit(ExitCode.ANSWER_IS_NO)

    @command(app, "verify", example="eagleplan verify out/")
    def verify(directory: PlanDirectory, quiet: Quiet = False, debug: Debug = False) -> None:
        """Check a stored plan against its own inputs, without the solver. Exit 1 if it is not as it claims."""
        from eagleplan import pipeline
        from eagleplan.operations.outcomes import open_ledger

        with progress(quiet=quiet) as show:
            verdict = pipeline.verify_directory(directory, show)
        broken = [f"violation: {violation}" for violation in verdict.violations]
        try:
            open_ledger(directory)
        except InputError as error:
            broken += [f"violation: V-LEDGER {problem}" for problem in error.problems]
        for line in broken:
            print(line)
        if broken:
            raise typer.Exit(ExitCode.ANSWER_IS_NO)
        if not quiet:
            print(
                f"{directory}: {verdict.name}: {_counted(verdict.n_contacts, 'contact')} and "
                f"{_counted(verdict.n_demands, 'demand')} follow from the inputs"
            )


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
