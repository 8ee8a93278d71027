"""What a re-plan knows beyond its scenario: the plan before it, what became of its contacts, and the time of day."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from eagleplan.errors import Problem
from eagleplan.inputs.outcomes import Outcome, parse_outcomes
from eagleplan.inputs.suggest import did_you_mean
from eagleplan.model import EarlierContact, EarlierPass, EarlierPlan, Horizon
from eagleplan.scenario.reading import Reading
from eagleplan.scenario.schema import ScenarioFile


def earlier_plan(reading: Reading, file: ScenarioFile, horizon: Horizon) -> EarlierPlan | None:
    """The plan that `[operations]` names, with the outcomes of its contacts; None where it names none."""
    table = file.operations
    if table.earlier_plan_file is None:
        for name in ("outcomes_file", "now_utc", "freeze_hours"):
            if name in table.model_fields_set:
                reading.wrong(("operations", name), "needs earlier_plan_file: there is nothing to start from")
        return None
    if table.now_utc is None:
        reading.wrong(("operations", "earlier_plan_file"), "needs now_utc: what is past, and what may still change?")
    # Late: most scenarios have no earlier plan, and a report takes long to import.
    from eagleplan.report.document import KIND, SCHEMA_VERSION, PlanDocument
    from eagleplan.report.reading import read_document

    document = reading.read(
        table.earlier_plan_file,
        "earlier plan",
        ("operations", "earlier_plan_file"),
        lambda text, path: read_document(text.encode(), path, PlanDocument, KIND, SCHEMA_VERSION),
    )
    outcomes: tuple[Outcome, ...] = ()
    if table.outcomes_file is not None:
        outcomes = reading.read(table.outcomes_file, "outcomes", ("operations", "outcomes_file"), parse_outcomes) or ()
    if document is None or table.now_utc is None:
        return None
    if document.horizon.start_utc != horizon.start_utc or document.horizon.days != horizon.days:
        got = f"{document.horizon.days:g} days from {document.horizon.start_utc:%Y-%m-%dT%H:%M:%SZ}"
        reading.wrong(("operations", "earlier_plan_file"), "must have the horizon of the scenario", got=got)
    now_s = _seconds(table.now_utc, horizon)
    contacts = tuple(
        EarlierContact(
            contact_id=contact.contact_id,
            pass_id=contact.pass_id,
            satellite_id=contact.satellite_id,
            site_id=contact.site_id,
            start_s=contact.start_s,
            end_s=contact.end_s,
            outcome=contact.outcome,
            secret_bits=contact.key.secret_bits if contact.outcome == "done" else None,
        )
        for contact in document.contacts
    )
    return EarlierPlan(
        passes=tuple(
            EarlierPass(
                pass_id=this.pass_id,
                satellite_id=this.satellite_id,
                site_id=this.site_id,
                culmination_s=this.culmination_s,
            )
            for this in document.passes
        ),
        contacts=_with_outcomes(reading, table.outcomes_file or "", contacts, outcomes, now_s),
        now_s=now_s,
        fixed_until_s=now_s + round(3600 * table.freeze_hours),
    )


def _with_outcomes(
    reading: Reading, path: str, contacts: tuple[EarlierContact, ...], outcomes: tuple[Outcome, ...], now_s: int
) -> tuple[EarlierContact, ...]:
    """The contacts with what became of them; an outcome of a later file goes before what the plan already knew."""
    known = {contact.contact_id: contact for contact in contacts}
    for outcome in outcomes:
        problem = _fault(path, outcome, known, now_s)
        if problem is not None:
            reading.problems.append(problem)
            continue
        contact = known[outcome.contact_id]
        known[outcome.contact_id] = replace(
            contact,
            outcome=outcome.status,
            secret_bits=outcome.secret_bits if outcome.status == "done" else None,
        )
    return tuple(known.values())


def _fault(path: str, outcome: Outcome, known: dict[str, EarlierContact], now_s: int) -> Problem | None:
    def wrong(field: str, message: str, got: str | None = None, hint: str | None = None) -> Problem:
        return Problem(path=path, line=outcome.line, field=field, message=message, got=got, hint=hint)

    contact = known.get(outcome.contact_id)
    if contact is None:
        hint = did_you_mean(outcome.contact_id, known)
        return wrong("contact_id", "is no contact of the earlier plan", outcome.contact_id, hint)
    if outcome.status != "cancelled" and contact.end_s > now_s:
        return wrong("status", "the contact has not ended by now: only cancelled can be known of it", outcome.status)
    if outcome.status == "done" and outcome.secret_bits is None:
        return wrong("secret_bits", "is required where the contact is done", hint="0 if no key came of it")
    return None


def _seconds(instant: datetime, horizon: Horizon) -> int:
    return round((instant - horizon.start_utc).total_seconds())
