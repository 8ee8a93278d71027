"""Names of satellites as a scenario may write them: of one satellite, or of a table that makes several."""

from __future__ import annotations

from collections.abc import Mapping

SatelliteIds = Mapping[str, tuple[str, ...]]
"""Table of the scenario → the satellites that it makes; none where it could not be read."""


def satellites_behind(name: str, satellite_ids: SatelliteIds) -> tuple[str, ...]:
    """The satellites that a name stands for; none where nothing has that name."""
    if name in satellite_ids:
        # A table that could not be read has said so already: its name shall not be a second problem.
        return satellite_ids[name] or (name,)
    return (name,) if any(name in ids for ids in satellite_ids.values()) else ()


def satellite_names(satellite_ids: SatelliteIds) -> list[str]:
    """Every name that `satellites_behind` knows."""
    return list(dict.fromkeys([*satellite_ids, *(name for ids in satellite_ids.values() for name in ids)]))
