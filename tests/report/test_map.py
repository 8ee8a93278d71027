"""The map: places by formulas of others, flows against the plan, circles against the sky."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest

from eagleplan.model import ContactTrace, Plan, Site, SkyTrack
from eagleplan.orbit.places import geodetic, place_vectors
from eagleplan.report.exports.ephemeris import motions
from eagleplan.report.html import report_html
from eagleplan.report.index import PlanIndex
from eagleplan.report.map import map_view
from eagleplan.report.map_frames import groups, views
from eagleplan.report.map_ground import visibility_circle
from eagleplan.report.map_labels import label_box, overlap
from eagleplan.report.map_shapes import Line, Sheet
from eagleplan.report.outline import world
from eagleplan.report.path_data import path_data
from eagleplan.report.projection import EUROPE, LambertAzimuthal
from eagleplan.units import FloatArray

# IOGP GIGS test procedure 5110 (ETRS89 / LAEA Europe), v2.0 of 2011-06-28: longitude, latitude, easting, northing.
GIGS_5110 = (
    (5.0, 70.0, 4127824.658, 5214090.649),
    (5.0, 60.0, 4041548.130, 4109791.660),
    (5.0, 50.0, 3962799.451, 2999718.853),
    (5.0, 40.0, 3892127.020, 1892578.962),
    (5.0, 30.0, 3830117.900, 796781.677),
    (10.0, 52.0, 4321000.000, 3210000.000),
    (0.0, 50.0, 3606514.430, 3036305.967),
    (3.0, 50.0, 3819948.288, 3011432.894),
    (8.0, 50.0, 4177612.521, 2989464.315),
    (10.0, 50.0, 4321000.000, 2987510.567),
)


@pytest.mark.parametrize(("longitude_deg", "latitude_deg", "easting_m", "northing_m"), GIGS_5110)
def test_projection_gives_published_coordinates(
    longitude_deg: float, latitude_deg: float, easting_m: float, northing_m: float
) -> None:
    x_km, y_km = EUROPE.plane_km(np.array([latitude_deg]), np.array([longitude_deg]))
    assert 1000.0 * x_km[0] == pytest.approx(easting_m, abs=0.02)
    assert 1000.0 * y_km[0] == pytest.approx(northing_m, abs=0.02)


def _on_a_sphere_km(latitude_deg: float, longitude_deg: float) -> tuple[float, float]:
    """EPSG:3035 as if the Earth were a sphere of equal surface (Snyder 22-4, 24-2)."""
    p, q, l = math.radians(latitude_deg), math.radians(52.0), math.radians(longitude_deg - 10.0)  # noqa: E741
    k = math.sqrt(2.0 / (1.0 + math.sin(q) * math.sin(p) + math.cos(q) * math.cos(p) * math.cos(l)))
    x = 6371.0072 * k * math.cos(p) * math.sin(l)
    y = 6371.0072 * k * (math.cos(q) * math.sin(p) - math.sin(q) * math.cos(p) * math.cos(l))
    return 4321.0 + x, 3210.0 + y


def test_the_far_side_of_the_earth_is_far_away() -> None:
    x_km, y_km = EUROPE.plane_km(np.array([-52.0, -51.9]), np.array([-170.0, -170.0]))
    assert np.hypot(x_km - 4321.0, y_km - 3210.0) == pytest.approx(2 * 6371.0072, rel=0.005)


def test_a_sphere_is_off_by_kilometres_and_no_more() -> None:
    offs = []
    for longitude_deg, latitude_deg, easting_m, northing_m in GIGS_5110:
        x_km, y_km = _on_a_sphere_km(latitude_deg, longitude_deg)
        offs.append(math.hypot(x_km - easting_m / 1000.0, y_km - northing_m / 1000.0))
    assert 3.0 < max(offs) < 13.0


@pytest.mark.parametrize("latitude_deg", [-90.0, -52.0, 0.0, 35.0, 89.95, 90.0])
def test_areas_are_true_wherever_the_centre_is(latitude_deg: float) -> None:
    """Squares of 0.1°, by the meridian's and the parallel's radius of curvature."""
    projection = LambertAzimuthal(centre_latitude_deg=latitude_deg, centre_longitude_deg=175.0)
    for lat, lon in ((latitude_deg * 0.7, 170.0), (latitude_deg * 0.8 + 5.0, -170.0)):
        corners = projection.plane_km(
            np.array([lat - 0.05, lat - 0.05, lat + 0.05, lat + 0.05]), np.array([lon, lon + 0.1, lon + 0.1, lon])
        )
        x, y = corners
        found = 0.5 * abs(float(np.sum(x * np.roll(y, -1) - np.roll(x, -1) * y)))
        e2 = 0.0066943799901413165
        w = 1.0 - e2 * math.sin(math.radians(lat)) ** 2
        north_km = math.radians(0.1) * 6378.137 * (1.0 - e2) / w**1.5
        east_km = math.radians(0.1) * 6378.137 / math.sqrt(w) * math.cos(math.radians(lat))
        assert found == pytest.approx(north_km * east_km, rel=1e-4)


def _traces(plan: Plan) -> tuple[ContactTrace, ...]:
    """The real way of the satellite over every pass of a plan in which it really flies."""
    index = PlanIndex(plan)
    moving = motions(plan, [satellite.satellite_id for satellite in plan.satellites])
    found = []
    for contact in index.contacts:
        planned = index.passes[contact.pass_id]
        ends = [planned.rise_s, planned.set_s, contact.start_s, contact.end_s]
        t_s = np.unique(np.concatenate((ends, np.linspace(planned.rise_s, planned.set_s, 40))))
        longitude, latitude, height = geodetic(moving[contact.satellite_id].states(t_s)[0])
        track = SkyTrack(
            t_s=t_s, azimuth_deg=t_s * 0.0, elevation_deg=t_s * 0.0,
            latitude_deg=latitude, longitude_deg=longitude, height_km=height,
        )  # fmt: skip
        found.append(
            ContactTrace(
                contact_id=contact.contact_id,
                track=track,
                link=None,
                growth=None,
                sun_azimuth_deg=0.0,
                sun_elevation_deg=-30.0,
                moon_azimuth_deg=0.0,
                moon_elevation_deg=-5.0,
                moon_illuminated_frac=0.5,
            )
        )
    return tuple(found)


@pytest.fixture(scope="module")
def sheet(plan: Plan) -> Sheet:
    return map_view(PlanIndex(plan))


@pytest.fixture(scope="module")
def traces(flown: Plan) -> tuple[ContactTrace, ...]:
    return _traces(flown)


def test_sites_stand_where_another_formula_puts_them(plan: Plan, sheet: Sheet) -> None:
    main, inset = sheet.frames
    assert [mark.site_id for mark in inset.sites] == ["es-tenerife"]
    assert {mark.site_id for mark in main.sites} == {site.site_id for site in plan.sites} - {"es-tenerife"}
    # The frame of Europe begins at 2450 km east and 5130 km north in EPSG:3035, and is 4100 km wide.
    for mark in main.sites:
        x_km, y_km = _on_a_sphere_km(mark.latitude_deg, mark.longitude_deg)
        assert mark.at[0] == pytest.approx((x_km - 2450.0) / main.unit_km, abs=13.0 / main.unit_km)
        assert mark.at[1] == pytest.approx((5130.0 - y_km) / main.unit_km, abs=13.0 / main.unit_km)
    assert main.unit_km == pytest.approx(4100.0 / 770.0, abs=1e-5)
    assert inset.sites[0].at == pytest.approx((inset.left + inset.width / 2, inset.top + inset.height / 2), abs=0.1)


def _points(sheet: Sheet, number: int) -> list[Line]:
    frame = sheet.frames[number]
    lines = [*frame.land, *frame.coast, *frame.borders, *frame.graticule]
    lines += [line for track in frame.tracks for line in (*track.lines, *track.contact_lines)]
    return lines + [line for circle in frame.circles for line in circle.lines]


def test_everything_is_cut_to_its_frame_without_spikes(flown: Plan, traces: Sequence[ContactTrace]) -> None:
    sheet = map_view(PlanIndex(flown), traces)
    for number, frame in enumerate(sheet.frames):
        right, bottom = frame.left + frame.width, frame.top + frame.height
        for line in _points(sheet, number):
            x, y = np.array(line).T
            assert x.min() >= frame.left
            assert x.max() <= right
            assert y.min() >= frame.top
            assert y.max() <= bottom
        for line in (*frame.coast, *frame.borders):
            x, y = np.array(line).T
            along_edge = [
                (v[:-1] == e) & (v[1:] == e) for v, e in ((x, frame.left), (x, right), (y, frame.top), (y, bottom))
            ]
            assert not np.any(along_edge)
            assert np.hypot(np.diff(x), np.diff(y)).max() < 80.0


def _inside(rings: Sequence[FloatArray], points: FloatArray) -> list[bool]:
    """Even-odd rule for points (n, 2) and all rings (m, 2) together."""
    if not rings:
        return [False] * len(points)
    ax, ay = np.concatenate(rings).T
    bx, by = np.concatenate([np.roll(ring, -1, axis=0) for ring in rings]).T
    slope = (bx - ax) / np.where(ay == by, 1.0, by - ay)
    return [bool(np.sum(((ay > y) != (by > y)) & (x < ax + (y - ay) * slope)) % 2) for x, y in points]


@pytest.mark.parametrize(
    ("latitude_deg", "longitude_deg"),
    [(-17.5, 179.9), (84.0, 10.0), (-86.0, 40.0), (60.0, 95.0), (0.0, -140.0), (-40.0, 174.0), (66.0, -178.0)],
)
def test_land_in_any_frame_is_land_on_the_globe(plan: Plan, latitude_deg: float, longitude_deg: float) -> None:
    """Fiji, near both poles, the middle of Siberia, the empty Pacific, Spain's antipode, Chukotka."""
    site = replace(plan.sites[0], site_id="far", latitude_deg=latitude_deg, longitude_deg=longitude_deg)
    (view,), _ = views((site,))
    (frame,) = map_view(PlanIndex(_of_sites(plan, (site,)))).frames
    drawn = np.random.default_rng(7)
    places = np.stack(
        (np.clip(latitude_deg + drawn.uniform(-9.0, 9.0, 90), -89.9, 89.9), longitude_deg + drawn.uniform(-15, 15, 90))
    )
    places[1] = (places[1] + 180.0) % 360.0 - 180.0
    at = view.on_sheet(*places)
    seen = view.holds(at)
    assert seen.sum() > 60
    on_map = _inside([np.array(line) for line in frame.land], at[seen])
    on_globe = _inside([ring[:, ::-1] for ring in world().land], places[::-1].T[seen])
    # Long edges are great circles on the map and straight in longitude and latitude in the table.
    assert sum(a != b for a, b in zip(on_map, on_globe, strict=True)) <= 2
    for line in frame.coast:
        x, y = np.array(line).T
        assert np.hypot(np.diff(x), np.diff(y)).max() < 80.0


