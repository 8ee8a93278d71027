"""Guarantees that cannot be kept: the least sets in conflict, by looking at every set."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

import pytest

from eagleplan.model import Network
from eagleplan.schedule import (
    Candidate,
    Level,
    Limits,
    PairDemand,
    Problem,
    Solution,
    guarantee_conflicts,
    guarantees,
    solve,
)

SITES = ("a", "b", "c", "d")


def tight_problem() -> Problem:
    """a meets the satellite once; b and c cannot both be met; d never."""
    spans = {"a": (0, 10), "b": (100, 8), "c": (120, 8)}
    candidates = tuple(
        Candidate(
            contact_id=site,
            pass_id=site,
            satellite_id="s",
            site_id=site,
            start_s=start_s,
            end_s=start_s + 50,
            usable_s=start_s + 50,
            bits=bits,
        )
        for site, (start_s, bits) in spans.items()
    )
    demands = tuple(
        PairDemand(
            demand_id=f"{a}-{b}",
            node_a=a,
            node_b=b,
            bits=20,
            weight=1,
            guarantee_bits=guarantee_bits,
            guarantee_class=guarantee_class,
            deadline_s=900,
        )
        for a, b, guarantee_bits, guarantee_class in (("a", "b", 4, 1), ("a", "c", 3, 1), ("a", "d", 2, 2))
    )
    return Problem(candidates=candidates, demands=demands, network=Network(node_sites={}), end_s=900, changeover_s=0)


def test_each_conflict_is_named_with_its_bits() -> None:
    problem = tight_problem()
    found = guarantee_conflicts(problem, solve(problem))
    assert [(conflict.demand_ids, conflict.short_bits) for conflict in found] == [(("a-b", "a-c"), 3), (("a-d",), 2)]
    assert found[0].text == "the guarantees of a-b and a-c cannot all be kept: they lack 3 bits together"
    assert found[1].text == "the guarantee of a-d cannot be kept even alone: it lacks 2 bits"


def test_guarantees_that_are_kept_are_no_conflict() -> None:
    problem = tight_problem()
    kept = replace(problem, demands=problem.demands[:1])
    assert guarantee_conflicts(kept, solve(kept)) == ()
    nobody = replace(problem, demands=tuple(replace(d, guarantee_bits=0) for d in problem.demands))
    assert guarantee_conflicts(nobody, solve(nobody)) == ()


def test_what_a_limit_hid_is_no_conflict() -> None:
    """A plan that fails guarantees that could be kept is the search's fault, not the guarantees'."""
    problem = tight_problem()
    kept = replace(problem, demands=problem.demands[:1])
    empty_handed = solve(replace(kept, candidates=()))
    assert guarantee_conflicts(kept, empty_handed) == ()


def test_what_a_limit_leaves_open_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    problem = tight_problem()
    problem = replace(problem, demands=problem.demands[:2])

    def stopped(asked: Problem, limits: Limits, **options: Any) -> Solution:
        """A search that ends before it has proven anything but a first bound of both guarantees together."""
        bound = 2 if len(asked.demands) == 2 else 0
        level = Level(name="guarantees_1", sense="min", objective=7, bound=bound)
        return replace(solve(asked, limits, **options), levels=(level,))

    solution = solve(problem)
    monkeypatch.setattr(guarantees, "solve", stopped)
    (conflict,) = guarantee_conflicts(problem, solution)
    assert (conflict.demand_ids, conflict.short_bits) == (("a-b", "a-c"), 2)
    assert conflict.text == (
        "the guarantees of a-b and a-c cannot all be kept: they lack at least 2 bits together; "
        "perhaps not all of them are needed for that"
    )


def test_all_searches_together_keep_to_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    problem = tight_problem()
    solution = solve(problem)
    asked_s: list[float] = []

    def slow(asked: Problem, limits: Limits, **options: Any) -> Solution:
        asked_s.append(limits.max_time_s)
        return replace(solve(asked, **options), deterministic_time_s=3.0)

    monkeypatch.setattr(guarantees, "solve", slow)
    (conflict,) = guarantee_conflicts(problem, solution, Limits(max_time_s=8.0))
    assert sum(asked_s) <= 8.0
    assert len(asked_s) == 3
    assert "perhaps not all of them" in conflict.text


def test_every_conflict_is_least(random_problem: Callable[[int], Problem]) -> None:
    n_conflicts = 0
    for seed in range(60):
        problem = random_problem(seed)
        problem = replace(
            problem,
            previous=None,
            demands=tuple(replace(d, guarantee_bits=min(d.bits, 2)) for d in problem.demands),
        )
        solution = solve(problem)
        found = guarantee_conflicts(problem, solution)
        assert bool(found) == (lacking(problem, problem.demands) > 0), f"seed {seed}"
        for conflict in found:
            demands = [d for d in problem.demands if d.demand_id in conflict.demand_ids]
            assert lacking(problem, demands) == conflict.short_bits, f"seed {seed}"
            for fewer in itertools.combinations(demands, len(demands) - 1):
                assert lacking(problem, fewer) == 0, f"seed {seed}"
        apart = [demand_id for conflict in found for demand_id in conflict.demand_ids]
        assert len(apart) == len(set(apart))
        n_conflicts += len(found)
    assert n_conflicts > 20


def lacking(problem: Problem, demands: Iterable[PairDemand]) -> int:
    """Fewest bits that the guarantees of these demands lack, by another way to ask and another solver."""
    alone = tuple(replace(d, bits=d.guarantee_bits, weight=1) for d in demands)
    if not alone:
        return 0
    solution = solve(replace(problem, demands=alone), solver="mip-timeline", objectives=("weighted_met_bits",))
    return sum(d.guarantee_bits for d in alone) - solution.levels[0].objective
