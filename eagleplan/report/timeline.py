"""The timeline: the whole horizon, and each night by itself, with a row per station and a row per satellite.

Nights run from noon to noon UTC, so that a European night is in one piece, and show the hours in which any pass
has a window or any contact lies. Bars are shares of the hours shown; the page and the figures draw them.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from eagleplan.report.bars import Bar, bars_of_satellites, bars_of_sites
from eagleplan.report.index import PlanIndex
from eagleplan.report.times import day_text
from eagleplan.units import SECONDS_PER_DAY

MIN_WIDTH_FRAC = 0.0035
"""A bar is never drawn narrower than this share of its panel, or nobody could see or hit it."""

HOUR_S = 3600.0

MAX_DAY_TICKS = 14


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A bar in a panel: its left edge, its width, and what it is."""

    left_frac: float
    width_frac: float
    bar: Bar


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A station or a satellite in one panel. `kind` "all" is the row of what holds for everything.

    Nights, windows, closures, backups and contacts are drawn in this order, the later over the earlier.
    """

    kind: Literal["site", "satellite", "all"]
    name: str
    site_id: str
    satellite_id: str
    country: str
    nights: tuple[Mark, ...]
    windows: tuple[Mark, ...]
    closures: tuple[Mark, ...]
    backups: tuple[Mark, ...]
    contacts: tuple[Mark, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """A labelled hour or day, and the panel that shows more of it."""

    at_frac: float
    label: str
    panel_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """The horizon, or one noon to noon cut to the hours shown. A contact counts where it starts."""

    panel_id: str
    title: str
    short_title: str
    rows: tuple[Row, ...]
    ticks: tuple[Tick, ...]
    n_contacts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """The whole horizon, and its nights in which something could be done; no night where nothing could."""

    overview: Panel
    nights: tuple[Panel, ...]


@dataclass(frozen=True, slots=True)
class _Axis:
    """The hours of one panel, `start_s` to `end_s` since the horizon's start."""

    start_s: float
    end_s: float

    def at_frac(self, t_s: float) -> float:
        return (t_s - self.start_s) / (self.end_s - self.start_s)

    def mark(self, bar: Bar, least_frac: float) -> Mark:
        """The part of a bar that lies on the axis, widened about its middle if too narrow to see."""
        left, right = self.at_frac(max(bar.start_s, self.start_s)), self.at_frac(min(bar.end_s, self.end_s))
        width = max(right - left, least_frac)
        left = min(max(0.0, (left + right - width) / 2.0), 1.0 - width)
        return Mark(left_frac=round(left, 6), width_frac=round(width, 6), bar=bar)

    def marks(self, bars: Sequence[Bar], least_frac: float = MIN_WIDTH_FRAC) -> tuple[Mark, ...]:
        return tuple(self.mark(bar, least_frac) for bar in bars if self.touches(bar.start_s, bar.end_s))

    def touches(self, start_s: float, end_s: float) -> bool:
        return end_s > self.start_s and start_s < self.end_s


def timeline(index: PlanIndex) -> Timeline:
    """Stations from north to south, then what holds for everything, then satellites in the plan's order."""
    noons = _noons(index)
    spans = [(window.start_s, window.end_s) for d in index.decisions for window in d.planned_pass.windows]
    spans += [(float(contact.start_s), float(contact.end_s)) for contact in index.contacts]
    first_hour, last_hour = _hours(noons, spans)
    axes = [_Axis(noon_s + first_hour * HOUR_S, noon_s + last_hour * HOUR_S) for noon_s in noons]
    lively = [
        (noon_s, axis)
        for noon_s, axis in zip(noons, axes, strict=True)
        if any(axis.touches(start_s, end_s) for start_s, end_s in spans)
    ]
    panel_ids = {noon_s: f"night-{number}" for number, (noon_s, _) in enumerate(lively, start=1)}
    bars = {"site": bars_of_sites(index), "satellite": bars_of_satellites(index)}
    nights = []
    for noon_s, axis in lively:
        noon_utc = index.utc(noon_s)
        nights.append(
            Panel(
                panel_id=panel_ids[noon_s],
                title=f"{day_text(noon_utc)} – {day_text(noon_utc + timedelta(days=1))}",
                short_title=day_text(noon_utc).rsplit(" ", 1)[0],
                rows=_rows(index, axis, bars),
                ticks=tuple(_hour_ticks(index, axis)),
                n_contacts=_n_starting(index, axis),
            )
        )
    whole = _Axis(0.0, index.plan.horizon.duration_s)
    overview = Panel(
        panel_id="overview",
        title="The whole horizon",
        short_title="Whole horizon",
        rows=_rows(index, whole, bars),
        ticks=tuple(_day_ticks(index, whole, panel_ids)),
        n_contacts=len(index.contacts),
    )
    return Timeline(overview=overview, nights=tuple(nights))


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


