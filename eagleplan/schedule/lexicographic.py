"""Level by level to the best plan: each objective is decided before the next is looked at."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from eagleplan.model import DEFAULT_OBJECTIVES
from eagleplan.schedule.formulation import formulate
from eagleplan.schedule.greedy import start_values
from eagleplan.schedule.levels import Goal
from eagleplan.schedule.limits import Limits
from eagleplan.schedule.objective import Objective
from eagleplan.schedule.problem import Problem
from eagleplan.schedule.programme import Programme, Values
from eagleplan.schedule.solution import Solution, solution_of
from eagleplan.schedule.solvers import SOLVERS

QUANTITIES = ("guarantees", "fairness", "weighted_met_bits", "max_min")
"""Goals about key: those before the last of them are what matters; those after it polish."""

SHARE_OF_REST = 0.8
"""Part of the time left that a goal may use up; the last one may have it all."""

SHARE_OF_POLISH = 0.1
"""Part of the time limit that all goals after the last about key may use together."""

SHARE_OF_HEAD_START = 0.4
"""Part of the time left that may go into a start for `max_min`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """Where a search through the goals ended: values, a bound for each goal, and what it took."""

    values: Values
    bounds: tuple[int, ...]
    time_s: float
    reproducible: bool


def search(
    programme: Programme,
    goals: Sequence[Goal],
    start: Values,
    limits: Limits,
    *,
    solver: str,
    completed: Callable[[Values], Values],
    head_start: Goal | None = None,
) -> Search:
    """From feasible values to the best that `solver` finds, goal by goal.

    `completed` sets the columns that follow from others to the best they can be. A goal's bound holds among the values
    that are as good as those found in the goals before it. `head_start` is looked for first, without being decided,
    when the turn of `max_min` comes.
    """
    values = start
    used_s = 0.0
    reproducible = True
    decided: list[tuple[Objective, int]] = []
    bounds = []
    for number, goal in enumerate(goals):
        objective = goal.objective
        bound = objective.trivial_bound
        if head_start is not None and objective.name == "max_min" and objective.value(values) != bound:
            time_s = SHARE_OF_HEAD_START * (limits.max_time_s - used_s)
            if time_s > 0.0:
                answer = SOLVERS[solver].improve(programme, head_start.objective, decided, values, time_s, limits)
                values = max(values, completed(answer.values), key=objective.value)
                used_s += answer.time_s
                reproducible = reproducible and answer.reproducible
        time_s = _time_s(number, goals, limits.max_time_s, used_s)
        if objective.value(values) != bound and time_s > 0.0:
            answer = SOLVERS[solver].improve(programme, objective, decided, values, time_s, limits)
            values, used_s = completed(answer.values), used_s + answer.time_s
            reproducible = reproducible and answer.reproducible
            bound = objective.worse(bound, answer.bound)
        decided.append((objective, objective.value(values)))
        bounds.append(bound)
    # The solver's clock is a sum whose last bits depend on the order of its terms.
    return Search(values=values, bounds=tuple(bounds), time_s=round(used_s, 9), reproducible=reproducible)


def _time_s(number: int, goals: Sequence[Goal], max_time_s: float, used_s: float) -> float:
    """What a goal may take of the time: goals about key have nearly all of it, the rest share a small part evenly."""
    about_key = [n for n, goal in enumerate(goals) if goal.objective.name.startswith(QUANTITIES)]
    last = about_key[-1] if about_key else len(goals) - 1
    polish_s = SHARE_OF_POLISH * max_time_s if last < len(goals) - 1 else 0.0
    left_s = max_time_s - used_s
    if number > last:
        return min(polish_s / (len(goals) - 1 - last), left_s)
    left_s -= polish_s
    return left_s if number == last else SHARE_OF_REST * left_s


def solve(
    problem: Problem,
    limits: Limits | None = None,
    *,
    solver: str = "auto",
    objectives: Sequence[str] = DEFAULT_OBJECTIVES,
) -> Solution:
    """The best plan that `solver` finds within `limits`, with a bound for every level of `objectives`.

    There always is a plan (pins that cannot all be flown are refused before, see `conflicts`); where a limit ends the
    search, it is the best so far, and the level's gap says how far from the best it may be.
    """
    limits = limits or Limits()
    formulation = formulate(problem, objectives)
    found = search(
        formulation.programme,
        formulation.goals,
        start_values(formulation),
        limits,
        solver=solver,
        completed=formulation.completed,
        head_start=formulation.head_start,
    )
    return solution_of(
        formulation,
        found.values,
        found.bounds,
        solver=solver,
        limits=limits,
        reproducible=found.reproducible,
        deterministic_time_s=found.time_s,
    )
