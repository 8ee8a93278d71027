"""Figures: the same bytes twice, every format what it says, and what is drawn lies where the plan says."""

from __future__ import annotations

import math
import re
import struct
import subprocess
import sys
import zlib
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from io import BytesIO
from xml.etree import ElementTree

import numpy as np
import pytest
from pypdf import PdfReader

from eagleplan.model import Contact, ContactTrace, KeyGrowth, LinkTrace, Plan, SkyTrack
from eagleplan.report.plots import FORMS, Form, demand_figure, map_figure, narrowed, sky_figure, timeline_figure
from eagleplan.report.plots.canvas import FormName

SVG = "{http://www.w3.org/2000/svg}"
XLINK = "{http://www.w3.org/1999/xlink}"
HOUR_S = 3600.0


def _trace(plan: Plan, contact: Contact) -> ContactTrace:
    """A pass that turns evenly from azimuth 100° to 220° and climbs to 60° in a parabola; 30 dB and a little."""
    planned = next(d.planned_pass for d in plan.decisions if d.planned_pass.pass_id == contact.pass_id)
    t_s = np.linspace(planned.rise_s, planned.set_s, 31)
    x = np.linspace(-1.0, 1.0, 31)
    link_s = np.linspace(contact.start_s + 0.5, contact.end_s - 0.5, 21)
    growth_s = np.linspace(contact.start_s, contact.end_s, 11)
    return ContactTrace(
        contact_id=contact.contact_id,
        track=SkyTrack(
            t_s=t_s,
            azimuth_deg=160.0 + 60.0 * x,
            elevation_deg=60.0 - 40.0 * x**2,
            latitude_deg=48.0 + 4.0 * x,
            longitude_deg=12.0 - x,
            height_km=500.0 + 0.0 * x,
        ),
        link=LinkTrace(
            t_s=link_s,
            elevation_deg=np.full(21, 40.0),
            range_km=np.full(21, 700.0),
            terms_db={"geometry": np.linspace(25.0, 30.0, 21), "pointing": np.full(21, 1.0)},
            background_per_detector_cps=np.full(21, 250.0),
        ),
        growth=KeyGrowth(
            t_s=growth_s,
            secret_bits=np.maximum(0.0, np.linspace(-0.5, 1.0, 11)) * contact.key.secret_bits,
            sifted_bits=np.linspace(0.0, 1.0, 11) * contact.key.sifted_bits,
            first_key_s=int(growth_s[4]),
        ),
        sun_azimuth_deg=300.0,
        sun_elevation_deg=-35.0,
        moon_azimuth_deg=45.0,
        moon_elevation_deg=30.0,
        moon_illuminated_frac=0.4,
    )


@pytest.fixture(scope="module")
def first(plan: Plan) -> Contact:
    """A contact of the middle of the week that is a whole window."""
    return next(contact for contact in plan.contacts if contact.is_whole and contact.start_s > 86_400)


@pytest.fixture(scope="module")
def traces(plan: Plan) -> list[ContactTrace]:
    return [_trace(plan, contact) for contact in plan.contacts]


Drawn = Callable[..., bytes]


@pytest.fixture(scope="module")
def drawn(plan: Plan, traces: list[ContactTrace], first: Contact) -> Drawn:
    """`drawn("sky")` is the figure as SVG, or as named and with 60 dots in an inch; each is drawn once."""

    @cache
    def figure(kind: str, name: FormName = "svg") -> bytes:
        return _figure(kind, plan, traces, first, Form(name=name, n_dpi=60))

    return figure


def _figure(kind: str, plan: Plan, traces: list[ContactTrace], contact: Contact, form: Form) -> bytes:
    if kind == "timeline":
        return timeline_figure(plan, form)
    if kind == "map":
        return map_figure(plan, traces, form)
    return demand_figure(plan, form) if kind == "demand" else sky_figure(plan, traces, contact.contact_id, form)


def _group(data: bytes, name: str) -> ElementTree.Element:
    found = [group for group in ElementTree.fromstring(data).iter(f"{SVG}g") if group.get("id") == name]
    assert len(found) == 1, name
    return found[0]


