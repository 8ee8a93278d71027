"""How deep the loss of contacts fades, for those who look at a single pass."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from eagleplan import link
from eagleplan.pipeline.assessment import Assessment
from eagleplan.pipeline.pairs import link_windows
from eagleplan.scenario import Scenario
from eagleplan.units import FloatArray


def fades(
    scenario: Scenario, assessment: Assessment, contacts: Sequence[int], *, p_below: float
) -> tuple[Mapping[str, FloatArray], ...]:
    """For each of the assessment's whole windows asked for, fading term → loss exceeded a share `p_below` of the
    time."""
    ends = [(assessment.contacts[i].satellite_id, assessment.contacts[i].site_id) for i in contacts]
    windows = link_windows(scenario, ends, [assessment.profiles[i] for i in contacts])
    return link.fades(windows, scenario.link, p_below=p_below)
