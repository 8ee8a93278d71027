"""What must happen to a plan's value when its problem is changed in a known way."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from eagleplan.model import DEFAULT_OBJECTIVES, InitialStock
from eagleplan.schedule import Problem, Solution, solve

SEEDS = range(25)
QUANTITIES = ("guarantees", "fairness", "weighted_met_bits")


def reached(problem: Problem, objectives: tuple[str, ...] = DEFAULT_OBJECTIVES) -> dict[str, int]:
    solution = solve(problem, solver="cp-sat", objectives=objectives)
    assert solution.status == "optimal"
    return {level.name: level.objective for level in solution.levels}


def rank(problem: Problem) -> list[int]:
    """The quantities in order of importance, less is better."""
    solution: Solution = solve(problem, solver="cp-sat", objectives=QUANTITIES)
    assert solution.status == "optimal"
    return [level.objective if level.sense == "min" else -level.objective for level in solution.levels]


@pytest.fixture(params=["small", "timed", "week"])
def problems(
    request: pytest.FixtureRequest,
    random_problem: Callable[[int], Problem],
    timed_problem: Callable[[int], Problem],
    week_problem: Callable[..., Problem],
) -> list[Problem]:
    if request.param == "week":
        return [week_problem(seed, n_sites=8, n_demands=6) for seed in range(2)]
    make = random_problem if request.param == "small" else timed_problem
    return [make(seed) for seed in SEEDS]


def networked(problem: Problem, **changes: Any) -> Problem:
    return replace(problem, network=replace(problem.network, **changes))


def test_a_later_week_is_the_same_week(problems: list[Problem]) -> None:
    """What is there at the start gets older by as much, and demands begin as much later."""
    later_s = 604_800
    for problem in problems:
        if problem.network.fibre_links or problem.network.delivery_interval_s:
            # Fibre makes key all the time, and the interval counts from the start: their weeks differ.
            problem = networked(problem, fibre_links=(), delivery_interval_s=None)
        later = networked(
            replace(
                problem,
                end_s=problem.end_s + later_s,
                candidates=tuple(
                    replace(c, start_s=c.start_s + later_s, end_s=c.end_s + later_s, usable_s=c.usable_s + later_s)
                    for c in problem.candidates
                ),
                demands=tuple(
                    replace(d, start_s=d.start_s + later_s, deadline_s=d.deadline_s + later_s) for d in problem.demands
                ),
                slews={(s, a, end_s + later_s, b): slew for (s, a, end_s, b), slew in problem.slews.items()},
                previous=None,
            ),
            max_age_s=None,
            satellite_cap_bits={},
            node_cap_bits={},
            edge_cap_bits={},
        )
        now = networked(
            replace(problem, previous=None),
            max_age_s=None,
            satellite_cap_bits={},
            node_cap_bits={},
            edge_cap_bits={},
        )
        assert solve(later).chosen_ids == solve(now).chosen_ids
        assert reached(later) == reached(now)


def test_other_names_of_stations_change_no_value(problems: list[Problem]) -> None:
    """Names decide ties only: turn their order round."""
    for problem in problems:
        sites = sorted({c.site_id for c in problem.candidates} | _sites(problem))
        new = {site: f"z{len(sites) - number:03d}" for number, site in enumerate(sites)}
        assert reached(_renamed(problem, new)) == reached(problem)


def test_key_in_even_numbers_scales(problems: list[Problem]) -> None:
    """Doubled once, no pair is left with half a bit; doubled again, every level in bits just doubles."""
    levels = ("guarantees", "weighted_met_bits", "n_contacts", "stock_left")
    for problem in problems:
        plain = networked(
            replace(problem, previous=None),
            max_age_s=None,
            satellite_cap_bits={},
            node_cap_bits={},
            edge_cap_bits={},
        )
        one, other = (reached(_times(plain, factor), levels) for factor in (2, 4))
        for name, value in one.items():
            assert other[name] == (value if name == "n_contacts" else 2 * value)


def test_twice_the_key_meets_twice_the_demand_at_least(problems: list[Problem]) -> None:
    levels = ("weighted_met_bits",)
    for problem in problems:
        one, other = (reached(_times(replace(problem, previous=None), factor), levels) for factor in (1, 2))
        assert other["weighted_met_bits"] >= 2 * one["weighted_met_bits"] or problem.network.fibre_links


def test_heavier_weights_all_round_change_no_plan(problems: list[Problem]) -> None:
    levels = ("guarantees", "weighted_met_bits", "n_contacts")
    for problem in problems:
        problem = replace(problem, previous=None)
        heavier = replace(problem, demands=tuple(replace(d, weight=7 * d.weight) for d in problem.demands))
        one, other = reached(heavier, levels), reached(problem, levels)
        assert one == {name: value if name == "n_contacts" else 7 * value for name, value in other.items()}


@pytest.mark.parametrize(
    "freer",
    [
        {"changeover_s": 0, "set_up_s": {}, "slews": {}},
        {"limits": ()},
        {"max_nights": {}},
        {"pins": ()},
        {"previous": None},
    ],
    ids=lambda freer: next(iter(freer)),
)
def test_a_rule_less_never_hurts(freer: dict[str, Any], problems: list[Problem]) -> None:
    for problem in problems:
        assert rank(replace(problem, **freer)) <= rank(problem)


@pytest.mark.parametrize(
    "freer",
    [{"max_age_s": None}, {"satellite_cap_bits": {}}, {"node_cap_bits": {}}, {"edge_cap_bits": {}}],
    ids=lambda freer: next(iter(freer)),
)
def test_key_that_lasts_and_room_for_it_never_hurt(freer: dict[str, Any], problems: list[Problem]) -> None:
    for problem in problems:
        assert rank(networked(problem, **freer)) <= rank(problem)


def test_trust_and_hops_never_hurt(problems: list[Problem]) -> None:
    for problem in problems:
        trusting = replace(problem, demands=tuple(replace(d, trusted=None) for d in problem.demands))
        further = replace(problem, demands=tuple(replace(d, max_hops=d.max_hops + 1) for d in problem.demands))
        assert rank(trusting) <= rank(problem)
        assert rank(further) <= rank(problem)


def test_more_time_for_delivery_never_hurts(problems: list[Problem]) -> None:
    for problem in problems:
        longer = replace(
            problem, demands=tuple(replace(d, start_s=0, deadline_s=problem.end_s) for d in problem.demands)
        )
        # Instants of other demands may go with their deadlines: keep them all.
        if problem.network.max_age_s is None and not (
            problem.network.satellite_cap_bits or problem.network.node_cap_bits or problem.network.edge_cap_bits
        ):
            assert rank(longer) <= rank(problem)


def test_stock_at_the_start_never_hurts(problems: list[Problem]) -> None:
    for problem in problems:
        if problem.network.satellite_cap_bits or problem.network.node_cap_bits or problem.network.edge_cap_bits:
            continue
        stock = InitialStock(end_a="s0", end_b=problem.candidates[0].site_id, bits=2)
        richer = networked(problem, initial_stocks=(*problem.network.initial_stocks, stock))
        assert rank(richer) <= rank(problem)


def test_fewer_contacts_to_choose_from_never_help(problems: list[Problem]) -> None:
    for problem in problems:
        problem = replace(problem, pins=(), previous=None)
        poorer = replace(problem, candidates=problem.candidates[::2])
        assert rank(poorer) >= rank(problem)


def test_more_demand_never_lowers_what_is_met(problems: list[Problem]) -> None:
    for problem in problems:
        problem = replace(problem, previous=None)
        more = replace(problem, demands=tuple(replace(d, bits=d.bits + 3) for d in problem.demands))
        levels = ("weighted_met_bits",)
        assert reached(more, levels)["weighted_met_bits"] >= reached(problem, levels)["weighted_met_bits"]


def test_what_comes_first_is_never_better_later(problems: list[Problem]) -> None:
    """A level asked for alone is at least as good as behind others."""
    for problem in problems:
        for name in ("fairness", "weighted_met_bits"):
            behind = reached(replace(problem, previous=None))[name]
            assert reached(replace(problem, previous=None), (name,))[name] >= behind


def test_contacts_nobody_asked_for_are_never_flown(problems: list[Problem]) -> None:
    for problem in problems:
        assert solve(replace(problem, demands=(), pins=(), previous=None)).chosen_ids == ()


def _sites(problem: Problem) -> set[str]:
    return {site for sites in problem.network.node_sites.values() for site in sites}


def _renamed(problem: Problem, new: dict[str, str]) -> Problem:
    def name(node: str) -> str:
        return new.get(node, node)

    network = problem.network
    return replace(
        problem,
        candidates=tuple(replace(c, site_id=name(c.site_id)) for c in problem.candidates),
        demands=tuple(
            replace(
                d,
                node_a=name(d.node_a),
                node_b=name(d.node_b),
                trusted=None if d.trusted is None else frozenset(map(name, d.trusted)),
            )
            for d in problem.demands
        ),
        network=replace(
            network,
            node_sites={country: tuple(map(name, sites)) for country, sites in network.node_sites.items()},
            initial_stocks=tuple(replace(s, end_a=name(s.end_a), end_b=name(s.end_b)) for s in network.initial_stocks),
            fibre_links=tuple(replace(f, node_a=name(f.node_a), node_b=name(f.node_b)) for f in network.fibre_links),
            node_cap_bits={name(node): bits for node, bits in network.node_cap_bits.items()},
            edge_cap_bits={
                (min(map(name, pair)), max(map(name, pair))): bits for pair, bits in network.edge_cap_bits.items()
            },
        ),
        slews={(s, name(a), end_s, name(b)): slew_s for (s, a, end_s, b), slew_s in problem.slews.items()},
        set_up_s={name(site): set_up_s for site, set_up_s in problem.set_up_s.items()},
        max_nights={name(site): nights for site, nights in problem.max_nights.items()},
    )


def _times(problem: Problem, factor: int) -> Problem:
    """All bits times a factor; the rates of fibre are left out, since their bits are counted one by one."""
    network = problem.network
    return networked(
        replace(
            problem,
            candidates=tuple(replace(c, bits=factor * c.bits) for c in problem.candidates),
            demands=tuple(
                replace(d, bits=factor * d.bits, guarantee_bits=factor * d.guarantee_bits) for d in problem.demands
            ),
        ),
        fibre_links=(),
        initial_stocks=tuple(replace(s, bits=factor * s.bits) for s in network.initial_stocks),
        satellite_cap_bits={name: factor * bits for name, bits in network.satellite_cap_bits.items()},
        node_cap_bits={name: factor * bits for name, bits in network.node_cap_bits.items()},
        edge_cap_bits={pair: factor * bits for pair, bits in network.edge_cap_bits.items()},
    )
