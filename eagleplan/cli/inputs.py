"""Commands around a scenario's files: start one, check one."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from eagleplan.cli.shell import Debug, Quiet, ScenarioPath, command

EXAMPLE_FILES = ("eagle1-week.toml", "eagle1-week-demand.csv")


def register(app: typer.Typer) -> None:
    """Add the commands to the application."""

    @command(app, "init", example="eagleplan init my-week && eagleplan plan my-week/eagle1-week.toml -o out/")
    def init(
        directory: Annotated[Path, typer.Argument(metavar="DIR", help="Directory to make.", show_default=False)],
        debug: Debug = False,
    ) -> None:
        """Start: copy the commented example scenario and its demand into a directory of your own."""
        from eagleplan.errors import OutputError
        from eagleplan.resources import example_path

        there = [name for name in EXAMPLE_FILES if (directory / name).exists()]
        if there:
            raise OutputError(
                f"{directory / there[0]}: exists already",
                hint="choose another directory; nothing was written",
            )
        try:
            directory.mkdir(parents=True, exist_ok=True)
            for name in EXAMPLE_FILES:
                (directory / name).write_bytes(example_path(name).read_bytes())
        except OSError as error:
            raise OutputError(f"{directory}: cannot be written: {error.strerror}") from error
        print(f"wrote {', '.join(str(directory / name) for name in EXAMPLE_FILES)}", file=sys.stderr)
        print(f"now: eagleplan plan {directory / EXAMPLE_FILES[0]} -o out/", file=sys.stderr)

    @command(app, "check", example="eagleplan check examples/eagle1-week.toml")
    def check(scenario: ScenarioPath, quiet: Quiet = False, debug: Debug = False) -> None:
        """Read and validate a scenario and every file it names; compute nothing."""
        from eagleplan.scenario import load_scenario

        loaded = load_scenario(scenario)
        for notice in loaded.notices:
            print(f"warning: {notice.notice_id}: {notice.subject}: {notice.message}", file=sys.stderr)
        if quiet:
            return
        wanted = sum(demand.bits for demand in loaded.demands)
        print(f"{scenario}: {loaded.name}")
        print(f"  horizon     {loaded.horizon.start_utc:%Y-%m-%dT%H:%M:%SZ}, {loaded.horizon.days:g} days")
        print(f"  satellites  {len(loaded.satellites)}")
        print(f"  sites       {len(loaded.sites)} in {len({site.country for site in loaded.sites})} countries")
        print(f"  demands     {len(loaded.demands)}, {wanted:,} bits")
        print(f"  files       {len(loaded.inputs)}")
        print(f"  assumed     {len(loaded.assumptions)} values")