def _of_sites(plan: Plan, sites: Sequence[Site]) -> Plan:
    return replace(
        plan, sites=tuple(sites), contacts=(), decisions=(), demands=(), deliveries=(), backups=(), nights=()
    )


@pytest.mark.parametrize("height_km", [400.0, 600.0, 1200.0])
@pytest.mark.parametrize("number", [0, 4, 5])
def test_a_satellite_over_the_circle_stands_at_the_minimum_elevation(plan: Plan, number: int, height_km: float) -> None:
    site = plan.sites[number]
    latitude, longitude = visibility_circle(site, height_km)
    place = (np.array([site.latitude_deg]), np.array([site.longitude_deg]), np.array([site.altitude_m]))
    here = place_vectors(*place)
    above = place_vectors(latitude, longitude, np.full_like(latitude, 1000.0 * height_km)).position_km
    sight = above - here.position_km
    elevation = np.degrees(np.arcsin(np.sum(sight * here.up, axis=0) / np.linalg.norm(sight, axis=0)))
    assert elevation == pytest.approx(site.min_elevation_deg, abs=1e-4)
    # On a sphere (great circles): the angle at the Earth's centre is arccos(R cos e / (R + h)) - e.
    e = math.radians(site.min_elevation_deg)
    angle = math.acos(6371.0 * math.cos(e) / (6371.0 + height_km)) - e
    p, q = math.radians(site.latitude_deg), np.radians(latitude)
    cosine = math.sin(p) * np.sin(q) + math.cos(p) * np.cos(q) * np.cos(np.radians(longitude - site.longitude_deg))
    assert np.arccos(cosine) == pytest.approx(angle, rel=0.012)


