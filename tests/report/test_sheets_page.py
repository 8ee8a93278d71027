"""Contact sheets as the page shows them: what a browser would draw, measured against the files and the traces."""

from __future__ import annotations

import cmath
import csv
import io
import math
import re
from collections.abc import Sequence
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

from eagleplan.model import ContactTrace, HorizonMask, Plan
from eagleplan.pipeline.reading import read_directory
from eagleplan.report.boxes import box_around, overlap
from eagleplan.report.html import report_html
from eagleplan.report.index import PlanIndex
from eagleplan.report.path_data import line_data
from eagleplan.report.sheet_drawing import DrawnSheet, drawn_sheets
from eagleplan.report.sheet_labels import crossings, free_place
from eagleplan.report.tables import passes_csv

from .test_sheets import trace_of

MIDDLE, RADIUS = 150.0, 122.0
HOSTILE = '<script>alert(1)</script> & Söhne, "A"'


class Sheets(HTMLParser):
    """Elements within contact sheets, each with the number of its sheet, its attributes and the text that follows."""

    def __init__(self, data: bytes) -> None:
        super().__init__(convert_charrefs=True)
        self.depth = 0
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.sheets: list[list[tuple[str, dict[str, str]]]] = []
        self.text: list[str] = []
        self.feed(data.decode("utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        if tag == "div":
            if "sheet" in attributes.get("class", "").split():
                self.sheets.append([])
                self.text.append("")
                self.depth = 1
            elif self.depth:
                self.depth += 1
        if self.depth:
            self.sheets[-1].append((tag, attributes))

    def handle_endtag(self, tag: str) -> None:
        if tag == "div" and self.depth:
            self.depth -= 1

    def handle_data(self, data: str) -> None:
        if self.depth:
            self.text[-1] += data


def with_class(sheet: Sequence[tuple[str, dict[str, str]]], name: str) -> list[dict[str, str]]:
    return [attributes for _, attributes in sheet if name in attributes.get("class", "").split()]


def points(path: str) -> list[tuple[float, float]]:
    """The corners of path data that has M, l, h, v, H, V and z only."""
    found: list[tuple[float, float]] = []
    for command, arguments in re.findall(r"([MlhvHVz])([^MlhvHVz]*)", path):
        values = [float(value) for value in re.findall(r"-?(?:\d+\.?\d*|\.\d+)", arguments)]
        if command == "M":
            found.append((values[0], values[1]))
        elif command == "l":
            for dx, dy in zip(values[::2], values[1::2], strict=True):
                found.append((found[-1][0] + dx, found[-1][1] + dy))
        elif command == "H":
            found.append((values[0], found[-1][1]))
        elif command == "V":
            found.append((found[-1][0], values[0]))
    return found


@pytest.fixture(scope="module")
def traces(plan: Plan) -> tuple[ContactTrace, ...]:
    return tuple(trace_of(plan, contact) for contact in plan.contacts)


@pytest.fixture(scope="module")
def data(plan: Plan, traces: tuple[ContactTrace, ...]) -> bytes:
    return report_html(plan, traces)


@pytest.fixture(scope="module")
def page(data: bytes) -> Sheets:
    return Sheets(data)


def sheets_by_time(plan: Plan, page: Sheets) -> list[tuple[str, list[tuple[str, dict[str, str]]]]]:
    return [(c.contact_id, sheet) for c, sheet in zip(PlanIndex(plan).contacts, page.sheets, strict=True)]


def test_marks_lie_where_passes_csv_says(plan: Plan, page: Sheets) -> None:
    rows = {row["pass_id"]: row for row in csv.DictReader(io.StringIO(passes_csv(plan).decode()))}
    of_contact = {contact.contact_id: contact for contact in plan.contacts}
    for contact_id, sheet in sheets_by_time(plan, page):
        row = rows[of_contact[contact_id].pass_id]
        marks = {a["data-mark"]: a for tag, a in sheet if tag == "circle" and "data-mark" in a}
        assert marks.keys() == {"rise", "culmination", "set", "start", "end"}
        csv_places = {
            "rise": (row["rise_azimuth_deg"], "20.00"),
            "culmination": (row["culmination_azimuth_deg"], row["max_elevation_deg"]),
            "set": (row["set_azimuth_deg"], "20.00"),
        }
        for kind, (azimuth_deg, elevation_deg) in csv_places.items():
            assert float(marks[kind]["data-azimuth"]) == pytest.approx(float(azimuth_deg), abs=0.006)
            assert float(marks[kind]["data-elevation"]) == pytest.approx(float(elevation_deg), abs=0.006)
        for mark in marks.values():
            compass = math.radians(90.0 - float(mark["data-azimuth"]))
            place = cmath.rect(RADIUS * (1.0 - float(mark["data-elevation"]) / 90.0), compass)
            assert float(mark["cx"]) == pytest.approx(MIDDLE + place.real, abs=0.06)
            assert float(mark["cy"]) == pytest.approx(MIDDLE - place.imag, abs=0.06)


def test_the_line_of_the_contact_ends_at_its_marks(plan: Plan, page: Sheets) -> None:
    for _, sheet in sheets_by_time(plan, page):
        marks = {a["data-mark"]: (float(a["cx"]), float(a["cy"])) for _, a in sheet if "data-mark" in a}
        line = points(with_class(sheet, "s-contact")[0]["d"])
        assert line[0] == pytest.approx(marks["start"], abs=0.11)
        assert line[-1] == pytest.approx(marks["end"], abs=0.11)
        tip, *feet = points(with_class(sheet, "s-arrow")[0]["d"])
        behind = np.mean(feet, axis=0)
        nearest = min(range(len(line) - 1), key=lambda k: math.dist(np.add(line[k], line[k + 1]) / 2.0, behind))
        along = np.subtract(line[nearest + 1], line[nearest])
        assert np.dot(np.subtract(tip, behind), along) > 0.0


def test_a_body_below_the_horizon_is_hollow_and_outside(page: Sheets) -> None:
    for sheet in page.sheets:
        sun, moon = (a for _, a in sheet if "data-body" in a)
        assert math.dist((float(sun["cx"]), float(sun["cy"])), (MIDDLE, MIDDLE)) == pytest.approx(
            1.07 * RADIUS, abs=0.1
        )
        assert "s-low" in sun["class"]
        assert math.dist((float(moon["cx"]), float(moon["cy"])), (MIDDLE, MIDDLE)) == pytest.approx(
            RADIUS * 58.5 / 90.0, abs=0.1
        )
        assert "s-low" not in moon["class"]


def test_the_mask_is_a_ring_with_a_hole(plan: Plan, page: Sheets) -> None:
    path = with_class(page.sheets[0], "s-mask")[0]["d"]
    assert re.findall(r"a([\d.]+),", path) == ["122", "122", "94.9", "94.9"]
    mask = HorizonMask(azimuth_deg=np.array([0.0, 90.0, 180.0]), elevation_deg=np.array([25.0, 60.0, 25.0]))
    masked = replace(plan, sites=tuple(replace(site, horizon_mask=mask) for site in plan.sites))
    drawn = next(iter(drawn_sheets(PlanIndex(masked), [trace_of(masked, c) for c in masked.contacts]).values()))
    assert drawn.sky is not None
    rim, hole = drawn.sky.mask.split("z")[:2]
    assert rim.startswith("M28,150a122")
    east = max(x for x, y in points(hole) if abs(y - MIDDLE) < 3.0)
    assert east == pytest.approx(MIDDLE + RADIUS * 30.0 / 90.0, abs=0.3)


def test_bands_end_where_the_terms_of_the_trace_do(plan: Plan, page: Sheets, traces: tuple[ContactTrace, ...]) -> None:
    """The upper edges of the areas, read off with the labels of the axis beside them."""
    of_contact = {trace.contact_id: trace for trace in traces}
    for contact_id, sheet in sheets_by_time(plan, page):
        link = of_contact[contact_id].link
        assert link is not None
        areas = [a for a in (a for tag, a in sheet if tag == "path") if re.fullmatch(r"s-t\d", a.get("class", ""))]
        assert [a["class"] for a in areas] == [f"s-t{number}" for number in range(7, 0, -1)]
        start_s, end_s = float(link.t_s[0]) - 0.5, float(link.t_s[-1]) + 0.5
        sums_db = np.cumsum(list(link.terms_db.values()), axis=0)
        edges = [np.array(points(area["d"])[:-2]) for area in areas]
        x = 372.0 * (link.t_s - start_s) / (end_s - start_s)
        tops = [np.interp(x, *edge.T) for edge in edges]
        per_db = (140.0 - tops[0]) / sums_db[6]
        assert per_db == pytest.approx(per_db[0], rel=0.01)
        for number_, top in zip(range(7, 0, -1), tops, strict=True):
            assert 140.0 - top == pytest.approx(sums_db[number_ - 1] * per_db.mean(), abs=0.7)


def test_a_gain_is_drawn_between_its_edges_and_looks_different(plan: Plan) -> None:
    contact = plan.contacts[0]
    drawn = drawn_sheets(PlanIndex(plan), [trace_of(plan, contact, calibration_db=-2.0)])[contact.contact_id]
    assert drawn.charts is not None
    *losses, gain = next(box.bands for box in drawn.charts.boxes if box.bands)
    assert [band.is_gain for band in losses] == [False] * 7
    assert (gain.is_gain, gain.number) == (True, 8)
    top = points(losses[0].area)[:-2]
    assert points(gain.area)[-len(top) :] == [pytest.approx(corner, abs=1e-9) for corner in reversed(top)]
    assert drawn.charts.terms[7] == (8, "calibration", "−2.00")


def test_the_threshold_stands_at_the_first_key(plan: Plan, page: Sheets, traces: tuple[ContactTrace, ...]) -> None:
    of_contact = {trace.contact_id: trace for trace in traces}
    for number_, (contact_id, sheet) in enumerate(sheets_by_time(plan, page)):
        trace = of_contact[contact_id]
        assert trace.link is not None
        assert trace.growth is not None
        assert trace.growth.first_key_s is not None
        start_s, end_s = float(trace.link.t_s[0]) - 0.5, float(trace.link.t_s[-1]) + 0.5
        start_s, end_s = min(start_s, trace.growth.t_s[0]), max(end_s, trace.growth.t_s[-1])
        rule_x = points(with_class(sheet, "s-rule")[0]["d"])[0][0]
        assert rule_x == pytest.approx(372.0 * (trace.growth.first_key_s - start_s) / (end_s - start_s), abs=0.1)
        assert "first key after 40 s" in page.text[number_]
        wait = with_class(sheet, "s-wait")[0]
        assert float(wait["x"]) + float(wait["width"]) == pytest.approx(rule_x, abs=0.11)
        secret = points(with_class(sheet, "s-secret")[0]["d"])
        assert all(y == 84.0 for x, y in secret if x < rule_x - 372.0 / (end_s - start_s) - 0.1)


def test_the_sheets_of_a_real_plan_agree_with_its_contacts(small_plan: Path) -> None:
    """The trace and the plan went different ways to the file: elevations, losses and key have to meet again."""
    source = read_directory(small_plan)
    index = PlanIndex(source.plan)
    sheets = drawn_sheets(index, source.traces)
    of_contact = {trace.contact_id: trace for trace in source.traces}
    assert len(of_contact) == len(index.contacts) > 5
    for contact in index.contacts:
        trace, drawn = of_contact[contact.contact_id], sheets[contact.contact_id]
        sky, charts = drawn.sheet.sky, drawn.sheet.charts
        assert sky is not None
        assert charts is not None
        assert trace.link is not None
        assert trace.growth is not None
        marks = {mark.kind: mark for mark in sky.marks}
        for kind, t_s in (("start", contact.start_s), ("end", contact.end_s)):
            budget_deg = np.interp(t_s, trace.link.t_s, trace.link.elevation_deg)
            assert marks[kind].elevation_deg == pytest.approx(budget_deg, abs=0.3)
        loss = next(chart for chart in charts.charts if chart.kind == "loss")
        mean_db = sum(band.mean_db for band in loss.bands)
        assert contact.min_loss_db < contact.mean_loss_db <= mean_db + 0.01
        assert mean_db < contact.mean_loss_db + 1.0
        assert trace.growth.secret_bits[-1] == contact.key.secret_bits
        first_s = trace.growth.first_key_s
        assert first_s is not None
        assert f"No key before {first_s - contact.start_s} s" in str(drawn.sheet.facts)


def test_drawings_have_a_text_alternative(page: Sheets) -> None:
    for sheet in page.sheets:
        labels = [a["aria-label"] for tag, a in sheet if tag == "svg" and a.get("role") == "img"]
        assert len(labels) == 2
        assert re.match(r"Sky over .* up to \d+° at azimuth \d+°; contact \d\d:\d\d:\d\d at elevation", labels[0])
        assert re.match(r"Elevation \d+ to \d+°, range \d+ to \d+ km\. Loss ", labels[1])
        assert "No key before 40 s" in labels[1]


def test_links_lead_somewhere_on_the_page(plan: Plan, data: bytes, page: Sheets) -> None:
    ids = set(re.findall(r'\bid="([^"]+)"', data.decode()))
    links = [a["href"] for sheet in page.sheets for tag, a in sheet if tag == "a"]
    assert len(links) > len(plan.contacts)
    assert {link.removeprefix("#") for link in links} <= ids


def test_hostile_names_are_text(plan: Plan, traces: tuple[ContactTrace, ...]) -> None:
    sites = tuple(replace(site, name=HOSTILE) for site in plan.sites)
    satellites = tuple(replace(satellite, name=HOSTILE) for satellite in plan.satellites)
    page = Sheets(report_html(replace(plan, sites=sites, satellites=satellites), traces))
    for sheet, text in zip(page.sheets, page.text, strict=True):
        assert "script" not in {tag for tag, _ in sheet}
        assert HOSTILE in text
        assert HOSTILE in next(a["aria-label"] for tag, a in sheet if tag == "svg")


def test_a_page_without_traces_says_so(plan: Plan) -> None:
    page = Sheets(report_html(plan))
    assert len(page.sheets) == len(plan.contacts)
    assert all("There is no trace of this contact" in text for text in page.text)
    assert not [tag for sheet in page.sheets for tag, _ in sheet if tag == "svg"]


def test_a_contact_without_a_window_has_its_sky(plan: Plan, traces: tuple[ContactTrace, ...]) -> None:
    page = Sheets(report_html(plan, [replace(trace, link=None, growth=None) for trace in traces]))
    assert all("lies in no window any more" in text for text in page.text)
    assert all(len([tag for tag, _ in sheet if tag == "svg"]) == 1 for sheet in page.sheets)


def test_the_order_of_what_is_given_does_not_matter(plan: Plan, traces: tuple[ContactTrace, ...], data: bytes) -> None:
    other = replace(plan, contacts=plan.contacts[::-1], decisions=plan.decisions[::-1], backups=plan.backups[::-1])
    assert report_html(other, traces[::-1]) == data


def test_sheets_are_small(plan: Plan, data: bytes) -> None:
    """Sixty of them have to fit into a page of 2 MB together with everything else."""
    _, *sheets = data.split(b'<div class="sheet')
    sizes = [len(sheet.partition(b"</details>")[0]) for sheet in sheets]
    assert len(sizes) == len(plan.contacts)
    assert sum(sizes) < 10_500 * len(sizes)


def test_labels_do_not_lie_on_one_another(plan: Plan, traces: tuple[ContactTrace, ...]) -> None:
    sheets: list[DrawnSheet] = list(drawn_sheets(PlanIndex(plan), traces).values())
    for drawn in sheets:
        assert drawn.sky is not None
        boxes = [mark.label.box for mark in drawn.sky.marks if mark.label]
        assert len(boxes) >= 2
        assert not [1 for k, a in enumerate(boxes) for b in boxes[:k] if overlap(a, b)]
        assert all(0.0 <= edge <= 300.0 for box in boxes for edge in box)


def test_a_label_goes_to_the_first_side_that_is_free() -> None:
    line = [(100.0, 0.0), (100.0, 200.0)]
    right = free_place("20:31:05", 100.0, 100.0, [], line, 300.0)
    assert right is not None
    assert (right.x, right.anchor) == ("107.0", "start")
    left = free_place("20:31:05", 100.0, 100.0, [right.box], line, 300.0)
    assert left is not None
    assert (left.x, left.anchor) == ("93.0", "end")
    assert free_place("20:31:05", 100.0, 100.0, [box_around(100.0, 100.0, 90.0)], line, 300.0) is None
    assert crossings(right.box, line) == 0
    assert crossings((90.0, 50.0, 110.0, 70.0), line) >= 5


def test_path_data_is_short_and_rounds_every_corner_once() -> None:
    assert line_data([(0.0, 1.0), (0.5, 0.5), (10.25, 0.0), (10.25, 0.0)]) == "M0 1l.5-.5 9.7-.5"
    random = np.random.default_rng(7)
    places = [(float(x), float(y)) for x, y in random.uniform(-40.0, 400.0, (500, 2))]
    for found, place in zip(points(line_data(places)), places, strict=True):
        assert found == pytest.approx(place, abs=0.0501)
