"""The timeline: a panel per night, a row per site, bars as shares of the hours shown. The template draws it.

Panels run from noon to noon UTC, so that a European night is in one piece, and show the hours in which any
pass has a window or any contact lies.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from eagleplan.report.index import PlanIndex
from eagleplan.report.times import clock_text, day_text
from eagleplan.report.words import bits_text, duration_text, probability_text
from eagleplan.units import SECONDS_PER_DAY

MIN_WIDTH_FRAC = 0.0035
"""A bar is never drawn narrower than this share of its panel, or nobody could see or hit it."""

HOUR_S = 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A bar in a row: its left edge and width, what it says when pointed at, and the contact it leads to.

    `strength_frac` is how full it is drawn.
    """

    left_frac: float
    width_frac: float
    title: str = ""
    contact_id: str = ""
    strength_frac: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A site in one panel."""

    label: str
    nights: tuple[Mark, ...]
    windows: tuple[Mark, ...]
    contacts: tuple[Mark, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """A labelled hour."""

    at_frac: float
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """One noon to noon, cut to the hours shown."""

    title: str
    rows: tuple[Row, ...]
    ticks: tuple[Tick, ...]
    n_contacts: int


@dataclass(frozen=True, slots=True)
class _Axis:
    """The hours of one panel, `start_s` to `end_s` since the horizon's start."""

    start_s: float
    end_s: float

    def at_frac(self, t_s: float) -> float:
        return (t_s - self.start_s) / (self.end_s - self.start_s)

    def mark(
        self,
        start_s: float,
        end_s: float,
        *,
        title: str = "",
        contact_id: str = "",
        strength_frac: float = 1.0,
    ) -> Mark:
        """The part of a time span that lies on the axis, widened about its middle if too narrow to see."""
        left, right = self.at_frac(max(start_s, self.start_s)), self.at_frac(min(end_s, self.end_s))
        width = max(right - left, MIN_WIDTH_FRAC)
        left = min(max(0.0, (left + right - width) / 2.0), 1.0 - width)
        return Mark(
            left_frac=round(left, 6),
            width_frac=round(width, 6),
            title=title,
            contact_id=contact_id,
            strength_frac=strength_frac,
        )

    def touches(self, start_s: float, end_s: float) -> bool:
        return end_s > self.start_s and start_s < self.end_s


def timeline(index: PlanIndex) -> tuple[Panel, ...]:
    """A panel for every night of the horizon in which something could be done; sites from north to south."""
    noons = _noons(index)
    spans = [(window.start_s, window.end_s) for d in index.decisions for window in d.planned_pass.windows]
    spans += [(float(contact.start_s), float(contact.end_s)) for contact in index.contacts]
    first_hour, last_hour = _hours(noons, spans)
    panels = []
    for noon_s in noons:
        axis = _Axis(noon_s + first_hour * HOUR_S, noon_s + last_hour * HOUR_S)
        if any(axis.touches(start_s, end_s) for start_s, end_s in spans):
            panels.append(_panel(index, axis, index.utc(noon_s)))
    return tuple(panels)


def _noons(index: PlanIndex) -> Sequence[float]:
    """Seconds of every noon UTC that begins a panel: the last before the start, and all up to the end."""
    start_utc = index.plan.horizon.start_utc
    noon_utc = start_utc.replace(hour=12, minute=0, second=0, microsecond=0)
    if noon_utc > start_utc:
        noon_utc -= timedelta(days=1)
    first_s = index.plan.horizon.seconds(noon_utc)
    n_panels = math.ceil((index.plan.horizon.duration_s - first_s) / SECONDS_PER_DAY)
    return [first_s + number * SECONDS_PER_DAY for number in range(n_panels)]


def _hours(noons: Sequence[float], spans: Iterable[tuple[float, float]]) -> tuple[int, int]:
    """Whole hours after noon that hold every span of every night."""
    first, last = 24, 0
    for start_s, end_s in spans:
        for noon_s in noons:
            begin_s, finish_s = max(start_s - noon_s, 0.0), min(end_s - noon_s, SECONDS_PER_DAY)
            if finish_s > begin_s:
                first = min(first, math.floor(begin_s / HOUR_S))
                last = max(last, math.ceil(finish_s / HOUR_S))
    return (first, last) if last > first else (0, 24)


def _panel(index: PlanIndex, axis: _Axis, noon_utc: datetime) -> Panel:
    sites = sorted(index.plan.sites, key=lambda site: (-site.latitude_deg, site.site_id))
    strongest = max((contact.expected_bits for contact in index.contacts), default=0)
    rows = tuple(
        Row(
            label=site.name,
            nights=tuple(
                axis.mark(night.start_s, night.end_s)
                for night in index.plan.nights
                if night.site_id == site.site_id and axis.touches(night.start_s, night.end_s)
            ),
            windows=tuple(_windows(index, axis, site.site_id)),
            contacts=tuple(_contacts(index, axis, site.site_id, strongest)),
        )
        for site in sites
    )
    return Panel(
        title=f"{day_text(noon_utc)} – {day_text(noon_utc + timedelta(days=1))}",
        rows=rows,
        ticks=tuple(_ticks(index, axis)),
        n_contacts=sum(axis.start_s <= contact.start_s < axis.end_s for contact in index.contacts),
    )


def _windows(index: PlanIndex, axis: _Axis, site_id: str) -> Iterable[Mark]:
    for decision in index.decisions_of_site[site_id]:
        planned = decision.planned_pass
        for window in planned.windows:
            if axis.touches(window.start_s, window.end_s):
                title = (
                    f"{index.satellites[planned.satellite_id].name}, "
                    f"{clock_text(index.utc(window.start_s))} to {clock_text(index.utc(window.end_s))} UTC, "
                    f"up to {planned.max_elevation_deg:.0f}°. {decision.reason.text}"
                )
                yield axis.mark(window.start_s, window.end_s, title=title)


def _contacts(index: PlanIndex, axis: _Axis, site_id: str, strongest: int) -> Iterable[Mark]:
    for contact in index.contacts_of_site[site_id]:
        if axis.touches(contact.start_s, contact.end_s):
            start_utc, end_utc = index.contact_utc(contact)
            title = (
                f"{index.satellites[contact.satellite_id].name}, "
                f"{clock_text(start_utc)} to {clock_text(end_utc)} UTC, {duration_text(contact.duration_s)}, "
                f"up to {contact.max_elevation_deg:.0f}°, expected {bits_text(contact.expected_bits)}, "
                f"clear {probability_text(contact.p_clear)}"
            )
            strength = contact.expected_bits / strongest if strongest else 1.0
            yield axis.mark(
                contact.start_s,
                contact.end_s,
                title=title,
                contact_id=contact.contact_id,
                strength_frac=round(0.35 + 0.65 * strength, 3),
            )


def _ticks(index: PlanIndex, axis: _Axis) -> Iterable[Tick]:
    hours = round((axis.end_s - axis.start_s) / HOUR_S)
    step = 1 if hours <= 13 else 2
    for hour in range(0, hours + 1, step):
        t_s = axis.start_s + hour * HOUR_S
        yield Tick(at_frac=round(axis.at_frac(t_s), 6), label=f"{index.utc(t_s):%H:%M}")
