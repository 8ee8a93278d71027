"""How the schedule is sought, with every name that only the schedule room knows."""

from __future__ import annotations

from eagleplan.model import DEFAULT_OBJECTIVES, ScheduleOptions
from eagleplan.scenario.reading import Reading
from eagleplan.scenario.schema import ScheduleTable, given

_PERHAPS_NOTHING = frozenset({"guarantees", "changes", "mean_met", "cvar", "kept_guarantees"})
"""Objectives that count nothing without a guarantee or an earlier plan, or choose contacts alone."""


def schedule_options(reading: Reading, table: ScheduleTable) -> ScheduleOptions:
    """The options of [schedule]. Whether pinned and vetoed passes exist is known once there are passes."""
    for name in ("pins", "vetoes", "objectives"):
        entries = getattr(table, name) or ()
        for index, entry in enumerate(entries):
            if entry in entries[:index]:
                reading.wrong(("schedule", name, index), "is named twice", got=f'"{entry}"')
    for index, entry in enumerate(table.vetoes or ()):
        if entry in (table.pins or ()):
            reading.wrong(("schedule", "vetoes", index), "is pinned too: it must be one or the other", got=f'"{entry}"')
    if table.objectives not in (None, DEFAULT_OBJECTIVES):
        _check_objectives(reading, table.objectives)
    if table.solver is not None:
        _check_solver(reading, table.solver)
    return ScheduleOptions(**given(table))


def _check_objectives(reading: Reading, objectives: tuple[str, ...]) -> None:
    # Only what differs from the default is looked up: the room takes a while to load.
    from eagleplan.schedule import LEVELS
    from eagleplan.schedule.robust import ROBUST_OBJECTIVES

    known = [*ROBUST_OBJECTIVES, *LEVELS]
    if not objectives:
        reading.wrong(("schedule", "objectives"), "must not be empty", hint=f"there are {', '.join(known)}")
    for index, name in enumerate(objectives):
        if name not in known:
            reading.unknown(("schedule", "objectives", index), "no such objective", name, known)
        elif name in ROBUST_OBJECTIVES and index > 0:
            message = "must stand first: it chooses the contacts, the others hand out their key"
            reading.wrong(("schedule", "objectives", index), message, got=f'"{name}"')
    if objectives and _PERHAPS_NOTHING.issuperset(objectives):
        message = "needs one more: what it names may count nothing, or leave open who gets the key"
        reading.wrong(("schedule", "objectives"), message, hint='such as "fairness"')


def _check_solver(reading: Reading, solver: str) -> None:
    from eagleplan.schedule import SOLVERS

    if solver not in SOLVERS:
        reading.unknown(("schedule", "solver"), "no such solver", solver, list(SOLVERS))
