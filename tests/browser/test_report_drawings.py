"""Marks lie where the plan says: in the sky, on the map, in time. Read from the browser's own boxes, in pixels."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from chromium import need_chromium
from playwright.sync_api import Page

need_chromium()

Open = Callable[..., Page]
Row = Mapping[str, str]

PIXEL = 1.0
SKY_MARKS = """() => Object.fromEntries([...document.querySelectorAll(".item")].map((item) => {
  const box = item.querySelector(".s-sky").getBoundingClientRect();
  const marks = [...item.querySelectorAll("[data-mark], [data-body]")].map((mark) => {
    const own = mark.getBoundingClientRect();
    return [mark.dataset.mark || mark.dataset.body, own.x + own.width / 2 - box.x, own.y + own.height / 2 - box.y];
  });
  return [item.id.slice("contact-".length), { width: box.width, height: box.height, marks }];
}))"""


@pytest.fixture(scope="session")
def traces(example_plan: Path) -> dict[str, Any]:
    """Contact id → its trace as traces.json states it."""
    document = json.loads((example_plan / "traces.json").read_text("utf-8"))
    return {contact["contact_id"]: contact for contact in document["contacts"]}


@pytest.mark.parametrize("width", [1280, 400])
def test_marks_in_the_sky_lie_where_the_tables_say(
    open_page: Open, example, contact_rows, pass_rows, traces, width: int
) -> None:
    """Azimuth from the north through the east, the zenith in the middle, elevation in equal steps to the horizon."""
    page = open_page(example.path, viewport={"width": width, "height": 900})
    page.get_by_role("button", name="Open all sheets").click()
    plots = page.evaluate(SKY_MARKS)
    assert sorted(plots) == sorted(row["contact_id"] for row in contact_rows)
    passes = {row["pass_id"]: row for row in pass_rows}
    for row in contact_rows:
        planned, trace, plot = passes[row["pass_id"]], traces[row["contact_id"]], plots[row["contact_id"]]
        track = trace["track"]
        seconds = [
            (datetime.fromisoformat(row[name]) - example.plan.horizon.start_utc).total_seconds()
            for name in ("start_utc", "end_utc")
        ]
        wanted = {
            "rise": (float(planned["rise_azimuth_deg"]), track["elevation_deg"][0]),
            "culmination": (float(planned["culmination_azimuth_deg"]), float(planned["max_elevation_deg"])),
            "set": (float(planned["set_azimuth_deg"]), track["elevation_deg"][-1]),
        }
        for name, t_s in zip(("start", "end"), seconds, strict=True):
            at = track["t_s"].index(t_s)
            wanted[name] = track["azimuth_deg"][at], track["elevation_deg"][at]
        assert sorted(name for name, *_ in plot["marks"]) == sorted([*wanted, "sun", "moon"])
        assert plot["width"] == pytest.approx(plot["height"])
        unit = plot["width"] / 300.0
        for name, x, y in plot["marks"]:
            if name in wanted:
                azimuth_deg, elevation_deg = wanted[name]
                radius = 122.0 * (1.0 - elevation_deg / 90.0)
            else:
                azimuth_deg, elevation_deg = trace[f"{name}_azimuth_deg"], trace[f"{name}_elevation_deg"]
                radius = 122.0 * ((1.0 - elevation_deg / 90.0) if elevation_deg >= 0.0 else 1.07)
            azimuth = math.radians(azimuth_deg)
            assert x == pytest.approx(unit * (150.0 + radius * math.sin(azimuth)), abs=PIXEL), (row["contact_id"], name)
            assert y == pytest.approx(unit * (150.0 - radius * math.cos(azimuth)), abs=PIXEL), (row["contact_id"], name)


MAP_MARKS = """() => [...document.querySelectorAll(".map-sheet g[data-site] > g")].map((mark) => {
  const frame = document.querySelector(".map-sheet svg").getBoundingClientRect();
  const matrix = mark.getScreenCTM();
  return [mark.parentElement.dataset.site, matrix.e - frame.x, matrix.f - frame.y, frame.width];
})"""


def laea_europe_km(latitude_deg: float, longitude_deg: float) -> tuple[float, float]:
    """EPSG:3035 by the formulas of IOGP Guidance Note 7-2, method 9820, on GRS80; east and north in km."""
    a, f = 6378.137, 1.0 / 298.257222101
    e2 = f * (2.0 - f)
    e = math.sqrt(e2)

    def q(latitude: float) -> float:
        s = math.sin(latitude)
        return (1.0 - e2) * (s / (1.0 - e2 * s * s) - math.log((1.0 - e * s) / (1.0 + e * s)) / (2.0 * e))

    latitude, centre, east = math.radians(latitude_deg), math.radians(52.0), math.radians(longitude_deg - 10.0)
    qp = q(math.pi / 2.0)
    beta, beta0 = math.asin(q(latitude) / qp), math.asin(q(centre) / qp)
    rq = a * math.sqrt(qp / 2.0)
    d = a * math.cos(centre) / math.sqrt(1.0 - e2 * math.sin(centre) ** 2) / (rq * math.cos(beta0))
    b = rq * math.sqrt(
        2.0 / (1.0 + math.sin(beta0) * math.sin(beta) + math.cos(beta0) * math.cos(beta) * math.cos(east))
    )
    return (
        4321.0 + b * d * math.cos(beta) * math.sin(east),
        3210.0 + b / d * (math.cos(beta0) * math.sin(beta) - math.sin(beta0) * math.cos(beta) * math.cos(east)),
    )


def test_the_formula_is_that_of_the_guidance_note() -> None:
    """Its example: 50° N, 5° E is at 3962799.45 m east, 2999718.85 m north."""
    assert laea_europe_km(50.0, 5.0) == pytest.approx((3962.79945, 2999.71885), abs=1e-5)


def test_stations_stand_on_the_map_where_the_projection_says(open_page: Open, example) -> None:
    """One scale and one origin fit all stations of the main frame to a pixel, and the scale is the scale bar's."""
    page = open_page(example.path)
    found = page.evaluate(MAP_MARKS)
    sites = {site.site_id: site for site in example.plan.sites}
    assert sorted(site_id for site_id, *_ in found) == sorted(sites)
    frame = page.locator(".map-sheet .map-sea").first.evaluate(
        "(e) => { const b = e.getBoundingClientRect(); return b.width; }"
    )
    main = [mark for mark in found if mark[1] <= frame]
    assert len(main) >= 10
    plane = np.array([laea_europe_km(sites[mark[0]].latitude_deg, sites[mark[0]].longitude_deg) for mark in main])
    shown = np.array([mark[1:3] for mark in main])
    # x = x0 + east / k and y = y0 - north / k
    ones, none = np.ones(len(main)), np.zeros(len(main))
    system = np.concatenate([np.stack([plane[:, 0], ones, none], axis=1), np.stack([-plane[:, 1], none, ones], axis=1)])
    (scale, x0, y0), *_ = np.linalg.lstsq(system, np.concatenate([shown[:, 0], shown[:, 1]]), rcond=None)
    fitted = np.stack([x0 + scale * plane[:, 0], y0 - scale * plane[:, 1]], axis=1)
    assert np.abs(fitted - shown).max() < PIXEL
    length = page.locator(".map-sheet .map-bar").first.evaluate("(e) => e.getBoundingClientRect().width")
    text = page.locator(".map-sheet .map-degree", has_text=" km").first.text_content() or ""
    assert length == pytest.approx(scale * float(text.removesuffix(" km")), abs=PIXEL)


