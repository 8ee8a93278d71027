"""A plan's directory as a control room looks at it: the plan, its satellites in motion, and what was reported."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from eagleplan import report
from eagleplan.model import ContactTrace
from eagleplan.operations.outcomes import LEDGER, open_ledger
from eagleplan.pipeline.reading import read_directory
from eagleplan.report.index import PlanIndex
from eagleplan.report.situation import Report, Ways
from eagleplan.stamp import sha256_hex

Edition = tuple[str | None, ...]
"""What a directory's manifest and ledger are, by their SHA-256; None where there is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """A plan as it was read, with the edition of the directory that was there just before."""

    index: PlanIndex
    traces: tuple[ContactTrace, ...]
    ways: Ways
    reports: Mapping[str, Report]
    edition: Edition


def edition_of(directory: Path) -> Edition:
    """Changes whenever a plan is written over this one, or outcomes are booked."""
    found: list[str | None] = []
    for name in (report.MANIFEST_NAME, LEDGER):
        try:
            found.append(sha256_hex((directory / name).read_bytes()))
        except OSError:
            found.append(None)
    return tuple(found)


def read_board(directory: Path) -> Board:
    """The plan of a directory and its ledger; raises InputError where either cannot be read."""
    edition = edition_of(directory)
    source = read_directory(directory)
    index = PlanIndex(source.plan)
    reports = {
        contact_id: Report(status=reported.status, secret_bits=reported.bits)
        for contact_id, reported in open_ledger(directory).contacts().items()
    }
    return Board(index=index, traces=source.traces, ways=Ways(index), reports=reports, edition=edition)


def news(before: Board, after: Board) -> str:
    """What a fresh look brought: ``the plan is a new one: 2 contacts added, 1 dropped, 3 at other times``."""
    old = {contact.contact_id: contact for contact in before.index.contacts}
    new = {contact.contact_id: contact for contact in after.index.contacts}
    n_told = sum(before.reports.get(name) != told for name, told in after.reports.items())
    told = f"{n_told} outcome{'' if n_told == 1 else 's'} came in" if n_told else ""
    if before.edition[0] == after.edition[0]:
        return told or "the ledger was written anew"
    moved = sum((old[n].start_s, old[n].end_s) != (new[n].start_s, new[n].end_s) for n in old.keys() & new.keys())
    if before.index.plan.horizon.start_utc != after.index.plan.horizon.start_utc:
        moved = 0
    changes = (
        (len(new.keys() - old.keys()), "added"),
        (len(old.keys() - new.keys()), "dropped"),
        (moved, "at other times"),
    )
    said = ", ".join(f"{number} {what}" for number, what in changes if number)
    text = f"the plan is a new one: contacts {said}" if said else "the plan is a new one, with the same contacts"
    return f"{text}; {told}" if told else text
