"""What the sky may make of a plan, and where to turn when it takes a contact."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from eagleplan import schedule
from eagleplan.model import Backup, Contact, Outlook
from eagleplan.pipeline.assessment import Assessment
from eagleplan.pipeline.members import member_p_clear
from eagleplan.pipeline.partial import partial_pass_bits
from eagleplan.scenario import Scenario

IntArray = npt.NDArray[np.int64]


def outlooks(
    scenario: Scenario, assessment: Assessment, problem: schedule.Problem, chosen: Sequence[Contact]
) -> Mapping[str, Outlook]:
    """Demand id → what it gets over many skies when the contacts `chosen` are flown; {} where none are asked for.

    Key is handed out anew under each sky, as a replan would.
    """
    options = scenario.weather.options
    if options.n_outlook_skies == 0 or not chosen:
        return {}
    from eagleplan.schedule.robust_recourse import delivered_over_skies
    from eagleplan.weather.outlook import outlook

    bits = partial_pass_bits if options.partial_passes else whole_contact_bits
    by_id = {candidate.contact_id: candidate for candidate in problem.candidates}
    flown = replace(
        problem,
        candidates=tuple(by_id[contact.contact_id] for contact in chosen),
        limits=(),
        pins=(),
        previous=None,
    )
    ids = [contact.contact_id for contact in chosen]
    delivered = delivered_over_skies(flown, ids, bits(scenario, assessment, chosen), scenario.schedule.objectives)
    return {
        demand.demand_id: outlook(delivered[:, i], demand.guarantee_bits) for i, demand in enumerate(problem.demands)
    }


def whole_contact_bits(scenario: Scenario, assessment: Assessment, chosen: Sequence[Contact]) -> IntArray:
    """Secret bits of each contact under each sky of the outlook (n_skies, n_contacts): all of its key, or none."""
    from eagleplan.weather.cloud_scenarios import clear_skies, realised_bits

    options = scenario.weather.options
    clear = clear_skies(
        chosen,
        scenario.sites,
        n_skies=options.n_outlook_skies,
        seed=options.outlook_seed,
        correlation_length_km=options.correlation_length_km,
        p_clear_of_member=member_p_clear(scenario, assessment, chosen),
    )
    return realised_bits(chosen, clear)


def backups_of(scenario: Scenario, assessment: Assessment, chosen: Sequence[Contact]) -> tuple[Backup, ...]:
    """For each contact that is still to come, a station under another sky, where there is one."""
    from eagleplan.weather.backups import backups

    return backups(
        [contact for contact in chosen if contact.outcome is None],
        assessment.candidates,
        scenario.sites,
        changeover_s=scenario.schedule.changeover_s,
        slews=assessment.slews,
        correlation_length_km=scenario.weather.options.correlation_length_km,
    )
