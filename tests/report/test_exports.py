"""Files for other systems, each read back by somebody else's reader."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree

import czml3
import geojson
import numpy as np
import pytest
from astropy import units
from astropy.coordinates import ITRS, TEME, AltAz, CartesianRepresentation, EarthLocation
from astropy.time import Time, TimeDelta
from astropy.utils import iers
from ccsds_ndm.ndm_io import NdmIo
from scipy.interpolate import BarycentricInterpolator

from eagleplan.errors import InputError
from eagleplan.inputs.oem import parse_oem
from eagleplan.model import MeanElements, Plan, TabulatedEphemeris
from eagleplan.orbit.sgp4_orbit import satrec
from eagleplan.report import calendars, read_calendar_state
from eagleplan.report.exports import EXPORTS, Source, part_of
from eagleplan.report.exports.cpf import cpf_files
from eagleplan.report.exports.czml import czml
from eagleplan.report.exports.ephemeris import motions
from eagleplan.report.exports.oem import oem_files
from eagleplan.report.exports.pointing import COLUMNS, pointing_files
from eagleplan.report.exports.simple_schedule import NAMESPACE, simple_schedule

MJD_ZERO = datetime(1858, 11, 17, tzinfo=UTC)


@pytest.fixture(scope="module")
def source(flown: Plan) -> Source:
    return Source(plan=flown, told=read_calendar_state(calendars(flown)["calendar-state.json"]))


def _track_m(plan: Plan, t_s: np.ndarray) -> np.ndarray:
    return motions(plan, ["eagle1"])["eagle1"].states(t_s)[0].T * 1e3


def test_there_is_something_to_export(flown: Plan) -> None:
    assert len(flown.contacts) >= 5
    assert len({contact.site_id for contact in flown.contacts}) >= 3


@pytest.mark.parametrize("name", EXPORTS)
def test_every_format_gives_files_and_the_same_twice(source: Source, name: str) -> None:
    files = EXPORTS[name].files(source)
    assert all(files.values())
    assert files
    assert EXPORTS[name].files(source) == files


@pytest.mark.parametrize("name", EXPORTS)
def test_a_plan_without_contacts_is_no_trouble(empty_plan: Plan, name: str) -> None:
    told = read_calendar_state(calendars(empty_plan)["calendar-state.json"])
    files = EXPORTS[name].files(Source(plan=empty_plan, told=told))
    assert (files == {}) == (name in ("cpf", "pointing"))


def test_a_part_of_a_plan(source: Source) -> None:
    one, other = (
        source.plan.contacts[0],
        next(c for c in source.plan.contacts if c.site_id != source.plan.contacts[0].site_id),
    )
    part = part_of(source, frozenset({one.site_id}), frozenset({other.contact_id}))
    of_site = [c.contact_id for c in source.plan.contacts if c.site_id == one.site_id]
    assert {c.contact_id for c in part.plan.contacts} == {*of_site, other.contact_id}
    assert {entry.contact_id for entry in part.told.entries} == {*of_site, other.contact_id}
    assert part_of(source, frozenset(), frozenset()) is source
    with pytest.raises(InputError) as caught:
        part_of(source, frozenset({"atlantis"}), frozenset({"never", "nowhere"}))
    assert [problem.got for problem in caught.value.problems] == ["atlantis", "never", "nowhere"]


# CPF


def _cpf(data: bytes) -> tuple[dict[str, list[str]], np.ndarray, np.ndarray]:
    """Header cells by record, seconds since the MJD epoch, positions in metres; cells are split at blanks."""
    headers: dict[str, list[str]] = {}
    instants, positions = [], []
    for line in data.decode("ascii").splitlines():
        record, *cells = line.split()
        if record == "10":
            direction, day, second, leap, *place = cells
            assert (direction, leap, len(place)) == ("0", "0", 3)
            instants.append(int(day) * 86_400.0 + float(second))
            positions.append([float(value) for value in place])
        else:
            headers[record] = cells
    return headers, np.array(instants), np.array(positions)


def test_cpf_interpolates_to_less_than_a_metre(flown: Plan) -> None:
    """With the ten nearest positions and a polynomial of degree 9, as laser stations do it."""
    files = cpf_files(flown)
    assert files.keys() == {f"{contact.contact_id}.cpf" for contact in flown.contacts}
    start_s = (flown.horizon.start_utc - MJD_ZERO).total_seconds()
    for contact in flown.contacts:
        _, instants, positions = _cpf(files[f"{contact.contact_id}.cpf"])
        instants = instants - start_s
        wanted_s = np.arange(contact.start_s, contact.end_s + 0.5, 0.5)
        found = np.empty((len(wanted_s), 3))
        for number, at_s in enumerate(wanted_s):
            first = int(np.searchsorted(instants, at_s, side="right")) - 5
            assert 0 <= first <= len(instants) - 10, "five positions on either side"
            nearest = slice(first, first + 10)
            found[number] = BarycentricInterpolator(instants[nearest] - at_s, positions[nearest])(0.0)
        assert np.abs(found - _track_m(flown, wanted_s)).max() < 0.002


def test_cpf_headers_say_what_they_must(flown: Plan) -> None:
    orbit = replace(flown.satellites[0].orbit, international_designator="2027-039B", catalog_id=81_234)
    named = replace(flown, satellites=(replace(flown.satellites[0], orbit=orbit),))
    contact = min(named.contacts, key=lambda c: c.start_s)
    headers, instants, _ = _cpf(cpf_files(named)[f"{contact.contact_id}.cpf"])
    assert list(headers) == ["H1", "H2", "H9", "99"]
    assert headers["H1"][:10] == ["CPF", "2", "EGP", "2026", "11", "29", "12", "333", "01", "eagle1"]
    assert headers["H2"][:3] == ["2703902", "-1", "81234"]
    first, last = (datetime(*map(int, headers["H2"][n : n + 6]), tzinfo=UTC) for n in (3, 9))
    assert (first - MJD_ZERO).total_seconds() == instants[0]
    assert (last - MJD_ZERO).total_seconds() == instants[-1]
    assert first <= named.horizon.utc(contact.start_s) < named.horizon.utc(contact.end_s) <= last
    assert headers["H2"][15:] == ["30", "1", "0", "0", "0", "0", "1"]
    assert np.unique(np.diff(instants)).tolist() == [30.0]


def test_cpf_passes_midnight(flown: Plan) -> None:
    contact = replace(flown.contacts[0], contact_id="midnight", start_s=86_400 - 100, end_s=86_400 - 10)
    text = cpf_files(replace(flown, contacts=(contact,)))["midnight.cpf"].decode()
    days = {line.split()[2] for line in text.splitlines() if line.startswith("10 ")}
    assert days == {"61374", "61375"}
    assert min(float(line.split()[3]) for line in text.splitlines() if line.startswith("10 0 61375")) >= 0.0


def _from_table(plan: Plan, first_s: float, last_s: float) -> Plan:
    """The satellite flown by an operator's ephemeris that covers this much and no more."""
    (data,) = oem_files(plan).values()
    (whole,) = parse_oem(data.decode(), "eagle1.oem")
    offset_s = (plan.horizon.start_utc - whole.epoch_utc).total_seconds()
    inside = (whole.t_s >= first_s + offset_s) & (whole.t_s <= last_s + offset_s)
    table = replace(
        whole,
        t_s=whole.t_s[inside],
        position_km=whole.position_km[inside],
        velocity_km_s=whole.velocity_km_s[inside],
        useable_s=(),
    )
    return replace(plan, satellites=(replace(plan.satellites[0], orbit=table),))


