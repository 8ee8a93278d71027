"""Classical contacts: when a satellite can do the post-processing without which raw key is no key."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping, Sequence

from eagleplan.errors import Problem
from eagleplan.inputs.suggest import did_you_mean
from eagleplan.inputs.windows import TimeWindow, parse_classical_contacts
from eagleplan.model import Horizon, Notice, Satellite
from eagleplan.scenario.fleet import SatelliteIds, satellite_names
from eagleplan.scenario.reading import Reading
from eagleplan.scenario.schema import ScenarioFile


def with_classical_contacts(
    reading: Reading,
    file: ScenarioFile,
    horizon: Horizon,
    groups: Mapping[str, Sequence[Satellite]],
    satellite_ids: SatelliteIds,
) -> dict[str, tuple[Satellite, ...]]:
    """The satellites of each table with the contacts of its `classical_contacts_file`."""
    found = {}
    for table_id, satellites in groups.items():
        found[table_id] = tuple(satellites)
        name = file.satellites[table_id].classical_contacts_file
        if name is None:
            continue
        key = ("satellites", table_id, "classical_contacts_file")
        windows = reading.read(name, "classical-contacts", key, parse_classical_contacts)
        if windows is None:
            continue
        _check_names(reading, name, windows, satellite_names(satellite_ids))
        found[table_id] = tuple(_with(reading, name, one, table_id, windows, horizon) for one in satellites)
    return found


def _with(
    reading: Reading, name: str, satellite: Satellite, table_id: str, windows: Sequence[TimeWindow], horizon: Horizon
) -> Satellite:
    own = [w for w in windows if w.satellite_id in (None, table_id, satellite.satellite_id)]
    spans = [(horizon.seconds(w.start_utc), horizon.seconds(w.end_utc)) for w in own]
    # One that has begun already cannot follow a contact of the horizon.
    inside = sorted({(math.ceil(start), math.ceil(end)) for start, end in spans if 0.0 <= start < horizon.duration_s})
    if not inside:
        message = f"no classical contact of {satellite.satellite_id} begins within the horizon: no new key can be used"
        reading.notices.append(Notice(notice_id="W-CLASSICAL-CONTACTS", subject=name, message=message))
    return dataclasses.replace(satellite, classical_contacts_s=tuple(inside))


def _check_names(reading: Reading, name: str, windows: Sequence[TimeWindow], known: list[str]) -> None:
    for window in windows:
        if window.satellite_id is not None and window.satellite_id not in known:
            reading.problems.append(
                Problem(
                    path=name,
                    line=window.line,
                    field="satellite_id",
                    message="is not known to the scenario",
                    got=window.satellite_id,
                    hint=did_you_mean(window.satellite_id, known),
                )
            )
