"""The command that holds clear probabilities against what the sky did."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from eagleplan.cli.rows import Cell, Format, RowsOutput, write_rows
from eagleplan.cli.shell import AsJson, Debug, Quiet, command, read_input

if TYPE_CHECKING:
    from eagleplan.inputs.outcomes import Outcome
    from eagleplan.model import ContactClaim
    from eagleplan.weather.score import Scored

TABLE_COLUMNS = ("by", "group", "p_range", "n_contacts", "p_mean", "clear_frac", "p_low", "p_high", "brier", "skill")


def register(app: typer.Typer) -> None:
    """Add the command to the application."""

    @command(app, "score", example="eagleplan score out/ outcomes.csv")
    def score(
        plan: Annotated[
            Path,
            typer.Argument(
                metavar="DIR",
                help="Directory that `eagleplan plan` wrote, or one that holds several of them.",
                show_default=False,
            ),
        ],
        outcomes: Annotated[
            Path,
            typer.Argument(
                metavar="OUTCOMES",
                help="CSV: contact_id, status[, sifted_bits, qber_frac, secret_bits, comment].",
                show_default=False,
            ),
        ],
        n_bins: Annotated[int, typer.Option("--bins", min=1, max=100, metavar="N", help="Classes of probability.")] = 5,
        form: Format = None,
        as_json: AsJson = False,
        output: RowsOutput = None,
        quiet: Quiet = False,
        debug: Debug = False,
    ) -> None:
        """Score the clear probabilities of a plan against what the sky did: Brier score, skill, reliability.

        By site and by the lead time of the forecast. A status is done, clouded, technical or cancelled; the last two
        say nothing of the sky and do not count. Skill is over climatology: above 0 the forecasts were worth having.
        Where a probability is honest, the interval from p_low to p_high of its row holds p_mean 19 times of 20.
        """
        import sys

        from eagleplan.errors import InputError, Problem
        from eagleplan.inputs.outcomes import parse_outcomes
        from eagleplan.weather.score import score as scored_rows

        contacts = _contacts(plan)
        found = parse_outcomes(*read_input(outcomes))
        _check_known(found, contacts, outcomes)
        cases = [_case(contacts[one.contact_id], one) for one in found if one.was_clear is not None]
        if not cases:
            hint = "only done and clouded tell what the sky was like"
            raise InputError(Problem(path=str(outcomes), message="holds no outcome that can be scored", hint=hint))
        rows = scored_rows(cases, n_bins=n_bins)
        write_rows(
            [{name: _cell(value) for name, value in dataclasses.asdict(row).items()} for row in rows],
            form=form,
            as_json=as_json,
            output=output,
            table_columns=TABLE_COLUMNS,
        )
        if not quiet:
            missing = len(contacts) - len(found)
            print(
                f"{len(cases)} contacts scored, {len(found) - len(cases)} technical or cancelled, "
                f"{missing} without an outcome",
                file=sys.stderr,
            )


def _contacts(directory: Path) -> dict[str, ContactClaim]:
    """The contacts of one plan, or of all plans in a directory, by id; of one in several plans, the last."""
    from eagleplan.errors import InputError, Problem
    from eagleplan.report import read_plan_claims

    own = directory / "plan.json"
    paths = [own] if own.exists() else sorted(directory.glob("*/plan.json"))
    if not paths:
        hint = "name a directory that `eagleplan plan -o` wrote"
        raise InputError(Problem(path=str(directory), message="holds no plan.json", hint=hint))
    from eagleplan.inputs.files import read_file

    found: dict[str, ContactClaim] = {}
    for path in paths:
        for contact in read_plan_claims(read_file(path), str(path)).contacts:
            found[contact.contact_id] = contact
    return found


def _check_known(found: tuple[Outcome, ...], contacts: dict[str, ContactClaim], path: Path) -> None:
    from eagleplan.errors import InputError, Problem
    from eagleplan.inputs.suggest import did_you_mean

    unknown = [
        Problem(
            path=str(path),
            line=one.line,
            field="contact_id",
            message="the plan has no such contact",
            got=one.contact_id,
            hint=did_you_mean(one.contact_id, contacts),
        )
        for one in found
        if one.contact_id not in contacts
    ]
    if unknown:
        raise InputError(unknown)


def _case(contact: ContactClaim, outcome: Outcome) -> Scored:
    from eagleplan.weather.score import Scored

    return Scored(
        site_id=contact.site_id,
        p_clear=contact.p_clear,
        p_clear_climatology=contact.p_clear_climatology,
        forecast_lead_s=contact.forecast_lead_s,
        was_clear=bool(outcome.was_clear),
    )


def _cell(value: object) -> Cell:
    return round(value, 6) if isinstance(value, float) else value if isinstance(value, str | int) else None
