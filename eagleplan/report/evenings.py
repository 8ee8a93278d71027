"""A plan night by night as lines of stretches of time: what a timeline in a terminal draws."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, get_args

from eagleplan.errors import InputError, Problem
from eagleplan.inputs.suggest import unknown_names
from eagleplan.model import Contact
from eagleplan.report.index import PlanIndex

HOUR_S = 3600.0

Mark = Literal["day", "night", "window", "closed", "backup", "contact", "lost"]
"""What a stretch is; `lost` is a contact that came to nothing or was called off."""

MARKS: tuple[Mark, ...] = get_args(Mark)
"""Each covers those before it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What of a plan is to be shown: nothing named is everything. `by` says what a line is for.

    `night` is the date on which a night begins, as in ``passes.csv``. With `is_local` instants are in the civil time of
    their site.
    """

    site_ids: frozenset[str] = frozenset()
    satellite_ids: frozenset[str] = frozenset()
    night: str | None = None
    by: Literal["site", "satellite"] = "site"
    is_local: bool = False

    def takes(self, thing: Contact) -> bool:
        """Whether a contact is among what is shown, whatever its night."""
        return (not self.site_ids or thing.site_id in self.site_ids) and (
            not self.satellite_ids or thing.satellite_id in self.satellite_ids
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A stretch of a line, in seconds since the horizon's start."""

    mark: Mark
    start_s: float
    end_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A station or a satellite in one night."""

    label: str
    spans: tuple[Span, ...]
    n_contacts: int
    expected_bits: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Evening:
    """A night: its date, the instants between which it is drawn, its lines, and how many more have windows alone."""

    night: str
    start_s: float
    end_s: float
    lines: tuple[Line, ...]
    n_idle: int


def check_choice(index: PlanIndex, choice: Choice) -> None:
    """Raises InputError with every name in a choice that the plan does not have."""
    problems = unknown_names("--site", "is no site of the plan", sorted(choice.site_ids), index.sites)
    problems += unknown_names(
        "--satellite", "is no satellite of the plan", sorted(choice.satellite_ids), index.satellites
    )
    nights = {decision.planned_pass.night for decision in index.decisions}
    if choice.night is not None and choice.night not in nights:
        hint = f"the plan's nights are {min(nights)} to {max(nights)}" if nights else None
        problems.append(Problem(path="--night", message="is no night with a pass", got=choice.night, hint=hint))
    if problems:
        raise InputError(problems)


def evenings(index: PlanIndex, choice: Choice, lost: frozenset[str] = frozenset()) -> tuple[Evening, ...]:
    """The nights that a choice shows, over the same hours each; `lost` are contacts that came to nothing.

    Lines are for what has a contact or a backup, and for everything with a window where sites, satellites or a night
    are named.
    """
    by_night: dict[str, dict[str, list[Span]]] = {}
    booked: dict[tuple[str, str], list[Contact]] = {}
    for night, name, span, contact in _spans(index, choice, lost):
        if choice.night in (None, night):
            by_night.setdefault(night, {}).setdefault(name, []).append(span)
            if contact is not None:
                booked.setdefault((night, name), []).append(contact)
    first, last = _hours(index, by_night)
    is_named = bool(choice.site_ids or choice.satellite_ids or choice.night)
    found = []
    for night, lines in sorted(by_night.items()):
        midnight_s = _midnight_s(index, night)
        start_s, end_s = midnight_s + first * HOUR_S, midnight_s + last * HOUR_S
        dark = _dark(index, start_s, end_s) if choice.by == "site" else {}
        busy = [n for n in _order(index, choice, lines) if is_named or any(s.mark != "window" for s in lines[n])]
        found.append(
            Evening(
                night=night,
                start_s=start_s,
                end_s=end_s,
                lines=tuple(
                    Line(
                        label=name,
                        spans=(*dark.get(name, ()), *lines[name]),
                        n_contacts=len(booked.get((night, name), ())),
                        expected_bits=sum(contact.expected_bits for contact in booked.get((night, name), ())),
                    )
                    for name in busy
                ),
                n_idle=len(lines) - len(busy),
            )
        )
    return tuple(found)


def _spans(index: PlanIndex, choice: Choice, lost: frozenset[str]) -> Iterable[tuple[str, str, Span, Contact | None]]:
    """Night, line, stretch and, for a contact, itself."""

    def name(thing: Contact) -> str:
        return thing.site_id if choice.by == "site" else thing.satellite_id

    for decision in index.decisions:
        planned = decision.planned_pass
        if (not choice.site_ids or planned.site_id in choice.site_ids) and (
            not choice.satellite_ids or planned.satellite_id in choice.satellite_ids
        ):
            line = planned.site_id if choice.by == "site" else planned.satellite_id
            for window in planned.windows:
                yield planned.night, line, Span(mark="window", start_s=window.start_s, end_s=window.end_s), None
    for backup in index.plan.backups:
        spare = backup.backup
        if choice.takes(spare):
            span = Span(mark="backup", start_s=spare.start_s, end_s=spare.end_s)
            yield index.passes[spare.pass_id].night, name(spare), span, None
    for contact in index.contacts:
        if choice.takes(contact):
            mark: Mark = "lost" if contact.contact_id in lost else "contact"
            span = Span(mark=mark, start_s=contact.start_s, end_s=contact.end_s)
            yield index.passes[contact.pass_id].night, name(contact), span, contact


def _dark(index: PlanIndex, start_s: float, end_s: float) -> Mapping[str, list[Span]]:
    """Nights and closures of each site that touch a stretch of time."""
    found: dict[str, list[Span]] = {site_id: [] for site_id in index.sites}
    for night in index.plan.nights:
        if night.end_s > start_s and night.start_s < end_s:
            found[night.site_id].append(Span(mark="night", start_s=night.start_s, end_s=night.end_s))
    for closure in index.plan.closures:
        if closure.satellite_id is None and closure.end_s > start_s and closure.start_s < end_s:
            for site_id in [closure.site_id] if closure.site_id is not None else list(found):
                found[site_id].append(Span(mark="closed", start_s=closure.start_s, end_s=closure.end_s))
    return found


def _midnight_s(index: PlanIndex, night: str) -> float:
    """When the date that a night is called after begins, UTC, in seconds since the horizon's start."""
    midnight_utc = datetime.fromisoformat(night).replace(tzinfo=index.plan.horizon.start_utc.tzinfo)
    return index.plan.horizon.seconds(midnight_utc)


