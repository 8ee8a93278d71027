"""What the sky may make of a plan: the outlook of each demand, and where to turn."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from eagleplan import pipeline, schedule
from eagleplan.model import Contact, Forecast
from eagleplan.pipeline.members import member_p_clear
from eagleplan.pipeline.outlook import backups_of, outlooks, sky_met, sky_outcomes, whole_contact_bits
from eagleplan.pipeline.partial import KeyOfRest, partial_pass_bits
from eagleplan.resources import example_path
from eagleplan.scenario import Scenario, load_scenario

HOUR_S = 3600.0
SEED = 20_260_101


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
    found = outlooks(problem.demands, sky_outcomes(scenario, assessment, problem, chosen))
    assert list(found) == [demand.demand_id for demand in scenario.demands]
    for demand in scenario.demands:
        outlook = found[demand.demand_id]
        assert outlook.n_skies == 300
        assert 0 <= outlook.p10_bits <= outlook.p50_bits <= outlook.p90_bits <= demand.bits
        assert outlook.mean_bits <= demand.bits
    assert any(outlook.mean_bits > 0 for outlook in found.values())


def test_all_demands_together_have_the_mean_of_their_sum_and_percentiles_of_their_own(
    scenario: Scenario, assessment: pipeline.Assessment, problem: schedule.Problem, chosen: tuple[Contact, ...]
) -> None:
    skies = sky_outcomes(scenario, assessment, problem, chosen)
    found, wanted_bits = sky_met(problem.demands, skies), sum(demand.bits for demand in scenario.demands)
    assert found is not None
    means = sum(outlook.mean_bits for outlook in outlooks(problem.demands, skies).values())
    assert found.mean_met_frac == pytest.approx(means / wanted_bits)
    met = sorted(int(row.sum()) / wanted_bits for row in skies.delivered_bits)
    assert (found.p10_met_frac, found.p50_met_frac, found.p90_met_frac) == (met[29], met[149], met[269])
    assert found.n_skies == 300
    nothing = dataclasses.replace(skies, delivered_bits=skies.delivered_bits[:0])
    assert sky_met(problem.demands, nothing) is None
    assert sky_met((), skies) is None


def test_a_clear_sky_gives_what_all_contacts_together_give(
    scenario: Scenario, assessment: pipeline.Assessment, problem: schedule.Problem, chosen: tuple[Contact, ...]
) -> None:
    sure = tuple(dataclasses.replace(contact, p_clear=1.0) for contact in chosen)
    found = outlooks(problem.demands, sky_outcomes(scenario, assessment, problem, sure))
    assert all(outlook.p10_bits == outlook.p90_bits == round(outlook.mean_bits) for outlook in found.values())
    cloudy = tuple(dataclasses.replace(contact, p_clear=0.0) for contact in chosen)
    assert all(
        outlook.mean_bits == 0.0
        for outlook in outlooks(problem.demands, sky_outcomes(scenario, assessment, problem, cloudy)).values()
    )


def test_no_outlook_without_skies_or_without_contacts(
    scenario: Scenario, assessment: pipeline.Assessment, problem: schedule.Problem, chosen: tuple[Contact, ...]
) -> None:
    assert outlooks(problem.demands, sky_outcomes(scenario, assessment, problem, ())) == {}
    options = dataclasses.replace(scenario.weather.options, n_outlook_skies=0)
    silent = dataclasses.replace(scenario, weather=dataclasses.replace(scenario.weather, options=options))
    assert outlooks(problem.demands, sky_outcomes(silent, assessment, problem, chosen)) == {}


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


def test_cloud_within_a_contact_leaves_less_than_all_and_no_more_than_its_share(
    scenario: Scenario, assessment: pipeline.Assessment, chosen: tuple[Contact, ...]
) -> None:
    bits = partial_pass_bits(scenario, assessment, chosen, n_skies=300, seed=SEED)
    clear = np.array([contact.key.secret_bits for contact in chosen])
    whole = whole_contact_bits(scenario, assessment, chosen, n_skies=300, seed=SEED)
    assert bits.shape == (300, len(chosen)) == whole.shape
    assert ((bits >= 0) & (bits <= clear)).all()
    in_part = (bits > 0) & (bits < clear)
    assert in_part.any()
    # Half of the seconds give less than half of the key: the mean lies below that of all or nothing.
    share = np.array([contact.p_clear for contact in chosen])
    assert (bits.mean(axis=0) > 0).all()
    assert bits.mean(axis=0).sum() < float(share @ clear) * 1.1


def test_a_contact_that_is_clear_throughout_gives_all_and_one_in_cloud_nothing(
    scenario: Scenario, assessment: pipeline.Assessment, chosen: tuple[Contact, ...]
) -> None:
    clear = np.array([contact.key.secret_bits for contact in chosen])
    sure = tuple(dataclasses.replace(contact, p_clear=1.0) for contact in chosen)
    assert (partial_pass_bits(scenario, assessment, sure, n_skies=300, seed=SEED) == clear).all()
    never = tuple(dataclasses.replace(contact, p_clear=0.0) for contact in chosen)
    assert not partial_pass_bits(scenario, assessment, never, n_skies=300, seed=SEED).any()
    settled = tuple(dataclasses.replace(contact, outcome="done") for contact in never)
    assert (partial_pass_bits(scenario, assessment, settled, n_skies=300, seed=SEED) == clear).all()


def test_what_is_left_of_a_contact_is_what_a_contact_of_these_seconds_gives(
    scenario: Scenario, assessment: pipeline.Assessment, chosen: tuple[Contact, ...]
) -> None:
    # Candidates are parts of windows, proven on their own: the whole window under a sky that clears just for them.
    by_window = {contact.contact_id: contact for contact in assessment.contacts}
    part = next(c for c in assessment.candidates if not c.is_whole and c.key.secret_bits > 0)
    window = next(
        c for c in by_window.values() if c.pass_id == part.pass_id and c.start_s <= part.start_s < part.end_s <= c.end_s
    )
    clear = np.zeros((2, window.end_s - window.start_s), dtype=np.bool_)
    clear[0, part.start_s - window.start_s : part.end_s - window.start_s] = True
    clear[1] = True
    found = KeyOfRest(scenario, assessment, [window]).bits(0, clear)
    assert found.tolist() == [min(part.key.secret_bits, window.key.secret_bits), window.key.secret_bits]


def test_the_outlook_takes_cloud_within_contacts_only_where_it_is_asked_to(
    scenario: Scenario, assessment: pipeline.Assessment, problem: schedule.Problem, chosen: tuple[Contact, ...]
) -> None:
    assert not scenario.weather.options.partial_passes
    whole = outlooks(problem.demands, sky_outcomes(scenario, assessment, problem, chosen))
    options = dataclasses.replace(scenario.weather.options, partial_passes=True)
    finer = dataclasses.replace(scenario, weather=dataclasses.replace(scenario.weather, options=options))
    found = outlooks(problem.demands, sky_outcomes(finer, assessment, problem, chosen))
    assert found != whole
    assert all(outlook.n_skies == 300 for outlook in found.values())
