"""Commands of the days after the plan: outcomes, re-plans, differences."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from eagleplan.operations.batch import WeekResult

from eagleplan.cli.diff_rows import write_difference
from eagleplan.cli.rows import Format, RowFormat, RowsOutput, chosen_format, write_rows
from eagleplan.cli.shell import (
    AsJson,
    Debug,
    PlanDirectory,
    Quiet,
    ScenarioPath,
    Settings,
    command,
    pairs_option,
    progress,
    read_input,
    settings_option,
    utc_option,
    warn,
)
from eagleplan.errors import ExitCode
from eagleplan.operations import PRICE_FRAC

WEEK_COLUMNS = (
    "week",
    "status",
    "n_contacts",
    "wanted_bits",
    "delivered_bits",
    "solver_status",
    "n_outcomes",
    "stock_bits",
)
OutcomesFile = Annotated[
    Path | None,
    typer.Argument(
        metavar="[FILE]",
        help="CSV: contact_id, status (done, clouded, technical, cancelled) [, sifted_bits, qber_frac, secret_bits,"
        " comment]. - is stdin. Left out, nothing new is known.",
        show_default=False,
    ),
]
AsOf = Annotated[
    str | None,
    typer.Option(
        "--as-of",
        metavar="UTC",
        help="Settle up to this instant. Default: the end of the last contact reported.",
        show_default=False,
    ),
]


def week_line(result: WeekResult) -> str:
    """One week, as it comes."""
    if result.status == "failed":
        return f"{result.week} failed: {result.message}"
    said = {
        "changed": f", its inputs have changed since: {result.message}",
        "there": ", was there already",
        "replanned": ", a re-plan",
    }
    met = 100 * result.delivered_bits / result.wanted_bits if result.wanted_bits else 100.0
    return f"{result.week} {result.n_contacts} contacts, {met:.1f} % of the key wanted{said.get(result.status, '')}"


def register(app: typer.Typer) -> None:
    """Add the commands to the application."""

    @command(app, "outcomes", example="eagleplan outcomes out/ outcomes.csv")
    def outcomes(
        directory: PlanDirectory,
        file: OutcomesFile = None,
        as_of: AsOf = None,
        stocks: Annotated[bool, typer.Option("--stocks", help="Show what became of each edge's key.")] = False,
        form: Format = None,
        as_json: AsJson = False,
        output: RowsOutput = None,
        debug: Debug = False,
    ) -> None:
        """Book what became of contacts, and say how far each demand has come.

        The ledger lies in DIR/operations/ledger.csv and is only ever added to: the same file twice changes nothing, a
        corrected row is booked as a correction.
        """
        from eagleplan.operations.outcomes import LEDGER, record_outcomes

        table = None if file is None else read_input(file)
        books = record_outcomes(directory, table, as_of_utc=utc_option("--as-of", as_of))
        rows: list[dict[str, str | int | float | None]]
        if stocks:
            rows = [
                {
                    "end_a": ends[0],
                    "end_b": ends[1],
                    "opening_bits": balance.opening_bits,
                    "produced_bits": balance.produced_bits,
                    "delivered_bits": balance.delivered_bits,
                    "expired_bits": balance.expired_bits,
                    "discarded_bits": balance.discarded_bits,
                    "withdrawn_bits": balance.withdrawn_bits,
                    "stock_bits": balance.stock_bits,
                }
                for ends, balance in books.balances.items()
            ]
        else:
            rows = [
                {
                    "demand_id": met.demand_id,
                    "wanted_bits": met.wanted_bits,
                    "planned_bits": met.planned_bits,
                    "delivered_bits": met.delivered_bits,
                    "ready_bits": met.ready_bits,
                    "met_frac": round(met.met_frac, 6),
                }
                for met in books.demands
            ]
        write_rows(rows, form=form, as_json=as_json, output=output)
        print(
            f"{books.n_known} of {books.n_contacts} contacts known, settled up to "
            f"{books.as_of_utc:%Y-%m-%dT%H:%M:%SZ}; "
            f"{books.n_booked} {'line' if books.n_booked == 1 else 'lines'} added to {directory / LEDGER}",
            file=sys.stderr,
        )

    @command(
        app,
        "replan",
        example="eagleplan replan out/ --now 2026-12-02T06:00:00Z --outcomes outcomes.csv -o out-wednesday/",
    )
    def replan(
        directory: PlanDirectory,
        now: Annotated[
            str, typer.Option("--now", metavar="UTC", help="The instant from which is planned.", show_default=False)
        ],
        output: Annotated[
            Path,
            typer.Option("--output", "-o", metavar="DIR", help="Directory of the new plan.", show_default=False),
        ],
        freeze_hours: Annotated[
            float,
            typer.Option("--freeze-hours", min=0.0, max=9600.0, help="What starts within so many hours stays."),
        ] = 12.0,
        outcomes: Annotated[
            Path | None,
            typer.Option("--outcomes", metavar="FILE", help="What became of contacts.", show_default=False),
        ] = None,
        forecast: Annotated[
            list[Path] | None,
            typer.Option("--forecast", metavar="FILE", help="A newer forecast; may be repeated.", show_default=False),
        ] = None,
        elements: Annotated[
            list[str] | None,
            typer.Option("--elements", metavar="SATELLITE=FILE", help="Newer elements.", show_default=False),
        ] = None,
        calendar: Annotated[
            list[str] | None,
            typer.Option("--calendar", metavar="SITE=FILE", help="A station's new calendar.", show_default=False),
        ] = None,
        settings: Settings = None,
        drop_price: Annotated[
            float, typer.Option("--drop-price", min=0.0, max=1.0, help="What leaving a contact out must bring.")
        ] = PRICE_FRAC,
        retime_price: Annotated[
            float, typer.Option("--retime-price", min=0.0, max=1.0, help="What changing its times must bring.")
        ] = PRICE_FRAC,
        add_price: Annotated[
            float, typer.Option("--add-price", min=0.0, max=1.0, help="What a new contact must bring.")
        ] = PRICE_FRAC,
        force: Annotated[
            bool, typer.Option("--force", help="Replace the new directory even if it is no plan's.")
        ] = False,
        quiet: Quiet = False,
        debug: Debug = False,
    ) -> None:
        """Plan anew from a plan: what is past or frozen stays, and every change to the rest must be worth its price.

        Outcomes that `eagleplan outcomes` booked are known. Prices are fractions of the most that the plan's first
        objective of key can reach. Passes and contacts keep their ids under new elements, and calendars follow.
        """
        from eagleplan.operations.diff import difference
        from eagleplan.operations.outcomes import open_plan
        from eagleplan.operations.replan import News, write_replan
        from eagleplan.report import claims_of

        now_utc = utc_option("--now", now)
        if now_utc is None:
            raise AssertionError("an option without a default has a value")
        news = News(
            now_utc=now_utc,
            freeze_hours=freeze_hours,
            outcomes=outcomes,
            forecasts=tuple(forecast or ()),
            elements=pairs_option("--elements", elements),
            calendars=pairs_option("--calendar", calendar),
            drop_price_frac=drop_price,
            retime_price_frac=retime_price,
            add_price_frac=add_price,
            settings=settings_option(settings),
        )
        with progress(quiet=quiet) as show:
            plan = write_replan(directory, news, output, force=force, progress=show)
        warn(plan.notices)
        if not quiet:
            write_difference(difference(open_plan(directory).claims, claims_of(plan)))
            print(f"wrote {output}/", file=sys.stderr)

    @command(app, "diff", example="eagleplan diff out/ wednesday/")
    def diff(
        before: PlanDirectory,
        after: Annotated[Path, typer.Argument(metavar="DIR2", help="Directory of the later plan.", show_default=False)],
        demands: Annotated[bool, typer.Option("--demands", help="Rows of demands in place of contacts.")] = False,
        form: Format = None,
        as_json: AsJson = False,
        output: RowsOutput = None,
        debug: Debug = False,
    ) -> None:
        """Say what changed between two plans: contacts added, removed, moved, and what each demand gains or loses.

        On a terminal both; in a pipe or file the rows of contacts, or with --demands of demands.
        """
        from eagleplan.cli.diff_rows import contact_rows, demand_rows
        from eagleplan.operations.diff import difference
        from eagleplan.operations.outcomes import open_plan

        found = difference(open_plan(before).claims, open_plan(after).claims)
        if chosen_format(form, as_json=as_json, output=output) is RowFormat.TABLE and not demands and output is None:
            write_difference(found)
            return
        rows = demand_rows(found) if demands else contact_rows(found)
        write_rows(rows, form=form, as_json=as_json, output=output)

    @command(app, "batch", example="eagleplan batch examples/eagle1-week.toml --from 2026-W49 --weeks 8 -o schedules/")
    def batch(
        scenario: ScenarioPath,
        first: Annotated[
            str, typer.Option("--from", metavar="WEEK", help="First ISO week, such as 2026-W49.", show_default=False)
        ],
        weeks: Annotated[int, typer.Option("--weeks", min=1, max=520, help="How many.")],
        output: Annotated[
            Path, typer.Option("--output", "-o", metavar="DIR", help="Folder of the plans.", show_default=False)
        ],
        elements: Annotated[
            list[str] | None,
            typer.Option("--elements", metavar="SATELLITE=FOLDER", help="Element files.", show_default=False),
        ] = None,
        forecasts: Annotated[
            Path | None,
            typer.Option(
                "--forecasts",
                metavar="FOLDER",
                help="Forecast files with the instant of their run in the name.",
                show_default=False,
            ),
        ] = None,
        outcomes: Annotated[
            Path | None,
            typer.Option(
                "--outcomes", metavar="FOLDER", help="Outcome tables such as 2026-W49.csv.", show_default=False
            ),
        ] = None,
        lead_hours: Annotated[
            float,
            typer.Option("--lead-hours", min=0.0, max=9600.0, help="How long before it begins a week is planned."),
        ] = 12.0,
        settings: Settings = None,
        update: Annotated[
            bool, typer.Option("--update", help="Plan weeks again whose inputs have changed since.")
        ] = False,
        stop_on_error: Annotated[bool, typer.Option("--stop-on-error", help="End at the first failing week.")] = False,
        jobs: Annotated[int, typer.Option("--jobs", "-j", min=1, max=64, help="Processes that look ahead.")] = 1,
        form: Format = None,
        as_json: AsJson = False,
        quiet: Quiet = False,
        debug: Debug = False,
    ) -> None:
        """Plan week after week, with key carried over; what is there already stays, and an interrupted run goes on.

        Each ISO week (Monday, 00:00 UTC) becomes DIR/WEEK. Key left over opens the next week: by the outcomes that are
        known, and by the plan's expectation where none are. The newest elements and forecast from before a week's
        planning are used. A failing week is noted in DIR/failed and does not stop the rest. Exit 1 if any failed.
        """
        from eagleplan.operations.batch import Batch, run_batch
        from eagleplan.operations.weeks import weeks_from

        found = run_batch(
            Batch(
                scenario=scenario,
                weeks=weeks_from(first, weeks),
                directory=output,
                elements=pairs_option("--elements", elements),
                forecasts=forecasts,
                outcomes=outcomes,
                lead_hours=lead_hours,
                settings=settings_option(settings),
                update=update,
                stop_on_error=stop_on_error,
                n_jobs=jobs,
            ),
            lambda result: None if quiet else print(week_line(result), file=sys.stderr),
        )
        rows = [{name: getattr(result, name) for name in result.__slots__} for result in found]
        write_rows(rows, form=form, as_json=as_json, table_columns=WEEK_COLUMNS)
        if any(result.status == "failed" for result in found):
            raise typer.Exit(ExitCode.ANSWER_IS_NO)
