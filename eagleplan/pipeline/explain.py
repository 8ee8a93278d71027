"""Why a pass or contact of a stored plan is, or is not, flown, and what bounds a demand: answers that were solved."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Literal

from eagleplan import schedule
from eagleplan.errors import InputError, Problem
from eagleplan.inputs.suggest import did_you_mean
from eagleplan.model import Contact, Pass, Reason
from eagleplan.pipeline.explain_sites import other_sites
from eagleplan.pipeline.explain_words import contact_paragraphs, contact_verdict, demand_paragraphs
from eagleplan.pipeline.plan import limits_of, offered
from eagleplan.pipeline.progress import Progress, silent
from eagleplan.pipeline.stored import StoredPlan, load_stored
from eagleplan.report.times import iso_utc, utc_of
from eagleplan.report.words import bits_text, duration_text, percent_text, probability_text
from eagleplan.schedule import explain
from eagleplan.schedule.robust import ROBUST_OBJECTIVES

OVER_SKIES = frozenset(ROBUST_OBJECTIVES)

N_SEARCHES = 11
"""A demand asks for so many plans at most: each may take this part of the time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """An answer for people (`headline` and `paragraphs`) and for machines (`verdict` and `details`).

    `subject` says what was asked about. For a pass or contact the verdict is the code of a reason ("no-window",
    "too-short", "no-key", "vetoed", "incompatible") where it could not be chosen, and otherwise "needed",
    "replaceable", "pinned", "not-needed", "costs", "tie", "impossible", "better" or "undecided"; for a demand "met" or
    "unmet". Where a plan is made for many skies it is the code of the reason that the plan gives.
    """

    plan: str
    subject: Literal["pass", "contact", "demand"]
    explained_id: str
    verdict: str
    headline: str
    paragraphs: tuple[str, ...]
    details: Mapping[str, Any]


def explain_directory(
    directory: Path, explained_id: str, *, max_time_s: float | None = None, progress: Progress = silent
) -> Explanation:
    """Explain a pass, a contact or a demand of a plan that `eagleplan plan` wrote.

    The plan is solved again under other conditions from the inputs stored with it, within `max_time_s` of the solver's
    own clock altogether (default: as long as the plan itself had). Raises InputError where the directory or its plan
    cannot be read, where the plan does not follow from its inputs, and for an id that it does not know.
    """
    stored = load_stored(directory, progress)
    _check(directory, stored)
    limits = limits_of(stored.scenario)
    if max_time_s is not None:
        limits = replace(limits, max_time_s=max_time_s)
    how = explain.How(
        objectives=stored.scenario.schedule.objectives, limits=limits, solver=stored.scenario.schedule.solver
    )
    plan = _solution(stored)
    progress("explain", 0.0)
    demands = {demand.demand_id for demand in stored.problem.demands}
    passes = {this.pass_id: this for this in stored.assessment.passes}
    contacts = {
        contact.contact_id: contact
        for contact in (*offered(stored.scenario, stored.assessment), *stored.assessment.contacts)
    }
    if explained_id in demands:
        each = replace(how, limits=replace(limits, max_time_s=limits.max_time_s / N_SEARCHES))
        found = _demand(directory, stored, plan, explained_id, each)
    elif explained_id in passes:
        own = [contact for contact in contacts.values() if contact.pass_id == explained_id]
        found = _contact(stored, plan, passes[explained_id], own, "pass", explained_id, how)
    elif explained_id in contacts:
        contact = contacts[explained_id]
        found = _contact(stored, plan, passes[contact.pass_id], [contact], "contact", explained_id, how)
    else:
        raise InputError(
            Problem(
                path=str(directory),
                message="has no pass, contact or demand of this id",
                got=f'"{explained_id}"',
                hint=did_you_mean(explained_id, [*demands, *passes, *contacts])
                or "the ids are in passes.csv, contacts.csv and demand.csv",
            )
        )
    progress("explain", 1.0)
    return found


def _check(directory: Path, stored: StoredPlan) -> None:
    found = schedule.violations(stored.problem, stored.claims, stored.scenario.schedule)
    if found:
        raise InputError(
            Problem(
                path=str(directory / "plan.json"),
                message=f"does not follow from its inputs: {found[0]}",
                hint=f"`eagleplan verify {directory}` says all that is wrong",
            )
        )


def _solution(stored: StoredPlan) -> schedule.Solution:
    """The stored plan in the problem's own terms."""
    claims = stored.claims
    return schedule.Solution(
        solver=claims.proof.solver,
        chosen_ids=tuple(c.contact_id for c in sorted(claims.contacts, key=lambda c: (c.start_s, c.contact_id))),
        deliveries=claims.deliveries,
        discards=claims.discards,
        levels=tuple(
            schedule.Level(name=level.name, sense=level.sense, objective=level.objective, bound=level.bound)
            for level in claims.proof.levels
        ),
        n_candidates=claims.proof.n_candidates,
        deterministic_time_s=claims.proof.deterministic_time_s,
        seed=claims.proof.seed,
        workers=claims.proof.workers,
        reproducible=claims.proof.reproducible,
    )


