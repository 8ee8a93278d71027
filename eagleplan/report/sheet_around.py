"""What lies around a contact: its neighbours in time, what may stand in for it, what was given up for it."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from eagleplan.model import Contact, PassDecision
from eagleplan.report.index import PlanIndex
from eagleplan.report.sheet_facts import Fact, FactGroup
from eagleplan.report.times import clock_from, clock_text
from eagleplan.report.words import bits_text, duration_text, probability_text

MOST_GIVEN_UP = 3
"""So many passes that were given up are named; the rest are counted."""


@dataclass(frozen=True)
class Around:
    """Finds what lies around contacts; made once for a plan."""

    index: PlanIndex

    @cached_property
    def _of_satellite(self) -> Mapping[str, tuple[Contact, ...]]:
        found: dict[str, list[Contact]] = {}
        for contact in self.index.contacts:
            found.setdefault(contact.satellite_id, []).append(contact)
        return {satellite_id: tuple(contacts) for satellite_id, contacts in found.items()}

    @cached_property
    def _rises_s(self) -> list[float]:
        return [decision.planned_pass.rise_s for decision in self.index.decisions]

    @cached_property
    def _longest_s(self) -> float:
        return max((d.planned_pass.set_s - d.planned_pass.rise_s for d in self.index.decisions), default=0.0)

    def groups(self, contact: Contact) -> tuple[FactGroup, ...]:
        """The groups that have anything in them."""
        groups = (
            FactGroup(kind="neighbours", title="Before and after", facts=tuple(self._neighbours(contact))),
            FactGroup(kind="backups", title="Backups, should cloud take this one", facts=tuple(self._backups(contact))),
            FactGroup(kind="given-up", title="Given up for it", facts=tuple(self._given_up(contact))),
        )
        return tuple(group for group in groups if group.facts)

    def _neighbours(self, contact: Contact) -> Iterable[Fact]:
        """The contact before and the one after of the same satellite, and of the same station."""
        terminal, station = (self.index.plan.changeover_s, "changeover"), (self._set_up_s(contact), "set-up")
        of_satellite = _beside(self._of_satellite[contact.satellite_id], contact)
        of_station = _beside(self.index.contacts_of_site[contact.site_id], contact)
        for when, by_satellite, by_station in zip(("Before", "After"), of_satellite, of_station, strict=True):
            if by_satellite is not None and by_satellite is by_station:
                yield self._neighbour(f"{when}, same satellite and station", contact, by_satellite, terminal, station)
                continue
            if by_satellite is not None:
                yield self._neighbour(f"{when}, same satellite", contact, by_satellite, terminal)
            if by_station is not None:
                yield self._neighbour(f"{when}, same station", contact, by_station, station)

    def _neighbour(self, label: str, contact: Contact, other: Contact, *needs: tuple[int | None, str]) -> Fact:
        gap_s = max(other.start_s - contact.end_s, contact.start_s - other.end_s)
        asked = ", ".join(f"{name} {duration_text(need_s)}" for need_s, name in needs if need_s)
        return Fact(
            label=label,
            text=f"{self._where(contact, other)}, {self._when(contact, other)}",
            note=f"gap {duration_text(gap_s)}" + (f" ({asked})" if asked else ""),
            element_id=f"contact-{other.contact_id}",
        )

    def _backups(self, contact: Contact) -> Iterable[Fact]:
        for backup in self.index.backups.get(contact.contact_id, ()):
            yield Fact(
                label=self.index.sites[backup.backup.site_id].name,
                text=f"{self._when(contact, backup.backup)}, {bits_text(backup.backup.key.secret_bits)} if clear",
                note=f"clear then in {probability_text(backup.p_clear_if_clouded)}; {backup.distance_km:.0f} km away",
                element_id=self._element_id(backup.backup),
            )

    def _given_up(self, contact: Contact) -> Iterable[Fact]:
        """Contacts with key that were not chosen and that this one stands in the way of, the largest first."""
        found = sorted(self._rivals(contact), key=lambda other: (-other.expected_bits, other.contact_id))
        for other in found[:MOST_GIVEN_UP]:
            yield Fact(
                label=self._where(contact, other),
                text=f"{self._when(contact, other)}, expected {bits_text(other.expected_bits)}",
                element_id=self._element_id(other),
            )
        if len(found) > MOST_GIVEN_UP:
            yield Fact(label="And", text=f"{len(found) - MOST_GIVEN_UP} more with less expected key")

    def _rivals(self, contact: Contact) -> Iterable[Contact]:
        changeover_s, set_up_s = self.index.plan.changeover_s or 0, self._set_up_s(contact)
        within_s = max(changeover_s, set_up_s)
        first = bisect_left(self._rises_s, contact.start_s - within_s - self._longest_s)
        last = bisect_left(self._rises_s, contact.end_s + within_s)
        for decision in self.index.decisions[first:last]:
            other = decision.contact
            if other is None or other.expected_bits == 0 or not self._is_left_out(decision):
                continue
            gap_s = max(other.start_s - contact.end_s, contact.start_s - other.end_s)
            same_satellite, same_site = other.satellite_id == contact.satellite_id, other.site_id == contact.site_id
            if (same_satellite and gap_s < changeover_s) or (same_site and gap_s < set_up_s):
                yield other

    def _is_left_out(self, decision: PassDecision) -> bool:
        return decision.planned_pass.pass_id not in self.index.contacts_of_pass

    def _set_up_s(self, contact: Contact) -> int:
        return self.index.sites[contact.site_id].limits.set_up_s

    def _element_id(self, other: Contact) -> str:
        """The row of a pass that was not chosen, or its first contact if it was."""
        chosen = self.index.contacts_of_pass.get(other.pass_id)
        if chosen is not None:
            return f"contact-{chosen[0].contact_id}"
        return f"pass-{other.pass_id}" if other.pass_id in self.index.passes else ""

    def _where(self, contact: Contact, other: Contact) -> str:
        """The other's station, or its satellite where that is what differs."""
        site, satellite = self.index.sites[other.site_id].name, self.index.satellites[other.satellite_id].name
        if other.satellite_id == contact.satellite_id and other.site_id != contact.site_id:
            return site
        return satellite

    def _when(self, contact: Contact, other: Contact) -> str:
        """The other's clock times, with the day where it is another."""
        start_utc, end_utc = self.index.contact_utc(other)
        return f"{clock_from(start_utc, self.index.utc(contact.start_s))} – {clock_text(end_utc)}"


def _beside(contacts: tuple[Contact, ...], contact: Contact) -> tuple[Contact | None, Contact | None]:
    """The ones before and after `contact` in `contacts`, which are in the order of time."""
    place = contacts.index(contact)
    return contacts[place - 1] if place else None, contacts[place + 1] if place + 1 < len(contacts) else None
