"""Level by level to the best plan: each objective is decided before the next is looked at."""

from __future__ import annotations

from collections.abc import Mapping

from eagleplan.schedule import cpsat, mathopt
from eagleplan.schedule.formulation import formulate
from eagleplan.schedule.greedy import start_values
from eagleplan.schedule.levels import LEVELS, Objective
from eagleplan.schedule.problem import Problem
from eagleplan.schedule.seam import Solver
from eagleplan.schedule.solution import Limits, Solution, solution_of

SOLVERS: Mapping[str, Solver] = {
    "cp-sat": Solver(improve=cpsat.improve, deterministic=True),
    "mip-timeline": Solver(improve=mathopt.improve, deterministic=False),
}
"""The first is the default; the second is there to check it."""

SHARE_OF_REST = 0.8
"""Part of the time left that a level may use up; the last level may have it all."""


def solve(problem: Problem, limits: Limits | None = None, *, solver: str = "cp-sat") -> Solution:
    """The best plan that `solver` finds within `limits`, with a bound for every level.

    Doing nothing is a plan, so there always is one; where a limit ends the search, it is the best so far, and
    the level's gap says how far from the best it may be. A level's bound holds among the plans that are as
    good as this one in the levels before it.
    """
    limits = limits or Limits()
    how = SOLVERS[solver]
    formulation = formulate(problem)
    values = start_values(formulation)
    used_s = 0.0
    decided: list[tuple[Objective, int]] = []
    bounds = []
    for number, level in enumerate(LEVELS.values(), start=1):
        objective = level(formulation)
        bound = objective.trivial_bound
        if objective.value(values) != bound:
            left_s = limits.max_time_s - used_s
            if left_s > 0.0:
                time_s = left_s if number == len(LEVELS) else SHARE_OF_REST * left_s
                answer = how.improve(formulation.programme, objective, decided, values, time_s, limits)
                values, used_s = answer.values, used_s + answer.time_s
                bound = max(bound, answer.bound) if objective.sense == "min" else min(bound, answer.bound)
        decided.append((objective, objective.value(values)))
        bounds.append(bound)
    return solution_of(
        problem,
        formulation,
        values,
        bounds,
        solver=solver,
        limits=limits,
        reproducible=how.deterministic and limits.workers > 0,
        # The solver's clock is a sum whose last bits depend on the order of its terms.
        deterministic_time_s=round(used_s, 9),
    )
