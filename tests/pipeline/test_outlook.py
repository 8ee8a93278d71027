"""What the sky may make of a plan: the outlook of each demand, and where to turn."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from eagleplan import pipeline, schedule
from eagleplan.model import Contact, Forecast
from eagleplan.pipeline.outlook import backups_of, member_p_clear, outlooks
from eagleplan.resources import example_path
from eagleplan.scenario import Scenario, load_scenario

HOUR_S = 3600.0


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    return load_scenario(example_path("small/plain.toml"), overrides={"weather.n_outlook_skies": 300})


@pytest.fixture(scope="module")
def assessment(scenario: Scenario) -> pipeline.Assessment:
    return pipeline.assess(scenario)


@pytest.fixture(scope="module")
def problem(scenario: Scenario, assessment: pipeline.Assessment) -> schedule.Problem:
    return pipeline.problem_of(scenario, assessment)


@pytest.fixture(scope="module")
def chosen(assessment: pipeline.Assessment, problem: schedule.Problem) -> tuple[Contact, ...]:
    ids = schedule.GREEDIES["demand-aware"](problem).chosen_ids
    by_id = {contact.contact_id: contact for contact in assessment.candidates}
    return tuple(by_id[contact_id] for contact_id in ids)


def test_every_demand_has_an_outlook_within_what_it_wants(
    scenario: Scenario, assessment: pipeline.Assessment, problem: schedule.Problem, chosen: tuple[Contact, ...]
) -> None:
    found = outlooks(scenario, assessment, problem, chosen)
    assert list(found) == [demand.demand_id for demand in scenario.demands]
    for demand in scenario.demands:
        outlook = found[demand.demand_id]
        assert outlook.n_skies == 300
        assert 0 <= outlook.p10_bits <= outlook.p50_bits <= outlook.p90_bits <= demand.bits
        assert outlook.mean_bits <= demand.bits
    assert any(outlook.mean_bits > 0 for outlook in found.values())


def test_a_clear_sky_gives_what_all_contacts_together_give(
    scenario: Scenario, assessment: pipeline.Assessment, problem: schedule.Problem, chosen: tuple[Contact, ...]
) -> None:
    sure = tuple(dataclasses.replace(contact, p_clear=1.0) for contact in chosen)
    found = outlooks(scenario, assessment, problem, sure)
    assert all(outlook.p10_bits == outlook.p90_bits == round(outlook.mean_bits) for outlook in found.values())
    cloudy = tuple(dataclasses.replace(contact, p_clear=0.0) for contact in chosen)
    assert all(outlook.mean_bits == 0.0 for outlook in outlooks(scenario, assessment, problem, cloudy).values())


def test_no_outlook_without_skies_or_without_contacts(
    scenario: Scenario, assessment: pipeline.Assessment, problem: schedule.Problem, chosen: tuple[Contact, ...]
) -> None:
    assert outlooks(scenario, assessment, problem, ()) == {}
    options = dataclasses.replace(scenario.weather.options, n_outlook_skies=0)
    silent = dataclasses.replace(scenario, weather=dataclasses.replace(scenario.weather, options=options))
    assert outlooks(silent, assessment, problem, chosen) == {}


def test_members_of_an_ensemble_speak_for_the_contacts_they_cover(
    scenario: Scenario, assessment: pipeline.Assessment, chosen: tuple[Contact, ...]
) -> None:
    assert member_p_clear(scenario, assessment, chosen).shape == (0, len(chosen))
    site_id = chosen[0].site_id
    forecast = Forecast(
        site_id=site_id, origin="ensemble", issued_s=-6 * HOUR_S, time_s=np.array([0.0, 48 * HOUR_S]),
        clear_frac=np.array([[1.0, 1.0], [0.0, 0.0]]), decay_hours=1e9,
    )  # fmt: skip
    weather = dataclasses.replace(scenario.weather, forecasts=(forecast,), planned_utc=scenario.horizon.start_utc)
    found = member_p_clear(dataclasses.replace(scenario, weather=weather), assessment, chosen)
    own = np.array([contact.site_id == site_id for contact in chosen])
    assert found[:, own] == pytest.approx(np.repeat([[1.0], [0.0]], own.sum(), axis=1), abs=1e-6)
    others = np.array([contact.p_clear for contact in chosen])[~own]
    assert found[:, ~own] == pytest.approx(np.stack([others, others]), abs=2e-5)


def test_backups_are_seen_by_the_same_satellite_elsewhere(
    scenario: Scenario, assessment: pipeline.Assessment, chosen: tuple[Contact, ...]
) -> None:
    by_id = {contact.contact_id: contact for contact in chosen}
    found = backups_of(scenario, assessment, chosen)
    assert found
    for backup in found:
        first = by_id[backup.contact_id]
        assert backup.backup.satellite_id == first.satellite_id
        assert backup.backup.site_id != first.site_id
        assert backup.distance_km >= scenario.weather.options.correlation_length_km
    done = tuple(dataclasses.replace(contact, outcome="done") for contact in chosen)
    assert backups_of(scenario, assessment, done) == ()
