"""What a plan is made from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from eagleplan.inputs.files import stored_copy
from eagleplan.model import (
    Assumption,
    Constraints,
    Demand,
    EarlierPlan,
    Horizon,
    InputFile,
    LinkOptions,
    Network,
    Notice,
    Satellite,
    ScheduleOptions,
    Security,
    Site,
    Weather,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """Everything that is known before the first pass is computed.

    `files` maps each file's name, as the scenario writes it, to its bytes; `scenario_file` is the scenario's own,
    `overrides` what was set over it, by dotted keys. `assumptions` are the values that nobody measured for this
    mission, by their keys. `earlier` is the plan that a re-plan starts from.
    """

    name: str
    horizon: Horizon
    satellites: tuple[Satellite, ...]
    sites: tuple[Site, ...]
    demands: tuple[Demand, ...]
    network: Network
    security: Security
    link: LinkOptions
    schedule: ScheduleOptions
    constraints: Constraints
    weather: Weather
    assumptions: tuple[Assumption, ...]
    notices: tuple[Notice, ...]
    inputs: tuple[InputFile, ...]
    files: Mapping[str, bytes]
    scenario_file: str
    overrides: Mapping[str, Any] = field(default_factory=dict)
    earlier: EarlierPlan | None = None

    def stored_inputs(self) -> dict[str, bytes]:
        """File name → bytes of a folder from which `StoredFiles` gives this very scenario again."""
        horizon = (self.horizon.start_utc, self.horizon.days)
        return stored_copy(self.scenario_file, horizon, self.files, self.overrides)
