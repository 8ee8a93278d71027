"""The verifier accepts what every solver and every rule of thumb makes, and nothing that is done to it afterwards."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from eagleplan.model import PlanClaims, ScheduleOptions
from eagleplan.schedule import GREEDIES, Limits, Problem, Solution, solve, violations

Claim = Callable[[Problem, Solution], PlanClaims]

ALL = ("guarantees", "fairness", "weighted_met_bits", "max_min", "changes", "n_contacts", "stock_left")


@pytest.fixture(params=["random_problem", "timed_problem"])
def some_problem(request: pytest.FixtureRequest) -> Callable[[int], Problem]:
    made: Callable[[int], Problem] = request.getfixturevalue(request.param)
    return made


def test_every_plan_is_accepted(some_problem: Callable[[int], Problem], claims_for: Claim) -> None:
    options = ScheduleOptions(objectives=ALL)
    for seed in range(50):
        problem = some_problem(seed)
        for solution in (
            solve(problem, objectives=ALL),
            *(greedy(problem, objectives=ALL) for greedy in GREEDIES.values()),
        ):
            assert violations(problem, claims_for(problem, solution), options) == (), seed


def test_a_plan_cut_short_is_accepted_too(claims_for: Claim, week_problem: Callable[..., Problem]) -> None:
    problem = week_problem(1)
    solution = solve(problem, Limits(max_time_s=1e-4))
    assert solution.status == "feasible"
    assert violations(problem, claims_for(problem, solution)) == ()


def test_nothing_can_be_taken_out_or_moved_unseen(some_problem: Callable[[int], Problem], claims_for: Claim) -> None:
    spoilt = 0
    for seed in range(40):
        problem = some_problem(seed)
        claims = claims_for(problem, solve(problem, objectives=ALL))
        for number, delivery in enumerate(claims.deliveries):
            others = tuple(d for n, d in enumerate(claims.deliveries) if n != number)
            for wrong in (
                None,
                replace(delivery, bits=delivery.bits + 1),
                replace(delivery, at_s=delivery.at_s + 1),
                replace(delivery, path=delivery.path[::-1]),
                replace(delivery, path=delivery.path[:-1]),
                replace(delivery, path=(*delivery.path, *delivery.path)),
            ):
                changed = replace(claims, deliveries=others if wrong is None else (*others, wrong))
                assert violations(problem, changed), (seed, wrong)
                spoilt += 1
        for number, contact in enumerate(claims.contacts):
            others_flown = tuple(c for n, c in enumerate(claims.contacts) if n != number)
            for flown in (others_flown, (*claims.contacts, contact)):
                assert violations(problem, replace(claims, contacts=flown)), (seed, contact)
                spoilt += 1
        for number in range(len(claims.discards)):
            kept = tuple(d for n, d in enumerate(claims.discards) if n != number)
            assert violations(problem, replace(claims, discards=kept)), seed
            spoilt += 1
    assert spoilt > 100