def test_where_an_operators_ephemeris_ends_the_files_end_too(flown: Plan) -> None:
    contact = min((c for c in flown.contacts if c.start_s > 3600), key=lambda c: c.start_s)
    first_s, last_s = contact.start_s // 60 * 60 - 60.0, contact.end_s // 60 * 60 + 660.0
    table = _from_table(replace(flown, contacts=(contact,)), first_s, last_s)
    assert isinstance(table.satellites[0].orbit, TabulatedEphemeris)
    _, instants, positions = _cpf(cpf_files(table)[f"{contact.contact_id}.cpf"])
    instants = instants - (flown.horizon.start_utc - MJD_ZERO).total_seconds()
    assert first_s <= instants[0] <= contact.start_s < contact.end_s <= instants[-1] <= last_s
    assert len(instants) >= 10
    assert np.abs(positions - _track_m(flown, instants)).max() < 1.0
    (data,) = oem_files(table).values()
    (again,) = parse_oem(data.decode(), "again.oem")
    assert (len(again.t_s), len(again.segment_starts)) == (round((last_s - first_s) / 60) + 1, 1)
    rows = list(csv.DictReader(io.StringIO(pointing_files(table)[f"{contact.contact_id}.csv"].decode())))
    assert sum(row["in_contact"] == "true" for row in rows) == contact.duration_s + 1
    (_, satellite, *_) = json.loads(czml(table))
    assert [interval.split("/")[0] for interval in satellite["availability"]] == [
        f"{flown.horizon.utc(first_s):%Y-%m-%dT%H:%M:%S}.000Z"
    ]


