"""CCSDS 902.1-B Simple Schedule Format: the contacts as a schedule that ground networks exchange.

Names of elements and attributes are those of schedules and writers that can be seen in public; the schema itself was
not at hand, so that the values of `serviceType` and `frequencyBand` stay with the two that such schedules carry.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from xml.etree import ElementTree

from eagleplan.model import Contact, Plan
from eagleplan.report.calendar_entries import calendar_stamp_utc, physical_names
from eagleplan.report.index import PlanIndex
from eagleplan.report.times import iso_utc

NAMESPACE = "urn:ccsds:schema:cssm:1.0.0"
_XSI = "http://www.w3.org/2001/XMLSchema-instance"


def simple_schedule(plan: Plan) -> bytes:
    """One package per satellite: a committed activity per chosen contact, a tentative one per backup, by time."""
    index = PlanIndex(plan)
    chosen = {contact.contact_id for contact in index.contacts}
    spare = {b.backup.contact_id: b.backup for b in plan.backups if b.backup.contact_id not in chosen}
    activities = sorted([*index.contacts, *spare.values()], key=lambda c: (c.start_s, c.site_id, c.contact_id))
    root = ElementTree.Element(
        "simpleSchedule",
        {
            "xmlns": NAMESPACE,
            "xmlns:xsi": _XSI,
            "xsi:schemaLocation": f"{NAMESPACE} 902x01b1TC1-SmplSchd.xsd",
            "srvMgtEntityType": "SIMPLE_SCHEDULE",
        },
    )
    ElementTree.SubElement(
        root,
        "simpleScheduleHeader",
        {
            "originatingOrganization": "EAGLEPLAN",
            "generationTime": _code_b(calendar_stamp_utc(plan)),
            "status": "OPERATIONAL",
            "inclusionType": "START_INCLUSION",
            "version": "1",
            "startTime": _code_b(plan.horizon.start_utc),
            "endTime": _code_b(plan.horizon.end_utc),
        },
    )
    names = physical_names(activities, index)
    for satellite in plan.satellites:
        own = [contact for contact in activities if contact.satellite_id == satellite.satellite_id]
        _package(root, satellite.satellite_id, own, names, chosen, index)
    ElementTree.indent(root)
    text: str = ElementTree.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n'.encode()


def _package(
    root: ElementTree.Element,
    satellite_id: str,
    contacts: Sequence[Contact],
    names: dict[str, str],
    chosen: set[str],
    index: PlanIndex,
) -> None:
    package = ElementTree.SubElement(
        root,
        "scheduledPackage",
        {"user": satellite_id, "comment": _line(index.plan.name), "scheduledPackageId": satellite_id},
    )
    for contact in contacts:
        start_utc, end_utc = index.contact_utc(contact)
        activity = ElementTree.SubElement(
            package,
            "scheduledActivity",
            {
                "scheduledActivityId": names[contact.contact_id],
                "activityStatus": "COMMITTED" if contact.contact_id in chosen else "TENTATIVE",
                "siteRef": contact.site_id,
                "apertureRef": contact.site_id,
                "orbitNumber": str(index.passes[contact.pass_id].orbit_number),
                "beginningOfTrack": _code_b(start_utc),
                "endOfTrack": _code_b(end_utc),
            },
        )
        service = ElementTree.SubElement(activity, "serviceInfo", {"serviceType": "TBD", "frequencyBand": "N/A"})
        extended = ElementTree.SubElement(service, "extendedParameter", {"name": "QKD"})
        for kind, name, value in (
            ("stringParameter", "contact_id", contact.contact_id),
            ("stringParameter", "protocol", contact.key.protocol),
            ("unsignedIntParameter", "expected_bits", str(contact.expected_bits)),
            ("unsignedIntParameter", "clear_sky_bits", str(contact.key.secret_bits)),
            ("doubleParameter", "p_clear", f"{contact.p_clear:.6f}"),
            ("doubleParameter", "max_elevation_deg", f"{contact.max_elevation_deg:.2f}"),
            ("doubleParameter", "mean_loss_db", f"{contact.mean_loss_db:.2f}"),
        ):
            ElementTree.SubElement(extended, kind, {"name": name, "value": value})


def _code_b(instant_utc: datetime) -> str:
    """CCSDS ASCII time code B, with the day of the year: ``2026-334T20:31:05.250Z``."""
    calendar = iso_utc(instant_utc)
    return f"{calendar[:4]}-{datetime.fromisoformat(calendar):%j}{calendar[10:]}"


def _line(text: str) -> str:
    """Text without the control characters that XML may not hold."""
    return " ".join("".join(mark if mark.isprintable() else " " for mark in text).split())