def test_a_real_pass_rises_and_sets_on_its_circle(flown: Plan, traces: Sequence[ContactTrace]) -> None:
    index = PlanIndex(flown)
    chosen = {contact.contact_id: contact for contact in index.contacts}
    n_ends = 0
    for trace in traces:
        contact = chosen[trace.contact_id]
        planned = index.passes[contact.pass_id]
        for end, cut in ((0, planned.cut_start), (-1, planned.cut_end)):
            if cut:
                continue
            latitude, longitude = visibility_circle(index.sites[contact.site_id], float(trace.track.height_km[end]))
            there = LambertAzimuthal(
                centre_latitude_deg=float(trace.track.latitude_deg[end]),
                centre_longitude_deg=float(trace.track.longitude_deg[end]),
            )
            ring = there.plane_km(latitude, longitude)
            # Between two points of the circle, 5° apart, the chord lies inside it by less than 2 km.
            assert _distance_km(ring) < 2.0
            n_ends += 1
    assert n_ends > 4


def _distance_km(ring: FloatArray) -> float:
    """From the origin to a line of chords (2, n)."""
    best = math.inf
    for a, b in zip(ring.T[:-1], ring.T[1:], strict=True):
        share = min(1.0, max(0.0, float(-a @ (b - a) / ((b - a) @ (b - a)))))
        best = min(best, float(np.linalg.norm(a + share * (b - a))))
    return best