# OEM


def test_oem_is_read_by_another_reader_and_our_own(flown: Plan, tmp_path: Path) -> None:
    files = oem_files(flown)
    assert files.keys() == {"eagle1.oem"}
    path = tmp_path / "eagle1.oem"
    path.write_bytes(files["eagle1.oem"])
    (ours,) = parse_oem(files["eagle1.oem"].decode(), "eagle1.oem")
    (segment,) = NdmIo().from_path(path).body.segment
    vectors = segment.data.state_vector
    assert len(ours.t_s) == len(vectors) == 24 * 60 + 11
    assert (segment.metadata.ref_frame, segment.metadata.time_system) == ("ITRF2020", "UTC")
    assert segment.metadata.useable_start_time == "2026-11-30T00:00:00.000"
    offset_s = (flown.horizon.start_utc - ours.epoch_utc).total_seconds()
    right = _track_m(flown, ours.t_s - offset_s) / 1e3
    theirs = np.array([[float(axis.value) for axis in (v.x, v.y, v.z)] for v in vectors])
    assert np.abs(ours.position_km - right).max() < 1e-6
    assert np.abs(theirs - right).max() < 1e-6
    assert ours.useable_s == ((offset_s, offset_s + 86_400.0),)


def test_oem_interpolates_to_less_than_a_metre_and_its_velocities_are_those_of_its_positions(flown: Plan) -> None:
    (ours,) = parse_oem(oem_files(flown)["eagle1.oem"].decode(), "eagle1.oem")
    t_s = ours.t_s - (flown.horizon.start_utc - ours.epoch_utc).total_seconds()
    wanted_s = np.linspace(0.0, 86_400.0, 200)
    right_km = _track_m(flown, wanted_s) / 1e3
    for at_s, right in zip(wanted_s.tolist(), right_km, strict=True):
        first = int(np.searchsorted(t_s, at_s, side="right")) - 5
        nearest = slice(first, first + 10)
        place = BarycentricInterpolator(t_s[nearest] - at_s, ours.position_km[nearest])(0.0)
        assert np.abs(place - right).max() < 1e-5
    around = _track_m(flown, np.array([3599.5, 3600.5])) / 1e3
    hour = int(np.flatnonzero(t_s == 3600.0)[0])
    assert ours.velocity_km_s[hour] == pytest.approx(around[1] - around[0], abs=1e-6)


# Pointing


def _rows(data: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(data.decode()), strict=True))


