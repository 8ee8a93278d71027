"""Pins: contacts that must be flown, and whether all of them can be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from eagleplan.schedule.contact_block import contact_block
from eagleplan.schedule.draft import Draft
from eagleplan.schedule.formulation import Formulation
from eagleplan.schedule.limits import Limits
from eagleplan.schedule.objective import Objective
from eagleplan.schedule.problem import Candidate, Pin, Problem
from eagleplan.schedule.room import Room
from eagleplan.schedule.solvers import SOLVERS

LIMITS = Limits(max_time_s=10.0)
"""For a question without key in it, which is far easier than the plan."""


def pinned_contacts(formulation: Formulation) -> tuple[int, ...]:
    """Contacts that keep all pins together, the best of each where that will do.

    Raises ValueError where there are none: `pin_conflict` says so before.
    """
    pins = formulation.problem.pins
    if not pins:
        return ()
    candidates = formulation.network.candidates
    index_of = {candidate.contact_id: index for index, candidate in enumerate(candidates)}
    room = Room(formulation)
    for pin in sorted(pins, key=lambda pin: len(pin.contact_ids)):
        own = [index_of[name] for name in pin.contact_ids]
        if any(index in room.taken for index in own):
            continue
        free = [index for index in own if room.has_room(index)]
        if not free:
            break
        room.take(max(free, key=lambda index: (candidates[index].bits, -index)))
    else:
        return tuple(room.taken)
    flown, n_kept = _most_pins(formulation.problem, candidates, pins)
    if n_kept < len(pins):
        raise ValueError("the pins cannot all be flown")
    return flown


def pin_conflict(problem: Problem) -> tuple[str, ...]:
    """A minimal set of pins that cannot all be flown: without any one of them the others can. () where all can be."""
    candidates = [c for c in problem.candidates if any(c.contact_id in pin.contact_ids for pin in problem.pins)]
    if _go_together(problem, candidates, problem.pins):
        return ()
    kept = list(problem.pins)
    for pin in problem.pins:
        rest = [other for other in kept if other is not pin]
        if not _go_together(problem, candidates, rest):
            kept = rest
    return tuple(pin.pin_id for pin in kept)


def _go_together(problem: Problem, candidates: Sequence[Candidate], pins: Sequence[Pin]) -> bool:
    return not pins or _most_pins(problem, candidates, pins)[1] == len(pins)


def _most_pins(problem: Problem, candidates: Sequence[Candidate], pins: Sequence[Pin]) -> tuple[tuple[int, ...], int]:
    """Contacts that keep as many pins as can be kept together, and how many these are."""
    draft = Draft()
    contact_block(draft, replace(problem, pins=()), candidates)
    index_of = {candidate.contact_id: index for index, candidate in enumerate(candidates)}
    kept = []
    for pin in pins:
        column = draft.column(1)
        own = [index_of[contact_id] for contact_id in pin.contact_ids]
        draft.row((column, *own), (1, *(-1 for _ in own)), upper=0)
        kept.append(column)
    most_kept = Objective(
        name="pins", sense="max", columns=tuple(kept), coefficients=(1,) * len(kept), trivial_bound=len(kept)
    )
    nothing = (0,) * len(draft.upper)
    answer = SOLVERS["cp-sat"].improve(draft.done(), most_kept, (), nothing, LIMITS.max_time_s, LIMITS)
    flown = tuple(index for index in range(len(candidates)) if answer.values[index])
    return flown, most_kept.value(answer.values)