def test_every_contact_has_its_track_in_the_frame_of_its_site(flown: Plan, traces: Sequence[ContactTrace]) -> None:
    sheet = map_view(PlanIndex(flown), traces)
    for frame in sheet.frames:
        own = {mark.site_id for mark in frame.sites}
        wanted = {contact.contact_id for contact in flown.contacts if contact.site_id in own}
        assert wanted <= {track.contact_id for track in frame.tracks}
        assert {circle.site_id for circle in frame.circles} == {
            contact.site_id for contact in flown.contacts if contact.site_id in own
        }
    assert not any(frame.tracks or frame.circles for frame in map_view(PlanIndex(flown)).frames)


def test_flows_are_the_deliveries(plan: Plan, sheet: Sheet) -> None:
    flows = (*sheet.flows, *sheet.unplaced)
    assert sum(flow.delivered_bits for flow in flows) == sum(delivery.bits for delivery in plan.deliveries)
    assert sum(flow.wanted_bits for flow in flows) == sum(result.demand.bits for result in plan.demands)
    assert {(flow.node_a, flow.node_b): flow.delivered_bits for flow in flows} == {
        ("AT", "DE"): 200_000, ("ES", "xx-script"): 71_234, ("GR", "fi-metsahovi"): 40_000, ("AT", "ES"): 0,
    }  # fmt: skip
    assert [flow.width_frac for flow in sheet.flows] == pytest.approx([1.0, 0.35617, 0.2, 0.0], abs=1e-4)


