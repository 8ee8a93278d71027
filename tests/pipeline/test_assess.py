"""What a scenario offers before anything is chosen: windows, parts, reasons."""

from __future__ import annotations

import math
from typing import Any

import pytest

from eagleplan import key, pipeline, weather
from eagleplan.resources import example_path
from eagleplan.scenario import Scenario, load_scenario

CLASSICAL = b"start_utc,end_utc\n2026-11-30T23:00:00Z,2026-11-30T23:10:00Z\n"


def loaded(files: dict[str, bytes] | None = None, **overrides: Any) -> Scenario:
    return load_scenario(
        example_path("small/plain.toml"),
        overrides={name.replace("__", "."): value for name, value in overrides.items()},
        extra_files=files or {},
    )


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    return loaded()


@pytest.fixture(scope="module")
def assessment(scenario: Scenario) -> pipeline.Assessment:
    return pipeline.assess(scenario)


def test_every_pass_has_a_contact_or_a_reason(assessment: pipeline.Assessment) -> None:
    with_contact = {contact.pass_id for contact in assessment.contacts}
    assert with_contact | set(assessment.refusals) == {this.pass_id for this in assessment.passes}
    assert not with_contact & set(assessment.refusals)


def test_candidates_lie_in_windows_and_are_named_by_them(assessment: pipeline.Assessment) -> None:
    windows = {contact.contact_id: contact for contact in assessment.contacts}
    assert len({contact.contact_id for contact in assessment.candidates}) == len(assessment.candidates)
    assert {contact.is_whole for contact in assessment.candidates} == {True, False}
    for contact in assessment.candidates:
        if contact.is_whole:
            assert windows[contact.contact_id] is contact
            continue
        name, _, part = contact.contact_id.rpartition("-")
        window = windows[name]
        first, last = (int(number) for number in part.split("to"))
        assert (contact.start_s, contact.end_s) == (window.start_s + first, window.start_s + last)
        assert window.start_s <= contact.start_s < contact.end_s <= window.end_s
        assert contact.duration_s >= 60
    order = [(contact.start_s, contact.contact_id) for contact in assessment.candidates]
    assert order == sorted(order)


def test_a_part_is_worth_what_a_contact_of_its_seconds_is(scenario: Scenario, assessment: pipeline.Assessment) -> None:
    windows = {contact.contact_id: i for i, contact in enumerate(assessment.contacts)}
    detectors = {site.site_id: site.receiver.detector for site in scenario.sites}
    parts = [contact for contact in assessment.candidates if not contact.is_whole]
    assert len(parts) > 20
    for part in parts[::7]:
        i = windows[part.contact_id.rpartition("-")[0]]
        here = slice(part.start_s - assessment.contacts[i].start_s, part.end_s - assessment.contacts[i].start_s)
        budget, profile = assessment.budgets[i], assessment.profiles[i]
        alone = key.secret_key(
            key.detections(
                budget.transmittance_frac[here],
                budget.background_per_detector_cps[here],
                scenario.satellites[0].source,
                detectors[part.site_id],
            ),
            scenario.security,
        )
        assert part.key.secret_bits == pytest.approx(alone.secret_bits, abs=1)
        assert part.key.sifted_bits == pytest.approx(alone.sifted_bits, rel=1e-9)
        assert part.max_elevation_deg == profile.elevation_deg[here].max()
        assert part.min_loss_db == budget.total_db[here].min()
        assert part.mean_loss_db == pytest.approx(-10.0 * math.log10(budget.transmittance_frac[here].mean()), abs=1e-9)
        assert part.expected_bits == math.floor(part.p_clear * part.key.secret_bits)
        sky = weather.SkySpan(
            pass_id=part.pass_id,
            site_id=part.site_id,
            start_s=part.start_s,
            end_s=part.end_s,
            elevation_deg=profile.elevation_deg[here],
        )
        (clear,) = weather.clear_probabilities(scenario.weather, scenario.horizon, [sky])
        assert part.p_clear == pytest.approx(clear.p_clear, abs=2e-5), "the chance follows its own elevations"