def _rows(
    index: PlanIndex, axis: _Axis, bars: Mapping[str, Mapping[str, Mapping[str, Sequence[Bar]]]]
) -> tuple[Row, ...]:
    sites = sorted(index.plan.sites, key=lambda site: (-site.latitude_deg, site.site_id))
    rows = [
        _row(axis, bars["site"][site.site_id], "site", name=site.name, site_id=site.site_id, country=site.country)
        for site in sites
    ]
    if bars["satellite"][""]["closures"]:
        rows.append(_row(axis, bars["satellite"][""], "all", name="all satellites"))
    rows += [
        _row(axis, bars["satellite"][s.satellite_id], "satellite", name=s.name, satellite_id=s.satellite_id)
        for s in index.plan.satellites
    ]
    return tuple(rows)


def _row(
    axis: _Axis,
    bars: Mapping[str, Sequence[Bar]],
    kind: Literal["site", "satellite", "all"],
    *,
    name: str,
    site_id: str = "",
    satellite_id: str = "",
    country: str = "",
) -> Row:
    return Row(
        kind=kind,
        name=name,
        site_id=site_id,
        satellite_id=satellite_id,
        country=country,
        nights=axis.marks(bars["nights"], 0.0),
        windows=axis.marks(bars["windows"]),
        closures=axis.marks(bars["closures"]),
        backups=axis.marks(bars["backups"]),
        contacts=axis.marks(bars["contacts"]),
    )


def _n_starting(index: PlanIndex, axis: _Axis) -> int:
    return sum(axis.start_s <= contact.start_s < axis.end_s for contact in index.contacts)


def _hour_ticks(index: PlanIndex, axis: _Axis) -> Iterable[Tick]:
    hours = round((axis.end_s - axis.start_s) / HOUR_S)
    step = 1 if hours <= 13 else 2
    for hour in range(0, hours + 1, step):
        t_s = axis.start_s + hour * HOUR_S
        yield Tick(at_frac=round(axis.at_frac(t_s), 6), label=f"{index.utc(t_s):%H:%M}")


def _day_ticks(index: PlanIndex, axis: _Axis, panel_ids: Mapping[float, str]) -> Iterable[Tick]:
    """Midnights UTC, each labelled with the day that begins and leading to the night that this day ends with."""
    start_utc = index.plan.horizon.start_utc
    midnight_s = index.plan.horizon.seconds(start_utc.replace(hour=0, minute=0, second=0, microsecond=0))
    days = math.ceil((axis.end_s - midnight_s) / SECONDS_PER_DAY)
    step = math.ceil(days / MAX_DAY_TICKS)
    for number in range(0, days, step):
        t_s = midnight_s + number * SECONDS_PER_DAY
        at_frac = axis.at_frac(max(t_s, axis.start_s))
        label = day_text(index.utc(t_s)).rsplit(" ", 1)[0]
        yield Tick(at_frac=round(at_frac, 6), label=label, panel_id=panel_ids.get(t_s + SECONDS_PER_DAY / 2.0, ""))
