"""Limits: the best plan so far with an honest gap, one plan twice, interrupts, late imports."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest

from eagleplan.model import Network
from eagleplan.schedule import GREEDIES, Level, Limits, Problem, lexicographic, proof, solve
from eagleplan.schedule.objective import Objective
from eagleplan.schedule.programme import Programme, Values
from eagleplan.schedule.seam import Answer, Solver


def test_two_runs_give_one_plan(week_problem: Callable[..., Problem]) -> None:
    for seed in (0, 1):
        problem = week_problem(seed)
        for limits in (Limits(), Limits(max_time_s=0.003), Limits(max_time_s=0.01, workers=2)):
            one, other = solve(problem, limits), solve(problem, limits)
            assert one == other
            assert one.reproducible


def test_a_limit_returns_the_best_plan_so_far_with_its_gap(week_problem: Callable[..., Problem]) -> None:
    problem = week_problem(1)
    full = solve(problem, solver="cp-sat")
    assert full.status == "optimal"
    for max_time_s in (1e-9, 1e-4, 3e-3):
        solution = solve(problem, Limits(max_time_s=max_time_s), solver="cp-sat")
        fairness, best = solution.level("fairness"), full.level("fairness")
        assert solution.status == "feasible"
        assert fairness.objective <= best.objective <= fairness.bound
        stated = proof(solution)
        undecided = next(level for level in solution.levels if not level.proven)
        assert (stated.status, stated.decisive.name) == ("feasible", undecided.name)
        assert stated.decisive.gap_frac == undecided.gap_frac > 0.0
        assert stated.deterministic_time_s <= max_time_s + 0.1


def test_more_time_never_gives_less(week_problem: Callable[..., Problem]) -> None:
    problem = week_problem(2)
    reached = [solve(problem, Limits(max_time_s=max_time_s)).level("fairness").objective for max_time_s in (1e-9, 1.0)]
    start = max(greedy(problem).level("fairness").objective for greedy in GREEDIES.values())
    assert start <= reached[0] <= reached[1]


def test_a_proof_of_everything_speaks_of_the_first_level(week_problem: Callable[..., Problem]) -> None:
    problem = week_problem(0)
    solution = solve(problem, solver="cp-sat")
    stated = proof(solution)
    assert (stated.status, stated.decisive) == ("optimal", stated.levels[0])
    assert [level.name for level in stated.levels] == [level.name for level in solution.levels]
    assert [level.objective for level in stated.levels] == [level.bound for level in stated.levels]
    assert stated.n_candidates == len(problem.candidates)
    assert (stated.solver, stated.seed, stated.workers, stated.reproducible) == ("cp-sat", 1, 1, True)


def test_all_cores_and_the_wall_clock_are_not_called_reproducible(
    week_problem: Callable[..., Problem],
) -> None:
    problem = week_problem(0)
    solution = solve(problem, Limits(max_time_s=1.0, workers=0), solver="cp-sat")
    assert not proof(solution).reproducible
    fairness, best = solution.level("fairness"), solve(problem, solver="cp-sat").level("fairness")
    assert fairness.objective <= best.objective <= fairness.bound


class Slow:
    """A solver that finds nothing, and takes `used` times the time it is given."""

    def __init__(self, used: float) -> None:
        self.used = used
        self.given_s: list[float] = []
        self.names: list[str] = []

    def __call__(
        self,
        programme: Programme,
        objective: Objective,
        decided: Sequence[tuple[Objective, int]],
        start: Values,
        time_s: float,
        limits: Limits,
    ) -> Answer:
        self.given_s.append(time_s)
        self.names.append(objective.name)
        bound = objective.trivial_bound
        return Answer(values=start, bound=bound, time_s=self.used * time_s, reproducible=self.used < 1.2)


@pytest.mark.parametrize(
    ("used", "given_s", "used_s"),
    [(1.0, [7.2, 1.8, 0.5, 0.5], 10.0), (0.5, [7.2, 5.4, 0.5, 0.5], 6.8), (1.5, [7.2], 10.8)],
)
def test_goals_about_key_have_most_of_the_time(
    used: float,
    given_s: list[float],
    used_s: float,
    week_problem: Callable[..., Problem],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    slow = Slow(used)
    monkeypatch.setattr(lexicographic, "SOLVERS", {"slow": Solver(improve=slow)})
    solution = solve(week_problem(1), Limits(max_time_s=10.0), solver="slow")
    assert slow.given_s == pytest.approx(given_s)
    assert solution.deterministic_time_s == pytest.approx(used_s)
    # The guarantees are kept by the start, and nothing is better than that: no time was given to them.
    assert [level.proven for level in solution.levels] == [True, False, False, False, False]
    assert solution.reproducible == (used < 1.2)


def test_the_smallest_fraction_is_looked_for_from_a_fair_plan(
    week_problem: Callable[..., Problem], monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = Slow(0.5)
    monkeypatch.setattr(lexicographic, "SOLVERS", {"slow": Solver(improve=slow)})
    problem = replace(week_problem(1), demands=tuple(replace(d, guarantee_bits=0) for d in week_problem(1).demands))
    solve(problem, Limits(max_time_s=10.0), solver="slow", objectives=("max_min", "n_contacts"))
    assert slow.given_s == pytest.approx([4.0, 7.0, 1.0])
    assert slow.names == ["fairness", "max_min", "n_contacts"]


def test_a_gap_is_a_fraction_of_the_larger() -> None:
    assert Level(name="x", sense="max", objective=75, bound=100).gap_frac == 0.25
    assert Level(name="x", sense="min", objective=100, bound=75).gap_frac == 0.25
    assert Level(name="x", sense="min", objective=5, bound=0).gap_frac == 1.0
    assert Level(name="x", sense="max", objective=0, bound=0).gap_frac == 0.0
    assert Level(name="x", sense="max", objective=-100, bound=-75).gap_frac == 0.25


def test_an_empty_week_is_planned_too() -> None:
    nothing = Problem(candidates=(), demands=(), network=Network(node_sites={}), end_s=1, changeover_s=60)
    solution = solve(nothing)
    assert (solution.chosen_ids, solution.deliveries, solution.status) == ((), (), "optimal")
    assert proof(solution).decisive.objective == 0


@pytest.mark.parametrize(
    "wrong",
    [
        {"max_time_s": 0.0},
        {"max_time_s": float("nan")},
        {"max_time_s": float("inf")},
        {"workers": -1},
        {"seed": -1},
    ],
)
def test_limits_without_sense_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="must"):
        Limits(**wrong)  # type: ignore[arg-type]


def test_an_interrupt_ends_the_search_at_once(week_problem: Callable[..., Problem]) -> None:
    problem = week_problem(0, n_satellites=3, n_sites=30, n_demands=60)
    timer = threading.Timer(1.0, os.kill, (os.getpid(), signal.SIGINT))
    begun_s = time.monotonic()
    timer.start()
    try:
        with pytest.raises(KeyboardInterrupt):
            solve(problem, Limits(max_time_s=60.0))
    finally:
        timer.cancel()
    assert time.monotonic() - begun_s < 20.0


def test_the_solver_is_loaded_only_to_solve_and_never_with_pandas() -> None:
    code = """
import sys
from eagleplan.model import Network
from eagleplan.schedule import Candidate, PairDemand, Problem, solve
assert not any(name.split(".")[0] == "ortools" for name in sys.modules)
contacts = tuple(
    Candidate(contact_id=n, pass_id=n, satellite_id="s", site_id=n, start_s=100 * i, end_s=100 * i + 50,
              usable_s=100 * i + 50, bits=5 + i)
    for i, n in enumerate("abc")
)
pair = dict(weight=1, guarantee_bits=0, bits=4, deadline_s=900)
demands = tuple(PairDemand(demand_id=a + b, node_a=a, node_b=b, **pair) for a, b in ("ab", "bc", "ac"))
problem = Problem(candidates=contacts, demands=demands, network=Network(node_sites={}), end_s=900, changeover_s=60)
solve(problem, solver="cp-sat")
assert "ortools.sat.python.cp_model_helper" in sys.modules
assert not {"pandas", "scipy", "google.protobuf"} & set(sys.modules)
"""
    subprocess.run([sys.executable, "-c", code], check=True)