def test_every_row_is_counted_once(assessment: pipeline.Assessment) -> None:
    counts = assessment.counts
    assert counts.n_windows + counts.n_parts == counts.n_no_key + counts.n_dominated + counts.n_candidates
    assert counts.n_candidates == len(assessment.candidates)
    assert 0 < counts.n_cut_windows <= counts.n_windows
    assert f"{counts.n_parts} parts" in counts.stamp()["candidates"]


def test_without_a_grid_windows_stay_whole(assessment: pipeline.Assessment) -> None:
    whole = pipeline.assess(loaded(schedule__cut_grid_s=0))
    assert whole.contacts == assessment.contacts
    assert all(contact.is_whole for contact in whole.candidates)


def test_vetoes_take_passes_and_single_contacts(assessment: pipeline.Assessment) -> None:
    best = max(assessment.candidates, key=lambda contact: contact.expected_bits)
    part = next(contact for contact in assessment.candidates if not contact.is_whole)
    found = pipeline.assess(loaded(schedule__vetoes=[best.pass_id, part.contact_id]))
    left = {contact.contact_id for contact in found.candidates}
    assert best.pass_id not in {contact.pass_id for contact in found.candidates}
    assert part.contact_id not in left
    assert {c.contact_id for c in assessment.candidates if c.pass_id == part.pass_id} - left == {part.contact_id}
    assert {reason.code for name, reason in found.contact_refusals.items() if name.startswith(best.pass_id)} == {
        "vetoed"
    }


def test_a_receiver_that_cannot_take_the_light_refuses_the_pass() -> None:
    found = pipeline.assess(loaded(**{"sites__override__at-graz__limits": {"satellite_ids": []}}))
    codes = {found.refusals[this.pass_id].code for this in found.passes if this.site_id == "at-graz"}
    assert codes == {"incompatible"}
    assert "at-graz" not in {contact.site_id for contact in (*found.contacts, *found.candidates)}


def test_key_that_comes_after_the_horizon_is_no_candidates(assessment: pipeline.Assessment) -> None:
    found = pipeline.assess(
        loaded({"classical.csv": CLASSICAL}, satellites__eagle1__classical_contacts_file="classical.csv")
    )
    start_s, end_s = 23 * 3600, 23 * 3600 + 600
    assert found.candidates
    assert all(contact.end_s <= start_s and contact.usable_s == end_s for contact in found.candidates)
    late = [contact for contact in found.contacts if contact.end_s > start_s]
    assert late
    assert {found.contact_refusals[contact.contact_id].code for contact in late} == {"no-key"}
    assert all("after the horizon" in found.contact_refusals[contact.contact_id].text for contact in late)
    # What overlaps the classical contact's start can stop in time for it.
    assert {contact.usable_s - contact.end_s for contact in assessment.candidates} == {0}


def test_a_limit_on_seconds_cuts_every_window(assessment: pipeline.Assessment) -> None:
    found = pipeline.assess(loaded(satellites__eagle1__duty={"max_contact_s_per_orbit": 200}))
    assert found.counts.n_cut_windows == found.counts.n_windows
    assert found.counts.n_parts > assessment.counts.n_parts


def test_slews_are_given_where_a_rate_is(scenario: Scenario, assessment: pipeline.Assessment) -> None:
    assert assessment.slews == {}
    found = pipeline.assess(loaded(schedule__slew_rate_deg_s=1.0))
    ends = {(contact.site_id, contact.end_s) for contact in found.candidates}
    assert found.slews
    for (satellite_id, site_from, end_s, site_to), seconds in found.slews.items():
        assert satellite_id == "eagle1"
        assert site_from != site_to
        assert (site_from, end_s) in ends
        assert scenario.schedule.changeover_s < seconds <= scenario.schedule.changeover_s + 180
