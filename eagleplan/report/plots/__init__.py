"""Figures for slides and papers, from a stored plan alone: the same shapes as on the report's page, as PNG, SVG or PDF.

Colours can be told apart by colour-blind readers, and nothing is said by colour alone. The same plan gives the same
bytes.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from eagleplan.model import ContactTrace, Plan
from eagleplan.report.index import PlanIndex
from eagleplan.report.plots.canvas import FORMS, Form

__all__ = ["FORMS", "Form", "demand_figure", "map_figure", "narrowed", "sky_figure", "timeline_figure"]


def timeline_figure(plan: Plan, form: Form) -> bytes:
    """Nights side by side, a row per site: darkness, windows, contacts by expected key, backups, closures."""
    from eagleplan.report.plots.timeline import draw_timeline

    return draw_timeline(PlanIndex(plan), form)


def map_figure(plan: Plan, traces: Sequence[ContactTrace], form: Form) -> bytes:
    """Stations, ground tracks of contacts and circles of visibility, key flows as widths."""
    from eagleplan.report.plots.map import draw_map

    return draw_map(PlanIndex(plan), traces, form)


def sky_figure(plan: Plan, traces: Sequence[ContactTrace], contact_id: str, form: Form) -> bytes:
    """One contact: its way across the sky; elevation, loss by term, background and key over time.

    Raises KeyError for a contact that the plan does not have. Without a trace the figure says so.
    """
    from eagleplan.report.plots.sky import draw_sky

    return draw_sky(PlanIndex(plan), traces, contact_id, form)


def demand_figure(plan: Plan, form: Form) -> bytes:
    """Delivered of wanted for every pair, with its guarantee and what many skies make of it."""
    from eagleplan.report.plots.demand import draw_demand

    return draw_demand(PlanIndex(plan), form)


def narrowed(
    plan: Plan,
    *,
    site_ids: frozenset[str] = frozenset(),
    satellite_ids: frozenset[str] = frozenset(),
    from_utc: datetime | None = None,
    to_utc: datetime | None = None,
) -> Plan:
    """The plan with these sites and satellites alone (nothing named: all), and what begins in [from, to)."""
    from dataclasses import replace

    first_s = float("-inf") if from_utc is None else plan.horizon.seconds(from_utc)
    last_s = float("inf") if to_utc is None else plan.horizon.seconds(to_utc)

    def takes(satellite_id: str, site_id: str, start_s: float) -> bool:
        return (
            (not site_ids or site_id in site_ids)
            and (not satellite_ids or satellite_id in satellite_ids)
            and first_s <= start_s < last_s
        )

    contacts = tuple(c for c in plan.contacts if takes(c.satellite_id, c.site_id, c.start_s))
    return replace(
        plan,
        sites=tuple(site for site in plan.sites if not site_ids or site.site_id in site_ids),
        satellites=tuple(s for s in plan.satellites if not satellite_ids or s.satellite_id in satellite_ids),
        contacts=contacts,
        decisions=tuple(
            d
            for d in plan.decisions
            if takes(d.planned_pass.satellite_id, d.planned_pass.site_id, d.planned_pass.rise_s)
        ),
        backups=tuple(b for b in plan.backups if takes(b.backup.satellite_id, b.backup.site_id, b.backup.start_s)),
        nights=tuple(night for night in plan.nights if not site_ids or night.site_id in site_ids),
        closures=tuple(
            c
            for c in plan.closures
            if (c.site_id is None or not site_ids or c.site_id in site_ids)
            and (c.satellite_id is None or not satellite_ids or c.satellite_id in satellite_ids)
        ),
    )