def _hours(index: PlanIndex, by_night: Mapping[str, Mapping[str, Sequence[Span]]]) -> tuple[int, int]:
    """Whole hours after midnight UTC that hold every stretch of every night."""
    first, last = math.inf, -math.inf
    for night, lines in by_night.items():
        midnight_s = _midnight_s(index, night)
        for span in (span for spans in lines.values() for span in spans):
            first = min(first, math.floor((span.start_s - midnight_s) / HOUR_S))
            last = max(last, math.ceil((span.end_s - midnight_s) / HOUR_S))
    return (int(first), int(last)) if last > first else (12, 36)


def _order(index: PlanIndex, choice: Choice, names: Iterable[str]) -> list[str]:
    """Sites from north to south, as in the report; satellites by id."""
    if choice.by == "satellite":
        return sorted(names)
    return sorted(names, key=lambda site_id: (-index.sites[site_id].latitude_deg, site_id))


def cells(line: Line, start_s: float, step_s: float, n_cells: int) -> list[Mark]:
    """What each of `n_cells` characters of `step_s` from `start_s` on stands for.

    A stretch takes the characters whose middles lie in it; one that is shorter than that, the character of its own.
    """
    row: list[Mark] = ["day"] * n_cells
    for span in sorted(line.spans, key=lambda span: MARKS.index(span.mark)):
        first = math.ceil((span.start_s - start_s) / step_s - 0.5)
        last = math.ceil((span.end_s - start_s) / step_s - 0.5)
        if last <= first:
            first = math.floor(((span.start_s + span.end_s) / 2.0 - start_s) / step_s)
            last = first + 1
        for number in range(max(first, 0), min(last, n_cells)):
            row[number] = span.mark
    return row
