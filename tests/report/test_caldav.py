"""Plan, re-plan and cancellation through a real CalDAV server: in the end a calendar holds what the last plan says."""

from __future__ import annotations

import base64
import http.client
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from wsgiref.simple_server import WSGIRequestHandler, make_server
from xml.etree import ElementTree

import icalendar
import pytest

from eagleplan.model import Plan
from eagleplan.report import calendars

DAV, CALDAV = "{DAV:}", "{urn:ietf:params:xml:ns:caldav}"
QUERY = b"""<?xml version="1.0"?>
<C:calendar-query xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav">
<D:prop><D:getetag/><C:calendar-data/></D:prop>
<C:filter><C:comp-filter name="VCALENDAR"><C:comp-filter name="VEVENT">
<C:time-range start="20261130T000000Z" end="20261207T000000Z"/>
</C:comp-filter></C:comp-filter></C:filter></C:calendar-query>"""


class Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """Requests are not worth a line each."""


@dataclass(frozen=True, slots=True)
class Server:
    """A CalDAV server on loopback, as a client talks to it."""

    port: int

    def ask(self, method: str, path: str, body: bytes = b"", **headers: str) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        login = base64.b64encode(b"planner:secret").decode()
        sent = {"Authorization": f"Basic {login}", "Content-Type": "text/calendar; charset=utf-8", **headers}
        try:
            connection.request(method, path, body, sent)
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def events(self, collection: str) -> dict[str, icalendar.Event]:
        """UID → event of everything in the week, by a calendar query."""
        status, body = self.ask("REPORT", collection, QUERY, **{"Content-Type": "text/xml", "Depth": "1"})
        assert status == 207
        found = {}
        for data in ElementTree.fromstring(body).iter(f"{CALDAV}calendar-data"):
            for event in icalendar.Calendar.from_ical(data.text or "").walk("VEVENT"):
                assert str(event["UID"]) not in found
                found[str(event["UID"])] = event
        return found

    def import_file(self, collection: str, data: bytes) -> None:
        """What a calendar programme does with a file: each event under its UID, unless it has a newer revision."""
        have = self.events(collection)
        for event in icalendar.Calendar.from_ical(data).walk("VEVENT"):
            uid = str(event["UID"])
            if uid in have and int(event["SEQUENCE"]) <= int(have[uid]["SEQUENCE"]):
                continue
            one = icalendar.Calendar()
            one.add("version", "2.0")
            one.add("prodid", "-//a calendar programme//EN")
            one.add_component(event)
            status, _ = self.ask("PUT", f"{collection}{uid}.ics", one.to_ical())
            assert status in (201, 204)


@pytest.fixture(scope="module")
def few(plan: Plan) -> Plan:
    """Six contacts of the week, one of them with two backups, two of them parts of one pass."""
    kept = {contact.contact_id for contact in plan.contacts if not contact.is_whole or contact.outcome == "done"}
    kept |= {contact.contact_id for contact in plan.contacts[:3]}
    return replace(plan, contacts=tuple(contact for contact in plan.contacts if contact.contact_id in kept))


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    from radicale import Application, config

    folder: Path = tmp_path_factory.mktemp("radicale")
    settings = config.load()
    settings.update(
        {
            "storage": {"filesystem_folder": str(folder)},
            "auth": {"type": "none"},
            "rights": {"type": "authenticated"},
            "logging": {"level": "critical"},
        },
        "test",
        privileged=True,
    )
    with make_server("127.0.0.1", 0, Application(settings), handler_class=Quiet) as listening:
        thread = threading.Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        yield Server(listening.server_port)
        listening.shutdown()
        thread.join()


def _history(plan: Plan) -> list[tuple[Plan, Mapping[str, bytes]]]:
    """Monday's plan; newer elements move all, one contact goes; the next day it comes back and another one goes."""
    gone, also_gone = plan.contacts[0], plan.contacts[2]
    moved = tuple(
        replace(c, start_s=c.start_s + 4, end_s=c.end_s + 5, contact_id=f"{c.contact_id}-new")
        for c in plan.contacts
        if c != gone
    )
    replanned = replace(plan, contacts=moved, backups=())
    cancelled = replace(replanned, contacts=tuple(c for c in (*moved, gone) if c.pass_id != also_gone.pass_id))
    told = []
    state = None
    for made in (plan, replanned, cancelled, cancelled):
        files = calendars(made, state)
        state = files["calendar-state.json"]
        told.append((made, files))
    return told


def _active(events: Mapping[str, icalendar.Event]) -> set[tuple[str, datetime, datetime]]:
    return {
        (str(event["LOCATION"]), event["DTSTART"].dt, event["DTEND"].dt)
        for event in events.values()
        if str(event["STATUS"]) == "CONFIRMED"
    }


def _planned(plan: Plan) -> set[tuple[str, datetime, datetime]]:
    names = {site.site_id: f"{site.name}, {site.country}" for site in plan.sites}
    return {(names[c.site_id], plan.horizon.utc(c.start_s), plan.horizon.utc(c.end_s)) for c in plan.contacts}


def test_an_imported_calendar_follows_plan_replan_and_cancellation(server: Server, few: Plan) -> None:
    assert server.ask("MKCALENDAR", "/planner/imported/")[0] == 201
    for made, files in _history(few):
        server.import_file("/planner/imported/", files["schedule.ics"])
        events = server.events("/planner/imported/")
        assert _active(events) == _planned(made)
    statuses = [str(event["STATUS"]) for event in events.values()]
    assert (statuses.count("CONFIRMED"), statuses.count("CANCELLED")) == (5, 3), "two backups and one contact"


def test_a_published_calendar_is_what_the_plan_says(server: Server, few: Plan) -> None:
    """The whole file over the old one, as a subscription does; cancelled entries are gone after a cycle."""
    cancelled = []
    for made, files in _history(few):
        assert server.ask("PUT", "/planner/published/", files["schedule.ics"])[0] == 201
        events = server.events("/planner/published/")
        assert _active(events) == _planned(made)
        cancelled.append(sum(str(event["STATUS"]) == "CANCELLED" for event in events.values()))
    assert cancelled == [0, 3, 1, 0]


def test_the_calendar_of_a_site_has_the_sites_events(server: Server, few: Plan) -> None:
    server.ask("MKCALENDAR", "/planner/site/")
    for made, files in _history(few):
        server.import_file("/planner/site/", files["calendars/de-ofn.ics"])
        at_site = {planned for planned in _planned(made) if planned[0].startswith("Oberpfaffenhofen")}
        assert _active(server.events("/planner/site/")) == at_site
        assert len(at_site) >= 2


def test_without_the_state_a_move_is_lost(server: Server, few: Plan) -> None:
    """Why the state is part of the product: a file made without it has no higher SEQUENCE, and is not taken."""
    server.ask("MKCALENDAR", "/planner/forgetful/")
    (_, first), (moved, _), *_ = _history(few)
    server.import_file("/planner/forgetful/", first["schedule.ics"])
    server.import_file("/planner/forgetful/", calendars(moved)["schedule.ics"])
    assert _active(server.events("/planner/forgetful/")) != _planned(moved)
