"""The command that shows a stored plan in the terminal: as a timeline, or as a page for the control room."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from eagleplan.cli.shell import Debug, ManySatellites, ManySites, PlanDirectory, command, console_on, emit, utc_option
from eagleplan.errors import EagleplanError, InputError, Problem

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

    from eagleplan.report.evenings import Choice

MIN_WIDTH = 60
"""Narrower terminals wrap: the numbers would have no room."""


class LineOf(StrEnum):
    """What a line of the timeline is for."""

    SITE = "site"
    SATELLITE = "satellite"


def register(app: typer.Typer) -> None:
    """Add the command to the application."""

    @command(app, "show", example="eagleplan show out/ --night 2026-12-01 --at 2026-12-01T20:00:00Z")
    def show(
        directory: PlanDirectory,
        at: Annotated[
            str | None,
            typer.Option("--at", metavar="UTC", help="As if it were this instant.  [default: now]", show_default=False),
        ] = None,
        night: Annotated[
            str | None,
            typer.Option(
                "--night", metavar="DATE", help="Only the night that begins on this date.", show_default=False
            ),
        ] = None,
        site: ManySites = None,
        satellite: ManySatellites = None,
        by: Annotated[LineOf, typer.Option("--by", help="What a line is for.")] = LineOf.SITE,
        local: Annotated[
            bool, typer.Option("--local", help="Civil time of each site, with its zone, besides or in place of UTC.")
        ] = False,
        watch: Annotated[
            bool, typer.Option("--watch", "-w", help="Stay, and show what is on and what comes next, until Ctrl-C.")
        ] = False,
        every_s: Annotated[
            float, typer.Option("--every", metavar="SECONDS", min=1.0, help="How often --watch draws anew.")
        ] = 1.0,
        as_json: Annotated[bool, typer.Option("--json", help="What is on and what comes next, for machines.")] = False,
        debug: Debug = False,
    ) -> None:
        """Show a stored plan in the terminal: nights, windows and contacts, what comes next, how far demand is met.

        With --watch it is a page for the control room: the contact that is on, a countdown to the next, where to point,
        where to turn under cloud, what was reported. A new plan in DIR, or new outcomes, appear by themselves.
        """
        from eagleplan.operations.board import read_board
        from eagleplan.report.agenda import agenda
        from eagleplan.report.evenings import Choice, check_choice
        from eagleplan.report.situation import situation, situation_json

        _refuse(night=night is not None, watch=watch, as_json=as_json)
        begun = time.monotonic()
        at_utc = utc_option("--at", at) or datetime.now(UTC)
        board = read_board(directory)
        choice = Choice(
            site_ids=frozenset(site or ()),
            satellite_ids=frozenset(satellite or ()),
            night=night,
            by="satellite" if by is LineOf.SATELLITE else "site",
            is_local=local,
        )
        check_choice(board.index, choice)
        if watch:
            # The clock that --at sets runs on from when the command was given.
            clock = lambda: at_utc + timedelta(seconds=time.monotonic() - begun)  # noqa: E731
            _watch_on(console_on(sys.stdout), directory, clock, every_s, choice)
            return
        at_s = board.index.plan.horizon.seconds(at_utc)
        n_coming = len(board.index.contacts) if as_json else 3
        now = situation(
            board.index,
            board.ways,
            at_s,
            traces=board.traces,
            reports=board.reports,
            takes=choice.takes,
            n_coming=n_coming,
        )
        if as_json:
            emit(situation_json(board.index, now), None)
            return
        console = console_on(sys.stdout)
        console.print(agenda(board.index, choice, now, max(console.width, MIN_WIDTH)))


def _refuse(*, night: bool, watch: bool, as_json: bool) -> None:
    """Raises InputError for options that are of now and of a night, or want two pages at once."""
    pairs = (
        (watch and as_json, "--json", "--watch"),
        (night and watch, "--night", "--watch"),
        (night and as_json, "--night", "--json"),
    )
    problems = [Problem(path=one, message=f"cannot be with {other}") for both, one, other in pairs if both]
    if problems:
        raise InputError(problems)


def _watch_on(console: Console, directory: Path, clock: Callable[[], datetime], every_s: float, choice: Choice) -> None:
    """Watch on a terminal, which is given back as it was; to anything else the pages go one below the other."""
    if not console.is_terminal or console.is_dumb_terminal:

        def append(page: RenderableType) -> None:
            console.print(page)
            console.print()
            console.file.flush()

        watch_directory(directory, append, clock, time.sleep, every_s, choice, width=lambda: console.width)
        return
    from rich.live import Live

    with Live(console=console, screen=True, auto_refresh=False) as live:
        watch_directory(
            directory,
            lambda page: live.update(page, refresh=True),
            clock,
            time.sleep,
            every_s,
            choice,
            width=lambda: console.width,
        )


def watch_directory(
    directory: Path,
    draw: Callable[[RenderableType], None],
    clock: Callable[[], datetime],
    wait: Callable[[float], None],
    every_s: float,
    choice: Choice,
    *,
    width: Callable[[], int],
) -> None:
    """Draw the control room's page at `clock`'s instants, and `wait` between, until either raises.

    When the directory changes it is read again, and the page says so. While it cannot be read, because a new plan is
    just being put in its place, the old one stays. Raises InputError if it cannot be read at first.
    """
    from eagleplan.operations.board import edition_of, news, read_board
    from eagleplan.report.situation import situation
    from eagleplan.report.watch import control_room

    board = read_board(directory)
    messages: list[str] = []
    failure = ""
    while True:
        at_utc = clock().replace(microsecond=0)
        if edition_of(directory) != board.edition:
            try:
                fresh = read_board(directory)
            except EagleplanError as error:
                failure = f"{directory} cannot be read now, so this is the plan as it was: {error}"
            else:
                messages.append(f"{at_utc:%H:%M:%S} UTC: {news(board, fresh)}")
                board, failure = fresh, ""
        at_s = board.index.plan.horizon.seconds(at_utc)
        now = situation(board.index, board.ways, at_s, traces=board.traces, reports=board.reports, takes=choice.takes)
        said = [*messages, failure] if failure else messages
        draw(control_room(board.index, now, max(width(), MIN_WIDTH), is_local=choice.is_local, messages=said))
        # Pages fall on whole multiples of the wait, so that a countdown shows every second once.
        wait(every_s - clock().timestamp() % every_s)
