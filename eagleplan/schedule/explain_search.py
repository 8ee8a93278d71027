"""A plan sought near another one: first close to it, then everywhere."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from eagleplan.schedule.allocation import values_for
from eagleplan.schedule.formulation import Formulation, formulate
from eagleplan.schedule.lexicographic import search
from eagleplan.schedule.limits import Limits
from eagleplan.schedule.pins import pinned_contacts
from eagleplan.schedule.problem import Problem
from eagleplan.schedule.programme import Values
from eagleplan.schedule.room import Room
from eagleplan.schedule.solution import Solution, solution_of

SHARE_FOR_NEAR = 0.4
"""Part of the time in which a plan is sought close to the one there is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class How:
    """How plans under a condition are sought: for the objectives of the plan there is, by a solver, within limits."""

    objectives: tuple[str, ...]
    limits: Limits
    solver: str = "auto"


@dataclass(frozen=True, slots=True, kw_only=True)
class Near:
    """Two plans: one that differs from another only in what was free to change, and the best found of all.

    The second is never worse, and its bounds hold for every plan. The first's bounds hold for what was free.
    """

    close: Solution
    best: Solution


def solve_near(
    problem: Problem, contact_ids: Collection[str], free_ids: Collection[str], objectives: Sequence[str], how: How
) -> Near:
    """Plans that start from these contacts, as far as they go together with the pins.

    Close by, only those and the candidates of `free_ids` may be flown.
    """
    formulation = formulate(problem, objectives)
    start = _start(formulation, contact_ids)
    candidates = formulation.network.candidates
    free = {*formulation.chosen(start), *(i for i, c in enumerate(candidates) if c.contact_id in free_ids)}
    own = tuple(
        most if column >= len(candidates) or column in free else 0
        for column, most in enumerate(formulation.programme.upper)
    )
    near_s = SHARE_FOR_NEAR * how.limits.max_time_s
    first = search(
        replace(formulation.programme, upper=own),
        formulation.goals,
        start,
        replace(how.limits, max_time_s=near_s),
        solver=how.solver,
        completed=formulation.completed,
    )
    second = search(
        formulation.programme,
        formulation.goals,
        first.values,
        replace(how.limits, max_time_s=how.limits.max_time_s - min(first.time_s, near_s)),
        solver=how.solver,
        completed=formulation.completed,
    )
    close, best = (
        solution_of(
            formulation,
            found.values,
            found.bounds,
            solver=how.solver,
            limits=how.limits,
            reproducible=found.reproducible,
            deterministic_time_s=found.time_s,
        )
        for found in (first, second)
    )
    return Near(close=close, best=best)


def _start(formulation: Formulation, contact_ids: Collection[str]) -> Values:
    """Contacts that keep the pins, then those of the plan for which there is room, with key handed out by rule."""
    room = Room(formulation)
    for index in pinned_contacts(formulation):
        room.take(index)
    for index, candidate in enumerate(formulation.network.candidates):
        if candidate.contact_id in contact_ids and room.has_room(index):
            room.take(index)
    return values_for(formulation, room.taken)
