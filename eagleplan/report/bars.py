"""What lies in the rows of the timeline, in seconds since the horizon's start, and what it says when pointed at."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from eagleplan.model import Backup, Closure, Contact, PassDecision
from eagleplan.report.index import PlanIndex
from eagleplan.report.left_out import REASONS
from eagleplan.report.times import clock_from, clock_text, day_text
from eagleplan.report.words import probability_text, worth_text


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """A span of time in a row, the ids that filters go by, and what it leads to.

    `title` has a heading and lines below it; `brief` is what is left of it where there are many. `contact_id` is the
    contact that the bar is of, or is a backup of; `pass_id` the pass that was not chosen. `strength_frac` is how full
    it is drawn: the expected key over the most that any contact of the plan is expected to give.
    """

    start_s: float
    end_s: float
    title: str = ""
    brief: str = ""
    site_id: str = ""
    satellite_id: str = ""
    country: str = ""
    contact_id: str = ""
    pass_id: str = ""
    strength_frac: float = 1.0


Bars = Mapping[str, Sequence[Bar]]
"""By kind: "nights", "windows", "closures", "backups", "contacts"."""


def bars_of_sites(index: PlanIndex) -> Mapping[str, Bars]:
    """Site id → its bars. A satellite's own closures are in the satellite's row alone."""
    found = _empty(index.sites)
    for night in index.plan.nights:
        found[night.site_id]["nights"].append(Bar(start_s=night.start_s, end_s=night.end_s))
    for decision in index.decisions:
        found[decision.planned_pass.site_id]["windows"] += _windows(index, decision)
    for closure in index.plan.closures:
        if closure.site_id is not None:
            found[closure.site_id]["closures"].append(_closure(index, closure))
    for bar in _contacts(index):
        found[bar.site_id]["contacts"].append(bar)
    for bar in _backups(index):
        found[bar.site_id]["backups"].append(bar)
    return found


def bars_of_satellites(index: PlanIndex) -> Mapping[str, Bars]:
    """Satellite id → its bars, windows over all stations joined; under "" what holds for everything."""
    found = _empty(["", *index.satellites])
    spans: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for decision in index.decisions:
        planned = decision.planned_pass
        spans[planned.satellite_id] += [(window.start_s, window.end_s) for window in planned.windows]
    for satellite_id, own in spans.items():
        found[satellite_id]["windows"] += [Bar(start_s=start_s, end_s=end_s) for start_s, end_s in _joined(own)]
    for closure in index.plan.closures:
        if closure.site_id is None:
            found[closure.satellite_id or ""]["closures"].append(_closure(index, closure))
    for bar in _contacts(index):
        found[bar.satellite_id]["contacts"].append(bar)
    for bar in _backups(index):
        found[bar.satellite_id]["backups"].append(bar)
    return found


def _empty(names: Iterable[str]) -> dict[str, dict[str, list[Bar]]]:
    kinds = ("nights", "windows", "closures", "backups", "contacts")
    return {name: {kind: [] for kind in kinds} for name in names}


def _joined(spans: Iterable[tuple[float, float]]) -> Iterable[tuple[float, float]]:
    """Spans that overlap or touch as one."""
    joined: list[tuple[float, float]] = []
    for start_s, end_s in sorted(spans):
        if joined and start_s <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end_s))
        else:
            joined.append((start_s, end_s))
    return joined


def _contacts(index: PlanIndex) -> Iterable[Bar]:
    strongest = max((contact.expected_bits for contact in index.contacts), default=0)
    return (_contact(index, contact, strongest) for contact in index.contacts)


def _backups(index: PlanIndex) -> Iterable[Bar]:
    for contact in index.contacts:
        for backup in index.backups.get(contact.contact_id, ()):
            yield _backup(index, contact, backup)


def _windows(index: PlanIndex, decision: PassDecision) -> Iterable[Bar]:
    planned = decision.planned_pass
    chosen = decision.reason.code == "chosen" or planned.pass_id in index.contacts_of_pass
    because = "Part of it is a contact" if chosen else REASONS.get(decision.reason.code, decision.reason.text)
    for window in planned.windows:
        yield Bar(
            start_s=window.start_s,
            end_s=window.end_s,
            title=f"Window of {index.satellites[planned.satellite_id].name}\n{clock_text(index.utc(window.start_s))} – "
            f"{clock_text(index.utc(window.end_s))} UTC, up to {planned.max_elevation_deg:.0f}°\n{because}",
            site_id=planned.site_id,
            satellite_id=planned.satellite_id,
            country=index.sites[planned.site_id].country,
            pass_id="" if chosen else planned.pass_id,
        )


def _closure(index: PlanIndex, closure: Closure) -> Bar:
    site = None if closure.site_id is None else index.sites.get(closure.site_id)
    satellite = None if closure.satellite_id is None else index.satellites.get(closure.satellite_id)
    ends = [thing.name for thing in (site, satellite) if thing is not None]
    return Bar(
        start_s=closure.start_s,
        end_s=closure.end_s,
        title=f"Closed: {closure.constraint}\n{' – '.join(ends) or 'every satellite'}\n"
        f"{_span_text(index, closure.start_s, closure.end_s)}\n{closure.origin}",
        site_id=closure.site_id or "",
        satellite_id=closure.satellite_id or "",
        country=site.country if site else "",
    )


def _backup(index: PlanIndex, contact: Contact, backup: Backup) -> Bar:
    spare = backup.backup
    return Bar(
        start_s=spare.start_s,
        end_s=spare.end_s,
        title=f"Backup at {index.sites[spare.site_id].name} – {index.satellites[spare.satellite_id].name}\n"
        f"{_span_text(index, spare.start_s, spare.end_s)}, up to {spare.max_elevation_deg:.0f}°\n"
        f"when cloud takes {index.sites[contact.site_id].name}: clear in {probability_text(backup.p_clear_if_clouded)} "
        f"of such cases, {backup.distance_km:.0f} km away",
        brief=f"Backup at {index.sites[spare.site_id].name}, {_start_text(index, spare.start_s)}",
        site_id=spare.site_id,
        satellite_id=spare.satellite_id,
        country=index.sites[spare.site_id].country,
        contact_id=backup.contact_id,
    )


def _contact(index: PlanIndex, contact: Contact, strongest: int) -> Bar:
    site = index.sites[contact.site_id]
    return Bar(
        start_s=contact.start_s,
        end_s=contact.end_s,
        title=f"{site.name} – {index.satellites[contact.satellite_id].name}\n"
        f"{_span_text(index, contact.start_s, contact.end_s)}\nup to {contact.max_elevation_deg:.0f}°, "
        f"{worth_text(contact)}",
        brief=f"{site.name}, {_start_text(index, contact.start_s)}",
        site_id=contact.site_id,
        satellite_id=contact.satellite_id,
        country=site.country,
        contact_id=contact.contact_id,
        strength_frac=round(contact.expected_bits / strongest, 3) if strongest else 1.0,
    )


def _start_text(index: PlanIndex, start_s: float) -> str:
    """``Mon 30 Nov 20:31``."""
    start_utc = index.utc(start_s)
    return f"{day_text(start_utc).rsplit(' ', 1)[0]} {start_utc:%H:%M}"


def _span_text(index: PlanIndex, start_s: float, end_s: float) -> str:
    """``Mon 30 Nov 2026, 20:31:05 – 20:36:10 UTC``; the second day too where it is another."""
    start_utc, end_utc = index.utc(start_s), index.utc(end_s)
    return f"{day_text(start_utc)}, {clock_text(start_utc)} – {clock_from(end_utc, start_utc)} UTC"
