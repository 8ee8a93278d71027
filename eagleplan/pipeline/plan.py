"""The main job: from a scenario to a plan that has been verified."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from eagleplan import report, schedule
from eagleplan.errors import PlanRejectedError
from eagleplan.model import Contact, PassDecision, Plan, Reason, Rival
from eagleplan.orbit.earth_orientation import earth_orientation_source
from eagleplan.passes.nights import nights
from eagleplan.pipeline.assess import assess
from eagleplan.pipeline.assessment import Assessment
from eagleplan.pipeline.closures import closures_of
from eagleplan.pipeline.outlook import SkyOutcomes, backups_of, outlooks, sky_met, sky_outcomes
from eagleplan.pipeline.pins import check_pins, refuse_pin_conflict
from eagleplan.pipeline.progress import Progress, silent
from eagleplan.pipeline.robust import robust_solution
from eagleplan.pipeline.verdicts import verdict_counts
from eagleplan.scenario import Scenario
from eagleplan.schedule.robust import ROBUST_OBJECTIVES
from eagleplan.stamp import stamp


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """A plan, what was known before the choice was made, and what many skies make of it."""

    plan: Plan
    assessment: Assessment
    skies: SkyOutcomes


def make_plan(scenario: Scenario, progress: Progress = silent, *, assessment: Assessment | None = None) -> Planned:
    """Assess every pass, choose contacts, explain the rest, and have the result verified.

    `assessment` is that of the scenario, where somebody has made it already.
    Raises InputError for pins that cannot be flown, and PlanRejectedError where the independent check does not accept
    what the solver returned: such a plan is never written.
    """
    assessment = assessment or assess(scenario, progress)
    problem = problem_of(scenario, assessment)
    refuse_pin_conflict(scenario, problem)
    progress("schedule", 0.0)
    options = scenario.schedule
    rivals: tuple[Rival, ...] = ()
    if options.objectives[0] in ROBUST_OBJECTIVES:
        by_id = {contact.contact_id: contact for contact in offered(scenario, assessment)}
        solution, rivals = robust_solution(scenario, assessment, problem, by_id)
    else:
        solution = schedule.solve(problem, limits_of(scenario), solver=options.solver, objectives=options.objectives)
    progress("schedule", 1.0)
    return plan_of(scenario, assessment, problem, solution, rivals)


def limits_of(scenario: Scenario) -> schedule.Limits:
    """How long the solver may search."""
    options = scenario.schedule
    return schedule.Limits(max_time_s=options.max_deterministic_time_s, workers=options.workers, seed=options.seed)


def problem_of(scenario: Scenario, assessment: Assessment) -> schedule.Problem:
    """The problem of choosing among the candidates of `assessment`.

    Raises InputError for pins and vetoes that name nothing, or what cannot be flown.
    """
    check_pins(scenario, assessment)
    return schedule.build_problem(
        offered(scenario, assessment),
        assessment.passes,
        demands=scenario.demands,
        network=scenario.network,
        satellites=scenario.satellites,
        sites=scenario.sites,
        options=replace(
            scenario.schedule,
            pins=(*scenario.schedule.pins, *(contact.contact_id for contact in assessment.settled)),
        ),
        end_s=scenario.horizon.end_s,
        slews=assessment.slews,
        previous=assessment.previous,
    )


def offered(scenario: Scenario, assessment: Assessment) -> tuple[Contact, ...]:
    """What is settled, the candidates, and whole windows that are pinned though nothing is expected of them."""
    pins, known = set(scenario.schedule.pins), {contact.contact_id for contact in assessment.candidates}
    pinned = [
        contact
        for contact in assessment.contacts
        if contact.contact_id not in known and pins & {contact.contact_id, contact.pass_id}
    ]
    return tuple(
        sorted((*assessment.settled, *assessment.candidates, *pinned), key=lambda this: (this.start_s, this.contact_id))
    )


def plan_of(
    scenario: Scenario,
    assessment: Assessment,
    problem: schedule.Problem,
    solution: schedule.Solution,
    rivals: tuple[Rival, ...] = (),
) -> Planned:
    """The plan that `solution` means, verified. Raises PlanRejectedError where the check does not accept it."""
    reasons = schedule.contact_reasons(problem, solution)
    by_id = {contact.contact_id: contact for contact in offered(scenario, assessment)}
    chosen = tuple(by_id[contact_id] for contact_id in solution.chosen_ids)
    skies = sky_outcomes(scenario, assessment, problem, chosen)
    seen = outlooks(problem.demands, skies)
    results = schedule.demand_results(scenario.demands, problem, solution)
    closed, closed_note = closures_of(scenario)
    plan = Plan(
        name=scenario.name,
        horizon=scenario.horizon,
        satellites=scenario.satellites,
        sites=scenario.sites,
        demands=tuple(replace(result, outlook=seen.get(result.demand.demand_id)) for result in results),
        decisions=decisions(assessment, by_id, reasons),
        contacts=chosen,
        backups=backups_of(scenario, assessment, chosen),
        sky_met=sky_met(problem.demands, skies),
        rivals=rivals,
        deliveries=solution.deliveries,
        discards=solution.discards,
        initial_stocks=scenario.network.initial_stocks,
        fibre_links=scenario.network.fibre_links,
        changeover_s=scenario.schedule.changeover_s,
        max_key_age_s=scenario.network.max_age_s,
        guarantee_conflicts=schedule.guarantee_conflicts(problem, solution, limits_of(scenario)),
        proof=schedule.proof(solution),
        notices=assessment.notices,
        assumptions=scenario.assumptions,
        inputs=scenario.inputs,
        stamp=stamp() | earth_orientation_source() | assessment.counts.stamp() | closed_note,
        nights=nights(scenario.sites, scenario.horizon),
        closures=closed,
        verdicts=verdict_counts(),
    )
    # Of a pass nothing is claimed, and there are very many.
    claims = report.claims_of(replace(plan, decisions=()))
    found = (
        *schedule.violations(problem, claims, scenario.schedule),
        *schedule.yield_violations(by_id.values(), claims),
    )
    if found:
        raise PlanRejectedError(str(violation) for violation in found)
    return Planned(plan=plan, assessment=assessment, skies=skies)


def decisions(
    assessment: Assessment, offered_by_id: Mapping[str, Contact], reasons: Mapping[str, Reason]
) -> tuple[PassDecision, ...]:
    """For every pass its best contact, a chosen one if there is any, and why it was, or was not, chosen."""
    of_pass: dict[str, list[tuple[Contact, Reason]]] = {}
    for contact in assessment.contacts:
        if contact.contact_id not in offered_by_id:
            reason = assessment.contact_refusals.get(contact.contact_id, _DOMINATED)
            of_pass.setdefault(contact.pass_id, []).append((contact, reason))
    for contact in offered_by_id.values():
        of_pass.setdefault(contact.pass_id, []).append((contact, reasons[contact.contact_id]))
    found = []
    for this in assessment.passes:
        own = of_pass.get(this.pass_id)
        if not own:
            found.append(PassDecision(planned_pass=this, reason=assessment.refusals[this.pass_id]))
            continue
        chosen = [pair for pair in own if pair[1].code == "chosen"]
        possible = [pair for pair in own if pair[0].contact_id in offered_by_id]
        contact, reason = max(chosen or possible or own, key=lambda pair: (pair[0].expected_bits, -pair[0].start_s))
        found.append(PassDecision(planned_pass=this, reason=reason, contact=contact))
    return tuple(found)


_DOMINATED = Reason(code="not-needed", text="a part of it gives as much key")
