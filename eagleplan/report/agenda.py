"""The plan as a timeline in a terminal: a line per station or satellite and night, then what comes next, and demand."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from eagleplan.model import Contact, Site
from eagleplan.report.evenings import Choice, Evening, Mark, cells, evenings
from eagleplan.report.index import PlanIndex
from eagleplan.report.situation import Situation, phase_text
from eagleplan.report.terminal import bar, clock_at, cut, day_at, plain_table, span_text
from eagleplan.report.times import clock_text, day_text, local
from eagleplan.report.words import bits_text, duration_text, pair_texts, percent_text, probability_text

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.table import Table
    from rich.text import Text

N_NEXT = 8

_STEPS_MIN = (1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30, 60, 120, 180, 360)
"""Minutes that a character may stand for: whole parts or multiples of an hour, so that hours stand above one."""

_MARKS: Mapping[Mark, tuple[str, str, str]] = {
    "day": (" ", "", ""),
    "night": ("·", "dim", "night"),
    "window": ("▒", "cyan", "window"),
    "closed": ("─", "magenta", "closed"),
    "backup": ("▚", "yellow", "backup"),
    "contact": ("█", "bold green", "contact"),
    "lost": ("x", "bold red", "lost or called off"),
}
"""What is drawn for each mark: its character, its style, its name in the legend."""


def agenda(index: PlanIndex, choice: Choice, now: Situation, width: int) -> RenderableType:
    """The timeline as rich draws it in `width` columns; nights that are behind are left out until the plan is over."""
    from rich.console import Group
    from rich.text import Text

    at_utc = index.utc(now.at_s)
    parts: list[RenderableType] = [
        cut(f"{index.plan.name}: {span_text(index.plan)}", width),
        Text(f"{day_text(at_utc)}, {clock_text(at_utc)} UTC: {phase_text(index, now)}"),
    ]
    parts[0].stylize("bold")  # type: ignore[union-attr]
    found = evenings(index, choice, frozenset(name for name, report in now.reports.items() if report.status != "done"))
    shows_past = now.phase == "over" or choice.night is not None
    shown = [evening for evening in found if shows_past or evening.end_s > now.at_s]
    if len(shown) < len(found):
        behind = len(found) - len(shown)
        text = f"{behind} night{'s are' if behind > 1 else ' is'} behind; --night {found[0].night} shows the first"
        parts.append(Text(text, style="dim"))
    used: set[Mark] = set()
    for evening in shown:
        parts += [Text(), *_evening(index, choice, evening, now.at_s, width, used)]
    if not found:
        parts += [Text(), Text("No window of the plan is among what is asked for.")]
    elif used - {"day"}:
        parts += [Text(), _legend(used)]
    coming = [c for c in index.contacts if choice.takes(c) and _is_to_come(index, choice, c, now)]
    if coming:
        title = "Contacts" if choice.night is not None or now.phase == "over" else "Next contacts"
        parts += [Text(), _next_table(index, choice, coming, width, title)]
        if len(coming) > N_NEXT:
            parts.append(Text(f"and {len(coming) - N_NEXT} more in contacts.csv", style="dim"))
    if index.plan.demands and choice == Choice(by=choice.by, is_local=choice.is_local):
        parts += [Text(), _demand_table(index, width)]
    return Group(*parts)


def _is_to_come(index: PlanIndex, choice: Choice, contact: Contact, now: Situation) -> bool:
    report = now.reports.get(contact.contact_id)
    if report is not None and report.status == "cancelled":
        return False
    if choice.night is not None:
        return index.passes[contact.pass_id].night == choice.night
    return now.phase == "over" or contact.end_s > now.at_s


def _evening(
    index: PlanIndex, choice: Choice, evening: Evening, at_s: float, width: int, used: set[Mark]
) -> Iterable[Text]:
    """Header, hours and lines of a night; `used` gathers the marks that were drawn."""
    from rich.text import Text

    names = [*index.sites] if choice.by == "site" else [*index.satellites]
    label_width = min(max(map(len, names)), max(8, width // 4))
    room = max(width - label_width - 11, 12)
    minutes = round((evening.end_s - evening.start_s) / 60.0)
    step_min = next((step for step in _STEPS_MIN if minutes / step <= room), _STEPS_MIN[-1])
    n_cells = min(math.ceil(minutes / step_min), room)
    n_contacts = sum(line.n_contacts for line in evening.lines)
    bits = sum(line.expected_bits for line in evening.lines)
    counted = "no contact" if not n_contacts else f"{n_contacts} contact{'s' if n_contacts > 1 else ''}"
    title = Text(f"Night of {day_text(datetime.fromisoformat(evening.night))}", style="bold")
    title.append(f"  {counted}" + (f", expected {bits_text(bits)}" if n_contacts else ""), style="not bold")
    yield title
    ruler, zone_text = _ruler(index, choice, evening, step_min, n_cells)
    if evening.start_s <= at_s < evening.end_s:
        yield Text(" " * (label_width + 1 + int((at_s - evening.start_s) / (step_min * 60.0))) + "▼", style="bold")
    yield Text(f"{'':{label_width}} {ruler} {zone_text}"[:width], style="dim")
    for line in evening.lines:
        row = cut(line.label, label_width)
        row.append(" " * (label_width - row.cell_len + 1))
        for mark in cells(line, evening.start_s, step_min * 60.0, n_cells):
            used.add(mark)
            row.append(_MARKS[mark][0], style=_MARKS[mark][1])
        row.append(f" {bits_text(line.expected_bits) if line.n_contacts else '':>9}")
        row.rstrip()
        yield row
    if evening.n_idle:
        what = choice.by if evening.n_idle == 1 else f"{choice.by}s"
        text = f"and {evening.n_idle} {what} with windows alone; --night {evening.night} shows all"
        yield Text(text, style="dim")


def _ruler(index: PlanIndex, choice: Choice, evening: Evening, step_min: int, n_cells: int) -> tuple[str, str]:
    """The hours above a night, and the zone that they are in: a civil one only if all the sites shown share it."""
    offset, zone_text = timedelta(0), "UTC"
    if choice.is_local and choice.by == "site":
        noon_utc = index.utc((evening.start_s + evening.end_s) / 2.0)
        there = {(t.utcoffset(), t.tzname()) for t in _local_times(index, evening, noon_utc)}
        if len(there) == 1:
            ((shift, name),) = there
            offset, zone_text = shift or offset, name or zone_text
    row = [" "] * n_cells
    next_free = 0
    for number in range(n_cells):
        instant = index.utc(evening.start_s + number * step_min * 60.0) + offset
        if instant.minute == 0 and number >= next_free and number + 2 <= n_cells:
            row[number : number + 2] = f"{instant:%H}"
            next_free = number + 3
    return "".join(row), zone_text


def _local_times(index: PlanIndex, evening: Evening, instant_utc: datetime) -> Iterable[datetime]:
    return (local(instant_utc, index.sites[line.label].time_zone) for line in evening.lines)


def _legend(used: set[Mark]) -> Text:
    from rich.text import Text

    legend = Text()
    for mark, (sign, style, name) in _MARKS.items():
        if mark in used and name:
            legend.append(sign, style=style)
            legend.append(f" {name}   ")
    legend.rstrip()
    return legend


def _next_table(index: PlanIndex, choice: Choice, contacts: Sequence[Contact], width: int, title: str) -> Table:
    several = len(index.satellites) > 1
    table = plain_table(f"{title} ({'local time of each site' if choice.is_local else 'UTC'})")
    for name, justify in (("Day", "left"), ("Start", "left"), ("For", "right")):
        table.add_column(name, justify=justify, no_wrap=True)  # type: ignore[arg-type]
    names = ("Site", "Sat.") if several else ("Site",)
    for name in names:
        table.add_column(name, no_wrap=True)
    for name in ("Elev.", "Clear", "Expected"):
        table.add_column(name, justify="right", no_wrap=True)
    # What stands beside the names takes 60 columns, a zone 5 more; the satellite's column is as wide as it needs.
    aside = min(max(map(len, index.satellites)), 12) if several else 0
    room = width - (65 if choice.is_local else 60) - (aside + 2 if several else 0)
    for contact in contacts[:N_NEXT]:
        start_utc, _ = index.contact_utc(contact)
        site: Site | None = index.sites[contact.site_id] if choice.is_local else None
        table.add_row(
            day_at(start_utc, site),
            clock_at(start_utc, site).removesuffix(" UTC"),
            duration_text(contact.duration_s),
            cut(contact.site_id, max(room, 8)),
            *([cut(contact.satellite_id, aside)] if several else []),
            f"{contact.max_elevation_deg:.0f}°",
            probability_text(contact.p_clear),
            bits_text(contact.expected_bits),
        )
    return table


def _demand_table(index: PlanIndex, width: int) -> Table:
    from rich.text import Text

    table = plain_table("Demand")
    table.add_column("Pair", no_wrap=True)
    table.add_column("Met", no_wrap=True)
    table.add_column("", justify="right", no_wrap=True)
    table.add_column("Delivered", justify="right", no_wrap=True)
    table.add_column("of", justify="right", no_wrap=True)
    table.add_column("Guarantee", no_wrap=True)
    room = width - 47
    pairs = pair_texts(index.plan.demands)
    name_width = min(max(map(len, pairs)), max(room // 2, 8))
    bar_width = max(min(room - name_width, 40), 4)
    for pair, result in zip(pairs, index.plan.demands, strict=True):
        guarantee = "" if not result.demand.guarantee_bits else "kept" if result.guarantee_kept else "NOT KEPT"
        table.add_row(
            cut(pair, name_width),
            Text(bar(result.met_frac, bar_width), style="green" if result.met_frac >= 1.0 else "blue"),
            percent_text(result.met_frac),
            bits_text(result.delivered_bits),
            bits_text(result.demand.bits),
            Text(guarantee, style="" if result.guarantee_kept else "bold red"),
        )
    return table
