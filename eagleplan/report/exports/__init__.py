"""Files for other systems, made from a stored plan: `EXPORTS` maps a format's name to what makes its files."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from eagleplan.errors import InputError, Problem
from eagleplan.model import ContactTrace, Plan
from eagleplan.report.calendar_state import CalendarState
from eagleplan.report.exports.cpf import cpf_files
from eagleplan.report.exports.czml import czml
from eagleplan.report.exports.geojson import geojson
from eagleplan.report.exports.oem import oem_files
from eagleplan.report.exports.pointing import pointing_files
from eagleplan.report.exports.simple_schedule import simple_schedule
from eagleplan.report.html import report_html
from eagleplan.report.ics import SCHEDULE_NAME, calendar_ics
from eagleplan.report.plan_json import plan_json
from eagleplan.report.tables import contacts_csv, demand_csv, passes_csv


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """What an export is made from: a stored plan, its traces, and what the calendars were told with it."""

    plan: Plan
    told: CalendarState
    traces: tuple[ContactTrace, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """A format: what it is for, in a line, and the function from a stored plan to its files by name."""

    text: str
    files: Callable[[Source], Mapping[str, bytes]]


def _one(name: str, make: Callable[[Plan], bytes]) -> Callable[[Source], Mapping[str, bytes]]:
    return lambda source: {name: make(source.plan)}


def _several(make: Callable[[Plan], Mapping[str, bytes]]) -> Callable[[Source], Mapping[str, bytes]]:
    return lambda source: make(source.plan)


def _calendar(source: Source) -> Mapping[str, bytes]:
    return {SCHEDULE_NAME: calendar_ics(source.plan, source.plan.name, source.told, source.told.entries)}


def _report(source: Source) -> Mapping[str, bytes]:
    return {"report.html": report_html(source.plan, source.traces)}


EXPORTS: Mapping[str, Export] = {
    "json": Export(text="the whole plan", files=_one("plan.json", plan_json)),
    "contacts": Export(text="chosen contacts, CSV", files=_one("contacts.csv", contacts_csv)),
    "passes": Export(text="every pass with its reason, CSV", files=_one("passes.csv", passes_csv)),
    "demand": Export(text="what each demand gets, CSV", files=_one("demand.csv", demand_csv)),
    "ics": Export(text="calendar, as it was told", files=_calendar),
    "html": Export(text="report for people", files=_report),
    "ssf": Export(text="CCSDS 902.1-B Simple Schedule Format, XML", files=_one("schedule.xml", simple_schedule)),
    "cpf": Export(text="ILRS CPF v2 prediction for telescope mounts, a file per contact", files=_several(cpf_files)),
    "pointing": Export(text="pointing second by second, a CSV per contact", files=_several(pointing_files)),
    "oem": Export(text="CCSDS OEM ephemeris, a file per satellite", files=_several(oem_files)),
    "czml": Export(text="orbits, stations and contacts for Cesium", files=_one("plan.czml", czml)),
    "geojson": Export(text="ground tracks, stations and contacts for maps", files=_one("plan.geojson", geojson)),
}
"""Format → what makes it; `eagleplan export -f NAME`."""


def part_of(source: Source, site_ids: frozenset[str], contact_ids: frozenset[str]) -> Source:
    """The plan with the contacts of these sites, and these contacts, alone; all of them where nothing is named.

    Raises InputError with every name that the plan does not have.
    """
    plan, told = source.plan, source.told
    problems = [
        *(
            Problem(path=plan.name, field="site", message="is no site of the plan", got=site_id)
            for site_id in sorted(site_ids - {site.site_id for site in plan.sites})
        ),
        *(
            Problem(path=plan.name, field="contact", message="is no chosen contact of the plan", got=contact_id)
            for contact_id in sorted(contact_ids - {contact.contact_id for contact in plan.contacts})
        ),
    ]
    if problems:
        raise InputError(problems)
    if not site_ids and not contact_ids:
        return source
    kept = tuple(c for c in plan.contacts if c.site_id in site_ids or c.contact_id in contact_ids)
    ids = {contact.contact_id for contact in kept}
    entries = tuple(e for e in told.entries if e.site_id in site_ids or e.contact_id in contact_ids)
    return Source(
        plan=replace(plan, contacts=kept, backups=tuple(b for b in plan.backups if b.contact_id in ids)),
        told=told.model_copy(update={"entries": entries}),
        traces=tuple(trace for trace in source.traces if trace.contact_id in ids),
    )
