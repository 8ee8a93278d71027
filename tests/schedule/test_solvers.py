"""Every solver behind the seam: one optimum, honest bounds, the same plan twice, and a plan at every limit."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from eagleplan.model import DEFAULT_OBJECTIVES
from eagleplan.schedule import Limits, Problem, solve
from eagleplan.schedule.formulation import formulate
from eagleplan.schedule.greedy import start_values
from eagleplan.schedule.part import Part, posed
from eagleplan.schedule.presolve import presolved
from eagleplan.schedule.prices import Prices
from eagleplan.schedule.programme import Values
from eagleplan.schedule.relaxation import at_once, by_schedules
from eagleplan.schedule.solvers import SOLVERS

OTHERS = sorted(set(SOLVERS) - {"cp-sat"})
REPEATABLE = sorted(set(SOLVERS) - {"mip-timeline"})


def split(problem: Problem) -> Problem:
    """With the halves of every contact as candidates too, each with less than half of its bits."""
    parts = []
    for whole in problem.candidates:
        middle_s = (whole.start_s + whole.end_s) // 2
        for name, start_s, end_s in (("a", whole.start_s, middle_s), ("b", middle_s, whole.end_s)):
            parts.append(
                replace(
                    whole,
                    contact_id=whole.contact_id + name,
                    start_s=start_s,
                    end_s=end_s,
                    usable_s=end_s,
                    bits=(2 * whole.bits) // 5,
                )
            )
    return replace(problem, candidates=(*problem.candidates, *parts))


def task_of(problem: Problem, name: str) -> tuple[Part, Values]:
    formulation = formulate(problem, DEFAULT_OBJECTIVES)
    (objective,) = (goal.objective for goal in formulation.goals if goal.objective.name == name)
    return posed(formulation.programme, objective, []), start_values(formulation)


@pytest.mark.parametrize("solver", OTHERS)
@pytest.mark.parametrize("kind", ["random", "timed"])
def test_each_solver_finds_the_optimum(
    solver: str,
    kind: str,
    random_problem: Callable[[int], Problem],
    timed_problem: Callable[[int], Problem],
) -> None:
    make = random_problem if kind == "random" else timed_problem
    for seed in range(8):
        problem = make(seed)
        best, found = solve(problem, solver="cp-sat"), solve(problem, solver=solver)
        assert [level.objective for level in found.levels] == [level.objective for level in best.levels], seed
        assert all(
            level.bound == level.objective or (level.bound > level.objective) == (level.sense == "max")
            for level in found.levels
        )


def test_what_presolve_leaves_holds_an_optimum(week_problem: Callable[..., Problem]) -> None:
    problem = split(week_problem(3, n_sites=6, n_demands=4))
    task, start = task_of(problem, "weighted_met_bits")
    small = presolved(task, start)
    assert len(small.columns) < len(task.columns)
    limits = Limits(max_time_s=20.0)
    full = SOLVERS["cp-sat"].improve(task.programme, task.objective, [], start, 20.0, limits)
    less = SOLVERS["cp-sat"].improve(small.programme, small.objective, [], small.inside(start), 20.0, limits)
    assert full.bound == task.objective.value(full.values)
    assert task.objective.value(small.outside(less.values)) == small.objective.value(less.values)
    assert small.objective.value(less.values) == task.objective.value(full.values)
    assert task.programme.is_feasible(small.outside(less.values))


@pytest.mark.parametrize("n_satellites", [1, 2])
def test_prices_bound_every_plan(n_satellites: int, week_problem: Callable[..., Problem]) -> None:
    """Whatever the prices: the optimum stays below the bound, and below what the bound through its contacts says."""
    problem = split(week_problem(4, n_satellites=n_satellites, n_sites=5, n_demands=4))
    task, start = task_of(problem, "weighted_met_bits")
    best = SOLVERS["cp-sat"].improve(task.programme, task.objective, [], start, 20.0, Limits())
    value = task.objective.value(best.values)
    prices = Prices(task)
    rng = np.random.default_rng(1)
    relaxed, spread = at_once(prices), by_schedules(prices, start, 20.0)
    random = [rng.normal(0.0, scale, len(prices.lower)) for scale in (0.1, 1.0, 10.0)]
    for these in (relaxed.prices, spread.prices, *random):
        priced = prices.priced(these)
        assert value <= priced.bound
        assert all(value <= priced.through[c] for c in np.flatnonzero(prices.led) if best.values[c])
    assert relaxed.priced.bound <= spread.priced.bound <= 1.001 * relaxed.priced.bound


@pytest.mark.parametrize("solver", REPEATABLE)
def test_two_runs_give_one_plan(solver: str, week_problem: Callable[..., Problem]) -> None:
    problem = split(week_problem(5))
    limits = Limits(max_time_s=0.15)
    one, other = solve(problem, limits, solver=solver), solve(problem, limits, solver=solver)
    assert one == other
    assert one.reproducible


@pytest.mark.parametrize("solver", sorted(SOLVERS))
@pytest.mark.parametrize("workers", [0, 1])
def test_a_limit_leaves_a_plan_with_its_gap(solver: str, workers: int, week_problem: Callable[..., Problem]) -> None:
    problem = split(week_problem(6, n_satellites=2))
    found = solve(problem, Limits(max_time_s=0.05, workers=workers), solver=solver, objectives=("weighted_met_bits",))
    (level,) = found.levels
    start = solve(problem, Limits(max_time_s=1e-9), solver="cp-sat", objectives=("weighted_met_bits",))
    assert start.levels[0].objective <= level.objective <= level.bound
    assert found.reproducible is (workers > 0 and solver != "mip-timeline")


@pytest.mark.parametrize("solver", ["cp-sat", "mip-timeline", "relax-and-fix"])
def test_an_interrupt_ends_the_search_at_once(solver: str, tmp_path: Path) -> None:
    script = tmp_path / "search.py"
    script.write_text(
        textwrap.dedent(f"""
        import random
        from eagleplan.schedule.limits import Limits
        from eagleplan.schedule.objective import Objective
        from eagleplan.schedule.programme import Resource, Row, programme
        from eagleplan.schedule.solvers import SOLVERS
        rng = random.Random(1)
        n = 800
        spans = [(start, start + rng.randint(60, 400)) for start in (rng.randrange(30_000) for _ in range(n))]
        uses = tuple((a, b, k) for k, (a, b) in enumerate(spans))
        some = [tuple(sorted(rng.sample(range(n), 60))) for _ in range(60)]
        rows = [Row(columns=c, coefficients=tuple(rng.randint(9, 99) for _ in c), upper=150) for c in some]
        gains = tuple(rng.randint(10, 1000) for _ in range(n))
        goal = Objective(
            name="worth", sense="max", columns=tuple(range(n)), coefficients=gains, trivial_bound=sum(gains)
        )
        this = programme([1] * n, rows, [Resource(uses=uses)])
        print("begun", flush=True)
        SOLVERS[{solver!r}].improve(this, goal, [], (0,) * n, 300.0, Limits(max_time_s=300.0))
        """),
        encoding="utf-8",
    )
    search = subprocess.Popen([sys.executable, script], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert search.stdout is not None
    assert search.stdout.readline() == "begun\n"
    time.sleep(0.5)
    assert search.poll() is None, search.communicate()
    os.kill(search.pid, signal.SIGINT)
    _, errors = search.communicate(timeout=10.0)
    assert search.returncode != 0
    assert "KeyboardInterrupt" in errors