def _contact(
    stored: StoredPlan,
    plan: schedule.Solution,
    of: Pass,
    contacts: Sequence[Contact],
    subject: Literal["pass", "contact"],
    explained_id: str,
    how: explain.How,
) -> Explanation:
    known = {candidate.contact_id for candidate in stored.problem.candidates}
    own = [contact for contact in contacts if contact.contact_id in known]
    facts = _facts(stored, of, own or contacts)
    if not own:
        reason = _refusal(stored, of, contacts)
        return Explanation(
            plan=stored.claims.name,
            subject=subject,
            explained_id=explained_id,
            verdict=reason.code,
            headline=f"not chosen: {reason.text}",
            paragraphs=facts,
            details={"reason": asdict(reason)},
        )
    if over_skies := OVER_SKIES.intersection(how.objectives):
        reason = _read_off(stored, plan, own)
        return Explanation(
            plan=stored.claims.name,
            subject=subject,
            explained_id=explained_id,
            verdict=reason.code,
            headline=f"{'' if reason.code == 'chosen' else 'not '}chosen: {reason.text}",
            paragraphs=(
                *facts,
                f"The plan is made for many skies ({', '.join(over_skies)}). What a change would cost over them is not "
                "solved here: the reason is read off the plan.",
            ),
            details={"reason": asdict(reason)},
        )
    found = explain.explain_contact(stored.problem, plan, [contact.contact_id for contact in own], how)
    verdict, headline = contact_verdict(found)
    serves = {contact_id: schedule.contact_reasons(stored.problem, plan)[contact_id].text for contact_id in found.flown}
    return Explanation(
        plan=stored.claims.name,
        subject=subject,
        explained_id=explained_id,
        verdict=verdict,
        headline=headline,
        paragraphs=(*facts, *contact_paragraphs(stored.problem, found, serves)),
        details=asdict(found),
    )


def _read_off(stored: StoredPlan, plan: schedule.Solution, own: Sequence[Contact]) -> Reason:
    reasons = schedule.contact_reasons(stored.problem, plan)
    best = max(own, key=lambda contact: (reasons[contact.contact_id].code == "chosen", contact.expected_bits))
    return reasons[best.contact_id]


def _refusal(stored: StoredPlan, of: Pass, contacts: Iterable[Contact]) -> Reason:
    for contact in contacts:
        if contact.contact_id in stored.assessment.contact_refusals:
            return stored.assessment.contact_refusals[contact.contact_id]
    if of.pass_id in stored.assessment.refusals:
        return stored.assessment.refusals[of.pass_id]
    return Reason(code="not-needed", text="a part of it gives as much key")


def _facts(stored: StoredPlan, of: Pass, contacts: Sequence[Contact]) -> tuple[str, ...]:
    """What the pass offers, in one sentence."""
    horizon = stored.scenario.horizon
    rise_utc, set_utc = (iso_utc(utc_of(horizon, round(t_s)))[:19] + "Z" for t_s in (of.rise_s, of.set_s))
    text = f"{of.satellite_id} over {of.site_id}, {rise_utc} to {set_utc}, up to {of.max_elevation_deg:.0f}°"
    if not contacts:
        return (f"{text}.",)
    best = max(contacts, key=lambda contact: (contact.expected_bits, contact.contact_id))
    more = f" (the best of {len(contacts)} contacts that it offers)" if len(contacts) > 1 else ""
    return (
        f"{text}; {duration_text(best.duration_s)} give {bits_text(best.key.secret_bits)} under a clear sky and "
        f"{bits_text(best.expected_bits)} at a clear probability of {probability_text(best.p_clear)}{more}.",
    )


def _demand(
    directory: Path, stored: StoredPlan, plan: schedule.Solution, demand_id: str, how: explain.How
) -> Explanation:
    found = explain.explain_demand(stored.problem, plan, demand_id, how)
    others = other_sites(directory, stored, plan, found, how)
    demand = {demand.demand_id: demand for demand in stored.problem.demands}[demand_id]
    conflicts = (
        [
            conflict.text
            for conflict in schedule.guarantee_conflicts(stored.problem, plan, how.limits)
            if demand_id in conflict.demand_ids
        ]
        if found.delivered_bits < demand.guarantee_bits
        else []
    )
    met = found.delivered_bits / found.wanted_bits
    return Explanation(
        plan=stored.claims.name,
        subject="demand",
        explained_id=demand_id,
        verdict="met" if found.delivered_bits == found.wanted_bits else "unmet",
        headline=f"gets {bits_text(found.delivered_bits)} of {bits_text(found.wanted_bits)} "
        f"({percent_text(met)}): {found.limited_by}",
        paragraphs=tuple(demand_paragraphs(stored.problem, found, others, conflicts)),
        details={**asdict(found), "sites": [asdict(one) for one in others], "guarantee_conflicts": conflicts},
    )
