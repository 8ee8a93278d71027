"""Contact sheets: shapes and words, against the plan and the traces that they are made of."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eagleplan.model import (
    Contact,
    ContactTrace,
    Horizon,
    HorizonMask,
    KeyGrowth,
    LinkTrace,
    PassDecision,
    Plan,
    Reason,
    SkyTrack,
    StationLimits,
)
from eagleplan.report.index import PlanIndex
from eagleplan.report.sheet_axes import fitted_axis, kept, linear_axis, log_axis, nice_step, time_axis
from eagleplan.report.sheet_charts import HEIGHTS, WIDTH, Chart, Charts, over_contact
from eagleplan.report.sheet_facts import Fact
from eagleplan.report.sheet_sky import SkyPath, SkyPlot, sky_place
from eagleplan.report.sheets import ContactSheet, contact_sheet, contact_sheets

TERMS = ("geometry", "pointing", "extinction", "turbulence", "optics", "coupling", "detector", "calibration")


def trace_of(
    plan: Plan, contact: Contact, *, calibration_db: float = 0.0, first_key_s: int | None = 40
) -> ContactTrace:
    """A trace made by hand: a parabola of elevation, azimuths from rise to set at an even rate, a key after 40 s."""
    planned = PlanIndex(plan).passes[contact.pass_id]
    ends = (planned.rise_s, planned.culmination_s, planned.set_s, contact.start_s, contact.end_s)
    t_s = np.union1d(np.linspace(planned.rise_s, planned.set_s, 41), ends)
    share = (t_s - planned.rise_s) / (planned.set_s - planned.rise_s)
    elevation_deg = 20.0 + (planned.max_elevation_deg - 20.0) * 4.0 * share * (1.0 - share)
    turn_deg = planned.set_azimuth_deg - planned.rise_azimuth_deg
    at_s = np.arange(math.ceil(planned.rise_s), math.floor(planned.set_s)) + 0.5
    up_deg = np.interp(at_s, t_s, elevation_deg)
    range_km = 500.0 / np.sin(np.radians(up_deg))
    steady = np.ones_like(at_s)
    values_db = (
        20.0 * np.log10(range_km / 30.0),
        0.11 * steady,
        0.2 / np.sin(np.radians(up_deg)),
        5.0 - 0.02 * up_deg,
        3.0 * steady,
        1.8 * steady,
        0.97 * steady,
        calibration_db * steady,
    )
    ends_s = np.arange(contact.start_s, contact.end_s + 1, dtype=np.float64)
    after_s = ends_s - contact.start_s
    wait_s = (first_key_s or 0) - 1
    secret_bits = np.floor(contact.key.secret_bits * np.clip((after_s - wait_s) / (after_s[-1] - wait_s), 0.0, 1.0))
    return ContactTrace(
        contact_id=contact.contact_id,
        track=SkyTrack(
            t_s=t_s,
            azimuth_deg=(planned.rise_azimuth_deg + turn_deg * share) % 360.0,
            elevation_deg=elevation_deg,
            latitude_deg=47.0 + share,
            longitude_deg=11.0 + share,
            height_km=500.0 + share,
        ),
        link=LinkTrace(
            t_s=at_s,
            elevation_deg=up_deg,
            range_km=range_km,
            terms_db=dict(zip(TERMS, values_db, strict=True)),
            background_per_detector_cps=150.0 + up_deg,
        ),
        growth=KeyGrowth(
            t_s=ends_s,
            secret_bits=np.zeros_like(ends_s) if first_key_s is None else secret_bits,
            sifted_bits=contact.key.sifted_bits * after_s / after_s[-1],
            first_key_s=None if first_key_s is None else contact.start_s + first_key_s,
        ),
        sun_azimuth_deg=301.7,
        sun_elevation_deg=-41.25,
        moon_azimuth_deg=66.0,
        moon_elevation_deg=31.5,
        moon_illuminated_frac=0.537,
    )


def sheet_of(plan: Plan, contact: Contact, trace: ContactTrace | None) -> ContactSheet:
    return contact_sheet(PlanIndex(plan), contact, trace)


def drawn(sheet: ContactSheet) -> tuple[SkyPlot, Charts]:
    assert sheet.sky is not None
    assert sheet.charts is not None
    return sheet.sky, sheet.charts


def chart(charts: Charts, kind: str) -> Chart:
    return next(chart for chart in charts.charts if chart.kind == kind)


def facts(sheet: ContactSheet, kind: str) -> dict[str, Fact]:
    return {fact.label: fact for group in sheet.facts if group.kind == kind for fact in group.facts}


@pytest.fixture
def contact(plan: Plan) -> Contact:
    """A whole window, later than the first contact, whose outcome is known."""
    return next(c for c in PlanIndex(plan).contacts if c.outcome is None and c.is_whole)


@pytest.mark.parametrize(
    ("azimuth_deg", "elevation_deg", "place"),
    [(0, 0, (0, 1)), (90, 0, (1, 0)), (180, 45, (0, -0.5)), (270, 30, (-2 / 3, 0)), (123, 90, (0, 0))],
)
def test_north_is_up_and_east_is_right(azimuth_deg: float, elevation_deg: float, place: tuple[float, float]) -> None:
    assert sky_place(azimuth_deg, elevation_deg) == pytest.approx(place, abs=1e-12)


def test_marks_are_the_passes_own_instants(plan: Plan) -> None:
    index = PlanIndex(plan)
    for contact in plan.contacts:
        planned = index.passes[contact.pass_id]
        sky, _ = drawn(sheet_of(plan, contact, trace_of(plan, contact)))
        marks = {mark.kind: mark for mark in sky.marks}
        assert marks["culmination"].azimuth_deg == round(planned.culmination_azimuth_deg, 2)
        assert marks["culmination"].elevation_deg == round(planned.max_elevation_deg, 2)
        assert (marks["rise"].azimuth_deg, marks["set"].azimuth_deg) == (
            round(planned.rise_azimuth_deg, 2),
            round(planned.set_azimuth_deg, 2),
        )
        assert (marks["rise"].elevation_deg, marks["set"].elevation_deg) == (20.0, 20.0)
        share = (contact.start_s - planned.rise_s) / (planned.set_s - planned.rise_s)
        turned_deg = planned.rise_azimuth_deg + share * (planned.set_azimuth_deg - planned.rise_azimuth_deg)
        assert marks["start"].azimuth_deg == pytest.approx(turned_deg % 360.0, abs=0.006)
        assert marks["end"].label == f"{index.utc(contact.end_s):%H:%M:%S}"
        assert ("begins" in marks["rise"].text) == planned.cut_start
        assert ("ends" in marks["set"].text) == planned.cut_end


def test_the_contact_is_the_part_of_the_pass_between_its_marks(plan: Plan) -> None:
    part = next(c for c in plan.contacts if not c.is_whole)
    sky, _ = drawn(sheet_of(plan, part, trace_of(plan, part)))
    marks = {mark.kind: (mark.azimuth_deg, mark.elevation_deg) for mark in sky.marks}
    assert (sky.contact.azimuth_deg[0], sky.contact.elevation_deg[0]) == marks["start"]
    assert (sky.contact.azimuth_deg[-1], sky.contact.elevation_deg[-1]) == marks["end"]
    assert (sky.whole.azimuth_deg[0], sky.whole.elevation_deg[0]) == marks["rise"]
    assert (sky.whole.azimuth_deg[-1], sky.whole.elevation_deg[-1]) == marks["set"]
    assert len(sky.windows) == 1
    filled = next(c for c in plan.contacts if c.is_whole)
    whole, _ = drawn(sheet_of(plan, filled, trace_of(plan, filled)))
    assert whole.windows == (), "of a window that the contact fills nothing is left"


def test_the_arrow_points_along_the_line(plan: Plan, contact: Contact) -> None:
    """Straight from north to south over the zenith."""
    trace = trace_of(plan, contact)
    share = (trace.track.t_s - trace.track.t_s[0]) / (trace.track.t_s[-1] - trace.track.t_s[0])
    height_deg = 20.0 + 140.0 * share
    over = replace(
        trace.track,
        azimuth_deg=np.where(height_deg < 90.0, 0.0, 180.0),
        elevation_deg=np.where(height_deg < 90.0, height_deg, 180.0 - height_deg),
    )
    sky, _ = drawn(sheet_of(plan, contact, replace(trace, track=over)))
    assert sky.arrow.heading_deg == pytest.approx(180.0, abs=0.1)
    assert sky.arrow.azimuth_deg == pytest.approx(180.0, abs=0.1)


def test_sun_and_moon_stand_where_the_trace_says(plan: Plan, contact: Contact) -> None:
    sky, _ = drawn(sheet_of(plan, contact, trace_of(plan, contact)))
    sun, moon = sky.bodies
    assert (sun.azimuth_deg, sun.elevation_deg) == (301.7, -41.25)
    assert sun.text == "Sun 41° below the horizon at azimuth 302°"
    assert moon.text == "Moon 32° above the horizon at azimuth 66°, 54 % lit"
    assert moon.illuminated_frac == 0.537


def test_the_mask_is_the_sites_own(plan: Plan, contact: Contact) -> None:
    flat, _ = drawn(sheet_of(plan, contact, trace_of(plan, contact)))
    assert flat.mask == SkyPath(azimuth_deg=(0.0, 360.0), elevation_deg=(20.0, 20.0))
    mask = HorizonMask(azimuth_deg=np.array([30.0, 90.0, 250.0]), elevation_deg=np.array([10.0, 40.0, 5.0]))
    sites = tuple(replace(s, horizon_mask=mask) if s.site_id == contact.site_id else s for s in plan.sites)
    masked = replace(plan, sites=sites)
    sky, _ = drawn(sheet_of(masked, contact, trace_of(masked, contact)))
    seen = dict(zip(sky.mask.azimuth_deg, sky.mask.elevation_deg, strict=True))
    assert seen[90.0] == 40.0
    assert min(seen.values()) == 20.0
    assert {0.0, 360.0} <= seen.keys()
    for azimuth_deg, elevation_deg in seen.items():
        if 30.0 <= azimuth_deg <= 90.0:
            assert elevation_deg == pytest.approx(max(20.0, 10.0 + (azimuth_deg - 30.0) / 2.0), abs=0.006)


def test_stacked_edges_sum_to_the_total_loss(plan: Plan, contact: Contact) -> None:
    trace = trace_of(plan, contact)
    assert trace.link is not None
    _, charts = drawn(sheet_of(plan, contact, trace))
    loss = chart(charts, "loss")
    top_db = float(loss.left.ticks[-1].label)
    pixel_db = top_db / HEIGHTS["loss"]
    x = charts.time.share(trace.link.t_s)
    sums_db = np.zeros_like(x)
    assert [band.term for band in loss.bands] == list(TERMS)
    for band in loss.bands:
        base, edge = (np.array(points) for points in (band.base, band.points))
        assert np.interp(x, *base.T) * top_db == pytest.approx(sums_db, abs=0.45 * pixel_db)
        sums_db = sums_db + trace.link.terms_db[band.term]
        assert np.interp(x, *edge.T) * top_db == pytest.approx(sums_db, abs=0.45 * pixel_db)
    total = np.array(next(curve.points for curve in loss.curves if curve.kind == "total"))
    assert np.interp(x, *total.T) * top_db == pytest.approx(sums_db, abs=0.45 * pixel_db)
    assert sum(band.mean_db for band in loss.bands) == pytest.approx(over_contact(trace.link.t_s, sums_db, contact))


def test_a_term_that_brings_light_back_lies_on_top_and_reaches_down(plan: Plan, contact: Contact) -> None:
    trace = trace_of(plan, contact, calibration_db=-2.0)
    assert trace.link is not None
    _, charts = drawn(sheet_of(plan, contact, trace))
    loss = chart(charts, "loss")
    gain = loss.bands[-1]
    assert (gain.term, gain.is_gain, gain.mean_db) == ("calibration", True, pytest.approx(-2.0))
    assert max(y for _, y in gain.points) < max(y for _, y in gain.base)
    assert gain.points == loss.curves[0].points
    assert [band.is_gain for band in loss.bands[:-1]] == [False] * 7


def test_means_over_the_contact_are_means_over_its_seconds(plan: Plan) -> None:
    part = next(c for c in plan.contacts if not c.is_whole)
    trace = trace_of(plan, part)
    assert trace.link is not None
    inside = (trace.link.t_s > part.start_s) & (trace.link.t_s < part.end_s)
    _, charts = drawn(sheet_of(plan, part, trace))
    for band in chart(charts, "loss").bands:
        assert band.mean_db == pytest.approx(trace.link.terms_db[band.term][inside].mean())
    sparse = np.r_[0 : len(inside) : 7, len(inside) - 1]
    exact = over_contact(trace.link.t_s, trace.link.range_km, part)
    assert over_contact(trace.link.t_s[sparse], trace.link.range_km[sparse], part) == pytest.approx(exact, rel=1e-3)


def test_the_first_key_is_marked_and_said(plan: Plan, contact: Contact) -> None:
    sheet = sheet_of(plan, contact, trace_of(plan, contact))
    _, charts = drawn(sheet)
    rule = chart(charts, "key").rule
    assert rule is not None
    span_s = charts.time.end_s - charts.time.start_s
    assert rule.at_frac == pytest.approx((contact.start_s + 40 - charts.time.start_s) / span_s, abs=1e-4)
    assert rule.from_frac == charts.contact_frac[0]
    assert rule.label == "first key after 40 s"
    assert facts(sheet, "key")["First key"].text == "No key before 40 s: the block is too small"
    secret = np.array(chart(charts, "key").curves[0].points)
    assert set(secret[secret[:, 0] < rule.at_frac - 2.0 / span_s][:, 1]) == {0.0}
    assert secret[-1, 1] > 0.3


def test_where_there_never_is_a_key_the_whole_contact_waits(plan: Plan, contact: Contact) -> None:
    sheet = sheet_of(plan, contact, trace_of(plan, contact, first_key_s=None))
    _, charts = drawn(sheet)
    rule = chart(charts, "key").rule
    assert rule is not None
    assert (rule.from_frac, rule.at_frac, rule.label) == (*charts.contact_frac, "no key")
    assert facts(sheet, "key")["First key"].text == "No key at any time: the block is too small"


def test_numbers_are_the_plans(plan: Plan) -> None:
    part = next(c for c in plan.contacts if c.forecast_age_s is not None)
    sheet = sheet_of(plan, part, None)
    key, cloud, link, proof = (facts(sheet, kind) for kind in ("key", "cloud", "link", "proof"))
    assert key["Clear-sky key"].note == f"{part.key.secret_bits} bit"
    assert key["Expected key"].note.startswith(f"{part.p_clear:.4g} × ")
    assert cloud["Forecast's age at planning"].text == "6 h 00 min"
    assert cloud["Climatology says"].text == "39 %"
    assert cloud["Clear"].note == part.p_clear_origin
    assert link["Loss"].text == f"{part.mean_loss_db:.2f} dB"
    assert f"{part.min_loss_db:.2f} dB" in link["Loss"].note
    assert "1550 nm" in link["Satellite"].note
    assert link["Source"].note == "photons a pulse (share): 0.5 (0.7), 0.15 (0.2), 0 (0.1); key basis 0.85"
    assert proof["QBER"].text == "1.35 %"
    assert proof["Of the PLOB bound"].text == "1.1 %"
    assert proof["Intermediates"].text.startswith("s_x1_bits ")
    assert link["Time"].note.endswith("(UTC+01:00, Europe/Berlin); part of a window")


def test_an_outcome_takes_the_place_of_what_was_expected(plan: Plan) -> None:
    done = next(c for c in plan.contacts if c.outcome is not None)
    key = facts(sheet_of(plan, done, replace(trace_of(plan, done), growth=None)), "key")
    assert key["Outcome"].text.startswith("done, ")
    assert not {"Clear-sky key", "Expected key", "First key"} & key.keys()
    sheet = sheet_of(plan, done, None)
    assert "Clear" not in facts(sheet, "cloud"), "whether it was clear is known"
    assert "Of the PLOB bound" not in facts(sheet, "proof"), "the bound is of what was planned"
    assert "part of a window" not in facts(sheet, "link")["Time"].note


def test_local_time_has_its_day_where_it_is_another(plan: Plan, contact: Contact) -> None:
    sites = tuple(replace(site, time_zone="Pacific/Kiritimati") for site in plan.sites)
    start_utc = plan.horizon.start_utc + timedelta(seconds=contact.start_s)
    there = start_utc + timedelta(hours=14)
    assert there.date() > start_utc.date()
    note = facts(sheet_of(replace(plan, sites=sites), contact, None), "link")["Time"].note
    assert note.startswith(f"local {there:%a} {there.day} {there:%b %Y, %H:%M:%S} – ")


def test_pairs_of_photons_are_described_as_such(plan: Plan, contact: Contact) -> None:
    satellites = tuple(
        replace(s, source=replace(s.source, local_efficiency_frac=0.4, mu_signal=0.02)) for s in plan.satellites
    )
    link = facts(sheet_of(replace(plan, satellites=satellites), contact, None), "link")
    assert link["Source"].note == "0.02 pairs a pulse on average, local efficiency 0.4, key basis 0.85"


def test_without_a_trace_there_are_facts(plan: Plan, contact: Contact) -> None:
    sheet = sheet_of(plan, contact, None)
    assert (sheet.sky, sheet.charts) == (None, None)
    assert {group.kind for group in sheet.facts} >= {"key", "cloud", "link", "proof", "neighbours"}


def test_without_a_budget_there_is_the_sky(plan: Plan, contact: Contact) -> None:
    sheet = sheet_of(plan, contact, replace(trace_of(plan, contact), link=None, growth=None))
    assert sheet.sky is not None
    assert sheet.charts is None


def test_without_a_growth_there_is_no_chart_of_the_key(plan: Plan, contact: Contact) -> None:
    _, charts = drawn(sheet_of(plan, contact, replace(trace_of(plan, contact), growth=None)))
    assert [chart.kind for chart in charts.charts] == ["geometry", "loss", "background"]


def test_a_window_of_one_sample_is_drawn(plan: Plan, contact: Contact) -> None:
    trace = trace_of(plan, contact)
    assert trace.link is not None
    second = replace(contact, start_s=contact.start_s, end_s=contact.start_s + 1)
    link = LinkTrace(
        t_s=np.array([contact.start_s + 0.5]),
        elevation_deg=np.array([20.0]),
        range_km=np.array([1200.0]),
        terms_db={name: values[:1] for name, values in trace.link.terms_db.items()},
        background_per_detector_cps=np.array([0.0]),
    )
    growth = KeyGrowth(
        t_s=np.array([contact.start_s, contact.start_s + 1.0]),
        secret_bits=np.zeros(2),
        sifted_bits=np.zeros(2),
        first_key_s=None,
    )
    alone = replace(plan, contacts=(second,))
    _, charts = drawn(sheet_of(alone, second, replace(trace, link=link, growth=growth)))
    assert (charts.time.start_s, charts.time.end_s) == (second.start_s, second.end_s)
    assert charts.contact_frac == (0.0, 1.0)
    for box in charts.charts:
        for curve in box.curves:
            assert (curve.points[0][0], curve.points[-1][0]) == (0.0, 1.0)
            assert all(0.0 <= y <= 1.0 for _, y in curve.points)


def test_everything_lies_within_its_box(plan: Plan) -> None:
    for contact in plan.contacts:
        _, charts = drawn(sheet_of(plan, contact, trace_of(plan, contact)))
        for box in charts.charts:
            lines = [curve.points for curve in box.curves] + [band.points for band in box.bands]
            assert all(0.0 <= share <= 1.0 for points in lines for point in points for share in point)


def test_neighbours_with_their_gaps(plan: Plan) -> None:
    """Two contacts of one satellite a minute apart at two stations, and the next pass of the first of them."""
    first, second, third, *_ = PlanIndex(plan).contacts
    second = replace(second, start_s=first.end_s + 60, end_s=first.end_s + 200)
    third = replace(third, site_id=first.site_id, start_s=first.end_s + 5700, end_s=first.end_s + 5900)
    sites = tuple(replace(s, limits=StationLimits(set_up_s=600)) for s in plan.sites)
    other = replace(plan, contacts=(third, first, second), changeover_s=45, sites=sites)
    names = {site.site_id: site.name for site in plan.sites}
    near = facts(sheet_of(other, first, None), "neighbours")
    assert near.keys() == {"After, same satellite", "After, same station"}
    assert near["After, same satellite"].note == "gap 1 min 00 s (changeover 45 s)"
    assert near["After, same satellite"].text.startswith(names[second.site_id])
    assert near["After, same satellite"].element_id == f"contact-{second.contact_id}"
    assert near["After, same station"].note == "gap 1 h 35 min (set-up 10 min 00 s)"
    alone = facts(sheet_of(replace(other, contacts=(first, third)), third, None), "neighbours")
    assert list(alone) == ["Before, same satellite and station"]
    assert alone["Before, same satellite and station"].note == "gap 1 h 35 min (changeover 45 s, set-up 10 min 00 s)"


def test_what_was_given_up_clashes_with_the_contact(plan: Plan, contact: Contact) -> None:
    """Five passes over other stations: three at the same time, one within the changeover, one a second too far."""
    index, made = PlanIndex(plan), []
    reason = Reason(code="conflict", text="The terminal was busy.")
    others = [site for site in plan.sites if site.site_id != contact.site_id][:5]
    starts_s = (contact.start_s - 10, contact.start_s, contact.end_s - 1, contact.end_s + 44, contact.end_s + 45)
    planned = index.passes[contact.pass_id]
    for number, (site, start_s) in enumerate(zip(others, starts_s, strict=True)):
        rival = replace(
            contact,
            contact_id=f"rival-{number}",
            pass_id=f"rival-{number}",
            site_id=site.site_id,
            start_s=start_s,
            end_s=start_s + 60,
            expected_bits=1000 + number,
        )
        its_pass = replace(planned, pass_id=rival.pass_id, site_id=site.site_id, rise_s=start_s, set_s=start_s + 60.0)
        made.append(PassDecision(planned_pass=its_pass, reason=reason, contact=rival))
    own = tuple(d for d in plan.decisions if d.planned_pass.pass_id == contact.pass_id)
    other = replace(plan, contacts=(contact,), decisions=(*made, *own), backups=(), changeover_s=45)
    given_up = next(group for group in sheet_of(other, contact, None).facts if group.kind == "given-up").facts
    assert [fact.element_id for fact in given_up] == ["pass-rival-3", "pass-rival-2", "pass-rival-1", ""]
    assert given_up[0].label == others[3].name
    assert given_up[0].text.endswith("expected 1.00 kbit")
    assert given_up[-1].text == "1 more with less expected key"


def test_backups_say_how_often_they_would_help(plan: Plan) -> None:
    index = PlanIndex(plan)
    contact_id, backups = next(iter(index.backups.items()))
    contact = next(c for c in plan.contacts if c.contact_id == contact_id)
    group = next(g for g in sheet_of(plan, contact, None).facts if g.kind == "backups")
    assert [fact.label for fact in group.facts] == [index.sites[b.backup.site_id].name for b in backups]
    assert group.facts[0].note.startswith(f"clear then in {100 * backups[0].p_clear_if_clouded:.0f} %; ")
    assert group.facts[0].element_id == f"pass-{backups[0].backup.pass_id}"


def test_every_contact_has_a_sheet_by_time(plan: Plan) -> None:
    index = PlanIndex(plan)
    traces = [trace_of(plan, contact) for contact in plan.contacts[::2]]
    sheets = contact_sheets(index, traces)
    assert list(sheets) == [contact.contact_id for contact in index.contacts]
    assert {contact_id for contact_id, sheet in sheets.items() if sheet.sky} == {t.contact_id for t in traces}


HORIZON = Horizon(start_utc=datetime(2026, 11, 30, 17, 0, 7, tzinfo=UTC), days=1.0)


@pytest.mark.parametrize(
    ("start_s", "end_s", "labels"),
    [
        (53.0, 113.0, ["17:01:00", "17:01:10", "17:01:20", "17:01:30", "17:01:40", "17:01:50", "17:02:00"]),
        (100.0, 1000.0, ["17:03", "17:06", "17:09", "17:12", "17:15"]),
        (0.0, 1.0, ["17:00:07", "17:00:08"]),
        (25_100.0, 25_300.0, ["23:59", "00:00", "00:01"]),
    ],
)
def test_ticks_of_time_are_whole_steps_of_the_clock(start_s: float, end_s: float, labels: list[str]) -> None:
    axis = time_axis(HORIZON, start_s, end_s)
    assert [tick.label for tick in axis.ticks] == labels
    for tick in axis.ticks:
        instant_utc = HORIZON.utc(start_s + tick.at_frac * (end_s - start_s))
        clock = instant_utc.hour * 3600 + instant_utc.minute * 60 + instant_utc.second + instant_utc.microsecond / 1e6
        hours, minutes, *seconds = (int(part) for part in tick.label.split(":"))
        off_s = (clock - (hours * 3600 + minutes * 60 + sum(seconds)) + 43_200.0) % 86_400.0 - 43_200.0
        assert abs(off_s) <= 6e-5 * (end_s - start_s)


@given(st.floats(0.0, 80_000.0), st.floats(2.0, 50_000.0))
def test_there_are_a_few_ticks_of_time(start_s: float, span_s: float) -> None:
    ticks = time_axis(HORIZON, start_s, start_s + span_s).ticks
    assert 1 <= len(ticks) <= 7
    assert all(0.0 <= tick.at_frac <= 1.0 for tick in ticks)


@given(st.floats(-1e6, 1e6), st.floats(1e-3, 1e7), st.integers(2, 6))
def test_an_axis_holds_its_values_between_round_numbers(low: float, span: float, n_most: int) -> None:
    values = np.array([low, low + span])
    axis, scale = linear_axis("x", values, from_zero=False, n_most=n_most)
    shares = scale(values)
    assert shares.min() >= -1e-6
    assert shares.max() <= 1.0 + 1e-6
    assert (axis.ticks[0].at_frac, axis.ticks[-1].at_frac) == (0.0, 1.0)
    assert 2 <= len(axis.ticks) <= n_most + 2


@pytest.mark.parametrize(
    ("span", "n_most", "step"), [(90, 3, 50), (7.0, 4, 2), (0.9, 4, 0.25), (12, 3, 5), (100, 1, 100)]
)
def test_steps_are_nice(span: float, n_most: int, step: float) -> None:
    assert nice_step(span, n_most) == pytest.approx(step)


def test_labels_are_the_values_at_their_ticks() -> None:
    axis, scale = linear_axis("key (Mbit)", np.array([0.0, 6.5e6]), n_most=3, unit=1e6)
    assert [tick.label for tick in axis.ticks] == ["0.0", "2.5", "5.0", "7.5"]
    for tick in axis.ticks:
        assert scale(np.array([float(tick.label) * 1e6]))[0] == pytest.approx(tick.at_frac, abs=1e-4)
    quarters, _ = linear_axis("x", np.array([0.0, 0.9]), n_most=4)
    assert [tick.label for tick in quarters.ticks] == ["0.00", "0.25", "0.50", "0.75", "1.00"]


def test_a_wide_background_is_drawn_over_decades() -> None:
    wide, scale = fitted_axis("x", np.array([12.0, 300.0, 4000.0]))
    assert wide.is_log
    assert [tick.label for tick in wide.ticks] == ["10", "100", "1000", "10000"]
    assert scale(np.array([100.0, 1000.0])) == pytest.approx([1 / 3, 2 / 3])
    assert not fitted_axis("x", np.array([0.0, 4000.0]))[0].is_log
    bright, scale = fitted_axis("x ({}/s)", np.array([100_000.0, 240_000.0]))
    assert bright.title == "x (1000/s)"
    assert [tick.label for tick in bright.ticks] == ["0", "100", "200", "300"]
    assert scale(np.array([150_000.0])) == pytest.approx([0.5])
    assert not fitted_axis("x", np.array([210.0, 4000.0]))[0].is_log
    assert len(log_axis("x", np.array([1e-9, 1e6]))[0].ticks) <= 5


@given(st.integers(2, 60), st.integers(0, 10_000), st.floats(0.05, 5.0))
def test_no_point_left_out_lies_off_the_line(n_points: int, seed: int, tolerance: float) -> None:
    random = np.random.default_rng(seed)
    x, y = np.sort(random.uniform(0.0, 372.0, n_points)), np.cumsum(random.normal(0.0, 1.0, n_points))
    numbers = kept(x, y, tolerance)
    assert (numbers[0], numbers[-1]) == (0, n_points - 1)
    for first, last in itertools.pairwise(numbers):
        for place in range(first + 1, last):
            shares = np.linspace(0.0, 1.0, 2001)
            near = np.hypot(
                x[first] + shares * (x[last] - x[first]) - x[place], y[first] + shares * (y[last] - y[first]) - y[place]
            ).min()
            assert near < tolerance + 0.1


def test_a_straight_line_keeps_its_ends() -> None:
    x = np.linspace(0.0, WIDTH, 50)
    assert kept(x, 3.0 * x, 0.01).tolist() == [0, 49]
    assert kept(np.zeros(3), np.array([0.0, 5.0, 0.0]), 0.3).tolist() == [0, 1, 2]