def test_arcs_join_the_stations_of_their_ends(sheet: Sheet) -> None:
    at = {mark.site_id: mark.at for mark in sheet.sites}
    ends = {(flow.node_a, flow.node_b): {flow.start, flow.end} for flow in sheet.flows}
    assert ends["AT", "DE"] == {at["at-graz"], at["de-ofn"]}
    assert ends["ES", "xx-script"] == {at["es-tenerife"], at["xx-script"]}
    for flow in sheet.flows:
        assert {flow.line[0], flow.line[-1]} == {flow.start, flow.end}


def test_a_node_without_a_station_is_told_in_words(plan: Plan) -> None:
    demand = replace(plan.demands[0].demand, node_b="hub-<north>")
    changed = replace(plan, demands=(replace(plan.demands[0], demand=demand),), deliveries=(), guarantee_conflicts=())
    sheet = map_view(PlanIndex(changed))
    assert [(flow.node_a, flow.node_b) for flow in sheet.unplaced] == [("DE", "hub-<north>")]
    assert sheet.flows == ()
    assert "DE – hub-&lt;north&gt; (200 kbit of 200 kbit, 100 %)" in report_html(changed).decode()


def test_nodes_at_one_place_are_joined_by_a_loop(plan: Plan) -> None:
    demand = replace(plan.demands[0].demand, node_a="AT", node_b="at-graz")
    (flow,) = map_view(PlanIndex(replace(plan, demands=(replace(plan.demands[0], demand=demand),)))).flows
    assert flow.start == flow.end
    assert flow.bend is not None
    assert flow.start is not None
    assert math.dist(flow.start, flow.bend) > 20.0


