"""``schedule.ics``: the chosen contacts as a calendar (RFC 5545), in UTC, with local time in the text."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from eagleplan.model import Contact, Plan
from eagleplan.report.epochs import orbit_epoch_utc
from eagleplan.report.index import PlanIndex
from eagleplan.report.times import clock_text, day_text, local
from eagleplan.report.words import duration_text, probability_text

ALARM_BEFORE = timedelta(minutes=30)


def schedule_ics(plan: Plan) -> bytes:
    """One event per contact, by time; the same plan gives the same bytes."""
    from icalendar import Calendar  # late: 0.3 s

    index = PlanIndex(plan)
    calendar = Calendar()
    calendar.add("prodid", f"-//eagleplan//eagleplan {plan.stamp.get('eagleplan', '')}//EN")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", "PUBLISH")
    calendar.add("name", _line(plan.name))
    calendar.add("x-wr-calname", _line(plan.name))
    stamp_utc = calendar_stamp_utc(plan)
    for contact in index.contacts:
        calendar.add_component(_event(contact, index, stamp_utc))
    return bytes(calendar.to_ical())


def contact_uid(contact: Contact) -> str:
    """The event's identity: satellite, site and the contact's own id, never its times or its row."""
    return f"{contact.contact_id}.{contact.satellite_id}.{contact.site_id}@eagleplan"


def calendar_stamp_utc(plan: Plan) -> datetime:
    """DTSTAMP: `created_utc` of the stamp if it has one, else the newest orbit epoch that the plan knows.

    A plan from newer elements has a later stamp, and the clock plays no part.
    """
    created = plan.stamp.get("created_utc")
    if created is not None:
        return datetime.fromisoformat(created).astimezone(UTC).replace(microsecond=0)
    epochs = [orbit_epoch_utc(satellite) for satellite in plan.satellites]
    return max(epochs, default=plan.horizon.start_utc).replace(microsecond=0)


def _event(contact: Contact, index: PlanIndex, stamp_utc: datetime) -> Any:
    from icalendar import Alarm, Event

    site = index.sites[contact.site_id]
    satellite = index.satellites[contact.satellite_id]
    start_utc, end_utc = index.contact_utc(contact)
    summary = _line(f"QKD {satellite.name} – {site.name}")
    event = Event()
    event.add("uid", contact_uid(contact))
    event.add("dtstamp", stamp_utc)
    event.add("sequence", 0)
    event.add("status", "CONFIRMED")
    event.add("transp", "OPAQUE")
    event.add("dtstart", start_utc)
    event.add("dtend", end_utc)
    event.add("summary", summary)
    event.add("location", _line(f"{site.name}, {site.country}"))
    event.add("geo", (round(site.latitude_deg, 6), round(site.longitude_deg, 6)))
    event.add("categories", ["QKD", _line(satellite.name), _line(site.country)])
    event.add("description", _description(contact, index))
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("trigger", -ALARM_BEFORE)
    alarm.add("description", f"{summary} in {ALARM_BEFORE.seconds // 60} minutes")
    event.add_component(alarm)
    return event


def _description(contact: Contact, index: PlanIndex) -> str:
    site = index.sites[contact.site_id]
    satellite = index.satellites[contact.satellite_id]
    start_utc, end_utc = index.contact_utc(contact)
    start, end = local(start_utc, site.time_zone), local(end_utc, site.time_zone)
    return "\n".join(
        (
            f"Satellite: {_line(satellite.name)} ({contact.satellite_id})",
            f"Site: {_line(site.name)} ({contact.site_id})",
            f"UTC: {day_text(start_utc)}, {clock_text(start_utc)} to {clock_text(end_utc)}",
            f"Local: {day_text(start)}, {clock_text(start)} to {clock_text(end)} {start:%Z} ({site.time_zone})",
            f"Duration: {duration_text(contact.duration_s)}",
            f"Highest elevation: {contact.max_elevation_deg:.1f}°",
            f"Mean loss: {contact.mean_loss_db:.1f} dB",
            f"Expected key: {contact.expected_bits} bit",
            f"Key under a clear sky: {contact.key.secret_bits} bit",
            f"Clear probability: {probability_text(contact.p_clear)} ({_line(contact.p_clear_origin)})",
            f"Contact: {contact.contact_id}",
            f"Plan: {_line(index.plan.name)}",
        )
    )


def _line(text: str) -> str:
    """Text without control characters, which a calendar may not hold."""
    return " ".join("".join(mark if mark.isprintable() else " " for mark in text).split())
