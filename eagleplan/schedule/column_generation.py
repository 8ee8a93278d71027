"""For constellations: column generation over the orbits of every satellite, then plans orbit by orbit."""

from __future__ import annotations

from collections.abc import Sequence

from eagleplan.schedule.clock import Clock
from eagleplan.schedule.limits import Limits
from eagleplan.schedule.neighbourhoods import Neighbourhoods
from eagleplan.schedule.objective import Objective
from eagleplan.schedule.part import posed
from eagleplan.schedule.presolve import presolved
from eagleplan.schedule.prices import Prices
from eagleplan.schedule.programme import Programme, Values
from eagleplan.schedule.relaxation import by_schedules
from eagleplan.schedule.seam import Answer

RELAXING_FRAC = 0.4
"""Part of the time for the relaxation at most."""


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
    relaxed = by_schedules(prices, here, RELAXING_FRAC * time_s)
    clock.spend(relaxed.time_s)
    search = Neighbourhoods(task, prices, relaxed.priced, here, limits, clock)
    search.shortlists()
    search.orbits(lambda: False)
    return search.answer(whole, task)
