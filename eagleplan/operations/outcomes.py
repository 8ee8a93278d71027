"""What became of a plan's contacts, booked in the ledger that lies beside the plan."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from eagleplan import report
from eagleplan.errors import InputError, Problem
from eagleplan.inputs.files import NO_PLAN_HINT, StoredFiles, read_file
from eagleplan.inputs.outcomes import Outcome, parse_outcomes
from eagleplan.inputs.suggest import did_you_mean
from eagleplan.model import ContactClaim, PlanClaims
from eagleplan.operations.files import write_file
from eagleplan.operations.ledger import Balance, Book, Edge, read_ledger, write_ledger
from eagleplan.operations.lock import locked
from eagleplan.operations.settle import Made, Met, met_so_far, settle
from eagleplan.scenario import Scenario, load_scenario

LEDGER = f"{report.OPERATIONS_FOLDER}/ledger.csv"
"""Where a plan's ledger lies in its directory. `verify` lets it be: it is no part of the plan."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Books:
    """A plan with its ledger, settled up to `as_of_utc`.

    Of `balances` the ends are a satellite first, where there is one.
    """

    as_of_utc: datetime
    balances: Mapping[Edge, Balance]
    demands: tuple[Met, ...]
    n_contacts: int
    n_known: int
    n_booked: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanOnFile:
    """A plan's directory, as far as operations need it: nothing is assessed anew."""

    claims: PlanClaims
    scenario: Scenario


def open_plan(directory: Path) -> PlanOnFile:
    """Reads a plan's claims and the scenario stored with it; raises InputError."""
    path = directory / "plan.json"
    claims = report.read_plan_claims(read_file(path, hint=NO_PLAN_HINT), str(path))
    return PlanOnFile(claims=claims, scenario=load_scenario(StoredFiles(directory / "inputs"), with_link=False))


def open_ledger(directory: Path) -> Book:
    """The ledger of a plan's directory, empty where there is none; raises InputError if it does not balance."""
    path = directory / LEDGER
    return read_ledger(read_file(path), str(path)) if path.exists() else Book()


def record_outcomes(directory: Path, table: tuple[str, str] | None, *, as_of_utc: datetime | None = None) -> Books:
    """Books the outcomes of a table (its text, and the path that messages show), and what follows up to `as_of_utc`.

    Without `as_of_utc` it is the end of the last contact that the table knows of; without a table nothing new is known.
    Booking the same twice changes nothing. Raises InputError for outcomes that the plan contradicts, OutputError where
    the directory is in use or cannot be written; the ledger is then as it was.
    """
    open_plan(directory)  # before a lock is laid beside what is no plan
    with locked(directory, "eagleplan outcomes"):
        plan = open_plan(directory)
        book = open_ledger(directory)
        n_before = len(book.entries)
        outcomes = () if table is None else parse_outcomes(*table)
        until_s = _until_s(plan, outcomes, book, as_of_utc)
        path = str(directory / LEDGER) if table is None else table[1]
        made = checked_outcomes(plan.claims.contacts, outcomes, path, until_s)
        settle_or_refuse(book, plan, made, until_s, path)
        if len(book.entries) > n_before:
            write_file(directory / LEDGER, write_ledger(book.entries))
        satellites = {satellite.satellite_id for satellite in plan.scenario.satellites}
        reported = book.contacts()
        return Books(
            as_of_utc=plan.claims.horizon.utc(until_s),
            balances={
                (ends if ends[0] in satellites else (ends[1], ends[0]) if ends[1] in satellites else ends): balance
                for ends, balance in book.balances().items()
            },
            demands=met_so_far(book, plan.scenario, plan.claims, until_s),
            n_contacts=len(plan.claims.contacts),
            n_known=sum(contact.contact_id in reported for contact in plan.claims.contacts),
            n_booked=len(book.entries) - n_before,
        )


def with_outcomes(book: Book, plan: PlanOnFile, table: tuple[str, str], now_utc: datetime) -> None:
    """Books in `book` the outcomes that a table knows of at `now_utc`; raises InputError where they cannot be."""
    outcomes = parse_outcomes(*table)
    made = checked_outcomes(plan.claims.contacts, outcomes, table[1], _seconds(plan, now_utc))
    settle_or_refuse(book, plan, made, _until_s(plan, outcomes, book, None), table[1])


def settle_or_refuse(book: Book, plan: PlanOnFile, made: Iterable[Made], until_s: int, path: str) -> None:
    """As `settle`; raises InputError for the file at `path` where its outcomes take back what is spent."""
    try:
        settle(book, plan.scenario, plan.claims, made, until_s)
    except ValueError as error:
        hint = "bits that have been handed over cannot be taken back: correct the outcome, or book the difference"
        raise InputError(Problem(path=path, message=str(error), hint=hint)) from None


def checked_outcomes(
    contacts: Sequence[ContactClaim], outcomes: Sequence[Outcome], path: str, until_s: int
) -> tuple[Made, ...]:
    """What the outcomes say that each contact gave; raises InputError for every one that cannot be."""
    known = {contact.contact_id: contact for contact in contacts}
    problems = []
    made = []
    for outcome in outcomes:

        def wrong(
            field: str, message: str, got: str | None = None, hint: str | None = None, line: int = outcome.line
        ) -> None:
            problems.append(Problem(path=path, line=line, field=field, message=message, got=got, hint=hint))

        contact = known.get(outcome.contact_id)
        if contact is None:
            hint = did_you_mean(outcome.contact_id, known)
            wrong("contact_id", "is no contact of the plan", outcome.contact_id, hint)
        elif contact.end_s > until_s and outcome.status != "cancelled":
            wrong("status", f"cannot be: the contact ends at {contact.end_utc:%Y-%m-%dT%H:%M:%SZ}", outcome.status)
        elif outcome.status == "done" and outcome.secret_bits is None:
            wrong("secret_bits", "is required where the contact is done", hint="0 if no key came of it")
        else:
            bits = outcome.secret_bits or 0
            made.append(Made(contact_id=contact.contact_id, status=outcome.status, bits=bits, comment=outcome.comment))
    if problems:
        raise InputError(problems)
    return tuple(made)


def _until_s(plan: PlanOnFile, outcomes: Sequence[Outcome], book: Book, as_of_utc: datetime | None) -> int:
    horizon = plan.claims.horizon
    settled_utc = book.settled_until_utc() or horizon.start_utc
    settled_s = _seconds(plan, settled_utc)
    if as_of_utc is not None:
        as_of_s = _seconds(plan, as_of_utc)
        message = None
        if as_of_s < settled_s:
            message = f"must not be before {settled_utc:%Y-%m-%dT%H:%M:%SZ}: the ledger is settled up to there"
        elif as_of_s > horizon.end_s:
            message = f"must not be after {horizon.utc(horizon.end_s):%Y-%m-%dT%H:%M:%SZ}: the plan ends there"
        if message is not None:
            raise InputError(Problem(path="--as-of", message=message, got=f"{as_of_utc:%Y-%m-%dT%H:%M:%SZ}"))
        return as_of_s
    reported = {outcome.contact_id for outcome in outcomes if outcome.status != "cancelled"}
    ends = [contact.end_s for contact in plan.claims.contacts if contact.contact_id in reported]
    return max([settled_s, *ends])


def _seconds(plan: PlanOnFile, instant: datetime) -> int:
    return round((instant - plan.claims.horizon.start_utc).total_seconds())
