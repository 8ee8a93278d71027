"""Traces of chosen contacts: the sky against skyfield, the light against the budgets, the key against single proofs."""

from __future__ import annotations

import warnings
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from importlib import import_module
from math import pi, radians
from typing import Any

import numpy as np
import pytest
from sgp4.api import WGS72, Satrec
from skyfield.api import EarthSatellite, load, load_file, wgs84
from skyfield_data import get_skyfield_data_path

from eagleplan import key, pipeline, report
from eagleplan.model import Contact, ContactTrace, MeanElements, Pass
from eagleplan.pipeline.members import windows_of
from eagleplan.pipeline.traces import GROWTH_ENDS, LINK_SAMPLES, TRACK_POINTS
from eagleplan.resources import example_path
from eagleplan.scenario import Scenario, load_scenario

Chosen = list[tuple[Contact, Pass, ContactTrace]]


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    return load_scenario(
        example_path("small/plain.toml"),
        overrides={"weather.n_outlook_skies": 20, "schedule.max_deterministic_time_s": 1.0},
    )


@pytest.fixture(scope="module")
def planned(scenario: Scenario) -> pipeline.Planned:
    return pipeline.make_plan(scenario)


@pytest.fixture(scope="module")
def chosen(scenario: Scenario, planned: pipeline.Planned) -> Chosen:
    passes = {this.pass_id: this for this in planned.assessment.passes}
    found = pipeline.traces(scenario, planned)
    assert len(found) == len(planned.plan.contacts) > 3
    return [
        (contact, passes[contact.pass_id], trace)
        for contact, trace in zip(planned.plan.contacts, found, strict=True)
        if trace.contact_id == contact.contact_id
    ]


# The sky


def test_rise_culmination_and_set_stand_where_the_table_of_passes_says(chosen: Chosen) -> None:
    for contact, this, trace in chosen:
        t_s = trace.track.t_s
        assert (t_s[0], t_s[-1]) == (this.rise_s, this.set_s)
        assert set(t_s.tolist()) >= {this.culmination_s, contact.start_s, contact.end_s}
        at = int(np.flatnonzero(t_s == this.culmination_s)[0])
        assert trace.track.elevation_deg[at] == pytest.approx(this.max_elevation_deg, abs=1e-9)
        assert trace.track.elevation_deg[at] == trace.track.elevation_deg.max()
        assert trace.track.azimuth_deg[[0, at, -1]] == pytest.approx(
            [this.rise_azimuth_deg, this.culmination_azimuth_deg, this.set_azimuth_deg], abs=1e-9
        )
        assert np.all(np.diff(t_s) > 0.0)
        assert len(t_s) <= TRACK_POINTS + 6
        assert np.diff(t_s).max() <= (this.set_s - this.rise_s) / TRACK_POINTS + 1.0, "no gap in the drawing"


def _skyfield_satellite(elements: MeanElements) -> EarthSatellite:
    days = (elements.epoch_utc - datetime(1949, 12, 31, tzinfo=UTC)) / timedelta(days=1)
    satrec = Satrec()
    satrec.sgp4init(
        WGS72, "i", 1, days, elements.bstar_per_earth_radius, 0.0, 0.0, elements.eccentricity,
        radians(elements.arg_perigee_deg), radians(elements.inclination_deg),
        radians(elements.mean_anomaly_deg), elements.mean_motion_rev_per_day * 2.0 * pi / 1440.0,
        radians(elements.raan_deg),
    )  # fmt: skip
    return EarthSatellite.from_satrec(satrec, load.timescale(builtin=True))


def test_the_satellite_stands_above_the_point_that_skyfield_finds(scenario: Scenario, chosen: Chosen) -> None:
    elements = scenario.satellites[0].orbit
    assert isinstance(elements, MeanElements)
    satellite, timescale = _skyfield_satellite(elements), load.timescale(builtin=True)
    for contact, _, trace in chosen:
        track = trace.track
        instants = timescale.from_datetimes([scenario.horizon.utc(t) for t in track.t_s])
        below = wgs84.geographic_position_of(satellite.at(instants))
        assert np.abs(track.latitude_deg - below.latitude.degrees).max() < 1e-3
        assert np.abs(track.longitude_deg - below.longitude.degrees).max() < 1e-3
        assert np.abs(track.height_km - below.elevation.km).max() < 0.01
        site = next(site for site in scenario.sites if site.site_id == contact.site_id)
        observer = wgs84.latlon(site.latitude_deg, site.longitude_deg, elevation_m=site.altitude_m)
        altitude, azimuth, _ = (satellite - observer).at(instants).altaz()
        assert np.abs(track.elevation_deg - altitude.degrees).max() < 0.01
        beside_deg = (track.azimuth_deg - azimuth.degrees + 180.0) % 360.0 - 180.0
        assert np.abs(beside_deg * np.cos(np.radians(altitude.degrees))).max() < 0.01


