"""The seam between the planner and its solvers: one function per solver, and what it answers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from eagleplan.schedule.limits import Limits
from eagleplan.schedule.objective import Objective
from eagleplan.schedule.programme import Programme, Values


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """Feasible values, and a bound on the objective asked for.

    `time_s` is counted as `Limits` counts. `reproducible` says that no wall's clock had a part in the values.
    """

    values: Values
    bound: int
    time_s: float
    reproducible: bool


Improve = Callable[[Programme, Objective, Sequence[tuple[Objective, int]], Values, float, Limits], Answer]
"""(programme, objective, decided, start, time_s, limits) -> answer.

The best values of `objective` among those that are no worse than the value given with each of `decided`.
`start` is feasible and is the answer where nothing better is found within `time_s`. The bound holds for every
feasible choice, whatever a solver leaves out of its own search.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Solver:
    """A way to improve values."""

    improve: Improve
