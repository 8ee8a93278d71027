"""What the sky may make of a plan, and where to turn when it takes a contact."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from eagleplan import schedule, weather
from eagleplan.model import Backup, Contact, Outlook
from eagleplan.pipeline.assessment import Assessment
from eagleplan.scenario import Scenario
from eagleplan.units import FloatArray


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
    from eagleplan.weather.cloud_scenarios import clear_skies, realised_bits
    from eagleplan.weather.outlook import outlook

    clear = clear_skies(
        chosen,
        scenario.sites,
        n_skies=options.n_outlook_skies,
        seed=options.outlook_seed,
        correlation_length_km=options.correlation_length_km,
        p_clear_of_member=member_p_clear(scenario, assessment, chosen),
    )
    by_id = {candidate.contact_id: candidate for candidate in problem.candidates}
    flown = replace(
        problem,
        candidates=tuple(by_id[contact.contact_id] for contact in chosen),
        limits=(),
        pins=(),
        previous=None,
    )
    ids = [contact.contact_id for contact in chosen]
    delivered = delivered_over_skies(flown, ids, realised_bits(chosen, clear), scenario.schedule.objectives)
    return {
        demand.demand_id: outlook(delivered[:, i], demand.guarantee_bits) for i, demand in enumerate(problem.demands)
    }


def member_p_clear(scenario: Scenario, assessment: Assessment, contacts: Sequence[Contact]) -> FloatArray:
    """Clear probabilities (n_members, n_contacts) under the members of the forecasts' ensembles; no rows without any.

    A contact that lies in no window any more keeps its own in every row.
    """
    spans = [
        weather.SkySpan(
            pass_id=window.pass_id,
            site_id=window.site_id,
            start_s=window.start_s,
            end_s=window.end_s,
            elevation_deg=profile.elevation_deg,
        )
        for window, profile in zip(assessment.contacts, assessment.profiles, strict=True)
    ]
    windows: dict[str, list[int]] = {}
    for i, window in enumerate(assessment.contacts):
        windows.setdefault(window.pass_id, []).append(i)
    inside = {
        column: i
        for column, contact in enumerate(contacts)
        for i in windows.get(contact.pass_id, ())
        if assessment.contacts[i].start_s <= contact.start_s and contact.end_s <= assessment.contacts[i].end_s
    }
    columns = np.array(list(inside), dtype=np.int64)
    members = weather.member_probabilities_of_parts(
        scenario.weather,
        scenario.horizon,
        spans,
        np.array(list(inside.values()), dtype=np.int64),
        np.array([contacts[column].start_s for column in columns], dtype=np.int64),
        np.array([contacts[column].end_s for column in columns], dtype=np.int64),
    )
    found = np.tile(np.array([contact.p_clear for contact in contacts]), (len(members), 1))
    found[:, columns] = members
    return found


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
