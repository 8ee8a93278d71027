"""What a plan puts into calendars: an entry per chosen contact and per backup, with an identity that stays.

The identity is physical: satellite, site, orbit number, and the number of the part among the entries of that orbit.
Newer elements, another order or another choice elsewhere change none of it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from eagleplan.model import Backup, Contact, Plan
from eagleplan.report.epochs import orbit_epoch_utc
from eagleplan.report.index import PlanIndex
from eagleplan.report.times import clock_text, day_text, local
from eagleplan.report.words import duration_text, probability_text

Status = Literal["CONFIRMED", "TENTATIVE", "CANCELLED"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A calendar's entry, whole: what a later plan must repeat to cancel it is in here. Instants are whole seconds."""

    uid: str
    contact_id: str
    status: Status
    site_id: str
    start_utc: datetime
    end_utc: datetime
    summary: str
    location: str
    latitude_deg: float
    longitude_deg: float
    categories: tuple[str, ...]
    description: str


def calendar_stamp_utc(plan: Plan) -> datetime:
    """DTSTAMP: `created_utc` of the stamp if it has one, else the newest orbit epoch that the plan knows.

    A plan from newer elements has a later stamp, and the clock plays no part.
    """
    created = plan.stamp.get("created_utc")
    if created is not None:
        return datetime.fromisoformat(created).astimezone(UTC).replace(microsecond=0)
    epochs = [orbit_epoch_utc(satellite) for satellite in plan.satellites]
    return max(epochs, default=plan.horizon.start_utc).replace(microsecond=0)


def entries_of(plan: Plan, *, tentative_below_p: float = 0.0) -> tuple[Entry, ...]:
    """Every entry of a plan, by start and identity.

    Chosen contacts are confirmed, those with a clear probability below `tentative_below_p` tentative; backups are
    tentative and carry a W, for weather. A backup that is itself chosen has its entry as a contact.
    """
    index = PlanIndex(plan)
    chosen = {contact.contact_id for contact in index.contacts}
    stands_in: dict[str, list[Backup]] = defaultdict(list)
    spare: dict[str, Contact] = {}
    for contact in index.contacts:
        for backup in index.backups.get(contact.contact_id, ()):
            if backup.backup.contact_id not in chosen:
                stands_in[backup.backup.contact_id].append(backup)
                spare[backup.backup.contact_id] = backup.backup
    names = physical_names([*index.contacts, *spare.values()], index)
    entries = []
    for contact in index.contacts:
        doubtful = contact.p_clear < tentative_below_p and contact.outcome is None
        status: Status = "TENTATIVE" if doubtful else "CONFIRMED"
        more = [_backup_text(backup, index) for backup in index.backups.get(contact.contact_id, ())]
        entries.append(_entry(contact, index, names[contact.contact_id], status, mark="", more=more))
    for contact_id, contact in spare.items():
        more = [_stands_in_text(backup, index) for backup in stands_in[contact_id]]
        entries.append(_entry(contact, index, names[contact_id], "TENTATIVE", mark=" (W)", more=more))
    return tuple(sorted(entries, key=lambda entry: (entry.start_utc, entry.uid)))


def physical_names(contacts: Iterable[Contact], index: PlanIndex) -> dict[str, str]:
    """Contact id → satellite, site, orbit number, and 1, 2, … by time among the contacts of the three."""
    counts: dict[tuple[str, str, int], int] = defaultdict(int)
    names = {}
    for contact in sorted(contacts, key=lambda c: (c.start_s, c.contact_id)):
        orbit = (contact.satellite_id, contact.site_id, index.passes[contact.pass_id].orbit_number)
        counts[orbit] += 1
        names[contact.contact_id] = ".".join((*map(str, orbit), str(counts[orbit])))
    return names


def _entry(contact: Contact, index: PlanIndex, name: str, status: Status, *, mark: str, more: Sequence[str]) -> Entry:
    site = index.sites[contact.site_id]
    satellite = index.satellites[contact.satellite_id]
    start_utc, end_utc = (instant.replace(microsecond=0) for instant in index.contact_utc(contact))
    return Entry(
        uid=f"{name}@eagleplan",
        contact_id=contact.contact_id,
        status=status,
        site_id=contact.site_id,
        start_utc=start_utc,
        end_utc=end_utc,
        summary=_line(f"QKD {satellite.name} – {site.name}{mark}"),
        location=_line(f"{site.name}, {site.country}"),
        latitude_deg=round(site.latitude_deg, 6),
        longitude_deg=round(site.longitude_deg, 6),
        categories=("QKD", _line(satellite.name), _line(site.country)),
        description="\n".join((*_description(contact, index, start_utc, end_utc), *more)),
    )


def _description(contact: Contact, index: PlanIndex, start_utc: datetime, end_utc: datetime) -> Iterable[str]:
    site = index.sites[contact.site_id]
    satellite = index.satellites[contact.satellite_id]
    start, end = local(start_utc, site.time_zone), local(end_utc, site.time_zone)
    yield f"Satellite: {_line(satellite.name)} ({contact.satellite_id})"
    yield f"Site: {_line(site.name)} ({contact.site_id})"
    yield f"UTC: {day_text(start_utc)}, {clock_text(start_utc)} to {clock_text(end_utc)}"
    yield f"Local: {day_text(start)}, {clock_text(start)} to {clock_text(end)} {start:%Z} ({site.time_zone})"
    yield f"Duration: {duration_text(contact.duration_s)}"
    yield f"Highest elevation: {contact.max_elevation_deg:.1f}°"
    yield f"Mean loss: {contact.mean_loss_db:.1f} dB"
    if contact.outcome is None:
        yield f"Expected key: {contact.expected_bits} bit"
        yield f"Key under a clear sky: {contact.key.secret_bits} bit"
        yield f"Clear probability: {probability_text(contact.p_clear)} ({_line(contact.p_clear_origin)})"
    else:
        yield f"Outcome: {contact.outcome}, {contact.expected_bits} bit"
    yield f"Contact: {contact.contact_id}"
    yield f"Plan: {_line(index.plan.name)}"


def _backup_text(backup: Backup, index: PlanIndex) -> str:
    start_utc, end_utc = index.contact_utc(backup.backup)
    site = _line(index.sites[backup.backup.site_id].name)
    return (
        f"Backup (W): {site}, {clock_text(start_utc)} to {clock_text(end_utc)} UTC, "
        f"clear in {probability_text(backup.p_clear_if_clouded)} of the cases in which this is not"
    )


def _stands_in_text(backup: Backup, index: PlanIndex) -> str:
    (contact,) = [contact for contact in index.contacts if contact.contact_id == backup.contact_id]
    start_utc, _ = index.contact_utc(contact)
    site = _line(index.sites[contact.site_id].name)
    return (
        f"W: only if {site}, {clock_text(start_utc)} UTC, is clouded out; "
        f"clear in {probability_text(backup.p_clear_if_clouded)} of these cases"
    )


def _line(text: str) -> str:
    """Text without control characters, which a calendar may not hold."""
    return " ".join("".join(mark if mark.isprintable() else " " for mark in text).split())
