"""Commands that look around: stations, satellites, passes, and what each pass is worth."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from eagleplan.cli.rows import Cell, Format, RowFormat, RowsOutput, chosen_format, write_rows
from eagleplan.cli.shell import AsJson, Debug, Quiet, ScenarioPath, command, progress, warn

if TYPE_CHECKING:
    from eagleplan.cli.budget_rows import PassBudget
    from eagleplan.pipeline import Assessment
    from eagleplan.scenario import Scenario

OptionalScenario = Annotated[
    Path | None,
    typer.Argument(metavar="[SCENARIO]", help="Show this scenario's instead of all known.", show_default=False),
]


def register(app: typer.Typer) -> None:
    """Add the commands to the application."""

    @command(app, "sites", example="eagleplan sites -f table")
    def sites(
        scenario: OptionalScenario = None,
        form: Format = None,
        as_json: AsJson = False,
        output: RowsOutput = None,
        debug: Debug = False,
    ) -> None:
        """List optical ground stations: the packaged catalogue, or those of a scenario with what it sets."""
        columns = ("site_id", "name", "country", "latitude_deg", "longitude_deg", "altitude_m", "status")
        rows = _catalogue() if scenario is None else _scenario_sites(scenario)
        write_rows(rows, form=form, as_json=as_json, output=output, table_columns=columns)

    @command(app, "passes", example="eagleplan passes examples/eagle1-week.toml -f csv -o passes.csv")
    def passes(
        scenario: ScenarioPath,
        local: Annotated[bool, typer.Option("--local", help="Add the site's local time, in labelled columns.")] = False,
        form: Format = None,
        as_json: AsJson = False,
        output: RowsOutput = None,
        quiet: Quiet = False,
        debug: Debug = False,
    ) -> None:
        """List every pass and its windows, with the constraint that bounds or takes them.

        One row a window; a pass without a window has one row that names what took it. Times are UTC.
        """
        from eagleplan.cli.pass_rows import COLUMNS, pass_rows
        from eagleplan.passes import find_passes
        from eagleplan.scenario import load_scenario

        loaded = load_scenario(scenario, with_link=False)
        with progress(quiet=quiet) as show:
            search = find_passes(
                loaded.satellites,
                loaded.sites,
                loaded.horizon,
                loaded.constraints,
                lambda done, total: show("passes", done / total),
            )
        warn((*loaded.notices, *search.notices))
        columns = ("pass_id", "rise_utc", "set_utc", "max_elevation_deg", "window_start_utc", "bounds")
        write_rows(
            pass_rows(search, local=local),
            form=form,
            as_json=as_json,
            output=output,
            table_columns=columns,
            columns=COLUMNS,
        )

    @command(app, "budget", example="eagleplan budget examples/eagle1-week.toml -f csv")
    def budget(
        scenario: ScenarioPath,
        pass_id: Annotated[
            str | None,
            typer.Option("--pass", metavar="ID", help="Loss term by term along this pass.", show_default=False),
        ] = None,
        p_below: Annotated[
            float,
            typer.Option("--p-below", metavar="SHARE", help="With --pass: share of the time beyond a fade (to 0.3)."),
        ] = 0.01,
        form: Format = None,
        as_json: AsJson = False,
        output: RowsOutput = None,
        quiet: Quiet = False,
        debug: Debug = False,
    ) -> None:
        """Show the loss and the secret key of every contact, or of one pass along its way.

        Loss counts from the satellite's telescope exit (the transmitter's truncation is not counted) to a detector
        click; terms are means, `fade_p01` is exceeded 1 % of the time (--p-below). With --pass, a table shows the
        start, the highest elevation and the end; csv and json hold every second.
        """
        from eagleplan import pipeline
        from eagleplan.cli.budget_rows import contact_rows
        from eagleplan.errors import InputError, Problem
        from eagleplan.link import REFERENCE_PLANE
        from eagleplan.link.fades import COMMONEST_FADE
        from eagleplan.scenario import load_scenario

        if not 0.0 < p_below <= COMMONEST_FADE:
            raise InputError(
                Problem(path="--p-below", message=f"must be > 0 and <= {COMMONEST_FADE:g}", got=f"{p_below:g}")
            )
        loaded = load_scenario(scenario)
        with progress(quiet=quiet) as show:
            assessment = pipeline.assess(loaded, show)
        warn(assessment.notices)
        if pass_id is None:
            columns = (
                "contact_id",
                "duration_s",
                "max_elevation_deg",
                "mean_loss_db",
                "qber_frac",
                "secret_bits",
            )
            write_rows(
                contact_rows(assessment),
                form=form,
                as_json=as_json,
                output=output,
                title=f"Loss from {REFERENCE_PLANE}",
                table_columns=columns,
            )
            return
        found = _pass_budget(loaded, assessment, pass_id, p_below)
        as_table = chosen_format(form, as_json=as_json, output=output) is RowFormat.TABLE
        rows = found.table_rows() if as_table else found.second_rows()
        write_rows(rows, form=form, as_json=as_json, output=output)

    @command(app, "satellites", example="eagleplan satellites examples/eagle1-week.toml")
    def satellites(
        scenario: OptionalScenario = None,
        form: Format = None,
        as_json: AsJson = False,
        output: RowsOutput = None,
        debug: Debug = False,
    ) -> None:
        """List satellites: the packaged elements, or those of a scenario, with their orbits and their age."""
        from eagleplan.cli.satellite_rows import catalogue_rows, scenario_rows

        rows, notices = catalogue_rows() if scenario is None else scenario_rows(scenario)
        warn(notices)
        columns = ("name", "catalog_id", "epoch_utc", "age_days", "altitude_km", "inclination_deg", "ltan")
        write_rows(rows, form=form, as_json=as_json, output=output, table_columns=columns)


def _pass_budget(loaded: Scenario, assessment: Assessment, pass_id: str, p_below: float) -> PassBudget:
    from eagleplan import pipeline
    from eagleplan.cli.budget_rows import PassBudget, missing_pass

    chosen = [i for i, contact in enumerate(assessment.contacts) if pass_id in (contact.pass_id, contact.contact_id)]
    if not chosen:
        raise missing_pass(assessment, pass_id)
    return PassBudget(
        horizon=loaded.horizon,
        contact_ids=tuple(assessment.contacts[i].contact_id for i in chosen),
        profiles=tuple(assessment.profiles[i] for i in chosen),
        budgets=tuple(assessment.budgets[i] for i in chosen),
        fades_db=pipeline.fades(loaded, assessment, chosen, p_below=p_below),
        p_below=p_below,
    )


def _catalogue() -> list[dict[str, Cell]]:
    from eagleplan.inputs.priors import parse_priors
    from eagleplan.inputs.sites import parse_sites
    from eagleplan.inputs.text import decode
    from eagleplan.resources import data_path

    path = data_path("ogs_sites.csv")
    priors_path = data_path("site_cloud_priors.csv")
    priors = parse_priors(decode(priors_path.read_bytes(), str(priors_path)), str(priors_path))
    return [
        {
            "site_id": entry.site_id,
            "name": entry.name,
            "country": entry.country,
            "latitude_deg": entry.latitude_deg,
            "longitude_deg": entry.longitude_deg,
            "altitude_m": entry.altitude_m,
            "aperture_m": entry.aperture_m,
            "status": entry.status,
            "min_elevation_deg": entry.min_elevation_deg,
            "time_zone": entry.time_zone,
            "p_clear_zenith_annual": priors.get(entry.site_id),
            "source": entry.source,
        }
        for entry in parse_sites(decode(path.read_bytes(), str(path)), str(path))
    ]


def _scenario_sites(scenario: Path) -> list[dict[str, Cell]]:
    from eagleplan.scenario import load_scenario

    loaded = load_scenario(scenario)
    warn(loaded.notices)
    return [
        {
            "site_id": site.site_id,
            "name": site.name,
            "country": site.country,
            "latitude_deg": site.latitude_deg,
            "longitude_deg": site.longitude_deg,
            "altitude_m": site.altitude_m,
            "aperture_m": site.aperture_m,
            "status": site.status,
            "min_elevation_deg": site.min_elevation_deg,
            "max_sun_elevation_deg": site.max_sun_elevation_deg,
            "time_zone": site.time_zone,
            "receiver_id": site.receiver.receiver_id,
            "p_clear_zenith_annual": site.p_clear_zenith_annual,
        }
        for site in loaded.sites
    ]
