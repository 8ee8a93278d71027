"""The plan is the best there is: against all plans of small problems, bounds and rules of thumb."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from eagleplan.schedule import GREEDIES, LEVELS, SOLVERS, Limits, Problem, Solution, solve


def levels(solution: Solution) -> tuple[int, ...]:
    return tuple(level.objective for level in solution.levels)


@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize("block", range(10))
def test_equal_to_looking_at_every_plan(
    solver: str,
    block: int,
    random_problem: Callable[[int], Problem],
    brute_force: Callable[[Problem], tuple[int, ...]],
) -> None:
    for seed in range(20 * block, 20 * block + 20):
        problem = random_problem(seed)
        solution = solve(problem, solver=solver)
        assert levels(solution) == brute_force(problem), f"seed {seed}"
        assert solution.status == "optimal", f"seed {seed}"


@pytest.mark.parametrize("rule", GREEDIES)
def test_no_rule_of_thumb_beats_the_plan_and_no_plan_its_bound(
    rule: str, random_problem: Callable[[int], Problem], week_problem: Callable[..., Problem]
) -> None:
    for problem in [random_problem(seed) for seed in range(40)] + [week_problem(seed) for seed in range(3)]:
        plan, greedy = solve(problem), GREEDIES[rule](problem)
        assert [level.name for level in plan.levels] == list(LEVELS)
        # Lexicographic: the first level that differs decides.
        signs = [1 if level.sense == "min" else -1 for level in plan.levels]
        ranks = [
            [sign * level.objective for sign, level in zip(signs, solution.levels, strict=True)]
            for solution in (plan, greedy)
        ]
        assert ranks[0] <= ranks[1]
        for solution in (plan, greedy):
            for level, sign in zip(solution.levels, signs, strict=True):
                assert sign * level.bound <= sign * level.objective
        for bound_of, met in ((greedy, plan), (plan, greedy)):
            if bound_of.levels[0].objective == met.levels[0].objective:
                assert met.levels[1].objective <= bound_of.levels[1].bound


def test_the_rules_are_far_from_the_plan_on_a_week(week_problem: Callable[..., Problem]) -> None:
    """Key with one node is worthless until its partner has some: rules that do not look lose much."""
    worst = dict.fromkeys(GREEDIES, 1.0)
    for seed in range(4):
        problem = week_problem(seed)
        best = solve(problem).level("weighted_met_bits").objective
        for rule, greedy in GREEDIES.items():
            met = greedy(problem).level("weighted_met_bits").objective
            worst[rule] = min(worst[rule], met / best)
    assert worst["earliest-first"] < 0.6
    assert worst["highest-yield-first"] < 0.8
    assert 0.6 < worst["demand-aware"] < 1.0


@pytest.mark.parametrize("seed", range(6))
def test_a_week_is_proven_within_two_deterministic_seconds(seed: int, week_problem: Callable[..., Problem]) -> None:
    solution = solve(week_problem(seed), Limits(max_time_s=2.0))
    assert solution.status == "optimal"
    assert all(level.gap_frac == 0.0 for level in solution.levels)


def test_the_bound_of_a_rule_is_what_one_demand_alone_could_have(week_problem: Callable[..., Problem]) -> None:
    problem = week_problem(0)
    supply: dict[str, int] = {}
    for candidate in problem.candidates:
        supply[candidate.site_id] = supply.get(candidate.site_id, 0) + candidate.bits
    alone = [min(d.bits, supply[d.node_a], supply[d.node_b]) for d in problem.demands]
    rule = GREEDIES["demand-aware"](problem)
    assert rule.levels[1].bound == sum(d.weight * bits for d, bits in zip(problem.demands, alone, strict=True))
    short = [d.weight * max(0, d.guarantee_bits - m) for d, m in zip(problem.demands, alone, strict=True)]
    assert rule.levels[0].bound == sum(short)