def test_pointing_is_where_astropy_sees_the_light_come_from(flown: Plan) -> None:
    """By astropy's own frames, from SGP4's position at the instant when the light left."""
    elements = flown.satellites[0].orbit
    assert isinstance(elements, MeanElements)
    files = pointing_files(flown)
    with iers.conf.set_temp("auto_download", False), iers.conf.set_temp("auto_max_age", None):
        for contact in flown.contacts[:4]:
            site = next(site for site in flown.sites if site.site_id == contact.site_id)
            place = EarthLocation.from_geodetic(site.longitude_deg, site.latitude_deg, site.altitude_m)
            rows = _rows(files[f"{contact.contact_id}.csv"])[::40]
            assert tuple(rows[0]) == COLUMNS
            range_km = np.array([float(row["range_km"]) for row in rows])
            arrived = Time([row["utc"].removesuffix("Z") for row in rows], scale="utc")
            left = arrived - TimeDelta(range_km / 299_792.458, format="sec")
            _, position, _ = satrec(elements).sgp4_array(left.jd1, left.jd2)
            teme = TEME(CartesianRepresentation(position.T * units.km), obstime=left)
            fixed = teme.transform_to(ITRS(obstime=left)).cartesian - place.get_itrs().cartesian
            seen = ITRS(fixed, obstime=left, location=place).transform_to(AltAz(obstime=left, location=place))
            assert range_km == pytest.approx(seen.distance.to_value(units.km), abs=2e-4)
            assert [float(row["elevation_deg"]) for row in rows] == pytest.approx(seen.alt.deg, abs=2e-5)
            turn = (np.array([float(row["azimuth_deg"]) for row in rows]) - seen.az.deg + 180.0) % 360.0 - 180.0
            assert np.abs(turn * np.cos(seen.alt.rad)).max() < 2e-5


def test_rates_are_the_slopes_of_the_table(flown: Plan) -> None:
    files = pointing_files(flown)
    assert files.keys() == {f"{contact.contact_id}.csv" for contact in flown.contacts}
    wavelength_m = flown.satellites[0].terminal.wavelength_nm * 1e-9
    for contact in flown.contacts:
        rows = _rows(files[f"{contact.contact_id}.csv"])
        column = {name: np.array([float(row[name]) for row in rows]) for name in COLUMNS[2:]}
        for angle, rate in (
            (np.unwrap(column["azimuth_deg"], period=360.0), column["azimuth_rate_deg_s"]),
            (column["elevation_deg"], column["elevation_rate_deg_s"]),
            (column["range_km"], column["range_rate_km_s"]),
        ):
            slope = (angle[2:] - angle[:-2]) / 2.0
            bend = np.abs(np.diff(rate, 2)).max() + 5e-6
            assert np.abs(slope - rate[1:-1]).max() < bend
        assert column["doppler_hz"] == pytest.approx(-column["range_rate_km_s"] * 1e3 / wavelength_m, rel=1e-6, abs=1e3)
        assert np.abs(column["doppler_hz"]).max() < 5.2e9
        assert column["elevation_deg"].max() == pytest.approx(contact.max_elevation_deg, abs=0.2)


def test_the_table_begins_before_the_contact_and_ends_after_it(flown: Plan) -> None:
    contact = flown.contacts[1]
    rows = _rows(pointing_files(flown)[f"{contact.contact_id}.csv"])
    inside = [row["utc"] for row in rows if row["in_contact"] == "true"]
    assert len(rows) == contact.duration_s + 1 + 60
    assert datetime.fromisoformat(inside[0]) == flown.horizon.utc(contact.start_s)
    assert datetime.fromisoformat(inside[-1]) == flown.horizon.utc(contact.end_s)


# CZML and GeoJSON


def test_czml_holds_for_czml3(flown: Plan, tmp_path: Path) -> None:
    path = tmp_path / "plan.czml"
    path.write_bytes(czml(flown))
    document = czml3.Document.load(path)
    packets = {packet.id: packet for packet in document.packets}
    kinds = [name.partition("/")[0] for name in packets]
    assert kinds == ["document", "satellite", *["site"] * len(flown.sites), *["contact"] * len(flown.contacts)]
    assert len(packets) == len(json.loads(path.read_bytes()))
    raw = {packet["id"]: packet for packet in json.loads(path.read_bytes())}
    (position,) = raw["satellite/eagle1"]["position"]
    samples = np.array(position["cartesian"]).reshape(-1, 4)
    assert np.abs(samples[:, 1:] - _track_m(flown, samples[:, 0])).max() < 0.001
    for contact in flown.contacts:
        packet = raw[f"contact/{contact.contact_id}"]
        start, end = (datetime.fromisoformat(text) for text in packet["availability"].split("/"))
        assert (start, end) == (flown.horizon.utc(contact.start_s), flown.horizon.utc(contact.end_s))
        for reference in packet["polyline"]["positions"]["references"]:
            assert reference.removesuffix("#position") in raw


