"""The plan in a terminal of 80 columns: demand, the next contacts, how good it is, what to beware of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eagleplan.model import Plan
from eagleplan.report.index import PlanIndex
from eagleplan.report.notices import joined_notices
from eagleplan.report.terminal import bar, cut, day_at, plain_table
from eagleplan.report.times import clock_text, day_text
from eagleplan.report.words import (
    bits_text,
    days_text,
    duration_text,
    met_frac,
    pair_texts,
    percent_text,
    probability_text,
    proof_text,
)

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

BAR_WIDTH = 10
_DEMAND_NUMBERS_WIDTH = 57
_CONTACT_NUMBERS_WIDTH = 63
_OUTLOOK_WIDTH = 10
_SATELLITE_WIDTH = 10
_MOST_SUBJECTS = 4


def print_summary(plan: Plan, console: Console, *, n_contacts: int = 8) -> None:
    """Prints to `console`, which knows its width, and whether colours are wanted (rich honours NO_COLOR)."""
    from rich.text import Text

    index = PlanIndex(plan)
    start_utc = plan.horizon.start_utc
    console.print(
        Text(f"{plan.name}: {day_text(start_utc)}, {clock_text(start_utc)} UTC, {days_text(plan.horizon.days)}"),
        style="bold",
    )
    console.print()
    if plan.demands:
        console.print(_demand_table(plan, console.width))
        n_skies = max((result.outlook.n_skies for result in plan.demands if result.outlook), default=0)
        if n_skies:
            console.print(Text(f"Mean: delivered on average over {n_skies} skies drawn afresh."), style="dim")
        console.print()
    if index.contacts:
        console.print(_contact_table(index, n_contacts, console.width))
        if len(index.contacts) > n_contacts:
            console.print(Text(f"and {len(index.contacts) - n_contacts} more in contacts.csv"), style="dim")
    else:
        console.print(Text("No contact was chosen."))
    console.print()
    sites = len({contact.site_id for contact in index.contacts})
    console.print(
        Text(
            f"{len(index.contacts)} contacts on {sites} of {len(plan.sites)} sites; "
            + (f"{_met_text(plan)}; " if plan.demands else "")
            + f"{proof_text(plan.proof)}."
        )
    )
    for conflict in plan.guarantee_conflicts:
        text = f" {', '.join(conflict.demand_ids)}, at least {bits_text(conflict.short_bits)} short: {conflict.text}"
        console.print(Text.assemble(("Guarantees in conflict:", "bold red"), text))
    for notice in joined_notices(plan.notices, _MOST_SUBJECTS):
        console.print(Text.assemble((notice.notice_id, "bold yellow"), f" {notice.subject}: {notice.message}"))


def _met_text(plan: Plan) -> str:
    """How much of the demand is met: by what contacts are expected to give, and under real skies."""
    met = percent_text(met_frac(plan.demands))
    if any(result.outlook is None for result in plan.demands):
        return f"{met} of the demand met by expected key"
    wanted = sum(result.demand.bits for result in plan.demands)
    mean = sum(result.outlook.mean_bits for result in plan.demands if result.outlook is not None)
    return f"{met} of the demand met by expected key, {percent_text(mean / wanted)} on average under cloud"


def _demand_table(plan: Plan, width: int) -> Table:
    from rich.text import Text

    table = plain_table("Demand")
    table.add_column("Pair", no_wrap=True)
    table.add_column("Wanted", justify="right", no_wrap=True)
    table.add_column("Delivered", justify="right", no_wrap=True)
    table.add_column("Met", justify="right", no_wrap=True)
    table.add_column("", no_wrap=True)
    outlooks = any(result.outlook for result in plan.demands)
    if outlooks:
        width -= _OUTLOOK_WIDTH
        table.add_column("Mean", justify="right", no_wrap=True)
    table.add_column("Guarantee", no_wrap=True)
    for pair, result in zip(pair_texts(plan.demands), plan.demands, strict=True):
        wanted = result.demand
        guarantee = "" if not wanted.guarantee_bits else "kept" if result.guarantee_kept else "NOT KEPT"
        table.add_row(
            cut(pair, max(8, width - _DEMAND_NUMBERS_WIDTH)),
            bits_text(wanted.bits),
            bits_text(result.delivered_bits),
            percent_text(result.met_frac),
            Text(bar(result.met_frac, BAR_WIDTH), style="green" if result.met_frac >= 1.0 else "blue"),
            *([bits_text(result.outlook.mean_bits) if result.outlook else ""] if outlooks else []),
            Text(guarantee, style="" if result.guarantee_kept else "bold red"),
        )
    return table


def _contact_table(index: PlanIndex, n_contacts: int, width: int) -> Table:
    table = plain_table("Next contacts (UTC)")
    table.add_column("Day", no_wrap=True)
    table.add_column("Start", no_wrap=True)
    table.add_column("For", justify="right", no_wrap=True)
    table.add_column("Site", no_wrap=True)
    several = len(index.plan.satellites) > 1
    if several:
        table.add_column("Satellite", no_wrap=True)
    width -= _CONTACT_NUMBERS_WIDTH + (_SATELLITE_WIDTH + 2 if several else 0)
    table.add_column("Elev.", justify="right", no_wrap=True)
    table.add_column("Clear", justify="right", no_wrap=True)
    table.add_column("Expected", justify="right", no_wrap=True)
    for contact in index.contacts[:n_contacts]:
        start_utc, _ = index.contact_utc(contact)
        table.add_row(
            day_at(start_utc, None),
            clock_text(start_utc),
            duration_text(contact.duration_s),
            cut(contact.site_id, max(8, width)),
            *([cut(contact.satellite_id, _SATELLITE_WIDTH)] if several else []),
            f"{contact.max_elevation_deg:.0f}°",
            probability_text(contact.p_clear),
            bits_text(contact.expected_bits),
        )
    return table
