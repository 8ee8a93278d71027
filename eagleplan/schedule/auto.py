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

MANY_USES = 1_000_000
"""Contacts × satellites and stations: above, the relaxation in one piece takes minutes, and keeps to no limit."""


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
        is_many = n > MANY_CONTACTS or n * len(programme.resources) > MANY_USES
        chosen = column_generation.improve if is_many else relax_and_fix.improve
    return chosen(programme, objective, decided, start, time_s, limits)
