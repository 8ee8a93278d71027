"""Two formulations and two solvers, one answer: cliques in CP-SAT, and a flow through time in HiGHS."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eagleplan.model import PlanClaims
from eagleplan.schedule import Limits, Problem, Solution, solve, violations
from eagleplan.schedule.programme import Resource, programme
from eagleplan.schedule.timeline import Timeline, timeline

uses = st.lists(st.tuples(st.integers(0, 12), st.integers(1, 6)), min_size=1, max_size=7).map(
    lambda spans: tuple((start, start + length, column) for column, (start, length) in enumerate(spans))
)


def carries_one_unit(line: Timeline, chosen: frozenset[int]) -> bool:
    """Whether a walk from the first instant to the last takes every chosen arc, idling in between."""
    arcs = {(leaves, arrives, column) for leaves, arrives, column in line.arcs if column in chosen}
    instant = 0
    while instant < line.n_instants - 1:
        leaving = [arc for arc in arcs if arc[0] == instant]
        if len(leaving) > 1:
            return False
        instant = leaving[0][1] if leaving else instant + 1
        arcs.difference_update(leaving)
    return not arcs


@given(uses)
def test_a_timeline_carries_just_what_the_cliques_allow(spans: tuple[tuple[int, int, int], ...]) -> None:
    resource = Resource(uses=spans)
    cliques = programme([1] * len(spans), [], [resource]).cliques
    line = timeline(resource)
    for size in range(len(spans) + 1):
        for chosen in map(frozenset, itertools.combinations(range(len(spans)), size)):
            assert carries_one_unit(line, chosen) == all(len(chosen & set(clique)) <= 1 for clique in cliques)


@pytest.mark.parametrize("seed", range(3))
def test_both_prove_the_same_week(
    seed: int,
    week_problem: Callable[..., Problem],
    claims_for: Callable[[Problem, Solution], PlanClaims],
) -> None:
    problem = week_problem(seed, n_sites=8, n_demands=6)
    one, other = solve(problem, solver="cp-sat"), solve(problem, solver="mip-timeline")
    assert one.status == "optimal"
    assert [level.objective for level in one.levels] == [level.objective for level in other.levels]
    # HiGHS computes in floating point: its bound is good to a billionth.
    assert all(level.gap_frac < 2e-9 for level in other.levels)
    assert violations(problem, claims_for(problem, other)) == ()
    assert (one.reproducible, other.reproducible) == (True, False)


def test_cut_short_the_second_opinion_is_honest_too(week_problem: Callable[..., Problem]) -> None:
    problem = week_problem(1)
    best = solve(problem).level("weighted_met_bits").objective
    met = solve(problem, Limits(max_time_s=1e-3), solver="mip-timeline").level("weighted_met_bits")
    assert met.objective <= best <= met.bound
