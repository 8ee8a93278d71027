"""Commands that hold this code against the world: published numbers, independent libraries, logged passes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from eagleplan.cli.rows import Cell, Format, RowsOutput, write_rows
from eagleplan.cli.shell import AsJson, Debug, Quiet, command, emit
from eagleplan.errors import ExitCode

if TYPE_CHECKING:
    from eagleplan.link import CalibrationFit
    from eagleplan.model import ValidationRow

TABLE_COLUMNS = ("case", "published", "ours", "tolerance", "unit", "verdict")


def register(app: typer.Typer) -> None:
    """Add the commands to the application."""

    @command(app, "validate", example="eagleplan validate --scenario examples/eagle1-week.toml -f table")
    def validate(
        scenario: Annotated[
            Path | None,
            typer.Option(
                "--scenario",
                metavar="SCENARIO",
                help="Hold this scenario's passes, frame, Sun and Moon against skyfield and astropy instead.",
                show_default=False,
            ),
        ] = None,
        form: Format = None,
        as_json: AsJson = False,
        output: RowsOutput = None,
        quiet: Quiet = False,
        debug: Debug = False,
    ) -> None:
        """Compute the validation table: this code against published numbers, misses shown.

        With --scenario, independent libraries referee your own satellites and sites, and exit code 1 says that one
        of them disagrees.
        """
        import sys

        if scenario is None:
            from eagleplan.validation import validation_rows

            rows = validation_rows()
        else:
            from eagleplan.passes.referee import referee_rows
            from eagleplan.scenario import load_scenario

            loaded = load_scenario(scenario)
            rows = referee_rows(loaded.satellites, loaded.sites, loaded.horizon)
            for satellite in loaded.satellites:
                if not any(row.case.startswith(f"{satellite.satellite_id}:") for row in rows):
                    # A good verdict must not be read as one on what nobody looked at.
                    print(
                        f"warning: {satellite.satellite_id}: no referee looked at its passes: it has no mean elements, "
                        "or they cannot be propagated",
                        file=sys.stderr,
                    )
        write_rows(
            [_cells(row) for row in rows],
            form=form,
            as_json=as_json,
            output=output,
            table_columns=TABLE_COLUMNS,
        )
        missed = sum(row.verdict == "not reproduced" for row in rows)
        if not quiet:
            print(f"{len(rows)} rows, {len(rows) - missed} within tolerance, {missed} not", file=sys.stderr)
        if scenario is not None and missed:
            raise typer.Exit(ExitCode.ANSWER_IS_NO)

    @command(
        app,
        "calibrate",
        example="eagleplan calibrate log.csv --scenario week.toml --site at-graz",
    )
    def calibrate(
        log: Annotated[
            Path,
            typer.Argument(
                metavar="LOG",
                help="CSV: range_km, elevation_deg, loss_db[, range_rate_km_s].",
                show_default=False,
            ),
        ],
        scenario: Annotated[Path, typer.Option("--scenario", metavar="SCENARIO", help="The budget to correct.")],
        site_id: Annotated[str, typer.Option("--site", metavar="ID", help="The station that logged.")],
        satellite_id: Annotated[
            str | None,
            typer.Option(
                "--satellite", metavar="ID", help="Needed where the scenario has several.", show_default=False
            ),
        ] = None,
        output: RowsOutput = None,
        debug: Debug = False,
    ) -> None:
        """Fit a station's offset and extinction from logged losses, as TOML for the scenario.

        Loss is from the satellite's telescope exit to a detector click. The station's present calibration is set
        aside; uncertainties are one standard deviation and take the samples as independent.
        """
        from eagleplan.errors import InputError, Problem
        from eagleplan.inputs.pass_log import parse_pass_log
        from eagleplan.inputs.text import decode
        from eagleplan.link import calibrate as fit
        from eagleplan.scenario import load_scenario

        try:
            logged = parse_pass_log(decode(log.read_bytes(), str(log)), str(log))
        except OSError as error:
            raise InputError(Problem(path=str(log), message=f"cannot be read: {error.strerror}")) from error
        loaded = load_scenario(scenario)
        site = _named(loaded.sites, "site_id", site_id, "--site")
        satellite = _named(loaded.satellites, "satellite_id", satellite_id, "--satellite")
        try:
            found = fit(
                site,
                satellite.terminal,
                loaded.link,
                range_km=logged.range_km,
                apparent_elevation_deg=logged.elevation_deg,
                measured_loss_db=logged.loss_db,
                range_rate_km_s=logged.range_rate_km_s,
            )
        except ValueError as error:
            raise InputError(Problem(path=str(log), message=str(error))) from error
        emit(_toml(site_id, found).encode(), output)


def _named(things: Sequence[Any], attribute: str, wanted: str | None, option: str) -> Any:
    """The thing of that id, or the only one where none is asked for; raises InputError."""
    from eagleplan.errors import InputError, Problem
    from eagleplan.inputs.suggest import did_you_mean

    ids = [getattr(thing, attribute) for thing in things]
    if wanted is None and len(ids) == 1:
        return things[0]
    if wanted not in ids:
        message = "the scenario has no such id" if wanted else f"is needed: the scenario has {', '.join(ids)}"
        raise InputError(
            Problem(path=option, message=message, got=wanted, hint=did_you_mean(wanted, ids) if wanted else None)
        )
    return things[ids.index(wanted)]


def _toml(site_id: str, found: CalibrationFit) -> str:
    fitted = found.calibration
    return (
        f"# Fitted to {found.n_samples} samples; what is left over has {found.rms_db:.2f} dB root mean square.\n"
        f"[sites.override.{site_id}.calibration]\n"
        f"offset_db = {fitted.offset_db:.4f}\n"
        f"extinction_per_airmass_db = {fitted.extinction_per_airmass_db:.4f}\n"
        f"offset_uncertainty_db = {fitted.offset_uncertainty_db:.4f}\n"
        f"extinction_uncertainty_db = {fitted.extinction_uncertainty_db:.4f}\n"
    )


def _cells(row: ValidationRow) -> dict[str, Cell]:
    return {
        "case": row.case,
        "source": row.source,
        "published": _short(row.published),
        "ours": _short(row.ours),
        "difference": _short(row.difference),
        "tolerance": _short(row.tolerance),
        "unit": row.unit,
        "verdict": row.verdict,
        "note": row.note,
    }


def _short(value: float) -> float:
    """Seven digits: more than any source prints, and the same on every machine."""
    return float(f"{value:.7g}")
