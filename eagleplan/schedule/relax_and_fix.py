"""For one satellite: relax, fix what cannot be better, improve orbit by orbit, and branch on the rest."""

from __future__ import annotations

from collections.abc import Sequence

from eagleplan.schedule import branching
from eagleplan.schedule.clock import Clock
from eagleplan.schedule.limits import Limits
from eagleplan.schedule.neighbourhoods import Neighbourhoods
from eagleplan.schedule.objective import Objective
from eagleplan.schedule.part import posed
from eagleplan.schedule.presolve import presolved
from eagleplan.schedule.prices import Prices
from eagleplan.schedule.programme import Programme, Values
from eagleplan.schedule.relaxation import at_once, by_schedules
from eagleplan.schedule.seam import Answer

RELAXING_FRAC = 0.2
IMPROVING_FRAC = 0.5
"""Parts of the time for the relaxation by columns, and for plans before branching."""


def improve(
    programme: Programme,
    objective: Objective,
    decided: Sequence[tuple[Objective, int]],
    start: Values,
    time_s: float,
    limits: Limits,
) -> Answer:
    """As `seam.Improve` says."""
    clock = Clock(time_s, limits)
    whole = posed(programme, objective, decided)
    task = presolved(whole, start)
    prices = Prices(task)
    here = task.inside(start)
    spread = by_schedules(prices, here, RELAXING_FRAC * time_s)
    exact = at_once(prices)
    clock.spend(spread.time_s + exact.time_s)
    # Prices from the middle of the best ones rank contacts better than those of a corner.
    search = Neighbourhoods(task, prices, spread.priced, here, limits, clock)
    sign = 1 if objective.sense == "max" else -1
    search.tighten(sign * exact.priced.bound)
    search.shortlists()
    if not search.done:
        part = branching.hopeful(task, prices, exact.priced, search.values)
        if clock.reproducible:
            search.orbits(lambda: clock.left_s < (1.0 - IMPROVING_FRAC) * time_s)
            branched = None
            if int(Prices(part).led.sum()) <= branching.MOST_CONTACTS:
                branched = branching.by_nodes(task, part, search.values, clock.left_s, limits)
                clock.spend(min(clock.left_s, branched.n_nodes / branching.NODES_PER_S))
        else:
            beside = branching.Beside(task, part, search.values, clock.left_s, limits)
            search.orbits(lambda: beside.done)
            branched = beside.answer()
        if branched is not None:
            search.offer(branched.values)
            search.tighten(objective.better(sign * branched.bound, search.value))
    return search.answer(whole, task)