def test_the_sun_and_the_moon_stand_where_de421_has_them(scenario: Scenario, chosen: Chosen) -> None:
    with warnings.catch_warnings():
        # It has a table of Earth orientation too, which ages and is not used here.
        warnings.simplefilter("ignore", RuntimeWarning)
        path = get_skyfield_data_path()
    kernel: Any = load_file(f"{path}/de421.bsp")
    timescale = load.timescale(builtin=True)
    for contact, _, trace in chosen:
        site = next(site for site in scenario.sites if site.site_id == contact.site_id)
        place = kernel["earth"] + wgs84.latlon(site.latitude_deg, site.longitude_deg, elevation_m=site.altitude_m)
        at = timescale.from_datetime(scenario.horizon.utc((contact.start_s + contact.end_s) / 2))
        for name in ("sun", "moon"):
            altitude, azimuth, _ = place.at(at).observe(kernel[name]).apparent().altaz()
            assert getattr(trace, f"{name}_elevation_deg") == pytest.approx(altitude.degrees, abs=0.01)
            assert getattr(trace, f"{name}_azimuth_deg") == pytest.approx(azimuth.degrees, abs=0.05)
        lit = kernel["earth"].at(at).observe(kernel["moon"]).apparent().fraction_illuminated(kernel["sun"])
        assert trace.moon_illuminated_frac == pytest.approx(lit, abs=1e-3)
    kernel.close()


# The light


def test_the_light_is_that_of_the_budget(planned: pipeline.Planned, chosen: Chosen) -> None:
    contacts = [contact for contact, _, _ in chosen]
    inside = windows_of(planned.assessment, contacts)
    for number, (contact, _, trace) in enumerate(chosen):
        link, window = trace.link, inside[number]
        budget, profile = planned.assessment.budgets[window], planned.assessment.profiles[window]
        assert link is not None
        seconds = [int(np.flatnonzero(profile.t_s == t)[0]) for t in link.t_s]
        assert (seconds[0], seconds[-1]) == (0, len(profile.t_s) - 1)
        assert {contact.start_s + 0.5, contact.end_s - 0.5} <= set(link.t_s.tolist())
        assert list(link.terms_db) == list(budget.terms_db)
        for name, loss_db in link.terms_db.items():
            assert np.array_equal(loss_db, budget.terms_db[name][seconds])
        assert np.array_equal(link.background_per_detector_cps, budget.background_per_detector_cps[seconds])
        assert np.array_equal(link.range_km, profile.range_km[seconds])
        assert np.array_equal(link.elevation_deg, profile.elevation_deg[seconds])
        assert len(seconds) <= LINK_SAMPLES + 3


# The key


def _bits_at_every_end(scenario: Scenario, planned: pipeline.Planned, contact: Contact) -> list[int]:
    """Key of the contact as if it ended after 1, 2, … s, each block counted and proven from its own seconds."""
    number = windows_of(planned.assessment, [contact])[0]
    window, budget = planned.assessment.contacts[number], planned.assessment.budgets[number]
    first = contact.start_s - window.start_s
    source = scenario.satellites[0].source
    site = next(site for site in scenario.sites if site.site_id == contact.site_id)
    blocks = [
        key.detections(
            np.asarray(budget.transmittance_frac)[first : first + n],
            np.asarray(budget.background_per_detector_cps)[first : first + n],
            source,
            site.receiver.detector,
        )
        for n in range(1, contact.duration_s + 1)
    ]
    return [one.secret_bits for one in key.secret_keys(blocks, scenario.security)]


def test_key_grows_as_single_proofs_say(scenario: Scenario, planned: pipeline.Planned, chosen: Chosen) -> None:
    for contact, _, trace in chosen:
        growth, right = trace.growth, _bits_at_every_end(scenario, planned, contact)
        assert growth is not None
        after_s = (growth.t_s - contact.start_s).astype(int)
        assert (after_s[0], after_s[-1]) == (0, contact.duration_s)
        assert (growth.secret_bits[0], growth.sifted_bits[0]) == (0.0, 0.0)
        assert growth.secret_bits[-1] == contact.key.secret_bits
        assert growth.sifted_bits[-1] == contact.key.sifted_bits
        for seconds, bits in zip(after_s[1:].tolist(), growth.secret_bits[1:].tolist(), strict=True):
            assert bits == pytest.approx(right[seconds - 1], abs=1.0, rel=1e-9)
        assert np.all(np.diff(growth.sifted_bits) > 0.0)
        assert len(after_s) <= GROWTH_ENDS + 3


