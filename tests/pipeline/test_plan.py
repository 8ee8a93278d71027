"""From an assessment to a plan: pins, decisions, and the plan's own verification."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from eagleplan import pipeline, schedule
from eagleplan.errors import InputError, PlanRejectedError
from eagleplan.resources import example_path
from eagleplan.scenario import Scenario, load_scenario


def loaded(**schedule_options: Any) -> Scenario:
    return load_scenario(
        example_path("small/plain.toml"),
        overrides={f"schedule.{name}": value for name, value in schedule_options.items()}
        | {"weather.n_outlook_skies": 0},
    )


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    return loaded(max_deterministic_time_s=1.0)


@pytest.fixture(scope="module")
def assessment(scenario: Scenario) -> pipeline.Assessment:
    return pipeline.assess(scenario)


@pytest.fixture(scope="module")
def problem(scenario: Scenario, assessment: pipeline.Assessment) -> schedule.Problem:
    return pipeline.problem_of(scenario, assessment)


def test_every_pass_is_decided_and_chosen_ones_show_their_contact(
    scenario: Scenario, assessment: pipeline.Assessment, problem: schedule.Problem
) -> None:
    solution = schedule.GREEDIES["earliest-first"](problem)
    plan = pipeline.plan_of(scenario, assessment, problem, solution).plan
    assert [decision.planned_pass for decision in plan.decisions] == list(assessment.passes)
    chosen = {
        decision.contact.contact_id
        for decision in plan.decisions
        if decision.contact and decision.reason.code == "chosen"
    }
    assert chosen <= set(solution.chosen_ids)
    passes = {contact.contact_id: contact.pass_id for contact in assessment.candidates}
    assert {decision.planned_pass.pass_id for decision in plan.decisions if decision.reason.code == "chosen"} == {
        passes[contact_id] for contact_id in solution.chosen_ids
    }
    assert plan.stamp["candidates"] == assessment.counts.stamp()["candidates"]


def test_the_plan_says_what_its_version_reproduces_and_what_lies_between_contacts(
    scenario: Scenario, assessment: pipeline.Assessment, problem: schedule.Problem
) -> None:
    solution = schedule.GREEDIES["earliest-first"](problem)
    plan = pipeline.plan_of(scenario, assessment, problem, solution).plan
    page = (Path(__file__).resolve().parents[2] / "docs" / "validation.md").read_text(encoding="utf-8")
    counted = re.search(r"(\d+) reproduced, (\d+) compatible, (\d+) not reproduced\.", page)
    assert counted is not None
    assert tuple(map(int, counted.groups())) == (
        sum(verdict.n_reproduced for verdict in plan.verdicts),
        sum(verdict.n_compatible for verdict in plan.verdicts),
        sum(verdict.n_not_reproduced for verdict in plan.verdicts),
    )
    assert {verdict.subject for verdict in plan.verdicts} >= {"Micius 2016-12-19", "Pointing fade"}
    assert plan.changeover_s == scenario.schedule.changeover_s
    assert plan.sky_met is None, "no skies were asked for"


def test_a_plan_that_is_not_as_the_inputs_say_is_never_given_out(
    scenario: Scenario, assessment: pipeline.Assessment, problem: schedule.Problem
) -> None:
    solution = schedule.GREEDIES["earliest-first"](problem)
    more = tuple(replace(delivery, bits=delivery.bits + 1) for delivery in solution.deliveries)
    with pytest.raises(PlanRejectedError, match="failed its own verification"):
        pipeline.plan_of(scenario, assessment, problem, replace(solution, deliveries=more))


def test_pins_that_name_nothing_are_errors_with_their_place() -> None:
    scenario = loaded(pins=["eagle1-at-graz-20261130T2054"], vetoes=["nothing"])
    with pytest.raises(InputError) as caught:
        pipeline.problem_of(scenario, pipeline.assess(scenario))
    assert [problem.field for problem in caught.value.problems] == ["schedule.pins[0]", "schedule.vetoes[0]"]


def test_contradictory_pins_are_both_named(assessment: pipeline.Assessment) -> None:
    first = next(contact for contact in assessment.candidates if contact.is_whole)
    other = next(
        contact
        for contact in assessment.candidates
        if contact.is_whole and contact.pass_id != first.pass_id and contact.start_s < first.end_s
    )
    scenario = loaded(pins=[first.contact_id, other.contact_id], cut_grid_s=0)
    with pytest.raises(InputError) as caught:
        pipeline.make_plan(scenario)
    text = str(caught.value)
    assert f'cannot be flown together with "{other.contact_id}"' in text
    assert f'cannot be flown together with "{first.contact_id}"' in text


MATERA = "eagle1-it-matera-20261130T2054Z"


def problems(**schedule_options: Any) -> list[tuple[str, str | None]]:
    """What is wrong with pins and vetoes: messages and hints."""
    scenario = loaded(**schedule_options)
    with pytest.raises(InputError) as caught:
        pipeline.problem_of(scenario, pipeline.assess(scenario))
    return [(problem.message, problem.hint) for problem in caught.value.problems]


def test_a_part_can_be_pinned_wherever_it_begins_and_ends() -> None:
    """31 and 153 s are on no grid, and the part of 60 s at the rim is dominated, or without key."""
    pins = (f"{MATERA}-31to153", f"{MATERA}-231to291")
    scenario = loaded(pins=list(pins), max_deterministic_time_s=1.0)
    assessment = pipeline.assess(scenario)
    spans = {c.contact_id: (c.start_s, c.end_s) for c in assessment.candidates}
    (whole,) = (c for c in assessment.contacts if c.contact_id == MATERA)
    assert [spans[pin] for pin in pins] == [
        (whole.start_s + 31, whole.start_s + 153),
        (whole.start_s + 231, whole.start_s + 291),
    ]
    problem = pipeline.problem_of(scenario, assessment)
    assert set(pins) <= set(schedule.GREEDIES["earliest-first"](problem).chosen_ids)


@pytest.mark.parametrize("part", ["0to59", "100to300", "031to153", "153to31"])
def test_a_part_that_is_too_short_or_outside_its_window_is_refused(part: str) -> None:
    assert problems(pins=[f"{MATERA}-{part}"]) == [
        (
            f"no pass or contact is called {MATERA}-{part}",
            "a part runs over whole seconds from 0 to 291, for 60 at least",
        )
    ]


def test_a_misspelt_pin_is_told_what_may_be_meant() -> None:
    assert problems(pins=[MATERA.replace("2054", "2055")])[0][1] == f'did you mean "{MATERA}"?'


def test_a_pinned_part_of_a_vetoed_pass_names_both() -> None:
    ((message, _),) = problems(pins=[f"{MATERA}-30to150"], vetoes=[MATERA])
    assert message == f"{MATERA}-30to150 is pinned, but {MATERA} is vetoed"


def test_a_pin_that_limits_leave_no_room_for_stands_alone() -> None:
    scenario = load_scenario(
        example_path("small/plain.toml"), overrides={"schedule.pins": [MATERA], "sites.limits": {"max_nights": 0}}
    )
    with pytest.raises(InputError, match="cannot be flown at all: limits leave no room for it"):
        pipeline.make_plan(scenario)
