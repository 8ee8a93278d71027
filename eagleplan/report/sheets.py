"""Contact sheets: all that is known of a chosen contact, as shapes and words that a page or a figure can draw."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from eagleplan.model import Contact, ContactTrace
from eagleplan.report.index import PlanIndex
from eagleplan.report.sheet_around import Around
from eagleplan.report.sheet_charts import Charts, charts
from eagleplan.report.sheet_facts import FactGroup, fact_groups
from eagleplan.report.sheet_sky import SkyPlot, sky_plot
from eagleplan.report.times import clock_text, day_text


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactSheet:
    """A contact: the sky and the charts, None where the plan has no trace of them, and facts in groups."""

    contact_id: str
    title: str
    sky: SkyPlot | None
    charts: Charts | None
    facts: tuple[FactGroup, ...]


def contact_sheets(index: PlanIndex, traces: Sequence[ContactTrace]) -> Mapping[str, ContactSheet]:
    """Contact id → its sheet, for every chosen contact by time."""
    around, of_contact = Around(index), {trace.contact_id: trace for trace in traces}
    return {
        contact.contact_id: contact_sheet(index, contact, of_contact.get(contact.contact_id), around)
        for contact in index.contacts
    }


def contact_sheet(
    index: PlanIndex, contact: Contact, trace: ContactTrace | None, around: Around | None = None
) -> ContactSheet:
    """The sheet of one contact; `around` is that of the plan, where somebody has made it already."""
    start_utc, end_utc = index.contact_utc(contact)
    satellite, site = index.satellites[contact.satellite_id], index.sites[contact.site_id]
    growth = None if trace is None else trace.growth
    drawn = None if trace is None or trace.link is None else charts(index, contact, trace.link, growth)
    return ContactSheet(
        contact_id=contact.contact_id,
        title=f"{satellite.name} over {site.name}, {day_text(start_utc)}, "
        f"{clock_text(start_utc)} – {clock_text(end_utc)} UTC",
        sky=None if trace is None else sky_plot(index, contact, trace),
        charts=drawn,
        facts=(*fact_groups(index, contact, growth), *(around or Around(index)).groups(contact)),
    )