def test_geojson_is_valid_and_lies_below_the_satellite(source: Source) -> None:
    data = EXPORTS["geojson"].files(source)["plan.geojson"]
    collection = geojson.loads(data)
    assert collection.is_valid, collection.errors()
    features: Mapping[str, geojson.Feature] = {feature["id"]: feature for feature in collection["features"]}
    flown = source.plan
    assert len(features) == len(flown.sites) + len(flown.contacts) + 1
    for contact in flown.contacts:
        line = features[f"contact/{contact.contact_id}"]["geometry"]
        assert line["type"] == "LineString"
        x, y, z = _track_m(flown, np.array([contact.start_s, contact.end_s], dtype=float)).T
        below = EarthLocation.from_geocentric(x, y, z, unit=units.m)
        for end, coordinates in enumerate((line["coordinates"][0], line["coordinates"][-1])):
            assert coordinates == pytest.approx([below.lon.deg[end], below.lat.deg[end]], abs=2e-5)


def test_a_ground_track_is_cut_at_the_antimeridian(source: Source) -> None:
    collection = geojson.loads(EXPORTS["geojson"].files(source)["plan.geojson"])
    (track,) = [f["geometry"] for f in collection["features"] if f["properties"]["kind"] == "satellite"]
    assert track["type"] == "MultiLineString"
    pieces = track["coordinates"]
    assert 14 <= len(pieces) <= 17, "once a revolution"
    for before, after in pairwise(pieces):
        assert {before[-1][0], after[0][0]} == {180.0, -180.0}
        assert before[-1][1] == after[0][1]
    for piece in pieces:
        steps = np.abs(np.diff(np.array(piece)[:, 0]))
        assert steps.max() < 180.0


# Simple Schedule Format


def test_the_simple_schedule_has_an_activity_per_contact(plan: Plan) -> None:
    root = ElementTree.fromstring(simple_schedule(plan))
    names = {"": NAMESPACE}
    assert root.tag == f"{{{NAMESPACE}}}simpleSchedule"
    (header,) = root.findall("simpleScheduleHeader", names)
    assert header.attrib["startTime"] == "2026-334T00:00:00.000Z"
    assert header.attrib["generationTime"] == "2026-333T12:00:00.000Z"
    (package,) = root.findall("scheduledPackage", names)
    assert package.attrib["user"] == "eagle1"
    activities = package.findall("scheduledActivity", names)
    committed = [activity for activity in activities if activity.attrib["activityStatus"] == "COMMITTED"]
    assert (len(committed), len(activities)) == (15, 17)
    assert len({activity.attrib["scheduledActivityId"] for activity in activities}) == 17
    contacts = {contact.contact_id: contact for contact in plan.contacts}
    for activity in committed:
        (service,) = activity.findall("serviceInfo", names)
        (extended,) = service.findall("extendedParameter", names)
        values = {parameter.attrib["name"]: parameter.attrib["value"] for parameter in extended}
        contact = contacts.pop(values["contact_id"])
        begin, end = (
            datetime.strptime(activity.attrib[name], "%Y-%jT%H:%M:%S.%fZ").replace(tzinfo=UTC)
            for name in ("beginningOfTrack", "endOfTrack")
        )
        assert (begin, end) == (plan.horizon.utc(contact.start_s), plan.horizon.utc(contact.end_s))
        assert activity.attrib["siteRef"] == contact.site_id
        assert int(values["expected_bits"]) == contact.expected_bits
    assert not contacts


def test_hostile_names_are_text_everywhere(flown: Plan) -> None:
    bad = 'A "b" <c> & \x07 \u2028 é'
    named = replace(flown, name=bad, sites=tuple(replace(site, name=bad) for site in flown.sites))
    assert ElementTree.fromstring(simple_schedule(named)).findall("*")[1].attrib["comment"] == 'A "b" <c> & é'
    assert json.loads(czml(named))[0]["name"] == bad