def _path(data: bytes, name: str) -> np.ndarray:
    """Vertices (x to the right, y downwards, in points) of the first path in the group of that id, shape (n, 2)."""
    path = next(_group(data, name).iter(f"{SVG}path")).get("d") or ""
    return np.array([[float(v) for v in pair] for pair in re.findall(r"[ML] (\S+) (\S+)", path)])


def _mark(data: bytes, name: str) -> tuple[float, float]:
    """Where the only marker of the group of that id stands."""
    uses = list(_group(data, name).iter(f"{SVG}use"))
    assert len(uses) == 1
    return float(uses[0].get("x", "nan")), float(uses[0].get("y", "nan"))


DRAWN = (*(("demand", name) for name in FORMS), ("sky", "png"), ("sky", "svg"), ("timeline", "svg"), ("map", "svg"))
"""Every format, and every figure."""


@pytest.mark.parametrize(("kind", "name"), DRAWN)
def test_twice_the_same_bytes_without_a_date(
    kind: str, name: FormName, plan: Plan, traces: list[ContactTrace], first: Contact, drawn: Drawn
) -> None:
    data = drawn(kind, name)
    assert data == _figure(kind, plan, traces, first, Form(name=name, n_dpi=60))
    assert b"CreationDate" not in data
    assert b"dc:date" not in data
    assert b"atplotlib v" not in data
    if name == "png":
        _check_png(data)
    elif name == "pdf":
        _check_pdf(data)
    else:
        root = ElementTree.fromstring(data)
        assert root.tag == f"{SVG}svg"
        ids = Counter(element.get("id") for element in root.iter() if element.get("id"))
        assert [name for name, number in ids.items() if number > 1] == []


def _check_png(data: bytes) -> None:
    """Signature, chunks with right checksums and no time among them, a picture of some size."""
    assert data.startswith(b"\x89PNG\r\n\x1a\n")
    place, names = 8, []
    while place < len(data):
        length, name = struct.unpack(">I4s", data[place : place + 8])
        body = data[place + 8 : place + 8 + length]
        (checksum,) = struct.unpack(">I", data[place + 8 + length : place + 12 + length])
        assert checksum == zlib.crc32(name + body)
        if name == b"IHDR":
            width, height = struct.unpack(">II", body[:8])
            assert width > 400
            assert height > 100
        names.append(name)
        place += 12 + length
    assert names[-1] == b"IEND"
    assert b"tIME" not in names


def _check_pdf(data: bytes) -> None:
    """One page that another reader opens, with a drawing on it."""
    (page,) = PdfReader(BytesIO(data), strict=True).pages
    assert page.mediabox.width > 200
    assert page.mediabox.height > 50
    assert len(page.get_contents().get_data()) > 1000


def test_dots_in_an_inch_are_pixels_of_a_png(plan: Plan, drawn: Drawn) -> None:
    figures = (drawn("demand", "png"), demand_figure(plan, Form(name="png", n_dpi=120)))
    sizes = [struct.unpack(">II", data[16:24]) for data in figures]
    assert sizes[1] == (2 * sizes[0][0], 2 * sizes[0][1])