TIME_MARKS = """(panel) => [...panel.querySelectorAll('.row[data-site] a[href^="#contact-"] path')].map((path) => {
  const box = path.getBoundingClientRect();
  const row = path.ownerSVGElement.getBoundingClientRect();
  return [decodeURIComponent(path.parentElement.getAttribute("href").slice("#contact-".length)),
          path.closest(".row").dataset.site, box.x - row.x, box.width, row.width];
})"""


def test_marks_in_time_lie_where_the_table_says(open_page: Open, example, contact_rows) -> None:
    page = open_page(example.path)
    rows = {row["contact_id"]: row for row in contact_rows}
    horizon = example.plan.horizon
    least = 0.0
    for name in ("#overview", "#nights > .panel:visible"):
        panel = page.locator(name)
        marks = panel.evaluate(TIME_MARKS)
        if name == "#overview":
            assert sorted(mark[0] for mark in marks) == sorted(rows)
            start_s, end_s = 0.0, horizon.duration_s
        else:
            labels = panel.locator(".axis text").all_text_contents()
            begin = datetime.fromisoformat(f"{contact_rows[0]['start_utc'][:10]}T{labels[0].strip()}:00Z")
            start_s = (begin - horizon.start_utc).total_seconds()
            end_s = start_s + 3600.0 * (len(labels) - 1)
        for contact_id, site_id, left, width, whole in marks:
            row = rows[contact_id]
            assert site_id == row["site_id"]
            first_s, last_s = (
                (datetime.fromisoformat(row[key]) - horizon.start_utc).total_seconds()
                for key in ("start_utc", "end_utc")
            )
            middle = whole * ((first_s + last_s) / 2.0 - start_s) / (end_s - start_s)
            true_width = whole * (last_s - first_s) / (end_s - start_s)
            assert left + width / 2.0 == pytest.approx(middle, abs=PIXEL), contact_id
            assert width == pytest.approx(max(true_width, 0.0035 * whole), abs=PIXEL), contact_id
            least = max(least, true_width)
    assert least > 5.0, "a night shows contacts at their true width"


def test_bars_of_demand_are_as_long_as_it_is_met(open_page: Open, example) -> None:
    page = open_page(example.path)
    shares = page.evaluate(
        """[...document.querySelectorAll("table.demands .bar")].map((bar) =>
          bar.querySelector(".all, .part").getBoundingClientRect().width / bar.getBoundingClientRect().width)"""
    )
    assert shares == pytest.approx([min(result.met_frac, 1.0) for result in example.plan.demands], abs=0.01)
