"""The difference between two plans, as rows and as a planner would say it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING

from eagleplan.cli.rows import Cell

if TYPE_CHECKING:
    from eagleplan.operations.diff import Change, ContactChange, Difference


def contact_rows(found: Difference) -> list[dict[str, Cell]]:
    """One row a contact of either plan."""
    return [
        {
            "change": this.change,
            "contact_id": this.contact.contact_id,
            "satellite_id": this.contact.satellite_id,
            "site_id": this.contact.site_id,
            "start_before_utc": _utc(this.before.start_utc if this.before else None),
            "end_before_utc": _utc(this.before.end_utc if this.before else None),
            "start_after_utc": _utc(this.after.start_utc if this.after else None),
            "end_after_utc": _utc(this.after.end_utc if this.after else None),
            "start_shift_s": this.start_shift_s,
            "end_shift_s": this.end_shift_s,
            "expected_before_bits": this.before.expected_bits if this.before else None,
            "expected_after_bits": this.after.expected_bits if this.after else None,
        }
        for this in found.contacts
    ]


def demand_rows(found: Difference) -> list[dict[str, Cell]]:
    """One row a demand."""
    return [
        {
            "demand_id": this.demand_id,
            "wanted_bits": this.wanted_bits,
            "delivered_before_bits": this.before_bits,
            "delivered_after_bits": this.after_bits,
            "gain_bits": this.gain_bits,
        }
        for this in found.demands
    ]


def write_difference(found: Difference) -> None:
    """Sentences on stdout."""
    for line in _lines(found):
        print(line, file=sys.stdout)


def _lines(found: Difference) -> Iterator[str]:
    for this in found.contacts:
        if this.change != "kept":
            yield f"{this.change:<8} {_sentence(this)}"
    kept = found.count("kept")
    shifts = [abs(this.start_shift_s or 0.0) for this in found.contacts if this.change == "kept"]
    largest = max(shifts, default=0.0)
    follow = f", the largest shift {largest:.0f} s" if largest else ""
    rest: tuple[Change, ...] = ("moved", "added", "removed")
    counts = ", ".join(f"{found.count(change)} {change}" for change in rest)
    yield f"{kept} kept{follow}; {counts}"
    changed = [this for this in found.demands if this.gain_bits]
    for demand in changed:
        verb = "gains" if demand.gain_bits > 0 else "loses"
        share = f"{100 * (demand.after_bits or 0) / demand.wanted_bits:.1f} %"
        yield f"{demand.demand_id} {verb} {abs(demand.gain_bits):,} bits: now {share} of {demand.wanted_bits:,}"
    if not changed:
        yield "every demand gets what it got"


def _sentence(this: ContactChange) -> str:
    contact = this.contact
    when = f"{contact.start_utc:%a %d %b %H:%M:%S} to {contact.end_utc:%H:%M:%S}"
    where = f"{contact.site_id}, {contact.satellite_id}"
    if this.change == "moved" and this.before is not None:
        before = f"{this.before.start_utc:%H:%M:%S} to {this.before.end_utc:%H:%M:%S}"
        return f"{when} {where} (was {before})"
    return f"{when} {where}"


def _utc(instant: datetime | None) -> str | None:
    return None if instant is None else f"{instant:%Y-%m-%dT%H:%M:%SZ}"
