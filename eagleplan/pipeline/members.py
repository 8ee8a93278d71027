"""What the members of the forecasts' ensembles say of each contact."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from eagleplan import weather
from eagleplan.model import Contact
from eagleplan.pipeline.assessment import Assessment
from eagleplan.scenario import Scenario
from eagleplan.units import FloatArray


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
    inside = windows_of(assessment, contacts)
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


def windows_of(assessment: Assessment, contacts: Sequence[Contact]) -> dict[int, int]:
    """Place of a contact -> place of the whole window that it lies in; not for contacts that lie in none any more."""
    windows: dict[str, list[int]] = {}
    for i, window in enumerate(assessment.contacts):
        windows.setdefault(window.pass_id, []).append(i)
    return {
        column: i
        for column, contact in enumerate(contacts)
        for i in windows.get(contact.pass_id, ())
        if assessment.contacts[i].start_s <= contact.start_s and contact.end_s <= assessment.contacts[i].end_s
    }
