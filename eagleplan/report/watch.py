"""The control room's page: the contact that is on, the next, where to point, where to turn, what was reported."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from eagleplan.model import Backup, Contact
from eagleplan.report.index import PlanIndex
from eagleplan.report.situation import Aim, Situation, Turn, countdown_text, phase_text, wait_text
from eagleplan.report.terminal import bar, cut, day_at, local_clock
from eagleplan.report.times import clock_text, day_text
from eagleplan.report.words import bits_text, duration_text, probability_text

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.table import Table

N_REPORTS = 3
N_MESSAGES = 3
MAX_BAR = 40
_LABEL_WIDTH = 8
_POINTS = ("N", "NNE", "NE", "ENE", "E", "ESE", "SE", "SSE", "S", "SSW", "SW", "WSW", "W", "WNW", "NW", "NNW")
_STYLES = {"done": "green", "clouded": "yellow", "technical": "red", "cancelled": "red"}


def control_room(
    index: PlanIndex, now: Situation, width: int, *, is_local: bool = False, messages: Sequence[str] = ()
) -> RenderableType:
    """The page for one instant in `width` columns; the newest of `messages` are its last lines.

    Instants are UTC; with `is_local` the civil time of each site stands beside.
    """
    from rich.console import Group
    from rich.text import Text

    at_utc = index.utc(now.at_s)
    clock = f"{day_text(at_utc)}  {clock_text(at_utc)} UTC"
    head = cut(index.plan.name, width - len(clock) - 2)
    head.append(f"{clock:>{width - head.cell_len}}")
    head.stylize("bold")
    parts: list[RenderableType] = [head, Text(phase_text(index, now), style=_PHASE_STYLES[now.phase])]
    for turn in now.on:
        parts += [Text(), _turn(index, turn, "On now", width, is_local)]
    # Contacts of two satellites may be on at once; whoever waits for the next must still see it.
    for label, turn in zip(("Next", "Then", "Then"), now.coming, strict=False):
        if label == "Next":
            parts += [Text(), _turn(index, turn, label, width, is_local)]
        else:
            parts.append(_brief(index, turn, label, width, is_local))
    reported = _reported(index, now, width)
    if reported is not None:
        parts += [Text(), reported]
    if messages:
        parts += [Text(), *(Text(message, style="bold yellow") for message in messages[-N_MESSAGES:])]
    return Group(*parts)


_PHASE_STYLES = {"on": "bold green", "between": "", "not-begun": "yellow", "nothing-left": "yellow", "over": "yellow"}


def _grid(width: int) -> Table:
    from rich.table import Table

    grid = Table.grid(padding=(0, 1, 0, 0))
    grid.add_column(width=_LABEL_WIDTH, no_wrap=True)
    grid.add_column(width=width - _LABEL_WIDTH - 1, overflow="fold")
    return grid


def _turn(index: PlanIndex, turn: Turn, label: str, width: int, is_local: bool) -> Table:
    """A contact in full: when, its progress, where to point, its key, and where to turn."""
    from rich.text import Text

    contact = turn.contact
    grid = _grid(width)
    style = "bold green" if turn.in_s <= 0.0 else "bold"
    who = cut(_who(index, contact), width - _LABEL_WIDTH - 1)
    who.stylize(style)
    grid.add_row(Text(label, style=style), who)
    grid.add_row("", _when(index, contact, is_local) + f"; up to {contact.max_elevation_deg:.0f}°")
    if turn.in_s <= 0.0:
        share = -turn.in_s / contact.duration_s
        length = min(MAX_BAR, width - _LABEL_WIDTH - 36)
        progress = Text(bar(share, length), style="green")
        progress.append(f"  {wait_text(-turn.in_s)} on, {wait_text(turn.left_s)} left", style="default")
        grid.add_row("", progress)
    else:
        grid.add_row("", Text(countdown_text(turn.in_s), style="bold cyan"))
    grid.add_row("Point", _aim(turn.aim, is_now=turn.in_s <= 0.0))
    for text in _key(turn):
        grid.add_row("Key", text)
    grid.add_row("Sky", f"clear {probability_text(contact.p_clear)}, {contact.p_clear_origin}")
    for backup, aim in turn.backups:
        grid.add_row("If cloud", _backup(index, backup, aim, turn, is_local))
    if not turn.backups:
        grid.add_row("If cloud", Text("nowhere to turn", style="dim"))
    return grid


def _brief(index: PlanIndex, turn: Turn, label: str, width: int, is_local: bool) -> Table:
    contact = turn.contact
    who = contact.site_id if len(index.satellites) == 1 else f"{contact.satellite_id} → {contact.site_id}"
    start_utc, _ = index.contact_utc(contact)
    when = f"{day_at(start_utc, None)} {clock_text(start_utc)} UTC"
    if is_local:
        when += f" ({local_clock(start_utc, index.sites[contact.site_id])})"
    grid = _grid(width)
    grid.add_row(label, f"{who}, {when}, {duration_text(contact.duration_s)}, {bits_text(contact.expected_bits)}")
    return grid


def _who(index: PlanIndex, contact: Contact) -> str:
    name = " ".join(index.sites[contact.site_id].name.split())
    return f"{contact.satellite_id} → {contact.site_id} ({name})"


def _when(index: PlanIndex, contact: Contact, is_local: bool) -> str:
    start_utc, end_utc = index.contact_utc(contact)
    text = f"{day_at(start_utc, None)}, {clock_text(start_utc)} to {clock_text(end_utc)} UTC"
    if is_local:
        text += f" ({local_clock(start_utc, index.sites[contact.site_id])})"
    return f"{text}, {duration_text(contact.duration_s)}"


def _aim(aim: Aim | None, *, is_now: bool) -> str:
    """Where to point, and now also how fast that changes."""
    if aim is None:
        return "the satellite's way is not known"
    azimuth = f"azimuth {aim.azimuth_deg:.2f}° {_POINTS[round(aim.azimuth_deg / 22.5) % 16]}"
    elevation = f"elevation {aim.elevation_deg:.2f}°"
    if not is_now:
        return f"{azimuth}, {elevation} at its start"
    rates = (aim.azimuth_rate_deg_s, aim.elevation_rate_deg_s)
    return f"{azimuth} ({rates[0]:+.3f}°/s), {elevation} ({rates[1]:+.3f}°/s), {aim.range_km:.0f} km"


def _key(turn: Turn) -> Iterator[str]:
    contact = turn.contact
    whole = f"{bits_text(contact.key.secret_bits)} under a clear sky, expected {bits_text(contact.expected_bits)}"
    if turn.in_s > 0.0 or turn.key_bits is None:
        yield whole
    elif turn.key_bits == 0 and turn.key_in_s is not None and turn.key_in_s > 0.0:
        yield f"none yet: the block is large enough in {wait_text(turn.key_in_s)}; at the end {whole}"
    else:
        yield f"{bits_text(turn.key_bits)} so far if the sky is clear; at the end {whole}"


def _backup(index: PlanIndex, backup: Backup, aim: Aim | None, turn: Turn, is_local: bool) -> str:
    spare = backup.backup
    starts_in_s = turn.in_s + (spare.start_s - turn.contact.start_s)
    return (
        f"turn to {spare.site_id}, {_when(index, spare, is_local)}; clear then "
        f"{probability_text(backup.p_clear_if_clouded)}, {bits_text(spare.key.secret_bits)} under a clear sky; "
        f"{_aim(aim, is_now=starts_in_s <= 0.0)}"
    )


def _reported(index: PlanIndex, now: Situation, width: int) -> Table | None:
    """What became of the contacts that are behind, as far as anyone has said."""
    from rich.text import Text

    if not now.reports and not now.unreported:
        return None
    grid = _grid(width)
    counts = Counter(report.status for report in now.reports.values())
    bits = sum(report.secret_bits for report in now.reports.values())
    said = ", ".join(f"{counts[status]} {status}" for status in _STYLES if counts[status])
    line = Text(f"{said}; {bits_text(bits)} of key" if said else "nothing")
    if now.unreported:
        line.append(f"; {len(now.unreported)} behind without an outcome", style="yellow")
    grid.add_row("Reported", line)
    last = [contact for contact in index.contacts if contact.contact_id in now.reports][-N_REPORTS:]
    for contact in reversed(last):
        report = now.reports[contact.contact_id]
        start_utc, _ = index.contact_utc(contact)
        text = Text(f"{day_at(start_utc, None)}, {clock_text(start_utc)} UTC {contact.site_id}: ")
        text.append(report.status, style=_STYLES.get(report.status, ""))
        if report.status == "done":
            text.append(f", {bits_text(report.secret_bits)} of {bits_text(contact.key.secret_bits)}")
        grid.add_row("", text)
    return grid
