"""Why a contact or pass is, or is not, in the plan: the plan that is best with it, or without it, solved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from eagleplan.schedule.explain_alternatives import Alternative, with_one_of, without
from eagleplan.schedule.explain_search import How
from eagleplan.schedule.problem import Candidate, Problem
from eagleplan.schedule.reasons_clash import Clashes
from eagleplan.schedule.solution import Solution


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactExplanation:
    """What becomes of the plan if a contact that is flown is not, or the other way round.

    `flown` are the ids in question that the plan flies. `obstacles` says in words, for the one of them with the most
    key, what chosen contacts and limits leave no room for it; empty where there is room, or where it is flown.
    `alternative` is the best plan without them, if any is flown, and with one of them otherwise.
    """

    contact_ids: tuple[str, ...]
    flown: tuple[str, ...]
    obstacles: str
    alternative: Alternative


def explain_contact(problem: Problem, plan: Solution, contact_ids: Sequence[str], how: How) -> ContactExplanation:
    """Explain candidates that are one thing to the planner: one contact, or all parts of a pass.

    Raises KeyError for an id that is no candidate's.
    """
    by_id = {candidate.contact_id: candidate for candidate in problem.candidates}
    own = [by_id[contact_id] for contact_id in contact_ids]
    flown = tuple(contact_id for contact_id in plan.chosen_ids if contact_id in set(contact_ids))
    if flown:
        alternative = without(problem, plan, set(contact_ids), how)
        obstacles = ""
    else:
        alternative = with_one_of(problem, plan, contact_ids, how)
        obstacles = _obstacles(problem, plan, own)
    return ContactExplanation(contact_ids=tuple(contact_ids), flown=flown, obstacles=obstacles, alternative=alternative)


def _obstacles(problem: Problem, plan: Solution, own: Sequence[Candidate]) -> str:
    chosen = set(plan.chosen_ids)
    clashes = Clashes(problem, [c for c in problem.candidates if c.contact_id in chosen])
    in_the_way = [clashes.of(candidate) for candidate in own]
    if not all(in_the_way):
        return ""
    return max(zip(own, in_the_way, strict=True), key=lambda pair: (pair[0].bits, pair[0].contact_id))[1]
