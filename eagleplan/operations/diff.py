"""Two plans side by side, as a planner would say it: what came, what went, what moved, and who gains or loses."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from eagleplan.model import ContactClaim, PlanClaims

Change = Literal["added", "removed", "moved", "kept"]

KEPT_WITHIN_S = 60
"""A contact of the same pass whose ends move by no more has followed its satellite; beyond that somebody moved it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactChange:
    """What became of one contact; `before` or `after` is None where it is in one plan only."""

    change: Change
    before: ContactClaim | None
    after: ContactClaim | None

    @property
    def contact(self) -> ContactClaim:
        found = self.after or self.before
        if found is None:
            raise ValueError("a change needs a contact")
        return found

    @property
    def start_shift_s(self) -> float | None:
        """By how much its start moved."""
        return None if self.before is None or self.after is None else _seconds(self.before, self.after, "start_utc")

    @property
    def end_shift_s(self) -> float | None:
        return None if self.before is None or self.after is None else _seconds(self.before, self.after, "end_utc")


@dataclass(frozen=True, slots=True, kw_only=True)
class DemandChange:
    """What the change does to one demand; None where one of the plans does not have it."""

    demand_id: str
    wanted_bits: int
    before_bits: int | None
    after_bits: int | None

    @property
    def gain_bits(self) -> int:
        return (self.after_bits or 0) - (self.before_bits or 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """Contacts in the order of time, demands in that of the later plan."""

    contacts: tuple[ContactChange, ...]
    demands: tuple[DemandChange, ...]

    def count(self, change: Change) -> int:
        return sum(this.change == change for this in self.contacts)


def difference(before: PlanClaims, after: PlanClaims) -> Difference:
    """What `after` changes. A contact is the same if its id is, or else if it is the nearest one of its pass."""
    earlier = {contact.contact_id: contact for contact in before.contacts}
    pairs: list[tuple[ContactClaim | None, ContactClaim | None]] = []
    new = []
    for contact in after.contacts:
        if contact.contact_id in earlier:
            pairs.append((earlier.pop(contact.contact_id), contact))
        else:
            new.append(contact)
    for contact in new:
        of_pass = [other for other in earlier.values() if other.pass_id == contact.pass_id]
        near = min(of_pass, key=lambda other: abs(_seconds(other, contact, "start_utc")), default=None)
        if near is not None:
            del earlier[near.contact_id]
        pairs.append((near, contact))
    pairs += [(contact, None) for contact in earlier.values()]
    changes = [ContactChange(change=_change(old, now), before=old, after=now) for old, now in pairs]
    return Difference(
        contacts=tuple(sorted(changes, key=lambda this: (this.contact.start_utc, this.contact.contact_id))),
        demands=_demands(before, after),
    )


def _change(before: ContactClaim | None, after: ContactClaim | None) -> Change:
    if before is None:
        return "added"
    if after is None:
        return "removed"
    shifts = (_seconds(before, after, "start_utc"), _seconds(before, after, "end_utc"))
    # An orbit that arrives earlier or later takes both ends along.
    together = abs(shifts[0] - shifts[1]) <= 2.0 and abs(shifts[0]) <= KEPT_WITHIN_S
    return "kept" if together else "moved"


def _demands(before: PlanClaims, after: PlanClaims) -> tuple[DemandChange, ...]:
    old = {demand.demand_id: demand for demand in before.demands}
    new = {demand.demand_id: demand for demand in after.demands}
    return tuple(
        DemandChange(
            demand_id=demand_id,
            wanted_bits=(new.get(demand_id) or old[demand_id]).wanted_bits,
            before_bits=old[demand_id].delivered_bits if demand_id in old else None,
            after_bits=new[demand_id].delivered_bits if demand_id in new else None,
        )
        for demand_id in dict.fromkeys([*new, *old])
    )


def _seconds(before: ContactClaim, after: ContactClaim, which: Literal["start_utc", "end_utc"]) -> float:
    first: datetime = getattr(before, which)
    then: datetime = getattr(after, which)
    return (then - first).total_seconds()
