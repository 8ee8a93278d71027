"""The programme as a network for a mixed-integer solver (HiGHS, through MathOpt): a second opinion on CP-SAT.

It shares the rows of stocks and demands, but says by timelines what CP-SAT is told by cliques, and it computes in
floating point. What it returns is rounded to whole numbers and checked exactly; its bound is good to `BOUND_SLACK`.
"""

from __future__ import annotations

import math
import time
from collections.abc import Sequence

import numpy as np

from eagleplan.schedule.branching import BOUND_SLACK, network
from eagleplan.schedule.limits import Limits
from eagleplan.schedule.linear import branched
from eagleplan.schedule.objective import Objective
from eagleplan.schedule.part import posed
from eagleplan.schedule.prices import Prices
from eagleplan.schedule.programme import Programme, Values
from eagleplan.schedule.seam import Answer


def improve(
    programme: Programme,
    objective: Objective,
    decided: Sequence[tuple[Objective, int]],
    start: Values,
    time_s: float,
    limits: Limits,
) -> Answer:
    """As `seam.Improve` says; `time_s` is on the wall's clock."""
    begun_s = time.monotonic()
    task = posed(programme, objective, decided)
    found = branched(
        network(task, Prices(task), np.ones(len(start), dtype=np.bool_)),
        start,
        solver="highs",
        seed=limits.seed,
        time_s=time_s,
    )
    values = start
    if found.values is not None:
        rounded = tuple(np.rint(found.values[: len(start)]).astype(np.int64).tolist())
        if task.programme.is_feasible(rounded) and not objective.is_bound(
            objective.value(start), objective.value(rounded)
        ):
            values = rounded
    bound = objective.trivial_bound
    if math.isfinite(found.bound):
        upward = math.floor(found.bound + BOUND_SLACK * abs(found.bound) + 1e-6)
        bound = objective.worse(bound, upward if objective.sense == "max" else -upward)
    return Answer(values=values, bound=bound, time_s=time.monotonic() - begun_s, reproducible=False)