def test_the_first_key_comes_at_the_very_second(scenario: Scenario, planned: pipeline.Planned, chosen: Chosen) -> None:
    for contact, _, trace in chosen:
        growth, right = trace.growth, _bits_at_every_end(scenario, planned, contact)
        assert growth is not None
        assert growth.first_key_s is not None
        first = next(n for n, bits in enumerate(right, 1) if bits > 0)
        assert growth.first_key_s == contact.start_s + first
        at = int(np.flatnonzero(growth.t_s == growth.first_key_s)[0])
        assert growth.t_s[at - 1] == growth.first_key_s - 1
        assert (growth.secret_bits[:at] == 0.0).all()
        assert growth.secret_bits[at] > 0.0


def test_the_second_is_found_however_coarse_the_grid_and_small_the_batches(
    scenario: Scenario, planned: pipeline.Planned, chosen: Chosen, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As it is for a contact of hours, whose ends lie minutes apart."""
    module = import_module("eagleplan.pipeline.traces")
    for name, value in (("GROWTH_ENDS", 2), ("SECTIONS", 3), ("BLOCKS_AT_A_TIME", 3)):
        monkeypatch.setattr(module, name, value)
    for (contact, _, fine), coarse in zip(chosen, pipeline.traces(scenario, planned), strict=True):
        assert fine.growth is not None
        assert coarse.growth is not None
        assert coarse.growth.first_key_s == fine.growth.first_key_s
        first = coarse.growth.first_key_s
        assert first is not None
        half_s = contact.start_s + round(contact.duration_s / 2)
        assert set(coarse.growth.t_s.tolist()) == {contact.start_s, first - 1, first, half_s, contact.end_s}


def test_a_contact_without_key_never_has_a_first(scenario: Scenario, planned: pipeline.Planned) -> None:
    """A contact of a few seconds, as somebody may pin one."""
    contact = planned.plan.contacts[0]
    short = replace(
        contact, end_s=contact.start_s + 2, key=replace(contact.key, secret_bits=0, sifted_bits=1.0, abort_reason="")
    )
    (trace,) = pipeline.traces(scenario, replace(planned, plan=replace(planned.plan, contacts=(short,))))
    assert trace.growth is not None
    assert trace.growth.first_key_s is None
    assert trace.growth.t_s.tolist() == [short.start_s, short.start_s + 1, short.end_s]
    assert trace.growth.secret_bits.tolist() == [0.0, 0.0, 0.0]


# Re-plans, and nothing


def test_a_contact_that_lies_in_no_window_is_drawn_over_its_own_seconds(
    scenario: Scenario, planned: pipeline.Planned
) -> None:
    contact = planned.plan.contacts[0]
    assessment = replace(planned.assessment, contacts=(), profiles=(), budgets=())
    alone = replace(planned, assessment=assessment, plan=replace(planned.plan, contacts=(contact,)))
    (trace,), inside = pipeline.traces(scenario, alone), pipeline.traces(scenario, planned)[0]
    assert trace.link is not None
    assert trace.growth is not None
    assert (trace.link.t_s[0], trace.link.t_s[-1]) == (contact.start_s + 0.5, contact.end_s - 0.5)
    assert inside.link is not None
    assert inside.growth is not None
    assert np.abs(trace.growth.secret_bits - inside.growth.secret_bits).max() <= 1.0
    assert trace.growth.first_key_s == inside.growth.first_key_s
    same = np.isin(inside.link.t_s, trace.link.t_s)
    again = np.isin(trace.link.t_s, inside.link.t_s)
    for name, loss_db in trace.link.terms_db.items():
        assert loss_db[again] == pytest.approx(inside.link.terms_db[name][same], abs=1e-9)


def test_where_the_outcome_is_known_no_proof_says_what_the_key_was(
    scenario: Scenario, planned: pipeline.Planned
) -> None:
    contact = replace(planned.plan.contacts[0], outcome="clouded")
    (trace,) = pipeline.traces(scenario, replace(planned, plan=replace(planned.plan, contacts=(contact,))))
    assert trace.growth is None
    assert trace.link is not None


def test_no_contacts_no_traces(scenario: Scenario, planned: pipeline.Planned) -> None:
    assert pipeline.traces(scenario, replace(planned, plan=replace(planned.plan, contacts=()))) == ()


# Files


def test_the_files_of_a_plan_hold_its_traces_and_are_the_same_again(
    scenario: Scenario, planned: pipeline.Planned, chosen: Chosen
) -> None:
    files = pipeline.plan_files(scenario, planned)
    assert files == pipeline.plan_files(scenario, planned)
    read = report.read_traces(files["traces.json"])
    assert [trace.contact_id for trace in read] == [
        contact.contact_id for contact in report.as_stored(planned.plan).contacts
    ]
    by_id = {trace.contact_id: trace for _, _, trace in chosen}
    for trace in read:
        assert np.abs(trace.track.azimuth_deg - by_id[trace.contact_id].track.azimuth_deg).max() < 5.1e-5
    assert len(files["traces.json"]) < 12_000 * len(read)
