"""What the sky may make of a plan, and where to turn when it takes a contact."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from eagleplan import schedule
from eagleplan.model import Backup, Contact, MetOutlook, Outlook
from eagleplan.pipeline.assessment import Assessment
from eagleplan.pipeline.members import member_p_clear
from eagleplan.pipeline.partial import partial_pass_bits
from eagleplan.scenario import Scenario

IntArray = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class SkyOutcomes:
    """What chosen contacts give and demands get under each sky of the outlook.

    `contact_bits` (n_skies, n_contacts) and `delivered_bits` (n_skies, n_demands) are in the order of `contact_ids` and
    `demand_ids`. Without contacts, or where the scenario asks for no skies, there is no row.
    """

    contact_ids: tuple[str, ...]
    demand_ids: tuple[str, ...]
    contact_bits: IntArray
    delivered_bits: IntArray


def sky_outcomes(
    scenario: Scenario, assessment: Assessment, problem: schedule.Problem, chosen: Sequence[Contact]
) -> SkyOutcomes:
    """What the sky makes of the contacts `chosen`: key is handed out anew under each sky, as a replan would."""
    options = scenario.weather.options
    contact_ids = tuple(contact.contact_id for contact in chosen)
    demand_ids = tuple(demand.demand_id for demand in problem.demands)
    if options.n_outlook_skies == 0 or not chosen:
        nothing = np.empty((0, len(chosen)), dtype=np.int64), np.empty((0, len(demand_ids)), dtype=np.int64)
        return SkyOutcomes(
            contact_ids=contact_ids, demand_ids=demand_ids, contact_bits=nothing[0], delivered_bits=nothing[1]
        )
    from eagleplan.schedule.robust_recourse import delivered_over_skies

    by_id = {candidate.contact_id: candidate for candidate in problem.candidates}
    flown = replace(
        problem,
        candidates=tuple(by_id[contact_id] for contact_id in contact_ids),
        limits=(),
        pins=(),
        previous=None,
    )
    draw = partial_pass_bits if options.partial_passes else whole_contact_bits
    bits = draw(scenario, assessment, chosen, n_skies=options.n_outlook_skies, seed=options.outlook_seed)
    return SkyOutcomes(
        contact_ids=contact_ids,
        demand_ids=demand_ids,
        contact_bits=bits,
        delivered_bits=delivered_over_skies(flown, contact_ids, bits, scenario.schedule.objectives),
    )


def outlooks(demands: Sequence[schedule.PairDemand], outcomes: SkyOutcomes) -> Mapping[str, Outlook]:
    """Demand id → what it gets over many skies; {} where none were drawn."""
    if not len(outcomes.delivered_bits):
        return {}
    from eagleplan.weather.outlook import outlook

    return {
        demand.demand_id: outlook(outcomes.delivered_bits[:, i], demand.guarantee_bits)
        for i, demand in enumerate(demands)
    }


def sky_met(demands: Sequence[schedule.PairDemand], outcomes: SkyOutcomes) -> MetOutlook | None:
    """What all demands together get over many skies; None where none were drawn, or nothing is wanted."""
    wanted_bits = sum(demand.bits for demand in demands)
    if not len(outcomes.delivered_bits) or not wanted_bits:
        return None
    from eagleplan.weather.outlook import met_outlook

    return met_outlook(outcomes.delivered_bits, wanted_bits)


def whole_contact_bits(
    scenario: Scenario, assessment: Assessment, chosen: Sequence[Contact], *, n_skies: int, seed: int
) -> IntArray:
    """Secret bits of each contact under each sky (n_skies, n_contacts): all of its key, or none."""
    from eagleplan.weather.cloud_scenarios import clear_skies, realised_bits

    clear = clear_skies(
        chosen,
        scenario.sites,
        n_skies=n_skies,
        seed=seed,
        correlation_length_km=scenario.weather.options.correlation_length_km,
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
