"""From a plan to the files of its directory."""

from __future__ import annotations

from eagleplan import report
from eagleplan.pipeline.plan import Planned
from eagleplan.pipeline.traces import traces
from eagleplan.scenario import Scenario


def plan_files(
    scenario: Scenario, planned: Planned, *, previous_calendar_state: bytes | None = None
) -> dict[str, bytes]:
    """Path → bytes of all that a plan's directory holds, traces and stored inputs among it."""
    return report.render(
        planned.plan,
        traces(scenario, planned),
        scenario.stored_inputs(),
        previous_calendar_state=previous_calendar_state,
    )