def test_labels_never_lie_on_one_another_or_on_marks(plan: Plan) -> None:
    base = plan.sites[0]
    crowd = [
        replace(
            base, site_id=f"de-station-{n:02d}", latitude_deg=47.0 + 0.8 * (n % 8), longitude_deg=6.0 + 0.9 * (n // 8)
        )
        for n in range(48)
    ]
    (frame,) = map_view(PlanIndex(_of_sites(plan, crowd))).frames
    boxes = [label_box(mark.label) for mark in frame.sites if mark.label]
    assert 10 < len(boxes) < 48
    assert not any(overlap(a, b) for a, b in combinations([*boxes, *map(label_box, frame.degrees)], 2))
    for mark in frame.sites:
        x, y = mark.at
        assert not any(box[0] < x < box[2] and box[1] < y < box[3] for box in boxes)


@pytest.mark.parametrize(
    ("places", "n_frames"),
    [
        ([], 1),
        ([(48.0, 11.0)], 1),
        ([(-33.9, 18.4)], 1),
        ([(-17.7, 178.0), (-13.8, -171.8), (-21.2, -175.2)], 1),
        ([(48.0, 11.0), (28.3, -16.5), (28.8, -17.9), (32.7, -16.9), (37.0, -25.1), (5.2, -52.8), (-21.2, 55.4)], 4),
        (
            [(48.0, 11.0), (-52.0, -170.0), (19.8, -155.5), (-31.3, 149.1), (78.2, 15.4), (-77.8, 166.7), (1.3, 103.8)],
            7,
        ),
        ([(-90.0, 0.0), (90.0, 0.0)], 2),
    ],
)
def test_any_stations_find_a_frame(plan: Plan, places: Sequence[tuple[float, float]], n_frames: int) -> None:
    sites = [
        replace(plan.sites[0], site_id=f"s{number}", latitude_deg=latitude, longitude_deg=longitude)
        for number, (latitude, longitude) in enumerate(places)
    ]
    sheet = map_view(PlanIndex(_of_sites(plan, sites)))
    assert len(sheet.frames) == n_frames
    assert [mark.site_id for mark in sheet.sites] == [site.site_id for site in sites]
    for a, b in combinations(sheet.frames, 2):
        assert (
            a.left + a.width <= b.left
            or b.left + b.width <= a.left
            or a.top + a.height <= b.top
            or b.top + b.height <= a.top
        )
    for frame in sheet.frames:
        assert frame.left + frame.width <= sheet.width
        assert frame.top + frame.height <= sheet.height
        for mark in frame.sites:
            assert frame.left < mark.at[0] < frame.left + frame.width
            assert frame.top < mark.at[1] < frame.top + frame.height


def test_no_inset_is_empty(plan: Plan) -> None:
    """Fiji, Samoa and Tonga, and the Canaries and the Azores, lie in two groups each but in one another's frames."""
    places = [
        (48.0, 11.0),
        (-17.7, 178.0),
        (-13.8, -171.8),
        (-21.2, -175.2),
        (28.3, -16.5),
        (32.7, -16.9),
        (37.0, -25.1),
    ]
    sites = [
        replace(plan.sites[0], site_id=f"s{n}", latitude_deg=a, longitude_deg=b) for n, (a, b) in enumerate(places)
    ]
    assert len(groups(sites[1:], 1000.0)) == 4
    frames = map_view(PlanIndex(_of_sites(plan, sites))).frames
    assert [len(frame.sites) for frame in frames] == [1, 3, 3]


def test_groups_are_the_same_in_any_order(plan: Plan) -> None:
    places = [(28.3, -16.5), (28.8, -17.9), (32.7, -16.9), (37.0, -25.1), (64.1, -21.9), (-21.2, 55.4)]
    sites = [
        replace(plan.sites[0], site_id=f"s{n}", latitude_deg=a, longitude_deg=b) for n, (a, b) in enumerate(places)
    ]
    found = [[site.site_id for site in group] for group in groups(sites, 1000.0)]
    assert found == [["s0", "s1", "s2"], ["s3"], ["s4"], ["s5"]]
    assert [[site.site_id for site in group] for group in groups(sites[::-1], 1000.0)] == found


def test_path_data_reads_back() -> None:
    lines = (((1.0, 2.5), (0.4, 2.5), (-3.2, 17.0)), ((100.0, 0.0), (100.0, 0.1)))
    text = path_data(lines)
    assert text == "M1 2.5l-.6 0-3.6 14.5M100 0l0 .1"
    found = []
    for part in text.split("M")[1:]:
        numbers = [float(number) for number in re.findall(r"-?(?:\d+\.?\d*|\.\d+)", part)]
        points = np.cumsum(np.array(numbers).reshape(-1, 2), axis=0).round(1)
        found.append(tuple((float(x), float(y)) for x, y in points))
    assert tuple(found) == lines
    assert path_data(lines[:1], True).endswith("z")


def test_the_page_shows_the_numbers_of_the_plan_and_escapes_names(plan: Plan) -> None:
    page = report_html(plan).decode()
    section = page[page.index('<section aria-labelledby="map">') :].partition("</section>")[0]
    assert "<script" not in section
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in section
    for site in plan.sites:
        n_contacts = sum(contact.site_id == site.site_id for contact in plan.contacts)
        row = re.search(rf'<tr data-site="{site.site_id}".*?</tr>', section)
        assert row is not None
        assert f'<td class="number">{n_contacts}</td>' in row[0]
        assert section.count(f'<g data-site="{site.site_id}"') == 1
    assert "71.2 kbit of 250 kbit wanted" in section


def test_the_ground_of_europe_is_light_and_the_bytes_are_the_same(
    flown: Plan, traces: Sequence[ContactTrace], plan: Plan
) -> None:
    (frame,) = map_view(PlanIndex(_of_sites(plan, plan.sites[:1]))).frames
    drawn = [path_data(lines) for lines in (frame.coast, frame.borders)]
    assert sum(map(len, (*drawn, path_data(frame.land, True)))) < 60_000
    assert report_html(flown, traces) == report_html(flown, traces[::-1])
