"""The plan that is best over many skies, and how it fares against plans that know less of the sky."""

from __future__ import annotations

from collections.abc import Mapping

from eagleplan import schedule
from eagleplan.model import Contact, Rival
from eagleplan.pipeline.assessment import Assessment
from eagleplan.pipeline.outlook import whole_contact_bits
from eagleplan.scenario import Scenario

EXPECTED_VALUE = "expected value"


def robust_solution(
    scenario: Scenario, assessment: Assessment, problem: schedule.Problem, contacts: Mapping[str, Contact]
) -> tuple[schedule.Solution, tuple[Rival, ...]]:
    """The solution by a robust objective, the first of the scenario's, and its rivals over fresh skies.

    `contacts` are those offered, by id. The search starts from the plan by expected bits, which takes a quarter of
    the time at most.
    """
    from eagleplan.schedule.robust import solve_robust
    from eagleplan.schedule.robust_compare import rivals
    from eagleplan.schedule.robust_programme import Skies
    from eagleplan.schedule.robust_recourse import IntArray

    options, sky = scenario.schedule, scenario.weather.options
    own = [contacts[candidate.contact_id] for candidate in problem.candidates]

    def bits(n_skies: int, seed: int) -> IntArray:
        return whole_contact_bits(scenario, assessment, own, n_skies=n_skies, seed=seed)

    def limits(share: float) -> schedule.Limits:
        return schedule.Limits(
            max_time_s=share * options.max_deterministic_time_s, workers=options.workers, seed=options.seed
        )

    expected = schedule.solve(problem, limits(0.25), solver=options.solver, objectives=options.objectives[1:])
    solution = solve_robust(
        problem,
        Skies(bits=bits(options.n_scenarios, options.scenario_seed), weights=(1,) * options.n_scenarios),
        expected,
        limits(0.75),
        objectives=options.objectives,
        tail_frac=options.cvar_tail_frac,
    )
    if sky.n_outlook_skies == 0:
        return solution, ()
    fresh = bits(sky.n_outlook_skies, sky.outlook_seed)
    others = {EXPECTED_VALUE: expected.chosen_ids} | {
        f"greedy, {name}": greedy(problem, objectives=options.objectives[1:]).chosen_ids
        for name, greedy in schedule.GREEDIES.items()
    }
    return solution, rivals(problem, solution.chosen_ids, others, fresh, options.objectives)
