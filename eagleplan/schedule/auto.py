"""The solver by size."""

from __future__ import annotations

from collections.abc import Sequence

from eagleplan.schedule import column_generation, cpsat, relax_and_fix
from eagleplan.schedule.limits import Limits
from eagleplan.schedule.objective import Objective
from eagleplan.schedule.part import contacts
from eagleplan.schedule.programme import Programme, Values
from eagleplan.schedule.seam import Answer, Improve

FEW_CONTACTS = 1_500
MANY_CONTACTS = 20_000
"""Below the first CP-SAT alone proves within seconds what can be had; above the second branching gets nowhere."""


def improve(
    programme: Programme,
    objective: Objective,
    decided: Sequence[tuple[Objective, int]],
    start: Values,
    time_s: float,
    limits: Limits,
) -> Answer:
    """As `seam.Improve` says."""
    n = int(contacts(programme).sum())
    chosen: Improve = cpsat.improve
    if n > FEW_CONTACTS:
        chosen = relax_and_fix.improve if n <= MANY_CONTACTS else column_generation.improve
    return chosen(programme, objective, decided, start, time_s, limits)