def test_contacts_stand_at_their_hours(plan: Plan, drawn: Drawn) -> None:
    data = drawn("timeline")
    spans = [(w.start_s, w.end_s) for d in plan.decisions for w in d.planned_pass.windows]
    spans += [(float(c.start_s), float(c.end_s)) for c in plan.contacts]
    # Hours after noon that hold everything: the axis that all nights share.
    noon_s = 43_200.0
    first_h = min(math.floor((start_s - noon_s) % 86_400 / HOUR_S) for start_s, _ in spans)
    last_h = max(math.ceil(((end_s - 1e-6 - noon_s) % 86_400) / HOUR_S) for _, end_s in spans)
    found: dict[int, list[tuple[float, float]]] = {}
    for contact in plan.contacts:
        middle = _path(data, f"contact-{contact.contact_id}")[:, 0]
        into_h = ((contact.start_s + contact.end_s) / 2.0 - noon_s) % 86_400 / HOUR_S - first_h
        night = int((contact.start_s - noon_s) // 86_400)
        found.setdefault(night, []).append((into_h, (middle.min() + middle.max()) / 2.0))
    widths = []
    for pairs in found.values():
        hours, places = zip(*pairs, strict=True)
        if max(hours) - min(hours) > 0.3:
            slope, offset = np.polyfit(hours, places, 1)
            assert np.allclose(np.polyval([slope, offset], hours), places, atol=1.0)
            widths.append(slope * (last_h - first_h))
    assert len(widths) >= 2
    assert np.ptp(widths) < 0.05 * np.mean(widths), "one scale for all nights"


def test_a_row_for_each_site_and_for_the_satellite(plan: Plan, drawn: Drawn) -> None:
    data = drawn("timeline")
    by_site: dict[str, set[float]] = {}
    for contact in plan.contacts:
        height = _path(data, f"contact-{contact.contact_id}")[:, 1]
        by_site.setdefault(contact.site_id, set()).add(round((height.min() + height.max()) / 2.0, 2))
        _group(data, f"contact-of-satellite-{contact.contact_id}")
    latitudes = {site.site_id: site.latitude_deg for site in plan.sites}
    assert all(len(rows) == 1 for rows in by_site.values())
    north_to_south = sorted(by_site, key=lambda site_id: -latitudes[site_id])
    assert [min(by_site[site_id]) for site_id in north_to_south] == sorted(min(rows) for rows in by_site.values())


def test_a_part_of_the_plan_has_that_part_alone(plan: Plan) -> None:
    site_id = plan.contacts[0].site_id
    part = narrowed(plan, site_ids=frozenset([site_id]), from_utc=datetime(2026, 12, 1, 12, tzinfo=UTC))
    data = timeline_figure(part, Form(name="svg")).decode()
    drawn = set(re.findall(r'id="contact-(eagle1-[^"]*)"', data))
    assert drawn == {c.contact_id for c in plan.contacts if c.site_id == site_id and c.start_s >= 129_600}
    assert narrowed(plan) == plan
    nobody = narrowed(plan, satellite_ids=frozenset(["none"]))
    assert (nobody.contacts, nobody.decisions, nobody.backups) == ((), (), ())
    assert timeline_figure(nobody, Form(name="svg")).startswith(b"<?xml")


def test_closures_are_hatched_only_where_there_are_any(plan: Plan, drawn: Drawn) -> None:
    assert plan.closures
    without = timeline_figure(replace(plan, closures=()), Form(name="svg"))
    assert drawn("timeline").count(b"<pattern") > without.count(b"<pattern")


def test_bars_of_demand_are_as_long_as_what_is_met(plan: Plan, drawn: Drawn) -> None:
    data = drawn("demand")
    whole = 4.6 * 72.0 * 100.0 / 100.4
    for result in plan.demands:
        bar = _path(data, f"met-{result.demand.demand_id}")[:, 0]
        assert np.ptp(bar) == pytest.approx(whole * result.met_frac, abs=0.1)
        if result.demand.guarantee_bits:
            line = _path(data, f"guarantee-{result.demand.demand_id}")[:, 0]
            expected = 2.1 * 72.0 + whole * result.demand.guarantee_bits / result.demand.bits
            assert line == pytest.approx([expected] * 2, abs=0.1)
        if result.outlook is not None:
            skies = _path(data, f"skies-{result.demand.demand_id}")[:, 0]
            assert np.ptp(skies) == pytest.approx(
                whole * (result.outlook.p90_bits - result.outlook.p10_bits) / result.demand.bits, abs=0.1
            )


def test_key_that_nobody_gets_is_not_drawn_as_delivered(plan: Plan, traces: list[ContactTrace]) -> None:
    """Of two pairs one gets nothing: its arc is dashed, the other's is not."""
    some, none = (replace(r, delivered_bits=bits) for r, bits in zip(plan.demands[:2], (1000, 0), strict=True))
    data = map_figure(replace(plan, demands=(some, none)), traces, Form(name="svg"))
    dashed = {}
    for result in (some, none):
        a, b = sorted((result.demand.node_a, result.demand.node_b))
        dashed[result] = "dasharray" in ElementTree.tostring(_group(data, f"flow-{a}-{b}"), encoding="unicode")
    assert dashed == {some: False, none: True}


def test_nothing_demanded_is_said(plan: Plan) -> None:
    assert demand_figure(replace(plan, demands=()), Form(name="svg")).startswith(b"<?xml")


def test_the_sky_lies_as_azimuth_and_elevation_say(traces: list[ContactTrace], first: Contact, drawn: Drawn) -> None:
    data = drawn("sky")
    trace = next(trace for trace in traces if trace.contact_id == first.contact_id)
    moon = _mark(data, "moon")
    mask = _path(data, "mask")
    centre = (mask.min(axis=0) + mask.max(axis=0)) / 2.0
    # A mask of 20° is a circle of 70/90 of the horizon's radius.
    horizon = np.ptp(mask, axis=0).mean() / 2.0 * 90.0 / 70.0

    def sky(x: float, y: float) -> tuple[float, float]:
        east, north = x - centre[0], centre[1] - y
        return math.degrees(math.atan2(east, north)) % 360.0, 90.0 * (1.0 - math.hypot(east, north) / horizon)

    assert sky(*moon) == pytest.approx((45.0, 30.0), abs=0.3)
    track = trace.track
    for name, t_s in (("mark-start", first.start_s), ("mark-end", first.end_s)):
        expected = [float(np.interp(t_s, track.t_s, v)) for v in (track.azimuth_deg, track.elevation_deg)]
        assert sky(*_mark(data, name)) == pytest.approx(expected, abs=0.5)
    contact = _path(data, "contact")
    assert tuple(contact[0]) == pytest.approx(_mark(data, "mark-start"), abs=0.2)
    assert tuple(contact[-1]) == pytest.approx(_mark(data, "mark-end"), abs=0.2)
    sun = sky(*_mark(data, "sun"))
    assert sun[0] == pytest.approx(300.0, abs=0.3)
    assert sun[1] < 0.0, "below the horizon is outside the rim"


def test_the_stack_of_losses_ends_at_the_total(drawn: Drawn) -> None:
    data = drawn("sky")
    total, secret = _path(data, "total"), _path(data, "secret")
    geometry, pointing = _path(data, "term-geometry"), _path(data, "term-pointing")
    floor = geometry[:, 1].max()
    # 26 dB at the start, 31 dB at the end; of this geometry is 25 and 30.
    assert (floor - total[0, 1]) / (floor - total[-1, 1]) == pytest.approx(26.0 / 31.0, abs=0.005)
    assert pointing[:, 1].min() == pytest.approx(total[:, 1].min(), abs=0.05)
    assert (floor - geometry[:, 1].min()) / (floor - total[-1, 1]) == pytest.approx(30.0 / 31.0, abs=0.005)
    threshold = _path(data, "first-key")[0, 0]
    rising = secret[np.argmax(secret[:, 1] < secret[0, 1] - 0.5), 0]
    assert secret[0, 0] < threshold <= rising


def test_a_contact_without_a_trace_is_said_to_have_none(plan: Plan, first: Contact) -> None:
    bare = sky_figure(plan, [], first.contact_id, Form(name="svg"))
    assert b'id="contact"' not in bare
    with pytest.raises(KeyError):
        sky_figure(plan, [], "nobody", Form(name="svg"))


def test_a_contact_without_a_window_keeps_its_sky(plan: Plan, traces: list[ContactTrace], first: Contact) -> None:
    kept = [replace(trace, link=None, growth=None) for trace in traces]
    data = sky_figure(plan, kept, first.contact_id, Form(name="svg"))
    assert b'id="contact"' in data
    assert b'id="total"' not in data


def test_names_are_text_and_no_formula(plan: Plan, traces: list[ContactTrace]) -> None:
    hostile = next(contact for contact in plan.contacts if contact.site_id == "xx-script")
    sites = tuple(
        replace(site, name="$x_1$ <script>alert(1)</script> & 東京") if site.site_id == "xx-script" else site
        for site in plan.sites
    )
    data = sky_figure(replace(plan, sites=sites), traces, hostile.contact_id, Form(name="svg"))
    assert b"<script>alert" not in data
    assert not list(ElementTree.fromstring(data).iter(f"{SVG}script"))


def test_the_users_own_style_plays_no_part(plan: Plan, drawn: Drawn) -> None:
    import matplotlib as mpl

    plain = drawn("demand")
    with mpl.rc_context({"font.size": 30.0, "axes.facecolor": "red"}):
        assert demand_figure(plan, Form(name="svg")) == plain
        assert mpl.rcParams["font.size"] == 30.0


def test_reports_load_no_matplotlib() -> None:
    code = "import sys, eagleplan.report, eagleplan.report.plots; print('matplotlib' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
