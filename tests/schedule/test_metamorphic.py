"""What must happen to a plan's value when its problem is changed in a known way."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from eagleplan.model import InitialStock
from eagleplan.schedule import Problem, Solution, solve

SEEDS = range(25)


def first_levels(solution: Solution) -> tuple[int, int]:
    return solution.levels[0].objective, -solution.levels[1].objective


@pytest.fixture(params=["small", "week"])
def problems(
    request: pytest.FixtureRequest,
    random_problem: Callable[[int], Problem],
    week_problem: Callable[..., Problem],
) -> list[Problem]:
    if request.param == "small":
        return [random_problem(seed) for seed in SEEDS]
    return [week_problem(seed, n_sites=8, n_demands=6) for seed in range(3)]


def test_a_later_week_is_the_same_week(problems: list[Problem]) -> None:
    for problem in problems:
        later = replace(
            problem,
            candidates=tuple(
                replace(c, start_s=c.start_s + 604_800, end_s=c.end_s + 604_800) for c in problem.candidates
            ),
        )
        assert solve(later) == solve(problem)


def test_other_names_of_stations_change_no_value(problems: list[Problem]) -> None:
    """Names decide ties only: turn their order round."""
    for problem in problems:
        sites = sorted({c.site_id for c in problem.candidates} | _demanded(problem))
        new = {site: f"z{len(sites) - number:03d}" for number, site in enumerate(sites)}
        renamed = Problem(
            candidates=tuple(replace(c, site_id=new[c.site_id]) for c in problem.candidates),
            demands=tuple(
                replace(
                    d,
                    sites_a=tuple(new[site] for site in d.sites_a),
                    sites_b=tuple(new[site] for site in d.sites_b),
                )
                for d in problem.demands
            ),
            initial_stocks=tuple(
                replace(s, site_id=new[s.site_id]) for s in problem.initial_stocks if s.site_id in new
            ),
            changeover_s=problem.changeover_s,
            site_changeover_s=problem.site_changeover_s,
        )
        one, other = solve(renamed), solve(problem)
        assert [level.objective for level in one.levels] == [level.objective for level in other.levels]


def test_key_in_even_numbers_scales(problems: list[Problem]) -> None:
    """Doubled once, no pair is left with half a bit; doubled again, every level in bits just doubles."""
    for problem in problems:
        one, other = solve(_times(problem, 2)), solve(_times(problem, 4))
        for name in ("weighted_shortfall_bits", "weighted_met_bits", "produced_bits"):
            assert other.level(name).objective == 2 * one.level(name).objective
        assert other.level("n_contacts").objective == one.level("n_contacts").objective


def test_heavier_weights_all_round_change_no_plan(problems: list[Problem]) -> None:
    for problem in problems:
        heavier = replace(problem, demands=tuple(replace(d, weight=7 * d.weight) for d in problem.demands))
        one, other = solve(heavier), solve(problem)
        assert [level.objective for level in one.levels] == [
            level.objective * factor for level, factor in zip(other.levels, (7, 7, 1, 1), strict=True)
        ]


def test_less_time_between_contacts_never_hurts(problems: list[Problem]) -> None:
    for problem in problems:
        freer = replace(problem, changeover_s=0, site_changeover_s=0)
        assert first_levels(solve(freer)) <= first_levels(solve(problem))


def test_stock_at_the_start_never_hurts(problems: list[Problem]) -> None:
    for problem in problems:
        site = problem.demands[0].sites_a[:1]
        edges = {(stock.satellite_id, stock.site_id) for stock in problem.initial_stocks}
        more = tuple(
            InitialStock(satellite_id="s0", site_id=site_id, bits=2) for site_id in site if ("s0", site_id) not in edges
        )
        richer = replace(problem, initial_stocks=(*problem.initial_stocks, *more))
        assert first_levels(solve(richer)) <= first_levels(solve(problem))


def test_fewer_contacts_to_choose_from_never_help(problems: list[Problem]) -> None:
    for problem in problems:
        poorer = replace(problem, candidates=problem.candidates[::2])
        assert first_levels(solve(poorer)) >= first_levels(solve(problem))


def test_more_demand_never_lowers_what_is_met(problems: list[Problem]) -> None:
    for problem in problems:
        asked = replace(problem, demands=tuple(replace(d, guarantee_bits=0) for d in problem.demands))
        more = replace(asked, demands=tuple(replace(d, bits=d.bits + 3) for d in asked.demands))
        assert solve(more).levels[1].objective >= solve(asked).levels[1].objective


def test_guarantees_cost_met_bits_but_never_gain_any(problems: list[Problem]) -> None:
    for problem in problems:
        free = replace(problem, demands=tuple(replace(d, guarantee_bits=0) for d in problem.demands))
        assert solve(free).levels[1].objective >= solve(problem).levels[1].objective


def test_contacts_nobody_asked_for_are_never_flown(problems: list[Problem]) -> None:
    for problem in problems:
        rest = problem.demands[1:]
        solution = solve(replace(problem, demands=rest))
        by_id = {c.contact_id: c for c in problem.candidates}
        asked = {site for d in rest for site in (*d.sites_a, *d.sites_b)}
        assert {by_id[contact_id].site_id for contact_id in solution.chosen_ids} <= asked


def _demanded(problem: Problem) -> set[str]:
    return {site for d in problem.demands for site in (*d.sites_a, *d.sites_b)}


def _times(problem: Problem, factor: int) -> Problem:
    return replace(
        problem,
        candidates=tuple(replace(c, bits=factor * c.bits) for c in problem.candidates),
        demands=tuple(
            replace(d, bits=factor * d.bits, guarantee_bits=factor * d.guarantee_bits) for d in problem.demands
        ),
        initial_stocks=tuple(replace(s, bits=factor * s.bits) for s in problem.initial_stocks),
    )
