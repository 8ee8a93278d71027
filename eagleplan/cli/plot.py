"""The command that draws a single figure from a stored plan."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from eagleplan.cli.shell import Debug, ManySatellites, ManySites, PlanDirectory, Quiet, command, emit, utc_option
from eagleplan.errors import InputError, Problem

if TYPE_CHECKING:
    from datetime import datetime

    from eagleplan.model import Plan
    from eagleplan.report.exports import Source
    from eagleplan.report.plots import Form


class Kind(StrEnum):
    """What is drawn."""

    TIMELINE = "timeline"
    MAP = "map"
    SKY = "sky"
    DEMAND = "demand"


_PARTS = {
    Kind.TIMELINE: {"--site", "--satellite", "--from", "--to"},
    Kind.MAP: {"--site", "--satellite", "--from", "--to"},
    Kind.SKY: set[str](),
    Kind.DEMAND: set[str](),
}
"""The options that choose a part of the plan, and the figures to which they say something."""


_INSTANT = "%Y-%m-%dT%H:%M:%SZ"


def register(app: typer.Typer) -> None:
    """Add the command to the application."""

    @command(app, "plot", example="eagleplan plot out/ timeline -o timeline.pdf")
    def plot(
        directory: PlanDirectory,
        kind: Annotated[
            Kind,
            typer.Argument(metavar="FIGURE", help="timeline, map, sky (of one contact) or demand.", show_default=False),
        ],
        contact: Annotated[
            str | None,
            typer.Argument(metavar="[CONTACT]", help="The contact whose sky is drawn.", show_default=False),
        ] = None,
        output: Annotated[
            Path | None,
            typer.Option(
                "--output", "-o", metavar="FILE", help="File to write; - or nothing: stdout.", show_default=False
            ),
        ] = None,
        form: Annotated[
            str | None,
            typer.Option(
                "--format",
                "-f",
                metavar="FORMAT",
                help="png, svg or pdf.  [default: what FILE ends in; svg on stdout]",
                show_default=False,
            ),
        ] = None,
        dpi: Annotated[int, typer.Option("--dpi", min=50, max=600, help="Dots in an inch of a PNG.")] = 200,
        site: ManySites = None,
        satellite: ManySatellites = None,
        since: Annotated[
            str | None,
            typer.Option(
                "--from", metavar="UTC", help="Only what begins at or after this instant.", show_default=False
            ),
        ] = None,
        until: Annotated[
            str | None,
            typer.Option("--to", metavar="UTC", help="Only what begins before then.", show_default=False),
        ] = None,
        quiet: Quiet = False,
        debug: Debug = False,
    ) -> None:
        """Draw one figure of a stored plan, for a slide or a paper: PNG, SVG or PDF.

        Nothing is computed anew, and the same plan gives the same bytes. The colours can be told apart by colour-blind
        readers. --site, --satellite, --from and --to narrow the timeline and the map.
        """
        from eagleplan.pipeline.reading import read_directory
        from eagleplan.report.plots import narrowed

        given = {"--site": site, "--satellite": satellite, "--from": since, "--to": until}
        _check(kind, contact, {name for name, value in given.items() if value})
        shape = _form(form, output, dpi)
        from_utc, to_utc = utc_option("--from", since), utc_option("--to", until)
        source = read_directory(directory)
        _check_ids(source.plan, site or (), satellite or (), contact)
        _check_span(source.plan, from_utc, to_utc)
        part = narrowed(
            source.plan,
            site_ids=frozenset(site or ()),
            satellite_ids=frozenset(satellite or ()),
            from_utc=from_utc,
            to_utc=to_utc,
        )
        emit(_drawn(kind, source, part, contact, shape), output)
        if output is not None and str(output) != "-" and not quiet:
            print(f"wrote {output}", file=sys.stderr)


def _drawn(kind: Kind, source: Source, part: Plan, contact: str | None, form: Form) -> bytes:
    from eagleplan.report import plots

    if kind is Kind.TIMELINE:
        return plots.timeline_figure(part, form)
    if kind is Kind.DEMAND:
        return plots.demand_figure(part, form)
    if kind is Kind.MAP:
        kept = {chosen.contact_id for chosen in part.contacts}
        return plots.map_figure(part, [trace for trace in source.traces if trace.contact_id in kept], form)
    assert contact is not None, "asked for above"
    return plots.sky_figure(part, source.traces, contact, form)


def _check(kind: Kind, contact: str | None, given: set[str]) -> None:
    """Raises InputError for a sky without a contact, and for what says nothing to a figure."""
    problems = [
        Problem(path=option, message=f"says nothing to a {kind} figure") for option in sorted(given - _PARTS[kind])
    ]
    if kind is Kind.SKY and contact is None:
        hint = "its id stands in contacts.csv: eagleplan plot DIR sky CONTACT"
        problems.append(Problem(path="CONTACT", message="a sky is that of one contact: name it", hint=hint))
    if kind is not Kind.SKY and contact is not None:
        problems.append(Problem(path="CONTACT", message=f"says nothing to a {kind} figure", got=contact))
    if problems:
        raise InputError(problems)


def _form(name: str | None, output: Path | None, n_dpi: int) -> Form:
    """The format that is named, or else what the file ends in; raises InputError where that is none."""
    from eagleplan.report.plots import FORMS, Form

    to_file = output is not None and str(output) != "-"
    wanted = name or (output.suffix.lstrip(".").lower() if to_file and output is not None else "svg")
    for form in FORMS:
        if form == wanted:
            return Form(name=form, n_dpi=n_dpi)
    listed = f"{', '.join(FORMS[:-1])} or {FORMS[-1]}"
    if name is None:
        hint = f"name the file with a suffix, as in {(output or Path('figure')).stem}.{FORMS[0]}, or use --format"
        raise InputError(Problem(path="--output", message=f"must end in {listed}", got=str(output), hint=hint))
    raise InputError(Problem(path="--format", message=f"must be {listed}", got=name))


def _check_span(plan: Plan, from_utc: datetime | None, to_utc: datetime | None) -> None:
    """Raises InputError where nothing of the horizon lies between two instants."""
    horizon = plan.horizon
    problems = []
    if from_utc is not None and to_utc is not None and from_utc >= to_utc:
        problems.append(Problem(path="--to", message="must be later than --from", got=f"{to_utc:{_INSTANT}}"))
    span = f"the plan's horizon is {horizon.start_utc:{_INSTANT}} to {horizon.end_utc:{_INSTANT}}"
    if from_utc is not None and from_utc >= horizon.end_utc:
        problems.append(
            Problem(path="--from", message="is not before the plan's end", got=f"{from_utc:{_INSTANT}}", hint=span)
        )
    if to_utc is not None and to_utc <= horizon.start_utc:
        problems.append(
            Problem(path="--to", message="is not after the plan's start", got=f"{to_utc:{_INSTANT}}", hint=span)
        )
    if problems:
        raise InputError(problems)


def _check_ids(plan: Plan, sites: Sequence[str], satellites: Sequence[str], contact: str | None) -> None:
    """Raises InputError with every id that the plan does not have."""
    from eagleplan.inputs.suggest import unknown_names

    contacts = {chosen.contact_id for chosen in plan.contacts}
    asked: tuple[tuple[str, str, Sequence[str], set[str]], ...] = (
        ("--site", "is no site of the plan", sites, {site.site_id for site in plan.sites}),
        ("--satellite", "is no satellite of the plan", satellites, {s.satellite_id for s in plan.satellites}),
        ("CONTACT", "is no chosen contact of the plan", [contact] if contact else (), contacts),
    )
    problems = [problem for one in asked for problem in unknown_names(*one)]
    if problems:
        raise InputError(problems)
