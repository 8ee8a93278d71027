"""Where a plan stands at an instant: what is on now, what comes next, where to point, where to turn under cloud."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np

from eagleplan.model import Backup, Contact, ContactTrace
from eagleplan.orbit.places import site_vectors
from eagleplan.report.exports.ephemeris import Motion, motions
from eagleplan.report.exports.pointing import directions
from eagleplan.report.index import PlanIndex
from eagleplan.report.times import iso_utc
from eagleplan.report.words import duration_text
from eagleplan.units import SECONDS_PER_DAY

Phase = Literal["not-begun", "on", "between", "nothing-left", "over"]
"""`on`: a contact is running. `nothing-left`: the horizon goes on, but no contact is to come."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What a ledger knows of a contact."""

    status: str
    secret_bits: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Aim:
    """Where a mount must point at an instant; elevation without refraction, as in the pointing tables."""

    azimuth_deg: float
    elevation_deg: float
    azimuth_rate_deg_s: float
    elevation_rate_deg_s: float
    range_km: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """A contact as the control room sees it; `in_s` until its start is negative once it runs.

    `aim` is for now while it runs and for its start before; None where the satellite's way is not known. `key_bits` is
    the secret key under a clear sky if it ended now, None without a trace; `key_in_s` until the block has any.
    """

    contact: Contact
    in_s: float
    left_s: float
    aim: Aim | None
    key_bits: int | None
    key_in_s: float | None
    backups: tuple[tuple[Backup, Aim | None], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """A plan at `at_s` since its horizon's start; each tuple is in the order of time.

    `reports` are those of the contacts that are shown; a contact that was called off is neither on nor to come.
    """

    at_s: float
    phase: Phase
    on: tuple[Turn, ...]
    coming: tuple[Turn, ...]
    n_behind: int
    n_to_come: int
    unreported: tuple[Contact, ...]
    reports: Mapping[str, Report]


class Ways:
    """The satellites of a plan in motion, for `Aim`s; raises InputError where one cannot be propagated."""

    def __init__(self, index: PlanIndex) -> None:
        self._index = index
        wanted = {contact.satellite_id for contact in index.contacts}
        self._moving: Mapping[str, Motion] = motions(index.plan, sorted(wanted))

    def aim(self, contact: Contact, at_s: float) -> Aim | None:
        """From the contact's site to its satellite at an instant."""
        motion = self._moving.get(contact.satellite_id)
        if motion is None or not any(start_s + 1.0 <= at_s <= end_s for start_s, end_s in motion.runs_s):
            return None
        site = site_vectors([self._index.sites[contact.site_id]])
        azimuth, elevation, azimuth_rate, elevation_rate, slant, _ = directions(site, motion, np.array([at_s]))
        return Aim(
            azimuth_deg=float(azimuth[0]),
            elevation_deg=float(elevation[0]),
            azimuth_rate_deg_s=float(azimuth_rate[0]),
            elevation_rate_deg_s=float(elevation_rate[0]),
            range_km=float(slant[0]),
        )


def situation(
    index: PlanIndex,
    ways: Ways,
    at_s: float,
    *,
    traces: Sequence[ContactTrace] = (),
    reports: Mapping[str, Report] | None = None,
    takes: Callable[[Contact], bool] = lambda contact: True,
    n_coming: int = 3,
) -> Situation:
    """How a plan stands `at_s` seconds after its horizon's start, as far as contacts go that `takes` wants.

    Of those to come at most `n_coming` are in full.
    """
    by_id = {trace.contact_id: trace for trace in traces}
    wanted = [contact for contact in index.contacts if takes(contact)]
    known = _known(wanted, reports or {})
    flown = [c for c in wanted if c.contact_id not in known or known[c.contact_id].status != "cancelled"]
    on = [contact for contact in flown if contact.start_s <= at_s < contact.end_s]
    to_come = [contact for contact in flown if contact.start_s > at_s]
    behind = [contact for contact in flown if contact.end_s <= at_s]

    def turn(contact: Contact) -> Turn:
        return _turn(contact, index, ways, at_s, by_id.get(contact.contact_id))

    return Situation(
        at_s=at_s,
        phase=_phase(index, at_s, on, to_come),
        on=tuple(turn(contact) for contact in on),
        coming=tuple(turn(contact) for contact in to_come[:n_coming]),
        n_behind=len(behind),
        n_to_come=len(to_come),
        unreported=tuple(contact for contact in behind if contact.contact_id not in known),
        reports=known,
    )


def _known(contacts: Iterable[Contact], reports: Mapping[str, Report]) -> dict[str, Report]:
    """What the ledger says of contacts, over what the plan itself knew when it was made."""
    known = {}
    for contact in contacts:
        report = reports.get(contact.contact_id)
        if report is None and contact.outcome is not None:
            report = Report(status=contact.outcome, secret_bits=contact.expected_bits)
        if report is not None:
            known[contact.contact_id] = report
    return known


def _phase(index: PlanIndex, at_s: float, on: Sequence[Contact], to_come: Sequence[Contact]) -> Phase:
    if on:
        return "on"
    if at_s < 0.0:
        return "not-begun"
    if at_s >= index.plan.horizon.duration_s:
        return "over"
    return "between" if to_come else "nothing-left"


def _turn(contact: Contact, index: PlanIndex, ways: Ways, at_s: float, trace: ContactTrace | None) -> Turn:
    key_bits, key_in_s = _key(contact, at_s, trace)
    return Turn(
        contact=contact,
        in_s=contact.start_s - at_s,
        left_s=contact.end_s - at_s,
        aim=ways.aim(contact, max(at_s, float(contact.start_s))),
        key_bits=key_bits,
        key_in_s=key_in_s,
        backups=tuple(
            (backup, ways.aim(backup.backup, max(at_s, float(backup.backup.start_s))))
            for backup in index.backups.get(contact.contact_id, ())
            if backup.backup.end_s > at_s
        ),
    )


def _key(contact: Contact, at_s: float, trace: ContactTrace | None) -> tuple[int | None, float | None]:
    """Secret bits under a clear sky if the contact ended now, and the seconds until there are any.

    Between two ends that were proven it is the earlier one's: what one more second gives is not known.
    """
    growth = trace.growth if trace is not None else None
    if growth is None:
        return None, None
    proven = int(np.searchsorted(growth.t_s, at_s, side="right"))
    key_bits = int(growth.secret_bits[proven - 1]) if proven else 0
    return key_bits, None if growth.first_key_s is None else growth.first_key_s - at_s


def phase_text(index: PlanIndex, now: Situation) -> str:
    """``next contact in 31 min 02 s; 5 behind, 31 to come``: how things stand, in a line."""
    horizon = index.plan.horizon
    counts = f"{now.n_behind} behind, {now.n_to_come} to come"
    if now.phase == "on":
        return f"{'a contact is' if len(now.on) == 1 else f'{len(now.on)} contacts are'} on; {counts}"
    if now.phase == "not-begun":
        return f"the plan begins in {wait_text(-now.at_s)}; {now.n_to_come} to come"
    if now.phase == "over":
        return f"the plan ended {wait_text(now.at_s - horizon.duration_s)} ago; {counts}"
    if now.phase == "nothing-left":
        return f"no contact is left; the plan ends in {wait_text(horizon.duration_s - now.at_s)}"
    return f"next contact in {wait_text(now.coming[0].in_s)}; {counts}"


def countdown_text(wait_s: float) -> str:
    """``T-00:31:02``, ``T-2 d 04:00:00``; rounded down."""
    whole_s = int(wait_s)
    days = f"{whole_s // 86_400} d " if whole_s >= SECONDS_PER_DAY else ""
    return f"T-{days}{whole_s % 86_400 // 3600:02d}:{whole_s % 3600 // 60:02d}:{whole_s % 60:02d}"


def wait_text(wait_s: float) -> str:
    """``45 s``, ``31 min 02 s``, ``2 h 05 min``, ``3 d 04 h``; rounded down, so that a countdown ends at 0 s."""
    whole_s = int(wait_s)
    if whole_s < SECONDS_PER_DAY:
        return duration_text(whole_s) if whole_s < 3600 else f"{whole_s // 3600} h {whole_s % 3600 // 60:02d} min"
    return f"{whole_s // 86_400} d {whole_s % 86_400 // 3600:02d} h"


def situation_json(index: PlanIndex, now: Situation) -> bytes:
    """The same for machines; instants are UTC, seconds count from `at_utc`."""
    content = {
        "kind": "eagleplan-situation",
        "schema_version": 1,
        "plan": index.plan.name,
        "at_utc": iso_utc(index.utc(now.at_s)),
        "phase": now.phase,
        "n_behind": now.n_behind,
        "n_to_come": now.n_to_come,
        "on": [_turn_json(index, turn) for turn in now.on],
        "coming": [_turn_json(index, turn) for turn in now.coming],
        "unreported": [contact.contact_id for contact in now.unreported],
        "reports": {name: asdict(report) for name, report in sorted(now.reports.items())},
    }
    return (json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False) + "\n").encode()


def _turn_json(index: PlanIndex, turn: Turn) -> dict[str, Any]:
    return {
        **_contact_json(index, turn.contact, turn.aim),
        "in_s": round(turn.in_s, 3),
        "left_s": round(turn.left_s, 3),
        "key_bits": turn.key_bits,
        "p_clear": round(turn.contact.p_clear, 6),
        "expected_bits": turn.contact.expected_bits,
        "backups": [
            {
                **_contact_json(index, backup.backup, aim),
                "p_clear_if_clouded": round(backup.p_clear_if_clouded, 6),
                "distance_km": round(backup.distance_km, 3),
            }
            for backup, aim in turn.backups
        ],
    }


def _contact_json(index: PlanIndex, contact: Contact, aim: Aim | None) -> dict[str, Any]:
    start_utc, end_utc = index.contact_utc(contact)
    return {
        "contact_id": contact.contact_id,
        "satellite_id": contact.satellite_id,
        "site_id": contact.site_id,
        "start_utc": iso_utc(start_utc),
        "end_utc": iso_utc(end_utc),
        "clear_sky_bits": contact.key.secret_bits,
        "aim": None if aim is None else {name: round(value, 6) for name, value in asdict(aim).items()},
    }
