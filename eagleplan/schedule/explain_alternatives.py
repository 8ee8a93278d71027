"""The best plan under one more condition, beside the plan there is: what it would cost, and whom.

Nothing here is estimated: every alternative is a plan that was solved, and says whether a better one is ruled out.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from eagleplan.schedule.explain_search import How, solve_near
from eagleplan.schedule.levels import Level
from eagleplan.schedule.pins import pin_conflict
from eagleplan.schedule.problem import Pin, Previous, Problem
from eagleplan.schedule.solution import Solution

Verdict = Literal["worse", "tie", "better", "undecided", "impossible"]

NOT_ABOUT_KEY = ("n_contacts", "stock_left", "changes")
"""Objectives that have no say in how much key a demand gets."""

FORCED = "this contact"
"""What a pin is called that stands for the contact in question."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelChange:
    """One objective of the plan and of the alternative; nothing better than `bound` exists under the condition.

    `loss` is how much worse the alternative is, `least_loss` how much worse every plan under the condition is.
    """

    name: str
    sense: Literal["min", "max"]
    plan: int
    other: int
    bound: int

    @property
    def loss(self) -> int:
        return self.plan - self.other if self.sense == "max" else self.other - self.plan

    @property
    def least_loss(self) -> int:
        return max(0, self.plan - self.bound if self.sense == "max" else self.bound - self.plan)


@dataclass(frozen=True, slots=True, kw_only=True)
class Alternative:
    """The best plan found under a condition.

    It is a "tie" where every objective is as good, "worse" where one is and none could be as good, "better" where the
    plan there is was not the best, "undecided" where a limit ended the search, and "impossible" where no plan keeps
    the condition: `conflict` then names what rules it out. `levels` end with the first that differs. `demands` holds
    the bits gained or lost by each demand that does not get the same. Contacts are `dropped` and `added` against the
    plan there is.
    """

    verdict: Verdict
    levels: tuple[LevelChange, ...] = ()
    demands: Mapping[str, int]
    dropped: tuple[str, ...] = ()
    added: tuple[str, ...] = ()
    conflict: tuple[str, ...] = ()

    @property
    def decisive(self) -> LevelChange | None:
        """The first objective that differs, if one does."""
        return self.levels[-1] if self.levels and self.levels[-1].loss != 0 else None


def with_one_of(problem: Problem, plan: Solution, contact_ids: Sequence[str], how: How) -> Alternative:
    """The best plan in which one of these contacts is flown."""
    wanted = Pin(pin_id=FORCED, contact_ids=tuple(contact_ids))
    forced = replace(problem, pins=(*problem.pins, wanted))
    if conflict := pin_conflict(forced):
        return Alternative(verdict="impossible", demands={}, conflict=conflict)
    return _compared(problem, forced, plan, contact_ids, how)


def without(problem: Problem, plan: Solution, contact_ids: Collection[str], how: How) -> Alternative:
    """The best plan in which none of these contacts is flown."""
    left = tuple(c for c in problem.candidates if c.contact_id not in contact_ids)
    pins = tuple(
        replace(pin, contact_ids=tuple(contact_id for contact_id in pin.contact_ids if contact_id not in contact_ids))
        for pin in problem.pins
    )
    bare = tuple(pin.pin_id for pin in pins if not pin.contact_ids)
    if bare:
        return Alternative(verdict="impossible", demands={}, conflict=bare)
    limits = tuple(
        replace(limit, amounts={key: value for key, value in limit.amounts.items() if key not in contact_ids})
        for limit in problem.limits
    )
    vetoed = replace(problem, candidates=left, pins=pins, limits=limits)
    if conflict := pin_conflict(vetoed):
        return Alternative(verdict="impossible", demands={}, conflict=conflict)
    return _compared(problem, vetoed, plan, contact_ids, how)


def _compared(problem: Problem, changed: Problem, plan: Solution, own: Collection[str], how: How) -> Alternative:
    """The nearest of the best plans under the condition; where the best is not known, a good one that is near.

    Near is a plan that differs in the nights of the contacts in question alone.
    """
    objectives = _judged(plan, how.objectives)
    if problem.previous is None:
        changed = replace(changed, previous=_as_previous(problem, plan))
        objectives = (*objectives, "changes")
    nights = {candidate.night for candidate in problem.candidates if candidate.contact_id in own}
    free = {candidate.contact_id for candidate in changed.candidates if candidate.night in nights}
    near = solve_near(changed, plan.chosen_ids, free, objectives, how)
    levels, verdict = _levels(plan.levels, near.best.levels, near.best.levels)
    other = near.best
    if verdict == "undecided":
        other = near.close
        levels, verdict = _levels(plan.levels, near.close.levels, near.best.levels)
    served = {demand.demand_id: other.delivered_bits(demand.demand_id) for demand in problem.demands}
    return Alternative(
        verdict=verdict,
        levels=levels,
        demands={
            demand_id: bits - plan.delivered_bits(demand_id)
            for demand_id, bits in served.items()
            if bits != plan.delivered_bits(demand_id)
        },
        dropped=tuple(contact_id for contact_id in plan.chosen_ids if contact_id not in other.chosen_ids),
        added=tuple(contact_id for contact_id in other.chosen_ids if contact_id not in plan.chosen_ids),
    )


def _judged(plan: Solution, objectives: Sequence[str]) -> tuple[str, ...]:
    """The objectives by which plans are compared: those without a say in key only where the plan is the best in them.

    Where it is not, a plan that is better in them says nothing of the condition.
    """
    proven = {level.name for level in plan.levels if level.proven}
    loose = [number for number, name in enumerate(objectives) if name in NOT_ABOUT_KEY and name not in proven]
    return tuple(objectives[: min(loose, default=len(objectives))])


def _as_previous(problem: Problem, plan: Solution) -> Previous:
    spans: dict[str, list[tuple[int, int]]] = defaultdict(list)
    chosen = set(plan.chosen_ids)
    for candidate in problem.candidates:
        if candidate.contact_id in chosen:
            spans[candidate.pass_id].append((candidate.start_s, candidate.end_s))
    return Previous(
        contacts={pass_id: tuple(own) for pass_id, own in spans.items()},
        drop_price_frac=0.0,
        retime_price_frac=0.0,
        add_price_frac=0.0,
    )


def _levels(
    plan: Sequence[Level], other: Sequence[Level], bounds: Sequence[Level]
) -> tuple[tuple[LevelChange, ...], Verdict]:
    """Level by level, until one differs. `bounds` are levels of a plan that is no worse than `other`."""
    reached = {level.name: level for level in other}
    bound_of = {level.name: level.bound for level in bounds}
    changes: list[LevelChange] = []
    for level in plan:
        if level.name not in reached:
            break
        change = LevelChange(
            name=level.name,
            sense=level.sense,
            plan=level.objective,
            other=reached[level.name].objective,
            bound=bound_of[level.name],
        )
        changes.append(change)
        if change.loss < 0:
            return tuple(changes), "better"
        if change.loss > 0:
            return tuple(changes), "worse" if change.least_loss > 0 else "undecided"
    return tuple(changes), "tie"
